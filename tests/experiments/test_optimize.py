"""restock optimize as a user meets it: what it writes, what it says, and how it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hydra import compose, initialize_config_module

from restock.experiments import settings as of_settings
from restock.experiments.chosen import chosen_policies
from restock.experiments.cli import main
from restock.experiments.optimizing import space_of, with_values
from restock.policies.catalogue import policy_names
from restock.sim.errors import InputError

ROOT = Path(__file__).parents[2]
SMALL = ["scenario=one_store", "days=56", "warm_up=0", "replications=8"]
FEW = ["optimize.trials=12", "optimize.search_replications=4", "optimize.finalists=3"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    monkeypatch.setattr(sys, "path", list(sys.path))


def optimize(*words):
    return main(["optimize", *SMALL, *FEW, *words])


def only_folder():
    (folder,) = Path("runs").glob("*/*")
    return folder


def table(name, folder=None):
    return pd.read_csv((folder or only_folder()) / "tables" / f"{name}.csv")


def refused(capsys, *words):
    """The one line of an error, after checking exit code 2 and that nothing is left behind."""
    assert optimize(*words) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and not Path("runs").exists()
    return captured.err.removeprefix("restock: ").rstrip("\n")


def test_it_writes_trials_finalists_frontier_and_the_winner(capsys):
    assert optimize("policy=buffer") == 0
    printed, folder = capsys.readouterr().out, only_folder()
    report = (folder / "report.txt").read_text()
    assert printed == f"{report}\nWritten to {folder}\n"
    assert report.startswith(
        "Lowest total cost with fill_rate >= 0.97: policy buffer in one_store\n12 trials of 3 settings"
    )
    trials, finalists = table("trials"), table("finalists")
    assert trials["trial"].tolist() == list(range(12)) and trials["how"][0] == "start"
    start = trials.loc[0, ["policy.buffer.target", "policy.buffer.order_days", "policy.buffer.review_period"]]
    assert start.tolist() == [0.95, 7.0, 1.0]
    assert (trials["feasible"] == (trials["fill_rate"] >= 0.97)).all()
    assert (trials["total_cost_low"] <= trials["total_cost"]).all()
    assert len(finalists) == 3 and finalists["winner"].sum() == 1
    best = trials[trials["feasible"]].nsmallest(1, "total_cost")["trial"].item()
    assert best in finalists["trial"].tolist()
    frontier = table("frontier").sort_values("total_cost")
    assert frontier["fill_rate"].is_monotonic_increasing and frontier["on_frontier"].all()
    whole = pd.read_parquet(folder / "tables" / "trials.parquet").drop(columns="refused")
    pd.testing.assert_frame_equal(trials.drop(columns="refused"), whole, check_dtype=False)
    assert (folder / "figures" / "frontier.png").exists()
    about = json.loads((folder / "run.json").read_text())
    assert about["command"] == "optimize" and about["seed"] == 1 and about["versions"]["optuna"]
    assert yaml.safe_load((folder / "config.yaml").read_text())["optimize"]["space"]["policy"]["buffer"]["target"]


def test_the_winner_is_a_policy_that_can_be_run_and_its_figures_are_of_fresh_replications():
    assert optimize("policy=buffer") == 0
    folder = only_folder()
    written = yaml.safe_load((folder / "conf" / "policy" / "buffer_best.yaml").read_text())
    winner = table("trials").set_index("trial").loc[table("finalists").query("winner")["trial"].item()]
    assert [written[name] for name in ("target", "order_days", "review_period")] == [
        winner[f"policy.buffer.{name}"] for name in ("target", "order_days", "review_period")
    ]
    chain = table("chain").query("policy == 'winner' and measure == 'total_cost'")["estimate"].item()
    words = ["run", "--config-dir", f"{folder}/conf", "policy=buffer_best", *SMALL]
    assert main([*words, "replications=20", "hydra.run.dir=again"]) == 0  # searched 0-3, finals 4-11, fresh 12-19
    again = pd.read_csv("again/tables/chain.csv").set_index("measure").loc["total_cost", "estimate"]
    assert main([*words, "replications=12", "hydra.run.dir=before"]) == 0
    before = pd.read_csv("before/tables/chain.csv").set_index("measure").loc["total_cost", "estimate"]
    assert chain == pytest.approx((20 * again - 12 * before) / 8)


def test_the_same_settings_give_the_same_winner_whatever_the_threads():
    for k, words in enumerate([["threads=1"], ["threads=2"], ["seed=2"]]):
        assert optimize("policy=buffer", f"hydra.run.dir=run{k}", *words) == 0
    first, second, other = (table("trials", Path(f"run{k}")) for k in range(3))
    pd.testing.assert_frame_equal(first, second)
    assert not first["total_cost"].equals(other["total_cost"])
    assert Path("run0/report.txt").read_text() == Path("run1/report.txt").read_text().replace("run1", "run0")


def test_any_measure_and_several_constraints(capsys):
    words = ["policy=base_stock", "optimize.objective=turnover", "optimize.constraints.fill_rate=0.95"]
    assert optimize(*words, "+optimize.constraints.average_inventory_value='<= 900'") == 0
    assert capsys.readouterr().out.startswith(
        "Highest turnover with fill_rate >= 0.95 and average_inventory_value <= 900: policy base_stock in one_store\n"
    )
    trials = table("trials")
    feasible = (trials["fill_rate"] >= 0.95) & (trials["average_inventory_value"] <= 900)
    assert (trials["feasible"] == feasible).all() and feasible.any()
    assert (table("finalists")["fill_rate"] >= 0.95).any()


def test_a_space_of_ones_own_is_gone_through_in_full():
    space = "optimize.space.policy.reorder_point={reorder_point: {low: 20, high: 40, step: 10}, "
    space += "order_up_to_level: {above: policy.reorder_point.reorder_point, low: 20, high: 40, step: 20}}"
    words = ["policy=reorder_point", "search=none", f"+{space}", "optimize.constraints.fill_rate=null"]
    assert optimize(*words) == 0
    trials = table("trials")
    assert trials["how"].tolist() == ["start"] + ["grid"] * 6
    levels = trials[["policy.reorder_point.reorder_point", "policy.reorder_point.order_up_to_level"]].iloc[1:]
    assert sorted(map(tuple, levels.to_numpy().tolist())) == [(s, s + d) for s in (20, 30, 40) for d in (20, 40)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["+optimize.space.policy.buffer.taget={low: 0.5, high: 0.9}"],
         "optimize.space: setting 'taget' of policy.buffer is unknown; did you mean 'target'? "
         "choose from: along, measure, name, order_days, review_period, target"),
        (["optimize.space.policy.buffer.target.low=1.5"],
         "optimize.space: policy.buffer.target: low (1.5) must not be above high (0.999)"),
        (["optimize.space.policy.buffer.review_period={low: 1.5, high: 3}"],
         "optimize.space: policy.buffer.review_period takes whole numbers; write low, high and step as such"),
        (["+optimize.space.demand.scale=[1, 2]"],
         "optimize.space: setting 'demand' (demand.scale) is unknown; choose from: policy"),
        (["search=none"],
         "optimize.space: says nothing to vary for policy 'buffer'; give ranges such as "
         "+optimize.space.policy.buffer.SETTING='{low: 1, high: 9}'"),
        (["search=bufer"], "search 'bufer' is unknown; did you mean 'buffer'? "
         "choose from: abc_tiered, adaptive, base_stock, buffer, just_in_time, none, predictive, reactive, "
         "reorder_point"),
        (["optimize.objective=cost"],
         "optimize.objective: measure 'cost' is unknown; did you mean 'cogs'? choose from: "),
        (["optimize.objective=cogs"],
         "objective 'cogs' is neither better when higher nor when lower; choose another"),
        (["+optimize.constraints.fil_rate=0.9"],
         "optimize.constraints: measure 'fil_rate' is unknown; did you mean 'fill_rate'? choose from: "),
        (["optimize.constraints.fill_rate='> 0.9'"],
         "optimize.constraints.fill_rate must be '>= number' or '<= number', got '> 0.9'"),
        (["optimize.constraints.fill_rate=97"],
         "optimize.constraints.fill_rate: it is a share, at most 1 (97% is 0.97), got 97"),
        (["optimize.frontier=[fill_rate]"], "optimize.frontier must be two measures or null, got ['fill_rate']"),
        (["optimize.trials=0"], "optimize.trials must be a whole number not below 1, got 0"),
        (["optimize.trails=9"], "setting 'trails' of optimize is unknown; did you mean 'trials'? choose from: "
         "constraints, finalists, frontier, objective, search_replications, space, trials"),
        (["replications=1"], "restock optimize needs replications of at least 2, got 1: intervals decide"),
        (["policy=[buffer,base_stock]"], "restock optimize takes one policy, got 2 (buffer, base_stock); "
         "choose one with policy=..., or use restock compare"),
        (["-m"], "restock optimize searches one policy in one scenario at a time: it goes without -m"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_line(capsys, words, message):
    said = refused(capsys, *([] if "policy=" in str(words) else ["policy=buffer"]), *words)
    assert said == message or (message.endswith("choose from: ") and said.startswith(message))


def test_a_constraint_out_of_reach_is_one_line_and_keeps_the_trials(capsys):
    assert optimize("policy=just_in_time", "+optimize.constraints.total_cost='<= 10'") == 2
    captured, folder = capsys.readouterr(), only_folder()
    assert captured.out == ""
    said = (
        r"restock: none of 12 trials meets fill_rate >= 0\.97 and total_cost <= 10: the nearest, trial \d+, reaches "
        r"fill_rate 0\.\d+, total_cost [\d.]+; loosen the constraint, or widen the ranges; the trials are in "
    )
    assert re.fullmatch(f"{said}{folder}\n", captured.err)
    trials = table("trials")
    assert len(trials) == 12 and not trials["feasible"].any() and (folder / "figures" / "frontier.png").exists()
    assert "No winner: none of 12 trials meets" in (folder / "report.txt").read_text()
    assert not (folder / "conf").exists()


def test_a_policy_that_refuses_all_says_why_and_leaves_nothing(capsys):
    assert refused(capsys, "policy=buffer", "optimize.space.policy.buffer.target={low: 1.5, high: 2.0}",
                   "policy.buffer.target=1.5") == "policy.buffer: target must lie between 0 and 1, got 1.5"  # fmt: skip


def test_without_optuna_it_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert refused(capsys, "policy=buffer") == "a search needs Optuna 5: pip install 'restock[optimize]'"
    assert (
        optimize("policy=buffer", "search=none", "+optimize.space.policy.buffer.target=[0.9, 0.95]") == 0
    )  # a grid needs no Optuna


def test_every_policy_comes_with_a_space_that_it_accepts():
    assert {p.stem for p in (ROOT / "conf" / "search").glob("*.yaml")} == {*policy_names(), "none"} - {"levels"}
    for name in sorted({*policy_names()} - {"levels"}):  # a file's levels have nothing to be searched
        of_settings.register([])
        with initialize_config_module(version_base="1.3", config_module="restock.conf"):
            config = compose("config", overrides=[f"policy={name}", f"search={name}"])
        found = of_settings.settings_of(config)
        space, start = space_of(found.optimize.space, found.policy)
        assert space.point(start) is not None, f"the settings that {name} comes with lie in its space"
        for end in ("low", "last"):
            corner = space.values({p.name: getattr(p, end) for p in space.parameters})
            chosen_policies({name: with_values(found.policy, corner)[name]})
        assert (ROOT / "conf" / "search" / f"{name}.yaml").read_text().startswith("# @package optimize.space\n# ")


def test_a_policy_of_ones_own_with_a_space_of_its_own(capsys):
    for group, text in (
        ("policy", "# @package policy.mine\nname: base_stock\nsafety_factor: 2.0\n"),
        ("search", "# @package optimize.space\npolicy: {mine: {safety_factor: {low: 1.5, high: 2.5, step: 0.5}}}\n"),
    ):
        Path("my_conf", group).mkdir(parents=True)
        Path("my_conf", group, "mine.yaml").write_text(text)
    assert optimize("--config-dir", "my_conf", "policy=mine") == 0
    assert table("trials")["policy.mine.safety_factor"].tolist() == [2.0, 1.5, 2.5]
    assert (only_folder() / "conf" / "policy" / "mine_best.yaml").exists()


def test_settings_that_cannot_be_beaten_are_said_to_win(capsys):
    words = ["search=none", "+optimize.space.policy.just_in_time.least_level={low: 1, high: 3}"]
    words += ["optimize.objective=average_on_hand", "optimize.constraints.fill_rate=null"]
    assert optimize("policy=just_in_time", *words) == 0
    assert "\nNothing that was found beats the settings as they were.\n" in capsys.readouterr().out
    assert not table("differences")["difference"].any()


def test_values_are_put_in_their_places_and_nothing_else_changes():
    policy = {"abc": {"name": "abc_tiered", "cutoffs": [0.8, 0.95], "tiers": {"A": {"target": 0.9}}}}
    changed = with_values(policy, {"policy.abc.cutoffs.1": 0.99, "policy.abc.tiers.A.target": 0.5})
    assert changed == {"abc": {"name": "abc_tiered", "cutoffs": [0.8, 0.99], "tiers": {"A": {"target": 0.5}}}}
    assert policy["abc"]["cutoffs"] == [0.8, 0.95] and policy["abc"]["tiers"]["A"]["target"] == 0.9
    with pytest.raises(InputError, match=r"setting '2' of policy\.abc\.cutoffs is unknown; choose from: 0, 1"):
        space_of({"policy": {"abc": {"cutoffs": {"2": {"low": 0, "high": 1}}}}}, policy)


def test_ctrl_c_keeps_the_finished_trials():
    words = ["optimize", "policy=buffer", "scenario=regional_chain", "replications=8", "optimize.trials=5000"]
    code = "import sys; from restock.experiments import cli; from restock.sim.study.searching import search\n"
    code += "old = search.outcome_trial\n"
    code += "def told(number, *rest):\n    print(number, file=sys.stderr, flush=True); return old(number, *rest)\n"
    code += "search.outcome_trial = told\nsys.exit(cli.main())"
    process = subprocess.Popen([sys.executable, "-c", code, *words], env=os.environ | {"PYTHONPATH": str(ROOT)},
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    assert process.stderr is not None
    deadline = time.monotonic() + 300
    while process.stderr.readline().strip() != "3" and time.monotonic() < deadline:
        pass
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=120)
    assert process.returncode == 130
    assert error.splitlines()[-1].strip() == "restock: interrupted"
    trials = table("trials")
    assert 3 <= len(trials) < 5000 and np.isfinite(trials["total_cost"]).all()
    assert f"{len(trials)} of 5000 trials are kept in {only_folder()}" in out
    assert f"No winner: interrupted after {len(trials)} of 5000 trials." in (only_folder() / "report.txt").read_text()
    assert not list(Path("runs").glob("*/*.partial"))
