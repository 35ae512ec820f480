"""A scenario: the network, its demand and its costs, checked when it is built."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from restock.sim.checks import check_fields, check_keys, part_of
from restock.sim.errors import InputError, require, unknown
from restock.sim.model.demand import Demand, Season
from restock.sim.model.demand_events import Event
from restock.sim.model.feature import Feature, completed, feature_kinds, feature_of, replaced
from restock.sim.model.network import Costs, Item, Lane, Site, tree_order
from restock.sim.model.opening.opening_state import OpeningState
from restock.sim.model.opening.run_state import RunState
from restock.sim.probability.laws import Law
from restock.sim.read_only import read_only

MOST_DAYS = 100_000  # of a run, or of a recorded history
MOST_YEAR = 9000  # of the first day; calendars end with the year 9999
LEAD_TIME_INDEX = ("order", "day")


@dataclass(frozen=True)
class Scenario:
    """Everything about the world that a policy does not decide.

    Parameters
    ----------
    items, sites, lanes : tuples of Item, Site, Lane
        A lane is needed from every serving site, and from the supplier of every item, to the sites they serve.
    demand : Demand
    costs : Costs
    events : tuple of Event
        What changes demand for some days: promotions, trends, level shifts, volatility spikes.
    features : tuple of Feature
        What the model has beside orders, sales and shipping: records, returns, shelf life and so on (`features`).
        One of each, those that are not given as they leave their feature out.
    start : date
        The calendar day of day 0 (weekdays and months of seasons and ordering calendars).
    days, warm_up : int
        Days measured, and days run before measuring starts (whole weeks).
    opening_days : float
        Physical stock every cell starts with, in days of its mean demand, rounded up.
    opening_stock : ndarray of int, shape (items, sites), or None
        Opening stock in units; takes the place of `opening_days`.
    opening : OpeningState, RunState or None
        Stock, records, customers who wait and open orders on day 0, which take the place of both; or where a run
        stands from which this one goes on.
    lead_time_index : 'order' or 'day'
        Whether a lead time is drawn for the n-th shipment of a cell or for the day it leaves.
    assumptions : tuple of str
        What was assumed rather than known, carried into every report.
    assumed : tuple of str
        Settings that are at their default because nobody gave them, by name (`assumed`); costs among them are
        those that verdicts are tried with.
    recorded_days : int
        Days of the record that laws were fitted to; 0: they were given.

    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(warm_up=7).scenario
    >>> shop.horizon, shop.having(days=56).horizon, shop.lane_of.tolist()
    (35, 63, [[0], [0]])
    """

    name: str
    items: tuple[Item, ...]
    sites: tuple[Site, ...]
    lanes: tuple[Lane, ...]
    demand: Demand
    costs: Costs = field(default_factory=Costs)
    start: datetime.date = datetime.date(2024, 1, 1)
    days: int = 364
    warm_up: int = 0
    opening_days: float = 14.0
    opening_stock: np.ndarray | None = None
    opening: OpeningState | RunState | None = None
    lead_time_index: str = "order"
    assumptions: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    recorded_days: int = 0
    events: tuple[Event, ...] = ()
    features: tuple[Feature, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self)
        for name in ("items", "sites", "lanes", "assumptions", "assumed", "events"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "features", completed(self.features))
        require(len(self.items) > 0 and len(self.sites) > 0, "a scenario needs at least one item and one site")
        _unique("item", (item.name for item in self.items))
        _unique("site", (site.name for site in self.sites))
        names = {item.name for item in self.items}
        for lane in self.lanes:
            for name in lane.lead_time_by_item:
                if name not in names:
                    raise unknown("item", name, names, f"in lead_time_by_item of lane '{lane.source}' -> "
                                                       f"'{lane.destination}'")  # fmt: skip
        _unique("lane", (f"{lane.source}' -> '{lane.destination}" for lane in self.lanes))
        require(self.days >= 1, f"days must be a whole number not below 1, got {self.days}")
        together = f"days and warm_up must not exceed {MOST_DAYS:,} together, got"
        require(self.horizon <= MOST_DAYS, f"{together} {self.days:,} + {self.warm_up:,}")
        good = self.recorded_days >= 0
        require(good, f"recorded_days must be a whole number not below 0, got {self.recorded_days}")
        good = self.warm_up >= 0 and self.warm_up % 7 == 0
        require(good, f"warm_up must be a whole number of weeks in days (0, 7, 14, ...), got {self.warm_up}")
        good = type(self.start) is datetime.date and self.start.year <= MOST_YEAR
        require(good, f"start must be a date (YYYY-MM-DD) up to the year {MOST_YEAR}, got {self.start}")
        good = self.opening_days >= 0
        require(good, f"opening_days must be a number not below 0, got {self.opening_days}")
        if self.lead_time_index not in LEAD_TIME_INDEX:
            raise unknown("lead_time_index", self.lead_time_index, LEAD_TIME_INDEX)
        source = self.demand.source
        alone = f"demand.source={source} with events: recorded days have their own; use fitted, or leave events out"
        require(source == "fitted" or not any(event.of_demand for event in self.events), alone)
        for k, event in enumerate(self.events, start=1):
            event.check(self, f"in entry {k} of events")
        self._check_arrays()
        object.__setattr__(self, "opening_stock", read_only(self.opening_stock))
        for feature in self.features:
            feature.check(self)
        _ = self.lane_of  # a loop of sites, or a lane that is missing, is found now
        if self.opening is not None:
            self.opening.check(self)

    def _check_arrays(self) -> None:
        shape = (len(self.items), len(self.sites))
        arrays = {"demand.law_of": self.demand.law_of, "demand.season_of": self.demand.season_of}
        if self.demand.history is not None:
            arrays["history.row_of"] = self.demand.history.row_of
        if self.opening_stock is not None:
            arrays["opening_stock"] = self.opening_stock
        for name, array in arrays.items():
            require(array.shape == shape, f"{name} must have shape (items, sites) = {shape}, got {array.shape}")
        if self.opening_stock is not None:
            stock = self.opening_stock
            good = bool(np.all(np.isfinite(stock)) and np.all(stock >= 0) and np.all(stock == np.floor(stock)))
            require(good, "opening_stock must be whole units not below 0")
        require(bool(self.demand.asked.any()), "no customer asks for anything: every cell is without a demand law")
        top = int(self.demand.law_of.max())
        require(top < len(self.demand.laws), f"law_of names law {top}, but there are {len(self.demand.laws)} laws")

    def feature(self, name: str) -> Any:
        """The settings of a feature, such as 'records'."""
        return feature_of(self.features, name)

    def having(self, *features: Feature, **changes: Any) -> Scenario:
        """The scenario with some features, and other fields, replaced: `scenario.having(Records(lag=2), days=28)`."""
        return replace(self, features=replaced(self.features, features), **changes)

    def settings(self, group: str) -> tuple[Any, ...]:
        """The parts that hold the settings of a group (see `setting_groups`)."""
        base = (getattr(self, group),) if group in BASE_GROUPS else ()
        return (*base, *(feature for feature in self.features if feature.group == group))

    def changed(self, group: str, given: Mapping[str, Any]) -> list[Any]:
        """The parts of a group with some of its settings replaced."""
        return [replace(part, **_of_part(type(part), given)) for part in self.settings(group)]

    @cached_property
    def categories(self) -> set[str]:
        """Categories that items have."""
        return {item.category for item in self.items}

    @property
    def horizon(self) -> int:
        """Days simulated: warm-up and measured days."""
        return self.warm_up + self.days

    def breaks_packs(self, lane: Lane) -> bool:
        """Whether goods are picked by the unit on a lane: as it says, else on lanes between the scenario's own sites.

        >>> from restock.sim.planning.example import one_shop
        >>> shop = one_shop().scenario
        >>> shop.breaks_packs(shop.lanes[0]), shop.breaks_packs(Lane("store", "kiosk"))
        (False, True)
        """
        if lane.break_packs is not None:
            return lane.break_packs
        return any(site.name == lane.source for site in self.sites)

    @cached_property
    def parent(self) -> np.ndarray:
        """Index of the serving site, -1 where the item's supplier delivers; shape (sites,)."""
        return read_only(np.array(tree_order(self.sites)[0], dtype=np.int64))

    @cached_property
    def tier(self) -> np.ndarray:
        """Longest way down to a site that serves no other; shape (sites,)."""
        return read_only(np.array(tree_order(self.sites)[1], dtype=np.int64))

    @cached_property
    def bottom_up(self) -> np.ndarray:
        """Site indices in the order in which they decide in the evening: by tier, then as listed."""
        return read_only(np.lexsort((np.arange(len(self.sites)), self.tier)))

    @cached_property
    def stocked(self) -> np.ndarray:
        """Cells that exist: customers ask there, or at a site below; shape (items, sites), bool."""
        out = self.demand.asked.copy()
        for n in self.bottom_up:
            if self.parent[n] >= 0:
                out[:, self.parent[n]] |= out[:, n]
        return read_only(out)

    @cached_property
    def lane_of(self) -> np.ndarray:
        """Index of the lane that brings each item to each site; -1 where the item is not stocked."""
        index = {(lane.source, lane.destination): k for k, lane in enumerate(self.lanes)}
        out = np.full((len(self.items), len(self.sites)), -1, dtype=np.int32)
        suppliers = np.array([item.supplier for item in self.items])
        for n, site in enumerate(self.sites):
            stocked = self.stocked[:, n]
            sources = np.full(len(self.items), site.served_by) if site.served_by else suppliers
            for source in dict.fromkeys(sources[stocked].tolist()):
                here = stocked & (sources == source)
                if (source, site.name) not in index:
                    item = self.items[int(here.argmax())].name
                    raise InputError(f"no lane from '{source}' to '{site.name}', needed to bring item '{item}' there")
                out[here, n] = index[source, site.name]
        return read_only(out)


