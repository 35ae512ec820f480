"""Limits that items share: nights by hand, who gets what, both engines alike, identities, and what is refused."""

from collections import Counter

import numpy as np
import pytest
from chains import RICH, small_chain
from hypothesis import given
from hypothesis import strategies as st
from test_parity import any_world, assert_same, both
from worlds import limits, policies, scenarios

from restock.experiments.cli import main
from restock.policies.base_stock import BaseStock
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.engines.events.final_state import state_of_run
from restock.sim.engines.writer import run as writer_run
from restock.sim.errors import InputError
from restock.sim.features.limits.granting import parts_of_room, share_by_load
from restock.sim.features.limits.loops import part_of_total, share_up_to
from restock.sim.features.limits.settings import Limits
from restock.sim.features.push.settings import Push
from restock.sim.features.supply_risk.settings import SupplyRisk
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

OF_TRUCKS = ("truck_load", "truck_room", "trucks", "truck_cost")
TIGHT = {"suppliers": {"supplier": {"capacity": 33, "share": "neediest"}}, "sites": {"dc": {"handling": 40}},
         "trucks": {"dc": {"capacity": 12, "minimum": 5, "wait": 2, "cost": 7.5}}}  # fmt: skip


def steady(days=14, stores=1, dc=True, rates=(4, 2), volumes=(1, 1), opening=20, **settings):
    """Items asked for steadily at stores behind a DC that has plenty, or at those of a supplier; unmet demand waits."""
    items = [Item.with_settings(f"item_{k}", backorder_share=1.0, volume=v) for k, v in enumerate(volumes)]
    names = [f"store_{k}" for k in range(stores)]
    sites = [*([Site("dc", "dc")] if dc else []), *(Site(name, served_by="dc" if dc else None) for name in names)]
    lanes = [*([Lane("supplier", "dc")] if dc else []), *(Lane("dc" if dc else "supplier", name) for name in names)]
    demand = {(item.name, name): Constant(rate) for item, rate in zip(items, rates, strict=True) for name in names}
    stock = np.array([[*([10**5] if dc else []), *([opening] * stores)] for _ in items])
    return scenario_of("steady", items, sites, lanes, demand, days=days, opening_stock=stock, **settings)


def moved(scenario, what, item="item_0", site="store_0"):
    """Units of each day of one kind of entry, in the event engine, whose books are the kernel's."""
    prepared = Prepared(scenario)
    plan = prepared.plan(BaseStock(base_stock_level=20))
    both(prepared, plan, 1, series=True)
    days = Counter()
    for each in Run(prepared, plan, 1, 0, log=True).run().log:
        if (each.what, each.item, each.site) == (what, item, site):
            days[each.day] += each.quantity
    return sorted(days.items())


@st.composite
def limited(draw):
    """Random scenarios in which something is limited."""
    scenario = draw(scenarios())
    return scenario.having(draw(limits(scenario.items, scenario.sites).filter(lambda each: each != Limits())))


@any_world
@given(limited(), policies, st.integers(0, 2**63 - 1))
def test_both_engines_share_the_same(scenario, policy, seed):
    prepared = Prepared(scenario)
    both(prepared, prepared.plan(policy), seed, series=True)


def test_without_bounds_all_is_as_without_limits():
    wide = {"capacity": 10**9}
    scenario = small_chain().scenario.having(
        Limits({"supplier": wide}, {"dc": {"handling": 10**9, "share": "neediest"}}, {"dc": wide})
    )
    prepared, plain = Prepared(scenario), small_chain()
    one, other = (run_kernel(each, each.plan(RICH), 5, 3, series=True) for each in (prepared, plain))
    found, as_before = named(one.ledger), named(other.ledger)
    differ = [name for name in as_before if (found[name] != as_before[name]).any()]
    assert sorted(differ) == ["truck_load", "truck_room", "trucks"]  # they are counted, and hold nothing back
    assert (one.series == other.series).all() and found["truck_load"].any()
    assert_same(
        run_events(prepared, prepared.plan(RICH), 5, 3), run_kernel(prepared, prepared.plan(RICH), 5, 3, series=True)
    )


