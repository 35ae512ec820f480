"""Suppliers and lanes that fail: nights by hand, both engines alike, identities, what is refused, and what it costs."""

from collections import Counter
from datetime import date

import numpy as np
import pytest
from chains import RICH, small_chain
from test_parity import assert_same, both

from restock.experiments.cli import main
from restock.experiments.tracing import one_item, one_item_plan
from restock.policies.base_stock import BaseStock
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.engines.events.final_state import state_of_run
from restock.sim.errors import InputError
from restock.sim.features.supply_risk.figure import disruption
from restock.sim.features.supply_risk.lane_terms import Congestion
from restock.sim.features.supply_risk.outage_study import nights_down, outage_lines, outage_table, outages_of
from restock.sim.features.supply_risk.settings import SupplyRisk
from restock.sim.measures.ledger import named
from restock.sim.measures.measures import measures_of
from restock.sim.model.demand_event_files import events_from
from restock.sim.model.network import WEEKDAYS, Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.model.supply.supply_events import ClosedLane, Holiday, Outage
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.run.shards import run_kernel
from restock.sim.study.compare import evaluate
from restock.sim.verification.cases.worlds import one_store

ALWAYS_DOWN = {"outage": {"fails": 1.0, "recovers": 0.5}}


def risky(**of_supplier):
    return SupplyRisk(suppliers={"supplier": of_supplier})


def steady(days=14, lead_time=1, opening=20, stores=1, items=1, **settings):
    """Four units a day at each store, every day, from one supplier; unmet demand waits."""
    goods = [Item(f"item_{k}", backorder_share=1.0) for k in range(items)]
    sites = [Site(f"store_{k}") for k in range(stores)]
    lanes = [Lane("supplier", site.name, Constant(lead_time)) for site in sites]
    demand = {(item.name, site.name): Constant(4) for item in goods for site in sites}
    stock = np.full((items, stores), opening)
    return scenario_of("steady", goods, sites, lanes, demand, days=days, opening_stock=stock, **settings)


def log_of(scenario, what, policy=None, item="item_0", site="store_0", seed=1):
    """Units of each day of one kind of entry, in the event engine, whose books are the kernel's."""
    prepared = Prepared(scenario)
    plan = prepared.plan(policy or BaseStock(base_stock_level=20))
    both(prepared, plan, seed, series=True)
    run = Run(prepared, plan, seed, 0, log=True).run()
    days = Counter()
    for each in run.log:
        if (each.what, each.item, each.site) == (what, item, site):
            days[each.day] += each.quantity
    return sorted(days.items())


def outage(start, days, supplier="supplier"):
    return (Outage(supplier=supplier, start=start, days=days),)


def test_held_orders_leave_together_on_the_first_night_up():
    """Down on nights 3 to 5: nothing comes on days 4 to 6, what was ordered on four nights comes on day 7."""
    scenario = steady(events=outage(3, 3))
    assert log_of(scenario, "received")[:5] == [(1, 4), (2, 4), (3, 4), (7, 16), (8, 4)]
    assert log_of(scenario, "held by the supplier") == [(3, 4), (4, 8), (5, 12)]
    assert log_of(scenario, "ordered") == [(day, 4) for day in range(14)]


def test_held_orders_have_one_lead_time():
    """Orders that left on nights of their own would draw four; the ordinals of later shipments say there was one."""
    scenario = steady(28, lead_time=2, events=outage(3, 3))
    prepared = Prepared(scenario)
    run = Run(prepared, prepared.plan(BaseStock(base_stock_level=30)), 1, 0).run()
    assert run.sites[0].shipments_so_far[0] == 28 - 3


def test_refused_orders_are_not_placed_and_the_policy_orders_again():
    scenario = steady(events=outage(3, 3)).having(risky(down_orders="refused"))
    assert log_of(scenario, "ordered")[:5] == [(0, 4), (1, 4), (2, 4), (6, 16), (7, 4)]
    assert log_of(scenario, "received")[2:5] == [(3, 4), (7, 16), (8, 4)]
    assert log_of(scenario, "held by the supplier") == []


