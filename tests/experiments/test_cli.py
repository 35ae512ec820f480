"""The command as a user meets it: what it writes, what it says, and how it ends."""

import inspect
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from restock.experiments import comparison_folder, jobs
from restock.experiments.cli import main
from restock.experiments.run_folder import versions
from restock.sim.measures.measures import MEASURES

ROOT = Path(__file__).parents[2]
SMALL = ["scenario=one_store", "replications=4", "days=28", "warm_up=0"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Each test in a folder of its own, as a user would be."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def folder_of_only_run():
    (folder,) = Path("runs").glob("*/*")
    return folder


def refused(capsys, *words):
    """The one line of an error, after checking exit code 2 and that nothing is left behind."""
    before = set(Path.cwd().rglob("*"))
    assert main(list(words)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("restock: ") and captured.err.count("\n") == 1
    assert set(Path.cwd().rglob("*")) == before
    return captured.err[len("restock: ") : -1]


def test_compare_prints_a_table_and_writes_a_run_folder(capsys):
    assert main(["compare", *SMALL]) == 0
    printed = capsys.readouterr().out
    folder = folder_of_only_run()
    report = (folder / "report.txt").read_text()
    assert printed == f"{report}\nWritten to {folder}\n"
    assert "just_in_time" in report and "Assumed, not known:" in report
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    levels = ("chain", "tier", "site", "category", "class", "policy_class", "item", "differences", "days")
    assert {f"tables/{level}.{kind}" for level in levels for kind in ("csv", "parquet")} <= written
    assert {"config.yaml", "run.json", "figures/distortion.png", "figures/stock_buffer.png"} <= written
    about = json.loads((folder / "run.json").read_text())
    assert about["seed"] == 1 and about["overrides"] == SMALL and about["versions"]["numba"]
    chain = pd.read_csv(folder / "tables" / "chain.csv")
    assert list(chain["policy"].unique()) == ["just_in_time_with_cover", "buffer", "abc_tiered", "just_in_time"]
    pd.testing.assert_frame_equal(chain, pd.read_parquet(folder / "tables" / "chain.parquet"), check_dtype=False)


def test_figures_can_be_left_out():
    assert main(["compare", *SMALL, "figures=false"]) == 0
    folder = folder_of_only_run()
    assert (folder / "tables" / "chain.csv").exists() and not list(folder.rglob("*.png"))
    assert not (folder / "figures").exists()


def test_the_report_does_not_wait_for_the_folder(capsys, monkeypatch):
    seen = []
    monkeypatch.setattr(comparison_folder, "write_settings", lambda *given: seen.append(capsys.readouterr().out))
    assert main(["compare", *SMALL, "figures=false"]) == 0
    assert seen[0].startswith("one_store: ") and "Assumed, not known:" in seen[0] and "Written to" not in seen[0]


def test_a_report_that_nobody_reads_does_not_keep_the_folder_from_being_written(monkeypatch):
    def gone(*words, **how):
        raise BrokenPipeError

    monkeypatch.setattr(jobs, "print", gone, raising=False)
    done = []
    with pytest.raises(BrokenPipeError), jobs.shown_first("a report", report=True):
        done.append("written")
    assert done == ["written"]


def test_compare_goes_on_to_a_precision_and_says_so(capsys):
    words = ["precision.difference=60", "statistics.correction=bonferroni", "statistics.simultaneous=true",
             "statistics.control_variate=true"]  # fmt: skip
    assert main(["compare", *SMALL[:1], *SMALL[2:], "replications=12", *words]) == 0
    report = capsys.readouterr().out
    assert "Precision reached: every difference in total cost to within 60 money/year, from " in report
    assert "Bonferroni's correction for the number of policies compared; the intervals of each measure hold" in report
    assert "The chain's figures are adjusted for realised demand, which cuts their variance by a factor of" in report
    tables = folder_of_only_run() / "tables"
    found = pd.read_csv(tables / "differences.csv").query("level == 'chain' and measure == 'total_cost'")
    assert (found["half_width"] <= 60).all() and (found["half_width"] == found["simultaneous_half_width"]).all()
    gained = pd.read_csv(tables / "variance_reduction.csv").query("baseline.isna() and measure == 'total_cost'")
    chain = pd.read_csv(tables / "chain.csv").query("measure == 'total_cost'")
    np.testing.assert_allclose(chain["estimate"], gained["adjusted_estimate"], rtol=1e-9)
    assert set(pd.read_csv(tables / "risk.csv")["statistic"]) == {"quantile", "cvar"}
    assert (folder_of_only_run() / "figures" / "bad_years.png").exists()


def test_compare_selects_the_best_policy(capsys):
    words = ["selection.measure=total_cost", "selection.indifference=100", "replications=8"]
    assert main(["compare", *SMALL[:1], *SMALL[2:], *words]) == 0
    assert "Best in total cost: 'buffer', or within 100 money/year of it, with probability 95% at least, after " in (
        capsys.readouterr().out
    )
    frame = pd.read_csv(folder_of_only_run() / "tables" / "selection.csv").set_index("policy")
    assert frame["status"].to_dict() == {"just_in_time_with_cover": "eliminated", "buffer": "best",
                                          "abc_tiered": "eliminated",
                                          "just_in_time": "eliminated"}  # fmt: skip
    assert (frame["replications"] >= 8).all() and frame["replications"].max() == frame.loc["buffer", "replications"]


def test_replayed_demand_is_refused_as_a_control(capsys):
    words = [
        "demand.source=replay",
        "scenario.sample_share=1",
        "statistics.control_variate=true",
        "days=7",
        "warm_up=0",
        "replications=2",
    ]
    assert refused(capsys, "compare", *words) == (
        "statistics.control_variate=true: there is no control here, demand.source=replay asks for the same in every "
        "replication; leave it false"
    )


def test_run_takes_one_policy_and_its_settings(capsys):
    assert main(["run", "policy=base_stock", "policy.base_stock.base_stock_level=60", *SMALL]) == 0
    chain = pd.read_csv(folder_of_only_run() / "tables" / "chain.csv")
    assert set(chain["policy"]) == {"base_stock"}
    assert refused(_cleared(capsys), "run", "policy=[buffer,base_stock]", *SMALL) == (
        "restock run takes one policy, got 2 (buffer, base_stock); choose one with policy=..., or use restock compare"
    )


def test_exceptions_are_reported_on_request(capsys):
    assert main(["run", "policy=just_in_time", "exceptions=3", *SMALL]) == 0
    assert "Exceptions: what costs most at single items and sites." in capsys.readouterr().out
    table = pd.read_csv(folder_of_only_run() / "tables" / "exceptions.csv")
    assert table["rank"].tolist() == [1, 2, 3]
    assert (table["money"] > 0).all() and set(table["site"]) == {"shop"}


def _cleared(capsys):
    capsys.readouterr()
    return capsys


def test_a_trace_is_the_replication_of_the_monte_carlo_run(capsys):
    assert main(["trace", "policy=buffer", "replication=3", "item=milk", *SMALL]) == 0
    assert "equal to the one of the compiled engine, in every column" in capsys.readouterr().out
    folder = folder_of_only_run()
    assert (folder / "figures" / "stock.png").exists()
    events, stock = (pd.read_parquet(folder / "tables" / f"{name}.parquet") for name in ("events", "stock"))
    assert stock["day"].min() == 0 and stock["day"].max() == 27
    milk = events[events["item"] == "milk"]
    mine = stock[stock["item"] == "milk"]
    asked = milk.loc[milk["what"] == "demand"].groupby("day")["quantity"].sum()
    assert asked.to_dict() == mine[mine["demand"] > 0].set_index("day")["demand"].to_dict()
    assert main(["run", "policy=buffer", *SMALL]) == 0  # the same demand, in the mean over the same replications


def test_tables_count_days_from_the_first_measured_one(capsys):
    assert main(["trace", "policy=buffer", *SMALL[:3], "warm_up=7", "hydra.run.dir=traced"]) == 0
    assert main(["run", "policy=buffer", *SMALL[:3], "warm_up=7", "hydra.run.dir=ran"]) == 0
    for path in ("traced/tables/events", "traced/tables/stock", "ran/tables/days"):
        days = pd.read_parquet(f"{path}.parquet")["day"]
        assert (days.min(), days.max()) == (-7, 27), path


def test_the_trace_of_one_item_of_a_large_chain_is_checked_against_the_whole(capsys):
    words = ["scenario=regional_chain", "scenario.stores=4", "days=350", "warm_up=14", "scenario.items=180"]
    assert main(["trace", "policy=abc_tiered", "replication=5", "site=dc", *words]) == 0
    assert "this item at every site" in capsys.readouterr().out


def test_item_and_site_of_a_trace_are_checked(capsys):
    assert refused(capsys, "trace", "item=mlik", *SMALL) == (
        "item 'mlik' is unknown; did you mean 'milk'? "
        "choose from: batteries, birthday_cake, bread, coffee, milk, yoghurt"
    )


def test_help_and_errors_do_not_load_what_is_slow():
    """numba, pandas and matplotlib wait until a job runs."""
    ask = "import sys; from restock.experiments.cli import main; main(['--help']); main(['compere']); "
    ask += "print(sorted({'numba', 'pandas', 'matplotlib', 'hydra'} & set(sys.modules)))"
    place = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, env=place)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_run_without_figures_does_not_load_what_draws_them(tmp_path):
    """What draws, and what other commands need, costs as much as a small run itself."""
    run = ["run", "scenario=one_store", "figures=false", f"hydra.run.dir={tmp_path / 'run'}", *SMALL]
    ask = f"import sys; from restock.experiments.cli import main; assert main({run}) == 0; "
    ask += "print(sorted({'matplotlib', 'PIL', 'distributed', 'optuna', 'dask'} & set(sys.modules)))"
    place = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, env=place)
    assert done.stdout.splitlines()[-1] == "[]"
    assert (tmp_path / "run" / "tables" / "chain.csv").is_file() and not (tmp_path / "run" / "figures").exists()


