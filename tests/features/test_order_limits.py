"""Limits on what is ordered: evenings by hand, both engines alike, identities, and what is refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from chains import RICH, small_chain
from hypothesis import given
from hypothesis import strategies as st
from test_parity import any_world, assert_same, both
from test_shared_limits import moved, steady
from worlds import budgets, joints, policies, scenarios, spaces

from restock.policies.base_stock import BaseStock
from restock.policies.reorder_point import ReorderPoint
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.engines.events.final_state import state_of_run
from restock.sim.engines.writer import run as writer_run
from restock.sim.errors import InputError
from restock.sim.features.limits.settings import Limits
from restock.sim.features.records.settings import Records
from restock.sim.features.second_source.settings import Sourcing
from restock.sim.measures.facts import facts
from restock.sim.measures.ledger import named
from restock.sim.measures.measures import measure_values, measures_of
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant
from restock.sim.run.shards import run_kernel

JOINT = {"joint_cost": 30.0, "least_volume": 160, "wait": 3, "join_below_days": 9, "join_up_to_days": 10}
TIGHT = {
    "sites": {"dc": {"space": 1500}, "store_1": {"space": 90, "share": "neediest"}},
    "joint": {
        "dc": {"supplier": JOINT | {"fill_up": True}},
        "store_0": {"dc": JOINT | {"least_volume": 25}},
        "store_2": {"dc": {"least_volume": 60, "fill_up": True}},
    },
    "budgets": {"buyer": {"money": 900.0, "every": 7}},
}
UNORDERED = ("no_shelf", "no_space", "no_money", "held_back")


def limited(scenario, **limits):
    """With limits on what is ordered, and perhaps others."""
    return scenario.having(Limits(**limits))


def shelved(scenario, *shelves):
    """Items with so much room each."""
    items = [item.having(shelf=shelf) for item, shelf in zip(scenario.items, shelves, strict=True)]
    return scenario.having(items=items)


def ordered(scenario, item="item_0", site="store_0"):
    """Units ordered by day."""
    return moved(scenario, "ordered", item, site)


def ledger_of(scenario, policy=None, replications=1):
    """Sums over items, sites and replications, by column; both engines agree."""
    prepared = Prepared(scenario)
    shard = both(prepared, prepared.plan(policy or BaseStock(base_stock_level=20)), 1, replications, series=True)
    return {name: int(column.sum()) for name, column in named(shard.ledger).items()}


@st.composite
def worlds(draw):
    """Random scenarios in which something limits what is ordered."""
    scenario = draw(scenarios())
    items, sites = scenario.items, scenario.sites
    limits = Limits(
        sites=draw(spaces(sites, items, {})), joint=draw(joints(items, sites)), budgets=draw(budgets(items, sites))
    )
    return scenario.having(limits)


@any_world
@given(worlds(), policies, st.integers(0, 2**63 - 1))
def test_both_engines_order_the_same(scenario, policy, seed):
    prepared = Prepared(scenario)
    both(prepared, prepared.plan(policy), seed, series=True)


def test_without_bounds_all_is_as_without_limits():
    wide = limited(
        small_chain().scenario, sites={"dc": {"space": 10**9}, "store_0": {"space": 10**9}},
        joint={"dc": {"supplier": {"joint_cost": 0}}}, budgets={"buyer": {"money": 10**9}},
    )  # fmt: skip
    wide = wide.having(items=[item.having(shelf=10**9) for item in wide.items])
    prepared, plain = Prepared(wide), small_chain()
    one, other = (run_kernel(each, each.plan(RICH), 5, 3, series=True) for each in (prepared, plain))
    found, as_before = named(one.ledger), named(other.ledger)
    differ = [name for name in as_before if (found[name] != as_before[name]).any()]
    assert sorted(differ) == ["joint_load", "joint_orders"]  # they are counted, and hold nothing back
    assert (one.series == other.series).all() and found["joint_orders"].any()
    assert_same(run_events(prepared, prepared.plan(RICH), 5, 3), one)


def test_a_shelf_holds_what_is_there_and_what_is_on_its_way():
    """Four a day are sold of 20; with room for 15, orders start when 15 are passed, and keep the position there."""
    assert ordered(steady(dc=False))[:3] == [(0, 4), (1, 4), (2, 4)]
    assert ordered(shelved(steady(dc=False), 15, None))[:3] == [(1, 3), (2, 4), (3, 4)]
    assert ordered(shelved(steady(dc=False), 15, None), "item_1")[:2] == [(0, 2), (1, 2)]
    assert ledger_of(shelved(steady(dc=False, days=2), 15, None))["no_shelf"] == 4 + 5


def test_a_shelf_is_filled_in_whole_packs_and_only_where_customers_buy():
    scenario = steady(dc=False)
    items = [scenario.items[0].having(pack=6, shelf=15), scenario.items[1]]
    assert ordered(scenario.having(items=items))[:3] == [(2, 6), (4, 6), (5, 6)]
    behind = shelved(steady(), 15, 15)
    assert ordered(behind)[:2] == [(1, 3), (2, 4)] and Prepared(behind).world.features.limits.shelf[:, 0].sum() == 0


def test_shelves_do_not_make_items_advance_together():
    features = Prepared(shelved(steady(dc=False), 15, None)).world.features.limits
    assert (features.used, features.shelves) == (0, 1)


def test_space_is_shared_among_tonights_orders():
    """Of 40 units on hand six are sold a day; 36 have space: 2 of the first evening's six, in proportion 1 and 1."""
    scenario = limited(steady(dc=False, days=3), sites={"store_0": {"space": 36}})
    assert ordered(scenario) == [(0, 1), (1, 4), (2, 4)]
    assert ordered(scenario, "item_1") == [(0, 1), (1, 2), (2, 2)]
    first = limited(steady(dc=False, days=3), sites={"store_0": {"space": 36, "share": "priority"}})
    assert ordered(first) == [(0, 2), (1, 6), (2, 4)] and ordered(first, "item_1") == [(2, 2)]
    assert ledger_of(first)["no_space"] == (2 + 2) + (0 + 4) + (0 + 4)


