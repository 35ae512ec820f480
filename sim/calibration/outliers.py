"""Days that stand out: one giant order, or one that was cancelled, must not set an item's law, lot or place's window.

A day stands out where it is ten times as large as any other day of its place and item (twenty times where these are
few), so that ordinary lumpy demand is left alone: Poisson or negative binomial demand with days enough to be judged
does not do that. An order is cancelled where nearly all of it came back within four weeks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from restock.sim.calibration.bucket_rows import CellRows, largest_first
from restock.sim.calibration.reading.words import looked_up
from restock.sim.calibration.report import Report, Worth
from restock.sim.calibration.windows import named

OUTLIERS = ("cap", "keep")
TIMES = {8: 20, 40: 10, 80: 10}  # days with units at least: so many times any other day; one, two, three such days
LEAST_RETURNED, RETURNS_OF_CATEGORY, RETURNS_OF_LAG = 0.001, 30, 20  # share of units; returns that bear a figure
LONGEST_LAG = 56  # days
CANCELLED_WITHIN, CANCELLED_SHARE, CANCELLED_TIMES = 28, 0.9, 5


def without_outliers(rows: CellRows, erp, how: str, worth: Worth, report: Report) -> CellRows:
    """Rows with giant days capped at the largest other day and cancelled orders left out, or as they are (`keep`)."""
    sales, code, cells = rows
    units = sales["units"].to_numpy()
    order, starts = largest_first(code, units, len(cells))
    sold = np.bincount(code, units > 0, len(cells)).astype(int)
    cap = np.full(len(sales), -1.0)
    for top, (least, times) in enumerate(TIMES.items(), start=1):
        here = np.flatnonzero(sold >= max(least, top + 1))
        last, other = (units[order[np.minimum(starts[here] + k, len(order) - 1)]] for k in (top - 1, top))
        for cell, value in zip(here[last >= times * other], other[last >= times * other], strict=True):
            cap[order[starts[cell] : starts[cell] + top]] = value
    gone = _cancelled(sales, erp, code, order, starts, sold)
    cap[gone] = -1
    giant = cap >= 0
    for those, words, done in (
        (giant, f"days {min(TIMES.values())} times as large as any other of their place and item", "capped at it"),
        (gone, f"orders that came back within {CANCELLED_WITHIN} days", "left out as cancelled"),
    ):
        taken = units[those] - np.maximum(cap[those], 0)
        worst = np.flatnonzero(those)[np.argsort(-taken, kind="stable")]
        report.add(
            "dropped" if how == "cap" else "assumed",
            f"{words}: {int(those.sum()):,}, {done if how == 'cap' else 'kept'} (outliers={how}); beyond it "
            f"{worth.of(sales['sku'][those], taken)}: " + named([_row(sales, k, cap[k]) for k in worst]),
            those.sum(),
        )
    largest = units[order[np.minimum(starts[:-1], len(order) - 1)]]
    total = np.bincount(code, units, len(cells))
    alone = np.flatnonzero((largest > total / 2) & (sold < 8) & (total > 0))
    alone = alone[np.argsort(-total[alone], kind="stable")]
    report.add(
        "not fitted",
        f"cells where one day has more than half of the units, and days are too few to judge it: {len(alone):,} "
        f"with {worth.of(cells['sku'].iloc[alone], total[alone])}: "
        + named(
            [f"{cells['sku'][k]} at {cells['location'][k]} ({int(largest[k]):,} of {int(total[k]):,})" for k in alone]
        ),
        len(alone),
    )
    if how == "keep" or not (giant.any() or gone.any()):
        return rows
    return rows.with_units(np.where(giant, cap, units).astype(units.dtype)).without(gone)


def _cancelled(sales, erp, code, order, starts, sold) -> np.ndarray:
    """Large rows that came back nearly whole within some days."""
    out = np.zeros(len(sales), bool)
    back = erp.sales[erp.sales["returned"] > 0]
    if erp.bucket != "day" or back.empty:
        return out
    units = sales["units"].to_numpy()
    day = sales["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    cells = pd.MultiIndex.from_frame(sales[["sku", "location"]].iloc[order[starts[:-1]]].astype("str"))
    cell_of = dict(zip(cells, range(len(cells)), strict=True))
    for row in back.itertuples():
        cell = cell_of.get((str(row.sku), str(row.location)))
        if cell is None:
            continue
        rows = order[starts[cell] : starts[cell + 1]]
        first, other = rows[0], units[rows[1]] if sold[cell] > 1 else 0
        if units[first] < CANCELLED_TIMES * max(1, other):
            continue
        after = pd.Timestamp(row.date).to_datetime64().astype("datetime64[D]").astype(np.int64) - day[first]
        if 0 <= after <= CANCELLED_WITHIN and row.returned >= CANCELLED_SHARE * units[first]:
            out[first] = True
    return out


def returns_of(rows: CellRows, erp, report: Report) -> dict[str, Any]:
    """Settings of returns as the record has them: share (by category where the evidence bears it) and lag; or none.

    `rows` are those of demand, cancelled orders left out: what came back of these is no return. The lag is known where
    one day alone, of the 56 before, can be the one on which the goods were sold.
    """
    back = erp.sales[erp.sales["returned"] > 0]
    if back.empty:
        return {}
    units = rows.sales["units"].to_numpy()
    order, starts = largest_first(rows.code, units, len(rows.cells))
    cell_of = pd.Series(range(len(rows.cells)), rows.names())
    names = pd.MultiIndex.from_frame(back[["sku", "location"]].astype("str"))
    cell = cell_of.reindex(names).to_numpy(dtype=float)
    largest = units[order[starts[:-1]]]
    whole = np.where(np.isnan(cell), 0, largest[np.nan_to_num(cell).astype(int)])
    kept = back["returned"].to_numpy() <= whole
    back, cell = back[kept], cell[kept].astype(int)
    category = erp.items.set_index("sku")["category"].replace("", "all")
    sold = pd.Series(units).groupby(looked_up(rows.sales["sku"], category).astype("str").to_numpy()).sum()
    of = looked_up(back["sku"], category).astype("str").to_numpy()
    came = pd.Series(back["returned"].to_numpy()).groupby(of).agg(["sum", "size"])
    share = came["sum"].sum() / max(1, sold.sum())
    if share < LEAST_RETURNED:
        report.add("not simulated", f"returns: {share:.2%} of units came back, too few to matter", len(back))
        return {}
    own = came[(came["size"] >= RETURNS_OF_CATEGORY) & (sold.reindex(came.index) > 0)].index
    others = came["sum"].drop(own).sum() / max(1, sold.drop(own, errors="ignore").sum())
    shares = {str(name): min(0.99, round(float(came["sum"][name] / sold[name]), 4)) for name in own}
    lags = _lags(rows, back, cell, order, starts) if erp.bucket == "day" else []
    report.add(
        "fitted",
        f"returns: {share:.1%} of units come back; categories with a share of their own: {len(shares):,} "
        f"({named([f'{name} {value:.1%}' for name, value in shares.items()])}); others {others:.1%}",
    )
    found = {"share": min(0.99, round(float(others), 4)), "by_category": shares if len(sold) > 1 else {}}
    if len(sold) == 1:
        found["share"] = min(0.99, round(float(share), 4))
    report.add("assumed", "what comes back is as good as new: the record does not say (returns.resalable)")
    if len(lags) < RETURNS_OF_LAG:
        report.add("assumed", "returns come back after 7 days: the record does not show of which sale they are")
        return found
    values, weights = np.unique(lags, return_counts=True)
    report.add(
        "fitted", f"days until goods come back, of {len(lags):,} returns of one possible sale: mean {np.mean(lags):.1f}"
    )
    return found | {"lag": {"law": "empirical", "values": values.tolist(), "weights": weights.tolist()}}


def _lags(rows: CellRows, back: pd.DataFrame, cell: np.ndarray, order: np.ndarray, starts: np.ndarray) -> list[int]:
    """Days from sale to return, where one sale of the last weeks alone can be meant."""
    day = rows.sales["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    units = rows.sales["units"].to_numpy()
    when = back["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    out = []
    for k, on, came in zip(cell.tolist(), when.tolist(), back["returned"].tolist(), strict=True):
        those = order[starts[k] : starts[k + 1]]
        sold = those[(units[those] > 0) & (day[those] <= on) & (day[those] >= on - LONGEST_LAG)]
        if len(sold) == 1 and units[sold[0]] >= came:
            out.append(max(1, int(on - day[sold[0]])))
    return out


def _row(sales: pd.DataFrame, k: int, cap: float) -> str:
    row = sales.iloc[k]
    to = f" to {int(cap):,}" if cap >= 0 else ""
    return f"{row['sku']} at {row['location']} on {row['date'].date()} ({int(row['units']):,}{to})"
