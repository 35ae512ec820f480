"""How fast: cell-days a second, beside the rate at which numpy merely draws the same demands in the same process.

    python benchmarks/bench.py

A cell-day is one item at one site for one day; the DC counts. Medians of several runs; machines differ and are
shared, so the ratio to `numpy.random.Generator.poisson` is the figure to quote.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from policies.reorder_point import ReorderPoint
from sim.laws import Empirical, Law, NegativeBinomial, Poisson
from sim.network import Item, Lane, Site
from sim.scenario import Scenario, scenario_of
from sim.simulate import Prepared, run_shards

REPLICATIONS = 16

FIRST_RESULT = """
import time; start = time.perf_counter()
from benchmarks.bench import chain, ReorderPoint, Prepared, run_shards
prepared = Prepared(chain(items=20))
for shard in run_shards(prepared, prepared.plan(ReorderPoint()), 1, (0, 1)): pass
print(time.perf_counter() - start)
"""


def chain(items: int = 1000, stores: int = 10, days: int = 364, seed: int = 5) -> Scenario:
    """A DC and its stores, (s, S) policies, random crossing lead times, mixed Poisson and negative binomial demand."""
    rng = np.random.default_rng(seed)
    means = rng.gamma(1.2, 3.0, 64) + 0.1
    laws: list[Law] = [NegativeBinomial(m, 0.5) if k % 3 == 2 else Poisson(m) for k, m in enumerate(means.tolist())]
    leads = [Empirical(tuple(range(1, 8)), tuple(rng.random(7).tolist())) for _ in range(4)]
    names = [f"store_{k}" for k in range(stores)]
    sites = [Site("dc", "dc"), *(Site(name, served_by="dc") for name in names)]
    lanes = [Lane("supplier", "dc", leads[0]), *(Lane("dc", name, leads[k % 4]) for k, name in enumerate(names))]
    demand = {(f"item_{i}", name): laws[rng.integers(64)] for i in range(items) for name in names}
    return scenario_of("chain", [Item(f"item_{i}") for i in range(items)], sites, lanes, demand, days=days)


def median_seconds(work: Callable[[], object], runs: int) -> float:
    """Median time of several runs, after one that does not count."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def first_result(cache: str) -> float:
    """Seconds from the start of a new process to its first result, imports included."""
    start = time.perf_counter()
    environment = os.environ | {"RESTOCK_CACHE": cache, "PYTHONPATH": str(Path(__file__).parent.parent)}
    subprocess.run([sys.executable, "-c", FIRST_RESULT], check=True, env=environment, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--items", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        cold = first_result(cache)
        warm = min(first_result(cache) for _ in range(3))
    print(f"compile, and first result      {cold:6.1f} s  (once per version of the sources)")
    print(f"first result of a new process  {warm:6.2f} s  (kernel on the disk cache)")

    prepared = Prepared(chain(options.items))
    plan = prepared.plan(ReorderPoint())
    cells = prepared.world.stocked.size * prepared.world.horizon
    means = np.repeat(prepared.world.daily_rate[:, 1:].ravel(), prepared.world.horizon)
    generator = np.random.default_rng(1)
    drawing = median_seconds(lambda: generator.poisson(means), options.runs) / len(means)
    print(f"numpy Generator.poisson        {drawing * 1e9:6.1f} ns a draw, of the demands of the same stores and days")
    days = prepared.world.horizon
    print(
        f"DC + 10 stores, {options.items} items, {days} days, {REPLICATIONS} replications, (s, S), random lead times:"
    )
    for threads in sorted({1, os.cpu_count() or 1}):

        def run(threads: int = threads) -> None:
            for _ in run_shards(prepared, plan, 1, (0, REPLICATIONS), threads=threads):
                pass

        each = median_seconds(run, options.runs) / (REPLICATIONS * cells)
        speed = f"{each * 1e9:5.2f} ns a cell-day, {1e-6 / each:4.0f} million a second"
        print(f"  {threads} thread{'s' * (threads > 1)}: {speed}, {drawing / each:.1f} x the drawing rate")


if __name__ == "__main__":
    main()
