"""Reorder point: order when the inventory position has fallen to it, up to a level or in lots."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from restock.policies.protection import most_that_keeps, over_protection_interval
from restock.sim.errors import require
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Plan, Policy


def order_up_to(view: Any, levels: Any) -> int:
    """(s, S): at or below the reorder point, raise the position to the order-up-to level."""
    if view.inventory_position <= levels.reorder_point:
        return levels.order_up_to_level - view.inventory_position
    return 0


def order_lots(view: Any, levels: Any) -> int:
    """(s, nQ): at or below the reorder point, the fewest lots that bring the position above it."""
    if view.inventory_position <= levels.reorder_point:
        lots = math.ceil((levels.reorder_point + 1 - view.inventory_position) / max(levels.order_quantity, 1))
        return lots * levels.order_quantity
    return 0


def levels_that_keep(known: Knowledge, reorder_point: np.ndarray, lot: np.ndarray) -> dict[str, np.ndarray]:
    """Levels of (s, S) with S = s + lot, both lowered where goods would expire before they are sold.

    >>> from restock.sim.planning.example import one_shop
    >>> levels_that_keep(one_shop().known, np.array([[12.0], [8.0]]), np.array([[35.0], [21.0]]))["order_up_to_level"]
    array([[47.],
           [29.]])
    """
    high = np.minimum(reorder_point + lot, most_that_keeps(known))
    return {"reorder_point": np.minimum(reorder_point, np.maximum(high - 1, 0)), "order_up_to_level": high}


@dataclass(frozen=True)
class ReorderPoint(Policy):
    """Order when the inventory position is at or below the reorder point (s).

    Parameters
    ----------
    reorder_point, order_up_to_level : int or None
        Levels of every cell, in units. None: mean demand over the protection interval plus `safety_factor`
        standard deviations; and that plus `order_days` days of demand.
    order_quantity : int or None
        Lot size (Q) for `lots`; None: `order_days` days of demand.
    lots : bool
        False: (s, S), up to the order-up-to level. True: (s, nQ), in whole lots.
    safety_factor : float
        Standard deviations of safety stock (z).
    order_days : float
        Days of demand that an order brings.
    review_period : int
        Days between reviews.

    Source: Silver, Pyke & Thomas (2017), sections 6.2 and 6.3; trigger at or below s: Zheng & Federgruen (1991).
    """

    reorder_point: int | None = None
    order_up_to_level: int | None = None
    order_quantity: int | None = None
    lots: bool = False
    safety_factor: float = 1.28
    order_days: float = 7.0

    def __post_init__(self) -> None:
        require(self.order_days > 0, f"order_days must be above 0, got {self.order_days}")
        good = self.order_quantity is None or self.order_quantity >= 1
        require(good, f"order_quantity must be at least 1, got {self.order_quantity}")

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        mean, deviation = over_protection_interval(known, self.review_period)
        low = np.maximum(0, np.ceil(mean + self.safety_factor * deviation - 1e-9))
        low = low if self.reorder_point is None else np.full(mean.shape, self.reorder_point)
        lot = np.maximum(1, np.ceil(known.demand_mean * self.order_days - 1e-9))
        if self.lots:
            return {"reorder_point": low, "order_quantity": lot if self.order_quantity is None else self.order_quantity}
        if self.order_up_to_level is None and self.reorder_point is None:
            return levels_that_keep(known, low, lot)
        high = low + lot if self.order_up_to_level is None else np.full(mean.shape, self.order_up_to_level)
        return {"reorder_point": low, "order_up_to_level": high}

    rule = staticmethod(order_up_to)

    def plan(self, known: Knowledge) -> Plan:
        plan = super().plan(known)
        if not self.lots:
            return plan
        return replace(plan, rules=(order_lots,))
