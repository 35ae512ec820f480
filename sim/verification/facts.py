"""What the runs of `restock verify` count, and whether the engines agree on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.errors import require

if TYPE_CHECKING:
    from restock.sim.planning.policy import Plan
    from restock.sim.planning.prepared import Prepared

Facts = Mapping[str, np.ndarray]
"""What a run counted, one value for each replication: see `run_facts`."""


def engines_agree(prepared: Prepared, plan: Plan, seed: int) -> bool:
    """The event engine's books of the first replication are the kernel's."""
    from restock.sim.engines.events.engine import run_events
    from restock.sim.run.shards import run_kernel

    kernel = run_kernel(prepared, plan, seed, 1)
    return bool((run_events(prepared, plan, seed, 1).ledger == kernel.ledger).all())


def run_facts(
    prepared: Prepared, plan: Plan, seed: int, first: int, last: int, period: int | None = None
) -> dict[str, np.ndarray]:
    """What replications first <= r < last counted; shape (replications,).

    Ledger columns summed over cells ('on_hand_days') and of each site ('on_hand_days@dc'). Of the days measured: days
    that end with no customer waiting ('clear_days'), and squares of a day's orders, and of net stock and demand of
    all sites together. With a `period`, also 'periods', and sums over them of the figures of each of its days
    ('on_hand@dc:10', 'clear@dc:10').
    """
    from restock.sim.measures.ledger import SERIES, named
    from restock.sim.run.shards import run_shards

    at = {name: SERIES.index(name) for name in ("demand", "ordered", "on_hand", "backorders")}
    days, sites = prepared.scenario.days, [site.name for site in prepared.scenario.sites]
    parts: list[dict[str, np.ndarray]] = []
    for shard in run_shards(prepared, plan, seed, (first, last), series=last):
        whole = shard.items == (0, len(prepared.scenario.items))
        require(whole, "a case has one item, or items that share something, so that a shard holds all of a replication")
        by_site = named(shard.ledger.sum(axis=1))
        daily = shard.series[-days:]
        facts = {name: column.sum(axis=1) for name, column in by_site.items()}
        facts |= {f"{name}@{s}": column[:, n] for name, column in by_site.items() for n, s in enumerate(sites)}
        facts["days"] = np.full(len(shard.ledger), float(days))
        facts["clear_days"] = (daily[..., at["backorders"]] == 0).all(axis=2).sum(axis=0)
        facts["ordered_squared_daily"] = (daily[..., at["ordered"]] ** 2).sum(axis=(0, 2))
        net = daily[..., at["on_hand"]] - daily[..., at["backorders"]]
        facts["net_stock_squared"] = (net.sum(axis=2) ** 2).sum(axis=0)
        facts["total_demand_squared"] = (daily[..., at["demand"]].sum(axis=2) ** 2).sum(axis=0)
        if period is not None:
            facts |= _by_day_of_period(daily, period, sites)
        parts.append({name: counted.astype(float) for name, counted in facts.items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _by_day_of_period(daily: np.ndarray, period: int, sites: list[str]) -> dict[str, np.ndarray]:
    """Sums over periods of each day's figures; `daily` has shape (days, replications, sites, figures)."""
    from restock.sim.measures.ledger import SERIES

    folded = daily.reshape(-1, period, *daily.shape[1:])
    sums = folded.sum(axis=0)
    clear = (folded[..., SERIES.index("backorders")] == 0).sum(axis=0)
    facts = {"periods": np.full(daily.shape[1], float(len(folded)))}
    for day in range(period):
        for n, site in enumerate(sites):
            facts |= {f"{name}@{site}:{day}": sums[day, :, n, k] for k, name in enumerate(SERIES)}
            facts[f"clear@{site}:{day}"] = clear[day, :, n]
    return facts
