"""What both engines hand in: the ledger of some replications of some items, and its daily figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restock.sim.errors import require
from restock.sim.measures.ledger import BASE
from restock.sim.model.arrays import World
from restock.sim.model.feature import all_books, parts_in_use
from restock.sim.planning.policy import Plan

Bounds = tuple[tuple[int, int], tuple[int, int]]  # replications and items of a shard


@dataclass(frozen=True)
class Shard:
    """A part of the work: some replications of some items, and what came of it."""

    replications: tuple[int, int]
    items: tuple[int, int]
    ledger: np.ndarray  # int64 (replications, items, sites, columns of ledger.COLUMNS)
    series: np.ndarray  # int64 (days, first replications, sites, figures of ledger.SERIES); no days unless asked for


def columns_of(world: World, plan: Plan) -> int:
    """Columns of the ledger of a run: of those of `ledger.EXTRA` the ones behind the last that is used are left out."""
    used, count, last = features_of(world, plan), BASE, BASE
    for books in all_books():
        count += len(books.columns)
        last = count if books.needs in used else last
    return last


def extra_in_use(world: World, remembers: bool) -> list[int]:
    """Which columns of `ledger.EXTRA` are not 0 throughout: those of the run's features, and of policies that remember.

    >>> from restock.sim.planning.example import one_shop
    >>> extra_in_use(one_shop().world, remembers=False), len(extra_in_use(one_shop().world, remembers=True)) > 0
    ([], True)
    """
    used = parts_in_use(world) | ({"forecasts"} if remembers else set())
    return [k for k, needs in enumerate(books.needs for books in all_books() for _ in books.columns) if needs in used]


def features_of(world: World, plan: Plan) -> set[str]:
    """What a run has of features (`model.feature.Feature.parts`), and of policies that forecast."""
    return parts_in_use(world) | ({"forecasts"} if plan.forecasts else set())


def check_seed(seed: int) -> None:
    """A seed is a whole number that fits 63 bits."""
    good = isinstance(seed, int) and 0 <= seed < 2**63
    require(good, f"seed must be a whole number from 0 to {2**63 - 1}, got {seed}")


def check_states(world: World, replications: int) -> None:
    """A run that goes on from the state of another has its replications, or fewer; or all from one.

    >>> from restock.sim.planning.example import one_shop
    >>> check_states(one_shop().world, replications=64)
    """
    states = world.opening_state.cells.shape[2]
    good = states <= 1 or replications <= states
    require(
        good, f"the run goes on from {states} replications of another; allowed: at most as many, got {replications}"
    )
