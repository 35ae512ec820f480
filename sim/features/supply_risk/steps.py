"""Suppliers and lanes that fail, in the event engine."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.engines.events.draws import day_indices
from restock.sim.engines.events.opening import which_state
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.engines.events.stock import Stock
from restock.sim.features.supply_risk.nights import two_states
from restock.sim.features.supply_risk.settings import FILL, SUPPLIER_STATE
from restock.sim.probability.keyed_draws import draw

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess


class RiskSteps(SiteSteps):
    """One site whose suppliers, or whose lanes, may fail."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        self.of = self.world.features.supply_risk
        self.outside = bool(self.of.holds) and self.world.parent[self.n] < 0

    @cached_property
    def nights(self) -> dict[int, np.ndarray]:
        """By supplier, whether it is down by its own chance on each night, from the first of the run."""
        first, out = self.world.opening_state.first_day, {}
        days = np.arange(first, self.world.horizon)
        for i in self.site.items:
            k = int(self.of.supplier[i, self.n])
            if k not in out:
                before = int(self.of.opening_down[i, self.n, which_state(self.run)]) if self.of.opening_down.size else 0
                key, seed = int(self.of.supplier_key[k]), self.draws.seed
                uniform = draw(seed, self.draws.replication, key, 0, SUPPLIER_STATE, day_indices(days))
                out[k] = two_states(uniform, int(self.of.fails[k]), int(self.of.recovers[k]), first, before)
        return out

    def state(self, day: int, i: int) -> int:
        """1: the item's supplier is down by its own chance on a night."""
        return int(self.nights[int(self.of.supplier[i, self.n])][day - self.world.opening_state.first_day])

    def down(self, day: int, i: int) -> bool:
        """Whether the item's supplier is down on a night, by its own chance or by an event."""
        return bool(self.state(day, i) or self.of.scheduled[self.of.supplier[i, self.n], day])

    def kept(self, day: int, i: int) -> dict[str, int]:
        """The state of the supplier on the last night. What it holds is owed."""
        return {"supplier_down": self.state(day - 1, i) if self.outside else 0}

    def may_order(self, day: int, i: int) -> bool:
        """A supplier that refuses takes no orders while it is down."""
        refuses = self.outside and self.of.refuses[self.of.supplier[i, self.n]]
        return not (refuses and self.down(day, i))

    def reached(self, day: int) -> bool:
        """Nothing is sent to this site while the lane to it is closed."""
        return not (self.of.closes and self.of.site_closed[self.n, day])

    def sends(self, day: int, i: int, stock: Stock, ordered: int) -> int:
        """What the supplier owes leaves, tonight's order included, unless it is down or the lane is closed."""
        if not self.outside:
            return ordered
        stock.owed += ordered
        leaves, down = 0, self.down(day, i)
        if not (down or self.of.closed[self.of.way[i, self.n], day]):
            rest = ordered - self._filled(day, i, ordered)
            leaves = stock.owed - rest
            stock.owed = rest
            if rest and self.of.fill_cancels[self.of.supplier[i, self.n]]:
                stock.cancel(rest)
                self.note(day, i, "cancelled", rest, "evening")
        stock.book["held_days"] += stock.owed
        stock.book["supplier_down_nights"] += down
        stock.book["supplier_nights"] += 1
        self.note(day, i, "held by the supplier", stock.owed, "evening")
        return leaves

    def _filled(self, day: int, i: int, ordered: int) -> int:
        """What of tonight's order is shipped with it: a share by one half of a draw, rounded by the other."""
        k = int(self.of.supplier[i, self.n])
        which, rounds = self.draws.uniform(i, self.n, FILL, np.array([2 * day, 2 * day + 1])).tolist()
        share = int(self.of.fill_shares[k, np.searchsorted(self.of.fill_points[k], which, side="right")])
        return (ordered * share + rounds) >> 32