def test_a_command_looks_for_garbage_seldom():
    """A command makes little else than what lasts as long as it: to look through it all costs a twentieth of it."""
    ask = "import gc, sys; sys.argv = ['restock', '--version']; from restock.experiments.cli import SELDOM, main; "
    ask += "main(); print(gc.get_threshold() == SELDOM and SELDOM[0] > 10_000)"
    place = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, env=place)
    assert done.stdout.splitlines()[-1] == "True"


def test_help_and_list(capsys):
    done = command("--help")
    assert done.returncode == 0 and "restock compare [settings]" in done.stdout
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    for group in ("scenario", "policy", "executor", "search", "experiment", "claim"):
        for path in (ROOT / "conf" / group).glob("*.yaml"):
            assert path.stem in listed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["polise=1"],
         "setting 'polise' is unknown; did you mean 'policy'? choose from: advise, allocation, backtest, baseline, "
         "channels, claim, costs, days, demand, events, exceptions, executor, ... (49 in all)"),
        (["policy=bufer"], "policy 'bufer' is unknown; did you mean 'buffer'? "
         "choose from: abc_tiered, adaptive, anchor_and_adjust, base_stock, beer_game_benchmark, buffer, dual_index, "
         "echelon_base_stock, guaranteed_service, just_in_time, just_in_time_with_cover, levels, ... (17 in all)"),
        (["policy=null"], "policy=null: one policy must be chosen; restock list names them"),
        (["experiment=lea"], "experiment 'lea' is unknown; did you mean 'lean'? "
         "choose from: cheapest_at_97, counting, fifo_lifo, jit_or_buffer_by_variability, lead_time_shock, "
          "lean, markdown, promotion, replay, safety_stock, shelf_life"),
        (["scenario=one_shop"], "scenario 'one_shop' is unknown; did you mean 'one_store'? "
         "choose from: beer_game, boutique, export, folder, grocery, import_and_nearby, omnichannel, one_store, "
         "regional_chain"),
        (["policy.buffer.taget=0.9"], "setting 'taget' of policy.buffer is unknown; did you mean 'target'? "
         "choose from: along, measure, name, order_days, review_period, target"),
        (["policy.buffer.target=high"], "policy.buffer.target must be a number, got 'high'"),
        (["policy.buffer.target=1.5"], "policy.buffer: target must lie between 0 and 1, got 1.5"),
        (["days=soon"], "days must be a whole number, got 'soon'"),
        (["cv_factor=2"],
         "setting 'cv_factor' is unknown; did you mean 'demand.cv_factor'? choose from: advise, allocation, "
         "backtest, baseline, "
         "channels, claim, costs, days, demand, events, exceptions, executor, figures, for_erp, item, "
         "lead_time_cv_factor, lead_time_factor, limits, "
         "most_replications, opening_days, "
         "optimize, order_days, order_terms, pack_factor, policy, precision, profile, push, records, replication, "
         "replications, returns, "
         "scenario, seed, selection, "
         "selling_seasons, service, shelf_life, shrinkage, site, sourcing, statistics, supply_risk, threads, "
         "transfers, transit_damage, uncertainty, warm_up, weeks"),
        (["events=[{kind: promotion, start: 3, days: 7, uplift: 3, items: [mlik]}]"],
         "item 'mlik' in entry 1 of events is unknown; did you mean 'milk'? "
         "choose from: batteries, birthday_cake, bread, coffee, milk, yoghurt"),
        (["exceptions=-1"], "exceptions must be a whole number not below 0, got -1"),
        (["replications=0"], "replications must be a whole number not below 1, got 0"),
        (["demand.source=replay"], "demand.source=replay needs a recorded history; use fitted"),
        (["demand.scale=-1"], "demand.scale must be a number above 0, got -1.0"),
        (["costs.carrying_rate=-0.1"], "carrying_rate of costs must be a number not below 0, got -0.1"),
        (["scenario.items.milk.unit_cost=-1"], "unit_cost of item 'milk' must be a number not below 0, got -1"),
        (["lead_time_factor=0"], "lead_time_factor must be above 0, got 0.0"),
        (["lead_time_cv_factor=-1"], "lead_time_cv_factor must be a number from 0 to 100, got -1.0"),
        (["pack_factor=0"], "pack_factor must be a number above 0 and not above 1000, got 0.0"),
        (["scenario=one_store", "order_days=[tues]"], "order day 'tues' of lane 'dairy' -> 'shop' is unknown; did you "
         "mean 'tue'? choose from: fri, mon, sat, sun, thu, tue, wed"),
        (["baseline=base_stock"],
         "baseline 'base_stock' is not among the policies compared: just_in_time_with_cover, buffer, abc_tiered, "
         "just_in_time"),
        (["policy=reorder_point", "policy.reorder_point.reorder_point=80", "policy.reorder_point.order_up_to_level=60"],
         "reorder_point (80) must not exceed order_up_to_level (60) for item 'milk' at site 'shop', "
         "in policy 'reorder_point'"),
        (["+scenario.sites.shop.served_by=back_room", "+scenario.sites.back_room={kind: dc, served_by: shop}"],
         "sites serve each other in a loop: 'shop' -> 'back_room' -> 'shop'; "
         "served_by must lead to a site that outside suppliers serve"),
        (["scenario=folder"], "scenario.path must be given: scenario.path=..."),
        (["scenario=folder", "scenario.path=nowhere"], "'nowhere' holds no scenario: scenario.yaml is missing"),
        (["policy=my_rules.CoverDays"], "policy 'my_rules.CoverDays': no file my_rules.py in {here} or on the path"),
        (["precision.relative=2"], "precision.relative must lie between 0 and 1 (0.01 is 1%), got 2.0"),
        (["precision.relative=0.1", "precision.measure=total_costs"],
         "precision.measure 'total_costs' is unknown; did you mean 'total_cost'? choose from: average_backorders, "
         "average_inventory_value, average_inventory_value_average, average_inventory_value_fifo, "
         "average_inventory_value_lifo, average_on_hand, average_overstock_value, bullwhip_ratio, carrying_cost, "
         f"carrying_cost_pct, channel_1_asked_units, channel_1_cost, ... ({len(MEASURES)} in all)"),
        (["precision.relative=0.1", "most_replications=1"],
         "most_replications (1) must not lie below replications (2)"),
        (["precision.difference=5", "policy=buffer"],
         "precision.difference needs at least two policies; precision.relative works with one"),
        (["selection.measure=total_cost"],
         "selection.measure and selection.indifference go together, such as selection.measure=total_cost "
         "selection.indifference=5000"),
        (["selection.measure=cogs", "selection.indifference=1"],
         "selection.measure=cogs: neither more nor less is better; try fill_rate, fill_rate_value, "
         "cycle_service_level, ready_rate, stockout_rate, turnover"),
        (["selection.measure=total_cost", "selection.indifference=1", "precision.relative=0.1"],
         "choose precision or selection, not both: each decides when to stop"),
        (["statistics.correction=holms"],
         "statistics.correction 'holms' is unknown; did you mean 'holm'? choose from: bonferroni, holm, none"),
        (["statistics.control_variate=perhaps"], "statistics.control_variate must be true or false, got 'perhaps'"),
        (["policy=base_stock", "policy.base_stock_level=18"],
         "setting 'policy.base_stock_level' is unknown; did you mean 'policy.base_stock.base_stock_level'? "
         "settings of a policy are policy.NAME.SETTING=..."),
        (["policy=base_stock", "policy.base_stock.level=18"],
         "setting 'level' of policy.base_stock is unknown; did you mean 'base_stock_level'? "
         "choose from: along, base_stock_level, name, review_period, safety_factor"),
        (["policy=reorder_point", "policy.reorder_point=18"],
         "policy.reorder_point is a policy, not one of its settings: "
         "did you mean policy.reorder_point.reorder_point=18?"),
        (["policy=buffer", "policy.buffer=18"],
         "policy.buffer is a policy, not one of its settings: set policy.buffer.SETTING=18, SETTING one of: "
         "review_period, target, measure, order_days"),
        (["policy.bufer.target=0.9"],
         "policy 'bufer' in policy.bufer.target is unknown; did you mean 'buffer'? "
         "choose from: abc_tiered, buffer, just_in_time, just_in_time_with_cover; settings of a policy are "
         "policy.NAME.SETTING=..."),
        (["policy=base_stock", "policy.buffer.target=0.9"],
         "policy.buffer.target cannot be set: policy 'buffer' is not among those chosen (base_stock); add policy=..."),
        (["-m", "policy=buffer,base_stock", "policy.buffer.targt=0.9"],
         "setting 'targt' of policy.buffer is unknown; did you mean 'target'? "
         "choose from: along, measure, name, order_days, review_period, target"),
        (["scenario.items.mlik.unit_cost=3"],
         "setting 'mlik' of scenario.items is unknown; did you mean 'milk'? "
         "choose from: batteries, birthday_cake, bread, coffee, milk, yoghurt"),
        (["scenario.items.milk.life=3"],
         "setting 'life' of scenario.items.milk is unknown; choose from: category, demand, pack, supplier, unit_cost, "
         "unit_price; what its file leaves out is added by +scenario.items.milk.life=..."),
        (["records.shrinkge=1"],
         "setting 'shrinkge' of records is unknown; did you mean 'shrinkage'? choose from: count_error, count_every, "
         "count_unsold_after, full_count_every, lag, receipts_misscanned, reconcile_every, sales_misscanned, "
         "zero_balance_walk"),
        (["executor.wrokers=1"], "setting 'wrokers' of executor is unknown; did you mean 'workers'? "
         "choose from: address, name, timeout, workers"),
        (["+demand.sclae=2"], "setting 'sclae' of demand is unknown; did you mean 'scale'? "
         "choose from: bootstrap_window, correlated, correlation, cv_factor, scale, source"),
        (["shrinkage.by_category.dairy=0.1"],
         "setting 'shrinkage.by_category.dairy' is unknown: shrinkage.by_category takes entries; "
         "to add one, write +shrinkage.by_category.dairy=..."),
        (["+shrinkage.by_category={7:0.2}"], "shrinkage.by_category takes names, got {7:0.2}; "
         "a name that is a number is put in quotes in a file ('7': 0.2)"),
        (["days.x=3"], "days is a single value, and has no settings of its own"),
        (["demand=3"], "demand is a group of settings, not one value, got '3'; "
         "set demand.source, demand.scale, demand.cv_factor, demand.bootstrap_window, demand.correlation, "
         "demand.correlated"),
        (["events=[{kind: promotion, strt: 3, days: 7, uplift: 3}]"],
         "setting 'strt' of promotion in entry 1 of events is unknown; did you mean 'start'? choose from: "
         "cannibalises, categories, days, dip, dip_days, every, items, sites, start, uplift"),
        (["policy=[]"], "policy: choose at least one, such as policy=buffer or policy=[buffer,base_stock]"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_line(capsys, words, message):
    given = ["scenario=one_store", "replications=2", "days=7", *words]
    assert refused(capsys, "compare", *given) == message.replace("{here}", str(Path.cwd()))


@pytest.mark.parametrize(("launcher", "extra"), [("joblib", "parallel"), ("submitit_slurm", "slurm")])
def test_a_launcher_that_is_not_installed_is_named_with_its_extra(launcher, extra, monkeypatch, capsys):
    from hydra.core.config_store import ConfigStore
    from hydra.core.plugins import Plugins

    Plugins.instance()  # registers those installed
    launchers = ConfigStore.instance().repo["hydra"]["launcher"]
    for name in {f"{name}.yaml" for name in ("joblib", "submitit_local", "submitit_slurm")} & set(launchers):
        monkeypatch.delitem(launchers, name)
    words = ["-m", "policy=buffer", "seed=1,2", f"hydra/launcher={launcher}", *SMALL]
    message = f"hydra/launcher={launcher} needs an optional package: pip install 'restock[{extra}]'"
    assert refused(capsys, "run", *words) == message


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"restock {versions()['restock']}\n"


def test_help_and_list_say_how_a_policy_of_ones_own_is_set(capsys):
    assert main(["--help"]) == 0 and main(["list"]) == 0
    printed = capsys.readouterr().out
    assert "policy.cover_days.days_of_cover=12" in printed and printed.count("policy.NAME.SETTING=") == 2


@pytest.mark.parametrize("command", ["trace", "day"])
def test_one_replication_is_no_sweep(command, capsys):
    message = {"trace": "opens one replication", "day": "steps through one replication"}[command]
    assert refused(capsys, command, "-m", "seed=1,2") == f"restock {command} {message}: it goes without -m"


def test_a_wrong_command_is_one_line(capsys):
    assert refused(capsys, "compere") == (
        "command 'compere' is unknown; did you mean 'compare'? "
        "choose from: advise, backtest, calibrate, claim, claims, collect, compare, dataset, day, game, lesson, list, "
        "... (19 in all)"
    )


def write_export(folder, units):
    folder.mkdir()
    days = pd.date_range("2024-01-01", periods=len(units))
    tables = {
        "items": pd.DataFrame({"sku": ["milk"], "supplier": "V1", "unit_cost": 1.0, "unit_price": 1.5}),
        "locations": pd.DataFrame({"location": ["north", "V1"], "kind": ["store", "supplier"], "served_by": ["", ""]}),
        "sales": pd.DataFrame({"date": days, "location": "north", "sku": "milk", "units": units}),
    }
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)


