"""A panel un-sampled: of made-up stores, thinned receipt by receipt to a twentieth, all customers are found again."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from exports import ITEMS, LOCATIONS, refusal, shop_sales, write_export

from restock.sim.calibration.calibrate import calibrate, write_scenario_folder
from restock.sim.calibration.export import read_erp
from restock.sim.engines.events.draws import Draws
from restock.sim.model.arrays import build_world
from restock.sim.model.scenario_folder import read_scenario
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Compound, Empirical, NegativeBinomial, Poisson, law_from

SHARE, YEARS, CELLS = 0.05, 4, 12
CUSTOMERS, SIZES = NegativeBinomial(24.0, 0.3), Empirical((1, 2, 6), (6, 3, 1))
TRUTH = Compound(CUSTOMERS, SIZES)  # mean 43.2, variance 689
EVEN = np.ones(7)
SWING = np.array([0.8, 0.8, 0.8, 0.8, 1.0, 1.4, 1.4])


def panel_sales(swing=EVEN, seed=5):
    """What a panel sees of `CELLS` stores that sell one item: units, and receipts, by day."""
    random, dates = np.random.default_rng(seed), pd.date_range("2019-01-07", periods=364 * YEARS)
    rate = random.gamma(1 / 0.3, 24.0 * 0.3, (CELLS, len(dates))) * swing[np.arange(len(dates)) % 7]
    receipts = random.binomial(random.poisson(rate), SHARE)
    chance = SIZES.pmf() / SIZES.pmf().sum()
    units = random.multinomial(receipts, chance) @ np.arange(len(chance))
    place, day = np.nonzero(receipts)
    return pd.DataFrame({"date": dates[day], "location": np.char.add("shop ", place.astype(str)), "sku": "milk",
                         "units": units[place, day], "receipts": receipts[place, day]})  # fmt: skip


def export(folder, sales):
    shops = sorted(set(sales["location"]))
    locations = pd.DataFrame({"location": [*shops, "maker"], "kind": ["store"] * len(shops) + ["supplier"],
                              "served_by": ["maker"] * len(shops) + [""]})  # fmt: skip
    items = pd.DataFrame({"sku": sorted(set(sales["sku"])), "supplier": "maker", "unit_cost": 1.0, "unit_price": 2.0})
    return read_erp(write_export(folder, sales, items=items, locations=locations))


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    return export(tmp_path_factory.mktemp("panel"), panel_sales())


def found(calibration):
    """Mean over cells of the laws' means and variances."""
    laws = [law_from(law) for law in calibration.demand["law"]]
    return np.mean([law.moments for law in laws], axis=0)


def test_all_customers_of_a_thinned_store_are_found_again(panel):
    mean, variance = found(calibrate(panel, record="sale", sample_share=SHARE))
    assert mean == pytest.approx(TRUTH.mean, rel=0.02)
    assert variance == pytest.approx(TRUTH.variance, rel=0.06)
    units = panel.sales["units"].sum() / (CELLS * 364 * YEARS)
    assert mean == pytest.approx(units / SHARE, rel=0.005)  # the recorded units, to what laws are rounded to


def test_the_old_ways_are_both_far_from_the_truth(panel):
    days = panel.sales.pivot_table(index="location", columns="date", values="units", fill_value=0, observed=True)
    seen = days.to_numpy().var(axis=1).mean() * days.shape[1] / (364 * YEARS)
    assert seen / SHARE < 0.45 * TRUTH.variance  # independent samples added up
    assert seen / SHARE**2 > 2 * TRUTH.variance  # one sample multiplied


def test_without_receipts_units_keep_their_shape_and_the_report_says_what_that_takes(panel):
    calibration = calibrate(
        replace(panel, sales=panel.sales.drop(columns="receipts")), record="sale", sample_share=SHARE
    )
    laws = [law_from(law) for law in calibration.demand["law"]]
    assert {type(law) for law in laws} == {NegativeBinomial}
    one = [law_from(law) for law in calibrate(panel, record="sale", fit="moments").demand["law"]]
    mean, variance = found(calibration)
    assert mean == pytest.approx(TRUTH.mean, rel=0.02) and variance > 2 * TRUTH.variance
    assert len({law.mean for law in one}) > 1
    assert (
        "the record is taken as 5.0% of units, by chance: all are 20 times as many, as uneven by day; without a column "
        "receipts, what one customer takes at once is taken as what a day's customers share"
    ) in calibration.report.sections["assumed"]


