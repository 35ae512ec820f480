"""Channels: who is served from which stock, what is refused, oversold or kept, and what goes wrong in one line."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_parity import any_world, assert_same, both
from worlds import channels, policies, scenarios

from restock.experiments.cli import main
from restock.experiments.day_by_day.sentences import days_of
from restock.policies.base_stock import BaseStock
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.engines.events.final_state import state_of_run
from restock.sim.errors import InputError
from restock.sim.features.channels.figure import PARTS, channels_figure, unserved_shares
from restock.sim.features.channels.measures import SLOTS
from restock.sim.features.channels.settings import Channels
from restock.sim.features.channels.table import COLUMNS, channel_lines, channel_table
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.features.selling_season.settings import Markdown, SellingSeason
from restock.sim.features.transfers.settings import Transfers
from restock.sim.features.unit_costs.settings import UnitCosts
from restock.sim.measures.facts import facts
from restock.sim.measures.ledger import NAMES, named
from restock.sim.measures.measures import measure_values, measures_of
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.opening.opening_state import OpeningState
from restock.sim.model.scenario import scenario_of
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.run.shards import run_kernel
from restock.sim.study.compare import evaluate
from restock.sim.verification.cases.worlds import replayed

COLLECT = {"share": 0.2, "served": "own_store", "rank": 2}
ONLINE = {"share": 0.25, "served": "dc"}
DELIVERY = {"share": 0.25, "served": "stores"}


def chain(stores=3, law=None, lead_time=2, days=56, **settings):
    """A DC and stores with two items; a share of the customers of one of them waits."""
    sites = [Site("dc", "dc"), *(Site(f"store_{k}", served_by="dc") for k in range(stores))]
    lanes = [Lane("supplier", "dc", Constant(3)), *(Lane("dc", s.name, Constant(lead_time)) for s in sites[1:])]
    items = [Item("milk", category="dairy", unit_price=2.0), Item("bread", backorder_share=0.5)]
    asked = {(item.name, f"store_{k}"): law or Poisson(2.0 + k) for item in items for k in range(stores)}
    return scenario_of("chain", items, sites, lanes, asked, days=days, **settings)


def having(scenario, *features, **by_name):
    return scenario.having(Channels(by_name=by_name), *features)


def ledgers(scenario, policy=None, replications=2):
    """Both engines' ledger, by column."""
    prepared = Prepared(scenario)
    plan = prepared.plan(policy or BaseStock(safety_factor=0.5))
    kernel = run_kernel(prepared, plan, 1, replications, series=True)
    assert_same(run_events(prepared, plan, 1, replications), kernel)
    return named(kernel.ledger)


def values_of(scenario, replications=8):
    prepared = Prepared(scenario)
    ledger = run_kernel(prepared, prepared.plan(BaseStock(safety_factor=0.0)), 1, replications).ledger
    return named(ledger), measure_values(facts(ledger, scenario).sum(axis=(1, 2)), scenario.days)


@st.composite
def sold_by_channels(draw):
    """Random scenarios that have channels, and everything else at times."""
    scenario = draw(scenarios())
    regions = scenario.feature("transfers").regions
    return scenario.having(draw(channels(scenario.sites, regions).filter(lambda each: each.channels)))


@any_world
@given(sold_by_channels(), policies, st.integers(0, 2**63 - 1))
def test_both_engines_serve_channels_the_same(scenario, policy, seed):
    prepared = Prepared(scenario)
    both(prepared, prepared.plan(policy), seed, series=True)


@any_world
@given(sold_by_channels(), policies)
def test_what_a_channel_is_asked_for_is_handed_over_waits_or_is_lost(scenario, policy):
    """By channel; and what all ask for is what those who walk in do, and the channels."""
    prepared = Prepared(scenario)
    kernel = both(prepared, prepared.plan(policy), 3)
    if isinstance(kernel, str):
        return
    of = named(kernel.ledger)
    for slot in SLOTS:
        ends = sum(of[f"{slot}_{what}"] for what in ("handed_over", "waits", "lost", "refused", "oversold"))
        assert (of[f"{slot}_asked"] == ends).all()
        assert (of[f"{slot}_refused_there"] <= of[f"{slot}_refused"]).all()
        assert (of[f"{slot}_from_stores"] <= of[f"{slot}_handed_over"]).all()
    leaf = ~np.isin(np.arange(len(scenario.sites)), scenario.parent)
    asked, handed = (sum(of[f"{slot}_{what}"] for slot in SLOTS) for what in ("asked", "handed_over"))
    served = of["walk_in_asked"] - of["walk_in_unmet"]
    assert ((of["walk_in_asked"] + asked == of["demand"]) & (served + handed == of["filled"]))[..., leaf].all()
    assert of["sent_to_customers"].sum() == of["got_for_customers"].sum()


