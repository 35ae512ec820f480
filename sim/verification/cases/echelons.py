"""Sites in series and trees: SERIAL-2, CLARK-SCARF, ALLOCATION."""

from __future__ import annotations

import numpy as np

from restock.sim.engines.events import allocation as sharing
from restock.sim.probability.laws import Poisson, RoundedNormal
from restock.sim.theory import rationing, serial
from restock.sim.verification.cases.worlds import in_series, per_day, share
from restock.sim.verification.judging import Case, Check, MakePolicy, Number, Run

SERIAL = {  # levels (S2, S1): DC and store: fill rate, on hand, backorders, days of delay (DC only)
    (6, 6): ((0.191236, 0.350357, 2.350357, 0.587589), (0.434279, 1.049343, 1.399701)),
    (8, 6): ((0.452961, 1.116692, 1.116692, 0.279173), (0.608417, 1.584408, 0.7011)),
    (10, 5): ((0.716624, 2.425864, 0.425864, 0.106466), (0.558833, 1.227374, 0.653238)),
    (0, 14): ((0.0, 0.0, 8.0, 2.0), (0.681536, 2.629916, 0.629916)),
}
IN_ECHELONS = (6, 6)


def serial_two(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Continuous review, seen at the ends of days: lead times are whole days, and orders pass up the same evening.

    One row orders by echelon positions, up to the sums of the levels. Fill rates are shares of time with stock on hand
    (Poisson arrivals see time averages), the delay is Little's.
    """
    from restock.sim.verification.cases.rules import EchelonLevelsBySite, LevelsBySite

    checks = []
    for (upper, lower), printed in list(SERIAL.items())[:: 1 + 2 * quick]:
        numbers = []
        for site, found, values in zip(
            ("dc", "store"), serial.two_stages(4.0, 2, 1, upper, lower), printed, strict=True
        ):
            waiting = f"owed_days@{site}" if site == "dc" else f"backorder_days@{site}"
            estimates = (share(f"ready_days@{site}"), per_day(f"on_hand_days@{site}"), per_day(waiting),
                         per_day({waiting: 1 / 4.0}))  # fmt: skip
            for name, value, theory, estimate in zip(found._fields, values, found, estimates, strict=False):
                quantity = f"S2 = {upper}, S1 = {lower}, {site}: {name.replace('_', ' ')}"
                numbers.append(Number(quantity, value, theory, estimate, name == "fill_rate"))
        scenario = in_series(Poisson(4.0), [2, 1], [upper, lower], ["dc", "store"])
        policy = LevelsBySite(level_of=(upper, lower))
        if (upper, lower) == IN_ECHELONS:
            policy = EchelonLevelsBySite(level_of=(upper + lower, lower))
        checks.append(Check(tuple(numbers), Run(scenario, policy)))
    return checks


def clark_scarf(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Normal(5, 1) a unit of time, in hundredths.

    Lead times are whole days: the run orders by echelon positions up to the best levels, and charges local holding
    costs of 7, 4 and 2, units on their way at the rate of the site that sent them. It opens with the differences of the
    levels, with which base stock at each site would be the same (Axsater & Rosling 1993, Management Science 39(10)).
    """
    from restock.sim.verification.cases.rules import EchelonLevelsBySite

    laws = [RoundedNormal(500 * days, 100 * days**0.5) for days in (1, 1, 2)]
    levels, cost = serial.best_echelon_levels(laws, [3, 2, 2], 37.12, unit=0.01)
    best = [
        Number(f"stage {k}: best echelon level", printed, level)
        for k, (printed, level) in enumerate(zip((6.49, 12.02, 22.7), levels, strict=True), 1)
    ]
    first, second, third = (round(100 * level) for level in levels)
    policy = EchelonLevelsBySite(level_of=(third, second, first))
    local = (third - second, second - first, first)
    money = {  # on its way to a site is what it ordered and the site above does not owe it
        "on_hand_days@third": 2, "on_order_days@second": 2, "owed_days@third": -2,
        "on_hand_days@second": 4, "on_order_days@first": 4, "owed_days@second": -4,
        "on_hand_days@first": 7, "backorder_days@first": 37.12,
    }  # fmt: skip
    estimate = per_day({name: weight / 100 for name, weight in money.items()})
    scenario = in_series(RoundedNormal(500, 100), [2, 1, 1], local, ["third", "second", "first"])
    return [
        Check(tuple(best)),
        Check((Number("cost of the best", 47.66, cost, estimate),), Run(scenario, policy)),
    ]


def allocation(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """24 units against orders of 12, 10, 8 and 6: fractional shares by formula, whole units by the simulator's rules.

    In small parts of a unit, the simulator's rules come as near to the fractional shares as the parts are small.
    """
    orders, positions, rates, targets = [12, 10, 8, 6], [2, 10, 6, 30], [4.0, 5.0, 2.0, 6.0], [20, 25, 10, 30]
    shares = rationing.proportional_shares(24, orders)
    fair = rationing.equal_days_of_supply(24, positions, rates)
    least = rationing.least_largest_shortfall(24, positions, targets)
    formulas = [
        *_shares("proportional", (8.0, 6.666667, 5.333333, 4.0), shares),
        *_shares("fair share", (13.272727, 9.090909, 1.636364, 0.0), fair.units),
        Number("fair share: days of supply after it", 3.818182, fair.level),
        *_shares("least largest shortfall", (13.5, 10.5, 0.0, 0.0), least.units),
        Number("least largest shortfall: shortfall after it", 4.5, least.level),
    ]
    fine, finer = 1000, 1_000_000
    many = [
        (f"proportional, in parts of 1/{finer}", shares,
         np.array(sharing.proportional(24 * finer, [finer * units for units in orders])) / finer, 1 / finer),
        (f"least largest shortfall, in parts of 1/{fine}", least.units,
         np.array(sharing.min_max_shortfall(24 * fine, [99 * fine] * 4, [fine * (target - has) for target, has
                                                                         in zip(targets, positions, strict=True)]))
         / fine, 1 / fine),
        (f"fair share, in parts of 1/{fine}", fair.units,
         np.array(sharing.fair_share(24 * fine, [99 * fine] * 4, [fine * units for units in positions], rates)) / fine,
         1 / fine),
        ("fair share, whole units", fair.units, np.array(sharing.fair_share(24, [99] * 4, positions, rates)), 1.0),
    ]  # fmt: skip
    exact = [
        *_row("proportional", [8, 7, 5, 4], sharing.proportional(24, orders)),
        *_row("priority", [12, 10, 2, 0], sharing.by_priority(24, orders)),
        *(Number(f"{what}: stores a part or more off", 0, 0, float((np.abs(found - wanted) >= part).sum()))
          for what, wanted, found, part in many),
        *(Number(f"{what}: units shipped", 24, 24, float(found.sum().round(9))) for what, _, found, _ in many),
    ]  # fmt: skip
    ways = "formula only: fractional units"
    return [Check(tuple(formulas), verdict=ways), Check(tuple(exact))]


def _shares(rule: str, printed: tuple[float, ...], found: np.ndarray) -> list[Number]:
    return [Number(f"{rule}: store {k}", *pair) for k, pair in enumerate(zip(printed, found.tolist(), strict=True), 1)]


def _row(rule: str, printed: list[int], found: list[int]) -> list[Number]:
    return [
        Number(f"{rule}, whole units: store {k}", value, value, float(got))
        for k, (value, got) in enumerate(zip(printed, found, strict=True), 1)
    ]


CASES = (
    Case("SERIAL-2", "Zipkin (2000), chapter 8; Simon (1971), Operations Research 19(3)", 1e-5, serial_two),
    Case("CLARK-SCARF", "Clark & Scarf (1960); Snyder & Shen (2019), example 6.1", 5e-2, clark_scarf),
    Case("ALLOCATION", "Jonsson & Silver (1987); Cachon & Lariviere (1999)", 1e-6, allocation),
)
