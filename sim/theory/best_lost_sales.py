"""Best levels, and the best that any policy can do, under periodic review with lost sales."""

from __future__ import annotations

import numpy as np

from restock.sim.theory.inputs import not_below_zero, whole
from restock.sim.theory.interval_demand import Demand, mean_of, over_days, probabilities
from restock.sim.theory.loss import complementary_loss, loss
from restock.sim.theory.lost_sales import lost_sales_service
from restock.sim.theory.newsvendor import newsvendor


def best_lost_sales_level(
    demand: Demand, lead_time: int, holding_cost: float, lost_sale_cost: float
) -> tuple[int, float]:
    """The base-stock level of least cost a day where unmet demand is lost, and that cost; the cost is convex in it.

    The search starts from the level that would be best with backorders, which is too high.
    Source: Janakiraman & Roundy (2004), Mathematics of Operations Research 29(4), 795-803 (convexity).

    >>> from restock.sim.probability.laws import Poisson
    >>> level, cost = best_lost_sales_level(Poisson(5.0), 2, holding_cost=1, lost_sale_cost=4)
    >>> level, round(cost, 4)
    (12, 4.1628)
    """
    return _best_level(demand, lead_time, holding_cost, lost_sale_cost, None)


def best_capped_level(
    demand: Demand, lead_time: int, holding_cost: float, lost_sale_cost: float
) -> tuple[int, int, float]:
    """Base stock with a cap on each order where unmet demand is lost: the best (level, cap), and its cost a day.

    For each cap from 1 on the best level; the cost over caps may have several valleys, so all are looked at, up to the
    level itself: a larger cap never binds.
    Source: Xin (2021), Operations Research 69(1), 61-70.

    >>> from restock.sim.probability.laws import Poisson
    >>> level, cap, cost = best_capped_level(Poisson(5.0), 2, holding_cost=1, lost_sale_cost=4)
    >>> level, cap, round(cost, 4)
    (12, 6, 4.0654)
    """
    found: list[tuple[float, int, int]] = []
    cap, start = 1, None
    while True:
        level, cost = _best_level(demand, lead_time, holding_cost, lost_sale_cost, cap, start)
        found.append((cost, cap, level))
        if cap >= level:
            cost, cap, level = min(found)
            return level, cap, cost
        cap, start = cap + 1, level


def _best_level(
    demand: Demand,
    lead_time: int,
    holding_cost: float,
    lost_sale_cost: float,
    cap: int | None,
    start: int | None = None,
) -> tuple[int, float]:
    """The best level under a cap, searched from `start`, and its cost."""

    def cost_of(level: int) -> float:
        return lost_sales_service(demand, level, lead_time, cap).cost(holding_cost, lost_sale_cost)

    level = standard_level(demand, lead_time, holding_cost, lost_sale_cost) if start is None else start
    cost = cost_of(level)
    for step in (-1, 1):
        while level + step >= 0:
            trial = cost_of(level + step)
            if trial >= cost:
                break
            level, cost = level + step, trial
    return level, cost


def standard_level(demand: Demand, lead_time: int, holding_cost: float, lost_sale_cost: float) -> int:
    """The level that a planner who takes lost sales for backorders would choose: a newsvendor over the lead time.

    Source: Zipkin (2008), tables 3 and 4 ('standard base-stock').

    >>> from restock.sim.probability.laws import Poisson
    >>> standard_level(Poisson(5.0), 2, 1, 4)
    13
    """
    whole(1, lead_time=lead_time)
    return int(newsvendor(over_days(demand, lead_time), holding_cost, lost_sale_cost).quantity)


def best_lost_sales_cost(
    demand: Demand, lead_time: int, holding_cost: float, lost_sale_cost: float, largest_order: int | None = None
) -> float:
    """Least cost a day of any policy that sees every order on its way, unmet demand lost: by dynamic programming.

    `lead_time` is restock's, at least 2; `largest_order` bounds the search (default: mean + 2.5 standard deviations of
    a day, with a lead time of 2 of three days). Values are iterated until the bounds on the cost meet within 1e-5.
    Source: Zipkin (2008), Operations Research 56(5), 1256-1263, tables 3 and 4 ('optimal').

    >>> from restock.sim.probability.laws import Poisson
    >>> round(best_lost_sales_cost(Poisson(5.0), 2, 1, 4), 4)
    4.0407
    """
    whole(2, lead_time=lead_time)
    not_below_zero(holding_cost=holding_cost, lost_sale_cost=lost_sale_cost)
    p, mean = probabilities(demand), mean_of(probabilities(demand))
    spread = float(np.sqrt((np.arange(len(p)) - mean) ** 2 @ p))
    days = 3 if lead_time == 2 else 1
    cap = int(np.ceil(days * mean + 2.5 * spread * days**0.5)) if largest_order is None else largest_order
    whole(1, largest_order=cap)
    size = int(np.ceil(3 * mean + 5 * spread)) + cap
    moves = [np.zeros((size, size)) for _ in range(cap + 1)]  # on hand today -> tomorrow, for each unit arriving
    for arriving, move in enumerate(moves):
        for x in range(size):
            np.add.at(move[x], np.clip(np.maximum(x - np.arange(len(p)), 0) + arriving, 0, size - 1), p)
    today = holding_cost * complementary_loss(p, np.arange(size)) + lost_sale_cost * loss(p, np.arange(size))
    on_the_way = lead_time - 2
    value = np.zeros((size, *[cap + 1] * on_the_way))
    while True:
        flat = value.reshape(size, -1)
        after = np.stack([move @ flat for move in moves], axis=1)  # (on hand, oldest order, the later ones, today's)
        after = after.reshape(size, *[cap + 1] * (on_the_way + 1)).min(axis=-1)
        new = after + today.reshape(-1, *[1] * on_the_way)
        change = new - value
        if change.max() - change.min() < 1e-5:
            return float(change.max() + change.min()) / 2
        value = new - new.min()
