"""Days on which goods move: suppliers' working days and holidays, lanes' delivery days, as tables by day of the run.

A lead time of n days ends on the n-th day after the night on which the supplier works: one of its weekdays, and no
holiday. Goods come on the first delivery day from then on that is such a day, too. Sites that serve others always work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.features.supply_risk.suppliers import Supplier
from restock.sim.model.demand_events import day_of
from restock.sim.model.network import WEEKDAYS
from restock.sim.model.supply.supply_events import Holiday

if TYPE_CHECKING:
    from restock.sim.model.network import Lane
    from restock.sim.model.scenario import Scenario
    from restock.sim.probability.law import Law

NEVER = np.iinfo(np.int32).max


class Calendars(NamedTuple):
    """Over suppliers (k), the last of which stands for sites that serve others, lanes (l) and days of the run (t).

    Parameters
    ----------
    worked : ndarray of int32, shape (k, t)
        Working days from day 0 to the day, itself included.
    nth : ndarray of int32, shape (k, count)
        The day on which so many working days are over.
    next_day : ndarray of int32, shape (l, t)
        The first day, from the day on, on which goods come on the lane.
    """

    worked: np.ndarray
    nth: np.ndarray
    next_day: np.ndarray

    def arrival(self, k: int, way: int, night: np.ndarray, lead_time: int, missed: bool) -> np.ndarray:
        """The day on which goods come that left on a night, where delivery days are met, or one of them is missed."""
        day = self.next_day[way, self.nth[k, self.worked[k, night] + lead_time]]
        return self.next_day[way, day + 1] if missed else day


def calendars_of(
    scenario: Scenario, lanes: Sequence[Lane], names: Sequence[str], suppliers: Sequence[Supplier], longest: int
) -> Calendars:
    """The tables of a scenario, whose lead times are of `longest` days at most; `names` are those of `suppliers`."""
    holidays = [event for event in scenario.events if isinstance(event, Holiday)]
    resting = sum(event.days for event in holidays)
    slowest = max((-(-7 // len(set(each.working_days))) for each in suppliers), default=1)
    over = scenario.horizon + slowest * (longest + 7) + resting  # by then the last lead time has ended
    days = over + 2 * (8 + resting)  # and the delivery day after the next is past
    weekday = (scenario.start.weekday() + np.arange(days)) % 7
    works = np.array([_among(weekday, each.working_days) for each in suppliers] + [np.ones(days, bool)])
    for event in holidays:
        first = day_of(event.start, scenario)
        works[names.index(event.supplier), max(0, first) : max(0, first + event.days)] = False
    worked = np.cumsum(works, axis=1, dtype=np.int32)
    nth = np.full((len(works), int(worked.max()) + 1), NEVER, np.int32)
    for k, each in enumerate(works):
        nth[k, 1 : 1 + int(worked[k, -1])] = np.flatnonzero(each)
    next_day = np.full((len(lanes), days), NEVER, np.int32)
    for way, lane in enumerate(lanes):
        k = names.index(lane.source) if lane.source in names else -1
        comes = _among(weekday, lane.own.get("delivery_days") or WEEKDAYS)
        require(k < 0 or bool(set(lane.own.get("delivery_days") or WEEKDAYS) & set(suppliers[k].working_days)),
                f"delivery_days of lane '{lane.source}' -> '{lane.destination}' must have one of the working_days of "
                f"'{lane.source}', or nothing of it ever comes")  # fmt: skip
        open_days = np.where(comes & works[k], np.arange(days), NEVER)
        next_day[way] = np.minimum.accumulate(open_days[::-1])[::-1]
    return Calendars(worked[:, : scenario.horizon].copy(), nth, next_day)


def planned_moments(law: Law, working_days: Sequence[str], order_days: Sequence[str]) -> tuple[float, float]:
    """Mean and variance, in calendar days, of a lead time that counts working days, over the nights of orders.

    Holidays are left out: a planner of levels plans for the weeks without.

    >>> from restock.sim.probability.laws import Constant
    >>> planned_moments(Constant(5), WEEKDAYS[:5], WEEKDAYS[:5])
    (7.0, 0.0)
    >>> mean, variance = planned_moments(Constant(1), WEEKDAYS[:5], WEEKDAYS[:5])  # three days over a weekend
    >>> round(mean, 6), round(variance, 6)
    (1.4, 0.64)
    """
    chances = law.pmf()
    weekday = np.arange(7 * (len(chances) + 2)) % 7
    works = _among(weekday, working_days)
    worked, nth = np.cumsum(works), np.flatnonzero(works)
    nights = np.array([WEEKDAYS.index(day) for day in dict.fromkeys(order_days)])
    takes = nth[worked[nights][:, None] + np.arange(len(chances) - 1)] - nights[:, None]  # (night, lead time from 1 on)
    mean = float((takes.mean(axis=0) * chances[1:]).sum())
    return mean, float((((takes - mean) ** 2).mean(axis=0) * chances[1:]).sum())


def _among(weekday: np.ndarray, days: Sequence[str]) -> np.ndarray:
    """Which of some weekdays, Monday 0, are among the days."""
    return np.isin(weekday, [WEEKDAYS.index(day) for day in days])
