"""Shelf life: when units are thrown away, which are taken first, and where theory knows the answer."""

import dataclasses
from unittest import mock

import numpy as np
import pytest
from chains import ledger_of
from hypothesis import given
from hypothesis import strategies as st
from test_parity import any_world, outcome
from worlds import policies, scenarios

from restock.policies.base_stock import BaseStock
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.engines.events.stock import Stock
from restock.sim.errors import InputError
from restock.sim.features.returns.settings import Returns
from restock.sim.features.shelf_life.settings import ShelfLife
from restock.sim.measures.facts import facts
from restock.sim.measures.ledger import BASE, named
from restock.sim.measures.measures import measure_values
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.run.shards import run_kernel
from restock.sim.theory.loss import complementary_loss
from restock.sim.theory.newsvendor import newsvendor


def shop(demand, life, lead_time=1, opening=0, days=364, **item):
    milk = Item.with_settings("milk", unit_cost=2.0, unit_price=5.0, shelf_life=life, **item)
    lanes = [Lane("supplier", "store", Constant(lead_time))]
    return scenario_of("shop", [milk], [Site("store")], lanes, {("milk", "store"): demand}, days=days,
                       opening_stock=np.array([[opening]]))  # fmt: skip


def books(scenario, policy, replications=64):
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    kernel = run_kernel(prepared, plan, 7, replications).ledger
    assert (run_events(prepared, plan, 7, 2).ledger == kernel[:2]).all()
    return named(kernel)


def test_a_day_of_life_is_a_newsvendor_every_day():
    """Ordered every evening, sold the next day, thrown away at its closing: each day is one purchase."""
    law, quantity = Poisson(6.0), 8
    of = books(shop(law, 1, opening=quantity), BaseStock(base_stock_level=quantity), 300)
    days = 364 * 300
    theory = newsvendor(law, 1, 4, quantity)
    assert theory.quantity == newsvendor(law, 1, 4).quantity
    assert of["filled"].sum() / of["demand"].sum() == pytest.approx(theory.fill_rate, abs=0.002)
    assert 1 - of["stockout_days"].sum() / days == pytest.approx(theory.cycle_service_level, abs=0.003)
    assert of["expired"].sum() / days == pytest.approx(float(complementary_loss(law.pmf(), quantity)), rel=0.005)
    assert of["on_hand_days"].sum() == 0


def test_units_are_thrown_away_at_the_closing_of_their_last_day():
    """Ten units on day 0 that keep for three days, one sold a day: seven are left at the closing of day 2."""
    prepared = Prepared(shop(Constant(1), 3, opening=10, days=7))
    run = Run(prepared, prepared.plan(BaseStock(base_stock_level=0)), 1, 0, log=True).run()
    assert [day.expired for day in run.daily] == [0, 0, 7, 0, 0, 0, 0]
    assert [day.on_hand for day in run.daily] == [9, 8, 0, 0, 0, 0, 0]
    assert all(day.record == day.on_hand for day in run.daily)
    assert [(entry.day, entry.phase) for entry in run.log if entry.what == "expired"] == [(2, "closing")]


class Once(BaseStock):
    """Three units, ordered on day 0."""

    @staticmethod
    def rule(view, levels):
        return 3 if view.day == 0 else 0


@pytest.mark.parametrize("issuing, expired", [("oldest_first", [0, 0, 1, 2, 0]), ("freshest_first", [0, 0, 3, 0, 0])])
def test_which_units_are_taken_first(issuing, expired):
    """Four units open, three come on day 1, all keep for three days; one is sold a day.

    Oldest first: of the four, three are sold by day 2 and one is thrown away; of the three, one is sold on day 3 and
    two are thrown away. Freshest first: one of the four is sold on day 0, then those that came on day 1.
    """
    prepared = Prepared(shop(Constant(1), 3, opening=4, days=5, issuing=issuing))
    run = Run(prepared, prepared.plan(Once()), 1, 0, log=True).run()
    assert [day.received for day in run.daily] == [0, 3, 0, 0, 0]
    assert [day.expired for day in run.daily] == expired


def test_goods_that_keep_longer_than_the_run_keep():
    keeps, does_not = (books(shop(Poisson(5.0), life, 3, 20, days=60), BaseStock(), 20) for life in (None, 90))
    assert all((keeps[name] == does_not[name]).all() for name in list(keeps)[:BASE])
    assert does_not["expired"].sum() == 0


