"""A scenario as flat arrays: what both engines read, and neither changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from sim.classes import usage_classes
from sim.laws import Constant, Law, Poisson
from sim.network import ALLOCATIONS, UNSHIPPED
from sim.randomness import name_keys
from sim.records import count_days
from sim.scenario import Scenario
from sim.tables import FULL, Tables, build_tables

NO_HISTORY, REPLAY, BOOTSTRAP = range(3)
NO_CELLS = np.zeros((0, 0), np.int32)


class World(NamedTuple):
    """Arrays over items (i), sites (n, as listed) and days (t); a cell is (i, n)."""

    horizon: int
    warm_up: int
    item_key: np.ndarray  # uint32 (i,)
    site_key: np.ndarray  # uint32 (n,)
    parent: np.ndarray  # int64 (n,): serving site, -1 for outside suppliers
    bottom_up: np.ndarray  # int64 (n,): the order of deciding
    first_child: np.ndarray  # int64 (n + 1,): children of n are child[first_child[n]:first_child[n + 1]]
    child: np.ndarray  # int64
    stocked: np.ndarray  # bool (i, n)
    opening: np.ndarray  # int32 (i, n): units on hand on day 0
    overstock_level: np.ndarray  # int32 (i, n): units above which stock is overstock
    daily_rate: np.ndarray  # float64 (i, n): mean demand per day, for fair shares
    demand_table: np.ndarray  # int32 (i, n): first table of the cell, -1 where no law is drawn
    season_of: np.ndarray  # int32 (i, n)
    season_class: np.ndarray  # int32 (season, t): table = first table of the cell + class of the day
    seasonal: bool  # some season has more than one class
    history: np.ndarray  # int32 (row, recorded day)
    history_row: np.ndarray  # int32 (i, n), -1 where nothing is played again
    history_kind: int
    history_shift: int  # recorded day that falls on the weekday of day 0
    history_weeks: int
    history_window: int  # -1: any week
    lead_table: np.ndarray  # int32 (i, n)
    longest_lead: np.ndarray  # int64 (n,)
    lead_by_day: int  # 1: lead times are drawn for the day, 0: for the n-th shipment
    backorder_share: np.ndarray  # int64 (i,): share of unmet demand that waits, in units of 2**-32
    pack: np.ndarray  # int32 (i, n)
    minimum_order: np.ndarray  # int32 (i, n)
    order_days: np.ndarray  # int32 (i, n): bits of the open days, day 0's weekday the lowest
    allocation: np.ndarray  # int64 (n,): index into network.ALLOCATIONS
    cancels: np.ndarray  # int64 (n,): 1 where unshipped orders are cancelled
    tables: Tables
    table_mean: np.ndarray  # float64 per table
    table_variance: np.ndarray
    extra: int  # 1: the ledger has the columns that few scenarios have (`ledger.EXTRA`)
    # records; the arrays are empty unless `records` is 1
    records: int  # 1: the record may differ from the stock, or is counted
    delayed: int  # 1: a policy sees it late
    lag: int
    reconcile_every: int
    full_count_every: int  # 0: never
    walks: int  # 1: cells are counted for what happened at them
    zero_balance_walk: int
    count_unsold_after: int  # 0: no such walk
    count_error: int  # share of counts that are wrong, in units of 2**-32
    count_every: np.ndarray  # int32 (i, n)
    first_count: np.ndarray  # int32 (i, n): day
    shrink_table: np.ndarray  # int32 (i, n): 0 where nothing is lost


class _TableList:
    """Laws numbered as they come, each once."""

    def __init__(self) -> None:
        self.laws: list[Law] = []
        self.seasonal: dict[tuple[int, int], int] = {}
        self.single: dict[Law, int] = {}

    def add(self, law: Law) -> int:
        if law not in self.single:
            self.single[law] = len(self.laws)
            self.laws.append(law)
        return self.single[law]

    def add_season(self, key: tuple[int, int], law: Law, factors: np.ndarray) -> int:
        if key not in self.seasonal:
            self.seasonal[key] = len(self.laws)
            self.laws += [law if f == 1 else law.scaled(float(f)) for f in factors]
        return self.seasonal[key]


def build_world(scenario: Scenario) -> World:
    """The arrays of a scenario."""
    tables = _TableList()
    tables.add(Constant(0))  # table 0: lanes of the kernel where no customer asks
    season_class, factors = _seasons(scenario)
    demand_table = _demand_tables(scenario, tables, factors)
    lead_table = np.full(scenario.lane_of.shape, -1, np.int32)
    lane_table = np.array([tables.add(lane.lead_time) for lane in scenario.lanes], np.int32)
    lead_table[scenario.stocked] = lane_table[scenario.lane_of[scenario.stocked]]
    moments = np.array([law.moments for law in tables.laws])
    history = scenario.demand.recorded() if scenario.demand.source != "fitted" else None
    rate = mean_demand(scenario, demand_table, season_class, moments[:, 0], history)
    shrink_table = _shrink_tables(scenario, tables, rate)
    moments = np.array([law.moments for law in tables.laws])
    records, item_key = scenario.records, name_keys(item.name for item in scenario.items)
    site_key = name_keys(site.name for site in scenario.sites)
    kept = int(records.delayed or records.counts or shrink_table.size > 0)
    every, first = _count_days(scenario, rate, item_key, site_key) if kept else (NO_CELLS, NO_CELLS)
    opening = np.ceil(scenario.opening_days * rate - 1e-9) if scenario.opening_stock is None else scenario.opening_stock
    child_lists = [np.nonzero(scenario.parent == n)[0] for n in range(len(scenario.sites))]
    longest = np.array([len(law.pmf()) - 1 for law in tables.laws])
    weekday = scenario.start.weekday()
    breaks_packs = _at_cells(scenario, [x.break_packs for x in scenario.lanes]) > 0
    return World(
        horizon=scenario.horizon,
        warm_up=scenario.warm_up,
        item_key=item_key,
        site_key=site_key,
        parent=scenario.parent,
        bottom_up=scenario.bottom_up.astype(np.int64),
        first_child=np.cumsum([0, *map(len, child_lists)]).astype(np.int64),
        child=np.concatenate([*child_lists, np.zeros(0, np.int64)]).astype(np.int64),
        stocked=scenario.stocked,
        opening=np.where(scenario.stocked, opening, 0).astype(np.int32),
        overstock_level=np.ceil(scenario.costs.overstock_days * rate - 1e-9).astype(np.int32),
        daily_rate=rate,
        demand_table=demand_table,
        season_of=scenario.demand.season_of,
        season_class=season_class,
        seasonal=bool(season_class.max() > 0),
        history=np.zeros((1, 7), np.int32) if history is None else np.ascontiguousarray(history.units),
        history_row=np.full(demand_table.shape, -1, np.int32) if history is None else history.row_of.astype(np.int32),
        history_kind=NO_HISTORY if history is None else REPLAY if scenario.demand.source == "replay" else BOOTSTRAP,
        history_shift=0 if history is None else (weekday - history.start.weekday()) % 7,
        history_weeks=1 if history is None else history.weeks,
        history_window=-1 if scenario.demand.bootstrap_window is None else scenario.demand.bootstrap_window,
        lead_table=lead_table,
        longest_lead=np.array([max(longest[t] for t in {*col[col >= 0].tolist()} or {0}) for col in lead_table.T]),
        lead_by_day=int(scenario.lead_time_index == "day"),
        backorder_share=np.array([round(item.backorder_share * FULL) for item in scenario.items], np.int64),
        pack=np.where(breaks_packs, 1, _column(item.pack for item in scenario.items)),
        minimum_order=np.where(breaks_packs, 0, _column(item.minimum_order for item in scenario.items)),
        order_days=_turned(_at_cells(scenario, [x.order_day_mask for x in scenario.lanes]), weekday),
        allocation=np.array([ALLOCATIONS.index(site.allocation) for site in scenario.sites], np.int64),
        cancels=np.array([UNSHIPPED.index(site.unshipped) for site in scenario.sites], np.int64),
        tables=build_tables(tables.laws),
        table_mean=moments[:, 0].copy(),
        table_variance=moments[:, 1].copy(),
        extra=0,
        records=kept,
        delayed=int(records.delayed),
        lag=records.lag,
        reconcile_every=records.reconcile_every,
        full_count_every=records.full_count_every,
        walks=int(records.walks),
        zero_balance_walk=int(records.zero_balance_walk),
        count_unsold_after=records.count_unsold_after,
        count_error=round(records.count_error * FULL),
        count_every=every,
        first_count=first,
        shrink_table=shrink_table if shrink_table.size or not kept else np.zeros(scenario.stocked.shape, np.int32),
    )


def _seasons(scenario: Scenario) -> tuple[np.ndarray, list[np.ndarray]]:
    """Class of each day in each season, and the factor that each class of a season stands for."""
    classes, factors = [], []
    for season in scenario.demand.seasons:
        distinct, of_day = np.unique(season.factors(scenario.start, scenario.horizon), return_inverse=True)
        classes.append(of_day)
        factors.append(distinct)
    return np.array(classes, np.int32), factors


def _demand_tables(scenario: Scenario, tables: _TableList, factors: list[np.ndarray]) -> np.ndarray:
    demand = scenario.demand
    out = np.full(demand.law_of.shape, -1, np.int32)
    if demand.source != "fitted":
        return out
    laws = demand.day_laws()
    count = len(laws) + 1
    pairs, inverse = distinct(demand.season_of * np.int32(count) + demand.law_of + 1)
    numbers = [-1 if pair % count == 0 else tables.add_season((pair % count - 1, s), laws[pair % count - 1], factors[s])
               for pair, s in ((pair, pair // count) for pair in pairs.tolist())]  # fmt: skip
    return np.array(numbers, np.int32)[inverse]


def _shrink_tables(scenario: Scenario, tables: _TableList, rate: np.ndarray) -> np.ndarray:
    """Table of each cell's daily loss, 0 where there is none; empty where nothing is lost anywhere.

    Means are held to three digits, so that ten million cells share some thousands of tables.
    """
    own = [item.shrinkage for item in scenario.items]
    share = np.array([scenario.shrinkage.share(item.category) for item in scenario.items])
    if all(law is None for law in own) and not share.any():
        return NO_CELLS
    values, place = np.unique(np.where(scenario.stocked, rate * share[:, None], 0.0), return_inverse=True)
    means = [float(f"{mean:.3g}") for mean in values]
    numbers = [tables.add(Poisson(mean)) if mean > 0 else 0 for mean in means]
    out = np.array(numbers, np.int32)[place.reshape(rate.shape)]
    for i, law in enumerate(own):
        if law is not None:
            out[i] = np.where(scenario.stocked[i], tables.add(law), 0)
    return out


def _count_days(scenario: Scenario, rate: np.ndarray, item_key: np.ndarray, site_key: np.ndarray):
    """Days between counts and the first day counted, by each item's class or the one it is counted as."""
    classes = usage_classes(scenario, rate)
    for i, item in enumerate(scenario.items):
        classes[i] = item.count_class or classes[i]
    return count_days(scenario.records, classes, item_key, site_key)


