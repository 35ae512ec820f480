"""Exact and published cases, in both engines.

Most published cases order before the day's demand with lead time L: that is restock's day with lead time L + 1.
"""

from __future__ import annotations

import numpy as np
import pytest

from policies.base_stock import BaseStock
from policies.reorder_point import ReorderPoint
from sim import sharing
from sim.demand import Demand, History
from sim.engine import Run, run_events
from sim.laws import Constant, Empirical, Poisson
from sim.ledger import NAMES
from sim.network import Item, Lane, Site
from sim.policy import Policy
from sim.scenario import Scenario, scenario_of
from sim.simulate import Prepared, run_kernel

COLUMN = {name: k for k, name in enumerate(NAMES)}
T99 = 2.576


def one_cell(law, lead_time, backorder_share=1.0, opening=20, days=7 * 520, warm_up=7 * 20):
    items, lanes = [Item("item", backorder_share=backorder_share)], [Lane("supplier", "store", lead_time)]
    stock = np.array([[opening]])
    demand = {("item", "store"): law}
    return scenario_of(
        "one cell", items, [Site("store")], lanes, demand, days=days, warm_up=warm_up, opening_stock=stock
    )


def traced(demand, lead_time, opening, backorder_share):
    """A scenario that replays given days exactly."""
    days = len(demand)
    padded = np.array([list(demand) + [0] * (-days % 7)])
    scenario = one_cell(Constant(1), Constant(lead_time), backorder_share, opening, days=days, warm_up=0)
    replay = Demand((Constant(1),), np.zeros((1, 1)), history=History(padded, np.zeros((1, 1), int), scenario.start),
                    source="replay")  # fmt: skip
    return Scenario(scenario.name, scenario.items, scenario.sites, scenario.lanes, replay, days=days,
                    opening_stock=scenario.opening_stock)  # fmt: skip


def column(ledger, name):
    return ledger[..., COLUMN[name]]


def covers(samples, expected, relative):
    """A 99% interval over replications covers the value, and is narrow."""
    mean, half = samples.mean(), T99 * samples.std(ddof=1) / np.sqrt(len(samples))
    assert abs(mean - expected) <= half + 1e-9, f"{mean} +- {half} against {expected}"
    assert half <= relative * max(abs(expected), 1e-9) + 1e-9, f"half-width {half} of {expected}"


def steady(scenario, policy, replications=400):
    """The kernel's ledger, after the event engine has agreed on the first replications."""
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    kernel = run_kernel(prepared, plan, seed=20, replications=replications).ledger
    assert (run_events(prepared, plan, seed=20, replications=2).ledger == kernel[:2]).all()
    return kernel[:, 0, 0]


# --- golden traces -------------------------------------------------------------------------------------------------
DEMAND = [6, 3, 7, 0, 9, 4, 8, 2, 5, 6, 12, 3, 4, 4]
TRACES = {
    # receive, order, demand, with backorders: our day with lead time L + 1, one day of no demand put first
    "A": (3, 1.0, {
        "ordered": [0, 0, 0, 21, 0, 0, 0, 21, 0, 0, 0, 25, 0, 0],
        "filled": [6, 3, 7, 0, 4, 4, 8, 2, 2, 6, 12, 0, 0, 4],
        "on_hand": [14, 11, 4, 4, 0, 12, 4, 2, 0, 12, 0, 0, 0, 14],
        "backorders": [0, 0, 0, 0, 5, 0, 0, 0, 3, 0, 0, 3, 7, 0]}),
    # receive, demand, order, with backorders: restock's own day
    "B": (2, 1.0, {
        "received": [0, 0, 0, 0, 21, 0, 0, 0, 21, 0, 0, 0, 25, 0],
        "ordered": [0, 0, 21, 0, 0, 0, 21, 0, 0, 0, 25, 0, 0, 0],
        "filled": [6, 3, 7, 0, 9, 4, 8, 2, 5, 6, 12, 0, 4, 4],
        "on_hand": [14, 11, 4, 4, 16, 12, 4, 2, 18, 12, 0, 0, 18, 14],
        "backorders": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0],
        "on_order": [0, 0, 21, 21, 0, 0, 21, 21, 0, 0, 25, 25, 0, 0]}),
    # receive, order, demand, with lost sales
    "C": (3, 0.0, {
        "ordered": [0, 0, 0, 21, 0, 0, 0, 16, 0, 0, 0, 25, 0, 0],
        "filled": [6, 3, 7, 0, 4, 4, 8, 2, 5, 6, 12, 0, 0, 4],
        "on_hand": [14, 11, 4, 4, 0, 17, 9, 7, 2, 12, 0, 0, 0, 21]}),
}  # fmt: skip


