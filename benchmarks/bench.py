"""How fast: cell-days a second, beside the rate at which numpy merely draws the same demands in the same process.

    python benchmarks/bench.py [--quick]

A cell-day is one item at one site for one day; the DC counts. What is compared is run in turns and its medians are
taken, because machines differ and are shared: quote the ratio to `numpy.random.Generator.poisson`, not the seconds.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.chains import chain
from restock.policies.base_stock import BaseStock
from restock.policies.buffer import Buffer
from restock.policies.dual_index import DualIndex
from restock.policies.echelon_base_stock import EchelonBaseStock
from restock.policies.reorder_point import ReorderPoint
from restock.sim.features.allocation.settings import Allocation
from restock.sim.features.channels.settings import Channels
from restock.sim.features.limits.settings import Limits
from restock.sim.features.records.settings import PRACTICE, Records, Shrinkage
from restock.sim.features.second_source.settings import Sourcing
from restock.sim.features.supply_risk.lane_terms import Congestion
from restock.sim.features.supply_risk.settings import SupplyRisk
from restock.sim.features.transfers.settings import Overnight, Transfers
from restock.sim.model.network import Lane
from restock.sim.model.scenario import Scenario
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant
from restock.sim.run.shards import run_shards

FIRST_RESULT = """
from benchmarks.bench import chain, ReorderPoint, Prepared, run_shards
prepared = Prepared(chain(items=20))
for shard in run_shards(prepared, prepared.plan(ReorderPoint()), 1, (0, 1)): pass
"""
NATIONAL = "from benchmarks.bench import national; national()"
Work = Callable[[], object]


class MyOwn(Policy):
    """A policy such as a user writes: reorder points in days of cover, and never more than 500 units at once."""

    def levels(self, known: Any) -> dict[str, np.ndarray]:
        return {"low": np.ceil(known.demand_mean * 6), "high": np.ceil(known.demand_mean * 13) + 1}

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        if view.inventory_position > levels.low:
            return 0
        return min(500, levels.high - view.inventory_position + view.sales // 4)


def medians(works: Sequence[Work], runs: int, clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Median seconds of each, run in turns, after one turn that does not count.

    By `time.process_time` they are seconds of a processor, which others on the machine do not lengthen as much.
    """
    times: list[list[float]] = [[] for _ in works]
    for turn in range(runs + 1):
        for work, mine in zip(works, times, strict=True):
            start = clock()
            work()
            if turn:
                mine.append(clock() - start)
    return [statistics.median(mine) for mine in times]


def simulation(prepared: Prepared, replications: int, policy: Policy | None = None, threads: int = 1) -> Work:
    """A run of the kernel over all shards."""
    plan = prepared.plan(policy or ReorderPoint())

    def run() -> None:
        for _ in run_shards(prepared, plan, 1, (0, replications), threads=threads):
            pass

    return run


def cell_days(prepared: Prepared, replications: int) -> int:
    return prepared.world.stocked.size * prepared.world.horizon * replications


def in_new_process(code: str, cache: str | None = None) -> tuple[float, str]:
    """Seconds from the start of a new process to its end, imports included, and what it printed."""
    start = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    if cache:
        environment["RESTOCK_CACHE"] = cache
    done = subprocess.run([sys.executable, "-c", code], check=True, env=environment, stdout=subprocess.PIPE, text=True)
    return time.perf_counter() - start, done.stdout.rstrip()


def national() -> None:
    """1,000 stores, 10,000 items, 365 days, in a process of its own: seconds and memory."""
    from restock.sim.study.compare import evaluate

    started = time.perf_counter()
    prepared = Prepared(chain(items=10_000, stores=1000, days=365))
    plan = prepared.plan(ReorderPoint())
    ready = time.perf_counter()
    evaluate(prepared, plan, 1, seed=1, levels=("chain",))
    took, peak = time.perf_counter() - ready, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"  built and planned in {ready - started:.1f} s; simulated and measured in {took:.1f} s; "
          f"{took / cell_days(prepared, 1) * 1e9:.2f} ns a cell-day; peak memory {peak:.2f} GiB")  # fmt: skip


def exponent(sizes: Sequence[int], works: Sequence[Work], runs: int) -> float:
    """Slope of the logarithm of time over the logarithm of size: 1 is linear."""
    return float(np.polyfit(np.log(sizes), np.log(medians(works, runs)), 1)[0])