BASE_GROUPS: dict[str, type] = {"costs": Costs}


def setting_groups() -> dict[str, tuple[type, ...]]:
    """Settings of costs and features by the name under which they are given: the dataclasses whose fields they are.

    >>> [kind.__name__ for kind in setting_groups()["costs"]]
    ['Costs', 'UnitCosts']
    """
    out: dict[str, tuple[type, ...]] = {name: (kind,) for name, kind in BASE_GROUPS.items()}
    for kind in feature_kinds():
        out[kind.group] = (*out.get(kind.group, ()), kind)
    return out


def parts_of_group(group: str, given: Mapping[str, Any], where: str) -> list[Any]:
    """The parts of a group, made of its settings by name.

    >>> [type(part).__name__ for part in parts_of_group("costs", {"count_cost": 2.0}, "of costs")]
    ['Costs', 'UnitCosts']
    """
    kinds = setting_groups()[group]
    check_keys(given, [f.name for kind in kinds for f in fields(kind)], where)
    return [part_of(kind, _of_part(kind, given), where) for kind in kinds]


def fields_of_parts(parts: Mapping[str, Iterable[Any]]) -> dict[str, Any]:
    """The fields of a scenario that the parts of groups are.

    >>> fields_of_parts({"costs": [Costs(count_cost=2.0)]})["costs"].count_cost
    2.0
    """
    out: dict[str, Any] = {"features": []}
    for group, of_group in parts.items():
        for part in of_group:
            if isinstance(part, Feature):
                out["features"].append(part)
            else:
                out[group] = part
    return out


