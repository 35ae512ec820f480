"""Returns in the event engine: what customers were handed today comes back some days later, at closing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.engines.events.opening import which_state
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.engines.events.stock import Stock
from restock.sim.probability.guide_tables import quantiles
from restock.sim.probability.keyed_draws import RESALE, RETURN_LAG, RETURNING

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess


class ReturnSteps(SiteSteps):
    """One site to which customers bring goods back."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        self.of = self.world.features.returns
        self.coming = {i: Counter[int]() for i in site.items}  # units that customers will bring back, by day
        for i in site.items if self.of.opening.size else ():  # a run goes on
            day, units = self.world.opening_state.first_day, self.of.opening[i, self.n, which_state(self.run)].tolist()
            self.coming[i].update({due: units[due % len(units)] for due in range(day, day + len(units))})

    def kept(self, day: int, i: int) -> dict[str, np.ndarray]:
        """Units that will come back, in the places of days & (slots - 1)."""
        coming = np.zeros(self.of.slots, np.int64)
        for due, units in self.coming[i].items():
            coming[due % len(coming)] += units
        return {"coming_back": coming}

    def brought_back(self, day: int, i: int, stock: Stock) -> None:
        """What is due today comes back; some of what was handed to customers today will come back later."""
        handed = stock.handed_over
        if handed:
            chances = int(self.of.chance[i])
            units = self.draws.rounded(i, self.n, RETURNING, day, handed, int(self.of.share[i]), chances)
            self.coming[i][day + self._lag(day, i)] += units
        returned = self.coming[i].pop(day, 0)
        restocked = 0
        if returned:
            chances = int(self.of.chance[i])
            restocked = self.draws.rounded(i, self.n, RESALE, day, returned, int(self.of.resalable[i]), chances)
        stock.take_back(returned, restocked)
        self.note(day, i, "returned", returned)
        self.note(day, i, "back on the shelf", restocked)

    def _lag(self, day: int, i: int) -> int:
        """Days until what was handed over today comes back."""
        uniform = self.draws.of_day(i, self.n, RETURN_LAG, day)
        return int(quantiles(self.world.tables, self.of.lag_table[i], uniform)[0])
