"""When goods come, and how many of them are good, as arrays: a part of `arrays.RiskArrays`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.features.supply_risk.calendars import Calendars, calendars_of, planned_moments
from restock.sim.features.supply_risk.suppliers import Shares, Supplier
from restock.sim.model.network import WEEKDAYS
from restock.sim.model.opening.run_state import kept
from restock.sim.model.supply.supply_events import Holiday
from restock.sim.probability.guide_tables import FULL

if TYPE_CHECKING:
    from restock.sim.features.supply_risk.settings import SupplyRisk
    from restock.sim.model.feature import Making
    from restock.sim.model.scenario import Scenario
    from restock.sim.probability.law import Law

NOBODY = Calendars(*(np.zeros((0, 0), np.int32) for _ in range(3)))
CALM = (0.0, 1.0)  # chances that congestion begins, and ends, where there is none


def arrival_arrays(
    risk: SupplyRisk, making: Making, suppliers: Sequence[Supplier], supplier: np.ndarray
) -> dict[str, Any]:
    """Fields of the arrays by name; `supplier` is that of each cell, -1 where a site delivers; int32 (items, sites)."""
    scenario = making.scenario
    names = sorted({item.supplier for item in scenario.items})
    lanes = [lane if risk.active else lane.having(**dict.fromkeys(lane.own_settings())) for lane in scenario.lanes]
    jams = [lane.own.get("congestion") for lane in lanes]
    missed = [float(lane.own.get("missed", 0.0)) for lane in lanes]
    in_order = np.array([lane.own.get("crossing") is False for lane in lanes], np.int64)
    begins, ends = np.array([CALM if jam is None else (jam.begins, jam.ends) for jam in jams]).T
    kept_to = np.array([len(set(lane.own.get("delivery_days") or WEEKDAYS)) < 7 for lane in lanes])
    of_lane = kept_to | (np.array(missed) > 0) | (in_order > 0) | (begins > 0)
    resting = {event.supplier for event in scenario.events if isinstance(event, Holiday)}
    rests = [len(set(each.working_days)) < 7 or name in resting for name, each in zip(names, suppliers, strict=True)]
    of_supplier = np.array(rests) | [not each.good.is_whole for each in suppliers]
    cells = scenario.lane_of >= 0
    at_terms = (cells & of_lane[scenario.lane_of]) | np.append(of_supplier, False)[supplier]
    terms = bool(at_terms.any())
    points, shares = shares_as_arrays([*(each.good for each in suppliers), Shares()])
    laws = [(*lane.lead_times, (jam or lane).lead_time) for lane, jam in zip(lanes, jams, strict=True)]
    longest = [max(len(law.pmf()) - 1 for law in of) for of in laws]
    calendars = NOBODY
    latest = np.zeros(len(scenario.sites), np.int64)
    if terms:
        calendars = calendars_of(scenario, lanes, names, suppliers, max(longest))
        nights = np.arange(scenario.horizon)
        served_by = [names.index(lane.source) if lane.source in names else -1 for lane in lanes]
        ways = [int((calendars.arrival(k, way, nights, most, chance > 0) - nights).max())
                for way, (k, most, chance) in enumerate(zip(served_by, longest, missed, strict=True))]  # fmt: skip
        latest = np.where(cells, np.array(ways)[scenario.lane_of], 0).max(axis=0)
    keys = {"congested": "lane_congested", "last": "last_arrival", "bad": "bad_coming"}
    opening = {name: kept(scenario, key, "supply_risk") if terms else None for name, key in keys.items()}
    slots = 1 << int(latest.max()).bit_length()
    if opening["bad"] is not None and opening["bad"].shape[3] > slots:  # the run before had longer ways
        slots = opening["bad"].shape[3]
        latest = np.maximum(latest, slots - 1)
    return {
        "terms": int(terms),
        "at_terms": at_terms.astype(np.int32),
        "good_of": np.where(supplier >= 0, supplier, len(suppliers)).astype(np.int32),
        "good_points": points,
        "good_shares": shares,
        **calendars._asdict(),
        "planned_lead": _planned(scenario, names, suppliers) if any(rests) else np.zeros((0, 0, 2)),
        "missed": np.array([round(chance * FULL) for chance in missed], np.int64),
        "in_order": in_order,
        "begins": np.round(begins * FULL).astype(np.int64),
        "ends": np.round(ends * FULL).astype(np.int64),
        "congested_table": np.array([making.add_law((jam or lane).lead_time) for lane, jam
                                     in zip(lanes, jams, strict=True)], np.int32),
        "latest": latest,
        "slots": slots,
        **{f"opening_{name}": np.zeros((0,) * (4 if name == "bad" else 3), np.int32) if of_run is None else of_run
           for name, of_run in opening.items()},
    }  # fmt: skip


def _planned(scenario: Scenario, names: Sequence[str], suppliers: Sequence[Supplier]) -> np.ndarray:
    """Mean and variance of each cell's lead time in calendar days: float64 (items, sites, 2); 0 where not stocked."""
    out = np.zeros((*scenario.lane_of.shape, 2))
    for i, n in np.argwhere(scenario.lane_of >= 0).tolist():
        lane = scenario.lanes[scenario.lane_of[i, n]]
        works = suppliers[names.index(lane.source)].working_days if scenario.parent[n] < 0 else WEEKDAYS
        out[i, n] = _moments(lane.lead_time_of(scenario.items[i].name), works, lane.order_days)
    return out


@cache
def _moments(law: Law, works: tuple[str, ...], order_days: tuple[str, ...]) -> tuple[float, float]:
    return law.moments if len(set(works)) == 7 else planned_moments(law, works, order_days)


def shares_as_arrays(laws: Sequence[Shares]) -> tuple[np.ndarray, np.ndarray]:
    """Points and shares of laws, int64 (laws, values): the value of a draw is that of the first point above it.

    >>> points, shares = shares_as_arrays([Shares((1.0, 0.5), (3, 1)), Shares()])
    >>> (points / FULL).tolist(), (shares / FULL).tolist()
    ([[0.75, 1.0], [1.0, 1.0]], [[1.0, 0.5], [1.0, 1.0]])
    """
    many = max((len(law.values) for law in laws), default=1)
    points, shares = np.full((len(laws), many), FULL, np.int64), np.full((len(laws), many), FULL, np.int64)
    for k, law in enumerate(laws):
        below = np.cumsum(law.weights) / sum(law.weights)
        points[k, : len(below) - 1] = np.round(below[:-1] * FULL)
        shares[k, : len(below)] = np.round(np.array(law.values) * FULL)
    return points, shares
