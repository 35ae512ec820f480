"""One plan of several: each cell follows the plan that it is given to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from restock.sim.planning.policy import Plan


def put_together(name: str, parts: Iterable[tuple[np.ndarray, Plan]], tier_of: np.ndarray | None = None) -> Plan:
    """The plan of all cells, cell by cell that of its part.

    Parameters
    ----------
    name : str
        The policy's name.
    parts : (mask, plan)
        Which cells follow the plan: bool, shape (items, sites), or a shape that goes with it. A cell of no mask has
        the first rule, reviewed daily.
    tier_of : ndarray of str or None
        The policy's own class of each cell, for reports.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> known = one_shop().known
    >>> low, high = (BaseStock(base_stock_level=level).plan(known) for level in (5, 9))
    >>> first = np.array([[True], [False]])
    >>> put_together("mixed", [(first, low), (~first, high)]).rule_of.tolist()
    [[0], [1]]
    """
    rules: list[Any] = []
    levels: list[Any] = []
    memories: list[Any] = []
    expresses: list[Any] = []
    notes: list[str] = []
    placement: dict[str, np.ndarray] = {}
    rule_of = period = None
    for mask, part in parts:
        if rule_of is None or period is None:
            rule_of, period = np.zeros(part.rule_of.shape, np.int32), np.ones(part.rule_of.shape, np.int32)
        mine = np.broadcast_to(mask, rule_of.shape)
        rule_of[mine] = part.rule_of[mine] + len(rules)
        period[mine] = part.review_period[mine]
        rules += part.rules
        levels += part.levels
        notes += [note for note in part.notes if note not in notes]
        for what, found in part.placement.items():
            placement.setdefault(what, np.full(rule_of.shape, np.nan))[mine] = found[mine]
        memories += [part.memory_of(k) for k in range(len(part.rules))]
        expresses += [part.express_of(k) for k in range(len(part.rules))]
    assert rule_of is not None and period is not None, "a plan is put together of one part or more"
    remembered = tuple(memories) if any(memory is not None for memory in memories) else ()
    express = tuple(expresses) if any(each is not None for each in expresses) else ()
    return Plan(
        name, tuple(rules), tuple(levels), rule_of, period, tier_of, remembered, tuple(notes), express, placement
    )