def test_a_closed_lane_holds_what_is_ordered_on_it_and_lets_through_what_is_on_its_way():
    shut = ClosedLane(source="supplier", destination="store_0", start=3, days=3)
    scenario = steady(lead_time=2, stores=2, events=(shut,)).having(risky(down_orders="refused"))
    assert log_of(scenario, "received")[:6] == [(2, 4), (3, 4), (4, 4), (8, 16), (9, 4), (10, 4)]
    assert log_of(scenario, "received", site="store_1")[:4] == [(2, 4), (3, 4), (4, 4), (5, 4)]


@pytest.mark.parametrize("rule", ["proportional", "priority", "fair_share"])
@pytest.mark.parametrize("unshipped", ["owed", "cancelled"])
def test_a_store_behind_a_closed_lane_takes_no_part_in_sharing(rule, unshipped):
    """The DC has 12 units, two stores order 10 each: the one that can be reached gets its 10, not a share."""
    sites = [Site("dc", "dc", None, rule, unshipped), Site("near", served_by="dc"), Site("far", served_by="dc")]
    lanes = [Lane("supplier", "dc", Constant(20)), Lane("dc", "near"), Lane("dc", "far")]
    demand = {("item", "near"): Constant(10), ("item", "far"): Constant(10)}
    shut = ClosedLane(source="dc", destination="near", start=0, days=2)
    scenario = scenario_of("shared", [Item("item", backorder_share=1.0)], sites, lanes, demand, days=5, events=(shut,),
                           opening_stock=np.array([[12, 30, 30]]))  # fmt: skip
    policy = BaseStock(base_stock_level=30)
    shipped = [log_of(scenario, "shipped to", policy, "item", site) for site in ("near", "far")]
    assert shipped == [[], [(0, 10), (1, 2)]]
    struck = [log_of(scenario, "cancelled", policy, "item", site) for site in ("near", "far")]
    if unshipped == "cancelled":
        assert struck[0][:2] == [(0, 10), (1, 20)] and struck[1][0] == (1, 8)
    else:
        assert struck == [[], []]


def test_all_items_and_sites_see_the_same_nights():
    """And the share of nights is the chain's: fails / (fails + recovers)."""
    scenario = steady(364 * 2, stores=3, items=4).having(risky(outage={"fails": 0.1, "recovers": 0.3}))
    prepared = Prepared(scenario)
    of = named(run_kernel(prepared, prepared.plan(BaseStock(base_stock_level=20)), 3, 100).ledger)
    nights = of["supplier_down_nights"]
    assert (nights == nights[:, :1, :1]).all() and nights.std() > 0
    share = nights[:, 0, 0] / of["supplier_nights"][:, 0, 0]
    assert abs(share.mean() - 0.25) < 4 * share.std() / 10
    assert "supplier_down_share" in measures_of({"outages"}) and "supplier_down_share" not in measures_of()


def test_the_supplier_is_up_on_the_first_night():
    scenario = steady(7).having(risky(**ALWAYS_DOWN))
    assert log_of(scenario, "held by the supplier")[0] == (1, 4)


def test_two_suppliers_have_nights_of_their_own():
    items = [Item("a", supplier="one"), Item("b", supplier="other")]
    lanes = [Lane("one", "store"), Lane("other", "store")]
    demand = {("a", "store"): Poisson(3.0), ("b", "store"): Poisson(3.0)}
    same = {"outage": {"up": 10, "down": 5}}
    scenario = scenario_of("two", items, [Site("store")], lanes, demand).having(
        SupplyRisk(suppliers={"one": same, "other": same})
    )
    of = named(both(prepared := Prepared(scenario), prepared.plan(RICH)).ledger)
    nights = of["supplier_down_nights"][..., 0]
    assert (nights[:, 0] != nights[:, 1]).any()
    alone = Prepared(one_item(scenario, 0, prepared.world.daily_rate))
    ledger = run_events(alone, one_item_plan(prepared.plan(RICH), 0), 1, 2).ledger
    assert (named(ledger)["supplier_down_nights"][:, 0, 0] == nights[:, 0]).all()


