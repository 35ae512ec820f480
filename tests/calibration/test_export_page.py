"""docs/export.md is true: its example runs as it says, and it names every column, setting and layout."""

import inspect
import re
from pathlib import Path

from restock.experiments.cli import main
from restock.sim.calibration.export import read_erp
from restock.sim.calibration.reading.declared import BUCKETS
from restock.sim.calibration.reading.form import NEEDED, OPTIONAL
from restock.sim.calibration.reading.layouts.catalogue import LAYOUTS
from restock.sim.model.scenario_folder import read_scenario

PAGE = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")


def test_the_example_runs_as_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    blocks = dict(re.findall(r"`shop/(\w+\.csv)`[^\n]*\n```\n(.*?)```", PAGE, re.S))
    assert sorted(blocks) == ["items.csv", "locations.csv", "open_orders.csv", "sales.csv", "stock.csv"]
    for name in ("items.csv", "locations.csv", "sales.csv"):
        (tmp_path / "shop" / name).write_text(blocks[name], encoding="utf-8")
    (command,) = re.findall(r'```\nrestock (calibrate shop) "(.*?)"\n```', PAGE)
    assert main([*command[0].split(), command[1]]) == 0
    (report,) = re.findall(r"The report begins:\n```\n(.*?)```", PAGE, re.S)
    printed = capsys.readouterr().out
    assert printed.startswith(report)
    assert "restock compare scenario=folder scenario.path=shop_scenario" in PAGE and "path=shop_scenario" in printed
    scenario = read_scenario("shop_scenario")
    assert [(item.name, item.unit_cost) for item in scenario.items] == [("0042", 1.2)]
    assert scenario.demand.history.units.sum() == 280 and scenario.opening is None
    for name in ("open_orders.csv", "stock.csv"):
        (tmp_path / "shop" / name).write_text(blocks[name], encoding="utf-8")
    assert main([*command[0].split(), command[1], "output=with_state"]) == 0
    (lines,) = re.findall(r"The same command then reports, among others:\n```\n(.*?)```", PAGE, re.S)
    printed = capsys.readouterr().out
    assert all(line in printed.splitlines() for line in lines.splitlines())
    opening = read_scenario("with_state").opening
    assert opening.on_hand.sum() == 71 and opening.open_orders["quantity"].tolist() == [48]


def test_every_column_setting_bucket_and_layout_is_named():
    for table in NEEDED:
        for column in NEEDED[table] + OPTIONAL[table]:
            assert f"`{column}`" in PAGE, (table, column)
    for setting in inspect.signature(read_erp).parameters:
        assert setting in ("folder", "progress") or setting in PAGE, setting
    for name in (*LAYOUTS, *BUCKETS):
        assert f"`{name}`" in PAGE, name
