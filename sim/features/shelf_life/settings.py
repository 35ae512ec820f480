"""Shelf life: how long goods keep, and which of them are taken first.

A unit that comes to a store on the morning of day t with a shelf life of m days is sold through day t + m - 1 and
thrown away at that day's closing. Age is kept where goods are sold from the shelf: at sites that serve no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from restock.sim.checks import check_categories, check_fields
from restock.sim.errors import require, unknown
from restock.sim.features.shelf_life.measures import EXPIRED
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature, OwnSetting

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.shelf_life.arrays import ShelfArrays
    from restock.sim.model.feature import Making
    from restock.sim.model.network import Item
    from restock.sim.model.scenario import Scenario

LONGEST_LIFE = 365  # days
ISSUING = ("oldest_first", "freshest_first")


def check_life(name: str, days: Any, of: str = "") -> None:
    """A shelf life is a whole number of days, or None."""
    good = days is None or (isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= LONGEST_LIFE)
    where = f"{name} {of}" if of else name
    require(good, f"{where} must be a whole number of days from 1 to {LONGEST_LIFE}, got {days}")


def check_issuing(name: str, issuing: Any, of: str = "") -> None:
    """An issuing order is one of those that there are."""
    if issuing not in ISSUING:
        raise unknown(name, issuing, ISSUING, of)


@dataclass(frozen=True)
class ShelfLife(Feature):
    """How long goods keep; the default is for ever.

    Parameters
    ----------
    days : int or None
        Days that a unit keeps after it came to a store, that of its arrival counted; None: it always keeps.
    issuing : 'oldest_first' or 'freshest_first'
        Which units customers, backorders and losses take.
    by_category : mapping of category to days
        Categories with a shelf life of their own.

    >>> ShelfLife(by_category={"dairy": 7}).of("dairy"), ShelfLife(by_category={"dairy": 7}).of("grocery")
    (7, None)
    """

    name: ClassVar[str] = "shelf_life"
    group: ClassVar[str] = "shelf_life"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {"shelf_life": ("used",)}
    flows: ClassVar[tuple[str, ...]] = ("expired",)
    by_default: ClassVar[str] = "goods keep"
    books: ClassVar[tuple[Books, ...]] = (EXPIRED,)
    item_settings: ClassVar[tuple[OwnSetting, ...]] = (
        OwnSetting("shelf_life", int, check=check_life),
        OwnSetting("issuing", str, check=check_issuing),
    )
    """Days that a unit keeps, and which units are taken first; without: as the scenario's shelf life has it."""

    days: int | None = None
    issuing: str = "oldest_first"
    by_category: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_fields(self, "shelf_life.")
        object.__setattr__(self, "by_category", dict(self.by_category or {}))
        check_life("shelf_life.days", self.days)
        check_issuing("shelf_life.issuing", self.issuing)
        for category, days in self.by_category.items():
            check_life(f"shelf_life.by_category.{category}", days)

    def of(self, category: str) -> int | None:
        """Days that items of a category keep."""
        return self.by_category.get(category, self.days)

    def of_item(self, item: Item) -> int:
        """Days that an item keeps, its own or its category's; 0: for ever."""
        return item.own.get("shelf_life") or self.of(item.category) or 0

    def issuing_of(self, item: Item) -> str:
        """Which units of an item are taken first."""
        return str(item.own.get("issuing") or self.issuing)

    def check(self, scenario: Scenario) -> None:
        """Every category named is one that items have."""
        check_categories("shelf_life.by_category", self.by_category, scenario.categories)

    def arrays(self, making: Making) -> ShelfArrays:
        from restock.sim.features.shelf_life.arrays import shelf_arrays

        return shelf_arrays(self, making)

    def ages(self, item: Item) -> bool:
        """Of goods that do not keep."""
        return self.of_item(item) > 0

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.shelf_life.lanes import LANES

        return LANES

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.shelf_life.steps import ShelfSteps

        return ShelfSteps(site) if site.run.prepared.world.features.shelf_life.used else None