def test_with_one_day_of_life_the_order_of_issuing_is_all_the_same():
    one, other = (
        books(shop(Poisson(5.0), 1, 2, 20, issuing=issuing, shrinkage=Poisson(0.5)), BaseStock(), 20)
        for issuing in ("oldest_first", "freshest_first")
    )
    assert all((one[name] == other[name]).all() for name in one)


def test_taking_the_freshest_first_wastes_more_and_serves_less():
    oldest, freshest = (
        books(shop(Poisson(5.0), 4, 2, 15, issuing=issuing), BaseStock(base_stock_level=18), 64)
        for issuing in ("oldest_first", "freshest_first")
    )
    assert freshest["expired"].sum() > 1.5 * oldest["expired"].sum() > 0
    assert freshest["filled"].sum() < oldest["filled"].sum()


def test_a_dc_ships_with_the_full_life():
    """Ten days at the DC take nothing off the two days at the store."""
    sites = [Site("dc", "dc"), Site("store", served_by="dc")]
    lanes = [Lane("supplier", "dc", Constant(9)), Lane("dc", "store", Constant(1))]
    milk = Item.with_settings("milk", shelf_life=2)
    chain = scenario_of("chain", [milk], sites, lanes, {("milk", "store"): Constant(5)}, days=60,
                        opening_stock=np.array([[100, 5]]))  # fmt: skip
    of = books(chain, BaseStock(safety_factor=0), 1)
    assert of["expired"][..., 0].sum() == 0 and of["lost"].sum() == 0


def test_what_is_brought_back_does_not_go_back_on_the_shelf():
    of = books(shop(Poisson(5.0), 6, 2, 15, returns=Returns(0.5, 1)), BaseStock(), 5)
    assert of["returned"].sum() > 0 and of["restocked"].sum() == 0


def test_a_category_keeps_as_long_as_it_is_said_to(one_shop):
    items = (Item("milk", "dairy"), Item("coffee"), Item.with_settings("cream", "dairy", shelf_life=90))
    demand = dataclasses.replace(one_shop.demand, law_of=np.zeros((3, 1), int), season_of=None)
    keeping = ShelfLife(by_category={"dairy": 2})
    scenario = one_shop.having(keeping, items=items, demand=demand)
    of = books(scenario, BaseStock(), 3)
    assert (of["expired"].sum(axis=(0, 2)) > 0).tolist() == [True, False, False]
    with pytest.raises(InputError, match=r"category 'diary' of shelf_life\.by_category is unknown"):
        scenario.having(ShelfLife(by_category={"diary": 2}))


def test_waste_by_hand(one_shop):
    """100 units received at cost 2, of which 10 expire."""
    scenario = shop(Poisson(5.0), 3, days=365)
    ledger = ledger_of(scenario, demand=90, filled=90, received=100, expired=10)
    value = measure_values(facts(ledger, scenario)[0, 0], 365)
    assert (value["waste_rate"], value["waste_cost"]) == (0.1, 20)
    assert value["distortion_cost"] == value["total_cost"] == 20


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: ShelfLife(0), "shelf_life.days must be a whole number of days from 1 to 365, got 0"),
        (lambda: ShelfLife(by_category={"a": 1.5}),
         "shelf_life.by_category.a must be a whole number of days from 1 to 365, got 1.5"),
        (lambda: ShelfLife(issuing="lifo"),
         "shelf_life.issuing 'lifo' is unknown; choose from: freshest_first, oldest_first"),
        (lambda: Item.with_settings("milk", shelf_life=0),
         "shelf_life of item 'milk' must be a whole number of days from 1 to 365, got 0"),
        (lambda: Item.with_settings("milk", issuing="newest"),
         "issuing 'newest' of item 'milk' is unknown; choose from: freshest_first, oldest_first"),
    ],
)  # fmt: skip
def test_shelf_lives_out_of_range_are_refused(make, message):
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value) == message


@any_world
@given(scenarios(), policies, st.sampled_from(["oldest_first", "freshest_first"]), st.integers(1, 9))
def test_ages_are_never_negative_and_add_up_to_the_stock(scenario, policy, issuing, days):
    """At the end of every day, of every cell that keeps ages; none is beyond its last day."""
    prepared = Prepared(scenario.having(ShelfLife(days, issuing)))
    kept = []

    def end_day(stock):
        if stock.shelf is not None:
            kept.append((min(stock.shelf.units.values(), default=0), sum(stock.shelf.units.values()) - stock.on_hand))
        ends(stock)

    ends = Stock.end_day
    with mock.patch.object(Stock, "end_day", end_day):
        outcome(Run(prepared, prepared.plan(policy), seed=4, replication=0).run)
    assert kept and all(least >= 0 and off == 0 for least, off in kept)
