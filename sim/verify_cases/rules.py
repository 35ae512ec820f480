"""Policies that only cases use: a constant order, and base stock with a cap on each order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.knowledge import Knowledge
from sim.policy import Plan, Policy


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
        if self.review_of:
            plan.review_period[0] = self.review_of
        return plan
