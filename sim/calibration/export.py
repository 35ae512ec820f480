"""Reading an ERP export: items, locations, sales and, where there are any, receipts, promotions, stock and open orders.

The form is some tables in one folder (docs/export.md). How the files are written (encoding, separator, decimals,
dates, workbooks, ready layouts) is found in them and said, or declared; what may mean two things is asked for.
Every fault is found and listed with its file, row, column and value. Rows count as a spreadsheet shows them:
the header is row 1. Three severities:

- *error*: the export says something wrong; it is refused, or the row left out with `on_fault="drop"`;
- *dropped*: a row that is right as a record and cannot be used (a receipt dated before its order);
- *assumed*: something the export leaves open, and what is taken instead (a day without rows had no demand).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from restock.sim.calibration.reading.buckets import bucket_of, first_days, look_like_orders
from restock.sim.calibration.reading.declared import Declared
from restock.sim.calibration.reading.faults import Faults, count_faults, fault_line
from restock.sim.calibration.reading.form import KINDS, NEEDED
from restock.sim.calibration.reading.rows.checking import check_locations, check_names, check_repeats, lone_days
from restock.sim.calibration.reading.rows.lost import paid_prices, weighed, what_is_lost
from restock.sim.calibration.reading.rows.receipts import check_receipts
from restock.sim.calibration.reading.rows.repeats import added_up
from restock.sim.calibration.reading.rows.state import check_state
from restock.sim.calibration.reading.tables import read_tables
from restock.sim.calibration.reading.values import Raw, typed
from restock.sim.errors import InputError, unknown

ON_FAULT = ("refuse", "drop")


@dataclass(frozen=True)
class Erp:
    """A checked export. `receipts`, `promotions` and `stock` are None where the folder has no such file.

    Rows of sales cover a `bucket` ('day', 'week', 'month') that begins on their date; there is one per bucket,
    location and item, and `location` and `sku` are categories. `open_orders` are orders that have not come yet: those
    of a file of that name, else receipts without a date. `stock` has a row per date, location and item: units on hand
    at the end of the day, and backorders.
    `faults` has one row per fault: severity, file, row (header = 1, 0 = the whole file), column, value, problem, and
    the units and money of the row that it leaves out (nan where it leaves none, or they are not known).
    `notes` say how the files were read.

    >>> from restock.sim.calibration.weeks.example import small_record
    >>> erp = small_record(weeks=2)
    >>> erp.bucket, list(erp.sales.columns)
    ('day', ['sku', 'location', 'date', 'units', 'amount', 'returned'])
    """

    folder: Path
    items: pd.DataFrame
    locations: pd.DataFrame
    sales: pd.DataFrame
    receipts: pd.DataFrame | None
    promotions: pd.DataFrame | None
    faults: pd.DataFrame
    bucket: str = "day"
    open_orders: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    stock: pd.DataFrame | None = None

    def summary(self) -> list[str]:
        """What was read and what was found, one line each."""
        return self.what_was_read() + count_faults(self.faults)

    def what_was_read(self) -> list[str]:
        """Sizes of the tables, and how their files were read."""
        kinds = self.locations["kind"].value_counts()
        places = ", ".join(f"{kinds.get(kind, 0):,} {kind}{'' if kinds.get(kind, 0) == 1 else 's'}" for kind in KINDS)
        first, last = self.sales["date"].min().date(), self.sales["date"].max().date()
        lines = [f"{len(self.items):,} items, {places}", f"{len(self.sales):,} rows of sales, {first} to {last}"]
        for name, frame in (("receipts", self.receipts), ("promotions", self.promotions)):
            lines.append(f"{len(frame):,} rows of {name}" if frame is not None else f"no {name}")
        if self.stock is not None:
            first, last = self.stock["date"].min().date(), self.stock["date"].max().date()
            of = f"of {last}" if first == last else f"{first} to {last}"
            lines.append(f"{len(self.stock):,} rows of stock, {of}: the day after is today")
        return [*lines, *self.notes]


def read_erp(
    folder: str | Path,
    on_fault: str = "refuse",
    layout: str | None = None,
    columns: Mapping[str, Any] | None = None,
    bucket: str | None = None,
    dates: str | None = None,
    decimal: str | None = None,
    separator: str | None = None,
    encoding: str | None = None,
    negative: str | None = None,
    progress: Callable[[float], None] | None = None,
) -> Erp:
    """Read and check an export folder.

    Parameters
    ----------
    on_fault : 'refuse' or 'drop'
        Refuse the export at the first error (naming it, counting the others, and saying what leaving them out would
        cost), or leave faulty rows out. A fault in a column that need not be there empties that field only. A missing
        file or column, or a loop in served_by, is refused either way.
    layout : str or None
        The layout of the files: form (docs/export.md), favorita, m5, walmart, online_retail, nixtla, odoo, erpnext or
        shopify; None: by the header.
    columns : mapping or None
        The file's names of the form's columns, as in {units: Quantity, date: InvoiceDate}; for one table
        {sales: {units: Quantity}}.
    bucket : 'day', 'ticket', 'week', 'week_beginning', 'week_ending', 'month' or None
        What a row of sales covers; tickets of a day are added up. None: by the dates and the rows.
    dates : 'dmy', 'mdy', 'ymd' or None
        The order of days written as 01/02/2023; None: by the dates that leave no choice.
    decimal : 'point', 'comma' or None
        The mark before decimals; None: by the numbers that leave no choice.
    separator : 'comma', 'semicolon', 'tab', 'pipe' or None
        What stands between fields; None: by the header.
    encoding : str or None
        The encoding of the files, such as cp1250; None: UTF-8, UTF-16, or else cp1252.
    negative : 'refuse', 'returned' or None
        What units below 0 are: faults, or units returned. None: faults; in ready layouts units returned.

    Raises
    ------
    InputError
        One line; its attribute `faults` is the whole list as a frame.
    """
    if on_fault not in ON_FAULT:
        raise unknown("on_fault", on_fault, ON_FAULT)
    declared = Declared(layout, columns or {}, bucket, dates, decimal, separator, encoding, negative)
    folder, faults = Path(folder), Faults()
    if not folder.is_dir():
        raise InputError(
            f"folder '{folder}' does not exist; an ERP export is a folder with items.csv, locations.csv, sales.csv"
        )
    raws, declared, notes = read_tables(folder, declared, faults, progress)
    tables, bad, aside = {}, {}, {}
    for name, raw in raws.items():
        tables[name], bad[name], aside[name] = typed(raw, declared, faults)
        raw.frame = raw.frame.iloc[:0]  # its words are not needed any more
    if faults.refused():
        _refuse(faults.frame(), "")
    _returned(tables["sales"], declared)
    check_receipts(tables["sales"], aside["sales"], raws["sales"].file, faults)
    check_locations(tables["locations"], bad["locations"], raws["locations"].file, faults)
    for name in ("sales", "receipts", "promotions", "stock", "open_orders"):
        if name in tables:
            check_names(tables, bad, aside, name, {key: raw.file for key, raw in raws.items()}, faults)
    bad["sales"] |= lone_days(tables["sales"], bad["sales"], raws["sales"].file, faults)
    tickets = {}
    for name, table in tables.items():
        again, tickets[name] = check_repeats(raws[name], table, bad[name], declared, faults)
        bad[name] |= again
    check_state(tables, bad, {name: raw.file for name, raw in raws.items()}, faults)
    unusable, open_orders = dict(bad), None
    if "receipts" in tables:
        unusable["receipts"], open_orders = _not_received(tables["receipts"], bad["receipts"], raws["receipts"], faults)
    listed = faults.frame()
    if (listed["severity"] == "error").any():
        lost = what_is_lost(tables, bad, aside, listed, {name: raw.file for name, raw in raws.items()})
        if on_fault == "refuse" or faults.refused():
            _refuse(listed, lost)
        notes = [*notes, f"on_fault=drop left out {lost.replace(' and empty', ' and emptied')}"]
    if open_orders is not None and "open_orders" in tables:
        said = f"{raws['open_orders'].file} says what is on order; rows of receipts not yet received are left aside"
        notes, open_orders = [*notes, f"{said}: {len(open_orders):,}"], None
    listed = weighed(listed, tables, {name: raw.file for name, raw in raws.items()})
    kept = {name: _without(tables.pop(name), unusable[name]) for name in list(tables)}
    found = _finished(folder, raws, kept, tickets["sales"], declared, faults, open_orders, notes)
    return replace(found, faults=pd.concat([listed, found.faults.iloc[len(listed) :]], ignore_index=True))


def _finished(folder, raws: dict[str, Raw], kept, tickets: bool, declared, faults, open_orders, notes) -> Erp:
    """Rows of sales by day, location and item, in the bucket they cover, and the other tables as text."""
    sales, file = kept.pop("sales"), raws["sales"].file
    if sales.empty:
        raise InputError(f"{file} has no usable rows")
    for name, table in kept.items():
        text = [c for c in table if isinstance(table[c].dtype, pd.CategoricalDtype)]
        kept[name] = table.astype(dict.fromkeys(text, "str"))
    bucket = bucket_of(sales["date"], look_like_orders(sales, kept["items"], kept.get("receipts")), declared, file)
    sales["date"], sales["returned"] = first_days(sales["date"], bucket), sales["returned"].fillna(0)
    sales = _one_row_each(sales, bucket.kind, tickets, file, faults)
    for column in ("units", "returned"):
        if (sales[column] % 1 == 0).all():
            sales[column] = sales[column].astype("int64")
    _check_calendar(sales, bucket.kind, file, faults)
    if raws["items"].derived:
        kept["items"] = _with_prices(kept["items"], sales)
    said = [f"{raw.file}: {'; '.join(raw.said)}" for raw in raws.values() if raw.said]
    notes = (*notes, *said, *([bucket.said] if bucket.said else []))
    return Erp(
        folder, kept["items"], kept["locations"], sales, kept.get("receipts"), kept.get("promotions"), faults.frame(),
        bucket.kind, kept.get("open_orders", open_orders), notes, kept.get("stock"),
    )  # fmt: skip


def _refuse(faults: pd.DataFrame, lost: str) -> None:
    errors = faults[faults["severity"] == "error"].sort_values("row", kind="stable")
    errors = errors.sort_values("file", key=lambda file: file.map(_place), kind="stable")
    others, whole = len(errors) - 1, (errors["row"] == 0).any()
    message = fault_line(next(errors.itertuples()))
    if others:
        message += f"; and {others:,} more fault{'s' if others > 1 else ''}"
    if not whole:
        message += f"; on_fault=drop would leave out {lost}"
    error = InputError(message)
    error.faults = errors.reset_index(drop=True)  # type: ignore[attr-defined]
    raise error


def _place(file: str) -> int:
    """Where a file's faults stand among others': by the table it is called after."""
    table = file.casefold().split(".")[0]
    return list(NEEDED).index(table) if table in NEEDED else len(NEEDED)


def _without(table: pd.DataFrame, gone: np.ndarray) -> pd.DataFrame:
    """The rows that are left; a large table is not copied where all are."""
    return table[~gone].reset_index(drop=True) if gone.any() else table.set_axis(pd.RangeIndex(len(table)))


def _returned(sales: pd.DataFrame, declared: Declared) -> None:
    """Units below 0 are units returned, where told so."""
    if declared.negative == "returned":
        back = np.nan_to_num(-sales["units"].to_numpy(dtype=float)).clip(min=0)
        sales["returned"] = sales["returned"].fillna(0) + back
        sales["units"] = sales["units"].clip(lower=0)
        sales["amount"] = sales["amount"].clip(lower=0)


def _not_received(receipts: pd.DataFrame, bad: np.ndarray, raw: Raw, faults: Faults):
    """Receipts that cannot say how long they took: dated before their order, or still to come."""
    early = (receipts["receipt_date"] < receipts["order_date"]).to_numpy() & ~bad
    text = receipts["receipt_date"].dt.strftime("%Y-%m-%d")
    faults.add("dropped", raw.file, early, "receipt_date", text, "is before order_date")
    coming = receipts["receipt_date"].isna().to_numpy() & ~bad
    faults.add("dropped", raw.file, coming, "receipt_date", text.fillna(""), "is empty: not yet received")
    keys = ("location", "sku", "supplier")
    orders = receipts[coming].reset_index(drop=True).astype({key: "str" for key in keys if key in receipts})
    return bad | early | coming, orders if coming.any() else None


def _one_row_each(sales: pd.DataFrame, bucket: str, tickets: bool, file: str, faults: Faults) -> pd.DataFrame:
    """Rows of one day (week, month), location and item added up."""
    one = added_up(sales)
    more = len(sales) - len(one)
    if not more:
        return sales
    words = f"rows that repeat a {bucket}, location and item"
    via = f"{words} by another way (via): {more:,}; summed"
    faults.whole_file(
        "assumed",
        file,
        f"{words}: {more:,} of {len(sales):,}; read as tickets and added up" if tickets or "via" not in sales else via,
    )
    return one


def _check_calendar(sales: pd.DataFrame, bucket: str, file: str, faults: Faults) -> None:
    days = np.unique(sales["date"].to_numpy().astype("datetime64[D]"))
    step = {"day": 1, "week": 7}.get(bucket)
    whole = (
        (days[-1] - days[0]).astype(int) // step + 1 if step else np.ptp(days.astype("datetime64[M]").astype(int)) + 1
    )
    empty = int(whole) - len(days)
    if empty:
        faults.whole_file(
            "assumed",
            file,
            f"{bucket}s without a row anywhere: {empty:,} of {whole:,}; taken as {bucket}s without demand",
        )


def _with_prices(items: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """Items that no table describes, at the mean price of their sales."""
    price = paid_prices(sales).round(4)
    return items.assign(unit_price=items["unit_price"].fillna(items["sku"].map(price[price > 0])))
