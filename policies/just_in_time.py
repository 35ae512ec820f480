"""Just in time: order what sold, in small frequent deliveries, with no planned safety stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from restock.policies.base_stock import BaseStock
from restock.policies.catalogue import make_policy
from restock.policies.protection import most_that_keeps, over_protection_interval
from restock.policies.put_together import put_together
from restock.sim.checks import check_mapping
from restock.sim.errors import require
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Plan, Policy


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
    at_dcs : mapping or None
        The policy of sites that serve others, its `name` and its settings: stores that hold next to nothing need a DC
        that can be relied on. None: DCs order what they ship, too.

    Source: Hopp & Spearman (2011), Factory Physics, chapter 4 (pull: replenish what was withdrawn).
    """

    cover_days: float = 0.0
    least_level: int = 1
    at_dcs: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        require(self.cover_days >= 0, f"cover_days must not be below 0, got {self.cover_days}")
        require(self.least_level >= 0, f"least_level must not be below 0, got {self.least_level}")
        if self.at_dcs is not None:  # a mistake in it is found when the policy is built
            make_policy(check_mapping("at_dcs of policy 'just_in_time'", self.at_dcs))

    def plan(self, known: Knowledge) -> Plan:
        """What sold, at stores; at DCs another policy's plan, if there is one."""
        mine = super().plan(known)
        if self.at_dcs is None or not (known.tier > 0).any():
            return mine
        at_stores = (known.tier == 0)[None, :]
        theirs = make_policy(self.at_dcs).plan(known)
        return put_together(self.name, [(at_stores, mine), (~at_stores, theirs)])

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        mean, _ = over_protection_interval(known, self.review_period)
        level = np.floor(mean + self.cover_days * known.demand_mean + 0.5)
        return {"base_stock_level": np.minimum(np.maximum(level, self.least_level), most_that_keeps(known))}

    rule = staticmethod(BaseStock.rule)  # what sold is what is missing to the level
