"""When goods come, and how many of them are good, as arrays: a part of `arrays.RiskArrays`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.errors import require
from restock.sim.features.supply_risk.lane_terms import Congestion
from restock.sim.features.supply_risk.suppliers import Shares, Supplier
from restock.sim.model.network import WEEKDAYS
from restock.sim.model.opening.run_state import kept
from restock.sim.probability.guide_tables import FULL

if TYPE_CHECKING:
    from restock.sim.features.supply_risk.settings import SupplyRisk
    from restock.sim.model.feature import Making
    from restock.sim.model.network import Lane

CALM = (0.0, 1.0)  # chances that congestion begins, and ends, where there is none


def arrival_arrays(
    risk: SupplyRisk, making: Making, suppliers: Sequence[Supplier], supplier: np.ndarray
) -> dict[str, Any]:
    """Fields of the arrays by name; `supplier` is that of each cell, -1 where a site delivers; int32 (items, sites)."""
    scenario = making.scenario
    lanes = [lane if risk.active else lane.having(**dict.fromkeys(lane.own_settings())) for lane in scenario.lanes]
    jams = [lane.own.get("congestion") for lane in lanes]
    waits = np.array([waits_of(lane, scenario.start.weekday()) for lane in lanes], np.int32)
    missed = [float(lane.own.get("missed", 0.0)) for lane in lanes]
    in_order = np.array([lane.own.get("crossing") is False for lane in lanes], np.int64)
    begins, ends = np.array([CALM if jam is None else (jam.begins, jam.ends) for jam in jams]).T
    of_lane = waits.any(axis=1) | (np.array(missed) > 0) | (in_order > 0) | (begins > 0)
    part_bad = np.array([not each.good.is_whole for each in suppliers] + [False])
    cells = scenario.lane_of >= 0
    at_terms = (cells & of_lane[scenario.lane_of]) | part_bad[supplier]
    terms = bool(at_terms.any())
    points, shares = shares_as_arrays([*(each.good for each in suppliers), Shares()])
    longest = np.array([_longest(lane, jam, wait, chance) for lane, jam, wait, chance
                        in zip(lanes, jams, waits, missed, strict=True)], np.int64)  # fmt: skip
    latest = np.where(cells, longest[scenario.lane_of], 0).max(axis=0) * terms
    slots = 1 << int(latest.max()).bit_length()
    keys = {"congested": "lane_congested", "last": "last_arrival", "bad": "bad_coming"}
    opening = {name: kept(scenario, key, "supply_risk") if terms else None for name, key in keys.items()}
    if opening["bad"] is not None:
        same = opening["bad"].shape[3] == slots
        require(same, "a run cannot go on from the state of one with other longest ways")
    return {
        "terms": int(terms),
        "at_terms": at_terms.astype(np.int32),
        "good_of": np.where(supplier >= 0, supplier, len(suppliers)).astype(np.int32),
        "good_points": points,
        "good_shares": shares,
        "waits": waits,
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


def waits_of(lane: Lane, first_weekday: int) -> list[int]:
    """Days from a day to the next delivery day, itself included, for days 0 to 6 of the run.

    >>> from restock.sim.model.network import Lane
    >>> waits_of(Lane.with_settings("mill", "shop", delivery_days=("mon", "thu")), first_weekday=2)
    [1, 0, 3, 2, 1, 0, 2]
    """
    delivers = [WEEKDAYS.index(day) for day in lane.own.get("delivery_days") or WEEKDAYS]
    return [min((weekday - first_weekday - day) % 7 for weekday in delivers) for day in range(7)]


def _longest(lane: Lane, jam: Congestion | None, waits: np.ndarray, missed: float) -> int:
    """The most days from a night to the morning on which goods come that left on it."""
    longest = max(len(law.pmf()) - 1 for law in (*lane.lead_times, (jam or lane).lead_time))
    most = int(waits.max())
    return longest + most + (1 + most if missed > 0 else 0)


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
