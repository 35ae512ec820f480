"""(r, Q) and (r, nQ): a lot is ordered when the inventory position is at or below the reorder point."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from restock.sim.probability.laws import Poisson
from restock.sim.theory.inputs import above_zero, not_below_zero, whole
from restock.sim.theory.interval_demand import Demand, mean_of, over_days, probabilities, probability_at_most
from restock.sim.theory.loss import complementary_loss, loss


class LotService(NamedTuple):
    """Long-run service and cost; `cycle_service_level`: orders that arrive before anyone had to wait."""

    mean_on_hand: float
    mean_backorders: float
    fill_rate: float
    cycle_service_level: float
    orders_per_day: float
    cost: float


def continuous_service(
    demand_rate: float, lead_time: float, reorder_point: int, order_quantity: int, ordering_cost: float = 0.0,
    holding_cost: float = 0.0, backorder_cost: float = 0.0,
) -> LotService:  # fmt: skip
    """(r, Q) under continuous review, Poisson demand, backorders, constant lead time: exact.

    The inventory position is uniform on r + 1 .. r + Q, and net stock a lead time later is it less Poisson demand.

    Parameters
    ----------
    demand_rate : units a day
    lead_time : days, fractions allowed, continuous time
    reorder_point, order_quantity : units
    ordering_cost, holding_cost, backorder_cost : money for an order, a unit-day on hand, a unit-day waiting

    Source: Hadley & Whitin (1963), Analysis of Inventory Systems, chapter 4; Snyder & Shen (2019), equation (5.48),
    example 5.8.

    >>> found = continuous_service(1.5, 2, 3, 5, ordering_cost=100, holding_cost=20, backorder_cost=150)
    >>> round(found.cost, 4), round(found.fill_rate, 6)
    (107.9236, 0.866633)
    """
    above_zero(demand_rate=demand_rate, lead_time=lead_time)
    not_below_zero(ordering_cost=ordering_cost, holding_cost=holding_cost, backorder_cost=backorder_cost)
    whole(reorder_point=reorder_point)
    whole(1, order_quantity=order_quantity)
    p = Poisson(demand_rate * lead_time).pmf()
    position = np.arange(reorder_point + 1, reorder_point + order_quantity + 1)
    on_hand, waiting = float(complementary_loss(p, position).mean()), float(loss(p, position).mean())
    fill = float(np.mean([probability_at_most(p, y - 1) for y in position]))
    orders = demand_rate / order_quantity
    cost = ordering_cost * orders + holding_cost * on_hand + backorder_cost * waiting
    return LotService(on_hand, waiting, fill, probability_at_most(p, reorder_point), orders, cost)


def best_continuous_lot(
    demand_rate: float, lead_time: float, ordering_cost: float, holding_cost: float, backorder_cost: float
) -> tuple[int, int, float]:
    """The (r, Q) of least cost under continuous review: (reorder point, order quantity, cost a day).

    The positions r + 1 .. r + Q are the Q cheapest, added one at a time while they lower the mean.
    Source: Federgruen & Zheng (1992), Operations Research 40(4), 808-813; Snyder & Shen (2019), equation (5.48).

    >>> r, q, cost = best_continuous_lot(1.5, 2, ordering_cost=100, holding_cost=20, backorder_cost=150)
    >>> r, q, round(cost, 4)
    (3, 5, 107.9236)
    """
    above_zero(demand_rate=demand_rate, lead_time=lead_time, holding_cost=holding_cost, backorder_cost=backorder_cost)
    not_below_zero(ordering_cost=ordering_cost)
    p = Poisson(demand_rate * lead_time).pmf()

    def one_day(position: int) -> float:
        return float(holding_cost * complementary_loss(p, position) + backorder_cost * loss(p, position))

    low = high = int(np.argmax(np.cumsum(p) >= backorder_cost / (backorder_cost + holding_cost)))
    total = ordering_cost * demand_rate + one_day(low)
    while True:
        below, above = one_day(low - 1), one_day(high + 1)
        many = high - low + 1
        if min(below, above) >= total / many:
            return low - 1, many, total / many
        total += min(below, above)
        low, high = (low - 1, high) if below <= above else (low, high + 1)


def lot_service(
    demand: Demand, reorder_point: int, order_quantity: int, lead_time: int, review_period: int = 1,
    ordering_cost: float = 0.0, holding_cost: float = 0.0, backorder_cost: float = 0.0,
) -> LotService:  # fmt: skip
    """(r, nQ) under periodic review in restock's day, any whole-number law, backorders: exact.

    After each review the position is uniform on r + 1 .. r + Q (for a law whose values have no common divisor with Q).
    `lead_time` is restock's, at least 1. `cycle_service_level` is the share of review cycles whose last day ends with
    no customer waiting.

    Source: Hadley & Whitin (1963), chapter 5; Zheng & Chen (1992), Naval Research Logistics 39(3), 285-305.

    >>> found = lot_service(Poisson(5.0), 19, 20, lead_time=4)
    >>> round(found.mean_on_hand, 4), round(found.fill_rate, 6), round(found.orders_per_day, 4)
    (9.8093, 0.943256, 0.25)
    """
    whole(reorder_point=reorder_point)
    whole(1, order_quantity=order_quantity, lead_time=lead_time, review_period=review_period)
    not_below_zero(ordering_cost=ordering_cost, holding_cost=holding_cost, backorder_cost=backorder_cost)
    p = probabilities(demand)
    mean = mean_of(p)
    above_zero(demand_mean=mean)
    position = np.arange(reorder_point + 1, reorder_point + order_quantity + 1)
    after = [over_days(p, n) for n in range(lead_time, lead_time + review_period)]
    on_hand = float(np.mean([complementary_loss(q, position).mean() for q in after]))
    waiting = float(np.mean([loss(q, position).mean() for q in after]))
    short = float((loss(after[-1], position) - loss(over_days(p, lead_time - 1), position)).mean()) / review_period
    in_review = over_days(p, review_period)
    orders = np.mean([1 - probability_at_most(in_review, y - reorder_point - 1) for y in position]) / review_period
    clear = float(np.mean([probability_at_most(after[-1], y) for y in position]))
    cost = ordering_cost * float(orders) + holding_cost * on_hand + backorder_cost * waiting
    return LotService(on_hand, waiting, 1 - short / mean, clear, float(orders), cost)
