"""From today's state forward: hand-made cases with known chances, both engines, and chances that come true."""

import numpy as np
import pandas as pd
import pytest
from chains import LEAN, small_chain
from scipy.stats import poisson

from restock.policies.base_stock import BaseStock
from restock.sim.features.records.settings import Records
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.opening.opening_state import NOT_TOLD, OpeningState
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Empirical, Poisson
from restock.sim.run.executors import Executor
from restock.sim.run.item_days import ItemDays, days_by_events, each_item
from restock.sim.statistics import share_interval
from restock.sim.study.projection.lines import projection_lines
from restock.sim.study.projection.projection import project
from restock.sim.study.projection.reliability import by_tenths, scores

NEVER = BaseStock(base_stock_level=0)


def shop(law, on_hand, orders=(), days=14, lead_time=3, arrive="expected", **settings):
    """One item at one store, bought at 2 and sold at 5."""
    opening = OpeningState(np.array([[on_hand]]), open_orders=list(orders), arrive=arrive)
    item = Item("milk", unit_cost=2.0, unit_price=5.0)
    lane = Lane("supplier", "store", Constant(lead_time))
    scenario = scenario_of("shop", [item], [Site("store")], [lane], {("milk", "store"): law}, days=days,
                           opening=opening, **settings)  # fmt: skip
    return Prepared(scenario)


def projected(prepared, policy=NEVER, futures=20, seed=1):
    return project(prepared, prepared.plan(policy), "mine", futures, seed)


def test_a_delivery_that_comes_too_late_is_a_shortage_before_it_and_what_it_costs():
    found = projected(shop(Constant(3), 7, [(0, 0, 100, -1, 4)]))
    (row,) = found.at_risk.itertuples()
    assert (row.chance, row.days_to_delivery, row.chance_of_delivery) == (1.0, 4.0, 1.0)
    assert row.lost_units == 2 + 3 and row.money_at_risk == 5 * (5 - 2)  # days 2 and 3, before day 4's morning
    in_time = projected(shop(Constant(3), 7, [(0, 0, 100, -1, 2)]))
    assert len(in_time.at_risk) == 0
    assert "none of 1 cells" in "\n".join(projection_lines(in_time))


def test_a_shortage_after_the_next_delivery_is_none_before_it():
    found = projected(shop(Constant(3), 7, [(0, 0, 2, -1, 1)]))
    assert len(found.at_risk) == 0 and found.of_cells("short").tolist() == [20]


def test_without_a_delivery_a_shortage_in_any_week_counts():
    (row,) = projected(shop(Constant(3), 7)).at_risk.itertuples()
    assert (row.chance, row.days_to_delivery, row.chance_of_delivery) == (1.0, 14.0, 0.0)
    assert row.lost_units == 14 * 3 - 7


def test_the_chance_is_that_of_the_law_and_its_interval_holds_it():
    found = projected(shop(Poisson(3.0), 10, [(0, 0, 100, -1, 3)]), futures=1500)
    (row,) = found.at_risk.itertuples()
    true = poisson.sf(10, 9)
    assert row.chance == pytest.approx(true, abs=3 * (true * (1 - true) / 1500) ** 0.5)
    assert row.chance_low < true < row.chance_high
    units = np.arange(11, 80)
    lost = ((units - 10) * poisson.pmf(units, 9)).sum()
    assert row.lost_units_low - 0.05 < lost < row.lost_units_high + 0.05


def test_an_order_without_a_date_comes_by_the_law_given_that_it_is_not_here():
    law = Empirical((1, 5), (0.5, 0.5))
    prepared = shop(Constant(3), 7, [(0, 0, 100, -2, NOT_TOLD)], arrive="law")
    scenario = prepared.scenario.having(lanes=(Lane("supplier", "store", law),))
    (row,) = projected(Prepared(scenario)).at_risk.itertuples()  # ordered two days ago and not here: day 3
    assert (row.days_to_delivery, row.lost_units) == (3.0, 2.0)


