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
from restock.experiments.optimizing import spaces_of
from restock.experiments.searched_policies import check_classes
from restock.experiments.setting_paths import with_values
from restock.sim.errors import InputError
from restock.sim.planning.example import one_shop
from restock.sim.study.searching.candidates import Constraint, Goal

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


def test_several_policies_are_searched_with_one_number_of_trials(capsys):
    """Three begin alike, the better half goes on; each has a best on fresh replications, and a file to be run by."""
    words = ["policy=[buffer,just_in_time_with_cover,levels]", "policy.levels.file=now.csv", "optimize.trials=24"]
    assert main(["run", *SMALL, "policy=buffer", "for_erp=true", "figures=false", "hydra.run.dir=erp"]) == 0
    Path("now.csv").write_bytes(Path("erp/tables/levels.csv").read_bytes())
    capsys.readouterr()
    assert optimize(*words, "hydra.run.dir=several") == 0
    printed, folder = capsys.readouterr().out, Path("several")
    assert printed.startswith(
        "Lowest total cost with fill_rate >= 0.97: policies buffer, just_in_time_with_cover, levels in one_store\n"
    )
    trials = table("trials", folder)
    many = trials["policy"].value_counts().to_dict()
    assert (
        many["levels"] == 1 and sum(many.values()) == len(trials) and many["buffer"] > many["just_in_time_with_cover"]
    )
    assert trials["trial"].tolist() == list(range(len(trials)))
    assert (trials.groupby("policy")["how"].first() == "start").all()
    finalists, chain = table("finalists", folder), table("chain", folder)
    assert set(finalists["policy"]) == set(many) and finalists["winner"].sum() == 1
    assert chain["policy"].unique()[0] == finalists.loc[finalists["winner"], "policy"].item()
    assert set(table("differences", folder)["policy"]) == set(many) - {chain["policy"].iloc[0]}
    assert {p.stem for p in (folder / "conf" / "policy").glob("*.yaml")} == {f"{name}_best" for name in many}
    for policy, mine in trials.groupby("policy"):
        best = finalists[finalists["policy"] == policy].iloc[0]
        assert best["trial"] in mine["trial"].tolist()
        frontier = mine[mine["on_frontier"]].sort_values("total_cost")
        assert frontier["fill_rate"].is_monotonic_increasing and len(frontier)
    again = printed.split("with tables and figures of its own: restock ")[1].split("\n")[0].split()
    assert main([*again, *SMALL, "policy.levels_best.file=now.csv", "figures=false", "hydra.run.dir=again"]) == 0


def test_constraints_on_classes_and_on_orders_a_day(capsys):
    """What the classes of a chain must reach is judged by their own figures."""
    words = ["policy=abc_tiered", "optimize.trials=8", "figures=false"]
    words += ["optimize.constraints.fill_rate=null", "+optimize.constraints.A.fill_rate='>= 0.99'"]
    assert optimize(*words, "+optimize.constraints.orders_per_day='<= 1000000'") == 0
    out = capsys.readouterr().out
    assert out.startswith("Lowest total cost with A.fill_rate >= 0.99 and orders_per_day <= 1e+06: policy abc_tiered")
    assert re.search(r"\nA\.fill_rate >= 0\.99: 99\.\d\d ± [\d.<]+%, met, by (more|less) than its interval\n", out)
    trials = table("trials")
    assert (trials["feasible"] == (trials["A.fill_rate"] >= 0.99)).all() and trials["A.fill_rate_low"].notna().all()
    assert not trials["A.fill_rate"].equals(trials["fill_rate"])
    folder = only_folder()
    assert main(["run", "--config-dir", f"{folder}/conf", "policy=abc_tiered_best", *SMALL, "replications=4",
                 "figures=false", "hydra.run.dir=best"]) == 0  # fmt: skip
    chosen = trials.set_index("trial").loc[table("finalists", folder).query("winner")["trial"].item()]
    of_class = pd.read_csv("best/tables/class.csv").set_index(["group", "measure"])["estimate"]
    assert of_class["A", "fill_rate"] == pytest.approx(chosen["A.fill_rate"], rel=1e-12)
    chain = pd.read_csv("best/tables/chain.csv").set_index("measure")["estimate"]
    assert chain["orders_per_day"] == pytest.approx(chain["orders_per_year"] / 365)


def test_a_class_that_no_item_is_in_is_one_line():
    goal = Goal("total_cost", (Constraint("C.fill_rate", True, 0.9),))
    message = "optimize.constraints.C: no item of this scenario is in class C by usage value; classes here: A"
    with pytest.raises(InputError, match=re.escape(message)):
        check_classes(goal, one_shop())


def test_a_search_gone_on_with_ends_as_one_that_was_never_interrupted(monkeypatch, capsys):
    from restock.experiments import searched_policies
    from restock.sim.study.searching import several

    words = ["policy=[buffer,base_stock]", "optimize.trials=20", "figures=false"]
    assert optimize(*words, "hydra.run.dir=straight") == 0
    whole = several.search_all

    def broken_off(*given):
        for trial in whole(*given):
            yield trial
            if trial.number == 8:
                raise KeyboardInterrupt

    monkeypatch.setattr(several, "search_all", broken_off)
    assert optimize(*words, "hydra.run.dir=begun") == 130
    assert len(table("trials", Path("begun"))) == 9
    monkeypatch.setattr(several, "search_all", whole)
    simulated, evaluate = [], searched_policies.evaluate

    def counted(*given, **more):
        simulated.append(more["first"])
        return evaluate(*given, **more)

    monkeypatch.setattr(searched_policies, "evaluate", counted)
    capsys.readouterr()
    assert main(["optimize", "resume=begun", "threads=1", "hydra.run.dir=resumed"]) == 0
    assert "\n9 of the trials were read from the run that was gone on with.\n" in capsys.readouterr().out
    assert simulated.count(0) == 20 - 9
    for name in ("trials", "finalists", "chain", "differences"):
        assert Path(f"resumed/tables/{name}.csv").read_bytes() == Path(f"straight/tables/{name}.csv").read_bytes(), name
    simulated.clear()
    assert main(["optimize", "resume=straight", "optimize.trials=30", "hydra.run.dir=more"]) == 0
    assert optimize(*words, "optimize.trials=30", "hydra.run.dir=thirty") == 0
    assert Path("more/tables/trials.csv").read_bytes() == Path("thirty/tables/trials.csv").read_bytes()