def test_large_units_take_more_space():
    scenario = limited(steady(dc=False, days=1, volumes=(3, 1)), sites={"store_0": {"space": 71, "share": "priority"}})
    assert ordered(scenario) == [(0, 1)] and ordered(scenario, "item_1") == [(0, 2)]  # 48 + 18 are taken


def test_space_is_filled_in_whole_packs():
    """34 are there when both have sold; 46 have space: two packs of 5 of the first, and 2 of the second."""
    scenario = limited(steady(dc=False, days=1), sites={"store_0": {"space": 46, "share": "priority"}})
    items = [scenario.items[0].having(pack=5), scenario.items[1]]
    to_30 = BaseStock(base_stock_level=30)  # asks for 14, in packs 15, and 12
    in_packs = scenario.having(items=items)
    assert moved_by(in_packs, to_30, "ordered") == [(0, 10)]
    assert moved_by(in_packs, to_30, "ordered", "item_1") == [(0, 2)]
    assert ledger_of(in_packs, to_30)["no_space"] == 5 + 10


def test_the_neediest_get_space_first():
    stock = np.array([[18], [6]])
    scenario = steady(dc=False, days=1, rates=(2, 4)).having(opening_stock=stock)
    by_need = limited(scenario, sites={"store_0": {"space": 20, "share": "neediest"}})
    assert ordered(by_need) == [] and ordered(by_need, "item_1") == [(0, 2)]  # 16 and 2 are there: 8 days, none


def test_an_order_that_comes_to_too_little_waits():
    """Six a day: twelve are there on the second evening, as the policy asks again for what was not ordered."""

    def both_items(**terms):
        scenario = limited(steady(dc=False, days=8), joint={"store_0": {"supplier": terms}})
        return [ordered(scenario), ordered(scenario, "item_1")]

    assert both_items(least_volume=12) == [[(1, 8), (3, 8), (5, 8), (7, 8)], [(1, 4), (3, 4), (5, 4), (7, 4)]]
    assert both_items(least_volume=100, wait=2) == [[(2, 12), (5, 12)], [(2, 6), (5, 6)]]
    assert both_items(least_volume=100)[0] == []
    assert both_items(least_volume=100, wait=0)[0] == [(day, 4) for day in range(8)]


