"""Sweeps keep what finished, run only what is missing, and end with one table."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from restock.experiments.cli import main

ROOT = Path(__file__).parents[2]
SMALL = ["scenario=one_store", "replications=3", "days=14", "warm_up=0"]
AXES = ["policy=just_in_time,buffer", "demand.cv_factor=0.5,1"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    monkeypatch.setattr(sys, "path", list(sys.path))


def sweep(*words):
    return main(["run", "-m", *SMALL, "hydra.sweep.dir=swept", *words])


def times():
    return {path.parent.name: path.stat().st_mtime_ns for path in Path("swept").glob("*/row.json")}


def test_a_sweep_ends_with_one_table_and_a_figure(capsys):
    assert sweep(*AXES) == 0
    table = pd.read_csv("swept/results.csv").drop(columns="error")
    assert table["job"].tolist() == [0, 1, 2, 3]
    assert table["policy"].tolist() == ["just_in_time"] * 2 + ["buffer"] * 2
    assert table["demand.cv_factor"].tolist() == [0.5, 1, 0.5, 1]
    assert set(table["status"]) == {"done"} and set(table["scenario"]) == {"one_store"}
    assert (table["fill_rate_low"] <= table["fill_rate"]).all()
    assert (table["fill_rate"] <= table["fill_rate_high"]).all()
    whole = pd.read_parquet("swept/results.parquet").drop(columns="error")
    pd.testing.assert_frame_equal(table, whole, check_dtype=False)
    assert Path("swept/sweep_fill_rate.png").exists()
    alone = Path("swept/2/tables/chain.csv")
    assert pd.read_csv(alone).query("measure == 'fill_rate'")["estimate"].item() == table["fill_rate"][2]
    Path("swept/results.csv").unlink()
    assert main(["collect", "swept"]) == 0
    pd.testing.assert_frame_equal(table, pd.read_csv("swept/results.csv").drop(columns="error"), check_dtype=False)
    assert "fill rate %" in capsys.readouterr().out


def test_a_sweep_says_how_far_each_run_went_and_which_policy_was_best():
    words = ["policy=[buffer,base_stock]", "selection.measure=total_cost", "selection.indifference=500",
             "demand.cv_factor=0.5,1", "hydra.sweep.dir=swept"]  # fmt: skip
    assert main(["compare", "-m", *SMALL, *words]) == 0
    table = pd.read_csv("swept/results.csv")
    assert table["selected"].tolist() == [True, False] * 2
    assert (table["replications_run"] >= 3).all()
    assert sweep("policy=buffer", "precision.relative=0.01,0.5", "hydra.sweep.dir=other") == 0
    counts = pd.read_csv("other/results.csv")["replications_run"]
    assert counts[0] > counts[1] == 64


def test_a_sweep_in_parallel_gives_the_same_table():
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    assert sweep(*AXES) == 0
    serial = pd.read_csv("swept/results.csv").drop(columns="seconds")
    assert main(["run", "-m", *SMALL, *AXES, "hydra.sweep.dir=parallel", "hydra/launcher=joblib"]) == 0
    pd.testing.assert_frame_equal(serial, pd.read_csv("parallel/results.csv").drop(columns="seconds"))


@pytest.mark.slow
def test_a_sweep_sent_out_by_submitit_gives_the_same_table():
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher")
    assert sweep(*AXES) == 0
    serial = pd.read_csv("swept/results.csv").drop(columns="seconds")
    assert main(["run", "-m", *SMALL, *AXES, "hydra.sweep.dir=sent", "hydra/launcher=submitit_local"]) == 0
    pd.testing.assert_frame_equal(serial, pd.read_csv("sent/results.csv").drop(columns="seconds"))


def test_resume_runs_only_what_is_missing(capsys):
    assert sweep("demand.cv_factor=0.5,1") == 0
    before = times()
    assert main(["run", "-m", *SMALL, "demand.cv_factor=0.5,1,2", "resume=swept"]) == 0
    after = times()
    assert {name: after[name] for name in before} == before and set(after) - set(before) == {"2"}
    assert capsys.readouterr().err.count("kept from before") == 2
    # other values come first now: their results go to folders of their own
    assert main(["run", "-m", *SMALL, "demand.cv_factor=1.5,0.5", "resume=swept"]) == 0
    assert {name: times()[name] for name in after} == after
    assert sorted(pd.read_csv("swept/results.csv")["demand.cv_factor"]) == [0.5, 1, 1.5, 2]
    # more threads, or processes, give no other result
    assert main(["run", "-m", *SMALL, "demand.cv_factor=0.5,1", "threads=2", "resume=swept"]) == 0
    assert main(["run", "-m", *SMALL, "demand.cv_factor=0.5,1", "executor=processes", "resume=swept"]) == 0
    assert len(times()) == 4


@pytest.mark.parametrize(
    ("command", "words", "how"),
    [
        ("run", ["lead_time_factor=1,2"], "it sets demand.cv_factor=0.5,1"),
        ("run", ["demand.cv_factor=0.5,1", "seed=9"], "it does not set seed=9"),
        ("run", ["demand.cv_factor=1.5,2"], "it has demand.cv_factor=0.5,1"),
        ("compare", ["demand.cv_factor=0.5,1", "policy=buffer"], "it is one of restock run"),
    ],
)
def test_the_folder_of_another_sweep_is_refused_and_left_alone(capsys, command, words, how):
    assert sweep("demand.cv_factor=0.5,1") == 0
    before = {path: path.stat().st_mtime_ns for path in Path("swept").rglob("*")}
    capsys.readouterr()
    assert main([command, "-m", *SMALL, *words, "resume=swept"]) == 2
    assert capsys.readouterr().err == (
        f"restock: another sweep lies in 'swept': {how}; name another folder, or give its settings\n"
    )
    assert {path: path.stat().st_mtime_ns for path in Path("swept").rglob("*")} == before


def test_a_sweep_over_null_and_numbers_has_a_table():
    assert sweep("demand.bootstrap_window=null,2") == 0
    assert pd.read_parquet("swept/results.parquet")["demand.bootstrap_window"].tolist() == ["null", "2"]


def test_a_table_that_cannot_be_made_is_no_success(monkeypatch):
    from restock.experiments import sweep_table

    monkeypatch.setattr(sweep_table, "collect", lambda folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sweep("policy=buffer", "seed=4,5")


def test_a_failed_run_keeps_the_table_and_is_tried_again(capsys):
    assert sweep("demand.scale=1,-1,2") == 2
    table = pd.read_csv("swept/results.csv")
    assert table["status"].tolist() == ["done", "refused", "done"]
    assert table["error"][1] == "demand.scale must be a number above 0, got -1.0"
    assert "1 of 3 runs have no result; the table says why." in capsys.readouterr().out
    before = times()
    assert main(["run", "-m", *SMALL, "demand.scale=1,-1,2", "resume=swept"]) == 2
    assert {name for name, when in times().items() if when != before[name]} == {"1"}


def test_a_crash_is_told_apart_and_leaves_its_traceback(monkeypatch):
    from restock.experiments import jobs

    whole = jobs.report_of

    def report(comparison, *given):
        if "just_in_time" in comparison.outcomes:
            raise ZeroDivisionError("thought too hard")
        return whole(comparison, *given)

    monkeypatch.setattr(jobs, "report_of", report)
    assert sweep("policy=buffer,just_in_time") == 1
    table = pd.read_csv("swept/results.csv")
    assert table["status"].tolist() == ["done", "failed"]
    assert table["error"][1] == "ZeroDivisionError: thought too hard"
    assert "thought too hard" in Path("swept/1/error.txt").read_text()


def test_a_wrong_axis_leaves_nothing_behind(capsys):
    assert sweep("policy=buffer,bufer") == 2
    assert not Path("swept").exists() and not Path("runs").exists()
    assert "policy 'bufer' is unknown; did you mean 'buffer'?" in capsys.readouterr().err
    assert main(["run", *SMALL, "resume=swept"]) == 2
    assert capsys.readouterr().err == "restock: resume: there is no folder 'swept'\n"


def test_two_swept_numbers_are_a_heat_map_and_compared_policies_share_a_job():
    words = ["compare", "-m", *SMALL, "policy=[just_in_time,buffer]", "hydra.sweep.dir=swept"]
    assert main([*words, "demand.scale=1,2", "demand.cv_factor=1,2"]) == 0
    table = pd.read_csv("swept/results.csv")
    assert table["job"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert table["policy"].tolist() == ["just_in_time", "buffer"] * 4
    assert main(["run", "-m", *SMALL, "demand.scale=3,4", "demand.cv_factor=1,2", "hydra.sweep.dir=map"]) == 0
    assert len(list(Path("map").glob("*.png"))) == 3


def interrupted_sweep(*words):
    """Start a sweep, interrupt it after its second row, return its exit code and what it said."""
    run = [sys.executable, "-m", "restock", "run", "-m", *SMALL]
    run += ["policy=just_in_time,buffer", "demand.cv_factor=0.5,1,1.5,2", "hydra.sweep.dir=swept", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(run, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while len(times()) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    return process.returncode, said.splitlines()


def test_an_interrupted_sweep_keeps_its_rows_and_goes_on():
    code, said = interrupted_sweep()
    assert code == 130
    kept = times()
    assert 2 <= len(kept) < 8
    assert said[-1].strip() == (
        f"restock: interrupted; {len(kept)} of 8 runs are kept in swept, go on with resume=swept"
    )
    assert len(pd.read_csv("swept/results.csv")) == len(kept)
    assert not list(Path("swept").glob("*.partial"))
    words = [*SMALL, "policy=just_in_time,buffer", "demand.cv_factor=0.5,1,1.5,2", "resume=swept"]
    assert main(["run", "-m", *words]) == 0
    after = times()
    assert len(after) == 8 and {name: after[name] for name in kept} == kept
    assert len(pd.read_csv("swept/results.csv")) == 8


def test_rows_say_what_was_run():
    assert sweep("policy=buffer", "seed=4,5") == 0
    row = json.loads(Path("swept/1/row.json").read_text())
    assert row["command"] == "run" and row["choices"]["policy"] == "buffer" and "seed=5" in row["overrides"]
    assert row["results"][0]["measures"]["fill_rate"] > 0


def test_an_interruption_that_a_library_turns_into_an_error_is_still_one(monkeypatch, capsys):
    from restock.experiments import jobs

    def swallowing(*_, **__):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise RuntimeError("something else") from None

    monkeypatch.setattr(jobs, "perform", swallowing)
    assert sweep("policy=buffer", "seed=4,5") == 130
    assert not list(Path().glob("swept/*/row.json"))
    assert main(["run", *SMALL]) == 130
    assert "restock: interrupted" in capsys.readouterr().err