def test_fill_ships_a_share_and_holds_or_cancels_the_rest():
    half = {"values": [0.5]}
    held = log_of(steady(5).having(risky(fill=half)), "received")
    assert held == [(1, 2), (2, 4), (3, 4), (4, 4)]  # two of each order, and two that were left the night before
    cancelled = steady(5).having(risky(fill={**half, "rest": "cancelled"}))
    assert log_of(cancelled, "cancelled")[:2] == [(0, 2), (1, 3)]  # ordered again that is, with tomorrow's four
    assert log_of(cancelled, "received")[:2] == [(1, 2), (2, 3)]


def test_fill_is_exact_on_average_and_drawn_for_each_order():
    fill = {"values": [1.0, 0.3], "weights": [3, 1], "rest": "cancelled"}
    prepared = Prepared(steady(728, stores=2).having(risky(fill=fill)))
    of = named(run_kernel(prepared, prepared.plan(BaseStock(base_stock_level=20)), 5, 64).ledger)
    assert abs(1 - of["cancelled"].sum() / of["ordered"].sum() - 0.825) < 0.005
    assert (of["opening_on_order"] + of["ordered"] == of["received"] + of["cancelled"] + of["closing_on_order"]).all()
    assert (of["cancelled"][:, 0, 0] != of["cancelled"][:, 0, 1]).any()


def test_bad_units_are_turned_away_off_the_order_and_not_paid():
    scenario = steady(6).having(risky(**{"yield": {"values": [0.5]}}))
    assert log_of(scenario, "rejected")[0] == (1, 2) and log_of(scenario, "received")[0] == (1, 2)
    assert log_of(scenario, "ordered")[:2] == [(0, 4), (1, 6)]  # what was turned away is ordered again that evening
    prepared = Prepared(scenario.having(days=365))
    of = named(run_kernel(prepared, prepared.plan(BaseStock(base_stock_level=20)), 5, 8).ledger)
    moved = of["received"] + of["rejected"] + of["cancelled"]
    assert (of["opening_on_order"] + of["ordered"] == moved + of["closing_on_order"]).all()
    assert (of["cancelled"] == 0).all() and abs(of["rejected"].sum() / of["ordered"].sum() - 0.5) < 0.01


def test_a_delivery_that_is_bad_altogether_ends_no_cycle():
    scenario = steady(5).having(risky(**{"yield": {"values": [1.0, 0.0], "weights": [1, 1]}}))
    prepared = Prepared(scenario.having(days=60))
    of = named(both(prepared, prepared.plan(BaseStock(base_stock_level=20)), series=True).ledger)
    assert (of["cycles"] < 50).all() and of["rejected"].min() > 0


def with_lane(scenario, **settings):
    return scenario.having(lanes=[lane.having(**settings) for lane in scenario.lanes])


def test_goods_come_on_delivery_days():
    """Day 0 is a Monday; a lead time of 2 from Monday's night is Wednesday, which is kept to Thursday."""
    scenario = with_lane(steady(14, lead_time=2), delivery_days=("mon", "thu"))
    assert log_of(scenario, "received") == [(3, 8), (7, 16), (10, 12)]


def test_a_missed_window_is_the_next_delivery_day_once_at_most():
    """Every window missed: each shipment comes one delivery day later, and no later than that."""
    scenario = with_lane(steady(14, lead_time=2), delivery_days=("mon", "thu"), missed=1.0)
    assert log_of(scenario, "received") == [(7, 8), (10, 16)]


def test_a_window_is_missed_for_the_lane_and_the_day():
    """All items on the truck are late together; other stores have trucks of their own."""
    scenario = with_lane(steady(200, items=3, stores=2), missed=0.3)
    days = [[[day for day, _ in log_of(scenario, "received", item=f"item_{i}", site=site)] for i in range(3)]
            for site in ("store_0", "store_1")]  # fmt: skip
    assert days[0][0] == days[0][1] == days[0][2] != days[1][0]
    late = 200 - 1 - len(days[0][0])
    assert 25 < late < 95  # of a truck a day three in ten come with the next: 0.3 x 0.7 of the days see none


