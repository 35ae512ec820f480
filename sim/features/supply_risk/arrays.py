"""Suppliers and lanes that fail, as arrays: what both engines read.

Whether the supplier of cell (i, n) is down on a night is `scheduled[k, night]` or its state by the draws of the run
(`nights.two_states`), for k = `supplier[i, n]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.features.supply_risk.arrivals import arrival_arrays, shares_as_arrays
from restock.sim.features.supply_risk.suppliers import Supplier
from restock.sim.model.demand_events import day_of
from restock.sim.model.opening.run_state import RunState, kept
from restock.sim.model.supply.supply_events import ClosedLane, Outage
from restock.sim.probability.guide_tables import FULL
from restock.sim.probability.keyed_draws import name_keys

if TYPE_CHECKING:
    from restock.sim.features.supply_risk.settings import SupplyRisk
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
    terms: int  # 1: goods come by other terms than a lead time, or some of them are bad
    at_terms: np.ndarray  # int32 (i, n): 1 where they do
    good_of: np.ndarray  # int32 (i, n): row of the law of the share of a shipment that is good
    good_points: np.ndarray  # int64 (row, value): as `fill_points`; the last row is: all
    good_shares: np.ndarray  # int64 (row, value)
    source_key: np.ndarray  # uint32 (l,)
    worked: np.ndarray  # int32 (k + 1, t), and the next two: `calendars.Calendars`; empty without terms
    nth: np.ndarray  # int32 (k + 1, count)
    next_day: np.ndarray  # int32 (l, t)
    planned_lead: np.ndarray  # float64 (i, n, 2): mean, variance in calendar days; empty where all work every day
    missed: np.ndarray  # int64 (l,)
    in_order: np.ndarray  # int64 (l,)
    begins: np.ndarray  # int64 (l,)
    ends: np.ndarray  # int64 (l,)
    congested_table: np.ndarray  # int32 (l,)
    latest: np.ndarray  # int64 (n,): the longest that goods take to a site; 0 without terms
    slots: int  # a power of two above all of these
    opening_down: np.ndarray  # int32 (i, n, r): where a run goes on, the supplier's state on the last night
    opening_congested: np.ndarray  # int32 (i, n, r): the lane's
    opening_last: np.ndarray  # int32 (i, n, r): the day on which the last shipment comes
    opening_bad: np.ndarray  # int32 (i, n, r, slot): bad units under way, by the day on which they come


def risk_arrays(risk: SupplyRisk, making: Making) -> RiskArrays:
    """The arrays of a scenario."""
    scenario = making.scenario
    names = sorted({item.supplier for item in scenario.items})
    number = {name: k for k, name in enumerate(names)}
    sources = sorted({lane.source for lane in scenario.lanes} | set(names))
    key_of = dict(zip(sources, name_keys(sources).tolist(), strict=True))
    suppliers = [risk.of(name) if risk.active else Supplier(working_days=risk.of(name).working_days) for name in names]
    outside = scenario.stocked & (scenario.parent < 0)
    of_item = np.array([number[item.supplier] for item in scenario.items], np.int32)
    supplier = np.where(outside, of_item[:, None], -1).astype(np.int32)
    nights = _nights(risk, scenario, number)
    holds = int(nights["from_outside"] or any(map(_fails, suppliers)))
    _check_state(scenario, bool(holds or scenario.feature("limits").suppliers), outside)
    fill_points, fill_shares = shares_as_arrays([each.fill for each in suppliers])
    return RiskArrays(
        holds=holds,
        closes=int(nights["inside"]),
        supplier=supplier,
        way=np.array(scenario.lane_of, np.int32),
        supplier_key=np.array([key_of[name] for name in names], np.uint32),
        fails=_in_bits([each.fails for each in suppliers]),
        recovers=_in_bits([each.recovers for each in suppliers]),
        refuses=np.array([each.refuses for each in suppliers], np.int64),
        scheduled=nights["scheduled"],
        closed=nights["closed"],
        site_closed=nights["site_closed"],
        fill_points=fill_points,
        fill_shares=fill_shares,
        fill_cancels=np.array([each.cancels for each in suppliers], np.int64),
        opening_down=_kept(scenario, "supplier_down", bool(holds)),
        source_key=np.array([key_of[lane.source] for lane in scenario.lanes], np.uint32),
        **arrival_arrays(risk, making, suppliers, supplier),
    )


def _nights(risk: SupplyRisk, scenario: Scenario, number: Mapping[str, int]) -> dict[str, Any]:
    """Nights of events: those of suppliers, of lanes, and of lanes between sites; and whether there are any."""
    outages = [event for event in scenario.events if isinstance(event, Outage)] if risk.active else []
    closings = [event for event in scenario.events if isinstance(event, ClosedLane)] if risk.active else []
    fed_by = {(site.served_by, site.name): n for n, site in enumerate(scenario.sites)}
    place = {(lane.source, lane.destination): k for k, lane in enumerate(scenario.lanes)}
    days = scenario.horizon
    out: dict[str, Any] = {
        "scheduled": np.zeros((len(number), days), np.uint8),
        "closed": np.zeros((len(place), days), np.uint8),
        "site_closed": np.zeros((len(scenario.sites), days), np.uint8),
        "from_outside": bool(outages),
        "inside": False,
    }
    for event in outages:
        out["scheduled"][number[event.supplier], nights_of(event, scenario)] = 1
    for each in closings:
        way = (each.source, each.destination)
        out["closed"][place[way], nights_of(each, scenario)] = 1
        if way in fed_by:
            out["site_closed"][fed_by[way], nights_of(each, scenario)] = 1
        out["inside" if way in fed_by else "from_outside"] = True
    return out


def _in_bits(chances: Iterable[float]) -> np.ndarray:
    """Chances in units of 2**-32."""
    return np.array([round(chance * FULL) for chance in chances], np.int64)


def _kept(scenario: Scenario, name: str, used: bool, further: int = 0) -> np.ndarray:
    """What a run kept, where one goes on and has it; else nothing, with so many axes more."""
    found = kept(scenario, name, "supply_risk") if used else None
    return np.zeros((0,) * (3 + further), np.int32) if found is None else found


def _fails(supplier: Supplier) -> bool:
    return supplier.fails > 0 or not supplier.fill.is_whole


def nights_of(event: Outage | ClosedLane, scenario: Scenario) -> slice:
    """The nights of an event, as days of the run."""
    first = day_of(event.start, scenario)
    return slice(max(0, first), max(0, first + event.days))


def _check_state(scenario: Scenario, holds: bool, outside: np.ndarray) -> None:
    """Units that suppliers hold in the state of a run would never leave where no supplier fails."""
    state = scenario.opening
    if isinstance(state, RunState) and not holds:
        held = bool((state.arrays["owed"] * outside).any())
        require(not held, "suppliers hold units in the state of a run; a run without supply_risk cannot go on from it")