def test_stock_that_will_not_sell_and_days_of_cover():
    found = projected(shop(Constant(3), 50, [(0, 0, 10, -1, 2)]))
    (row,) = found.excess.itertuples()
    assert (row.demand, row.excess_units, row.excess_money) == (42.0, 8.0, 16.0)
    assert (row.excess_in_all_units, row.excess_in_all_money) == (18.0, 36.0)
    assert row.days_of_cover == pytest.approx(50 / 3)


def test_orders_now_are_the_rule_on_todays_state_and_tonights_are_the_same_where_books_lag():
    prepared = shop(Poisson(3.0), 7, [(0, 0, 2, -1, 4)])
    found = projected(prepared, BaseStock(base_stock_level=20))
    row = found.orders.iloc[0]
    assert row["now"] == 20 - 7 - 2 and row["tonight"] > row["now"]  # today's customers take some
    lagging = Prepared(prepared.scenario.having(Records(lag=1)))
    again = projected(lagging, BaseStock(base_stock_level=20)).orders.iloc[0]
    assert again["now"] == again["tonight"] == again["tonight_low"] == again["tonight_high"] == 11
    assert again["source"] == "supplier" and again["week_1"] > 11


def test_packs_minimum_orders_and_order_days_bind_orders_now():
    prepared = shop(Constant(3), 7)
    item = prepared.scenario.items[0].having(pack=6, minimum_order=15)
    packed = Prepared(prepared.scenario.having(items=(item,)))
    assert projected(packed, BaseStock(base_stock_level=20)).orders["now"].tolist() == [18]
    shut = Lane("supplier", "store", Constant(3), order_days=("tue",))  # the first day is a Monday
    closed = projected(Prepared(packed.scenario.having(lanes=(shut,))), BaseStock(base_stock_level=20)).orders
    assert closed["now"].tolist() == [0] and closed["week_1"].tolist() == [24]


def test_units_are_those_of_the_trade_whatever_an_item_is_counted_in():
    prepared = shop(Constant(3), 50, [(0, 0, 10, -1, 2)])
    item = prepared.scenario.items[0].having(counted_in=0.1)
    found = projected(Prepared(prepared.scenario.having(items=(item,)))).excess.iloc[0]
    assert found[["on_hand", "on_order", "demand", "excess_units"]].tolist() == pytest.approx([5, 1, 4.2, 0.8])
    assert found["excess_money"] == 16.0  # its cost is that of one that is counted


def chain_with_state(days=21):
    prepared = small_chain(items=5, stores=2, days=days, warm_up=0)
    random = np.random.default_rng(3)
    stocked = prepared.scenario.stocked
    on_hand = np.where(stocked, random.integers(0, 9, stocked.shape), 0)
    orders = [(int(i), int(n), int(random.integers(1, 9)), -1, int(random.integers(0, 4)))
              for i, n in np.argwhere(stocked)[::2]]  # fmt: skip
    return Prepared(prepared.scenario.having(opening=OpeningState(on_hand, open_orders=orders, arrive="expected")))


def test_both_engines_see_the_same_days():
    prepared = chain_with_state()
    plan, replications = prepared.plan(LEAN), 5
    by_kernel = list(_of_kernel(prepared, plan, replications))
    of_events = days_by_events(prepared, plan, 1, replications)
    assert [each.item for each in by_kernel] == [0, 1, 2, 3, 4]
    for each in by_kernel:
        assert (each.figures == of_events[:, :, each.item]).all()


def _of_kernel(prepared, plan, replications):
    """Never the event engine, however small the run."""
    import restock.sim.run.item_days as daily

    asked, daily.by_events = daily.by_events, lambda *given: False
    try:
        yield from each_item(prepared, plan, 1, replications, _copied, Executor())
    finally:
        daily.by_events = asked


