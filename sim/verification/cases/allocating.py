"""A DC that shares out by need, in whole units, or sends what nobody ordered: ALLOCATION-WHOLE, PUSH."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from restock.sim.engines.events import allocation as sharing
from restock.sim.features.push.settings import Push
from restock.sim.model.demand import Season
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.theory import newsvendor, rationing
from restock.sim.theory.loss import loss
from restock.sim.verification.cases.limits import cumulative_rounding
from restock.sim.verification.cases.traces import column, walked
from restock.sim.verification.facts import Facts
from restock.sim.verification.judging import Case, Check, Estimate, MakePolicy, Number, Run

STORES = ("w", "x", "y", "z")
AVAILABLE, ORDERS, POSITIONS, TARGETS = 24, [12, 10, 8, 6], [2, 10, 6, 30], [20, 25, 10, 30]
RATES, DAYS = [4, 5, 2, 6], 5  # a target is 5 days of demand
WHOLE = {"as ordered": [12, 10, 2, 0], "not capped by orders": [14, 10, 0, 0]}
LARGEST_AFTER = 6


def short_dc() -> Scenario:
    """A DC that has too little, on the evening on which stores are where the case has them."""
    sites = [Site("dc", "dc", allocation="min_max_shortfall", target_days=DAYS),
             *(Site(store, served_by="dc") for store in STORES)]  # fmt: skip
    lanes = [Lane("supplier", "dc", Constant(9)), *(Lane("dc", store, Constant(1)) for store in STORES)]
    laws = {("item", store): Constant(rate) for store, rate in zip(STORES, RATES, strict=True)}
    before = [AVAILABLE, *(has + rate for has, rate in zip(POSITIONS, RATES, strict=True))]
    return scenario_of("short", [Item("item")], sites, lanes, laws, days=2, opening_stock=np.array([before]))


def allocation_whole(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """24 units against orders of 12, 10, 8 and 6: min-max shortfall by its definition, by its rule, and in a run."""
    from restock.sim.planning.prepared import Prepared
    from restock.sim.verification.cases.rules import LevelsBySite

    short = [target - has for target, has in zip(TARGETS, POSITIONS, strict=True)]
    levels = (0, *(has + units for has, units in zip(POSITIONS, ORDERS, strict=True)))
    run, differ = walked(Prepared(short_dc()), LevelsBySite(level_of=levels))
    numbers = [differ]
    for name, owed in (("as ordered", ORDERS), ("not capped by orders", [99] * len(ORDERS))):
        theory = rationing.largest_shortfalls_first(AVAILABLE, owed, short)
        found = sharing.min_max_shortfall(AVAILABLE, owed, short)
        numbers += _by_store(f"{name}:", WHOLE[name], theory, found)
    came = [column(run, store, "received", 1, 1)[0] for store in STORES]
    theory = rationing.largest_shortfalls_first(AVAILABLE, ORDERS, short)
    numbers += _by_store("delivered to", WHOLE["as ordered"], theory, came)
    after = [max(a - b for a, b in zip(short, shares, strict=True)) for shares in (theory, came)]
    numbers.append(Number("largest shortfall after it", LARGEST_AFTER, float(after[0]), float(after[1])))
    return [Check(tuple(numbers)), cumulative_rounding()]


def _by_store(what: str, printed: Sequence[int], theory: Sequence[int], found: Sequence[int]) -> list[Number]:
    return [
        Number(f"{what} store {k}", value, float(of_theory), float(got))
        for k, (value, of_theory, got) in enumerate(zip(printed, theory, found, strict=True), 1)
    ]


PUSHED, MEANS = 66, (3.0, 9.0, 18.0, 26.0)
PUSHES = {  # shares; units lost and left, sold of those sent, and of those asked for
    "proportional": ((3, 11, 21, 31), 2.256018, 12.256018, 0.814303, 0.959714),
    "expected_sales": ((4, 11, 21, 30), 2.089803, 12.089803, 0.816821, 0.962682),
    "equal": ((17, 17, 16, 16), 12.879257, 22.879257, 0.653345, 0.770013),
}
ONE_POOL = (0.349233, 0.993764)


def one_season(by: str) -> Scenario:
    """A DC that pushes all it has on the first night; one day of sales follows."""
    sites = [Site("dc", "dc"), *(Site(store, served_by="dc") for store in STORES)]
    lanes = [Lane("supplier", "dc", Constant(9)), *(Lane("dc", store, Constant(1)) for store in STORES)]
    laws = {("item", store): Poisson(mean) for store, mean in zip(STORES, MEANS, strict=True)}
    opens_late = Season(weekday=(0, 1, 0, 0, 0, 0, 0))
    wave = Push({"dc": [{"day": 0, "share": 1.0, "by": by}]})
    return scenario_of("push", [Item("item")], sites, lanes, laws, opens_late, days=2, features=(wave,),
                       opening_stock=np.array([[PUSHED, 0, 0, 0, 0]]))  # fmt: skip


def at_stores(name: str) -> Callable[[Facts], np.ndarray]:
    """A figure of all stores together."""
    return lambda facts: sum((facts[f"{name}@{store}"] for store in STORES), np.zeros(1))


def season_push(quick: bool, make_policy: MakePolicy) -> list[Check]:
    """A season's buy, pushed in proportion to mean demand and by chance of sale; equal shares by formula only."""
    from restock.sim.features.push.chances import sold_chances
    from restock.sim.features.push.sharing import by_chance, in_proportion
    from restock.sim.verification.cases.rules import LevelsBySite

    lost, sold, asked = at_stores("lost"), at_stores("filled"), at_stores("demand")
    found_by: tuple[Estimate, ...] = (
        lambda facts: (lost(facts), np.ones(len(facts["days"]))),
        lambda facts: (PUSHED - sold(facts), np.ones(len(facts["days"]))),
        lambda facts: (sold(facts), np.full(len(facts["days"]), float(PUSHED))),
        lambda facts: (sold(facts), asked(facts)),
    )
    names = ("units lost", "units left", "sold of those sent", "fill rate")
    laws, checks = [Poisson(mean).pmf() for mean in MEANS], []
    for by, (shares, *printed) in PUSHES.items():
        theory = _left_and_lost(laws, shares)
        runs = by != "equal"
        numbers = tuple(
            Number(f"{by}: {name}", value, of_theory, estimate if runs else None, name in names[2:])
            for name, value, of_theory, estimate in zip(names, printed, theory, found_by, strict=True)
        )
        if runs:
            policy = LevelsBySite(level_of=(0,) * 5)
            checks.append(Check(numbers, Run(one_season(by), policy)))
        else:
            checks.append(Check(numbers, verdict="formula only: no rule shares equally"))
    exact = []
    chances = [sold_chances([(Poisson(mean), 1)]) for mean in MEANS]
    ways = {"proportional": in_proportion(PUSHED, [int(mean) for mean in MEANS]),
            "expected_sales": by_chance(PUSHED, [0] * 4, chances)}  # fmt: skip
    for by, way in ways.items():
        best = newsvendor.marginal_allocation(laws, PUSHED) if by == "expected_sales" else PUSHES[by][0]
        exact += _by_store(f"{by}:", PUSHES[by][0], best, way)
    pooled = float(loss(Poisson(sum(MEANS)).pmf(), PUSHED))
    pool = (Number("one pool: units lost", ONE_POOL[0], pooled),
            Number("one pool: fill rate", ONE_POOL[1], 1 - pooled / sum(MEANS)))  # fmt: skip
    return [*checks, Check(tuple(exact)), Check(pool, verdict="formula only: one stock")]


def _left_and_lost(laws: Sequence[np.ndarray], shares: Sequence[int]) -> tuple[float, float, float, float]:
    lost = sum(float(loss(p, share)) for p, share in zip(laws, shares, strict=True))
    sold = sum(MEANS) - lost
    return lost, PUSHED - sold, sold / PUSHED, sold / sum(MEANS)


CASES = (
    Case("PUSH", "Newsvendor with a fixed total; Fox (1966), Management Science 13(3)", 1e-5, season_push),
    Case("ALLOCATION-WHOLE", "Cachon & Lariviere (1999), linear allocation, in whole units", 0.0, allocation_whole),
)
