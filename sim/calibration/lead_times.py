"""Lead times as they happened: one per shipment, fitted per lane, thin lanes borrowing from wider groups."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from restock.sim.calibration.export import Erp
from restock.sim.calibration.report import Report
from restock.sim.model.network import Lane
from restock.sim.probability.laws import Empirical

NO_DAYS = np.zeros(0, int)  # no shipments

LEAST_WARM_UP = 56  # days


def lead_time_laws(shipments, lanes: list[tuple[str, str]], least: int = 8):
    """The days each lane's shipments took, as an empirical law; thin lanes borrow from wider groups.

    Parameters
    ----------
    shipments : DataFrame with supplier, location, days (one row per shipment, days >= 1)
    lanes : list of (supplier, location)
    least : int
        A lane with fewer shipments takes those of its supplier; a thin supplier those into the location; else all.

    Returns
    -------
    DataFrame with supplier, location, law, taken_from, shipments, mean, standard_deviation
    """
    levels = [("lane", ["supplier", "location"]), ("supplier", ["supplier"]), ("location", ["location"]), ("all", [])]
    groups = {name: _groups(shipments, by) for name, by in levels}
    rows = []
    for supplier, location in lanes:
        key = {"supplier": supplier, "location": location}
        found = [(name, groups[name].get(tuple(key[b] for b in by), NO_DAYS)) for name, by in levels]
        name, days = next((name, days) for name, days in found if name == "all" or len(days) >= least)
        values, counts = np.unique(days, return_counts=True)
        law = Empirical(tuple(values.tolist()), tuple(counts.tolist()))
        rows.append((supplier, location, law, name, len(days), float(days.mean()), float(days.std())))
    return pd.DataFrame(
        rows, columns=["supplier", "location", "law", "taken_from", "shipments", "mean", "standard_deviation"]
    )


def _groups(shipments, by: list[str]) -> dict[tuple, np.ndarray]:
    if not by:
        return {(): shipments["days"].to_numpy()}
    return {key: group.to_numpy() for key, group in shipments.groupby(by)["days"]}


def shipments_of(erp: Erp, report: Report) -> pd.DataFrame | None:
    """One row per shipment: lines of the same order, shipment and dates travelled together and count once."""
    if erp.receipts is None or erp.receipts.empty:
        return None
    receipts = erp.receipts.copy()
    blank = receipts["supplier"] == ""
    receipts.loc[blank, "supplier"] = receipts["sku"][blank].map(erp.items.set_index("sku")["supplier"])
    key = [c for c in ("po", "shipment", "supplier", "location", "order_date", "receipt_date") if c in receipts]
    once = receipts.drop_duplicates(key)
    days = (once["receipt_date"] - once["order_date"]).dt.days
    report.add(
        "assumed",
        f"shipments that arrived on the day they were ordered: {int((days < 1).sum()):,}; "
        "a lead time of 1 day, the shortest",
        (days < 1).sum(),
    )
    report.add(
        "fitted",
        f"lead times of {len(once):,} shipments ({len(receipts):,} receipt lines): mean {days.mean():.1f} days, "
        f"standard deviation {days.std():.1f}, from order to arrival as it happened",
    )
    return pd.DataFrame({"supplier": once["supplier"], "location": once["location"], "days": days.clip(lower=1)})


def warm_up_of(lanes: Iterable[Lane]) -> int:
    """Days to run before measuring starts: whole weeks of three times the longest lead time and a week of review.

    Opening stock knows nothing of what should be on order: the first orders arrive a lead time late, and as one.

    >>> from restock.sim.probability.laws import Constant
    >>> warm_up_of([Lane("far", "shop", Constant(95))]), warm_up_of([Lane("near", "shop", Constant(2))])
    (308, 56)
    """
    longest = max((len(lane.lead_time.pmf()) - 1 for lane in lanes), default=1)
    return max(LEAST_WARM_UP, math.ceil(3 * (longest + 7) / 7) * 7)
