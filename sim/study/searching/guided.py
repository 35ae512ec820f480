"""A start by marginal analysis: settings at which one more unit served costs the same wherever it is served.

Formulas (`expected`) say in milliseconds what settings would do. On them the objective is minimised with a multiplier
on each constraint, which prices what is short of it: at the minimum the marginal cost of meeting the constraint is that
price in every class, for every setting (Everett, 1963, Operations Research 11(3), generalized Lagrange multipliers;
Sherbrooke, 1968, Operations Research 16(1), for stock). The multipliers are found by the method of multipliers
(Hestenes, 1969, Journal of Optimization Theory and Applications 4(5)).

Formulas are wrong by more than settings differ. So they are corrected, fact by fact and class by class, to what the
trial before has shown, and asked again; and the walk from the best tries those neighbours first that they expect to be
better, and few others (Booker et al., 1999, Structural Optimization 17(1), surrogates in pattern search).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from restock.sim.errors import InputError
from restock.sim.measures.facts import FACT
from restock.sim.measures.measures import denominators, numerators
from restock.sim.planning.policy import Plan
from restock.sim.study.searching.candidates import Goal, Trial, class_and_measure
from restock.sim.study.searching.expected import Formulas, can_guess
from restock.sim.study.searching.search_space import Point, Space

SERVED = {"filled": "demand", "filled_value": "demand_value"}  # guessed by what is not served: the smaller part
MOVES = (1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256, 1 / 512)  # of a range, in turn
LATER = 2  # of these are left out by rounds after the first
ROUNDS = 16  # of multipliers, at most
PENALTY, GROWS, HEAVIEST = 20.0, 4.0, 5120.0  # weight of a squared violation: in the first round, by round, at last
MARGIN = 2e-4  # by which a constraint is to be met, as a share of its bound
LEAST = 1e-12


@dataclass
class Guide:
    """Formulas for the settings of one policy, corrected by its trials.

    Parameters
    ----------
    space : Space
    goal : Goal
    plan_of : function of settings to a Plan
        For the chain of the formulas; InputError where the policy refuses its settings.
    formulas : Formulas
    classes : tuple of str
        Names of the classes that the trials' facts are of.
    days : int
        Days measured.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.example import GOAL
    >>> from restock.sim.study.searching.search_space import Parameter
    >>> shop = one_shop(warm_up=7)
    >>> space = Space((Parameter("base_stock_level", 1, 60),))
    >>> guide = Guide(space, GOAL, lambda v: BaseStock(**v).plan(shop.known), Formulas(shop.known), ("A",), 28)
    >>> guide.can_say({"base_stock_level": 20})
    True
    """

    space: Space
    goal: Goal
    plan_of: Callable[[Mapping[str, Any]], Plan]
    formulas: Formulas
    classes: tuple[str, ...]
    days: int
    _known: dict[tuple[Any, ...], np.ndarray | None] = field(default_factory=dict)

    def can_say(self, values: Mapping[str, Any]) -> bool:
        """Whether formulas have something to say of the objective, and of the policy with these settings.

        What they leave out of a constraint, or all of it, is taken to stay as it was in the trial before.
        """
        return can_guess([self.goal.objective]) and self._facts(values) is not None

    def best_from(self, at: Point, trial: Trial) -> Point:
        """The point that corrected formulas expect to be the best, searched from a point."""
        found = _Corrected(self, trial)
        prices = np.zeros(len(self.goal.constraints))
        for k in range(ROUNDS):
            weight, before = min(PENALTY * GROWS**k, HEAVIEST), at
            at = self._descend(at, partial(found.cost, prices=prices, weight=weight), MOVES[LATER * (k > 0) :])
            short = found.violations(at)
            if not len(prices) or (k > 1 and at == before and short.max() <= MARGIN):
                break
            prices = np.maximum(prices + weight * short, 0.0)
        return at

    def in_order(self, points: Iterable[Point], trial: Trial, tried: Iterable[Point]) -> list[Point]:
        """The points, those first that formulas, corrected by a trial, rank best.

        Points are left out of which they expect just what they do of another, or of one that was tried.
        """
        found, known = _Corrected(self, trial), {self._expected(point) for point in tried}
        out = []
        for point in sorted(points, key=found.rank):
            if self._expected(point) not in known:
                known.add(self._expected(point))
                out.append(point)
        return out

    def _expected(self, point: Point) -> bytes:
        facts = self.facts_at(point)
        return b"" if facts is None else facts.tobytes()

    def _descend(self, at: Point, cost: Callable[[Point], float], moves: Iterable[float]) -> Point:
        """Down along one setting after another, as long as it goes down, by shorter and shorter moves."""
        lowest = cost(at)
        for share in moves:
            moved = True
            while moved:
                moved = False
                for p in self.space.parameters:
                    for signed in (share, -share):
                        while (there := at | {p.name: p.moved(at[p.name], signed)}) != at:
                            if not (found := cost(there)) < lowest - LEAST:
                                break
                            at, lowest, moved = there, found, True
        return at

    def facts_at(self, point: Point) -> np.ndarray | None:
        """Facts of the classes that formulas expect of a point, (classes, FACTS), uncorrected."""
        return self._facts(self.space.values(point))

    def _facts(self, values: Mapping[str, Any]) -> np.ndarray | None:
        key = tuple(values.items())
        if key not in self._known:
            measures = [class_and_measure(name)[1] for name in self.goal.measures]
            try:
                self._known[key] = self.formulas.facts(self.plan_of(values), measures, self.classes)
            except InputError:
                self._known[key] = None
        return self._known[key]


class _Corrected:
    """What formulas expect of points, made to agree with what one trial has shown."""

    def __init__(self, guide: Guide, trial: Trial) -> None:
        self.guide, self.goal = guide, guide.goal
        expected = guide._facts(trial.values)
        assert trial.facts is not None and expected is not None
        shown, before = _by_short(trial.facts), _by_short(expected)
        known = before > LEAST
        self.factor = np.where(known, shown / np.where(known, before, 1.0), 0.0)
        self.beside = np.where(known, 0.0, shown)  # what formulas leave out stays as it is
        self.scale = abs(trial.estimate(self.goal.objective)) or 1.0
        self.constraints = guide.goal.constraints

    def _measure(self, point: Point, name: str) -> float:
        expected = self.guide.facts_at(point)
        if expected is None:
            return float("nan")
        facts = _by_short(_by_short(expected) * self.factor + self.beside)
        of, measure = class_and_measure(name)
        sums = facts[self.guide.classes.index(of)] if of else facts.sum(axis=0)
        bottom = denominators(sums, self.guide.days, names=[measure])[0]
        return float(numerators(sums, names=[measure])[0] / bottom) if bottom else float("nan")

    def violations(self, point: Point) -> np.ndarray:
        return np.array([c.violation(self._measure(point, c.measure)) + MARGIN for c in self.constraints])

    def rank(self, point: Point) -> tuple[float, float]:
        """As `Trial.rank`: points that meet the constraints by objective, then the others by their violation."""
        value = self.goal.sign * self._measure(point, self.goal.objective)
        short = max([0.0, *self.violations(point).tolist()])
        good = np.isfinite(value) and np.isfinite(short)
        return (short, value) if good else (float("inf"), 0.0)

    def cost(self, point: Point, prices: np.ndarray, weight: float) -> float:
        """The augmented Lagrangian: objective, as a share of the trial's, and the price of what is violated."""
        value = self.goal.sign * self._measure(point, self.goal.objective) / self.scale
        if len(prices):
            priced = np.maximum(prices + weight * self.violations(point), 0.0)
            value += float((priced**2 - prices**2).sum() / (2 * weight))
        return value if np.isfinite(value) else float("inf")


def _by_short(facts: np.ndarray) -> np.ndarray:
    """Facts with what is served turned into what is not, and back."""
    out = facts.copy()
    for served, asked in SERVED.items():
        out[..., FACT[served]] = facts[..., FACT[asked]] - facts[..., FACT[served]]
    return out