def test_what_a_supplier_cannot_ship_is_carried_and_ordered_once():
    """Six units a day are asked for, five leave: item_0 first, as listed, then the other; a unit a day piles up."""
    scenario = steady(dc=False).having(Limits({"supplier": {"capacity": 5, "share": "priority"}}))
    assert moved(scenario, "received") == [(day, 4) for day in range(1, 14)]
    assert moved(scenario, "received", "item_1") == [(day, 1) for day in range(1, 14)]
    assert moved(scenario, "ordered", "item_1") == [(day, 2) for day in range(14)]
    assert moved(scenario, "left at the supplier", "item_1") == [(day, day + 1) for day in range(14)]


def test_a_supplier_serves_items_before_sites():
    """Eight of twelve units leave, the first listed first: the first item's, to both stores."""
    scenario = steady(days=1, stores=2, dc=False)
    scenario = scenario.having(Limits({"supplier": {"capacity": 8, "share": "priority"}}))
    stores = ("store_0", "store_1")
    assert [moved(scenario, "shipped to", "item_0", each) for each in stores] == [[(0, 4)], [(0, 4)]]
    assert [moved(scenario, "shipped to", "item_1", each) for each in stores] == [[], []]


def test_large_units_take_more_of_what_a_supplier_ships():
    """Listed first, four leave, and one of three; of twelve and four in proportion seven and three, and one is over."""

    def left(volumes, **terms):
        scenario = steady(days=1, dc=False, rates=(4, 4), volumes=volumes).having(Limits({"supplier": terms}))
        return [units for item in ("item_0", "item_1") for _, units in moved(scenario, "shipped to", item)]

    assert left((1, 3), capacity=8) == [2, 2]
    assert left((1, 3), capacity=8, share="priority") == [4, 1]
    assert left((3, 1), capacity=10) == [2, 4]


def test_in_proportion_each_gets_its_part_and_over_all_turns_just_that():
    scenario = steady(days=1, dc=False).having(Limits({"supplier": {"capacity": 5}}))
    assert (
        moved(scenario, "left at the supplier") == [(0, 1)] and moved(scenario, "left at the supplier", "item_1") == []
    )
    loads = [1, 1, 3, 2]
    by_turn = np.array([parts_of_room(loads, 5, day) for day in range(7)])
    assert (by_turn.sum(axis=1) == 5).all() and (by_turn.sum(axis=0) == [5, 5, 15, 10]).all()


@given(st.integers(1, 2**40 - 1), st.integers(1, 10**9), st.data())
def test_parts_are_exact_in_whole_numbers_however_large(load, cap, data):
    upto, turn = data.draw(st.integers(0, load)), data.draw(st.integers(0, load - 1))
    assert share_up_to.py_func(upto, cap, turn, load) == (upto * cap + turn) // load
    assert most_there(share_up_to.py_func, upto, cap, turn, load) < 2**63
    bits = max(0, load.bit_length() - 31)
    assert part_of_total.py_func(upto, 10**16, load) == (upto >> bits) * 10**16 // (load >> bits)


