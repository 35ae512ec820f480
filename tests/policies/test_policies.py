"""Every policy in the folder keeps the contract; a user's mistake is named before an engine runs."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import yaml

from restock.policies.abc_tiered import AbcTiered
from restock.policies.base_stock import BaseStock
from restock.policies.buffer import Buffer
from restock.policies.catalogue import find_policy, make_policy, policy_names
from restock.policies.just_in_time import JustInTime
from restock.policies.protection import over_protection_interval, safety_factor_for_fill_rate, unit_normal_loss
from restock.policies.reorder_point import ReorderPoint
from restock.sim.engines.events.engine import run_events
from restock.sim.errors import InputError
from restock.sim.measures.ledger import named
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.run.shards import run_kernel

CONF = Path(__file__).parents[2] / "conf" / "policy"


def refused(build, message):
    with pytest.raises(InputError) as caught:
        build()
    assert str(caught.value) == message


def given_by_file(name, scenario, folder):
    """What a policy takes that has no default: levels their file."""
    if name != "levels":
        return {}
    rows = [f"{item.name},{site.name},9,20" for item in scenario.items for site in scenario.sites]
    (folder / "levels.csv").write_text("\n".join(["sku,location,min,max", *rows]))
    return {"file": str(folder / "levels.csv")}


@pytest.mark.parametrize("name", policy_names())
def test_every_policy_has_a_yaml_runs_and_agrees_in_both_engines(name, one_shop, tmp_path):
    kind = find_policy(name)
    settings = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    given = {key for key in settings if key not in ("name", "defaults", "along")}
    assert given <= {field.name for field in dataclasses.fields(kind)}, "the yaml sets what the policy does not have"
    prepared = Prepared(one_shop)
    plan = prepared.plan(make_policy({"name": name, **given_by_file(name, one_shop, tmp_path)}))
    assert (run_events(prepared, plan, 1, 2).ledger == run_kernel(prepared, plan, 1, 2).ledger).all()
    assert kind.__doc__ and "Source" in kind.__doc__


def test_just_in_time_orders_exactly_what_sold(one_shop):
    """From a full shelf, every order equals the day's sales."""
    prepared = Prepared(one_shop)
    plan = prepared.plan(JustInTime())
    assert plan.levels[0]["base_stock_level"].item() == 15  # three days of five: no safety stock
    stocked = Prepared(dataclasses.replace(one_shop, opening_stock=np.array([[15]])))
    daily = run_kernel(stocked, plan, 1, 1, series=True).series[:, 0, 0]
    _, filled, received, ordered = daily[:, :4].T
    assert (ordered == filled).all()
    assert received[3:].tolist() == ordered[:-3].tolist()


def test_buffer_reaches_its_cycle_service_level_where_the_textbook_holds(one_shop):
    """Large, nearly normal demand: the share of cycles without a stockout is at least the target, and close."""
    law = {("milk", "store"): dataclasses.replace(one_shop.demand.laws[0], mean=400.0)}
    big = scenario_of("big", [Item("milk")], [Site("store")], one_shop.lanes, law, days=7 * 200, warm_up=70)
    prepared = Prepared(big)
    ledger = run_kernel(prepared, prepared.plan(Buffer(target=0.9, order_days=4)), 3, 64).ledger
    of = {name: column.sum() for name, column in named(ledger).items()}
    assert 0.89 < of["cycles_in_stock"] / of["cycles"] < 0.99


def test_lead_time_variance_asks_for_more_safety_stock(one_shop):
    """Case SS-formula (arithmetic): sigma = sqrt(L sd**2 + d**2 sd_L**2) = 32.310989, z = 1.6449, level 133.15."""
    known = Prepared(one_shop).known

    class Stated(type(known)):
        demand_mean = np.array([[20.0]])
        demand_variance = np.array([[36.0]])
        lead_time_mean = np.array([[4.0]])
        lead_time_variance = np.array([[2.25]])

    mean, deviation = over_protection_interval(Stated(known.scenario, known.world), 1)
    assert np.isclose(deviation.item(), 32.310989)
    assert np.isclose(mean.item() + 1.6449 * deviation.item(), 133.148346, atol=1e-3)


def test_fill_rate_target_is_inverted_exactly():
    z = safety_factor_for_fill_rate(np.array([0.9, 0.99]), np.array([20.0, 20.0]), np.array([60.0, 60.0]))
    assert np.allclose(20 * unit_normal_loss(z) / 60, [0.1, 0.01])


