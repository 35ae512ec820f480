"""Two engines, one path: the event engine and the kernel agree in every cell, column, replication and day."""

from __future__ import annotations

import dataclasses
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import policies, scenarios

from sim.engine import Run, run_events
from sim.errors import InputError
from sim.ledger import NAMES, SERIES
from sim.network import Item, Lane, Site
from sim.simulate import Prepared, run_kernel, run_shards

COLUMN = {name: k for k, name in enumerate(NAMES)}
EXAMPLES = int(os.environ.get("RESTOCK_EXAMPLES", "60"))
any_world = settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


def assert_same(events, kernel):
    """Name the first column that differs."""
    for name, k in COLUMN.items():
        wrong = np.argwhere(events.ledger[..., k] != kernel.ledger[..., k])
        assert len(wrong) == 0, f"{name} differs at (replication, item, site) {wrong[0].tolist()}"
    for k, name in enumerate(SERIES):
        wrong = np.argwhere(events.series[..., k] != kernel.series[..., k])
        assert len(wrong) == 0, f"daily {name} differs at (day, replication, site) {wrong[0].tolist()}"


@any_world
@given(scenarios(), policies, st.integers(0, 2**63 - 1))
def test_both_engines_walk_the_same_path(scenario, policy, seed):
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    assert_same(run_events(prepared, plan, seed, 2), run_kernel(prepared, plan, seed, 2, series=True))


@any_world
@given(scenarios(), policies)
def test_nothing_is_created_or_lost_on_any_day(scenario, policy):
    """opening + received = closing + sold + shipped, for every cell and day; stock is never negative."""
    prepared = Prepared(scenario)
    run = Run(prepared, prepared.plan(policy), seed=3, replication=1, log=True).run()
    before = {
        (site.name, item.name): int(prepared.world.opening[i, n])
        for i, item in enumerate(scenario.items)
        for n, site in enumerate(scenario.sites)
    }
    sold = {}
    for entry in run.log:
        if entry.what in ("sold", "backorder served"):
            key = (entry.day, entry.site, entry.item)
            sold[key] = sold.get(key, 0) + entry.quantity
    for day in run.daily:
        cell = (day.site, day.item)
        assert before[cell] + day.received == day.on_hand + sold.get((day.day, *cell), 0) + day.shipped
        assert min(day.on_hand, day.on_order, day.backorders) >= 0
        assert day.record == day.on_hand
        before[cell] = day.on_hand


@any_world
@given(scenarios(), policies)
def test_the_books_agree_with_each_other(scenario, policy):
    """Demand splits up, backlogs balance, orders are received, under way, owed or cancelled; nothing else."""
    prepared = Prepared(scenario)
    ledger = run_kernel(prepared, prepared.plan(policy), 11, 3).ledger
    of = {name: ledger[..., k] for name, k in COLUMN.items()}
    backordered = of["demand"] - of["filled"] - of["lost"] - of["refused"]
    assert (backordered >= 0).all()
    assert (of["opening_backorders"] + backordered == of["closing_backorders"] + of["backorders_served"]).all()
    sold = of["filled"] + of["backorders_served"] - of["shipped"]
    assert (of["opening_on_hand"] + of["received"] == of["closing_on_hand"] + sold + of["shipped"]).all()
    arrived = of["received"] + of["cancelled"]
    assert (of["opening_on_order"] + of["ordered"] == of["closing_on_order"] + arrived).all()
    for n in range(len(scenario.sites)):
        below = scenario.parent == n
        assert (of["cancelled"][:, :, below].sum(-1) == of["refused"][..., n]).all()
    assert (ledger[:, ~scenario.stocked] == 0).all()


@any_world
@given(scenarios(), policies)
def test_threads_and_order_of_work_change_nothing(scenario, policy):
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    alone = run_kernel(prepared, plan, 5, 4, threads=1)
    together = run_kernel(prepared, plan, 5, 4, threads=3)
    assert (alone.ledger == together.ledger).all()
    for r in (3, 0):
        for shard in run_shards(prepared, plan, 5, (r, r + 1)):
            i0, i1 = shard.items
            assert (shard.ledger[0] == alone.ledger[r, i0:i1]).all()


@any_world
@given(scenarios(), policies)
def test_adding_a_store_leaves_the_others_alone(scenario, policy):
    """A new store that outside suppliers serve changes no other cell, wherever it stands in the list."""
    suppliers = sorted({item.supplier for item in scenario.items})
    new = Site("new_store")
    lanes = [*scenario.lanes, *(Lane(s, "new_store") for s in suppliers)]

    def grown(array):
        return None if array is None else np.insert(array, 0, array[:, scenario.demand.asked.any(0).argmax()], axis=1)

    demand = scenario.demand
    history = demand.history
    if history is not None:
        history = dataclasses.replace(history, row_of=grown(history.row_of))
    bigger_demand = dataclasses.replace(
        demand, law_of=grown(demand.law_of), season_of=grown(demand.season_of), history=history
    )
    bigger = dataclasses.replace(scenario, sites=(new, *scenario.sites), lanes=lanes, demand=bigger_demand)
    small, large = Prepared(scenario), Prepared(bigger)
    plan = small.plan(policy)
    wider = large.plan(policy)
    if plan.tier_of is not None:
        return  # classes are of items over the whole chain: a new store may rightly change them
    before = run_kernel(small, plan, 9, 2).ledger
    after = run_kernel(large, wider, 9, 2).ledger
    assert (before == after[:, :, 1:]).all()


def test_a_negative_order_is_refused_by_both_engines(one_shop):
    from sim.policy import Policy

    class Backwards(Policy):
        def levels(self, known):
            return {"level": np.ones(known.stocked.shape)}

        @staticmethod
        def rule(view, levels):
            return levels.level if view.day < 9 else 0 - levels.level

    prepared = Prepared(one_shop)
    plan = prepared.plan(Backwards())
    with pytest.raises(InputError, match="the rule returned a negative quantity; allowed: 0 or more"):
        run_kernel(prepared, plan, 1, 2)
    with pytest.raises(InputError, match="the rule must return a whole number not below 0, got -1"):
        run_events(prepared, plan, 1, 1)


def test_items_beyond_one_block_of_lanes(one_shop):
    """More (replication, item) pairs than lanes: no pair is lost or counted twice."""
    items = tuple(Item(f"item_{i}") for i in range(9))
    law_of = np.zeros((9, 1), int)
    demand = dataclasses.replace(one_shop.demand, law_of=law_of, season_of=None)
    prepared = Prepared(dataclasses.replace(one_shop, items=items, demand=demand))
    from policies.base_stock import BaseStock

    plan = prepared.plan(BaseStock())
    assert_same(run_events(prepared, plan, 4, 17), run_kernel(prepared, plan, 4, 17, series=True))
