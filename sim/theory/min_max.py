"""(s, S), called min-max in retail: exact cost by renewal, and the best levels (Zheng & Federgruen 1991)."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.theory.inputs import above_zero, not_below_zero, whole
from restock.sim.theory.interval_demand import Demand, mean_of, over_days, probabilities
from restock.sim.theory.loss import complementary_loss, loss


class MinMax(NamedTuple):
    """What an (s, S) policy does in the long run, a day; units at the end of a day."""

    reorder_point: int
    order_up_to_level: int
    cost: float
    orders_per_day: float
    mean_order: float
    mean_on_hand: float
    mean_backorders: float
    fill_rate: float
    mean_position: float  # after the evening's order


class _Days:
    """Expected stock, backlog and units short a day for each inventory position after the evening's order.

    A position y after the order of evening t decides net stock at the end of days t + L .. t + L + R - 1:
    y - demand of L .. L + R - 1 days.
    """

    def __init__(self, demand: Demand, lead_time: int, review_period: int) -> None:
        whole(1, lead_time=lead_time, review_period=review_period)
        p = probabilities(demand)
        self.mean = mean_of(p)
        require(p[0] < 1, "demand must have a mean above 0")
        self.at_review = over_days(p, review_period)
        self.review_period = review_period
        self.before = over_days(p, lead_time - 1)
        self.after = [over_days(p, n) for n in range(lead_time, lead_time + review_period)]

    def on_hand(self, position: np.ndarray) -> np.ndarray:
        return np.mean([complementary_loss(p, position) for p in self.after], axis=0)

    def backorders(self, position: np.ndarray) -> np.ndarray:
        return np.mean([loss(p, position) for p in self.after], axis=0)

    def short(self, position: np.ndarray) -> np.ndarray:
        return (loss(self.after[-1], position) - loss(self.before, position)) / self.review_period


def visits(at_review: np.ndarray, depth: int) -> np.ndarray:
    """Expected reviews m(j) that find the position j below S (after ordering) in one cycle, j = 0 .. depth - 1.

    m(0) = 1 / (1 - p(0)); m(j) = sum over k of p(k) m(j - k).
    Source: Snyder & Shen (2019), equations (4.71)-(4.75); Zheng & Federgruen (1991), section 1.

    >>> visits(np.array([0.5, 0.5]), 3).tolist()
    [2.0, 2.0, 2.0]
    """
    p = np.zeros(depth + 1)
    p[: min(len(at_review), depth + 1)] = at_review[: depth + 1]
    m = np.zeros(depth)
    m[0] = 1 / (1 - p[0])
    for j in range(1, depth):
        m[j] = (p[1 : j + 1] @ m[j - 1 :: -1][:j]) * m[0]
    return m


def min_max(
    demand: Demand, reorder_point: int, order_up_to_level: int, lead_time: int, ordering_cost: float = 0.0,
    holding_cost: float = 0.0, backorder_cost: float = 0.0, review_period: int = 1,
) -> MinMax:  # fmt: skip
    """An (s, S) policy exactly: order up to S when the inventory position is at or below s; unmet demand waits.

    Parameters
    ----------
    demand : law of one day's demand
    reorder_point, order_up_to_level : units (s < S)
    lead_time : days, at least 1 (restock's: a textbook's L + 1)
    ordering_cost : money for each order (K)
    holding_cost, backorder_cost : money for a unit on hand (h), or waiting (b), at the end of a day
    review_period : days between reviews

    Source: Veinott & Wagner (1965), Management Science 11(5), 525-552; Zheng & Federgruen (1991), Operations Research
    39(4), 654-665, section 1; Snyder & Shen (2019), section 4.4.

    >>> from restock.sim.probability.laws import Poisson
    >>> found = min_max(Poisson(5.0), 20, 40, lead_time=4, ordering_cost=30, holding_cost=1, backorder_cost=9)
    >>> round(found.cost, 4), round(found.fill_rate, 6), round(found.mean_order, 3)
    (20.2744, 0.963467, 22.5)
    """
    not_below_zero(ordering_cost=ordering_cost, holding_cost=holding_cost, backorder_cost=backorder_cost)
    whole(reorder_point=reorder_point, order_up_to_level=order_up_to_level)
    below = f"reorder_point ({reorder_point}) must be below order_up_to_level ({order_up_to_level})"
    require(reorder_point < order_up_to_level, below)
    days = _Days(demand, lead_time, review_period)
    depth = int(order_up_to_level - reorder_point)
    weight = visits(days.at_review, depth)
    cycle = float(weight.sum())
    weight = weight / cycle
    position = int(order_up_to_level) - np.arange(depth)
    orders = 1 / (cycle * review_period)
    on_hand, waiting = float(weight @ days.on_hand(position)), float(weight @ days.backorders(position))
    cost = ordering_cost * orders + holding_cost * on_hand + backorder_cost * waiting
    fill = 1 - float(weight @ days.short(position)) / days.mean
    return MinMax(int(reorder_point), int(order_up_to_level), cost, orders, days.mean / orders, on_hand, waiting, fill,
                  float(weight @ position))  # fmt: skip


def best_min_max(
    demand: Demand, lead_time: int, ordering_cost: float, holding_cost: float, backorder_cost: float,
    review_period: int = 1,
) -> MinMax:  # fmt: skip
    """The (s, S) policy of least cost, for any whole-number law: no other policy does better with backorders.

    Source: Zheng & Federgruen (1991), Operations Research 39(4), 654-665, the algorithm; Snyder & Shen (2019),
    algorithm 4.2.

    >>> from restock.sim.probability.laws import Poisson
    >>> best = best_min_max(Poisson(10.0), 1, ordering_cost=64, holding_cost=1, backorder_cost=9)
    >>> best.reorder_point, best.order_up_to_level, round(best.cost, 3)
    (6, 40, 35.022)
    """
    above_zero(holding_cost=holding_cost, backorder_cost=backorder_cost)
    not_below_zero(ordering_cost=ordering_cost)
    days = _Days(demand, lead_time, review_period)
    per_review = ordering_cost / review_period
    reached = {"visits": visits(days.at_review, 64)}

    @cache
    def one_day(position: int) -> float:
        y = np.array([position])
        return float(holding_cost * days.on_hand(y)[0] + backorder_cost * days.backorders(y)[0])

    def cost(low: int, high: int) -> float:
        depth = high - low
        if depth > len(reached["visits"]):
            reached["visits"] = visits(days.at_review, 2 * depth)
        m = reached["visits"][:depth]
        spent = sum(weight * one_day(high - j) for j, weight in enumerate(m.tolist()))
        return (per_review + spent) / float(m.sum())

    start = int(days.mean * (lead_time + (review_period - 1) / 2))
    while one_day(start + 1) < one_day(start):
        start += 1
    while one_day(start - 1) < one_day(start):
        start -= 1
    low, high = start - 1, start
    while cost(low, high) > one_day(low):
        low -= 1
    best, trial = cost(low, high), start + 1
    while one_day(trial) <= best:  # a larger S whose own day costs more than the best found cannot be better
        if cost(low, trial) < best:
            high = trial
            while cost(low, high) <= one_day(low + 1):
                low += 1
            best = cost(low, high)
        trial += 1
    return min_max(demand, low, high, lead_time, ordering_cost, holding_cost, backorder_cost, review_period)
