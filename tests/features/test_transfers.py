"""Transfers between stores: how many, who gives to whom, by which record, and what goes wrong in one line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_parity import any_world, assert_same, both
from worlds import policies, scenarios, transfers

from restock.experiments.cli import main
from restock.policies.base_stock import BaseStock
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.engines.events.final_state import state_of_run
from restock.sim.errors import InputError
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.features.selling_season.settings import SellingSeason
from restock.sim.features.transfers.figure import MOST, flows, region_names, store_flows
from restock.sim.features.transfers.matching import even_cover, lines
from restock.sim.features.transfers.settings import Transfers
from restock.sim.features.unit_costs.settings import UnitCosts
from restock.sim.measures.facts import facts
from restock.sim.measures.ledger import NAMES, named
from restock.sim.measures.measures import measure_values, measures_of
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.run.shards import run_kernel
from restock.sim.study.compare import evaluate


def region(stores=3, demand=None, lead_time=2, days=56, **settings):
    """A DC that always has stock, and stores with two items of a region each."""
    sites = [Site("dc", "dc"), *(Site(f"store_{k}", served_by="dc") for k in range(stores))]
    lanes = [Lane("supplier", "dc"), *(Lane("dc", site.name, Constant(lead_time)) for site in sites[1:])]
    items = [Item("milk", category="dairy"), Item("bread", backorder_share=0.5)]
    laws = demand or [Poisson(1.0 + k) for k in range(stores)]
    asked = {(item.name, f"store_{k}"): law for item in items for k, law in enumerate(laws)}
    return scenario_of("region", items, sites, lanes, asked, days=days, **settings)


def ledgers(scenario, policy=None, replications=2):
    """Both engines' ledger, by column."""
    prepared = Prepared(scenario)
    plan = prepared.plan(policy or BaseStock(safety_factor=0.0))
    kernel = run_kernel(prepared, plan, 1, replications, series=True)
    assert_same(run_events(prepared, plan, 1, replications), kernel)
    return named(kernel.ledger)


@st.composite
def moving(draw):
    """Random scenarios in which stores have regions, and at most a record that differs."""
    scenario = draw(scenarios())
    terms = draw(transfers(scenario.sites).filter(lambda each: each.regions))
    return scenario.having(terms)


@any_world
@given(moving(), policies, st.integers(0, 2**63 - 1))
def test_both_engines_send_the_same(scenario, policy, seed):
    prepared = Prepared(scenario)
    both(prepared, prepared.plan(policy), seed, series=True)


def test_a_region_of_one_store_is_no_region():
    plain = region()
    alone = {f"r{k}": [f"store_{k}"] for k in range(3)}
    one_each = Transfers(alone, at_once=True, overnight={"low": 2, "high": 4}, rebalance={"every": 3})
    found, as_today = ledgers(plain.having(one_each)), ledgers(plain)
    assert [name for name in NAMES if (found[name] != as_today[name]).any()] == []


def test_customers_are_served_from_another_store_and_only_the_giver_orders_again():
    """One store has all the stock; the other asks four a day and has none: the first orders what it gave."""
    scenario = region(2, [Poisson(0.001), Constant(4)], opening_stock=np.array([[900, 40, 0], [900, 40, 0]]), days=7)
    of = ledgers(scenario.having(Transfers("by_dc", at_once=True)), BaseStock(base_stock_level=0))
    milk = {name: column[0, 0] for name, column in of.items()}
    assert milk["transferred_out"].tolist() == [0, 28, 0] and milk["filled_by_transfer"].tolist() == [0, 0, 28]
    assert milk["filled"][2] == milk["demand"][2] == 28 and milk["lost"][2] == 0 and milk["stockout_days"][2] == 0
    assert milk["ordered"][2] == 0 and milk["transfer_lines"][2] == 7
    again = ledgers(scenario.having(Transfers("by_dc", at_once=True)), BaseStock(base_stock_level=40))
    assert again["ordered"][0, 0, 1] == again["transferred_out"][0, 0, 1] > 0


