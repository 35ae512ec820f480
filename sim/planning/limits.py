"""How many units a cell can hold: what is checked before a run, and the words for what ends one.

The kernel keeps units in 32 bits (see `model.unit_limits.LARGEST_UNITS` and docs/kernel.md). A scenario
that starts beyond that is refused here; a run that grows beyond it ends at the first figure that does, in both engines
alike.
"""

from __future__ import annotations

from typing import NamedTuple

from restock.sim.errors import InputError
from restock.sim.model.unit_limits import (
    FORECAST_OFF,
    LARGE_BACKORDERS,
    LARGE_ON_ORDER,
    LARGE_ORDER,
    LARGE_ORDERS_BELOW,
    LARGE_OWED,
    LARGE_SEEN_ON_ORDER,
    LARGE_STOCK,
    LARGE_WEEK_DEMAND,
    LARGE_WEEK_ORDERS,
    RECORD_OFF,
)
from restock.sim.planning.knowledge import Knowledge

WORDS = {
    RECORD_OFF: "the record is {units} units off the stock",
    FORECAST_OFF: "the forecast of the day's demand is no number, or too far from 0",
    LARGE_SEEN_ON_ORDER: "the book, which is seen late, has {units} units on order",
    LARGE_ORDER: "the order is too large",
    LARGE_STOCK: "{units} units are on hand",
    LARGE_ON_ORDER: "{units} units are on order",
    LARGE_ORDERS_BELOW: "the sites below order {units} units in one evening",
    LARGE_BACKORDERS: "customers wait for {units} units",
    LARGE_OWED: "{units} units are owed to the sites below",
    LARGE_WEEK_DEMAND: "{units} units were asked for in a week",
    LARGE_WEEK_ORDERS: "{units} units were ordered in a week",
}


class Fault(NamedTuple):
    """What ended a run, in the order of `model.unit_limits.FAULT_SLOTS`.

    >>> from restock.sim.planning.example import one_shop
    >>> said = Fault(LARGE_ORDER, site=0, item=0, replication=3, day=9, units=0).words("mine", one_shop().known)
    >>> said.partition(": ")[0], said.partition("; ")[2]
    ("policy 'mine' for item 'milk' at site 'store' on day 9 (replication 3)", 'allowed: at most 268,435,455')
    """

    kind: int
    site: int
    item: int
    replication: int
    day: int
    units: int

    def words(self, policy: str, known: Knowledge) -> str:
        """The fault in one line."""
        where = f"policy '{policy}' {known.cell(self.item, self.site)} on day {self.day - known.world.warm_up}"
        where += f" (replication {self.replication}): "
        by_week = self.kind in (LARGE_WEEK_DEMAND, LARGE_WEEK_ORDERS)
        most = known.world.most_a_week if by_week else known.world.most_units
        return where + WORDS[self.kind].format(units=f"{abs(self.units):,}") + f"; allowed: at most {most:,}"


class Refused(InputError):
    """A fault that ended a run, on a worker, which has no names; `place` says what came first.

    >>> str(Refused(Fault(LARGE_ORDER, 0, 0, 3, 9, 0), "policy 'mine': the order is too large"))
    "policy 'mine': the order is too large"
    """

    def __init__(self, fault: Fault, words: str = "", place: tuple[int, ...] = ()) -> None:
        super().__init__(fault, words, place)
        self.fault, self.words, self.place = fault, words, place

    def __str__(self) -> str:
        return self.words or str(self.fault)
