"""The ledger: what both engines write down of every cell in every replication, in whole units and days."""

from __future__ import annotations

import numpy as np

from restock.sim.model.feature import all_books

COLUMNS: dict[str, str] = {
    "demand": "units asked for (at a DC: ordered by the sites below, and its own customers' demand)",
    "filled": "units of that demand handed over or shipped the same day, from stock",
    "lost": "units of unmet demand of customers that did not wait",
    "refused": "units of orders of the sites below that were cancelled for want of stock",
    "backorders_served": "units handed over or shipped later than asked for",
    "received": "units delivered",
    "shipped": "units shipped to the sites below",
    "ordered": "units ordered",
    "cancelled": "units of own orders that the serving site, or the supplier, cancelled",
    "orders": "orders placed (order lines)",
    "on_hand_days": "sum over days of units on hand at the end of the day",
    "on_order_days": "sum over days of units on order at the end of the day",
    "backorder_days": "sum over days of units that customers wait for",
    "owed_days": "sum over days of units owed to the sites below",
    "overstock_days": "sum over days of units above the cell's overstock level",
    "demand_days": "days on which something was asked for",
    "stockout_days": "days on which demand was short",
    "ready_days": "days that end with stock on hand",
    "cycles": "replenishment cycles that ended (a delivery ends one)",
    "cycles_in_stock": "of these, cycles in which demand was never short",
    "shrunk": "units lost unseen",
    "counts": "counts",
    "written_off": "units by which counts lowered the record",
    "found": "units by which counts raised the record",
    "record_exact_days": "days that end with the record equal to the stock",
    "record_error_days": "sum over days of the units between record and stock at the end of the day",
    "phantom_days": "days that end with no stock on hand and a record above 0",
    "freeze_days": "of these, days that end with nothing on order either: nothing moves until a count",
    "demand_squared": "sum over weeks of the week's demand, squared",
    "ordered_squared": "sum over weeks of the week's orders, squared",
    "opening_on_hand": "units on hand when measuring starts",
    "opening_on_order": "units on order when measuring starts",
    "opening_backorders": "units waiting or owed when measuring starts",
    "opening_record": "units on record when measuring starts",
    "closing_on_hand": "units on hand at the end",
    "closing_on_order": "units on order at the end",
    "closing_backorders": "units waiting or owed at the end",
    "closing_record": "units on record at the end",
}
EXTRA: dict[str, str] = {name: words for books in all_books() for name, words in books.columns.items()}
"""Columns of features that few runs have: they follow the others in runs that have one of them."""

NAMES = (*COLUMNS, *EXTRA)
BASE, COUNT = len(COLUMNS), len(NAMES)
WEEKLY = NAMES.index("demand_squared")  # the columns before it are sums of daily figures


SERIES = ("demand", "filled", "received", "ordered", "on_hand", "on_order", "backorders")
"""Daily figures that a run keeps per site on request: summed over items, end of day."""


def named(ledger: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of a ledger (..., columns) by name; those it leaves out are zeros.

    >>> sorted(set(named(np.ones((2, BASE), np.int64))) - set(COLUMNS)) == sorted(EXTRA)
    True
    """
    nothing = np.zeros(ledger.shape[:-1], ledger.dtype)
    return {name: ledger[..., k] if k < ledger.shape[-1] else nothing for k, name in enumerate(NAMES)}
