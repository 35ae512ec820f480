"""A rule that fails in the kernel, found: the kernel says that some cell of a shard went wrong, and not which.

The shard is halved until one replication of one item is left, which the event engine then runs again: the same path in
plain Python, up to the mistake, with its site, its day and its words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import InputError
from sim.policy import Plan

if TYPE_CHECKING:
    from sim.simulate import Bounds, Prepared


class RuleFailed(InputError):
    """A rule, or what it learns, failed in a replication of an item, or ordered less than nothing."""

    def __init__(self, policy: str, replication: int, item: int) -> None:
        super().__init__(policy, replication, item)
        self.policy, self.replication, self.item = policy, replication, item

    def __str__(self) -> str:
        return f"policy '{self.policy}': the rule failed in replication {self.replication} of item {self.item}"


def one_that_fails(fails: Callable[[Bounds], bool], bounds: Bounds) -> tuple[int, int]:
    """A replication and an item of a shard that fails by themselves, where the shard as a whole does.

    >>> one_that_fails(lambda b: b[0][0] <= 5 < b[0][1] and b[1][0] <= 2 < b[1][1], ((0, 64), (0, 8)))
    (5, 2)
    """
    spans = list(bounds)
    for k in (1, 0):  # items first: then blocks of lanes stay full
        first, last = spans[k]
        while last - first > 1:
            middle = (first + last) // 2
            spans[k] = (first, middle)
            if not fails((spans[0], spans[1])):
                spans[k] = (middle, last)
            first, last = spans[k]
    return spans[0][0], spans[1][0]


def in_words(failed: RuleFailed, prepared: Prepared, plan: Plan, seed: int) -> InputError:
    """What went wrong, as the event engine meets it."""
    from sim.engine import Run
    from sim.simulate import Prepared

    world = prepared.world
    alone = np.zeros_like(world.stocked)
    alone[failed.item] = world.stocked[failed.item]
    one = Prepared(prepared.scenario)
    one.__dict__["world"] = world._replace(stocked=alone)  # in the place of what is made when first asked for
    try:
        Run(one, plan, seed, failed.replication).run()
    except InputError as error:
        return error
    name = prepared.scenario.items[failed.item].name
    return InputError(
        f"policy '{plan.name}' for item '{name}', replication {failed.replication}: the rule or its learning failed as "
        "it runs compiled, with whole numbers of 64 bits, and not in plain Python; keep its numbers within that"
    )
