"""Which law of lead times each cell has: its lane's, or the item's own on that lane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from restock.sim.probability.laws import Law


def lead_tables(scenario: Any, add: Callable[[Law], int]) -> np.ndarray:
    """The number of each cell's law, -1 where the item is not kept; int32 (items, sites). `add` numbers laws.

    >>> from restock.sim.planning.example import one_shop
    >>> lead_tables(one_shop().scenario, add=lambda law: 7).tolist()
    [[7], [7]]
    """
    out = np.full(scenario.lane_of.shape, -1, np.int32)
    of_lane = np.array([add(lane.lead_time) for lane in scenario.lanes], np.int32)
    out[scenario.stocked] = of_lane[scenario.lane_of[scenario.stocked]]
    number = {item.name: i for i, item in enumerate(scenario.items)}
    for k, lane in enumerate(scenario.lanes):
        for name, law in lane.lead_time_by_item.items():
            i = number[name]
            out[i, scenario.stocked[i] & (scenario.lane_of[i] == k)] = add(law)
    return out