def test_a_share_of_nothing_is_no_channel():
    plain = chain(warm_up=7)
    nobody = {"online": ONLINE | {"share": 0.0, "keep": 9}, "collect": COLLECT | {"share": 0.0}}
    found, as_today = ledgers(having(plain, **nobody)), ledgers(plain)
    assert [name for name in NAMES if (found[name] != as_today[name]).any()] == []
    off = ledgers(plain.having(Channels(active=False, by_name={"online": ONLINE})))
    assert [name for name in NAMES if (off[name] != as_today[name]).any()] == []


def test_demand_moves_to_where_it_is_served_and_none_is_lost_on_the_way():
    """A channel draws apart: another channel more leaves its draws alone, and a store more those of others."""
    one, two = ledgers(having(chain(), online=ONLINE)), ledgers(having(chain(), online=ONLINE, collect=COLLECT))
    assert (one["channel_1_asked"] == two["channel_1_asked"]).all()
    assert one["channel_1_asked"][..., 1:].sum() == 0 < one["channel_1_asked"][..., 0].min()
    assert two["channel_2_asked"][..., 0].sum() == 0 < two["channel_2_asked"][..., 1:].min()
    twins = ledgers(having(chain(), one=COLLECT, other=COLLECT))
    assert (twins["channel_1_asked"] != twins["channel_2_asked"]).any()  # each by its name
    plain, years = Prepared(chain()), Prepared(having(chain(), online=ONLINE, collect=COLLECT))
    np.testing.assert_allclose(years.known.demand_mean[:, 1:], 0.75 * plain.known.demand_mean[:, 1:])
    np.testing.assert_allclose(years.known.demand_mean[:, 0], plain.known.demand_mean[:, 0])
    np.testing.assert_allclose(years.known.demand_variance, years.known.demand_mean)  # Poisson, however it is shared
    assert years.known.asked.all() and not plain.known.asked[:, 0].any()
    alone = Prepared(having(chain(), Transfers("by_dc"), delivery=DELIVERY | {"dc_first": False}))
    np.testing.assert_allclose(alone.known.demand_mean, plain.known.demand_mean)  # stores' stock is for it
    first = Prepared(having(chain(), Transfers("by_dc"), delivery=DELIVERY))
    np.testing.assert_allclose(first.known.demand_mean[:, 1:], 0.75 * plain.known.demand_mean[:, 1:])


def test_recorded_demand_is_split_and_all_of_it_is_there():
    """Of five a day a quarter asks online and a quarter collects: one or two of each, two or three of both."""
    sites, lanes = [Site("dc", "dc"), Site("store", served_by="dc")], [Lane("supplier", "dc"), Lane("dc", "store")]
    scenario = replayed([[5] * 28], sites, lanes, [-1, 0], [500, 500], 0.0)
    scenario = having(scenario, online=ONLINE, collect=COLLECT | {"share": 0.25})
    of = ledgers(scenario, BaseStock(base_stock_level=0), 1)
    online, collected, walked_in = (int(of[name].sum()) for name in ("channel_1_asked", "channel_2_asked",
                                                                     "walk_in_asked"))  # fmt: skip
    assert online + collected + walked_in == 5 * 28 and of["walk_in_asked"][0, 0, 0] == 0
    prepared = Prepared(scenario)
    log = Run(prepared, prepared.plan(BaseStock(base_stock_level=0)), 1, 0, log=True).run().log
    by_day = np.array([[each.quantity for each in log if each.what == f"asked by {name}"]
                       for name in ("online", "collect")])  # fmt: skip
    assert by_day.shape == (2, 28) and by_day.sum(axis=1).tolist() == [online, collected]
    assert {*by_day[0]} == {1, 2} == {*by_day[1]} and {*by_day.sum(axis=0)} == {2, 3}


