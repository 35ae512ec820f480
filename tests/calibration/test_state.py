"""Stock and open orders of an export: read, refused where they cannot be, and the state that a scenario opens with."""

import datetime

import numpy as np
import pandas as pd
import pytest
from exports import refusal, shop_sales, write_export

from restock.sim.calibration.calibrate import calibrate
from restock.sim.calibration.export import read_erp
from restock.sim.calibration.kept_scenarios import from_bytes, to_bytes
from restock.sim.calibration.weeks.held_out import hold_out
from restock.sim.calibration.weeks.redrawn import draw_weeks, redrawn
from restock.sim.model.opening.opening_state import NOT_TOLD

LAST = "2023-03-02"  # of the shop's sales
STOCK = f"location,sku,on_hand,date\nNorth,0042,7,{LAST}\nNorth,B-7,0,{LAST}\nHub,0042,60,{LAST}\n"
ORDERS = "location,sku,quantity,order_date,expected_date\nHub,0042,48,2023-02-27,2023-03-06\nSüd,B-7,5,2023-03-02,\n"
RECEIPTS = "line,location,sku,order_date,receipt_date,quantity\n1,Hub,0042,2023-01-05,2023-01-09,24\n"


def fitted(folder, **told):
    return calibrate(read_erp(folder), record="sale", **told)


def test_the_scenario_opens_with_the_stock_and_the_open_orders_of_the_export(tmp_path):
    found = fitted(write_export(tmp_path / "shop", stock=STOCK, open_orders=ORDERS))
    scenario = found.scenario()
    opening = scenario.opening
    items, sites = [x.name for x in scenario.items], [x.name for x in scenario.sites]
    assert scenario.start == datetime.date(2023, 3, 3)
    assert opening.on_hand[items.index("0042"), sites.index("North")] == 7
    assert opening.on_hand[items.index("0042"), sites.index("Hub")] == 60
    assert opening.on_hand[:, sites.index("North")].sum() == 7  # what has no row at a place that has others is empty
    mean = found.demand.set_index(["location", "sku"])["mean"]
    south = opening.on_hand[:, sites.index("Süd")]
    assert south.tolist() == pytest.approx(np.ceil([14 * mean["Süd", item] for item in items]), abs=1)
    named = {(items[o["item"]], sites[o["site"]]): o for o in opening.open_orders}
    assert [named["0042", "Hub"][k] for k in ("quantity", "ordered", "expected")] == [48, -4, 3]
    assert [named["B-7", "Süd"][k] for k in ("quantity", "ordered", "expected")] == [5, -1, NOT_TOLD]
    assert opening.arrive == "expected"  # no receipts show lead times
    said = str(found.report)
    assert "places without a row of stock: 1 (Süd); each of their 3 cells holds 14 days of its mean demand" in said
    assert "cells without a row of stock at places that have others: 3 of 9; taken as empty" in said
    assert "open orders without an expected date: 1; they come by their lead times" in said
    again = from_bytes(to_bytes(scenario)).opening
    assert (again.on_hand == opening.on_hand).all() and again.open_orders.tolist() == opening.open_orders.tolist()


def test_receipts_without_a_date_are_open_orders_where_no_file_says_so(tmp_path):
    coming = RECEIPTS + "2,Hub,0042,2023-02-27,,48\n"
    folder = write_export(tmp_path / "shop", stock=STOCK, receipts=coming)
    found = fitted(folder)
    assert found.today.opening.open_orders["quantity"].tolist() == [48]
    assert found.today.opening.arrive == "law" and fitted(folder, arrive="expected").today.opening.arrive == "expected"
    both = read_erp(write_export(tmp_path / "both", stock=STOCK, receipts=coming, open_orders=ORDERS))
    assert len(both.open_orders) == 2
    left = "open_orders.csv says what is on order; rows of receipts not yet received are left aside: 1"
    assert left in both.notes


def test_without_stock_no_state_is_known(tmp_path):
    found = fitted(write_export(tmp_path / "shop", open_orders=ORDERS))
    assert found.today is None and found.scenario().opening is None
    assert "open orders: without stock.csv beside them, today's state is not known" in str(found.report)


def test_backorders_say_that_customers_wait(tmp_path):
    stock = f"location,sku,on_hand,date,backorders\nNorth,0042,0,{LAST},4\nNorth,B-7,3,{LAST},\n"
    scenario = fitted(write_export(tmp_path / "shop", stock=stock)).scenario()
    assert {item.name: item.backorder_share for item in scenario.items} == {"0042": 1.0, "B-7": 0.0, "crème": 0.0}
    assert scenario.opening.waiting.sum() == 4


