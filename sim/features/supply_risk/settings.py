"""Suppliers and lanes that fail: outages, closed lanes, part shipments and bad goods, windows, congestion.

States are drawn for the night and the supplier, or the lane, never for an order: all items and all sites see the same.
Planners know working days and nothing else of it: levels are set as if goods left at once and came after the lane's
lead time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restock.sim.checks import check_fields, check_mapping
from restock.sim.errors import require, unknown
from restock.sim.features.supply_risk.lane_terms import LANE_SETTINGS
from restock.sim.features.supply_risk.measures import ARRIVALS, OUTAGES
from restock.sim.features.supply_risk.suppliers import Shares, Supplier, supplier_from
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature, OwnSetting
from restock.sim.probability.keyed_draws import named_purpose

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.supply_risk.arrays import RiskArrays
    from restock.sim.model.feature import Making
    from restock.sim.model.scenario import Scenario

SUPPLIER_STATE = named_purpose("supplier_state")
FILL = named_purpose("fill")
YIELD = named_purpose("yield")
LANE_STATE = named_purpose("lane_state")
WINDOW = named_purpose("window")


@dataclass(frozen=True)
class SupplyRisk(Feature):
    """Suppliers and lanes that fail; the default is none that does.

    Parameters
    ----------
    active : bool
        False: no supplier and no lane fails, whatever else is said here, of lanes, or of events: the same scenario with
        a world in which all goes well, on the same demand. Working days and holidays stay.
    suppliers : mapping of name to settings
        `outage`: {up, down}, mean nights, or {fails, recovers}, chances of a night. `down_orders`: orders of nights
        when it is down are 'held' (they leave together on the first night when it is up) or 'refused' (not placed; the
        policy is not told). `fill`: the share of an order that it ships, {values, weights}, and what becomes of the
        `rest`, 'held' or 'cancelled'. `yield`: the share of a shipment that is good, {values, weights}.
        `working_days`: the weekdays that its lead times count.

    >>> risk = SupplyRisk(suppliers={"overseas": {"outage": {"up": 180, "down": 20}}})
    >>> risk.of("overseas").recovers, risk.of("nearby").fails
    (0.05, 0.0)
    """

    name: ClassVar[str] = "supply_risk"
    group: ClassVar[str] = "supply_risk"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "outages": ("holds",), "closed_lanes": ("closes",), "arrivals": ("terms",),
    }  # fmt: skip
    flows: ClassVar[tuple[str, ...]] = ("rejected",)
    books: ClassVar[tuple[Books, ...]] = (OUTAGES, ARRIVALS)
    lane_settings: ClassVar[tuple[OwnSetting, ...]] = LANE_SETTINGS
    not_of_items: ClassVar[tuple[str, ...]] = (
        "supplier_key", "fails", "recovers", "refuses", "scheduled", "closed", "site_closed", "fill_points",
        "fill_shares", "fill_cancels", "good_points", "good_shares", "source_key", "worked", "nth", "next_day",
        "missed", "in_order", "begins", "ends", "congested_table", "latest",
    )  # fmt: skip

    active: bool = True
    suppliers: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_fields(self, "supply_risk.")
        given = check_mapping("supply_risk.suppliers", self.suppliers or {})
        object.__setattr__(self, "suppliers", {name: dict(check_mapping(f"settings of supplier '{name}'", each or {}))
                                               for name, each in given.items()})  # fmt: skip
        _ = self.parsed

    @cached_property
    def parsed(self) -> dict[str, Supplier]:
        """Suppliers by name."""
        return {name: supplier_from(each, name) for name, each in self.suppliers.items()}

    def of(self, supplier: str) -> Supplier:
        """What is so of a supplier; one that nothing is said of never fails."""
        return self.parsed.get(supplier) or Supplier()

    def check(self, scenario: Scenario) -> None:
        """Every supplier named is one that some item has."""
        known = {item.supplier for item in scenario.items}
        for name in self.suppliers:
            if name not in known:
                raise unknown("supplier", name, known, "of supply_risk.suppliers")
        self._check_second_source(scenario)

    def _check_second_source(self, scenario: Scenario) -> None:
        """A second source never fails; what policies are told is due soon may not be left to chance."""
        sourcing = scenario.feature("second_source")
        if not sourcing.used:
            return
        for event in scenario.events:
            never = sourcing.backup not in (getattr(event, "source", ""), getattr(event, "supplier", ""))
            require(
                never, f"an event of kind {event.kind} names '{sourcing.backup}', the second source, which never fails"
            )
        told_soon = "sourcing.rule=policy tells policies what is due soon, which may not be left to chance"
        told = {lane.destination for lane in scenario.lanes if lane.source == sourcing.backup}
        for lane in scenario.lanes:
            where = f"of lane '{lane.source}' -> '{lane.destination}'"
            for name in (each.name for each in LANE_SETTINGS if lane.own.get(each.name) is not None):
                words = "goods of a second source come after its lead time, whole"
                require(lane.source != sourcing.backup, f"{name} {where}: {words}")
                by_chance = sourcing.rule == "policy" and lane.destination in told and name in ("missed", "congestion")
                require(not by_chance, f"{name} {where}: {told_soon}")
        never = sourcing.backup not in self.suppliers
        words = "the second source, which works every day and never fails"
        require(never, f"supply_risk.suppliers names '{sourcing.backup}', {words}")
        for name, supplier in self.parsed.items():
            good = sourcing.rule != "policy" or supplier.good == Shares()
            require(good, f"yield of supplier '{name}': {told_soon}")

    def alone(self, scenario: Scenario, i: int, rate: np.ndarray) -> tuple[Feature, dict[str, Any]]:
        """The item's own supplier is left; others deliver nothing of it."""
        mine = {name: each for name, each in self.suppliers.items() if name == scenario.items[i].supplier}
        return replace(self, suppliers=mine), {}

    def longest_lead(self, arrays: RiskArrays) -> np.ndarray:
        """The longest that goods take to each site, by the terms of their lanes."""
        return arrays.latest

    def arrays(self, making: Making) -> RiskArrays:
        from restock.sim.features.supply_risk.arrays import risk_arrays

        return risk_arrays(self, making)

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.supply_risk.arrival_lanes import LANES as OF_ARRIVALS
        from restock.sim.features.supply_risk.closed_lanes import LANES as OF_SITES
        from restock.sim.features.supply_risk.lanes import LANES as OF_SUPPLIERS

        return OF_SUPPLIERS | OF_SITES | OF_ARRIVALS

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.supply_risk.steps import RiskSteps

        of = site.run.prepared.world.features.supply_risk
        return RiskSteps(site) if of.holds or of.closes or of.terms else None
