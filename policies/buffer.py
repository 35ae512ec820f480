"""Buffer: safety stock for a service target, from the variability of demand and of lead times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from restock.policies.protection import (
    check_share,
    over_protection_interval,
    safety_factor_for_cycle_service,
    safety_factor_for_fill_rate,
)
from restock.policies.reorder_point import levels_that_keep, order_up_to
from restock.sim.errors import require, unknown
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Policy

SERVICE_MEASURES = ("cycle_service_level", "fill_rate")


@dataclass(frozen=True)
class Buffer(Policy):
    """Reorder point = demand over the protection interval + safety stock; orders bring `order_days` of demand.

    Parameters
    ----------
    target : float
        The service to plan for, between 0 and 1.
    measure : str
        What the target means: 'cycle_service_level' (no stockout in a cycle) or 'fill_rate' (units served at once).
    order_days : float
        Days of demand that an order brings (the order size, S - s).
    review_period : int
        Days between reviews.

    Safety stock = z * standard deviation of demand over the protection interval, in which both demand and lead
    time vary (`restock.policies.protection`). Demand is taken as normal, the textbook's approximation: for slow
    movers the service reached can differ from the target, and the simulation says by how much. Of goods that do not
    keep, no more is ordered than is sold in time (`protection.most_that_keeps`).

    Source: Silver, Pyke & Thomas (2017), section 6.7 (service measures P1 and P2).
    """

    target: float = 0.95
    measure: str = "cycle_service_level"
    order_days: float = 7.0

    def __post_init__(self) -> None:
        check_share("target", self.target)
        require(self.order_days > 0, f"order_days must be above 0, got {self.order_days}")
        if self.measure not in SERVICE_MEASURES:
            raise unknown("measure", self.measure, SERVICE_MEASURES, "of policy 'buffer'")

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        mean, deviation = over_protection_interval(known, self.review_period)
        lot = np.maximum(1, np.ceil(known.demand_mean * self.order_days - 1e-9))
        if self.measure == "fill_rate":
            factor = safety_factor_for_fill_rate(np.full(mean.shape, self.target), deviation, lot)
        else:
            factor = safety_factor_for_cycle_service(self.target)
        reorder_point = np.maximum(0, np.ceil(mean + factor * deviation - 1e-9))
        return levels_that_keep(known, reorder_point, lot)

    rule = staticmethod(order_up_to)
