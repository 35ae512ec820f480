"""Running a scenario under a policy: the kernel over shards of replications and items, by an executor."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from sim.errors import require
from sim.executors import Executor, Threads
from sim.item_order import in_order, order_of_items
from sim.knowledge import Knowledge
from sim.layout import WIDTH
from sim.ledger import BASE, COUNT, FEATURES, SERIES
from sim.policy import Plan, Policy, planned
from sim.read_only import read_only
from sim.rule_faults import RuleFailed, in_words, one_that_fails
from sim.scenario import Scenario
from sim.world import World, build_world

SHARD_CELLS = 200_000  # most ledger cells (replication x item x site) of one shard, about 45 MB
SMALL = 1_000_000  # cell-days below which one worker is quicker than two
Bounds = tuple[tuple[int, int], tuple[int, int]]  # replications and items of a shard


@dataclass(frozen=True)
class Prepared:
    """A scenario with its arrays: build once, run many policies."""

    scenario: Scenario

    @cached_property
    def world(self) -> World:
        return build_world(self.scenario)

    @cached_property
    def known(self) -> Knowledge:
        return Knowledge(self.scenario, read_only(self.world))

    def plan(self, policy: Policy) -> Plan:
        """The policy's plan, its rules tried once."""
        return planned(policy, self.known)


@dataclass(frozen=True)
class Shard:
    """A part of the work: some replications of some items, and what came of it."""

    replications: tuple[int, int]
    items: tuple[int, int]
    ledger: np.ndarray  # int64 (replications, items, sites, columns of ledger.COLUMNS)
    series: np.ndarray  # int64 (days, first replications, sites, figures of ledger.SERIES); no days unless asked for


def columns_of(world: World, plan: Plan) -> int:
    """Columns of the ledger of a run: those of `ledger.EXTRA` are left out where none of them is used."""
    return COUNT if features_of(world, plan) else BASE


def features_of(world: World, plan: Plan) -> set[str]:
    """What a run has of `ledger.FEATURES`."""
    has = {
        "returns": world.goods.returns,
        "shelf_life": world.goods.shelf,
        "seasons": world.goods.seasons,
        "wrong_scans": world.sales_misscanned or world.receipts_misscanned,
        "forecasts": plan.forecasts,
        "cost_flow": world.cost_flow,
    }
    return {feature for feature in FEATURES if has[feature]}


