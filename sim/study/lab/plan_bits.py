"""What names a plan: two that have the same name let every run go the same way, bit by bit."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np

from restock.sim.planning.levels import ByDay
from restock.sim.planning.policy import Plan
from restock.sim.study.lab.kept import bytes_of


def bits_of(plan: Plan) -> Hashable:
    """A plan's rules, and a digest of every number that it decided.

    Rules are told apart by the functions that they are: a rule that is made anew for each plan names it alone.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop()
    >>> same = [bits_of(shop.plan(BaseStock(base_stock_level=level))) for level in (10, 10, 11)]
    >>> same[0] == same[1], same[0] == same[2]
    (True, False)
    """
    digest = hashlib.blake2b(digest_size=32)
    for name, array in _arrays(plan):
        digest.update(f"{name} {array.dtype} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    memories = tuple(memory and (memory.learn, memory.forecast_slot, memory.draw_slot) for memory in plan.memories)
    names = tuple(tuple(levels) for levels in plan.levels)
    return plan.name, plan.rules, names, memories, plan.tier_of is None, digest.hexdigest()


def bytes_of_plan(plan: Plan) -> int:
    """Bytes of the arrays of a plan."""
    return bytes_of([array for _, array in _arrays(plan)])


def _arrays(plan: Plan) -> Iterator[tuple[str, np.ndarray]]:
    """Every array of a plan, with where it stands."""
    for number, levels in enumerate(plan.levels):
        for name, level in levels.items():
            parts: Any = level if isinstance(level, ByDay) else (level,)
            for k, part in enumerate(parts):
                yield f"{number} {name} {k}", np.asarray(part)
    yield "rule_of", plan.rule_of
    yield "review_period", plan.review_period
    if plan.tier_of is not None:
        yield "tier_of", np.asarray(plan.tier_of, dtype=str)
    for number, memory in enumerate(plan.memories):
        if memory is not None:
            yield f"memory {number}", memory.start
