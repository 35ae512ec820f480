"""Events of supply: nights on which a supplier is down or rests, or a lane is closed. Demand stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from restock.sim.errors import require, unknown
from restock.sim.model.demand_events import Effect, Event

if TYPE_CHECKING:
    from restock.sim.model.network import Item
    from restock.sim.model.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class SupplyEvent(Event):
    """Nights on which goods do not leave.

    Parameters
    ----------
    days : int
        How many nights, that of the start the first.
    """

    of_demand: ClassVar[bool] = False

    days: int

    def __post_init__(self) -> None:
        super().__post_init__()
        self._whole(1, days=self.days)
        for name in ("items", "categories", "sites"):
            require(not getattr(self, name), f"{self.kind}: {name} are not chosen: it is the same for all of them")

    def effects(self, scenario: Scenario) -> list[Effect]:
        """None on demand."""
        return []

    def days_in_all(self) -> int | None:
        return self.days

    def factors(self, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
        return np.ones(scenario.horizon), np.ones(scenario.horizon)


@dataclass(frozen=True, kw_only=True)
class OfSupplier(SupplyEvent):
    """What happens to one supplier, and so to all items that come from it.

    Parameters
    ----------
    supplier : str
    """

    supplier: str

    def __post_init__(self) -> None:
        super().__post_init__()
        require(isinstance(self.supplier, str), f"{self.kind}: supplier must be text, got {self.supplier!r:.60}")

    def touches(self, item: Item) -> bool:
        """Whether the item comes from this supplier."""
        return item.supplier == self.supplier

    def check(self, scenario: Scenario, where: str) -> None:
        super().check(scenario, where)
        known = {item.supplier for item in scenario.items}
        if self.supplier not in known:
            raise unknown("supplier", self.supplier, known, where)


@dataclass(frozen=True, kw_only=True)
class Outage(OfSupplier):
    """A supplier is down for some nights, whatever its own outages: nothing leaves it.

    >>> Outage(supplier="overseas", start=28, days=14).days_in_all()
    14
    """

    kind: ClassVar[str] = "outage"


@dataclass(frozen=True, kw_only=True)
class Holiday(OfSupplier):
    """A supplier rests for some days: they do not count among the days of its lead times, and nothing of it comes.

    >>> Holiday(supplier="overseas", start="2026-02-16", days=14).start
    datetime.date(2026, 2, 16)
    """

    kind: ClassVar[str] = "holiday"
    planned: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class ClosedLane(SupplyEvent):
    """A lane is closed for some nights: nothing leaves on it, what is on its way gets through.

    Parameters
    ----------
    source, destination : str

    >>> ClosedLane(source="dc", destination="store_1", start=28, days=3).kind
    'closed_lane'
    """

    kind: ClassVar[str] = "closed_lane"

    source: str
    destination: str

    def check(self, scenario: Scenario, where: str) -> None:
        super().check(scenario, where)
        known, name = [f"{x.source} -> {x.destination}" for x in scenario.lanes], f"{self.source} -> {self.destination}"
        if name not in known:
            raise unknown("lane", name, known, where)
