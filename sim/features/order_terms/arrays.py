"""Least values of orders as units, over items (i) and sites (n): what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.model.unit_limits import LARGEST_UNITS

if TYPE_CHECKING:
    from restock.sim.features.order_terms.settings import OrderTerms
    from restock.sim.model.feature import Making


class TermArrays(NamedTuple):
    """The array is filled in any case."""

    used: int  # 1: some cell's orders must come to something
    least: np.ndarray  # int32 (i, n): the fewest units that come to it; 0: any order is placed


def term_arrays(terms: OrderTerms, making: Making) -> TermArrays:
    """The arrays of a scenario; refuses a least value for items that cost nothing."""
    scenario = making.scenario
    least = np.zeros(scenario.lane_of.shape, np.int32)
    for k, lane in enumerate(scenario.lanes):
        outside = all(site.name != lane.source for site in scenario.sites)
        value = terms.of_lane(lane, outside)
        for i, n in np.argwhere(scenario.lane_of == k) if value > 0 else ():
            item = scenario.items[i]
            where = f"minimum order value of lane '{lane.source}' -> '{lane.destination}'"
            require(item.unit_cost > 0, f"{where} is {value:g}, and item '{item.name}' costs nothing")
            units = np.ceil(value / item.unit_cost - 1e-9)
            given = f"{where} is {value:g}, {units:,.0f} units of item '{item.name}'"
            require(units <= LARGEST_UNITS, f"{given}; allowed: at most {LARGEST_UNITS:,}")
            least[i, n] = units
    return TermArrays(int(least.any()), least)