def test_a_reduced_price_draws_customers_of_channels_too():
    season = {rise: SellingSeason(50, markdown=Markdown(30, rise, from_day=20)) for rise in (0.0, 2.0)}
    asked = {}
    for rise, each in season.items():
        scenario = having(chain(), online=ONLINE)
        of = ledgers(scenario.having(items=[item.having(selling_season=each) for item in scenario.items]))
        asked[rise] = int(of["channel_1_asked"].sum())
    assert asked[2.0] > 1.3 * asked[0.0]


def test_ranks_decide_who_comes_first():
    """Ten a day ask, four of them collect, and six units are there in the morning."""
    scenario = chain(1, Constant(10), opening_stock=np.array([[0, 6], [0, 6]]), days=1)
    first = ledgers(having(scenario, collect=COLLECT | {"share": 0.4, "rank": 0}), BaseStock(base_stock_level=0), 1)
    later = ledgers(having(scenario, collect=COLLECT | {"share": 0.4}), BaseStock(base_stock_level=0), 1)
    assert (first["channel_1_handed_over"][0, 0, 1], first["walk_in_unmet"][0, 0, 1]) == (4, 4)
    assert (later["channel_1_handed_over"][0, 0, 1], later["walk_in_unmet"][0, 0, 1]) == (0, 0)
    as_listed = {"a": COLLECT | {"share": 0.4, "rank": 0}, "b": COLLECT | {"share": 0.4, "rank": 0}}
    of = ledgers(having(scenario, **as_listed), BaseStock(base_stock_level=0), 1)
    assert [of[f"channel_{k}_handed_over"][0, 0, 1] for k in (1, 2)] == [4, 2]


@pytest.mark.parametrize(("terms", "handed"), [({"reserve": 3}, 3), ({"reserve_days": 0.45}, 1), ({"reserve": 6}, 0),
                                                ({"reserve": 3, "reserve_days": 0.1}, 3)])  # fmt: skip
def test_a_reserve_is_left_to_others(terms, handed):
    scenario = chain(1, Constant(10), opening_stock=np.array([[0, 6], [0, 6]]), days=1)
    of = ledgers(having(scenario, collect=COLLECT | {"share": 0.4, "rank": 0, **terms}), BaseStock(base_stock_level=0))
    assert of["channel_1_handed_over"][0, 0, 1] == handed
    assert of["walk_in_unmet"][0, 0, 1] == handed  # six are left to them, less what went to the channel


def test_what_a_dc_keeps_stores_do_not_get_at_night():
    """A store orders twenty a day; ten are at the DC, of which it keeps four, or two days of what is asked online."""
    scenario = chain(1, Constant(8), opening_stock=np.array([[10, 0], [10, 0]]), days=1)
    for terms, shipped in (({}, 8), ({"keep": 4}, 4), ({"keep_days": 1.5}, 5), ({"keep": 99}, 0)):
        of = ledgers(having(scenario, online=ONLINE | terms), BaseStock(base_stock_level=20))
        assert of["shipped"][0, 0, 0] == shipped and of["channel_1_handed_over"][0, 0, 0] == 2


def test_who_waits_is_told_by_channel():
    scenario = chain(1, Constant(10), opening_stock=np.zeros((2, 2), np.int64), days=1)
    of = ledgers(having(scenario, collect=COLLECT | {"backorder_share": 1.0}, online=ONLINE | {"share": 0.3}),
                 BaseStock(base_stock_level=0))  # fmt: skip
    assert of["channel_1_waits"][0, 0, 1] == 2 and of["channel_2_lost"][0, 0, 0] == 3
    assert of["closing_backorders"][0, 0].tolist() == [2, 2]  # those who wait are ordered for, and the DC owes them
    assert of["lost"][0, 0].tolist() == [3, 5]
    assert of["channel_2_waits"][0, 1, 0] + of["channel_2_lost"][0, 1, 0] == 3  # as the item has it: half of them wait


