"""Reading an ERP export: items, locations, sales and, where there are any, receipts and promotions.

The form is five tables in one folder (UTF-8, comma-separated, header row, ISO dates, `.csv` or `.csv.gz`).
Every fault is found and listed with its file, row, column and value. Rows count as a spreadsheet shows them:
the header is row 1. Three severities:

- *error*: the export says something wrong; it is refused, or the row left out with `on_fault="drop"`;
- *dropped*: a row that is right as a record and cannot be used (a receipt dated before its order);
- *assumed*: something the export leaves open, and what is taken instead (a day without rows had no demand).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from restock.sim.calibration.export_form import NEEDED, Faults, count_faults, fault_line, file_of, read_table, typed
from restock.sim.errors import InputError, unknown

ON_FAULT = ("refuse", "drop")
KINDS = ("store", "dc", "supplier")


@dataclass(frozen=True)
class Erp:
    """A checked export. `receipts` and `promotions` are None where the folder has no such file.

    `faults` has one row per fault: severity, file, row (header = 1, 0 = the whole file), column, value, problem.
    """

    folder: Path
    items: pd.DataFrame
    locations: pd.DataFrame
    sales: pd.DataFrame
    receipts: pd.DataFrame | None
    promotions: pd.DataFrame | None
    faults: pd.DataFrame

    def summary(self) -> list[str]:
        """What was read and what was found, one line each."""
        kinds = self.locations["kind"].value_counts()
        places = ", ".join(f"{kinds.get(kind, 0):,} {kind}{'' if kinds.get(kind, 0) == 1 else 's'}" for kind in KINDS)
        first, last = self.sales["date"].min().date(), self.sales["date"].max().date()
        lines = [f"{len(self.items):,} items, {places}", f"{len(self.sales):,} rows of sales, {first} to {last}"]
        for name, frame in (("receipts", self.receipts), ("promotions", self.promotions)):
            lines.append(f"{len(frame):,} rows of {name}" if frame is not None else f"no {name}")
        return lines + count_faults(self.faults)


def read_erp(folder: str | Path, on_fault: str = "refuse") -> Erp:
    """Read and check an export folder.

    Parameters
    ----------
    on_fault : 'refuse' or 'drop'
        Refuse the export at the first error (naming it and counting the others), or leave faulty rows out and
        list them in `Erp.faults`. A missing file or column, or a loop in served_by, is refused either way.

    Raises
    ------
    InputError
        One line; its attribute `faults` is the whole list as a frame.
    """
    if on_fault not in ON_FAULT:
        raise unknown("on_fault", on_fault, ON_FAULT)
    folder, faults = Path(folder), Faults()
    if not folder.is_dir():
        raise InputError(
            f"folder '{folder}' does not exist; an ERP export is a folder with items.csv, locations.csv, sales.csv"
        )
    tables, bad = {}, {}
    for name in NEEDED:
        found = read_table(folder, name, faults)
        if found is not None:
            tables[name], bad[name] = typed(*found, name, faults)
    if _refused(faults):
        _refuse(faults.frame())
    files = {name: file_of(folder, name).name for name in tables}
    _check_locations(tables["locations"], bad["locations"], files["locations"], faults)
    for name in ("sales", "receipts", "promotions"):
        if name in tables:
            _check_names(tables, bad, name, files[name], faults)
    unusable = {name: mask.copy() for name, mask in bad.items()}
    if "receipts" in tables:
        early = tables["receipts"]["receipt_date"] < tables["receipts"]["order_date"]
        text = tables["receipts"]["receipt_date"].dt.strftime("%Y-%m-%d")
        faults.add("dropped", files["receipts"], early.to_numpy(), "receipt_date", text, "is before order_date")
        unusable["receipts"] |= early.to_numpy()
    listed = faults.frame()
    if (listed["severity"] == "error").any() and (on_fault == "refuse" or _refused(faults)):
        _refuse(listed)
    kept = {name: table[~unusable[name]].reset_index(drop=True) for name, table in tables.items()}
    if kept["sales"].empty:
        raise InputError(f"{files['sales']} has no usable rows")
    _check_calendar(kept["sales"], files["sales"], faults)
    kept["sales"] = _one_row_per_day(kept["sales"], files["sales"], faults)
    return Erp(
        folder,
        kept["items"],
        kept["locations"],
        kept["sales"],
        kept.get("receipts"),
        kept.get("promotions"),
        faults.frame(),
    )


def _refused(faults: Faults) -> bool:
    """Whether a whole-file error was met, which no dropping of rows can mend."""
    return any(((f["severity"] == "error") & (f["row"] == 0)).any() for f in faults.frames)


def _refuse(faults: pd.DataFrame) -> None:
    errors = faults[faults["severity"] == "error"].sort_values("row", kind="stable")
    errors = errors.sort_values(
        "file", key=lambda file: file.map(lambda f: list(NEEDED).index(f.split(".")[0])), kind="stable"
    )
    others, whole = len(errors) - 1, (errors["row"] == 0).any()
    message = fault_line(next(errors.itertuples()))
    if others:
        message += f"; and {others:,} more fault{'s' if others > 1 else ''}"
    if not whole:
        message += "; on_fault=drop leaves faulty rows out"
    error = InputError(message)
    error.faults = errors.reset_index(drop=True)  # type: ignore[attr-defined]
    raise error


def _check_names(tables, bad: dict[str, np.ndarray], name: str, file: str, faults: Faults) -> None:
    """Every sku and location has its row in items and locations; nothing is sold at a supplier."""
    table, kinds = tables[name], tables["locations"][~bad["locations"]].set_index("location")["kind"]
    strange = ~table["sku"].isin(tables["items"]["sku"][~bad["items"]]).to_numpy() & (table["sku"] != "").to_numpy()
    faults.add("error", file, strange, "sku", table["sku"], "has no good row in items.csv")
    nowhere = ~table["location"].isin(kinds.index).to_numpy() & (table["location"] != "").to_numpy()
    faults.add("error", file, nowhere, "location", table["location"], "has no good row in locations.csv")
    supplier = (table["location"].map(kinds) == "supplier").to_numpy()
    faults.add("error", file, supplier, "location", table["location"], "is a supplier, neither a store nor a dc")
    bad[name] |= strange | nowhere | supplier


def _check_locations(table: pd.DataFrame, bad: np.ndarray, file: str, faults: Faults) -> None:
    """Kinds are known, served_by names a location, and following it never comes back."""
    strange = ~table["kind"].isin(KINDS).to_numpy() & (table["kind"] != "").to_numpy()
    faults.add("error", file, strange, "kind", table["kind"], f"must be one of {', '.join(KINDS)}")
    bad |= strange
    astray = ~table["served_by"].isin([*table["location"][~bad], ""]).to_numpy()
    faults.add("error", file, astray, "served_by", table["served_by"], "has no good row in this file")
    table.loc[astray, "served_by"] = ""
    parent, done = dict(zip(table["location"], table["served_by"], strict=True)), set()
    for start in parent:
        path = [start]
        while path[-1] not in done and parent.get(path[-1]):
            path.append(parent[path[-1]])
            if path[-1] in path[:-1]:
                loop = " -> ".join(path[path.index(path[-1]) :])
                faults.whole_file("error", file, f"served_by leads in a loop: {loop}")
                break
        done |= set(path)


def _check_calendar(sales: pd.DataFrame, file: str, faults: Faults) -> None:
    days = (sales["date"].max() - sales["date"].min()).days + 1
    empty = days - sales["date"].nunique()
    if empty:
        faults.whole_file(
            "assumed", file, f"days without a row anywhere: {empty:,} of {days:,}; taken as days without demand"
        )


def _one_row_per_day(sales: pd.DataFrame, file: str, faults: Faults) -> pd.DataFrame:
    """Whole units; rows of one day, location and item that came by different ways ('via') summed."""
    sales = sales.assign(units=sales["units"].astype("int64"), returned=sales["returned"].fillna(0).astype("int64"))
    key = ["date", "location", "sku"]
    more = int(sales.duplicated(key).sum())
    if more:
        faults.whole_file(
            "assumed", file, f"rows that repeat a day, location and item by another way (via): {more:,}; summed"
        )
        sales = sales.groupby(key, as_index=False, sort=False)[["units", "returned", "amount"]].sum()
    return sales