@pytest.mark.parametrize("convention", TRACES)
def test_trace_of_an_s_S_policy(convention):
    """Case TRACE-sS: (s, S) = (10, 25), L = 2, three event conventions; hand-checkable."""
    lead_time, share, expected = TRACES[convention]
    shift = convention != "B"
    prepared = Prepared(traced([0] * shift + DEMAND, lead_time, 20, share))
    plan = prepared.plan(ReorderPoint(reorder_point=10, order_up_to_level=25))
    run = Run(prepared, plan, 1, 0, log=True).run()
    kernel = run_kernel(prepared, plan, 1, 1, series=True)
    assert (kernel.series[:, 0] == run.series).all()
    assert (kernel.ledger[0] == run.ledger).all()
    for name, values in expected.items():
        got = [getattr(day, name) for day in run.daily]
        if name == "ordered" and shift:  # the order that convention A places in the morning, we place the night before
            assert got[:-1] == values, name
        else:
            assert got[shift:] == values, name
    assert column(run.ledger, "lost").sum() == (12 if convention == "C" else 0)


class DcFromYesterday(Policy):
    """The DC orders up to 40 every third day; the stores order up to 14 and 20 daily."""

    def levels(self, known):
        return {"base_stock_level": np.array([[40, 14, 20]])}

    @staticmethod
    def rule(view, levels):
        return max(0, levels.base_stock_level - view.inventory_position)

    def plan(self, known):
        plan = super().plan(known)
        plan.review_period[0, 0] = 3
        return plan


def test_trace_of_a_dc_and_two_stores_with_fair_share():
    """Case TRACE-DC: fair-share rationing and partial shipments; hand-checkable.

    There the DC reviews before the stores order, and all order before the day's demand: in restock's day the DC's
    order moves to the evening before (lead time 3 + 1), the stores' too (1 + 1), and demand starts two days later.
    """
    demand = [[4, 5, 3, 6, 4, 7, 2, 5, 6, 3, 4, 5], [6, 8, 7, 5, 9, 6, 8, 7, 6, 10, 5, 7]]
    units = np.array([[0, 0, *row] for row in demand])
    sites = [Site("dc", "dc", allocation="fair_share"), Site("a", served_by="dc"), Site("b", served_by="dc")]
    lanes = [Lane("supplier", "dc", Constant(4)), Lane("dc", "a", Constant(2)), Lane("dc", "b", Constant(2))]
    cells = np.array([[-1, 0, 1]])
    start = Scenario.__dataclass_fields__["start"].default
    replay = Demand((Constant(1),), np.minimum(cells, 0), history=History(units, cells, start), source="replay")
    scenario = Scenario("trace", [Item("item")], sites, lanes, replay, days=14, opening_stock=np.array([[20, 14, 20]]))
    prepared = Prepared(scenario)
    prepared.world.daily_rate[0, 1:] = [4.5, 7.0]  # the case states its own rates
    plan = prepared.plan(DcFromYesterday())
    run = Run(prepared, plan, 1, 0, log=True).run()
    assert (run_kernel(prepared, plan, 1, 1).ledger[0] == run.ledger).all()
    of = {(day.site, day.day): day for day in run.daily}
    shipped = {(e.site, e.day): e.quantity for e in run.log if e.what == "shipped to"}
    expect_dc_orders = [20, 0, 0, 23, 0, 0, 34, 0, 0, 29, 0, 0]
    assert [of["dc", t].ordered for t in range(12)] == expect_dc_orders
    assert [of["a", t + 1].ordered for t in range(12)] == [0, 4, 5, 3, 6, 4, 7, 1, 5, 5, 0, 4]
    assert [of["b", t + 1].ordered for t in range(12)] == [0, 6, 8, 7, 5, 9, 6, 3, 7, 6, 0, 5]
    ships = [[shipped.get((s, t + 1), 0) for t in range(12)] for s in "ab"]
    assert ships == [[0, 4, 3, 5, 4, 0, 10, 0, 0, 14, 0, 0], [0, 6, 7, 8, 3, 0, 13, 0, 0, 20, 0, 0]]
    assert [of["a", t + 2].on_hand for t in range(12)] == [10, 5, 6, 3, 4, 1, 0, 5, 0, 0, 10, 5]
    assert [of["b", t + 2].on_hand for t in range(12)] == [14, 6, 5, 7, 6, 3, 0, 6, 0, 0, 15, 8]
    assert [of["dc", t + 1].on_hand for t in range(12)] == [20, 10, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0]
    assert column(run.ledger, "lost")[0, 1:].tolist() == [5, 15]


