"""Items, sites and lanes: what is sold, where it is kept, and how it gets there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from restock.sim.checks import check_fields, check_mapping
from restock.sim.errors import InputError, require, unknown
from restock.sim.model.feature import HasOwn
from restock.sim.probability.laws import Constant, Law, law_from

SITE_KINDS = ("store", "dc")
ALLOCATIONS = ("proportional", "priority", "fair_share", "min_max_shortfall", "first_come")
SEES = ("stock", "record")
UNSHIPPED = ("owed", "cancelled")
MOST_TARGET_DAYS = 10_000
MOST_IN_ONE = 1e9  # units of the trade in one that is counted
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _not_negative(what: str, **numbers: float) -> None:
    for name, value in numbers.items():
        good = isinstance(value, (int, float)) and math.isfinite(value) and value >= 0
        require(good, f"{name} of {what} must be a number not below 0, got {value}")


def _whole(what: str, least: int, **numbers: int) -> None:
    for name, value in numbers.items():
        good = isinstance(value, (int, float)) and float(value).is_integer() and value >= least
        require(good, f"{name} of {what} must be a whole number not below {least}, got {value}")


@dataclass(frozen=True)
class Item(HasOwn):
    """Something bought and sold in whole units.

    Parameters
    ----------
    name : str
    category : str
        Items of a category share settings and rows of tables.
    supplier : str
        Delivers the item to every site that no other site serves.
    unit_cost : float
        Money for one unit, bought.
    unit_price : float
        Money for one unit, sold.
    pack : int
        Orders are rounded up to whole packs (unless the lane breaks packs).
    minimum_order : int
        Smallest order, in units; smaller orders are raised to it.
    backorder_share : float
        Share of unmet demand that waits (backorders); the rest is lost. 0: all lost, 1: all waits.
    counted_in : float
        Units of the trade in one unit here: 100 where an item is counted in lots of a hundred, 0.01 where goods sold by
        the kilogram are counted in 10 g. Measures in units are multiplied by it, so that items can be added up.
    own : mapping of setting to value
        What features let an item say of its own, in the place of what the scenario says of all: shrinkage, count_class,
        returns, shelf_life, issuing, selling_season (see `features`).

    >>> milk = Item.with_settings("milk", pack=6, shelf_life=7)
    >>> milk.own, milk.having(pack=1, shelf_life=None).own
    ({'shelf_life': 7}, {})
    """

    said_by: ClassVar[str] = "item_settings"

    name: str
    category: str = "all"
    supplier: str = "supplier"
    unit_cost: float = 1.0
    unit_price: float = 1.5
    pack: int = 1
    minimum_order: int = 0
    backorder_share: float = 0.0
    counted_in: float = 1.0
    own: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        what = f"item '{self.name}'"
        require(bool(self.name), "an item needs a name")
        _not_negative(what, unit_cost=self.unit_cost, unit_price=self.unit_price)
        _whole(what, 1, pack=self.pack)
        _whole(what, 0, minimum_order=self.minimum_order)
        good = isinstance(self.backorder_share, (int, float)) and 0 <= self.backorder_share <= 1
        require(good, f"backorder_share of {what} must lie between 0 and 1, got {self.backorder_share}")
        good = isinstance(self.counted_in, (int, float)) and 0 < self.counted_in <= MOST_IN_ONE
        require(good, f"counted_in of {what} must lie above 0 and not above {MOST_IN_ONE:g}, got {self.counted_in}")
        check_fields(self, after=f" of {what}")
        self.check_own(what)


@dataclass(frozen=True)
class Site:
    """A place that keeps stock: a store, or a DC that supplies the sites below it.

    Parameters
    ----------
    name : str
    kind : str
        'store' or 'dc'.
    served_by : str or None
        The site that supplies this one; None: each item's own supplier does.
    allocation : str
        How a short site shares what it has among the sites below: 'proportional' to what is owed (largest
        remainder), by 'priority' (the order in which the sites are listed), 'fair_share' (equal days of supply), or
        'min_max_shortfall' (unit by unit to the largest shortfall left), or 'first_come' (in full, in an order of the
        sites that is drawn for each item and night).
    target_days : float or None
        Of min_max_shortfall: days of mean demand that a site below should have, on hand and on its way; its shortfall
        is what it lacks of them. None: its shortfall is what it is owed.
    allocation_sees : str
        What sites below have is taken from their 'stock', or from their 'record', as it was posted last: fair_share,
        and min_max_shortfall with target_days, then decide by books that may be late and wrong.
    cross_dock : bool
        It keeps nothing: every night it shares out all it has among the sites below, by days of supply, and these place
        no orders.
    unshipped : str
        What could not be shipped stays 'owed', or is 'cancelled' the same night.

    >>> dc = Site("dc", "dc", allocation="min_max_shortfall", target_days=7)
    >>> dc.unshipped, dc.allocation_sees
    ('owed', 'stock')
    """

    name: str
    kind: str = "store"
    served_by: str | None = None
    allocation: str = "proportional"
    unshipped: str = "owed"
    target_days: float | None = None
    allocation_sees: str = "stock"
    cross_dock: bool = False

    def __post_init__(self) -> None:
        at = f"of site '{self.name}'"
        check_fields(self, after=f" {at}")
        require(bool(self.name), "a site needs a name")
        for what, given, allowed in (
            ("kind", self.kind, SITE_KINDS),
            ("allocation", self.allocation, ALLOCATIONS),
            ("unshipped", self.unshipped, UNSHIPPED),
            ("allocation_sees", self.allocation_sees, SEES),
        ):
            if given not in allowed:
                raise unknown(what, given, allowed, at)
        by_shortfall, days = self.allocation == "min_max_shortfall", self.target_days
        good = days is None or 0 <= days <= MOST_TARGET_DAYS
        require(good, f"target_days {at} must be a number of days from 0 to {MOST_TARGET_DAYS:,}, got {days}")
        good = days is None or by_shortfall
        require(good, f"target_days {at} needs allocation=min_max_shortfall, got '{self.allocation}'")
        looks = self.allocation == "fair_share" or (by_shortfall and days is not None)
        needs = "needs allocation=fair_share, or min_max_shortfall with target_days; others look at orders alone"
        good = looks or self.allocation_sees == "stock"
        require(good, f"allocation_sees=record {at} {needs}, got '{self.allocation}'")


@dataclass(frozen=True)
class Lane(HasOwn):
    """The way from a supplier or a site to a site: how long it takes, when it takes orders, what it costs.

    Parameters
    ----------
    source : str
        A site, or a supplier.
    destination : str
        A site.
    lead_time : Law
        Days from the night an order is shipped to the morning it arrives; at least 1. Shipments may cross.
    order_days : tuple of str
        Weekdays on which the destination may order ('mon' ... 'sun'); all seven by default.
    ordering_cost : float
        Money for each order line placed.
    transport_cost_per_unit : float
        Money for each unit received.
    break_packs : bool or None
        True: the source picks single units, so packs and minimum orders do not bind on this lane. None: packs and
        minimum orders are a supplier's terms, and bind on lanes from suppliers, not on those between own sites.
    lead_time_by_item : mapping of item to Law
        Lead times of items that take another than the lane's.
    own : mapping of setting to value
        What features let a lane say of its own (see `features`).

    >>> lane = Lane("dc", "store_1", Constant(2), order_days=("mon", "thu"))
    >>> bin(lane.order_day_mask)
    '0b1001'
    """

    said_by: ClassVar[str] = "lane_settings"

    source: str
    destination: str
    lead_time: Law = field(default_factory=lambda: Constant(1))
    order_days: tuple[str, ...] = WEEKDAYS
    ordering_cost: float = 0.0
    transport_cost_per_unit: float = 0.0
    break_packs: bool | None = None
    lead_time_by_item: Mapping[str, Law] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        what = f"lane '{self.source}' -> '{self.destination}'"
        check_fields(self, after=f" of {what}")
        for day in self.order_days:
            if day not in WEEKDAYS:
                raise unknown("order day", day, WEEKDAYS, f"of {what}")
        require(len(self.order_days) > 0, f"order_days of {what} must name at least one weekday")
        _not_negative(what, ordering_cost=self.ordering_cost, transport_cost_per_unit=self.transport_cost_per_unit)
        given = check_mapping(f"lead_time_by_item of {what}", self.lead_time_by_item or {})
        by_item = {name: law_from(law, f"of lead_time_by_item.{name} of {what}") for name, law in given.items()}
        object.__setattr__(self, "lead_time_by_item", by_item)
        for name, law in (("lead_time", self.lead_time), *((f"lead_time_by_item.{x}", y) for x, y in by_item.items())):
            shortest = int((law.pmf() > 0).argmax())
            require(shortest >= 1, f"{name} of {what} must be at least 1 day, got a law that allows {shortest}")
        self.check_own(what)

    def for_items(self, items: Iterable[str]) -> Lane:
        """The lane of a scenario that has these items only."""
        if not self.lead_time_by_item:
            return self
        kept = set(items)
        return self.having(lead_time_by_item={x: y for x, y in self.lead_time_by_item.items() if x in kept})

    @property
    def lead_times(self) -> tuple[Law, ...]:
        """All laws that shipments on it take: the lane's, and those of items that have their own."""
        return (self.lead_time, *self.lead_time_by_item.values())

    def lead_time_of(self, item: str) -> Law:
        """The law that an item's shipments take.

        >>> Lane("farm", "shop", Constant(2), lead_time_by_item={"figs": 9}).lead_time_of("figs")
        Constant(value=9)
        """
        return self.lead_time_by_item.get(item, self.lead_time)

    @property
    def order_day_mask(self) -> int:
        """The open weekdays as bits, Monday the lowest."""
        return sum(1 << WEEKDAYS.index(day) for day in set(self.order_days))


