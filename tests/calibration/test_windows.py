"""When places traded and items were sold: strong evidence, declared dates or the whole record."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from restock.sim.calibration.calibrate import calibrate
from restock.sim.calibration.export import read_erp
from restock.sim.calibration.seasons import days_of_evidence
from restock.sim.calibration.windows import LEAST_DAYS, LEAST_WINDOW, Window, window_of
from restock.sim.errors import InputError

DAYS = 728
FIRST = pd.Timestamp("2022-01-03")


def export(folder, cells, items=(), locations=(), days=DAYS):
    """Cells are (sku, place) to the days on which five units are sold; East sells milk every day."""
    cells = {("milk", "East"): range(days), **cells}
    rows = [(FIRST + pd.Timedelta(days=int(d)), place, sku, 5) for (sku, place), on in cells.items() for d in on]
    pd.DataFrame(rows, columns=["date", "location", "sku", "units"]).to_csv(folder / "sales.csv", index=False)
    skus, places = (list(dict.fromkeys(key[k] for key in cells)) for k in (0, 1))
    pd.DataFrame({"sku": skus, "supplier": "V"} | dict(items)).to_csv(folder / "items.csv", index=False)
    table = {"location": [*places, "V"], "kind": ["store"] * len(places) + ["supplier"]} | dict(locations)
    pd.DataFrame(table).to_csv(folder / "locations.csv", index=False)
    return read_erp(folder)


def fitted(calibration, sku, place):
    return calibration.demand.set_index(["sku", "location"]).loc[sku, place]


def lines(calibration, section="assumed"):
    return "\n".join(calibration.report.sections[section])


def test_a_place_with_one_order_sells_what_it_bought_over_the_record(tmp_path):
    found = calibrate(export(tmp_path, {("milk", "Kiosk"): [200]}), record="sale")
    row = fitted(found, "milk", "Kiosk")
    assert (row["days"], row["sale_days"]) == (DAYS, 1)
    assert row["mean"] == pytest.approx(5 / DAYS)
    assert "places with rows on fewer than 8 days" in lines(found) and "Kiosk" in lines(found)
    assert found.seasons["Kiosk"] == found.seasons["East"]


@pytest.mark.parametrize(
    ("days", "first", "last", "words", "simulated"),
    [
        (range(400, DAYS), 400, DAYS - 1, "places new inside the record", True),
        (range(300), 0, 299, "places that ended inside the record", False),
        (range(100, 600, 7), 100, 597, "places that ended inside the record", False),
        ([*range(300), *range(360, DAYS)], 0, DAYS - 1, "taken as shut then", True),
    ],
)
def test_places_that_open_close_and_shut_are_told_apart(tmp_path, days, first, last, words, simulated):
    found = calibrate(export(tmp_path, {("milk", "Late"): days}), record="sale")
    row = fitted(found, "milk", "Late")
    assert row["from"] == str((FIRST + pd.Timedelta(days=first)).date())
    assert row["to"] == str((FIRST + pd.Timedelta(days=last)).date())
    assert row["mean"] * row["days"] == 5 * len(days)
    assert row["simulated"] == simulated == ("Late" in {site.name for site in found.sites})
    assert any(words in line and "Late" in line for line in found.report.sections["assumed"])
    found.scenario()


def test_a_place_that_shut_is_counted_on_its_open_days(tmp_path):
    days = [*range(300), *range(360, DAYS)]
    found = calibrate(export(tmp_path, {("milk", "Shut"): days}), record="sale")
    assert fitted(found, "milk", "Shut")["days"] == DAYS - 60
    assert fitted(found, "milk", "Shut")["mean"] == 5
    assert "Shut (2022-10-30 to 2022-12-28)" in lines(found)
    in_weeks = calibrate(read_erp(tmp_path), record="sale", bucket_days=7)
    assert fitted(in_weeks, "milk", "Shut")["mean"] == pytest.approx(35)


@pytest.mark.parametrize(
    "days",
    [
        [d for d in range(DAYS) if 120 <= d % 364 < 250],  # each summer
        [d for d in range(DAYS) if not 120 <= d % 364 < 250],  # each winter
        range(330, 358),  # a Christmas market
        [3, 4, 5],
        range(0, DAYS, 60),
    ],
)
@pytest.mark.parametrize("by", ["place", "item"])
def test_seasons_and_handfuls_are_counted_over_the_whole_record(tmp_path, days, by):
    key = ("milk", "Beach") if by == "place" else ("ice", "East")
    found = calibrate(export(tmp_path, {key: days}), record="sale")
    row = fitted(found, *key)
    assert row["days"] == DAYS and row["simulated"]
    assert row["mean"] == pytest.approx(5 * len(days) / DAYS)


def test_new_and_discontinued_items_are_told_apart(tmp_path):
    cells = {("new", "East"): range(500, DAYS, 2), ("old", "East"): range(0, 400, 2)}
    found = calibrate(export(tmp_path, cells), record="sale")
    assert fitted(found, "new", "East")["mean"] == pytest.approx(2.5, rel=0.01)
    assert fitted(found, "old", "East")["mean"] == pytest.approx(2.5, rel=0.01)
    assert {item.name for item in found.items} == {"milk", "new"}
    assert "1, 1,000 units (19.2%); the scenario is the network as it stands at the end" in "".join(
        found.report.sections["not simulated"]
    )
    kept = calibrate(read_erp(tmp_path), record="sale", ended="keep")
    assert {item.name for item in kept.items} == {"milk", "new", "old"}


@pytest.mark.parametrize(("step", "new"), [(1, True), (3, False)])
def test_in_a_year_only_an_item_that_sells_steadily_is_new(tmp_path, step, new):
    days = range(240, 364, step)
    found = calibrate(export(tmp_path, {("new", "East"): days}, days=364), record="sale")
    assert fitted(found, "new", "East")["days"] == (124 if new else 364)


def test_declared_dates_win(tmp_path):
    ends = {"from": ["", "2023-12-04", ""], "to": ["", "", ""]}
    cells = {("milk", "Kiosk"): range(700, 728, 2)}
    found = calibrate(export(tmp_path, cells, locations=ends), record="sale")
    assert fitted(found, "milk", "Kiosk")["mean"] == 2.5
    assert "places with declared dates: observed between them: 1" in lines(found, "read")
    ends = {"from": ["", "2022-01-01"], "to": ["", "2023-01-01"]}
    found = calibrate(export(tmp_path, {("old", "East"): range(0, DAYS, 90)}, items=ends), record="sale")
    assert fitted(found, "old", "East")["days"] == 364
    assert not fitted(found, "old", "East")["simulated"]
    assert "rows of demand outside declared dates: 4, 20 units (0.5%)" in lines(found, "dropped")


def test_a_date_of_the_far_future_means_no_end(tmp_path):
    ends = {"to": ["9999-12-31", "9999-12-31", ""], "from": ["1900-01-01", "1900-01-01", ""]}
    found = calibrate(export(tmp_path, {("milk", "West"): range(0, DAYS, 2)}, locations=ends), record="sale")
    assert fitted(found, "milk", "West")["days"] == DAYS and fitted(found, "milk", "West")["simulated"]


def test_an_end_before_the_beginning_is_refused(tmp_path):
    erp = export(tmp_path, {}, locations={"from": ["2023-05-01", ""], "to": ["2023-04-01", ""]})
    with pytest.raises(InputError, match="location 'East': its date in 'to' lies before that in 'from'"):
        calibrate(erp, record="sale")


def test_replay_has_the_places_that_are_simulated(tmp_path):
    found = calibrate(export(tmp_path, {("milk", "Gone"): range(300)}), record="sale")
    history = found.scenario().demand.history
    assert history.units.sum() == 5 * DAYS


@given(st.sets(st.integers(0, 399), min_size=1), st.integers(400, 800), st.sampled_from([28, 56]))
def test_no_window_rests_on_a_handful_and_none_cuts_a_row_off(days, length, least):
    days = np.array(sorted(days))
    window = window_of(days, length, least)
    opened = window.open(length)
    assert opened[days].all()
    assert opened.sum() >= LEAST_WINDOW and 0 <= window.first <= window.last < length
    if len(days) < LEAST_DAYS:
        assert opened.all()


@given(st.integers(1, 6), st.integers(100, 250), st.integers(0, 3))
def test_ordinary_pauses_leave_the_whole_record(pause, number, seed):
    gaps = np.random.default_rng(seed).integers(1, pause + 2, number)
    days = np.cumsum(gaps) - gaps[0]
    assert window_of(days, int(days[-1]) + 1, 28) == Window(0, int(days[-1]))


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50))
def test_days_of_evidence_are_days_not_units(units):
    found = float(days_of_evidence(np.array(units, float)))
    sold = np.count_nonzero(units)
    assert (found == 0) == (sold == 0)
    assert found <= sold + 1e-9
