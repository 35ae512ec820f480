"""Shelf life in the event engine: units by age, where goods do not keep, at sites that serve no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restock.sim.engines.events.opening import which_state
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.engines.events.stock import Stock
from restock.sim.features.shelf_life.shelf import Shelf

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess


class ShelfSteps(SiteSteps):
    """One site where some goods do not keep."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        of = self.world.features.shelf_life
        for i, stock in site.stock.items():
            if of.life[i] and not site.below:
                stock.shelf = Shelf(int(of.life[i]), bool(of.freshest_first[i]), stock.on_hand)
                if of.opening.size:  # a run goes on
                    first, units = self.world.opening_state.first_day, of.opening[i, self.n, which_state(self.run)]
                    by_day = {last: int(units[last % len(units)]) for last in range(first, first + len(units))}
                    stock.shelf.units = {last: there for last, there in by_day.items() if there}

    def kept(self, day: int, i: int) -> dict[str, np.ndarray]:
        """Units by the last day on which they are sold, in the places of days & (slots - 1)."""
        ages = np.zeros(self.world.features.shelf_life.slots, np.int64)
        shelf = self.site.stock[i].shelf
        for last, units in shelf.units.items() if shelf else ():
            ages[last % len(ages)] = units
        return {"ages": ages}

    def taken_in(self, day: int, i: int, stock: Stock) -> None:
        """The morning's deliveries are the freshest units."""
        if stock.shelf:
            stock.shelf.put(day, stock.today["arrived"])

    def expired(self, day: int, i: int, stock: Stock) -> None:
        """What was not sold in time is thrown away and struck from the record."""
        units = stock.shelf.throw_away(day) if stock.shelf else 0
        stock.leave("expired", units, booked=True, from_shelf=False)
        self.note(day, i, "expired", units)