def test_a_view_of_stock_refuses_what_is_there_and_sells_what_is_not():
    """Six are there on the first morning, and four more come on the second; the view of the first evening is of two."""
    scenario = chain(1, Constant(8), 1, opening_stock=np.array([[99, 6], [99, 6]]), days=2)
    weekly = having(scenario, collect=COLLECT | {"share": 0.5, "view_every": 7, "rank": 2})
    of = ledgers(weekly, BaseStock(base_stock_level=10))
    # day 0: 4 walk in, 4 of the view's 6 are accepted and 2 are there; day 1: 10 came, 4 walk in, 2 of it are left
    told = [of[f"channel_1_{what}"][0, 0, 1] for what in ("asked", "handed_over", "oversold", "refused")]
    assert told == [8, 4, 2, 2]
    assert of["channel_1_refused_there"][0, 0, 1] == 2
    late = having(scenario, collect=COLLECT | {"share": 0.5, "view_every": 7, "oversold": "waits"})
    assert ledgers(late, BaseStock(base_stock_level=10))["lost"][0, 0, 1] == 2  # those refused
    daily = ledgers(having(scenario, collect=COLLECT | {"share": 0.5, "view_every": 1}), BaseStock(base_stock_level=10))
    assert daily["channel_1_refused"][0, 0, 1] == 4  # the view of the first evening is of an empty shelf
    none = having(scenario, collect=COLLECT | {"share": 0.5, "view_every": 1, "buffer": 6})
    assert ledgers(none)["channel_1_refused"][0, 0, 1] == 8
    for every in (1, 7):  # a buffer of more than there is leaves none, and no less
        more = having(scenario, collect=COLLECT | {"share": 0.5, "view_every": every, "buffer": 9})
        of = ledgers(more, BaseStock(base_stock_level=8))
        assert of["channel_1_refused"][0, 0, 1] == 8 and of["walk_in_unmet"][0, 0, 1] == 0


def test_a_view_is_of_the_record():
    """What was lost unseen is on record, and is sold."""
    scenario = having(chain(days=112), Shrinkage(0.3), collect=COLLECT | {"view_every": 1})
    wrong, right = ledgers(scenario), ledgers(scenario.having(Records(full_count_every=1)))
    assert wrong["channel_1_oversold"].sum() > 1.2 * right["channel_1_oversold"].sum()


def test_a_state_of_today_opens_a_view_at_what_is_on_record():
    """Six are there, nine or five on record: of the eight who collect in two days none is refused, or three are."""
    for record, refused in ((9, 0), (5, 3)):
        today = OpeningState(np.array([[99, 6]] * 2), record=np.array([[99, record]] * 2))
        scenario = chain(1, Constant(8), days=2, opening=today)
        of = ledgers(
            having(scenario, collect=COLLECT | {"share": 0.5, "view_every": 7}), BaseStock(base_stock_level=10)
        )
        assert of["channel_1_refused"][0, 0, 1] == refused


def test_stores_ship_what_the_dc_has_not():
    stock = np.array([[3, 20, 9, 0]] * 2)
    scenario = chain(3, Constant(8), opening_stock=stock, days=1).having(Transfers("by_dc", floor={"units": 1}))
    of = ledgers(having(scenario, delivery=DELIVERY), BaseStock(base_stock_level=0))
    # of each store 6 walk in and 2 order: the DC has 3 of 6, the first store 13 above its floor after its own customers
    assert of["channel_1_handed_over"][0, 0].tolist() == [6, 0, 0, 0]
    assert of["channel_1_from_stores"][0, 0].tolist() == [3, 0, 0, 0]
    assert of["sent_to_customers"][0, 0].tolist() == [0, 3, 0, 0] == of["transferred_out"][0, 0].tolist()
    little = having(scenario.having(opening_stock=np.array([[0, 8, 7, 6]] * 2)), delivery=DELIVERY)
    of = ledgers(little, BaseStock(base_stock_level=0))
    assert of["sent_to_customers"][0, 0].tolist() == [0, 1, 0, 0]  # a unit is left on each shelf
    alike = having(scenario.having(opening_stock=np.array([[5, 10, 10, 6]] * 2)), delivery=DELIVERY)
    of = ledgers(alike, BaseStock(base_stock_level=0))
    assert of["sent_to_customers"][0, 0].tolist() == [0, 1, 0, 0]  # the first listed on ties
    only = ledgers(having(scenario, delivery=DELIVERY | {"dc_first": False}), BaseStock(base_stock_level=0))
    assert only["channel_1_from_stores"][0, 0, 0] == 6 and only["closing_on_hand"][0, 0].tolist() == [3, 8, 3, 0]