def test_without_transfers_it_is_told_what_could_have_moved():
    scenario = region(2, [Poisson(0.001), Constant(4)], opening_stock=np.array([[900, 10, 0], [900, 10, 0]]), days=7)
    of = ledgers(scenario.having(Transfers("by_dc", floor={"units": 3})), BaseStock(base_stock_level=0))
    assert of["transferred_out"].sum() == 0
    assert of["short_elsewhere"][0, 0].tolist() == [0, 0, 7]
    assert of["could_have_moved"][0, 0].tolist() == [0, 0, 28]  # 4 of each day's 7 above the floor; it stays there


@pytest.mark.parametrize(("low", "to", "expected"), [(1, 2, 8), (1, None, 4), (0, 3, 12)])
def test_cover_asks_up_to_its_target(low, to, expected):
    """Four a day: at or below `low` days a store asks up to `to`."""
    scenario = region(2, [Constant(4), Constant(4)], opening_stock=np.array([[900, 90, 4], [900, 90, 4]]), days=1)
    terms = Transfers("by_dc", overnight={"low": low, "to": to, "high": 5})
    of = ledgers(scenario.having(terms), BaseStock(base_stock_level=0))
    assert of["transfers_sent_here"][0, 0].tolist() == [0, 0, expected]


def test_what_is_due_before_a_transfer_could_come_is_cover_and_what_comes_later_is_not():
    for lead_time, expected in ((2, 0), (3, 4)):
        scenario = region(
            2, [Constant(4)] * 2, lead_time, opening_stock=np.array([[900, 90, 12], [900, 90, 12]]), days=3
        )
        terms = Transfers("by_dc", overnight={"low": 1, "to": 2, "high": 5})
        of = ledgers(scenario.having(terms), BaseStock(base_stock_level=20))
        assert of["transfers_sent_here"][0, 0, 2] == expected


def test_phantom_stock_is_found_out_by_a_transfer():
    """What was lost unseen is on record, and is not there when it is to be sent."""
    scenario = region(2, [Poisson(2.0), Poisson(2.0)]).having(
        Shrinkage(0.4), Transfers("by_dc", overnight={"low": 4, "to": 5, "high": 5}, transit=2)
    )
    found = ledgers(scenario, BaseStock(base_stock_level=12))
    right = ledgers(scenario.having(Shrinkage()), BaseStock(base_stock_level=12))
    assert found["transfer_missing"].sum() > 0 == right["transfer_missing"].sum()


def test_late_books_move_the_wrong_goods():
    """The same transfers by books of last week leave more unserved than by those of today."""
    scenario = region(4, [Poisson(3.0)] * 4, 5, days=364).having(
        Transfers("by_dc", overnight={"low": 1, "to": 2, "high": 3})
    )
    policy = BaseStock(safety_factor=0.5)
    weekly = ledgers(scenario.having(Records(lag=7)), policy, 8)
    at_once = ledgers(scenario, policy, 8)
    assert weekly["transfers_sent_here"].sum() > 0
    assert weekly["lost"].sum() > 1.05 * at_once["lost"].sum()


def test_rebalancing_gives_all_stores_the_same_days():
    scenario = region(
        3, [Constant(2), Constant(4), Constant(6)], opening_stock=np.array([[900, 2, 52, 42]] * 2), days=1
    )
    terms = Transfers("by_dc", rebalance={"every": 7, "first": 0})
    of = ledgers(scenario.having(terms), BaseStock(base_stock_level=0))
    after = of["closing_on_hand"][0, 0, 1:] + of["transfers_sent_here"][0, 0, 1:]
    assert after.tolist() == [14, 28, 42]


def test_goods_that_do_not_keep_and_seasons_that_are_over_stay():
    terms = Transfers("by_dc", at_once=True, overnight={"low": 2, "high": 2})
    scenario = region(3).having(terms)
    items = [scenario.items[0].having(shelf_life=5), scenario.items[1].having(selling_season=SellingSeason(20))]
    of = ledgers(scenario.having(items=items))
    assert of["transferred_out"][:, 0].sum() == 0 < of["transferred_out"][:, 1].sum()
    prepared = Prepared(scenario.having(items=items))
    run = Run(prepared, prepared.plan(BaseStock(safety_factor=0.0)), 1, 0, log=True).run()
    assert max(entry.day for entry in run.log if entry.what.startswith("sent to")) < 20


