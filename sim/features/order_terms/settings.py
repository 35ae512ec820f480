"""The least value of an order line: what comes to less is not placed, and asked again at the next review.

A supplier's minimum is often of money. It is tested after packs and the minimum order in units, at the item's cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from restock.sim.checks import LARGEST_NUMBER, check_fields
from restock.sim.errors import require
from restock.sim.features.order_terms.measures import TERMS_OF_ORDERS
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature, OwnSetting

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.order_terms.arrays import TermArrays
    from restock.sim.model.feature import Making
    from restock.sim.model.network import Lane


def _check_value(name: str, value: Any) -> None:
    good = isinstance(value, (int, float)) and 0 <= value <= LARGEST_NUMBER
    require(good, f"{name} must be a number from 0 to {LARGEST_NUMBER:,}, got {value}")


@dataclass(frozen=True)
class OrderTerms(Feature):
    """Least values of orders; the default is none.

    Parameters
    ----------
    minimum_value : float
        Money that an order line must come to, on every lane from a supplier that says nothing of its own.

    >>> from restock.sim.model.network import Lane
    >>> strict = Lane.with_settings("farm", "shop", minimum_order_value=100.0)
    >>> OrderTerms(20.0).of_lane(strict, from_outside=True), OrderTerms(20.0).of_lane(Lane("dc", "shop"), False)
    (100.0, 0.0)
    """

    name: ClassVar[str] = "order_terms"
    group: ClassVar[str] = "order_terms"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {"order_terms": ("used",)}
    books: ClassVar[tuple[Books, ...]] = (TERMS_OF_ORDERS,)
    lane_settings: ClassVar[tuple[OwnSetting, ...]] = (
        OwnSetting("minimum_order_value", float, check=lambda name, value, of: _check_value(f"{name} {of}", value)),
    )
    """Money that an order line on the lane must come to; without: as the scenario's order terms have it."""

    minimum_value: float = 0.0

    def __post_init__(self) -> None:
        check_fields(self, "order_terms.")
        _check_value("order_terms.minimum_value", self.minimum_value)

    def of_lane(self, lane: Lane, from_outside: bool) -> float:
        """The least value on a lane, its own or the scenario's, which is a term of suppliers."""
        own: Any = lane.own.get("minimum_order_value")
        return float(own) if own is not None else self.minimum_value if from_outside else 0.0

    def arrays(self, making: Making) -> TermArrays:
        from restock.sim.features.order_terms.arrays import term_arrays

        return term_arrays(self, making)

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.order_terms.lanes import LANES

        return LANES

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.order_terms.steps import TermSteps

        return TermSteps(site) if site.run.prepared.world.features.order_terms.used else None