def test_an_evening_on_which_nothing_is_wanted_starts_the_count_afresh():
    """Reviewed weekly, orders are held back on evenings that do not follow each other: no wait of two is ever over."""
    scenario = steady(dc=False, days=22, rates=(4, 0))
    weekly = BaseStock(base_stock_level=20, review_period=7)
    assert moved_by(scenario, weekly, "ordered") == [(0, 4), (7, 28), (14, 28), (21, 28)]
    held = limited(scenario, joint={"store_0": {"supplier": {"least_volume": 100, "wait": 2}}})
    assert moved_by(held, weekly, "ordered") == []
    assert ledger_of(held, weekly)["held_back"] == 4 + 32 + 60 + 88


def test_joint_orders_are_counted_and_paid_once_however_many_items_are_in_them():
    terms = {"joint_cost": 30.5, "least_volume": 12}
    scenario = limited(steady(dc=False, days=10), joint={"store_0": {"supplier": terms}})
    prepared = Prepared(scenario)
    shard = both(prepared, prepared.plan(BaseStock(base_stock_level=20)), 1, 2, series=True)
    of = {name: column[0, :, 0].tolist() for name, column in named(shard.ledger).items()}
    assert of["joint_load"] == [40, 20] and of["joint_orders"] == [3333, 1667] and of["joint_cost"] == [101666, 50834]
    values = measure_values(facts(shard.ledger, scenario).sum(axis=(1, 2)), scenario.days)
    assert np.allclose(values["joint_orders_a_year"], 5 * 36.5)
    assert np.allclose(values["joint_order_cost"], 5 * 30.5 * 36.5)
    free = limited(steady(dc=False, days=10), joint={"store_0": {"supplier": {"least_volume": 12}}})
    without = both(Prepared(free), Prepared(free).plan(BaseStock(base_stock_level=20)), 1, 2)
    base = measure_values(facts(without.ledger, free).sum(axis=(1, 2)), free.days)
    for name in ("ordering_cost", "total_cost"):
        assert np.allclose(values[name] - base[name], values["joint_order_cost"])
    assert "joint_orders_a_year" in measures_of({"joint_orders"}) and "joint_orders_a_year" not in measures_of()


def test_items_join_where_another_is_ordered():
    """An order of item_0 takes item_1 along, which has fewer than its days of cover, up to more."""
    policy = ReorderPoint(reorder_point=10, order_up_to_level=20)
    scenario = steady(dc=False, days=6, rates=(4, 2))
    assert moved_by(scenario, policy, "ordered") == [(2, 12), (5, 12)]
    assert moved_by(scenario, policy, "ordered", "item_1") == [(4, 10)]
    terms = {"join_below_days": 8, "join_up_to_days": 9}
    joining = limited(scenario, joint={"store_0": {"supplier": terms}})
    assert moved_by(joining, policy, "ordered", "item_1") == [(2, 4), (5, 6)]  # 14 and 12 are there: below 16, up to 18
    assert moved_by(joining, policy, "joined", "item_1") == [(2, 4), (5, 6)]
    never = limited(scenario, joint={"store_0": {"supplier": terms | {"join_below_days": 7}}})
    assert moved_by(never, policy, "ordered", "item_1")[0] == (4, 10)  # 14 are not below 14


def moved_by(scenario, policy, what, item="item_0", site="store_0"):
    """As `moved`, of a policy."""
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    both(prepared, plan, 1, series=True)
    log = Run(prepared, plan, 1, 0, log=True).run().log
    return [(each.day, each.quantity) for each in log if (each.what, each.item, each.site) == (what, item, site)]