def _copied(days):
    return ItemDays(days.item, days.figures.copy())


def test_the_fan_adds_up_what_cells_hold_and_sell():
    prepared = chain_with_state()
    plan = prepared.plan(LEAN)
    found = project(prepared, plan, "lean", 6, seed=1)
    days = days_by_events(prepared, plan, 1, 6)
    cost = np.array([item.unit_cost for item in prepared.scenario.items])
    fan = found.fan.set_index(["measure", "class", "week"])
    assert fan.loc[("stock_at_cost", "all", 0), "median"] == (prepared.scenario.opening.on_hand * cost[:, None]).sum()
    of_week = np.einsum("rin,i->r", days[13, ..., 4], cost)
    assert fan.loc[("stock_at_cost", "all", 2), "median"] == pytest.approx(np.median(of_week))
    stores = days[7:14, :, :, 1:]
    share = stores[..., 1].sum(axis=(0, 2, 3)) / stores[..., 0].sum(axis=(0, 2, 3))
    assert fan.loc[("fill_rate", "all", 2), "low_50"] == pytest.approx(np.quantile(share, 0.25))
    parts = [fan.loc[("stock_at_cost", name, 0), "median"] for name in "ABC" if ("stock_at_cost", name, 0) in fan.index]
    assert sum(parts) == fan.loc[("stock_at_cost", "all", 0), "median"]
    bought = days[:7, :, :, 0, 3].sum(axis=0) @ cost  # the DC, which suppliers serve
    assert found.bought[1] == pytest.approx(bought)


def test_the_report_is_a_page_and_says_each_part():
    lines = projection_lines(project(chain_with_state(), chain_with_state().plan(LEAN), "lean", 20, seed=1))
    said = "\n".join(lines)
    assert len(lines) < 40 and "after 3 weeks" in said and "with a chance of 50% or more" in said
    assert "Orders on suppliers at cost, and 80% of futures: tonight " in said


def test_right_chances_come_true_and_wrong_ones_do_not():
    random = np.random.default_rng(2)
    chance = random.uniform(0, 1, 4000)
    happened = (random.random(4000) < chance).astype(float)
    cells = pd.DataFrame({"event": "in_all", "item": "x", "site": [f"s{k % 25}" for k in range(4000)],
                          "class": "A", "chance": chance, "happened": happened})  # fmt: skip
    right = by_tenths(cells)
    assert right[right["group"] == "all"]["right"].sum() >= 9
    too_low = by_tenths(cells.assign(chance=chance**2))
    assert too_low[too_low["group"] == "all"]["right"].sum() <= 3
    true, wrong = (scores(each).iloc[0] for each in (cells, cells.assign(chance=chance**2)))
    assert true["brier"] == pytest.approx(1 / 6, abs=0.02) and true["brier"] < wrong["brier"]
    assert true["brier_of_share"] == pytest.approx(0.25, abs=0.01)


def test_places_that_are_short_together_widen_the_interval():
    one = pd.DataFrame({"event": "in_all", "item": "x", "class": "A", "chance": 0.55,
                        "site": np.repeat([f"s{k}" for k in range(10)], 30)})  # fmt: skip
    together = one.assign(happened=np.repeat([1.0, 0.0] * 5, 30))
    apart = one.assign(happened=np.tile([1.0, 0.0], 150))
    wide, narrow = (by_tenths(each).iloc[0] for each in (together, apart))
    assert narrow["high"] - narrow["low"] == pytest.approx(2 * 0.056, abs=0.005)
    assert wide["high"] - wide["low"] > 5 * (narrow["high"] - narrow["low"])


def test_the_interval_of_a_share_is_wilsons():
    low, high = share_interval(np.array([1, 10]), 10)
    assert low == pytest.approx([0.0179, 0.7225], abs=1e-3) and high == pytest.approx([0.4042, 1.0], abs=1e-3)
