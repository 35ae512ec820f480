"""Base stock under periodic review, unmet demand waits: exact for any whole-number law of demand and of lead times.

At the end of a day, net stock is the base-stock level less what is *outstanding*: demand since the last review, and
demand ordered and not yet received. With a constant lead time that is the demand of L to R - 1 + L days.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from restock.sim.errors import require
from restock.sim.probability.laws import Constant, Law
from restock.sim.theory.inputs import above_zero, finite, not_below_zero, share, whole
from restock.sim.theory.interval_demand import Demand, add, mean_of, over_days, probabilities, probability_at_most
from restock.sim.theory.loss import complementary_loss, loss, normal_loss


class Service(NamedTuple):
    """What a policy gives in the long run; units at the end of a day, and shares.

    `fill_rate` (beta): demand served at once. `backlog_service` (gamma): 1 - mean backorders / mean demand of a day.
    `no_backlog`: days that end with no customer waiting. `ready_rate`: days that end with stock on hand.
    `cycle_service_level` (alpha): the same as `no_backlog` on the day of a review cycle with most outstanding.
    """

    mean_on_hand: float
    mean_backorders: float
    fill_rate: float
    backlog_service: float
    no_backlog: float
    cycle_service_level: float
    ready_rate: float

    def cost(self, holding_cost: float, backorder_cost: float) -> float:
        """Money a day: each unit on hand, and each unit waiting, at the end of the day."""
        not_below_zero(holding_cost=holding_cost, backorder_cost=backorder_cost)
        return holding_cost * self.mean_on_hand + backorder_cost * self.mean_backorders


def outstanding(demand: Demand, lead_time: int | Law, review_period: int = 1) -> list[tuple[np.ndarray, np.ndarray]]:
    """Probabilities of what is outstanding before and after the demand of each day of a review cycle.

    Days are counted from the last review evening, 1 .. R. An order placed j days ago is outstanding at the end of the
    day if its lead time exceeds j. Lead times are drawn for each order on its own, so orders may cross, and each order
    is of R days of demand: a sum of independent mixtures.
    Source: Zipkin (2000), Foundations of Inventory Management, chapters 7 and 9; mixtures: Robinson, Bradley &
    Thomas (2001), Manufacturing & Service Operations Management 3(3), 175-188 (order crossover).

    >>> (before, after), = outstanding(np.array([0.5, 0.5]), lead_time=2)
    >>> before.tolist(), after.tolist()
    ([0.5, 0.5, 0.0], [0.25, 0.5, 0.25, 0.0])
    """
    whole(1, review_period=review_period)
    if not isinstance(lead_time, Law):
        whole(lead_time=lead_time)
    lead = lead_time if isinstance(lead_time, Law) else Constant(lead_time)
    late = 1 - np.cumsum(lead.pmf())  # P(lead time > j)
    require(late[0] > 1 - 1e-12, f"lead_time must be at least 1 day, got {lead_time}")
    order = over_days(demand, review_period)
    cycle = []
    for day in range(1, review_period + 1):
        coming = np.ones(1)
        for age in range(day, len(late), review_period):
            mixture = late[age] * order
            mixture[0] += 1 - late[age]
            coming = add(coming, mixture)
        cycle.append((add(over_days(demand, day - 1), coming), add(over_days(demand, day), coming)))
    return cycle


def base_stock_service(demand: Demand, base_stock_level: int, lead_time: int | Law, review_period: int = 1) -> Service:
    """Service and mean stock of a base-stock level (S) reviewed every R days, backorders.

    Parameters
    ----------
    demand : law of one day's demand
    base_stock_level : units
    lead_time : days, at least 1 (restock's: a textbook's L + 1), or a law drawn for each order
    review_period : days between reviews

    Source: Zipkin (2000), chapter 9; Snyder & Shen (2019), section 4.3.4; the fill rate takes off what was short
    already when the day began.

    >>> from restock.sim.probability.laws import Poisson
    >>> service = base_stock_service(Poisson(5.0), 20, lead_time=3)
    >>> round(service.mean_on_hand, 4), round(service.fill_rate, 6), round(service.cost(1, 9), 3)
    (5.2123, 0.958096, 7.123)
    """
    whole(0, base_stock_level=base_stock_level)
    level, mean = int(base_stock_level), mean_of(probabilities(demand))
    require(mean > 0, "demand must have a mean above 0")
    days = outstanding(demand, lead_time, review_period)
    on_hand = [float(complementary_loss(after, level)) for _, after in days]
    waiting = [float(loss(after, level)) for _, after in days]
    short = [float(loss(after, level) - loss(before, level)) for before, after in days]
    clear = [probability_at_most(after, level) for _, after in days]
    ready = [probability_at_most(after, level - 1) for _, after in days]
    backorders = float(np.mean(waiting))
    return Service(
        float(np.mean(on_hand)), backorders, 1 - float(np.mean(short)) / mean, 1 - backorders / mean,
        float(np.mean(clear)), min(clear), float(np.mean(ready)),
    )  # fmt: skip


MEASURES = ("cycle_service_level", "fill_rate", "no_backlog", "ready_rate", "backlog_service")


def base_stock_level_for(
    target: float, demand: Demand, lead_time: int | Law, review_period: int = 1, measure: str = "fill_rate"
) -> int:
    """The least base-stock level whose service reaches a target: the exact inversion, by bisection.

    `measure`: any of MEASURES. Source: definition of the measure, see `base_stock_service`.

    >>> from restock.sim.probability.laws import Poisson
    >>> base_stock_level_for(0.95, Poisson(5.0), lead_time=3), base_stock_level_for(0.99, Poisson(5.0), lead_time=3)
    (20, 23)
    """
    share(target=target)
    require(measure in MEASURES, f"measure must be one of {', '.join(MEASURES)}, got {measure}")

    def reaches(level: int) -> bool:
        return bool(getattr(base_stock_service(demand, level, lead_time, review_period), measure) >= target)

    low, high = -1, 1
    while not reaches(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


def best_base_stock_level(
    demand: Demand, lead_time: int | Law, holding_cost: float, backorder_cost: float, review_period: int = 1
) -> tuple[int, float]:
    """The base-stock level of least cost a day, and that cost: the least S with P(no backlog) >= b / (b + h).

    Source: Snyder & Shen (2019), section 4.3.4.

    >>> from restock.sim.probability.laws import Poisson
    >>> level, cost = best_base_stock_level(Poisson(5.0), 3, holding_cost=1, backorder_cost=9)
    >>> level, round(cost, 4)
    (20, 7.123)
    """
    above_zero(holding_cost=holding_cost, backorder_cost=backorder_cost)
    days = [after for _, after in outstanding(demand, lead_time, review_period)]
    mixed = np.zeros(max(len(p) for p in days))
    for p in days:
        mixed[: len(p)] += p / len(days)
    level = int(np.argmax(np.cumsum(mixed) >= backorder_cost / (backorder_cost + holding_cost) - 1e-12))
    return level, base_stock_service(demand, level, lead_time, review_period).cost(holding_cost, backorder_cost)


def normal_base_stock_service(
    mean: float, standard_deviation: float, base_stock_level: float, lead_time: int, review_period: int = 1
) -> Service:
    """The same for normal demand in fractional units and a constant lead time.

    With E[(D(n) - S)+] = sd sqrt(n) G(z): backlog of n days' demand; the fill rate subtracts the backlog of the day
    before. Source: Silver, Pyke & Thomas (2017), section 6.10 and appendix II; Snyder & Shen (2019), (C.31).

    >>> service = normal_base_stock_service(100, 20, 300 + 0.5 * 20 * 3**0.5, lead_time=3)
    >>> round(service.cycle_service_level, 6), round(service.fill_rate, 6)
    (0.691462, 0.931482)
    """
    above_zero(mean=mean, standard_deviation=standard_deviation)
    finite(base_stock_level=base_stock_level)
    whole(1, lead_time=lead_time, review_period=review_period)
    days = np.arange(lead_time - 1, lead_time + review_period)
    backlog = np.zeros(len(days))
    for k, n in enumerate(days):
        left_over = n * mean - base_stock_level
        deviation = standard_deviation * np.sqrt(n)
        backlog[k] = normal_loss(base_stock_level, n * mean, deviation) if n > 0 else max(left_over, 0.0)
    after = days[1:]
    waiting = float(backlog[1:].mean())
    clear = special.ndtr((base_stock_level - after * mean) / (standard_deviation * np.sqrt(after)))
    short = (backlog[-1] - backlog[0]) / review_period
    return Service(
        float(base_stock_level - after.mean() * mean + waiting), waiting, float(1 - short / mean), 1 - waiting / mean,
        float(clear.mean()), float(clear.min()), float(clear.mean()),
    )  # fmt: skip
