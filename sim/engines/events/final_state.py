"""Where runs of the event engine stand on the morning of a day, whole: other runs go on from it, in both engines."""

from __future__ import annotations

from typing import Any

import numpy as np

from restock.sim.engines.events.engine import Run
from restock.sim.engines.events.site import SiteProcess
from restock.sim.errors import InputError, require
from restock.sim.model.opening.cell_fields import CELL_FIELDS
from restock.sim.model.opening.run_state import IN_TRANSIT, RunState
from restock.sim.planning.policy import Plan
from restock.sim.planning.prepared import Prepared, most_slots


def state_of_run(prepared: Prepared, plan: Plan, seed: int, replications: int, day: int) -> RunState:
    """The state of every replication on the morning of a day, before its deliveries: runs up to then, and no further.

    Parameters
    ----------
    day : int
        Whole weeks from day 0 of the scenario, warm-up included; at most all its days.

    Raises InputError for another day, and where a feature does not say what it keeps.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.engines.events.engine import run_events
    >>> shop, policy = one_shop(warm_up=7), BaseStock(base_stock_level=20)
    >>> whole = run_events(shop, shop.plan(policy), seed=1, replications=3)
    >>> state = state_of_run(shop, shop.plan(policy), seed=1, replications=3, day=7)
    >>> going_on = Prepared(shop.scenario.having(opening=state))
    >>> again = run_events(going_on, going_on.plan(policy), seed=1, replications=3)
    >>> bool((again.ledger == whole.ledger).all())
    True
    """
    horizon = prepared.world.horizon
    good = day % 7 == 0 and 0 < day <= horizon
    require(good, f"the day of a state must be whole weeks from 7 to {horizon}, all days of the scenario; got {day}")
    shape = (replications, *prepared.world.stocked.shape)
    arrays = {name: np.zeros(shape, np.int64) for name in CELL_FIELDS}
    memory, in_transit = np.zeros((*shape, most_slots(plan))), []
    for r in range(replications):
        for site in Run(prepared, plan, seed, r, until=day).run().sites:
            for i in site.items:
                for name, value in _of_cell(site, day, i).items():
                    array = np.asarray(value)
                    arrays.setdefault(name, np.zeros((*shape, *array.shape), np.int64))[r, i, site.n] = array
                remembered = site.memory[i]
                if remembered is not None:
                    memory[r, i, site.n, : len(remembered)] = remembered
                in_transit += [(r, i, site.n, units, arrival) for arrival, units in sorted(site.in_transit[i].items())]
    return RunState(day, plan.name, arrays, np.array(in_transit, IN_TRANSIT), memory)


def _of_cell(site: SiteProcess, day: int, i: int) -> dict[str, Any]:
    """The fields of `cell_fields`, and what features keep."""
    stock, (learnt, learnt_day) = site.stock[i], site.learnt[i]
    out: dict[str, Any] = {
        "on_hand": stock.on_hand,
        "record": stock.record,
        "waiting": stock.waiting,
        "on_order": stock.on_order,
        "owed": stock.owed,
        "owing": stock.owing,
        "next_review": site.next_review[i],
        "shipments_so_far": site.shipments_so_far[i],
        "sold_so_far": stock.sold_so_far,
        "sold_seen": site.sold_seen[i],
        "received_so_far": stock.received_so_far,
        "restocked_so_far": stock.restocked_so_far,
        "short_in_cycle": int(stock.short_in_cycle),
        "demand_before": site.demand_before.get(i, 0),
        "learnt_sold": learnt.sold_so_far,
        "learnt_backorders": learnt.backorders,
        "learnt_restocked": learnt.restocked_so_far,
        "learnt_day": learnt_day,
    }
    for name, steps in site.features.items():
        kept = steps.kept(day, i)
        if kept is None:
            raise InputError(f"no run can go on from one with {name}: what it keeps from day to day is not told")
        out |= kept
    return out
