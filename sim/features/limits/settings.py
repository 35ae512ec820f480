"""Limits that items share: what a supplier ships in a night, what a DC handles, what its trucks take; and what may be
ordered (`ordering_settings`).

What limits shipping carries: units that do not leave tonight stay owed, are on order once, and are never asked again.
What limits ordering drops.
Loads are in volumes (`volume` of an item, 1 unless it says otherwise), in whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from restock.sim.checks import check_fields, check_mapping, part_of
from restock.sim.errors import require, unknown
from restock.sim.features.limits.granting import SHARES
from restock.sim.features.limits.measures import JOINT_ORDERS, LIMITS, SHELVES, SPACE_AND_BUDGETS
from restock.sim.features.limits.ordering_arrays import NOT_OF_ITEMS
from restock.sim.features.limits.ordering_settings import Budget, Joint, budgets, check_ordering, joint_orders
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature, OwnSetting
from restock.sim.model.network import WEEKDAYS

if TYPE_CHECKING:
    from restock.sim.engines.events.between import BetweenSites
    from restock.sim.engines.events.engine import Run
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.model.feature import Making
    from restock.sim.model.scenario import Scenario

MOST = 10**9  # of a load
MOST_TRUCKS = 1000  # a night


def _whole(where: str, value: int, least: int, most: int = MOST) -> None:
    require(least <= value <= most, f"{where} must be a whole number from {least} to {most:,}, got {value}")


def _share(where: str, value: str) -> None:
    if value not in SHARES:
        raise unknown(f"{where} share", str(value), SHARES, "")


@dataclass(frozen=True)
class OfSupplier:
    """What a supplier ships in a night, to all sites.

    Parameters
    ----------
    capacity : int
        Volumes.
    share : 'proportional', 'priority' or 'neediest'
        Who gets it where it is short: see `Limits`.

    >>> OfSupplier(5000).share
    'proportional'
    """

    capacity: int
    share: str = "proportional"

    def __post_init__(self) -> None:
        check_fields(self, "limits.suppliers.")


@dataclass(frozen=True)
class OfSite:
    """What a site that serves others handles in a night, for all of them; and what has room at any site.

    Parameters
    ----------
    handling : int or None
        Volumes, shared among its lanes in proportion to what they ask for; None: any.
    space : int or None
        Volumes that may be on hand and on order there, by the book, less what is promised; None: any.
    share : 'proportional', 'priority' or 'neediest'
        How what a lane may take, of what it handles or of its trucks, is shared among its items; and space, among the
        orders that it is for.

    >>> OfSite(handling=20000).handling
    20000
    """

    handling: int | None = None
    share: str = "proportional"
    space: int | None = None

    def __post_init__(self) -> None:
        check_fields(self, "limits.sites.")


@dataclass(frozen=True)
class Trucks:
    """The trucks of each lane from a site to one that it serves.

    Parameters
    ----------
    capacity : int
        Volumes of a truck.
    per_night : int
        Trucks of a lane in a night, at most.
    minimum : int
        Volumes without which none leaves; 1: any load will do.
    wait : int
        A truck leaves with less where something was first left behind so many nights ago.
    cost : float
        Money for a truck.
    days : tuple of weekdays
        On whose nights trucks leave.

    >>> Trucks(capacity=1200, minimum=700, wait=2).per_night
    1
    """

    capacity: int
    per_night: int = 1
    minimum: int = 1
    wait: int = 0
    cost: float = 0.0
    days: tuple[str, ...] = WEEKDAYS

    def __post_init__(self) -> None:
        check_fields(self, "limits.trucks.")


@dataclass(frozen=True)
class Limits(Feature):
    """Limits that items share; the default is none.

    Parameters
    ----------
    suppliers, sites, trucks : mappings of a name to `OfSupplier`, `OfSite` or `Trucks`
        Trucks by the site that they leave from.
    joint : mapping of site to mapping of source to `Joint`
        Terms of a site's orders with a source: an outside supplier, or the site that serves it.
    budgets : mapping of a name to `Budget`

    Where a limit is short, `share` says who gets what, cells in the order of items, then of sites: in proportion to
    what each asks for, by cumulative rounding from a turn that goes on with the day, so that each gets its part within
    a unit and what it cannot use goes to the next; by priority, the first listed first; or the neediest first, by whole
    days of cover, in proportion where these are the same.

    >>> Limits(suppliers={"overseas": {"capacity": 5000}}).of_suppliers["overseas"].capacity
    5000
    """

    name: ClassVar[str] = "limits"
    group: ClassVar[str] = "limits"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "limits": ("used", "suppliers"),
        "shelves": ("shelves",),
        "joint_orders": ("joints",),
        "space_and_budgets": ("spaces", "budgets"),
    }
    books: ClassVar[tuple[Books, ...]] = (LIMITS, SHELVES, JOINT_ORDERS, SPACE_AND_BUDGETS)
    item_settings: ClassVar[tuple[OwnSetting, ...]] = (
        OwnSetting("volume", int, check=lambda name, value, of: _whole(f"{name} {of}", value or 1, 1, 10_000)),
        OwnSetting("shelf", int, check=lambda name, value, of: _whole(f"{name} {of}", value or 1, 1)),
    )
    """What a unit takes of a truck, and of the other limits; without: 1. Units that may be on hand and on order, by
    the book, less what is promised, at each site that serves no other; without: any."""
    not_of_items: ClassVar[tuple[str, ...]] = (
        "capacity", "supplier_share", "limited", "handling", "site_share", "room", "truck_capacity", "minimum", "wait",
        "truck_days", "cost", *NOT_OF_ITEMS,
    )  # fmt: skip

    suppliers: Mapping[str, Any] = field(default_factory=dict)
    sites: Mapping[str, Any] = field(default_factory=dict)
    trucks: Mapping[str, Any] = field(default_factory=dict)
    joint: Mapping[str, Any] = field(default_factory=dict)
    budgets: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_fields(self, "limits.")
        for name in ("suppliers", "sites", "trucks"):
            object.__setattr__(self, name, _plain(f"limits.{name}", getattr(self, name)))
        joint = check_mapping("limits.joint", self.joint or {})
        object.__setattr__(self, "joint", {site: _plain(f"limits.joint.{site}", each) for site, each in joint.items()})
        object.__setattr__(self, "budgets", _plain("limits.budgets", self.budgets))
        for name, budget in self.of_budgets.items():
            _share(f"limits.budgets.{name}", budget.share)
        _ = self.of_joint
        for name, supplier in self.of_suppliers.items():
            _whole(f"limits.suppliers.{name}.capacity", supplier.capacity, 1)
            _share(f"limits.suppliers.{name}", supplier.share)
        for name, site in self.of_sites.items():
            _whole(f"limits.sites.{name}.handling", MOST if site.handling is None else site.handling, 1)
            _whole(f"limits.sites.{name}.space", MOST if site.space is None else site.space, 1)
            _share(f"limits.sites.{name}", site.share)
        for name, trucks in self.of_trucks.items():
            _check_trucks(f"limits.trucks.{name}", trucks)

    @cached_property
    def of_suppliers(self) -> dict[str, OfSupplier]:
        """Limits of suppliers by name."""
        return _parts(OfSupplier, self.suppliers, "suppliers")

    @cached_property
    def of_sites(self) -> dict[str, OfSite]:
        """Limits of sites by name."""
        return _parts(OfSite, self.sites, "sites")

    @cached_property
    def of_trucks(self) -> dict[str, Trucks]:
        """Trucks by the site that they leave from."""
        return _parts(Trucks, self.trucks, "trucks")

    @cached_property
    def of_joint(self) -> dict[tuple[str, str], Joint]:
        """Terms of joint orders by site and source."""
        return joint_orders(self.joint)

    @cached_property
    def of_budgets(self) -> dict[str, Budget]:
        """Budgets by name."""
        return budgets(self.budgets)

    @cached_property
    def space(self) -> dict[str, int]:
        """Volumes that have room at a site, by name."""
        return {name: site.space for name, site in self.of_sites.items() if site.space is not None}

    def check(self, scenario: Scenario) -> None:
        """Every name is one that the scenario has, and no item is too large for a limit that it has to pass."""
        suppliers = {item.supplier for item in scenario.items}
        for name in self.suppliers:
            if name not in suppliers:
                raise unknown("supplier", name, suppliers, "of limits.suppliers")
        serving = {site.served_by for site in scenario.sites} - {None, ""}
        for group, names in (("sites", self.sites), ("trucks", self.trucks)):
            for name in names:
                if name not in {site.name for site in scenario.sites}:
                    raise unknown("site", name, {site.name for site in scenario.sites}, f"of limits.{group}")
                serves = name in serving or (group == "sites" and self.of_sites[name].handling is None)
                require(serves, f"site '{name}' of limits.{group} serves no other site")
        self._check_volumes(scenario)
        check_ordering(scenario, self.of_joint, self.of_budgets, self.space)

    def _check_volumes(self, scenario: Scenario) -> None:
        for item in scenario.items:
            volume = item.own.get("volume") or 1
            rooms: dict[str, int | None] = {}
            rooms |= {f"limits.sites.{name}.handling": each.handling for name, each in self.of_sites.items()}
            rooms |= {f"limits.trucks.{name}.capacity": each.capacity for name, each in self.of_trucks.items()}
            if item.supplier in self.of_suppliers:
                rooms[f"limits.suppliers.{item.supplier}.capacity"] = self.of_suppliers[item.supplier].capacity
            for name, room in rooms.items():
                fits = room is None or volume <= room
                require(fits, f"{name} is {room}, and a unit of item '{item.name}' has volume {volume}: none would "
                              "ever leave")  # fmt: skip

    def alone(self, scenario: Scenario, i: int, rate: Any) -> tuple[Feature, dict[str, Any]]:
        """An item alone shares with nobody: it has all of each limit."""
        return Limits(), {}

    def dearest_unit(self, arrays: Any) -> float:
        """A night's load stays below 2**40, whatever is ordered: see `model.bounds.most_units`."""
        return arrays.cells * int(arrays.volume.max()) * 2.0**20 / arrays.horizon if arrays.used else 0.0

    def arrays(self, making: Making) -> Any:
        from restock.sim.features.limits.arrays import limit_arrays

        return limit_arrays(self, making)

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.limits.joint_lanes import LANES as OF_JOINT_ORDERS
        from restock.sim.features.limits.lanes import LANES
        from restock.sim.features.limits.room_lanes import LANES as OF_ROOM
        from restock.sim.features.limits.shelf_lanes import LANES as OF_SHELVES

        return LANES | OF_SHELVES | OF_JOINT_ORDERS | OF_ROOM

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.limits.steps import LimitSteps

        of = site.run.prepared.world.features.limits
        return LimitSteps(site) if of.used or of.shelves else None

    def between_sites(self, run: Run) -> BetweenSites | None:
        from restock.sim.features.limits.steps import BuyersAndSuppliers

        of = run.prepared.world.features.limits
        return BuyersAndSuppliers(run) if of.suppliers or of.budgets else None