def test_stores_ship_to_the_channel_that_is_listed_first():
    """A store has three above its own customers; two channels ask for two each, whichever has the better rank."""
    scenario = chain(1, Constant(8), opening_stock=np.array([[0, 7]] * 2), days=1).having(Transfers("by_dc"))
    of = ledgers(
        having(scenario, late=DELIVERY | {"rank": 3}, soon=DELIVERY | {"rank": 0}), BaseStock(base_stock_level=0)
    )
    assert [int(of[f"channel_{k}_from_stores"][0, 0, 0]) for k in (1, 2)] == [2, 1]


def test_those_who_walk_in_come_before_customers_of_other_stores():
    """Two stores have none, and the third one unit: with transfers at once it goes to who walks in."""
    stock = np.array([[0, 7, 0, 0]] * 2)
    scenario = chain(3, Constant(8), opening_stock=stock, days=1).having(Transfers("by_dc", at_once=True))
    of = ledgers(having(scenario, delivery=DELIVERY), BaseStock(base_stock_level=0))
    assert of["filled_by_transfer"][0, 0].sum() == 1 and of["channel_1_from_stores"].sum() == 0


def test_transfers_at_once_are_for_those_who_walk_in():
    """Four walk in and find four; four collect, and find none, though the other store has forty."""
    scenario = chain(2, Constant(8), opening_stock=np.array([[0, 4, 40]] * 2), days=1)
    both_ways = having(scenario, Transfers("by_dc", at_once=True), collect=COLLECT | {"share": 0.5})
    of = ledgers(both_ways, BaseStock(base_stock_level=0))
    assert of["filled_by_transfer"].sum() == 0 and of["channel_1_lost"][0, 0].tolist() == [0, 4, 0]


def test_goods_that_stay_and_seasons_that_are_over_are_not_shipped_from_stores():
    scenario = having(chain(), Transfers("by_dc"), delivery=DELIVERY | {"dc_first": False})
    items = [scenario.items[0].having(shelf_life=5), scenario.items[1].having(selling_season=SellingSeason(20))]
    of = ledgers(scenario.having(items=items))
    assert of["channel_1_from_stores"][:, 0].sum() == 0 < of["channel_1_from_stores"][:, 1].sum()
    prepared = Prepared(scenario.having(items=items))
    run = Run(prepared, prepared.plan(BaseStock(safety_factor=0.0)), 1, 0, log=True).run()
    assert max(entry.day for entry in run.log if "sent to customers" in entry.what) < 20


def test_what_channels_cost_is_part_of_total_cost_and_not_of_distortion():
    view = {"view_every": 7, "oversell_cost": 5.0}
    free = having(chain(), online=ONLINE, collect=COLLECT | {"view_every": 7})
    dear = having(chain(), online=ONLINE | {"cost_per_unit": 3.0}, collect=COLLECT | view | {"cost_per_unit": 0.5})
    (of, plain), (_, found) = values_of(free), values_of(dear)
    total = {name: column.sum(axis=(1, 2)) for name, column in of.items()}
    handed = 3.0 * (total["channel_1_handed_over"] + total["channel_1_waits"])
    spent = handed + 0.5 * total["channel_2_handed_over"] + 5.0 * total["channel_2_oversold"]
    assert (total["channel_2_oversold"] > 0).all()
    np.testing.assert_allclose(found["channel_cost"], spent * 365 / 56)
    np.testing.assert_allclose(found["total_cost"] - plain["total_cost"], found["channel_cost"])
    np.testing.assert_allclose(found["distortion_cost"], plain["distortion_cost"])
    assert "channel_2_cost" in measures_of({"channels", "channel_1", "channel_2"})
    assert "channel_2_cost" not in measures_of({"channels", "channel_1"}) and "channel_cost" not in measures_of()


