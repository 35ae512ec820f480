"""A second source: what goes there, what it costs, what policies are told of it; and what is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_parity import any_world, assert_same, both
from worlds import Expresses, policies, scenarios

from restock.experiments.cli import main
from restock.policies.base_stock import BaseStock
from restock.policies.buffer import Buffer
from restock.policies.dual_index import DualIndex
from restock.policies.tailored_base_surge import TailoredBaseSurge
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.engines.events.final_state import state_of_run
from restock.sim.errors import InputError
from restock.sim.features.records.settings import Records
from restock.sim.features.second_source.settings import Sourcing
from restock.sim.features.selling_season.settings import SellingSeason
from restock.sim.features.supply_risk.settings import SupplyRisk
from restock.sim.measures.ledger import NAMES, named
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.opening.opening_state import OpeningState
from restock.sim.model.scenario import scenario_of
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Empirical, Poisson
from restock.sim.run.shards import run_kernel
from restock.sim.study.compare import evaluate
from restock.sim.study.projection.projection import project

POLICY = Sourcing("policy", "near")
ROOT = Path(__file__).parents[2]


FAR, NEARER, ASKED = Constant(5), Constant(2), Poisson(5.0)


def shop(*features, far=FAR, near=NEARER, demand=ASKED, item=None, lane=None, **settings):
    """Milk from afar and from nearby: a unit costs 2 there, a quarter more here."""
    items = [item or Item("milk", supplier="far", unit_cost=2.0, unit_price=3.0, backorder_share=1.0)]
    lanes = [Lane("far", "store", far, ordering_cost=9.0, transport_cost_per_unit=0.1),
             lane or Lane.with_settings("near", "store", near, ordering_cost=4.0, transport_cost_per_unit=0.3,
                                        premium=0.25)]  # fmt: skip
    settings = {"days": 84, "warm_up": 28} | settings
    return scenario_of(
        "shop", items, [Site("store")], lanes, {("milk", "store"): demand}, features=features, **settings
    )


def columns(prepared, policy, seed=1, replications=4):
    return named(both(prepared, prepared.plan(policy), seed, replications, series=True).ledger)


class ConstantOrder(Policy):
    """10 packs of 6 every evening."""

    def levels(self, known):
        return {"order": 60}

    @staticmethod
    def rule(view, levels):
        return levels.order


@pytest.mark.parametrize("share, units", [(0.0, 0), (0.29, 12), (0.3, 18), (0.999, 54), (1.0, 60)])
def test_a_split_sends_whole_packs_rounded_down(share, units):
    item = Item("milk", supplier="far", pack=6)
    run = columns(Prepared(shop(Sourcing("split", "near", share), item=item, days=28, warm_up=0)), ConstantOrder())
    assert (run["ordered"] == 60 * 28).all() and (run["expedited"] == units * 28).all()
    assert (run["expedited_lines"] == 28 * (units > 0)).all()
    assert (run["orders"] == 28 * (1 + (0 < units < 60))).all()


def test_what_comes_from_there_costs_its_premium_lines_and_transport():
    """By hand: 30 days of 42 units from afar and 18 from nearby."""
    scenario = shop(Sourcing("split", "near", 0.3), item=Item("milk", supplier="far", pack=6, unit_cost=2.0), days=365,
                    warm_up=7)  # fmt: skip
    prepared = Prepared(scenario)
    outcome = evaluate(prepared, prepared.plan(ConstantOrder()), 2, seed=1)
    value = {name: outcome.value(name)[0] for name in ("premium_cost", "ordering_cost", "expedited_units",
                                                       "expedited_orders", "orders_per_year", "total_cost",
                                                       "distortion_cost")}  # fmt: skip
    assert value["expedited_units"] == 18 * 365 and value["expedited_orders"] == 365
    assert value["premium_cost"] == pytest.approx(18 * 365 * 0.25 * 2.0)
    assert value["ordering_cost"] == pytest.approx(365 * (9.0 + 4.0)) and value["orders_per_year"] == 730
    received = named(run_kernel(prepared, prepared.plan(ConstantOrder()), 1, 2).ledger)["received"].mean()
    moved = outcome.value("transport_cost")[0]
    assert moved == pytest.approx(0.1 * received + 18 * 365 * 0.2)
    free = Prepared(
        shop(
            Sourcing("split", "near", 0.3),
            item=scenario.items[0],
            days=365,
            warm_up=7,
            lane=Lane("near", "store", Constant(2), ordering_cost=4.0, transport_cost_per_unit=0.3),
        )
    )
    dearer = evaluate(free, free.plan(ConstantOrder()), 2, seed=1)
    assert value["total_cost"] - dearer.value("total_cost")[0] == pytest.approx(value["premium_cost"])
    assert value["distortion_cost"] == pytest.approx(dearer.value("distortion_cost")[0])


@any_world
@given(scenarios(), policies, st.integers(0, 2**40))
def test_a_share_of_nothing_is_a_single_source(scenario, policy, seed):
    """Share 0, and a premium that nobody pays, leave every figure as it is without a second source."""
    sourcing = scenario.feature("second_source")
    single = Prepared(scenario.having(Sourcing()))
    nothing = Prepared(scenario.having(Sourcing("split", "nearby", 0.0) if sourcing.used else Sourcing()))
    plan = single.plan(policy)
    one, other = (run_kernel(p, plan, seed, 2) for p in (single, nothing))
    many = min(one.ledger.shape[-1], other.ledger.shape[-1])
    assert (one.ledger[..., :many] == other.ledger[..., :many]).all()


def test_a_policy_without_express_orders_is_single_sourced():
    single, asked = (columns(Prepared(shop(feature)), Buffer()) for feature in (Sourcing(), POLICY))
    same = [name for name in NAMES if name not in ("expedited",)]
    assert all((single[name] == asked[name]).all() for name in same)
    assert (asked["expedited"] == 0).all() and (asked["premium"] == 0).all()


class Tells(Policy):
    """Orders what is due soon, at once and once a day: the log then says what the view did."""

    def levels(self, known):
        return {"regular": 7}

    @staticmethod
    def express(view, levels):
        return 100 + view.due_soon

    @staticmethod
    def rule(view, levels):
        return levels.regular


@pytest.mark.parametrize("lag", [0, 3])
def test_due_soon_is_what_comes_before_an_express_order_could(lag):
    """7 a day by a lane of five days, express orders by one of two: of the former two are due, of the latter one."""
    scenario = shop(POLICY, Records(lag=lag), days=21, warm_up=0, demand=Constant(0), opening_days=0)
    scenario = dataclasses.replace(scenario, demand=dataclasses.replace(scenario.demand, laws=(Poisson(1e-9),)))
    prepared = Prepared(scenario)
    plan = prepared.plan(Tells())
    run = Run(prepared, plan, 1, 0, log=True).run()
    ordered = {e.day: e.quantity for e in run.log if e.what == "ordered from the second source"}
    due = [ordered[day] - 100 for day in range(21)]
    express = [0, *[ordered[day] for day in range(20)]]
    posted = [lambda day: 0, lambda day: sum(each for each in came[max(0, day - 2) : day + 1])][lag > 0]
    came = [7 * (day >= 5) + (ordered[day - 2] if day >= 2 else 0) for day in range(21)]
    assert due == [7 * ((day >= 4) + (day >= 3)) + express[day] + posted(day) for day in range(21)]
    assert_same(run_events(prepared, plan, 1, 2), run_kernel(prepared, plan, 1, 2, series=True))


def test_the_express_order_stands_in_the_books_when_the_rule_is_asked():
    """Base stock above the express level restores its position every evening: both orders together are the demand."""
    prepared = Prepared(shop(POLICY))
    policy = DualIndex(express_base_stock_level=12, base_stock_level=30)
    run = Run(prepared, prepared.plan(policy), 3, 0, log=True).run()
    later = [day for day in run.daily if day.day >= 28]
    assert all(day.ordered == day.demand for day in later)
    assert sum(day.expedited for day in later) > 0
    assert all(review.view.inventory_position + review.ordered == 30 for review in run.reviews[28:])


def test_goods_of_either_source_take_its_own_lead_time():
    prepared = Prepared(shop(Sourcing("split", "near", 0.5), days=28, warm_up=0, item=Item("milk", supplier="far")))
    run = Run(prepared, prepared.plan(ConstantOrder()), 1, 0, log=True).run()
    received = [day.received for day in run.daily]
    assert received == [0, 0, *[30] * 3, *[60] * 23]


def test_lead_times_of_the_first_lane_stay_what_they_are():
    """The second lane has draws of its own: orders that go there move no shipment from afar."""
    law = Empirical((1, 2, 9), (1, 1, 1))

    def arrivals(share):
        scenario = shop(Sourcing("split", "near", share), far=law, near=Constant(40), days=28, warm_up=0)
        run = Run(Prepared(scenario), Prepared(scenario).plan(ConstantOrder()), 1, 0, log=True).run()
        return [day.received for day in run.daily]

    assert [2 * units for units in arrivals(0.5)] == arrivals(0.0)


def test_the_lanes_are_drawn_apart():
    """Of the same law, half of each order by either: halves come on days of their own."""
    law = Empirical((1, 30), (1, 1))
    scenario = shop(Sourcing("split", "near", 0.5), far=law, near=law, days=28, warm_up=0, opening_days=0)
    prepared = Prepared(scenario)
    run = Run(prepared, prepared.plan(ConstantOrder()), 1, 0, log=True).run()
    received = {day.received for day in run.daily[1:]}
    assert received == {0, 30, 60}


def test_an_express_order_waits_for_nobody_and_its_lane_may_be_closed():
    closed = Lane.with_settings("near", "store", Constant(2), ("mon", "thu"))
    prepared = Prepared(shop(POLICY, lane=closed))
    plan = prepared.plan(DualIndex(express_base_stock_level=22, base_stock_level=35))
    run = Run(prepared, plan, 3, 0, log=True).run()
    days = {entry.day % 7 for entry in run.log if entry.what == "ordered from the second source"}
    assert days == {0, 3}
    both(prepared, plan, series=True)


def test_no_orders_after_the_last_day_of_a_season():
    item = Item.with_settings(
        "milk", supplier="far", selling_season=SellingSeason(40, last_order=20), backorder_share=0.0
    )
    prepared = Prepared(shop(POLICY, item=item))
    plan = prepared.plan(Expresses())
    run = Run(prepared, plan, 3, 0, log=True).run()
    assert max(e.day for e in run.log if e.what == "ordered from the second source") <= 28 + 20
    both(prepared, plan, series=True)


def test_a_run_with_a_second_source_goes_on_and_from_one_without_is_refused():
    whole = Prepared(
        shop(Sourcing("split", "near", 0.4), far=Empirical((1, 8), (1, 1)), near=Empirical((1, 6), (1, 1)))
    )
    policy = BaseStock(base_stock_level=40)
    at_once = run_events(whole, whole.plan(policy), 5, 3)
    state = state_of_run(whole, whole.plan(policy), 5, 3, 21)
    assert (state.arrays["second_shipments"] > 0).all()
    going_on = Prepared(whole.scenario.having(opening=state))
    at_once.series[:21] = 0
    assert_same(at_once, run_events(going_on, going_on.plan(policy), 5, 3))
    assert_same(at_once, run_kernel(going_on, going_on.plan(policy), 5, 3, series=True))
    single = Prepared(shop(Sourcing()))
    other = state_of_run(single, single.plan(policy), 5, 1, 21)
    with pytest.raises(InputError, match=r"^a run with a second source cannot go on from the state of a run without$"):
        Prepared(whole.scenario.having(opening=other)).world  # noqa: B018


@pytest.mark.parametrize("premium, levels", [(5, (4, 7)), (10, (4, 8))])
def test_planned_levels_are_the_published_best(premium, levels):
    """DUAL-INDEX: demand 0 to 4, h = 5, b = 495 (a target of 0.99); costs are money of a year."""
    item = Item("milk", supplier="far", unit_cost=7300.0, backorder_share=1.0)
    lane = Lane.with_settings("near", "store", Constant(1), premium=premium / 7300)
    law = Empirical((0, 1, 2, 3, 4), (1, 1, 1, 1, 1))
    known = Prepared(shop(POLICY, far=Constant(3), lane=lane, item=item, demand=law)).known
    far = dataclasses.replace(known.scenario.lanes[0], ordering_cost=0.0, transport_cost_per_unit=0.0)
    known = Prepared(dataclasses.replace(known.scenario, lanes=(far, lane))).known
    found = DualIndex(target=0.99).levels(known)
    assert (found["express_base_stock_level"].item(), found["base_stock_level"].item()) == levels
    surge = TailoredBaseSurge(target=0.99).levels(known)
    assert (
        surge["express_base_stock_level"].item() == 4 and 0.9 <= surge["order_a_day_thousandths"].item() / 1000 <= 1.4
    )


@pytest.mark.parametrize("kind", [DualIndex, TailoredBaseSurge])
def test_without_a_second_source_it_is_base_stock(kind):
    """By the same target; where the second source is no quicker, too."""
    base = BaseStock(safety_factor=1.6448536269514722)
    for scenario in (shop(Sourcing()), shop(POLICY, near=Constant(5)), shop(Sourcing("split", "near", 0.3))):
        prepared = Prepared(scenario)
        found, wanted = columns(prepared, kind(target=0.95)), columns(prepared, base)
        assert all((found[name] == wanted[name]).all() for name in ("ordered", "orders", "filled", "expedited"))
    notes = Prepared(shop(Sourcing())).plan(kind()).notes
    assert notes == (
        f"{kind().name}: no cell is asked for express orders, which sourcing.rule=policy does; it is base stock",
    )


@pytest.mark.parametrize("review_period, days", [(1, ()), (3, ()), (2, ("mon", "thu", "sat"))])
def test_a_base_keeps_its_mean_whatever_the_calendar(review_period, days):
    """0.4 units a day from afar, to the unit, over 364 days."""
    far = {"order_days": days} if days else {}
    scenario = shop(POLICY, days=364)
    lanes = (dataclasses.replace(scenario.lanes[0], **far), scenario.lanes[1])
    prepared = Prepared(dataclasses.replace(scenario, lanes=lanes))
    policy = TailoredBaseSurge(express_base_stock_level=20, order_a_day=3.4, review_period=review_period)
    run = columns(prepared, policy, replications=2)
    assert (np.abs(run["ordered"] - run["expedited"] - 3.4 * 364) <= 3.4 * 7 + 1).all()


def test_it_is_written_to_a_folder_and_read_back(tmp_path):
    scenario = shop(Sourcing("split", "near", 0.25))
    write_scenario(scenario, tmp_path / "shop")
    again = read_scenario(tmp_path / "shop")
    assert again.lanes == scenario.lanes and again.feature("second_source") == Sourcing("split", "near", 0.25)


NEAR = "+scenario.lanes.shop.near={lead_time: {law: constant, value: 1}, premium: 0.2, ordering_cost: 1}"
STEADY = ("++scenario.lanes.shop.dairy.lead_time={values: [3], weights: [1]}",
          "++scenario.lanes.shop.wholesaler.lead_time={values: [4], weights: [1]}")  # fmt: skip


def test_a_command_compares_policies_of_two_sources(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["compare", "scenario=one_store", *STEADY, NEAR, "sourcing.rule=policy", "sourcing.backup=near",
             "replications=4",
             "days=56", "warm_up=28", "figures=false", "service.fill_rates=[]"]  # fmt: skip
    assert main([*words, "policy=[dual_index,tailored_base_surge,buffer]"]) == 0
    (folder,) = Path("runs").glob("*/*")
    table = pd.read_csv(folder / "tables" / "chain.csv")
    capsys.readouterr()
    found = table[table.measure == "expedited_units"].set_index("policy")["estimate"]
    assert found["dual_index"] > 0 and found["tailored_base_surge"] > 0 and found["buffer"] == 0


@pytest.mark.parametrize("words, message", [
    (["sourcing.rule=splt"],
     "sourcing.rule 'splt' is unknown; did you mean 'split'? choose from: backup, policy, single, split"),
    (["sourcing.rule=spare", "sourcing.backup=near"],
     "sourcing.rule 'spare' is unknown; choose from: backup, policy, single, split"),
    (["sourcing.rule=backup", "sourcing.backup=near", NEAR, "sourcing.after=-1"],
     "sourcing.after must be a whole number of nights from 0 to 10,000, got -1"),
    (["sourcing.rule=split"], "sourcing.rule=split needs sourcing.backup, the name of the second supplier"),
    (["sourcing.share=1.2"], "sourcing.share must be a share between 0 and 1, got 1.2"),
    (["sourcing.rule=split", "sourcing.backup=nera", NEAR],
     "sourcing.backup 'nera' is unknown; did you mean 'near'? choose from: dairy, near, wholesaler"),
    (["sourcing.rule=policy", "sourcing.backup=near", NEAR],
     "sourcing.rule=policy tells policies what is due soon, which needs constant lead times; that of lane 'dairy' "
     "-> 'shop' has several values"),
    (["sourcing.rule=split", "sourcing.backup=near", NEAR.replace("0.2", "-0.2")],
     "premium of lane 'near' -> 'shop' must be a number from 0 to 1,000,000,000, got -0.2"),
    (["sourcing.rule=split", "sourcing.backup=near", NEAR, "+scenario.lanes.shop.dairy.premium=0.1"],
     "premium of lane 'dairy' -> 'shop': only lanes of the second source, 'near', have one"),
])  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "scenario=one_store", "policy=buffer", *words]) == 2
    said = capsys.readouterr().err
    assert said == f"restock: {message}\n" and not Path("runs").exists()


def test_a_site_that_another_serves_has_no_second_source():
    sites = [Site("dc", "dc"), Site("store", served_by="dc")]
    lanes = [Lane("supplier", "dc"), Lane("dc", "store"), Lane("near", "dc"), Lane("near", "store")]
    with pytest.raises(InputError) as caught:
        scenario_of("chain", [Item("milk")], sites, lanes, {("milk", "store"): Poisson(5.0)},
                    features=(Sourcing("split", "near", 0.5),))  # fmt: skip
    assert str(caught.value) == ("lane 'near' -> 'store': a second source is for sites that outside suppliers serve, "
                                 "and 'store' is served by 'dc'")  # fmt: skip


def test_a_projection_takes_none():
    state = OpeningState(np.array([[12]]))
    prepared = Prepared(shop(Sourcing("split", "near", 0.3), opening=state, warm_up=0, days=14))
    with pytest.raises(InputError) as caught:
        project(prepared, prepared.plan(BaseStock()), "lean", 4, seed=1)
    assert str(caught.value) == ("a projection tells orders by where they come from, and takes no second source; give "
                                 "sourcing.rule=single")  # fmt: skip


class Fails(Policy):
    """An express rule that is wrong on day 9."""

    def levels(self, known):
        return {"level": 20}

    @staticmethod
    def express(view, levels):
        return levels.level if view.day < 9 else -levels.level

    @staticmethod
    def rule(view, levels):
        return 3


def test_an_express_rule_that_fails_is_named_by_both_engines():
    prepared = Prepared(shop(POLICY))
    plan = prepared.plan(Fails())
    for run in (run_kernel, run_events):
        with pytest.raises(
            InputError, match="on day 9: the express rule must return a whole number not below 0, got -20"
        ):
            run(prepared, plan, 1, 2)


DOWN = SupplyRisk(suppliers={"far": {"outage": {"up": 9, "down": 6}}})


def test_a_backup_of_a_supplier_that_never_fails_is_a_single_source():
    policy = BaseStock(base_stock_level=40)
    single, backup = (columns(Prepared(shop(each)), policy) for each in (Sourcing(), Sourcing("backup", "near")))
    assert [name for name in NAMES if (single[name] != backup[name]).any()] == []


@pytest.mark.parametrize("after", [0, 2])
def test_whole_orders_go_to_the_backup_while_the_own_supplier_is_down(after):
    """And from the night on that `after` says; what is ordered there the own supplier does not hold."""
    prepared = Prepared(shop(Sourcing("backup", "near", after=after), DOWN))
    plan = prepared.plan(BaseStock(base_stock_level=40))
    run = Run(prepared, plan, 3, 0, log=True).run()
    risk = run.sites[0].features["supply_risk"]
    down = [risk.down(day, 0) for day in range(prepared.world.horizon)]
    goes = {day for day in range(len(down)) if all(down[max(0, day - after) : day + 1]) and day >= after}
    sent = {entry.day: entry.quantity for entry in run.log if entry.what == "ordered from the second source"}
    ordered = {day.day: day.ordered for day in run.daily if day.ordered}
    assert sent == {day: units for day, units in ordered.items() if day in goes} and 5 < len(sent) < len(ordered)
    alone = Prepared(shop(DOWN))
    held, waits = (columns(each, BaseStock(base_stock_level=40)) for each in (alone, prepared))
    assert waits["backorder_days"].sum() < held["backorder_days"].sum()
    assert waits["held_days"].sum() < held["held_days"].sum()


def test_a_supplier_that_refuses_does_not_refuse_what_goes_to_the_backup():
    refusing = SupplyRisk(suppliers={"far": {"outage": {"up": 9, "down": 6}, "down_orders": "refused"}})
    helped = columns(Prepared(shop(Sourcing("backup", "near"), refusing)), BaseStock(base_stock_level=40))
    alone = columns(Prepared(shop(refusing)), BaseStock(base_stock_level=40))
    assert (helped["expedited"] > 0).all() and helped["orders"].sum() > alone["orders"].sum()


def test_a_run_with_a_backup_goes_on_from_where_another_stood():
    """Nights in a row before the state count, too."""
    whole = Prepared(shop(Sourcing("backup", "near", after=3), DOWN))
    plan = whole.plan(BaseStock(base_stock_level=40))
    state = state_of_run(whole, plan, 3, 12, 28)
    assert (state.arrays["nights_down"] > 0).any()
    going_on = Prepared(whole.scenario.having(opening=state))
    kernel = run_kernel(going_on, going_on.plan(BaseStock(base_stock_level=40)), 3, 12)
    assert_same(run_events(going_on, going_on.plan(BaseStock(base_stock_level=40)), 3, 12), kernel)
    assert (kernel.ledger == run_kernel(whole, plan, 3, 12).ledger).all()
