"""A scenario as flat arrays: what both engines read, and neither changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from restock.sim.errors import InputError, require
from restock.sim.model import bounds
from restock.sim.model.day_factors import DayFactors, day_factors
from restock.sim.model.demand import History
from restock.sim.model.feature import Making, feature_arrays
from restock.sim.model.network import ALLOCATIONS, UNSHIPPED
from restock.sim.model.opening.opening_arrays import OpeningArrays, opening_arrays
from restock.sim.model.scenario import Scenario
from restock.sim.model.streams.streams import most_sources
from restock.sim.model.streams.tables import MOST_TABLES, cell_named, cell_tables, customers, with_below
from restock.sim.model.unit_limits import LARGEST_UNITS
from restock.sim.probability.copula import copula_table
from restock.sim.probability.guide_tables import FULL, Tables
from restock.sim.probability.keyed_draws import name_keys
from restock.sim.probability.laws import Constant, Law
from restock.sim.probability.many_laws import build_tables, work_out
from restock.sim.probability.two_moments import two_moment_law
from restock.sim.probability.unseen import NotUnthinned, unseen_laws

NO_HISTORY, REPLAY, BOOTSTRAP = range(3)


class World(NamedTuple):
    """Arrays over items (i), sites (n, as listed) and days (t); a cell is (i, n).

    >>> from restock.sim.planning.example import one_shop
    >>> world = one_shop().world
    >>> world.daily_rate.round(6).tolist(), world.opening.tolist(), world.parent.tolist()
    ([[5.0], [3.0]], [[10], [6]], [-1])
    """

    horizon: int
    warm_up: int
    item_key: np.ndarray  # uint32 (i,)
    site_key: np.ndarray  # uint32 (n,)
    parent: np.ndarray  # int64 (n,): serving site, -1 for outside suppliers
    bottom_up: np.ndarray  # int64 (n,): the order of deciding
    first_child: np.ndarray  # int64 (n + 1,): children of n are child[first_child[n]:first_child[n + 1]]
    child: np.ndarray  # int64
    stocked: np.ndarray  # bool (i, n)
    most_units: int  # of one cell, in any figure of a day; a power of two less one (see `bounds`)
    most_a_week: int  # asked for or ordered in a week
    opening: np.ndarray  # int32 (i, n): units on hand on day 0
    opening_state: OpeningArrays  # what else there is on the first day
    overstock_level: np.ndarray  # int32 (i, n): units above which stock is overstock
    daily_rate: np.ndarray  # float64 (i, n): mean demand per day without events, for fair shares
    demand_table: np.ndarray  # int32 (i, n): first table of who walks in; 0: nobody does; -1: no law is drawn
    season_of: np.ndarray  # int32 (i, n): row of `season_class`, its season and events
    season_class: np.ndarray  # int32 (row, t): table = first table of the cell + class of the day
    seasonal: bool  # some row has more than one class
    together: int  # 1: demand of sites moves together
    copula: np.ndarray  # uint8 (256, 256): see `probability.copula`; (0, 0) where it does not
    copula_of_all: int  # 1: that of all items does, 0: that of each item
    history: np.ndarray  # int32 (row, recorded day)
    unseen: np.ndarray  # int32 (row, recorded day): table of what the record, a sample, has not; (0, 0): it has all
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
    own_variance: np.ndarray  # float64 (i, n): of a day's demand of own customers by laws, swings of seasons included
    features: Any  # the arrays of each feature, by its name (see `feature.Feature.arrays`)


class TableList:
    """Laws numbered as they come, each once.

    >>> tables = TableList({})
    >>> tables.add(Constant(0)), tables.add(Constant(3)), tables.add(Constant(0))
    (0, 1, 0)
    """

    def __init__(self, made: dict[tuple[Any, float, float], Law]) -> None:
        self.laws: list[Law] = []
        self.seasonal: dict[tuple[int, Any], int] = {}
        self.single: dict[Law, int] = {}
        self.made = made  # by number, and factors on mean and variation

    def add(self, law: Law) -> int:
        if law not in self.single:
            self.single[law] = len(self.laws)
            self.laws.append(law)
        return self.single[law]

    def add_season(self, row: int, number: Any, law: Law, factors: np.ndarray) -> int:
        """The first table of a law in a row of day factors, one for each pair of factors on mean and variation."""
        if (row, number) not in self.seasonal:
            self.seasonal[row, number] = len(self.laws)
            self.laws += [self.moved(number, law, mean, cv) for mean, cv in factors.tolist()]
        return self.seasonal[row, number]

    def moved(self, number: Any, law: Law, mean: float, cv: float = 1.0) -> Law:
        """A law with factors on its mean and its coefficient of variation, made once; `work_out` says if it is one."""
        key = (number, mean, cv)
        if key not in self.made:
            try:
                scaled = law if mean == 1 else law.scaled(mean)
                expected, variance = (0.0, 0.0) if cv == 1 else scaled.moments
                self.made[key] = two_moment_law(expected, variance * cv**2) if expected > 0 else scaled
            except InputError as error:
                raise bounds.CannotBeMoved(error, number, mean, cv) from None
        return self.made[key]

    def work_out(self) -> None:
        """The probabilities of all laws that were made, together where they have a formula for that."""
        work_out(self.made.values())
        for (number, mean, cv), law in self.made.items():
            try:
                law.pmf()
            except InputError as error:
                raise bounds.CannotBeMoved(error, number, mean, cv) from None


def build_world(scenario: Scenario, made: dict[tuple[Any, float, float], Law] | None = None) -> World:
    """The arrays of a scenario. `made` holds laws of the same demand that were worked out before; others join them.

    >>> from restock.sim.planning.example import one_shop
    >>> build_world(one_shop(days=56, warm_up=7).scenario).horizon
    63
    """
    tables = TableList({} if made is None else made)
    tables.add(Constant(0))  # table 0: lanes of the kernel where no customer asks
    factors = day_factors(scenario)
    season_class, distinct_factors = _classes(factors)
    cells = cell_tables(scenario, tables, factors, distinct_factors)
    demand_laws = len(tables.laws)
    lead_table = bounds.lead_tables(scenario, tables.add)
    history = scenario.demand.recorded() if scenario.demand.source != "fitted" else None
    history, unseen = _with_unseen(scenario, tables, history)
    of_customers = customers(scenario, tables, history, _mean_unseen(unseen, tables))
    rate = with_below(scenario, of_customers.mean)
    item_key = name_keys(item.name for item in scenario.items)
    site_key = name_keys(site.name for site in scenario.sites)
    making = Making(scenario, tables.add, rate, cells.further, item_key, site_key, cells.of_streams,
                    of_customers.of_streams)  # fmt: skip
    for feature in scenario.features:
        making.made[feature.name] = feature.arrays(making)
    tables.work_out()
    moments = np.array([law.moments for law in tables.laws])
    child_lists = [np.nonzero(scenario.parent == n)[0] for n in range(len(scenario.sites))]
    longest = np.array([len(law.pmf()) - 1 for law in tables.laws])
    overstock = np.ceil(scenario.costs.overstock_days * rate - 1e-9)
    most = bounds.most_units(scenario, max(each.dearest_unit(making.made[each.name]) for each in scenario.features))
    most_asked = int(longest[: 0 if history is not None else demand_laws].max(initial=0))
    if history is not None:
        most_asked = int(history.units.max(initial=0)) + int(longest[unseen].max(initial=0))
    bounds.check_days(scenario, most_asked * most_sources(scenario))
    longest_lead = np.array([max(longest[t] for t in {*col[col >= 0].tolist()} or {0}) for col in lead_table.T])
    for feature in scenario.features:
        longest_lead = np.maximum(longest_lead, feature.longest_lead(making.made[feature.name]))
    breaks_packs = bounds.of_lanes(scenario, [scenario.breaks_packs(x) for x in scenario.lanes]) > 0
    return World(
        horizon=scenario.horizon,
        warm_up=scenario.warm_up,
        item_key=item_key,
        site_key=site_key,
        parent=scenario.parent.copy(),  # a scenario's own arrays may not be written to, which the kernel would have
        stocked=scenario.stocked.copy(),  # compiled again
        bottom_up=scenario.bottom_up.astype(np.int64),
        first_child=np.cumsum([0, *map(len, child_lists)]).astype(np.int64),
        child=np.concatenate([*child_lists, np.zeros(0, np.int64)]).astype(np.int64),
        most_units=most,
        most_a_week=bounds.most_a_week(scenario),
        opening=bounds.opening_stock(scenario, rate, most),
        opening_state=opening_arrays(scenario, longest_lead, most),
        overstock_level=np.minimum(overstock, LARGEST_UNITS).astype(np.int32),
        daily_rate=rate,
        demand_table=cells.walk_in,
        season_of=factors.row_of.copy(),  # written to or not, an array is of another type to the compiler
        season_class=season_class,
        seasonal=bool(season_class.max() > 0),
        together=int(scenario.demand.together),
        copula=copula_table(scenario.demand.correlation) if scenario.demand.together else np.zeros((0, 0), np.uint8),
        copula_of_all=int(scenario.demand.correlated == "all"),
        history=np.zeros((1, 7), np.int32) if history is None else np.array(history.units, order="C"),
        unseen=unseen,
        history_row=np.full(cells.walk_in.shape, -1, np.int32) if history is None else history.row_of.astype(np.int32),
        history_kind=NO_HISTORY if history is None else REPLAY if scenario.demand.source == "replay" else BOOTSTRAP,
        history_shift=0 if history is None else (scenario.start - history.start).days % 7,
        history_weeks=1 if history is None else history.weeks,
        history_window=-1 if scenario.demand.bootstrap_window is None else scenario.demand.bootstrap_window,
        lead_table=lead_table,
        longest_lead=longest_lead,
        lead_by_day=int(scenario.lead_time_index == "day"),
        backorder_share=np.array([round(item.backorder_share * FULL) for item in scenario.items], np.int64),
        pack=np.where(breaks_packs, 1, bounds.of_items(scenario.items, "pack", most)),
        minimum_order=np.where(breaks_packs, 0, bounds.of_items(scenario.items, "minimum_order", most)),
        order_days=bounds.order_days(scenario),
        allocation=np.array([ALLOCATIONS.index(site.allocation) for site in scenario.sites], np.int64),
        cancels=np.array([UNSHIPPED.index(site.unshipped) for site in scenario.sites], np.int64),
        tables=build_tables(tables.laws),
        table_mean=moments[:, 0].copy(),
        table_variance=moments[:, 1].copy(),
        own_variance=of_customers.variance,
        features=feature_arrays(making.made),
    )


def _classes(factors: DayFactors) -> tuple[np.ndarray, list[np.ndarray]]:
    """Class of each day in each row, and the factors on mean and variation that each class of a row stands for."""
    classes, pairs = [], []
    for of_day in np.stack([factors.mean, factors.cv], axis=2):
        found, place = np.unique(of_day, axis=0, return_inverse=True)
        classes.append(place.ravel())
        pairs.append(found)
    return np.array(classes, np.int32), pairs


def _with_unseen(scenario: Scenario, tables: TableList, history: History | None) -> tuple[History | None, np.ndarray]:
    """The history with a row for each cell of its own, and the tables of what it, being a sample, has not seen."""
    demand = scenario.demand
    if history is None or history.sample_share == 1:
        return history, np.zeros((0, 0), np.int32)
    cells = history.row_of >= 0
    row, law, season = history.row_of[cells], demand.law_of[cells], demand.season_of[cells]
    units = history.units[row]
    receipts = units if history.receipts is None else history.receipts[row]
    without = int(np.flatnonzero(cells)[np.argmin(law)]) if len(law) and law.min() < 0 else -1
    require(without < 0, f"{cell_named(scenario, without)}: its record is a sample, and no law says of how many")
    by_day = np.array([each.factors(history.start, units.shape[1]) for each in demand.seasons])
    try:
        laws, number = unseen_laws(demand.day_laws, law, by_day, season, units, receipts, history.sample_share)
    except NotUnthinned as error:
        first = int(np.flatnonzero(cells)[np.argmax(law == error.number)])
        raise InputError(f"{cell_named(scenario, first)}, whose record is a sample: {error}") from None
    words = f"a record that is a sample gives {len(laws):,} different laws of what it has not seen; allowed: "
    require(len(laws) <= MOST_TABLES, f"{words}{MOST_TABLES:,}")
    work_out(laws)
    placed = np.array([tables.add(law) for law in laws] + [0], np.int32)  # -1 finds the last: table 0, nothing
    row_of = np.full(cells.shape, -1, np.int32)
    row_of[cells] = np.arange(len(units))
    return replace(history, units=units, receipts=None, row_of=row_of), placed[number]


def _mean_unseen(unseen: np.ndarray, tables: TableList) -> np.ndarray | float:
    """Mean units that the record has not, of each recorded day (row, day); 0 where it has all."""
    return np.array([law.moments[0] for law in tables.laws])[unseen] if unseen.size else 0.0
