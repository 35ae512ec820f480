"""Every setting, given what it is not meant to be given: a right answer or one line, and never a traceback.

A sample of pairs of a setting and a value is tried by default; `-m slow` tries all of them.
"""

import re
import shutil
from pathlib import Path

import pandas as pd

from experiments.cli import main
from tests.every_setting import VALUE, every_setting

VALUES = ("abc", "0", "-1", "0.5", "nan", "inf", "-inf", "1e9", "1e308", "1000000000", str(10**30), "''", "'é± 漢'",
          "[1,2]", "[]", "null", "{a: 1}", "{}", "true", "'" + "x" * 3000 + "'")  # fmt: skip
SMALL = ("replications=2", "days=14", "warm_up=0")
SAMPLE = 150
UNDEFINED = {"nothing"}


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
            return f"ended with exit code {code}: {said[:500]}"
        return _not_finite(printed, folders)
    finally:
        shutil.rmtree("runs", ignore_errors=True)


def _not_finite(printed, folders):
    """A figure that is no number, in the report or in the tables."""
    if found := re.search(r"(?<![\w.'-])[-+]?(nan|inf)\b", printed):
        return f"printed {found[0]}: {printed[max(0, found.start() - 200) : found.end() + 50]}"
    for folder in folders:
        for path in sorted(folder.rglob("*.csv")):
            numbers = pd.read_csv(path).select_dtypes("number")
            if (numbers.abs() == float("inf")).any(axis=None):
                return f"an infinite figure in {path.name}"
    return None
