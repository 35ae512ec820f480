"""The cost of a unit on each day of a replication: one compiled function, which both engines read."""

from __future__ import annotations

import numpy as np
from numba import int64, uint32, uint64

from restock.sim.compiling.marks import entry_point, inlined
from restock.sim.probability.keyed_draws import UNIT_COSTS, stream_key, uniform


@inlined
def follow_costs(first_cost, trend, month, volatility, key_a, key_b, costs):
    """Fill `costs` by day: the trend, times a walk that goes up or down by a share each month, with equal chance.

    Rounded to whole numbers once, at the end, so that all sums of them are exact.
    """
    walk, last = 1.0, 0
    for day in range(len(trend)):
        if month[day] > last:
            last = month[day]
            up = uniform(key_a, key_b, last) >= uint32(0x80000000)
            walk *= 1.0 + volatility if up else 1.0 - volatility
        costs[day] = int64(first_cost * trend[day] * walk + 0.5)


@entry_point()
def fill_costs(seed_low, seed_high, replication, item_key, first_cost, trend, month, volatility, costs):
    seed = uint64(seed_low) | (uint64(seed_high) << uint64(32))
    key_a, key_b = stream_key(seed, replication, 0, item_key, UNIT_COSTS)
    follow_costs(first_cost, trend, month, volatility, key_a, key_b, costs)


def unit_costs(
    seed: int, replication: int, item_key: int, first_cost: float, trend: np.ndarray, month: np.ndarray,
    volatility: float,
) -> np.ndarray:  # fmt: skip
    """The cost of one unit of an item received on each day, in ten-thousandths of money: int64 (days,).

    Parameters
    ----------
    first_cost : the cost on day 0, in ten-thousandths
    trend, month : see `features.unit_costs.settings`
    volatility : share by which the cost goes up or down at the start of each month

    >>> unit_costs(1, 0, 7, 100_000.0, np.array([1.0, 1.1]), np.zeros(2, np.int32), 0.0).tolist()
    [100000, 110000]
    """
    costs = np.empty(len(trend), np.int64)
    low, high = seed & 0xFFFFFFFF, seed >> 32
    fill_costs(low, high, int(replication), int(item_key), float(first_cost), trend, month, float(volatility), costs)
    return costs