def print_rates(items: int, runs: int) -> None:
    """DC and ten stores, beside the drawing rate."""
    prepared, replications = Prepared(chain(items)), 16
    means = np.repeat(prepared.world.daily_rate[:, 1:].ravel(), prepared.world.horizon)
    generator = np.random.default_rng(1)
    counts = sorted({1, os.cpu_count() or 1})
    drifting = prepared.scenario.having(Records(count_every=PRACTICE), Shrinkage(of_sales=0.02))
    works = [lambda: generator.poisson(means), *(simulation(prepared, replications, threads=n) for n in counts)]
    seconds = medians([*works, simulation(Prepared(drifting), replications)], runs)
    drawing = seconds[0] / len(means)
    print(f"numpy Generator.poisson        {drawing * 1e9:6.1f} ns a draw, of the demands of the same stores and days")
    print(f"DC + 10 stores, {items} items, 364 days, {replications} replications, (s, S), random lead times:")
    for threads, took in zip(counts, seconds[1:-1], strict=True):
        each = took / cell_days(prepared, replications)
        print(f"  {threads} thread{'s' * (threads > 1)}: {each * 1e9:5.2f} ns a cell-day, {1e-6 / each:4.0f} million a "
              f"second, {drawing / each:.1f} x the drawing rate, {seconds[1] / took:.2f} x one thread")  # fmt: skip
    each = seconds[-1] / cell_days(prepared, replications)
    print(f"  1 thread, 2% shrinkage and counts by class: {each * 1e9:5.2f} ns a cell-day, {drawing / each:.1f} x the "
          "drawing rate")  # fmt: skip


def print_supply_risk(runs: int) -> None:
    """Suppliers and lanes that fail: multiples of the plain kernel, DC and 50 stores, by turns."""
    plain = chain(200, stores=50)
    suppliers = {item.supplier for item in plain.items}
    outage = {"outage": {"up": 60, "down": 7}}
    outages = SupplyRisk(suppliers=dict.fromkeys(suppliers, outage))
    bad = SupplyRisk(suppliers=dict.fromkeys(suppliers, outage | {"yield": {"values": [1, 0.5], "weights": [97, 3]},
                                                                  "fill": {"values": [1, 0.8]}}))  # fmt: skip
    kept_to = {"delivery_days": ("mon", "wed", "fri"), "missed": 0.02, "congestion": Congestion(Constant(9), 0.02, 0.1)}
    at_dc = [lane.having(**kept_to) if lane.source in suppliers else lane for lane in plain.lanes]
    everywhere = [lane.having(**kept_to) for lane in plain.lanes]
    rows = {
        "outages": plain.having(outages),
        "outages, fill, yield, windows, congestion": plain.having(bad, lanes=at_dc),
        "the same, windows and congestion of all lanes": plain.having(bad, lanes=everywhere),
    }
    first, *others = medians([simulation(Prepared(each), 16) for each in (plain, *rows.values())], runs)
    print("DC + 50 stores, 200 items, 364 days, 16 replications, multiples of the plain kernel:")
    for words, took in zip(rows, others, strict=True):
        print(f"  {words:<46} {took / first:5.2f} x")


def print_transfers(runs: int) -> None:
    """Transfers between the stores of a region: multiples of the plain kernel, DC and 50 stores, by turns."""
    plain = chain(200, stores=50)
    overnight = Overnight(low=2, to=4, high=14)
    rows = {
        "a region, nothing moves": Transfers("by_dc"),
        "at once": Transfers("by_dc", at_once=True),
        "overnight by cover": Transfers("by_dc", overnight=overnight),
        "both": Transfers("by_dc", at_once=True, overnight=overnight),
    }
    prepared = [Prepared(plain), *(Prepared(plain.having(each)) for each in rows.values())]
    first, *others = medians([simulation(each, 8) for each in prepared], runs, time.process_time)
    print("DC + 50 stores, 200 items, 8 replications, transfers, multiples of the plain kernel's processor time:")
    for words, took in zip(rows, others, strict=True):
        print(f"  {words:<46} {took / first:5.2f} x")