@dataclass(frozen=True)
class Costs:
    """What holding, lacking and having too much costs.

    Parameters
    ----------
    carrying_rate : float
        Cost of carrying stock for a year, as a share of its cost (capital, space, insurance, damage).
    goodwill_share : float
        Cost of a lost unit beyond its margin, as a share of its price.
    backorder_cost_per_day : float
        Cost of one unit waiting one day, as a share of its price.
    overstock_days : float
        Days of forward cover above which stock counts as overstock.
    count_cost : float
        Money for counting one item at one site once.

    >>> Costs(carrying_rate=0.3).overstock_days
    28.0
    >>> Costs(goodwill_share=-0.1)
    Traceback (most recent call last):
        ...
    restock.sim.errors.InputError: goodwill_share of costs must be a number not below 0, got -0.1
    """

    carrying_rate: float = 0.25
    goodwill_share: float = 0.0
    backorder_cost_per_day: float = 0.01
    overstock_days: float = 28.0
    count_cost: float = 0.0

    def __post_init__(self) -> None:
        names = ("carrying_rate", "goodwill_share", "backorder_cost_per_day", "overstock_days", "count_cost")
        _not_negative("costs", **{name: getattr(self, name) for name in names})
        check_fields(self, "costs.")


def tree_order(sites: tuple[Site, ...]) -> tuple[list[int], list[int]]:
    """Parents (-1: outside suppliers) and tiers (0: nothing below) of the sites; refuses loops and unknown names.

    >>> tree_order((Site("dc", "dc"), Site("store", served_by="dc")))
    ([-1, 0], [1, 0])
    """
    index = {site.name: n for n, site in enumerate(sites)}
    parent = []
    for site in sites:
        if site.served_by is not None and site.served_by not in index:
            raise unknown("served_by", site.served_by, index, f"of site '{site.name}'")
        parent.append(-1 if site.served_by is None else index[site.served_by])
    tier = [0] * len(sites)
    for start in range(len(sites)):
        path = [start]
        while parent[path[-1]] >= 0:
            path.append(parent[path[-1]])
            if path[-1] in path[:-1]:
                loop = path[path.index(path[-1]) :]
                raise InputError(
                    "sites serve each other in a loop: "
                    + " -> ".join(f"'{sites[n].name}'" for n in loop)
                    + "; served_by must lead to a site that outside suppliers serve"
                )
            tier[path[-1]] = max(tier[path[-1]], len(path) - 1)
    return parent, tier
