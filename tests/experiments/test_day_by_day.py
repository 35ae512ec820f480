"""A day in sentences: every quantity of the log is said, decisions add up, the reader goes forwards and back."""

import io
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hydra import compose, initialize_config_module

from restock.experiments.chosen import chosen_policies
from restock.experiments.cli import main
from restock.experiments.day_by_day.sentences import days_of
from restock.experiments.scenarios import build_scenario
from restock.experiments.settings import register, settings_of
from restock.sim.engines.events.engine import Run
from restock.sim.planning.prepared import Prepared

EVERYTHING = ["scenario=regional_chain", "scenario.stores=2", "scenario.items=3", "scenario.backorder_share=0.5",
              "days=56", "warm_up=14", "shrinkage.of_sales=0.05", "records.lag=1", "records.count_every=7",
              "records.sales_misscanned=0.05", "records.receipts_misscanned=0.05", "returns.share=0.1",
              "shelf_life.days=5", "transit_damage.share=0.1", *(
                  f"+supply_risk.suppliers.supplier_{k}={{outage: {{up: 9, down: 4}}, yield: {{values: [1, 0.7]}}, "
                  "fill: {values: [1, 0.5], rest: cancelled}}" for k in (1, 3))]  # fmt: skip
STORES = ["scenario=regional_chain", "scenario.stores=3", "scenario.items=3", "scenario.backorder_share=0.5", "days=56",
          "warm_up=14", "shrinkage.of_sales=0.05", "records.count_every=7", "transfers.regions=by_dc",
          "transfers.at_once=true", "transfers.overnight={low: 1, to: 2, high: 3}",
          "order_terms.minimum_value=60"]  # fmt: skip
