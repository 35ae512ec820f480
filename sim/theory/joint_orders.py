"""Joint orders of several items of one source: periodic review of all, base stock of each, unmet demand waits.

An order of whichever items costs a major cost once, each of its lines a minor cost. Items share nothing else, so that
each is a base stock by itself; of the evening's lines only whether there is one ties them.
Source: periodic (R, S) joint replenishment (Atkins & Iyogun 1988), exact for any whole-number law of demand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.theory.base_stock import Service, base_stock_service
from restock.sim.theory.inputs import not_below_zero
from restock.sim.theory.interval_demand import Demand, mean_of, over_days, probabilities


class JointOrders(NamedTuple):
    """Means a day: orders of whichever items, lines of each item, and what each item's service is."""

    orders: float
    lines: tuple[float, ...]
    items: tuple[Service, ...]

    def cost(self, major: float, minor: Sequence[float], holding_cost: float, backorder_cost: float) -> float:
        """Money a day: of orders, of lines, and of units on hand and waiting at the end of the day.

        >>> from restock.sim.probability.laws import Poisson
        >>> found = joint_orders((Poisson(6.0), Poisson(3.0), Poisson(1.0)), (38, 21, 8), lead_time=2, review_period=4)
        >>> round(found.orders, 6), round(found.cost(40, (4, 4, 2), 0.5, 10), 4)
        (0.25, 29.8452)
        """
        not_below_zero(major=major, holding_cost=holding_cost, backorder_cost=backorder_cost)
        of_lines = sum(each * lines for each, lines in zip(minor, self.lines, strict=True))
        return major * self.orders + of_lines + sum(each.cost(holding_cost, backorder_cost) for each in self.items)


def joint_orders(demands: Sequence[Demand], levels: Sequence[int], lead_time: int, review_period: int) -> JointOrders:
    """All items reviewed on the same evenings, each up to its level.

    Parameters
    ----------
    demands : laws of a day's demand, of each item
    levels : base-stock levels, in units

    >>> from restock.sim.probability.laws import Poisson
    >>> [round(lines, 6) for lines in joint_orders((Poisson(6.0), Poisson(1.0)), (18, 5), 2, 1).lines]
    [0.997521, 0.632121]
    """
    require(len(demands) == len(levels), f"a level is needed of each of {len(demands)} items, got {len(levels)}")
    none = [float(over_days(probabilities(demand), review_period)[0]) for demand in demands]
    return JointOrders(
        (1 - float(np.prod(none))) / review_period,
        tuple((1 - each) / review_period for each in none),
        tuple(base_stock_service(demand, level, lead_time, review_period)
              for demand, level in zip(demands, levels, strict=True)),
    )  # fmt: skip


def best_levels(
    demands: Sequence[Demand], lead_time: int, review_period: int, holding_cost: float, backorder_cost: float
) -> tuple[int, ...]:
    """The levels at which units on hand and waiting cost least, which is one search for each item: the cost is convex.

    >>> from restock.sim.probability.laws import Poisson
    >>> best_levels((Poisson(6.0), Poisson(3.0), Poisson(1.0)), 2, 4, 0.5, 10)
    (35, 19, 8)
    """
    out = []
    for demand in demands:
        level = int(mean_of(probabilities(demand)) * lead_time)
        cost = [base_stock_service(demand, s, lead_time, review_period).cost(holding_cost, backorder_cost)
                for s in (level, level + 1)]  # fmt: skip
        while cost[1] < cost[0]:
            level += 1
            more = base_stock_service(demand, level + 1, lead_time, review_period)
            cost = [cost[1], more.cost(holding_cost, backorder_cost)]
        out.append(level)
    return tuple(out)
