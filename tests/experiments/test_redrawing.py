"""uncertainty.inputs=bootstrap as a user meets it: intervals in two parts, and what it does not go with."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from exports import shop_sales, write_export

from restock import load
from restock.experiments.cli import main


@pytest.fixture(autouse=True)
def shop(tmp_path, monkeypatch):
    """20 weeks of a small shop."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    monkeypatch.setattr(sys, "path", list(sys.path))
    conf = tmp_path / "conf" / "scenario"
    conf.mkdir(parents=True)
    text = "# @package _global_\n# A small shop.\nscenario: {kind: erp, name: shop, folder: shop, record: sale}\n"
    (conf / "shop.yaml").write_text(text, encoding="utf-8")
    write_export(tmp_path / "shop", shop_sales(140))


SMALL = ["scenario=shop", "policy=[buffer,just_in_time]", "replications=8", "days=28", "warm_up=28"]
FEW = ["uncertainty.inputs=bootstrap", "uncertainty.resamples=4", "uncertainty.replications=3"]


def restock(command, *words):
    return main([command, "--config-dir", "conf", *SMALL, "figures=false", *words])


def table(name, run):
    return pd.read_csv(Path(run) / "tables" / f"{name}.csv")


def refused(capsys, command, *words):
    """The one line of an error, after checking exit code 2 and that nothing is left behind."""
    assert restock(command, *words) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and not Path("runs").exists()
    return captured.err.removeprefix("restock: ").rstrip("\n")


def test_intervals_hold_both_parts_and_the_report_says_them_apart(capsys):
    assert restock("compare", "hydra.run.dir=plain") == 0
    plain = capsys.readouterr().out
    assert ("± holds the simulation's chance only, not that of the record of 20 weeks; uncertainty.inputs=bootstrap "
            "adds it.") in plain  # fmt: skip
    assert restock("compare", "hydra.run.dir=both", *FEW) == 0
    both = capsys.readouterr().out
    assert "the simulation's chance (8 replications), and that of the record of 20 weeks (4 resamples)." in both
    one, other = table("chain", "plain").set_index(["policy", "measure"]), table("chain", "both")
    other = other.set_index(["policy", "measure"])
    assert np.array_equal(one["estimate"], other["estimate"], equal_nan=True)
    assert np.allclose(one["half_width"], other["simulation_half_width"], equal_nan=True)
    stock = ("buffer", "average_inventory_value")
    assert other.loc[stock, "half_width"] > 1.5 * one.loc[stock, "half_width"]
    parts = table("interval_parts", "both").set_index(["policy", "measure"])
    assert np.allclose(parts["both"], other["half_width"], equal_nan=True)
    assert not Path("plain/tables/interval_parts.csv").exists()
    for run, said in (
        ("plain", "interval over replications of this model"),
        ("both", "the simulation's chance and that"),
    ):
        assert main(["report", run]) == 0 and said in Path(run, "report.html").read_text(encoding="utf-8")
    found = [table("differences", run).set_index(["policy", "level", "group", "measure"]) for run in ("plain", "both")]
    chain = ("just_in_time", "chain", "all", "fill_rate")
    assert found[0].loc[chain, "difference"] == found[1].loc[chain, "difference"]
    assert found[1].loc[chain, "half_width"] > found[0].loc[chain, "half_width"]
    assert found[1].loc[chain, "simulation_half_width"] == pytest.approx(found[0].loc[chain, "half_width"])


def test_the_same_seed_draws_the_same_records_from_python_too():
    for run in ("one", "two"):
        assert restock("compare", f"hydra.run.dir={run}", *FEW) == 0
    again = load("shop", *SMALL[1:], "figures=false", *FEW, config_dir="conf").compare()
    assert Path("one/tables/chain.csv").read_bytes() == Path("two/tables/chain.csv").read_bytes()
    assert np.allclose(again.table("chain")["half_width"], table("chain", "one")["half_width"], equal_nan=True)


def test_one_policy_has_both_parts_too(capsys):
    assert main(["run", "--config-dir", "conf", "scenario=shop", "replications=4", "days=28", "warm_up=0", *FEW]) == 0
    assert "(4 resamples)" in capsys.readouterr().out
    (figure,) = Path("runs").glob("*/*/figures/policies.png")
    assert figure.stat().st_size > 0


WHAT = "uncertainty.inputs=bootstrap"


@pytest.mark.parametrize("words, said", [
    (["uncertainty.inputs=bootstrp"], "uncertainty.inputs 'bootstrp' is unknown; did you mean 'bootstrap'? choose "
                                      "from: bootstrap, none"),
    (["scenario=one_store", WHAT], f"{WHAT} needs a record, and a scenario of kind written has none; leave it at none"),
    ([WHAT, "demand.source=replay"], f"{WHAT} with demand.source=replay: recorded days are played as they were; use "
                                     "fitted"),
    ([WHAT, "precision.relative=0.1"], f"{WHAT} with precision, which goes by the simulation's chance alone; leave one "
                                       "of them out"),
    ([WHAT, "statistics.control_variate=true"], f"{WHAT} with statistics.control_variate=true: choose one of them"),
    ([WHAT, "uncertainty.replications=9"], "uncertainty.replications (9) are the first of replications (8): it must "
                                           "not be more"),
    ([WHAT, "uncertainty.resamples=1"], "uncertainty.resamples must be a whole number not below 2, got 1"),
])  # fmt: skip
def test_what_it_does_not_go_with_is_one_line(capsys, words, said):
    assert refused(capsys, "compare", "uncertainty.replications=3", *words) == said


def test_other_commands_do_not_pass_it_over(capsys):
    said = "uncertainty.inputs goes with restock compare and run; restock {} takes none"
    assert refused(capsys, "backtest", WHAT) == said.format("backtest")
    assert refused(capsys, "trace", "policy=buffer", WHAT) == said.format("trace")
    assert main(["claim", "jit_or_buffer", WHAT]) == 2
    assert "uncertainty.inputs goes with restock compare and run" in capsys.readouterr().err


def test_a_short_record_is_refused(capsys):
    write_export(Path("shop"), shop_sales(49))
    assert refused(capsys, "compare", *FEW, "warm_up=0") == f"{WHAT} needs a record of at least 8 weeks, got 7"
