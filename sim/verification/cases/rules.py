"""Policies that only cases use: a constant order, capped orders, levels by site, levels by day, a
moving average."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Plan, Policy
from restock.sim.verification.cases.worlds import PERIOD


@dataclass(frozen=True)
class ConstantOrder(Policy):
    """The same order every evening, whatever the stock."""

    order_quantity: int = 1

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        return {"order_quantity": np.full(known.stocked.shape, self.order_quantity)}

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        return levels.order_quantity


@dataclass(frozen=True)
class CappedBaseStock(Policy):
    """Up to the base-stock level, but never more than a cap at once."""

    base_stock_level: int = 1
    largest_order: int = 1

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        shape = known.stocked.shape
        return {"base_stock_level": np.full(shape, self.base_stock_level), "cap": np.full(shape, self.largest_order)}

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        return min(levels.cap, max(0, levels.base_stock_level - view.inventory_position))


@dataclass(frozen=True)
class LevelsBySite(Policy):
    """Base stock with a level of each site, and a review period if not every evening."""

    level_of: tuple[int, ...] = ()
    review_of: tuple[int, ...] = ()

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        return {"base_stock_level": np.array([self.level_of])}

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        return max(0, levels.base_stock_level - view.inventory_position)

    def plan(self, known: Knowledge) -> Plan:
        plan = super().plan(known)
        if not self.review_of:
            return plan
        period = plan.review_period.copy()
        period[:] = np.reshape(self.review_of, (-1, 1)) if len(self.review_of) == len(period) > 1 else self.review_of
        return replace(plan, review_period=period)


@dataclass(frozen=True)
class LevelsByCell(LevelsBySite):
    """The same with a level of each item at each site."""

    level_of: Any = ()

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        return {"base_stock_level": np.array(self.level_of)}


@dataclass(frozen=True)
class EchelonLevelsBySite(LevelsBySite):
    """Echelon base stock with a level of each site: of what it and all sites below it have."""

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        return max(0, levels.base_stock_level - view.echelon_position)


@dataclass(frozen=True)
class FromDayOn(Policy):
    """Base stock with a level of each site, from a day of its own on; the same order every evening before."""

    level_of: tuple[int, ...] = ()
    first_day_of: tuple[int, ...] = ()
    order_before: int = 0

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        before = np.full(known.stocked.shape, self.order_before)
        return {"base_stock_level": np.array([self.level_of]), "first_day": np.array([self.first_day_of]),
                "order_before": before}  # fmt: skip

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        if view.day < levels.first_day:
            return levels.order_before
        return max(0, levels.base_stock_level - view.inventory_position)


@dataclass(frozen=True)
class MovingAverage(Policy):
    """Base stock of a fixed safety stock and the mean of the last days of demand, times the days to cover.

    Orders would be negative where demand varies much; in its cases none is, but for one day in hundreds of millions.
    """

    days_covered: int = 1
    window: int = 1
    safety_stock: int = 0

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        of = {"days_covered": self.days_covered, "safety_stock": self.safety_stock}
        return {name: np.full(known.stocked.shape, number) for name, number in of.items()}

    def memory(self, known: Knowledge) -> np.ndarray:
        """Which of the last days is the oldest; and these days, at the start all of mean demand."""
        start = np.repeat(np.floor(known.demand_mean + 0.5)[..., None], 1 + self.window, axis=-1)
        start[..., 0] = 1
        return start

    @staticmethod
    def learn(seen: Any, levels: Any, memory: Any) -> None:
        oldest = int(memory[0])
        memory[oldest] = seen.demand
        memory[0] = oldest % (len(memory) - 1) + 1

    @staticmethod
    def rule(view: Any, levels: Any, memory: Any) -> int:  # type: ignore[override]
        total = 0.0
        for day in range(1, len(memory)):
            total += memory[day]
        mean = total / (len(memory) - 1)
        level = math.floor(levels.days_covered * mean + 0.5) + levels.safety_stock
        return max(0, level - view.inventory_position)


@dataclass(frozen=True)
class LookAhead(Policy):
    """Base stock, raised for each promotion day among the days that an order must cover; again every `PERIOD` days."""

    base_stock_level: int = 0
    more_a_day: int = 0  # units added to the level for each promotion day ahead; 0: the rule does not look ahead
    first_day: int = 0
    last_day: int = 0
    lead_time: int = 1

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        numbers = {name: getattr(self, name) for name in ("base_stock_level", "more_a_day", "first_day", "last_day")}
        numbers["lead_time"] = self.lead_time
        return {name: np.full(known.stocked.shape, number) for name, number in numbers.items()}

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        day = view.day % PERIOD
        ahead = min(day + levels.lead_time, levels.last_day) - max(day + 1, levels.first_day) + 1
        return max(0, levels.base_stock_level + levels.more_a_day * max(0, ahead) - view.inventory_position)
