"""Runs that grow: replications are added to what is there, and none is made twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from sim.errors import require
from sim.ledger import SERIES
from sim.outcome import Outcome
from sim.policy import Plan, Policy
from sim.rollup import LEVELS, Rollup, roll_up
from sim.simulate import Prepared, Shard, run_shards

MOST_LEVELS = LEVELS[:-1]  # all but single cells, which take as much memory as there are cells
BLOCK = 64  # replications that fill the kernel's lanes


class Growing:
    """A policy's run, which may be extended: `extend(n)` makes replications up to n, `outcome()` says what came of it.

    The replications do not depend on how they were made: one run of 128 equals one of 64 extended by 64, bit by bit
    where the parts are whole blocks of 64.
    """

    def __init__(
        self,
        prepared: Prepared,
        policy: Policy | Plan,
        seed: int,
        threads: int | None = None,
        series: bool = False,
        levels: Sequence[str] = MOST_LEVELS,
        label: str | None = None,
        adjusted: bool = False,
    ) -> None:
        self.prepared, self.seed, self.threads, self.levels, self.adjusted = prepared, seed, threads, levels, adjusted
        self.plan = policy if isinstance(policy, Plan) else prepared.plan(policy)
        self.label = label or self.plan.name
        self.replications = 0
        self.rollup: Rollup | None = None
        shape = (prepared.world.horizon if series else 0, len(prepared.scenario.sites), len(SERIES))
        self._total, self._one = np.zeros(shape, np.int64), np.zeros(shape, np.int64)

    def extend(self, replications: int, progress: Callable[[float], None] = lambda share: None) -> None:
        """Make what is missing to `replications`."""
        good = isinstance(replications, int) and replications >= 1
        require(good, f"replications must be a whole number not below 1, got {replications}")
        if replications <= self.replications:
            return
        span = (self.replications, replications)
        series = len(self._total) > 0
        shards = run_shards(self.prepared, self.plan, self.seed, span, self.threads, series, progress)
        self.rollup = roll_up(self.prepared, self.plan, self._adding_series(shards), span, self.levels, self.rollup)
        self.replications = replications

    def outcome(self) -> Outcome:
        """Tables of the replications made so far."""
        assert self.rollup is not None
        series, one = (self._total / self.replications, self._one) if len(self._total) else (None, None)
        return Outcome(
            self.label, self.prepared, self.plan, self.seed, self.replications, self.rollup, series, one, self.adjusted
        )

    def _adding_series(self, shards: Iterable[Shard]) -> Iterator[Shard]:
        for shard in shards:
            if len(self._total):
                self._total += shard.series.sum(axis=1)
                if shard.replications[0] == 0:
                    self._one += shard.series[:, 0]
            yield shard


def part_of(progress: Callable[[float], None], start: float, share: float) -> Callable[[float], None]:
    """Progress of a part, told as progress of the whole."""
    return lambda done: progress(start + share * done)


def whole_blocks(replications: int) -> int:
    """The next multiple of 64.

    >>> whole_blocks(64), whole_blocks(65)
    (64, 128)
    """
    return -(-replications // BLOCK) * BLOCK
