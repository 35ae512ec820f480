"""The event engine: one SimPy process per site (`site`), the day as timed events, a log that anyone can follow.

It runs one replication, with the draws that the kernel takes for the same replication (see `probability.keyed_draws`).
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any, NamedTuple

import numpy as np
import simpy

from restock.sim.engines.events.draws import Draws
from restock.sim.engines.events.site import SiteProcess
from restock.sim.engines.events.stock import Stock
from restock.sim.engines.events.watch import Watch
from restock.sim.engines.ledgers import Shard, check_seed, check_states, columns_of
from restock.sim.measures.ledger import NAMES, SERIES
from restock.sim.model.feature import feature_kinds
from restock.sim.planning.limits import Refused
from restock.sim.planning.policy import (
    Plan,
    Seen,
    View,
    learn_from,
    ordered_quantity,
    plain_expresses,
    plain_functions,
)
from restock.sim.planning.prepared import Prepared


class Entry(NamedTuple):
    """One line of the event log."""

    day: int
    phase: str
    site: str
    item: str
    what: str
    quantity: int


class Review(NamedTuple):
    """A decision of a policy: what it saw of a cell, what its rule asked for, and what was ordered in whole packs.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop()
    >>> first = Run(shop, shop.plan(BaseStock(base_stock_level=20)), seed=1, replication=0, log=True).run().reviews[0]
    >>> first.asked == 20 - first.view.inventory_position == first.ordered
    True
    """

    day: int
    site: str
    item: str
    view: View
    asked: int
    ordered: int


_STATE = ("on_hand", "record", "seen", "on_order", "backorders")
_FLOWS = ("received", "demand", "filled", "backorders_served", "shipped", "ordered",
          *(flow for kind in feature_kinds() for flow in kind.flows))  # fmt: skip
_day: Any = namedtuple  # its checkers want the names written out
Day: Any = _day("Day", ["day", "site", "item", *_STATE, *_FLOWS])
"""A cell at the end of a day, and what flowed in it; `seen` is the record that the policy saw, or would have seen."""


class Run:
    """One replication of a scenario under a plan."""

    def __init__(
        self, prepared: Prepared, plan: Plan, seed: int, replication: int, log: bool = False, until: int | None = None
    ) -> None:
        check_seed(seed)
        self.prepared, self.plan, self.seed, self.replication = prepared, plan, seed, replication
        self.until = prepared.world.horizon if until is None else until  # the first day that is not simulated
        self.env = simpy.Environment(prepared.world.opening_state.first_day)
        self.draws = Draws(prepared.world, seed, replication)
        self.log: list[Entry] | None = [] if log else None
        self.reviews: list[Review] = []  # kept with the log
        self.daily: list[Day] = []
        self.series = np.zeros((prepared.world.horizon, len(prepared.scenario.sites), len(SERIES)), np.int64)
        self.types = [plan.level_type(k) for k in range(len(plan.rules))]
        self.rules, self.learns = plain_functions(plan)
        self.expresses = plain_expresses(plan)
        self.watch = Watch(self)
        self.sites = [SiteProcess(self, n) for n in range(len(prepared.scenario.sites))]
        for site in self.sites:
            self.env.process(site.life())
        for feature in prepared.scenario.features:
            between = feature.between_sites(self)
            if between:
                self.env.process(between.life())

    def run(self) -> Run:
        """Run all days; a run that grows beyond what a cell can hold is refused (see `planning.limits`)."""
        self.env.run()
        self.watch.check()
        return self

    def rule(self, i: int, n: int, view: View, memory: np.ndarray | None) -> int:
        """The policy's answer for one cell."""
        k = int(self.plan.rule_of[i, n])
        levels = self.types[k](*self.plan.levels_at(k, i, n, self.prepared.world.warm_up + view.day))
        where = f"{self.prepared.known.cell(i, n)} on day {view.day}"
        return ordered_quantity(self.rules[k], view, levels, memory, self.plan.name, where)

    def express(self, i: int, n: int, view: View, memory: np.ndarray | None) -> int:
        """What the policy orders first from the second source, for one cell; 0 where it orders nothing there."""
        k = int(self.plan.rule_of[i, n])
        express = self.expresses[k]
        if express is None:
            return 0
        levels = self.types[k](*self.plan.levels_at(k, i, n, self.prepared.world.warm_up + view.day))
        where = f"{self.prepared.known.cell(i, n)} on day {view.day}"
        return ordered_quantity(express, view, levels, memory, self.plan.name, where, "express rule")

    def learn(self, i: int, n: int, seen: Seen, memory: np.ndarray) -> None:
        """The policy changes what it remembers of one cell."""
        k = int(self.plan.rule_of[i, n])
        levels = self.types[k](*self.plan.levels_at(k, i, n, self.prepared.world.warm_up + seen.day))
        where = f"{self.prepared.known.cell(i, n)} on day {seen.day}"
        learn_from(self.learns[k], seen, levels, memory, self.plan.name, where)

    def start_of_memory(self, i: int, n: int) -> np.ndarray | None:
        """What the policy remembers of one cell on day 0, if it remembers anything."""
        memory = self.plan.memory_of(int(self.plan.rule_of[i, n]))
        if memory is None:
            return None
        start = memory.start[i, n].copy()
        if memory.draw_slot is not None:
            start[memory.draw_slot] = self.draws.rule_key(i, n)
        return start

    def forecast_slot(self, i: int, n: int) -> int | None:
        """Where in its memory of one cell the policy forecasts tomorrow's demand, if it does."""
        memory = self.plan.memory_of(int(self.plan.rule_of[i, n]))
        return None if memory is None else memory.forecast_slot

    def note(self, day: int, phase: str, n: int, i: int, what: str, quantity: int, always: bool | None = None) -> None:
        """Write an event into the log, if there is one and something moved (or `always` says so)."""
        if self.log is not None and (quantity if always is None else always):
            site, item = self.prepared.scenario.sites[n].name, self.prepared.scenario.items[i].name
            self.log.append(Entry(day, phase, site, item, what, quantity))

    def note_limit(self, day: int, kind: str, name: str, asked: int, moved: int, capacity: int) -> None:
        """A limit on what is ordered was looked at tonight: nothing is kept of it, but where somebody counts."""

    def note_review(self, day: int, n: int, i: int, view: View, asked: int, ordered: int) -> None:
        """Write down a decision, if there is a log."""
        if self.log is not None:
            site, item = self.prepared.scenario.sites[n].name, self.prepared.scenario.items[i].name
            self.reviews.append(Review(day, site, item, view, asked, ordered))

    def note_state(self, day: int, n: int, i: int, stock: Stock, seen: int) -> None:
        """Write down a cell at the end of a day, before the day's sums are closed."""
        if self.log is not None:
            site, item = self.prepared.scenario.sites[n].name, self.prepared.scenario.items[i].name
            flows = (stock.today[name] for name in _FLOWS)
            state = (stock.on_hand, stock.record, seen, stock.on_order, stock.backorders)
            self.daily.append(Day(day, site, item, *state, *flows))

    @property
    def ledger(self) -> np.ndarray:
        """int64 (items, sites, columns of ledger.NAMES; of ledger.COLUMNS where no other is used)."""
        columns = NAMES[: columns_of(self.prepared.world, self.plan)]
        out = np.zeros((*self.prepared.world.stocked.shape, len(columns)), np.int64)
        for site in self.sites:
            for i, stock in site.stock.items():
                out[i, site.n] = [stock.book[name] for name in columns]
        return out


def run_events(prepared: Prepared, plan: Plan, seed: int, replications: int) -> Shard:
    """The same ledger as `run.shards.run_kernel`, replication by replication."""
    check_states(prepared.world, replications)
    runs: list[Run] = []
    refused: list[Refused] = []
    for r in range(replications):
        try:
            runs.append(Run(prepared, plan, seed, r).run())
        except Refused as error:
            refused.append(error)
    if refused:
        raise min(refused, key=lambda error: error.place)
    ledger = np.stack([run.ledger for run in runs])
    return Shard((0, replications), (0, ledger.shape[1]), ledger, np.stack([run.series for run in runs], axis=1))
