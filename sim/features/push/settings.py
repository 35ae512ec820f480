"""Goods that a DC sends without an order: a season's buy pushed in waves, and cross-docks, which keep nothing.

Whoever pushes orders for the store: of what is sent, a unit that the store is owed is off what it is owed, and any
other is entered as an order of tonight, placed by the DC. So books, fill rates and cycles stay what they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from restock.sim.checks import check_fields, check_keys, check_mapping, check_share, fitting
from restock.sim.errors import require, unknown
from restock.sim.features.push.measures import PUSHED
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.push.arrays import PushArrays
    from restock.sim.model.feature import Making
    from restock.sim.model.scenario import Scenario

WAYS = ("fair_share", "proportional", "expected_sales")
EXAMPLE = "+push.waves.dc=[{day: 0, share: 0.7, by: expected_sales}]"


@dataclass(frozen=True)
class Wave:
    """One night on which a DC pushes.

    Parameters
    ----------
    day : int
        The measured day.
    share : float
        Share of what the DC then has on hand.
    by : str
        To whom: unit by unit to the store with the fewest days of supply ('fair_share'); in proportion to mean demand
        ('proportional'); unit by unit to the store whose next unit sells with the greatest chance over the rest of the
        season ('expected_sales').

    >>> Wave(day=0, share=0.7).by
    'expected_sales'
    """

    day: int = 0
    share: float = 1.0
    by: str = "expected_sales"

    def __post_init__(self) -> None:
        check_fields(self, "push: ", " of a wave")
        require(self.day >= 0, f"push: day of a wave must be a measured day, from 0 on, got {self.day}")
        check_share("push: share of a wave", self.share)
        if self.by not in WAYS:
            raise unknown("by", self.by, WAYS, "of a wave of push")


@dataclass(frozen=True)
class Push(Feature):
    """Waves of a season's buy; the default is none. Cross-docks are settings of sites.

    Parameters
    ----------
    waves : mapping of DC to list of waves
        Each {day, share, by}: see `Wave`.
    items : tuple of str or None
        The items that are pushed; None: all that the DC keeps.

    >>> Push({"dc": [{"day": 0, "share": 0.7, "by": "expected_sales"}]}).parsed["dc"][0].share
    0.7
    """

    name: ClassVar[str] = "push"
    group: ClassVar[str] = "push"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {"push": ("used",)}
    books: ClassVar[tuple[Books, ...]] = (PUSHED,)
    not_of_items: ClassVar[tuple[str, ...]] = ("way", "share", "wave", "crosses", "crossed", "chances")

    waves: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        check_fields(self, "push.")
        object.__setattr__(self, "waves", dict(check_mapping("push.waves", self.waves or {})))
        if self.items is not None:
            object.__setattr__(self, "items", fitting("push.items", self.items, ("tuple[str, ...]",)))
        _ = self.parsed

    @cached_property
    def parsed(self) -> dict[str, tuple[Wave, ...]]:
        """Waves by DC."""
        out = {}
        for dc, waves in self.waves.items():
            listed = isinstance(waves, (list, tuple)) and len(waves) > 0
            require(listed, f"push.waves.{dc} must be a list of waves, such as {EXAMPLE}; got {waves!r}")
            made = []
            for k, each in enumerate(waves, start=1):
                where = f"of wave {k} of push.waves.{dc}"
                if not isinstance(each, Wave):
                    check_keys(each, ("day", "share", "by"), where)
                made.append(each if isinstance(each, Wave) else Wave(**each))
            days = [wave.day for wave in made]
            twice = next((day for day in days if days.count(day) > 1), None)
            require(twice is None, f"push.waves.{dc} has two waves on day {twice}; allowed: one a night")
            out[dc] = tuple(made)
        return out

    def check(self, scenario: Scenario) -> None:
        """DCs that push serve others, items are there, and chances of sale can be known."""
        serving = {site.served_by for site in scenario.sites} - {None}
        for dc, waves in self.parsed.items():
            if dc not in {site.name for site in scenario.sites}:
                raise unknown("site", dc, sorted(map(str, serving)), "of push.waves")
            require(dc in serving, f"site '{dc}' of push.waves serves no other site; "
                    f"those that do: {', '.join(sorted(map(str, serving))) or 'none'}")  # fmt: skip
            for wave in waves:
                require(wave.day < scenario.days, f"push.waves.{dc}: day {wave.day} lies outside the run, which has "
                        f"days 0 to {scenario.days - 1}")  # fmt: skip
                known = wave.by != "expected_sales" or scenario.demand.source == "fitted"
                require(known, f"push.waves.{dc}: by=expected_sales needs laws of demand (demand.source=fitted), "
                        f"got '{scenario.demand.source}'")  # fmt: skip
        names = {item.name for item in scenario.items}
        for item in self.items or ():
            if item not in names:
                raise unknown("item", item, names, "of push.items")
        for site in scenario.sites:
            require(not site.cross_dock or site.name in serving,
                    f"cross_dock of site '{site.name}': it serves no other site")  # fmt: skip
            both = f"site '{site.name}' cross-docks, and has nothing left for push.waves"
            require(not (site.cross_dock and site.name in self.waves), both)

    def alone(self, scenario: Scenario, i: int, rate: np.ndarray) -> tuple[Feature, dict[str, Any]]:
        """The item is pushed, or not, as it was."""
        if self.items is None:
            return self, {}
        mine = scenario.items[i].name in self.items
        return replace(self, waves=self.waves if mine else {}, items=None), {}

    def arrays(self, making: Making) -> PushArrays:
        from restock.sim.features.push.arrays import push_arrays

        return push_arrays(self, making)

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.push.lanes import LANES

        return LANES

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.push.steps import PushSteps

        return PushSteps(site) if site.run.prepared.world.features.push.used else None


def as_billionths(share: float) -> int:
    """A share in whole billionths, so that shares of whole units are exact.

    >>> 10 * as_billionths(0.7) // 10**9
    7
    """
    return math.floor(share * 10**9 + 0.5)
