"""Weeks of a record: held out to judge by, and drawn anew; the rows are those of the weeks, and nothing else."""

import datetime
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from restock.sim.calibration.calibrate import calibrate
from restock.sim.calibration.weeks.example import small_record
from restock.sim.calibration.weeks.held_out import hold_out
from restock.sim.calibration.weeks.redrawn import draw_weeks, redrawn
from restock.sim.errors import InputError


def counts(weeks: int, seed: int = 5, items: int = 3, shops: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).poisson(3.0, (items, shops, 7 * weeks))


def fitted(held_out, **choices):
    return calibrate(held_out.before, record="sale", keep_history=False, **choices).scenario()


def test_laws_see_nothing_of_the_weeks_held_out():
    units = counts(20)
    held_out = hold_out(small_record(20, units), 6)
    units[:, :, 14 * 7 :] = 60
    other = hold_out(small_record(20, units), 6)
    assert held_out.cut == other.cut == datetime.date(2023, 1, 2) + datetime.timedelta(weeks=14)
    pd.testing.assert_frame_equal(held_out.before.sales, other.before.sales)
    assert fitted(held_out).demand.laws == fitted(other).demand.laws


def test_the_days_played_are_those_recorded_whatever_days_come_before():
    units = counts(20)
    held_out = hold_out(small_record(20, units), 6)
    scenario = fitted(held_out)
    history = held_out.history(scenario, 21)
    assert history.start == held_out.cut - datetime.timedelta(days=21)
    item = [int(each.name.split("_")[1]) for each in scenario.items]
    site = [int(each.name.split("_")[1]) for each in scenario.sites]
    for i, n in np.argwhere(history.row_of >= 0):
        assert_array_equal(history.units[history.row_of[i, n]], units[item[i], site[n], 11 * 7 :])


def test_items_counted_in_parts_keep_their_units():
    """An item sold by weight is counted in tenths: the days played are tenths, too, and come to the same weight."""
    record = small_record(20, counts(20))
    sales = record.sales.assign(units=record.sales["units"] / 10)
    held_out = hold_out(replace(record, sales=sales), 6)
    scenario = fitted(held_out)
    assert {item.counted_in for item in scenario.items} == {0.1}
    late = sales["date"] >= np.datetime64(held_out.cut)
    assert held_out.history(scenario, 0).units.sum() == round(10 * sales["units"][late].sum())


def test_cells_that_no_law_predicts_are_counted_and_not_played():
    units = counts(20)
    units[1, 0, : 14 * 7] = 0
    held_out = hold_out(small_record(20, units), 6)
    scenario = fitted(held_out)
    late = units[:, :, 14 * 7 :]
    cells, share = held_out.unforeseen(scenario)
    assert (cells, share) == (1, pytest.approx(late[1, 0].sum() / late.sum()))
    assert held_out.history(scenario, 0).units.sum() == late.sum() - late[1, 0].sum()


def test_receipts_that_came_later_are_not_known():
    receipts = pd.DataFrame({
        "order_date": pd.to_datetime(["2023-04-01", "2023-04-01", "2023-05-01"]),
        "receipt_date": pd.to_datetime(["2023-04-05", "2023-04-20", "2023-05-05"]), "quantity": [1, 2, 3],
    })  # fmt: skip
    held_out = hold_out(replace(small_record(20), receipts=receipts), 5)
    assert str(held_out.cut) == "2023-04-17" and held_out.before.receipts["quantity"].tolist() == [1]


def test_rows_of_weeks_are_cut_at_a_week():
    units = counts(20)[:, :, ::7]
    held_out = hold_out(small_record(20, units, bucket="week"), 5)
    assert str(held_out.cut) == "2023-04-17" and held_out.fitted_days == 15 * 7
    scenario = calibrate(held_out.before, record="sale").scenario()
    played = held_out.history(scenario, 0).units.reshape(6, 5, 7).sum(axis=2)
    assert sorted(map(tuple, played)) == sorted(map(tuple, units[:, :, 15:].reshape(6, 5)))


@pytest.mark.parametrize("weeks, said", [
    (13, "weeks must be a whole number from 1 to 12: the record has 20 weeks, and 8 at least are fitted; got 13"),
    (0, "weeks must be a whole number from 1 to 12: the record has 20 weeks, and 8 at least are fitted; got 0"),
])  # fmt: skip
def test_too_many_weeks_are_refused(weeks, said):
    with pytest.raises(InputError) as caught:
        hold_out(small_record(20), weeks)
    assert str(caught.value) == said