POLICIES = ["buffer", "just_in_time", "adaptive", "reorder_point", "base_stock"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run_of(policy, words):
    register([f"policy={policy}"], [])
    with initialize_config_module(version_base="1.3", config_module="restock.conf"):
        settings = settings_of(compose("config", overrides=[f"policy={policy}", *words]))
    prepared = Prepared(build_scenario(settings))
    (made,) = chosen_policies(settings.policy).values()
    return Run(prepared, prepared.plan(made), 1, 0, log=True).run()


@pytest.mark.parametrize("policy", POLICIES)
def test_every_quantity_of_the_log_is_said_on_its_day(policy):
    all_is_said(run_of(policy, EVERYTHING))


def all_is_said(run):
    """Every quantity of the log of one item, in the sentences of its day."""
    scenario = run.prepared.scenario
    item = scenario.items[0].name
    for site in scenario.sites:
        days = {day.day + scenario.warm_up: "\n".join(day.lines()) for day in days_of(run, item, site.name)}
        assert sorted(days) == list(range(scenario.horizon))
        moved = Counter()
        for entry in run.log:
            if (entry.item, entry.site) == (item, site.name) and entry.what != "record set to":
                moved[entry.day, entry.phase, entry.what] += entry.quantity
        assert moved
        for (day, phase, what), quantity in moved.items():
            assert f"{quantity:,}" in days[day], (day, phase, what)


def test_what_stores_do_for_each_other_is_said_in_its_place():
    run = run_of("just_in_time", STORES)
    all_is_said(run)
    log = [entry for entry in run.log if entry.item == run.prepared.scenario.items[0].name]
    sent = {entry.phase: entry for entry in log if entry.what == "sent to store_02"}
    assert set(sent) == {"pooling", "balancing"}
    for phase, words in (("pooling", "Customers who found none at 'store_02' get {n} of this store."),
                         ("balancing", "Tonight 'store_02' is sent {n}.")):  # fmt: skip
        entry = sent[phase]
        days = {each.day: each for each in days_of(run, entry.item, entry.site)}
        said = {part.name: part.sentences for part in days[entry.day - 14].phases}
        n = f"{entry.quantity} unit{'s' * (entry.quantity > 1)}"
        assert words.format(n=n) in said[phase]
    pooled = [entry for entry in log if entry.phase == "pooling" and entry.quantity > 1]
    at = next(entry for entry in pooled if entry.what.startswith("sent by"))
    day = next(each for each in days_of(run, at.item, at.site) if each.day == at.day - 14)
    names = [part.name for part in day.phases]
    assert names.index("trading") < names.index("pooling") < names.index("evening")
    said = {part.name: " ".join(part.sentences) for part in day.phases}
    assert "are lost" not in said["trading"] and f" serves {at.quantity} units to customers" in said["pooling"]
    every = all_lines(run)
    assert "came from other stores." in every
    assert "comes to less money than it must: nothing is ordered." in every


def test_phantom_stock_that_was_to_leave_is_said():
    run = run_of("buffer", [*STORES, "transfers.overnight={low: 4, to: 6, high: 7}"])
    all_is_said(run)
    assert "Not there to be sent, though on record: " in all_lines(run)


def all_lines(run):
    """What is said of the first item at every site."""
    scenario = run.prepared.scenario
    return "\n".join(line for site in scenario.sites for day in days_of(run, scenario.items[0].name, site.name)
                     for line in day.lines())  # fmt: skip


def test_a_second_source_is_said():
    words = ["scenario=one_store", "days=28", "warm_up=0", "sourcing.rule=split", "sourcing.backup=nearby",
             "sourcing.share=0.5",
             "+scenario.lanes.shop.nearby={lead_time: {law: constant, value: 1}, premium: 0.2}"]  # fmt: skip
    run = run_of("buffer", words)
    all_is_said(run)
    item = run.prepared.scenario.items[0].name
    said = "\n".join(line for day in days_of(run, item, "shop") for line in day.lines())
    assert "From the second source it orders " in said


def test_a_trace_counts_transfers(capsys):
    assert main(["trace", *STORES, "policy=just_in_time", "figures=false", "site=store_02"]) == 0
    said = capsys.readouterr().out
    assert "\ntransfers: " in said and " of them to customers the same day; " in said
    log = pd.read_csv(next(Path("runs").glob("*/*/tables/events.csv")))
    assert {"pooling", "balancing"} <= {*log["phase"]} and "sent to store_02" in {*log["what"]}


def test_what_the_policy_sees_adds_up_to_its_position():
    run = run_of("buffer", EVERYTHING)
    assert run.reviews and all(
        each.view.record + each.view.on_order - each.view.backorders == each.view.inventory_position
        for each in run.reviews
    )
    ordered = [(each.day, each.site, each.item, each.ordered) for each in run.reviews if each.ordered]
    assert ordered == [(e.day, e.site, e.item, e.quantity) for e in run.log if e.what == "ordered"]


def test_the_reader_goes_forwards_and_back(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n\nb\n3\nx\n900\nq\n"))
    assert main(["day", "scenario=one_store", "policy=buffer", "days=28"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("milk at shop under buffer: replication 0, seed 1\n\nDay 0, Monday 2024-02-26\n")
    assert [line.split(",")[0] for line in said.splitlines() if line.startswith("Day ")] == [
        "Day 0", "Day 1", "Day 2", "Day 1", "Day 3", "Day 3", "Day 3",
    ]  # fmt: skip
    assert "'x' is none of these" in said and "there is no day 900: days go from -56 to 27" in said
    assert "That is not above the reorder point of 70, so it orders up to 350: 294 units." in said
    (folder,) = Path("runs").glob("*/*")
    assert (folder / "report.txt").read_text().count("\nDay ") == 84


def test_the_end_of_the_input_ends_it(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["day", "scenario=one_store", "policy=just_in_time", "item=bread", "days=7"]) == 0
    said = capsys.readouterr().out
    assert "It orders up to " in said and said.count("\nDay ") == 1


def test_a_cell_that_is_not_there_is_one_line(capsys):
    assert main(["day", "scenario=one_store", "item=tea"]) == 2
    assert capsys.readouterr().err.startswith("restock: item 'tea' is unknown; choose from: ")
