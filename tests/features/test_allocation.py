"""Allocation by need: who gets the next unit, by which record, and where goods went that were not needed."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_parity import any_world, assert_same, both
from worlds import policies, scenarios

from restock.experiments.cli import main
from restock.sim.engines.events import allocation as sharing
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.errors import InputError
from restock.sim.features.allocation.settings import Allocation
from restock.sim.features.channels.settings import Channels
from restock.sim.features.limits.settings import Limits
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.features.returns.settings import Returns
from restock.sim.measures.ledger import named
from restock.sim.model.network import Costs, Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.model.supply.supply_events import ClosedLane
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.run.shards import run_kernel
from restock.sim.theory.rationing import largest_shortfalls_first
from restock.sim.verification.cases.rules import LevelsBySite


def short_dc(laws, before, days=2, lead_time=1, settings=None, **of_dc):
    """A DC that is not supplied in time, and stores that ask by these laws."""
    names = [f"store_{k}" for k in range(len(laws))]
    sites = [Site("dc", "dc", **of_dc), *(Site(name, served_by="dc") for name in names)]
    lanes = [Lane("supplier", "dc", Constant(99)), *(Lane("dc", name, Constant(lead_time)) for name in names)]
    demand = {("item", name): law for name, law in zip(names, laws, strict=True)}
    return scenario_of("short", [Item("item")], sites, lanes, demand, days=days, opening_stock=np.array([before]),
                       **(settings or {}))  # fmt: skip


def ledgers(scenario, policy, replications=1):
    """Both engines' ledger, by column."""
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    kernel = run_kernel(prepared, plan, 1, replications, series=True)
    assert_same(run_events(prepared, plan, 1, replications), kernel)
    return named(kernel.ledger)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(-9, 15)), min_size=1, max_size=7), st.data())
def test_the_largest_shortfalls_come_first(stores, data):
    """Unit by unit it is what the definition says, and no unit is lost."""
    owed, short = [a for a, _ in stores], [b for _, b in stores]
    available = data.draw(st.integers(0, sum(owed)))
    shares = sharing.min_max_shortfall(available, owed, short)
    assert shares == largest_shortfalls_first(available, owed, short)
    assert sum(shares) == available and all(0 <= a <= b for a, b in zip(shares, owed, strict=True))


def test_without_a_target_the_largest_debt_is_served_first():
    """Stores are owed 12, 10, 8 and 6 of 24 units: the first two come down to the third's debt, and so on."""
    laws, orders = [Constant(units) for units in (12, 10, 8, 6)], (0, 12, 10, 8, 6)
    scenario = short_dc(laws, [24, 12, 10, 8, 6], allocation="min_max_shortfall")
    came = ledgers(scenario, LevelsBySite(level_of=orders))["received"][0, 0, 1:]
    assert came.tolist() == [9, 7, 5, 3]


@pytest.mark.parametrize(
    ("allocation", "came"),
    [("proportional", [8, 7, 5, 4]), ("priority", [12, 10, 2, 0]), ("fair_share", [8, 7, 5, 4])],
)  # fmt: skip
def test_rules_that_look_at_orders_or_days(allocation, came):
    """Stores ask for 12, 10, 8 and 6 a day, their shelves are empty, and 24 units are there: two thirds of a day."""
    laws, orders = [Constant(units) for units in (12, 10, 8, 6)], (0, 12, 10, 8, 6)
    scenario = short_dc(laws, [24, 12, 10, 8, 6], allocation=allocation)
    assert ledgers(scenario, LevelsBySite(level_of=orders))["received"][0, 0, 1:].tolist() == came


@pytest.mark.parametrize(("closed", "served"), [(False, "acc" * 2), (True, "ac" * 3)])
def test_ties_rotate_over_all_sites_that_are_reached(closed, served):
    """A unit a night for two stores that ask for one each; a third one, listed between them, keeps another item."""
    sites = [Site("dc", "dc", unshipped="cancelled"), *(Site(name, served_by="dc") for name in "abc")]
    lanes = [Lane("supplier", "dc", Constant(1)), *(Lane("dc", name, Constant(1)) for name in "abc")]
    demand = {("item", "a"): Constant(1), ("other", "b"): Constant(1), ("item", "c"): Constant(1)}
    events = (ClosedLane(source="dc", destination="b", start=0, days=6),) if closed else ()
    prepared = Prepared(scenario_of("three", [Item("item"), Item("other")], sites, lanes, demand, days=6, events=events,
                                    opening_stock=np.array([[1, 0, 0, 0]] * 2)))  # fmt: skip
    both(prepared, prepared.plan(OneUnit()), series=True)
    log = Run(prepared, prepared.plan(OneUnit()), 1, 0, log=True).run().log
    came = [each.site for each in log if (each.what, each.item) == ("shipped to", "item") and each.site != "dc"]
    assert "".join(came) == served