def test_lead_times_count_the_days_on_which_the_supplier_works():
    """Day 0 is a Monday; two working days from Thursday's night are Monday, from Friday's to Sunday's night Tuesday."""
    scenario = steady(14, lead_time=2).having(risky(working_days=WEEKDAYS[:5]))
    assert log_of(scenario, "received") == [(2, 4), (3, 4), (4, 4), (7, 4), (8, 12), (9, 4), (10, 4), (11, 4)]


def test_a_run_that_starts_on_a_thursday_rests_on_its_own_weekend():
    """Day 0 is a Thursday: two working days from then are Monday, day 4; from Friday's to Sunday's night Tuesday."""
    scenario = steady(8, lead_time=2, start=date(2024, 1, 4)).having(risky(working_days=WEEKDAYS[:5]))
    assert log_of(scenario, "received") == [(4, 4), (5, 12), (6, 4), (7, 4)]


def test_holidays_count_for_no_lead_time_and_nothing_comes_on_them():
    """Wednesday and Thursday off: of Tuesday's to Thursday's nights the next working day is Friday."""
    scenario = steady(9).having(events=[Holiday(supplier="supplier", start=2, days=2)])
    assert log_of(scenario, "received") == [(1, 4), (4, 12), (5, 4), (6, 4), (7, 4), (8, 4)]
    kept_to = with_lane(scenario, delivery_days=("wed", "fri"))
    assert log_of(kept_to, "received") == [(4, 16)]  # Monday's goods meet no Wednesday
    missed = with_lane(scenario.having(days=28), delivery_days=("wed", "fri"), missed=1.0)
    assert [day for day, _ in log_of(missed, "received")] == [9, 11, 16, 18, 23, 25]


def test_days_off_stay_where_no_risk_is_active():
    risk = SupplyRisk(False, {"supplier": {**ALWAYS_DOWN, "working_days": WEEKDAYS[:5]}})
    scenario = steady(14, lead_time=2)
    only_days = scenario.having(risky(working_days=WEEKDAYS[:5]))
    assert log_of(scenario.having(risk), "received") == log_of(only_days, "received")
    assert log_of(scenario.having(risk), "received") != log_of(scenario, "received")


def test_planners_know_working_days():
    """A day's lead time is three over a weekend: 1.4 on average, if ordered on working days; the DC's stores stay."""
    chain = small_chain().scenario
    known = Prepared(chain.having(risky(working_days=WEEKDAYS[:5]))).known
    plain = Prepared(chain).known
    assert (known.lead_time_mean[:, 0] > plain.lead_time_mean[:, 0]).all()
    assert (known.lead_time_mean[:, 1:] == plain.lead_time_mean[:, 1:]).all()
    shop = with_lane(steady(), order_days=WEEKDAYS[:5]).having(risky(working_days=WEEKDAYS[:5]))
    found = Prepared(shop).known
    assert found.lead_time_mean == pytest.approx(1.4) and found.lead_time_variance == pytest.approx(0.64)


def test_a_run_goes_on_over_holidays_that_the_run_before_did_not_see():
    whole = Prepared(risky_chain().having(events=[Holiday(supplier="supplier", start=2, days=17)]))
    before = Prepared(whole.scenario.having(events=()))
    assert whole.world.features.supply_risk.slots > before.world.features.supply_risk.slots
    state = state_of_run(before, before.plan(RICH), 4, 3, 28)
    for prepared in (whole, before):  # and over none, from a run that saw them
        going_on = Prepared(prepared.scenario.having(opening=state))
        plan = going_on.plan(RICH)
        assert_same(run_events(going_on, plan, 4, 3), run_kernel(going_on, plan, 4, 3, series=True))
        state = state_of_run(whole, whole.plan(RICH), 4, 3, 28)


def test_congested_nights_take_another_lead_time():
    jam = Congestion(Constant(5), begins=1.0, ends=1.0)
    scenario = with_lane(steady(14), congestion=jam)  # calm and congested by turns, calm on day 0
    assert log_of(scenario, "received")[:5] == [(1, 4), (3, 4), (5, 4), (6, 4), (7, 4)]


