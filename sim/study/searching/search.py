"""Searching settings of least cost: which trial comes next, by Optuna, on the same draws for every trial.

All trials meet the same replications (common random numbers), so a trial is a deterministic function of its settings
and differences between trials are paired. A space of no more points than trials is gone through in full. Else half of
the trials are drawn: a quarter of all evenly, then by a tree-structured Parzen estimator that knows the constraints
(Bergstra et al., 2011, Advances in Neural Information Processing Systems 24). The others walk from the best so far to
better neighbours by shorter and shorter moves (pattern search: Hooke & Jeeves, 1961, Journal of the ACM 8); where a
walk ends, the next begins at the best trial far from there, for costs with several valleys.

Where formulas have something to say (`guided`), they come first: trials at what they expect to be the best, corrected
by each of these, then a walk among the neighbours that they expect to be better. docs/search.md says what was measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from restock.sim.errors import InputError, require
from restock.sim.measures.measures import MEASURES
from restock.sim.study.searching.candidates import Goal, RunOrRead, Trial, outcome_trial
from restock.sim.study.searching.guided import Guide
from restock.sim.study.searching.search_space import Parameter, Point, Space, tidy

GUIDED = 0.75  # share of trials that may go to where formulas lead
JUMPS, FEW = 8, 0.5  # most trials at what they expect to be the best; neighbours asked of a walk, for each setting
DRAWN = 0.5  # share of trials drawn before the walks
FIRST, SHORTEST = 1 / 16, 1 / 512  # moves of a walk, as shares of a range
FAR = 0.15  # of a range: how far from the ends of earlier walks another one starts
MISSING = "a search needs Optuna 5: pip install 'restock[optimize]'"


def search(
    space: Space, run: RunOrRead, goal: Goal, trials: int, replications: int, seed: int,
    start: Mapping[str, Any] | None = None, guide: Guide | None = None, policy: str = "",
) -> Iterator[Trial]:  # fmt: skip
    """Trials as they are found, `start` (the settings to beat) first; the same arguments give the same trials.

    `guide` has the formulas, where there are any, for which `start` must be given; `policy` is whose settings they are.
    No point is simulated twice. Settings that the policy refuses are trials without a result. Raises InputError if it
    refuses all.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import GOAL, run_of
    >>> space = Space((Parameter("base_stock_level", 10, 20, 5),))
    >>> found = search(space, run_of(BaseStock), GOAL, trials=10, replications=8, seed=1)  # 3 points: all are tried
    >>> [(trial.how, trial.values["base_stock_level"], trial.feasible(GOAL)) for trial in found]
    [('grid', 10, False), ('grid', 15, True), ('grid', 20, True)]
    """
    walker = _Walker(space, run, goal, replications, policy, guide)
    if start is not None:
        yield walker.tried("start", space.point(start), start)
    if space.fits(trials):
        for point in space.grid():
            if not walker.seen(point):
                yield walker.tried("grid", point, space.values(point))
    else:
        if guide is not None:
            yield from walker.guided(round(GUIDED * trials))
        drawn = _Drawn(space, goal, trials, seed)
        for trial in list(walker.trials):
            drawn.told(space.point(trial.values), trial)
        yield from _draws(walker, drawn, round(DRAWN * trials), trials)
        for point in walker.walks():
            if len(walker.trials) >= trials:
                break
            yield walker.tried("walk", point, space.values(point))
        yield from _draws(walker, drawn, trials, trials)
    if all(trial.refused for trial in walker.trials):
        raise InputError(walker.trials[-1].refused)


def _draws(walker: _Walker, drawn: _Drawn, until: int, most: int) -> Iterator[Trial]:
    for _ in range(3 * most):  # in a small space it often draws what was tried before
        if len(walker.trials) >= until:
            return
        point, ticket = drawn.ask()
        before = walker.seen(point)
        trial = before or walker.tried("drawn", point, walker.space.values(point))
        drawn.told(point, trial, ticket)
        if not before:
            yield trial


def load_optuna() -> Any:
    """The module, or an error that says how to get it.

    >>> load_optuna().__name__
    'optuna'
    """
    try:
        import optuna
    except ImportError:
        raise InputError(MISSING) from None
    require(hasattr(optuna.Trial, "set_constraint"), f"{MISSING}; here is {optuna.__version__}")
    return optuna


def tried(
    run: RunOrRead, goal: Goal, replications: int, number: int, how: str, values: Mapping[str, Any], policy: str = "",
    with_facts: bool = False,
) -> Trial:  # fmt: skip
    """A trial; where a policy refuses its settings, or a measure of the goal has no value, one without a result.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import GOAL, run_of
    >>> tried(run_of(BaseStock), GOAL, 4, 0, "start", {"base_stock_level": 20}).refused
    ''
    """
    try:
        outcome = run(values, (0, replications))
        if isinstance(outcome, Trial):  # finished in an earlier run
            trial = replace(outcome, number=number, how=how, values=dict(values))
        else:
            trial = outcome_trial(number, how, values, outcome, goal.classes, with_facts, policy)
        without = [name for name in goal.measures if np.isnan(trial.estimate(name))]
        refused = f"{without[0]} has no value here: nothing was asked for, or too few days" if without else ""
    except InputError as error:
        refused = str(error)
    if refused:
        nothing = np.full((replications, len(MEASURES)), np.nan)
        trial = Trial(number, how, dict(values), nothing, nothing, refused, policy=policy)
    return trial


class _Walker:
    """The trials made so far, and the walk from the best of them."""

    def __init__(
        self, space: Space, run: RunOrRead, goal: Goal, replications: int, policy: str = "", guide: Guide | None = None
    ) -> None:
        self.space, self.run, self.goal, self.replications = space, run, goal, replications
        self.policy, self.guide = policy, guide
        self.trials: list[Trial] = []
        self.at: dict[tuple[Any, ...], Trial] = {}

    def seen(self, point: Point) -> Trial | None:
        return self.at.get(tuple(point.items()))

    def tried(self, how: str, point: Point | None, values: Mapping[str, Any]) -> Trial:
        trial = tried(self.run, self.goal, self.replications, len(self.trials), how, values, self.policy,
                      with_facts=self.guide is not None)  # fmt: skip
        self.trials.append(trial)
        if point is not None:
            self.at[tuple(point.items())] = trial
        return trial

    def guided(self, most: int) -> Iterator[Trial]:
        """Trials where formulas, corrected by the one before, expect the best; then of a walk that they lead."""
        guide, trial = self.guide, self.trials[0]
        assert guide is not None
        if trial.refused or not guide.can_say(trial.values):
            return
        at = self.space.point(trial.values) or self.space.middle()
        for _ in range(JUMPS):
            at = guide.best_from(at, trial)
            if self.seen(at) or len(self.trials) >= most:
                break
            trial = self.tried("guided", at, self.space.values(at))
            yield trial
            if trial.refused:
                break
        few, share = max(4, round(FEW * len(self.space.parameters))), FIRST
        while share >= SHORTEST and len(self.trials) < most and self.at:
            at, best = min(((dict(key), t) for key, t in self.at.items()), key=lambda pair: pair[1].rank(self.goal))
            if best.refused:
                return
            near = [p for p in self.space.neighbours(at, share) if self.seen(p) is None]
            for point in guide.in_order(near, best, [dict(key) for key in self.at])[:few]:
                trial = self.tried("guided", point, self.space.values(point))
                yield trial
                if trial.rank(self.goal)[:2] < best.rank(self.goal)[:2] or len(self.trials) >= most:
                    break
            else:
                share /= 2

    def walks(self) -> Iterator[Point]:
        """Untried points of a walk from the best point, then of one from the best far from where that ended, ..."""
        ends: list[Point] = []
        while True:
            far = [(dict(key), trial) for key, trial in self.at.items() if not trial.refused]
            far = [(at, trial) for at, trial in far if all(self.space.apart(at, end) > FAR for end in ends)]
            if not far:
                return
            at, best = min(far, key=lambda pair: pair[1].rank(self.goal))
            share = FIRST
            while share >= SHORTEST:
                for point in self.space.neighbours(at, share):
                    new = self.seen(point) is None
                    if new:
                        yield point
                    found = self.seen(point)
                    if new and found is not None and found.rank(self.goal)[:2] < best.rank(self.goal)[:2]:
                        at, best = point, found
                        break
                else:
                    share /= 2
            ends.append(at)


class _Drawn:
    """Optuna's study: asked for points, told what came of them."""

    def __init__(self, space: Space, goal: Goal, trials: int, seed: int) -> None:
        optuna = load_optuna()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.optuna, self.space, self.goal = optuna, space, goal
        self.laws = {p.name: _law(optuna.distributions, p) for p in space.parameters}
        first = max(5, trials // 4)  # drawn evenly, before there is anything to learn from
        sampler = optuna.samplers.TPESampler(seed=seed & 0xFFFFFFFF, n_startup_trials=first)
        self.study = optuna.create_study(sampler=sampler)

    def ask(self) -> tuple[Point, Any]:
        ticket = self.study.ask(self.laws)
        return {name: tidy(ticket.params[name]) for name in self.laws}, ticket

    def told(self, point: Point | None, trial: Trial, ticket: Any = None) -> None:
        state, goal = self.optuna.trial.TrialState, self.goal
        if trial.refused:
            if ticket is not None:
                self.study.tell(ticket, state=state.FAIL)
            return
        value = goal.sign * trial.estimate(goal.objective)
        bounds = {str(c): c.violation(trial.estimate(c.measure)) for c in goal.constraints}
        if ticket is not None:
            for name, violation in bounds.items():
                ticket.set_constraint(name, violation)
            self.study.tell(ticket, value)
        elif point is not None:
            self.study.add_trial(self.optuna.trial.create_trial(
                params=point, distributions=self.laws, value=value, constraints=bounds))  # fmt: skip


def _law(laws: Any, p: Parameter) -> Any:
    if p.choices:
        return laws.CategoricalDistribution(list(range(len(p.choices))))
    if p.whole:
        return laws.IntDistribution(p.low, p.last, log=p.log, step=p.step or 1)
    if p.step is None:
        return laws.FloatDistribution(p.low, p.high, log=p.log)
    return laws.FloatDistribution(p.low, p.last, step=p.step)
