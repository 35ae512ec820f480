"""Goods sent without an order: waves of a season's buy, and cross-docks."""

import dataclasses

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_parity import any_world, assert_same, both
from worlds import policies, pushes, scenarios

from restock.experiments.cli import main
from restock.policies.base_stock import BaseStock
from restock.policies.echelon_base_stock import EchelonBaseStock
from restock.sim.engines.events.allocation import fair_share
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.engines.kernel import even_days
from restock.sim.engines.kernel.layout import OWED, ROWS
from restock.sim.errors import InputError
from restock.sim.features.channels.settings import Channels
from restock.sim.features.push.chances import sold_chances
from restock.sim.features.push.settings import Push
from restock.sim.features.push.sharing import by_chance, in_proportion
from restock.sim.features.selling_season.settings import SellingSeason
from restock.sim.measures.ledger import NAMES, named
from restock.sim.model.demand import Season
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.model.supply.supply_events import ClosedLane
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.guide_tables import FULL
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.run.shards import run_kernel
from restock.sim.verification.cases.rules import LevelsBySite


def depot(laws, stock, days=7, items=("coat",), season=None, unshipped="owed", cross_dock=False, **settings):
    """A DC that is not supplied in time, and stores that ask by these laws of each item."""
    names = [f"store_{k}" for k in range(len(laws))]
    dc = Site("dc", "dc", unshipped=unshipped, cross_dock=cross_dock)
    sites = [dc, *(Site(name, served_by="dc") for name in names)]
    lanes = [Lane("supplier", "dc", Constant(99)), *(Lane("dc", name, Constant(2)) for name in names)]
    demand = {(item, name): law for item in items for name, law in zip(names, laws, strict=True)}
    kept = [Item.with_settings(item, selling_season=season) for item in items]
    return scenario_of("depot", kept, sites, lanes, demand, days=days, opening_stock=np.array([stock] * len(items)),
                       **settings)  # fmt: skip


def ledgers(scenario, policy=None, replications=1):
    """Both engines' ledger, by column."""
    prepared = Prepared(scenario)
    plan = prepared.plan(policy or BaseStock(base_stock_level=0))
    kernel = run_kernel(prepared, plan, 1, replications, series=True)
    assert_same(run_events(prepared, plan, 1, replications), kernel)
    return named(kernel.ledger)


def wave(by, day=0, share=1.0):
    return Push({"dc": [{"day": day, "share": share, "by": by}]})


@st.composite
def pushing(draw):
    """Random scenarios in which goods are pushed."""
    scenario = draw(scenarios().filter(lambda each: len({site.served_by for site in each.sites}) > 1))
    crossing = [dataclasses.replace(site, cross_dock=False) for site in scenario.sites]
    terms = draw(
        pushes(crossing, scenario.items, scenario.days, scenario.demand.source).filter(lambda each: each.waves)
    )
    return scenario.having(terms, sites=crossing)


@any_world
@given(pushing(), policies, st.integers(0, 2**63 - 1))
def test_both_engines_push_the_same(scenario, policy, seed):
    prepared = Prepared(scenario)
    both(prepared, prepared.plan(policy), seed, series=True)


@any_world
@given(scenarios(), policies, st.integers(0, 2**63 - 1))
def test_both_engines_cross_dock_the_same(scenario, policy, seed):
    serving = {site.served_by for site in scenario.sites}
    sites = [dataclasses.replace(site, cross_dock=site.name in serving) for site in scenario.sites]
    prepared = Prepared(scenario.having(Push(), sites=sites))
    both(prepared, prepared.plan(policy), seed, series=True)


@pytest.mark.parametrize("by", ["fair_share", "proportional", "expected_sales"])
def test_a_push_of_nothing_is_no_push(by):
    plain = depot([Poisson(2.0), Poisson(1.0)], [40, 3, 3], 28)
    found, as_today = ledgers(plain.having(wave(by, 3, 0.0)), BaseStock()), ledgers(plain, BaseStock())
    assert [name for name in NAMES if (found[name] != as_today[name]).any()] == []


