"""What each executor costs: `restock compare` on the grocer's network, in a process of its own, for each of them.

python benchmarks/executors.py [--rounds 3] [--replications 64]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMAND = "import sys; from restock.experiments.cli import main; sys.exit(main())"


def seconds(executor: str, replications: int) -> tuple[float, float]:
    """Wall time and processor time of one comparison, imports and the start of workers included."""
    words = ["compare", f"executor={executor}", f"replications={replications}"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    with tempfile.TemporaryDirectory() as folder:
        start, before = time.perf_counter(), os.times()
        run = [sys.executable, "-c", COMMAND, *words]
        subprocess.run(run, check=True, env=environment, cwd=folder, stdout=subprocess.DEVNULL)
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return time.perf_counter() - start, used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--replications", type=int, default=64)
    options = parser.parse_args()
    names = ("threads", "serial", "processes", "dask")
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    seconds("threads", 1)  # the kernel is compiled by now
    for _ in range(options.rounds):  # in turn, so that a busy moment falls on all of them
        for name in names:
            taken[name].append(seconds(name, options.replications))
    print(f"restock compare, {options.replications} replications, {os.cpu_count()} cores, least of {options.rounds}:")
    for name in names:
        wall, used = (min(each) for each in zip(*taken[name], strict=True))
        print(f"  {name:<10} {wall:5.1f} s, {used:5.1f} s of processors")


if __name__ == "__main__":
    main()
