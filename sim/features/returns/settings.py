"""Returns: what customers bring back, when, and how much of it goes back on the shelf.

Of the units that a cell hands to customers on a day, a share comes back together, some days later, at the closing of
that day. A part of what came back is as good as new and returns to the shelf; the rest is written off. Both shares are
rounded up or down by chance, so that whole units keep the exact mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from restock.sim.checks import check_categories, check_fields, check_share
from restock.sim.errors import require, unknown
from restock.sim.features.returns.measures import RETURNED
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature, OwnSetting
from restock.sim.probability.laws import Constant, Law, law_from

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.returns.arrays import ReturnArrays
    from restock.sim.model.feature import Making
    from restock.sim.model.network import Item
    from restock.sim.model.scenario import Scenario

LONGEST_LAG = 56  # days
ROUNDINGS = ("chance", "down")


@dataclass(frozen=True)
class Returns(Feature):
    """What customers bring back; the default is nothing.

    Parameters
    ----------
    share : float
        Share of the units handed to customers on a day that come back.
    lag : Law
        Days from then until they do, 1 to 56, drawn once for all units of the day.
    resalable : float
        Share of what comes back on a day that goes back on the shelf. Units of items with a shelf life never do.
    rounding : 'chance' or 'down'
        Fractions of a unit are rounded up or down by a draw, or always down.
    by_category : mapping of category to share
        Categories with a share of their own.

    >>> Returns(0.08, by_category={"shoes": 0.4}).of("shoes").share
    0.4
    """

    name: ClassVar[str] = "returns"
    group: ClassVar[str] = "returns"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {"returns": ("used",)}
    flows: ClassVar[tuple[str, ...]] = ("returned", "restocked")
    by_default: ClassVar[str] = "nothing is brought back"
    books: ClassVar[tuple[Books, ...]] = (RETURNED,)
    item_settings: ClassVar[tuple[OwnSetting, ...]] = ()  # an item's own returns, below

    share: float = 0.0
    lag: Law = field(default_factory=lambda: Constant(7), metadata={"written": 7})
    resalable: float = 1.0
    rounding: str = "chance"
    by_category: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_fields(self, "returns.")
        object.__setattr__(self, "by_category", dict(self.by_category or {}))
        object.__setattr__(self, "lag", law_from(self.lag, "of returns.lag"))
        shares = {f"by_category.{category}": value for category, value in self.by_category.items()}
        for name, value in ({"share": self.share, "resalable": self.resalable} | shares).items():
            check_share(f"returns.{name}", value)
        p = self.lag.pmf()
        shortest, longest = int((p > 0).argmax()), len(p) - 1
        allowed = f"returns.lag must be a law on 1 to {LONGEST_LAG} days"
        require(1 <= shortest <= longest <= LONGEST_LAG, f"{allowed}, got one that allows {shortest} to {longest}")
        if self.rounding not in ROUNDINGS:
            raise unknown("returns.rounding", self.rounding, ROUNDINGS)

    def of(self, category: str) -> Returns:
        """The returns of items of a category."""
        return replace(self, share=float(self.by_category.get(category, self.share)), by_category={})

    def of_item(self, item: Item) -> Returns:
        """The returns of an item: its own, or its category's."""
        own: Returns | None = item.own.get("returns")
        return own or self.of(item.category)

    def check(self, scenario: Scenario) -> None:
        """Every category named is one that items have."""
        check_categories("returns.by_category", self.by_category, scenario.categories)

    def arrays(self, making: Making) -> ReturnArrays:
        from restock.sim.features.returns.arrays import return_arrays

        return return_arrays(self, making)

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.returns.lanes import LANES

        return LANES

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.returns.steps import ReturnSteps

        return ReturnSteps(site) if site.run.prepared.world.features.returns.used else None


Returns.item_settings = (OwnSetting("returns", Returns, "{share: 0.1}"),)