def test_shipments_cross_unless_the_lane_forbids_it():
    jam = Congestion(Constant(5), begins=1.0, ends=1.0)
    scenario = with_lane(steady(14), congestion=jam, crossing=False)
    assert log_of(scenario, "received") == [(1, 4), (6, 8), (8, 8), (10, 8), (12, 8)]


@pytest.mark.parametrize(
    "scenario",
    [
        small_chain().scenario.having(risky(outage={"fails": 0.0, "recovers": 0.5}, fill={"values": [1.0]})),
        small_chain().scenario.having(risky(**{"yield": {"values": [1.0, 0.2], "weights": [1, 0]}})),
        small_chain().scenario.having(risky(working_days=WEEKDAYS)),
        with_lane(small_chain().scenario, delivery_days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"), missed=0.0,
                  congestion=Congestion(Constant(9), 0.0, 0.5), crossing=True),
        with_lane(small_chain().scenario, delivery_days=("mon",), missed=0.5).having(
            SupplyRisk(False, {"supplier": {**ALWAYS_DOWN, "yield": {"values": [0.5]}, "fill": {"values": [0.5]}}}),
            events=outage(3, 30)),
    ],
    ids=["chances of 0", "yield of 1", "works every day", "terms that bind nothing", "not active"],
)  # fmt: skip
def test_what_never_fails_is_the_same_as_nothing_said(scenario):
    plain, prepared = small_chain(), Prepared(scenario)
    of = prepared.world.features.supply_risk
    assert (of.holds, of.closes, of.terms) == (0, 0, 0)
    one, other = (run_kernel(p, p.plan(RICH), 5, 3) for p in (plain, prepared))
    assert (named(one.ledger)["on_hand_days"] == named(other.ledger)["on_hand_days"]).all()
    assert_same(one, other)


def test_demand_and_lead_times_by_the_day_are_those_without():
    """So that an outage costs a paired difference: not active, the same world but for it."""
    scenario = small_chain().scenario.having(risky(outage={"up": 20, "down": 5}), lead_time_index="day")
    safe = Prepared(scenario.having(SupplyRisk(False, {"supplier": ALWAYS_DOWN})))
    prepared = Prepared(scenario)
    one, other = (named(run_kernel(p, p.plan(RICH), 5, 3).ledger) for p in (prepared, safe))
    stores = slice(1, None)
    assert (one["demand"][..., stores] == other["demand"][..., stores]).all()
    assert (one["filled"][..., stores].sum((1, 2)) < other["filled"][..., stores].sum((1, 2))).all()


def risky_chain():
    """Everything that a run can stand in the middle of."""
    scenario = small_chain(days=56, warm_up=28).scenario
    scenario = with_lane(scenario, delivery_days=("tue", "fri"), missed=0.3, crossing=False,
                         congestion=Congestion(Constant(9), 0.2, 0.2))  # fmt: skip
    given = {"outage": {"up": 6, "down": 5}, "yield": {"values": [1.0, 0.6]}, "fill": {"values": [1.0, 0.5]}}
    return scenario.having(risky(**given))


def test_a_run_goes_on_with_what_is_held_and_what_is_bad_and_where_states_stand():
    whole = Prepared(risky_chain())
    plan = whole.plan(RICH)
    at_once = run_events(whole, plan, 4, 3)
    state = state_of_run(whole, plan, 4, 3, 28)
    kept = {name: state.arrays[name] for name in ("supplier_down", "lane_congested", "last_arrival", "bad_coming")}
    assert all(array.any() for array in kept.values()) and state.arrays["owed"][:, :, 0].any()
    going_on = Prepared(whole.scenario.having(opening=state))
    at_once.series[:28] = 0
    assert_same(at_once, run_events(going_on, going_on.plan(RICH), 4, 3))
    assert_same(at_once, run_kernel(going_on, going_on.plan(RICH), 4, 3, series=True))
    both(going_on, going_on.plan(RICH), seed=9)  # into another future, from the same states