def test_least_and_floor_bind():
    terms = Transfers("by_dc", at_once=True, overnight={"low": 1, "high": 2}, floor={"units": 2, "days": 0.5}, least=3)
    prepared = Prepared(region(4, days=120).having(terms))
    run = Run(prepared, prepared.plan(BaseStock(safety_factor=0.0)), 1, 0, log=True).run()
    sent = [entry.quantity for entry in run.log if entry.what.startswith("sent to")]
    assert sent and min(sent) == 3
    floor = {site.name: prepared.world.features.transfers.floor[0, n] for n, site in enumerate(prepared.scenario.sites)}
    given_by = {(entry.day, entry.site, entry.item) for entry in run.log if entry.what.startswith("sent to")}
    left = {(day.day, day.site, day.item): day.on_hand for day in run.daily}
    assert all(left[key] >= floor[key[1]] for key in given_by)
    assert floor | {"dc": 2} == {"dc": 2, "store_0": 2, "store_1": 2, "store_2": 2, "store_3": 2}


def test_overnight_a_floor_above_what_a_giver_keeps_anyway_binds():
    terms = {"overnight": {"low": 1, "high": 1}, "floor": {"units": 5}}
    prepared = Prepared(region(4, days=120).having(Transfers("by_dc", **terms)))
    assert (prepared.world.features.transfers.floor > prepared.world.features.transfers.high)[0, 1:].all()
    run = Run(prepared, prepared.plan(BaseStock(safety_factor=0.0)), 1, 0, log=True).run()
    given_by = {(entry.day, entry.site, entry.item) for entry in run.log if entry.what.startswith("sent to")}
    left = [day.on_hand for day in run.daily if (day.day, day.site, day.item) in given_by]
    assert left and min(left) == 5
    free = Prepared(region(4, days=120).having(Transfers("by_dc", **terms | {"floor": {}})))
    both = [run_kernel(each, each.plan(BaseStock(safety_factor=0.0)), 1, 4).ledger for each in (prepared, free)]
    assert named(both[0])["transferred_out"].sum() < named(both[1])["transferred_out"].sum()


def test_transit_is_drawn_for_the_night_on_which_goods_leave_and_the_store_that_gets_them():
    transit = {"law": "empirical", "values": [1, 4], "weights": [1, 1]}
    terms = Transfers("by_dc", overnight={"low": 2, "to": 3, "high": 3}, transit=transit)
    of = ledgers(region(4, days=168, lead_time=5).having(terms))  # in both engines
    assert of["transfer_lines"].sum() > 200


def test_the_largest_need_takes_from_the_largest_surplus():
    assert list(lines([3, 3, 0, 0], [0, 0, 5, 5])) == [(2, 0, 3), (3, 1, 3)]
    assert list(lines([0, 0], [4, 4])) == []
    assert even_cover([10, 0, 0], [1, 1, 1], turn=1) == [3, 4, 3] and sum(even_cover([7, -3, 2], [5, 0, 1], 0)) == 6
    assert even_cover([-1, 0], [1, 1], 0) == [-1, 0]


def test_what_transfers_cost_is_part_of_total_cost_and_not_of_distortion():
    terms = {"at_once": True, "overnight": {"low": 1, "high": 3}}
    free, dear = (Prepared(region().having(Transfers("by_dc", **terms, cost_per_unit=each, cost_per_line=8 * each)))
                  for each in (0.0, 0.5))  # fmt: skip
    ledger = run_kernel(free, free.plan(BaseStock(safety_factor=0.0)), 1, 8).ledger
    values = [
        measure_values(facts(ledger, each.scenario).sum(axis=(1, 2)), each.scenario.days) for each in (free, dear)
    ]
    of = named(ledger)
    spent = 0.5 * of["transferred_out"].sum(axis=(1, 2)) + 4.0 * of["transfer_lines"].sum(axis=(1, 2))
    assert np.allclose(values[1]["transfer_cost"], spent * 365 / 56) and (spent > 0).all()
    assert np.allclose(values[1]["total_cost"] - values[0]["total_cost"], values[1]["transfer_cost"])
    assert np.allclose(values[1]["distortion_cost"], values[0]["distortion_cost"])
    assert "transfer_cost" in measures_of({"transfers"}) and "transfer_cost" not in measures_of()


