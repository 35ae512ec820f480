"""Unit costs as arrays over items (i) and days (t): what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.features.unit_costs.settings import cost_months, cost_trend, first_costs

if TYPE_CHECKING:
    from restock.sim.features.unit_costs.settings import UnitCosts
    from restock.sim.model.feature import Making


class CostArrays(NamedTuple):
    """The arrays are empty unless `used` is 1."""

    used: int  # 1: what goods cost is followed from receipt to sale
    first_cost: np.ndarray  # float64 (i,): unit cost on day 0, in ten-thousandths of money
    trend: np.ndarray  # float64 (t,): relative to day 0
    month: np.ndarray  # int32 (t,): months begun since day 0
    volatility: float


def cost_arrays(costs: UnitCosts, making: Making) -> CostArrays:
    """The arrays of a scenario."""
    scenario = making.scenario
    days = scenario.horizon if costs.follows_cost else 0
    trend, month = cost_trend(costs, scenario.start, days), cost_months(scenario.start, days)
    first = first_costs(scenario.items, trend, month, costs.volatility) if days else trend
    return CostArrays(int(days > 0), first, trend, month, float(costs.volatility))
