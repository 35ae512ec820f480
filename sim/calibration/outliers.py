"""Days that stand out: one giant order, or one that was cancelled, must not set an item's law, lot or place's window.

A day stands out where it is ten times as large as any other day of its place and item (twenty times where these are
few), so that ordinary lumpy demand is left alone: Poisson or negative binomial demand with days enough to be judged
does not do that. An order is cancelled where nearly all of it came back within four weeks.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from restock.sim.calibration.bucket_rows import CellRows, largest_first
from restock.sim.calibration.report import Report, Worth
from restock.sim.calibration.windows import named

OUTLIERS = ("cap", "keep")
TIMES = {8: 20, 40: 10, 80: 10}  # days with units at least: so many times any other day; one, two, three such days
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


def _row(sales: pd.DataFrame, k: int, cap: float) -> str:
    row = sales.iloc[k]
    to = f" to {int(cap):,}" if cap >= 0 else ""
    return f"{row['sku']} at {row['location']} on {row['date'].date()} ({int(row['units']):,}{to})"
