"""Today's state of an export: stock as it was last recorded, backorders, and orders on their way.

Stock is that at the end of its day, so that today is the day after the newest one. What the files leave out is taken
as nothing, or as usual, and counted in the report.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from restock.sim.calibration.export import Erp
from restock.sim.calibration.report import Report
from restock.sim.calibration.windows import named
from restock.sim.errors import unknown
from restock.sim.model.network import Item, Site, tree_order
from restock.sim.model.opening.opening_state import ARRIVE, NOT_TOLD, OPEN_ORDER, OpeningState

USUAL_DAYS = 14  # of demand that a place holds of which nothing is recorded: what a scenario opens with by default


class Today(NamedTuple):
    """The state that a run starts from, and the first day of it."""

    opening: OpeningState
    date: datetime.date


def todays_state(
    erp: Erp, items: Sequence[Item], sites: Sequence[Site], rate: np.ndarray, report: Report, arrive: str | None
) -> Today | None:
    """The opening state that stock and open orders of an export say; None where it has no stock.

    Parameters
    ----------
    rate : ndarray, shape (items, sites)
        Mean demand a day of each cell's own customers, as items are counted; nan where nobody asks.
    arrive : 'law', 'expected' or None
        When open orders come in (see `OpeningState`); None: by the law where receipts show one, else as expected.
    """
    if arrive is not None and arrive not in ARRIVE:
        raise unknown("arrive", arrive, ARRIVE)
    if erp.stock is None:
        report.add("not simulated", "open orders: without stock.csv beside them, today's state is not known",
                   erp.open_orders is not None and "expected_date" in erp.open_orders)  # fmt: skip
        return None
    rate = with_those_below(rate, sites)
    places = {site.name: n for n, site in enumerate(sites)}, {item.name: i for i, item in enumerate(items)}
    newest = erp.stock["date"].max()
    unit = np.array([item.counted_in for item in items])
    on_hand, waiting = _on_hand(erp, places, rate, unit, newest, report)
    orders = _open_orders(erp, places, ~np.isnan(rate), unit, newest, report)
    by = arrive or ("law" if erp.receipts is not None and len(erp.receipts) else "expected")
    opening = OpeningState(on_hand, waiting=waiting, open_orders=orders, arrive=by)
    today = (newest + pd.Timedelta(days=1)).date()
    things = on_hand * unit[:, None]
    report.add(
        "read",
        f"state of {today}, in the morning: {things.sum():,.0f} units on hand in {int((on_hand > 0).sum()):,} of "
        f"{int((~np.isnan(rate)).sum()):,} cells; open orders: {len(orders):,} with "
        f"{(orders['quantity'] * unit[orders['item']]).sum():,.0f} units; waited for: "
        f"{(waiting * unit[:, None]).sum():,.0f}",
    )
    return Today(opening, today)


def who_waits(items: tuple[Item, ...], today: Today | None, report: Report) -> tuple[Item, ...]:
    """Items of which backorders are recorded have customers who wait."""
    if today is None:
        return items
    waits = today.opening.waiting.sum(axis=1) > 0
    report.add(
        "assumed",
        f"items with recorded backorders: {int(waits.sum()):,}; all of their unmet demand waits (backorder_share 1), "
        "that of others is lost",
        waits.sum(),
    )
    return tuple(item.having(backorder_share=1.0) if w else item for item, w in zip(items, waits, strict=True))


def with_those_below(rate: np.ndarray, sites: Sequence[Site]) -> np.ndarray:
    """Each cell's demand with that of the sites it serves; nan where the item is not kept.

    >>> with_those_below(np.array([[np.nan, 2.0, 3.0]]), [Site("dc", "dc"), Site("a", served_by="dc"), Site("b")])
    array([[2., 2., 3.]])
    """
    out, (parent, tier) = rate.copy(), tree_order(tuple(sites))
    for n in np.argsort(tier, kind="stable"):
        if parent[n] >= 0:
            below = ~np.isnan(out[:, n])
            out[below, parent[n]] = np.nan_to_num(out[below, parent[n]]) + out[below, n]
    return out


def _on_hand(erp: Erp, places, rate, unit, newest: pd.Timestamp, report: Report) -> tuple[np.ndarray, np.ndarray]:
    """Whole things on hand, and waited for, of each cell."""
    assert erp.stock is not None
    last = _last_records(erp.stock, newest, report)
    n, i = (last[name].map(index).to_numpy(float) for name, index in zip(("location", "sku"), places, strict=True))
    kept = ~np.isnan(n) & ~np.isnan(i)
    kept[kept] = ~np.isnan(rate[i[kept].astype(int), n[kept].astype(int)])
    _say_without_demand(last[~kept], erp, report)
    cell = i[kept].astype(int), n[kept].astype(int)
    on_hand, waiting, said = np.zeros(rate.shape, np.int64), np.zeros(rate.shape, np.int64), np.zeros(rate.shape, bool)
    said[cell] = True
    things = last["on_hand"].to_numpy(float)[kept] / unit[cell[0]]
    on_hand[cell] = np.round(things)
    moved = np.abs(things - np.round(things)) * unit[cell[0]]
    report.add("assumed", f"stock is rounded to whole things as items are counted: {moved.sum():,.2f} units moved",
               (moved > 1e-6).any())  # fmt: skip
    waiting[cell] = np.round(np.nan_to_num(last["backorders"].to_numpy(float)[kept]) / unit[cell[0]])
    stocked = ~np.isnan(rate)
    silent = stocked & ~said
    whole = silent & ~said.any(axis=0)
    on_hand[whole] = np.ceil(USUAL_DAYS * rate[whole] - 1e-9)
    names = [name for name, k in places[0].items() if whole[:, k].any()]
    report.add("assumed", f"places without a row of stock: {len(names):,} ({named(names)}); each of their "
               f"{int(whole.sum()):,} cells holds {USUAL_DAYS} days of its mean demand", len(names))  # fmt: skip
    few = silent & ~whole
    report.add("assumed", f"cells without a row of stock at places that have others: {int(few.sum()):,} of "
               f"{int(stocked.sum()):,}; taken as empty", few.sum())  # fmt: skip
    return on_hand, waiting


def _last_records(stock: pd.DataFrame, newest: pd.Timestamp, report: Report) -> pd.DataFrame:
    """The last record of each cell, one row each; those older than the newest stand as they are, and are counted.

    Where cells have several records and none says 0, empty shelves are left out of the file: what has no row on its
    place's last day is empty, and has none here.
    """
    last = stock.sort_values("date", kind="stable").drop_duplicates(["location", "sku"], keep="last")
    old = (last["date"] < newest).to_numpy()
    if leaves_out_empty(stock):
        final = last["location"].map(stock.groupby("location")["date"].max())
        gone = (last["date"] < final).to_numpy()
        report.add("assumed", "stock.csv says nowhere 0: cells without a row on the last day of their place are empty: "
                   f"{int(gone.sum()):,}", gone.sum())  # fmt: skip
        last, old = last[~gone], old[~gone]
    report.add(
        "assumed",
        f"cells whose last record of stock is older than {newest.date()}: {int(old.sum()):,}, the oldest of "
        f"{last['date'].min().date()}; taken as it stands",
        old.sum(),
    )
    return last.reset_index(drop=True)


def leaves_out_empty(stock: pd.DataFrame) -> bool:
    """Whether a record of several days says of no shelf that it is empty: it then has no rows of these.

    >>> day = pd.Timestamp("2024-01-01")
    >>> rows = pd.DataFrame({"location": "a", "sku": ["x", "y", "x"], "on_hand": [3, 2, 5],
    ...                      "date": [day, day, day + pd.Timedelta(days=1)]})
    >>> leaves_out_empty(rows), leaves_out_empty(rows.assign(on_hand=[3, 2, 0]))
    (True, False)
    """
    several = stock.duplicated(["location", "sku"]).any()
    return bool(several and (stock["on_hand"] > 0).all())


def _say_without_demand(rows: pd.DataFrame, erp: Erp, report: Report) -> None:
    """Stock that no demand will take: of cells that never sold, or that ended."""
    rows = rows[rows["on_hand"] > 0]
    cost = erp.items.set_index("sku")["unit_cost"].astype(float)
    worth = rows["on_hand"].to_numpy(float) * rows["sku"].map(cost).to_numpy(float)
    order = np.argsort(-np.nan_to_num(worth), kind="stable")
    names = (rows["sku"] + " at " + rows["location"]).to_numpy()[order]
    report.add(
        "not simulated",
        f"stock of cells without demand (never sold there, or ended): {len(rows):,} with "
        f"{rows['on_hand'].sum():,.0f} units and {np.nansum(worth):,.0f} in money at cost: {named(list(names))}",
        len(rows),
    )


def _open_orders(erp: Erp, places, stocked: np.ndarray, unit, newest: pd.Timestamp, report: Report) -> np.ndarray:
    """Open orders as `OpeningState` has them; days count from today."""
    orders = erp.open_orders
    if orders is None:
        return np.zeros(0, OPEN_ORDER)
    column = "expected_date" if "expected_date" in orders else "scheduled_date"
    n, i = (orders[name].map(index).to_numpy(float) for name, index in zip(("location", "sku"), places, strict=True))
    placed = (orders["order_date"] <= newest).to_numpy()
    late = int((~placed).sum())
    report.add("not simulated", f"orders placed after {newest.date()}, the day of the newest stock: {late:,}", late)
    kept = placed & ~np.isnan(n) & ~np.isnan(i)
    kept[kept] = stocked[i[kept].astype(int), n[kept].astype(int)]
    lost = orders[placed & ~kept]
    units = f"{lost['quantity'].sum():,.0f} units"
    report.add("not simulated", f"open orders of cells without demand: {len(lost):,} with {units}", len(lost))
    orders, i, n = orders[kept], i[kept].astype(int), n[kept].astype(int)
    today = (newest + pd.Timedelta(days=1)).to_datetime64().astype("datetime64[D]")
    ordered, expected = (
        (orders[name].to_numpy().astype("datetime64[D]") - today).astype(float) for name in ("order_date", column)
    )
    untold = orders[column].isna().to_numpy()
    past = ~untold & (expected < 0)
    report.add("assumed", f"open orders that were expected by now: {int(past.sum()):,}; where their dates decide, they "
               "come today", past.sum())  # fmt: skip
    report.add("assumed", f"open orders without an expected date: {int(untold.sum()):,}; they come by their lead times",
               untold.sum())  # fmt: skip
    out = np.zeros(len(orders), OPEN_ORDER)
    out["item"], out["site"], out["ordered"] = i, n, ordered
    out["quantity"] = np.maximum(np.round(orders["quantity"].to_numpy(float) / unit[i]), 1)
    out["expected"] = np.where(untold, NOT_TOLD, np.maximum(np.nan_to_num(expected), ordered + 1))
    return out
