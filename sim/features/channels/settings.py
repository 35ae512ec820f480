"""Channels: a share of each store's customers orders in place of walking in, and is served there, from the DC that
serves the store, or from stores.

They share stock: a site serves them by rank, a channel leaves its reserve to others, and what a DC keeps stores may not
have at night. A channel that sells by a view of stock, refreshed every so many evenings, refuses what is there, and
sells what is not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restock.sim.checks import check_fields, check_mapping, check_share, part_of
from restock.sim.errors import require, unknown
from restock.sim.features.channels.measures import BOOKS, MOST_CHANNELS, SLOTS
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature
from restock.sim.model.streams.streams import Stream
from restock.sim.model.unit_limits import LARGEST_UNITS

if TYPE_CHECKING:
    from restock.sim.engines.events.between import BetweenSites
    from restock.sim.engines.events.engine import Run
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.channels.arrays import ChannelArrays
    from restock.sim.model.feature import Making
    from restock.sim.model.scenario import Scenario

SERVED = ("own_store", "dc", "stores")
OVERSOLD = ("cancelled", "waits")
WALK_INS = "walk_ins"
MOST_DAYS, LAST_RANK = 10_000, 1000
EXAMPLE = "+channels.by_name.online={share: 0.15, served: dc}"


@dataclass(frozen=True)
class Channel:
    """A channel.

    Parameters
    ----------
    share : float
        Of each store's law of demand, of the same family, drawn apart.
    served : 'own_store', 'dc' or 'stores'
        From the shelf of the store; by the DC that serves it; or by stores of regions (`transfers`) that this DC
        serves, what the DC cannot with `dc_first`, else all of it. A store that no DC serves has no such customers.
    rank : int
        A site serves lower ranks first; those who walk in have rank 1, and come first on ties, then channels as listed.
    reserve, reserve_days : int, float
        Units, and days of the site's mean demand (rounded up), that the channel leaves on the shelf; the larger.
    keep, keep_days : int, float
        Of one that a DC serves: units, and days of the channel's own mean demand there (rounded up), that stores may
        not have at night; the larger, and of all channels together.
    backorder_share : float or None
        Of its unmet demand, what waits; None: as the item has it.
    cost_per_unit : float
        Money for a unit handed over or promised.
    view_every : int or None
        It sells by a view of stock that is refreshed on every so manieth evening; None: it looks at the shelf.
    buffer : int
        Units by which the view is less than the record.
    oversold : 'cancelled' or 'waits'
        What becomes of units that were accepted by the view and are not there.
    oversell_cost : float
        Money for a unit that is cancelled.

    >>> Channel(0.15, "dc", keep_days=2).rank
    1
    """

    share: float
    served: str
    rank: int = 1
    reserve: int = 0
    reserve_days: float = 0.0
    keep: int = 0
    keep_days: float = 0.0
    backorder_share: float | None = None
    cost_per_unit: float = 0.0
    view_every: int | None = None
    buffer: int = 0
    oversold: str = "cancelled"
    oversell_cost: float = 0.0
    dc_first: bool = True

    def __post_init__(self) -> None:
        check_fields(self)
        check_share("share", self.share)
        for name, allowed in (("served", SERVED), ("oversold", OVERSOLD)):
            if getattr(self, name) not in allowed:
                raise unknown(name, getattr(self, name), allowed)
        for name, most in (("rank", LAST_RANK), ("reserve", LARGEST_UNITS), ("keep", LARGEST_UNITS),
                           ("buffer", LARGEST_UNITS)):  # fmt: skip
            value = getattr(self, name)
            require(0 <= value <= most, f"{name} must be a whole number from 0 to {most:,}, got {value}")
        for name in ("reserve_days", "keep_days"):
            value = getattr(self, name)
            good = math.isfinite(value) and 0 <= value <= MOST_DAYS
            require(good, f"{name} must be a number of days from 0 to {MOST_DAYS:,}, got {value}")
        if self.backorder_share is not None:
            check_share("backorder_share", self.backorder_share)
        for name in ("cost_per_unit", "oversell_cost"):
            value = getattr(self, name)
            require(value >= 0, f"{name} must be a number not below 0, got {value}")
        self._check_view()
        keeps = self.keep > 0 or self.keep_days > 0
        require(not keeps or self.from_dc, f"keep is of what a DC serves, and the channel is served: {self.served}")

    def _check_view(self) -> None:
        if self.view_every is None:
            for name in ("buffer", "oversell_cost"):
                value = getattr(self, name)
                require(value == 0, f"{name} is of a view of stock, which needs view_every; got {name} {value:g}")
            require(self.oversold == "cancelled", "oversold is of a view of stock, which needs view_every")
            return
        good = 1 <= self.view_every <= MOST_DAYS
        require(good, f"view_every must be a whole number of days from 1 to {MOST_DAYS:,}, got {self.view_every}")
        good = self.served != "stores"
        require(good, "view_every is of one stock, and the channel is served from stores: leave it out")
        good = self.oversold == "cancelled" or self.oversell_cost == 0
        require(good, f"oversell_cost is of units that are cancelled, got {self.oversell_cost:g} with oversold: waits")

    @property
    def from_dc(self) -> bool:
        """Whether a DC serves it from its own stock."""
        return self.served == "dc" or (self.served == "stores" and self.dc_first)


@dataclass(frozen=True)
class Channels(Feature):
    """Channels by name, in the order in which they are listed; the default is none: all customers walk in.

    Parameters
    ----------
    active : bool
        False: all customers walk in, whatever channels are named.
    by_name : mapping of name to Channel

    >>> Channels(by_name={"online": {"share": 0.15, "served": "dc"}}).channels["online"].share
    0.15
    """

    name: ClassVar[str] = "channels"
    group: ClassVar[str] = "channels"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {"channels": ("used",)}
    book_parts: ClassVar[Mapping[str, tuple[str, ...]]] = {slot: (f"has_{slot}",) for slot in SLOTS}
    books: ClassVar[tuple[Books, ...]] = BOOKS
    not_of_items: ClassVar[tuple[str, ...]] = (
        "at", "here", "order", "from_stores", "from_shelf", "upto", "purpose", "waits_purpose", "view_every", "buffer",
        "oversold_waits", "dc", "first_giver", "giver",
    )  # fmt: skip

    active: bool = True
    by_name: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_fields(self, "channels.")
        given = check_mapping("channels.by_name", self.by_name or {})
        object.__setattr__(self, "by_name", {name: _plain(name, each) for name, each in given.items()})
        require(WALK_INS not in given, f"a channel may not be called {WALK_INS}: that is what all others are")
        many = len(given)
        require(many <= MOST_CHANNELS, f"channels.by_name names {many} channels; allowed: at most {MOST_CHANNELS}")
        together = round(sum(each.share for each in self.parsed.values()), 9)
        require(together <= 1, f"shares of channels.by_name add up to {together:g}; allowed: at most 1, of which those "
                "who walk in keep the rest")  # fmt: skip

    @cached_property
    def parsed(self) -> dict[str, Channel]:
        """Channels by name, whether they are active or not."""
        return {name: part_of(Channel, each, f"of channels.by_name.{name}") for name, each in self.by_name.items()}

    @property
    def channels(self) -> dict[str, Channel]:
        """Channels by name that take a share of customers, in their order."""
        return {name: each for name, each in self.parsed.items() if self.active and each.share > 0}

    @property
    def customers_wait(self) -> bool:
        """Whether customers may wait of whom their items do not say so."""
        return any(each.backorder_share or each.oversold == "waits" for each in self.channels.values())

    def streams(self, scenario: Scenario) -> tuple[Stream, ...]:
        """A share of the demand of each site that serves no other, and who serves it."""
        sites = len(scenario.sites)
        parent = scenario.parent
        leaf = ~np.isin(np.arange(sites), parent)
        out = []
        for name, each in self.channels.items():
            at = np.arange(sites) if each.served == "own_store" else parent
            has = leaf & (at >= 0)
            planned = at if each.from_dc else np.arange(sites)  # who ships it, on average: the store it is ordered from
            out.append(Stream(name, np.where(has, each.share, 0.0), np.where(has, at, -1), np.where(has, planned, -1)))
        return tuple(out)

    def check(self, scenario: Scenario) -> None:
        """Somebody can serve every channel; only what is kept at a DC is out of reach of stores."""
        regions = scenario.feature("transfers").regions
        for name, each in self.channels.items():
            what = f"channel '{name}' is served: {each.served}"
            if each.served == "own_store":
                continue
            served = bool((scenario.parent >= 0).any())
            require(served, f"{what}, but no site serves another; allowed here: own_store")
            needs = "which needs regions of stores that may send goods, such as transfers.regions=by_dc"
            require(each.served != "stores" or regions is not None, f"{what}, {needs}")
            if each.served == "stores" and isinstance(regions, Mapping):
                named = {site for sites in regions.values() for site in sites}
                able = any(site.name in named and site.served_by for site in scenario.sites)
                require(able, f"{what}, but no DC serves a store of transfers.regions")

    def arrays(self, making: Making) -> ChannelArrays:
        from restock.sim.features.channels.arrays import channel_arrays

        return channel_arrays(self, making)

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.channels.lanes import LANES

        return LANES

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.channels.steps import ChannelSteps

        return ChannelSteps(site) if site.run.prepared.world.features.channels.used else None

    def between_sites(self, run: Run) -> BetweenSites | None:
        from restock.sim.features.channels.steps import ShippingFromStores

        return ShippingFromStores(run) if run.prepared.world.features.channels.from_stores.any() else None


def _plain(name: str, each: Any) -> dict[str, Any]:
    """Settings of a channel as they are written."""
    if isinstance(each, Channel):
        return {key: value for key, value in vars(each).items() if value != getattr(Channel, key, None)}
    return dict(check_mapping(f"settings of channel '{name}'", each or {}))
