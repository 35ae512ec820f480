"""Reactive: a threshold alert. Reorder points are set once, and what comes is met when it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from restock.policies.protection import check_share, over_protection_interval, safety_factor_for_cycle_service
from restock.policies.reorder_point import levels_that_keep, order_up_to
from restock.sim.errors import require
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Policy


@dataclass(frozen=True)
class Reactive(Policy):
    """(s, S) from mean demand as known before the first day; blind to promotions, drift and what is sold since.

    Parameters
    ----------
    target : float
        Share of cycles without a stockout to plan for, between 0 and 1.
    order_days : float
        Days of demand that an order brings; 0: up to the reorder point, every evening.
    review_period : int
        Days between reviews.

    Source: Silver, Pyke & Thomas (2017), section 6.7 (service measure P1).
    """

    target: float = 0.95
    order_days: float = 7.0

    def __post_init__(self) -> None:
        check_share("target", self.target)
        require(self.order_days >= 0, f"order_days of policy 'reactive' must not be below 0, got {self.order_days}")

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        mean, deviation = over_protection_interval(known, self.review_period)
        low = np.maximum(0, np.ceil(mean + safety_factor_for_cycle_service(self.target) * deviation - 1e-9))
        return levels_that_keep(known, low, np.ceil(self.order_days * known.demand_mean - 1e-9))

    rule = staticmethod(order_up_to)
