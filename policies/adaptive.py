"""Adaptive: levels are set anew on every planning date, from the forecast, its errors, and the service reached."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from restock.policies.forecasting import Forecasting
from restock.policies.forecasts import (
    COVER_DAYS,
    FORECAST,
    GAIN,
    HIGH,
    LAG,
    LEAD_VARIANCE,
    LEVEL,
    LOW,
    NEXT_PLAN,
    ORDER_DAYS,
    SAFETY_FACTOR,
    SHORT_SHARE,
    SQUARED_ERROR,
    learn_demand,
    lot,
    one_day,
    reorder_point,
)
from restock.sim.errors import require
from restock.sim.planning.knowledge import Knowledge

LEAST_SAFETY, MOST_SAFETY = 0.0, 4.0  # bounds of the safety factor


@dataclass(frozen=True)
class Adaptive(Forecasting):
    """(s, S), set anew every `plan_every` days; between two planning dates levels stand.

    The safety factor starts at that of the target and is nudged every day: up by gain x target when the day ended
    with nothing on record, down by gain x (1 - target) when it did not, between 0 and 4. It stands still on average
    where the share of days that end with stock is the target. Settings are those of
    `restock.policies.forecasting.Forecasting`, and:

    Parameters
    ----------
    plan_every : int
        Days between planning dates.
    gain : float
        Standard deviations by which the safety factor moves; 0: it stays.

    Promotions ahead are not looked at. Source: Silver, Pyke & Thomas (2017), sections 3.4 and 6.10; the nudge is
    stochastic approximation (Robbins & Monro 1951) with a constant gain.
    """

    plan_every: int = 7
    gain: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.forecast != "oracle", "policy 'adaptive' learns; forecast oracle is for policy 'predictive'")
        good = isinstance(self.plan_every, int) and 1 <= self.plan_every <= 1000
        require(good, f"plan_every must be a whole number of days from 1 to 1000, got {self.plan_every}")
        require(0 <= self.gain <= 1, f"gain of policy 'adaptive' must lie between 0 and 1, got {self.gain}")

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        return {"plan_every_days": np.full(known.stocked.shape, self.plan_every)}

    def memory(self, known: Knowledge) -> np.ndarray:
        start = super().memory(known)
        mean, cover = start[..., LEVEL], start[..., COVER_DAYS]
        variance = cover * start[..., SQUARED_ERROR] + mean**2 * start[..., LEAD_VARIANCE]
        start[..., LOW] = np.ceil(mean * cover + start[..., SAFETY_FACTOR] * np.sqrt(variance) - 1e-9)
        start[..., HIGH] = start[..., LOW] + np.ceil(start[..., ORDER_DAYS] * mean - 1e-9)
        start[..., NEXT_PLAN] = self.plan_every - known.world.warm_up
        start[..., SHORT_SHARE], start[..., GAIN] = 1 - self.target, self.gain
        return start

    @staticmethod
    def learn(seen: Any, levels: Any, memory: Any) -> None:
        """Demand, the service reached, and on a planning date new levels."""
        learn_demand(memory, seen, 1.0)
        memory[FORECAST] = one_day(memory, seen.day + 1, memory[LAG] + 1.0)
        short = 1.0 if seen.record <= 0 else 0.0
        nudged = memory[SAFETY_FACTOR] + memory[GAIN] * seen.days * (short - memory[SHORT_SHARE])
        memory[SAFETY_FACTOR] = min(MOST_SAFETY, max(LEAST_SAFETY, nudged))
        if seen.day >= memory[NEXT_PLAN]:
            memory[LOW] = math.ceil(reorder_point(memory, seen.day, 1.0) - 1e-9)
            memory[HIGH] = memory[LOW] + math.ceil(lot(memory) - 1e-9)
            memory[NEXT_PLAN] = seen.day + levels.plan_every_days

    @staticmethod
    def rule(view: Any, levels: Any, memory: Any) -> int:  # type: ignore[override]
        """At or below the reorder point, up to the order-up-to level."""
        if view.inventory_position <= memory[LOW]:
            return max(0, int(memory[HIGH]) - view.inventory_position)
        return 0