def test_tiers_follow_their_own_policies():
    names = [f"s{k}" for k in range(1, 11)]
    units = [120, 900, 40, 2500, 300, 60, 1500, 20, 200, 10]
    costs = [50, 6, 90, 1, 8, 25, 0.6, 30, 2, 20]
    items = [Item(n, unit_cost=c, unit_price=2 * c) for n, c in zip(names, costs, strict=True)]
    demand = {(n, "store"): Poisson(u / 365) for n, u in zip(names, units, strict=True)}
    known = Prepared(scenario_of("abc", items, [Site("store")], [Lane("supplier", "store")], demand)).known
    tiers = {
        "A": {"name": "just_in_time"},
        "B": {"name": "base_stock", "review_period": 2},
        "C": {"name": "buffer", "review_period": 7},
    }
    plan = AbcTiered(tiers=tiers).plan(known)
    by_name = dict(zip(names, plan.tier_of[:, 0].tolist(), strict=True))
    assert by_name == dict(zip(names, "AAAAABBBCC", strict=True))  # case ABC: crossing item included
    assert plan.review_period[:, 0].tolist() == [1] * 5 + [2] * 3 + [7] * 2
    assert [plan.rules[k] for k in plan.rule_of[:, 0]] == [JustInTime.rule] * 5 + [BaseStock.rule] * 3 + [
        Buffer.rule
    ] * 2
    velocity = AbcTiered(classify_by="velocity", tiers=tiers).classes(known)
    assert dict(zip(names, velocity, strict=True)) == dict(zip(names, "CACABCACBC", strict=True))
    both = AbcTiered(classify_by="value_velocity", tiers={"other": {"name": "buffer"}}).classes(known)
    assert both.tolist() == ["AC", "AA", "AC", "AA", "AB", "BC", "BA", "BC", "CB", "CC"]


def test_a_users_own_file_is_found_by_its_dotted_path(tmp_path, monkeypatch, one_shop):
    (tmp_path / "corner_shop.py").write_text(
        "from dataclasses import dataclass\n"
        "import numpy as np\n"
        "from restock.sim.planning.policy import Policy\n"
        "@dataclass(frozen=True)\n"
        "class CoverDays(Policy):\n"
        "    days_of_cover: float = 10.0\n"
        "    def levels(self, known):\n"
        "        return {'order_up_to_level': np.ceil(known.demand_mean * self.days_of_cover)}\n"
        "    @staticmethod\n"
        "    def rule(view, levels):\n"
        "        if view.sales > 20:\n"
        "            return 2 * view.sales\n"
        "        return max(0, levels.order_up_to_level - view.inventory_position)\n"
    )
    monkeypatch.chdir(tmp_path)
    policy = make_policy({"name": "corner_shop.CoverDays", "days_of_cover": 6.0, "review_period": 4})
    prepared = Prepared(one_shop)
    plan = prepared.plan(policy)
    assert plan.levels[0]["order_up_to_level"].item() == 30
    assert (run_events(prepared, plan, 1, 3).ledger == run_kernel(prepared, plan, 1, 3).ledger).all()
    with pytest.raises(
        InputError, match=r"policy class 'CoverDay' in corner_shop\.py is unknown; did you mean 'CoverDays'"
    ):
        find_policy("corner_shop.CoverDay")


@dataclass(frozen=True)
class Flawed(Policy):
    flaw: str = ""

    def levels(self, known):
        if self.flaw == "fraction":
            return {"level": known.demand_mean * 1.5}
        if self.flaw == "shape":
            return {"level": np.ones(3)}
        if self.flaw == "order":
            return {"reorder_point": np.array([[80]]), "order_up_to_level": np.array([[60]])}
        return {"level": np.array([[10]])}

    @staticmethod
    def rule(view, levels):
        return levels.level


@pytest.mark.parametrize(
    "flaw, message",
    [
        ("fraction", "policy 'flawed': level must be a whole number, got 7.5 for item 'milk' at site 'store'"),
        ("shape", "policy 'flawed': level has shape (3,); allowed: (items, sites) = (1, 1)"),
        (
            "order",
            "reorder_point (80) must not exceed order_up_to_level (60) for item 'milk' at site 'store', "
            "in policy 'flawed'",
        ),
    ],
)
def test_wrong_levels_are_named(flaw, message, one_shop):
    refused(lambda: Prepared(one_shop).plan(Flawed(flaw=flaw)), message)


