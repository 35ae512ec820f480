"""Runs that begin in the same second, and runs that are killed: each keeps a folder of its own, whole or not at all."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from restock.experiments.claiming import being_written, claimed, new_folder
from restock.experiments.cli import main
from restock.experiments.run_folder import whole_or_nothing
from restock.sim.errors import InputError

ROOT = Path(__file__).parents[2]
SMALL = ["scenario=one_store", "replications=2", "days=7", "warm_up=0"]
START = """
import datetime, hydra.core.utils, pathlib, sys, time, types
from restock.experiments import claim_command, cli, jobs
class Still(datetime.datetime):
    now = classmethod(lambda cls: cls(1970, 1, 1))
hydra.core.utils.datetime = Still
claim_command.datetime = types.SimpleNamespace(datetime=Still)
pathlib.Path(sys.argv.pop(1)).touch()
while not pathlib.Path("go").exists():
    time.sleep(0.01)
sys.exit(cli.main())
"""
CLAIM = """
import pathlib, sys, time
from restock.experiments.claiming import claimed
pathlib.Path(sys.argv[1]).touch()
while not pathlib.Path("go").exists():
    pass
with claimed(pathlib.Path.cwd() / "here") as folder:
    print(folder.name, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    monkeypatch.setattr(sys, "path", list(sys.path))


def begun(code, *words):
    return subprocess.Popen([sys.executable, "-c", code, *words], env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def together(names):
    """Let processes go on at once that have come so far."""
    deadline = time.monotonic() + 300
    while not all(Path(name).exists() for name in names) and time.monotonic() < deadline:
        time.sleep(0.05)
    for name in names:
        Path(name).unlink()
    Path("go").touch()


def in_one_moment(many, command, *words):
    """Run the command so often at once, with seeds 1, 2, ...; returns what each printed."""
    names = [f"ready-{seed}" for seed in range(1, many + 1)]
    runs = [begun(START, name, *command, f"seed={k}", *words) for k, name in enumerate(names, start=1)]
    together(names)
    with ThreadPoolExecutor(many) as pool:
        said = list(pool.map(lambda run: run.communicate(timeout=300), runs))
    Path("go").unlink()
    assert [run.returncode for run in runs] == [0] * many, [errors for _, errors in said]
    return [out for out, _ in said]


def seeds_by_folder(pattern):
    return {path.parent: json.loads(path.read_text())["seed"] for path in Path().glob(pattern)}


@pytest.mark.parametrize("many", [2, pytest.param(4, marks=pytest.mark.slow), pytest.param(8, marks=pytest.mark.slow)])
def test_runs_begun_in_one_moment_keep_their_folders(many):
    said = in_one_moment(many, ["run", *SMALL])
    found = seeds_by_folder("runs/1970-01-01/*/run.json")
    assert sorted(found.values()) == list(range(1, many + 1))
    for seed, out in enumerate(said, start=1):
        folder = Path(out.splitlines()[-1].removeprefix("Written to "))
        assert found[folder] == seed and (folder / "report.txt").read_text() in out
    numbers = ["", *(f"-{k}" for k in range(2, many + 1))]
    assert {path.name for path in Path("runs/1970-01-01").iterdir()} == {f"00-00-00{number}" for number in numbers}


def test_sweeps_begun_in_one_moment_keep_their_folders():
    said = in_one_moment(2, ["run", "-m", *SMALL], "demand.scale=1,2")
    found = seeds_by_folder("runs/1970-01-01/*/*/run.json")
    assert sorted(found.values()) == [1, 1, 2, 2]
    assert {place.parent.name for place in found} == {"sweep-00-00-00", "sweep-00-00-00-2"}
    for seed, out in enumerate(said, start=1):
        folder = Path(out.split("Table of all runs: ")[1].split("/results.csv")[0])
        assert found[folder / "0"] == found[folder / "1"] == seed
        assert set(pd.read_csv(folder / "results.csv")["status"]) == {"done"}


@pytest.mark.slow
@pytest.mark.parametrize("words", [["compare"], ["trace"], ["optimize", "policy=base_stock", "optimize.trials=2"]])
def test_other_commands_begun_in_one_moment_keep_their_folders(words):
    in_one_moment(2, [*words, *SMALL], "hydra.run.dir=here")
    assert seeds_by_folder("*/run.json") in ({Path("here"): 1, Path("here-2"): 2}, {Path("here"): 2, Path("here-2"): 1})


@pytest.mark.slow
def test_claims_begun_in_one_moment_keep_their_folders():
    said = in_one_moment(2, ["claim", "missed_delivery", "replications=2", "days=28", "warm_up=0"])
    assert {path.parent.name for path in Path("runs/1970-01-01").glob("*/claims.md")} == {"00-00-00", "00-00-00-2"}
    assert {out.splitlines()[-1].split()[2] for out in said} == {
        "runs/1970-01-01/00-00-00:",
        "runs/1970-01-01/00-00-00-2:",
    }


@pytest.mark.parametrize("many", [8])
def test_one_of_those_who_ask_at_once_gets_the_name(many):
    names = [f"ready-{k}" for k in range(many)]
    runs = [begun(CLAIM, name) for name in names]
    together(names)
    got = [run.stdout.readline().strip() for run in runs]
    assert set(got) == {"here", *(f"here-{k}" for k in range(2, many + 1))}
    for run in runs:
        run.communicate("", timeout=60)
    assert [path.name for path in Path().iterdir()] == ["go"]


def test_what_a_killed_run_leaves_behind_is_taken_over():
    Path("go").touch()
    killed, other = begun(CLAIM, "a"), begun(CLAIM, "b")
    names = {run: run.stdout.readline().strip() for run in (killed, other)}
    being = Path(f"{names[killed]}.partial") / names[killed]
    being.mkdir()
    (being / "report.txt").write_text("half")
    killed.kill()
    killed.wait()
    with claimed(Path.cwd() / names[killed]) as folder:
        assert folder.name == names[killed]
        with whole_or_nothing(folder) as place:
            assert not list(place.iterdir())
            (place / "run.json").write_text("{}")
        assert other.poll() is None and Path(f"{names[other]}.partial").exists()
    assert [path.name for path in folder.iterdir()] == ["run.json"]
    other.communicate("", timeout=60)
    assert {path.name for path in Path().iterdir()} == {"go", "a", "b", names[killed]}


def test_killing_a_run_harms_no_other_and_its_rest_is_no_run(capsys):
    long = ["scenario=regional_chain", "scenario.items=200", "replications=20000", "policy=buffer"]
    killed = begun(START, "ready-1", "run", *long, "hydra.run.dir=runs/day/12-00-00")
    together(["ready-1"])
    while not Path("runs/day/12-00-00.partial").exists():
        time.sleep(0.02)
    assert main(["run", *SMALL, "hydra.run.dir=runs/day/12-00-00"]) == 0
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert seeds_by_folder("runs/day/*/run.json") == {Path("runs/day/12-00-00-2"): 1}
    assert main(["run", *SMALL, "seed=7", "hydra.run.dir=runs/day/12-00-00"]) == 0
    assert sorted(seeds_by_folder("runs/day/*/run.json").values()) == [1, 7]
    assert main(["collect", "runs/day"]) == 2
    assert "no run of a sweep has finished" in capsys.readouterr().err


def test_a_folder_that_holds_something_is_never_written_over(capsys):
    for seed, name in ((1, "mine"), (2, "mine-2"), (3, "mine-3")):
        assert main(["run", *SMALL, f"seed={seed}", "hydra.run.dir=mine"]) == 0
        assert capsys.readouterr().out.endswith(f"\nWritten to {name}\n")
        assert json.loads((Path(name) / "run.json").read_text())["seed"] == seed
    assert main(["run", *SMALL, "hydra.run.dir=."]) == 2
    assert "a run needs a folder of its own" in capsys.readouterr().err
    Path("file").write_text("")
    assert main(["run", *SMALL, "hydra.run.dir=file/mine"]) == 2
    assert capsys.readouterr().err.startswith(f"restock: cannot write in '{Path.cwd()}/file/mine': ")


def test_an_empty_folder_is_filled_and_a_failure_leaves_nothing(tmp_path):
    (tmp_path / "mine").mkdir()
    with claimed(tmp_path / "mine") as folder:
        assert folder == tmp_path / "mine"
        with claimed(tmp_path / "mine") as other:
            assert other == tmp_path / "mine-2"
        with pytest.raises(ValueError), whole_or_nothing(folder) as place:
            (place / "table.csv").write_text("half")
            raise ValueError
        with pytest.raises(InputError, match=r"'.*mine' exists already, or another run is writing it"):
            with claimed(tmp_path / "mine", others=()):
                raise AssertionError
    assert not list(tmp_path.iterdir())
    with claimed(tmp_path / "runs" / "day" / "00-00-00"):
        pass
    assert not list(tmp_path.iterdir())
    with pytest.raises(RuntimeError, match="was not claimed"):
        being_written(folder)
    assert [new_folder(tmp_path / "swept").name for _ in range(3)] == ["swept", "swept-2", "swept-3"]