def print_allocation(runs: int) -> None:
    """How a DC shares out and orders, and demand that moves together: multiples of the plain kernel, by turns."""
    plain = chain(200, stores=50)

    def sharing(**of_dc: Any) -> Scenario:
        sites = [dataclasses.replace(site, **of_dc) if site.kind == "dc" else site for site in plain.sites]
        return plain.having(sites=sites)

    by_book = sharing(allocation="fair_share", allocation_sees="record")
    crossing = sharing(cross_dock=True)
    together = plain.having(demand=dataclasses.replace(plain.demand, correlation=0.3))
    rows: dict[str, tuple[Scenario, Policy]] = {
        "fair share": (sharing(allocation="fair_share"), ReorderPoint()),
        "fair share by the record": (by_book, ReorderPoint()),
        "largest shortfall, a target of 7 days": (
            sharing(allocation="min_max_shortfall", target_days=7), ReorderPoint()),
        "told what went where there was too much": (plain.having(Allocation(True)), ReorderPoint()),
        "echelon base stock": (plain, EchelonBaseStock()),
        "the same, and a cross-dock": (crossing, EchelonBaseStock()),
        "demand of stores moves together": (together, ReorderPoint()),
    }  # fmt: skip
    works = [simulation(Prepared(plain), 8), *(simulation(Prepared(each), 8, policy) for each, policy in rows.values())]
    first, *others = medians(works, runs, time.process_time)
    print("DC + 50 stores, 200 items, 8 replications, allocation, multiples of the plain kernel's processor time:")
    for words, took in zip(rows, others, strict=True):
        print(f"  {words:<46} {took / first:5.2f} x")


def print_channels(runs: int) -> None:
    """Channels: multiples of the plain kernel's processor time, DC and 50 stores, by turns."""
    plain = chain(200, stores=50)
    collect, online = {"share": 0.1, "served": "own_store", "rank": 2}, {"share": 0.15, "served": "dc", "keep_days": 2}
    by_view = {"collect": collect | {"view_every": 1}, "online": online | {"view_every": 1}}
    delivery = {"share": 0.05, "served": "stores"}
    at_once = Transfers("by_dc", at_once=True)
    rows = {
        "collected in the store": (Channels(by_name={"collect": collect}),),
        "and from the DC": (Channels(by_name={"collect": collect, "online": online}),),
        "both by a view of stock": (Channels(by_name=by_view),),
        "and from stores, with transfers at once": (Channels(by_name=by_view | {"delivery": delivery}), at_once),
    }
    prepared = [Prepared(plain), *(Prepared(plain.having(*each)) for each in rows.values())]
    first, *others = medians([simulation(each, 8) for each in prepared], runs, time.process_time)
    print("DC + 50 stores, 200 items, 8 replications, channels, multiples of the plain kernel's processor time:")
    for words, took in zip(rows, others, strict=True):
        print(f"  {words:<46} {took / first:5.2f} x")


def print_limits(runs: int, items: int = 1000) -> None:
    """Trucks and handling that items share: multiples of the plain kernel, DC and 50 stores, by turns."""
    plain = chain(items, stores=50)
    prepared = Prepared(plain)
    load = float(prepared.world.daily_rate[:, 1:].sum(axis=0).max())  # of the busiest store, a day
    wide = {"capacity": 10**6}
    rows = {
        "trucks that never bind": Limits(trucks={"dc": wide}),
        "trucks that rarely bind": Limits(
            trucks={"dc": {"capacity": round(3.0 * load), "minimum": round(0.1 * load), "wait": 1}}
        ),
        "trucks often full, handling, a supplier": Limits(
            dict.fromkeys({item.supplier for item in plain.items}, wide),
            {"dc": {"handling": round(60 * load)}},
            {"dc": {"capacity": round(1.1 * load)}},
        ),
    }
    works = [prepared, *(Prepared(plain.having(each)) for each in rows.values())]
    first, *others = medians([simulation(each, 2) for each in works], runs, time.process_time)
    print(f"DC + 50 stores, {items} items, 2 replications, limits, multiples of the plain kernel's processor time:")
    for words, took in zip(rows, others, strict=True):
        print(f"  {words:<46} {took / first:5.2f} x")


def grocer() -> Prepared:
    """The scenario of a plain `restock compare`."""
    from restock.experiments import settings
    from restock.experiments.claim_runs import composing
    from restock.experiments.scenarios import build_scenario

    settings.register()
    with composing(None) as compose:
        return Prepared(build_scenario(compose(["scenario=grocery"])))


