"""One shard through the kernel: its working memory, what the kernel is given, and what comes back."""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import attrgetter
from queue import Empty, SimpleQueue
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from restock.sim.engines.kernel.item_order import in_order, order_of_items
from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.engines.kernel.rows import OTHER_ROWS, new_block
from restock.sim.engines.ledgers import extra_in_use
from restock.sim.engines.writer.features import Features, kernel_features
from restock.sim.engines.writer.written import kernel_of
from restock.sim.measures.ledger import BASE, SERIES
from restock.sim.model.feature import feature_kinds
from restock.sim.planning.limits import Fault

if TYPE_CHECKING:
    from restock.sim.engines.kernel.shard import PlanArrays
    from restock.sim.model.arrays import World


GANG_LANES = 1024  # of a gang whose items are few


class Found(NamedTuple):
    """What a shard comes to."""

    ledger: np.ndarray  # int64 (replications, items, sites, columns), in `memory`
    series: np.ndarray  # int64 (days, replications, sites, figures)
    fault: Fault | None  # what ended it, if anything did
    memory: np.ndarray  # to be used again


def run_one(
    features: Features,
    world: World,
    plan: PlanArrays,
    functions: tuple[Any, Any],
    seed: int,
    bounds: tuple[tuple[int, int], tuple[int, int]],
    series_below: int,
    columns: int,
    blocks: SimpleQueue[Any],
    memory: np.ndarray,
    ordered: bool = True,
) -> Found:
    """Simulate one shard with the kernel for these features, which must be all that the run has, and may be more.

    Replications below number `series_below` keep their daily figures. Items are simulated in an order that saves work,
    but for what is `ordered=False`: then of several faults the first item's is found, as in the event engine.

    Blocks that are free lie in the queue.
    """
    missing = set(kernel_features(world, plan)) - set(features)
    if missing:
        raise ValueError(f"a kernel for {features} cannot run what has {sorted(missing)}")
    replications, items = bounds
    sites, many = world.stocked.shape[1], replications[1] - replications[0]
    kernel = kernel_of(features)
    gang = gang_of(world) if "limits" in features else None
    block = next_of(blocks, lambda: block_of(kernel.GIVEN, world, plan, columns, gang))
    shape = (many, items[1] - items[0], sites, columns)
    if len(memory) < math.prod(shape):
        memory = np.empty(math.prod(shape), np.int64)
    ledger = memory[: math.prod(shape)].reshape(shape)
    kept = min(max(0, series_below - replications[0]), many)
    series = np.zeros((sites, world.horizon if kept else 0, len(SERIES), kept), np.int64)
    order, span, as_given = (
        order_of_items(world.stocked[slice(*items)], many) if ordered and not world.features.limits.used else None,
        items,
        (world, plan),
    )
    if order is not None:
        world, plan = in_order(world, plan, items[0] + order)
        span = (0, len(order))
    before = np.zeros((*([gang.blocks] if gang else []), sites, 4, WIDTH), np.int32)
    given = attrgetter(*kernel.GIVEN)(SimpleNamespace(b=block, world=world, plan=plan))
    ended = kernel.run_shard(
        before, *functions, seed & 0xFFFFFFFF, seed >> 32, np.array(replications, np.int64),
        np.array(span, np.int64), world.opening_state.mask, ledger, series, gang.replications if gang else 0, *given,
    )  # fmt: skip
    fault = Fault(*(block.fault[0] if gang else block.fault).tolist()) if ended else None
    blocks.put(block)
    if fault and order is not None:
        return run_one(
            features, *as_given, functions, seed, bounds, series_below, columns, blocks, memory, ordered=False
        )
    if order is not None:
        ledger[:, order] = ledger.copy()
    return Found(ledger, series.transpose(1, 3, 0, 2), fault, memory)


class Gang(NamedTuple):
    """How many replications of all items advance together, and how many blocks of lanes these are."""

    replications: int
    blocks: int


def gang_of(world: World) -> Gang:
    """The gang of a run: where its items share nothing, one block at a time.

    As few replications as fill their blocks to nine lanes in ten, or as well as any: more leave the cache.
    """
    items = len(world.stocked)
    if not world.features.limits.used:
        return Gang(WIDTH, 1)
    several = [Gang(r, -(-items * r // WIDTH)) for r in range(1, max(1, min(WIDTH, GANG_LANES // items)) + 1)]
    full = {gang: items * gang.replications / (gang.blocks * WIDTH) for gang in several}
    return next((gang for gang in several if full[gang] >= 0.9), max(several, key=lambda gang: full[gang]))


def block_of(
    given: tuple[str, ...], world: World, plan: PlanArrays, columns: int, gang: Gang | None = None
) -> SimpleNamespace:
    """A block, or those of a gang, with the rows that a kernel is given, as large as the run needs them."""
    extra = extra_in_use(world, remembers=plan.memory.shape[2] > 0)
    sizes = {
        "site": world.stocked.shape[1],
        "site and one": world.stocked.shape[1] + 1,
        "slot": int(world.opening_state.mask.max()) + 1,
        "level": plan.levels.shape[0],
        "child": int(np.diff(world.first_child).max()) + 1,
        "column": columns,
        "extra": columns - BASE,
        "extra_used": sum(k < columns - BASE for k in extra),
        "memory": plan.memory.shape[2],
        "by_day": len(plan.by_day_levels),
    }
    if gang:
        sizes |= {"block": gang.blocks, "replication": gang.replications}
    for kind in feature_kinds():
        for lanes in kind().lanes().values():
            sizes |= lanes.sizes(getattr(world.features, kind.name), world)
    has = [*kernel_features(world, plan), *(["extra"] if columns > BASE else [])]
    rows = OTHER_ROWS | {name: lanes.rows for kind in feature_kinds() for name, lanes in kind().lanes().items()}
    block = new_block((path.partition(".")[2] for path in given if path.startswith("b.")), has, rows, sizes)
    if hasattr(block, "extra_used"):
        block.extra_used[...] = [k for k in extra if k < columns - BASE]
    return block


def next_of(queue: SimpleQueue[Any], make: Callable[[], Any]) -> Any:
    """What lies in the queue, or a new one."""
    try:
        return queue.get_nowait()
    except Empty:
        return make()
