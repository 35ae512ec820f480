"""Just in time: order what sold, in small frequent deliveries, with no planned safety stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from restock.policies.protection import over_protection_interval
from restock.sim.errors import require
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Policy


@dataclass(frozen=True)
class JustInTime(Policy):
    """Every review orders exactly what sold since the last, so that the position returns to one fixed level.

    The level is the mean demand over the protection interval, rounded to the nearest unit: enough if every day
    were average and every delivery on time, and nothing for when they are not. Ordering what is missing to that
    level is ordering what sold (or was promised) since the last review, and it also puts right what went astray.

    Parameters
    ----------
    cover_days : float
        Days of demand to hold beyond the protection interval; 0 is pure just in time.
    least_level : int
        Smallest level of a stocked cell; 1 keeps a slow mover on the shelf, 0 lets its level round to nothing.
    review_period : int
        Days between reviews; 1 orders daily.

    Source: Hopp & Spearman (2011), Factory Physics, chapter 4 (pull: replenish what was withdrawn).
    """

    cover_days: float = 0.0
    least_level: int = 1

    def __post_init__(self) -> None:
        require(self.cover_days >= 0, f"cover_days must not be below 0, got {self.cover_days}")
        require(self.least_level >= 0, f"least_level must not be below 0, got {self.least_level}")

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        mean, _ = over_protection_interval(known, self.review_period)
        level = np.floor(mean + self.cover_days * known.demand_mean + 0.5)
        return {"base_stock_level": np.maximum(level, self.least_level)}

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        """Order what sold: what is missing to the level."""
        return max(0, levels.base_stock_level - view.inventory_position)