# --- base stock ----------------------------------------------------------------------------------------------------
def test_base_stock_with_poisson_demand_and_lead_time_two():
    """Case PBS-L2: S = 20, Poisson(5), L = 2 (here 3): net stock is S - demand of three days (Zipkin 2000, ch. 9)."""
    scenario = one_cell(Poisson(5.0), Constant(3))
    books = steady(scenario, BaseStock(base_stock_level=20))
    days = scenario.days
    covers(column(books, "on_hand_days") / days, 5.2123, 0.01)
    covers(column(books, "backorder_days") / days, 0.2123, 0.04)
    covers(column(books, "filled") / column(books, "demand"), 0.958096, 0.002)
    cost = (column(books, "on_hand_days") + 9 * column(books, "backorder_days")) / days
    covers(cost, 7.123, 0.01)


JIT_CASES = {  # (on time, S): mean on hand, mean backorders, fill rate; demand Poisson(5), on time 1 day, late 3 days
    (1.0, 10): (1.2511, 1.2511, 0.754217),
    (1.0, 15): (5.103479, 0.103479, 0.979323),
    (0.95, 10): (1.142138, 1.642138, 0.701917),
    (0.95, 15): (4.752487, 0.252487, 0.952254),
    (0.9, 10): (1.038104, 2.038104, 0.651287),
    (0.9, 15): (4.412899, 0.412899, 0.924234),
}


@pytest.mark.parametrize("on_time, level", JIT_CASES)
def test_just_in_time_and_a_one_day_buffer_when_orders_come_late(on_time, level):
    """Case JIT: each daily order late on its own with probability 1 - on_time (convolution of per-order mixtures)."""
    on_hand, backorders, fill = JIT_CASES[on_time, level]
    lead = Constant(2) if on_time == 1 else Empirical((2, 4), (on_time, 1 - on_time))
    scenario = one_cell(Poisson(5.0), lead)
    books = steady(scenario, BaseStock(base_stock_level=level))
    covers(column(books, "on_hand_days") / scenario.days, on_hand, 0.02)
    covers(column(books, "backorder_days") / scenario.days, backorders, 0.04)
    covers(column(books, "filled") / column(books, "demand"), fill, 0.003)


@pytest.mark.parametrize("level, fill, on_hand", [(10, 0.81, 0.0), (15, 0.99, 4.05)])
def test_constant_demand_shows_what_lateness_alone_does(level, fill, on_hand):
    """Case JIT, constant demand of 5, 10% of orders late; and on time, nothing is ever short."""
    scenario = one_cell(Constant(5), Empirical((2, 4), (0.9, 0.1)))
    books = steady(scenario, BaseStock(base_stock_level=level))
    covers(column(books, "filled") / column(books, "demand"), fill, 0.002)
    covers(column(books, "on_hand_days") / scenario.days, on_hand, 0.01)
    punctual = steady(one_cell(Constant(5), Constant(2)), BaseStock(base_stock_level=level), replications=3)
    assert (column(punctual, "filled") == column(punctual, "demand")).all()
    assert (column(punctual, "on_hand_days") == (level - 10) * scenario.days).all()


# --- reorder point -------------------------------------------------------------------------------------------------
SS_L3 = {  # orders a day, order size, on hand, backorders, fill rate, cost
    (20, 40): (0.222223, 22.499906, 11.844148, 0.195954, 0.963467, 20.274428),
    (17, 33): (0.270259, 18.500789, 7.242985, 0.617261, 0.89132, 20.906098),
    (24, 36): (0.344953, 14.494719, 11.657118, 0.062335, 0.987889, 22.566729),
    (19, 37): (0.243904, 20.499858, 9.940021, 0.301725, 0.944642, 19.972669),
}


