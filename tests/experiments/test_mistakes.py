"""Ordinary mistakes, and machines that do not play along: one line each, whatever the caller's environment."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from test_cli import SMALL, own_folder, refused  # noqa: F401
from test_config import settings

from restock.experiments import jobs, run_folder
from restock.experiments.cli import main
from restock.experiments.scenarios import build_scenario
from restock.sim.errors import InputError
from restock.sim.model.network import Item
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.planning.prepared import Prepared
from restock.sim.run import memory_needed
from restock.sim.yaml_file import read_yaml

ROOT = Path(__file__).parents[2]
SHOP = ["run", "policy=just_in_time", *SMALL]


@pytest.fixture
def tables():
    """A scenario of one's own, as a folder of tables."""
    write_scenario(build_scenario(settings("scenario=one_store")), "shop")
    return Path("shop")


def test_a_mistyped_setting_beside_a_folder_is_one_line(capsys, tables):
    for words, message in (
        (["dmand.scale=2"], "setting 'dmand' is unknown; did you mean 'demand'? choose from: "),
        (["demand.scael=2"], "setting 'scael' of demand is unknown; did you mean 'scale'? choose from: "),
        (["scenario.pathh=shop"], "setting 'pathh' of scenario is unknown; did you mean 'path'? choose from: "),
    ):
        assert refused(capsys, "run", "scenario=folder", "scenario.path=shop", *words).startswith(message)
        assert refused(capsys, "run", "scenario=folder", *words).startswith(message)


def test_a_mistyped_setting_beside_a_scenario_of_ones_own_is_one_line(capsys):
    Path("my_conf/scenario").mkdir(parents=True)
    text = "# @package _global_\nscenario: {kind: folder, path: shop, extra: 1}\n"
    Path("my_conf/scenario/mine.yaml").write_text(text)
    for flags in (["--config-dir", "my_conf"], ["--config-dir=my_conf"]):
        words = ["run", *flags, "scenario=mine", "scenario.extar=2"]
        assert refused(capsys, *words) == (
            "setting 'extar' of scenario is unknown; did you mean 'extra'? choose from: extra, kind, path"
        )