def test_a_run_goes_on_with_what_is_on_its_way():
    terms = Transfers("by_dc", at_once=True, overnight={"low": 2, "to": 4, "high": 4}, transit=5)
    whole = Prepared(region(4, warm_up=14).having(terms))
    plan = whole.plan(BaseStock(safety_factor=0.0))
    state = state_of_run(whole, plan, 2, 3, 14)
    assert state.arrays["transfers_under_way"].sum() > 0
    going_on = Prepared(whole.scenario.having(opening=state))
    again = run_kernel(going_on, going_on.plan(BaseStock(safety_factor=0.0)), 2, 3)
    assert_same(run_events(going_on, going_on.plan(BaseStock(safety_factor=0.0)), 2, 3), again)
    assert (again.ledger == run_kernel(whole, plan, 2, 3).ledger).all()


def test_what_goods_cost_goes_with_them():
    """In at the cost of the day, out with what is shipped: under each flow all of it is accounted for."""
    terms = Transfers("by_dc", at_once=True, overnight={"low": 2, "to": 4, "high": 4}, transit=2)
    of = ledgers(region(4).having(terms, UnitCosts(inflation=0.4)))
    assert of["transfers_sent_here"].sum() > 0 < of["filled_by_transfer"].sum()
    for flow in ("fifo", "lifo", "average"):
        went = of[f"cogs_{flow}"] + of[f"shipped_value_{flow}"] + of[f"loss_value_{flow}"]
        assert (of[f"opening_value_{flow}"] + of["received_value"] == of[f"closing_value_{flow}"] + went).all()
        assert (of[f"shipped_value_{flow}"][..., 1:].sum() > 0) and of[f"shipped_value_{flow}"][..., 1:].min() >= 0


def test_a_folder_keeps_them(tmp_path):
    terms = Transfers({"north": ["store_0", "store_2"]}, at_once=True, overnight={"low": 1, "to": 2, "high": 3},
                      rebalance={"every": 28}, floor={"units": 1}, least=2, transit=3, cost_per_unit=0.5)  # fmt: skip
    write_scenario(region().having(terms), tmp_path / "folder")
    assert read_scenario(tmp_path / "folder").feature("transfers") == terms


NEEDS = "such as transfers.regions=by_dc, or +transfers.regions.north=[store_1,store_2]"


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"regions": {"north": ["store_0", "stroe_1"]}},
         "site 'stroe_1' of transfers.regions.north is unknown; did you mean 'store_1'? "
         "choose from: dc, store_0, store_1, store_2"),
        ({"regions": {"north": ["store_0"], "south": ["store_1", "store_0"]}},
         "site 'store_0' stands in transfers.regions.north and in transfers.regions.south; "
         "allowed: one region at most"),
        ({"regions": {"north": ["dc", "store_0"]}},
         "site 'dc' of transfers.regions.north serves other sites; transfers are between sites that serve none"),
        ({"regions": "by_dc", "overnight": {"low": 2, "to": 5, "high": 4}},
         "transfers.overnight: low, to and high must not fall from one to the next, got 2, 5 and 4, "
         "of transfers.overnight"),
        ({"at_once": True}, f"transfers.at_once needs regions, {NEEDS}"),
        ({"regions": "by_store"},
         f"transfers.regions must be by_dc or lists of sites by name, {NEEDS}; got 'by_store'"),
        ({"regions": "by_dc", "transit": 0},
         "transfers.transit must be a law on 1 to 28 days, got one that allows 0 to 0"),
        ({"regions": "by_dc", "least": 0}, "transfers.least must be a whole number from 1 to 1,000,000,000, got 0"),
        ({"regions": "by_dc", "floor": {"days": -1}},
         "transfers.floor.days must be a number of days from 0 to 10,000, got -1, of transfers.floor"),
        ({"regions": "by_dc", "cost_per_line": -4.0},
         "transfers.cost_per_line must be a number not below 0, got -4.0"),
        ({"regions": "by_dc", "overnight": {"lo": 2}},
         "setting 'lo' of transfers.overnight is unknown; did you mean 'low'? choose from: every, high, low, to"),
    ],
)  # fmt: skip
def test_bad_terms_in_a_line(settings, line):
    with pytest.raises(InputError) as error:
        region().having(Transfers(**settings))
    assert str(error.value) == line


