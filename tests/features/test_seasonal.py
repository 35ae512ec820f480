"""Seasons: when goods are bought, what a lower price does to demand, what is cleared at the end, what that costs."""

import dataclasses
import datetime

import numpy as np
import pytest
from chains import RICH, ledger_of

from restock.policies.base_stock import BaseStock
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.errors import InputError
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.features.selling_season.settings import Markdown, SellingSeason, SellingSeasons
from restock.sim.measures.facts import facts
from restock.sim.measures.ledger import named
from restock.sim.measures.measures import measure_values
from restock.sim.model.demand import Demand, History
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.results.expected_demand import no_control
from restock.sim.run.shards import run_kernel
from restock.sim.theory.loss import complementary_loss, loss


def shop(demand, season, lead_time=1, opening=0, days=84, **settings):
    coat = Item.with_settings("coat", unit_cost=20.0, unit_price=50.0, selling_season=season)
    lanes = [Lane("supplier", "store", Constant(lead_time))]
    return scenario_of("shop", [coat], [Site("store")], lanes, {("coat", "store"): demand}, days=days,
                       opening_stock=np.array([[opening]]), **settings)  # fmt: skip


def books(scenario, policy=RICH, replications=64):
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    kernel = run_kernel(prepared, plan, 7, replications).ledger
    assert (run_events(prepared, plan, 7, 2).ledger == kernel[:2]).all()
    return named(kernel)


def diary(scenario, policy=RICH):
    prepared = Prepared(scenario)
    return Run(prepared, prepared.plan(policy), 1, 0, log=True).run()


def test_a_one_shot_buy_is_a_newsvendor():
    """Bought on day 0 only, here on day 1, sold to day 20: units cleared and lost have their closed form."""
    season, quantity = SellingSeason(21, first_order=0, last_order=0), 108
    of = books(shop(Poisson(5.0), season, days=28), BaseStock(base_stock_level=quantity), 3000)
    whole = Poisson(100.0).pmf()
    cleared, lost = float(complementary_loss(whole, quantity)), float(loss(whole, quantity))
    assert (of["ordered"] == quantity).all()
    assert of["cleared"].mean() == pytest.approx(cleared, abs=0.5)  # 3 standard errors
    first_day = 5.0  # before the goods are there, all is lost
    assert of["lost"].mean() == pytest.approx(first_day + lost, abs=0.3)
    assert of["closing_on_hand"].sum() == 0


def test_what_is_left_or_comes_late_is_cleared_at_every_site():
    """The season ends on day 10; the DC still has stock, and a delivery is to come to it on day 12."""
    sites = [Site("dc", "dc"), Site("store", served_by="dc")]
    lanes = [Lane("supplier", "dc", Constant(6)), Lane("dc", "store", Constant(1))]
    coat = Item.with_settings("coat", selling_season=SellingSeason(10, last_order=6))
    scenario = scenario_of("chain", [coat], sites, lanes, {("coat", "store"): Constant(2)}, days=14,
                           opening_stock=np.array([[30, 9]]))  # fmt: skip

    class Daily(BaseStock):
        """Two units every evening."""

        @staticmethod
        def rule(view, levels):
            return 2

    run = diary(scenario, Daily())
    dc, store = ([day for day in run.daily if day.site == name] for name in ("dc", "store"))
    assert [day.ordered for day in dc] == [2] * 7 + [0] * 7  # from outside: to the last day of the window
    assert [day.ordered for day in store] == [2] * 10 + [0] * 4  # from the DC: to the day before the end
    assert [day.demand for day in store] == [2] * 10 + [0] * 4
    assert [day.cleared for day in dc] == [0] * 10 + [30 - 2 * 10 + 2 * 5, 2, 2, 0]
    assert [day.cleared for day in store] == [0] * 10 + [9, 0, 0, 0]
    assert all(day.on_hand == day.record == 0 for day in run.daily if day.day >= 10)
    books(scenario, Daily(), 2)