def test_the_fill_rate_of_the_chain_is_of_all_customers_and_of_no_order_between_sites():
    prepared = Prepared(having(chain(), online=ONLINE, collect=COLLECT))
    outcome = evaluate(prepared, BaseStock(safety_factor=-1.0), 4, seed=1, label="lean")
    of = named(run_kernel(prepared, outcome.plan, 1, 4).ledger)
    stores, dc = (slice(None), slice(None), slice(1, None)), (slice(None), slice(None), 0)
    asked = of["demand"][stores].sum() + of["channel_1_asked"][dc].sum()
    served = of["filled"][stores].sum() + of["channel_1_handed_over"][dc].sum()
    np.testing.assert_allclose(outcome.value("fill_rate")[0], served / asked)
    assert outcome.value("units_asked")[0] == pytest.approx(asked / 4 * 365 / 56)
    at_dc = outcome.table("site").set_index(["group", "measure"]).loc[("dc", "fill_rate"), "estimate"]
    assert at_dc == pytest.approx(of["filled"][dc].sum() / of["demand"][dc].sum())  # its own books: orders are demand


def test_a_run_goes_on_with_its_views_of_stock():
    scenario = having(chain(warm_up=14), collect=COLLECT | {"view_every": 10, "buffer": 1},
                      online=ONLINE | {"view_every": 3, "oversold": "waits"})  # fmt: skip
    whole, policy = Prepared(scenario), BaseStock(safety_factor=0.0)
    state = state_of_run(whole, whole.plan(policy), 2, 3, 14)
    assert state.arrays["channel_views"].sum() > 0
    going_on = Prepared(scenario.having(opening=state))
    again = run_kernel(going_on, going_on.plan(policy), 2, 3)
    assert_same(run_events(going_on, going_on.plan(policy), 2, 3), again)
    assert (again.ledger == run_kernel(whole, whole.plan(policy), 2, 3).ledger).all()
    with pytest.raises(InputError, match="the state of a run is of 2 channels; allowed: those of the run, 1"):
        _ = Prepared(having(scenario, online=ONLINE).having(opening=state)).world
    plain = state_of_run(Prepared(chain(warm_up=14)), whole.plan(policy), 2, 3, 14)
    with pytest.raises(InputError, match=r"a run with channels cannot go on from the state of a run without"):
        _ = Prepared(scenario.having(opening=plain)).world


def test_what_goods_cost_goes_with_those_that_stores_ship():
    terms = Transfers("by_dc", at_once=True)
    delivery = DELIVERY | {"dc_first": False}
    of = ledgers(having(chain(), terms, UnitCosts(inflation=0.4), delivery=delivery, collect=COLLECT))
    assert of["channel_1_from_stores"].sum() > 0
    for flow in ("fifo", "lifo", "average"):
        went = of[f"cogs_{flow}"] + of[f"shipped_value_{flow}"] + of[f"loss_value_{flow}"]
        assert (of[f"opening_value_{flow}"] + of["received_value"] == of[f"closing_value_{flow}"] + went).all()


def test_what_stores_ship_to_customers_is_no_transfer():
    terms = Transfers("by_dc", cost_per_unit=0.5, cost_per_line=4.0)
    _, of = values_of(having(chain(), terms, delivery=DELIVERY | {"dc_first": False}))
    assert (of["from_stores_share"] > 0).all()
    assert (of["transferred_units"] == 0).all() and (of["transfer_cost"] == 0).all()
    assert (of["transferred_in_units"] == 0).all() and (of["filled_by_transfer_share"] == 0).all()


def test_a_folder_keeps_them(tmp_path):
    terms = Channels(by_name={"collect": COLLECT | {"view_every": 2, "buffer": 1, "oversell_cost": 5.0},
                              "online": ONLINE | {"keep_days": 2.5, "backorder_share": 0.5}})  # fmt: skip
    write_scenario(chain().having(terms), tmp_path / "folder")
    assert read_scenario(tmp_path / "folder").feature("channels") == terms


