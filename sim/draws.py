"""The draws of one replication, as the event engine asks for them: by cell and day, or by cell and shipment."""

from __future__ import annotations

import numpy as np

from sim.features.unit_costs.paths import unit_costs
from sim.randomness import (
    COUNTING,
    DEMAND,
    HISTORY,
    LEAD_TIME,
    RESALE,
    RETURN_LAG,
    RETURNING,
    RULE,
    SCAN_RECEIPTS,
    SCAN_SALES,
    SHRINKAGE,
    UNMET,
    draw,
)
from sim.tables import FULL, quantiles
from sim.world import BOOTSTRAP, NO_HISTORY, REPLAY, World


def day_indices(days: np.ndarray) -> np.ndarray:
    """The draw index of each day: eight places a week (see `sim.randomness.day_index`)."""
    return days // 7 * 8 + days % 7


class Draws:
    """Every random quantity of one replication."""

    def __init__(self, world: World, seed: int, replication: int) -> None:
        self.world, self.seed, self.replication = world, seed, replication
        self.days = np.arange(world.horizon)
        self.played = self._played_days()
        self._costs: dict[int, np.ndarray] = {}

    def _uniform(self, i: int, n: int, purpose: int, indices: np.ndarray) -> np.ndarray:
        site, item = self.world.site_key[n], self.world.item_key[i]
        return draw(self.seed, self.replication, site, item, purpose, indices)

    def demand(self, i: int, n: int, reduced: bool = False) -> np.ndarray:
        """Units asked for on each day of the horizon, at the full price or at the reduced one."""
        world = self.world
        if world.history_row[i, n] >= 0:
            asked = world.history[world.history_row[i, n], self.played]
        elif world.demand_table[i, n] < 0:
            return np.zeros(world.horizon, np.int64)
        else:
            tables = world.demand_table[i, n] + world.season_class[world.season_of[i, n]]
            tables = tables + world.goods.reduced_shift[i, n] if reduced else tables
            asked = quantiles(world.tables, tables, self._uniform(i, n, DEMAND, day_indices(self.days)))
        asked[world.goods.season_end[i] :] = 0  # a copy: fancy indices and quantiles give arrays of their own
        return asked

    def lead_time(self, i: int, n: int, day: int, ordinal: int) -> int:
        """Days that a shipment takes: the `ordinal`-th of its cell, leaving on `day`."""
        index = day_indices(np.array([day])) if self.world.lead_by_day else np.array([2 * ordinal])
        return int(quantiles(self.world.tables, self.world.lead_table[i, n], self._uniform(i, n, LEAD_TIME, index))[0])

    def who_waits(self, i: int, n: int, day: int, unmet: int) -> int:
        """How many of the unmet units wait: the item's share of them, rounded up or down by chance."""
        share = int(self.world.backorder_share[i])
        if unmet == 0 or share in (0, FULL):
            return unmet if share else 0
        chance = int(self._uniform(i, n, UNMET, day_indices(np.array([day])))[0])
        return (unmet * share + chance) >> 32

    def losses(self, i: int, n: int) -> np.ndarray:
        """Units that would be lost unseen on each day of the horizon, were there enough."""
        uniform = self._uniform(i, n, SHRINKAGE, day_indices(self.days))
        return quantiles(self.world.tables, self.world.shrink_table[i, n], uniform)

    def count_error(self, i: int, n: int, day: int, on_hand: int) -> int:
        """By how many units a count is wrong: 0, or 1 up or down, never below 0 in all."""
        wrong = int(self.world.count_error)
        if wrong == 0:
            return 0
        chance = int(self._uniform(i, n, COUNTING, day_indices(np.array([day])))[0])
        if chance >= wrong:
            return 0
        return -min(on_hand, 1) if chance < wrong // 2 else 1

    def sales_misscanned(self, i: int, n: int, day: int, units: int) -> int:
        """By how many units the sales of a day are booked too high or (negative) too low."""
        return self._misscanned(i, n, day, units, SCAN_SALES, int(self.world.sales_misscanned))

    def receipts_misscanned(self, i: int, n: int, day: int, units: int) -> int:
        """The same of the receipts of a day."""
        return self._misscanned(i, n, day, units, SCAN_RECEIPTS, int(self.world.receipts_misscanned))

    def _misscanned(self, i: int, n: int, day: int, units: int, purpose: int, share: int) -> int:
        """The share of the units, rounded up or down by one draw; booked too few or too many by another."""
        if units == 0 or share == 0:
            return 0
        chance, way = self._uniform(i, n, purpose, np.array([2 * day, 2 * day + 1])).tolist()
        wrong: int = (units * share + chance) >> 32
        return -wrong if way < FULL // 2 else wrong

    def unit_costs(self, i: int) -> np.ndarray:
        """The cost of a unit of an item received on each day, in ten-thousandths of money."""
        if i not in self._costs:
            world = self.world
            self._costs[i] = unit_costs(
                self.seed, self.replication, world.item_key[i], world.first_cost[i], world.cost_trend,
                world.cost_month, world.cost_volatility,
            )  # fmt: skip
        return self._costs[i]

    def returns(self, i: int, n: int, day: int, handed: int) -> tuple[int, int]:
        """How many of the units that customers were handed on a day come back, and after how many days."""
        units = self._rounded(i, n, RETURNING, day, handed, int(self.world.goods.return_share[i]))
        uniform = self._uniform(i, n, RETURN_LAG, day_indices(np.array([day])))
        return units, int(quantiles(self.world.tables, self.world.goods.lag_table[i], uniform)[0])

    def resalable(self, i: int, n: int, day: int, returned: int) -> int:
        """How many of the units that came back on a day go back on the shelf."""
        return self._rounded(i, n, RESALE, day, returned, int(self.world.goods.resalable[i]))

    def _rounded(self, i: int, n: int, purpose: int, day: int, units: int, share: int) -> int:
        """A share of some units, rounded up or down by chance, or always down."""
        chance = int(self._uniform(i, n, purpose, day_indices(np.array([day])))[0])
        return (units * share + (chance & int(self.world.goods.return_chance[i]))) >> 32

    def rule_key(self, i: int, n: int) -> float:
        """The key of the draws that the cell's rule may take, a whole number (see `sim.rule_draws`)."""
        low, high = self._uniform(i, n, RULE, np.arange(2)).tolist()
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
