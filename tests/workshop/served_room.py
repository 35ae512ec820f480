"""Which workshop the tests serve, and where."""

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WORDS = ("scenario=one_store", "days=84", "warm_up=28", "replications=24")


@dataclass
class Served:
    """Where a workshop is served, and what it has said."""

    url: str
    key: str
    log: Path
    process: subprocess.Popen

    @property
    def pid(self):
        return self.process.pid

    def said(self):
        return self.log.read_text(encoding="utf-8")


@contextmanager
def served_in(folder, *words):
    """`restock workshop` in a process of its own, on a port that is free where none is named."""
    log = folder / "log.txt"
    port = () if "--port" in words else ("--port", "0")
    command = [sys.executable, "-m", "restock", "workshop", *words, *port]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [Path.cwd(), *filter(None, sys.path)]))}
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=folder, env=environment)
    try:
        deadline = time.monotonic() + 240
        while not (found := re.search(r"moderator: +(http://[\d.:]+)/moderator\?key=(\S+)", log.read_text())):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield Served(found[1], found[2], log, process)
    finally:
        process.terminate()
        process.wait(20)
