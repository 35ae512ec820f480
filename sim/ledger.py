"""The ledger: what both engines write down of every cell in every replication, in whole units and days."""

from __future__ import annotations

import numpy as np

COLUMNS: dict[str, str] = {
    "demand": "units asked for (at a DC: ordered by the sites below, and its own customers' demand)",
    "filled": "units of that demand handed over or shipped the same day, from stock",
    "lost": "units of unmet demand of customers that did not wait",
    "refused": "units of orders of the sites below that were cancelled for want of stock",
    "backorders_served": "units handed over or shipped later than asked for",
    "received": "units delivered",
    "shipped": "units shipped to the sites below",
    "ordered": "units ordered",
    "cancelled": "units of own orders that the serving site cancelled",
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
EXTRA: dict[str, str] = {
    "returned": "units that customers brought back",
    "restocked": "units of these that went back on the shelf",
    "expired": "units thrown away at the end of their shelf life",
    "cleared": "units that left the shelf when their season ended",
    "marked_down": "units sold to customers at a reduced price",
    "markdown_points": "sum over these of the percent off",
    "overbooked": "units by which wrong scans raised the record",
    "underbooked": "units by which wrong scans lowered the record",
    "forecast_days": "days of which demand was forecast the evening before, but the first",
    "forecast_demand": "units asked for on these days",
    "forecast_error": "sum over these of forecast less demand, in thousandths of a unit",
    "forecast_abs_error": "sum over these of the same without its sign, in thousandths of a unit",
    "naive_abs_error": "sum over these of how far demand was from that of the day before, in thousandths of a unit",
}
COST_FLOWS = {"fifo": "first in, first out", "lifo": "last in, first out", "average": "at moving average cost"}
COST_COLUMNS = {
    "cogs": "units sold to customers",
    "shipped_value": "units shipped to the sites below",
    "loss_value": "units lost",
    "value_days": "sum over days of the stock at the end of the day",
    "opening_value": "stock when measuring starts",
    "closing_value": "stock at the end",
}
EXTRA |= {"received_value": "units delivered, at the cost of the day, in ten-thousandths of money"} | {
    f"{name}_{flow}": f"{words}, {flow_words}, in ten-thousandths of money"
    for name, words in COST_COLUMNS.items()
    for flow, flow_words in COST_FLOWS.items()
}
"""Columns of features that few runs have: they follow the others in runs that have one of them."""
FEATURES: dict[str, tuple[str, ...]] = {
    "returns": ("returned", "restocked"),
    "shelf_life": ("expired",),
    "seasons": ("cleared", "marked_down", "markdown_points"),
    "wrong_scans": ("overbooked", "underbooked"),
    "forecasts": ("forecast_days", "forecast_demand", "forecast_error", "forecast_abs_error", "naive_abs_error"),
    "cost_flow": tuple(EXTRA)[list(EXTRA).index("received_value") :],
}
"""Which columns each feature brings."""

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
