"""Suppliers and lanes that fail, as arrays: what both engines read.

Whether the supplier of cell (i, n) is down on a night is `scheduled[k, night]` or its state by the draws of the run
(`nights.two_states`), for k = `supplier[i, n]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.features.supply_risk.suppliers import Shares
from restock.sim.model.demand_events import day_of
from restock.sim.model.opening.run_state import RunState, kept
from restock.sim.model.supply.supply_events import ClosedLane, Outage
from restock.sim.probability.guide_tables import FULL
from restock.sim.probability.keyed_draws import name_keys

if TYPE_CHECKING:
    from restock.sim.features.supply_risk.settings import SupplyRisk
    from restock.sim.features.supply_risk.suppliers import Supplier
    from restock.sim.model.feature import Making
    from restock.sim.model.scenario import Scenario


class RiskArrays(NamedTuple):
    """Over items (i), sites (n), suppliers (k), lanes (l) and days (t); chances and shares in units of 2**-32."""

    holds: int  # 1: some outside supplier holds, refuses or ships in part
    closes: int  # 1: some lane of a site to one below it closes
    supplier: np.ndarray  # int32 (i, n): of cells that outside suppliers deliver to; -1 elsewhere
    way: np.ndarray  # int32 (i, n): lane; -1 where the item is not stocked
    supplier_key: np.ndarray  # uint32 (k,)
    fails: np.ndarray  # int64 (k,)
    recovers: np.ndarray  # int64 (k,)
    refuses: np.ndarray  # int64 (k,)
    scheduled: np.ndarray  # uint8 (k, t): 1 on nights when it is down by an event
    closed: np.ndarray  # uint8 (l, t): 1 on nights when nothing leaves on the lane
    site_closed: np.ndarray  # uint8 (n, t): the same of sites that another serves
    fill_points: np.ndarray  # int64 (k, value): a draw below the first of these has the first value, and so on
    fill_shares: np.ndarray  # int64 (k, value)
    fill_cancels: np.ndarray  # int64 (k,)
    opening_down: np.ndarray  # int32 (i, n, r): where a run goes on, the supplier's state on the last night


def risk_arrays(risk: SupplyRisk, making: Making) -> RiskArrays:
    """The arrays of a scenario."""
    scenario = making.scenario
    names = sorted({item.supplier for item in scenario.items})
    number = {name: k for k, name in enumerate(names)}
    sources = sorted({lane.source for lane in scenario.lanes} | set(names))
    key_of = dict(zip(sources, name_keys(sources).tolist(), strict=True))
    suppliers = [risk.of(name) for name in names]
    outages = [event for event in scenario.events if isinstance(event, Outage)] if risk.active else []
    closings = [event for event in scenario.events if isinstance(event, ClosedLane)] if risk.active else []
    outside = scenario.stocked & (scenario.parent < 0)
    of_item = np.array([number[item.supplier] for item in scenario.items], np.int32)
    closed_lanes = {(event.source, event.destination) for event in closings}
    from_outside = any(lane.source in number for lane in scenario.lanes
                       if (lane.source, lane.destination) in closed_lanes)  # fmt: skip
    holds = risk.active and (bool(outages) or from_outside or any(map(_fails, suppliers)))
    inside = {site.name for site in scenario.sites}
    closes = any(source in inside for source, _ in closed_lanes)
    _check_state(scenario, bool(holds), outside)
    days = scenario.horizon if holds or closes else 0
    scheduled = np.zeros((len(names), days), np.uint8)
    for event in outages:
        scheduled[number[event.supplier], nights_of(event, scenario)] = 1
    closed = np.zeros((len(scenario.lanes) if days else 0, days), np.uint8)
    site_closed = np.zeros((len(scenario.sites) if days else 0, days), np.uint8)
    place = {(lane.source, lane.destination): k for k, lane in enumerate(scenario.lanes)}
    for each in closings:
        closed[place[each.source, each.destination], nights_of(each, scenario)] = 1
        for n, site in enumerate(scenario.sites):
            if site.name == each.destination and site.served_by == each.source:
                site_closed[n, nights_of(each, scenario)] = 1
    points, shares = shares_as_arrays([each.fill for each in suppliers])
    opening = kept(scenario, "supplier_down", "supply_risk") if holds else None
    return RiskArrays(
        int(holds),
        int(closes),
        np.where(outside, of_item[:, None], -1).astype(np.int32),
        np.array(scenario.lane_of, np.int32),
        np.array([key_of[name] for name in names], np.uint32),
        np.array([round(each.fails * FULL) for each in suppliers], np.int64),
        np.array([round(each.recovers * FULL) for each in suppliers], np.int64),
        np.array([each.refuses for each in suppliers], np.int64),
        scheduled,
        closed,
        site_closed,
        points,
        shares,
        np.array([each.cancels for each in suppliers], np.int64),
        np.zeros((0, 0, 0), np.int32) if opening is None else opening,
    )


def _fails(supplier: Supplier) -> bool:
    return supplier.fails > 0 or not supplier.fill.is_whole


def nights_of(event: Outage | ClosedLane, scenario: Scenario) -> slice:
    """The nights of an event, as days of the run."""
    first = day_of(event.start, scenario)
    return slice(max(0, first), max(0, first + event.days))


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


def _check_state(scenario: Scenario, holds: bool, outside: np.ndarray) -> None:
    """Units that suppliers hold in the state of a run would never leave where no supplier fails."""
    state = scenario.opening
    if isinstance(state, RunState) and not holds:
        held = bool((state.arrays["owed"] * outside).any())
        require(not held, "suppliers hold units in the state of a run; a run without supply_risk cannot go on from it")
