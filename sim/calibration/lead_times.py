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


_SHIPMENT = ("po", "shipment", "supplier", "location", "order_date", "receipt_date")
"""Columns by which lines of receipts travelled together."""


def with_suppliers(erp: Erp) -> pd.DataFrame:
    """Receipts, with the item's supplier where a line names none."""
    assert erp.receipts is not None
    receipts = erp.receipts.copy()
    blank = receipts["supplier"] == ""
    receipts.loc[blank, "supplier"] = receipts["sku"][blank].map(erp.items.set_index("sku")["supplier"])
    return receipts


def _groups(shipments, by: list[str]) -> dict[tuple, np.ndarray]:
    if not by:
        return {(): shipments["days"].to_numpy()}
    return {key: group.to_numpy() for key, group in shipments.groupby(by)["days"]}


def shipments_of(erp: Erp, report: Report) -> pd.DataFrame | None:
    """One row per shipment: lines of the same order, shipment and dates travelled together and count once."""
    if erp.receipts is None or erp.receipts.empty:
        return None
    receipts = with_suppliers(erp)
    once = receipts.drop_duplicates([c for c in _SHIPMENT if c in receipts])
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


LEAST_OF_ITEM = 30  # shipments, of an item and of the lane without it
CHANCE = 0.01  # that some item of a lane is taken to differ where none does
APART = 1.0  # days between the means


def lead_times_by_item(erp: Erp, lanes: Iterable[tuple[str, str]], items: set[str], report: Report):
    """Laws of items whose shipments on a lane take another time than its others do, as receipts show it.

    Parameters
    ----------
    lanes : those that are fitted to shipments of their own
    items : names of items that are simulated

    Returns
    -------
    dict of (supplier, location) to dict of item to Empirical

    An item is told apart where it has `LEAST_OF_ITEM` shipments, from which its own law is a histogram worth drawing
    from; where as many came without it, to compare with; where ranks differ (Mann & Whitney) by more than chance gives
    one lane in a hundred, over all items tried on it; and where the means lie a day apart, the model's step.

    Source: Mann & Whitney (1947), Annals of Mathematical Statistics 18(1); Bonferroni's correction.
    """
    from scipy.stats import mannwhitneyu

    receipts, wanted = with_suppliers(erp), set(lanes)
    out: dict[tuple[str, str], dict[str, Empirical]] = {}
    tried = 0
    for lane, rows in receipts.groupby(["supplier", "location"], observed=True):
        if lane not in wanted:
            continue
        rows = rows.assign(days=(rows["receipt_date"] - rows["order_date"]).dt.days.clip(lower=1))
        shipment = rows.groupby([c for c in _SHIPMENT if c in rows], dropna=False).ngroup()
        days_of = rows.assign(shipment=shipment).drop_duplicates("shipment").set_index("shipment")["days"]
        of_items = {
            sku: shipment[own.index].unique() for sku, own in rows.groupby("sku", observed=True) if sku in items
        }
        enough = {sku: own for sku, own in of_items.items()
                  if len(own) >= LEAST_OF_ITEM and len(days_of) - len(own) >= LEAST_OF_ITEM}  # fmt: skip
        tried += len(enough)
        for sku, own in enough.items():
            days, others = days_of[own].to_numpy(), days_of.drop(own).to_numpy()
            if abs(days.mean() - others.mean()) < APART:
                continue
            if mannwhitneyu(days, others).pvalue < CHANCE / len(enough):
                values, counts = np.unique(days, return_counts=True)
                law = Empirical(tuple(values.tolist()), tuple(counts.tolist()))
                out.setdefault(lane, {})[sku] = law  # type: ignore[call-overload]
    found = sum(map(len, out.values()))
    report.add(
        "fitted",
        f"lead times of their own, items on a lane: {found:,} of {tried:,} with {LEAST_OF_ITEM} shipments or more; the "
        f"others take the lane's (ranks of days do not differ, at {CHANCE:.0%} a lane, or means by less than a day)",
        tried,
    )
    return out


def warm_up_of(lanes: Iterable[Lane]) -> int:
    """Days to run before measuring starts: whole weeks of three times the longest lead time and a week of review.

    Opening stock knows nothing of what should be on order: the first orders arrive a lead time late, and as one.

    >>> from restock.sim.probability.laws import Constant
    >>> warm_up_of([Lane("far", "shop", Constant(95))]), warm_up_of([Lane("near", "shop", Constant(2))])
    (308, 56)
    """
    longest = max((len(law.pmf()) - 1 for lane in lanes for law in lane.lead_times), default=1)
    return max(LEAST_WARM_UP, math.ceil(3 * (longest + 7) / 7) * 7)
