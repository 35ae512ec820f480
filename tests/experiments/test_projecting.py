"""restock project as a user meets it: what it writes, what it says, and how it ends."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest
from exports import shop_sales, write_export

from restock.experiments.cli import main
from restock.experiments.projecting import PAGE

LAST = "2023-05-21"
STOCK = f"location,sku,on_hand,date\nNorth,0042,1,{LAST}\nNorth,B-7,90,{LAST}\nSüd,0042,30,{LAST}\nHub,0042,60,{LAST}\n"
ORDERS = f"location,sku,quantity,order_date,expected_date\nNorth,0042,24,{LAST},2023-05-24\n"
SMALL = ("replications=20", "warm_up=28")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    monkeypatch.setattr(sys, "path", list(sys.path))


@pytest.fixture
def shop(tmp_path):
    """140 days of a small shop, up to a Sunday, with what is there and on order then."""
    write_export(tmp_path / "shop", shop_sales(140), stock=STOCK, open_orders=ORDERS)
    return ("scenario=export", "scenario.folder=shop", "scenario.record=sale", "replications=20")


def project(*words):
    return main(["project", *words])


def refused(capsys, *words):
    """The one line of an error, after checking exit code 2 and that nothing is left behind."""
    assert project(*words) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and not Path("runs").exists()
    return captured.err.removeprefix("restock: ").rstrip("\n")


def run_folder():
    (folder,) = Path("runs").glob("*/*")
    return folder


def table(name):
    return pd.read_csv(run_folder() / "tables" / f"{name}.csv", dtype={"item": str})


def test_from_the_state_of_an_export_it_says_what_is_at_risk_and_writes_a_run_folder(shop, capsys):
    assert project(*shop, "weeks=3") == 0
    printed, folder = capsys.readouterr().out, run_folder()
    report = (folder / "report.txt").read_text(encoding="utf-8")
    first = "export: policy 'buffer' from 2023-05-22 to 2023-06-11, 3 weeks; 20 futures, seed 1\n"
    assert report.startswith(f"{first}Today's state: the scenario's own stock and open orders.\n")
    assert printed == f"{report}\nWritten to {folder}\n" if report.count("\n") <= PAGE else report[:300] in printed
    assert "opens with " in report and "expected" in report
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    tables = {f"tables/{name}.{end}" for name in ("at_risk", "excess", "orders") for end in ("csv", "parquet", "xlsx")}
    assert written == {"config.yaml", "run.json", "report.txt", "figures/fan.png", "tables/fan.csv",
                       "tables/fan.parquet", *tables}  # fmt: skip
    about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert (about["today"], about["weeks"], about["command"]) == ("2023-05-22", 3, "project")
    risk = table("at_risk").set_index(["item", "site"])
    milk = risk.loc[("0042", "North")]
    assert milk["on_hand"] == 1 and milk["on_order"] == 24 and milk["days_to_delivery"] == 2.0
    assert milk["chance"] > 0.8 and 0 < milk["chance_low"] < milk["chance"] <= milk["chance_high"] <= 1
    assert milk["money_at_risk"] == pytest.approx(milk["lost_units"] * (1.9 - 1.25), abs=1e-3)
    excess = table("excess").set_index(["item", "site"]).loc[("B-7", "North")]
    assert 20 < excess["excess_units"] < 60 and excess["excess_money"] == pytest.approx(excess["excess_units"] * 1234.5)
    orders = table("orders")
    assert {"source", "site", "item", "class", "now", "tonight", "week_3_high"} <= set(orders)
    assert set(orders["source"]) <= {"Hub", "ACME", "BEAN"}
    fan = table("fan")
    assert fan[(fan["class"] == "all") & (fan["measure"] == "stock_at_cost")]["week"].tolist() == [0, 1, 2, 3]


def test_the_scenario_of_restock_calibrate_goes_on_from_the_same_state(shop, capsys):
    assert main(["calibrate", "shop", "record=sale", "output=mine"]) == 0
    assert project("scenario=folder", "scenario.path=mine", "replications=20", "weeks=1") == 0
    printed = capsys.readouterr().out
    assert "mine: policy 'buffer' from 2023-05-22 to 2023-05-28, 1 week; 20 futures" in printed
    assert table("at_risk").set_index(["item", "site"]).loc[("0042", "North"), "days_to_delivery"] == 2.0


def test_without_a_state_that_of_a_run_is_taken_and_said(capsys):
    assert project("scenario=one_store", "policy=reorder_point", "weeks=2", *SMALL, "figures=false") == 0
    printed = capsys.readouterr().out
    assert "one_store: policy 'reorder_point' from 2024-01-29 to 2024-02-11, 2 weeks; 20 futures, seed 1" in printed
    assert (
        "Today's state: none is recorded: that in which a run of 28 days under this policy ends (replication 0)."
        in printed
    )
    assert not (run_folder() / "figures").exists()


def test_a_record_ends_the_day_before_today(tmp_path, capsys):
    write_export(tmp_path / "shop", shop_sales(140))
    words = ("scenario=export", "scenario.folder=shop", "scenario.record=sale", *SMALL, "weeks=1", "figures=false")
    assert project(*words) == 0
    assert "from 2023-05-22 to 2023-05-28" in capsys.readouterr().out


def test_the_first_future_is_what_one_long_run_does(capsys):
    """Up to today and from there on, replication 0 is the run that would have gone on."""
    words = ("scenario=one_store", "policy=base_stock", "warm_up=28", "figures=false")
    assert project(*words, "weeks=2", "replications=20") == 0
    fan = table("fan")
    today = fan[(fan["measure"] == "stock_at_cost") & (fan["class"] == "all") & (fan["week"] == 0)]["median"].item()
    assert main(["trace", *words, "days=14", "hydra.run.dir=traced"]) == 0
    stock = pd.read_csv("traced/tables/stock.csv")
    from restock.experiments.api import load

    cost = {item.name: item.unit_cost for item in load("one_store", "policy=base_stock").scenario.items}
    evening = stock[stock["day"] == -1]
    assert today == pytest.approx((evening["on_hand"] * evening["item"].map(cost)).sum())


@pytest.mark.parametrize(("words", "message"), [
    (["days=28"], "restock project takes no days: the weeks projected are measured: set weeks"),
    (["precision.relative=0.01"], "restock project takes no precision.relative: replications says how many futures"),
    (["replications=10"], "replications must be at least 20 for a projection: each is a future, and chances are"),
    (["-m"], "restock project goes forward under one policy at a time: it goes without -m"),
    (["weeks=0"], "weeks must be a whole number not below 1, got 0"),
    (["policy=[buffer,base_stock]"], "restock project takes one policy, got 2 (buffer, base_stock)"),
    (["warm_up=0"], "restock project starts from today's state: give stock.csv with the export (docs/export.md), or a"),
    (["backtest=true"], "restock project backtest=true needs a record, and a scenario of kind written has none"),
])  # fmt: skip
def test_settings_that_a_projection_has_no_use_for_are_one_line(capsys, words, message):
    assert refused(capsys, "scenario=one_store", *words).startswith(message)


def test_a_state_takes_no_warm_up(shop, capsys):
    said = refused(capsys, *shop, "warm_up=28")
    assert said == "restock project starts from the scenario's own state: it takes no warm_up"


def test_chances_are_judged_by_the_last_weeks_of_the_record(tmp_path, capsys):
    write_export(tmp_path / "shop", shop_sales(140))
    words = ("scenario=export", "scenario.folder=shop", "scenario.record=sale", *SMALL)
    assert project(*words, "backtest=true", "weeks=4") == 0
    printed = capsys.readouterr().out
    assert printed.startswith(
        "export: chances told on 2023-04-24 for 4 weeks, laws fitted to the 112 days before; policy 'buffer', 20 fut"
    )
    assert "State at the cut: that in which the 28 recorded days before it end under this policy." in printed
    assert "Short before the next delivery\n" in printed and "Brier" in printed and "(skill " in printed
    cells, scored = table("cells"), table("scores")
    assert set(cells["event"]) == {"before_delivery", "in_all"} and len(cells) == 2 * 9
    assert set(cells["happened"]) <= {0, 1} and cells["chance"].between(0, 1).all()
    of_all = scored[scored["group"] == "all"].set_index("event")
    mine = cells[cells["event"] == "in_all"]
    assert of_all.loc["in_all", "brier"] == pytest.approx(((mine["chance"] - mine["happened"]) ** 2).mean())
    assert (run_folder() / "figures" / "reliability.png").exists()


def test_recorded_stock_is_the_state_at_the_cut(tmp_path, capsys):
    days = pd.date_range("2023-01-02", LAST).strftime("%Y-%m-%d")
    rows = [f"{place},{sku},{(7 * k) % 11},{day}\n" for k, day in enumerate(days)
            for place in ("North", "Süd") for sku in ("0042", "B-7", "crème")]  # fmt: skip
    write_export(tmp_path / "shop", shop_sales(140), stock="location,sku,on_hand,date\n" + "".join(rows))
    words = ("scenario=export", "scenario.folder=shop", "scenario.record=sale", "replications=20", "figures=false")
    assert project(*words, "backtest=true", "weeks=4") == 0
    assert "State at the cut: recorded stock and open orders." in capsys.readouterr().out