def test_a_run_through_a_whole_space_is_gone_on_with_by_fewer_trials_that_formulas_lead(capsys):
    words = ["policy=buffer", "search=none", "+optimize.space.policy.buffer.target={low: 0.5, high: 0.95, step: 0.05}"]
    assert optimize(*words, "figures=false", "hydra.run.dir=whole") == 0
    assert set(table("trials", Path("whole"))["how"]) == {"start", "grid"}
    assert main(["optimize", "resume=whole", "optimize.trials=8", "hydra.run.dir=few"]) == 0
    trials = table("trials", Path("few"))
    assert len(trials) == 8 and "guided" in set(trials["how"])
    assert "\n8 of the trials were read from the run" in capsys.readouterr().out


def test_a_search_is_gone_on_with_by_its_own_settings_only(capsys):
    assert optimize("policy=buffer", "optimize.trials=4", "figures=false", "hydra.run.dir=begun") == 0
    capsys.readouterr()
    for words, message in (
        (["seed=2"], "resume: the search in 'begun' has seed=1, here it is 2; give the same settings, or begin anew, "
                     "without resume"),
        (["+optimize.constraints.A.fill_rate=0.9"], "resume: the search in 'begun' has "
         "optimize.constraints.A.fill_rate=None, here it is 0.9; give the same settings, or begin anew, without "
         "resume"),
    ):  # fmt: skip
        assert main(["optimize", "resume=begun", *words, "hydra.run.dir=other"]) == 2
        assert capsys.readouterr().err == f"restock: {message}\n" and not Path("other").exists()
    Path("begun/trials.npz").write_bytes(b"no trials")
    assert main(["optimize", "resume=begun", "hydra.run.dir=other"]) == 2
    said = "restock: resume: 'begun/trials.npz' cannot be read: it is damaged, or of another program\n"
    assert capsys.readouterr().err == said and not Path("other").exists()


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
         "choose from: abc_tiered, adaptive, anchor_and_adjust, base_stock, buffer, dual_index, "
         "echelon_base_stock, guaranteed_service, just_in_time, just_in_time_with_cover, none, predictive, ... "
         "(15 in all)"),
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
        (["policy=[buffer,base_stock]", "optimize.trials=3"],
         "optimize.trials must be 2 or more for each policy (4 for 2), got 3"),
        (["policy=[buffer,base_stock]", "search=none"],
         "optimize.space: says nothing to vary for any of the policies (buffer, base_stock); give ranges such as "
         "+optimize.space.policy.buffer.SETTING='{low: 1, high: 9}'"),
        (["-m"], "restock optimize searches one scenario at a time: it goes without -m"),
        (["+optimize.constraints.D.fill_rate=0.9"],
         "optimize.constraints: class 'D' is unknown; choose from: A, B, C"),
        (["+optimize.constraints.A=0.9"],
         "optimize.constraints.A is a class: say which measure of it, such as optimize.constraints.A.fill_rate, "
         "got 0.9"),
        (["+optimize.constraints.A.fil_rate=0.9"],
         "optimize.constraints.A: measure 'fil_rate' is unknown; did you mean 'fill_rate'? choose from: "),
        (["+optimize.constraints.A.fill_rate=98"],
         "optimize.constraints.A.fill_rate: it is a share, at most 1 (97% is 0.97), got 98"),
        (["+optimize.constraints.A.fill_rate='> 0.9'"],
         "optimize.constraints.A.fill_rate must be '>= number' or '<= number', got '> 0.9'"),
        (["optimize.frontier=[A.fill_rate,total_cost]"],
         "optimize.frontier: measure 'A.fill_rate' is unknown; did you mean 'fill_rate'? choose from: "),
        (["resume=nowhere"], "resume: there is no folder 'nowhere'"),
        (["resume=."], "resume: no trials of restock optimize lie in '.'"),
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
    without = {"levels", "predictive_from_file", "beer_game_benchmark"}  # a file's, or one game's: no space
    policies = {p.stem for p in (ROOT / "conf" / "policy").glob("*.yaml")} - without
    assert {p.stem for p in (ROOT / "conf" / "search").glob("*.yaml")} == policies | {"none"}
    for name in sorted(policies):
        of_settings.register([])
        with initialize_config_module(version_base="1.3", config_module="restock.conf"):
            config = compose("config", overrides=[f"policy={name}", f"search={name}"])
        found = of_settings.settings_of(config)
        spaces, starts = spaces_of(found.optimize.space, found.policy)
        space = spaces[name]
        assert space.point(starts[name]) is not None, f"the settings that {name} comes with lie in its space"
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
        spaces_of({"policy": {"abc": {"cutoffs": {"2": {"low": 0, "high": 1}}}}}, policy)


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
    kept = only_folder()
    assert f"{len(trials)} of 5000 trials are kept in {kept}, go on with: restock optimize resume={kept}\n" in out
    assert f"No winner: interrupted after {len(trials)} of 5000 trials." in (only_folder() / "report.txt").read_text()
    assert not list(Path("runs").glob("*/*.partial"))
