"""What a network has beside stock and orders, alone and all together: multiples of the plain kernel.

python -m benchmarks.network [--items 200] [--runs 5]
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Callable

from benchmarks.bench import medians, simulation
from benchmarks.chains import chain
from restock.sim.features.channels.settings import Channels
from restock.sim.features.limits.settings import Limits
from restock.sim.features.supply_risk.settings import SupplyRisk
from restock.sim.features.transfers.settings import Overnight, Transfers
from restock.sim.model.scenario import Scenario
from restock.sim.planning.prepared import Prepared

Change = Callable[[Scenario], Scenario]
COLLECT = {"share": 0.1, "served": "own_store", "rank": 2, "view_every": 1}
ONLINE = {"share": 0.15, "served": "dc", "keep_days": 2, "view_every": 1}
DELIVERY = {"share": 0.05, "served": "stores"}


def busiest_day(scenario: Scenario) -> float:
    """Mean demand a day of the busiest store, over its items."""
    return float(Prepared(scenario).world.daily_rate[:, 1:].sum(axis=0).max())


def parts(plain: Scenario) -> dict[str, Change]:
    """Each part of a network as retailers run it, as a change of a chain: trucks that rarely bind, not a cross-dock."""
    load = busiest_day(plain)
    suppliers = {item.supplier for item in plain.items}
    trucks = {"dc": {"capacity": round(3.0 * load), "minimum": round(0.1 * load), "wait": 1}}
    limits = Limits(
        {name: {"capacity": round(150 * load)} for name in suppliers}, {"dc": {"handling": round(60 * load)}}, trucks
    )
    transfers = Transfers("by_dc", at_once=True, overnight=Overnight(low=2, to=4, high=14))
    by_name = {"collect": COLLECT, "online": ONLINE}
    outages = SupplyRisk(suppliers={name: {"outage": {"up": 60, "down": 7}} for name in suppliers})

    def channels(scenario: Scenario) -> Scenario:
        """Stores ship to customers where a region of stores is named."""
        regions = bool(scenario.feature("transfers").regions)
        return scenario.having(Channels(by_name=by_name | ({"delivery": DELIVERY} if regions else {})))

    def by_the_record(scenario: Scenario) -> Scenario:
        sites = [
            dataclasses.replace(site, allocation="fair_share", allocation_sees="record") if site.kind == "dc" else site
            for site in scenario.sites
        ]
        return scenario.having(sites=sites)

    return {
        "trucks that rarely bind": lambda scenario: scenario.having(Limits(trucks=trucks)),
        "and handling, and suppliers' capacity": lambda scenario: scenario.having(limits),
        "transfers, at once and overnight": lambda scenario: scenario.having(transfers),
        "channels: collected, online, delivery": channels,
        "outages of suppliers": lambda scenario: scenario.having(outages),
        "fair share by the record": by_the_record,
        "demand of stores moves together": lambda scenario: scenario.having(
            demand=dataclasses.replace(scenario.demand, correlation=0.3)
        ),
    }


def all_but(plain: Scenario, without: tuple[str, ...] = ()) -> Scenario:
    """The chain with all parts of a network, but for some."""
    for name, change in parts(plain).items():
        if name not in without:
            plain = change(plain)
    return plain


def print_network(runs: int, items: int = 1000, replications: int = 2) -> None:
    """Each part of a network alone, and all of them together, by turns with the plain kernel."""
    plain = chain(items, stores=50)
    rows = {name: change(plain) for name, change in parts(plain).items()}
    rows["all of the network together"] = all_but(plain)
    works = [simulation(Prepared(each), replications) for each in (plain, *rows.values())]
    first, *others = medians(works, runs, time.process_time)
    print(f"DC + 50 stores, {items} items, {replications} replications, a network, multiples of the plain kernel's "
          "processor time:")  # fmt: skip
    product = 1.0
    for words, took in zip(rows, others, strict=True):
        print(f"  {words:<46} {took / first:5.2f} x")
        if words not in ("trucks that rarely bind", "all of the network together"):
            product *= took / first
    print(f"  {'(all but the first and the last, multiplied)':<46} {product:5.2f} x")


def print_order_limits(runs: int, items: int = 1000, replications: int = 2) -> None:
    """Limits on what is ordered, each for all sites, by turns with the plain kernel."""
    plain = chain(items, stores=50)
    stores = [site.name for site in plain.sites if site.served_by]
    volume = float(Prepared(plain).world.daily_rate[:, 1:].sum(axis=0).mean())
    terms = {
        "joint_cost": 10,
        "least_volume": round(0.5 * volume),
        "wait": 2,
        "join_below_days": 3,
        "join_up_to_days": 6,
    }
    joint = {name: {"dc": terms} for name in stores}
    weekly = sum(item.unit_cost for item in plain.items) / len(plain.items) * 7 * len(stores) * volume
    rows = {
        "shelves that rarely bind": plain.having(items=[item.having(shelf=10_000) for item in plain.items]),
        "joint orders of all stores": plain.having(Limits(joint=joint)),
        "the same, filled up": plain.having(Limits(joint={name: {"dc": terms | {"fill_up": True}} for name in stores})),
        "space of all stores": plain.having(Limits(sites={name: {"space": round(14 * volume)} for name in stores})),
        "a weekly budget": plain.having(Limits(budgets={"buyer": {"money": weekly, "every": 7}})),
    }
    works = [simulation(Prepared(each), replications) for each in (plain, *rows.values())]
    first, *others = medians(works, runs, time.process_time)
    print(f"The same chain, limits on what is ordered, {replications} replications:")
    for words, took in zip(rows, others, strict=True):
        print(f"  {words:<46} {took / first:5.2f} x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--replications", type=int, default=2)
    options = parser.parse_args()
    print_network(options.runs, options.items, options.replications)
    print_order_limits(options.runs, options.items, options.replications)


if __name__ == "__main__":
    main()