def test_the_command_line_says_so_too(capsys):
    code = main(["compare", "scenario=regional_chain", "transfers.at_once=true", "replications=2", "figures=false"])
    assert code == 2
    assert "transfers.at_once needs regions, such as transfers.regions=by_dc" in capsys.readouterr().err


def lean_run(scenario, replications=4):
    return evaluate(Prepared(scenario), BaseStock(safety_factor=-1.0), replications, seed=1, label="lean")


def test_the_figure_draws_what_stores_gave_and_got_and_the_net_of_the_two_by_replication():
    outcome = lean_run(region(5, days=140).having(Transfers("by_dc", at_once=True)))
    of, columns = store_flows(outcome), named(run_kernel(outcome.prepared, outcome.plan, 1, 4).ledger)
    got, sent = (columns[name].sum(axis=1) * 365 / 140 for name in ("transferred_in", "transferred_out"))
    for row in of.itertuples():
        n = 1 + int(row.site[-1])
        net = got[:, n] - sent[:, n]
        np.testing.assert_allclose([row.got, row.sent, row.net], [got[:, n].mean(), sent[:, n].mean(), net.mean()])
        np.testing.assert_allclose(row.high - row.net, 3.182446 * net.std(ddof=1) / 2, rtol=1e-5)  # t, 3 degrees
    np.testing.assert_allclose(of["got"].sum(), of["sent"].sum())
    assert list(of["net"]) == sorted(of["net"], reverse=True) and set(of["region"]) == {"dc"}
    axes = flows(outcome).axes[0]
    np.testing.assert_allclose([bar.get_width() for bar in axes.patches], [*of["got"], *-of["sent"]])
    np.testing.assert_allclose(axes.containers[2].lines[0].get_xdata(orig=False), of["net"])
    assert [label.get_text() for label in axes.get_yticklabels()] == list(of["site"])
    assert flows(lean_run(region(5).having(Transfers("by_dc")))) is None  # a region, and nothing moves


def test_of_many_stores_those_that_get_and_give_most_are_drawn():
    outcome = lean_run(
        region(MOST + 3, [Poisson(2.0)] * (MOST + 3), days=14).having(Transfers("by_dc", at_once=True)), 2
    )
    of, axes = store_flows(outcome), flows(outcome).axes[0]
    drawn = [label.get_text() for label in axes.get_yticklabels()]
    assert drawn == [*of["site"][: MOST // 2], *of["site"][-MOST // 2 :]]
    assert f"of {MOST + 3} stores, 16 that get most and 16 that give most" in axes.get_xlabel()


def test_regions_are_called_as_the_settings_do():
    named_here = region(4).having(
        Transfers({"north": ["store_0", "store_2"], "south": ["store_1", "store_3"]}, at_once=True)
    )
    assert region_names(named_here) == ["north", "south"]
    labels = [label.get_text() for label in flows(lean_run(named_here)).axes[0].get_yticklabels()]
    assert sorted(labels) == ["store_0 (north)", "store_1 (south)", "store_2 (north)", "store_3 (south)"]


def test_a_run_draws_the_network_and_its_transfers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["run", "scenario=regional_chain", "scenario.stores=3", "scenario.items=3", "policy=just_in_time",
             "days=28", "replications=2", "transfers.regions=by_dc", "transfers.at_once=true"]  # fmt: skip
    assert main(words) == 0
    assert {path.name for path in (tmp_path / "runs").glob("*/*/figures/*.png")} >= {
        "network_just_in_time.png", "transfers_just_in_time.png",
    }  # fmt: skip
