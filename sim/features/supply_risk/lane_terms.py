"""What a lane may say of when its goods come: delivery days, missed windows, congestion, whether shipments cross."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from restock.sim.checks import check_fields, check_share
from restock.sim.errors import require
from restock.sim.features.supply_risk.suppliers import check_chance, weekdays
from restock.sim.model.feature import OwnSetting
from restock.sim.probability.laws import Law, law_from


@dataclass(frozen=True)
class Congestion:
    """Nights on which a lane is congested: what leaves then takes another lead time.

    Parameters
    ----------
    lead_time : Law
        Days from the night an order is shipped to the morning it arrives, at least 1; on other nights the lane's own.
    begins, ends : float
        Chance that congestion begins on a night when there was none the night before, and that it ends. There is none
        on day 0.

    >>> Congestion({"law": "constant", "value": 35}, begins=0.02, ends=0.1).lead_time
    Constant(value=35)
    """

    lead_time: Law
    begins: float
    ends: float

    def __post_init__(self) -> None:
        check_fields(self, "congestion.")
        object.__setattr__(self, "lead_time", law_from(self.lead_time, "of congestion.lead_time"))
        for name in ("begins", "ends"):
            check_chance(f"congestion.{name}", getattr(self, name))
        good = self.ends > 0 or self.begins == 0
        require(good, f"congestion.ends must be above 0, or it never ends; got {self.ends}")
        shortest = int((self.lead_time.pmf() > 0).argmax())
        require(shortest >= 1, f"congestion.lead_time must be at least 1 day, got a law that allows {shortest}")


class Weekdays(OwnSetting):
    """A setting that is a list of weekdays."""

    @property
    def annotation(self) -> str:
        return "tuple[str, ...] | None"

    def checked(self, value: Any, what: str) -> Any:
        if value is None:
            return None
        return weekdays("delivery", value, f"of {what}")

    def read(self, value: Any, where: str) -> Any:
        return value


LANE_SETTINGS = (
    Weekdays("delivery_days", tuple),
    OwnSetting("missed", float, check=lambda name, value, of: check_share(f"{name} {of}", value)),
    OwnSetting("congestion", Congestion, "{lead_time: {law: constant, value: 35}, begins: 0.02, ends: 0.1}"),
    OwnSetting("crossing", bool),
)
"""Weekdays on which goods come (without: all); chance that a delivery day is missed (without: none); nights that have
another lead time; false: a shipment comes no sooner than the one before it of its cell (without: it may)."""