def test_held_units_go_on_only_where_a_supplier_may_hold():
    whole = Prepared(risky_chain())
    state = state_of_run(whole, whole.plan(RICH), 4, 1, 28)
    with pytest.raises(InputError) as caught:
        _ = Prepared(small_chain(days=56).scenario.having(opening=state)).world
    said = "suppliers hold units in the state of a run; a run without supply_risk cannot go on from it"
    assert str(caught.value) == said
    safe = small_chain(days=56)
    state = state_of_run(safe, safe.plan(RICH), 4, 1, 28)
    with pytest.raises(InputError) as caught:
        _ = Prepared(risky_chain().having(opening=state)).world
    assert str(caught.value) == "a run with supply_risk cannot go on from the state of a run without"


def test_settings_from_the_command_line_and_a_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["run", "scenario=one_store", "policy=buffer", "replications=2", "days=28", "warm_up=0", "figures=false",
             "+supply_risk.suppliers.dairy={outage: {up: 20, down: 4}, fill: {values: [1, 0.8], weights: [9, 1], "
             "rest: cancelled}, yield: {values: [1, 0.5], weights: [97, 3]}}",
             "events=[{kind: outage, supplier: wholesaler, start: 7, days: 5}, "
             "{kind: closed_lane, source: dairy, destination: shop, start: 20, days: 2}]",
             "+scenario.lanes.shop.dairy.delivery_days=[mon,thu]", "+scenario.lanes.shop.dairy.missed=0.02",
             "+scenario.lanes.shop.dairy.congestion={lead_time: {law: constant, value: 4}, begins: 0.1, ends: 0.5}",
             "+scenario.lanes.shop.dairy.crossing=false"]  # fmt: skip
    assert main(words) == 0
    capsys.readouterr()
    write_scenario(scenario := risky_chain().having(events=outage(3, 4)), "folder")
    back = read_scenario("folder")
    assert (back.lanes, back.features, back.events) == (scenario.lanes, scenario.features, scenario.events)


def refused(word, message, capsys):
    words = ["run", "scenario=one_store", "policy=buffer", "replications=2", "days=28", "warm_up=0", "figures=false"]
    assert main([*words, word]) == 2
    assert capsys.readouterr().err == f"restock: {message}\n"


