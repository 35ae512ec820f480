"""Giant and cancelled orders, lots, goods by weight: what an item is counted in, and that its units stay."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from restock.policies.base_stock import BaseStock
from restock.sim.calibration.calibrate import calibrate, write_scenario_folder
from restock.sim.calibration.export import read_erp
from restock.sim.calibration.report import Report
from restock.sim.calibration.unit_scaling import carried, tamed
from restock.sim.errors import InputError
from restock.sim.features.selling_season.settings import Markdown, SellingSeason
from restock.sim.model.demand import Season
from restock.sim.model.demand_events import Promotion
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.model.scenario_folder import read_scenario
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Empirical, NegativeBinomial, law_from
from restock.sim.study.compare import evaluate

DAYS = 364
DATES = pd.date_range("2023-01-02", periods=DAYS)


def export(folder, units, items=None, **more):
    """Units are (sku, place) to units of each day; further columns of sales by (sku, place)."""
    frames = []
    for key, values in units.items():
        frame = pd.DataFrame({"date": DATES, "location": key[1], "sku": key[0], "units": values})
        frames.append(frame.assign(**{name: of[key] for name, of in more.items() if key in of}))
    sales = pd.concat(frames)
    sales[sales["units"] > 0].to_csv(folder / "sales.csv", index=False)
    skus, places = (list(dict.fromkeys(key[k] for key in units)) for k in (0, 1))
    base = {"sku": skus, "supplier": "V", "unit_cost": 1.0, "unit_price": 2.0}
    pd.DataFrame(base | (items or {})).to_csv(folder / "items.csv", index=False)
    kinds = ["store"] * len(places) + ["supplier"]
    pd.DataFrame({"location": [*places, "V"], "kind": kinds}).to_csv(folder / "locations.csv", index=False)
    return read_erp(folder)


def poisson(mean, seed=1):
    return np.random.default_rng(seed).poisson(mean, DAYS)


def fitted(calibration, sku, place):
    return calibration.demand.set_index(["sku", "location"]).loc[sku, place]


def test_one_giant_order_sets_neither_law_nor_lot(tmp_path):
    units = poisson(6.0)
    largest = units.max()
    units[100] = 80_000
    found = calibrate(export(tmp_path, {("cup", "East"): units}))
    row = fitted(found, "cup", "East")
    assert row["mean"] == pytest.approx((units.sum() - 80_000 + largest) / DAYS)
    assert row["counted_in"] == 1 and law_from(row["law"]).variance < 8
    assert max(found.seasons["East"].weekday) < 1.3
    line = next(line for line in found.report.sections["dropped"] if "cup at East on 2023-04-12" in line)
    assert "days 10 times as large as any other of their place and item: 1, capped at it" in line
    assert f"{80_000 - largest:,} units (97.3% of" not in line and f"{80_000 - largest:,} units (97." in line
    found.scenario()
    kept = calibrate(read_erp(tmp_path), outliers="keep")
    assert fitted(kept, "cup", "East")["mean"] > 150
    assert any("kept (outliers=keep)" in line for line in kept.report.sections["assumed"])


def test_a_cancelled_order_is_left_out_whatever_else_the_cell_sold(tmp_path):
    units, returned = np.zeros(DAYS, int), np.zeros(DAYS, int)
    units[[20, 21, 80]] = [900, 1, 2]
    returned[21] = 900
    cells = {("cup", "East"): units, ("pan", "East"): poisson(3.0)}
    found = calibrate(export(tmp_path, cells, returned={("cup", "East"): returned}), record="sale")
    assert fitted(found, "cup", "East")["mean"] == pytest.approx(3 / DAYS)
    assert any("orders that came back within 28 days: 1, left out as cancelled" in x and "cup at East" in x
               for x in found.report.sections["dropped"])  # fmt: skip


def test_ordinary_lumps_and_returns_are_left_alone(tmp_path):
    random = np.random.default_rng(4)
    lumpy = random.negative_binomial(0.2, 0.2 / 8.2, DAYS)
    returned = (random.random(DAYS) < 0.05) & (lumpy > 0)
    found = calibrate(export(tmp_path, {("cup", "East"): lumpy}, returned={("cup", "East"): returned.astype(int)}))
    assert fitted(found, "cup", "East")["mean"] == pytest.approx(lumpy.mean())


def test_one_giant_order_beside_a_slow_seller_leaves_it_in_units(tmp_path):
    kiosk = np.zeros(DAYS, int)
    kiosk[50] = 900_000
    found = calibrate(export(tmp_path, {("cup", "East"): poisson(2.0), ("cup", "Kiosk"): kiosk}), record="sale")
    assert fitted(found, "cup", "East")["counted_in"] == 1
    assert fitted(found, "cup", "East")["mean"] == pytest.approx(2, rel=0.1)
    assert any("cut to it: 1" in line and "cup at Kiosk" in line for line in found.report.sections["dropped"])
    found.scenario()


def test_lots_keep_every_place_s_total_and_are_named(tmp_path):
    cells = {("bolt", "East"): 40_000 * poisson(3.0), ("bolt", "West"): poisson(40.0, 2), ("cup", "East"): poisson(5.0)}
    found = calibrate(export(tmp_path, cells), record="sale")
    lot = fitted(found, "bolt", "East")["counted_in"]
    assert lot >= 10 and fitted(found, "cup", "East")["counted_in"] == 1
    assert f"bolt in lots of {lot:,.0f}" in "".join(found.report.sections["assumed"])
    for key, units in cells.items():
        assert fitted(found, *key)["mean"] * DAYS == pytest.approx(units.sum(), abs=lot)
    assert {item.name: item.counted_in for item in found.items} == {"bolt": lot, "cup": 1.0}


@pytest.mark.parametrize(("step", "part"), [(0.06, 0.01), (0.5, 0.1), (0.125, 0.01), (1.0, 1.0)])
def test_goods_by_weight_are_counted_in_parts_that_keep_them(tmp_path, step, part):
    units = (step * poisson(4.0)).round(3)
    found = calibrate(export(tmp_path, {("ham", "East"): units}, {"case_pack": 6, "minimum_order": 12}), record="sale")
    row, item = fitted(found, "ham", "East"), found.items[0]
    assert row["counted_in"] == item.counted_in == part
    assert row["mean"] * DAYS == pytest.approx(units.sum(), rel=1e-9, abs=part)
    assert (item.unit_cost, item.pack, item.minimum_order) == (part, round(6 / part), round(12 / part))
    write_scenario_folder(found, tmp_path / "out")
    assert read_scenario(tmp_path / "out").items[0].counted_in == part


@pytest.mark.parametrize(("said", "part"), [("100 g", 0.1), ("case", 6.0), ("2", 2.0), ("each", 1.0)])
def test_what_an_item_is_counted_in_can_be_declared(tmp_path, said, part):
    items = {"counted_in": said, "case_pack": 6}
    found = calibrate(export(tmp_path, {("ham", "East"): 6 * poisson(4.0)}, items), record="sale")
    assert found.items[0].counted_in == part
    assert fitted(found, "ham", "East")["mean"] == pytest.approx(6 * poisson(4.0).mean(), rel=0.01)


def test_a_word_that_is_no_unit_is_refused(tmp_path):
    erp = export(tmp_path, {("ham", "East"): poisson(4.0)}, {"counted_in": "pallet"})
    with pytest.raises(InputError, match="item 'ham': counted_in must be a number of units above 0, or one of each"):
        calibrate(erp)


@given(
    st.lists(st.floats(0, 1e5), min_size=1, max_size=40), st.integers(0, 5), st.sampled_from([0.001, 0.1, 7.0, 100.0])
)
def test_rounding_carries_what_is_left_over(units, seed, part):
    code = np.random.default_rng(seed).integers(0, 3, len(units))
    x = np.array(units) / part
    whole = carried(code, pd.Series(pd.date_range("2024-01-01", periods=len(units))), x)
    assert (whole >= 0).all() and (np.abs(whole - x) <= 1 + 1e-6 * x).all()
    for cell in range(3):
        assert abs(whole[code == cell].sum() - x[code == cell].sum()) <= 0.5 + 1e-6 * x.sum()


def test_measures_add_true_units_whatever_an_item_is_counted_in():
    """Lots of 100 of one item and units of another: the chain's fill rate weighs what customers asked for."""

    def run(lot):
        items = [Item("bolt", counted_in=lot), Item("cup")]
        demand = {("bolt", "yard"): NegativeBinomial(8.0, 1.0), ("cup", "yard"): NegativeBinomial(8.0, 1.0)}
        world = scenario_of("yard", items, [Site("yard")], [Lane("supplier", "yard")], demand, days=56)
        out = evaluate(Prepared(world), BaseStock(base_stock_level=14), 8, seed=3, levels=("chain", "item"))
        return {level: out.table(level).set_index(["group", "measure"])["estimate"] for level in ("chain", "item")}

    one, lots = run(1.0), run(100.0)
    asked = {k: one["item"][k, "units_asked"] for k in ("bolt", "cup")}
    fill = {k: one["item"][k, "fill_rate"] for k in ("bolt", "cup")}
    assert lots["item"]["bolt", "units_asked"] == pytest.approx(100 * asked["bolt"])
    whole = 100 * asked["bolt"] + asked["cup"]
    weighed = (100 * asked["bolt"] * fill["bolt"] + asked["cup"] * fill["cup"]) / whole
    assert lots["chain"]["all", "fill_rate"] == pytest.approx(weighed)
    assert lots["chain"]["all", "units_asked"] == pytest.approx(whole)
    for same in ("stockout_rate", "ready_rate", "orders_per_year", "turnover", "total_cost"):
        assert lots["chain"]["all", same] == pytest.approx(one["chain"]["all", same])
    assert lots["item"]["bolt", "bullwhip_ratio"] == pytest.approx(one["item"]["bolt", "bullwhip_ratio"])


