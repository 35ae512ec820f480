"""The draws of one replication, as the event engine asks for them: by cell and day, or by cell and shipment."""

from __future__ import annotations

import numpy as np

from restock.sim.model.arrays import BOOTSTRAP, NO_HISTORY, REPLAY, World
from restock.sim.model.opening.opening_arrays import OPEN_ORDERS
from restock.sim.probability.copula import moved_together
from restock.sim.probability.guide_tables import FULL, quantiles
from restock.sim.probability.keyed_draws import (
    DEMAND,
    FACTOR,
    HISTORY,
    LEAD_TIME,
    RULE,
    UNMET,
    draw,
)


def day_indices(days: np.ndarray) -> np.ndarray:
    """The draw index of each day: eight places a week (see `probability.keyed_draws.day_index`).

    >>> day_indices(np.array([6, 7])).tolist()
    [6, 8]
    """
    return days // 7 * 8 + days % 7


class Draws:
    """Every random quantity of one replication."""

    def __init__(self, world: World, seed: int, replication: int) -> None:
        self.world, self.seed, self.replication = world, seed, replication
        self.days = np.arange(world.horizon)
        self.played = self._played_days()

    def uniform(self, i: int, n: int, purpose: int, indices: np.ndarray) -> np.ndarray:
        """32-bit draws of a cell for a purpose, at indices."""
        site, item = self.world.site_key[n], self.world.item_key[i]
        return draw(self.seed, self.replication, site, item, purpose, indices)

    def demand(self, i: int, n: int, further: int = 0) -> np.ndarray:
        """Units asked for on each day of the horizon, by laws whose tables lie `further` than those of the cell."""
        world = self.world
        if world.history_row[i, n] >= 0:
            played: np.ndarray = world.history[world.history_row[i, n], self.played]
            if world.unseen.size:  # the record is a sample: what it has not of each day is drawn
                tables = world.unseen[world.history_row[i, n], self.played]
                played = played + quantiles(world.tables, tables, self.uniform(i, n, DEMAND, day_indices(self.days)))
            return played
        if world.demand_table[i, n] <= 0:
            return np.zeros(world.horizon, np.int64)
        own = self.uniform(i, n, DEMAND, day_indices(self.days))
        if world.together:
            own = moved_together(world.copula, self.factor(i), own)
        return quantiles(world.tables, self._tables(i, n, int(world.demand_table[i, n]) + further), own)

    def factor(self, i: int) -> np.ndarray:
        """What demand of an item at all sites moves with on each day of the horizon: 32-bit draws."""
        item = 0 if self.world.copula_of_all else self.world.item_key[i]
        return draw(self.seed, self.replication, 0, item, FACTOR, day_indices(self.days))

    def by_law(self, i: int, n: int, table: int, purpose: int) -> np.ndarray:
        """Units asked for on each day of the horizon, of a law's first table, with the season of the cell."""
        own = self.uniform(i, n, purpose, day_indices(self.days))
        return quantiles(self.world.tables, self._tables(i, n, table), own)

    def _tables(self, i: int, n: int, table: int) -> np.ndarray:
        return table + self.world.season_class[self.world.season_of[i, n]]

    def lead_time(self, i: int, n: int, day: int, ordinal: int) -> int:
        """Days that a shipment takes: the `ordinal`-th of its cell, leaving on `day`."""
        return self.days_on_the_way(i, n, day, ordinal, LEAD_TIME, self.world.lead_table)

    def days_on_the_way(self, i: int, n: int, day: int, ordinal: int, purpose: int, lead_table: np.ndarray) -> int:
        """The same by other draws and other laws: tables (items, sites)."""
        index = day_indices(np.array([day])) if self.world.lead_by_day else np.array([2 * ordinal])
        return int(quantiles(self.world.tables, lead_table[i, n], self.uniform(i, n, purpose, index))[0])

    def open_order(self, i: int, n: int, number: int, waited: int) -> int:
        """The day on which an order comes that was placed `waited` days before day 0, the `number`-th of its cell.

        Its lead time is drawn given that it is at least `waited`: of the draws, those from the share of shorter lead
        times on. Where none is so long it is overdue, and comes on day 0.
        """
        tables, table = self.world.tables, int(self.world.lead_table[i, n])
        breaks = tables.breaks[tables.first_break[table] : tables.first_break[table + 1]].tolist()
        if waited > len(breaks):
            return 0
        shorter = breaks[waited - 1]
        u = int(self.uniform(i, n, OPEN_ORDERS, np.array([number]))[0])
        among = shorter + (u * (FULL - shorter) >> 32)
        return sum(point <= among for point in breaks) - waited

    def who_waits(self, i: int, n: int, day: int, unmet: int) -> int:
        """How many of the unmet units wait: the item's share of them, rounded up or down by chance."""
        return self.waiting(i, n, day, unmet, int(self.world.backorder_share[i]), UNMET)

    def waiting(self, i: int, n: int, day: int, unmet: int, share: int, purpose: int) -> int:
        """The same of a share in units of 2**-32, by draws of a purpose."""
        if unmet == 0 or share in (0, FULL):
            return unmet if share else 0
        chance = int(self.uniform(i, n, purpose, day_indices(np.array([day])))[0])
        return (unmet * share + chance) >> 32

    def of_day(self, i: int, n: int, purpose: int, day: int) -> np.ndarray:
        """The draw of a cell for a purpose on one day, uint32 (1,)."""
        return self.uniform(i, n, purpose, day_indices(np.array([day])))

    def on_day(self, i: int, n: int, purpose: int, day: int) -> int:
        """The same as a whole number."""
        return int(self.of_day(i, n, purpose, day)[0])

    def rounded(self, i: int, n: int, purpose: int, day: int, units: int, share: int, chances: int = FULL - 1) -> int:
        """A share of some units, in 2**-32: rounded up or down by the bits of a draw that `chances` has; 0: down."""
        return (units * share + (self.on_day(i, n, purpose, day) & chances)) >> 32

    def rule_key(self, i: int, n: int) -> float:
        """The key of the draws that the cell's rule may take, a whole number (see `planning.rule_draws`)."""
        low, high = self.uniform(i, n, RULE, np.arange(2)).tolist()
        return float((high << 32 | low) >> 11)

    def _played_days(self) -> np.ndarray:
        """The recorded day that is played again on each day of the horizon."""
        world = self.world
        if world.history_kind == NO_HISTORY:
            return self.days
        weeks: np.ndarray = self.days // 7
        if world.history_kind == BOOTSTRAP:
            u = draw(self.seed, self.replication, 0, 0, HISTORY, weeks).astype(np.uint64)
            if world.history_window < 0:
                weeks = (u * np.uint64(world.history_weeks)) >> np.uint64(32)
            else:
                width = np.uint64(2 * world.history_window + 1)
                weeks = weeks - world.history_window + ((u * width) >> np.uint64(32)).astype(np.int64)
        else:
            assert world.history_kind == REPLAY
        first = world.history_shift + weeks.astype(np.int64) % world.history_weeks * 7
        return (first + self.days % 7) % (world.history_weeks * 7)
