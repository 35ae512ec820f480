"""restock optimize: the best settings of one policy, searched, put to the finals, confirmed on fresh replications."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restock.experiments import interrupt
from restock.experiments.setting_paths import setting_at, with_values
from restock.experiments.settings import Settings
from restock.sim.errors import InputError, require, unknown
from restock.sim.measures.measures import MEASURES
from restock.sim.study.searching.search_space import WORDS, Parameter, Space, parameter

if TYPE_CHECKING:
    from restock.sim.study.searching.candidates import Goal

BOUND = re.compile(r"\s*(>=|<=)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")


@dataclasses.dataclass(frozen=True)
class Task:
    """What is asked for, checked: the goal, the space, the settings to beat, the frontier's measures, replications."""

    policy: str
    goal: Goal
    space: Space
    start: dict[str, Any]
    frontier: tuple[str, str]
    searched: tuple[int, int]
    finals: tuple[int, int]
    fresh: tuple[int, int]


def task_of(settings: Settings) -> Task:
    """Read and check the settings of a search, before anything is simulated."""
    from restock.sim.study.searching.candidates import Constraint, Goal

    asked = settings.optimize
    many, first = settings.replications, asked.search_replications
    require(many >= 2, f"restock optimize needs replications of at least 2, got {many}: intervals decide")
    goal = Goal(_measure(asked.objective, "objective"), tuple(
        Constraint(_measure(name, "constraints"), *bound_of(name, given))
        for name, given in asked.constraints.items() if given is not None))  # fmt: skip
    (label,) = settings.policy
    space, start = space_of(asked.space, settings.policy)
    shown = [c.measure for c in goal.constraints if c.measure != goal.objective] + ["fill_rate", "total_cost"]
    given = asked.frontier or [goal.objective, next(name for name in shown if name != goal.objective)]
    require(len(set(given)) == 2 == len(given), f"optimize.frontier must be two measures or null, got {given}")
    for name in given:
        good = MEASURES[_measure(name, "frontier")].better != ""
        require(good, f"optimize.frontier: '{name}' is neither better when higher nor when lower")
    return Task(label, goal, space, start, (given[0], given[1]),
                (0, first), (first, first + many), (first + many, first + 2 * many))  # fmt: skip


def _measure(name: str, where: str) -> str:
    if name not in MEASURES:
        raise InputError(f"optimize.{where}: {unknown('measure', name, MEASURES)}")
    return name


def bound_of(measure: str, given: Any) -> tuple[bool, float]:
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
        raise InputError(f"optimize.constraints.{measure} must be '>= number' or '<= number', got '{given}'")
    is_share = better == "higher" and MEASURES[measure].unit == "share"
    share = f"optimize.constraints.{measure}: it is a share, at most 1 (97% is 0.97), got {bound:g}"
    require(not (is_share and at_least and bound > 1), share)
    return at_least, bound


def space_of(given: Mapping[str, Any], policy: Mapping[str, Any]) -> tuple[Space, dict[str, Any]]:
    """The space, and the values that the policy's settings have now."""
    label = next(iter(policy))
    example = f"+optimize.space.policy.{label}.SETTING='{{low: 1, high: 9}}'"
    parameters, start = [], {}
    try:
        for name, ranges in _leaves(given):
            start[name] = setting_at({"policy": policy}, name)
            parameters.append(_fitting(parameter(name, ranges), start[name]))
        require(len(parameters) > 0, f"says nothing to vary for policy '{label}'; give ranges such as {example}")
        return Space(tuple(parameters)), start
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


def optimize_policy(
    settings: Settings, about: dict[str, Any], folder: Path, report: bool, show: bool
) -> list[dict[str, Any]]:
    """Search, choose, confirm and write; after Ctrl-C the finished trials are written."""
    from restock.experiments.chosen import chosen_policies
    from restock.experiments.jobs import bar, chosen_executor, measures_of
    from restock.experiments.run_folder import shown_path
    from restock.experiments.scenarios import build_scenario
    from restock.sim.engines.ledgers import check_seed
    from restock.sim.planning.prepared import Prepared
    from restock.sim.study.searching.candidates import Trial
    from restock.sim.study.compare import Comparison, Outcome, evaluate
    from restock.sim.study.searching.finalists import choose
    from restock.sim.study.searching.search import load_optuna, search

    task, started = task_of(settings), time.perf_counter()
    trials: list[Trial] = []
    check_seed(settings.seed)
    if not task.space.fits(settings.optimize.trials):
        load_optuna()
    from restock.experiments.numbers_in_words import shown_value
    from restock.experiments.optimize_report import Found, write

    with bar(show) as progress, chosen_executor(settings) as executor:
        progress("reading the scenario", 0.0)
        prepared = Prepared(build_scenario(settings))

        def run(values: Mapping[str, Any], replications: tuple[int, int], label: str | None = None) -> Outcome:
            (policy,) = chosen_policies(with_values(settings.policy, values)).values()
            first, last = replications
            return evaluate(prepared, policy, last - first, settings.seed, levels=("chain",), label=label, first=first,
                            executor=executor)  # fmt: skip

        def finish(**found: Any) -> str:
            about["seconds"] = round(time.perf_counter() - started, 1)
            return write(Found(task, prepared.scenario, tuple(trials), **found), settings, about, folder)

        many = settings.optimize.trials
        try:
            for trial in search(task.space, run, task.goal, many, settings.optimize.search_replications,
                                settings.seed, task.start):  # fmt: skip
                trials.append(trial)
                best = min(trials, key=lambda t: t.rank(task.goal))
                at = f"best so far {shown_value(task.goal.objective, best.estimate(task.goal.objective))}"
                said = at if best.feasible(task.goal) else "none meets the constraints yet"
                progress(f"trial {len(trials)} of {many}, {said}", 0.9 * len(trials) / many)
            choice = choose(trials, run, task.goal, settings.optimize.finalists, task.finals, task.fresh,
                            lambda words: progress(words, 0.95))  # fmt: skip
            outcomes = {} if trials[0].refused else {"start": run(task.start, task.fresh, "start")}
            outcomes["winner"] = dataclasses.replace(choice.fresh, label="winner")
        except InputError as error:
            if interrupt.asked() or all(trial.refused for trial in trials):
                raise
            finish(why=str(error))
            raise InputError(f"{error}; the trials are in {shown_path(folder)}") from None
        except BaseException as error:
            if trials and (isinstance(error, KeyboardInterrupt) or interrupt.asked()):
                with interrupt.writing():
                    finish(why=f"interrupted after {len(trials)} of {many} trials")
                print(f"{len(trials)} of {many} trials are kept in {shown_path(folder)}")
            raise
        comparison = Comparison(outcomes, next(iter(outcomes)))
        progress("writing", 1.0)
        text = finish(choice=choice, comparison=comparison)
    if report:
        print(text)
    return measures_of(comparison)[::-1]
