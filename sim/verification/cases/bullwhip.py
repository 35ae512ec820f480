"""Bullwhip: BULLWHIP-MA, BULLWHIP-BATCH."""

from __future__ import annotations

from restock.sim.probability.laws import Poisson, RoundedNormal
from restock.sim.theory import bullwhip
from restock.sim.verification.cases.worlds import one_store, order_variance_ratio, variance_by_day
from restock.sim.verification.judging import Case, Check, MakePolicy, Number, Run

MOVING_AVERAGE = {  # periods covered (L): ratio for averages of 3, 5, 10 and 30 periods
    1: (1.888889, 1.48, 1.22, 1.068889),
    2: (3.222222, 2.12, 1.48, 1.142222),
    4: (7.222222, 3.88, 2.12, 1.302222),
    7: (16.555556, 7.72, 3.38, 1.575556),
}


def moving_average(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """In hundredths of a unit, deviating by 3% of the mean: orders stay above 0, as the formula asks."""
    from restock.sim.verification.cases.rules import MovingAverage

    checks = []
    for covered, row in MOVING_AVERAGE.items():
        for window, printed in zip((3, 5, 10, 30), row, strict=True):
            ratio = bullwhip.moving_average_bullwhip(covered, window)
            number = Number(
                f"L = {covered}, mean of {window}", printed, ratio, order_variance_ratio, narrow=0.03 * ratio
            )
            world = one_store(RoundedNormal(10_000, 300), covered, 10_000 * covered)
            checks.append(Check((number,), Run(world, MovingAverage(days_covered=covered, window=window))))
    return checks[::5] if quick else checks


BATCH = {1: (5.0, 1.0), 2: (30.0, 6.0), 7: (155.0, 31.0)}  # days between orders: variance of daily orders, ratio


def batching(quick: bool, make_policy: MakePolicy) -> list[Check]:
    checks, orders = [], variance_by_day("ordered_squared_daily", "ordered")
    for days, (variance, ratio) in BATCH.items():
        found = bullwhip.batching_bullwhip(5.0, 5.0, days)
        numbers = (
            Number(f"days between orders {days}: variance of daily orders", variance, 5.0 * found, orders),
            Number(f"days between orders {days}: ratio to that of demand", ratio, found, order_variance_ratio),
        )
        policy = {"name": "base_stock", "base_stock_level": 60, "review_period": days}
        checks.append(Check(numbers, Run(one_store(Poisson(5.0), 2, 60), policy)))
    return checks


CASES = (
    Case("BULLWHIP-MA", "Chen, Drezner, Ryan & Simchi-Levi (2000), Management Science 46(3)", 1e-6, moving_average),
    Case("BULLWHIP-BATCH", "Lee, Padmanabhan & Whang (1997), Management Science 43(4)", 1e-5, batching),
)
