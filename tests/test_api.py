"""restock from Python: the figures are those of the command line."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import restock
from restock.experiments.cli import main

ROOT = Path(__file__).parent.parent
SMALL = {"replications": 4, "days": 28, "warm_up": 0}


def test_a_study_from_python_says_what_the_command_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    words = "policy=[buffer,just_in_time]"
    comparison = restock.load("one_store", words, **SMALL).compare()
    assert main(["compare", "scenario=one_store", words, *(f"{k}={v}" for k, v in SMALL.items()), "figures=false"]) == 0
    (folder,) = Path("runs").glob("*/*")
    written = pd.read_csv(folder / "tables" / "chain.csv")
    pd.testing.assert_frame_equal(comparison.table("chain").reset_index(drop=True), written, check_dtype=False)
    assert set(comparison.differences()["policy"]) == {"just_in_time"}


def test_a_replication_is_traced_and_figures_are_drawn():
    study = restock.load("one_store", "policy=buffer", replications=4, days=28, warm_up=7)
    log, days = study.trace(replication=2)
    assert days["day"].min() == -7 and days["day"].max() == 27 and {"demand", "sold"} <= set(log["what"])
    assert "stock_buffer" in study.figures(study.compare())


def test_a_folder_is_loaded_and_what_is_wrong_is_one_line(tmp_path):
    from restock.sim.model.scenario_folder import write_scenario

    write_scenario(restock.load("one_store", "policy=buffer").scenario, tmp_path / "shop")
    assert restock.load(tmp_path / "shop", "policy=buffer").scenario.items == restock.load("one_store").scenario.items
    with pytest.raises(restock.InputError, match="did you mean 'replications'"):
        restock.load("one_store", "policy=buffer", replicatons=4)
    with pytest.raises(restock.InputError, match="choose one of: buffer, just_in_time"):
        restock.load("one_store", "policy=[buffer,just_in_time]").trace()


def test_all_names_that_are_offered_are_there():
    assert all(getattr(restock, name).__name__ == name for name in restock.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = restock.nothing


def test_one_name_is_installed_and_folders_of_the_users_own_stay_theirs(tmp_path):
    """A wheel beside a folder with conf, sim and experiments of its own."""
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("restock-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "installed")
    tops = {path.name for path in (tmp_path / "installed").iterdir() if path.suffix != ".dist-info"}
    assert tops == {"restock"}
    inside = tmp_path / "installed" / "restock"
    assert (inside / "conf" / "config.yaml").is_file() and (inside / "sim" / "features" / "catalogue.py").is_file()
    here = tmp_path / "here"
    for name in ("conf", "sim", "experiments"):
        (here / name).mkdir(parents=True)
        (here / name / "__init__.py").write_text("MINE = True\n")
    code = (
        f"import sys; sys.path.insert(1, {str(tmp_path / 'installed')!r}); import experiments, sim, conf; "
        "assert experiments.MINE and sim.MINE and conf.MINE; import restock; study = restock.load('one_store'); "
        f"assert restock.__file__.startswith({str(inside)!r}); print(study.scenario.name)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "one_store\n"), done.stderr


@pytest.fixture
def without_links(tmp_path):
    """A checkout where the system makes no symbolic links: text files in restock/, the folders beside it."""
    for path in ("pyproject.toml", "README.md", "LICENSE", "hatch_build.py"):
        (tmp_path / path).write_bytes((ROOT / path).read_bytes())
    (tmp_path / "restock").mkdir()
    for name in ("__init__.py", "__main__.py"):
        (tmp_path / "restock" / name).write_bytes((ROOT / "restock" / name).read_bytes())
    for name in ("sim", "policies", "conf", "experiments"):
        (tmp_path / "restock" / name).write_text(f"../{name}")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "data"))
    return tmp_path


def test_a_checkout_without_links_runs_and_builds_no_package_without_its_folders(without_links, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(without_links))
    shown = [sys.executable, "-m", "restock", "list"]
    ran = subprocess.run(shown, cwd=without_links, check=True, capture_output=True, text=True)
    assert "one_store" in ran.stdout
    where = [sys.executable, "-c", "import restock.sim.errors as found; print(found.__file__)"]
    found = subprocess.run(where, cwd=without_links, check=True, capture_output=True, text=True).stdout.strip()
    assert Path(found) == without_links / "sim" / "errors.py"
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", "built", "."]
    refused = subprocess.run(build, cwd=without_links, capture_output=True, text=True)
    assert refused.returncode != 0 and not list(without_links.glob("built/*.whl"))
    assert "restock/sim, restock/policies, restock/conf, restock/experiments must be links" in refused.stderr
