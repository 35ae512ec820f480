"""The event engine's watch over its cells: the run ends where the kernel's figures would no longer fit
(`planning.limits`).

Whole numbers never overflow here; the run is refused all the same, so that both engines allow what both can hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from restock.sim.planning.limits import Fault, Refused

if TYPE_CHECKING:
    from restock.sim.engines.events.engine import Run
    from restock.sim.engines.events.stock import Stock


class Watch:
    """Every figure of one replication that is bounded. Of a day's faults the first in the order of visits ends it."""

    def __init__(self, run: Run) -> None:
        self.run, self.world = run, run.prepared.world
        self.visit = {int(n): k for k, n in enumerate(self.world.bottom_up)}
        self.orders_below: dict[tuple[int, int, int], int] = {}  # by day, site and item: so far this evening
        self.buying = False  # orders are placed that waited until all had decided
        self.first: tuple[tuple[int, ...], Fault] | None = None

    def at_closing(self, day: int, n: int, i: int, stock: Stock) -> None:
        """Before counts: how far the record is off."""
        self._note(RECORD_OFF, day, n, i, stock.record - stock.on_hand)

    def at_review(self, day: int, n: int, i: int, on_order: int) -> None:
        """What the policy sees on order: in a book that is seen late, what was received since, too."""
        if self.world.features.records.delayed:
            self._note(LARGE_SEEN_ON_ORDER, day, n, i, on_order)

    def is_forecast(self, day: int, n: int, i: int, forecast: float) -> bool:
        """Whether a forecast is a number that may be one."""
        good = abs(forecast) <= self.world.most_units
        if not good:
            self._put(FORECAST_OFF, day, n, i, 0, n)
        return good

    def asked_for(self, day: int, n: int, i: int, quantity: int) -> None:
        """What was to be ordered, before limits cut it."""
        self._note(LARGE_ORDER, day, n, i, quantity)

    def in_the_evening(self, day: int, n: int, i: int, stock: Stock, quantity: int) -> None:
        """After the review: the order, and all that stands in the books."""
        self._note(LARGE_ORDER, day, n, i, quantity)
        self._note(LARGE_STOCK, day, n, i, stock.on_hand)
        self._note(LARGE_ON_ORDER, day, n, i, stock.on_order)
        above = int(self.world.parent[n])
        if above >= 0:
            key = (day, above, i)
            self.orders_below[key] = self.orders_below.get(key, 0) + quantity
            self._note(LARGE_ORDERS_BELOW, day, n, i, self.orders_below[key], above)
        self._note(LARGE_BACKORDERS, day, n, i, stock.waiting)
        self._note(LARGE_OWED, day, n, i, stock.owing)

    def of_the_week(self, day: int, n: int, i: int, stock: Stock) -> None:
        """After the last day of a week."""
        if day >= self.world.warm_up:
            for kind, units in ((LARGE_WEEK_DEMAND, stock.week_demand), (LARGE_WEEK_ORDERS, stock.week_ordered)):
                if units > self.world.most_a_week:
                    self._put(kind, day, n, i, units, n)

    def _note(self, kind: int, day: int, n: int, i: int, units: int, site: int | None = None) -> None:
        if abs(units) > self.world.most_units:
            self._put(kind, day, n, i, units, n if site is None else site)

    def _put(self, kind: int, day: int, n: int, i: int, units: int, site: int) -> None:
        by_week = kind in (LARGE_WEEK_DEMAND, LARGE_WEEK_ORDERS)
        turn = int(bool(self.world.features.transfers.used) and kind != RECORD_OFF)  # all sites close before any orders
        turn += 2 * self.buying  # and all decide before those that wait for it
        place = (day, by_week, turn, n if by_week else self.visit[n], kind, i, self.run.replication)
        if self.first is None or place < self.first[0]:
            self.first = place, Fault(kind, site, i, self.run.replication, day, units)

    def check(self) -> None:
        """End the run with the first fault, if there is one."""
        if self.first:
            place, fault = self.first
            raise Refused(fault, fault.words(self.run.plan.name, self.run.prepared.known), place)
