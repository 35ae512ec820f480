"""Ctrl-C ends the command soon, whatever it is at, with exit code 130, and leaves nothing half-written."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # even if these tests do not listen
from restock.experiments.cli import main
sys.exit(main())
"""
FOREVER = """
from dataclasses import dataclass
import numpy as np
from restock.sim.planning.policy import Policy

@dataclass(frozen=True)
class Forever(Policy):
    def levels(self, known):
        return {"level": np.full(known.stocked.shape, 20)}

    @staticmethod
    def rule(view, levels):
        while view.day >= 5:
            pass
        return max(0, levels.level - view.inventory_position)
"""
SOON = 30  # seconds; a machine may be busy, and compiling, or a rule that never ends, takes longer in any case


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


class Started:
    """A command in a process of its own, what it said on stderr so far, and how it ends."""

    def __init__(self, *words, code=COMMAND, **environment):
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *words], env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def until(self, words):
        """Read on until the words were said."""
        lines = [""]
        while words not in lines[-1]:
            lines.append(self.process.stderr.readline())
            assert lines[-1], lines
        return lines[1:]

    def interrupted(self, times=1, between=0.0):
        """Press Ctrl-C; returns the exit code and what was said after it."""
        try:
            for k in range(times):
                if k:
                    time.sleep(between)
                self.process.send_signal(signal.SIGINT)
            _, said = self.process.communicate(timeout=SOON)
        finally:
            self.process.kill()
        return self.process.returncode, said.strip()


def nothing_is_left():
    return not [path for path in Path().rglob("*") if path.is_file() or path.name.endswith(".partial")]


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_the_compiler(own_folder, times):
    large = ["replications=4000", "days=28"]  # too large for the event engine to answer meanwhile
    run = Started("run", "scenario=one_store", *large, RESTOCK_CACHE=str(own_folder / "cold"))
    said = run.until("compiling the kernel")
    assert re.fullmatch(r"restock: compiling the kernel .*\(once, about \d+ s\)\n", said[-1])
    time.sleep(1)
    assert run.interrupted(times, between=0.1) == (130, "restock: interrupted")
    assert nothing_is_left()
    kept = [path.suffix for path in (own_folder / "cold").rglob("*") if path.is_file()]
    assert set(kept) <= {".lock", ".kernel", ".py", ".rule", ".json"} and not any(
        "run_shard" in p.name for p in own_folder.rglob("*.kernel")
    )


@pytest.mark.usefixtures("plain_kernel")
@pytest.mark.parametrize("executor", ["threads", "serial", "processes"])
def test_ctrl_c_ends_a_rule_that_never_ends(own_folder, executor):
    Path("my_rules.py").write_text(FOREVER)
    Path("my_rules.py").replace(own_folder / "my_rules.py")
    path = f"{ROOT}{os.pathsep}{own_folder}"
    words = ["policy=my_rules.Forever", "scenario=one_store", "days=28", "replications=64", f"executor={executor}"]
    run = Started("run", *words, code=telling("restock.sim.run.shards", "ShardWork"), PYTHONPATH=path)
    run.until("at work")
    time.sleep(2)
    code, said = run.interrupted()
    assert (code, said.splitlines()[-1]) == (130, "restock: interrupted")
    assert nothing_is_left()


def telling(module, name):
    """The command, which says "at work" when it comes to something."""
    return COMMAND.replace("sys.exit", f"""
import {module}
old = {module}.{name}
def told(*given, **named):
    print("at work", file=sys.stderr, flush=True)
    return old(*given, **named)
{module}.{name} = told
sys.exit""")  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="the way to be deaf is that of Linux")
def test_a_main_thread_inside_compiled_code_does_not_hold_ctrl_c_up(own_folder):
    deaf = COMMAND.replace("sys.exit", """
import ctypes, restock.experiments.jobs as jobs
def perform(*given, **named):
    print("at work", file=sys.stderr, flush=True)
    mutex = ctypes.create_string_buffer(256)
    for _ in range(2):
        ctypes.CDLL(None).pthread_mutex_lock(mutex)  # the second waits for ever, and no signal ends it
jobs.perform = perform
sys.exit""")  # fmt: skip
    run = Started("run", "scenario=one_store", code=deaf)
    run.until("at work")
    assert run.interrupted() == (130, "restock: interrupted")
    assert nothing_is_left()


def test_what_is_being_written_after_ctrl_c_is_written_whole(own_folder):
    slow = COMMAND.replace("sys.exit", """
import time, restock.experiments.sweep
from restock.experiments import cli, interrupt
interrupt.UNWIND = 1.0
def command(words):
    try:
        print("at work", file=sys.stderr, flush=True)
        time.sleep(600)
    except KeyboardInterrupt:
        with interrupt.writing():
            time.sleep(2 + interrupt.UNWIND)
            open("written", "w").close()
        raise
cli._command = command
sys.exit""")  # fmt: skip
    run = Started("run", code=slow)
    run.until("at work")
    assert run.interrupted(2, between=0.1) == (130, "restock: interrupted")  # as programs on the way pass it on
    assert Path("written").exists()
    run = Started("run", code=slow)
    run.until("at work")
    Path("written").unlink()
    assert run.interrupted(2, between=2.0) == (130, "restock: interrupted")  # asked for again, it is broken off
    assert not Path("written").exists()