def test_stock_that_no_demand_takes_is_named(tmp_path):
    sales = shop_sales()
    sales = sales[~((sales["sku"] == "B-7") & (sales["location"] == "North"))]
    stock = STOCK.replace("North,B-7,0", "North,B-7,2")
    said = str(fitted(write_export(tmp_path / "shop", sales, stock=stock)).report)
    line = "stock of cells without demand (never sold there, or ended): 1 with 2 units and 2,469 in money at cost"
    assert f"{line}: B-7 at North" in said


@pytest.mark.parametrize(("tables", "message"), [
    ({"stock": STOCK.replace("North,0042,7", "North,0042,-3")},
     "stock.csv row 2: on_hand is negative (given '-3')"),
    ({"stock": STOCK.replace("Hub,0042", "Hub,42")},
     "stock.csv row 4: sku has no good row in items.csv, though '0042' has for '42': zeros in front lost"),
    ({"stock": STOCK.replace("Hub", "East")},
     "stock.csv row 4: location has no good row in locations.csv (given 'East')"),
    ({"stock": STOCK + f"ACME,0042,7,{LAST}\n"},
     "stock.csv row 5: location is a supplier, neither a store nor a dc (given 'ACME')"),
    ({"stock": STOCK.replace(f"60,{LAST}", "60,2032-03-02")},
     "stock.csv row 4: date lies in the future: the last sale is of 2023-03-02 (given '2032-03-02')"),
    ({"stock": STOCK.replace(LAST, "2023-03-01")},
     "sales.csv row 356: date lies after the newest stock, of 2023-03-01 (stock.csv): export both up to one day"),
    ({"stock": STOCK + f"North,0042,9,{LAST}\n"},
     "stock.csv row 5: date, location, sku appears a second time (given '2023-03-02, North, 0042')"),
    ({"stock": STOCK.replace("on_hand", "qty")},
     "stock.csv: column 'on_hand' is missing; it has location, sku, qty, date; if 'qty' is it, say columns={on_hand:"),
    ({"stock": STOCK, "open_orders": ORDERS.replace("2023-02-27", "2023-03-04")},
     "open_orders.csv row 2: order_date lies in the future: the state is that of 2023-03-02, at the end of the day"),
    ({"stock": STOCK, "open_orders": ORDERS.replace("2023-03-06", "2023-02-26")},
     "open_orders.csv row 2: expected_date is before order_date (given '2023-02-26')"),
    ({"stock": STOCK, "open_orders": ORDERS.replace("48,2023-02-27", "24,2023-01-05"), "receipts": RECEIPTS},
     "open_orders.csv row 2: order_date is that of an order received already (receipts.csv row 2) (given '2023-0"),
    ({"stock": STOCK, "open_orders": ORDERS.replace("48", "0")},
     "open_orders.csv row 2: quantity is below 1 (given '0')"),
])  # fmt: skip
def test_a_state_that_cannot_be_is_refused_in_one_line(tmp_path, tables, message):
    said = refusal(write_export(tmp_path / "shop", **tables))
    assert said.startswith(message) and "\n" not in said


def test_of_two_orders_alike_one_may_have_come(tmp_path):
    two = ORDERS + "Hub,0042,24,2023-01-05,2023-01-20\n" * 2
    said = refusal(write_export(tmp_path / "shop", stock=STOCK, open_orders=two, receipts=RECEIPTS))
    assert "row 4: order_date is that of an order received already" in said and "more fault" not in said


def on_day(stock, day):
    return stock[stock["date"] == day].set_index("sku")["on_hand"].to_dict()


def test_a_cut_record_has_the_state_of_its_cut(tmp_path):
    days = pd.date_range("2023-01-02", LAST).strftime("%Y-%m-%d")
    rows = "".join(f"North,0042,{k % 9 + 1},{day}\nNorth,B-7,0,{day}\n" for k, day in enumerate(days))
    receipts = RECEIPTS + "2,Hub,0042,2023-02-20,2023-03-01,36\n3,Hub,0042,2023-02-27,,48\n"
    stock = f"location,sku,on_hand,date\n{rows}"
    sales = shop_sales(days=77, first="2022-12-16")
    sales = sales[sales["date"] <= LAST]
    erp = read_erp(write_export(tmp_path / "shop", sales, stock=stock, receipts=receipts))
    before = hold_out(erp, weeks=1).before  # the last week begins on 24 February
    assert before.stock["date"].max() == pd.Timestamp("2023-02-23")
    assert before.open_orders["quantity"].tolist() == [36]  # ordered before, received after
    again = redrawn(erp, seed=1, resample=0)
    now = again.stock[again.stock["date"] == LAST]
    assert sorted(now["on_hand"]) == sorted(erp.stock[erp.stock["date"] == LAST]["on_hand"])
    drawn = draw_weeks(11, seed=1, resample=0)  # the first whole week is the record's second to eighth day
    for slot in (5, 8):
        was, now = (pd.Timestamp("2022-12-16") + pd.Timedelta(days=int(7 * week)) for week in (drawn[slot], slot))
        assert on_day(again.stock, now) == on_day(erp.stock, was)
