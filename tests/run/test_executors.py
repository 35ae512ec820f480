"""Where shards are run changes no bit; a worker that is killed costs the shard it was at; Ctrl-C leaves nothing."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from chains import LEAN, small_chain
from worlds import TIERED

from restock.experiments.cli import main
from restock.policies.catalogue import find_policy
from restock.sim.errors import InputError, WorkersLost
from restock.sim.planning.policy import Policy
from restock.sim.results.rollup import LEVELS, groupings, reduction
from restock.sim.run import packing, processes
from restock.sim.run.dask_cluster import Dask
from restock.sim.run.executors import Executor, Threads, executor_of, in_order
from restock.sim.run.processes import Processes
from restock.sim.run.shards import as_it_is, map_shards, run_shards, shard_bounds
from restock.sim.study.compare import compare, evaluate

ROOT = Path(__file__).parents[2]
REPLICATIONS = 70  # two rows of shards, one of them short
OWN_RULE = '''
from numba import njit
from restock.sim.planning.policy import Policy

HALF = 2


@njit
def half(number):
    return number // HALF


class CoverHalf(Policy):
    """Order half of what is missing to twenty units."""

    def levels(self, known):
        return {"level": 20}

    @staticmethod
    def rule(view, levels):
        return half(max(0, levels.level - view.inventory_position))
'''

OWN_MEMORY = '''
import math
import numpy as np
from restock.sim.planning.policy import ByDay, Policy

SHARE = 0.2


def smooth(memory, rate):
    memory[0] += SHARE * (rate - memory[0])


class CoverSmoothed(Policy):
    """So many days of smoothed demand, more on some days than on others."""

    forecast_slot = 0

    def levels(self, known):
        return {"days": ByDay(5 + np.arange(known.world.horizon)[None, :] % 3, np.zeros(known.stocked.shape))}

    def memory(self, known):
        return known.demand_mean[:, :, None]

    @staticmethod
    def learn(seen, levels, memory):
        smooth(memory, seen.demand / seen.days)

    @staticmethod
    def rule(view, levels, memory):
        return max(0, math.ceil(levels.days * memory[0] - 1e-9) - view.inventory_position)
'''


@pytest.fixture(scope="module")
def prepared():
    return small_chain()


@pytest.fixture(scope="module")
def workers():
    """Executors that others of this module share, started when first used."""
    pytest.importorskip("distributed")
    started = {
        "serial": Executor(), "one thread": Threads(1), "two threads": Threads(2), "processes": Processes(2),
        "dask": Dask(workers=2),
    }  # fmt: skip
    yield started
    for executor in started.values():
        executor.close()


def own_policy(folder, monkeypatch, kind="own"):
    """A user's policy by its dotted path; workers that run already cannot find its file."""
    (folder / "cover_half.py").write_text(OWN_RULE)
    (folder / "cover_smoothed.py").write_text(OWN_MEMORY)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    return find_policy("cover_half.CoverHalf" if kind == "own" else "cover_smoothed.CoverSmoothed")()


def everything(prepared, policy, executor):
    """All numbers of a run, as bytes: ledger, sums, moments, daily figures."""
    plan = prepared.plan(policy)
    shards = run_shards(prepared, plan, 5, (0, REPLICATIONS), executor=executor)
    found = {f"ledger {shard.replications} {shard.items}": shard.ledger.tobytes() for shard in shards}
    outcome = evaluate(prepared, plan, REPLICATIONS, seed=5, series=True, levels=LEVELS, executor=executor)
    for level, sums in outcome.rollup.sums.items():
        found[f"sums {level}"] = sums.tobytes()
    for level, moments in outcome.rollup.moments.items():
        found[f"moments {level}"] = b"".join(part.tobytes() for part in (moments.count, moments.mean, moments.squares))
    found |= {"series": outcome.series.tobytes(), "one series": outcome.one_series.tobytes()}
    return found, outcome.table("item").to_csv()


