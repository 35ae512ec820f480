"""Every setting, given what it is not meant to be given: a right answer or one line, and never a traceback.

A sample of pairs of a setting and a value is tried by default; `-m slow` tries all of them.
"""

import random
import re
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest
from every_setting import VALUE, every_setting, inside_settings
from test_cli import write_export
from test_config import settings

from restock.experiments.cli import main
from restock.experiments.scenarios import build_scenario
from restock.sim.model.scenario_folder import write_scenario

VALUES = ("abc", "0", "-1", "0.5", "nan", "inf", "-inf", "1e9", "1e308", "1000000000", str(10**30), "''", "'é± 漢'",
          "[1,2]", "[]", "null", "{a: 1}", "{}", "true", "'" + "x" * 3000 + "'")  # fmt: skip
SMALL = ("replications=2", "days=14", "warm_up=0")
SAMPLE, SEED = 100, 1
UNBOUNDED = ("variance_reduction", "by_pairing", "by_control")  # infinite where no variance at all is left


def make_inputs():
    """An export and a scenario's tables, in the current folder."""
    write_export(Path("export"), units=[4, 6, 3, 5, 2] * 12)
    write_scenario(build_scenario(settings("scenario=one_store")), "tables")


def pairs():
    return [(case, value) for case in every_setting() for value in VALUES]


def words_of(case, value):
    return [case.command, *case.before, *SMALL, case.word.replace(VALUE, value)]


def fault_of(words, capsys):
    """What is wrong with how the command ended; None: nothing."""
    code = main(words)
    printed, said = capsys.readouterr()
    folders = [path for path in Path("runs").glob("*/*") if path.is_dir()]
    try:
        if code == 2:
            if printed:
                return f"printed before it refused: {printed[:200]}"
            if not said.startswith("restock: ") or said.count("\n") != 1 or len(said) > 1000:
                return f"refused with other than one line: {said[:1500]}"
            return f"left {folders}" if folders else None
        if code != 0:
            return f"ended with exit code {code}: {said[-600:]}"
        return _not_finite(printed, folders)
    finally:
        shutil.rmtree("runs", ignore_errors=True)


def _not_finite(printed, folders):
    """A figure that is no number, in the report or in the tables."""
    if found := re.search(r"(?<![\w.'-])[-+]?(nan|inf)\b", printed):
        return f"printed {found[0]}: {printed[max(0, found.start() - 200) : found.end() + 50]}"
    for folder in folders:
        for path in sorted(folder.rglob("*.csv")):
            numbers = pd.read_csv(path).select_dtypes("number").drop(columns=list(UNBOUNDED), errors="ignore")
            for column in numbers.columns[(numbers.abs() == float("inf")).any()]:
                return f"an infinite {column} in {path.name}"
    return None


@pytest.fixture
def inputs(tmp_path, monkeypatch):
    """A folder of its own with an export and a scenario's tables, and no time spent on figures."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("restock.experiments.figures.draw", lambda *_: None)
    make_inputs()


def faults(chosen, capsys):
    found = {" ".join(words): fault_of(words, capsys) for words in (words_of(*pair) for pair in chosen)}
    return {words: fault for words, fault in found.items() if fault}


def test_a_sample_of_every_setting_is_right_or_refused(inputs, capsys):
    """Each run of a version tries the same sample: all settings in turn, each with another of the values."""
    chosen = random.Random(SEED).sample(pairs(), SAMPLE)
    assert faults(chosen, capsys) == {}


def test_nothing_is_set_inside_a_single_value(inputs, capsys):
    """Those that are null among them, which Hydra's library meets with an assertion."""
    cases = list(inside_settings())
    nulls = [case for case in cases if case.word.startswith(("++claim.", "++optimize.frontier.", "++item."))]
    assert len(nulls) == 3 and len(cases) > 60
    assert faults([(case, "2") for case in [*nulls, *cases[::8]]], capsys) == {}


def test_every_setting_is_among_the_cases():
    words = {case.word.lstrip("+") for case in every_setting()}
    for name in ("seed", "demand.scale", "costs.volatility", "scenario.items.milk.pack", "policy.buffer.target",
                 "scenario.lanes.shop.dairy.break_packs", "optimize.finalists", "scenario.cost_spread",
                 "transfers.cost_per_line", "transfers.regions"):  # fmt: skip
        assert f"{name}={VALUE}" in words, name
    assert {"transfers.overnight={every: @@}", "transfers.floor={days: @@}", "transfers.rebalance={first: @@}"} < words


@pytest.mark.slow
@pytest.mark.parametrize("value", VALUES)
def test_every_setting_is_right_or_refused(value, inputs, capsys):
    assert faults([(case, value) for case in every_setting()], capsys) == {}
