"""restock optimize: the best settings of one policy or of several, searched, put to the finals, confirmed afresh."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restock.experiments import interrupt
from restock.experiments.setting_paths import setting_at
from restock.experiments.settings import Settings
from restock.sim.errors import InputError, require, unknown
from restock.sim.measures.measures import MEASURES
from restock.sim.model.abc_classes import CLASSES
from restock.sim.study.searching.search_space import WORDS, Parameter, Space, parameter

if TYPE_CHECKING:
    from restock.sim.study.searching.candidates import Constraint, Goal

BOUND = re.compile(r"\s*(>=|<=)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")


@dataclasses.dataclass(frozen=True)
class Task:
    """What is asked for, checked: the goal, spaces, settings to beat, the frontier's measures, replications.

    `spaces` has None for a policy of which nothing is varied: it is tried as it is.
    """

    goal: Goal
    spaces: Mapping[str, Space | None]
    starts: Mapping[str, dict[str, Any]]
    frontier: tuple[str, str]
    searched: tuple[int, int]
    finals: tuple[int, int]
    fresh: tuple[int, int]

    @property
    def policies(self) -> list[str]:
        return list(self.spaces)

    @property
    def alone(self) -> bool:
        """Whether one policy is searched, which is then held against the settings that it has now."""
        return len(self.spaces) == 1


def task_of(settings: Settings) -> Task:
    """Read and check the settings of a search, before anything is simulated."""
    from restock.sim.study.searching.candidates import Goal

    asked = settings.optimize
    many, first = settings.replications, asked.search_replications
    require(many >= 2, f"restock optimize needs replications of at least 2, got {many}: intervals decide")
    goal = Goal(_measure(asked.objective, "objective"), tuple(_constraints(asked.constraints)))
    spaces, starts = spaces_of(asked.space, settings.policy)
    least = 2 * len(spaces)
    few = f"optimize.trials must be 2 or more for each policy ({least} for {len(spaces)}), got {asked.trials}"
    require(len(spaces) == 1 or asked.trials >= least, few)
    of_chain = [c.measure for c in goal.constraints if c.measure != goal.objective and "." not in c.measure]
    shown = [*of_chain, "fill_rate", "total_cost"]
    given = asked.frontier or [goal.objective, next(name for name in shown if name != goal.objective)]
    require(len(set(given)) == 2 == len(given), f"optimize.frontier must be two measures or null, got {given}")
    for name in given:
        good = MEASURES[_measure(name, "frontier")].better != ""
        require(good, f"optimize.frontier: '{name}' is neither better when higher nor when lower")
    return Task(goal, spaces, starts, (given[0], given[1]),
                (0, first), (first, first + many), (first + many, first + 2 * many))  # fmt: skip


def _constraints(given: Mapping[str, Any]) -> Iterator[Constraint]:
    """Constraints on measures of the chain, and of classes: {fill_rate: ">= 0.97", A: {fill_rate: ">= 0.98"}}."""
    from restock.sim.study.searching.candidates import Constraint

    for name, bound in given.items():
        if isinstance(bound, Mapping):
            if name not in CLASSES:
                raise InputError(f"optimize.constraints: {unknown('class', str(name), CLASSES)}")
            for measure, of_class in bound.items():
                if of_class is not None:
                    _measure(measure, f"constraints.{name}")
                    yield Constraint(f"{name}.{measure}", *bound_of(measure, of_class, f"{name}."))
        elif name in CLASSES and bound is not None:
            raise InputError(f"optimize.constraints.{name} is a class: say which measure of it, such as "
                             f"optimize.constraints.{name}.fill_rate, got {bound}")  # fmt: skip
        elif bound is not None:
            yield Constraint(_measure(name, "constraints"), *bound_of(name, bound))


def _measure(name: str, where: str) -> str:
    if name not in MEASURES:
        raise InputError(f"optimize.{where}: {unknown('measure', name, MEASURES)}")
    return name


def bound_of(measure: str, given: Any, of: str = "") -> tuple[bool, float]:
    """At least or at most, and the bound; a plain number bounds the measure from its bad side.

    >>> bound_of("fill_rate", ">= 0.97"), bound_of("total_cost", 5000)
    ((True, 0.97), (False, 5000.0))
    """
    better = MEASURES[measure].better
    found = BOUND.fullmatch(str(given))
    if isinstance(given, (int, float)) and not isinstance(given, bool) and better:
        at_least, bound = better == "higher", float(given)
    elif found:
        at_least, bound = found[1] == ">=", float(found[2])
    else:
        raise InputError(f"optimize.constraints.{of}{measure} must be '>= number' or '<= number', got '{given}'")
    is_share = better == "higher" and MEASURES[measure].unit == "share"
    share = f"optimize.constraints.{of}{measure}: it is a share, at most 1 (97% is 0.97), got {bound:g}"
    require(not (is_share and at_least and bound > 1), share)
    return at_least, bound


def spaces_of(given: Mapping[str, Any], policies: Mapping[str, Any]) -> tuple[dict[str, Space | None], dict[str, Any]]:
    """The space of each policy, and the values that its settings have now; None where nothing of it is varied."""
    ranges: dict[str, list[Parameter]] = {label: [] for label in policies}
    starts: dict[str, dict[str, Any]] = {label: {} for label in policies}
    try:
        for name, values in _leaves(given):
            now = setting_at({"policy": policies}, name)
            label = name.split(".")[1]
            starts[label][name] = now
            ranges[label].append(_fitting(parameter(name, values), now))
        first = next(iter(policies))
        example = f"+optimize.space.policy.{first}.SETTING='{{low: 1, high: 9}}'"
        whose = f"policy '{first}'" if len(policies) == 1 else f"any of the policies ({', '.join(policies)})"
        require(any(ranges.values()), f"says nothing to vary for {whose}; give ranges such as {example}")
        return {label: Space(tuple(found)) if found else None for label, found in ranges.items()}, starts
    except InputError as error:
        raise InputError(f"optimize.space: {error}") from None


def _leaves(given: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Names and ranges, from nested mappings; null leaves a setting out."""
    for key, value in given.items():
        path = f"{name}.{key}" if name else str(key)
        if isinstance(value, Mapping) and not set(value) & set(WORDS):
            yield from _leaves(value, path)
        elif value is not None:
            yield path, value


