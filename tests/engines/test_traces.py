"""Some days by hand, in both engines: cycles, overstock, packs, calendars, ties, customers of a DC."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from restock.policies.base_stock import BaseStock
from restock.policies.reorder_point import ReorderPoint
from restock.sim.engines.events.engine import Run
from restock.sim.features.records.settings import Records
from restock.sim.measures.ledger import NAMES, SERIES, named
from restock.sim.model.network import Costs, Item, Lane, Site
from restock.sim.model.scenario import Scenario
from restock.sim.model.unit_limits import LARGEST_UNITS
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant
from restock.sim.run.shards import run_kernel
from restock.sim.verification.cases.rules import LevelsBySite
from restock.sim.verification.cases.worlds import replayed

ONE_STORE, FROM_SUPPLIER = [Site("store")], [Lane("supplier", "store", Constant(1))]


def walked(scenario: Scenario, policy: Policy) -> tuple[list[dict[str, int]], dict[str, list[list[int]]]]:
    """The ledger of each site, and its daily figures [site][day]; both engines must give the same."""
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    run, kernel = Run(prepared, plan, 1, 0).run(), run_kernel(prepared, plan, 1, 1, series=True)
    assert (run.ledger == kernel.ledger[0]).all()
    assert (run.series == kernel.series[:, 0]).all()
    ledger = [{name: int(value) for name, value in named(row).items()} for row in run.ledger[0]]
    return ledger, {name: run.series[..., k].T.tolist() for k, name in enumerate(SERIES)}


@dataclass(frozen=True)
class EachEvening(Policy):
    """The same order every evening, of each site its own."""

    order_of: tuple[int, ...] = ()

    def levels(self, known):
        return {"order": np.array([self.order_of])}

    @staticmethod
    def rule(view, levels):
        return levels.order


TWO_WEEKS = [3, 3, 3, 3, 3, 0, 3, 3, 3, 0, 0, 0, 0, 0]
"""(s, S) = (0, 6) from 6 units, lead time 2, unmet demand lost: stock ends the days at 3 0 0 3 0 0 3 and 0 0 6 6 6 6 6;
orders of 6 on days 1, 4 and 7; demand is short on days 2 and 8."""
FIRST_WEEK = {
    "demand": 18, "filled": 15, "lost": 3, "received": 12, "ordered": 12, "orders": 2, "on_hand_days": 9,
    "on_order_days": 24, "overstock_days": 3, "demand_days": 6, "stockout_days": 1, "ready_days": 3, "cycles": 2,
    "cycles_in_stock": 1, "demand_squared": 324, "ordered_squared": 144, "opening_on_hand": 6, "closing_on_hand": 3,
    "opening_record": 6, "closing_record": 3, "record_exact_days": 7,
}  # fmt: skip
SECOND_WEEK = {
    "demand": 6, "filled": 3, "lost": 3, "received": 6, "ordered": 6, "orders": 1, "on_hand_days": 30,
    "on_order_days": 12, "overstock_days": 20, "demand_days": 2, "stockout_days": 1, "ready_days": 5, "cycles": 1,
    "cycles_in_stock": 0, "demand_squared": 36, "ordered_squared": 36, "opening_on_hand": 3, "closing_on_hand": 6,
    "opening_record": 3, "closing_record": 6, "record_exact_days": 7,
}  # fmt: skip
STATE = ("opening_on_hand", "closing_on_hand")


@pytest.mark.parametrize("days, warm_up", [(7, 0), (7, 7), (14, 0)])
def test_every_column_of_a_store(days, warm_up):
    """Stock above 2 is overstock: 1.1 days of the mean, 24 in 14 days, rounded up."""
    scenario = replayed([TWO_WEEKS], ONE_STORE, [Lane("supplier", "store", Constant(2))], [0], [6], 0.0)
    scenario = replace(scenario, days=days, warm_up=warm_up, costs=Costs(overstock_days=1.1))
    (found,), _ = walked(scenario, ReorderPoint(reorder_point=0, order_up_to_level=6))
    if days == 14:
        expected = {name: FIRST_WEEK[name] + SECOND_WEEK[name] for name in FIRST_WEEK}
        expected |= {"opening_on_hand": 6, "closing_on_hand": 6, "opening_record": 6, "closing_record": 6}
    else:
        expected = SECOND_WEEK if warm_up else FIRST_WEEK
    assert found == dict.fromkeys(NAMES, 0) | expected


@pytest.mark.parametrize(
    "pack, minimum_order, break_packs, expected",
    [
        (6, 10, False, [12, 0, 0, 0, 0, 0, 12]),  # 2 are wanted: 10 at least, and whole packs
        (6, 0, False, [6, 0, 0, 6, 0, 0, 6]),
        (1, 5, False, [5, 0, 5, 0, 0, 5, 0]),
        (6, 10, True, [2] * 7),
    ],
)
def test_orders_are_raised_to_whole_packs_and_the_minimum(pack, minimum_order, break_packs, expected):
    """Base stock 8, 2 sold a day."""
    lanes = [replace(FROM_SUPPLIER[0], break_packs=break_packs)]
    scenario = replayed([[2] * 7], ONE_STORE, lanes, [0], [8], 0.0)
    scenario = replace(scenario, items=(Item("item", pack=pack, minimum_order=minimum_order),))
    _, daily = walked(scenario, BaseStock(base_stock_level=8))
    assert daily["ordered"] == [expected]


@pytest.mark.parametrize("review_period, expected", [
    (3, [0, 4, 0, 0, 6, 0, 0, 0, 8, 0, 0, 6, 0, 0]),  # due on days 0, 4, 7 and 11: on order days or a day before
    (4, [0, 4, 0, 0, 0, 0, 0, 0, 14, 0, 0, 0, 0, 0]),  # due on days 0, 5 and 12: the next order days are 1, 8 and 15
])  # fmt: skip
def test_a_review_waits_for_an_order_day(review_period, expected):
    """Base stock 40, 2 sold a day; the run starts on a Monday, orders are taken on Tuesdays and Fridays."""
    lanes = [replace(FROM_SUPPLIER[0], order_days=("tue", "fri"))]
    scenario = replayed([[2] * 14], ONE_STORE, lanes, [0], [40], 0.0)
    _, daily = walked(scenario, BaseStock(base_stock_level=40, review_period=review_period))
    assert daily["ordered"] == [expected]


def one_dc(demand, opening, dc, stores=("a",), lead_times=(9, 1), backorder_share=0.0):
    """A DC and its stores, with the days of demand of each (none: no customers)."""
    sites = [dc, *(Site(name, served_by="dc") for name in stores)]
    lanes = [Lane("supplier", "dc", Constant(lead_times[0]))]
    lanes += [Lane("dc", name, Constant(lead_times[1])) for name in stores]
    rows = [row for row in demand if row]
    row_of = np.where([bool(row) for row in demand], np.cumsum([bool(row) for row in demand]) - 1, -1)
    return replayed(rows, sites, lanes, row_of.tolist(), opening, backorder_share)


@dataclass(frozen=True)
class WhatSold(Policy):
    """Order what the book says was sold."""

    def levels(self, known):
        return {"one": np.ones(known.stocked.shape)}

    @staticmethod
    def rule(view, levels):
        return view.sales


@pytest.mark.parametrize("share, wrong", [(0.25, 1), (0.5, 2), (1.0, 4)])
def test_wrong_scans_of_sales_are_booked_and_ordered_and_move_no_goods(share, wrong):
    """4 a day are sold: the book falls by 4 less or 4 and the share, and so much is ordered."""
    scenario = replayed([[4] * 70], ONE_STORE, FROM_SUPPLIER, [0], [300], 0.0)
    scenario = scenario.having(Records(sales_misscanned=share))
    (found,), daily = walked(scenario, WhatSold())
    assert set(daily["ordered"][0]) == {4 - wrong, 4 + wrong}
    received = [0, *daily["ordered"][0][:-1]]
    assert daily["on_hand"][0] == [300 + sum(received[: day + 1]) - 4 * (day + 1) for day in range(70)]
    too_few, too_many = (daily["ordered"][0].count(4 + sign * wrong) * wrong for sign in (-1, 1))
    assert (found["overbooked"], found["underbooked"]) == (too_few, too_many)
    assert found["closing_record"] == found["closing_on_hand"] + too_few - too_many


def test_wrong_scans_of_receipts_close_the_order_in_full():
    """5 a day arrive: 1 is booked twice or not at all; what was ordered is off order, and the goods are there."""
    scenario = replayed([[0] * 70], ONE_STORE, FROM_SUPPLIER, [0], [0], 0.0)
    scenario = scenario.having(Records(receipts_misscanned=0.2))
    (found,), daily = walked(scenario, EachEvening(order_of=(5,)))
    assert daily["on_order"][0] == [5] * 70
    assert daily["on_hand"][0] == [5 * day for day in range(70)]
    assert found["overbooked"] + found["underbooked"] == 69
    assert min(found["overbooked"], found["underbooked"]) > 20
    assert found["closing_record"] == 5 * 69 + found["overbooked"] - found["underbooked"]


def test_ties_go_to_each_store_in_turn():
    """Three stores order 1 a day, the DC has 1 a day: what it cannot ship is cancelled, and the next store is next."""
    dc = Site("dc", "dc", unshipped="cancelled")
    scenario = one_dc([[], *[[1] * 7] * 3], [1, 9, 9, 9], dc, stores=("a", "b", "c"), lead_times=(1, 1))
    ledger, daily = walked(scenario, EachEvening(order_of=(1, 1, 1, 1)))
    assert daily["received"][1:] == [[0, 1, 0, 0, 1, 0, 0], [0, 0, 1, 0, 0, 1, 0], [0, 0, 0, 1, 0, 0, 1]]
    assert [site["cancelled"] for site in ledger] == [0, 4, 5, 5]  # of 7 orders each: the last day ships to a again
    assert (ledger[0]["refused"], ledger[0]["shipped"], ledger[0]["filled"]) == (14, 7, 7)
    assert daily["on_order"][1] == [1, 0, 0, 1, 0, 0, 1]  # what was cancelled is on order no more


def test_customers_of_a_dc_and_orders_from_below_are_one_demand():
    """The DC has 6 units and sells 5; the store orders 2 on day 1 and gets 1; later customers find nothing."""
    scenario = one_dc([[5, 0, 3, 0, 0, 0, 4], [0, 2, 0, 0, 0, 0, 0]], [6, 3], Site("dc", "dc"))
    scenario = replace(scenario, costs=Costs(overstock_days=0))
    (dc, store), daily = walked(scenario, LevelsBySite(level_of=(0, 3)))
    expected = {
        "demand": 14, "filled": 6, "lost": 7, "shipped": 1, "on_hand_days": 1, "owed_days": 6, "demand_days": 4,
        "stockout_days": 3, "ready_days": 1, "demand_squared": 14**2, "opening_on_hand": 6, "closing_backorders": 1,
        "ordered": 1, "orders": 1, "on_order_days": 6, "ordered_squared": 1, "closing_on_order": 1,
        "overstock_days": 1, "opening_record": 6, "record_exact_days": 7,
    }  # fmt: skip
    assert dc == dict.fromkeys(NAMES, 0) | expected
    assert daily["demand"][0] == [5, 2, 3, 0, 0, 0, 4]
    assert daily["on_hand"][1] == [3, 1, 2, 2, 2, 2, 2]
    assert (store["received"], store["closing_on_order"]) == (1, 1)


def test_fair_shares_count_customers_who_wait():
    """Two empty stores alike, but 4 customers wait at the first: all that the DC has goes there, not half of it."""
    scenario = one_dc([[], [4, 0], [0, 4]], [4, 0, 0], Site("dc", "dc", allocation="fair_share"), ("a", "b"),
                      backorder_share=1.0)  # fmt: skip
    _, daily = walked(scenario, EachEvening(order_of=(0, 4, 4)))
    assert daily["received"] == [[0, 0], [0, 4], [0, 0]]


@dataclass(frozen=True)
class ByEchelon(Policy):
    """Raise the echelon's position to a level, of each site its own."""

    level_of: tuple[int, ...] = ()

    def levels(self, known):
        return {"level": np.array([self.level_of])}

    @staticmethod
    def rule(view, levels):
        return max(0, levels.level - view.echelon_position)


