"""Laws of a day's demand as numbered tables, and their moments: of what walks in at a site, and of each stream."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.errors import InputError, require
from restock.sim.model.bounds import CannotBeMoved
from restock.sim.model.distinct import distinct
from restock.sim.model.streams.streams import asked_by_streams_alone, planned_at, streams_of, walk_in_share

if TYPE_CHECKING:
    from restock.sim.model.arrays import TableList
    from restock.sim.model.day_factors import DayFactors
    from restock.sim.model.demand import History
    from restock.sim.model.network import Item
    from restock.sim.model.scenario import Scenario
    from restock.sim.probability.laws import Law

MOST_TABLES = 250_000  # laws of a day's demand in one run: some 2 GB, made in half a minute
REMEDY = "lower these factors, or count the item in lots (its cost, price and demand per lot, and counted_in)"
ROUNDED = 1 / 6  # variance of a share of whole units rounded by chance, over all fractions


class CellTables(NamedTuple):
    """The first table of each cell (items, sites), -1 where nothing is drawn; table 0 is that of nothing."""

    walk_in: np.ndarray  # 0: customers ask there, but none walks in by a law of the cell's own
    further: np.ndarray  # how much further those of raised demand lie
    of_streams: dict[str, np.ndarray]


class Customers(NamedTuple):
    """A day's demand of the customers that each cell's stock is for, without events: float64 (items, sites)."""

    mean: np.ndarray
    variance: np.ndarray  # of laws; zeros for recorded demand
    of_streams: dict[str, np.ndarray]  # mean, at the cells that plan for the stream


def cell_named(scenario: Scenario, place: int) -> str:
    """The item and site of a cell, by its place in arrays (items, sites).

    >>> from restock.sim.planning.example import one_shop
    >>> cell_named(one_shop().scenario, 1)
    "demand of item 'bread' at site 'store'"
    """
    i, n = divmod(place, len(scenario.sites))
    return f"demand of item '{scenario.items[i].name}' at site '{scenario.sites[n].name}'"


def shares_of(scenario: Scenario) -> list[float]:
    """The shares of a site's demand that are drawn apart, each once; 1 where no stream takes any.

    >>> from restock.sim.planning.example import one_shop
    >>> shares_of(one_shop().scenario)
    [1.0]
    """
    found = [walk_in_share(scenario), *(stream.share for stream in streams_of(scenario))]
    return [share for share in np.unique(np.concatenate(found)).tolist() if share > 0]


def scaled(laws: Iterable[Law], share: float) -> tuple[Law, ...]:
    """Laws of a share of the demand, of the same families.

    >>> from restock.sim.probability.laws import Poisson
    >>> scaled([Poisson(4.0)], 0.25)
    (Poisson(mean=1.0),)
    """
    return tuple(law if share == 1 else law.scaled(share) for law in laws)


def cell_tables(
    scenario: Scenario, tables: TableList, factors: DayFactors, distinct_factors: list[np.ndarray]
) -> CellTables:
    """The tables of every cell, and of each stream by the cell whose demand it is a share of."""
    walking, streams = walk_in_share(scenario), streams_of(scenario)
    shape = scenario.demand.law_of.shape
    found = {share: _demand_tables(scenario, tables, factors, distinct_factors, share)
             for share in shares_of(scenario)}  # fmt: skip
    nothing = np.where(scenario.demand.law_of >= 0, 0, -1).astype(np.int32), np.zeros(shape, np.int32)
    if scenario.demand.source != "fitted":
        nothing = np.full(shape, -1, np.int32), nothing[1]
    walk_in, further = (np.stack([found.get(share, nothing)[k][:, n] for n, share in enumerate(walking.tolist())],
                                 axis=1) for k in range(2))  # fmt: skip
    for share, (_, shift) in found.items():  # the same of every share
        further = np.where(walking[None] == 0, shift, further) if share else further
    walk_in[asked_by_streams_alone(scenario)] = 0
    of_streams = {
        stream.name: np.stack(
            [found[share][0][:, n] if share > 0 else np.full(shape[0], -1, np.int32)
             for n, share in enumerate(stream.share.tolist())], axis=1)
        for stream in streams
    }  # fmt: skip
    return CellTables(np.ascontiguousarray(walk_in), np.ascontiguousarray(further), of_streams)


def _demand_tables(
    scenario: Scenario, tables: TableList, factors: DayFactors, distinct_factors: list[np.ndarray], share: float
) -> tuple[np.ndarray, np.ndarray]:
    """The first table of each cell, -1 where nothing is drawn; how much further those of raised demand lie."""
    demand = scenario.demand
    if demand.source != "fitted":
        return np.full(demand.law_of.shape, -1, np.int32), np.zeros(demand.law_of.shape, np.int32)
    try:
        laws = scaled(demand.day_laws, share)
    except InputError as error:
        wrong = next((k for k, law in enumerate(demand.laws) if not demand.holds(law)), -1)
        where = np.flatnonzero(np.ravel(demand.law_of) == wrong)
        raise InputError(f"{cell_named(scenario, int(where[0]))}: {error}" if len(where) else str(error)) from None
    raised, kind = np.unique([_raised(scenario, item) for item in scenario.items], return_inverse=True)
    with_markdown = [each if r == 1 else np.concatenate([each, np.round(each * (r, 1), 2)])
                     for r in raised for each in distinct_factors]  # fmt: skip
    count = len(laws) + 1
    wide = np.int64 if len(with_markdown) * count > 2**31 else np.int32
    row_of = (kind[:, None] * len(distinct_factors) + factors.row_of).astype(wide)
    pairs, inverse = distinct(row_of * wide(count) + demand.law_of + 1)
    asked = [(pair // count, pair % count - 1) for pair in pairs.tolist()]
    many = sum(len(with_markdown[row]) for row, law in asked if law >= 0)
    require(not scenario.events or many <= MOST_TABLES,
            f"events give {many:,} different laws of a day's demand (cells' laws times factors by day); allowed: "
            f"{MOST_TABLES:,}; give trends a larger step, or events fewer factors")  # fmt: skip
    try:
        numbers = [-1 if law < 0 else tables.add_season(row, _number(law, share), laws[law], with_markdown[row])
                   for row, law in asked]  # fmt: skip
        tables.work_out()
    except CannotBeMoved as error:
        those = [k for k, (row, law) in enumerate(asked) if _number(law, share) == error.number
                 and (with_markdown[row] == error.by).all(axis=1).any()]  # fmt: skip
        first = int(np.flatnonzero(np.isin(np.ravel(inverse), those))[0])
        raise InputError(f"{cell_named(scenario, first)}: {error}; {REMEDY}") from None
    shift = np.array([0 if r == 1 else len(each) for r in raised for each in distinct_factors], np.int32)
    return np.array(numbers, np.int32)[inverse], shift[row_of]


def _number(law: int, share: float) -> int | tuple[int, float]:
    """What a law of a share is known by: laws that were worked out are kept for other worlds of the same demand."""
    return law if share == 1 else (law, share)


def _raised(scenario: Scenario, item: Item) -> float:
    """What a feature may multiply an item's demand by from some day of the run on."""
    return math.prod(feature.demand_factor(item) for feature in scenario.features)


