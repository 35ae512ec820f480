"""Seasonal goods: when they are bought, until when they are sold, how prices come down, and what is left at the end.

Days count from the first measured day, as those of events do: day 0 follows the warm-up.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from restock.sim.checks import check_categories, check_fields, check_share, part_of
from restock.sim.errors import require
from restock.sim.features.selling_season.measures import SEASONAL
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature, OwnSetting

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.selling_season.arrays import SeasonArrays
    from restock.sim.model.feature import Making
    from restock.sim.model.network import Item
    from restock.sim.model.scenario import Scenario

LAST = 100_000  # day


@dataclass(frozen=True)
class Markdown:
    """A price that comes down, and stays down: from a day on, or where the stock is too much for the days left.

    Parameters
    ----------
    percent : int
        Off the price, 1 to 99.
    elasticity : float
        Demand rises by (1 - percent / 100) ** -elasticity, rounded to 0.01.
    from_day : int
        The first day at the lower price; with `cover`, the first on which it may be decided.
    cover : float or None
        Decided for each cell on the first day of every week (days 0, 7, ...): the price comes down where the record
        exceeds `cover` times the expected demand of the days left. None: by date, everywhere.

    >>> Markdown(50, elasticity=1.5).factor
    2.83
    """

    percent: int
    elasticity: float = 0.0
    from_day: int = 0
    cover: float | None = None

    def __post_init__(self) -> None:
        check_fields(self, "markdown.")
        _whole("markdown.percent", self.percent, 1, 99)
        _whole("markdown.from_day", self.from_day, 0, LAST)
        numbers = {"elasticity": self.elasticity} | ({} if self.cover is None else {"cover": self.cover})
        for name, value in numbers.items():
            good = isinstance(value, (int, float)) and math.isfinite(value) and value >= 0
            require(good, f"markdown.{name} must be a number not below 0, got {value}")
        rise = -self.elasticity * math.log1p(-self.percent / 100)
        asked = f"markdown: {self.percent} percent off at an elasticity of {self.elasticity:g}"
        require(rise < math.log(sys.float_info.max), f"{asked} multiplies demand by more than a number can hold")

    @property
    def factor(self) -> float:
        """What the lower price does to demand."""
        return round((1 - self.percent / 100) ** -self.elasticity, 2)


@dataclass(frozen=True)
class SellingSeason:
    """The season of an item.

    Parameters
    ----------
    end : int
        From this day on nothing is asked for. At its closing, what is left is cleared, at every site; what comes later
        is cleared at the closing of its day.
    first_order, last_order : int or None
        Outside suppliers take orders from the first of these days (None: from the start of the run) to the last (None:
        the day before the end). Sites that another site serves may order until the day before the end.
    clearance_price : float
        What a cleared unit brings, as a share of its price; 0: it is written off.
    markdown : Markdown or None

    >>> SellingSeason(90, markdown={"percent": 30, "from_day": 60}).markdown.percent
    30
    """

    end: int
    first_order: int | None = None
    last_order: int | None = None
    clearance_price: float = 0.0
    markdown: Markdown | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        _whole("end", self.end, 1, LAST)
        first = -LAST if self.first_order is None else self.first_order
        _whole("first_order", first, -LAST, self.end - 1)
        _whole("last_order", self.end - 1 if self.last_order is None else self.last_order, first, self.end - 1)
        check_share("clearance_price", self.clearance_price)
        if self.markdown is not None:
            object.__setattr__(self, "markdown", part_of(Markdown, self.markdown, "of markdown"))


@dataclass(frozen=True)
class SellingSeasons(Feature):
    """Which items have a season, by category; the default is none.

    >>> SellingSeasons({"coats": {"end": 90}}).of("coats").end
    90
    """

    name: ClassVar[str] = "selling_seasons"
    group: ClassVar[str] = "selling_seasons"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {"seasons": ("used",)}
    flows: ClassVar[tuple[str, ...]] = ("cleared",)
    books: ClassVar[tuple[Books, ...]] = (SEASONAL,)
    item_settings: ClassVar[tuple[OwnSetting, ...]] = (OwnSetting("selling_season", SellingSeason, "{end: 90}"),)
    """When an item is bought, sold and cleared; without: as its category has it."""

    by_category: Mapping[str, SellingSeason] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_fields(self, "selling_seasons.")
        where = "of selling_seasons.by_category."
        made = {name: part_of(SellingSeason, given, where + name) for name, given in (self.by_category or {}).items()}
        object.__setattr__(self, "by_category", made)

    def of(self, category: str) -> SellingSeason | None:
        """The season of items of a category."""
        return self.by_category.get(category)

    def of_item(self, item: Item) -> SellingSeason | None:
        """The season of an item: its own, or its category's."""
        return item.own.get("selling_season") or self.of(item.category)

    def check(self, scenario: Scenario) -> None:
        """Every category named is one that items have; recorded demand is not asked to rise with a markdown."""
        check_categories("selling_seasons.by_category", self.by_category, scenario.categories)
        source = scenario.demand.source
        for item in scenario.items if source != "fitted" else ():
            season = self.of_item(item)
            rises = season is not None and season.markdown is not None and season.markdown.factor != 1
            require(
                not rises,
                f"item '{item.name}' has a markdown with an elasticity, but demand.source={source} plays "
                "what was recorded; use demand.source=fitted, or elasticity 0",
            )

    def arrays(self, making: Making) -> SeasonArrays:
        from restock.sim.features.selling_season.arrays import season_arrays

        return season_arrays(self, making)

    def demand_factor(self, item: Item) -> float:
        """What the lower price does to demand."""
        season = self.of_item(item)
        return 1.0 if season is None or season.markdown is None else season.markdown.factor

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.selling_season.lanes import LANES

        return LANES

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.selling_season.steps import SeasonSteps

        return SeasonSteps(site) if site.run.prepared.world.features.selling_seasons.used else None


def _whole(name: str, value: Any, least: int, most: int) -> None:
    good = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
    require(good, f"{name} must be a whole number from {least} to {most}, got {value}")