def test_who_joins_keeps_to_packs_terms_and_shelves():
    policy = ReorderPoint(reorder_point=10, order_up_to_level=20)
    terms = {"join_below_days": 8, "join_up_to_days": 9}
    scenario = limited(steady(dc=False, days=3), joint={"store_0": {"supplier": terms}})
    items = [scenario.items[0], scenario.items[1].having(pack=5)]
    assert moved_by(scenario.having(items=items), policy, "ordered", "item_1") == [(2, 5)]
    full = [scenario.items[0], scenario.items[1].having(shelf=16)]
    assert moved_by(scenario.having(items=full), policy, "ordered", "item_1") == [(2, 2)]
    no_room = [scenario.items[0], scenario.items[1].having(shelf=14)]
    assert moved_by(scenario.having(items=no_room), policy, "ordered", "item_1") == []
    closed = scenario.having(lanes=[Lane("supplier", "store_0", order_days=("thu",))], days=7)  # day 0 is a Monday
    assert moved_by(closed, policy, "ordered") == [(3, 16)]
    assert moved_by(closed, policy, "ordered", "item_1") == [(3, 6)] == moved_by(closed, policy, "joined", "item_1")


def test_joined_units_of_an_order_that_is_held_back_are_not_written_down_as_joined():
    policy = ReorderPoint(reorder_point=10, order_up_to_level=20)
    terms = {"join_below_days": 8, "join_up_to_days": 9, "least_volume": 1000}
    scenario = limited(steady(dc=False, days=3), joint={"store_0": {"supplier": terms}})
    found = ledger_of(scenario, policy)
    assert (found["joined"], found["held_back"]) == (0, 12 + 4)


def test_orders_are_filled_up_by_days_of_demand():
    """Six are asked for, 20 are the least: two days more are 18, three 24, of which four are taken off the first."""
    scenario = limited(
        steady(dc=False, days=1), joint={"store_0": {"supplier": {"least_volume": 20, "fill_up": True}}})  # fmt: skip
    assert (ordered(scenario), ordered(scenario, "item_1")) == ([(0, 12)], [(0, 8)])
    found = ledger_of(scenario)
    assert (found["filled_up"], found["held_back"]) == (14, 0)
    packs = [scenario.items[0].having(pack=5), scenario.items[1]]
    in_packs = scenario.having(items=packs)  # 5 + 2; two days: 15 + 6 = 21 would do
    assert (ordered(in_packs), ordered(in_packs, "item_1")) == ([(0, 15)], [(0, 5)])
    one_full = shelved(scenario, 18, None)  # 2 + 2 are asked for, and no more fit of the first: the other comes to 18
    assert (ordered(one_full), ordered(one_full, "item_1")) == ([(0, 2)], [(0, 18)])
    full = shelved(scenario, 18, 20)  # 2 + 2 fit, and no more
    assert (ordered(full), ordered(full, "item_1")) == ([], [])
    found = ledger_of(full)
    assert (found["no_shelf"], found["held_back"], found["filled_up"]) == (2, 2 + 2, 0)


def test_what_a_year_of_demand_does_not_fill_waits():
    terms = {"least_volume": 6 * 370, "fill_up": True, "wait": 1}
    scenario = limited(steady(dc=False, days=4), joint={"store_0": {"supplier": terms}})
    assert ordered(scenario) == [(1, 8), (3, 8)] and ledger_of(scenario)["filled_up"] == 0
    just = limited(steady(dc=False, days=1), joint={"store_0": {"supplier": terms | {"least_volume": 6 * 366}}})
    assert ordered(just) == [(0, 4 * 366)]


def test_a_budget_lapses_and_is_given_again():
    """At 10 a unit, six a day cost 60; 100 are there for three days: six units, then four, then none."""
    scenario = steady(dc=False, days=7)
    items = [item.having(unit_cost=10.0) for item in scenario.items]
    scenario = limited(scenario.having(items=items), budgets={"buyer": {"money": 100, "every": 3, "share": "priority"}})
    assert ordered(scenario) == [(0, 4), (1, 4), (3, 8), (6, 10)]
    assert ordered(scenario, "item_1") == [(0, 2), (3, 2)]
    assert ledger_of(scenario)["no_money"] == 2 + (4 + 4) + (0 + 4) + (4 + 6) + (8 + 8) + (2 + 10)


