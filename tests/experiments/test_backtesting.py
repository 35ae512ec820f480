"""restock backtest as a user meets it: what it writes, what it says, and how it ends."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from exports import shop_sales, write_export

from restock.experiments.cli import main


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    monkeypatch.setattr(sys, "path", list(sys.path))


@pytest.fixture
def shop(tmp_path):
    """140 days of a small shop, from a Monday on: Poisson(2.5) everywhere."""
    conf = tmp_path / "conf" / "scenario"
    conf.mkdir(parents=True)
    text = "# @package _global_\n# A small shop.\nscenario: {kind: erp, name: shop, folder: shop, record: sale}\n"
    (conf / "shop.yaml").write_text(text, encoding="utf-8")
    write_export(tmp_path / "shop", shop_sales(140))
    return tmp_path


def backtest(*words):
    return main(["backtest", "--config-dir", "conf", "scenario=shop", "replications=20", "warm_up=28", *words])


def refused(capsys, *words):
    """The one line of an error, after checking exit code 2 and that nothing is left behind."""
    assert backtest(*words) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and not Path("runs").exists()
    return captured.err.removeprefix("restock: ").rstrip("\n")


def table(name):
    (folder,) = Path("runs").glob("*/*")
    return pd.read_csv(folder / "tables" / f"{name}.csv")


def test_it_judges_laws_and_policies_and_writes_a_run_folder(shop, capsys):
    assert backtest("policy=[buffer,just_in_time]", "weeks=5") == 0
    printed, (folder,) = capsys.readouterr().out, Path("runs").glob("*/*")
    report = (folder / "report.txt").read_text(encoding="utf-8")
    assert printed == f"{report}\nWritten to {folder}\n"
    assert report.startswith(
        "shop: laws, fitted to 2023-01-02 to 2023-04-16 (105 days), judged by the 5 weeks from 2023-04-17 to "
        "2023-05-21; 20 futures, seed 1\n"
    )
    names = ("coverage", "transform", "bands", "policies")
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert written == {"config.yaml", "run.json", "report.txt", "figures/coverage.png", "figures/weeks.png",
                       *(f"tables/{name}.{kind}" for name in names for kind in ("csv", "parquet"))}  # fmt: skip
    about = json.loads((folder / "run.json").read_text())
    assert (about["command"], about["cut"], about["weeks"], about["seed"]) == ("backtest", "2023-04-17", 5, 1)
    assert "numpy" in about["versions"] and yaml.safe_load((folder / "config.yaml").read_text())["weeks"] == 5
    assert main(["report", str(folder)]) == 0
    assert "Intervals are those of the futures predicted" in (folder / "report.html").read_text(encoding="utf-8")
    sales = shop_sales(140)
    held_out = sales[sales["date"] >= "2023-04-17"]
    coverage = table("coverage").set_index(["sum", "by", "group"])
    assert coverage.loc[("the chain, all weeks", "all", "all"), "recorded"] == held_out["units"].sum()
    assert coverage.loc[("a place's week", "place", "Hub" if "Hub" in held_out else "North"), "recorded"] == (
        held_out.loc[held_out["location"] == "North", "units"].sum() / 5
    )
    every_day = coverage.loc[("a cell's week", "all", "all")]
    assert every_day["observations"] == 30 and 0.6 < every_day["in_80"] < 1 and abs(every_day["bias_share"]) < 0.15
    assert set(table("policies")["policy"]) == {"buffer", "just_in_time"}


def test_the_same_seed_gives_the_same_tables_and_another_others(shop):
    for words in (("seed=3",), ("seed=3",), ("seed=4",)):
        assert backtest("figures=false", f"hydra.run.dir=runs/{len(list(Path('.').glob('runs/*')))}", *words) == 0
    one, two, other = (Path(f"runs/{k}/tables") for k in range(3))
    for name in ("coverage.csv", "policies.csv", "bands.csv", "transform.csv"):
        assert (one / name).read_bytes() == (two / name).read_bytes() != (other / name).read_bytes()


def test_by_default_the_last_quarter_is_held_out_and_buffer_judged(shop, capsys):
    assert backtest("figures=false") == 0
    assert "judged by the 5 weeks" in capsys.readouterr().out and set(table("policies")["policy"]) == {"buffer"}


def test_a_sample_of_customers_is_judged_as_it_was_recorded(shop, capsys):
    assert backtest("figures=false", "+scenario.sample_share=0.1") == 0
    assert "a sample of 10.0% of customers, whose own purchases are predicted" in capsys.readouterr().out
    found = table("coverage").set_index(["sum", "by", "group"]).loc[("the chain, all weeks", "all", "all")]
    assert abs(found["bias_share"]) < 0.15


def test_recorded_weeks_drawn_again_are_judged_too(shop, capsys):
    assert backtest("figures=false", "demand.source=bootstrap") == 0
    assert capsys.readouterr().out.startswith("shop: recorded weeks drawn again, fitted to")


@pytest.mark.parametrize("words, said", [
    (("weeks=40",), "weeks must be a whole number from 1 to 12: the record has 20 weeks, and 8 at least are fitted; "
                    "got 40"),
    (("weeks=0",), "weeks must be a whole number not below 1, got 0"),
    (("days=28",), "restock backtest takes no days: the weeks held out are measured: set weeks"),
    (("precision.relative=0.1",), "restock backtest takes no precision.relative: replications says how many futures "
                                  "are drawn"),
    (("replications=19",), "replications must be at least 20 for a back-test: each is a future, and intervals are "
                           "between them; got 19"),
    (("demand.source=replay",), "restock backtest with demand.source=replay predicts nothing; use fitted or bootstrap"),
    (("weeks=12", "warm_up=84"), "warm_up is 84 days, and the record has 56 before the weeks held out, which are "
                                 "played in it; take fewer"),
    (("scenario=one_store",), "restock backtest needs a record, and a scenario of kind written has none; give "
                              "scenario=grocery, or a scenario of kind erp with its scenario.folder"),
    (("scenario.folder=nowhere",), "folder 'nowhere' does not exist; an ERP export is a folder with items.csv, "
                                   "locations.csv, sales.csv"),
])  # fmt: skip
def test_what_cannot_be_judged_is_one_line(shop, capsys, words, said):
    assert refused(capsys, *words) == said


def test_a_short_record_is_refused(shop, capsys):
    write_export(Path("shop"), shop_sales(70))
    assert refused(capsys).startswith("restock backtest needs a record of at least 12 weeks; that of 'shop' has 10, ")
    said = "weeks must be a whole number from 1 to 2: the record has 10 weeks, and 8 at least are fitted; got 3"
    assert refused(capsys, "weeks=3") == said