def test_the_whole_shop_is_read_as_before_whatever_receipts_say(panel):
    plain = replace(panel, sales=panel.sales.drop(columns="receipts"))
    with_them, without = (calibrate(erp, record="sale") for erp in (panel, plain))
    pd.testing.assert_frame_equal(with_them.demand, without.demand)
    assert with_them.scenario().demand.history.receipts is None
    assert with_them.report.lines() == without.report.lines()


@pytest.mark.parametrize("source", ["replay", "bootstrap"])
@pytest.mark.parametrize("swing", [EVEN, SWING], ids=["even", "weekdays"])
def test_a_recorded_day_with_what_was_not_seen_varies_as_all_customers_do(tmp_path, source, swing):
    calibration = calibrate(export(tmp_path, panel_sales(swing)), record="sale", sample_share=SHARE)
    scenario = calibration.scenario(days=364 * YEARS - 56)
    scenario = replace(scenario, demand=replace(scenario.demand, source=source))
    known = Prepared(scenario).known
    square = (swing**2).mean()
    variance = TRUTH.variance + (square - 1) * (0.3 * 24**2 * SIZES.mean**2 + TRUTH.mean**2)
    shops = [n for n, site in enumerate(scenario.sites) if site.kind == "store"]
    assert known.demand_mean[0, shops].mean() == pytest.approx(TRUTH.mean, rel=0.02)
    assert known.demand_variance[0, shops].mean() == pytest.approx(variance, rel=0.1)
    drawn = np.array([Draws(known.world, 3, r).demand(0, n) for n in shops for r in range(6)])
    assert drawn.mean() == pytest.approx(TRUTH.mean, rel=0.02)
    assert drawn.var(axis=1).mean() == pytest.approx(variance, rel=0.1)


def test_what_was_seen_is_played_and_a_busy_day_in_the_panel_is_busy_outside(panel):
    calibration = calibrate(panel, record="sale", sample_share=SHARE)
    scenario = calibration.scenario(days=364, warm_up=0)
    scenario = replace(scenario, demand=replace(scenario.demand, source="replay"))
    world = build_world(scenario)
    (n,) = [k for k, site in enumerate(scenario.sites) if site.name == "shop 3"]
    row = scenario.demand.history.row_of[0, n]
    seen, receipts = scenario.demand.history.units[row, :364], scenario.demand.history.receipts[row, :364]
    drawn = np.array([Draws(world, 3, r).demand(0, n) for r in range(200)])
    assert (drawn >= seen).all()
    law = scenario.demand.laws[scenario.demand.law_of[0, n]]
    m, k = law.customers.mean, 1 / law.customers.dispersion
    for x in (0, 1, 3):  # mean (1 - p) (k + x) / (k / m + p) customers, each with a basket
        expected = (1 - SHARE) * (k + x) / (k / m + SHARE) * law.basket.mean
        assert (drawn - seen)[:, receipts == x].mean() == pytest.approx(expected, rel=0.03)


def test_units_of_a_receipt_are_the_items_and_a_places_own_where_it_shows_them(tmp_path):
    sales = panel_sales()
    twice = sales["location"] == "shop 0"
    sales.loc[twice, "units"] *= 2
    calibration = calibrate(export(tmp_path, sales), record="sale", sample_share=SHARE)
    laws = {row.location: law_from(row.law).basket for row in calibration.demand.itertuples()}
    assert laws["shop 0"].values == (2, 4, 12) and laws["shop 1"].values == (1, 2, 6)
    few = sales[~twice & (sales["date"] < "2019-05-20")]
    calibration = calibrate(export(tmp_path, few), record="sale", sample_share=SHARE)
    laws = {row.location: law_from(row.law).basket for row in calibration.demand.itertuples()}
    assert len(set(laws.values())) == 1  # that of all of them together
    assert laws["shop 1"].mean == pytest.approx(SIZES.mean, rel=0.1)


