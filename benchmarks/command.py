"""What a whole command costs: processor seconds of this checkout beside another one's, by turns.

    git worktree add --detach /tmp/before COMMIT
    python -m benchmarks.command /tmp/before [--pairs 7] [-- compare scenario=regional_chain]
    python -m benchmarks.command --libraries [--pairs 7] [-- run scenario=one_store figures=false]

Processor seconds (user and system, of the whole process, its threads and children): on a shared machine seconds on the
wall are those of others, too. A first turn, which compiles and fills the caches, does not count; the other checkout
keeps its cache in its own runs/cache. `--libraries` sets the command beside a process that imports the libraries that
restock rests on, and does nothing else.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent.parent
LIBRARIES = "import numpy, scipy.special, numba, pandas, matplotlib.figure, hydra, simpy, pyarrow"


def processor_seconds(command: list[str], folder: Path, checkout: Path) -> float:
    """User and system seconds of a process that runs in `folder`, with the modules of `checkout`."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a checkout keeps its modules compiled, as a user's does
    if checkout != HERE:
        environment["XDG_CACHE_HOME"] = str(checkout / "runs" / "cache")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with exit code {done.returncode}:\n{done.stderr[-2000:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def restock(checkout: Path, words: list[str]) -> Callable[[Path], float]:
    """The command in a checkout, whose packages may still lie at its top."""
    module = "restock.experiments.cli" if (checkout / "restock").exists() else "experiments.cli"
    return lambda folder: processor_seconds([sys.executable, "-m", module, *words], folder, checkout)


def by_turns(works: list[Callable[[Path], float]], pairs: int) -> list[list[float]]:
    """Seconds of each, in turns that begin with another one each time, after one that does not count."""
    seconds: list[list[float]] = [[] for _ in works]
    order = list(range(len(works)))
    for turn in range(pairs + 1):
        for which in order:
            with tempfile.TemporaryDirectory() as folder:
                took = works[which](Path(folder))
            if turn:
                seconds[which].append(took)
        order.reverse()
    return seconds


def main() -> None:
    words = sys.argv[1:]
    own, asked = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("checkout", nargs="?", type=Path, help="another checkout of restock")
    parser.add_argument("--libraries", action="store_true", help="beside the bare import of its libraries")
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args(own)
    if options.libraries == bool(options.checkout):
        parser.error("give another checkout, or --libraries")
    command = asked or (["run", "scenario=one_store", "figures=false"] if options.libraries else ["compare"])
    if options.libraries:
        other = "the libraries"
        works = [lambda folder: processor_seconds([sys.executable, "-c", LIBRARIES], folder, HERE)]
    else:
        other = options.checkout.name
        works = [restock(options.checkout.resolve(), command)]
    works.append(restock(HERE, command))
    before, now = by_turns(works, options.pairs)
    ratios = [mine / theirs for mine, theirs in zip(now, before, strict=True)]
    print(
        f"restock {' '.join(command)}: {statistics.median(now):.2f} s, {other} {statistics.median(before):.2f} s; "
        f"{statistics.median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f}) in {options.pairs} pairs"
    )


if __name__ == "__main__":
    main()
