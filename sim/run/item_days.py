"""Every cell's days from today on, replication by replication: from either engine the same figures.

The kernel keeps daily figures summed over the items of a shard. A shard of one item alone gives those of its cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from restock.sim.engines.ledgers import Shard, check_seed, check_states
from restock.sim.engines.writer.features import kernel_features
from restock.sim.measures.ledger import SERIES
from restock.sim.planning.limits import Refused
from restock.sim.planning.policy import Plan
from restock.sim.planning.prepared import Prepared
from restock.sim.run.executors import Executor
from restock.sim.run.meanwhile import by_events
from restock.sim.run.rule_faults import in_words
from restock.sim.run.shards import SMALL, ShardWork

Made = TypeVar("Made")


@dataclass(frozen=True)
class ItemDays:
    """One item from the first measured day on, at all sites; a figure is an attribute of its name.

    Parameters
    ----------
    item : int
    figures : ndarray of int, shape (days, replications, sites, figures of ledger.SERIES)
        Units by day: asked for, met at once, received, ordered; at the end of the day on hand, on order, waited for.

    >>> days = ItemDays(0, np.arange(7).reshape(1, 1, 1, 7))
    >>> days.demand.tolist(), days.on_hand.tolist()
    ([[[0]]], [[[4]]])
    """

    item: int
    figures: np.ndarray

    def __getattr__(self, name: str) -> np.ndarray:
        """A figure by its name: (days, replications, sites)."""
        if name not in SERIES:
            raise AttributeError(name)
        found: np.ndarray = self.figures[..., SERIES.index(name)]
        return found


@dataclass
class Reduced:
    """What is made of a shard of one item, where it was simulated."""

    reduce: Callable[[ItemDays], Any]
    first: int  # the first measured day

    def __call__(self, shard: Shard) -> Any:
        return self.reduce(ItemDays(shard.items[0], shard.series[self.first :]))


def each_item(
    prepared: Prepared, plan: Plan, seed: int, replications: int, reduce: Callable[[ItemDays], Made],
    executor: Executor, progress: Callable[[float], None] = lambda share: None,
) -> Iterator[Made]:  # fmt: skip
    """What `reduce` makes of each item that is stocked somewhere, in their order; the event engine answers small runs
    as long as the kernel is not compiled.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.run.executors import Executor
    >>> shop, policy = one_shop(days=7), BaseStock(base_stock_level=10)
    >>> list(each_item(shop, shop.plan(policy), 1, 4, lambda days: days.on_hand.shape, Executor()))
    [(7, 4, 1), (7, 4, 1)]
    """
    from restock.sim.engines.rules.compiled_rules import plan_arrays

    world = prepared.world
    check_seed(seed)
    check_states(world, replications)
    items = np.flatnonzero(world.stocked.any(axis=1)).tolist()
    features = kernel_features(world, plan_arrays(plan))
    if by_events(prepared, replications, features):
        yield from _by_events(prepared, plan, seed, replications, items, reduce)
        return
    bounds = [((0, replications), (i, i + 1)) for i in items]
    work = ShardWork(plan, seed, replications, Reduced(reduce, world.warm_up), features)
    small = world.horizon * world.stocked.size * replications <= SMALL
    try:
        for done, found in enumerate(executor.map(work, bounds, world, small), start=1):
            progress(done / len(bounds))
            yield found
    except Refused as refused:
        raise in_words(refused.fault, prepared, plan, seed) from None


def _by_events(
    prepared: Prepared, plan: Plan, seed: int, replications: int, items: list[int], reduce: Callable[[ItemDays], Made]
) -> Iterator[Made]:
    days = days_by_events(prepared, plan, seed, replications)
    for i in items:
        yield reduce(ItemDays(i, days[:, :, i]))


def days_by_events(prepared: Prepared, plan: Plan, seed: int, replications: int) -> np.ndarray:
    """All cells' measured days from the event engine: (days, replications, items, sites, figures of ledger.SERIES).

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(days=7)
    >>> days_by_events(shop, shop.plan(BaseStock(base_stock_level=10)), seed=1, replications=2).shape
    (7, 2, 2, 1, 7)
    """
    from restock.sim.engines.events.engine import Run

    world, scenario = prepared.world, prepared.scenario
    item = {each.name: i for i, each in enumerate(scenario.items)}
    site = {each.name: n for n, each in enumerate(scenario.sites)}
    shape = (world.horizon - world.warm_up, replications, *world.stocked.shape, len(SERIES))
    out = np.zeros(shape, np.int64)
    for r in range(replications):
        for day in Run(prepared, plan, seed, r, log=True).run().daily:
            if day.day >= world.warm_up:
                at = day.day - world.warm_up, r, item[day.item], site[day.site]
                out[at] = [getattr(day, name) for name in SERIES]
    return out
