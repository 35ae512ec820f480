"""A comparison run again with laws fitted to redrawn records: what a year's data leaves open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from restock.sim.errors import InputError
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.results.redrawn import figures_of, gathered
from restock.sim.results.rollup import SUMMED
from restock.sim.run.executors import Executor
from restock.sim.study.compare import Comparison, evaluate


def with_redrawn(
    comparison: Comparison,
    policies: Mapping[str, Policy],
    worlds: Iterable[Prepared],
    weeks: int,
    replications: int,
    executor: Executor | None = None,
    progress: Callable[[], None] = lambda: None,
) -> Comparison:
    """The comparison whose intervals hold what redrawn records add.

    Parameters
    ----------
    policies : mapping of label to Policy
        Those compared; each plans anew by the laws of every redrawn record.
    worlds : iterable of Prepared
        The scenario with laws fitted to each redrawn record.
    weeks, replications : int
        Weeks of the record; replications in each of the worlds, the first of the comparison's: the same draws.
    progress : callable
        Called after each world.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import redrawn_twice
    >>> comparison = redrawn_twice(BaseStock)  # two redrawn records, which put demand at 0.9 and at 1.1 of what it was
    >>> found = comparison.outcomes["lean"]
    >>> bool(found.interval().half_width[0, 0] > found.simulated().half_width[0, 0])
    True
    """
    found: dict[str, list] = {label: [] for label in comparison.outcomes}
    for number, world in enumerate(worlds):
        for label, outcome in comparison.outcomes.items():
            levels = [level for level in outcome.rollup.groupings if level in SUMMED]
            try:
                again = evaluate(world, policies[label], replications, outcome.seed, levels=levels, executor=executor)
            except InputError as error:
                raise InputError(f"resample {number} of the record: {error}") from error
            found[label].append(figures_of(again, replications))
        progress()
    return replace(comparison, outcomes={
        label: replace(outcome, redrawn=gathered(outcome, found[label], weeks, replications))
        for label, outcome in comparison.outcomes.items()
    })  # fmt: skip