def test_a_lumpy_law_is_held_on_its_busiest_weekday(tmp_path):
    units, lump = np.zeros(DAYS, int), np.zeros(DAYS, int)
    open_days = np.flatnonzero(np.isin(DATES.day_of_week, [1, 2, 3]))
    units[open_days] = 25
    lump[open_days[::30]] = [50, 1500, 90, 60, 700, 75]
    found = calibrate(export(tmp_path, {("bread", "Market"): units, ("lump", "Market"): lump}), record="sale")
    assert found.seasons["Market"].weekday[0] == 0 and found.seasons["Market"].weekday[2] > 1.5
    assert fitted(found, "lump", "Market")["mean"] == pytest.approx(lump.mean(), rel=0.02)
    assert any("lump at Market" in line and "deviation is cut" in line for line in found.report.sections["assumed"])
    assert Prepared(found.scenario()).world.stocked.all()


def test_a_law_out_of_reach_is_named_by_item_and_site_with_the_remedy():
    law = Empirical((0, 30_000), (9, 1))
    world = scenario_of("yard", [Item("bolt"), Item("cup")], [Site("east"), Site("yard")],
                        [Lane("supplier", "east"), Lane("supplier", "yard")],
                        {("bolt", "east"): Empirical((0, 1), (9, 1)), ("cup", "yard"): law}, days=28)  # fmt: skip
    with pytest.raises(InputError, match=r"demand of item 'cup' at site 'yard': .*reaches beyond 65535.*counted_in"):
        _ = Prepared(world.having(events=(Promotion(start=3, days=2, uplift=3.0),))).world


