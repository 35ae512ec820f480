"""A row may cover a day, a week or a month, or be one ticket of many: it is read as what it is."""

import numpy as np
import pandas as pd
import pytest
from exports import ITEMS, refusal, rows_of, shop_sales, write_export
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from restock.sim.calibration.bucket_rows import daily_rows, observations
from restock.sim.calibration.calibrate import calibrate
from restock.sim.calibration.export import read_erp
from restock.sim.calibration.report import Report
from restock.sim.errors import InputError
from restock.sim.probability.laws import law_from

KEY = ["date", "location", "sku"]


def summed(sales: pd.DataFrame, period: str, label: str) -> pd.DataFrame:
    """Rows of weeks (W-SUN, W-SAT) or months (M), dated by the first or the last day that they cover."""
    span = sales["date"].dt.to_period(period)
    date = span.dt.start_time if label == "first" else span.dt.end_time.dt.normalize()
    return sales.assign(date=date).groupby(KEY, as_index=False)[["units", "amount"]].sum()


def tickets(sales: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Every unit sold as a ticket of its own or with others, in any order."""
    random = np.random.default_rng(seed)
    price = sales["sku"].map(ITEMS.set_index("sku")["unit_price"]).to_numpy()
    part = random.binomial(sales["units"].to_numpy(), 0.5)
    halves = [sales.assign(units=part), sales.assign(units=sales["units"] - part)]
    rows = pd.concat([half.assign(amount=(half["units"] * price).round(2)) for half in halves])
    return rows.sample(frac=1, random_state=seed).assign(ticket=np.arange(len(rows)))


WAYS = {
    "day": ("day", {}),
    "ticket": ("day", {}),
    "W-SUN first": ("week", {}),
    "W-SUN last": ("week", {}),
    "W-SAT last": ("week", {}),
    "W-SAT first": ("week", {"bucket": "week_beginning"}),  # Sundays: taken as last days unless told
    "W-THU first": ("week", {"bucket": "week_beginning"}),
    "M first": ("month", {}),
    "M last": ("month", {}),
}


@settings(max_examples=25)
@given(way=st.sampled_from(sorted(WAYS)), seed=st.integers(0, 99), days=st.integers(130, 300))
def test_rows_of_any_bucket_give_the_sums_of_the_days_they_cover(way, seed, days, tmp_path_factory):
    sales = shop_sales(days, seed)
    kind, told = WAYS[way]
    period, _, label = way.partition(" ")
    given_rows = sales if way == "day" else tickets(sales, seed) if way == "ticket" else summed(sales, period, label)
    erp = read_erp(write_export(tmp_path_factory.mktemp("export"), sales=given_rows), **told)
    assert erp.bucket == kind
    right = sales if kind == "day" else summed(sales, period, "first")
    right = right.assign(date=right["date"].astype("datetime64[s]"))[[*KEY, "units", "amount"]]
    assert_frame_equal(rows_of(erp), right.sort_values(KEY).reset_index(drop=True), check_dtype=False)
    daily = daily_rows(erp, Report())
    assert daily["units"].sum() == sales["units"].sum()
    whole = right["date"].max() + {"day": pd.Timedelta(0), "week": pd.Timedelta(days=6)}.get(
        kind, pd.offsets.MonthEnd(0)
    )
    assert (daily["date"].min(), daily["date"].max()) == (right["date"].min(), whole)  # the last bucket is a whole one
    if kind != "day":
        again = summed(daily.assign(amount=0).astype({"location": "str", "sku": "str"}), period, "first")
        assert again["units"].tolist() == right.sort_values(KEY)["units"].tolist()


@pytest.mark.parametrize("period, label, kind", [("W-SUN", "first", "week"), ("M", "first", "month")])
def test_weeks_and_months_give_the_laws_whose_sums_they_are(tmp_path, period, label, kind):
    """Negative binomial days: mean 2, dispersion 0.8. Weeks and months of them must give the same law of a day."""
    random, dates = np.random.default_rng(5), pd.date_range("2018-01-01", "2023-12-31")
    frames = [
        pd.DataFrame({"date": dates, "location": place, "sku": sku, "units": random.negative_binomial(
            1 / 0.8, 1 / (1 + 0.8 * 2), len(dates)), "amount": 0.0})
        for place in ("North", "Süd") for sku in ITEMS["sku"]
    ]  # fmt: skip
    sales = pd.concat(frames)
    erp = read_erp(write_export(tmp_path, sales=summed(sales, period, label)))
    calibration = calibrate(erp)
    assert (erp.bucket, calibration.record) == (kind, "sale")
    means = sales.groupby(["sku", "location"])["units"].mean()
    for cell in calibration.demand.itertuples():
        law = law_from(cell.law)
        assert_allclose(law.mean, means[cell.sku, cell.location], rtol=0.005)
        assert 0.45 < (law.variance / law.mean - 1) / law.mean < 1.2  # 0.8, from 72 months or 312 weeks
    assert calibration.days == len(dates)
    assert all(season.weekday == (1.0,) * 7 for season in calibration.seasons.values())
    assert calibration.scenario().demand.history.units.sum() == sales["units"].sum()
    assert f"weekday factors (all 1): a row covers a {kind}" in calibration.report.sections["not fitted"]


def test_orders_on_one_weekday_are_no_weeks(tmp_path):
    """Whole packs on Thursdays are a delivery day; the same dates with any sizes are weeks."""
    thursdays = shop_sales(300)[lambda rows: rows["date"].dt.day_of_week == 3]
    items = ITEMS.assign(case_pack="6")
    orders = read_erp(
        write_export(tmp_path / "orders", sales=thursdays.assign(units=thursdays["units"] * 6), items=items)
    )
    assert orders.bucket == "day" and calibrate(orders).record == "order"
    assert "sales.csv: all dates are Thursdays and sizes those of orders: a row is taken as a day; bucket=week says " \
           "otherwise" in orders.notes  # fmt: skip
    assert read_erp(write_export(tmp_path / "weeks", sales=thursdays, items=items)).bucket == "week"
    assert read_erp(tmp_path / "weeks", bucket="day").bucket == "day"


def test_tickets_without_numbers_are_seen_by_how_often_they_repeat(tmp_path):
    rows = tickets(shop_sales(60), 1).drop(columns="ticket")
    erp = read_erp(write_export(tmp_path, sales=rows))
    right = shop_sales(60).assign(date=lambda sales: sales["date"].astype("datetime64[s]"))
    assert_frame_equal(rows_of(erp), right.sort_values(KEY).reset_index(drop=True), check_dtype=False)
    assert erp.summary()[-1] == (
        "assumed: sales.csv: rows that repeat a day, location and item: 360 of 720; read as tickets and added up"
    )


def test_a_bucket_that_is_told_must_fit(tmp_path):
    write_export(tmp_path)
    weekdays = "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"
    kinds = "day, month, ticket, week, week_beginning, week_ending"
    for told, message in (
        ("week", f"sales.csv: bucket=week needs dates on one weekday; they fall on {weekdays}"),
        ("fortnight", f"bucket 'fortnight' is unknown; choose from: {kinds}"),
    ):
        assert refusal(tmp_path, bucket=told) == message
    assert read_erp(tmp_path, bucket="month").bucket == "month"  # days are added up to months


def test_observations_are_whole_buckets(tmp_path):
    weeks = summed(shop_sales(140), "W-SUN", "first")
    erp = read_erp(write_export(tmp_path / "weeks", sales=weeks))
    for days, message in ((3, "bucket_days=3: a row of sales is a week; give a multiple of 7"), (14, None)):
        if message is None:
            assert calibrate(erp, bucket_days=days).bucket_days == days
            continue
        with pytest.raises(InputError, match=message):
            calibrate(erp, bucket_days=days)
    months = read_erp(write_export(tmp_path / "months", sales=summed(shop_sales(300), "M", "last")))
    with pytest.raises(InputError, match="bucket_days=7: a row of sales is a month, so months are the observations"):
        calibrate(months, bucket_days=7)


def test_months_are_counted_from_the_last_whole_one():
    begin, end = pd.Series(pd.to_datetime(["2023-01-15", "2023-02-01"])), pd.Series(pd.to_datetime(["2023-04-30"] * 2))
    dates = pd.Series(pd.to_datetime(["2023-01-20", "2023-02-03", "2023-04-30", "2023-03-01"]))
    number, length, back = observations(begin, end, dates, np.array([0, 0, 0, 1]), "month", 30)
    assert number.tolist() == [3, 3] and back.tolist() == [3, 2, 0, 1]  # 3: outside, for January is not whole
    assert_allclose(length, (28 + 31 + 30) / 3)
