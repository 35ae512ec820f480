"""Running a scenario under a policy: the kernel over shards of replications and items, in threads."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from sim.errors import InputError, require
from sim.knowledge import Knowledge
from sim.lanes import WIDTH
from sim.ledger import COUNT, SERIES
from sim.policy import Plan, Policy, try_rules
from sim.scenario import Scenario
from sim.world import World, build_world

SHARD_CELLS = 200_000  # most ledger cells (replication x item x site) of one shard, about 45 MB
SMALL = 1_000_000  # cell-days below which one thread is quicker than two


@dataclass(frozen=True)
class Prepared:
    """A scenario with its arrays: build once, run many policies."""

    scenario: Scenario

    @cached_property
    def world(self) -> World:
        return build_world(self.scenario)

    @cached_property
    def known(self) -> Knowledge:
        return Knowledge(self.scenario, self.world)

    def plan(self, policy: Policy) -> Plan:
        """The policy's plan, its rules tried once."""
        plan = policy.plan(self.known)
        try_rules(plan, self.known)
        return plan


@dataclass(frozen=True)
class Shard:
    """A part of the work: some replications of some items, and what came of it."""

    replications: tuple[int, int]
    items: tuple[int, int]
    ledger: np.ndarray  # int64 (replications, items, sites, columns of ledger.COLUMNS)
    series: np.ndarray  # int64 (days, replications, sites, figures of ledger.SERIES); no days unless asked for


def shard_bounds(items: int, sites: int, first: int, last: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Cut replications first..last and all items into shards, the same for any number of threads.

    A block of the kernel has WIDTH lanes, one for each (replication, item): replications go by 64, and items so many
    at a time that they fill whole blocks, as many as SHARD_CELLS allows, and an eighth of all at most, so that there
    is something to do in parallel.

    >>> shard_bounds(items=200, sites=10, first=0, last=1)[:2]
    [((0, 1), (0, 64)), ((0, 1), (64, 128))]
    """
    many = min(64, last - first)
    whole = WIDTH // math.gcd(WIDTH, many)  # items whose lanes fill whole blocks
    step = whole * max(1, min(SHARD_CELLS // (many * sites * whole), -(-items // (8 * whole))))
    return [
        ((r, min(r + 64, last)), (i, min(i + step, items)))
        for r in range(first, last, 64)
        for i in range(0, items, step)
    ]


def run_shards(
    prepared: Prepared,
    plan: Plan,
    seed: int,
    replications: tuple[int, int],
    threads: int | None = None,
    series: bool = False,
    progress: Callable[[float], None] = lambda share: None,
) -> Iterator[Shard]:
    """Simulate replications first <= r < last with the kernel; shards come in a fixed order whatever the threads.

    `threads=None` takes all cores for large work, one for small. `progress` is called with the share done.
    """
    from sim.compiled_rules import compiled_review, plan_arrays

    world = prepared.world
    check_seed(seed)
    first, last = replications
    require(0 <= first < last, f"replications must be a range of at least one, got {first} to {last}")
    review, arrays = compiled_review(plan), plan_arrays(plan)
    items, sites = world.stocked.shape
    bounds = shard_bounds(items, sites, first, last)
    cores = os.cpu_count() or 1
    work = world.horizon * items * sites * (last - first)
    count = threads or (cores if work > SMALL else 1)
    blocks: SimpleQueue[Any] = SimpleQueue()  # working memory, handed from one shard to the next
    with ThreadPoolExecutor(count) as pool:
        waiting: list[Any] = []
        todo = iter(bounds)
        for bound in islice(todo, 2 * count):
            waiting.append(pool.submit(_run_one, world, arrays, review, seed, bound, series, blocks))
        done = 0
        try:
            while waiting:
                shard, wrong = waiting.pop(0).result()
                for bound in islice(todo, 1):
                    waiting.append(pool.submit(_run_one, world, arrays, review, seed, bound, series, blocks))
                if wrong:
                    raise InputError(f"policy '{plan.name}': the rule returned a negative quantity; allowed: 0 or more")
                done += 1
                progress(done / len(bounds))
                yield shard
        finally:
            for future in waiting:
                future.cancel()


def _run_one(world, arrays, review, seed, bound, with_series, blocks):  # type: ignore[no-untyped-def]
    from sim.block import new_block
    from sim.kernel import run_shard

    replications, items = bound
    sites = world.stocked.shape[1]
    many = replications[1] - replications[0]
    masks = np.array([(1 << int(longest).bit_length()) - 1 for longest in world.longest_lead], np.int64)
    try:
        block = blocks.get_nowait()
    except Empty:
        most_children = int(np.diff(world.first_child).max())
        block = new_block(sites, int(masks.max()) + 1, arrays.levels.shape[0], most_children,
                          bool(world.records), bool(world.delayed))  # fmt: skip
    before = np.zeros((sites, 4, WIDTH), np.int32)
    ledger = np.zeros((many, items[1] - items[0], sites, COUNT), np.int64)
    series = np.zeros((world.horizon if with_series else 0, many, sites, len(SERIES)), np.int64)
    wrong = run_shard(
        block, before, world, arrays, review, seed & 0xFFFFFFFF, seed >> 32,
        np.array(replications, np.int64), np.array(items, np.int64), masks, ledger, series,
    )  # fmt: skip
    blocks.put(block)
    return Shard(replications, items, ledger, series), bool(wrong)


def check_seed(seed: int) -> None:
    """A seed is a whole number that fits 63 bits."""
    good = isinstance(seed, int) and 0 <= seed < 2**63
    require(good, f"seed must be a whole number from 0 to {2**63 - 1}, got {seed}")


def run_kernel(
    prepared: Prepared, plan: Plan, seed: int, replications: int, threads: int | None = None, series: bool = False
) -> Shard:
    """The whole ledger at once (replications, items, sites, columns), for work small enough to hold it."""
    items, sites = prepared.world.stocked.shape
    ledger = np.zeros((replications, items, sites, COUNT), np.int64)
    figures = np.zeros((prepared.world.horizon if series else 0, replications, sites, len(SERIES)), np.int64)
    for shard in run_shards(prepared, plan, seed, (0, replications), threads, series):
        (r0, r1), (i0, i1) = shard.replications, shard.items
        ledger[r0:r1, i0:i1] = shard.ledger
        figures[:, r0:r1] += shard.series
    return Shard((0, replications), (0, items), ledger, figures)