OF = "of channels.by_name.online"


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"served": "dc"}, f"settings {OF} leave out what has no default; they are: share, served, rank, reserve, "
         "reserve_days, keep, keep_days, backorder_share, cost_per_unit, view_every, buffer, oversold, oversell_cost, "
         "dc_first"),
        ({"share": 0.2, "served": "shop"}, f"served 'shop' is unknown; choose from: dc, own_store, stores, {OF}"),
        ({"share": 1.2, "served": "dc"}, f"share must be a share between 0 and 1, got 1.2, {OF}"),
        ({"share": 0.2, "served": "dc", "reserve": 2**40},
         f"reserve must be a whole number from 0 to 268,435,455, got {2**40}, {OF}"),
        ({"share": 0.2, "served": "dc", "reserve_days": -1},
         f"reserve_days must be a number of days from 0 to 10,000, got -1, {OF}"),
        ({"share": 0.2, "served": "own_store", "keep": 3},
         f"keep is of what a DC serves, and the channel is served: own_store, {OF}"),
        ({"share": 0.2, "served": "dc", "buffer": 3},
         f"buffer is of a view of stock, which needs view_every; got buffer 3, {OF}"),
        ({"share": 0.2, "served": "dc", "oversold": "waits"},
         f"oversold is of a view of stock, which needs view_every, {OF}"),
        ({"share": 0.2, "served": "dc", "view_every": 0},
         f"view_every must be a whole number of days from 1 to 10,000, got 0, {OF}"),
        ({"share": 0.2, "served": "stores", "view_every": 1},
         f"view_every is of one stock, and the channel is served from stores: leave it out, {OF}"),
        ({"share": 0.2, "served": "dc", "view_every": 1, "oversold": "waits", "oversell_cost": 4},
         f"oversell_cost is of units that are cancelled, got 4 with oversold: waits, {OF}"),
        ({"share": 0.2, "served": "dc", "ranks": 1},
         f"setting 'ranks' {OF} is unknown; did you mean 'rank'? choose from: backorder_share, buffer, cost_per_unit, "
         "dc_first, keep, keep_days, oversell_cost, oversold, rank, reserve, reserve_days, served, ... (14 in all)"),
        ({"share": 0.2, "served": "stores"},
         "channel 'online' is served: stores, which needs regions of stores that may send goods, such as "
         "transfers.regions=by_dc"),
    ],
)  # fmt: skip
def test_bad_terms_in_a_line(settings, line):
    with pytest.raises(InputError) as error:
        having(chain(), online=settings)
    assert str(error.value) == line


def test_bad_lists_of_channels_in_a_line():
    with pytest.raises(InputError) as error:
        having(chain(), a=ONLINE | {"share": 0.7}, b=COLLECT | {"share": 0.5})
    assert str(error.value) == ("shares of channels.by_name add up to 1.2; allowed: at most 1, of which those who walk "
                                "in keep the rest")  # fmt: skip
    with pytest.raises(InputError, match=r"channels.by_name names 5 channels; allowed: at most 4"):
        having(chain(), **{f"c{k}": COLLECT | {"share": 0.1} for k in range(5)})
    with pytest.raises(InputError, match="a channel may not be called walk_ins: that is what all others are"):
        having(chain(), walk_ins=COLLECT)
    shop = scenario_of("shop", [Item("milk")], [Site("store")], [Lane("supplier", "store")],
                       {("milk", "store"): Poisson(4.0)})  # fmt: skip
    with pytest.raises(InputError, match="channel 'online' is served: dc, but no site serves another; allowed here"):
        having(shop, online=ONLINE)


def test_the_command_line_says_so_too(capsys):
    code = main(["compare", "scenario=regional_chain", "+channels.by_name.online={share: 0.2, served: dcs}",
                 "replications=2", "figures=false"])  # fmt: skip
    assert code == 2
    assert "served 'dcs' is unknown; did you mean 'dc'?" in capsys.readouterr().err


def test_the_table_has_each_channel_by_name_with_an_interval():
    prepared = Prepared(having(chain(), online=ONLINE, collect=COLLECT | {"view_every": 7}))
    outcome = evaluate(prepared, BaseStock(safety_factor=0.0), 4, seed=1, label="lean")
    table = channel_table([outcome])
    assert table["channel"].unique().tolist() == ["walk_ins", "online", "collect"]
    of = table.set_index(["channel", "measure"])["estimate"]
    ledger = named(run_kernel(prepared, outcome.plan, 1, 4).ledger)
    year = 365 / 56 / 4
    assert of["online", "asked_units"] == pytest.approx(ledger["channel_1_asked"].sum() * year)
    assert of["collect", "oversold_units"] == pytest.approx(ledger["channel_2_oversold"].sum() * year)
    parts = sum(of["collect", each] for each in ("lost_units", "waiting_units", "refused_units", "oversold_units"))
    assert of["collect", "asked_units"] * (1 - of["collect", "fill_rate"]) == pytest.approx(parts)
    assert table.loc[table["measure"] == "asked_units", "half_width"].gt(0).all()
    heads = channel_lines(table)[1].split("  ")
    assert "refused" in [head.strip() for head in heads] and "from stores" not in [head.strip() for head in heads]


