"""Large figures: both engines agree to the unit, or both refuse the run in the same line. No sum ever wraps."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from large import Growing, Lots, large_policies, large_scenarios
from test_parity import any_world, both

from restock.policies.base_stock import BaseStock
from restock.policies.reorder_point import ReorderPoint
from restock.sim.errors import InputError
from restock.sim.features.records.settings import Records
from restock.sim.features.unit_costs.settings import UnitCosts
from restock.sim.measures.ledger import named
from restock.sim.model.network import WEEKDAYS, Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson


@any_world
@given(large_scenarios(), large_policies, st.booleans(), st.integers(0, 2**63 - 1))
def test_engines_agree_on_large_figures_or_refuse_in_the_same_line(scenario, policy, series, seed):
    try:
        prepared = Prepared(scenario)
        plan = prepared.plan(policy)
    except InputError as error:  # before any engine runs
        assert "allowed" in str(error) or "reach" in str(error)
        return
    both(prepared, plan, seed, series=series)


def shop(days=60, lead=3, **item):
    """One item in one store, Poisson(5) a day."""
    lanes, demand = [Lane("supplier", "store", Constant(lead))], {("milk", "store"): Poisson(5.0)}
    return scenario_of("shop", [Item.with_settings("milk", **item)], [Site("store")], lanes, demand, days=days)


def chain(stores, mean, lead=1, order_days=WEEKDAYS, unshipped="owed", **settings):
    """A DC and stores that ask for `mean` units a day each; the supplier takes orders on `order_days`."""
    sites = [Site("dc", "dc", unshipped=unshipped), *(Site(f"store_{k}", served_by="dc") for k in range(stores))]
    lanes = [Lane("supplier", "dc", Constant(1), order_days=order_days)]
    lanes += [Lane("dc", site.name, Constant(lead)) for site in sites[1:]]
    demand = {("milk", site.name): Constant(mean) for site in sites[1:]}
    return scenario_of("chain", [Item("milk")], sites, lanes, demand, **settings)


def test_stock_of_tens_of_millions_is_summed_right():
    """One million days of stock: eight weeks of it come to more than 32 bits hold."""
    prepared = Prepared(dataclasses.replace(shop(days=56), opening_stock=np.array([[40_000_000]])))
    ledger = named(both(prepared, prepared.plan(BaseStock())).ledger)
    assert 56 * 39_990_000 < ledger["on_hand_days"].min() <= ledger["on_hand_days"].max() < 56 * 40_000_000


def test_twenty_stores_with_sixty_days_of_stock():
    prepared = Prepared(chain(20, 50_000, opening_days=60, days=56))
    ledger = named(both(prepared, prepared.plan(ReorderPoint(reorder_point=0, order_up_to_level=0))).ledger[:1])
    days = np.arange(1, 57)
    stores = 20 * np.maximum(0, 3_000_000 - 50_000 * days).sum()
    assert ledger["on_hand_days"].sum() == stores + 56 * 60_000_000


def test_all_waiting_over_a_long_lead_time():
    """Every day 50,000 more units are on order, and 50,000 more customers wait."""
    scenario = shop(days=1000, lead=1100, backorder_share=1.0)
    scenario = dataclasses.replace(
        scenario, demand=dataclasses.replace(scenario.demand, laws=(Constant(50_000),)), opening_days=0.0
    )
    prepared = Prepared(scenario)
    ledger = named(both(prepared, prepared.plan(BaseStock(base_stock_level=0))).ledger)
    assert (ledger["on_order_days"] == 50_000 * 1000 * 1001 // 2).all()
    assert (ledger["backorder_days"] == 50_000 * 1000 * 1001 // 2).all()


def late(scenario, **records):
    return scenario.having(Records(**records))


def expensive():
    """Where a unit may cost a million, the value of stock is what is bounded."""
    return shop(unit_cost=1_000_000.0, unit_price=2_000_000.0).having(UnitCosts(cost_flow=True))


LINES = {
    "orders of many stores": (
        chain(100, 50_000),
        Lots(base=24_000_000, every=999),
        "dc",
        (0, 0),
        "the sites below order 280,200,000 units in one evening",
    ),
    "an order beyond 32 bits": (
        shop(),
        Lots(lot=2**20, every=3, factor=2**20),
        "store",
        (2, 0),
        "the order is too large",
    ),
    "an order rounded up to packs": (
        shop(pack=2**27 + 1),
        Lots(lot=2**27 + 2, every=3),
        "store",
        (2, 0),
        "the order is too large",
    ),
    "stock": (
        shop(lead=1),
        Lots(base=0, lot=2**27, every=2),
        "store",
        (4, 0),
        "268,435,500 units are on hand",
    ),
    "on order": (
        shop(lead=50),
        Lots(base=0, lot=2**26, every=9),
        "store",
        (35, 0),
        "268,435,456 units are on order",
    ),
    "on order, days counted from the first measured one": (
        dataclasses.replace(shop(lead=50), warm_up=7),
        Lots(base=0, lot=2**26, every=9),
        "store",
        (26, 0),
        "268,435,456 units are on order",
    ),
    "owed": (
        chain(3, 9, order_days=("sun",), opening_days=0),
        Lots(base=0, lot=2**26, every=1),
        "dc",
        (2, 0),
        "369,098,751 units are owed to the sites below",
    ),
    "a forecast": (
        shop(days=140),
        Growing(),
        "store",
        (105, 1),
        "the forecast of the day's demand is no number, or too far from 0",
    ),
    "on order in a late book": (
        late(shop(lead=1), reconcile_every=50),
        Lots(base=0, lot=2**25, every=2),
        "store",
        (16, 0),
        "the book, which is seen late, has 268,435,456 units on order",
    ),
    "record off": (
        late(shop(lead=1, shelf_life=1), receipts_misscanned=1.0),
        Lots(base=0, lot=2**27, every=2),
        "store",
        (3, 1),
        "the record is 268,435,456 units off the stock",
    ),
    "orders of a week": (
        shop(lead=1, shelf_life=1),
        Lots(base=0, lot=2**28 - 1, every=1),
        "store",
        (6, 0),
        "1,879,048,185 units were ordered in a week",
        "1,012,333,499",
    ),
    "demand of a week": (
        chain(3, 9, order_days=("sun",), unshipped="cancelled", opening_days=0),
        Lots(base=0, lot=2**27, every=1),
        "dc",
        (6, 0),
        "1,722,460,838 units were asked for in a week",
        "417,164,101",
    ),
    "value": (
        expensive(),
        Lots(base=0, lot=2**20, every=3),
        "store",
        (2, 0),
        "the order is too large",
        "1,048,575",
    ),
}


@pytest.mark.parametrize("case", LINES)
def test_what_grows_too_large_is_named_by_both_engines_alike(case):
    scenario, policy, site, (day, replication), words, *most = LINES[case]
    prepared = Prepared(scenario)
    assert both(prepared, prepared.plan(policy)) == (
        f"policy '{policy.name}' for item 'milk' at site '{site}' on day {day} (replication {replication}): {words}; "
        f"allowed: at most {most[0] if most else '268,435,455'}"
    )