def _plain(where: str, given: Any) -> dict[str, Any]:
    """Settings by name as plain mappings."""
    each = check_mapping(where, given or {})
    return {name: dict(check_mapping(f"{where}.{name}", mine or {})) for name, mine in each.items()}


def _parts(kind: Any, given: Mapping[str, Any], group: str) -> dict[str, Any]:
    out = {}
    for name, each in given.items():
        need = [key for key in ("capacity",) if kind is not OfSite and each.get(key) is None]
        require(not need, f"limits.{group}.{name} needs a capacity, such as {{capacity: 1200}}")
        out[name] = part_of(kind, each, f"of limits.{group}.{name}")
    return out


def _check_trucks(where: str, trucks: Trucks) -> None:
    _whole(f"{where}.capacity", trucks.capacity, 1)
    _whole(f"{where}.per_night", trucks.per_night, 1, MOST_TRUCKS)
    room = trucks.capacity * trucks.per_night
    require(room <= MOST, f"{where}: capacity x per_night must not exceed {MOST:,}, got {room:,}")
    _whole(f"{where}.wait", trucks.wait, 0, 1000)
    good = 1 <= trucks.minimum <= room
    require(
        good, f"{where}.minimum must be a whole number from 1 to {room:,}, capacity x per_night, got {trucks.minimum}"
    )
    require(0 <= trucks.cost <= 10**6, f"{where}.cost must be a number from 0 to 1,000,000, got {trucks.cost}")
    for day in trucks.days:
        if day not in WEEKDAYS:
            raise unknown("day", str(day), WEEKDAYS, f"of {where}.days")
    require(len(trucks.days) > 0, f"{where}.days must name at least one weekday")
