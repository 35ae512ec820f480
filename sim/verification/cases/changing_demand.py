"""Demand and levels that change by the day: PROMO."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from restock.sim.model.demand_events import Promotion
from restock.sim.model.scenario import Scenario
from restock.sim.probability.laws import Law, Poisson
from restock.sim.theory.changing_demand import DayService, base_stock_by_day
from restock.sim.verification.cases.worlds import PERIOD, WARM_UP, on_day, one_store
from restock.sim.verification.judging import Case, Check, Estimate, Facts, MakePolicy, Number, Run

PROMO = {  # day: reactive on hand, backorders, no backlog, units short; predictive on hand, backorders, units short
    8: (7.076223, 0.076223, 0.967256, 0.075732, 7.076223, 0.076223, 0.075732),
    9: (7.076223, 0.076223, 0.967256, 0.075732, 7.076223, 0.076223, 0.075732),
    10: (0.803266, 3.803266, 0.317533, 3.802776, 7.215105, 0.215105, 0.215105),
    11: (0.016454, 13.016454, 0.012813, 12.036958, 7.378932, 0.378932, 0.378922),
    12: (9.4e-05, 23.000094, 0.000113, 14.860878, 7.55068, 0.55068, 0.55048),
    13: (9.4e-05, 23.000094, 0.000113, 14.860878, 7.55068, 0.55068, 0.55048),
    14: (9.4e-05, 23.000094, 0.000113, 14.860878, 7.55068, 0.55068, 0.55048),
    15: (0.016454, 13.016454, 0.012813, 4.877238, 7.503988, 0.367149, 0.327908),
    16: (0.803266, 3.803266, 0.317533, 2.82377, 7.367844, 0.20626, 0.196235),
    17: (7.076223, 0.076223, 0.967256, 0.075732, 7.239876, 0.072374, 0.071914),
    18: (7.076223, 0.076223, 0.967256, 0.075732, 7.088404, 0.075914, 0.075426),
    19: (7.076223, 0.076223, 0.967256, 0.075732, 7.076914, 0.076205, 0.075714),
}
TOTALS = {"reactive": (68.502036, 0.377254), "predictive": (3.144128, 0.971417)}  # units short, fill rate of days 8-19
CALM, MORE, LEAD_TIME = 5.0, 10.0, 3
FIRST, LAST = 10 + 1, 14 + 1  # the case's day t is day t + 1 here, its morning order our evening before
WINDOW = range(8 + 1, 19 + 2)


def promo(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Three times the demand on days 10-14, against a constant level and one that looks ahead.

    One store, whose promotion comes again every 28 days, which is long enough for all to be as it was.
    """
    from restock.sim.verification.cases.rules import LookAhead

    checks = []
    for name, more in (("reactive", 0), ("predictive", int(MORE))):
        by_day = {one.day: one for one in base_stock_by_day(*laws_and_levels(more), LEAD_TIME)}
        policy: Any = LookAhead(
            base_stock_level=22, more_a_day=more, first_day=FIRST, last_day=LAST, lead_time=LEAD_TIME
        )
        if name == "reactive":  # base stock of 15 + 1.799 sqrt(15), rounded up: 22
            policy = {"name": "reactive", "target": 0.964, "order_days": 0.0}
        checks.append(Check(numbers(name, by_day), Run(world(), policy, period=PERIOD)))
    return checks


def laws_and_levels(more: int) -> tuple[list[Law], list[int]]:
    """The law of each day's demand, and the level of each evening; one that looks ahead is 7 above the mean."""
    rates = [CALM + MORE * (FIRST <= day <= LAST) for day in range(PERIOD)]
    covered = [rates[evening + 1 : evening + 1 + LEAD_TIME] for evening in range(PERIOD - LEAD_TIME)]
    levels = [round(sum(days)) + 7 if more else 22 for days in covered]
    return [Poisson(rate) for rate in rates[: len(levels)]], levels


def world() -> Scenario:
    promotion = Promotion(start=FIRST - WARM_UP, days=LAST - FIRST + 1, uplift=(CALM + MORE) / CALM, every=PERIOD)
    return replace(one_store(Poisson(CALM), LEAD_TIME, opening=22), events=(promotion,))


def numbers(name: str, by_day: dict[int, DayService]) -> tuple[Number, ...]:
    out = []
    for day, (on_hand, waiting, clear, short, *ahead) in PROMO.items():
        found, at = by_day[day + 1], f"day {day}, {name}: "
        if name == "predictive":
            on_hand, waiting, short = ahead
        out += [
            _units(at + "on hand", on_hand, found.mean_on_hand, on_day("on_hand", "store_0", day + 1)),
            _units(at + "backorders", waiting, found.mean_backorders, on_day("backorders", "store_0", day + 1)),
            _units(at + "units short", short, found.units_short, _short([day + 1])),
        ]
        if name == "reactive":
            out.append(Number(at + "no backlog", clear, found.no_backlog, on_day("clear", "store_0", day + 1), True))
    units, beta = TOTALS[name]
    short, asked = sum(by_day[day].units_short for day in WINDOW), len(WINDOW) * CALM + (LAST - FIRST + 1) * MORE
    return (*out, Number(f"days 8-19, {name}: mean demand", 110.0, asked, _sum("demand", WINDOW)),
            _units(f"days 8-19, {name}: units short", units, short, _short(WINDOW)),
            Number(f"days 8-19, {name}: fill rate", beta, 1 - short / asked, _fill, True))  # fmt: skip


def _units(quantity: str, printed: float, theory: float, estimate: Estimate) -> Number:
    """Where less than 0.2 units are expected, an interval 0.002 wide each way is narrow."""
    return Number(quantity, printed, theory, estimate, narrow=max(0.002, 0.01 * theory))


def _of_days(facts: Facts, figure: str, days: range | list[int]) -> np.ndarray:
    return np.sum([facts[f"{figure}@store_0:{day}"] for day in days], axis=0)


def _sum(figure: str, days: range | list[int]) -> Estimate:
    return lambda facts: (_of_days(facts, figure, days), facts["periods"])


def _short(days: range | list[int]) -> Estimate:
    return lambda facts: (_of_days(facts, "demand", days) - _of_days(facts, "filled", days), facts["periods"])


def _fill(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    return _of_days(facts, "filled", WINDOW), _of_days(facts, "demand", WINDOW)


CASES = (Case("PROMO", "exact propagation of the inventory position", 1e-5, promo),)
