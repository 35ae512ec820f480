"""What happens between sites in the event engine, beside orders and shipments: a SimPy process of a feature.

It acts four times a day: when all have traded, before customers who were not served leave or wait (`pooled`); in the
evening, when the day is closed and counted and nothing is ordered yet (`balanced`); when all have decided what to
order (`decided`); and when all have ordered (`supplied`).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from restock.sim.engines.events.phases import BALANCING, BUYING, POOLING, SUPPLYING, at

if TYPE_CHECKING:
    from restock.sim.engines.events.engine import Run


class BetweenSites:
    """A feature between the sites of a run.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.engines.events.engine import Run
    >>> from restock.sim.planning.example import one_shop
    >>> class Evenings(BetweenSites):
    ...     def balanced(self, day):
    ...         self.run.note(day, "balancing", 0, 0, "evening", 1)
    >>> shop = one_shop(days=2)
    >>> run = Run(shop, shop.plan(BaseStock(base_stock_level=20)), seed=1, replication=0, log=True)
    >>> _ = run.env.process(Evenings(run).life())
    >>> [entry.day for entry in run.run().log if entry.what == "evening"]
    [0, 1]
    """

    def __init__(self, run: Run) -> None:
        self.run, self.world = run, run.prepared.world

    def life(self) -> Generator[simpy.Event, None, None]:
        """The days."""
        for day in range(self.world.opening_state.first_day, self.run.until):
            yield at(self.run.env, day, POOLING)
            self.pooled(day)
            yield at(self.run.env, day, BALANCING)
            self.balanced(day)
            yield at(self.run.env, day, BUYING)
            self.decided(day)
            yield at(self.run.env, day, SUPPLYING)
            self.supplied(day)

    def pooled(self, day: int) -> None:
        """All sites have traded; who was not served is still there."""

    def balanced(self, day: int) -> None:
        """The day is closed and counted; nothing is ordered yet."""

    def decided(self, day: int) -> None:
        """All have decided what to order; orders from outside that wait for it (`orders_wait`) are not placed yet."""

    def supplied(self, day: int) -> None:
        """All have ordered; nothing has left suppliers that wait for it."""
