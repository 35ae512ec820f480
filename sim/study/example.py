"""What the examples in this room's docstrings begin with: the shop of `planning.example` under two levels, or three.

Each takes the class of a base stock policy, since a policy is nothing that this room may import.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from restock.sim.planning.example import one_shop
from restock.sim.planning.prepared import Prepared
from restock.sim.results.outcome import Outcome
from restock.sim.study.compare import Comparison, compare, evaluate
from restock.sim.study.redrawn_records import with_redrawn
from restock.sim.study.searching.candidates import Constraint, Goal, Trial, outcome_trial

GOAL = Goal("total_cost", (Constraint("fill_rate", True, 0.9),))
Span = tuple[int, int]


def lean_and_rich(base_stock: Callable[..., Any], **settings: Any) -> Comparison:
    """A level of 10 against one of 20, eight replications; `settings` of the scenario.

    >>> from restock.policies.base_stock import BaseStock
    >>> list(lean_and_rich(BaseStock).outcomes)
    ['lean', 'rich']
    """
    policies = {"lean": base_stock(base_stock_level=10), "rich": base_stock(base_stock_level=20)}
    return compare(one_shop(warm_up=7, **settings), policies, replications=8, seed=1)


def redrawn_twice(base_stock: Callable[..., Any]) -> Comparison:
    """The same, as if two redrawn records had put mean demand at 0.9 and at 1.1 of what it was.

    >>> from restock.policies.base_stock import BaseStock
    >>> redrawn_twice(BaseStock).outcomes["lean"].redrawn.resamples
    2
    """
    comparison = lean_and_rich(base_stock)
    scenario = comparison.outcomes["lean"].prepared.scenario
    worlds = (Prepared(replace(scenario, demand=replace(scenario.demand, scale=factor))) for factor in (0.9, 1.1))
    policies = {"lean": base_stock(base_stock_level=10), "rich": base_stock(base_stock_level=20)}
    return with_redrawn(comparison, policies, worlds, weeks=52, replications=4)


def run_of(base_stock: Callable[..., Any]) -> Callable[[Any, Span], Outcome]:
    """Runs of a search: the outcome of settings over replications first <= r < last.

    >>> from restock.policies.base_stock import BaseStock
    >>> run_of(BaseStock)({"base_stock_level": 20}, (8, 12)).replications
    4
    """
    return lambda values, span: evaluate(
        one_shop(warm_up=7), base_stock(**values), span[1] - span[0], seed=1, first=span[0]
    )


def trials_of(base_stock: Callable[..., Any]) -> list[Trial]:
    """Levels of 5, 20 and 60, tried: the first misses `GOAL`, the last costs most.

    >>> from restock.policies.base_stock import BaseStock
    >>> [trial.feasible(GOAL) for trial in trials_of(BaseStock)]
    [False, True, True]
    """
    run, levels = run_of(base_stock), ({"base_stock_level": level} for level in (5, 20, 60))
    return [outcome_trial(k, "grid", values, run(values, (0, 8))) for k, values in enumerate(levels)]