def test_an_order_counts_for_the_whole_budget_at_most_as_it_is_shared():
    """12 units of the first are asked for and 2 of the second, of four that can be bought: two of each are."""
    scenario = steady(dc=False, days=1, rates=(12, 2))
    items = [item.having(unit_cost=10.0) for item in scenario.items]
    scenario = limited(scenario.having(items=items), budgets={"buyer": {"money": 40}})
    assert (ordered(scenario), ordered(scenario, "item_1")) == ([(0, 2)], [(0, 2)])


def test_a_budget_is_for_all_its_sites_and_suppliers_together():
    items = [Item("a", supplier="near", unit_cost=2.0), Item("b", supplier="far", unit_cost=3.0)]
    sites = [Site("one"), Site("two")]
    lanes = [Lane(source, site.name) for source in ("near", "far") for site in sites]
    demand = {(item.name, site.name): Constant(5) for item in items for site in sites}
    stock = np.full((2, 2), 20)
    base = scenario_of("shops", items, sites, lanes, demand, days=1, opening_stock=stock)

    def bought(**budget):
        scenario = limited(base, budgets={"buyer": budget | {"share": "priority"}})
        return [sum(units for _, units in ordered(scenario, item, site)) for item in "ab" for site in ("one", "two")]

    assert bought(money=26) == [5, 5, 2, 0]
    assert bought(money=26, suppliers=("far",)) == [5, 5, 5, 3]
    assert bought(money=9, sites=("two",)) == [5, 4, 5, 0]
    assert bought(money=26.5, suppliers=("far",), sites=("two",)) == [5, 5, 5, 5]


def test_a_store_behind_a_dc_needs_no_budget():
    scenario = limited(steady(), budgets={"buyer": {"money": 1.0}})
    assert ordered(scenario)[:2] == [(0, 4), (1, 4)]


def test_money_is_reckoned_in_whole_thousandths_and_no_more_is_spent():
    scenario = steady(dc=False, days=1)
    items = [scenario.items[0].having(unit_cost=0.3335), scenario.items[1].having(unit_cost=0.0)]
    scenario = scenario.having(items=items)
    spent = limited(scenario, budgets={"buyer": {"money": 1.0}})
    assert ordered(spent) == [(0, 2)] and ordered(spent, "item_1") == [(0, 2)]  # what costs nothing is free


@dataclasses.dataclass(frozen=True)
class Absurd(Policy):
    """Asks for more than a cell may hold, at once or in two days."""

    times: tuple = (5,)

    def levels(self, known):
        return {"level": np.full_like(known.demand_mean, 2 * 10**8), "times": np.array(self.times)}

    @staticmethod
    def rule(view, levels):
        return levels.times * levels.level


def test_orders_beyond_all_bounds_are_refused_also_where_a_limit_would_cut_them():
    for scenario in (
        shelved(steady(dc=False), 30, 30),
        limited(steady(dc=False), sites={"store_0": {"space": 30}}),
        limited(steady(dc=False), budgets={"buyer": {"money": 10.0}}),
    ):
        prepared = Prepared(scenario)
        line = both(prepared, prepared.plan(Absurd()))
        assert isinstance(line, str) and "; allowed: at most " in line


def test_what_is_decided_is_looked_at_before_what_is_bought():
    """On the second day one shop has too much on order, once it has bought; the other asks for too much at once."""
    sites = [Site("one"), Site("two")]
    lanes = [Lane("supplier", "one", Constant(9)), Lane("supplier", "two", order_days=("tue",))]
    scenario = scenario_of("shops", [Item("a", unit_cost=0.001)], sites, lanes,
                           {("a", site.name): Constant(1) for site in sites}, days=7)  # fmt: skip
    said = {}
    for name, limits in (("no budget", {}), ("a budget", {"budgets": {"buyer": {"money": 10**9}}})):
        prepared = Prepared(limited(scenario, **limits))
        said[name] = both(prepared, prepared.plan(Absurd(times=(1, 5))))
    assert "at site 'one' on day 1 (replication 0): 400,000,000 units are on order" in said["no budget"]
    assert "at site 'two' on day 1 (replication 0): the order is too large" in said["a budget"]


