"""What a search is after, and what it keeps of each of its trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from restock.sim import statistics
from restock.sim.errors import require
from restock.sim.measures.measures import MEASURES
from restock.sim.results.outcome import Outcome, measure_number

Pair = tuple[np.ndarray, np.ndarray]
Run = Callable[[Mapping[str, Any], tuple[int, int]], Outcome]
"""Simulates settings over replications first <= r < last; `InputError` where a policy refuses its settings."""
RunOrRead = Callable[[Mapping[str, Any], tuple[int, int]], "Outcome | Trial"]
"""The same; or it gives the trial that an earlier run made of them."""


@dataclass(frozen=True)
class Constraint:
    """A bound on a measure: at least, or at most.

    Parameters
    ----------
    measure : str
        Of the chain, such as 'fill_rate', or of an ABC class by usage value, such as 'A.fill_rate'.
    at_least : bool
        False: at most.
    bound : float
        In the measure's unit.

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


def class_and_measure(name: str) -> tuple[str, str]:
    """The ABC class that a measure is taken of, '' for the whole chain, and the measure.

    >>> class_and_measure("A.fill_rate"), class_and_measure("fill_rate")
    (('A', 'fill_rate'), ('', 'fill_rate'))
    """
    of, _, measure = name.rpartition(".")
    return of, measure


def value_of(outcome: Outcome, name: str) -> tuple[float, float, float]:
    """Estimate, low and high of a measure by its name: 'fill_rate', or 'A.fill_rate' of a class.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import run_of
    >>> outcome = run_of(BaseStock)({"base_stock_level": 20}, (0, 8))
    >>> value_of(outcome, "A.fill_rate") == value_of(outcome, "fill_rate")  # all items of the shop are A
    True
    """
    of, measure = class_and_measure(name)
    return outcome.value(measure, "class", of) if of else outcome.value(measure)


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
        for name in self.measures:
            measure_number(class_and_measure(name)[1])
        good = MEASURES[self.objective].better != ""
        require(good, f"objective '{self.objective}' is neither better when higher nor when lower; choose another")

    @property
    def sign(self) -> int:
        return -1 if MEASURES[self.objective].better == "higher" else 1

    @property
    def measures(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.objective, *(c.measure for c in self.constraints))))

    @property
    def classes(self) -> tuple[str, ...]:
        """ABC classes that constraints are on, in alphabetical order."""
        return tuple(sorted({of for of, _ in map(class_and_measure, self.measures) if of}))


@dataclass(frozen=True)
class Trial:
    """Settings and what came of them: numerators and denominators of all measures, (replications, measures).

    `classes` has the same of ABC classes that constraints are on; `facts`, where formulas guide the search, the mean
    over replications of each fact of each class: (classes that there are, FACTS).

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> outcome = evaluate(one_shop(warm_up=7), BaseStock(base_stock_level=20), replications=8, seed=1)
    >>> trial = outcome_trial(0, "start", {"base_stock_level": 20}, outcome)
    >>> trial.feasible(Goal("total_cost", (Constraint("fill_rate", True, 0.9),)))
    True
    """

    number: int
    how: str  # 'start', 'guided', 'grid', 'drawn' or 'walk'
    values: Mapping[str, Any]
    top: np.ndarray
    bottom: np.ndarray
    refused: str = ""  # why there is no result
    classes: Mapping[str, Pair] = field(default_factory=dict)
    facts: np.ndarray | None = None
    policy: str = ""

    def pair(self, name: str) -> Pair:
        """Numerators and denominators of one measure, (replications,); 'A.fill_rate' is that of a class."""
        of, measure = class_and_measure(name)
        top, bottom = self.classes[of] if of and not self.refused else (self.top, self.bottom)
        k = measure_number(measure)
        return top[:, k], bottom[:, k]

    def interval(self, measure: str, confidence: float = 0.95) -> tuple[float, float, float]:
        """Estimate, low and high."""
        found = statistics.interval(*self.pair(measure), confidence)
        return float(found.estimate), float(found.low), float(found.high)

    @cached_property
    def _estimates(self) -> dict[str, np.ndarray]:
        pairs = {"": (self.top, self.bottom)} | dict(self.classes)
        return {of: statistics.ratio(*pair)[0] for of, pair in pairs.items()}

    def estimate(self, measure: str) -> float:
        of, name = class_and_measure(measure)
        return float(self._estimates["" if self.refused else of][measure_number(name)])

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


def outcome_trial(
    number: int, how: str, values: Mapping[str, Any], outcome: Outcome, classes: Sequence[str] = (),
    with_facts: bool = False, policy: str = "",
) -> Trial:  # fmt: skip
    """A trial from an outcome, of which only the sums of the chain are kept, and of these classes."""
    top, bottom = (part[:, 0] for part in outcome.pairs("chain"))
    of_class = {}
    if classes:
        names, pairs = outcome.groups("class"), outcome.pairs("class")
        of_class = {of: (pairs[0][:, names.index(of)], pairs[1][:, names.index(of)]) for of in classes}
    facts = outcome.rollup.sums["class"].mean(axis=0) if with_facts else None
    return Trial(number, how, dict(values), top, bottom, "", of_class, facts, policy)