def test_calibrate_writes_a_scenario_that_compare_runs(capsys, tmp_path):
    write_export(tmp_path / "export", np.random.default_rng(1).poisson(6, 120))
    assert main(["calibrate", "export", "output=mine", "record=sale"]) == 0
    assert "restock compare scenario=folder scenario.path=mine" in capsys.readouterr().out
    assert main(["compare", "scenario=folder", "scenario.path=mine", "replications=3", "days=28"]) == 0
    assert refused(_cleared(capsys), "calibrate", "export", "output=mine") == (
        "output: 'mine' exists already; name another, or remove it first"
    )


def test_calibrate_lists_its_settings(capsys):
    from restock.experiments.scenarios import READ
    from restock.sim.calibration.calibrate import calibrate

    assert main(["calibrate", "--help"]) == 0
    printed = capsys.readouterr().out
    for name, parameter in list(inspect.signature(calibrate).parameters.items())[1:]:
        default = {None: "null", False: "false"}.get(parameter.default, parameter.default)
        assert re.search(rf"^  {name}={default} +['a-z]", printed, re.M), name
    for name in READ:
        assert re.search(rf"^  {name}=(null|refuse) +['a-z]", printed, re.M), name
    assert "  output=FOLDER_scenario " in printed and "Also written bucket=28." in printed and "progress" not in printed


