"""A site of the event engine that begins with a state: its books, what is under way, and where a run stood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.engines.events.stock import Posted, Stock
from restock.sim.model.opening.cell_fields import CELL_FIELDS

if TYPE_CHECKING:
    from restock.sim.engines.events.engine import Run
    from restock.sim.engines.events.site import SiteProcess

OF_STOCK = ("on_order", "waiting", "owing", "owed", "sold_so_far", "received_so_far", "restocked_so_far")


def state_of_cell(run: Run, i: int, n: int) -> dict[str, int]:
    """What there is of a cell on the first day, by `opening.cell_fields`; of a state for each replication, its own."""
    cells = run.prepared.world.opening_state.cells
    return dict(zip(CELL_FIELDS, cells[i, n, which_state(run)].tolist(), strict=True))


def which_state(run: Run) -> int:
    """The state of this replication, or the one that there is.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.engines.events.engine import Run
    >>> from restock.sim.model.opening.opening_state import OpeningState
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(opening=OpeningState(np.array([[12], [7]])))
    >>> which_state(Run(shop, shop.plan(BaseStock(base_stock_level=20)), seed=1, replication=3))
    0
    """
    return min(run.replication, run.prepared.world.opening_state.cells.shape[2] - 1)


def opened_stock(run: Run, i: int, n: int, overstock_level: int) -> Stock:
    """The books of one cell on the first day."""
    if not run.prepared.world.opening_state.used:
        units = int(run.prepared.world.opening[i, n])
        return Stock(units, units, overstock_level)
    state = state_of_cell(run, i, n)
    stock = Stock(state["on_hand"], state["record"], overstock_level)
    for name in OF_STOCK:
        setattr(stock, name, state[name])
    stock.short_in_cycle = state["short_in_cycle"] > 0
    return stock


def open_site(site: SiteProcess) -> None:
    """What a site knows beside its books."""
    run, of = site.run, site.run.prepared.world.opening_state
    for i in site.items:
        state = state_of_cell(run, i, site.n)
        site.next_review[i] = state["next_review"]
        site.shipments_so_far[i] = state["shipments_so_far"]
        site.sold_seen[i] = state["sold_seen"]
        learnt = Posted(0, state["learnt_backorders"], state["learnt_sold"], 0, state["learnt_restocked"])
        site.learnt[i] = learnt, state["learnt_day"]
        memory, slot = site.memory[i], run.forecast_slot(i, site.n)
        if memory is not None and of.resumed:
            take_memory(run, i, site.n, memory)
            site.demand_before[i] = state["demand_before"]
            if slot is not None:
                site.forecast[i] = float(memory[slot])


def orders_under_way(site: SiteProcess) -> Iterator[tuple[int, int, int]]:
    """Orders on their way to a site as a run opens: the day on which each arrives, item and units."""
    run, of, r = site.run, site.run.prepared.world.opening_state, which_state(site.run)
    for i in site.items if of.used else ():
        first, end = int(of.first_order[i, site.n, r]), int(of.end_order[i, site.n, r])
        for k in range(first, end):
            arrival = int(of.arrives[k])
            if arrival < 0:
                arrival = run.draws.open_order(i, site.n, k - first, int(of.waited[k]))
            yield arrival, i, int(of.quantity[k])


def take_memory(run: Run, i: int, n: int, memory: np.ndarray) -> None:
    """The memory that a run left, but for the key of the rule's own draws."""
    kept = run.prepared.world.opening_state.memory[i, n, which_state(run), : len(memory)]
    of_rule = run.plan.memory_of(int(run.plan.rule_of[i, n]))
    draw_slot = None if of_rule is None else of_rule.draw_slot
    memory[:] = [memory[k] if k == draw_slot else kept[k] for k in range(len(memory))]
