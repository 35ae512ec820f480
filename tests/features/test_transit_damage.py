"""Goods damaged on their way: how many, that both engines say so, that nothing is lost but them, and what they cost."""

import dataclasses

import numpy as np
import pytest
from chains import RICH, ledger_of
from hypothesis import given
from hypothesis import strategies as st
from test_parity import any_world, assert_same
from worlds import policies, scenarios

from restock.experiments.cli import main
from restock.policies.base_stock import BaseStock
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.errors import InputError
from restock.sim.features.transit_damage.settings import DAMAGE, TransitDamage
from restock.sim.features.unit_costs.settings import UnitCosts
from restock.sim.measures.facts import facts
from restock.sim.measures.ledger import named
from restock.sim.measures.measures import measure_values, measures_of
from restock.sim.model.network import Lane
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant
from restock.sim.run.shards import run_kernel


@st.composite
def damaging(draw):
    """Random scenarios in which goods are damaged on their way, on some lanes by a share of their own."""
    scenario = draw(scenarios())
    share = st.sampled_from([None, 0.0, 0.07, 0.5, 1.0])
    lanes = [lane.having(damaged_in_transit=draw(share)) for lane in scenario.lanes]
    return scenario.having(TransitDamage(draw(st.sampled_from([0.02, 0.3]))), lanes=lanes)


@any_world
@given(damaging(), policies, st.integers(0, 2**63 - 1))
def test_both_engines_damage_the_same(scenario, policy, seed):
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    assert_same(run_events(prepared, plan, seed, 2), run_kernel(prepared, plan, seed, 2))


@any_world
@given(damaging(), policies)
def test_nothing_is_lost_but_what_is_damaged(scenario, policy):
    """Of every cell and day; the order is closed in full, and the record knows of what was written off."""
    prepared = Prepared(scenario)
    run = Run(prepared, prepared.plan(policy), seed=3, replication=1, log=True).run()
    before = {(s.name, x.name): int(prepared.world.opening[i, n])
              for i, x in enumerate(scenario.items) for n, s in enumerate(scenario.sites)}  # fmt: skip
    sold = {}
    for entry in run.log:
        if entry.what in ("sold", "backorder served"):
            key = (entry.day, entry.site, entry.item)
            sold[key] = sold.get(key, 0) + entry.quantity
    for day in run.daily:
        cell = (day.site, day.item)
        came = day.received - day.damaged + day.restocked
        went = sold.get((day.day, *cell), 0) + day.shipped + day.shrunk + day.expired + day.cleared
        assert before[cell] + came == day.on_hand + went
        assert 0 <= day.damaged <= day.received and day.on_order >= 0
        before[cell] = day.on_hand


def test_the_share_is_exact_on_average(one_shop):
    scenario = one_shop.having(TransitDamage(0.03), days=728)
    prepared = Prepared(scenario)
    of = named(run_kernel(prepared, prepared.plan(RICH), 5, 64).ledger)
    share = of["damaged"].sum() / of["received"].sum()
    assert abs(share - 0.03) < 4 * 0.5 / np.sqrt(of["received"].sum())
    assert (of["opening_on_order"] + of["ordered"] - of["received"] == of["closing_on_order"]).all()


def test_a_lane_has_a_share_of_its_own(one_shop):
    """All that comes by the only lane is lost: the opening stock is sold, then nothing."""
    lanes = [dataclasses.replace(lane, lead_time=Constant(1)).having(damaged_in_transit=1.0) for lane in one_shop.lanes]
    prepared = Prepared(one_shop.having(lanes=lanes))
    of = named(run_kernel(prepared, prepared.plan(BaseStock(base_stock_level=30)), 5, 4).ledger)
    assert (of["damaged"] == of["received"]).all() and of["received"].sum() > 0
    assert (of["closing_on_hand"] == 0).all() and (of["cycles"] == 0).all()
    spared = Prepared(one_shop.having(TransitDamage(0.5), lanes=[x.having(damaged_in_transit=0.0) for x in lanes]))
    assert spared.world.features.transit_damage.used == 0


def test_draws_of_damage_are_their_own(one_shop):
    """Demand and lead times stay what they were; the purpose is no other's."""
    plain, damaged = Prepared(one_shop), Prepared(one_shop.having(TransitDamage(0.2)))
    assert "damaged_units" in measures_of({"transit_damage"}) and "damaged_units" not in measures_of()
    one, other = (named(run_kernel(p, p.plan(RICH), 5, 3).ledger) for p in (plain, damaged))
    assert (one["demand"] == other["demand"]).all() and (one["damaged"] == 0).all()
    assert DAMAGE >= 2**16


def test_money_of_damage_by_hand(one_shop):
    """100 units sold at 1.5 (cost 1); 110 received, 4 of them damaged: written off at cost on both bases."""
    scenario = one_shop.having(TransitDamage(0.04), days=365)
    ledger = ledger_of(scenario, demand=100, filled=100, received=110, damaged=4, on_hand_days=3650)
    value = measure_values(facts(ledger, scenario)[0, 0], 365)
    cost = scenario.items[0].unit_cost
    assert (value["damaged_units"], value["damage_cost"]) == (4, 4 * cost)
    assert value["distortion_cost"] == value["distortion_cost_retail"] == 4 * cost
    assert value["total_cost"] == pytest.approx(value["carrying_cost"] + 4 * cost)


def test_what_is_damaged_is_in_no_flow_of_cost(one_shop):
    prepared = Prepared(one_shop.having(TransitDamage(0.3), UnitCosts(inflation=0.1)))
    of = named(run_kernel(prepared, prepared.plan(RICH), 5, 20).ledger)
    assert of["damaged"].sum() > 0
    for flow in ("fifo", "lifo", "average"):
        gone = of[f"cogs_{flow}"] + of[f"loss_value_{flow}"] + of[f"closing_value_{flow}"]
        assert (of[f"opening_value_{flow}"] + of["received_value"] == gone).all()


def test_damage_from_the_command_line_and_a_folder(tmp_path, monkeypatch, capsys, one_shop):
    monkeypatch.chdir(tmp_path)
    words = ["run", "scenario=one_store", "policy=buffer", "replications=2", "days=28", "warm_up=0",
             "transit_damage.share=0.1", "+scenario.lanes.shop.dairy.damaged_in_transit=0.5"]  # fmt: skip
    assert main(words) == 0
    assert main([*words[:-1], "+scenario.lanes.shop.dairy.damaged_in_transit=1.5"]) == 2
    said = "damaged_in_transit of lane 'dairy' -> 'shop' must be a share between 0 and 1, got 1.5"
    assert said in capsys.readouterr().err
    lanes = [lane.having(damaged_in_transit=0.25) for lane in one_shop.lanes]
    scenario = one_shop.having(TransitDamage(0.125), lanes=lanes)
    write_scenario(scenario, tmp_path / "folder")
    back = read_scenario(tmp_path / "folder")
    assert back.lanes == scenario.lanes and back.features == scenario.features


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: TransitDamage(1.2), "transit_damage.share must be a share between 0 and 1, got 1.2"),
        (lambda: Lane("a", "b", own={"damaged_in_transit": -1}),
         "damaged_in_transit of lane 'a' -> 'b' must be a share between 0 and 1, got -1"),
        (lambda: Lane("a", "b", own={"damage": 0.1}), "setting 'damage' of lane 'a' -> 'b' is unknown; "
         "choose from: damaged_in_transit, minimum_order_value, premium"),
    ],
)  # fmt: skip
def test_damage_out_of_range_is_refused(make, message):
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value) == message
