"""From an export to a scenario: what was planted is found, what is missing is assumed and said."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from restock.experiments.run_folder import write_table
from restock.policies.base_stock import BaseStock
from restock.sim.calibration.calibrate import calibrate, write_scenario_folder
from restock.sim.calibration.export import read_erp
from restock.sim.errors import InputError
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.features.returns.settings import Returns
from restock.sim.features.selling_season.settings import Markdown, SellingSeason, SellingSeasons
from restock.sim.features.shelf_life.settings import ShelfLife
from restock.sim.features.unit_costs.settings import UnitCosts
from restock.sim.model.demand import Demand, History, Season
from restock.sim.model.demand_events import LevelShift, Promotion
from restock.sim.model.network import Costs, Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Empirical, NegativeBinomial, Poisson, law_from
from restock.sim.study.compare import evaluate

WEEKDAY = np.array([0.8, 0.8, 0.8, 0.8, 1.0, 1.4, 1.4])
STORES, DAYS = ("north", "south"), 728


def write(folder, **tables):
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def items(**columns):
    base = {
        "sku": ["milk", "wine"],
        "category": "food",
        "supplier": "V1",
        "unit_cost": [1.0, 6.0],
        "unit_price": [1.5, 9.0],
    }
    return pd.DataFrame(base | columns)


def locations(**columns):
    base = {"location": ["north", "south", "depot", "V1"], "kind": ["store", "store", "dc", "supplier"]}
    return pd.DataFrame(base | {"served_by": ["depot", "depot", "", ""]} | columns)


def shop_sales(seed=1):
    """Milk: Poisson with a weekday swing, mean 6. Wine: negative binomial, mean 0.8 and dispersion 1.5."""
    random, dates = np.random.default_rng(seed), pd.date_range("2023-01-02", periods=DAYS)
    frames = []
    for store in STORES:
        milk = random.poisson(6.0 * WEEKDAY[dates.day_of_week])
        wine = random.negative_binomial(1 / 1.5, 1 / (1 + 1.5 * 0.8), DAYS)
        frames += [
            pd.DataFrame({"date": dates, "location": store, "sku": sku, "units": u})
            for sku, u in (("milk", milk), ("wine", wine))
        ]
    sales = pd.concat(frames)
    return sales[sales["units"] > 0]


def store_orders(seed=2):
    """Each store orders milk on Thursdays in packs of 12, some weeks none."""
    random, dates = np.random.default_rng(seed), pd.date_range("2023-01-05", "2024-12-26", freq="7D")
    frames = [
        pd.DataFrame({"date": dates, "location": store, "sku": "milk", "units": 12 * random.poisson(1.5, len(dates))})
        for store in STORES
    ]
    orders = pd.concat(frames)
    return orders[orders["units"] > 0]


@pytest.fixture
def shop(tmp_path):
    return write(tmp_path, items=items(), locations=locations(), sales=shop_sales())


def law_of(calibration, sku, location):
    return law_from(calibration.demand.set_index(["sku", "location"])["law"][sku, location])


def test_sales_are_recognised_and_their_laws_and_weekdays_recovered(shop):
    calibration = calibrate(read_erp(shop))
    assert (calibration.record, calibration.bucket_days) == ("sale", 1)
    for store in STORES:
        milk, wine = law_of(calibration, "milk", store), law_of(calibration, "wine", store)
        assert_allclose(milk.mean, 6.0, rtol=0.03)
        assert milk.variance / milk.mean < 1.2  # the weekday swing is not counted a second time
        assert isinstance(wine, NegativeBinomial)
        assert_allclose([wine.mean, wine.dispersion], [0.8, 1.5], rtol=0.2)
        assert_allclose(
            calibration.seasons[store].weekday, WEEKDAY, atol=0.1
        )  # wine, which has no swing, is in them too
    table = calibration.demand.set_index(["sku", "location"]).loc[("wine", "north")]
    assert table["score_negative_binomial"] == min(table[[c for c in table.index if c.startswith("score_")]].dropna())


def test_the_scenario_has_the_network_the_history_and_the_assumptions(shop):
    calibration = calibrate(read_erp(shop))
    scenario = calibration.scenario("shop", days=364)
    assert [site.name for site in scenario.sites] == ["north", "south", "depot"]
    assert [(lane.source, lane.destination) for lane in scenario.lanes] == [
        ("depot", "north"),
        ("depot", "south"),
        ("V1", "depot"),
    ]
    assert scenario.demand.history.units.sum() == shop_sales()["units"].sum()
    assert scenario.demand.history.units.shape == (4, DAYS)
    assert scenario.demand.season_of.tolist() == [[0, 1, 0], [0, 1, 0]]
    assert scenario.start == scenario.demand.history.start == pd.Timestamp("2023-01-02").date()
    assert scenario.assumptions == tuple(calibration.report.sections["assumed"])
    assert scenario.assumptions == (
        "a row of sales is taken as a sale: 15% of rows fall on their store's main weekday (an even week: 14%); "
        "no case packs are stated",
        "sales are taken as demand: an empty shelf looks like a day without demand",
        "items without a case pack: 2; ordered by the unit",
        "lead time, lanes from a DC to a store without receipts: 2; days on average: 1",
        "lead time, lanes from a supplier without receipts: 1; days on average: 7",
    )


def test_orders_are_recognised_by_rhythm_and_packs_and_fitted_in_buckets(tmp_path):
    write(tmp_path, items=items(case_pack=[12, 6]), locations=locations(), sales=store_orders())
    calibration = calibrate(read_erp(tmp_path))
    assert (calibration.record, calibration.bucket_days) == ("order", 28)
    assert calibration.report.sections["assumed"][1] == (
        "a row of sales is taken as an order or delivery: 100% of rows fall on their store's main weekday "
        "(an even week: 14%); 100% of rows of packed items are whole packs"
    )
    assert (
        "orders show the mean over months, not the days or the spread of shoppers' demand; lost sales do not show"
        in (calibration.report.sections["assumed"])
    )
    law = law_of(calibration, "milk", "north")
    assert_allclose(law.mean, 12 * 1.5 / 7, rtol=0.1)
    buckets = calibration.demand.set_index(["sku", "location"]).loc["milk", "north"]
    assert_allclose([28 * law.mean, 28 * law.variance], [buckets["mean"], buckets["variance"]], rtol=0.03)
    assert calibration.history is None
    assert {lane.order_days for lane in calibration.lanes if lane.source == "depot"} == {("thu",)}


def test_a_record_can_be_told_and_a_doubt_is_said(tmp_path):
    write(tmp_path, items=items(case_pack=[12, 6]), locations=locations(), sales=store_orders())
    calibration = calibrate(read_erp(tmp_path), record="sale")
    assert calibration.bucket_days == 1
    assert calibration.report.sections["assumed"][1].startswith(
        "a row of sales is read as record=sale, as told, though it looks like record=order:"
    )


def test_orders_added_up_are_the_demand_on_the_dc(tmp_path):
    write(tmp_path, items=items(case_pack=[12, 6]), locations=locations(), sales=store_orders())
    calibration = calibrate(read_erp(tmp_path), demand_at="dc")
    scenario = calibration.scenario()
    assert [site.name for site in scenario.sites] == ["depot"]
    assert calibration.bucket_days == 7
    assert_allclose(law_of(calibration, "milk", "depot").mean, 2 * 12 * 1.5 / 7, rtol=0.1)
    assert calibration.seasons["depot"].weekday == (0, 0, 0, 7, 0, 0, 0)


def test_lead_times_count_a_shipment_once_and_begin_at_one_day(shop):
    receipts = pd.DataFrame({
        "line": range(1, 13), "po": [f"P{n // 2}" for n in range(12)], "supplier": "V1", "location": "depot",
        "sku": ["milk", "wine"] * 6, "order_date": "2023-02-01",
        "receipt_date": ["2023-02-01"] * 2 + ["2023-02-05"] * 6 + ["2023-02-08"] * 4, "quantity": 10,
    })  # fmt: skip
    calibration = calibrate(read_erp(write(shop, receipts=receipts)), least_shipments=6)
    row = calibration.lead_times.set_index(["supplier", "location"]).loc[("V1", "depot")]
    assert law_from(row["law"]) == Empirical((1, 4, 7), (1, 3, 2))
    assert (row["taken_from"], row["shipments"]) == ("lane", 6)
    assert (
        "shipments that arrived on the day they were ordered: 1; a lead time of 1 day, the shortest"
        in calibration.report.sections["assumed"]
    )


def receipts_of_two(later, orders=40):
    """Milk comes on order after order within 3 to 5 days; wine in orders of its own, `later` days later."""
    days = np.array([3, 4, 5])[np.arange(2 * orders) % 3] + np.repeat([0, later], orders)
    ordered = pd.to_datetime("2023-02-01") + pd.to_timedelta(np.arange(2 * orders), "D")
    return pd.DataFrame({
        "line": range(2 * orders), "po": [f"P{n}" for n in range(2 * orders)], "supplier": "V1", "location": "depot",
        "sku": np.repeat(["milk", "wine"], orders), "order_date": ordered.strftime("%Y-%m-%d"),
        "receipt_date": (ordered + pd.to_timedelta(days, "D")).strftime("%Y-%m-%d"), "quantity": 10,
    })  # fmt: skip


@pytest.mark.parametrize("later, orders, told_apart", [(4, 40, True), (0, 40, False), (4, 29, False)])
def test_items_have_lead_times_of_their_own_where_receipts_show_it(later, orders, told_apart, shop):
    """At 30 shipments and not at 29; where they do not differ, not."""
    calibration = calibrate(read_erp(write(shop, receipts=receipts_of_two(later, orders))))
    lane = next(lane for lane in calibration.lanes if lane.source == "V1")
    assert set(lane.lead_time_by_item) == ({"milk", "wine"} if told_apart else set())
    if told_apart:
        assert lane.lead_time_by_item["wine"].moments[0] == pytest.approx(lane.lead_time_by_item["milk"].moments[0] + 4,
                                                                          abs=0.2)  # fmt: skip
    said = "\n".join(calibration.report.sections["fitted"])
    if orders == 40:
        many = 2 if told_apart else 0
        assert f"lead times of their own, items on a lane: {many} of 2 with 30 shipments or more; " in said


def test_stores_that_receive_from_suppliers_are_served_by_them(shop):
    receipts = pd.DataFrame(
        {
            "line": [1],
            "supplier": "V1",
            "location": "north",
            "sku": "milk",
            "order_date": "2023-02-01",
            "receipt_date": "2023-02-04",
            "quantity": 5,
        }
    )
    calibration = calibrate(read_erp(write(shop, receipts=receipts)))
    assert [(site.name, site.served_by) for site in calibration.sites] == [
        ("north", None),
        ("south", "depot"),
        ("depot", None),
    ]
    assert ("V1", "north") in {(lane.source, lane.destination) for lane in calibration.lanes}


def test_what_items_lack_is_assumed_and_counted(shop):
    write(shop, items=items(unit_cost=[None, 6.0], unit_price=[1.5, None], supplier=""))
    calibration = calibrate(read_erp(shop))
    assert [(item.unit_cost, item.unit_price, item.supplier) for item in calibration.items] == [
        (1.05, 1.5, "unknown_supplier"),
        (6.0, 8.57, "unknown_supplier"),
    ]
    assumed = calibration.report.sections["assumed"]
    assert "items without unit_cost: 1; taken as unit_price x (1 - margin) with a margin of 30%" in assumed
    assert "items without unit_price: 1; taken as unit_cost / (1 - margin) with a margin of 30%" in assumed
    assert "items without a supplier: 2; taken as 'unknown_supplier'" in assumed


def test_items_moved_by_the_hundred_thousand_are_counted_in_lots(shop):
    sales = shop_sales()
    sales["units"] *= np.where(sales["sku"] == "wine", 100_000, 1)
    calibration = calibrate(read_erp(write(shop, sales=sales)))
    lot = 1_000
    assert {item.name: item.unit_cost for item in calibration.items} == {"milk": 1.0, "wine": 6.0 * lot}
    sold = sales.query("sku == 'wine' and location == 'north'")["units"].sum()
    assert_allclose(law_of(calibration, "wine", "north").mean, sold / DAYS / lot, rtol=0.001)
    calibration.scenario()


def test_a_store_that_opened_late_and_a_new_item_are_not_counted_before(shop):
    sales = shop_sales()
    sales = sales[(sales["location"] == "north") | (sales["date"] >= "2024-01-01")]
    sales = sales[(sales["sku"] == "milk") | (sales["date"] >= "2024-06-03")]
    write(shop, sales=sales, items=items(list_date=["2020-01-01", "2024-06-01"]))
    calibration = calibrate(read_erp(shop))
    table = calibration.demand.set_index(["sku", "location"])
    assert table["days"]["milk", "north"] == DAYS and table["days"]["milk", "south"] == DAYS - 364
    assert table["days"]["wine", "north"] == (pd.Timestamp("2024-12-29") - pd.Timestamp("2024-06-01")).days + 1
    assert_allclose(table["mean"]["milk", "south"], 6.0, rtol=0.05)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"record": "sales"}, "record 'sales' is unknown; did you mean 'sale'? choose from: order, sale"),
        ({"fit": "moment"}, "fit 'moment' is unknown; did you mean 'moments'? choose from: likelihood, moments"),
        ({"demand_at": "shop"}, "demand_at 'shop' is unknown; choose from: dc, store"),
        ({"bucket_days": 0}, "bucket_days must be a whole number of at least 1, got 0"),
        ({"margin": 1.0}, "margin must lie in [0, 1), got 1.0"),
        ({"sample_share": 0}, "sample_share must lie in (0, 1], got 0"),
        ({"score": "aci"}, "score 'aci' is unknown; did you mean 'aic'? choose from: aic, bic"),
        ({"dc_lead_time": {"law": "poison"}}, "law 'poison' dc_lead_time is unknown"),
    ],
)
def test_settings_out_of_range_are_refused(shop, settings, message):
    with pytest.raises(InputError) as caught:
        calibrate(read_erp(shop), **settings)
    assert str(caught.value).startswith(message)


def assert_same_scenario(one, two):
    for name in (
        "name",
        "items",
        "sites",
        "lanes",
        "costs",
        "features",
        "events",
        "start",
        "days",
        "warm_up",
        "opening_days",
        "lead_time_index",
        "assumptions",
    ):
        assert getattr(one, name) == getattr(two, name), name
    for name in ("source", "bootstrap_window", "scale", "cv_factor", "seasons"):
        assert getattr(one.demand, name) == getattr(two.demand, name), name
    laws = [
        [scenario.demand.laws[k] for k in scenario.demand.law_of[scenario.demand.law_of >= 0]]
        for scenario in (one, two)
    ]
    assert laws[0] == laws[1]
    there = one.demand.law_of >= 0
    assert_array_equal(there, two.demand.law_of >= 0)
    assert_array_equal(one.demand.season_of[there], two.demand.season_of[there])
    assert (one.opening_stock is None) == (two.opening_stock is None)
    if one.opening_stock is not None:
        assert_array_equal(one.opening_stock, two.opening_stock)
    assert (one.demand.history is None) == (two.demand.history is None)
    if one.demand.history is not None:
        assert one.demand.history.start == two.demand.history.start
        cells = one.demand.history.row_of >= 0
        assert_array_equal(cells, two.demand.history.row_of >= 0)
        units = [s.demand.history.units[s.demand.history.row_of[cells]] for s in (one, two)]
        assert_array_equal(*units)


def test_a_calibrated_scenario_reads_back_from_its_folder(shop, tmp_path):
    calibration = calibrate(read_erp(shop), months=True)
    write_scenario_folder(calibration, tmp_path / "folder", days=182)
    assert_same_scenario(calibration.scenario("folder", days=182), read_scenario(tmp_path / "folder"))
    assert (
        (tmp_path / "folder" / "report.md")
        .read_text()
        .startswith("# How `folder` was calibrated\n\n## Read\n\n- 2 items, 2 stores")
    )
    fitted = pd.read_csv(tmp_path / "folder" / "fitted_demand.csv")
    assert len(fitted) == 4 and law_from(json.loads(fitted["law"][0])) == law_of(
        calibration, fitted["sku"][0], fitted["location"][0]
    )


def rich_scenario():
    """A scenario with something other than the default in every place."""
    units = np.arange(28, dtype=np.int32).reshape(2, 14)
    units[1] = 0
    demand = Demand(
        (Poisson(1 / 3), NegativeBinomial(2.7, 0.1 + 0.2)),
        np.array([[0, 1, -1], [1, -1, -1]]),
        (Season(), Season((0.5, 0.5, 1, 1, 1, 1.5, 1.5))),
        np.array([[0, 1, 0], [1, 0, 0]]),
        History(units, np.array([[0, 1, -1], [-1, -1, -1]]), pd.Timestamp("2023-03-06").date()),
        scale=1.1,
    )
    return Scenario(
        "rich, with 'quotes': é",
        [Item("milk, 1 l", "dairy", "V1", 0.1, 0.3, 6, 12, 1 / 3).having(
            shrinkage=Poisson(0.1 + 0.2), count_class="C", shelf_life=9, issuing="freshest_first",
            returns=Returns(0.1, Empirical((1, 30), (1 / 3, 2)), 0.5, "down"),
            selling_season=SellingSeason(50, 2, 30, 1 / 3, Markdown(20, 1 / 7, 9, 0.9))), Item("bread")],
        [Site("a", served_by="hub"), Site("b", served_by="hub"), Site("hub", "dc", None, "fair_share", "cancelled")],
        [Lane("hub", "a", Empirical((1, 2), (0.1, 0.9)), ("mon", "fri"), 2.5, 0.01, True),
         Lane("hub", "b", Constant(2)), Lane("V1", "hub"), Lane("supplier", "hub")],
        demand, Costs(carrying_rate=0.2, goodwill_share=1 / 7), pd.Timestamp("2023-03-06").date(), 14, 7,
        opening_stock=np.array([[5, 0, 90], [0, 0, 7]]), lead_time_index="day", assumptions=("one: two", "three"),
        events=[Promotion(start=-2, days=3, uplift=1 / 3, items="bread", dip=0.1 + 0.2, dip_days=1, every=5, sites="a",
                          cannibalises={"dairy": 0.9}), LevelShift(start="2023-03-10", factor=1.5)],
        features=[
            Records(3, 2, (30, 0, 364), 90, 1 / 3, 5, True, 0.01, 0.02), Shrinkage(0.1 + 0.2, {"dairy": 0.05}),
            Returns(0.3, Empirical((2, 3), (0.1, 0.9)), by_category={"dairy": 0.0}),
            ShelfLife(30, "freshest_first", {"dairy": 4}),
            UnitCosts(True, 0.1 + 0.2, {"2023-03-10": 1 / 3, 9: 1.1}, 0.1),
            SellingSeasons({"all": SellingSeason(60, markdown=Markdown(25))}),
        ],
    )  # fmt: skip


def test_any_scenario_reads_back_exactly(tmp_path):
    write_scenario(rich_scenario(), tmp_path)
    assert_same_scenario(rich_scenario(), read_scenario(tmp_path))
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_scenario(read_scenario(tmp_path), tmp_path)
    assert first == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    "file, old, new, message",
    [
        ("items.csv", "0.1", "cheap", "items.csv row 2: unit_cost must be a number (given 'cheap')"),
        ("items.csv", "12", "12.5", "items.csv row 2: minimum_order must be a whole number (given '12.5')"),
        ("items.csv", "poisson", "poison", "law 'poison' items.csv row 2: shrinkage is unknown"),
        (
            "scenario.yaml",
            "lag:",
            "lagg:",
            "setting 'lagg' of records in scenario.yaml is unknown; did you mean 'lag'?",
        ),
        ("items.csv", "unit_cost", "unitcost", "column 'unitcost' of items.csv is unknown; did you mean 'unit_cost'?"),
        ("lanes.csv", "true", "maybe", "lanes.csv row 2: break_packs must be true or false (given 'maybe')"),
        ("demand.csv", "bread,a", "bred,a", "item 'bred' in demand.csv row 5 is unknown; did you mean 'bread'?"),
        ("demand.csv", "bread,a", "bread,z", "site 'z' in demand.csv row 5 is unknown; choose from: a, b, hub"),
        ("demand.csv", ",0,5", ",9,5", "demand.csv row 2: season must be from 0 to 1 (given '9')"),
        ("scenario.yaml", "warm_up", "warmup", "setting 'warmup' in scenario.yaml is unknown; did you mean 'warm_up'?"),
        (
            "scenario.yaml",
            "carrying_rate",
            "carying_rate",
            "setting 'carying_rate' of costs in scenario.yaml is unknown; did you mean 'carrying_rate'?",
        ),
    ],
)
def test_a_slip_in_a_table_is_named_with_its_place(tmp_path, file, old, new, message):
    write_scenario(rich_scenario(), tmp_path)
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_scenario(tmp_path)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("items.csv", ["name"]),
        ("sites.csv", ["name"]),
        ("lanes.csv", ["source", "destination"]),
        ("demand.csv", ["item", "site"]),
        ("history.csv.gz", ["item", "site", "date"]),
    ],
)
def test_what_a_table_says_twice_is_refused_with_both_rows(tmp_path, file, columns):
    """The second row would have won without a word."""
    write_scenario(rich_scenario(), tmp_path)
    table = pd.read_csv(tmp_path / file, dtype=str, keep_default_na=False)
    pd.concat([table, table[:1]]).to_csv(tmp_path / file, index=False)
    given = ", ".join(f"{column} '{table[column][0]}'" for column in columns)
    with pytest.raises(InputError) as caught:
        read_scenario(tmp_path)
    assert str(caught.value) == f"{file} rows 2 and {len(table) + 2}: both are of {given}; leave one"


def test_names_of_digits_stay_names(tmp_path):
    """0012 and 12 are two items: in a folder's tables, in events and in Parquet; CSV says so to who reads text."""
    scenario = scenario_of(
        "digits", [Item("0012", "07"), Item("12", "7")], [Site("001"), Site("1")],
        [Lane("supplier", "001"), Lane("supplier", "1")],
        {(item, site): Poisson(3.0) for item in ("0012", "12") for site in ("001", "1")},
        days=28, features=(Shrinkage(0.0, {"07": 0.1}),),
        events=[Promotion(start=0, days=7, uplift=2.0, items=["0012"], cannibalises={12: 0.5}, sites="001")],
    )  # fmt: skip
    write_scenario(scenario, tmp_path)
    back = read_scenario(tmp_path)
    assert_same_scenario(scenario, back)
    assert [item.name for item in back.items] == ["0012", "12"] and back.events[0].cannibalises == {"12": 0.5}
    table = evaluate(Prepared(back), BaseStock(base_stock_level=20), 2, seed=1, levels=("item", "site")).table("item")
    write_table(table, tmp_path, "item")
    assert set(pd.read_parquet(tmp_path / "item.parquet")["group"]) == {"0012", "12"}
    assert set(pd.read_csv(tmp_path / "item.csv", dtype={"group": str})["group"]) == {"0012", "12"}


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    write_scenario(rich_scenario(), tmp_path)
    path = tmp_path / "demand.csv"
    path.write_text("\n".join(line + ",x" for line in path.read_text().splitlines()).replace(",x", ",law", 1))
    with pytest.raises(InputError, match=re.escape("demand.csv: column 'law' is there 2 times; leave one")):
        read_scenario(tmp_path)


def test_a_folder_that_is_no_scenario_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        read_scenario(tmp_path)
    assert str(caught.value) == f"'{tmp_path}' holds no scenario: scenario.yaml is missing"
    write_scenario(
        scenario_of(
            "shop", [Item("milk")], [Site("store")], [Lane("supplier", "store")], {("milk", "store"): Poisson(4.0)}
        ),
        tmp_path,
    )
    (tmp_path / "lanes.csv").unlink()
    with pytest.raises(InputError) as caught:
        read_scenario(tmp_path)
    assert str(caught.value) == f"'{tmp_path}' is not a whole scenario: lanes.csv is missing"