def test_an_echelon_is_all_that_lies_below():
    """5 at the hub, 7 at the DC and 9 less 2 at the store are 19; 3 that it orders change nothing."""
    sites = [Site("hub", "dc"), Site("dc", "dc", served_by="hub"), Site("a", served_by="dc")]
    lanes = [Lane("supplier", "hub", Constant(3)), Lane("hub", "dc", Constant(3)), Lane("dc", "a", Constant(3))]
    scenario = replayed([[2, 2]], sites, lanes, [-1, -1, 0], [5, 7, 9], 0.0)
    _, daily = walked(scenario, ByEchelon(level_of=(30, 17, 0)))
    assert daily["ordered"] == [[30 - 19, 2], [17 - 14, 2], [0, 0]]


class MoreBelowThanALevelMayBe(Policy):
    """What the sites below have beyond the largest level."""

    def levels(self, known):
        return {"largest": LARGEST_UNITS}

    @staticmethod
    def rule(view, levels):
        return max(0, view.echelon_position - levels.largest)


def test_what_lies_below_counts_up_to_the_largest_level():
    much = 150_000_000
    scenario = one_dc([[], [1], [1]], [0, much, much], Site("dc", "dc"), ("a", "b"))
    _, daily = walked(scenario, MoreBelowThanALevelMayBe())
    assert 2 * (much - 1) > LARGEST_UNITS and daily["ordered"] == [[0], [0], [0]]
