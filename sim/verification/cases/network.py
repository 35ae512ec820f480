"""Networks that fail: SUPPLIER-DOWN, YIELD."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from restock.sim.probability.laws import Poisson
from restock.sim.theory import supply_risk
from restock.sim.verification.cases.worlds import BACKORDERS, FILL, ON_HAND, one_store, per_day, share
from restock.sim.verification.judging import Case, Check, MakePolicy, Number, Run

FAILS, RECOVERS = 0.04, 0.25
HELD = per_day("held_days")
DOWN = {  # lead time, S: share of nights down, held, on hand, backorders, fill rate
    (1, 5): (0.137931, 2.758621, 0.757833, 3.516454, 0.716779),
    (1, 20): (0.137931, 2.758621, 13.45119, 1.20981, 0.939509),
    (3, 15): (0.137931, 2.758621, 1.333898, 4.092519, 0.625122),
    (3, 35): (0.137931, 2.758621, 18.170702, 0.929323, 0.953533),
}


def supplier_down(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """All orders of a night see the same supplier; what it holds leaves together on the first night when it is up."""
    estimates = (share("supplier_down_nights", "supplier_nights"), HELD, ON_HAND, BACKORDERS, FILL)
    checks = []
    for (lead_time, level), printed in list(DOWN.items())[:: 1 + 2 * quick]:
        found = supply_risk.supplier_down(Poisson(5.0), level, lead_time, FAILS, RECOVERS)
        numbers = tuple(
            Number(f"L = {lead_time}, S = {level}: {name.replace('_', ' ')}", value, theory, estimate,
                   name in ("share_of_nights_down", "fill_rate"))
            for name, value, theory, estimate in zip(found._fields, printed, found, estimates, strict=True)
        )  # fmt: skip
        outage = {"outage": {"fails": FAILS, "recovers": RECOVERS}}
        checks.append(_check(numbers, lead_time, level, Poisson(5.0), outage))
    return checks


VALUES, WEIGHTS = (1.0, 0.5), (7.0, 3.0)
YIELD = {  # S: on hand, backorders, fill rate, ordered, good and rejected a day
    8: (3.424706, 0.130588, 0.967355, 4.705882, 4.0, 0.705882),
    10: (5.322343, 0.028225, 0.992944, 4.705882, 4.0, 0.705882),
    12: (7.298826, 0.004709, 0.998823, 4.705882, 4.0, 0.705882),
}


def part_bad(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """The order is closed when it comes; what was turned away is ordered again that evening."""
    estimates = (ON_HAND, BACKORDERS, FILL, per_day("ordered"), per_day("received"), per_day("rejected"))
    checks = []
    for level, printed in list(YIELD.items())[:: 1 + 2 * quick]:
        found = supply_risk.part_bad(Poisson(4.0), level, VALUES, WEIGHTS)
        numbers = tuple(
            Number(f"S = {level}: {name.replace('_', ' ')}", value, theory, estimate, name == "fill_rate",
                   0.05 * theory if name == "mean_backorders" else None)
            for name, value, theory, estimate in zip(found._fields, printed, found, estimates, strict=True)
        )  # fmt: skip
        checks.append(_check(numbers, 1, level, Poisson(4.0), {"yield": {"values": VALUES, "weights": WEIGHTS}}))
    return checks


def _check(
    numbers: tuple[Number, ...], lead_time: int, level: int, demand: Poisson, supplier: Mapping[str, Any]
) -> Check:
    from restock.sim.features.supply_risk.settings import SupplyRisk  # takes numba, which is slow to import

    scenario = one_store(demand, lead_time, level).having(SupplyRisk(suppliers={"supplier": supplier}))
    return Check(numbers, Run(scenario, {"name": "base_stock", "base_stock_level": level}))


CASES = (
    Case("SUPPLIER-DOWN", "Snyder & Shen (2019), section 9.3, in whole units", 1e-5, supplier_down),
    Case("YIELD", "Yano & Lee (1995), Operations Research 43(2); Markov chain", 1e-5, part_bad),
)