def test_a_short_record_and_one_of_months_are_refused():
    with pytest.raises(InputError) as caught:
        hold_out(small_record(11), None)
    assert str(caught.value) == ("restock backtest needs a record of at least 12 weeks; that of 'made_up' has 11, "
                                 "2023-01-02 to 2023-03-19")  # fmt: skip
    with pytest.raises(InputError, match="needs rows of sales that cover days or weeks; those of 'made_up' cover mon"):
        hold_out(replace(small_record(20), bucket="month"), None)


def by_day(erp) -> pd.Series:
    return erp.sales.astype({"sku": "str", "location": "str"}).set_index(["sku", "location", "date"])["units"]


def test_a_redrawn_record_is_its_weeks_in_their_order_for_all_cells_together():
    units, drawn = counts(20), draw_weeks(20, seed=4, resample=2)
    assert (np.diff(drawn) >= 0).all() and len(drawn) == 20 and len(set(drawn.tolist())) < 20
    expected = units.reshape(3, 2, 20, 7)[:, :, drawn].reshape(3, 2, 140)
    pd.testing.assert_series_equal(
        by_day(redrawn(small_record(20, units), 4, 2)).sort_index(), by_day(small_record(20, expected)).sort_index()
    )


def test_days_before_the_first_whole_week_stay():
    units = counts(21)[:, :, :143]  # 20 weeks and 3 days
    drawn = draw_weeks(20, seed=4, resample=2)
    again = np.concatenate([units[:, :, :3], units[:, :, 3:].reshape(3, 2, 20, 7)[:, :, drawn].reshape(3, 2, 140)], 2)
    pd.testing.assert_series_equal(
        by_day(redrawn(small_record(21, units), 4, 2)).sort_index(), by_day(small_record(21, again)).sort_index()
    )


def test_receipts_go_with_the_week_of_their_order_and_keep_their_lead_time():
    order = pd.date_range("2023-01-02", periods=20, freq="7D").astype("datetime64[s]")
    receipts = pd.DataFrame({"order_date": order, "receipt_date": order + pd.to_timedelta(np.arange(20), unit="D"),
                             "scheduled_date": pd.NaT})  # fmt: skip
    outside = pd.DataFrame({"order_date": pd.to_datetime(["2022-12-01"]), "scheduled_date": [pd.NaT],
                            "receipt_date": pd.to_datetime(["2023-01-03"])})  # fmt: skip
    found = redrawn(replace(small_record(20), receipts=pd.concat([receipts, outside])), 4, 2).receipts
    took = (found["receipt_date"] - found["order_date"]).dt.days
    assert sorted(took) == sorted([*draw_weeks(20, 4, 2).tolist(), 33])
    inside = found[took < 33].sort_values("order_date")
    assert (inside["order_date"].to_numpy() == order.to_numpy()).all()


def test_an_item_that_is_declared_to_begin_and_end_is_observed_for_the_weeks_drawn_from_between():
    record = small_record(20, counts(20))
    begin, end = pd.Timestamp("2023-02-06"), pd.Timestamp("2023-04-16")  # weeks 5 to 14
    items = record.items.assign(**{"from": begin, "to": end})
    found = redrawn(replace(record, items=items), 4, 2).items
    drawn = draw_weeks(20, 4, 2)
    days = (found["to"] - found["from"]).dt.days + 1
    assert days.tolist() == [7 * int(((drawn >= 5) & (drawn <= 14)).sum())] * 3


def test_means_over_resamples_are_those_of_the_record():
    """Whole weeks drawn with equal chance: the mean day of the resamples is that of the record, up to chance."""
    record = small_record(30, counts(30))
    total = [redrawn(record, 1, k).sales["units"].sum() for k in range(200)]
    weekly = record.sales.groupby(record.sales["date"].dt.isocalendar().week)["units"].sum()
    error = weekly.std() * np.sqrt(30 / 200)
    assert abs(np.mean(total) - record.sales["units"].sum()) < 4 * error
    assert 0.8 < np.std(total) / (weekly.std() * np.sqrt(30)) < 1.2
