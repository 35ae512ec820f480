"""What a policy would order now: its rule on today's state as it is recorded, the same in every future."""

from __future__ import annotations

import numpy as np

from restock.sim.engines.events.draws import Draws
from restock.sim.engines.events.orders import in_packs
from restock.sim.model.arrays import World
from restock.sim.model.opening.cell_fields import CELL_FIELDS
from restock.sim.model.unit_limits import LARGEST_UNITS
from restock.sim.planning.policy import Plan, View, ordered_quantity, plain_functions
from restock.sim.planning.prepared import Prepared


def todays_units(world: World, name: str) -> np.ndarray:
    """A figure of today's state by its name (of `cell_fields.CELL_FIELDS`), the same in all futures; (items, sites).

    >>> from restock.sim.model.opening.opening_state import OpeningState
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(opening=OpeningState(np.array([[12], [3]])))
    >>> todays_units(shop.world, "on_hand").tolist()
    [[12], [3]]
    """
    found: np.ndarray = world.opening_state.cells[:, :, 0, CELL_FIELDS.index(name)].astype(np.int64)
    return found


def orders_now(prepared: Prepared, plan: Plan, seed: int) -> np.ndarray:
    """Units that each cell would order on today's state, before today's deliveries and customers; int64 (items, sites).

    Cells whose lane takes no orders today, or whose review is not due, order nothing. A rule that draws takes the
    draws of the first replication.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.model.opening.opening_state import OpeningState
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(opening=OpeningState(np.array([[12], [3]])))
    >>> orders_now(shop, shop.plan(BaseStock(base_stock_level=10)), seed=1).tolist()
    [[0], [7]]
    """
    world, of = prepared.world, prepared.world.opening_state
    rules, _ = plain_functions(plan)
    types = [plan.level_type(k) for k in range(len(rules))]
    draws, day = Draws(world, seed, 0), of.first_day
    figures = {name: todays_units(world, name) for name in CELL_FIELDS}
    out = np.zeros(world.stocked.shape, np.int64)
    position = figures["record"] + figures["on_order"] - figures["waiting"] - figures["owing"]
    below = _of_those_below(prepared, position)
    due = (figures["next_review"] <= day) & (((world.order_days >> (day % 7)) & 1) > 0)
    for i, n in np.argwhere(world.stocked & due).tolist():
        k = int(plan.rule_of[i, n])
        record, on_order = int(figures["record"][i, n]), int(figures["on_order"][i, n])
        promised = int(figures["waiting"][i, n] + figures["owing"][i, n])
        echelon = int(position[i, n] + below[i, n])
        sales = int(figures["sold_so_far"][i, n] - figures["sold_seen"][i, n])
        view = View(int(position[i, n]), record, on_order, promised, sales, day - world.warm_up, 0, echelon)
        memory = plan.memory_of(k)
        kept = None
        if memory is not None:
            kept = (of.memory[i, n, 0, : memory.start.shape[2]] if of.resumed else memory.start[i, n]).copy()
            if memory.draw_slot is not None:
                kept[memory.draw_slot] = draws.rule_key(i, n)
        levels = types[k](*plan.levels_at(k, i, n, day))
        where = f"{prepared.known.cell(i, n)} today"
        out[i, n] = in_packs(world, i, n, ordered_quantity(rules[k], view, levels, kept, plan.name, where))
    return np.where(out < world.features.order_terms.least, 0, out)


def _of_those_below(prepared: Prepared, position: np.ndarray) -> np.ndarray:
    """Positions of all sites below each; tonight's orders among them move none of these sums. int64 (items, sites)."""
    parent, out = prepared.scenario.parent, np.zeros_like(position)
    for n in prepared.scenario.bottom_up.tolist():
        if parent[n] >= 0:
            out[:, parent[n]] += np.where(prepared.world.stocked[:, n], position[:, n], 0) + out[:, n]
        out[:, n] = np.clip(out[:, n], -LARGEST_UNITS, LARGEST_UNITS)
    return out
