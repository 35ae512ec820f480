"""Tailored base-surge: a steady base from one source, and surges of demand from a quicker one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from restock.policies.protection import check_share, over_protection_interval, safety_factor_for_cycle_service
from restock.policies.two_sources import DAYS, NEVER, SETTLING, Played, Sources, best, groups
from restock.sim.errors import require
from restock.sim.model.distinct import distinct
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.levels import ByDay
from restock.sim.planning.policy import Plan, Policy

FACTORS = (0.25, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0)
"""Candidates for the part of mean demand that is left to express orders: times what the square-root formula says; and
all of it."""
UNITS = 1000  # orders a day are kept in thousandths
MOST_OF_DEMAND = 0.98  # the base stays below mean demand, or stock would grow without end


@dataclass(frozen=True)
class TailoredBaseSurge(Policy):
    """The same regular order every evening, below mean demand; express orders up to a level for what surges beyond it.

    Parameters
    ----------
    target : float
        Share of days to end without a shortage, to plan for; between 0 and 1.
    express_base_stock_level : int or None
        Level of every cell, in units; None: planned, as is the other.
    order_a_day : float or None
        Units ordered regularly, on average: whole units, spread over the days so that the mean is exact to a
        thousandth. None: of all bases tried around the square-root formula, mean demand less deviation * sqrt(h /
        2c), that of least cost (h: carrying a unit for a day, c: its premium).
    review_period : int
        Days between reviews; an order then brings what its days make.

    Demand is played as independent from day to day, with its mean and variance. A base does not follow a season or a
    trend. Where a cell has no second source that is quicker, or the scenario asks no policy for express orders
    (`sourcing.rule=policy` does), this is base stock with the target's safety stock.

    Source: Allon & Van Mieghem (2010), Management Science 56(1), "Global dual sourcing: tailored base-surge
    allocation to near- and offshore production", section 5.
    """

    target: float = 0.95
    express_base_stock_level: int | None = None
    order_a_day: float | None = None

    def __post_init__(self) -> None:
        check_share("target", self.target)
        words = "express_base_stock_level and order_a_day of policy 'tailored_base_surge' go together"
        given = (self.express_base_stock_level is None) == (self.order_a_day is None)
        require(given, f"{words}: give both, or neither")
        good = self.order_a_day is None or 0 <= self.order_a_day <= 1_000_000
        require(good, f"order_a_day must be a number from 0 to 1,000,000, got {self.order_a_day}")

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        mean, deviation = over_protection_interval(known, self.review_period)
        level = np.maximum(0, np.ceil(mean + safety_factor_for_cycle_service(self.target) * deviation - 1e-9))
        express, base = np.full(level.shape, NEVER), np.full(level.shape, -1.0)  # below 0: base stock
        for of in groups(known, self.review_period):
            i, n = of.cells.T
            if self.order_a_day is not None:
                express[i, n], base[i, n] = self.express_base_stock_level, self.order_a_day
                continue
            tried = bases_tried(of)
            chosen, express[i, n], _ = best(of, self.target, partial(play, bases=tried))
            base[i, n] = tried[np.arange(len(chosen)), chosen]
        thousandths = np.where(base < 0, -1, np.floor(base * UNITS + 1e-9))
        return {"express_base_stock_level": express, "base_stock_level": level, "order_a_day_thousandths": thousandths,
                "since_review_days": days_since_review(known, self.review_period)}  # fmt: skip

    @staticmethod
    def express(view: Any, levels: Any) -> int:
        """Order express what is missing to the level of what is there and what comes soon."""
        return max(0, levels.express_base_stock_level - view.record - view.due_soon + view.backorders)

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        """Order the base of the days since the last review; without a second source, what is missing to base stock."""
        if levels.order_a_day_thousandths < 0:
            return max(0, levels.base_stock_level - view.inventory_position)
        first = view.day + 1 - levels.since_review_days
        return levels.order_a_day_thousandths * (view.day + 1) // 1000 - levels.order_a_day_thousandths * first // 1000

    def plan(self, known: Knowledge) -> Plan:
        plan = super().plan(known)
        if not known.express_lead_time.any():
            plan = replace(plan, notes=("tailored_base_surge: no cell is asked for express orders, which "
                                        "sourcing.rule=policy does; it is base stock",))  # fmt: skip
        return plan


def bases_tried(of: Sources) -> np.ndarray:
    """Candidates for the regular order a day, in units: float64 (cells, candidates), the last of them nothing.

    >>> money = [np.full(1, each) for each in (2.0, 4.0, 0.0, 0.0)]
    >>> of = Sources(np.array([[0, 0]]), 2, 1, np.array([2.0]), np.ones(1), *money, [None])
    >>> bases_tried(of)[0, 3:].tolist()  # 2 - sqrt(2 / 8) in the middle
    [1.5, 1.3, 1.0, 0.5, 0.0, 0.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        left = of.deviation * np.sqrt(of.carrying / (2 * of.premium))
    left = np.where(np.isfinite(left), left, of.mean)
    tried = np.clip(of.mean[:, None] - left[:, None] * np.array(FACTORS), 0.0, MOST_OF_DEMAND * of.mean[:, None])
    tried = np.round(tried, 3)
    return np.concatenate([tried, np.zeros((len(tried), 1))], axis=1)


def play(demand: np.ndarray, of: Sources, bases: np.ndarray) -> Played:
    """What comes of each base, day by day: the overshoot is a walk that express orders keep from falling below 0."""
    gap = np.maximum(of.mean[:, None] - bases, 1e-9)
    over = np.floor(np.minimum(of.deviation[:, None] ** 2 / (2 * gap), 100 * of.mean[:, None] + 100))
    out = np.empty((3, DAYS, *bases.shape), np.float32)
    for day in range(SETTLING + DAYS):
        regular = np.floor(bases * (day + 1) + 1e-9) - np.floor(bases * day + 1e-9)
        left = over - demand[:, day, None] + regular
        over, expressed = np.maximum(left, 0), np.maximum(-left, 0)
        if day >= SETTLING:
            out[:, day - SETTLING] = over, expressed, regular
    return Played(*np.moveaxis(out, 1, -1))


def days_since_review(known: Knowledge, review_period: int) -> np.ndarray | ByDay:
    """Days from the last review to each day's, on days of review: the period, where orders are taken every day.

    >>> from restock.sim.planning.example import one_shop
    >>> days_since_review(one_shop().known, 3).tolist()
    [[3], [3]]
    """
    open_days = np.where(known.stocked, known.world.order_days, 127)
    calendars, row_of = distinct(open_days)
    if (calendars == 127).all():
        return np.full(known.stocked.shape, review_period)
    rows = np.empty((len(calendars), known.world.horizon))
    for row, mask in enumerate(calendars.tolist()):
        last, due = -review_period, 0
        for day in range(known.world.horizon):
            rows[row, day] = day - last
            if day >= due and mask >> (day % 7) & 1:
                last, due = day, day + review_period
    return ByDay(rows, row_of)