@pytest.mark.parametrize("kind", ["tiers", "own", "remembers"])
def test_every_executor_gives_the_same_bits(prepared, workers, kind, tmp_path, monkeypatch):
    policy = TIERED if kind == "tiers" else own_policy(tmp_path, monkeypatch, kind)
    expected = everything(prepared, policy, workers["serial"])
    assert len(expected[0]) > 20
    for name in ("one thread", "two threads", "processes", "dask"):
        assert everything(prepared, policy, workers[name]) == expected, name


def test_a_comparison_is_the_same_on_any_executor(prepared, workers):
    policies = {"lean": LEAN, "tiers": TIERED}
    here, there = (
        compare(prepared, policies, 9, seed=2, executor=executor) for executor in (None, workers["processes"])
    )
    pd.testing.assert_frame_equal(here.differences(), there.differences(), check_exact=True)


@dataclass
class Fatal:
    """A reduction that notes each shard it is given, and kills its process at one of them: once, or always."""

    reduce: Any
    at: tuple
    notes: Path
    always: bool = False

    def __call__(self, shard):
        bounds = (shard.replications, shard.items)
        with self.notes.open("a") as notes:
            notes.write(f"{bounds}\n")
        if bounds == self.at and (self.always or self.notes.read_text().count(str(bounds)) == 1):
            time.sleep(0.5)  # what this worker did before has been handed over by now
            os.kill(os.getpid(), signal.SIGKILL)
        return self.reduce(shard)


@pytest.mark.parametrize("name", ["processes", "dask"])
def test_a_worker_killed_costs_the_rerun_of_its_shard(prepared, workers, name, tmp_path):
    plan = prepared.plan(TIERED)
    reduce = reduction(prepared, plan, groupings(prepared, plan, LEVELS))
    bounds = shard_bounds(*prepared.world.stocked.shape, 0, REPLICATIONS)
    fatal = Fatal(reduce, bounds[3], tmp_path / "notes")
    expected = list(map_shards(prepared, plan, 5, (0, REPLICATIONS), reduce, Executor()))
    found = list(map_shards(prepared, plan, 5, (0, REPLICATIONS), fatal, workers[name]))
    for one, other in zip(expected, found, strict=True):
        assert one.replications == other.replications
        for level in one.sums:
            assert one.sums[level].tobytes() == other.sums[level].tobytes()
        for level, (first, moments) in one.moments.items():
            assert first == other.moments[level][0]
            assert moments.squares.tobytes() == other.moments[level][1].squares.tobytes()
    ran = Counter(fatal.notes.read_text().splitlines())
    assert ran == Counter({str(bound): 1 + (bound == bounds[3]) for bound in bounds})


def test_a_shard_that_kills_every_worker_is_named(prepared, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "TRIES", 2)
    plan, items = prepared.plan(LEAN), len(prepared.scenario.items)
    with Processes(1) as executor, pytest.raises(WorkersLost) as error:
        fatal = Fatal(as_it_is, ((0, 2), (0, items)), tmp_path / "notes", always=True)
        list(map_shards(prepared, plan, 5, (0, 2), fatal, executor))
    assert str(error.value) == (
        f"policy 'base_stock', replications 0 to 1, items 0 to {items - 1}: "
        "2 worker processes in turn ended before it was done"
    )


def test_a_shard_that_kills_every_dask_worker_is_named(prepared, tmp_path):
    dask = pytest.importorskip("dask")
    pytest.importorskip("distributed")
    plan, items = prepared.plan(LEAN), len(prepared.scenario.items)
    fatal = Fatal(as_it_is, ((0, 2), (0, items)), tmp_path / "notes", always=True)
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), Dask(workers=1) as executor:
        with pytest.raises(
            WorkersLost, match=f"replications 0 to 1, items 0 to {items - 1}: its dask workers ended in turn"
        ):
            list(map_shards(prepared, plan, 5, (0, 2), fatal, executor))