@pytest.mark.parametrize(
    "given, message",
    [
        ("{outage: {up: 20}}", "outage of supplier 'dairy' must be {up, down}, mean nights, or {fails, recovers}, "
         "chances of a night, got {up}"),
        ("{outage: {up: 0.5, down: 3}}", "outage.up of supplier 'dairy' must be a number of nights not below 1, got "
         "0.5"),
        ("{outage: {fails: 1.5, recovers: 1}}", "outage.fails of supplier 'dairy' must be a share between 0 and 1, "
         "got 1.5"),
        ("{outage: {fails: 0.1, recovers: 0}}", "outage.recovers of supplier 'dairy' must be above 0, or it stays down "
         "for ever; got 0"),
        ("{down_orders: lost}", "down_orders 'lost' of supplier 'dairy' is unknown; choose from: held, refused"),
        ("{fill: {values: [1.2]}}", "fill.values of supplier 'dairy' must be a share between 0 and 1, got 1.2"),
        ("{fill: {values: [1, 0.5], weights: [1]}}", "fill of supplier 'dairy' must have 1 to 100 values, and a weight "
         "for each, got 2 and 1"),
        ("{fill: {values: [1], rest: late}}", "rest of fill 'late' of supplier 'dairy' is unknown; choose from: "
         "cancelled, held"),
        ("{yield: {values: [0]}}", "yield of supplier 'dairy' must leave some good units, got values [0.0]"),
        ("{yield: {values: [1], weights: [0]}}", "yield.weights of supplier 'dairy' must be numbers not below 0, some "
         "above, got [0]"),
        ("{outages: {}}", "setting 'outages' of supplier 'dairy' is unknown; did you mean 'outage'? choose from: "
         "down_orders, fill, outage, working_days, yield"),
        ("7", "settings of supplier 'dairy' must be a mapping, got 7"),
    ],
)  # fmt: skip
def test_a_wrong_supplier_is_one_line(given, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(f"+supply_risk.suppliers.dairy={given}", message, capsys)


@pytest.mark.parametrize(
    "word, message",
    [
        ("+supply_risk.suppliers.diary={}", "supplier 'diary' of supply_risk.suppliers is unknown; did you mean "
         "'dairy'? choose from: dairy, wholesaler"),
        ("events=[{kind: outage, supplier: nobody, start: 1, days: 2}]", "supplier 'nobody' in entry 1 of events is "
         "unknown; choose from: dairy, wholesaler"),
        ("events=[{kind: outage, supplier: dairy, start: 1, days: 0}]", "outage: days must be a whole number "
         "not below 1, got 0, in entry 1 of events"),
        ("events=[{kind: outage, supplier: dairy, start: 40, days: 2}]", "outage: start must leave days in the run: "
         "not before day -1, not after day 27 (2024-01-28), got 40, in entry 1 of events"),
        ("events=[{kind: outage, supplier: dairy, start: 1, days: 2, items: [milk]}]", "outage: items are not chosen: "
         "it is the same for all of them, in entry 1 of events"),
        ("events=[{kind: closed_lane, source: dc, destination: shop, start: 1, days: 2}]", "lane 'dc -> shop' in "
         "entry 1 of events is unknown; did you mean 'dairy -> shop'? choose from: dairy -> shop, wholesaler -> shop"),
        ("+scenario.lanes.shop.dairy.delivery_days=[mo]", "delivery day 'mo' of lane 'dairy' -> 'shop' is "
         "unknown; did you mean 'mon'? choose from: fri, mon, sat, sun, thu, tue, wed"),
        ("+scenario.lanes.shop.dairy.delivery_days=[]", "delivery_days of lane 'dairy' -> 'shop' must name at least "
         "one weekday"),
        ("+supply_risk.suppliers.dairy.working_days=[mo]", "working day 'mo' of supplier 'dairy' is unknown; did you "
         "mean 'mon'? choose from: fri, mon, sat, sun, thu, tue, wed"),
        ("+supply_risk.suppliers.dairy.working_days=[]", "working_days of supplier 'dairy' must name at least one "
         "weekday"),
        ("events=[{kind: holiday, supplier: nobody, start: 1, days: 2}]", "supplier 'nobody' in entry 1 of events is "
         "unknown; choose from: dairy, wholesaler"),
        ("+scenario.lanes.shop.dairy.missed=2", "missed of lane 'dairy' -> 'shop' must be a share between 0 and 1, "
         "got 2"),
        ("+scenario.lanes.shop.dairy.crossing=maybe", "crossing of lane 'dairy' -> 'shop' must be true or false or "
         "null, got 'maybe'"),
        ("+scenario.lanes.shop.dairy.congestion={lead_time: {law: constant, value: 0}, begins: 0.1, ends: 1}",
         "congestion.lead_time must be at least 1 day, got a law that allows 0, of congestion of lane 'dairy' -> "
         "'shop'"),
        ("+scenario.lanes.shop.dairy.congestion={lead_time: {law: constant, value: 9}, begins: 0.1, ends: 0}",
         "congestion.ends must be above 0, or it never ends; got 0, of congestion of lane 'dairy' -> 'shop'"),
    ],
)  # fmt: skip
def test_a_wrong_name_or_lane_is_one_line(word, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(word, message, capsys)


def test_events_of_supply_go_with_recorded_demand_and_others_do_not(one_shop):
    (event,) = events_from([{"kind": "outage", "supplier": "supplier", "start": 3, "days": 4}])
    assert (event.supplier, event.days, event.of_demand) == ("supplier", 4, False)


def test_what_outages_do_by_hand():
    """Base stock of a day's demand and a lead time of a day: five nights down are five days without a delivery."""
    scenario = steady(70, events=outage(30, 5), warm_up=7).having(risky())
    prepared = Prepared(scenario)
    outcome = evaluate(prepared, BaseStock(base_stock_level=4), 2, seed=1)
    table = outage_table([outcome]).set_index("measure")["estimate"]
    assert table["outages"] == 365 / 70 and table["nights_down"] == pytest.approx(5 / 70)
    assert table["worst_day"] == 0
    assert table["days_to_recover"] == 1 + 7 - 1  # served from the day after the first night up on, for seven days
    lost = 5 * 4 / (70 * 4)  # days 31 to 35
    assert table["fill_rate_lost"] == pytest.approx(lost)
    without = evaluate(Prepared(scenario.having(SupplyRisk(active=False))), outcome.plan, 2, seed=1)
    costs = [each.value("total_cost")[0] for each in (outcome, without)]
    assert table["loss_per_outage"] == pytest.approx((costs[0] - costs[1]) * 70 / 365)
    lines = outage_lines(outage_table([outcome]))
    assert lines[1] == "supplier supplier: down on 7.14 ± 0.00% of nights, 5.21 ± 0.00 outages a year"


def test_an_outage_that_is_felt_when_it_is_over_is_not_over():
    """A lead time of ten days: five nights down from day 37 on are five days without a delivery from day 47 on."""
    scenario = steady(70, lead_time=10, events=outage(30, 5), warm_up=7).having(risky())
    outcome = evaluate(Prepared(scenario), BaseStock(base_stock_level=4 * 10), 2, seed=1)
    table = outage_table([outcome]).set_index("measure")["estimate"]
    assert table["worst_day"] == 0
    assert table["days_to_recover"] == 10 + 7 - 1  # served from ten days after the first night up on, for seven days


def test_nights_of_a_study_are_those_of_the_run():
    prepared = Prepared(small_chain().scenario.having(risky(outage={"up": 10, "down": 3}), events=outage(5, 6)))
    down = nights_down(prepared, 5, 4)
    of = named(run_kernel(prepared, prepared.plan(RICH), 5, 4).ledger)
    measured = down[:, 0, prepared.world.warm_up :].sum(axis=1)
    assert (of["supplier_down_nights"][:, 0, 0] == measured).all()
    assert sorted({spell.replication for spell in outages_of(prepared, down)}) == [0, 1, 2, 3]


def test_a_report_says_what_outages_do_and_draws_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["compare", "scenario=one_store", "policy=[just_in_time,buffer]", "replications=2", "days=91", "warm_up=0",
             "service.fill_rates=[]", "events=[{kind: outage, supplier: dairy, start: 40, days: 9}]"]  # fmt: skip
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "Outages, and what they do beside the same demand without them (supply_risk.active=false):" in said
    assert "supplier dairy: down on 9.89 ± 0.00% of nights, 4.01 ± 0.00 outages a year" in said
    (folder,) = (tmp_path / "runs").glob("*/*")
    assert (folder / "tables" / "outages.csv").exists() and (folder / "figures" / "disruption.png").exists()


def test_the_figure_is_of_the_longest_outage_and_shades_all():
    scenario = small_chain(days=140).scenario.having(events=(*outage(30, 9), *outage(50, 3)))
    outcomes = {"rich": evaluate(Prepared(scenario), RICH, 2, seed=1, series=True, label="rich")}
    figure = disruption(outcomes)
    assert len(figure.axes) == 3 and len(figure.axes[0].patches) == 2
    first = figure.axes[0].patches[0]
    assert (first.get_x(), first.get_width()) == (29.5, 9)
    calm = {"rich": evaluate(small_chain(), RICH, 2, seed=1, series=True)}
    assert disruption(calm) is None


def test_goods_with_a_lead_time_of_their_own_keep_to_windows_too():
    """The longest way counts: 31 days, and up to six more until the delivery day."""
    shop = one_store(Poisson(3.0), 1, 60, days=56, warm_up=0)
    lanes = [lane.having(delivery_days=("mon",), lead_time_by_item={"item": 31}) for lane in shop.lanes]
    prepared = Prepared(shop.having(lanes=lanes))
    assert prepared.world.longest_lead.tolist() == [37]
    plan = prepared.plan(BaseStock(base_stock_level=60))
    assert_same(run_events(prepared, plan, 1, 2), run_kernel(prepared, plan, 1, 2, series=True))