def test_with_a_target_what_a_store_has_counts():
    """Both order ten; one has its five days of two a day, and the other nothing."""
    scenario = short_dc([Constant(2)] * 2, [6, 12, 2], allocation="min_max_shortfall", target_days=5)
    policy = LevelsBySite(level_of=(0, 20, 10))
    assert ledgers(scenario, policy)["received"][0, 0, 1:].tolist() == [0, 6]
    without = ledgers(short_dc([Constant(2)] * 2, [6, 12, 2], allocation="min_max_shortfall"), policy)
    assert without["received"][0, 0, 1:].tolist() == [3, 3]


@pytest.mark.parametrize("of_dc", [{"allocation": "fair_share"},
                                   {"allocation": "min_max_shortfall", "target_days": 2}])  # fmt: skip
def test_a_store_is_the_needier_the_more_customers_wait(of_dc):
    """Two empty shelves, and three who wait at the second: three of five units are theirs, then one to each."""
    scenario = short_dc([Constant(4)] * 2, [5, 4, 1], **of_dc)
    scenario = scenario.having(items=[Item("item", backorder_share=1.0)])
    came = ledgers(scenario, LevelsBySite(level_of=(0, 10, 10)))["received"]
    assert came[0, 0, 1:].tolist() == [1, 4]


def test_a_store_without_customers_has_enough():
    scenario = short_dc([Constant(0), Constant(4)], [5, 0, 4], allocation="fair_share")
    of = ledgers(scenario, LevelsBySite(level_of=(0, 10, 10)))
    assert of["ordered"][0, 0, 1:].tolist() == [10, 10 + 4] and of["received"][0, 0, 1:].tolist() == [0, 5]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 5)), min_size=1, max_size=7), st.data())
def test_who_comes_first_is_served_first(stores, data):
    """All before the last that gets anything are served in full; no unit is lost."""
    owed, came = [a for a, _ in stores], [b for _, b in stores]
    available = data.draw(st.integers(0, sum(owed)))
    shares = sharing.first_come(available, owed, came)
    order = sorted(range(len(owed)), key=lambda k: (came[k], k))
    short = [shares[k] < owed[k] for k in order]
    assert sum(shares) == available
    first_short = short.index(True) if True in short else len(short)
    assert all(shares[k] == 0 for k in order[first_short + 1 :])


def test_every_store_is_first_equally_often_and_the_order_is_the_items_own():
    """One unit a night for three stores that ask for one each: a third of the nights each, item by item."""
    scenario = short_dc([Constant(1)] * 3, [700, 0, 0, 0], 700, allocation="first_come", unshipped="cancelled")
    items = [Item("item"), Item("other")]
    both_items = {name: np.repeat(getattr(scenario.demand, name), 2, axis=0) for name in ("law_of", "season_of")}
    scenario = scenario.having(items=items, demand=dataclasses.replace(scenario.demand, **both_items),
                               opening_stock=np.array([[0, 0, 0, 0]] * 2))  # fmt: skip
    lanes = [Lane("supplier", "dc", Constant(1)), *scenario.lanes[1:]]
    came = ledgers(scenario.having(lanes=lanes), OneUnit())["received"][0, :, 1:]
    assert came.sum(axis=1).tolist() == [698, 698]
    assert (abs(came - 233) < 45).all() and (came[0] != came[1]).any()


class OneUnit(Policy):
    """The DC orders one unit a night, its stores one each."""

    def levels(self, known):
        return {"one": 1}

    @staticmethod
    def rule(view, levels):
        return levels.one


def test_for_base_stock_debts_are_shortfalls():
    """After ordering, position = target: what is owed is the shortfall, where levels are the target."""
    laws = [Poisson(3.0), Poisson(3.0), Poisson(3.0)]
    settings = {"days": 56, "lead_time": 3}
    policy = LevelsBySite(level_of=(200, 15, 15, 15))
    debts = short_dc(laws, [60, 15, 15, 15], **settings, allocation="min_max_shortfall")
    targets = short_dc(laws, [60, 15, 15, 15], **settings, allocation="min_max_shortfall", target_days=5)
    one, other = ledgers(debts, policy, 4), ledgers(targets, policy, 4)
    assert all((one[name] == other[name]).all() for name in one)
    assert one["cancelled"].sum() == 0 and one["owed_days"].sum() > 0


