"""The items of a shard, ordered by the sites that stock them, so that a block of lanes has few sites to visit.

With few replications, items share a block, and a site is visited where any of them is stocked. Draws are keyed by name
and items are simulated apart, so that their order changes nothing but the work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.model.arrays import World
from restock.sim.model.feature import feature_kinds
from restock.sim.model.opening.opening_arrays import NOT_OF_ITEMS

if TYPE_CHECKING:
    from restock.sim.engines.kernel.shard import PlanArrays

OF_ITEMS = ("item_key", "stocked", "opening", "overstock_level", "daily_rate", "own_variance", "demand_table",
            "season_of", "history_row", "lead_table", "backorder_share", "pack", "minimum_order",
            "order_days")  # fmt: skip
"""Fields of a `World` whose first axis is items, beside those of features (`Feature.not_of_items`)."""


def order_of_items(stocked: np.ndarray, replications: int) -> np.ndarray | None:
    """In which order items are simulated; None: in their own. `stocked` is bool (items, sites).

    >>> order_of_items(np.array([[True, False], [False, True], [True, False]]), replications=1)
    array([0, 2, 1])
    """
    if replications >= WIDTH or len(stocked) == 1:
        return None
    order = np.lexsort(stocked.T)
    return None if (np.diff(order) > 0).all() else order


def in_order(world: World, arrays: PlanArrays, items: np.ndarray) -> tuple[World, PlanArrays]:
    """A scenario's and a plan's arrays, of these items only."""
    features = world.features._replace(
        **{
            kind.name: _arrays_of(items, getattr(world.features, kind.name), kind.not_of_items)
            for kind in feature_kinds()
        }
    )
    of_world: dict[str, Any] = {name: _of(items, getattr(world, name)) for name in OF_ITEMS}
    of_world["opening_state"] = _arrays_of(items, world.opening_state, NOT_OF_ITEMS)
    of_plan: dict[str, Any] = {name: _alike(value := getattr(arrays, name), value[items])
               for name in ("rule_of", "review_period", "memory")}  # fmt: skip
    of_plan |= {name: _alike(value := getattr(arrays, name), np.ascontiguousarray(value[:, items]))
                for name in ("levels", "by_day_rows")}  # fmt: skip
    return world._replace(features=features, **of_world), arrays._replace(**of_plan)


def _arrays_of(items: np.ndarray, arrays: Any, not_of_items: tuple[str, ...]) -> Any:
    return arrays._replace(
        **{
            name: _of(items, value)
            for name, value in arrays._asdict().items()
            if isinstance(value, np.ndarray) and name not in not_of_items
        }
    )


def _of(items: np.ndarray, array: np.ndarray) -> np.ndarray:
    return _alike(array, array[items]) if len(array) else array


def _alike(given: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """The array, written to or not as the one it is made of: to the compiler these are two types, and two kernels."""
    moved.flags.writeable = given.flags.writeable
    return moved
