"""A state that cannot be is refused in one line; kept in a scenario's folder, it is read back as written."""

from __future__ import annotations

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from opening_states import opened
from worlds import scenarios

from restock.sim.engines.events.final_state import state_of_run
from restock.sim.errors import InputError
from restock.sim.features.shelf_life.settings import ShelfLife
from restock.sim.model.assumed import default_lines
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.opening.opening_state import NOT_TOLD, OpeningState
from restock.sim.model.scenario import scenario_of
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson

ITEMS = [Item("milk", backorder_share=1.0), Item("bread")]
SITES = [Site("store", served_by="dc"), Site("dc", "dc")]
LANES = [Lane("supplier", "dc", Constant(3)), Lane("dc", "store", Constant(1))]
DEMAND = {("milk", "store"): Poisson(4.0)}


def shop(state=None, **settings):
    """Milk at a store that a DC serves; of bread nobody asks, and nobody keeps it."""
    demand = settings.pop("demand", DEMAND)
    return scenario_of("shop", ITEMS, SITES, LANES, demand, opening=state, start=datetime.date(2024, 5, 6), **settings)


def on_hand(milk_store=0, milk_dc=0, bread_store=0, bread_dc=0):
    return np.array([[milk_store, milk_dc], [bread_store, bread_dc]])


def with_orders(*orders, **more):
    return OpeningState(on_hand(), open_orders=list(orders), **more)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: OpeningState(on_hand(), arrive="soon"),
         "opening.arrive 'soon' is unknown; choose from: expected, law"),
        (lambda: OpeningState(on_hand(0.5)), "on_hand of the opening state must be whole units (items, sites)"),
        (lambda: OpeningState(on_hand(float("nan"))), "on_hand of the opening state must be whole units (items, "
        "sites)"),
        (lambda: OpeningState([3]), "on_hand of the opening state must be whole units (items, sites)"),
        (lambda: OpeningState(on_hand(), waiting=np.zeros((1, 2))),
         "waiting of the opening state must have the shape of on_hand, (2, 2), got (1, 2)"),
        (lambda: with_orders((0, 0, 3, -1)),
         "an open order is five whole numbers: item, site, quantity, ordered, expected"),
        (lambda: with_orders((0, 0, 2.5, -1, 3)),
         "an open order is five whole numbers: item, site, quantity, ordered, expected"),
        (lambda: shop(OpeningState(np.zeros((3, 2)))),
         "the opening state must have shape (items, sites) = (2, 2), got (3, 2)"),
        (lambda: shop(OpeningState(on_hand(-2))),
         "on_hand of item 'milk' at site 'store' is -2; allowed: whole units not below 0"),
        (lambda: shop(OpeningState(on_hand(bread_dc=2))),
         "on_hand of item 'bread' at site 'dc' is 2; the item is not kept there"),
        (lambda: shop(OpeningState(on_hand(), record=on_hand(bread_store=1))),
         "record of item 'bread' at site 'store' is 1; the item is not kept there"),
        (lambda: shop(OpeningState(on_hand(), waiting=on_hand(-1))),
         "waiting of item 'milk' at site 'store' is -1; allowed: whole units not below 0"),
        (lambda: shop(OpeningState(on_hand(), waiting=on_hand(milk_dc=4))),
         "waiting of item 'milk' at site 'dc' is 4; no customer asks for it there"),
        (lambda: shop(OpeningState(on_hand(), waiting=on_hand(bread_store=4)),
                      demand={**DEMAND, ("bread", "store"): Poisson(1.0)}),
         "waiting of item 'bread' at site 'store' is 4; its customers do not wait (backorder_share 0)"),
        (lambda: shop(with_orders((2, 0, 3, -1, 3))),
         "an open order is of item 2 at site 0; there are 2 items and 2 sites"),
        (lambda: shop(with_orders((1, 0, 3, -1, 3))),
         "an open order of item 'bread' at site 'store' has no place: the item is not kept there"),
        (lambda: shop(with_orders((0, 1, 0, -1, 3))),
         "an open order of item 'milk' at site 'dc' is of 0 units; allowed: whole units not below 1"),
        (lambda: shop(with_orders((0, 1, 5, 0, 3))),
         "an open order of item 'milk' at site 'dc' was placed on day 0; allowed: day -100000 to -1, before the "
         "first day"),
        (lambda: shop(with_orders((0, 1, 5, -2, -2))),
         "an open order of item 'milk' at site 'dc' is expected on day -2; allowed: a day after it was placed, "
         "on day -2, "
         "up to day 100000"),
        (lambda: Prepared(shop(OpeningState(on_hand(2**40)))).world,
         "on_hand of item 'milk' at site 'store' is 1,099,511,627,776 units as the run opens; "
         "allowed: at most 268,435,455"),
        (lambda: Prepared(shop(with_orders((0, 0, 2**28, -1, 3)))).world,
         "on order of item 'milk' at site 'store' is 268,435,456 units as the run opens; allowed: at most 268,435,455"),
    ],
)  # fmt: skip
def test_a_state_that_cannot_be_is_one_line(make, message):
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value) == message


@settings(max_examples=40)
@given(opened(scenarios(most_items=5)))
def test_a_folder_keeps_the_state(tmp_path_factory, scenario):
    folder = tmp_path_factory.mktemp("state")
    write_scenario(scenario, folder)
    back, state = read_scenario(folder).opening, scenario.opening
    for name in ("on_hand", "record", "waiting", "open_orders"):
        assert (getattr(back, name) == getattr(state, name)).all()
    assert back.arrive == state.arrive