def test_of_very_large_loads_the_last_bits_are_left_out_in_both_engines():
    books = [{"load": 2**33 + 15}, {"load": 2**33}]
    share_by_load(books, "load", {"cost": 10**12})
    assert [book["cost"] for book in books] == [10**12 // 2] * 2  # of 2**34 and 15 more, what is in sixteens
    assert part_of_total.py_func(2**33 + 15, 10**12, 2**34 + 15) == 10**12 // 2


def most_there(function, *given):
    """The largest whole number that comes up on the way, in numbers that remember it."""
    largest = 0

    class Watched(int):
        def __new__(cls, value):
            nonlocal largest
            largest = max(largest, value)
            return super().__new__(cls, value)

    for name in ("add", "sub", "mul", "floordiv", "lshift", "rshift", "and"):
        plain = getattr(int, f"__{name}__")
        setattr(Watched, f"__{name}__", lambda a, b, plain=plain: Watched(plain(a, b)))
        setattr(Watched, f"__r{name}__", lambda a, b, plain=plain: Watched(plain(int(b), int(a))))
    function(*map(Watched, given))
    return largest


def test_the_neediest_first():
    """Of the same demand, the item with less stock is served first."""
    scenario = steady(days=14, dc=False, rates=(3, 3), opening=20)
    stock = np.array([[3], [20]])
    terms = Limits({"supplier": {"capacity": 4, "share": "neediest"}})
    scenario = scenario.having(terms, opening_stock=stock)
    first, second = (dict(moved(scenario, "received", f"item_{k}")) for k in range(2))
    assert first[1] == 4 and 1 not in second
    turned = scenario.having(opening_stock=stock[::-1])
    assert dict(moved(turned, "received", "item_1"))[1] == 4
    listed = turned.having(Limits({"supplier": {"capacity": 4, "share": "priority"}}))
    assert [dict(moved(listed, "received", f"item_{k}"))[1] for k in range(2)] == [3, 1]


def neediest(capacity=3):
    return Limits({"supplier": {"capacity": capacity, "share": "neediest"}})


def test_who_has_two_weeks_is_as_well_off_as_who_has_more():
    """Of 17 and 19 days both are 15 or more: three and one are asked for, two leave, in proportion one and one."""
    scenario = steady(days=1, dc=False, rates=(1, 1)).having(neediest(2), opening_stock=np.array([[18], [20]]))
    assert moved(scenario, "shipped to") == [(0, 1)] and moved(scenario, "shipped to", "item_1") == [(0, 1)]


def test_what_nobody_buys_needs_least():
    scenario = steady(days=1, dc=False, rates=(0, 3)).having(neediest(), opening_stock=np.array([[10], [20]]))
    assert moved(scenario, "ordered") == [(0, 10)] and moved(scenario, "ordered", "item_1") == [(0, 3)]
    assert moved(scenario, "shipped to") == [] and moved(scenario, "shipped to", "item_1") == [(0, 3)]


def test_what_is_promised_to_customers_is_no_cover():
    """On the second night 12 are on the way, of which 8 are promised: one day's; the other item has two days'."""
    scenario = steady(days=3, dc=False, rates=(4, 4)).having(neediest(12), opening_stock=np.array([[0], [16]]))
    scenario = scenario.having(lanes=[Lane("supplier", "store_0", Constant(3))])
    assert moved(scenario, "shipped to")[:2] == [(0, 12), (1, 12)]
    assert moved(scenario, "left at the supplier", "item_1")[:2] == [(0, 8), (1, 12)]


def test_a_truck_waits_for_its_load_but_not_for_ever():
    """Six a day: a minimum of 15 is there on the third night; with wait 1 it leaves on the second."""

    def left(**trucks):
        return moved(steady().having(Limits(trucks={"dc": {"capacity": 100, **trucks}})), "shipped to")

    assert left(minimum=15, wait=9)[:3] == [(2, 12), (5, 12), (8, 12)]
    assert left(minimum=15, wait=1)[:3] == [(1, 8), (3, 8), (5, 8)]
    assert left(days=["mon", "thu"]) == [(0, 4), (3, 12), (7, 16), (10, 12)]
    assert left() == [(day, 4) for day in range(14)]


def test_a_full_truck_leaves_the_rest_and_what_it_left_has_waited():
    scenario = steady(days=7, rates=(8, 0)).having(
        Limits(trucks={"dc": {"capacity": 5, "minimum": 5, "wait": 1}}))  # fmt: skip
    assert moved(scenario, "shipped to") == [(day, 5) for day in range(7)]
    assert moved(scenario, "left behind") == [(day, 3 * (day + 1)) for day in range(7)]


def test_what_a_full_truck_left_has_waited_one_night_however_often_trucks_left():
    """Seven on Monday and on Tuesday, trucks of five: Tuesday leaves four, which wait on Wednesday."""
    lanes = [Lane("supplier", "dc"), Lane("dc", "store_0", order_days=("mon", "tue"))]
    scenario = steady(days=7, rates=(7, 0)).having(
        Limits(trucks={"dc": {"capacity": 5, "minimum": 5, "wait": 2}}), lanes=lanes)  # fmt: skip
    assert moved(scenario, "shipped to") == [(0, 5), (1, 5), (3, 4)]


def test_several_trucks_leave_in_a_night():
    """Eight a night are two trucks of five; four are one."""
    for rate, trucks in ((8, 2), (4, 1)):
        terms = Limits(trucks={"dc": {"capacity": 5, "per_night": 2}})
        prepared = Prepared(steady(days=7, rates=(rate, 0)).having(terms))
        of = named(both(prepared, prepared.plan(BaseStock(base_stock_level=20)), 1, 1).ledger)
        assert of["trucks"][0, :, 1].tolist() == [7 * 1000 * trucks, 0]
        assert of["truck_load"][0, :, 1].tolist() == [7 * rate, 0]


def test_a_dc_that_cancels_cancels_what_its_trucks_leave():
    """Eight are asked for, then what is missing again: 8 - 5 more; five leave."""
    scenario = steady(days=3, rates=(8, 0))
    sites = [Site("dc", "dc", unshipped="cancelled"), scenario.sites[1]]
    scenario = scenario.having(Limits(trucks={"dc": {"capacity": 5}}), sites=sites)
    assert moved(scenario, "ordered") == [(0, 8), (1, 11), (2, 14)]
    assert moved(scenario, "cancelled") == [(0, 3), (1, 6), (2, 9)]


def test_what_of_a_push_does_not_leave_is_owed():
    """All 12 that the DC has are pushed, 8 of them unasked; five leave a night."""
    scenario = steady(days=3, rates=(4, 0)).having(
        Limits(trucks={"dc": {"capacity": 5}}), Push({"dc": [{"day": 0, "share": 1.0, "by": "proportional"}]}),
        opening_stock=np.array([[12, 20], [0, 20]]))  # fmt: skip
    assert moved(scenario, "pushed here") == [(0, 12)]
    assert moved(scenario, "shipped to") == [(0, 5), (1, 5), (2, 2)]


def test_what_a_site_handles_is_shared_among_its_lanes_before_the_trucks():
    """Two stores ask for 6 each, 8 are handled: 4 and 4; a truck of 3 takes less, and the other lane gets no more."""
    wide = steady(days=1, stores=2, rates=(6, 0)).having(Limits(sites={"dc": {"handling": 8}}))
    assert moved(wide, "shipped to") == [(0, 4)] and moved(wide, "shipped to", site="store_1") == [(0, 4)]
    small = wide.having(Limits(sites={"dc": {"handling": 8}}, trucks={"dc": {"capacity": 3}}))
    assert moved(small, "shipped to") == [(0, 3)] and moved(small, "shipped to", site="store_1") == [(0, 3)]


def test_lanes_whose_trucks_stay_take_no_part_in_what_is_handled():
    """Four are asked for and one, for which no truck leaves: all four that are handled go to the other store."""
    stock = np.array([[10**5, 20, 23], [0, 20, 20]])
    terms = Limits(sites={"dc": {"handling": 4}}, trucks={"dc": {"capacity": 9, "minimum": 3, "wait": 9}})
    scenario = steady(days=1, stores=2, rates=(4, 0)).having(terms, opening_stock=stock)
    assert moved(scenario, "ordered", site="store_1") == [(0, 1)]
    assert moved(scenario, "shipped to") == [(0, 4)] and moved(scenario, "shipped to", site="store_1") == []


def test_what_is_handled_is_in_volumes_and_shared_as_the_site_says():
    large = steady(days=1, stores=2, rates=(4, 0), volumes=(3, 1)).having(Limits(sites={"dc": {"handling": 12}}))
    assert moved(large, "shipped to") == [(0, 2)] == moved(large, "shipped to", site="store_1")
    for share, units in (("proportional", (3, 2)), ("priority", (4, 1))):
        scenario = steady(days=1).having(Limits(sites={"dc": {"handling": 5, "share": share}}))
        left = [moved(scenario, "shipped to", item) for item in ("item_0", "item_1")]
        assert left == [[(0, each)] for each in units], share


def test_what_a_site_owes_is_not_there_yet_where_the_neediest_come_first():
    """Both are ordered up to 20; of one nothing is on the shelf, and it gets all that is handled."""
    terms = Limits(sites={"dc": {"handling": 4, "share": "neediest"}})
    scenario = steady(days=1, rates=(3, 3)).having(terms, opening_stock=np.array([[10**5, 3], [10**5, 20]]))
    assert moved(scenario, "shipped to") == [(0, 4)] and moved(scenario, "shipped to", "item_1") == []


def test_what_is_pushed_is_not_there_yet_where_the_neediest_come_first():
    """Of one item 14 are there, three days', and six are pushed; of the other 16 of four a day, four days'."""
    terms = Limits(sites={"dc": {"handling": 5, "share": "neediest"}})
    wave = Push({"dc": [{"day": 0, "share": 1.0, "by": "proportional"}]}, ("item_0",))
    scenario = steady(days=1, rates=(4, 4)).having(
        terms, wave, opening_stock=np.array([[6, 18], [10**5, 20]]))  # fmt: skip
    assert moved(scenario, "pushed here") == [(0, 6)]
    assert moved(scenario, "shipped to") == [(0, 5)] and moved(scenario, "shipped to", "item_1") == []


def test_large_units_take_more_room():
    scenario = steady(days=1, rates=(4, 4), volumes=(1, 3)).having(Limits(trucks={"dc": {"capacity": 8}}))
    assert moved(scenario, "shipped to") == [(0, 2)] and moved(scenario, "shipped to", "item_1") == [(0, 2)]


def test_an_outage_and_a_capacity_meet():
    """What was held leaves together, but no more in a night than the supplier ships."""
    down = SupplyRisk(suppliers={"supplier": {"outage": {"fails": 1.0, "recovers": 1.0}}})  # every other night
    scenario = steady(days=8, dc=False, rates=(4, 0)).having(Limits({"supplier": {"capacity": 6}}), down)
    assert moved(scenario, "received") == [(1, 4), (3, 6), (5, 6), (7, 6)]


def test_trucks_belong_to_items_by_their_load_and_cost_transport():
    scenario = small_chain().scenario.having(Limits(**TIGHT))
    prepared = Prepared(scenario)
    ledger = run_kernel(prepared, prepared.plan(RICH), 2, 8).ledger
    of = {name: column.sum(axis=1) for name, column in named(ledger).items()}  # (replications, sites)
    trucks, load = of["trucks"][:, 1:] // 1000, of["truck_load"][:, 1:]
    assert (of["trucks"] % 1000 == 0).all() and (trucks > 0).all()
    assert (of["truck_room"][:, 1:] == 12 * 1000 * trucks).all() and (of["truck_cost"][:, 1:] == 7500 * trucks).all()
    assert (load <= 12 * trucks).all() and (load > 12 * (trucks - scenario.horizon)).all()
    values = measure_values(facts(ledger, scenario).sum(axis=(1, 2)), scenario.days)
    assert np.allclose(values["truck_cost"], 7.5 * trucks.sum(axis=1) * 365 / scenario.days)
    assert np.allclose(values["truck_fill"], load.sum(axis=1) / (12 * trucks.sum(axis=1)))
    cheap = scenario.having(Limits(**TIGHT | {"trucks": {"dc": TIGHT["trucks"]["dc"] | {"cost": 0}}}))
    free = Prepared(cheap)
    without = measure_values(facts(run_kernel(free, free.plan(RICH), 2, 8).ledger, cheap).sum(axis=(1, 2)), cheap.days)
    assert np.allclose(values["total_cost"] - without["total_cost"], values["truck_cost"])
    assert "truck_fill" in measures_of({"limits"}) and "truck_fill" not in measures_of()


class Doubling(Policy):
    """Has twice as many on order as on hand: where a supplier ships few, so few are there."""

    def levels(self, known):
        return {"level": np.zeros_like(known.demand_mean)}

    @staticmethod
    def rule(view, levels):
        return max(0, 2 * view.record - view.on_order)


def test_spare_lanes_are_held_by_no_limit_and_may_grow_beyond_all_bounds():
    """A block's lanes behind the last one repeat it: nobody is told of what grows there."""
    scenario = steady(days=60, dc=False, rates=(1, 1)).having(Limits({"supplier": {"capacity": 4}}))
    prepared = Prepared(scenario)
    assert not isinstance(both(prepared, prepared.plan(Doubling()), 1), str)
    free = Prepared(steady(days=60, dc=False, rates=(1, 1)))
    assert isinstance(both(free, free.plan(Doubling()), 1), str)


@pytest.mark.parametrize("gang", [(1, 1), (3, 1), (7, 2), (64, 12)])
def test_how_many_replications_advance_together_changes_nothing(gang, monkeypatch):
    prepared = Prepared(small_chain().scenario.having(Limits(**TIGHT)))  # of twelve items
    plan = prepared.plan(RICH)
    expected = run_kernel(prepared, plan, 3, 10, series=True)
    monkeypatch.setattr(writer_run, "gang_of", lambda world: writer_run.Gang(*gang))
    assert_same(run_kernel(prepared, plan, 3, 10, series=True), expected)
    assert_same(run_kernel(prepared, plan, 3, 10, threads=2, series=True), expected)


def test_a_run_goes_on_with_what_waits_for_its_truck():
    whole = Prepared(small_chain(days=56, warm_up=28).scenario.having(Limits(**TIGHT)))
    plan = whole.plan(RICH)
    state = state_of_run(whole, plan, 4, 3, 28)
    assert state.arrays["truck_waited"].any() and state.arrays["owed"][..., 0].any()
    going_on = Prepared(whole.scenario.having(opening=state))
    again = run_kernel(going_on, going_on.plan(RICH), 4, 3)
    assert (again.ledger == run_kernel(whole, plan, 4, 3).ledger).all()
    at_once = run_events(going_on, going_on.plan(RICH), 4, 3)
    assert (at_once.ledger == again.ledger).all()


def test_a_run_goes_on_with_the_nights_waited_so_far():
    """A truck leaves on the fourth night of waiting: three of them are over on the first evening of the second week."""
    terms = Limits(trucks={"dc": {"capacity": 100, "minimum": 50, "wait": 3}})
    whole = Prepared(steady(days=7, warm_up=7).having(terms))
    plan = whole.plan(BaseStock(base_stock_level=20))
    state = state_of_run(whole, plan, 1, 2, 7)
    assert state.arrays["truck_waited"][..., 1].tolist() == [[3, 3]] * 2
    going_on = Prepared(whole.scenario.having(opening=state))
    again = both(going_on, going_on.plan(BaseStock(base_stock_level=20)), series=True)
    assert (again.ledger == run_kernel(whole, plan, 1, 2).ledger).all()
    assert named(again.ledger)["received"][0, :, 1].tolist() == [4 * 8, 2 * 8]  # two trucks, each of four nights


def test_a_folder_keeps_them(tmp_path):
    terms = Limits(**TIGHT)
    scenario = small_chain().scenario
    items = [scenario.items[0].having(volume=3), *scenario.items[1:]]
    write_scenario(scenario.having(terms, items=items), tmp_path / "folder")
    again = read_scenario(tmp_path / "folder")
    assert again.feature("limits") == terms and again.items[0].own.get("volume") == 3


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"suppliers": {"suplier": {"capacity": 5}}},
         "supplier 'suplier' of limits.suppliers is unknown; did you mean 'supplier'? choose from: supplier"),
        ({"suppliers": {"supplier": {}}}, "limits.suppliers.supplier needs a capacity, such as {capacity: 1200}"),
        ({"suppliers": {"supplier": {"capacity": 0}}},
         "limits.suppliers.supplier.capacity must be a whole number from 1 to 1,000,000,000, got 0"),
        ({"suppliers": {"supplier": {"capacity": 5, "share": "fair"}}},
         "limits.suppliers.supplier share 'fair' is unknown; choose from: neediest, priority, proportional"),
        ({"suppliers": {"supplier": {"capacity": 2}}},
         "limits.suppliers.supplier.capacity is 2, and a unit of item 'item_1' has volume 3: none would ever leave"),
        ({"sites": {"store_0": {"handling": 5}}}, "site 'store_0' of limits.sites serves no other site"),
        ({"sites": {"depot": {"handling": 5}}},
         "site 'depot' of limits.sites is unknown; choose from: dc, store_0"),
        ({"trucks": {"dc": {"capacity": 5, "minimum": 6}}},
         "limits.trucks.dc.minimum must be a whole number from 1 to 5, capacity x per_night, got 6"),
        ({"trucks": {"dc": {"capacity": 5, "days": ["mo"]}}},
         "day 'mo' of limits.trucks.dc.days is unknown; did you mean 'mon'? "
         "choose from: fri, mon, sat, sun, thu, tue, wed"),
        ({"trucks": {"dc": {"capacity": 5, "cots": 6}}},
         "setting 'cots' of limits.trucks.dc is unknown; did you mean 'cost'? "
         "choose from: capacity, cost, days, minimum, per_night, wait"),
        ({"trucks": {"dc": {"capacity": 2}}},
         "limits.trucks.dc.capacity is 2, and a unit of item 'item_1' has volume 3: none would ever leave"),
    ],
)  # fmt: skip
def test_bad_limits_in_a_line(settings, line):
    with pytest.raises(InputError) as error:
        steady(volumes=(1, 3)).having(Limits(**settings))
    assert str(error.value) == line


def test_the_command_line_says_so_too(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = [
        "run",
        "scenario=regional_chain",
        "policy=buffer",
        "replications=2",
        "days=28",
        "warm_up=0",
        "figures=false",
    ]
    assert main([*words, "+limits.trucks.dc={capacity: 0}"]) == 2
    assert "limits.trucks.dc.capacity must be a whole number from 1 to" in capsys.readouterr().err