def test_a_markdown_by_date_raises_demand_from_that_day():
    """30% off, elasticity 2: demand 2.04 times as high; the days before keep their draws, demand and price."""
    plain, reduced = (
        shop(Poisson(4.0), SellingSeason(70, markdown=markdown), opening=3000)
        for markdown in (None, Markdown(30, 2.0, from_day=31))
    )
    asked = []
    for scenario in (plain, reduced):
        prepared = Prepared(scenario)
        asked.append(run_kernel(prepared, prepared.plan(RICH), 3, 300, series=True).series[:, :, 0, 0])
    assert (asked[0][:31] == asked[1][:31]).all()
    assert (asked[0] <= asked[1]).all()  # the same draw, from a law with more
    assert asked[1][31:70].mean() == pytest.approx(4 * 2.04, rel=0.01)
    assert asked[1][70:].sum() == 0
    of = books(reduced, replications=5)
    sold = of["filled"].sum() + of["backorders_served"].sum()
    assert 0 < of["marked_down"].sum() < sold
    assert (of["markdown_points"] == 30 * of["marked_down"]).all()


def test_a_lower_price_alone_moves_no_goods():
    """Without elasticity a markdown changes the money and nothing else, also where customers bring demand recorded."""
    units = np.random.default_rng(1).poisson(4, (1, 70))
    history = History(units, np.zeros((1, 1), int), datetime.date(2024, 1, 1))
    recorded = Demand((Poisson(1.0),), np.zeros((1, 1), int), history=history, source="replay")
    ledgers = []
    for markdown in (None, Markdown(40, from_day=20)):
        scenario = shop(Poisson(4.0), SellingSeason(60, markdown=markdown), opening=30)
        ledgers.append(books(dataclasses.replace(scenario, demand=recorded), replications=3))
    differ = {name for name in ledgers[0] if (ledgers[0][name] != ledgers[1][name]).any()}
    assert differ == {"marked_down", "markdown_points"}


@pytest.mark.parametrize("stock, since", [(181, 0), (180, 7), (140, 21)])
def test_cover_is_looked_at_once_a_week(stock, since):
    """Two a day for 60 days: marked down on the first day of a week on which more than 1.5 times that is left."""
    markdown = Markdown(10, cover=1.5)
    run = diary(shop(Constant(2), SellingSeason(60, markdown=markdown), opening=stock), BaseStock(base_stock_level=0))
    noted = [(entry.day, entry.quantity) for entry in run.log if entry.what == "percent off"]
    if stock == 181:
        assert noted == [(0, 10)]  # 181 > 1.5 * 2 * 60
    elif stock == 180:
        assert noted == [(7, 10)]  # 180 - 14 > 1.5 * 2 * 53
    else:
        days = [day for day in range(0, 60, 7) if stock - 2 * day > 1.5 * 2 * (60 - day)]
        assert noted == [(days[0], 10)] and since < days[0]
    of = books(shop(Constant(2), SellingSeason(60, markdown=markdown), opening=stock), BaseStock(base_stock_level=0))
    assert (of["marked_down"] == min(stock - 2 * noted[0][0], 2 * (60 - noted[0][0]))).all()


def test_cover_is_judged_from_the_record_and_each_site_on_its_own():
    """Shrinkage that nobody sees leaves the record high: the price comes down though the shelf is empty."""
    markdown = Markdown(10, cover=1.0)
    scenario = shop(Constant(2), SellingSeason(60, markdown=markdown), opening=125)
    thief = scenario.having(Shrinkage(1.0), Records())
    run = diary(thief, BaseStock(base_stock_level=0))
    assert [entry.day for entry in run.log if entry.what == "percent off"] == [0]
    later = dataclasses.replace(scenario, opening_stock=np.array([[119]]))
    assert not [e for e in diary(later, BaseStock(base_stock_level=0)).log if e.what == "percent off"]