def shard_bounds(items: int, sites: int, first: int, last: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Cut replications first..last and all items into shards, the same for any number of threads.

    A block of the kernel has WIDTH lanes, one for each (replication, item): replications go by WIDTH, and items so many
    at a time that they fill whole blocks, as many as SHARD_CELLS allows, and an eighth of all at most, so that there
    is something to do in parallel.

    >>> shard_bounds(items=200, sites=10, first=0, last=1)[:2]
    [((0, 1), (0, 64)), ((0, 1), (64, 128))]
    """
    many = min(WIDTH, last - first)
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
) -> Iterator[Shard]:
    """Simulate replications first <= r < last with the kernel; shards come in a fixed order whatever the executor.

    Daily figures are kept of replications below number `series`.

    `executor=None` takes threads; `threads=None` takes all cores for large work, one for small. `progress` is called
    with the share done.
    """
    return map_shards(prepared, plan, seed, replications, as_it_is, executor or Threads(threads), series, progress)


def map_shards(
    prepared: Prepared,
    plan: Plan,
    seed: int,
    replications: tuple[int, int],
    reduce: Callable[[Shard], Any],
    executor: Executor,
    series: int = 0,
    progress: Callable[[float], None] = lambda share: None,
) -> Iterator[Any]:
    """What `reduce` makes of each shard, in the order of the shards.

    Shards are reduced where they were simulated: what comes back from another process or machine is small, and the
    same steps in the same order give the same bits everywhere.
    """
    world = prepared.world
    check_seed(seed)
    first, last = replications
    require(0 <= first < last, f"replications must be a range of at least one, got {first} to {last}")
    items, sites = world.stocked.shape
    bounds = shard_bounds(items, sites, first, last)
    small = world.horizon * items * sites * (last - first) <= SMALL
    work = ShardWork(plan, seed, series, reduce)
    try:
        for done, result in enumerate(executor.map(work, bounds, world, small), start=1):
            progress(done / len(bounds))
            yield result
    except RuleFailed as failed:
        raise in_words(failed, prepared, plan, seed) from None


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

    def __post_init__(self) -> None:
        self._blocks: SimpleQueue[Any] = SimpleQueue()  # working memory, handed from one shard to the next
        self._ledgers: SimpleQueue[np.ndarray] = SimpleQueue()  # the same: new memory costs more time than it saves
        self._compiling = threading.Lock()

    def __call__(self, world: World, bounds: Bounds) -> Any:
        shard, wrong, memory = self._simulated(world, bounds)
        if wrong:
            raise RuleFailed(self.plan.name, *one_that_fails(lambda part: self._simulated(world, part)[1], bounds))
        result = self.reduce(shard)
        if result is not shard:
            self._ledgers.put(memory)
        return result

    def _simulated(self, world: World, bounds: Bounds) -> tuple[Shard, bool, np.ndarray]:
        """A shard, whether a rule went wrong in it, and the memory that its ledger lies in."""
        with self._compiling:
            functions, arrays = self._compiled
        memory = next_of(self._ledgers, lambda: np.empty(0, np.int64))
        columns = columns_of(world, self.plan)
        return _run_one(world, arrays, functions, self.seed, bounds, self.series, columns, self._blocks, memory)

    @cached_property
    def _compiled(self) -> tuple[Any, Any]:
        from sim.compiled_rules import compiled_plan, plan_arrays

        return compiled_plan(self.plan), plan_arrays(self.plan)

    def __reduce__(self) -> Any:
        from sim.sending import packed_rules

        memories = self.plan.memories
        learns = [memory.learn for memory in memories if memory is not None]
        bare_memories = tuple(memory and memory._replace(learn=Policy.learn) for memory in memories)
        bare = replace(self.plan, rules=(), tier_of=None, memories=bare_memories)
        functions = packed_rules([*self.plan.rules, *learns], self.plan.name)
        return _received, (functions, bare, self.seed, self.series, self.reduce)

    def words(self, bounds: Bounds) -> str:
        """A shard, for messages."""
        (r0, r1), (i0, i1) = bounds
        return f"policy '{self.plan.name}', replications {r0} to {r1 - 1}, items {i0} to {i1 - 1}"


def _received(functions: bytes, bare: Plan, *rest: Any) -> ShardWork:
    from sim.sending import unpacked_rules

    rules, learns = unpacked_rules(functions)[: len(bare.levels)], iter(unpacked_rules(functions)[len(bare.levels) :])
    memories = tuple(memory and memory._replace(learn=next(learns)) for memory in bare.memories)
    return ShardWork(replace(bare, rules=rules, memories=memories), *rest)


def next_of(queue: SimpleQueue[Any], make: Callable[[], Any]) -> Any:
    """What lies in the queue, or a new one."""
    try:
        return queue.get_nowait()
    except Empty:
        return make()


def _run_one(world, arrays, functions, seed, bound, series_below, columns, blocks, memory):  # type: ignore[no-untyped-def]
    """One shard, whether a rule went wrong in it, and the memory that the shard's ledger lies in."""
    from sim.block import Needs, new_block
    from sim.shard import run_shard

    replications, items = bound
    sites = world.stocked.shape[1]
    many = replications[1] - replications[0]
    masks = np.array([(1 << int(longest).bit_length()) - 1 for longest in world.longest_lead], np.int64)
    children, levels = int(np.diff(world.first_child).max()), arrays.levels.shape[0]
    goods = world.goods
    needs = Needs(
        columns,
        bool(world.records),
        bool(world.delayed),
        world.sales_misscanned > 0 or world.receipts_misscanned > 0,
        arrays.memory.shape[2],
        len(arrays.by_day_levels),
        world.horizon if world.cost_flow else 0,
        goods.return_slots * goods.returns,
        goods.shelf_slots * goods.shelf,
        bool(goods.seasons),
    )
    block = next_of(blocks, lambda: new_block(sites, int(masks.max()) + 1, levels, children, needs))
    before = np.zeros((sites, 4, WIDTH), np.int32)
    shape = (many, items[1] - items[0], sites, columns)
    if len(memory) < math.prod(shape):
        memory = np.empty(math.prod(shape), np.int64)
    ledger = memory[: math.prod(shape)].reshape(shape)
    ledger[:] = 0
    kept = min(max(0, series_below - replications[0]), many)
    series = np.zeros((sites, world.horizon if kept else 0, len(SERIES), kept), np.int64)
    order, span = order_of_items(world.stocked[slice(*items)], many), items
    if order is not None:
        world, arrays = in_order(world, arrays, items[0] + order)
        span = (0, len(order))
    wrong = run_shard(
        block, before, world, arrays, *functions, seed & 0xFFFFFFFF, seed >> 32,
        np.array(replications, np.int64), np.array(span, np.int64), masks, ledger, series,
    )  # fmt: skip
    if order is not None:
        ledger[:, order] = ledger.copy()
    blocks.put(block)
    return Shard(replications, items, ledger, series.transpose(1, 3, 0, 2)), bool(wrong), memory


def check_seed(seed: int) -> None:
    """A seed is a whole number that fits 63 bits."""
    good = isinstance(seed, int) and 0 <= seed < 2**63
    require(good, f"seed must be a whole number from 0 to {2**63 - 1}, got {seed}")


def run_kernel(
    prepared: Prepared, plan: Plan, seed: int, replications: int, threads: int | None = None, series: bool = False
) -> Shard:
    """The whole ledger at once (replications, items, sites, columns), for work small enough to hold it."""
    items, sites = prepared.world.stocked.shape
    ledger = np.zeros((replications, items, sites, columns_of(prepared.world, plan)), np.int64)
    figures = np.zeros((prepared.world.horizon if series else 0, replications, sites, len(SERIES)), np.int64)
    for shard in run_shards(prepared, plan, seed, (0, replications), threads, replications * series):
        (r0, r1), (i0, i1) = shard.replications, shard.items
        ledger[r0:r1, i0:i1] = shard.ledger
        if series:
            figures[:, r0:r1] += shard.series
    return Shard((0, replications), (0, items), ledger, figures)
