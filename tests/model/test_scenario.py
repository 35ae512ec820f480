"""A scenario that cannot be is refused when it is built, in one clear line."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from restock.sim.errors import InputError
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.model.demand import Demand, Season
from restock.sim.model.network import Costs, Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.probability.laws import Constant, Empirical, Poisson

MILK = {("milk", "store"): Poisson(4.0)}
LANE = Lane("supplier", "store")


def refused(build, message):
    with pytest.raises(InputError) as caught:
        build()
    assert str(caught.value) == message


def shop(**change):
    parts = {"items": [Item("milk")], "sites": [Site("store")], "lanes": [LANE], "demand": MILK} | change
    return scenario_of("shop", **parts)


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: Item("milk", unit_cost=-1), "unit_cost of item 'milk' must be a number not below 0, got -1"),
        (
            lambda: Item("milk", unit_price=float("nan")),
            "unit_price of item 'milk' must be a number not below 0, got nan",
        ),
        (lambda: Item("milk", pack=0), "pack of item 'milk' must be a whole number not below 1, got 0"),
        (lambda: Item("milk", backorder_share=2), "backorder_share of item 'milk' must lie between 0 and 1, got 2"),
        (lambda: Site("x", "shop"), "kind 'shop' of site 'x' is unknown; choose from: dc, store"),
        (
            lambda: Site("x", allocation="fairshare"),
            "allocation 'fairshare' of site 'x' is unknown; did you mean 'fair_share'? "
            "choose from: fair_share, first_come, min_max_shortfall, priority, proportional",
        ),
        (
            lambda: Lane("a", "b", Empirical((0, 1), (1, 1))),
            "lead_time of lane 'a' -> 'b' must be at least 1 day, got a law that allows 0",
        ),
        (
            lambda: Lane("a", "b", order_days=("monday",)),
            "order day 'monday' of lane 'a' -> 'b' is unknown; did you mean 'mon'? "
            "choose from: fri, mon, sat, sun, thu, tue, wed",
        ),
        (
            lambda: Item.with_settings("milk", shrinkage=0.1),
            "shrinkage of item 'milk' must be a law such as {law: poisson, mean: 0.1}, got 0.1",
        ),
        (
            lambda: Item.with_settings("milk", count_class="D"),
            "count_class 'D' of item 'milk' is unknown; choose from: A, B, C",
        ),
        (lambda: Records(lag=8), "records.lag must be a whole number of days from 0 to 7, got 8"),
        (lambda: Records(lag=0.5), "records.lag must be a whole number of days from 0 to 7, got 0.5"),
        (
            lambda: Records(reconcile_every=0),
            "records.reconcile_every must be a whole number of days from 1 to 100000, got 0",
        ),
        (
            lambda: Records(count_every=(7, 30)),
            "records.count_every must be one number of days, or one for each of A, B and C, got (7, 30)",
        ),
        (
            lambda: Records(count_every="monthly"),
            "records.count_every must be a whole number of days from 0 to 100000, got monthly",
        ),
        (lambda: Records(count_error=1.5), "records.count_error must be a share between 0 and 1, got 1.5"),
        (lambda: Records(sales_misscanned=2), "records.sales_misscanned must be a share between 0 and 1, got 2"),
        (
            lambda: Records(receipts_misscanned=-0.1),
            "records.receipts_misscanned must be a share between 0 and 1, got -0.1",
        ),
        (lambda: Records(zero_balance_walk=1), "records.zero_balance_walk must be true or false, got 1"),
        (lambda: Shrinkage(of_sales=-0.1), "shrinkage.of_sales must be a share between 0 and 1, got -0.1"),
        (
            lambda: shop(features=(Shrinkage(by_category={"diary": 0.1}),)),
            "category 'diary' of shrinkage.by_category is unknown; choose from: all",
        ),
        (lambda: Costs(carrying_rate=-0.1), "carrying_rate of costs must be a number not below 0, got -0.1"),
        (
            lambda: shop(sites=[Site("store", served_by="a"), Site("a", served_by="b"), Site("b", served_by="a")]),
            "sites serve each other in a loop: 'a' -> 'b' -> 'a'; served_by must lead to a site that outside suppliers "
            "serve",
        ),
        (
            lambda: shop(sites=[Site("store", served_by="dcc"), Site("dc", "dc")]),
            "served_by 'dcc' of site 'store' is unknown; did you mean 'dc'? choose from: dc, store",
        ),
        (
            lambda: shop(demand={("milc", "store"): Poisson(1.0)}),
            "item 'milc' in the demand is unknown; did you mean 'milk'? choose from: milk",
        ),
        (lambda: shop(items=[Item("milk"), Item("milk")]), "item 'milk' is given twice; names must be unique"),
        (lambda: shop(lanes=[LANE, LANE]), "lane 'supplier' -> 'store' is given twice; names must be unique"),
        (
            lambda: shop(lanes=[Lane("farm", "store")]),
            "no lane from 'supplier' to 'store', needed to bring item 'milk' there",
        ),
        (lambda: shop(days=0), "days must be a whole number not below 1, got 0"),
        (lambda: shop(warm_up=10), "warm_up must be a whole number of weeks in days (0, 7, 14, ...), got 10"),
        (lambda: shop(opening_stock=np.array([[-1]])), "opening_stock must be whole units not below 0"),
        (lambda: shop(demand={}), "no customer asks for anything: every cell is without a demand law"),
        (lambda: Season(weekday=(1, 1)), "weekday factors of a season must be 7 numbers, got 2"),
        (
            lambda: Demand((Poisson(1.0),), np.zeros((1, 1)), source="replay"),
            "demand.source=replay needs a recorded history; use fitted",
        ),
        (
            lambda: Demand((Poisson(1.0),), np.zeros((1, 1)), cv_factor=0),
            "demand.cv_factor must be a number above 0, got 0",
        ),
    ],
)
def test_wrong_parts_are_named(build, message):
    refused(build, message)


def test_a_site_serves_through_any_number_of_tiers():
    sites = [Site("store", served_by="dc"), Site("hub", "dc"), Site("dc", "dc", served_by="hub")]
    lanes = [Lane("supplier", "hub"), Lane("hub", "dc"), Lane("dc", "store")]
    built = shop(sites=sites, lanes=lanes)
    assert built.tier.tolist() == [0, 2, 1]
    assert built.bottom_up.tolist() == [0, 2, 1]
    assert built.stocked.all()


def test_ordering_calendar_sets_the_longest_time_between_reviews():
    from restock.sim.planning.prepared import Prepared

    lane = Lane("supplier", "store", Constant(2), order_days=("mon", "thu"))
    known = Prepared(shop(lanes=[lane])).known
    assert known.longest_review(1).item() == 4
    assert known.longest_review(5).item() == 7
    assert known.protection_interval(1).item() == 4 - 1 + 2
    daily = Prepared(shop(lanes=[dataclasses.replace(lane, order_days=("mon",))])).known
    assert daily.longest_review(1).item() == 7