@pytest.mark.parametrize("name", ["compare", "run", "trace", "optimize", "calibrate", "claim", "claims", "dataset",
                                  "verify", "list", "collect", "project", "backtest"])  # fmt: skip
def test_every_command_has_help(capsys, name):
    assert main([name, "--help"]) == 0
    assert f"restock {name}" in capsys.readouterr().out


def test_calibrate_refuses_sales_that_are_not_numbers(capsys, tmp_path):
    write_export(tmp_path / "export", [3.0, float("nan"), 4.0] * 10)
    message = refused(capsys, "calibrate", "export", "output=mine")
    assert (
        message.startswith("sales.csv row 3: units ")
        and "on_fault=drop would leave out 10 of 30 rows of sales" in message
    )
    assert refused(capsys, "calibrate", "nowhere") == "calibrate: there is no folder 'nowhere'"
    assert refused(capsys, "calibrate", "export", "buckets=7").startswith(
        "setting 'buckets' of restock calibrate is unknown; did you mean 'bucket'? choose from: "
    )


RULE = '''
from dataclasses import dataclass
import numpy as np
from restock.sim.planning.policy import Policy

@dataclass(frozen=True)
class CoverDays(Policy):
    """Keep so many days of mean demand, on hand and on order."""
    days_of_cover: float = 10.0

    def levels(self, known):
        return {"order_up_to_level": np.ceil(known.demand_mean * self.days_of_cover)}

    @staticmethod
    def rule(view, levels):
        return max(0, levels.order_up_to_level - view.inventory_position)
'''