def test_bounds_of_a_share_in_the_table_are_shares():
    """An interval around nearly all that is asked for ends at all of it."""
    prepared = Prepared(having(chain(), online=ONLINE, collect=COLLECT))
    table = channel_table([evaluate(prepared, BaseStock(safety_factor=level), 3, seed=1, label=str(level))
                           for level in (1.0, 1.5, 2.0)])  # fmt: skip
    shares = table[table["unit"] == "share"].dropna()
    assert (shares["estimate"] + shares["half_width"] > 1).any()
    assert shares["high"].max() == 1 and shares["low"].min() >= 0


def test_lines_of_the_table_name_each_policy_once():
    rows = [(policy, channel, "fill_rate", 0.97, 0.96, 0.98, 0.01, "share", 4)
            for policy in ("lean", "rich") for channel in ("walk_ins", "online")]  # fmt: skip
    lines = channel_lines(pd.DataFrame(rows, columns=list(COLUMNS)))[2:]
    assert [line.split()[:-3] for line in lines] == [["lean", "walk_ins"], ["online"], ["rich", "walk_ins"], ["online"]]


def test_the_figure_draws_what_was_not_served_and_why():
    prepared = Prepared(having(chain(), online=ONLINE, collect=COLLECT | {"view_every": 7}))
    tables = [channel_table([evaluate(prepared, BaseStock(safety_factor=level), 4, seed=1, label=name)])
              for name, level in (("lean", -1.0), ("rich", 1.0))]  # fmt: skip
    table = pd.concat(tables, ignore_index=True)
    shares = unserved_shares(table)
    found = table[table["measure"] == "fill_rate"]["estimate"].to_numpy()
    np.testing.assert_allclose(shares[list(PARTS)].sum(axis=1), 100 * (1 - found), atol=1e-9)
    axes = channels_figure(table, "chain").axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    channels_there = ("walk-ins", "online", "collect")
    assert labels == [f"{channel} ({policy})" for policy in ("lean", "rich") for channel in channels_there]
    drawn = axes.get_legend_handles_labels()[1]
    assert {"refused, though on the shelf", "refused, and not there", "oversold", "not there: lost"} < {*drawn}


def test_a_run_reports_its_channels_and_draws_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    online = "+channels.by_name.online={share: 0.2, served: dc, view_every: 7}"
    words = ["run", "scenario=regional_chain", "scenario.stores=3", "scenario.items=3", "policy=just_in_time",
             "days=28", "replications=2", online]  # fmt: skip
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "Channels, in units a year:" in said and "just_in_time  walk_ins" in said
    found = {path.name for path in (tmp_path / "runs").rglob("*")}
    assert {"channels.csv", "channels.parquet", "channels.png"} <= found


def test_days_in_sentences_know_channels():
    stock = np.array([[3, 20, 9, 0]] * 2)
    scenario = chain(3, Constant(8), opening_stock=stock, days=1).having(Transfers("by_dc", floor={"units": 1}))
    prepared = Prepared(having(scenario, delivery=DELIVERY))
    run = Run(prepared, prepared.plan(BaseStock(base_stock_level=0)), 1, 0, log=True).run()
    said = {site: days_of(run, "milk", site)[0].lines() for site in ("dc", "store_0")}
    assert "Customers asked for 6 units; 3 were handed over." in said["dc"][2]
    assert any("Of these 6 units came by 'delivery': 3 handed over." in line for line in said["dc"])
    assert any("'store_0' serves 3 units to customers who found none here." in line for line in said["dc"])
    sent = "Customers of the channel 'delivery' are sent 3 units of this store."
    assert any(sent in line for line in said["store_0"])
    assert any("The sites below ordered nothing." in line for line in said["dc"])
