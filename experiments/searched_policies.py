"""The policies of a search: how settings of each are simulated, and what guides the search among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from restock.experiments.chosen import chosen_policies
from restock.experiments.setting_paths import with_values
from restock.experiments.settings import Settings
from restock.sim.errors import InputError, reason
from restock.sim.model.abc_classes import usage_classes
from restock.sim.planning.policy import Plan, Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.results.outcome import Outcome
from restock.sim.results.rollup import groupings
from restock.sim.run.executors import Executor
from restock.sim.study.compare import evaluate
from restock.sim.study.searching.candidates import Goal, Run, RunOrRead, Trial
from restock.sim.study.searching.expected import Formulas
from restock.sim.study.searching.finalists import Choice
from restock.sim.study.searching.guided import Guide
from restock.sim.study.searching.sampled_items import with_fewer_items
from restock.sim.study.searching.several import Arm

if TYPE_CHECKING:
    from restock.experiments.optimizing import Task


def check_classes(goal: Goal, prepared: Prepared) -> None:
    """Every class that a constraint names has an item here."""
    here = classes_of(prepared)
    for name in goal.classes:
        if name not in here:
            raise InputError(f"optimize.constraints.{name}: no item of this scenario is in class {name} by usage "
                             f"value; classes here: {', '.join(here)}")  # fmt: skip


def classes_of(prepared: Prepared) -> tuple[str, ...]:
    """ABC classes by usage value that hold an item."""
    return groupings(prepared, None, ("class",))["class"].names


def runs_of(task: Task, settings: Settings, prepared: Prepared, executor: Executor) -> dict[str, Run]:
    """Label -> what simulates values of its settings over replications first <= r < last."""

    def run_of(label: str) -> Run:
        def run(values: Mapping[str, Any], replications: tuple[int, int]) -> Outcome:
            first, last = replications
            return evaluate(prepared, policy_with(settings, label, values), last - first, settings.seed,
                            levels=("chain", "class"), label=label, first=first, executor=executor)  # fmt: skip

        return run

    return {label: run_of(label) for label in task.policies}


def policy_with(settings: Settings, label: str, values: Mapping[str, Any]) -> Policy:
    """A policy with some values of its settings."""
    (policy,) = chosen_policies(with_values({label: settings.policy[label]}, values)).values()
    return policy


def arms_of(task: Task, settings: Settings, prepared: Prepared, runs: Mapping[str, RunOrRead]) -> dict[str, Arm]:
    """The policies as they are searched, with the formulas that lead where a space cannot be gone through in full."""
    fewer = formulas = None
    classes, out = classes_of(prepared), {}
    for label, space in task.spaces.items():
        guide = None
        if space is not None:
            if fewer is None or formulas is None:
                fewer = with_fewer_items(prepared)
                names = [item.name for item in prepared.scenario.items]
                of_name = dict(zip(names, usage_classes(prepared.scenario, prepared.world.daily_rate), strict=True))
                formulas = Formulas(fewer.known, [of_name[item.name] for item in fewer.scenario.items])
            plans = _plans(settings, label, fewer)
            guide = Guide(space, task.goal, plans, formulas, classes, prepared.scenario.days)
        out[label] = Arm(runs[label], space, task.starts[label], guide)
    return out


def _plans(settings: Settings, label: str, fewer: Prepared) -> Callable[[Mapping[str, Any]], Plan]:
    """What a policy plans with some values, for the chain of the formulas; its rules are not tried."""

    def plan_of(values: Mapping[str, Any]) -> Plan:
        try:
            return policy_with(settings, label, values).plan(fewer.known)
        except InputError:
            raise
        except Exception as error:  # whatever a user's own code raises: the simulation says it in full
            raise InputError(reason(error)) from error

    return plan_of


def fresh_outcomes(
    task: Task, each: Mapping[str, Choice], trials: Sequence[Trial], runs: Mapping[str, Run]
) -> dict[str, Outcome]:
    """What is compared on fresh replications: the settings as they were and the winner; or the best of each policy."""
    if not task.alone:
        return {label: replace(choice.fresh, label=label) for label, choice in each.items()}
    ((label, choice),) = each.items()
    outcomes = {}
    if not trials[0].refused:
        outcomes["start"] = replace(runs[label](task.starts[label], task.fresh), label="start")
    return outcomes | {"winner": replace(choice.fresh, label="winner")}
