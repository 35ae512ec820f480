"""Two sources with whole lead times and backorders: the dual index, a constant base with express orders, the optimum.

restock's day: orders go out in the evening, express before regular, and one with lead time L arrives on the morning
of the L-th day after; costs are of stock and backorders at the end of a day.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.theory.inputs import not_below_zero, whole
from restock.sim.theory.interval_demand import Demand, mean_of, over_days, probabilities


class TwoSources(NamedTuple):
    """Means a day of a policy of two sources, and the share of demand met from stock on its day.

    >>> TwoSources(0.5, 1.5, 3.0, 0.1, 0.98).cost(premium=10, holding_cost=5, backorder_cost=95)
    29.5
    """

    expressed: float
    regular: float
    mean_on_hand: float
    mean_backorders: float
    fill_rate: float

    def cost(self, premium: float, holding_cost: float, backorder_cost: float) -> float:
        """Cost a day."""
        return premium * self.expressed + holding_cost * self.mean_on_hand + backorder_cost * self.mean_backorders


def dual_index_service(
    demand: Demand, express_level: int, level: int, express_lead_time: int, lead_time: int
) -> TwoSources:
    """The dual index with levels S_e and S_r: the exact chain of the overshoot and of the regular orders that come
    later.

    After the express order of an evening, the express position is S_e and the overshoot O; O and the last l =
    lead_time - express_lead_time regular orders make S_r - S_e together. Tomorrow's overshoot is O + the regular
    order that comes into sight - demand, where that is not below 0; where it is, so much is ordered express, and the
    rest of demand regular.
    Source: Veeraraghavan & Scheller-Wolf (2008), Operations Research 56(4), section 4.

    >>> found = dual_index_service(np.full(5, 0.2), 4, 9, 1, 3)
    >>> round(found.expressed, 6), round(found.cost(20, 5, 495), 6)
    (0.277922, 23.337662)
    """
    whole(None, express_level=express_level)
    whole(None, level=level)
    _lead_times(express_lead_time, lead_time)
    gap, ahead = level - express_level, lead_time - express_lead_time
    require(gap >= 0, f"level must not be below express_level ({express_level}), got {level}")
    p = probabilities(demand)
    start = (gap, *(0,) * ahead)  # the overshoot, and the regular orders, the oldest first

    def next_state(state: tuple[int, ...], asked: int) -> tuple[tuple[int, ...], int]:
        left = state[0] - asked + state[1]
        expressed = max(0, -left)
        return (max(0, left), *state[2:], asked - expressed), expressed

    return _found(demand, express_level, express_lead_time, *_stationary(p, start, next_state))


def base_surge_service(demand: Demand, express_level: int, order_a_day: int, express_lead_time: int) -> TwoSources:
    """A constant regular order below mean demand, and express orders up to S_e: the overshoot is a reflected walk.

    Source: Allon & Van Mieghem (2010), Management Science 56(1), section 4.

    >>> found = base_surge_service(np.full(5, 0.2), 4, 1, 1)
    >>> round(found.cost(5, 5, 495), 6)
    16.903047
    """
    whole(0, order_a_day=order_a_day)
    whole(1, express_lead_time=express_lead_time)
    p = probabilities(demand)
    mean = mean_of(probabilities(demand))
    require(order_a_day < mean, f"order_a_day must be below mean demand ({mean:g}), got {order_a_day}")
    # the walk is cut where it is next to never
    most = 40 + int(60 * (p @ np.arange(len(p)) ** 2) / (mean - order_a_day))

    def next_state(state: tuple[int, ...], asked: int) -> tuple[tuple[int, ...], int]:
        left = state[0] - asked + order_a_day
        return (min(most, max(0, left)),), max(0, -left)

    return _found(demand, express_level, express_lead_time, *_stationary(p, (0,), next_state))


def best_dual_index(
    demand: Demand, express_lead_time: int, lead_time: int, premium: float, holding_cost: float, backorder_cost: float
) -> tuple[int, int, float]:
    """The levels (S_e, S_r) of least cost a day, and that cost; of each gap the newsvendor level of demand less
    overshoot.

    Source: Veeraraghavan & Scheller-Wolf (2008), Operations Research 56(4), theorem 4.1.

    >>> level, higher, cost = best_dual_index(np.full(5, 0.2), 1, 3, premium=10, holding_cost=5, backorder_cost=495)
    >>> level, higher, round(cost, 6)
    (4, 8, 20.125313)
    """
    _lead_times(express_lead_time, lead_time)
    not_below_zero(premium=premium, holding_cost=holding_cost, backorder_cost=backorder_cost)
    longest = (lead_time - express_lead_time) * (len(probabilities(demand)) - 1)
    best: list[tuple[float, int, int]] = []
    for gap in range(longest + 1):
        costs = []
        for lower in range(express_lead_time * (len(probabilities(demand)) - 1) + 1):
            found = dual_index_service(demand, lower, lower + gap, express_lead_time, lead_time)
            costs.append((found.cost(premium, holding_cost, backorder_cost), lower, lower + gap))
        best.append(min(costs))
    cost, lower, higher = min(best)
    return lower, higher, cost


def best_two_source_cost(demand: Demand, premium: float, holding_cost: float, backorder_cost: float) -> float:
    """The least cost a day of any policy, with lead times of 1 and 3 days: value iteration over stock that is there by
    tomorrow and the regular order of the evening before.

    >>> round(best_two_source_cost(np.full(5, 0.2), premium=20, holding_cost=5, backorder_cost=495), 4)
    23.0714
    """
    not_below_zero(premium=premium, holding_cost=holding_cost, backorder_cost=backorder_cost)
    p = probabilities(demand)
    most = len(p) - 1
    lowest, highest, orders = -2 * most, 5 * most, most + 1
    stock = np.arange(lowest, highest + 1)
    after = stock[:, None] - np.arange(most + 1)
    day_cost = (holding_cost * np.maximum(after, 0) + backorder_cost * np.maximum(-after, 0)) @ p
    value = np.zeros((len(stock), orders + 1))  # of stock by tomorrow, and of the last regular order
    old = np.inf
    for _ in range(100_000):
        # what is left of stock y after tonight's express order, with the order q of last evening and r of tonight
        reached = np.clip(after[:, None, :] + np.arange(orders + 1)[None, :, None] - lowest, 0, len(stock) - 1)
        later = np.min(np.tensordot(value[reached], p, axes=([2], [0])), axis=-1)
        of_level = day_cost[:, None] + later  # by stock after the express order
        raised = of_level + premium * stock[:, None]
        new = np.minimum.accumulate(raised[::-1], axis=0)[::-1] - premium * stock[:, None]
        change = new - value
        gain, spread = float(change.max() + change.min()) / 2, float(np.ptp(change))
        value = new - new[0, 0]
        if spread < 1e-9 and abs(gain - old) < 1e-9:
            break
        old = gain
    return gain


def _lead_times(express_lead_time: int, lead_time: int) -> None:
    whole(1, express_lead_time=express_lead_time)
    whole(express_lead_time + 1, lead_time=lead_time)


def _stationary(
    p: np.ndarray, start: tuple[int, ...], next_state: Callable[[tuple[int, ...], int], tuple[tuple[int, ...], int]]
) -> tuple[np.ndarray, float]:
    """The law of the overshoot, and mean express orders, of the chain of all states that are reached."""
    number = {start: 0}
    states, rows = [start], []
    for state in states:
        for asked in np.flatnonzero(p).tolist():
            reached, expressed = next_state(state, asked)
            if reached not in number:
                number[reached] = len(states)
                states.append(reached)
            rows.append((number[state], number[reached], p[asked], expressed))
    of, to, chance, ordered = (np.array(column) for column in zip(*rows, strict=True))
    law = np.full(len(states), 1 / len(states))
    for _ in range(200_000):
        # half a step, so that chains with a rhythm settle, too
        new = (law + np.bincount(to, law[of] * chance, len(states))) / 2
        if np.abs(new - law).sum() < 1e-14:
            break
        law = new
    over = np.bincount([state[0] for state in states], law)
    return over, float((law[of] * chance * ordered).sum())


def _found(
    demand: Demand, express_level: int, express_lead_time: int, over: np.ndarray, expressed: float
) -> TwoSources:
    """Figures of an end of day: what is there after an evening, less the demand of the express lead time."""
    mean = mean_of(probabilities(demand))
    before = over_days(demand, express_lead_time - 1)
    there = express_level + np.arange(len(over))[:, None] - np.arange(len(before))
    weight = over[:, None] * before
    p = probabilities(demand)
    asked = np.arange(len(p))
    ends = there[..., None] - asked
    on_hand = float((weight[..., None] * p * np.maximum(ends, 0)).sum())
    waiting = float((weight[..., None] * p * np.maximum(-ends, 0)).sum())
    unmet = float((weight[..., None] * p * np.minimum(asked, np.maximum(-ends, 0))).sum())
    return TwoSources(expressed, mean - expressed, on_hand, waiting, 1 - unmet / mean)
