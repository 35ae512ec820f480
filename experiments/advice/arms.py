"""Improvements made ready to run: the settings, world and plan of each, or why it has nothing to improve.

An improvement that leaves the policy alone is tried in two ways: levels planned anew for the improved chain, and levels
kept as they are. With levels planned anew faster suppliers save stock, with levels kept they serve better: which of the
two is worth more depends on whether the targets are those that pay.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from restock.experiments.advice.changes import DoesNotApply, Plain, changed_settings, is_relative, of_policy, words_of
from restock.experiments.advice.conditions import lacking
from restock.experiments.advice.improvements import Improvement
from restock.experiments.settings import SCENARIO_GROUPS, Settings, plain, settings_of
from restock.sim.errors import InputError, require
from restock.sim.run.executors import Executor

if TYPE_CHECKING:
    from restock.sim.planning.policy import Plan, Policy
    from restock.sim.planning.prepared import Prepared
    from restock.sim.results.outcome import Outcome

AS_IT_IS = "as it is"
KEPT = ", levels kept"  # after the name of an improvement
OF_THE_NETWORK = ("lead_time_factor", "lead_time_cv_factor", "pack_factor", "order_days")
MAY_CHANGE = ("policy", "scenario", *OF_THE_NETWORK, *SCENARIO_GROUPS)
"""What an improvement may change: not demand, days or seed, since all are compared on the same demand."""
DAILY = 8  # replications whose daily stock tells whether there is a steady state
Changes = Sequence[Mapping[str, Any]]


class Arm(NamedTuple):
    """Settings of the world that is run, and of the world that its levels are planned for, policy included."""

    run: Plain
    plan: Plain


@dataclass
class Arms:
    """The chain as it is, `base`, and each improvement that has something to improve.

    `left_out` says of the others why. Worlds are built when they are run; the last is kept.
    """

    base: Plain
    prepared: Prepared
    executor: Executor
    made: dict[str, Arm] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    unsteady: dict[str, str] = field(default_factory=dict)  # those without a steady state, and why
    _last: tuple[str, Prepared] | None = None

    def add(self, name: str, changes: Changes, kept: Sequence[bool]) -> bool:
        """Make it ready, the changes one after the other; those `kept` leave the levels as they are.

        False where it has nothing to improve. Mistakes in what it changes are found now.
        """
        run = plan = self.base
        try:
            for change, keep in zip(changes, kept, strict=True):
                run = changed_settings(run, self.prepared.scenario, change)
                plan = plan if keep else changed_settings(plan, self.prepared.scenario, change)
            self._check(run, any(map(is_relative, changes)))
        except DoesNotApply as why:
            self.left_out[name] = str(why)
            return False
        except InputError as error:
            raise InputError(f"improvement '{name}': {error}") from None
        self.made[name] = Arm(run, plan)
        return True

    def _check(self, made: Plain, relative: bool) -> None:
        """The policy and the settings, before anything is run; what the scenario itself says is checked as it is built.

        What was changed relative to what it was, and comes out where nobody put it, does not apply: such as a target of
        twice the misses, beyond what a policy takes.
        """
        from restock.experiments.chosen import chosen_policies
        from restock.experiments.scenarios import with_settings

        try:
            chosen_policies(made["policy"])
            if _of_the_world(made) != _of_the_world(self.base):
                with_settings(self.prepared.scenario, _settings(made))
        except InputError as error:
            if relative:
                raise DoesNotApply(str(error)) from None
            raise

    def words(self, name: str) -> str:
        """The words of a command line that run the improvement alone, with levels planned anew."""
        return " ".join(words_of(self.base, self.made[name].run))

    def run(self, name: str, first: int, last: int) -> Outcome:
        """Simulate the chain as it is, or with an improvement, over replications first <= r < last."""
        from restock.sim.results.steady_state import no_steady_state
        from restock.sim.run.shards import features_of_runs
        from restock.sim.study.compare import evaluate

        arm = Arm(self.base, self.base) if name == AS_IT_IS else self.made[name]
        prepared, plan = self._world(arm.run), self._plan(arm.plan)
        if name.endswith(KEPT):
            self._check_kept(plan, self._plan(arm.run), prepared)
        features = features_of_runs((prepared, plan), (self.prepared, self._usual))
        found = evaluate(prepared, plan, last - first, arm.run["seed"], series=0 if first else DAILY, levels=("chain",),
                         label=name, executor=self.executor, first=first, features=features)  # fmt: skip
        if not first and (why := no_steady_state(found)):
            self.unsteady[name] = why
        return found

    def _check_kept(self, kept: Plan, anew: Plan, prepared: Prepared) -> None:
        """Levels can be kept where they are set once, for cells that are still there; and are, where they differ."""
        require(not any(kept.memories), "levels are learned on the way: they cannot be kept")
        same_cells = kept.rule_of.shape == prepared.world.stocked.shape
        require(same_cells, "it changes the cells: levels cannot be kept")
        require(not _alike(kept, anew), "levels planned anew are those kept")

    @cached_property
    def _usual(self) -> Plan:
        """The plan of the chain as it is, which levels that are kept are those of."""
        return self.prepared.plan(_policy_of(self.base))

    def _plan(self, made: Plain) -> Plan:
        return self._usual if made is self.base else self._world(made).plan(_policy_of(made))

    def _world(self, made: Plain) -> Prepared:
        from restock.experiments.scenarios import build_scenario
        from restock.sim.planning.prepared import Prepared

        key = _of_the_world(made)
        if key == _of_the_world(self.base):
            return self.prepared
        if self._last is None or self._last[0] != key:
            self._last = key, Prepared(build_scenario(_settings(made)))
        return self._last[1]


def _alike(one: Plan, other: Plan) -> bool:
    """Whether two plans have the same rules and levels everywhere."""
    from restock.sim.engines.rules.compiled_rules import plan_arrays

    parts: Iterable[tuple[Any, Any]] = zip(plan_arrays(one), plan_arrays(other), strict=True)
    same_rules = one.rules == other.rules and one.expresses == other.expresses
    return same_rules and all(np.array_equal(a, b) for a, b in parts)


def _policy_of(made: Plain) -> Policy:
    from restock.experiments.chosen import chosen_policies

    (policy,) = chosen_policies(made["policy"]).values()
    return policy


def _of_the_world(made: Plain) -> str:
    return json.dumps({key: value for key, value in made.items() if key != "policy"}, sort_keys=True, default=str)


def _settings(made: Plain) -> Settings:
    from omegaconf import OmegaConf

    return settings_of(OmegaConf.create(made))


def arms_of(found: Sequence[Improvement], settings: Settings, prepared: Prepared, executor: Executor) -> Arms:
    """Every improvement, made ready or left out with the reason. All warm up for as long as the chain as it is."""
    made = Arms(plain(settings) | {"warm_up": prepared.scenario.warm_up}, prepared, executor)
    for each in found:
        for path in each.change:
            root = path.partition(".")[0]
            allowed = f"it may change {', '.join(MAY_CHANGE)}"
            require(root in MAY_CHANGE, f"improvement '{each.name}' changes {path}; {allowed}")
        why = lacking(each.needs, prepared.scenario)
        if why:
            made.left_out[each.name] = why
        elif made.add(each.name, [each.change], [False]) and not any(map(of_policy, each.change)):
            made.add(each.name + KEPT, [each.change], [True])
    return made


def improvement_of(name: str) -> str:
    """The improvement that is tried in one way or the other.

    >>> improvement_of("no_lag, levels kept"), improvement_of("no_lag")
    ('no_lag', 'no_lag')
    """
    return name.removesuffix(KEPT)