def test_a_rule_that_cannot_run_is_named(one_shop):
    class Misspelt(Flawed):
        @staticmethod
        def rule(view, levels):
            return levels.levle

    class Fraction(Flawed):
        @staticmethod
        def rule(view, levels):
            return levels.level / 2

    with pytest.raises(
        InputError, match=r"policy 'misspelt' for item 'milk' at site 'store': the rule failed: .*levle"
    ):
        Prepared(one_shop).plan(Misspelt())
    with pytest.raises(InputError, match=r"the rule must return a whole number not below 0, got 5\.0"):
        Prepared(one_shop).plan(Fraction())


@pytest.mark.parametrize(
    "settings, message",
    [
        (
            {"name": "bufer"},
            "policy 'bufer' is unknown; did you mean 'buffer'? "
            "choose from: abc_tiered, adaptive, anchor_and_adjust, base_stock, buffer, dual_index, "
            "echelon_base_stock, guaranteed_service, just_in_time, levels, predictive, reactive, ... (14 in all)",
        ),
        (
            {"name": "buffer", "targt": 0.9},
            "setting 'targt' of policy 'buffer' is unknown; did you mean 'target'? "
            "choose from: measure, order_days, review_period, target",
        ),
        ({"name": "buffer", "target": 1.0}, "target must lie between 0 and 1, got 1.0"),
        ({"name": "buffer", "order_days": 0}, "order_days must be above 0, got 0"),
        (
            {"name": "abc_tiered", "classify_by": "values"},
            "classify_by 'values' of policy 'abc_tiered' is unknown; did you mean 'value'? "
            "choose from: value, value_velocity, variability, velocity",
        ),
        ({"name": "nowhere.Policy"}, None),
    ],
)
def test_wrong_settings_are_named(settings, message):
    if message is None:
        with pytest.raises(InputError, match=r"policy 'nowhere.Policy': no file nowhere.py in "):
            make_policy(settings)
    else:
        refused(lambda: make_policy(settings), message)


def test_a_reorder_point_above_the_order_up_to_level_is_refused(one_shop):
    message = (
        "reorder_point (80) must not exceed order_up_to_level (60) for item 'milk' at site 'store', "
        "in policy 'reorder_point'"
    )
    refused(lambda: Prepared(one_shop).plan(ReorderPoint(reorder_point=80, order_up_to_level=60)), message)


def test_stores_just_in_time_and_dcs_by_a_policy_of_their_own():
    prepared = Prepared(two_tiers())
    lean, dcs = JustInTime(cover_days=1.0), {"name": "buffer", "target": 0.95}
    plan = prepared.plan(JustInTime(cover_days=1.0, at_dcs=dcs))
    stores, above = prepared.known.tier == 0, prepared.known.tier > 0
    own, theirs = prepared.plan(lean), prepared.plan(make_policy(dcs))
    assert (plan.levels[0]["base_stock_level"][:, stores] == own.levels[0]["base_stock_level"][:, stores]).all()
    assert (plan.rule_of[:, above] == 1).all() and (plan.rule_of[:, stores] == 0).all()
    assert (plan.levels[1]["reorder_point"][:, above] == theirs.levels[0]["reorder_point"][:, above]).all()
    assert (run_events(prepared, plan, 1, 2).ledger == run_kernel(prepared, plan, 1, 2).ledger).all()


def two_tiers():
    items = [Item.with_settings("milk", shelf_life=4), Item("soap")]
    sites = [Site("dc", kind="dc"), Site("east", served_by="dc"), Site("west", served_by="dc")]
    lanes = [Lane("supplier", "dc", Constant(6)), *(Lane("dc", store, Constant(1)) for store in ("east", "west"))]
    demand = {(item.name, store): Poisson(5.0) for item in items for store in ("east", "west")}
    return scenario_of("two_tiers", items, sites, lanes, demand, days=84)


@pytest.mark.parametrize("settings", [{"name": "buffer", "order_days": 14.0}, {"name": "reactive", "order_days": 14.0},
                                      {"name": "reorder_point", "order_days": 14.0}, {"name": "base_stock",
                                      "safety_factor": 9.0}, {"name": "just_in_time", "cover_days": 14.0}])  # fmt: skip
def test_no_more_is_ordered_of_what_does_not_keep_than_is_sold_in_time(settings):
    prepared = Prepared(two_tiers())
    plan = prepared.plan(make_policy(settings))
    high = next(plan.levels[0][name] for name in ("order_up_to_level", "base_stock_level") if name in plan.levels[0])
    assert high[0].tolist()[1:] == [25, 25], "a day of lead time and four on the shelf, at 5 a day"
    assert (high[1] > 25).all() and high[0, 0] > 25, "what keeps, and a DC, are as planned"
    if "reorder_point" in plan.levels[0]:
        assert (plan.levels[0]["reorder_point"] < high).all()
