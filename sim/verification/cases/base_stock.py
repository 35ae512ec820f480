"""Base stock: PALM, PBS-L0, PBS-L2, SS-horizon, FILL-NORMAL, JIT, ADAPTIVE-MA."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from restock.sim.probability.laws import Constant, Empirical, Law, Poisson, RoundedNormal
from restock.sim.theory import base_stock, bullwhip, one_for_one, safety_stock
from restock.sim.verification.cases.worlds import (
    BACKORDERS,
    FILL,
    GAMMA,
    NO_BACKLOG,
    ON_HAND,
    one_store,
    order_variance_ratio,
    per_day,
    share,
    unchecked,
)
from restock.sim.verification.judging import Case, Check, Facts, MakePolicy, Number, Run

CYCLES = share("cycles_in_stock", "cycles")

PALM = {  # S: fill rate, mean on hand, mean backorders, mean wait, probability of no stock
    4: (0.151204, 0.233003, 2.233003, 1.116501, 0.848796),
    6: (0.44568, 0.963739, 0.963739, 0.481869, 0.55432),
    8: (0.74398, 2.314021, 0.314021, 0.157011, 0.25602),
    10: (0.916076, 4.077335, 0.077335, 0.038667, 0.083924),
    12: (0.979908, 6.014622, 0.014622, 0.007311, 0.020092),
}


def palm(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Continuous review, seen at the ends of days: with a lead time of whole days they are those of evening orders.

    A customer comes at a random moment, so the fill rate is the share of time with stock on hand; the wait is Little's.
    """
    estimates = (share("ready_days"), ON_HAND, BACKORDERS, per_day({"backorder_days": 1 / 2.0}),
                 share("ready_days", less=True))  # fmt: skip
    checks = []
    for level, printed in list(PALM.items())[:: 1 + 3 * quick]:
        found = one_for_one.one_for_one(2.0, 3.0, level)
        numbers = tuple(
            Number(f"S = {level}: {name.replace('_', ' ')}", value, theory, estimate, name in ("fill_rate", "no_stock"))
            for name, value, theory, estimate in zip(found._fields, printed, found, estimates, strict=True)
        )
        policy = {"name": "base_stock", "base_stock_level": level}
        checks.append(Check(numbers, Run(one_store(Poisson(2.0), 3, level), policy)))
    why = "formula only: the units of a day's order share one lead time"
    return [*checks, unchecked("the same numbers for three random lead times", why)]


def service_numbers(
    found: base_stock.Service, at: str, on_hand: float, backorders: float, no_backlog: float, fill: float,
    gamma: float | None = None,
) -> tuple[Number, ...]:  # fmt: skip
    numbers = [
        Number(at + "mean on hand", on_hand, found.mean_on_hand, ON_HAND),
        Number(at + "mean backorders", backorders, found.mean_backorders, BACKORDERS),
        Number(at + "days with no backlog", no_backlog, found.no_backlog, NO_BACKLOG, True),
        Number(at + "fill rate (beta)", fill, found.fill_rate, FILL, True),
    ]
    if gamma is not None:
        numbers.append(Number(at + "backlog service (gamma)", gamma, found.backlog_service, GAMMA, True))
    return tuple(numbers)


PERIODIC = {  # textbook lead time, S: on hand, backorders, no backlog (= alpha), beta, gamma, cost
    (0, 8): (3.122109, 0.122109, 0.931906, 0.975578, 0.975578, 4.221093),
    (2, 20): (5.2123, 0.2123, 0.917029, 0.958096, 0.95754, 7.123),
}


def periodic(lead_time: int, level: int) -> list[Check]:
    law = Poisson(5.0)
    *printed, printed_cost = PERIODIC[lead_time, level]
    found = base_stock.base_stock_service(law, level, lead_time + 1)
    cost = Number("cost a day", printed_cost, found.cost(1, 9), per_day({"on_hand_days": 1, "backorder_days": 9}))
    alpha = Number("cycle service level (alpha)", printed[2], found.cycle_service_level, NO_BACKLOG, True)
    run = Run(one_store(law, lead_time + 1, level), {"name": "base_stock", "base_stock_level": level})
    return [Check((*service_numbers(found, "", *printed), alpha, cost), run)]