def customers(
    scenario: Scenario, tables: TableList, history: History | None, unseen: np.ndarray | float = 0.0
) -> Customers:
    """Mean and variance of a day's demand that each cell's stock is for: of those who walk in, and of streams."""
    walking, streams, demand = walk_in_share(scenario), streams_of(scenario), scenario.demand
    shares = shares_of(scenario)
    mean, variance = {}, {}
    for share in shares:
        if history is not None:
            asked, of_share = history.row_of >= 0, np.zeros(demand.law_of.shape)
            by_row = (history.units + unseen)[:, : history.weeks * 7].mean(axis=1)
            of_share[asked] = by_row[history.row_of[asked]]
            mean[share], variance[share] = of_share * share, np.zeros(of_share.shape)
        else:
            moments = _base_moments(scenario, tables, share)
            mean[share], variance[share] = (
                np.where(demand.law_of >= 0, each[demand.season_of, demand.law_of], 0.0) for each in moments
            )
    nothing = np.zeros(demand.law_of.shape)
    own_mean, own_variance = (
        np.stack([of.get(share, nothing)[:, n] for n, share in enumerate(walking.tolist())], axis=1)
        for of in (mean, variance)
    )
    of_streams = {}
    for stream in streams:
        of_streams[stream.name] = planned_at(scenario, mean, stream)
        own_mean = own_mean + of_streams[stream.name]
        own_variance = own_variance + planned_at(scenario, variance, stream)
    return Customers(own_mean, own_variance, of_streams)


def recorded_variance(scenario: Scenario, whole: np.ndarray) -> np.ndarray:
    """Variance of a day's demand at the cells that plan for it, of recorded demand of which streams take a share.

    >>> from restock.sim.planning.example import one_shop
    >>> recorded_variance(one_shop().scenario, np.array([[4.0], [9.0]])).tolist()
    [[4.0], [9.0]]
    """
    streams, walking = streams_of(scenario), walk_in_share(scenario)
    if not streams:
        return whole
    rounding = np.where(scenario.demand.asked, ROUNDED, 0.0)
    out = whole * walking**2 + rounding * ((walking > 0) & (walking < 1))
    part = {share: whole * share**2 + rounding * (share < 1) for share in shares_of(scenario)}
    for stream in streams:
        out = out + planned_at(scenario, part, stream)
    return out


def _base_moments(scenario: Scenario, tables: TableList, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of one day's demand over the days of the run, without events: float64 (seasons, laws).

    Only of the pairs of a season and a law that cells have; 0 elsewhere.
    """
    demand = scenario.demand
    laws = scaled(demand.day_laws, share) if demand.source == "fitted" else ()
    mean = np.zeros((len(demand.seasons), len(laws)))
    variance = mean.copy()
    if not laws:
        return mean, variance
    pairs, _ = distinct(np.where(demand.asked, demand.season_of * len(laws) + demand.law_of, 0))
    swings = [np.unique(season.factors(scenario.start, scenario.horizon), return_counts=True)
              for season in demand.seasons]  # fmt: skip
    numbered = [divmod(pair, len(laws)) for pair in pairs.tolist()]
    moved = [[tables.moved(_number(number, share), laws[number], factor) for factor in swings[s][0].tolist()]
             for s, number in numbered]  # fmt: skip
    tables.work_out()
    for at, laws_of_pair in zip(numbered, moved, strict=True):
        days = swings[at[0]][1] / scenario.horizon
        moments = np.array([law.moments for law in laws_of_pair])
        mean[at] = moments[:, 0] @ days
        square = (moments[:, 1] + moments[:, 0] ** 2) @ days
        variance[at] = max(square - mean[at] ** 2, 0.0)
    return mean, variance


def with_below(scenario: Scenario, own: np.ndarray) -> np.ndarray:
    """A figure of each cell's own customers, and of the sites below it: (items, sites).

    >>> from restock.sim.planning.example import one_shop
    >>> with_below(one_shop().scenario, np.array([[5.0], [3.0]])).tolist()
    [[5.0], [3.0]]
    """
    out = own.copy()
    for n in scenario.bottom_up:
        if scenario.parent[n] >= 0:
            out[:, scenario.parent[n]] += out[:, n]
    return out