def test_late_books_share_out_the_wrong_goods():
    """One store's customers come in bursts: by books of last week its share goes to the other."""
    laws = [Poisson(4.0)] * 4
    of = {"allocation": "fair_share"}
    policy = LevelsBySite(level_of=(215, 60, 60, 60, 60))
    found = {}
    for sees in ("stock", "record"):
        for lag in (0, 7):
            scenario = short_dc(laws, [200, 20, 20, 20, 20], 364, 2, **of, allocation_sees=sees)
            lanes = [Lane("supplier", "dc", Constant(14)), *scenario.lanes[1:]]
            scenario = scenario.having(Records(lag=lag), lanes=lanes)
            found[sees, lag] = ledgers(scenario, policy, 8)["lost"].sum()
    assert found["stock", 0] == found["record", 0]
    assert found["record", 7] > found["stock", 7] > 0


@any_world
@given(scenarios(), policies, st.integers(0, 2**63 - 1))
def test_books_that_are_right_and_at_once_are_the_stock(scenario, policy, seed):
    """Where no site below serves others, whose books hold what they owe."""
    serving = {site.served_by for site in scenario.sites}
    good = [site.name for site in scenario.sites
            if all(other.name not in serving for other in scenario.sites if other.served_by == site.name)]  # fmt: skip
    by_stock = [_sees(site, "stock") for site in scenario.sites]
    by_book = [_sees(site, "record") if site.name in good else _sees(site, "stock") for site in scenario.sites]
    items = [item.having(shrinkage=None) for item in scenario.items]
    plain = scenario.having(Records(), Shrinkage(), items=items)
    one, other = Prepared(plain.having(sites=by_stock)), Prepared(plain.having(sites=by_book))
    first, second = both(one, one.plan(policy), seed), both(other, other.plan(policy), seed)
    if not isinstance(first, str) and not isinstance(second, str):
        assert_same(first, second)


def _sees(site, what):
    return dataclasses.replace(site, allocation="fair_share", target_days=None, allocation_sees=what)


class OrdersMuch(Policy):
    """One store orders far more than it sells, the other what it sells."""

    def levels(self, known):
        return {"level": np.array([[0, 60, 8]])}

    @staticmethod
    def rule(view, levels):
        return max(0, levels.level - view.inventory_position)


def test_units_sent_where_there_is_too_much_are_told():
    """Store 0 sells one a day, has 40 and orders up to 60; store 1 sells four a day from an empty shelf."""
    scenario = short_dc([Constant(1), Constant(4)], [12, 41, 0], 1, settings={"features": (Allocation(True),)})
    of = ledgers(scenario, OrdersMuch())
    assert of["shipped"][0, 0].tolist() == [12, 0, 0]
    # 20 and 8 ordered of 12: 9 and 3 by proportion, of which 9 go to who has 40 days of stock while the other is short
    assert of["misallocated"][0, 0].tolist() == [0, 9, 0]
    without = ledgers(scenario.having(Allocation()), OrdersMuch())
    assert without["misallocated"].sum() == 0 and (without["received"] == of["received"]).all()
    by_need = short_dc([Constant(1), Constant(4)], [12, 41, 0], 1, allocation="min_max_shortfall")
    assert ledgers(by_need.having(Allocation(True)), OrdersMuch())["misallocated"][0, 0].tolist() == [0, 12, 0]
    limited = by_need.having(Limits(sites={"dc": {"handling": 99}}))  # whose columns lie behind
    assert ledgers(limited, OrdersMuch())["misallocated"].sum() == 0  # not asked for, though the rule looks at need


@pytest.mark.parametrize(("before", "told"), [(29, 0), (30, 10)])
def test_four_weeks_of_stock_are_not_too_much_and_a_unit_more_is(before, told):
    scenario = short_dc([Constant(1), Constant(4)], [12, before, 0], 1, settings={"features": (Allocation(True),)})
    assert ledgers(scenario, OrdersMuch())["misallocated"][0, 0].tolist() == [0, told, 0]


def test_a_store_that_could_not_serve_a_channel_is_short_too():
    """All customers order for collection: nobody who walks in is turned away, and the shelf is as empty."""
    scenario = short_dc([Constant(1), Constant(4)], [12, 41, 0], 1, settings={"features": (Allocation(True),)})
    collected = scenario.having(Channels(by_name={"collect": {"served": "own_store", "share": 1.0}}))
    of = ledgers(collected, OrdersMuch())
    assert of["walk_in_unmet"].sum() == 0 and of["misallocated"][0, 0].tolist() == [0, 9, 0]


