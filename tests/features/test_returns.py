"""Returns: how many units come back, when, what becomes of them, and what they are worth."""

import dataclasses

import numpy as np
import pytest
from chains import RICH, ledger_of

from restock.policies.base_stock import BaseStock
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.errors import InputError
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.features.returns.settings import Returns
from restock.sim.features.unit_costs.settings import PER_MONEY, UnitCosts
from restock.sim.measures.facts import facts
from restock.sim.measures.ledger import named
from restock.sim.measures.measures import measure_values
from restock.sim.model.network import Item
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Empirical
from restock.sim.run.shards import run_kernel


def with_returns(shop, returns, *features, **changes):
    milk = Item.with_settings("milk", unit_cost=2.0, unit_price=5.0, returns=returns)
    return shop.having(*features, items=(milk,), **changes)


@pytest.mark.parametrize("share, resalable", [(0.3, 1.0), (0.07, 0.4), (1.0, 0.0)])
def test_the_shares_are_exact_on_average(one_shop, share, resalable):
    """Rounding by chance: the share of units sold comes back, the share of these goes back on the shelf."""
    scenario = with_returns(one_shop, Returns(share, Constant(1), resalable), days=728)
    prepared = Prepared(scenario)
    of = named(run_kernel(prepared, prepared.plan(RICH), 5, 64).ledger)
    sold = of["filled"].sum() - of["filled"].mean() / scenario.days  # the last day's are on their way
    assert of["returned"].sum() / sold == pytest.approx(share, rel=0.01)
    assert of["restocked"].sum() / of["returned"].sum() == pytest.approx(resalable, rel=0.01)


def test_a_days_units_come_back_together_after_the_lag(one_shop):
    """Half of them, rounded down; they are on record, seen by the policy, and were never ordered."""
    prepared = Prepared(with_returns(one_shop, Returns(0.5, Constant(4), rounding="down")))
    run = Run(prepared, prepared.plan(RICH), 3, 0, log=True).run()
    sold = [day.filled for day in run.daily]
    assert [day.returned for day in run.daily] == [0] * 4 + [units // 2 for units in sold[:-4]]
    assert all(day.returned == day.restocked and day.record == day.on_hand for day in run.daily)
    assert {entry.phase for entry in run.log if entry.what in ("returned", "back on the shelf")} == {"closing"}


def test_returns_take_the_place_of_orders_only_when_they_are_back(one_shop):
    """Base stock keeps on hand and on order at its level: what comes back on a day is not ordered that evening."""
    prepared = Prepared(with_returns(one_shop, Returns(0.4, Empirical((1, 9)), 0.5), days=300))
    days = Run(prepared, prepared.plan(BaseStock(base_stock_level=70)), 2, 0, log=True).run().daily
    position = [day.on_hand + day.on_order for day in days]
    before = zip(position, days[1:], strict=False)
    assert position[1:] == [max(70, level - day.filled + day.restocked) for level, day in before]
    assert sum(day.restocked for day in days) > 100


def test_returns_leave_demand_and_lead_times_alone(one_shop):
    before, after = (
        named(run_kernel(p, p.plan(RICH), 3, 20).ledger)["demand"]
        for p in (Prepared(one_shop), Prepared(one_shop.having(Returns(0.5))))
    )
    assert (before == after).all()


def test_an_items_own_returns_take_the_place_of_its_categorys(one_shop):
    items = (Item("milk"), Item("shoes", "shoes"), Item.with_settings("hats", "shoes", returns=Returns(0.0)))
    demand = dataclasses.replace(one_shop.demand, law_of=np.zeros((3, 1), int), season_of=None)
    returns = Returns(by_category={"shoes": 1.0}, lag=2)
    prepared = Prepared(one_shop.having(returns, items=items, demand=demand))
    plan = prepared.plan(RICH)
    kernel = run_kernel(prepared, plan, 1, 3).ledger
    assert (run_events(prepared, plan, 1, 3).ledger == kernel).all()
    assert (named(kernel)["returned"].sum(axis=(0, 2)) > 0).tolist() == [False, True, False]
    with pytest.raises(InputError, match=r"category 'shoe' of returns.by_category is unknown; did you mean 'shoes'"):
        one_shop.having(Returns(by_category={"shoe": 1.0}), items=items, demand=demand)


def test_a_count_finds_what_came_back_where_the_book_has_it(one_shop):
    """Returns are transactions: without shrinkage the record stays exact, and counts find nothing."""
    scenario = with_returns(one_shop, Returns(0.6, Constant(2), 0.5), Records(full_count_every=7))
    for shrinkage in (0.0, 0.05):
        prepared = Prepared(scenario.having(Shrinkage(shrinkage)))
        of = named(run_kernel(prepared, prepared.plan(RICH), 5, 20).ledger)
        assert (of["written_off"].sum() > 0) == (shrinkage > 0)
        assert of["found"].sum() == 0 and of["restocked"].sum() > 0


def test_money_of_returns_by_hand(one_shop):
    """100 units sold at 5 (cost 2); 10 come back, 6 of them resalable: 4 are written off at cost."""
    scenario = with_returns(one_shop, None, days=365)
    ledger = ledger_of(scenario, demand=100, filled=100, returned=10, restocked=6, on_hand_days=3650)
    value = measure_values(facts(ledger, scenario)[0, 0], 365)
    assert (value["return_rate"], value["sales_revenue"], value["refunds"], value["net_sales"]) == (0.1, 500, 50, 450)
    assert (value["cogs"], value["gross_margin"], value["returns_write_off_cost"]) == (180, 270, 8)
    assert value["distortion_cost"] == 8
    assert value["total_cost"] == pytest.approx(value["carrying_cost"] + 8)
    assert value["turnover"] == pytest.approx(180 / 20)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Returns(1.2), "returns.share must be a share between 0 and 1, got 1.2"),
        (lambda: Returns(resalable=-1), "returns.resalable must be a share between 0 and 1, got -1"),
        (lambda: Returns(lag=0), "returns.lag must be a law on 1 to 56 days, got one that allows 0 to 0"),
        (lambda: Returns(rounding="up"), "returns.rounding 'up' is unknown; choose from: chance, down"),
        (lambda: Returns(by_category={"a": 3}), "returns.by_category.a must be a share between 0 and 1, got 3"),
        (
            lambda: Item("milk", own={"returns": 0.1}),
            "returns of item 'milk' must be settings such as {share: 0.1}, got 0.1",
        ),
    ],
)
def test_returns_out_of_range_are_refused(make, message):
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value) == message


def test_what_comes_back_leaves_the_cost_of_goods_sold(one_shop):
    """Where costs stand still, COGS by flow are those of units not brought back; the books balance."""
    shop = with_returns(one_shop, Returns(0.4, Constant(2), 0.5), UnitCosts(cost_flow=True))
    prepared = Prepared(shop)
    of = named(run_kernel(prepared, prepared.plan(RICH), 5, 20).ledger)
    assert (of["returned"] > of["restocked"]).any()
    for flow in ("fifo", "lifo", "average"):
        assert (of[f"cogs_{flow}"] == 2 * PER_MONEY * (of["filled"] - of["returned"])).all()
        assert (of[f"loss_value_{flow}"] == 2 * PER_MONEY * (of["returned"] - of["restocked"])).all()