def test_a_policy_of_ones_own_by_dotted_path(capsys, tmp_path):
    (tmp_path / "my_rules.py").write_text(RULE)
    words = ["policy=[buffer,my_rules.CoverDays]", "policy.cover_days.days_of_cover=12", *SMALL]
    done = command("compare", *words)
    assert done.returncode == 0, done.stderr
    assert "cover_days" in done.stdout
    config = (folder_of_only_run() / "config.yaml").read_text()
    assert "name: my_rules.CoverDays\n    review_period: 1\n    days_of_cover: 12" in config


def test_a_policy_file_of_ones_own_beside_those_of_restock(tmp_path):
    (tmp_path / "my_rules.py").write_text(RULE)
    (tmp_path / "my_conf" / "policy").mkdir(parents=True)
    text = "# @package policy.mine\nname: my_rules.CoverDays\ndays_of_cover: 9.0\n"
    (tmp_path / "my_conf" / "policy" / "mine.yaml").write_text(text)
    done = command("run", "--config-dir", "my_conf", "policy=mine", *SMALL)
    assert done.returncode == 0, done.stderr
    assert set(pd.read_csv(folder_of_only_run() / "tables" / "chain.csv")["policy"]) == {"mine"}


@pytest.mark.parametrize("chosen", ["my_rules.CoverDays", "policies.mine.CoverDays"])
def test_folders_of_the_users_do_not_hide_those_of_restock(tmp_path, chosen):
    """A working folder may have a conf, sim or policies of its own."""
    for name in ("conf", "sim", "policies", "experiments"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    for name in ("my_rules.py", "policies/mine.py"):
        (tmp_path / name).write_text(RULE)
    done = command("run", f"policy={chosen}", "policy.cover_days.days_of_cover=12", *SMALL)
    assert done.returncode == 0, done.stderr
    assert (
        f"name: {chosen}\n    review_period: 1\n    days_of_cover: 12"
        in (folder_of_only_run() / "config.yaml").read_text()
    )


@pytest.mark.parametrize("name", ["json", "email"])
def test_a_policy_file_with_the_name_of_another_module_is_refused(tmp_path, name):
    (tmp_path / f"{name}.py").write_text(RULE)
    done = command("run", f"policy={name}.CoverDays", *SMALL)
    assert (done.returncode, done.stderr) == (
        2, f"restock: policy file {name}.py: Python has a module '{name}' already; give the file another name\n"
    )  # fmt: skip


def test_an_experiment_may_choose_a_policy_of_ones_own(tmp_path):
    (tmp_path / "my_rules.py").write_text(RULE)
    for name, text in {
        "base": "defaults:\n  - override /policy: [buffer, my_rules.CoverDays]\n",
        "cover": "defaults:\n  - base\npolicy: {cover_days: {days_of_cover: 12}}\n",
    }.items():
        (tmp_path / "my_conf" / "experiment").mkdir(parents=True, exist_ok=True)
        (tmp_path / "my_conf" / "experiment" / f"{name}.yaml").write_text("# @package _global_\n" + text)
    done = command("compare", "--config-dir", "my_conf", "experiment=cover", *SMALL)
    assert done.returncode == 0, done.stderr
    assert "days_of_cover: 12" in (folder_of_only_run() / "config.yaml").read_text()
    assert set(pd.read_csv(folder_of_only_run() / "tables" / "chain.csv")["policy"]) == {"buffer", "cover_days"}


def command(*words, path=ROOT):
    """The command in a process of its own, in the current folder, which is no place of modules, as when installed."""
    environment = os.environ | {"PYTHONPATH": str(path), "PYTHONSAFEPATH": "1"}
    run = [sys.executable, "-c", "import sys; from restock.experiments.cli import main; sys.exit(main())", *words]
    return subprocess.run(run, capture_output=True, text=True, env=environment, timeout=300)


def test_the_wheel_carries_its_configuration(tmp_path):
    pytest.importorskip("hatchling")
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path / "dist"), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        wheel.extractall(tmp_path / "installed")
    done = command("compare", *SMALL, path=tmp_path / "installed")
    assert done.returncode == 0, done.stderr
    done = command("compare", "days=7", "warm_up=0", "replications=1", "policy=buffer", path=tmp_path / "installed")
    assert done.returncode == 0, done.stderr  # the data set is in it, too


