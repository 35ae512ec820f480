"""Runs that grow: replications are added to what is there, and none is made twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.engines.writer.features import Features
from restock.sim.errors import require
from restock.sim.measures.ledger import SERIES
from restock.sim.planning.policy import Plan, Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.results.other_costs import at_rates
from restock.sim.results.outcome import Outcome
from restock.sim.results.rollup import LEVELS, Rollup, groupings, reduction, roll_up
from restock.sim.run.executors import Executor, Threads
from restock.sim.run.shards import map_shards

FINE = ("site_class", "cell")  # they take as much memory as there are cells, or classes of sites
MOST_LEVELS = tuple(level for level in LEVELS if level not in FINE)

ALL = 2**31  # replications: as many as there are


class Growing:
    """A policy's run, which may be extended: `extend(n)` makes replications up to n, `outcome()` says what came of it.

    The replications do not depend on how they were made: one run of 128 equals one of 64 extended by 64, bit by bit
    where the parts are whole blocks of 64. They are numbered from `first`. Daily figures are kept of the first `series`
    of them (True: of all). A run that grows by other parts `like` one of 64 has its bits, but for those of items and
    cells, whose moments are joined part by part. `features` is what the kernel is written for; (): what the run has.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> run = Growing(one_shop(), BaseStock(base_stock_level=10), seed=1)
    >>> run.extend(2)
    >>> run.extend(4)
    >>> run.outcome().replications
    4
    """

    def __init__(
        self,
        prepared: Prepared,
        policy: Policy | Plan,
        seed: int,
        threads: int | None = None,
        series: bool | int = False,
        levels: Sequence[str] = MOST_LEVELS,
        label: str | None = None,
        adjusted: bool = False,
        executor: Executor | None = None,
        first: int = 0,
        like: int | None = None,
        features: Features = (),
    ) -> None:
        self.prepared, self.seed, self.adjusted, self.first = prepared, seed, adjusted, first
        self.like, self.features = like, features
        self.executor = executor or Threads(threads)
        self.plan = policy if isinstance(policy, Plan) else prepared.plan(policy)
        self.label = label or self.plan.name
        self.replications = 0
        self.rollup: Rollup | None = None
        self.groups = groupings(prepared, self.plan, levels)
        self.kept = ALL if series is True else int(series)
        days, sites = prepared.world.horizon if series else 0, len(prepared.scenario.sites)
        self._series = np.zeros((2, days, sites, len(SERIES)), np.int64)  # summed over those kept; of the first

    def extend(self, replications: int, progress: Callable[[float], None] = lambda share: None) -> None:
        """Make what is missing to `replications`."""
        good = isinstance(replications, int) and replications >= 1
        require(good, f"replications must be a whole number not below 1, got {replications}")
        if replications <= self.replications:
            return
        span, series = (self.first + self.replications, self.first + replications), self.first + self.kept
        reduce = reduction(self.prepared, self.plan, self.groups, self.first)
        parts = map_shards(
            self.prepared, self.plan, self.seed, span, reduce, self.executor, series, progress, self.features,
            meanwhile=True, like=self.like,
        )  # fmt: skip
        days = self.prepared.scenario.days
        found = roll_up(days, self.groups, parts, span, self._series, self.rollup)
        costs = self.prepared.scenario.costs
        found.sums = {level: at_rates(sums, costs) for level, sums in found.sums.items()}
        self.rollup = found
        self.replications = replications

    def outcome(self) -> Outcome:
        """Tables of the replications made so far."""
        assert self.rollup is not None
        kept = min(self.kept, self.replications)
        series, one = (self._series[0] / kept, self._series[1]) if kept else (None, None)
        return Outcome(self.label, self.prepared, self.plan, self.seed, self.replications, self.rollup, series, one,
                       self.adjusted, kept)  # fmt: skip


def part_of(progress: Callable[[float], None], start: float, share: float) -> Callable[[float], None]:
    """Progress of a part, told as progress of the whole.

    >>> part_of(print, start=0.5, share=0.5)(0.2)
    0.6
    """
    return lambda done: progress(start + share * done)


def whole_blocks(replications: int) -> int:
    """The next multiple of the kernel's lanes, which so many replications of an item fill.

    >>> whole_blocks(64), whole_blocks(65)
    (64, 128)
    """
    return -(-replications // WIDTH) * WIDTH