def test_customers_at_a_dc_and_terms_of_suppliers_stay_where_they_belong(tmp_path):
    items = {"case_pack": 6, "minimum_order": 480}
    cells = {("milk", "North"): 1 + poisson(6.0), ("milk", "Hub"): 1 + poisson(3.0, 2)}
    export(tmp_path, cells, items)
    table = {"location": ["North", "Hub", "V"], "kind": ["store", "dc", "supplier"], "served_by": ["Hub", "", ""]}
    pd.DataFrame(table).to_csv(tmp_path / "locations.csv", index=False)
    found = calibrate(read_erp(tmp_path), record="sale")
    assert fitted(found, "milk", "Hub")["mean"] == pytest.approx((1 + poisson(3.0, 2)).mean())
    binds = {(lane.source, lane.destination): not lane.break_packs for lane in found.lanes}
    assert binds == {("Hub", "North"): False, ("V", "Hub"): True}
    world = Prepared(found.scenario()).world
    assert world.minimum_order.tolist() == [[0, 480]] and world.pack.tolist() == [[1, 6]]
    assert found.scenario().warm_up == 56 and found.scenario(warm_up=7).warm_up == 7


def test_cells_whose_laws_are_alike_and_held_have_nothing_cut():
    """Equal laws are one law, whichever cell's it is."""
    laws = [NegativeBinomial(0.7, 1.5), NegativeBinomial(0.7, 1.5), NegativeBinomial(0.7, 1.5)]
    cells = pd.DataFrame({"sku": ["a", "b", "c"], "location": "shop"})
    report = Report()
    assert tamed(laws, cells, {"shop": Season(weekday=(1.0,) * 7, month=(1.0,) * 12)}, report) == laws
    assert report.sections["assumed"] == []
    wild = [NegativeBinomial(30_000.0, 5.0), *laws]
    found = tamed(wild, pd.concat([cells[:1].assign(sku="wild"), cells]), {"shop": Season(
        weekday=(1.0,) * 7, month=(1.0,) * 12)}, report)  # fmt: skip
    assert found[1:] == laws and found[0].mean == 30_000 and found[0].dispersion < 5
    assert ": 1: wild at shop (from " in report.sections["assumed"][0]


def test_of_cells_with_one_law_the_one_whose_markdown_is_out_of_reach_is_named():
    law = Empirical((0, 30_000), (9, 1))
    season = SellingSeason(21, last_order=14, markdown=Markdown(50, 2.0, 7))
    items = [Item("bolt"), Item.with_settings("coat", selling_season=season)]
    world = scenario_of("yard", items, [Site("yard")], [Lane("supplier", "yard")],
                        {("bolt", "yard"): law, ("coat", "yard"): law}, days=28)  # fmt: skip
    with pytest.raises(InputError, match=r"demand of item 'coat' at site 'yard': .*markdowns.*counted_in"):
        _ = Prepared(world).world
