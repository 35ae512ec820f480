"""What a search is after, and what it keeps of each of its trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from restock.sim import statistics
from restock.sim.errors import require
from restock.sim.measures.measures import MEASURES
from restock.sim.results.outcome import Outcome, measure_number

Run = Callable[[Mapping[str, Any], tuple[int, int]], Outcome]
"""Simulates settings over replications first <= r < last; `InputError` where a policy refuses its settings."""


@dataclass(frozen=True)
class Constraint:
    """A bound on a measure of the chain: at least, or at most.

    >>> served = Constraint("fill_rate", at_least=True, bound=0.8)
    >>> str(served), round(served.violation(0.6), 9), served.violation(0.9) <= 0
    ('fill_rate >= 0.8', 0.25, True)
    """

    measure: str
    at_least: bool
    bound: float

    def violation(self, estimate: float) -> float:
        """How far beyond the bound, as a share of it; not above 0 where it is met."""
        short = (self.bound - estimate) * (1 if self.at_least else -1)
        return short / (abs(self.bound) or 1.0)

    def __str__(self) -> str:
        return f"{self.measure} {'>=' if self.at_least else '<='} {self.bound:g}"


@dataclass(frozen=True)
class Goal:
    """What to look for: the best value of one measure of the chain, within constraints.

    Raises InputError for a measure that is unknown, and for an objective that has no better side.

    >>> goal = Goal("total_cost", (Constraint("fill_rate", True, 0.97),))
    >>> goal.sign, goal.measures
    (1, ('total_cost', 'fill_rate'))
    """

    objective: str
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        for name in (self.objective, *(c.measure for c in self.constraints)):
            measure_number(name)
        good = MEASURES[self.objective].better != ""
        require(good, f"objective '{self.objective}' is neither better when higher nor when lower; choose another")

    @property
    def sign(self) -> int:
        return -1 if MEASURES[self.objective].better == "higher" else 1

    @property
    def measures(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.objective, *(c.measure for c in self.constraints))))


@dataclass(frozen=True)
class Trial:
    """Settings and what came of them: numerators and denominators of all measures, (replications, measures).

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> outcome = evaluate(one_shop(warm_up=7), BaseStock(base_stock_level=20), replications=8, seed=1)
    >>> trial = outcome_trial(0, "start", {"base_stock_level": 20}, outcome)
    >>> trial.feasible(Goal("total_cost", (Constraint("fill_rate", True, 0.9),)))
    True
    """

    number: int
    how: str  # 'start', 'grid', 'drawn' or 'walk'
    values: Mapping[str, Any]
    top: np.ndarray
    bottom: np.ndarray
    refused: str = ""  # why there is no result

    def interval(self, measure: str, confidence: float = 0.95) -> tuple[float, float, float]:
        """Estimate, low and high."""
        k = measure_number(measure)
        found = statistics.interval(self.top[:, k], self.bottom[:, k], confidence)
        return float(found.estimate), float(found.low), float(found.high)

    @cached_property
    def _estimates(self) -> np.ndarray:
        return statistics.ratio(self.top, self.bottom)[0]

    def estimate(self, measure: str) -> float:
        return float(self._estimates[measure_number(measure)])

    def violation(self, goal: Goal) -> float:
        """The largest violation of a constraint; not above 0 for a feasible trial."""
        if self.refused:
            return float("inf")
        return max((c.violation(self.estimate(c.measure)) for c in goal.constraints), default=0.0)

    def feasible(self, goal: Goal) -> bool:
        return self.violation(goal) <= 0

    def rank(self, goal: Goal) -> tuple[float, float, int]:
        """Smaller is better: feasible trials by objective, then the others by their violation."""
        if self.refused:
            return (float("inf"), 0.0, self.number)
        return (max(self.violation(goal), 0.0), goal.sign * self.estimate(goal.objective), self.number)


def outcome_trial(number: int, how: str, values: Mapping[str, Any], outcome: Outcome) -> Trial:
    """A trial from an outcome, of which only the chain's sums are kept."""
    top, bottom = (part[:, 0] for part in outcome.pairs("chain"))
    return Trial(number, how, dict(values), top, bottom)
