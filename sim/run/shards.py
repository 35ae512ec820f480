"""Running a scenario under a policy: the kernel over shards of replications and items, by an executor."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from queue import SimpleQueue
from typing import Any

import numpy as np

from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.engines.ledgers import Bounds, Shard, check_seed, check_states, columns_of
from restock.sim.engines.writer.features import ALL, Features, kernel_features
from restock.sim.errors import require
from restock.sim.measures.ledger import SERIES
from restock.sim.model.arrays import World
from restock.sim.planning.limits import Refused
from restock.sim.planning.policy import Plan, Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.run.executors import Executor, Threads
from restock.sim.run.meanwhile import by_events, shards_of_events
from restock.sim.run.rule_faults import in_words

SHARD_CELLS = 200_000  # most ledger cells (replication x item x site) of one shard, about 45 MB
SMALL = 1_000_000  # cell-days below which one worker is quicker than two


def shard_bounds(
    items: int, sites: int, first: int, last: int, like: int | None = None, together: bool = False
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Cut replications first..last and all items into shards, the same for any number of threads.

    A block of the kernel has WIDTH lanes, one for each (replication, item): replications go by WIDTH, and items so many
    at a time that they fill whole blocks, as many as SHARD_CELLS allows, and an eighth of all at most, so that there
    is something to do in parallel. With `like` items are cut as in a run of so many replications, whose sums over items
    are then added in the same order: parts of it give its bits. Items that share something go `together`, all in one
    shard of as many replications as SHARD_CELLS allows.

    >>> shard_bounds(items=200, sites=10, first=0, last=1)[:2]
    [((0, 1), (0, 64)), ((0, 1), (64, 128))]
    >>> shard_bounds(items=200, sites=10, first=0, last=1, like=64)[:2]
    [((0, 1), (0, 25)), ((0, 1), (25, 50))]
    """
    if together:
        many = max(1, min(WIDTH, SHARD_CELLS // (items * sites)))
        return [((r, min(r + many, last)), (0, items)) for r in range(first, last, many)]
    many = min(WIDTH, last - first if like is None else like)
    whole = WIDTH // math.gcd(WIDTH, many)  # items whose lanes fill whole blocks
    step = whole * max(1, min(SHARD_CELLS // (many * sites * whole), -(-items // (8 * whole))))
    return [
        ((r, min(r + WIDTH, last)), (i, min(i + step, items)))
        for r in range(first, last, WIDTH)
        for i in range(0, items, step)
    ]


def run_shards(
    prepared: Prepared,
    plan: Plan,
    seed: int,
    replications: tuple[int, int],
    threads: int | None = None,
    series: int = 0,
    progress: Callable[[float], None] = lambda share: None,
    executor: Executor | None = None,
    features: Features = (),
) -> Iterator[Shard]:
    """Simulate replications first <= r < last with the kernel; shards come in a fixed order whatever the executor.

    Daily figures are kept of replications below number `series`.

    `executor=None` takes threads; `threads=None` takes all cores for large work, one for small. `progress` is called
    with the share done. `features` says what the kernel is written for (see `engines.writer.features`), where that
    is not just what the run has: it changes no bit.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop()
    >>> plan = shop.plan(BaseStock(base_stock_level=10))
    >>> [(shard.replications, shard.items) for shard in run_shards(shop, plan, 1, (0, 4))]
    [((0, 4), (0, 2))]
    """
    run_by = executor or Threads(threads)
    return map_shards(prepared, plan, seed, replications, as_it_is, run_by, series, progress, features)


def map_shards(
    prepared: Prepared,
    plan: Plan,
    seed: int,
    replications: tuple[int, int],
    reduce: Callable[[Shard], Any],
    executor: Executor,
    series: int = 0,
    progress: Callable[[float], None] = lambda share: None,
    features: Features = (),
    meanwhile: bool = False,
    like: int | None = None,
) -> Iterator[Any]:
    """What `reduce` makes of each shard, in the order of the shards; `like` as in `shard_bounds`.

    Shards are reduced where they were simulated: what comes back from another process or machine is small, and the
    same steps in the same order give the same bits everywhere. With `meanwhile` the event engine answers what is small
    as long as the kernel is not compiled.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop()
    >>> plan = shop.plan(BaseStock(base_stock_level=10))
    >>> list(map_shards(shop, plan, 1, (0, 4), lambda shard: shard.items, Threads(1)))
    [(0, 2)]
    """
    from restock.sim.engines.rules.compiled_rules import plan_arrays

    world = prepared.world
    check_seed(seed)
    first, last = replications
    require(0 <= first < last, f"replications must be a range of at least one, got {first} to {last}")
    check_states(world, last)
    items, sites = world.stocked.shape
    bounds = shard_bounds(items, sites, first, last, like, bool(world.features.limits.used))
    small = world.horizon * items * sites * (last - first) <= SMALL
    features = features or kernel_features(world, plan_arrays(plan))
    if meanwhile and by_events(prepared, last - first, features):
        results: Iterator[Any] = map(reduce, shards_of_events(prepared, plan, seed, bounds, series))
    else:
        results = executor.map(ShardWork(plan, seed, series, reduce, features), bounds, world, small)
    try:
        for done, result in enumerate(results, start=1):
            progress(done / len(bounds))
            yield result
    except Refused as refused:
        raise in_words(refused.fault, prepared, plan, seed) from None


def features_of_runs(*runs: tuple[Prepared, Plan]) -> Features:
    """What a kernel must be written for to serve all of these runs.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop()
    >>> isinstance(features_of_runs((shop, shop.plan(BaseStock(base_stock_level=10)))), tuple)
    True
    """
    from restock.sim.engines.rules.compiled_rules import plan_arrays

    each = [kernel_features(prepared.world, plan_arrays(plan)) for prepared, plan in runs]
    return tuple(feature for feature in ALL if any(feature in has for has in each))


def as_it_is(shard: Shard) -> Shard:
    """No reduction."""
    return shard


@dataclass
class ShardWork:
    """What a worker needs beside the world to simulate any shard of a run; it can be sent to other processes."""

    plan: Plan
    seed: int
    series: int  # replications below this number keep their daily figures
    reduce: Callable[[Shard], Any]
    features: Features  # what the kernel is written for

    def __post_init__(self) -> None:
        self._blocks: SimpleQueue[Any] = SimpleQueue()  # working memory, handed from one shard to the next
        self._ledgers: SimpleQueue[np.ndarray] = SimpleQueue()  # the same: new memory costs more time than it saves
        self._compiling = threading.Lock()

    def __call__(self, world: World, bounds: Bounds) -> Any:
        with self._compiling:
            functions, arrays = self._compiled
        from restock.sim.engines.writer.run import next_of, run_one

        memory = next_of(self._ledgers, lambda: np.empty(0, np.int64))
        columns = columns_of(world, self.plan)
        found = run_one(
            self.features, world, arrays, functions, self.seed, bounds, self.series, columns, self._blocks, memory
        )
        if found.fault:
            raise Refused(found.fault)
        shard = Shard(*bounds, found.ledger, found.series)
        result = self.reduce(shard)
        if result is not shard:
            self._ledgers.put(found.memory)
        return result

    @cached_property
    def _compiled(self) -> tuple[Any, Any]:
        from restock.sim.engines.rules.compiled_rules import compiled_plan, plan_arrays

        return compiled_plan(self.plan), plan_arrays(self.plan)

    def __reduce__(self) -> Any:
        from restock.sim.run.packing import packed_rules

        memories = self.plan.memories
        learns = [memory.learn for memory in memories if memory is not None]
        bare_memories = tuple(memory and memory._replace(learn=Policy.learn) for memory in memories)
        expresses = [express for express in self.plan.expresses if express is not None]
        orders = tuple(express and Policy.rule for express in self.plan.expresses)
        bare = replace(self.plan, rules=(), tier_of=None, memories=bare_memories, expresses=orders)
        functions = packed_rules([*self.plan.rules, *learns, *expresses], self.plan.name)
        return _received, (functions, bare, self.seed, self.series, self.reduce, self.features)

    def words(self, bounds: Bounds) -> str:
        """A shard, for messages."""
        (r0, r1), (i0, i1) = bounds
        return f"policy '{self.plan.name}', replications {r0} to {r1 - 1}, items {i0} to {i1 - 1}"


def _received(functions: bytes, bare: Plan, *rest: Any) -> ShardWork:
    from restock.sim.run.packing import unpacked_rules

    rules, others = unpacked_rules(functions)[: len(bare.levels)], iter(unpacked_rules(functions)[len(bare.levels) :])
    memories = tuple(memory and memory._replace(learn=next(others)) for memory in bare.memories)
    expresses = tuple(express and next(others) for express in bare.expresses)
    return ShardWork(replace(bare, rules=rules, memories=memories, expresses=expresses), *rest)


def run_kernel(
    prepared: Prepared, plan: Plan, seed: int, replications: int, threads: int | None = None, series: bool = False,
    features: Features = (),
) -> Shard:  # fmt: skip
    """The whole ledger at once (replications, items, sites, columns), for work small enough to hold it.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop()
    >>> run_kernel(shop, shop.plan(BaseStock(base_stock_level=10)), seed=1, replications=4).ledger.shape[:3]
    (4, 2, 1)
    """
    items, sites = prepared.world.stocked.shape
    ledger = np.zeros((replications, items, sites, columns_of(prepared.world, plan)), np.int64)
    figures = np.zeros((prepared.world.horizon if series else 0, replications, sites, len(SERIES)), np.int64)
    for shard in run_shards(prepared, plan, seed, (0, replications), threads, replications * series, features=features):
        (r0, r1), (i0, i1) = shard.replications, shard.items
        ledger[r0:r1, i0:i1] = shard.ledger
        if series:
            figures[:, r0:r1] += shard.series
    return Shard((0, replications), (0, items), ledger, figures)