@pytest.mark.parametrize(
    ("by", "shares"), [("proportional", [3, 11, 21, 31]), ("expected_sales", [4, 11, 21, 30])]
)  # fmt: skip
def test_the_first_wave_goes_out_as_printed(by, shares):
    """Case PUSH: 66 units, and one day of the season left, on which they ask by Poisson laws."""
    laws = [Poisson(mean) for mean in (3.0, 9.0, 18.0, 26.0)]
    season = Season(weekday=(0, 1, 0, 0, 0, 0, 0))
    of = ledgers(depot(laws, [66, 0, 0, 0, 0], 3, season=SellingSeason(3)).having(
        wave(by), demand=dataclasses.replace(depot(laws, [66, 0, 0, 0, 0]).demand, seasons=(season,))))  # fmt: skip
    assert of["pushed"][0, 0].tolist() == [0, *shares] and of["pushed_unasked"][0, 0].tolist() == [0, *shares]
    assert of["shipped"][0, 0, 0] == 66 and of["received"][0, 0, 1:].tolist() == shares
    assert of["orders"][0, 0].tolist() == [0, 1, 1, 1, 1] and of["demand"][0, 0, 0] == of["filled"][0, 0, 0] == 66


@numba.njit
def by_days(units, stock, owed, of_owed, rates):
    """What the kernel gives to each of as many sites, in one lane."""
    size = len(stock)
    cells, position, rate = np.zeros((size, ROWS, 1), np.int32), stock.reshape(-1, 1), rates.reshape(-1, 1)
    cells[:, OWED, 0] = owed
    given = np.zeros(size, np.int64)
    even_days.by_days(units, size, np.arange(size), position, cells, of_owed, rate, 0, given, np.zeros(size))
    return given


@given(st.data(), st.integers(1, 400), st.integers(1, 40), st.booleans())
def test_the_kernel_gives_at_once_what_goes_unit_by_unit(data, units, size, of_owed):
    def each(numbers):
        return data.draw(st.lists(numbers, min_size=size, max_size=size))

    rates = each(st.sampled_from([0.0, 0.1, 0.7, 1.0, 1.0, 2.0, 3.3]) | st.floats(1e-12, 1e5))
    stock, owed = each(st.integers(-5, 300)), each(st.integers(1, 60))
    units = min(units, sum(owed)) if of_owed else units
    found = by_days(units, np.array(stock, np.int32), np.array(owed, np.int32), of_owed, np.array(rates))
    assert found.tolist() == fair_share(units, owed if of_owed else [units] * size, stock, rates)


def test_what_would_be_sold_nowhere_stays():
    """Constant demand of two stores for three days to the end of the season: 3 x (2 + 1) units of 40."""
    scenario = depot([Constant(2), Constant(1)], [40, 2, 1], 4, season=SellingSeason(4))
    of = ledgers(scenario.having(wave("expected_sales")))
    assert of["pushed"][0, 0].tolist() == [0, 6, 3]


@pytest.mark.parametrize(("by", "shares"), [("fair_share", [3, 2]), ("proportional", [3, 2]),
                                            ("expected_sales", [5, 0])])  # fmt: skip
def test_the_first_listed_comes_first_on_ties(by, shares):
    """Of two stores alike; each of five units is sold for certain at either, so that all of them are a tie."""
    scenario = depot([Constant(2), Constant(2)], [5, 2, 2], 6, season=SellingSeason(6))
    assert ledgers(scenario.having(wave(by)))["pushed"][0, 0, 1:].tolist() == shares


def test_goods_that_are_there_already_count():
    """A store that has enough for the season gets nothing; days of supply see its stock, proportion does not."""
    scenario = depot([Constant(2), Constant(2)], [12, 22, 2], 6, season=SellingSeason(6))
    for by, expected in (("expected_sales", [0, 10]), ("fair_share", [0, 12]), ("proportional", [6, 6])):
        assert ledgers(scenario.having(wave(by)))["pushed"][0, 0, 1:].tolist() == expected, by


def test_what_is_owed_is_not_there_and_customers_who_wait_have_a_claim():
    """Two stores have four of two a day: what one of them orders tonight, and is owed, gives it no less of a push."""
    scenario = depot([Constant(2), Constant(2)], [6, 6, 6], 1).having(wave("fair_share"))
    of = ledgers(scenario, LevelsBySite(level_of=(0, 4, 12)))
    assert of["pushed"][0, 0].tolist() == [0, 3, 3] and of["pushed_unasked"][0, 0].tolist() == [0, 3, 0]
    empty = depot([Constant(4), Constant(4)], [5, 4, 1], 1).having(
        wave("fair_share"), items=[Item("coat", backorder_share=1.0)])  # fmt: skip
    assert ledgers(empty)["pushed"][0, 0].tolist() == [0, 1, 4]  # three wait at the second