LARGE = ["run", "scenario=one_store", "replications=4", "days=56", "warm_up=0"]


def test_a_million_days_of_stock_are_added_up_right(capsys):
    """99.2 million in stock: eight weeks of most items' units are more than 32 bits hold."""
    assert main([*LARGE, "opening_days=1e6"]) == 0
    capsys.readouterr()
    chain = pd.read_csv(folder_of_only_run() / "tables" / "chain.csv").set_index("measure")["estimate"]
    opening = {"milk": (40.0, 0.80), "yoghurt": (12.0, 0.50), "bread": (25.0, 1.20), "coffee": (4.0, 5.50),
               "batteries": (0.66, 3.00), "birthday_cake": (0.8, 9.00)}  # fmt: skip
    value = sum(1e6 * mean * cost for mean, cost in opening.values())
    assert abs(chain["average_inventory_value"] / value - 1) < 0.001
    assert chain["total_cost"] > 0.2 * value


@pytest.mark.parametrize(
    "words, message",
    [
        (
            ["opening_days=1e7"],
            "the opening stock of item 'milk' at site 'shop' is 400,000,000 units (opening_days=1e+07); "
            "allowed: at most 268,435,455",
        ),
        (
            ["+scenario.items.milk.minimum_order=1000000000"],
            "minimum_order of item 'milk' is 1,000,000,000; allowed: at most 268,435,455",
        ),
        (
            ["scenario.items.milk.pack=3000000000"],
            "pack of item 'milk' is 3,000,000,000; allowed: at most 268,435,455",
        ),
    ],
)
def test_what_a_cell_cannot_hold_is_refused_in_one_line(capsys, words, message):
    assert refused(capsys, *LARGE, *words) == message
