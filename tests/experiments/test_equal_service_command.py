"""`restock compare` at equal service: what it prints and writes, what leaves it out, and what is refused."""

import re
from pathlib import Path

import pandas as pd
import pytest

import restock
from restock.experiments.chosen import chosen_policies, points_along
from restock.experiments.cli import main
from restock.sim.engines.ledgers import features_of
from restock.sim.errors import InputError

SMALL = ["scenario=one_store", "replications=4", "service.replications=4", "days=56", "warm_up=0"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def compared(capsys, *words):
    assert main(["compare", *SMALL, "hydra.run.dir=out", *words]) == 0
    return capsys.readouterr().out


def test_compare_says_who_is_better_at_equal_service_and_writes_curves(capsys, own_folder):
    printed = compared(capsys, "service.fill_rates=[0.985]")
    first = printed.index("At equal service")
    assert first < printed.index("As they are set:") and "98.5% served at once: '" in printed
    table = pd.read_csv("out/tables/equal_service.csv")
    assert set(table["fill_rate"]) == {0.985} and (table["verdict"] == "cheapest").sum() == 1
    rates = table[table["measure"] == "fill_rate"]["estimate"]
    assert rates.to_list() == [0.985] * len(rates)
    curves = pd.read_csv("out/tables/curves.csv")
    moving = {"just_in_time_with_cover", "buffer", "abc_tiered"}  # a policy without along is a point
    assert set(curves["policy"]) == moving
    moved = curves[(curves["policy"] == "buffer") & (curves["measure"] == "fill_rate")]["estimate"]
    assert moved.is_monotonic_increasing and len(moved) == 7
    figures = {path.name for path in (own_folder / "out" / "figures").iterdir()}
    assert {"tradeoff_curves.png", "cost_at_equal_service.png"} <= figures


def test_a_points_run_is_the_run_of_that_setting(capsys):
    compared(capsys, "service.fill_rates=[0.985]", "figures=false")
    curves = pd.read_csv("out/tables/curves.csv")
    there = curves[(curves["policy"] == "buffer") & (curves["setting"] == "target 0.8")].set_index("measure")[
        "estimate"
    ]
    words = ["policy=buffer", "policy.buffer.target=0.8", "hydra.run.dir=alone", "figures=false"]
    assert main(["run", *SMALL, *words]) == 0
    alone = pd.read_csv("alone/tables/chain.csv").set_index("measure")["estimate"]
    pd.testing.assert_series_equal(there, alone[there.index], check_names=False)


@pytest.mark.parametrize("words", [["service.fill_rates=[]"], ["policy=[buffer,base_stock]", "policy.buffer.along=null",
                                                           "policy.base_stock.along=null"]])  # fmt: skip
def test_policies_only_as_they_are_set(capsys, own_folder, words):
    printed = compared(capsys, "figures=false", *words)
    assert "At equal service" not in printed
    assert not (own_folder / "out" / "tables" / "equal_service.csv").exists()


def test_a_sweep_leaves_it_out(own_folder):
    words = ["figures=false", "service.fill_rates=[0.985]", "demand.cv_factor=1,1.5", "hydra.sweep.dir=swept"]
    assert main(["compare", "-m", *SMALL, "policy=[buffer,base_stock]", *words]) == 0
    assert (own_folder / "swept" / "results.csv").exists()
    assert not list(own_folder.glob("swept/*/tables/equal_service.csv"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["service.fill_rates=[1.2]"], "service.fill_rates must be fill rates between 0 and 1, got 1.2"),
        (["service.fill_rates=[0.97,0.95]"], "service.fill_rates must grow, got [0.97, 0.95]"),
        (["service.replications=0"], "service.replications must be a whole number from 1 to 100000000, got 0"),
        (["policy.buffer.along=[{target:0.5}]"], "policy.buffer.along must be two or more values of a setting"),
        (["policy.buffer.along=[0.5,0.9]"], "policy.buffer.along must be two or more values of a setting"),
        (["policy.buffer.along=[{target:0.5},{target:1.5}]"],
         "policy.buffer: target must lie between 0 and 1, got 1.5 (value 2 of policy.buffer.along)"),
        (["policy.buffer.along=[{target:0.5},{order_days:3}]"],
         "policy.buffer.along: every value moves the same settings (target), value 2 moves order_days"),
        (["policy.abc_tiered.along=[{tiers.D.target:0.5},{tiers.D.target:0.9}]"],
         "setting 'D' of policy.abc_tiered.along.tiers.D.target is unknown; choose from: A, B, C"),
        (["policy.buffer.along=[{tarket:0.5},{tarket:0.9}]"], "setting 'tarket' of policy.buffer is unknown; did you"),
        (["policy.just_in_time_with_cover.at_dcs.name=bufer"],
         "policy.just_in_time_with_cover: policy 'bufer' is unknown; did you mean"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_line(capsys, own_folder, words, message):
    assert main(["compare", *SMALL, *words]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert message in said.err, said.err
    assert not list(own_folder.iterdir())


def test_set_up_compiles_the_kernel_that_the_main_job_takes():
    study = restock.load("grocery", replications=1)
    taken = features_of(study.prepared.world, study.prepared.plan(study.policies["buffer"]))
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    (words,) = re.findall(r"-m restock\.sim\.run\.warm(.*)", makefile)
    assert set(words.split()) == set(taken)


def test_settings_that_move_together_are_as_given():
    settings = {"abc": {"name": "abc_tiered",
                        "tiers": {"A": {"name": "buffer", "target": 0.9}, "other": {"name": "buffer"}},
                        "along": [{"tiers.A.target": 0.5, "tiers.other.order_days": 3.0},
                                  {"tiers.A.target": 0.6, "tiers.other.order_days": 4.0}]}}  # fmt: skip
    one, two = points_along(settings)["abc"]
    assert two.words == "tiers.A.target 0.6, tiers.other.order_days 4"
    assert (two.policy.tiers["A"]["target"], two.policy.tiers["other"]["order_days"]) == (0.6, 4.0)
    assert one.policy.tiers["A"]["target"] == 0.5 and chosen_policies(settings)["abc"].tiers["A"]["target"] == 0.9


def test_an_unknown_setting_beside_along_names_it():
    with pytest.raises(InputError, match="choose from: along, measure, order_days, review_period, target"):
        chosen_policies({"buffer": {"name": "buffer", "zzz": 1}})


def test_what_is_moved_is_read_before_anything_is_simulated(capsys, monkeypatch):
    monkeypatch.setattr("restock.experiments.jobs.simulated", lambda *given: pytest.fail("this takes minutes"))
    assert main(["compare", *SMALL, "policy.buffer.along=[{target:0.5},{target:1.5}]"]) == 2
    assert "target must lie between 0 and 1, got 1.5" in capsys.readouterr().err
