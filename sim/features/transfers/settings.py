"""Transfers between the stores of a region: at once for customers who find an empty shelf, overnight by days of cover,
and from time to time so that all of them cover the same days.

Most of what multi-location adds to a chain is imbalance: one store is short of what lies at another. How large it is
is told where regions are named, whether or not anything moves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from restock.sim.checks import check_fields, check_mapping, part_of
from restock.sim.errors import require, unknown
from restock.sim.features.transfers.measures import TRANSFERS
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature
from restock.sim.probability.laws import Constant, Law, law_from

if TYPE_CHECKING:
    from restock.sim.engines.events.between import BetweenSites
    from restock.sim.engines.events.engine import Run
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.transfers.arrays import TransferArrays
    from restock.sim.model.feature import Making
    from restock.sim.model.scenario import Scenario

BY_DC = "by_dc"
LONGEST_TRANSIT = 28  # days
MOST_DAYS = 10_000  # of cover, or between two rebalancings


def _days(name: str, value: float, most: float = MOST_DAYS) -> None:
    good = isinstance(value, (int, float)) and math.isfinite(value) and 0 <= value <= most
    require(good, f"transfers.{name} must be a number of days from 0 to {most:,}, got {value}")


def _whole(name: str, value: int, least: int, most: int = MOST_DAYS) -> None:
    require(least <= value <= most, f"transfers.{name} must be a whole number from {least} to {most:,}, got {value}")


@dataclass(frozen=True)
class Overnight:
    """Transfers by cover, decided in the evening: who has too little for the days until one could come, gets more.

    Parameters
    ----------
    low : float
        Days of mean demand. A store whose cover is not above them asks; 0: one that has nothing.
    to : float or None
        Days up to which it asks; None: `low`.
    high : float
        Days above which a store gives, and down to which; at least `to`, so that nobody gives and takes.
    every : int
        Days between two such evenings: days `every` - 1, 2 `every` - 1, ... of the run.

    >>> Overnight(low=2, high=14).to_days
    2
    """

    low: float = 0.0
    to: float | None = None
    high: float = 14.0
    every: int = 1

    def __post_init__(self) -> None:
        check_fields(self, "transfers.overnight.")
        for name in ("low", "high"):
            _days(f"overnight.{name}", getattr(self, name))
        _days("overnight.to", self.to_days)
        _whole("overnight.every", self.every, 1)
        require(
            self.low <= self.to_days <= self.high,
            "transfers.overnight: low, to and high must not fall from one to the next, "
            f"got {self.low:g}, {self.to_days:g} and {self.high:g}",
        )

    @property
    def to_days(self) -> float:
        """Days of cover up to which a store asks."""
        return self.low if self.to is None else self.to


@dataclass(frozen=True)
class Rebalance:
    """From time to time a region's stock is spread anew, in proportion to mean demand, in place of transfers by cover.

    Parameters
    ----------
    every : int
        Days between two such evenings.
    first : int
        The first measured day on which it is done (those of the warm-up are so many times `every` before).

    >>> Rebalance(every=28, first=20).first
    20
    """

    every: int = 28
    first: int = 0

    def __post_init__(self) -> None:
        check_fields(self, "transfers.rebalance.")
        _whole("rebalance.every", self.every, 1)
        _whole("rebalance.first", self.first, 0)


@dataclass(frozen=True)
class Floor:
    """What a giving store keeps: the larger of units and days of mean demand.

    >>> Floor(units=1, days=3).days
    3
    """

    units: int = 0
    days: float = 0.0

    def __post_init__(self) -> None:
        check_fields(self, "transfers.floor.")
        _whole("floor.units", self.units, 0, 10**9)
        _days("floor.days", self.days)


@dataclass(frozen=True)
class Transfers(Feature):
    """Transfers between stores; the default is no region, and so none.

    Parameters
    ----------
    regions : 'by_dc', mapping of name to sites, or None
        Sites that may send each other goods, all of which serve no other site. 'by_dc': the stores of each DC.
    at_once : bool
        Customers who find an empty shelf get units of another store of the region the same day: the sale is that of
        the store where they asked.
    overnight : Overnight or None
    rebalance : Rebalance or None
    floor : Floor
    least : int
        Units of the smallest transfer.
    transit : Law
        Days from the evening on which goods leave to the morning on which they come, 1 to 28, drawn for each day and
        receiving store: what comes from others on one night travels together.
    cost_per_unit, cost_per_line : float
        Money for a unit, and for a transfer of an item from one store to another.

    >>> Transfers("by_dc", at_once=True, overnight={"low": 2, "high": 14}).overnight.high
    14
    """

    name: ClassVar[str] = "transfers"
    group: ClassVar[str] = "transfers"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {"transfers": ("used",)}
    flows: ClassVar[tuple[str, ...]] = ("transferred_in", "transferred_out")
    books: ClassVar[tuple[Books, ...]] = (TRANSFERS,)
    not_of_items: ClassVar[tuple[str, ...]] = ("region_first", "region_site", "region_of")

    regions: Any = None
    at_once: bool = False
    overnight: Overnight | None = None
    rebalance: Rebalance | None = None
    floor: Floor = field(default_factory=Floor, metadata={"written": None})
    least: int = 1
    transit: Law = field(default_factory=lambda: Constant(1), metadata={"written": 1})
    cost_per_unit: float = 0.0
    cost_per_line: float = 0.0

    def __post_init__(self) -> None:
        check_fields(self, "transfers.")
        for name, kind in (("overnight", Overnight), ("rebalance", Rebalance), ("floor", Floor)):
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, part_of(kind, given, f"of transfers.{name}"))
        object.__setattr__(self, "floor", self.floor or Floor())
        transit = law_from(1 if self.transit is None else self.transit, "of transfers.transit")
        object.__setattr__(self, "transit", transit)
        _whole("least", self.least, 1, 10**9)
        for name in ("cost_per_unit", "cost_per_line"):
            value = getattr(self, name)
            require(value >= 0, f"transfers.{name} must be a number not below 0, got {value}")
        p = self.transit.pmf()
        shortest, longest = int((p > 0).argmax()), len(p) - 1
        allowed = f"transfers.transit must be a law on 1 to {LONGEST_TRANSIT} days"
        require(1 <= shortest <= longest <= LONGEST_TRANSIT, f"{allowed}, got one that allows {shortest} to {longest}")
        self._check_regions()

    def _check_regions(self) -> None:
        wanted = [name for name in ("at_once", "overnight", "rebalance") if getattr(self, name)]
        example = "transfers.regions=by_dc, or +transfers.regions.north=[store_1,store_2]"
        require(not wanted or bool(self.regions), f"transfers.{(wanted or [''])[0]} needs regions, such as {example}")
        if self.regions is None or self.regions == BY_DC:
            return
        good = not isinstance(self.regions, str)
        require(good, f"transfers.regions must be by_dc or lists of sites by name, such as {example}; "
                f"got '{self.regions}'")  # fmt: skip
        named = {}
        for region, sites in check_mapping("transfers.regions", self.regions).items():
            listed = isinstance(sites, (list, tuple)) and all(isinstance(site, str) for site in sites)
            require(listed and len(sites) > 0, f"transfers.regions.{region} must be a list of sites, got {sites!r}")
            named[region] = tuple(sites)
        object.__setattr__(self, "regions", named)

    def check(self, scenario: Scenario) -> None:
        """Every site named is there, in one region alone, and serves no other."""
        if self.regions is None or self.regions == BY_DC:
            return
        known = [site.name for site in scenario.sites]
        serving = {site.served_by for site in scenario.sites}
        region_of: dict[str, str] = {}
        for region, sites in self.regions.items():
            for site in sites:
                if site not in known:
                    raise unknown("site", site, known, f"of transfers.regions.{region}")
                before = region_of.setdefault(site, region)
                twice = f"site '{site}' stands in transfers.regions.{before}"
                require(before == region, f"{twice} and in transfers.regions.{region}; allowed: one region at most")
                require(sites.count(site) == 1, f"{twice} more than once")
                require(site not in serving, f"site '{site}' of transfers.regions.{region} serves other sites; "
                        "transfers are between sites that serve none")  # fmt: skip

    def arrays(self, making: Making) -> TransferArrays:
        from restock.sim.features.transfers.arrays import transfer_arrays

        return transfer_arrays(self, making)

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.transfers.lanes import LANES

        return LANES

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.transfers.steps import StoreSteps

        return StoreSteps(site) if site.run.prepared.world.features.transfers.used else None

    def between_sites(self, run: Run) -> BetweenSites | None:
        from restock.sim.features.transfers.steps import RegionSteps

        return RegionSteps(run) if run.prepared.world.features.transfers.used else None