STOCK = "item,site,on_hand,record,waiting\nmilk,store,12,,3\nmilk,dc,40,41,\n"
ORDERS = "item,site,quantity,order_date,expected_date\nmilk,dc,60,2024-05-03,2024-05-08\nmilk,store,6,2024-05-05,\n"


def written(tmp_path, stock=STOCK, orders=ORDERS, opening="{arrive: expected}"):
    write_scenario(shop(), tmp_path)
    (tmp_path / "stock.csv").write_text(stock)
    if orders is not None:
        (tmp_path / "open_orders.csv").write_text(orders)
    with (tmp_path / "scenario.yaml").open("a") as file:
        file.write(f"opening: {opening}\n" if opening else "")
    return tmp_path


def test_a_state_is_written_by_hand(tmp_path):
    state = read_scenario(written(tmp_path)).opening
    assert state.on_hand.tolist() == on_hand(12, 40).tolist() and state.record.tolist() == on_hand(12, 41).tolist()
    assert state.waiting.tolist() == on_hand(3).tolist() and state.arrive == "expected"
    assert state.open_orders.tolist() == [(0, 0, 6, -1, NOT_TOLD), (0, 1, 60, -3, 2)]
    (tmp_path / "open_orders.csv").unlink()
    assert len(read_scenario(tmp_path).opening.open_orders) == 0


@pytest.mark.parametrize(
    "files, message",
    [
        ({"stock": STOCK.replace("milk,dc,40,41,\n", "")},
         "stock.csv has no row for item 'milk' at site 'dc', which keeps it; write 0 where the shelf is empty"),
        ({"stock": STOCK + "milk,dc,1,,\n"},
         "stock.csv rows 3 and 4: both are of item 'milk', site 'dc'; leave one"),
        ({"stock": STOCK.replace("12", "a dozen")},
         "stock.csv row 2: on_hand must be a whole number (given 'a dozen')"),
        ({"stock": STOCK.replace("12", "")}, "stock.csv row 2: on_hand must be a whole number (given '')"),
        ({"stock": STOCK.replace("12", "-12")},
         "on_hand of item 'milk' at site 'store' is -12; allowed: whole units not below 0"),
        ({"stock": STOCK.replace("milk,dc", "milk,hub")}, "site 'hub' in stock.csv row 3 is unknown; choose "
        "from: dc, store"),
        ({"stock": STOCK.replace("on_hand", "stock")}, "column 'stock' of stock.csv is unknown; choose from: "
        "item, on_hand, "
         "record, site, waiting"),
        ({"stock": "item,site\nmilk,dc\n"}, "stock.csv has no column 'on_hand'; it needs item, site, on_hand"),
        ({"orders": ORDERS.replace("2024-05-03", "2024-05-06")},
         "open_orders.csv row 2: order_date must lie before the first day, 2024-05-06 (given '2024-05-06')"),
        ({"orders": ORDERS.replace("2024-05-03", "3 May")},
         "open_orders.csv row 2: order_date is not a date (YYYY-MM-DD) (given '3 May')"),
        ({"orders": ORDERS.replace("2024-05-08", "2024-05-03")},
         "an open order of item 'milk' at site 'dc' is expected on day -3; allowed: a day after it was placed, "
         "on day -3, "
         "up to day 100000"),
        ({"orders": ORDERS.replace("milk,dc", "beer,dc")},
         "item 'beer' in open_orders.csv row 2 is unknown; choose from: bread, milk"),
        ({"opening": "{arrive: soon}"}, "opening.arrive 'soon' is unknown; choose from: expected, law"),
        ({"opening": "{arrives: law}"}, "setting 'arrives' of opening in scenario.yaml is unknown; did you mean "
        "'arrive'? "
         "choose from: arrive"),
        ({"opening": ""}, "'FOLDER' holds stock.csv, but its scenario.yaml has no `opening`: write `opening: "
        "{arrive: law}` "
         "there, or take the file away"),
    ],
)  # fmt: skip
def test_tables_of_a_state_that_cannot_be_read_are_one_line(tmp_path, files, message):
    with pytest.raises(InputError) as caught:
        read_scenario(written(tmp_path, **files))
    assert str(caught.value) == message.replace("FOLDER", str(tmp_path))


def test_reports_say_what_a_run_opens_with():
    state = OpeningState(on_hand(12), on_hand(14), on_hand(3), [(0, 1, 5, -9, NOT_TOLD), (0, 0, 5, -1, 4)], "expected")
    scenario = shop(state, features=(ShelfLife(3),), assumed=("opening_days",))
    assert default_lines(scenario) == [
        "opens with 12 units on the shelf on 2024-05-06, 3 units that customers wait for, records that are off in 1 "
        "place and 2 open orders; open orders come in on the day they are expected, or where none is told after their "
        "lead time, given that they are not here yet; 1 overdue: on the first day; goods that do not keep are taken as "
        "fresh on that day"
    ]
    assert default_lines(shop(assumed=("opening_days",))) == [
        "by default, service: opening stock 14 days of mean demand"
    ]


def test_the_state_of_a_run_is_not_written_to_a_folder(tmp_path):
    from restock.policies.base_stock import BaseStock

    prepared = Prepared(shop(warm_up=7))
    state = state_of_run(prepared, prepared.plan(BaseStock()), 1, 1, 7)
    with pytest.raises(InputError, match="the state of a run cannot be written to a scenario's folder; allowed: "):
        write_scenario(prepared.scenario.having(opening=state), tmp_path)
    assert list(tmp_path.iterdir()) == []
