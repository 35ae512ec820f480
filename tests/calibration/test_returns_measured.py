"""Returns that the record shows are carried into the scenario: their share, by category, and their lag."""

import numpy as np
import pandas as pd
import pytest
from hydra import compose, initialize_config_module

from restock.experiments import settings as of_settings
from restock.experiments.scenarios import build_scenario
from restock.sim.calibration.calibrate import calibrate, write_scenario_folder
from restock.sim.calibration.export import read_erp
from restock.sim.model.scenario_folder import read_scenario

FIRST = pd.Timestamp("2023-01-02")


def export(folder, rows, categories, bucket=1):
    """Rows are (day, sku, units, returned), all at one shop."""
    table = pd.DataFrame(rows, columns=["date", "sku", "units", "returned"]).assign(location="East")
    table["date"] = FIRST + pd.to_timedelta(table["date"] * bucket, unit="D")
    table.to_csv(folder / "sales.csv", index=False)
    items = pd.DataFrame({"sku": list(categories), "category": list(categories.values()), "supplier": "V"})
    items.assign(unit_cost=1.0, unit_price=2.0).to_csv(folder / "items.csv", index=False)
    pd.DataFrame({"location": ["East", "V"], "kind": ["store", "supplier"]}).to_csv(
        folder / "locations.csv", index=False
    )
    return read_erp(folder)


def slow_sellers(lag, items=12):
    """Each item sells ten every 60 days, of which four come back after so many days; milk sells daily."""
    rows = [(day, "milk", 5, 0) for day in range(364)]
    for k in range(items):
        for day in range(k, 300, 60):
            rows += [(day, f"coat{k}", 10, 0), (day + lag, f"coat{k}", 0, 4)]
    return rows, {"milk": "food"} | {f"coat{k}": "clothes" for k in range(items)}


@pytest.mark.parametrize("lag", [3, 21])
def test_the_share_and_the_lag_of_returns_are_those_of_the_record(tmp_path, lag):
    found = calibrate(export(tmp_path, *slow_sellers(lag)), record="sale")
    returns = found.scenario().feature("returns")
    assert returns.by_category == {"clothes": 0.4} and returns.share == 0
    assert returns.lag.moments == (pytest.approx(lag), pytest.approx(0))
    assert any("returns: 9.9% of units come back" in line for line in found.report.sections["fitted"]), found.report
    write_scenario_folder(found, tmp_path / "out")
    again = read_scenario(tmp_path / "out").feature("returns")
    assert (again.by_category, again.lag.moments) == (returns.by_category, returns.lag.moments)


def test_a_lag_that_the_record_does_not_show_is_assumed_and_said(tmp_path):
    random = np.random.default_rng(1)
    rows = [(day, "milk", 5 + int(random.integers(3)), int(day % 9 == 0)) for day in range(364)]
    found = calibrate(export(tmp_path, rows, {"milk": "food"}), record="sale")
    returns = found.scenario().feature("returns")
    assert returns.share == pytest.approx(41 / sum(row[2] for row in rows), abs=1e-4)
    assert returns.lag.moments[0] == 7
    assert any(
        "returns come back after 7 days: the record does not show" in x for x in found.report.sections["assumed"]
    )


def test_a_cancelled_order_and_a_handful_of_units_are_no_returns(tmp_path):
    rows = [(day, "milk", 6, 0) for day in range(364) if day != 100]
    rows += [(100, "milk", 5_000, 0), (364, "milk", 1, 1), (110, "milk", 0, 5_000)]
    rows = [row for row in rows if row != (110, "milk", 6, 0)]
    found = calibrate(export(tmp_path, rows, {"milk": "food"}), record="sale")
    assert found.returns == {} and found.scenario().feature("returns").share == 0
    assert any("returns: 0.05% of units came back, too few" in x for x in found.report.sections["not simulated"])


def test_a_run_of_the_export_has_its_returns_unless_told(tmp_path):
    export(tmp_path, *slow_sellers(3))

    def returns(*words):
        told = ["scenario=export", f"scenario.folder={tmp_path}", *words]
        of_settings.register(told)
        with initialize_config_module(version_base="1.3", config_module="restock.conf"):
            return build_scenario(of_settings.settings_of(compose("config", overrides=told))).feature("returns")

    assert returns().by_category == {"clothes": 0.4} and returns().lag.moments[0] == 3
    assert returns("returns.share=0.1", "+returns.by_category.food=0.2").by_category == {"food": 0.2}
