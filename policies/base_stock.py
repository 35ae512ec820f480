"""Base stock: order up to a fixed level at every review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from restock.policies.protection import most_that_keeps, over_protection_interval
from restock.sim.errors import require
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Policy


@dataclass(frozen=True)
class BaseStock(Policy):
    """Raise the inventory position to a base-stock level (S) at every review.

    Parameters
    ----------
    base_stock_level : int or None
        The level of every cell, in units; None: mean demand over the protection interval plus `safety_factor`
        standard deviations of it.
    safety_factor : float
        Standard deviations of safety stock (z).
    review_period : int
        Days between reviews.

    Source: Zipkin (2000), Foundations of Inventory Management, section 6.2.
    """

    base_stock_level: int | None = None
    safety_factor: float = 1.28

    def __post_init__(self) -> None:
        good = self.base_stock_level is None or self.base_stock_level >= 0
        require(good, f"base_stock_level must not be below 0, got {self.base_stock_level}")

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        if self.base_stock_level is not None:
            return {"base_stock_level": np.full(known.stocked.shape, self.base_stock_level)}
        mean, deviation = over_protection_interval(known, self.review_period)
        level = np.maximum(0, np.ceil(mean + self.safety_factor * deviation - 1e-9))
        return {"base_stock_level": np.minimum(level, most_that_keeps(known))}

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        """Order what is missing to the level."""
        return max(0, levels.base_stock_level - view.inventory_position)