def distinct(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct ones of whole numbers not below 0, and where each number stands among them.

    `np.unique`, but without sorting where the numbers are small: ten million cells take no time.

    >>> distinct(np.array([[5, 2], [2, 2]]))
    (array([2, 5]), array([[1, 0],
           [0, 0]], dtype=int32))
    """
    largest = int(numbers.max(initial=0))
    if largest > max(numbers.size, 2**20):
        values, place = np.unique(numbers, return_inverse=True)
        return values, place.reshape(numbers.shape)
    seen = np.zeros(largest + 1, bool)
    seen[numbers] = True
    return np.flatnonzero(seen), (np.cumsum(seen, dtype=np.int32) - 1)[numbers]


def mean_demand(scenario, demand_table, season_class, table_mean, history) -> np.ndarray:
    """Mean demand per day of each cell, the sites below included; float64 (items, sites)."""
    out = np.zeros(demand_table.shape)
    if history is not None:
        asked = history.row_of >= 0
        out[asked] = history.units[:, : history.weeks * 7].mean(axis=1)[history.row_of[asked]]
    else:
        out = over_days(scenario, demand_table, season_class, table_mean)[0]
    for n in scenario.bottom_up:
        if scenario.parent[n] >= 0:
            out[:, scenario.parent[n]] += out[:, n]
    return out


def over_days(scenario, demand_table, season_class, *per_table) -> list[np.ndarray]:
    """Averages over the days of quantities that each table has; float64 (items, sites), 0 without a table."""
    out = [np.zeros(demand_table.shape) for _ in per_table]
    for s, classes in enumerate(season_class):
        share = np.bincount(classes) / len(classes)
        cells = (scenario.demand.season_of == s) & (demand_table >= 0)
        first, place = distinct(demand_table[cells])
        for k, values in enumerate(per_table):
            average = np.array([values[f : f + len(share)] @ share for f in first])
            out[k][cells] = average[place] if place.size else 0.0
    return out


def _at_cells(scenario: Scenario, of_lane: list[int]) -> np.ndarray:
    """What each lane has, at the cells it serves; 0 where the item is not stocked."""
    out = np.zeros(scenario.lane_of.shape, np.int32)
    out[scenario.stocked] = np.array(of_lane, np.int32)[scenario.lane_of[scenario.stocked]]
    return out


def _column(numbers: Iterable[int]) -> np.ndarray:
    return np.array(list(numbers), np.int32)[:, None]


def _turned(mask: np.ndarray, weekday: int) -> np.ndarray:
    """Weekday bits, turned so that the lowest bit is day 0's weekday."""
    return ((mask >> weekday) | (mask << (7 - weekday))) & 127