def test_rules_are_sent_with_their_code_or_refused_in_one_line(prepared, workers):
    factor, lock = 2, threading.Lock()

    class Here(Policy):
        """Defined inside a function: nobody can import it."""

        def levels(self, known):
            return {"level": np.ceil(known.demand_mean * 3)}

        @staticmethod
        def rule(view, levels):
            return max(0, factor * levels.level - view.inventory_position)

    class Locked(Here):
        @staticmethod
        def rule(view, levels, held=lock):
            return 0

    numbers = [
        evaluate(prepared, Here(), 3, seed=1, executor=executor).value("fill_rate")
        for executor in (None, workers["processes"], workers["dask"])
    ]
    assert numbers[0] == numbers[1] == numbers[2]
    for name in ("processes", "dask"):
        with pytest.raises(InputError, match=r"policy 'locked': its rule cannot be sent .*; use executor=threads"):
            evaluate(prepared, Locked(), 3, seed=1, executor=workers[name])


class Refunding(Policy):
    """Orders less than nothing, some day."""

    def levels(self, known):
        return {"level": 10}

    @staticmethod
    def rule(view, levels):
        return -1 if view.day == 9 else max(0, levels.level - view.inventory_position)


def test_an_error_in_a_worker_is_the_error_here(prepared, workers):
    for executor in workers.values():
        with pytest.raises(InputError) as error:
            evaluate(prepared, Refunding(), 3, seed=1, executor=executor)
        assert str(error.value).startswith(
            "policy 'refunding' for item 'item_0' at site 'store_0' on day 9: the rule must return a whole number not "
            "below 0, got -1 for View("
        )


def test_results_come_in_order_and_few_are_ahead():
    begun, taken = [], 0

    def call(task):
        begun.append(task)
        return task * task

    for task, result in enumerate(in_order(call, range(50), threads=2, ahead=4)):
        assert result == task * task
        taken += 1
        assert len(begun) <= taken + 4
    assert sorted(begun) == list(range(50))


def test_work_that_ends_early_cancels_what_is_queued():
    begun = []
    results = in_order(begun.append, range(1000), threads=1, ahead=4)
    next(results)
    results.close()
    assert len(begun) <= 6


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    monkeypatch.setattr(sys, "path", list(sys.path))


SMALL = ["scenario=one_store", "replications=4", "days=28", "warm_up=0"]


def tables(folder):
    return {path.name: path.read_bytes() for path in Path(folder, "tables").glob("*.csv")}


def test_the_command_gives_the_same_tables(own_folder, workers):
    workers["dask"].start()
    address = f"executor.address={workers['dask']._cluster.scheduler_address}"
    words = {"threads": ["threads=2"], "processes": ["executor.workers=1"], "dask": [address]}
    for name, more in words.items():
        assert main(["run", *SMALL, "policy=abc_tiered", f"executor={name}", *more, f"hydra.run.dir={name}"]) == 0
        assert tables(name) == tables("threads") and len(tables(name)) == 10


def closed_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["executor=dsk"],
         "executor 'dsk' is unknown; did you mean 'dask'? choose from: dask, processes, serial, threads"),
        (["executor.adress=x"],
         "setting 'adress' of executor is unknown; did you mean 'address'? "
         "choose from: address, name, timeout, workers"),
        (["executor.name=thread"],
         "executor 'thread' is unknown; did you mean 'threads'? choose from: dask, processes, serial, threads"),
        (["executor.workers=0"], "executor.workers must be a whole number not below 1, got 0"),
        (["executor=serial", "executor.workers=2"], "executor=serial has one worker, got executor.workers=2"),
        (["executor.address=tcp://127.0.0.1:1"], "executor.address goes with executor=dask, got executor=threads"),
        (["executor=dask", "executor.address=tcp://127.0.0.1:1", "executor.workers=2"],
         "executor.workers goes without executor.address: workers at an address are started there"),
        (["executor=dask", "executor.timeout=0"], "executor.timeout must be above 0 seconds, got 0.0"),
        (["executor=processes", "threads=2"],
         "threads goes with executor=threads; set executor.workers instead, and leave threads out"),
    ],
)  # fmt: skip
def test_a_wrong_executor_is_one_line(own_folder, capsys, words, message):
    assert main(["compare", *SMALL, *words]) == 2
    assert capsys.readouterr().err == f"restock: {message}\n"
    assert not list(Path.cwd().iterdir())