HORIZON = {  # days that the safety stock covers: S, on hand, backorders, no backlog, alpha, beta, gamma
    2: (51, 21.122498, 0.122498, 0.97016, 0.834294, 0.979532, 0.9755),
    9: (57, 27.019203, 0.019203, 0.994313, 0.964826, 0.996526, 0.996159),
}


def horizon(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Review every 7 days, textbook lead time 2, target alpha 0.95: safety stock for 2 days, or rightly for 9."""
    checks, law, z = [], Poisson(5.0), safety_stock.safety_factor_for(0.95)
    for days, (level, on_hand, backorders, clear, alpha, beta, gamma) in HORIZON.items():
        at = f"safety stock for {days} days: "
        chosen = math.ceil(45 + safety_stock.safety_stock(5.0, 5.0**0.5, days, z).safety_stock)
        found = base_stock.base_stock_service(law, level, lead_time=3, review_period=7)
        numbers = (
            Number(at + "base-stock level", level, chosen),
            *service_numbers(found, at, on_hand, backorders, clear, beta, gamma),
            Number(at + "cycle service level (alpha)", alpha, found.cycle_service_level, CYCLES, True),
        )
        policy = {"name": "base_stock", "base_stock_level": level, "review_period": 7}
        checks.append(Check(numbers, Run(one_store(law, 3, level), policy)))
    return checks


NORMAL = {  # z: alpha, beta, one-term beta, on hand, backorders; Normal(100, 20) a day, textbook lead time 2
    0.5: (0.691462, 0.931482, 0.931481, 24.172382, 6.851874),
    1.0: (0.841345, 0.971139, 0.971139, 37.527149, 2.886133),
    1.645: (0.950015, 0.992765, 0.992765, 57.707971, 0.7235),
    2.0: (0.97725, 0.997059, 0.997059, 69.576159, 0.294127),
}


NORMAL_LEVELS = {0.5: 317.320508, 1.0: 334.641016, 1.645: 356.984472, 2.0: 369.282032}


def fill_normal(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """Fractional demand: the run counts hundredths of a unit, so that rounding does not show."""
    checks = []
    for z in (0.5, 1.645) if quick else NORMAL:
        alpha, beta, one_term, on_hand, backorders = NORMAL[z]
        deviation, _, level = safety_stock.safety_stock(100, 20, 3, z)
        found = base_stock.normal_base_stock_service(100, 20, level, lead_time=3)
        short = safety_stock.one_term_fill_rate(z, deviation, 100)
        numbers = (
            Number(f"z = {z}: base-stock level", NORMAL_LEVELS[z], level),
            Number(f"z = {z}: cycle service level (alpha)", alpha, found.cycle_service_level, NO_BACKLOG, True),
            Number(f"z = {z}: fill rate (beta)", beta, found.fill_rate, FILL, True),
            Number(f"z = {z}: fill rate, one-term form", one_term, short),
            Number(f"z = {z}: mean on hand", on_hand, found.mean_on_hand, per_day({"on_hand_days": 0.01})),
            Number(f"z = {z}: mean backorders", backorders, found.mean_backorders, per_day({"backorder_days": 0.01})),
        )
        steps = round(100 * level)
        run = Run(one_store(RoundedNormal(10_000, 2_000), 3, steps), {"name": "base_stock", "base_stock_level": steps})
        checks.append(Check(numbers, run))
    return checks


JIT = {  # demand, share on time (1 day, else 3; textbook), S: on hand, backorders, no backlog, fill rate
    ("poisson", 1.0, 10): (1.2511, 1.2511, 0.58304, 0.754217),
    ("poisson", 1.0, 15): (5.103479, 0.103479, 0.95126, 0.979323),
    ("constant", 1.0, 10): (0.0, 0.0, 1.0, 1.0),
    ("constant", 1.0, 15): (5.0, 0.0, 1.0, 1.0),
    ("poisson", 0.95, 10): (1.142138, 1.642138, 0.537475, 0.701917),
    ("poisson", 0.95, 15): (4.752487, 0.252487, 0.912872, 0.952254),
    ("constant", 0.95, 10): (0.0, 0.5, 0.9025, 0.9025),
    ("constant", 0.95, 15): (4.5125, 0.0125, 0.9975, 0.9975),
    ("poisson", 0.9, 10): (1.038104, 2.038104, 0.493694, 0.651287),
    ("poisson", 0.9, 15): (4.412899, 0.412899, 0.874342, 0.924234),
    ("constant", 0.9, 10): (0.0, 1.0, 0.81, 0.81),
    ("constant", 0.9, 15): (4.05, 0.05, 0.99, 0.99),
}
JIT_QUICK = (("poisson", 1.0, 10), ("constant", 1.0, 10), ("poisson", 0.9, 15), ("constant", 0.9, 10))


def jit(quick: bool, make_policy: MakePolicy) -> list[Check]:
    checks = []
    for demand, on_time, level in JIT_QUICK if quick else JIT:
        law: Law = Poisson(5.0) if demand == "poisson" else Constant(5)
        lead: Law = Constant(2) if on_time == 1 else Empirical((2, 4), (on_time, 1 - on_time))
        found = base_stock.base_stock_service(law, level, lead)
        at = f"{demand}, {on_time:.0%} on time, S = {level}: "
        numbers = service_numbers(found, at, *JIT[demand, on_time, level])
        run = Run(one_store(law, lead, level), {"name": "base_stock", "base_stock_level": level})
        checks.append(Check(numbers, run))
    return checks


ADAPTIVE = {  # days in the average: sd of net stock, no backlog, on hand, backorders, order variance / demand variance
    5: (21.908902, 0.903283, 29.488672, 0.996436, 2.92),
    10: (19.748418, 0.925456, 29.150828, 0.658592, 1.78),
    30: (18.165902, 0.941611, 28.946879, 0.454643, 1.22),
    None: (17.320508, 0.950015, 28.853986, 0.36175, 1.0),
}
ADAPTIVE_SAFETY = round(100 * 1.645 * 10 * 3**0.5)


def adaptive(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """In hundredths of a unit: a known mean is base stock; a learned one moves the level every evening."""
    from restock.sim.verification.cases.rules import MovingAverage

    checks = []
    for window, printed in ADAPTIVE.items():
        found = bullwhip.moving_average_service(10.0, 3, window, 1.645 * 10 * 3**0.5)
        at = "mean known: " if window is None else f"mean of {window} days: "
        numbers = tuple(
            Number(at + name.replace("_", " "), value, theory, estimate, name == "no_backlog")
            for name, value, theory, estimate in zip(found._fields, printed, found, IN_HUNDREDTHS, strict=True)
        )
        level = 30_000 + ADAPTIVE_SAFETY
        policy: Any = {"name": "base_stock", "base_stock_level": level}
        if window is not None:
            policy = MovingAverage(days_covered=3, window=window, safety_stock=ADAPTIVE_SAFETY)
        checks.append(Check(numbers, Run(one_store(RoundedNormal(10_000, 1_000), 3, level), policy)))
    return checks


def net_stock_deviation(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    days = facts["days"]
    net = facts["on_hand_days"] - facts["backorder_days"]
    return np.sqrt((facts["net_stock_squared"] - net**2 / days) / (days - 1)) / 100, np.ones(len(days))


IN_HUNDREDTHS = (net_stock_deviation, NO_BACKLOG, per_day({"on_hand_days": 0.01}), per_day({"backorder_days": 0.01}),
                 order_variance_ratio)  # fmt: skip


CASES = (
    Case("PALM", "Palm (1938); Feeney & Sherbrooke (1966)", 1e-5, palm),
    Case("PBS-L0", "Zipkin (2000), chapter 9", 1e-5, lambda quick, make_policy: periodic(0, 8)),
    Case("PBS-L2", "Zipkin (2000), chapter 9", 1e-5, lambda quick, make_policy: periodic(2, 20)),
    Case("SS-horizon", "Silver, Pyke & Thomas (2017), (R, S) systems", 1e-5, horizon),
    Case("FILL-NORMAL", "Silver, Pyke & Thomas (2017), section 6.10", 1e-4, fill_normal),
    Case("JIT", "convolution of per-order mixtures", 1e-5, jit),
    Case("ADAPTIVE-MA", "variance of a sum of independent terms; Chen et al. (2000)", 1e-4, adaptive),
)
