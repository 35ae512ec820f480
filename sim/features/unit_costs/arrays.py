"""Unit costs as arrays over items (i) and days (t): what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.features.unit_costs.settings import cost_months, cost_trend, first_costs
from restock.sim.model.opening.run_state import kept

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
    layers: np.ndarray  # int32 (i, n, r, FIFO or LIFO, t): where a run goes on, units there of each day before it
    average_value: np.ndarray  # int64 (i, n, r): the same; what stock is worth at average cost


def cost_arrays(costs: UnitCosts, making: Making) -> CostArrays:
    """The arrays of a scenario."""
    scenario = making.scenario
    days = scenario.horizon if costs.follows_cost else 0
    trend, month = cost_trend(costs, scenario.start, days), cost_months(scenario.start, days)
    first = first_costs(scenario.items, trend, month, costs.volatility) if days else trend
    layers = kept(scenario, "cost_layers", "unit costs that are followed") if days else None
    value = kept(scenario, "average_value", "unit costs that are followed", np.int64) if days else None
    return CostArrays(
        int(days > 0), first, trend, month, float(costs.volatility),
        np.zeros((0, 0, 0, 2, 0), np.int32) if layers is None else layers,
        np.zeros((0, 0, 0), np.int64) if value is None else value,
    )  # fmt: skip
