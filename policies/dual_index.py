"""Dual index: two base-stock levels, one for each of two sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from restock.policies.protection import check_share, over_protection_interval, safety_factor_for_cycle_service
from restock.policies.two_sources import DAYS, NEVER, SETTLING, Played, Sources, best, groups
from restock.sim.errors import require
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Plan, Policy

DEVIATIONS = (-3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.5)
"""Candidates for the gap between the levels: mean demand of the days that regular orders take longer, and so many
standard deviations of it. With the widest nearly nothing is ordered express."""


@dataclass(frozen=True)
class DualIndex(Policy):
    """Express orders raise what is there or comes soon to one level, regular orders the inventory position to another.

    Parameters
    ----------
    target : float
        Share of days to end without a shortage, to plan for; between 0 and 1.
    express_base_stock_level, base_stock_level : int or None
        Levels of every cell, in units (S_e and S_r); None: planned, both. Of all gaps tried between the two, that of
        least cost: carrying, premium, order lines, and what a shortage must cost for `target` to be the best share.
    review_period : int
        Days between reviews.

    Demand is played as independent from day to day, with its mean and variance. Where a cell has no second source
    that is quicker, or the scenario asks no policy for express orders (`sourcing.rule=policy` does), this is base
    stock with the target's safety stock.

    Source: Veeraraghavan & Scheller-Wolf (2008), Operations Research 56(4).
    """

    target: float = 0.95
    express_base_stock_level: int | None = None
    base_stock_level: int | None = None

    def __post_init__(self) -> None:
        check_share("target", self.target)
        given = (self.express_base_stock_level, self.base_stock_level)
        words = "express_base_stock_level and base_stock_level of policy 'dual_index' go together"
        require((given[0] is None) == (given[1] is None), f"{words}: give both, or neither")
        good = self.base_stock_level is None or self.base_stock_level >= 0
        require(good, f"base_stock_level must not be below 0, got {self.base_stock_level}")

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        if self.base_stock_level is not None:
            shape = known.stocked.shape
            given = {
                "express_base_stock_level": self.express_base_stock_level,
                "base_stock_level": self.base_stock_level,
            }
            return {name: np.full(shape, level) for name, level in given.items()}
        mean, deviation = over_protection_interval(known, self.review_period)
        level = np.maximum(0, np.ceil(mean + safety_factor_for_cycle_service(self.target) * deviation - 1e-9))
        express = np.full(level.shape, NEVER)
        for of in groups(known, self.review_period):
            gaps = gaps_tried(of)
            chosen, lower, _ = best(of, self.target, partial(play, gaps=gaps))
            i, n = of.cells.T
            express[i, n] = lower
            level[i, n] = np.maximum(0, lower + gaps[np.arange(len(chosen)), chosen])
        return {"express_base_stock_level": express, "base_stock_level": level}

    @staticmethod
    def express(view: Any, levels: Any) -> int:
        """Order express what is missing to the lower level of what is there and what comes soon."""
        return max(0, levels.express_base_stock_level - view.record - view.due_soon + view.backorders)

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        """Order what is missing to the higher level."""
        return max(0, levels.base_stock_level - view.inventory_position)

    def plan(self, known: Knowledge) -> Plan:
        plan = super().plan(known)
        if not known.express_lead_time.any():
            plan = replace(plan, notes=("dual_index: no cell is asked for express orders, which "
                                        "sourcing.rule=policy does; it is base stock",))  # fmt: skip
        return plan


def gaps_tried(of: Sources) -> np.ndarray:
    """Candidates for the gap between the two levels, whole units: float64 (cells, candidates).

    >>> of = Sources(np.array([[0, 0]]), 2, 1, np.array([2.0]), np.array([1.41]), *[np.ones(1)] * 4, [None])
    >>> gaps_tried(of)[0, 4:7]
    array([3., 4., 5.])
    """
    z = np.array([*DEVIATIONS])
    middle = of.ahead * of.mean[:, None] + np.sqrt(of.ahead) * of.deviation[:, None] * z
    return np.maximum(0.0, np.rint(middle))


def play(demand: np.ndarray, of: Sources, gaps: np.ndarray) -> Played:
    """What comes of each gap, day by day.

    With positions raised to their levels every evening, regular and express orders of a day together are its demand,
    and the overshoot and the regular orders that come later than an express one would, the gap.
    """
    many = np.arange(of.ahead + 1)[:, None, None]
    steps = np.floor(gaps * many / of.ahead)
    later = np.diff(steps, axis=0)  # regular orders of the last evenings, (ahead, cells, candidates)
    over = np.zeros(gaps.shape)
    out = np.empty((3, DAYS, *gaps.shape), np.float32)
    for day in range(SETTLING + DAYS):
        asked = demand[:, day, None]
        slot = day % of.ahead
        left = over - asked + later[slot]
        over, expressed = np.maximum(left, 0), np.maximum(-left, 0)
        later[slot] = asked - expressed
        if day >= SETTLING:
            out[:, day - SETTLING] = over, expressed, later[slot]
    return Played(*np.moveaxis(out, 1, -1))
