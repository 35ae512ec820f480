"""Goods damaged on their way: a share of what is delivered is written off at receipt.

A morning's deliveries to a cell close their orders in full; the damaged units of them never come to the shelf, and no
customer sees them. The share is rounded up or down by a keyed draw, so that whole units keep the exact mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from restock.sim.checks import check_fields, check_share
from restock.sim.features.transit_damage.measures import DAMAGED
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature, OwnSetting
from restock.sim.probability.keyed_draws import named_purpose

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.transit_damage.arrays import DamageArrays
    from restock.sim.model.feature import Making
    from restock.sim.model.network import Lane

DAMAGE = named_purpose("transit_damage")


@dataclass(frozen=True)
class TransitDamage(Feature):
    """Goods damaged on their way; the default is none.

    Parameters
    ----------
    share : float
        Share of the units delivered that are damaged, on every lane that says nothing of its own.

    >>> from restock.sim.model.network import Lane
    >>> rough = Lane.with_settings("farm", "shop", damaged_in_transit=0.1)
    >>> TransitDamage(0.02).of_lane(rough), TransitDamage(0.02).of_lane(Lane("mill", "shop"))
    (0.1, 0.02)
    """

    name: ClassVar[str] = "transit_damage"
    group: ClassVar[str] = "transit_damage"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {"transit_damage": ("used",)}
    flows: ClassVar[tuple[str, ...]] = ("damaged",)
    books: ClassVar[tuple[Books, ...]] = (DAMAGED,)
    lane_settings: ClassVar[tuple[OwnSetting, ...]] = (
        OwnSetting("damaged_in_transit", float, check=lambda name, value, of: check_share(f"{name} {of}", value)),
    )
    """Share of the units that come by a lane; without: as the scenario's transit damage has it."""

    share: float = 0.0

    def __post_init__(self) -> None:
        check_fields(self, "transit_damage.")
        check_share("transit_damage.share", self.share)

    def of_lane(self, lane: Lane) -> float:
        """The share of what comes by a lane, its own or the scenario's."""
        own: Any = lane.own.get("damaged_in_transit")
        return self.share if own is None else float(own)

    def arrays(self, making: Making) -> DamageArrays:
        from restock.sim.features.transit_damage.arrays import damage_arrays

        return damage_arrays(self, making)

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.transit_damage.lanes import LANES

        return LANES

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.transit_damage.steps import DamageSteps

        return DamageSteps(site) if site.run.prepared.world.features.transit_damage.used else None