def test_where_rows_of_one_receipt_are_few_all_rows_say_the_size(tmp_path):
    random, dates = np.random.default_rng(2), pd.date_range("2022-01-03", periods=400)
    receipts = random.poisson(30, 400) + 2
    units = receipts + random.poisson(0.8, (400, 80)).cumsum(axis=1)[np.arange(400), receipts - 1]  # 1 and Poisson each
    sales = pd.DataFrame({"date": dates, "location": "shop", "sku": "milk", "units": units, "receipts": receipts})
    (law,) = calibrate(export(tmp_path, sales), record="sale", sample_share=0.5).demand["law"]
    basket = law_from(law).basket
    assert basket.pmf()[0] == 0
    assert basket.moments == pytest.approx((1.8, 0.8), rel=0.1)


def test_cells_too_thin_to_show_a_spread_take_that_of_all(tmp_path):
    random, dates = np.random.default_rng(4), pd.date_range("2022-01-03", periods=364)
    rows = []
    for cell in range(150):
        receipts = random.poisson(0.1 * random.gamma(1 / 0.5, 0.5, 364))  # dispersion 0.5: a pair on two days a year
        day = np.flatnonzero(receipts)
        rows.append(pd.DataFrame({"date": dates[day], "location": f"shop {cell % 3}", "sku": f"item {cell // 3}",
                                  "units": receipts[day], "receipts": receipts[day]}))  # fmt: skip
    calibration = calibrate(export(tmp_path, pd.concat(rows)), record="sale", sample_share=SHARE)
    laws = [law_from(law) for law in calibration.demand["law"]]
    assert {type(law) for law in laws} == {NegativeBinomial}  # baskets of one unit need no compound
    assert np.mean([law.dispersion for law in laws]) == pytest.approx(0.5, abs=0.2)
    assert np.ptp([law.dispersion for law in laws]) < 0.3  # but for the swing of each place's week
    assert any("too few to show it: 150" in line for line in calibration.report.sections["not fitted"])


def test_nobody_comes_on_a_holiday_nor_before_an_item_is_there(tmp_path):
    sales = panel_sales()
    holiday = pd.Timestamp("2019-12-25")
    sales = sales[sales["date"] != holiday]
    sales = sales[(sales["location"] != "shop 2") | (sales["date"] >= "2021-01-04")]
    calibration = calibrate(export(tmp_path, sales), record="sale", sample_share=SHARE)
    scenario = calibration.scenario(days=364 * YEARS, warm_up=0)
    scenario = replace(scenario, demand=replace(scenario.demand, source="replay"))
    world, day = build_world(scenario), (holiday - pd.Timestamp("2019-01-07")).days
    shops = [n for n, site in enumerate(scenario.sites) if site.kind == "store"]
    drawn = {scenario.sites[n].name: Draws(world, 3, 0).demand(0, n) for n in shops}
    assert all(units[day] == 0 and units[day + 1] > 0 for units in drawn.values() if units[:day].any())
    late = drawn.pop("shop 2")
    assert late[:728].sum() == 0 and late[728:].mean() == pytest.approx(TRUTH.mean, rel=0.1)
    assert np.mean([units[:728] for units in drawn.values()]) == pytest.approx(TRUTH.mean, rel=0.02)


def test_a_panel_is_written_to_a_folder_and_read_back(panel, tmp_path):
    calibration = calibrate(panel, record="sale", sample_share=SHARE)
    write_scenario_folder(calibration, tmp_path / "folder", days=364)
    one, two = calibration.scenario("folder", days=364), read_scenario(tmp_path / "folder")
    for name in ("units", "receipts"):
        a, b = (getattr(each.demand.history, name)[each.demand.history.row_of[0, :CELLS]] for each in (one, two))
        np.testing.assert_array_equal(a, b)
    assert two.demand.history.sample_share == SHARE
    worlds = [build_world(replace(s, demand=replace(s.demand, source="bootstrap"))) for s in (one, two)]
    np.testing.assert_array_equal(worlds[0].daily_rate, worlds[1].daily_rate)


def receipts_export(folder, receipts, units=3, called="receipts"):
    """The small shop's sales with these receipts in the third row, in a column of this name."""
    sales = shop_sales().assign(receipts="")
    sales.loc[1, ["units", "receipts"]] = units, receipts
    return write_export(folder, sales.rename(columns={"receipts": called}))


