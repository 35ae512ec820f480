"""Small runs are answered by the event engine as long as their kernel is not compiled: the figures are the same.

The kernel is compiled meanwhile, by a process of its own that goes on should this one end.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.compiling.cache_folders import say
from restock.sim.engines.writer.features import Features
from restock.sim.measures.ledger import SERIES

if TYPE_CHECKING:
    from restock.sim.engines.ledgers import Bounds, Shard
    from restock.sim.planning.policy import Plan
    from restock.sim.planning.prepared import Prepared

MOST_CELL_DAYS = 100_000  # that the event engine is asked for: some three seconds' work
_begun: set[Features] = set()


def by_events(prepared: Prepared, replications: int, features: Features) -> bool:
    """Whether a run is small, and its kernel is not compiled; its compiling is then begun."""
    from restock.sim.engines.writer.written import is_compiled

    small = prepared.world.horizon * int(prepared.world.stocked.sum()) * replications <= MOST_CELL_DAYS
    if not small or is_compiled(features):
        return False
    if features not in _begun:
        _begun.add(features)
        say("this run is small: the event engine answers (the same figures) while the kernel is compiled for the next")
        compile_apart(features)
    return True


def compile_apart(features: Features) -> subprocess.Popen[bytes]:
    """Compile a kernel in a process of its own, which outlives this one."""
    command = [sys.executable, "-m", "restock.sim.run.warm", "--quiet", *features]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
        start_new_session=True,
    )  # fmt: skip


def shards_of_events(prepared: Prepared, plan: Plan, seed: int, bounds: list[Bounds], series: int) -> Iterator[Shard]:
    """The shards of a run as the kernel would give them, from the event engine."""
    from restock.sim.engines.events.engine import Run
    from restock.sim.engines.ledgers import Shard

    runs: dict[int, Run] = {}
    for (r0, r1), (i0, i1) in bounds:
        if i0 == 0:
            runs = {r: Run(prepared, plan, seed, r).run() for r in range(r0, r1)}
        ledger = np.stack([runs[r].ledger[i0:i1] for r in range(r0, r1)])
        kept = range(r0, min(r1, max(r0, series)))  # replications whose daily figures are kept
        figures = np.zeros((prepared.world.horizon if kept else 0, len(kept), ledger.shape[2], len(SERIES)), np.int64)
        if kept and i0 == 0:  # those of all items: with the first of them
            figures += np.stack([runs[r].series for r in kept], axis=1)
        yield Shard((r0, r1), (i0, i1), ledger, figures)