def print_grocer(runs: int) -> None:
    """Where an item is kept in one store out of eight, and demand depends on the weekday."""
    prepared, replications = grocer(), 64
    stocked = int(prepared.world.stocked.sum()) * prepared.world.horizon * replications
    each = medians([simulation(prepared, replications, Buffer())], runs)[0] / stocked
    print(f"the grocer, {replications} replications     {each * 1e9:6.2f} ns a stocked cell-day, 1 thread")


def print_second_source(runs: int) -> None:
    """DC and fifty stores: a second source of the DC, by turns with the plain kernel on the same chain.

    Base stock and the dual index ask for constant lead times, so that the chain has them in all rows.
    """
    plain = chain(200, stores=50)
    lanes = [
        dataclasses.replace(lane, lead_time=Constant(6 if lane.destination == "dc" else 1)) for lane in plain.lanes
    ]
    near = Lane.with_settings("nearby", "dc", Constant(2), premium=0.2)
    plain = plain.having(lanes=lanes)
    single = Prepared(plain)
    split = Prepared(plain.having(Sourcing("split", "nearby", 0.3), lanes=[*lanes, near]))
    asked = Prepared(plain.having(Sourcing("policy", "nearby"), lanes=[*lanes, near]))
    works = [simulation(single, 8, BaseStock()), simulation(split, 8, BaseStock()), simulation(asked, 8, DualIndex())]
    first, *others = medians(works, runs)
    each = first / cell_days(single, 8)
    print(f"DC + 50 stores, 200 items, base stock: {each * 1e9:5.2f} ns a cell-day; with a "
          f"second source of the DC, split {others[0] / first:.2f} x, dual index "
          f"{others[1] / first:.2f} x")  # fmt: skip


def print_comparisons(runs: int) -> None:
    """A user's policy, many stores, and how cost grows."""
    few = Prepared(chain(500))
    own, built_in = medians([simulation(few, 16, MyOwn()), simulation(few, 16)], runs)
    print(f"a user's policy                {own / built_in:6.2f} x the time of a built-in one, whole run")
    many = Prepared(chain(64, stores=1000))
    ten, thousand = medians([simulation(few, 16), simulation(many, 2)], runs)
    ratio = thousand / cell_days(many, 2) / (ten / cell_days(few, 16))
    print(f"a cell-day among 1,000 stores  {ratio:6.2f} x one among 10")
    sizes = [1, 2, 4, 8]
    by = {
        "replications": [simulation(Prepared(chain(128)), 64 * k) for k in sizes],
        "items": [simulation(Prepared(chain(128 * k)), 64) for k in sizes],
        "days": [simulation(Prepared(chain(128, days=364 * k)), 64) for k in sizes],
    }
    found = ", ".join(f"{name} ** {exponent(sizes, works, runs):.3f}" for name, works in by.items())
    print(f"cost grows as                  {found}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--quick", action="store_true", help="the rates only")
    options = parser.parse_args()
    from benchmarks.network import print_network  # which measures with what stands here

    if not options.quick:
        with tempfile.TemporaryDirectory() as cache:
            cold = in_new_process(FIRST_RESULT, cache)[0]
            warm = min(in_new_process(FIRST_RESULT, cache)[0] for _ in range(3))
        print(f"compile, and first result      {cold:6.1f} s  (once per version of the sources)")
        print(f"first result of a new process  {warm:6.2f} s  (kernel on the disk cache)")
    if hasattr(os, "getloadavg"):  # not on Windows
        print(f"load average                   {os.getloadavg()[0]:6.1f}    on {os.cpu_count()} cores")
    print_rates(options.items, options.runs)
    print_grocer(options.runs)
    print_supply_risk(options.runs)
    print_second_source(options.runs)
    print_allocation(options.runs)
    print_transfers(options.runs)
    print_channels(options.runs)
    print_limits(options.runs)
    print_network(options.runs)
    if not options.quick:
        print_comparisons(options.runs)
        print("DC + 1,000 stores, 10,000 items, 365 days, 1 replication, all cores, measures of the chain:")
        print(in_new_process(NATIONAL)[1])


if __name__ == "__main__":
    main()