def test_the_policy_knows_demand_at_full_price():
    """Levels are those of the same item without a season."""
    scenario = shop(Poisson(4.0), SellingSeason(20, markdown=Markdown(50, 2.0, 10)))
    plain = dataclasses.replace(scenario, items=(scenario.items[0].having(selling_season=None),))
    known = [Prepared(each).known for each in (scenario, plain)]
    assert known[0].demand_mean == known[1].demand_mean == pytest.approx(4.0)
    assert known[0].demand_variance == known[1].demand_variance
    assert no_control(Prepared(scenario)) == "demand ends with a selling season, and a markdown may raise it"


def test_money_of_a_season_by_hand():
    """100 sold at 50 (cost 20), 40 of them at 30% off; 10 cleared at 0.3 x 50 = 15, which is 5 below cost."""
    scenario = shop(Poisson(1.0), SellingSeason(60, clearance_price=0.3, markdown=Markdown(30)), days=365)
    ledger = ledger_of(scenario, demand=100, filled=100, marked_down=40, markdown_points=1200, cleared=10)
    value = measure_values(facts(ledger, scenario)[0, 0], 365)
    assert value["sales_revenue"] == value["net_sales"] == 60 * 50 + 40 * 35
    assert (value["markdown_cost"], value["clearance_revenue"], value["clearance_cost"]) == (600, 150, 50)
    assert value["gross_margin"] == 100 * 30 - 600 - 50
    assert value["distortion_cost"] == value["total_cost"] == value["distortion_cost_retail"] == 650
    assert (value["marked_down_share"], value["cleared_units"]) == (0.4, 10)
    dear = scenario.items[0].having(selling_season=SellingSeason(60, clearance_price=0.5))
    value = measure_values(facts(ledger, dataclasses.replace(scenario, items=(dear,)))[0, 0], 365)
    assert (value["clearance_cost"], value["gross_margin"]) == (0, 100 * 30 - 600 + 10 * 5)


def test_a_season_of_a_category_is_that_of_its_items(one_shop):
    items = (
        Item("coat", "winter"),
        Item("milk"),
        Item.with_settings("scarf", "winter", selling_season=SellingSeason(20)),
    )
    demand = dataclasses.replace(one_shop.demand, law_of=np.zeros((3, 1), int), season_of=None)
    seasons = SellingSeasons({"winter": SellingSeason(40)})
    of = books(one_shop.having(seasons, items=items, demand=demand), replications=9)
    asked = of["demand"].sum(axis=(0, 2)) / 9
    assert asked == pytest.approx([200, 300, 100], rel=0.1)
    assert (of["cleared"].sum(axis=(0, 2)) > 0).tolist() == [True, False, True]


def recorded_with_elasticity():
    history = History(np.ones((1, 14), int), np.zeros((1, 1), int), datetime.date(2024, 1, 1))
    demand = Demand((Poisson(1.0),), np.zeros((1, 1), int), history=history, source="replay")
    season = SellingSeason(9, markdown=Markdown(30, 1.0))
    Scenario("s", [Item.with_settings("coat", selling_season=season)], [Site("a")], [Lane("supplier", "a")], demand)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: SellingSeason(0), "end must be a whole number from 1 to 100000, got 0"),
        (lambda: SellingSeason(9, 10), "first_order must be a whole number from -100000 to 8, got 10"),
        (lambda: SellingSeason(9, clearance_price=2), "clearance_price must be a share between 0 and 1, got 2"),
        (lambda: Markdown(100), "markdown.percent must be a whole number from 1 to 99, got 100"),
        (lambda: Markdown(10, -1), "markdown.elasticity must be a number not below 0, got -1"),
        (lambda: Markdown(10, cover=-1), "markdown.cover must be a number not below 0, got -1"),
        (lambda: Item.with_settings("coat", selling_season=9),
         "selling_season of item 'coat' must be settings such as {end: 90}, got 9"),
        (recorded_with_elasticity,
         "item 'coat' has a markdown with an elasticity, but demand.source=replay plays what was recorded; "
         "use demand.source=fitted, or elasticity 0"),
    ],
)  # fmt: skip
def test_seasons_out_of_range_are_refused(make, message):
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value) == message
