"""Several policies searched with one number of trials: all begin alike, then the better half goes on.

Successive halving (Karnin, Koren & Somekh, 2013, International Conference on Machine Learning 28(3)): of k policies
there are log2 k + 1 rounds (rounded up) of equal numbers of trials; a round's are shared out evenly among the policies
that are left, and after it those stay whose best trial is among the better half. One policy has all trials. A policy of
which nothing varies takes one, and no other's place; what a space gone through in full leaves over goes to the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from restock.sim.errors import InputError
from restock.sim.study.searching.candidates import Goal, RunOrRead, Trial
from restock.sim.study.searching.guided import Guide
from restock.sim.study.searching.search import search, tried
from restock.sim.study.searching.search_space import Space


@dataclass(frozen=True)
class Arm:
    """One policy of a search: what may be varied (None: nothing, it is tried as it is), and its settings now.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import run_of
    >>> Arm(run_of(BaseStock), None, {"base_stock_level": 20}).guide is None
    True
    """

    run: RunOrRead
    space: Space | None
    start: Mapping[str, Any]
    guide: Guide | None = None


def shares(arms: int, trials: int) -> list[tuple[int, int]]:
    """Of each round: how many policies go on, and the trials of each of them.

    >>> shares(1, 50), shares(3, 60), shares(4, 10)
    ([(1, 50)], [(3, 6), (2, 10), (1, 22)], [(4, 1), (2, 1), (1, 4)])
    """
    left = [arms]
    while left[-1] > 1:
        left.append(-(-left[-1] // 2))
    each = [max(1, trials // len(left) // many) for many in left[:-1]]
    spent = sum(many * some for many, some in zip(left, each, strict=False))
    return [*zip(left, each, strict=False), (1, max(1, trials - spent))]


def search_all(arms: Mapping[str, Arm], goal: Goal, trials: int, replications: int, seed: int) -> Iterator[Trial]:
    """Trials of all policies as they are found, numbered as they come; the same arguments give the same trials.

    Raises InputError if all settings of all policies are refused.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import GOAL, run_of
    >>> from restock.sim.study.searching.search_space import Parameter
    >>> levels = Space((Parameter("base_stock_level", 12, 20, 4),))
    >>> arms = {"searched": Arm(run_of(BaseStock), levels, {"base_stock_level": 12}),
    ...         "fixed": Arm(lambda values, span: run_of(BaseStock)({"base_stock_level": 30}, span), None, {})}
    >>> [(trial.policy, trial.how) for trial in search_all(arms, GOAL, trials=6, replications=4, seed=1)]
    [('searched', 'start'), ('searched', 'grid'), ('searched', 'grid'), ('fixed', 'start')]
    """
    fixed = [label for label, arm in arms.items() if arm.space is None]
    rounds = shares(max(1, len(arms) - len(fixed)), trials - len(fixed))
    most = trials - len(arms) + 1  # one of them may get
    sources = {label: _trials(label, arm, goal, most, replications, seed) for label, arm in arms.items()}
    best: dict[str, tuple[float, ...]] = {label: (float("inf"), 0.0) for label in arms}
    open_still, number, refused = [label for label in arms if label not in fixed], 0, ""
    turns = [(len(arms), None), *rounds[1:], *[(1, trials)] * len(arms)]  # in the end, what is left of the trials
    for many, each in turns:
        ranked = sorted(open_still, key=lambda label: best[label])[:many]  # the first named, where two are alike
        for label in [label for label in arms if label in ranked or (each is None and label in fixed)]:
            for _ in range(1 if label in fixed else min(each or rounds[0][1], trials - number)):
                trial = None
                with suppress(InputError):  # all its settings are refused: its trials say so
                    trial = next(sources[label], None)
                if trial is None:
                    open_still.remove(label)
                    break
                refused = trial.refused or refused
                best[label] = min(best[label], trial.rank(goal)[:2])
                yield replace(trial, number=number)
                number += 1
    if refused and all(rank[0] == float("inf") for rank in best.values()):
        raise InputError(refused)


def _trials(label: str, arm: Arm, goal: Goal, most: int, replications: int, seed: int) -> Iterator[Trial]:
    if arm.space is None:
        return iter([tried(arm.run, goal, replications, 0, "start", arm.start, label)])
    return search(arm.space, arm.run, goal, most, replications, seed, arm.start, arm.guide, label)