def test_what_a_dc_keeps_for_its_channels_is_not_pushed():
    """Of 12 two are sold online, and four are kept for who orders tomorrow."""
    scenario = depot([Constant(4), Constant(4)], [12, 40, 40], 1).having(wave("proportional"))
    kept = scenario.having(Channels(by_name={"online": {"share": 0.25, "served": "dc", "keep": 4}}))
    of = ledgers(kept)
    assert of["pushed"][0, 0].tolist() == [0, 3, 3] and of["closing_on_hand"][0, 0, 0] == 4


def test_a_later_wave_looks_at_what_is_left_of_the_season():
    """Ten and five units are sold in the five days after the first; three days later there is enough of both."""
    scenario = depot([Constant(2), Constant(1)], [40, 2, 1], 6, season=SellingSeason(6))
    later = Push({"dc": [{"day": day, "share": 1.0, "by": "expected_sales"} for day in (0, 3)]})
    assert ledgers(scenario.having(later))["pushed"][0, 0].tolist() == [0, 10, 5]


def test_pushed_units_fill_first_what_is_owed():
    """Stores order 8 and 4 of 6; all is pushed half and half: 3 of each are off what is owed, none unasked."""
    scenario = depot([Constant(4), Constant(4)], [6, 8, 8], 1)
    of = ledgers(scenario.having(wave("proportional")), LevelsBySite(level_of=(0, 12, 8)))
    assert of["pushed"][0, 0].tolist() == [0, 3, 3] and of["pushed_unasked"].sum() == 0
    assert of["ordered"][0, 0, 1:].tolist() == [8, 4] == of["closing_on_order"][0, 0, 1:].tolist()
    more = depot([Constant(4), Constant(4)], [20, 8, 8], 1)
    of = ledgers(more.having(wave("proportional")), LevelsBySite(level_of=(0, 12, 8)))
    assert of["pushed_unasked"][0, 0].tolist() == [0, 2, 6] and of["ordered"][0, 0, 1:].tolist() == [10, 10]


def test_what_a_push_leaves_is_shared_out_by_the_rule():
    """Half of 12 is pushed, 3 to each; of the 6 left, 7 and 1 are owed: 5 and 1."""
    scenario = depot([Constant(4), Constant(4)], [12, 8, 8], 1)
    of = ledgers(scenario.having(wave("proportional", share=0.5)), LevelsBySite(level_of=(0, 14, 8)))
    owed = {"store_0": 10 - 3, "store_1": 4 - 3}
    assert owed == {"store_0": 7, "store_1": 1}
    assert of["shipped"][0, 0, 0] == 12 and of["closing_backorders"][0, 0, 0] == 2
    later = ledgers(dataclasses.replace(scenario, days=3).having(wave("proportional", share=0.5)),
                    LevelsBySite(level_of=(0, 14, 8)))  # fmt: skip
    assert later["received"][0, 0, 1:].tolist() == [3 + 5, 3 + 1]


def test_a_store_that_cannot_be_reached_gets_no_push():
    closed = ClosedLane(source="dc", destination="store_0", start=0, days=1)
    of = ledgers(depot([Constant(1), Constant(1)], [10, 1, 1], 1, events=(closed,)).having(wave("fair_share")))
    assert of["pushed"][0, 0].tolist() == [0, 0, 10]


def test_only_items_named_are_pushed():
    scenario = depot([Constant(1), Constant(1)], [10, 1, 1], 1, items=("coat", "boots"))
    one = Push({"dc": [{"day": 0, "share": 1.0, "by": "fair_share"}]}, ("boots",))
    assert ledgers(scenario.having(one))["pushed"][0].sum(axis=1).tolist() == [0, 10]


def test_a_cross_dock_keeps_nothing_and_its_stores_order_nothing():
    scenario = depot([Poisson(2.0), Poisson(4.0)], [30, 0, 0], 28, cross_dock=True)
    prepared = Prepared(scenario)
    run = Run(prepared, prepared.plan(BaseStock()), 1, 0, log=True).run()
    assert all(review.ordered == 0 for review in run.reviews if review.site != "dc")
    assert all(day.on_hand == 0 for day in run.daily if day.site == "dc")
    of = ledgers(scenario, BaseStock())
    assert of["pushed"][0, 0].tolist() == [0, 10, 20] and of["ordered"][0, 0, 1:].tolist() == [10, 20]


def test_a_cross_dock_sends_all_items_whichever_are_pushed():
    scenario = depot([Constant(1), Constant(1)], [10, 1, 1], 1, items=("coat", "boots"), cross_dock=True)
    assert ledgers(scenario.having(Push(items=("boots",))))["pushed"][0].sum(axis=1).tolist() == [10, 10]