def test_a_store_that_is_short_itself_or_has_no_more_than_it_may_is_no_misallocation():
    """Stock of 20 at one a day is below four weeks: nothing is too much."""
    scenario = short_dc([Constant(1), Constant(4)], [12, 20, 0], 1, settings={"features": (Allocation(True),)})
    assert ledgers(scenario, OrdersMuch())["misallocated"].sum() == 0


def test_a_store_that_alone_is_short_is_no_misallocation_though_goods_come_back_to_it():
    """It sells two on day 0, has none for those of day 1, and gets two back: more than it may have, and sent to all the
    same; only what the other gets goes where there is too much."""
    scenario = short_dc([Constant(2), Constant(2)], [50, 20, 2], 2, 3, settings={"costs": Costs(overstock_days=0)})
    scenario = scenario.having(Allocation(True), Returns(1.0, Constant(1)))
    of = ledgers(scenario, OneUnit())
    assert of["closing_on_hand"][0, 0, 2] == 2 and of["ordered"][0, 0].tolist() == [2, 2, 2]
    assert of["misallocated"][0, 0].tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("of_dc", "message"),
    [
        ({"allocation_sees": "book", "allocation": "fair_share"},
         "allocation_sees 'book' of site 'dc' is unknown; choose from: record, stock"),
        ({"allocation_sees": "record"},
         "allocation_sees=record of site 'dc' needs allocation=fair_share, or min_max_shortfall with target_days; "
         "others look at orders alone, got 'proportional'"),
        ({"allocation_sees": "record", "allocation": "min_max_shortfall"},
         "allocation_sees=record of site 'dc' needs allocation=fair_share, or min_max_shortfall with target_days; "
         "others look at orders alone, got 'min_max_shortfall'"),
        ({"target_days": 4.0}, "target_days of site 'dc' needs allocation=min_max_shortfall, got 'proportional'"),
        ({"allocation": "min_max_shortfall", "target_days": -1.0},
         "target_days of site 'dc' must be a number of days from 0 to 10,000, got -1.0"),
        ({"allocation": "min_max_shortfall", "target_days": "many"},
         "target_days of site 'dc' must be a number or null, got 'many'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(of_dc, message):
    with pytest.raises(InputError) as error:
        Site("dc", "dc", **of_dc)
    assert str(error.value) == message


def test_a_folder_keeps_how_sites_share(tmp_path):
    scenario = short_dc([Poisson(1.0)], [5, 5], allocation="min_max_shortfall", target_days=6.5,
                        allocation_sees="record").having(Allocation(True))  # fmt: skip
    write_scenario(scenario, tmp_path)
    again = read_scenario(tmp_path)
    assert again.sites == scenario.sites and again.feature("allocation") == Allocation(True)


def test_from_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["scenario=regional_chain", "scenario.stores=3", "scenario.items=4", "policy=buffer", "days=56",
             "replications=2", "figures=false", "scenario.allocation=min_max_shortfall", "scenario.target_days=7",
             "scenario.allocation_sees=record", "records.lag=3", "allocation.misallocated=true"]  # fmt: skip
    assert main(["run", *words]) == 0
    chain = next((tmp_path / "runs").rglob("chain.csv")).read_text()
    assert "misallocated_units" in chain
    assert main(["run", *words, "scenario.target_days=null"]) == 2
    assert "allocation_sees=record of site 'dc' needs allocation=fair_share" in capsys.readouterr().err


def one_by_one(available, owed, key):
    """What unit by unit gives, whatever goes out at once."""
    shares = [0] * len(owed)
    for _ in range(available):
        shares[min((k for k in range(len(owed)) if shares[k] < owed[k]), key=lambda k: (key(k, shares[k]), k))] += 1
    return shares


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(-90, 300), st.sampled_from([0.0, 0.3, 1.7, 8.0, 1 / 3])),
                min_size=1, max_size=6), st.data())  # fmt: skip
def test_what_goes_out_at_once_changes_nothing(stores, data):
    """Large amounts are shared out in one step as far as that is certain: the result is that of one by one."""
    owed, has, rates = ([store[k] for store in stores] for k in range(3))
    available = data.draw(st.integers(0, sum(owed)))
    by_days = one_by_one(available, owed, lambda k, sent: sharing.days_of_supply(has[k] + sent, rates[k]))
    assert sharing.fair_share(available, owed, has, rates) == by_days
    by_shortfall = one_by_one(available, owed, lambda k, sent: has[k] + sent)
    assert sharing.min_max_shortfall(available, owed, [-units for units in has]) == by_shortfall