def _of_part(kind: type, given: Mapping[str, Any]) -> dict[str, Any]:
    return {f.name: given[f.name] for f in fields(kind) if f.name in given}


def _unique(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        require(name not in seen, f"{what} '{name}' is given twice; names must be unique")
        seen.add(name)


def scenario_of(
    name: str,
    items: Iterable[Item],
    sites: Iterable[Site],
    lanes: Iterable[Lane],
    demand: Mapping[tuple[str, str], Law],
    season: Season | None = None,
    **settings: object,
) -> Scenario:
    """A scenario from a mapping of (item name, site name) to the law of one day's demand.

    >>> from restock.sim.probability.laws import Poisson
    >>> shop = scenario_of("shop", [Item("milk")], [Site("store")], [Lane("supplier", "store")],
    ...                    {("milk", "store"): Poisson(4.0)})
    >>> shop.stocked.tolist(), shop.horizon
    ([[True]], 364)
    """
    items, sites = tuple(items), tuple(sites)
    item_index = {item.name: i for i, item in enumerate(items)}
    site_index = {site.name: n for n, site in enumerate(sites)}
    laws: dict[Law, int] = {}
    law_of = np.full((len(items), len(sites)), -1, dtype=np.int32)
    for (item, site), law in demand.items():
        if item not in item_index:
            raise unknown("item", item, item_index, "in the demand")
        if site not in site_index:
            raise unknown("site", site, site_index, "in the demand")
        law_of[item_index[item], site_index[site]] = laws.setdefault(law, len(laws))
    seasons = (season or Season(),)
    return Scenario(name, items, sites, tuple(lanes), Demand(tuple(laws), law_of, seasons), **settings)  # type: ignore[arg-type]
