"""Print the comparison as markdown: python -m benchmarks.peers"""

from __future__ import annotations

import argparse
import os
import platform

from benchmarks.peers.compare import ADAPTERS, MANY, Result, compare, version
from benchmarks.peers.models import MODELS
from benchmarks.peers.tables import agreement_table, speed_table

ANSWERS = f"""
Answers: mean over replications ± half-width of a 95% interval; the peer's of as many replications as below,
restock's of {MANY:,}. 'Agrees': the difference lies within its 99.9% interval of zero. Units at the end of a day;
orders and cost a day.
"""
SPEED = f"""
Speed: processor seconds, all threads together, from the model's description to its answer; medians of {{runs}} runs of
the peer and {{ours}} of restock, by turns, compiled and imported beforehand, in a run that does not count. Many
replications: {MANY:,}.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__.split(":")[0] + ".")
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each peer; restock has three to each")
    parser.add_argument("--peer", action="append", choices=[a.PACKAGE for a in ADAPTERS], help="only these peers")
    options = parser.parse_args()
    chosen = [adapter for adapter in ADAPTERS if adapter.PACKAGE in (options.peer or [a.PACKAGE for a in ADAPTERS])]
    before = load()
    results: list[Result] = [compare(adapter, model, options.runs) for adapter in chosen for model in MODELS]
    after = load()

    print("Models (a day: delivery, demand, then the order):\n")
    for model in MODELS:
        print(f"- {model.name}: {model.words}; {model.days} days after {model.warm_up} of warm-up")
    print(ANSWERS)
    print(agreement_table(results))
    print(SPEED.format(runs=options.runs, ours=3 * options.runs))
    print(speed_table(results))
    print("\n" + ", ".join(f"{name} {version(name)}" for name in ("restock", "numpy", "numba", "simpy")), end="; ")
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores;")
    print(f"load average (1 minute) {before:.2f} before, {after:.2f} after.")


def load() -> float:
    """Processes that wanted a core, a mean over the last minute; nan where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


if __name__ == "__main__":
    main()
