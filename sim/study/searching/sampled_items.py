"""A chain with fewer items: enough of each category, large and small, for formulas to say where to look."""

from __future__ import annotations

import numpy as np

from restock.sim.errors import InputError
from restock.sim.model.scenario import Scenario
from restock.sim.planning.prepared import Prepared

MOST_CELLS = 1500


def with_fewer_items(prepared: Prepared, most_cells: int = MOST_CELLS) -> Prepared:
    """Some items of each category, evenly by usage value, so that about so many cells are left.

    Sites, lanes, costs and laws stay as they are; events are left out. The chain itself, where it is not larger, or
    where settings name single items that would be missing.

    >>> from restock.sim.planning.example import one_shop
    >>> fewer = with_fewer_items(one_shop(), most_cells=1)
    >>> [item.name for item in fewer.scenario.items], fewer.known.demand_mean.round(6).tolist()
    (['milk'], [[5.0]])
    """
    scenario = prepared.scenario
    every = -(-int(scenario.stocked.sum()) // most_cells)
    if every == 1:
        return prepared
    asked = np.where(scenario.demand.asked, prepared.world.daily_rate, 0.0).sum(axis=1)
    value = asked * np.array([item.unit_cost for item in scenario.items])
    order = np.lexsort((-value, np.array([item.category for item in scenario.items])))
    chosen: list[int] = []
    for category in sorted(scenario.categories):
        mine = [int(i) for i in order if scenario.items[i].category == category]
        chosen += mine[min(every // 2, len(mine) - 1) :: every]
    items = np.array(sorted(chosen))
    try:
        return Prepared(_only(scenario, items))
    except InputError:
        return prepared


def _only(scenario: Scenario, items: np.ndarray) -> Scenario:
    opening = None if scenario.opening_stock is None else scenario.opening_stock[items]
    return scenario.having(
        items=tuple(scenario.items[i] for i in items), events=(), opening_stock=opening,
        lanes=tuple(lane.for_items(scenario.items[i].name for i in items) for lane in scenario.lanes),
        demand=scenario.demand.of_items(items),
    )  # fmt: skip
