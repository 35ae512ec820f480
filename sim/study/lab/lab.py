"""The lab: one question after another about the same scenario, each answered from what the ones before it have made.

A world is kept by the settings that it was made of, a run by the arrays of its world, its seed and what its policy
planned: where only costs are moved, and plans are the same bit by bit, what was run serves. A run grows: a first answer
comes after few replications, the last after all that were asked for, and what is there is never made again. An answer
is what `study.compare` gives for the same replications, bit by bit where they are all that were asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from restock.sim.engines.writer.features import ALL
from restock.sim.errors import require
from restock.sim.planning.policy import Plan, Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.results.extending import Growing
from restock.sim.results.other_costs import in_scenario
from restock.sim.results.outcome import Outcome
from restock.sim.run.executors import Executor
from restock.sim.study.compare import Comparison
from restock.sim.study.lab.demand_laws import DemandLaws
from restock.sim.study.lab.kept import Kept, bytes_of
from restock.sim.study.lab.plan_bits import bits_of, bytes_of_plan

STEPS = (4, 16)  # replications after which there is an answer, before there is the whole one
AT_ONCE = 1_000_000  # cell-days: some 10 ms
MOST_BYTES = 512 * 2**20  # of the worlds and runs kept
LEVELS = ("chain",)
DAILY = 8  # replications whose daily figures are kept, as `restock compare` keeps them; answers of fewer have none


class Asked(NamedTuple):
    """A policy, and the settings that it was made of, which name it.

    >>> from restock.policies.base_stock import BaseStock
    >>> Asked("level 10", BaseStock(base_stock_level=10)).key
    'level 10'
    """

    key: Hashable
    policy: Policy


@dataclass(frozen=True)
class Question:
    """Policies in a world.

    Parameters
    ----------
    world : hashable
        The settings that the scenario is made of: equal keys are equal scenarios.
    prepare : callable
        The scenario with its arrays, called where it is not kept.
    policies : mapping of label to Asked
        The first is the one that the others are compared with.
    seed, replications : int
    arrays : hashable or None
        The settings that the arrays of the scenario are made of, where those of the world hold costs, too: scenarios
        with equal ones share their arrays, and differ in the rates of `results.other_costs` alone.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> Question("shop", one_shop, {"lean": Asked(10, BaseStock(base_stock_level=10))}).replications
    64
    """

    world: Hashable
    prepare: Callable[[], Prepared]
    policies: Mapping[str, Asked]
    seed: int = 1
    replications: int = 64
    arrays: Hashable = None

    def __post_init__(self) -> None:
        require(len(self.policies) > 0, "a question needs at least one policy")
        good = self.replications >= 1
        require(good, f"replications must be a whole number not below 1, got {self.replications}")


class Answer(NamedTuple):
    """A comparison so far: `whole` where it has all replications that were asked for.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> Answer(lean_and_rich(BaseStock), whole=False).comparison.baseline
    'lean'
    """

    comparison: Comparison
    whole: bool


class Lab:
    """Worlds and runs, kept for the next question within `most_bytes` (`kept.Kept` says what is let go of first).

    One question is worked on at a time, a step of one policy each turn; any thread may ask. All runs take the kernel
    of all features: a world that gets one more feature waits for no compiler.

    Parameters
    ----------
    most_bytes : int
        For the arrays of worlds and the sums of runs. What a question needs at the time comes on top, and laws of
        demand (`demand_laws`).
    steps : replications of the first answers
    at_once : int
        Days of single cells, over all replications asked for, up to which a run is so quick that the first answer of
        its policy is the whole one.
    executor : where shards are run; None: threads

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> lab, asked = Lab(at_once=0), {"lean": Asked(10, BaseStock(base_stock_level=10))}
    >>> [answer.comparison.outcomes["lean"].replications for answer in lab.answers(Question("shop", one_shop, asked))]
    [4, 16, 64]
    >>> [answer.comparison.outcomes["lean"].replications for answer in lab.answers(Question("shop", one_shop, asked))]
    [64]
    """

    def __init__(
        self,
        most_bytes: int = MOST_BYTES,
        steps: tuple[int, ...] = STEPS,
        executor: Executor | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        self.kept = Kept(most_bytes)
        self.steps, self.executor, self.at_once = steps, executor, at_once
        self._turn, self._laws = threading.Lock(), DemandLaws()

    def answers(
        self,
        question: Question,
        void: Callable[[], bool] = lambda: False,
        first: str | None = None,
        whole: bool = False,
    ) -> Iterator[Answer]:
        """Answers with more and more replications, the last with all that were asked for; the last alone if `whole`.

        `void` is asked between steps: once it says so there are no further answers. `first` names the policy that is
        run before the others, such as the one whose setting was moved. Raises InputError where a scenario or policy is
        refused.
        """
        order = sorted(question.policies, key=lambda label: label != first)
        for step in [question.replications] if whole else self._steps(question, void):
            found, changed = {}, step == question.replications
            for label in order:
                if void():
                    return
                with self._turn:
                    if void():  # since this one waited for its turn
                        return
                    found[label], grown = self._grown(question, label, step)
                changed = changed or grown
            if changed:
                outcomes = {label: found[label] for label in question.policies}
                yield Answer(Comparison(outcomes, next(iter(outcomes))), step == question.replications)

    def _steps(self, question: Question, void: Callable[[], bool]) -> list[int]:
        """Replications after which there is an answer."""
        with self._turn:
            if void():
                return []
            world = self._world(question).world
        whole = world.horizon * int(world.stocked.sum()) * question.replications <= self.at_once
        before = [step for step in self.steps if step < question.replications and not whole]
        return [*before, question.replications]

    def whole(self, question: Question) -> Comparison:
        """The last answer alone."""
        (last,) = self.answers(question, whole=True)
        return last.comparison

    def prepared(self, question: Question) -> Prepared:
        """The scenario that a question is asked in, with its arrays: that of its answers, where they are there."""
        with self._turn:
            return self._world(question)

    def _grown(self, question: Question, label: str, step: int) -> tuple[Outcome, bool]:
        """What a policy did in so many replications at least, and whether some were made for it."""
        prepared, (plan, known_by) = self._world(question), self._plan(question, label)
        key = ("run", _arrays(question), question.replications, question.seed, known_by)
        kept: tuple[Growing, Hashable] | None = self.kept.get(key)
        run, made_in = kept or (None, question.world)  # the costs of a run are those of the world it was made in
        under = (("world", made_in), ("world", question.world), ("arrays", _arrays(question)))
        wanted = min(DAILY, question.replications)
        daily = wanted if step >= wanted else 0  # to keep them takes as long as to simulate so few
        if run is None or run.kept < daily:
            run = Growing(
                prepared, plan, question.seed, series=daily, levels=LEVELS, label=label, executor=self.executor,
                like=question.replications, features=ALL,
            )  # fmt: skip
        made = run.replications < step
        if made:
            self.kept.drop(key)  # a run that fails on its way is not kept
            run.extend(step)
        found = run.outcome()
        size = bytes_of(found.rollup.sums) + bytes_of((found.series, found.one_series))
        self.kept.put(key, (run, made_in), size, under=under)
        return replace(in_scenario(found, prepared), label=label, plan=plan), made

    def _plan(self, question: Question, label: str) -> tuple[Plan, Hashable]:
        """What a policy plans in the world of a question, and what names that."""
        asked, world = question.policies[label], ("world", question.world)
        key = ("plan", question.world, asked.key)
        found: tuple[Plan, Hashable] | None = self.kept.get(key)
        if found is None:
            plan = self._world(question).plan(asked.policy)
            found = plan, bits_of(plan)
            self.kept.put(key, found, bytes_of_plan(plan), under=(world, ("arrays", _arrays(question))))
        return found

    def _world(self, question: Question) -> Prepared:
        """The world of a question; its arrays are those of another that shares them, where one is kept."""
        world, arrays = ("world", question.world), ("arrays", _arrays(question))
        prepared: Prepared | None = self.kept.get(world)
        if prepared is None:
            prepared = question.prepare()
            shared = self.kept.get(arrays)
            prepared.__dict__["world"] = self._laws.world_of(prepared.scenario) if shared is None else shared
            if shared is None:
                self.kept.put(arrays, prepared.world, bytes_of(prepared.world))
            known = bytes_of([prepared.known.demand_variance, prepared.known.ordering_cost])
            self.kept.put(world, prepared, known, under=(arrays,))
        return prepared


def _arrays(question: Question) -> Hashable:
    return question.world if question.arrays is None else question.arrays