@pytest.mark.parametrize("given, units, problem", [
    ("4", 3, "receipts is more than units (given '4')"),
    ("0", 3, "receipts is below 1, though units were sold (given '0')"),
    ("1.5", 3, "receipts is not whole (given '1.5')"),
    ("-1", 3, "receipts is negative (given '-1')"),
    ("many", 3, "receipts is not a number (given 'many')"),
])  # fmt: skip
def test_receipts_that_cannot_be_are_one_line(tmp_path, given, units, problem):
    folder = receipts_export(tmp_path, given, units)
    dropped = "on_fault=drop would leave out no row of sales, and empty 1 field of receipts"
    assert refusal(folder) == f"sales.csv row 3: {problem}; {dropped}"
    assert np.isnan(read_erp(folder, on_fault="drop").sales["receipts"]).all()


def test_tickets_are_receipts_unless_there_are_receipts(tmp_path):
    told = read_erp(receipts_export(tmp_path, "2", called="Tickets"))
    assert told.sales["receipts"].max() == 2
    assert "sales.csv: columns: Tickets is receipts" in "; ".join(told.what_was_read())
    both = shop_sales().assign(receipts=1, tickets=99)
    both = both[both["units"] > 0]
    assert (read_erp(write_export(tmp_path, both)).sales["receipts"] == 1).all()


def test_receipts_of_rows_of_one_day_add_up_and_are_unknown_where_one_is(tmp_path):
    sales = shop_sales().query("units > 0").assign(receipts=1.0).reset_index(drop=True)
    again = sales.assign(units=2, receipts=2.0)
    again.loc[5, "receipts"] = np.nan
    erp = read_erp(write_export(tmp_path, pd.concat([sales, again])), bucket="ticket")
    receipts = erp.sales.sort_values(["date", "location", "sku"])["receipts"].to_numpy()
    assert (receipts[~np.isnan(receipts)] == 3).all() and np.isnan(receipts).sum() == 1


def test_rows_that_do_not_say_their_receipts_have_the_items_mean(tmp_path):
    sales = panel_sales()
    sales["receipts"] = sales["receipts"].astype(float)
    sales.loc[::3, "receipts"] = np.nan
    calibration = calibrate(export(tmp_path, sales), record="sale", sample_share=SHARE)
    mean, variance = found(calibration)
    assert mean == pytest.approx(TRUTH.mean, rel=0.02) and variance == pytest.approx(TRUTH.variance, rel=0.2)
    line = f"rows of sales without receipts: {len(sales[::3]):,}; taken as other rows of the item say"
    assert line in calibration.report.sections["assumed"]


def test_receipts_of_weeks_are_shared_out_as_their_units_are(tmp_path):
    sales = panel_sales()
    week = sales["date"] - pd.to_timedelta(sales["date"].dt.day_of_week, unit="D")
    weeks = sales.assign(date=week).groupby(["date", "location", "sku"], as_index=False)[["units", "receipts"]].sum()
    calibration = calibrate(export(tmp_path, weeks), record="sale", sample_share=SHARE)
    assert calibration.history["receipts"].sum() == sales["receipts"].sum()
    assert (calibration.history["receipts"] <= calibration.history["units"]).all()
    calibration.scenario()  # which checks days
    assert found(calibration)[0] == pytest.approx(TRUTH.mean, rel=0.02)


def test_goods_by_weight_may_come_on_more_receipts_than_units(tmp_path):
    sales = shop_sales().query("units > 0").assign(receipts=1).astype({"units": float})
    sales.loc[sales["sku"] == "B-7", ["units", "receipts"]] = 0.35, 2
    erp = read_erp(write_export(tmp_path, sales, items=ITEMS, locations=LOCATIONS))
    assert (erp.sales["receipts"] > erp.sales["units"]).any()
    calibration = calibrate(erp, record="sale", sample_share=SHARE)
    assert calibration.report.sections["assumed"]
    law = law_from(calibration.demand.query("sku == 'B-7'")["law"].iloc[0])
    assert isinstance(law, (Compound, Poisson)) and law.mean > 0
