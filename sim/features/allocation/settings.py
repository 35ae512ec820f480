"""Allocation by need: to the largest shortfall, or by what the books of the sites below say, however late they are.

Sites say how they share (`model.network.Site`); what looks at more than orders, or at books, is done here. Whether
goods went to sites that had too much is told where it is asked for, whatever the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from restock.sim.checks import check_fields
from restock.sim.features.allocation.measures import MISALLOCATED
from restock.sim.model.books import Books
from restock.sim.model.feature import Feature

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.site_steps import SiteSteps
    from restock.sim.engines.writer.lane_features import Lanes
    from restock.sim.features.allocation.arrays import AllocationArrays
    from restock.sim.model.feature import Making


@dataclass(frozen=True)
class Allocation(Feature):
    """How goods are shared out among the sites below; how each DC does it, sites say.

    Parameters
    ----------
    misallocated : bool
        Whether it is told how many units went to a site that ended the day above its overstock level while another of
        the same DC had turned customers away.

    >>> Allocation(misallocated=True).parts
    {'allocation': ('used',), 'misallocation': ('told',)}
    """

    name: ClassVar[str] = "allocation"
    group: ClassVar[str] = "allocation"
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {"allocation": ("used",), "misallocation": ("told",)}
    books: ClassVar[tuple[Books, ...]] = (MISALLOCATED,)
    not_of_items: ClassVar[tuple[str, ...]] = ("way", "sees_record")

    misallocated: bool = False

    def __post_init__(self) -> None:
        check_fields(self, "allocation.")

    def arrays(self, making: Making) -> AllocationArrays:
        from restock.sim.features.allocation.arrays import allocation_arrays

        return allocation_arrays(self, making)

    def lanes(self) -> dict[str, Lanes]:
        from restock.sim.features.allocation.lanes import LANES

        return LANES

    def at_site(self, site: SiteProcess) -> SiteSteps | None:
        from restock.sim.features.allocation.steps import SharingSteps

        of = site.run.prepared.world.features.allocation
        return SharingSteps(site) if (of.used or of.told) and site.below else None
