"""Checks of today's state: stock as it was recorded, and orders that have not come yet, held against the record."""

from __future__ import annotations

import numpy as np
import pandas as pd

from restock.sim.calibration.reading.faults import Faults

BEYOND = np.timedelta64(31, "D")  # a record of stock so much later than the last sale is a slip


def check_state(tables: dict[str, pd.DataFrame], bad: dict[str, np.ndarray], files: dict[str, str], faults: Faults):
    """Stock is of days of the record, sales end no later than stock does, and open orders are still open."""
    sold = _days(tables["sales"]["date"])
    usable = sold[~bad["sales"] & ~np.isnat(sold)]
    if not len(usable):
        return
    newest = usable.max()
    if "stock" in tables:
        recorded = _days(tables["stock"]["date"])
        late = (recorded > newest + BEYOND) & ~bad["stock"]
        _add(faults, files["stock"], tables["stock"]["date"], late, "date",
             f"lies in the future: the last sale is of {newest}")  # fmt: skip
        bad["stock"] |= late
        if (~bad["stock"]).any():
            newest = recorded[~bad["stock"]].max()
            after = (sold > newest) & ~bad["sales"]
            _add(faults, files["sales"], tables["sales"]["date"], after, "date",
                 f"lies after the newest stock, of {newest} ({files['stock']}): export both up to one day")  # fmt: skip
            bad["sales"] |= after
    if "open_orders" in tables:
        bad["open_orders"] |= _not_open(tables, bad, files, newest, faults)


def _not_open(tables, bad, files: dict[str, str], newest: np.datetime64, faults: Faults) -> np.ndarray:
    """Rows of open orders that cannot be: ordered later than today, expected before they were ordered, or received."""
    orders, file = tables["open_orders"], files["open_orders"]
    ordered, expected = _days(orders["order_date"]), _days(orders["expected_date"])
    gone = bad["open_orders"].copy()
    for column, wrong, problem in (
        ("order_date", ordered > newest, f"lies in the future: the state is that of {newest}, at the end of the day"),
        ("expected_date", expected < ordered, "is before order_date"),
    ):
        wrong = wrong & ~gone
        _add(faults, file, orders[column], wrong, column, problem)
        gone |= wrong
    if "receipts" in tables:
        came = _received(orders, tables["receipts"], bad["receipts"])
        received = came.notna().to_numpy() & ~gone
        rows = came[received].astype(int).astype("str")
        for row in rows.unique():
            those = received & (came == float(row)).to_numpy()
            _add(faults, file, orders["order_date"], those, "order_date",
                 f"is that of an order received already ({files['receipts']} row {row})")  # fmt: skip
        gone |= received
    return gone


def _received(orders: pd.DataFrame, receipts: pd.DataFrame, bad: np.ndarray) -> pd.Series:
    """The row of a receipt of the same place, item, order date and quantity; nan: the order is open.

    As many orders are received as there are receipts: two alike, one of which came, leave one open.
    """
    keys = ["location", "sku", "order_date", "quantity"]
    there = ~bad & receipts["receipt_date"].notna().to_numpy()
    sides = [_numbered(table, keys) for table in (receipts[there], orders)]
    rows = pd.Series(sides[0].index.to_numpy(float), pd.MultiIndex.from_frame(sides[0]))
    found = rows.reindex(pd.MultiIndex.from_frame(sides[1]))
    return pd.Series(found.to_numpy(), orders.index)


def _numbered(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The keys as text and numbers, and which of those alike each row is."""
    plain = table[keys].astype({"location": "str", "sku": "str", "quantity": float})
    return plain.assign(which=plain.groupby(keys).cumcount())


def _days(column: pd.Series) -> np.ndarray:
    return column.to_numpy().astype("datetime64[D]")


def _add(faults: Faults, file: str, dates: pd.Series, wrong: np.ndarray, column: str, problem: str) -> None:
    faults.add("error", file, wrong, column, dates[wrong].dt.strftime("%Y-%m-%d"), problem)
