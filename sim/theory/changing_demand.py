"""Base stock through days that differ, such as a promotion: exact, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.theory.inputs import whole
from restock.sim.theory.interval_demand import Demand, add, probabilities, probability_at_most
from restock.sim.theory.loss import complementary_loss, loss


class DayService(NamedTuple):
    """Expected units at the end of a day, the probability that nobody waits then, and units short on the day."""

    day: int
    mean_on_hand: float
    mean_backorders: float
    no_backlog: float
    units_short: float


def base_stock_by_day(demand: Sequence[Demand], levels: Sequence[int], lead_time: int) -> list[DayService]:
    """Expected service of each day when demand and the base-stock level change, unmet demand waits.

    Parameters
    ----------
    demand : law of each day's demand
    levels : base-stock level of each evening; orders are never cancelled, so the position after ordering is the larger
        of the level and what is there already
    lead_time : days, at least 1 (restock's: a textbook's L + 1)

    The run starts in the evening of day 0 with the position at its level; service is given from day `lead_time` on.
    Net stock at the end of day t + L is the position after evening t less the demand of days t + 1 .. t + L.
    Source: Zipkin (2000), Foundations of Inventory Management, chapter 9 (time-varying, stochastic demand).

    >>> from restock.sim.probability.laws import Poisson
    >>> calm = base_stock_by_day([Poisson(5.0)] * 4, [20] * 4, lead_time=3)
    >>> round(calm[0].mean_on_hand, 4), round(calm[0].units_short, 4)
    (5.2123, 0.2095)
    """
    whole(1, lead_time=lead_time)
    require(len(demand) == len(levels) > lead_time, "give a law and a level for each day, more days than the lead time")
    for level in levels:
        whole(0, level=level)
    laws = [probabilities(law) for law in demand]
    position = np.zeros(int(max(levels)) + 1)  # probabilities of 0, 1, ... after the evening's order
    position[levels[0]] = 1.0
    days = []
    for evening in range(len(laws) - lead_time):
        if evening > 0:
            position = _raised(_less(position, laws[evening]), levels[evening], len(position))
        ahead = laws[evening + 1 : evening + lead_time + 1]
        before = reduce(add, ahead[:-1], np.ones(1))
        days.append(_service(evening + lead_time, position, before, add(before, ahead[-1])))
    return days


def _less(position: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """Probabilities of position - demand, of 0, 1, ...; what would be negative is counted at 0."""
    out = np.correlate(np.append(position, np.zeros(len(demand) - 1)), demand, mode="valid")
    out[0] += max(0.0, 1 - out.sum())
    return out


def _raised(position: np.ndarray, level: int, size: int) -> np.ndarray:
    """The position after an order up to the level."""
    out = np.zeros(size)
    out[level:] = position[level:size]
    out[level] += position[:level].sum()
    return out


def _service(day: int, position: np.ndarray, before: np.ndarray, after: np.ndarray) -> DayService:
    y = np.nonzero(position > 0)[0]
    weight = position[y]
    waiting = float(weight @ loss(after, y))
    clear = float(weight @ np.array([probability_at_most(after, level) for level in y]))
    short = waiting - float(weight @ loss(before, y))
    return DayService(day, float(weight @ complementary_loss(after, y)), waiting, clear, short)