@pytest.mark.parametrize("gang", [(1, 1), (3, 1), (7, 2), (64, 12)])
def test_how_many_replications_advance_together_changes_nothing(gang, monkeypatch):
    prepared = Prepared(shelved_chain())
    plan = prepared.plan(RICH)
    expected = run_kernel(prepared, plan, 3, 10, series=True)
    found = {name: int(column.sum()) for name, column in named(expected.ledger).items()}
    assert all(found[name] > 0 for name in (*UNORDERED, "joined", "filled_up", "joint_orders", "joint_cost"))
    monkeypatch.setattr(writer_run, "gang_of", lambda world: writer_run.Gang(*gang))
    assert_same(run_kernel(prepared, plan, 3, 10, series=True), expected)
    assert_same(run_kernel(prepared, plan, 3, 10, threads=2, series=True), expected)


def shelved_chain(**settings):
    scenario = small_chain(**settings).scenario.having(Limits(**TIGHT))
    return scenario.having(items=[item.having(shelf=12 if k % 2 else None) for k, item in enumerate(scenario.items)])


def test_a_run_goes_on_with_what_is_held_back_and_what_is_spent():
    monthly = Limits(**TIGHT | {"budgets": {"buyer": {"money": 2500.0, "every": 30}}})
    whole = Prepared(shelved_chain(days=56, warm_up=28).having(monthly))
    plan = whole.plan(RICH)
    state = state_of_run(whole, plan, 4, 3, 28)
    assert state.arrays["joint_waited"].any() and state.arrays["spent"].any()
    going_on = Prepared(whole.scenario.having(opening=state))
    again = run_kernel(going_on, going_on.plan(RICH), 4, 3)
    assert (again.ledger == run_kernel(whole, plan, 4, 3).ledger).all()
    assert (run_events(going_on, going_on.plan(RICH), 4, 3).ledger == again.ledger).all()


def test_a_run_goes_on_with_the_evenings_held_back_so_far():
    """What is held back is ordered on the fourth evening; three of them are over when the second week begins."""
    scenario = limited(steady(dc=False, days=7, warm_up=7),
                       joint={"store_0": {"supplier": {"least_volume": 100, "wait": 3}}})  # fmt: skip
    whole, policy = Prepared(scenario), BaseStock(base_stock_level=20)
    state = state_of_run(whole, whole.plan(policy), 1, 2, 7)
    assert state.arrays["joint_waited"].tolist() == [[[3], [3]]] * 2
    going_on = Prepared(scenario.having(opening=state))
    again = both(going_on, going_on.plan(policy), series=True)
    assert (again.ledger == run_kernel(whole, whole.plan(policy), 1, 2).ledger).all()
    assert named(again.ledger)["ordered"][0, :, 0].tolist() == [4 * 8, 2 * 8]


def test_what_is_on_the_shelf_is_what_the_book_says():
    """With books seen two days late a position is that of the postings."""
    scenario = shelved(steady(dc=False, days=6), 15, None).having(Records(lag=2))
    assert ordered(scenario) != ordered(shelved(steady(dc=False, days=6), 15, None))


def test_an_express_order_of_tonight_takes_room():
    """What is ordered from the second source first is on its way when the shelf is looked at."""
    from restock.policies.dual_index import DualIndex

    scenario = steady(dc=False, days=10, rates=(4, 0))
    lanes = [Lane("supplier", "store_0", Constant(4)), Lane.with_settings("near", "store_0", Constant(1), premium=0.1)]
    scenario = scenario.having(Sourcing("policy", "near"), lanes=lanes)
    prepared = Prepared(shelved(scenario, 21, None))
    plan = prepared.plan(DualIndex())
    both(prepared, plan, series=True)
    states = Run(prepared, plan, 1, 0, log=True).run().daily
    express = [s for s in states if s.item == "item_0"]
    assert max(s.on_hand + s.on_order for s in express) <= max(21, express[0].on_hand + express[0].on_order)