def test_cross_dock_serves_a_chain_that_orders_by_echelons():
    """Eppen & Schrage (1981): the depot orders for all, and shares out what comes; stock stays bounded."""
    scenario = depot([Poisson(2.0), Poisson(4.0)], [0, 12, 24], 364, cross_dock=True)
    lanes = [Lane("supplier", "dc", Constant(3)), *scenario.lanes[1:]]
    of = ledgers(scenario.having(lanes=lanes), EchelonBaseStock(target=0.95), 4)
    asked, filled = (of[name][..., 1:].sum() for name in ("demand", "filled"))
    assert 0.9 < filled / asked < 1
    assert of["closing_on_hand"][..., 1:].sum(axis=(1, 2)).max() < 80 and of["pushed"].sum() > 0.9 * asked


def test_chances_of_sale_are_the_tails_of_the_season():
    from scipy import stats

    found = sold_chances([(Poisson(1.5), 6), (Poisson(3.0), 3)]) / FULL
    assert np.abs(found - stats.poisson.sf(np.arange(len(found)), 18.0)).max() < 1e-9 and len(found) > 40
    assert in_proportion(5, [0, 0]) == [0, 0] and by_chance(3, [-2, 0], [found * 0, found * 0]) == [2, 0]


@pytest.mark.parametrize(
    ("waves", "items", "message"),
    [
        ({"dk": [{}]}, None, "site 'dk' of push.waves is unknown; choose from: dc"),
        ({"store_0": [{}]}, None, "site 'store_0' of push.waves serves no other site; those that do: dc"),
        ({"dc": {}}, None, "push.waves.dc must be a list of waves, such as +push.waves.dc=[{day: 0, share: 0.7, by: "
                           "expected_sales}]; got {}"),
        ({"dc": [{"days": 1}]}, None, "setting 'days' of wave 1 of push.waves.dc is unknown; did you mean 'day'? "
                                      "choose from: by, day, share"),
        ({"dc": [{"share": 1.5}]}, None, "push: share of a wave must be a share between 0 and 1, got 1.5"),
        ({"dc": [{"day": 7}]}, None, "push.waves.dc: day 7 lies outside the run, which has days 0 to 6"),
        ({"dc": [{"day": -1}]}, None, "push: day of a wave must be a measured day, from 0 on, got -1"),
        ({"dc": [{}, {"share": 0.5}]}, None, "push.waves.dc has two waves on day 0; allowed: one a night"),
        ({"dc": [{"by": "size"}]}, None, "by 'size' of a wave of push is unknown; choose from: expected_sales, "
                                         "fair_share, proportional"),
        ({}, ("coats",), "item 'coats' of push.items is unknown; did you mean 'coat'? choose from: coat"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(waves, items, message):
    with pytest.raises(InputError) as error:
        depot([Poisson(1.0)], [5, 5]).having(Push(waves, items))
    assert str(error.value) == message


def test_who_may_not_cross_dock():
    with pytest.raises(InputError, match="cross_dock of site 'shop': it serves no other site"):
        scenario_of("shop", [Item("milk")], [Site("shop", cross_dock=True)], [Lane("supplier", "shop")],
                    {("milk", "shop"): Poisson(1.0)})  # fmt: skip
    with pytest.raises(InputError, match=r"site 'dc' cross-docks, and has nothing left for push\.waves"):
        depot([Poisson(1.0)], [5, 5], cross_dock=True).having(wave("fair_share"))


def test_a_folder_keeps_waves_and_cross_docks(tmp_path):
    scenario = depot([Poisson(1.0)], [5, 5]).having(Push(wave("fair_share", 2).waves, ("coat",)))
    write_scenario(scenario, tmp_path)
    assert read_scenario(tmp_path).feature("push") == scenario.feature("push")


def test_from_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["scenario=regional_chain", "scenario.stores=3", "scenario.items=4", "policy=base_stock", "days=28",
             "replications=2", "figures=false"]  # fmt: skip
    pushed = "+push.waves.dc=[{day: 0, share: 0.5, by: expected_sales}, {day: 9, by: fair_share}]"
    assert main(["run", *words, pushed]) == 0
    assert "pushed_units" in next((tmp_path / "runs").rglob("chain.csv")).read_text()
    capsys.readouterr()
    assert main(["run", *words, "+push.waves.dx=[{day: 0}]"]) == 2
    assert capsys.readouterr().err.strip().endswith("site 'dx' of push.waves is unknown; choose from: dc")