def _fitting(p: Parameter, now: Any) -> Parameter:
    """Whole numbers where the setting is one."""
    whole = isinstance(now, int) and not isinstance(now, bool)
    require(bool(p.choices) or p.whole or not whole, f"{p.name} takes whole numbers; write low, high and step as such")
    return p


def optimize_policies(
    settings: Settings, about: dict[str, Any], folder: Path, report: bool, show: bool
) -> list[dict[str, Any]]:
    """Search, choose, confirm and write; after Ctrl-C the finished trials are written, to go on with later."""
    from restock.experiments import resuming
    from restock.experiments.jobs import bar, chosen_executor, measures_of
    from restock.experiments.run_folder import shown_path
    from restock.experiments.scenarios import build_scenario
    from restock.sim.engines.ledgers import check_seed
    from restock.sim.planning.prepared import Prepared
    from restock.sim.study.compare import Comparison
    from restock.sim.study.searching.candidates import Trial
    from restock.sim.study.searching.finalists import choose_of_each
    from restock.sim.study.searching.search import load_optuna
    from restock.sim.study.searching.several import search_all

    task, started = task_of(settings), time.perf_counter()
    trials: list[Trial] = []
    check_seed(settings.seed)
    many = settings.optimize.trials
    before = resuming.kept(settings)
    if not all(space is None or space.fits(many) for space in task.spaces.values()):
        load_optuna()
    from restock.experiments.numbers_in_words import shown_value
    from restock.experiments.optimize_report import Found, write
    from restock.experiments.searched_policies import arms_of, check_classes, fresh_outcomes, runs_of

    with bar(show) as progress, chosen_executor(settings) as executor:
        progress("reading the scenario", 0.0)
        prepared = Prepared(build_scenario(settings))
        check_classes(task.goal, prepared)
        about["scenario"] = resuming.digest(prepared)
        before.check(about["scenario"])
        runs = runs_of(task, settings, prepared, executor)
        arms = arms_of(task, settings, prepared, {label: before.instead(label, run) for label, run in runs.items()})

        def finish(**found: Any) -> str:
            about["seconds"] = round(time.perf_counter() - started, 1)
            return write(
                Found(task, prepared.scenario, tuple(trials), len(before.used), **found), settings, about, folder
            )

        try:
            for trial in search_all(arms, task.goal, many, settings.optimize.search_replications, settings.seed):
                trials.append(trial)
                best = min(trials, key=lambda t: t.rank(task.goal))
                at = f"best so far {shown_value(task.goal.objective, best.estimate(task.goal.objective))}"
                said = at if best.feasible(task.goal) else "none meets the constraints yet"
                progress(f"trial {len(trials)} of {many}, {said}", 0.9 * len(trials) / many)
            choice, each, without = choose_of_each(trials, runs, task.goal, settings.optimize.finalists, task.finals,
                                                   task.fresh, lambda words: progress(words, 0.95))  # fmt: skip
            outcomes = fresh_outcomes(task, each, trials, runs)
        except InputError as error:
            if interrupt.asked() or all(trial.refused for trial in trials):
                raise
            finish(why=str(error))
            raise InputError(f"{error}; the trials are in {shown_path(folder)}") from None
        except BaseException as error:
            if trials and (isinstance(error, KeyboardInterrupt) or interrupt.asked()):
                with interrupt.writing():
                    finish(why=f"interrupted after {len(trials)} of {many} trials")
                place = shown_path(folder)
                print(
                    f"{len(trials)} of {many} trials are kept in {place}, go on with: restock optimize resume={place}"
                )
            raise
        comparison = Comparison(outcomes, next(iter(outcomes)))
        progress("writing", 1.0)
        text = finish(choice=choice, each=each, without=without, comparison=comparison)
    if report:
        print(text)
    rows = measures_of(comparison)
    return rows[::-1] if task.alone else rows
