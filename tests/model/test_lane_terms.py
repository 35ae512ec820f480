"""Terms by lane and item: whose packs bind where, and items that take lead times of their own."""

import pytest

from restock.experiments.cli import main
from restock.experiments.network_factors import changed_network, longer
from restock.experiments.tracing import one_item
from restock.policies.base_stock import BaseStock
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.errors import InputError
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.opening.opening_state import NOT_TOLD, OpeningState
from restock.sim.model.scenario import scenario_of
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.planning.example import one_shop
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Empirical, Poisson
from restock.sim.run.shards import run_kernel


def chain(break_packs=None):
    """A DC that buys in packs of 12, 24 at least, and a store that it serves."""
    sites = [Site("dc", "dc"), Site("store", served_by="dc")]
    lanes = [Lane("supplier", "dc", Constant(3)), Lane("dc", "store", break_packs=break_packs)]
    items = [Item("milk", pack=12, minimum_order=24)]
    return scenario_of("chain", items, sites, lanes, {("milk", "store"): Poisson(3.0)}, days=28)


def sizes(scenario, site):
    prepared = Prepared(scenario)
    plan = prepared.plan(BaseStock())
    run = Run(prepared, plan, 1, 0, log=True).run()
    assert (run_events(prepared, plan, 1, 2).ledger == run_kernel(prepared, plan, 1, 2).ledger).all()
    return {entry.quantity for entry in run.log if entry.what == "ordered" and entry.site == site}


def test_packs_and_minimum_orders_are_the_suppliers_and_do_not_bind_between_own_sites():
    assert all(units % 12 == 0 and units >= 24 for units in sizes(chain(), "dc"))
    assert any(units % 12 for units in sizes(chain(), "store"))
    assert sizes(chain(), "store") == sizes(chain(break_packs=True), "store")


def test_unless_the_lane_says_so():
    assert all(units % 12 == 0 and units >= 24 for units in sizes(chain(break_packs=False), "store"))


def shop(**lane):
    """Milk and bread by one lane of two days, bread by its own lead time."""
    own = {"lead_time_by_item": {"bread": Constant(5)}} | lane
    return one_shop(opening_days=0).scenario.having(lanes=[Lane("supplier", "store", Constant(2), **own)])


def test_an_item_takes_its_own_lead_time_in_both_engines_and_in_plans():
    prepared = Prepared(shop())
    plan = prepared.plan(BaseStock(base_stock_level=10))
    run = Run(prepared, plan, 1, 0, log=True).run()
    first = {name: min(e.day for e in run.log if e.what == "received" and e.item == name) for name in ("milk", "bread")}
    assert first == {"milk": 2, "bread": 5}
    assert (run_events(prepared, plan, 1, 3).ledger == run_kernel(prepared, plan, 1, 3).ledger).all()
    assert prepared.known.lead_time_mean.tolist() == [[2.0], [5.0]]
    assert prepared.world.longest_lead.tolist() == [5]


def test_an_open_order_of_such_an_item_is_overdue_by_its_own_lead_time():
    orders = [(0, 0, 7, -3, NOT_TOLD), (1, 0, 7, -3, NOT_TOLD)]
    state = OpeningState([[5], [5]], open_orders=orders)
    assert state.overdue(shop()).tolist() == [True, False]


def test_settings_of_the_whole_network_change_such_lead_times_too():
    from types import SimpleNamespace

    settings = SimpleNamespace(lead_time_factor=2.0, lead_time_cv_factor=1, order_days=None, pack_factor=1)
    (lane,) = changed_network(shop(), settings)["lanes"]
    assert lane.lead_time_by_item == {"bread": longer(Constant(5), 2.0)}


def test_a_scenario_of_one_item_keeps_its_lead_time_alone():
    scenario = shop()
    rate = Prepared(scenario).world.daily_rate
    lanes = [one_item(scenario, i, rate).lanes[0].lead_time_by_item for i in (0, 1)]
    assert lanes == [{}, {"bread": Constant(5)}]


def test_it_is_a_column_of_lanes_csv(tmp_path):
    scenario = shop(lead_time_by_item={"bread": Empirical((2, 9), (3, 1)), "milk": Constant(1)})
    write_scenario(scenario, tmp_path)
    assert read_scenario(tmp_path).lanes == scenario.lanes
    table = (tmp_path / "lanes.csv").read_text().replace('"{""bread""', '"{""bred""')
    (tmp_path / "lanes.csv").write_text(table)
    with pytest.raises(
        InputError, match=r"^item 'bred' in lead_time_by_item of lane 'supplier' -> 'store' is unknown; "
    ):
        read_scenario(tmp_path)


@pytest.mark.parametrize("given, message", [
    ({"bread": 0},
     "lead_time_by_item.bread of lane 'supplier' -> 'store' must be at least 1 day, got a law that allows 0"),
    (3, "lead_time_by_item of lane 'supplier' -> 'store' must be a mapping, got 3"),
])  # fmt: skip
def test_what_cannot_be_is_refused(given, message):
    with pytest.raises(InputError) as caught:
        Lane("supplier", "store", lead_time_by_item=given)
    assert str(caught.value) == message


def test_it_is_given_on_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = [
        "run",
        "scenario=one_store",
        "policy=base_stock",
        "replications=2",
        "days=14",
        "warm_up=0",
        "figures=false",
    ]
    assert main([*words, "+scenario.lanes.shop.dairy.lead_time_by_item.milk={law: constant, value: 9}"]) == 0
    assert main([*words, "+scenario.lanes.shop.dairy.lead_time_by_item.mlk={law: constant, value: 9}"]) == 2
    said = capsys.readouterr().err
    assert "restock: item 'mlk' in lead_time_by_item of lane 'dairy' -> 'shop' is unknown; did you mean 'milk'?" in said
