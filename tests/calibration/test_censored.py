"""Demand behind empty shelves: recovered from sales and recorded stock, as simulated with known demand."""

import numpy as np
import pandas as pd
import pytest
from exports import write_export

from restock.sim.calibration.calibrate import calibrate
from restock.sim.calibration.candidate_laws import count_values
from restock.sim.calibration.export import read_erp
from restock.sim.calibration.state.censored import Censored, fit_censored, with_expected

CELLS, DAYS = 150, 364


def lost_sales(demand, base_stock_level, lead_time=2):
    """Units sold and left at the end of each day: base stock, reviewed daily, unmet demand lost."""
    on_hand = np.full(len(demand), base_stock_level)
    coming = np.zeros((len(demand), lead_time), int)
    sold, left = np.zeros_like(demand), np.zeros_like(demand)
    for day in range(demand.shape[1]):
        on_hand = on_hand + coming[:, 0]
        sold[:, day] = np.minimum(demand[:, day], on_hand)
        on_hand = on_hand - sold[:, day]
        left[:, day] = on_hand
        coming = np.roll(coming, -1, axis=1)
        coming[:, -1] = 0
        coming[:, -1] = np.maximum(0, base_stock_level - on_hand - coming.sum(axis=1))
    return sold, left


@pytest.mark.parametrize(("mean", "shape"), [(3.0, 2.0), (0.4, 1.0), (2.0, 1000.0)])
def test_censored_days_give_back_the_true_law_and_sales_do_not(mean, shape):
    demand = np.random.default_rng(1).negative_binomial(shape, shape / (shape + mean), (CELLS, DAYS))
    sold, left = lost_sales(demand, base_stock_level=int(np.ceil(3 * mean)))
    cell, day = np.nonzero(left > 0)
    counts = count_values(cell, sold[cell, day], np.bincount(cell, minlength=CELLS))
    cell, day = np.nonzero((left == 0) & (sold > 0))
    key, count = np.unique(cell * 1000 + sold[cell, day], return_counts=True)
    censored = Censored(key // 1000, key % 1000, count.astype(float))
    law = fit_censored(counts, censored)
    error = 2.6 * law.mean.std() / CELLS**0.5  # 99% of the mean over cells
    assert law.mean.mean() == pytest.approx(mean, abs=error)
    assert sold.mean() < 0.95 * mean < mean - error
    if shape < 10:
        assert np.median(law.shape) == pytest.approx(shape, rel=0.15)
    whole = with_expected(counts, censored, law)
    assert whole.total(whole.value) / whole.days == pytest.approx(law.mean, rel=0.01)
    assert (whole.days == counts.days + np.bincount(censored.cell, censored.days, CELLS)).all()


def export_of(tmp_path, leave_out_empty=False):
    """A shop of 20 items whose true demand is known, with weekdays; its sales and its stock by day."""
    random, dates = np.random.default_rng(7), pd.date_range("2024-01-01", periods=182)
    factors = np.array([0.8, 0.8, 0.9, 1.0, 1.2, 1.5, 0.8])[np.arange(182) % 7]
    truth = random.choice([0.5, 2.0, 6.0], 20)
    demand = random.poisson(truth[:, None] * factors)
    sold, left = zip(
        *(lost_sales(d[None], int(np.ceil(2.5 * m))) for d, m in zip(demand, truth, strict=True)), strict=True
    )
    names = [f"{k:03d}" for k in range(20)]
    grid = pd.MultiIndex.from_product([names, dates], names=["sku", "date"])
    rows = pd.DataFrame({"units": np.ravel(sold), "on_hand": np.ravel(left)}, index=grid).reset_index()
    rows = rows.assign(location="North", date=rows["date"].dt.strftime("%Y-%m-%d"))
    stock = rows[rows["on_hand"] > 0] if leave_out_empty else rows
    items = pd.DataFrame({"sku": names, "supplier": "ACME", "unit_cost": 2.0, "unit_price": 3.0})
    folder = write_export(
        tmp_path / "shop", rows.loc[rows["units"] > 0, ["date", "location", "sku", "units"]], items=items,
        stock=stock[["location", "sku", "on_hand", "date"]],
    )  # fmt: skip
    return folder, factors, demand


@pytest.mark.parametrize("leave_out_empty", [False, True])
def test_an_export_with_stock_by_day_is_corrected_and_says_by_how_much(tmp_path, leave_out_empty):
    folder, factors, demand = export_of(tmp_path, leave_out_empty)
    found = calibrate(read_erp(folder), record="sale")
    fitted, asked, sold = (
        found.demand["mean"].sum(),
        demand.mean(axis=1).sum(),
        found.demand["recorded_units"].sum() / 182,
    )
    assert fitted == pytest.approx(asked, rel=0.025) and sold < 0.93 * asked
    season = found.seasons["North"]
    assert np.array(season.weekday) == pytest.approx(factors[:7] / factors[:7].mean(), abs=0.09)
    place = found.fitted_against_recorded.set_index("by").loc["place"]
    assert place["reason"] == "demand behind empty shelves"
    assert place["censored"] == pytest.approx((fitted - sold) * 182, rel=0.01)
    said = str(found.report)
    assert "demand behind empty shelves: " in said and "negative binomial, Agrawal & Smith 1996" in said
    assert "sales are taken as demand" not in said


def test_a_shelf_that_is_nearly_always_empty_is_left_as_it_sold(tmp_path):
    folder, *_ = export_of(tmp_path)
    stock = pd.read_csv(folder / "stock.csv", dtype={"sku": str})
    stock.loc[stock["sku"] == "003", "on_hand"] = 0
    stock.to_csv(folder / "stock.csv", index=False)
    found = calibrate(read_erp(folder), record="sale")
    mine = found.demand.set_index("sku").loc["003"]
    assert mine["mean"] == pytest.approx(mine["recorded_units"] / 182)
    assert "something on too few days to say: 1: 003 at North; their sales are taken as demand" in str(found.report)


def test_stock_of_one_day_corrects_nothing(tmp_path):
    folder, *_ = export_of(tmp_path)
    stock = pd.read_csv(folder / "stock.csv", dtype={"sku": str})
    stock[stock["date"] == stock["date"].max()].to_csv(folder / "stock.csv", index=False)
    found = calibrate(read_erp(folder), record="sale")
    assert found.demand["mean"].to_numpy() == pytest.approx(found.demand["recorded_units"].to_numpy() / 182)
    assert "sales are taken as demand: an empty shelf looks like a day without demand" in str(found.report)
