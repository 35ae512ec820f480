"""Fitted demand against the record: the total is right, and what a step leaves out is said in units and in money."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from restock.experiments import data_commands
from restock.sim.calibration.calibrate import calibrate
from restock.sim.calibration.export import read_erp
from restock.sim.calibration.fit_account import REASONS
from restock.sim.calibration.reading.faults import count_faults
from restock.sim.probability.laws import law_from

SECTION = "fitted against recorded"
FIRST = pd.Timestamp("2023-01-02")


def write(folder, cells, items=(), locations=(), pack=None):
    """Cells are (sku, place) to units by day number; a unit of the k-th item costs k and sells at 2 k."""
    rows = [
        (FIRST + pd.Timedelta(days=int(day)), place, sku, units)
        for (sku, place), sold in cells.items()
        for day, units in sold.items()
    ]
    folder.mkdir(exist_ok=True)
    pd.DataFrame(rows, columns=["date", "location", "sku", "units"]).to_csv(folder / "sales.csv", index=False)
    skus, places = (list(dict.fromkeys(key[k] for key in cells)) for k in (0, 1))
    cost = np.arange(1.0, len(skus) + 1)
    base = {"sku": skus, "supplier": "V", "unit_cost": cost, "unit_price": 2 * cost, "case_pack": pack}
    pd.DataFrame(base | dict(items)).to_csv(folder / "items.csv", index=False)
    table = {"location": [*places, "V"], "kind": ["store"] * len(places) + ["supplier"]}
    pd.DataFrame(table | dict(locations)).to_csv(folder / "locations.csv", index=False)
    return folder


def every(step, days, units, first=0):
    return dict.fromkeys(range(first, days, step), units)


def balance(calibration, by):
    table = calibration.fitted_against_recorded
    return table[table["by"] == by].set_index("name")


def test_days_before_the_first_whole_bucket_count_in_the_mean(tmp_path):
    """400 days are 14 buckets of 28 and 8 days before them, on which all of the tea was ordered."""
    cells = {("milk", "East"): every(7, 400, 12), ("tea", "East"): {0: 24, 7: 12}}
    found = calibrate(read_erp(write(tmp_path, cells, pack=12)), record="order")
    laws = found.demand.set_index("sku")["law"].map(law_from)
    assert laws["tea"].mean * 400 == pytest.approx(36, rel=0.01)
    assert laws["milk"].mean * 400 == pytest.approx(58 * 12, rel=0.01)
    assert found.demand.set_index("sku")["days"].tolist() == [14, 14]  # observations of the spread
    assert balance(found, "place").loc["East", "difference"] == pytest.approx(0, abs=5)
    assert any("rows before the first whole bucket of 28 days: 4, 60 units (8.2%) and 192 in money (12.5%); the mean "
               "counts them" in line for line in found.report.sections["not fitted"])  # fmt: skip


def lossy(folder):
    """A giant day of wine at East, West closed for its last year by declaration, and tea that is counted in tens."""
    wine = every(2, 400, 3) | {120: 600}
    cells = {
        ("milk", "East"): every(1, 400, 5),
        ("wine", "East"): wine,
        ("milk", "West"): every(1, 400, 5),
        ("tea", "East"): every(100, 400, 64, 7),
    }
    ends = {"from": ["", "", ""], "to": ["", "2023-11-07", ""]}
    return write(folder, cells, {"counted_in": ["", "", "10"]}, ends)


def test_each_unit_between_the_record_and_the_fit_has_a_reason(tmp_path):
    found = calibrate(read_erp(lossy(tmp_path)), record="sale")
    table = found.fitted_against_recorded
    recorded = 400 * 5 * 2 + 199 * 3 + 600 + 4 * 64
    for _, part in table.groupby("by"):
        assert part["recorded"].sum() == recorded
        assert part["fitted"].sum() - recorded == pytest.approx(part[list(REASONS)].to_numpy().sum())
    items = balance(found, "item")
    assert items.loc["wine", "outliers"] == -597 and items.loc["wine", "reason"] == REASONS["outliers"]
    assert items.loc["tea", "counting"] == 4  # 256 are 26 tens
    assert items.loc["wine", "money"] == pytest.approx(4 * items.loc["wine", "difference"])
    west = balance(found, "place").loc["West"]
    assert west["outside"] == -90 * 5 and west["reason"] == REASONS["outside"]
    assert west["not_simulated"] == pytest.approx(310 * 5)
    lines = "\n".join(found.report.sections[SECTION])
    assert re.search(r"places beyond 5%: 2 of 2: East \(-\d+\.\d%: giant .*\); West \(-22\.5%: rows outside", lines)
    assert "cells that differ most, by money: wine at East (-597 units, -2,388 in money: giant days" in lines
    assert "rows outside declared dates: -450 units (-8.3%) and -900 in money (-6.3%), cells: 1" in lines


def test_what_is_left_out_is_said_in_money_beside_units(tmp_path):
    found = calibrate(read_erp(lossy(tmp_path)), record="sale")
    dropped = "\n".join(found.report.sections["dropped"])
    assert "1, capped at it (outliers=cap); beyond it 597 units (10.9%) and 2,388 in money (16.7%): wine" in dropped
    assert "outside declared dates: 90, 450 units (8.3%) and 900 in money (6.3%)" in dropped
    assert "1, 1,550 units (28.4%) and 3,100 in money (21.6%)" in "\n".join(found.report.sections["not simulated"])


def test_faulty_rows_are_counted_with_their_units_and_money(tmp_path):
    folder = write(tmp_path, {("milk", "East"): every(1, 60, 5)})
    with (folder / "sales.csv").open("a", encoding="utf-8") as file:
        file.write("2023-01-02,East,lost,7\n2023-01-03,East,lost,8\n2023-02-31,East,milk,4\n")
    lines = count_faults(read_erp(folder, on_fault="drop").faults)
    assert any("has no good row in items.csv (given 'lost'); 2 such rows with 15 units" in line for line in lines)
    assert any("(given '2023-02-31'); it has 4 units and 8 in money" in line for line in lines)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.integers(120, 500), bucket=st.sampled_from([1, 7, 28]), record=st.sampled_from(["sale", "order"]),
    starts=st.lists(st.integers(0, 300), min_size=2, max_size=4), seed=st.integers(0, 99),
)  # fmt: skip
def test_fitted_totals_are_those_of_the_record(tmp_path_factory, days, bucket, record, starts, seed):
    random = np.random.default_rng(seed)
    cells = {}
    for k, start in enumerate(starts):
        on = range(min(start, days - 60), days)
        cells[f"item{k % 2}", f"shop{k}"] = {d: int(n) for d, n in zip(on, random.poisson(3, len(on)), strict=True)}
    cells["item0", "shop0"] = every(1, days, 4)
    folder = write(tmp_path_factory.mktemp("export"), cells)
    found = calibrate(read_erp(folder), record=record, bucket_days=bucket)
    assert (balance(found, "place")["share"].abs() < 0.01).all()
    assert found.demand["fitted_units"].sum() == pytest.approx(found.demand["recorded_units"].sum(), rel=0.006)


def test_shares_are_of_true_units_whatever_an_item_is_counted_in(tmp_path):
    cells = {("pin", "East"): every(1, 200, 1000), ("oil", "East"): every(1, 100, 10)}
    items = {"counted_in": ["1000", ""], "to": ["", "2023-04-11"]}
    found = calibrate(read_erp(write(tmp_path, cells, items)), record="sale")
    assert "1, 1,000 units (0.5%)" in "\n".join(found.report.sections["not simulated"])


def test_the_command_writes_the_table_and_the_figure(tmp_path, capsys):
    folder, output = lossy(tmp_path / "shop"), tmp_path / "out"
    data_commands.calibrate([str(folder), f"output={output}", "record=sale"])
    table = pd.read_csv(output / "fitted_against_recorded.csv")
    assert table.groupby("by")["recorded"].sum().tolist() == [5453, 5453]
    assert (output / "fitted_against_recorded.png").stat().st_size > 10_000
    assert f"{SECTION}:\n" in capsys.readouterr().out
    assert f"## {SECTION.capitalize()}" in (output / "report.md").read_text(encoding="utf-8")