@pytest.mark.parametrize(
    "text, message",
    [
        (
            "name: shop\n\tdays: 7\n",
            r"line 2 cannot be read as YAML: found character '\\t' .*; indent with spaces, not",
        ),
        ("name: shop\nassumptions: [one, two\n", r"line 3 cannot be read as YAML: expected ',' or '\]'"),
        ("name: shop\ndays: 7\ndays: 8\n", r"line 3 cannot be read as YAML: 'days' is given twice"),
        ("name: shop\ncosts: {count_cost: 1, count_cost: 2}\n", r"line 2 .*: 'count_cost' is given twice"),
        ("- name\n- days\n", "must hold settings, name: value, one a line"),
        ("start: 2024-02-31\n", "cannot be read: day is out of range for month"),
        ("name: caf\xe9\n".encode("latin-1"), "line 1 is not UTF-8 text \\(byte 0xe9\\); save it as UTF-8"),
    ],
)
def test_a_broken_scenario_yaml_is_one_line(capsys, tables, text, message):
    (tables / "scenario.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    said = refused(capsys, "run", "scenario=folder", "scenario.path=shop", "policy=buffer")
    assert said.startswith(str(Path("shop/scenario.yaml"))) and re.search(message, said)


@pytest.mark.parametrize("group", ["scenario", "policy", "experiment", "claim"])
@pytest.mark.parametrize(
    "text, message",
    [
        ("days: 7\n\tseed: 2\n", "cannot be read as YAML: found character"),
        ("days: [1, 2\n", "cannot be read as YAML: expected ',' or ']'"),
        ("days: 7\ndays: 8\n", "cannot be read as YAML: found duplicate key days"),
    ],
)
def test_a_broken_file_of_settings_is_one_line(capsys, group, text, message):
    Path(f"my_conf/{group}").mkdir(parents=True)
    Path(f"my_conf/{group}/mine.yaml").write_text(f"# @package _global_\n# A question?\n{text}")
    words = ["claim", "mine"] if group == "claim" else ["run", f"{group}=mine"]
    said = refused(capsys, words[0], "--config-dir", "my_conf", *words[1:])
    assert message in said and "mine.yaml line" in said


def test_numbers_in_yaml_are_read_as_on_the_command_line():
    Path("some.yaml").write_text("a: 1e3\nb: 1.5\nc: 2024-03-01\nd: 1e-3\n")
    found = read_yaml(Path("some.yaml"))
    assert (found["a"], found["b"], str(found["c"]), found["d"]) == (1000.0, 1.5, "2024-03-01", 0.001)


def test_a_name_that_is_a_number_is_to_be_quoted(capsys):
    Path("my_conf/scenario").mkdir(parents=True)
    shop = yaml.safe_load((ROOT / "conf/scenario/one_store.yaml").read_text())
    shop["scenario"]["items"] = {4711: shop["scenario"]["items"]["milk"]}
    Path("my_conf/scenario/mine.yaml").write_text("# @package _global_\n" + yaml.safe_dump(shop))
    words = ["run", "--config-dir", "my_conf", "scenario=mine", "policy=buffer"]
    assert refused(capsys, *words) == "scenario.items: the name 4711 is no text; write it in quotes, '4711'"
    with pytest.raises(InputError, match=re.escape("supplier of item 'milk' must be text, got 5; write it in quotes")):
        Item("milk", supplier=5)


MILK = "demand of item 'milk' at site 'shop': "


@pytest.mark.parametrize(
    "word, message",
    [
        ("demand.scale=1e9", MILK + "demand.scale=1e+09, demand.cv_factor=1: poisson: mean must not exceed 65535"),
        ("demand.cv_factor=1e6", MILK + "demand.scale=1, demand.cv_factor=1e+06: negative_binomial: dispersion"),
        ("demand.cv_factor=1e3", MILK + "demand.scale=1, demand.cv_factor=1000: negative_binomial: dispersion"),
        ("events=[{kind: promotion, start: 0, days: 7, uplift: 1e9}]", MILK + "poisson: mean must not exceed"),
        ("events=[{kind: trend, per_year: 1e99}]", "trend: per_year must not exceed 1000000000, got 1e+99, in "),
        ("days=1000000000", "days and warm_up must not exceed 100,000 together, got 1,000,000,000 + 0"),
        ("warm_up=1000000006", "days and warm_up must not exceed 100,000 together, got 28 + 1,000,000,006"),
        ("lead_time_factor=inf", "lead_time_factor must be a finite number, got inf"),
        ("lead_time_factor=1e9", "lead_time_factor=1e+09: a law with values up to 2, times 1e+09, reaches"),
        ("+costs.cost_steps={9: 1000000000000000000000000000000}", "the unit cost of item 'milk' could rise to 800,"),
        ("++scenario.items.milk.selling_season={end: 9, markdown: {elasticity: 1e9, percent: 20}}",
         "markdown: 20 percent off at an elasticity of 1e+09 multiplies demand by more than a number can hold"),
        ("+shrinkage.by_category.dairy=" + "9" * 400, "shrinkage.by_category.dairy is a number with too many"),
        ("costs.carrying_rate=1e308", "costs.carrying_rate must not exceed 1000000000, got 1e+308"),
        ("costs.carrying_rate=nan", "costs.carrying_rate must be a finite number, got nan"),
        ("scenario.items.milk.unit_cost=inf", "scenario.items.milk.unit_cost must be a finite number, got inf"),
        ("replications=10000000000", "replications must be a whole number not above 100000000, got 10000000000"),
        ("seed=1e99", "seed must be a whole number, got '1e+99'"),
        ("policy=5", "policy must be chosen by a name, got 5; restock list has the names"),
        ("policy=[1,2]", "policy must be chosen by a name, got 1; restock list has the names"),
        ("scenario.items.milk.demand.law=" + "x" * 5000, "law '" + "x" * 119 + "...(5,002 characters) of item"),
    ],
)  # fmt: skip
def test_numbers_beyond_reason_are_one_line(capsys, word, message):
    assert refused(capsys, *SHOP, word).startswith(message)


def test_a_run_that_memory_cannot_hold_is_refused_before_it_is_begun(capsys, monkeypatch):
    monkeypatch.setattr(memory_needed, "memory_of_machine", lambda: 10**9)
    assert refused(capsys, *SHOP, "replications=1000000") == (
        "replications=1000000, with 28 days, 1 sites and 1 policies, needs about 37 GB of memory, and this machine has "
        "1 GB; take fewer"
    )
    prepared = Prepared(build_scenario(settings("scenario=one_store")))
    memory_needed.check_room(prepared, 1000, 3)


def test_growth_beyond_reason_is_one_line(capsys):
    said = refused(capsys, *SHOP, "days=364", "events=[{kind: trend, per_year: 1e9}]")
    assert said == "trend: per_year=1e+09 makes demand more than 1,000,000 times as high within the run"


def test_tables_that_are_not_utf_8_or_not_whole_are_one_line(tables):
    for name, change, message in (
        ("items.csv", lambda data: data.replace(b"coffee", b"caf\xe9"), "line 5 is not UTF-8 text (byte 0xe9); save"),
        ("demand.csv", lambda data: data.replace(b"item,site", b"item,place"), "site '' in demand.csv row 2 is un"),
        ("items.csv", lambda data: data.replace(b"name", b"title"), "column 'title' of items.csv is unknown"),
        ("items.csv", lambda data: data.replace(b"0.8", b"nan", 1), "unit_cost of item 'milk' must be a number not be"),
        ("sites.csv", lambda data: b"kind\nstore\n", "settings of sites.csv row 2 leave out what has no default; they"),
        ("items.csv", lambda data: data + b"x" * 200_000, "items.csv cannot be read: field larger than field limit"),
    ):  # fmt: skip
        before = (tables / name).read_bytes()
        (tables / name).write_bytes(change(before))
        assert change(before) != before
        with pytest.raises(InputError, match=re.escape(message)):
            read_scenario(tables)
        (tables / name).write_bytes(before)


def test_an_output_folder_that_cannot_be_made_is_one_line(capsys):
    Path("runs").write_text("a file where the folder should be")
    assert re.fullmatch(
        r"cannot write in '.*runs.*': (Not a directory|File exists) \('.*'\)",
        refused(capsys, *SHOP),
    )


@pytest.mark.own_kernel
@pytest.mark.usefixtures("plain_kernel")
@pytest.mark.parametrize("command", ["run", "trace"])
def test_a_full_disk_leaves_the_report_on_the_screen(capsys, monkeypatch, command):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for module in (run_folder, jobs, sys.modules.get("restock.experiments.tracing", jobs)):
        monkeypatch.setattr(module, "write_settings", full, raising=False)
    monkeypatch.setattr(run_folder, "write_json", full)
    assert main([command, *SHOP[1:]]) == 1
    captured = capsys.readouterr()
    assert "fill rate" in captured.out or "received" in captured.out
    assert re.fullmatch(r"restock: nothing was written to '.*': No space left on device\n", captured.err)
    assert not Path("runs").exists()


@pytest.mark.own_kernel
@pytest.mark.usefixtures("plain_kernel")
def test_a_fault_of_restock_is_one_line_with_its_traceback_in_a_file(capsys, monkeypatch):
    monkeypatch.delenv("RESTOCK_DEBUG", raising=False)
    monkeypatch.setattr(jobs, "measures_of", lambda comparison: 1 / 0)
    assert main(SHOP) == 1
    said = capsys.readouterr().err
    found = re.fullmatch(r"restock: this is a fault of restock, please report it: ZeroDivisionError \(division by "
                         r"zero\), in test_mistakes.py line \d+; the traceback is in (.*)\n", said)  # fmt: skip
    text = Path(found[1]).read_text()
    assert text.rstrip().endswith("ZeroDivisionError: division by zero") and "measures_of" in text
    Path(found[1]).unlink()
    monkeypatch.setenv("RESTOCK_DEBUG", "1")
    assert main(SHOP) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


SCRIPT = """
import sys
from restock.experiments.cli import main
print(main(["run", "scenario=one_store", "policy=buffer", "replications=2", "days=28", "warm_up=0",
            "hydra.run.dir=out"]))
print(main(["run", "scenario=one_store", "policy=bufer"]), main(["run", "scenario=one_store", "dayz=7"]))
"""
ENVIRONMENTS = {
    "raised, in Kiribati": {"HYDRA_FULL_ERROR": "1", "TZ": "Pacific/Kiritimati", "COLUMNS": "20", "TERM": "dumb",
                            "NUMBA_DISABLE_JIT": "1"},
    "told, in Germany": {"HYDRA_FULL_ERROR": "0", "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8",
                         "MPLBACKEND": "TkAgg", "MPLCONFIGDIR": "/nowhere/at/all", "PYTHONHASHSEED": "7"},
    "in ASCII": {"HYDRA_FULL_ERROR": "", "PYTHONIOENCODING": "ascii", "PYTHONWARNINGS": "always",
                 "NUMBA_NUM_THREADS": "1", "NUMBA_CACHE_DIR": "numba_cache", "OMP_NUM_THREADS": "1"},
    "in the locale C": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "NUMBA_DISABLE_JIT": "0"},
    "on Windows's code page": {"PYTHONIOENCODING": "cp1252", "PYTHONWARNINGS": "error::UserWarning"},
}  # fmt: skip


def said_under(environment, folder):
    """What the commands print in an environment of which nothing else is known."""
    folder.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "TMPDIR", "RESTOCK_CACHE",
                                                "XDG_CACHE_HOME", "LOCALAPPDATA") if name in os.environ}  # fmt: skip
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=folder, capture_output=True,
                          env=kept | {"PYTHONPATH": str(ROOT)} | environment)  # fmt: skip
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout.decode(encoding).replace("±", "+/-"), done.stderr.decode(encoding)


@pytest.fixture(scope="module")
def plainly_said(tmp_path_factory, plain_kernel):
    return said_under({"LANG": "C.UTF-8"}, tmp_path_factory.mktemp("plain") / "run")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_is_said_does_not_depend_on_the_environment(name, plainly_said, tmp_path):
    out, err = said_under(ENVIRONMENTS[name], tmp_path / "run")
    assert out == plainly_said[0] and "Written to out" in out and out.endswith("0\n2 2\n")
    lines = [line for line in err.splitlines() if not line.startswith(("Matplotlib", "mkdir", "Fontconfig"))]
    assert lines == plainly_said[1].splitlines() and len(lines) == 2
