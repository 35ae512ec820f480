"""A company's forecasts as a user meets them: the page's own lines, word for word, on a small shop."""

import re
import sys
from pathlib import Path

import pandas as pd
import pytest
from exports import shop_sales, write_export

from restock.experiments.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "forecasts.md").read_text(encoding="utf-8")
WORDS = [
    "policy=[predictive,predictive_from_file]",
    "policy.predictive_from_file.file=forecasts.csv",
    "baseline=predictive",
]
SHOP = ["scenario=export", "scenario.folder=shop", "scenario.record=sale", "warm_up=63", "days=70", "replications=2",
        "figures=false"]  # fmt: skip
FEW = ["service.replications=2", "policy.predictive.along=[{target: 0.5}, {target: 0.95}]",
       "policy.predictive_from_file.along=[{target: 0.5}, {target: 0.95}]"]  # fmt: skip


@pytest.fixture(autouse=True)
def shop(tmp_path, monkeypatch):
    """20 weeks of a small shop, and the file that the page's script makes of its sales."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    write_export(tmp_path / "shop", shop_sales(140))
    script = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
    script = script.replace("conf/data/grocery/sales.csv.gz", "shop/sales.csv").replace("sold / 0.05", "sold")
    exec(compile(script, "docs/forecasts.md", "exec"), {})


@pytest.mark.parametrize("source", ["fitted", "replay"])
def test_the_command_of_the_page_compares_them_in_money(source, capsys):
    assert all(word in PAGE for word in WORDS)
    assert main(["compare", *SHOP, *WORDS, *FEW, f"demand.source={source}", "hydra.run.dir=run"]) == 0
    said = capsys.readouterr().out
    assert "predictive_from_file" in said and "less 'predictive'" in said and "At equal service" in said
    assert "- policy predictive_from_file: forecasts.csv: the spread is that of the errors met in the run" in said
    chain = pd.read_csv("run/tables/chain.csv").set_index(["policy", "measure"])["estimate"]
    for measure in ("forecast_bias", "forecast_mase", "total_cost"):
        of = [chain[policy, measure] for policy in ("predictive", "predictive_from_file")]
        assert of[0] != of[1] and pd.notna(of).all()
    different = pd.read_csv("run/tables/differences.csv")
    assert set(different["policy"]) == {"predictive_from_file"} and (different["baseline"] == "predictive").all()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "policy.predictive_from_file.file must be given: policy.predictive_from_file.file=..."),
        (["policy.predictive_from_file.file=none.csv"],
         "policy.predictive_from_file.file: 'none.csv' cannot be read: No such file or directory"),
        ([WORDS[1], "days=99"], "forecasts.csv: 6 cells have forecasts to 2023-05-28 only, and the run goes on to "
                                "2023-06-12; days=84 ends with them; the first of them: item '0042' at site 'North'"),
        ([WORDS[1], "warm_up=7"], "forecasts.csv: 6 cells have no forecast at hand on 2023-01-09, the first day "
                                  "measured; the earliest is on 2023-02-26; the first of them: item '0042' at site "
                                  "'North'"),
        ([WORDS[1], "policy.predictive_from_file.model=ETS"],
         "model 'ETS' in forecasts.csv is unknown; choose from: mean"),
    ],
)  # fmt: skip
def test_what_will_not_do_is_one_line_and_nothing_is_written(words, message, capsys):
    assert main(["run", *SHOP, "policy=predictive_from_file", *words]) == 2
    captured = capsys.readouterr()
    assert captured.err == f"restock: {message}\n" and captured.out == "" and not Path("runs").exists()


def test_a_trace_draws_stock_and_no_forecasts_beside_it(capsys):
    words = ["policy=predictive_from_file", WORDS[1], "item=B-7", "site=North", "hydra.run.dir=trace"]
    assert main(["trace", *SHOP, *words]) == 0
    said = capsys.readouterr().out
    assert "drawn: item 'B-7' at site 'North'\n" in said and "ledger is equal to the one of the compiled engine" in said
