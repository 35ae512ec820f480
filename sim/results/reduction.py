"""Reducing a shard: its ledger becomes sums of facts per group, and moments, where it was simulated.

Only these travel. A shard is reduced on its own, from zero; sums run over items, then sites. The shards' sums are then
added in the order of the shards (`rollup`): whatever the executor, the same steps in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from restock.sim.compiling.marks import entry_point
from restock.sim.engines.ledgers import Shard
from restock.sim.measures.facts import (
    COLUMN,
    FACT,
    FACTS,
    OF_CHAIN_ALONE,
    columns_and_weights,
    facts_of,
    terms,
    variance_constants,
)
from restock.sim.measures.measures import denominators, numerators

LEVELS = ("chain", "tier", "site", "category", "class", "policy_class", "site_class", "item", "cell")
OWN = ("tier", "site", "site_class", "cell")  # levels of groups seen by their own books; the others by the chain's
SUMMED = LEVELS[:7]  # levels that keep every replication
PRODUCTS = ((0, 0), (0, 1), (1, 1))


@dataclass
class Moments:
    """Over replications: means (groups, measures, [n, d]); sums of squared deviations (nn, nd, dd).

    The measures are those of the run's features (`measures.measures.measures_of`).
    """

    count: np.ndarray
    mean: np.ndarray
    squares: np.ndarray

    @classmethod
    def nothing(cls, groups: int, measures: int) -> Moments:
        """Before the first replication."""
        return cls(np.zeros(groups), np.zeros((groups, measures, 2)), np.zeros((groups, measures, 3)))

    @classmethod
    def of(cls, top: np.ndarray, bottom: np.ndarray) -> Moments:
        """Those of numerators and denominators, (replications, groups, measures).

        >>> Moments.of(np.array([[[1.0]], [[3.0]]]), np.array([[[4.0]], [[4.0]]])).squares
        array([[[2., 0., 0.]]])
        """
        pair = np.stack([top, bottom], axis=-1)
        mean = pair.mean(axis=0)
        off = pair - mean
        squares = np.stack([(off[..., j] * off[..., k]).sum(axis=0) for j, k in PRODUCTS], axis=-1)
        return cls(np.full(len(mean), float(len(pair))), mean, squares)

    def add(self, first: int, other: Moments) -> None:
        """Join more replications of the groups from `first` on, by Chan, Golub & LeVeque (1983)."""
        groups = slice(first, first + len(other.count))
        before, more = self.count[groups], other.count
        shift = other.mean - self.mean[groups]
        weight = (before * more / (before + more))[:, None]
        for m, (j, k) in enumerate(PRODUCTS):
            self.squares[groups, :, m] += other.squares[..., m] + weight * shift[..., j] * shift[..., k]
        self.mean[groups] += shift * (more / (before + more))[:, None, None]
        self.count[groups] += more


@dataclass(frozen=True)
class Part:
    """What is left of a shard: sums[level] float64 (replications, groups, FACTS); for items and cells the number of
    the first group that the shard holds, and moments; series int64 (2, days, sites, figures of ledger.SERIES): summed
    over replications, and those of the first replication."""

    replications: tuple[int, int]
    sums: dict[str, np.ndarray]
    moments: dict[str, tuple[int, Moments]]
    series: np.ndarray


@dataclass(frozen=True)
class Reduction:
    """How a shard is reduced.

    Parameters
    ----------
    groups : mapping of level to (group of each cell, int32 (items, sites), -1 outside; number of groups)
    item_weights, lane_weights, cells : ndarray
        See `measures.facts`: what the columns are worth, by item and by lane; which cells the chain's view counts.
    lane_of : ndarray, int32 (items, sites)
        The lane that serves each cell.
    features : collection of str
        What the run has (`engines.ledgers.features_of`): facts of other features are 0.
    first : int
        Number of the first replication, whose daily figures are kept.
    """

    days: int
    groups: Mapping[str, tuple[np.ndarray, int]]
    item_weights: np.ndarray
    lane_weights: np.ndarray
    lane_of: np.ndarray
    cells: np.ndarray
    features: frozenset[str]
    first: int = 0

    def __call__(self, shard: Shard) -> Part:
        i0, i1 = shard.items
        rows = [_rows(level, *self.groups[level], i0, i1) for level in self.groups]
        ends = np.cumsum([0] + [size for _, _, size in rows])
        group_of = np.stack([of_cell + np.where(of_cell >= 0, start, 0)
                             for (of_cell, _, _), start in zip(rows, ends, strict=False)]).astype(np.int32)  # fmt: skip
        used = facts_of(self.features)
        sums = np.zeros((len(shard.ledger), ends[-1], len(used)))
        by_chain = np.array([level not in OWN for level in self.groups])
        _add_up(shard.ledger, columns_and_weights(used), *terms(), self.item_weights[:, i0:i1], self.lane_weights,
                self.lane_of[i0:i1], self.cells[:, i0:i1], group_of, by_chain, float(self.days),
                *variance_constants(self.days), sums)  # fmt: skip
        part = Part(shard.replications, {}, {}, _both_series(shard, self.first))
        for level, (_, first, size), start in zip(self.groups, rows, ends, strict=False):
            mine = sums[:, start : start + size]
            if level in SUMMED:
                part.sums[level] = np.zeros((*mine.shape[:2], len(FACTS)))
                part.sums[level][..., [FACT[name] for name in used]] = mine
            else:
                top = numerators(mine, self.features)
                part.moments[level] = first, Moments.of(top, denominators(mine, self.days, self.features))
        return part


def _both_series(shard: Shard, first: int) -> np.ndarray:
    total = shard.series.sum(axis=1)
    holds_it = len(total) > 0 and shard.replications[0] == first
    one = shard.series[:, 0] if holds_it else np.zeros_like(total)
    return np.stack([total, one])


def _rows(level: str, group_of: np.ndarray, groups: int, i0: int, i1: int) -> tuple[np.ndarray, int, int]:
    """Group of each cell of items i0..i1, the first group, and how many: items and cells come a few at a time."""
    here = group_of[i0:i1]
    if level in SUMMED:
        return here, 0, groups
    used = here[here >= 0]
    first, last = (int(used.min()), int(used.max()) + 1) if len(used) else (0, 0)
    return np.where(here >= 0, here - first, -1), first, last - first


_DEMAND, _ORDERED = COLUMN["demand"], COLUMN["ordered"]
_DEMAND_SQUARED, _ORDERED_SQUARED = COLUMN["demand_squared"], COLUMN["ordered_squared"]
_DAYS, _DEMAND_VARIANCE, _ORDER_VARIANCE = COLUMN["days"], COLUMN["demand_variance"], COLUMN["order_variance"]
_COLUMNS = len(COLUMN)


@entry_point()
def _add_up(ledger, made_of, terms, divisors, item_weights, lane_weights, lane_of, cells, group_of, by_chain, days,
            over, divisor, out):  # fmt: skip
    """Add the facts of every cell to its groups: ledger (r, i, n, columns) into out (r, groups, facts)."""
    replications, items, sites, columns = ledger.shape
    of_items, facts = len(item_weights), len(made_of)
    column = np.zeros(_COLUMNS)  # those that the ledger leaves out are 0
    own = np.zeros(facts)
    chain = np.zeros(facts)
    for r in range(replications):
        for i in range(items):
            for n in range(sites):
                if not cells[0, i, n]:
                    continue
                for k in range(columns):
                    column[k] = ledger[r, i, n, k]
                column[_DAYS] = days
                column[_DEMAND_VARIANCE] = (column[_DEMAND_SQUARED] - over * column[_DEMAND] ** 2) / divisor
                column[_ORDER_VARIANCE] = (column[_ORDERED_SQUARED] - over * column[_ORDERED] ** 2) / divisor
                for t in range(len(terms)):
                    column[terms[t, 0]] = 0.0
                for t in range(len(terms)):
                    column[terms[t, 0]] += column[terms[t, 1]] / divisors[t]
                for f in range(facts):
                    k = made_of[f, 1]
                    weight = item_weights[k, i] if k < of_items else lane_weights[k - of_items, lane_of[i, n]]
                    own[f] = weight * column[made_of[f, 0]]
                    chain[f] = own[f] if cells[made_of[f, 2], i, n] else 0.0
                    if made_of[f, 2] == OF_CHAIN_ALONE:
                        own[f] = 0.0
                for level in range(len(group_of)):
                    g = group_of[level, i, n]
                    if g >= 0:
                        for f in range(facts):
                            out[r, g, f] += chain[f] if by_chain[level] else own[f]