@pytest.mark.parametrize("low, high", SS_L3)
def test_s_S_with_lead_time_three(low, high):
    """Case SS-L3: K = 30, h = 1, p = 9, Poisson(5), L = 3 (here 4); exact by the position's Markov chain."""
    orders, size, on_hand, backorders, fill, cost = SS_L3[low, high]
    scenario = one_cell(Poisson(5.0), Constant(4), opening=30)
    books = steady(scenario, ReorderPoint(reorder_point=low, order_up_to_level=high))
    days = scenario.days
    covers(column(books, "orders") / days, orders, 0.01)
    covers(column(books, "ordered") / column(books, "orders"), size, 0.01)
    covers(column(books, "on_hand_days") / days, on_hand, 0.01)
    covers(column(books, "backorder_days") / days, backorders, 0.06)
    covers(column(books, "filled") / column(books, "demand"), fill, 0.002)
    spent = 30 * column(books, "orders") + column(books, "on_hand_days") + 9 * column(books, "backorder_days")
    covers(spent / days, cost, 0.01)


@pytest.mark.parametrize("mean, low, high, cost", [(10, 6, 40, 35.0216), (21, 15, 65, 50.406), (63, 54, 73, 78.2868)])
def test_cost_of_the_best_s_S_policy(mean, low, high, cost):
    """Case ZF1991: K = 64, h = 1, p = 9, L = 0 (here 1); Zheng & Federgruen (1991), Table 1."""
    scenario = one_cell(Poisson(float(mean)), Constant(1), opening=high)
    books = steady(scenario, ReorderPoint(reorder_point=low, order_up_to_level=high))
    spent = 64 * column(books, "orders") + column(books, "on_hand_days") + 9 * column(books, "backorder_days")
    covers(spent / scenario.days, cost, 0.01)


# --- allocation ----------------------------------------------------------------------------------------------------
def test_allocation_of_a_short_dc():
    """Case ALLOCATION: 24 units against orders of 12, 10, 8 and 6; the fractional shares are the case's."""
    orders, positions, rates = [12, 10, 8, 6], [2, 10, 6, 30], [4.0, 5.0, 2.0, 6.0]
    proportional = sharing.proportional(24, orders)
    assert proportional == [8, 7, 5, 4]
    assert np.abs(np.array(proportional) - [8, 6.666667, 5.333333, 4]).max() < 1
    assert sharing.by_priority(24, orders) == [12, 10, 2, 0]
    fair = sharing.fair_share(24, [99, 99, 99, 99], positions, rates)
    assert sum(fair) == 24 and np.abs(np.array(fair) - [13.272727, 9.090909, 1.636364, 0]).max() < 1


@pytest.mark.parametrize("rule, expected", [("proportional", [8, 7, 5, 4]), ("priority", [12, 10, 2, 0])])
def test_allocation_in_both_engines(rule, expected):
    """The same shortage as a scenario: stores order 12, 10, 8 and 6 from a DC that has 24."""
    names = ["w", "x", "y", "z"]
    sites = [Site("dc", "dc", allocation=rule), *(Site(s, served_by="dc") for s in names)]
    lanes = [Lane("supplier", "dc", Constant(9)), *(Lane("dc", s, Constant(1)) for s in names)]
    demand = {("item", s): Constant(units) for s, units in zip(names, [12, 10, 8, 6], strict=True)}
    stock = np.array([[24, 12, 10, 8, 6]])
    scenario = scenario_of("short", [Item("item")], sites, lanes, demand, days=2, opening_stock=stock)

    class AsSold(Policy):
        def levels(self, known):
            return {"base_stock_level": np.array([[0, 12, 10, 8, 6]])}

        @staticmethod
        def rule(view, levels):
            return max(0, levels.base_stock_level - view.inventory_position)

    prepared = Prepared(scenario)
    plan = prepared.plan(AsSold())
    for ledger in (run_kernel(prepared, plan, 1, 1).ledger[0], Run(prepared, plan, 1, 0).run().ledger):
        assert column(ledger, "received")[0, 1:].tolist() == expected


def test_littles_law_holds_for_the_pipeline():
    """Case IDENTITIES: mean on order = order rate x mean lead time, random crossing lead times."""
    scenario = one_cell(Poisson(5.0), Empirical((1, 2, 6), (2, 2, 1)), days=7 * 520)
    books = steady(scenario, BaseStock(base_stock_level=30))
    mean_lead = (1 * 2 + 2 * 2 + 6) / 5
    covers(column(books, "on_order_days") / column(books, "ordered"), mean_lead, 0.01)