def test_a_folder_keeps_them(tmp_path):
    scenario = shelved_chain()
    write_scenario(scenario, tmp_path / "folder")
    again = read_scenario(tmp_path / "folder")
    assert again.feature("limits") == scenario.feature("limits") and again.items[1].own.get("shelf") == 12


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"joint": {"shop": {}, "store_9": {"dc": {}}}},
         "site 'store_9' of limits.joint is unknown; did you mean 'store_0'? choose from: dc, store_0"),
        ({"joint": {"store_0": {"supplier": {}}}},
         "source 'supplier' of limits.joint.store_0 is unknown; choose from: dc"),
        ({"joint": {"dc": {"supplier": {"least_volume": 0}}}},
         "limits.joint.dc.supplier.least_volume must be a whole number from 1 to 1,000,000,000, got 0"),
        ({"joint": {"dc": {"supplier": {"joint_cost": -1}}}},
         "limits.joint.dc.supplier.joint_cost must be a number from 0 to 1,000,000, got -1"),
        ({"joint": {"dc": {"supplier": {"wait": -1}}}},
         "limits.joint.dc.supplier.wait must be a whole number of evenings from 0 to 1,000, got -1"),
        ({"joint": {"dc": {"supplier": {"join_below_days": 4, "join_up_to_days": 3}}}},
         "limits.joint.dc.supplier.join_up_to_days must be at least join_below_days, 4, got 3"),
        ({"joint": {"dc": {"supplier": {"jont_cost": 4}}}},
         "setting 'jont_cost' of limits.joint.dc.supplier is unknown; did you mean 'joint_cost'? choose from: "
         "fill_up, join_below_days, join_up_to_days, joint_cost, least_volume, wait"),
        ({"budgets": {"buyer": {}}}, "limits.budgets.buyer needs money, such as {money: 20000, every: 7}"),
        ({"budgets": {"buyer": {"money": 5, "every": 0}}},
         "limits.budgets.buyer.every must be a whole number of days from 1 to 365, got 0"),
        ({"budgets": {"buyer": {"money": 5, "suppliers": ("suplier",)}}},
         "supplier 'suplier' of limits.budgets.buyer is unknown; did you mean 'supplier'? choose from: supplier"),
        ({"budgets": {"buyer": {"money": 5, "sites": ("store_0",)}}},
         "site 'store_0' of limits.budgets.buyer orders from 'dc'; a budget is for orders from outside"),
        ({"budgets": {"one": {"money": 5}, "two": {"money": 9, "sites": ("dc",)}}},
         "limits.budgets: orders of 'dc' with 'supplier' are in two budgets, 'one' and 'two'"),
        ({"budgets": {"buyer": {"money": 5, "share": "fair"}}},
         "limits.budgets.buyer share 'fair' is unknown; choose from: neediest, priority, proportional"),
        ({"budgets": {"buyer": {"money": 0.5}}},
         "limits.budgets.buyer.money is 0.5, and an order of item 'item_0', a unit, costs 1: none would ever be "
         "ordered"),
        ({"sites": {"store_9": {"space": 5}}},
         "site 'store_9' of limits.sites is unknown; did you mean 'store_0'? choose from: dc, store_0"),
        ({"sites": {"store_0": {"space": 0}}},
         "limits.sites.store_0.space must be a whole number from 1 to 1,000,000,000, got 0"),
        ({"sites": {"store_0": {"space": 2}}},
         "limits.sites.store_0.space is 2, and an order of item 'item_1', a unit, takes 3: none would ever be ordered"),
    ],
)  # fmt: skip
def test_bad_limits_in_a_line(settings, line):
    with pytest.raises(InputError) as error:
        steady(volumes=(1, 3)).having(Limits(**settings))
    assert str(error.value) == line


def test_a_shelf_below_a_pack_is_refused():
    scenario = steady(dc=False)
    with pytest.raises(InputError) as error:
        scenario.having(items=[scenario.items[0].having(pack=6, shelf=5), scenario.items[1]])
    assert str(error.value) == "shelf of item 'item_0', in packs of 6 units, is 5: none would ever be ordered"
    with pytest.raises(InputError, match="shelf of item 'item_0' must be a whole number from 1 to"):
        shelved(scenario, -1, None)