def test_a_cluster_that_is_not_there_is_one_line(own_folder, capsys):
    distributed = pytest.importorskip("distributed")
    place = f"tcp://127.0.0.1:{closed_port()}"
    assert main(["compare", *SMALL, "executor=dask", f"executor.address={place}", "executor.timeout=1"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"restock: executor.address: no dask scheduler answers at '{place}' within 1 s (")
    assert said.endswith("; start one with: dask scheduler --host 127.0.0.1\n") and said.count("\n") == 1
    with distributed.LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as cluster:
        place = cluster.scheduler_address
        assert main(["compare", *SMALL, "executor=dask", f"executor.address={place}", "executor.timeout=0.5"]) == 2
    assert capsys.readouterr().err == (
        f"restock: executor.address: the dask scheduler at '{place}' has no workers after 0.5 s; "
        f"start one with: dask worker {place} --nthreads 1\n"
    )
    assert main(["compare", *SMALL, "executor=dask", "executor.address=nonsense"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(Path.cwd().iterdir())


def test_dask_that_is_not_installed_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"executor=dask needs the package distributed: pip install 'restock\[cluster"):
        executor_of("dask").start()


def test_a_worker_of_other_code_refuses():
    good, error = packing.perform("restock sources 0, Python 2.7", [], None)
    assert not good and str(error).startswith("a worker runs other code: restock sources ")


@pytest.mark.slow
def test_a_cluster_started_by_its_own_commands_survives_a_kill(own_folder):
    """dask scheduler, dask worker and restock compare, as the README has them; one worker process is killed."""
    psutil = pytest.importorskip("psutil")
    port = closed_port()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    quiet = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-c", "from dask.__main__ import main; main()"]
    started = [subprocess.Popen([*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port)], **quiet)]
    address = f"tcp://127.0.0.1:{port}"
    try:
        started.append(subprocess.Popen([*dask, "worker", address, "--nworkers", "2", "--nthreads", "1"], **quiet))
        words = ["run", "policy=abc_tiered", "scenario=regional_chain", "scenario.items=200", "replications=2000"]
        run = [sys.executable, "-c", "import sys; from restock.experiments.cli import main; sys.exit(main())", *words]
        run += ["executor=dask", f"executor.address={address}", "executor.timeout=60", "hydra.run.dir=there"]
        done = subprocess.Popen(run, env=environment, stderr=subprocess.PIPE, text=True)
        nanny, busy, deadline = psutil.Process(started[1].pid), [], time.monotonic() + 120
        while not busy and done.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
            busy = [one for one in nanny.children(recursive=True) if sum(one.cpu_times()[:2]) > 4]
        assert busy and done.poll() is None
        busy[0].kill()
        assert done.wait(timeout=300) == 0, done.stderr.read()
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(timeout=60)
    assert main([*words, "hydra.run.dir=here"]) == 0
    assert tables("there") == tables("here") and len(tables("here")) == 10


def interrupted(executor, *words):
    """Press Ctrl-C in a long run once its workers are at work; returns exit code, words, and workers still alive."""
    psutil = pytest.importorskip("psutil")
    listening = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # even if these tests do not
    )
    run = [
        sys.executable,
        "-c",
        listening + "import sys; from restock.experiments.cli import main; sys.exit(main())",
        "compare",
    ]
    run += ["scenario=regional_chain", "scenario.items=200", "replications=20000", f"executor={executor}", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        run, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        of_it, busy, deadline = psutil.Process(process.pid), [], time.monotonic() + 300
        while len(busy) < 2 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
            family = of_it.children(recursive=True)
            busy = [one for one in family if one.is_running() and sum(one.cpu_times()[:2]) > 2]
        assert len(busy) >= 2
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        said = process.communicate(timeout=120)[1]
    finally:
        process.kill()
    _, alive = psutil.wait_procs(family, timeout=60)
    return process.returncode, said, alive


@pytest.mark.usefixtures("plain_kernel")
@pytest.mark.parametrize("executor", ["processes", pytest.param("dask", marks=pytest.mark.slow)])
def test_an_interrupted_run_leaves_no_process_behind(own_folder, executor):
    code, said, alive = interrupted(executor, "executor.workers=2")
    assert (code, said.strip(), alive) == (130, "restock: interrupted", [])
    assert not list(Path.cwd().iterdir())
