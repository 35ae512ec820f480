"""Drawing from a law: a uniform 32-bit draw becomes a value through a guide table (Chen & Asau 1974).

Inverse transform, so one draw gives one value, monotone in the draw: compared policies, and compared means,
stay paired. value(u) = number of break points q_k <= u, with q_k = floor(P(X <= k) * 2**32).

A table is cut into 2**bits cells. Each cell packs the first break point inside it (32 bits), the value before
that (16 bits) and how many further break points follow (16 bits; nearly always 0, else a short search).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int32, int64, uint32, uint64

from restock.sim.compiling.marks import entry_point, inlined
from restock.sim.probability.law import Law

FULL = 2**32


class Tables(NamedTuple):
    """Guide tables of many laws, end to end.

    >>> from restock.sim.probability.laws import Empirical
    >>> from restock.sim.probability.many_laws import build_tables
    >>> tables = build_tables([Empirical((0, 3))])
    >>> tables.breaks[tables.first_break[0] : tables.first_break[1]] / FULL  # from a half on the value is 3
    array([0.5, 0.5, 0.5])
    """

    guide: np.ndarray  # uint64: packed cells
    breaks: np.ndarray  # uint32: break points
    place: np.ndarray  # int64 per table: first guide cell << 8 | (32 - bits)
    first_break: np.ndarray  # int64 per table, and one more at the end


def break_points(law: Law) -> np.ndarray:
    """q_0 < ... : the value is the number of break points not above the draw."""
    cumulative = np.cumsum(law.pmf())
    points = np.floor(np.minimum(cumulative / cumulative[-1], 1.0) * FULL).astype(np.uint64)
    return points[: int(np.searchsorted(points, FULL - 1))]


@inlined
def value_of(guide, breaks, first_break, place, table, u):
    """The value that draw `u` takes in one table."""
    cell = guide[uint64((place >> 8) + int64(u >> uint32(place & 255)))]
    value = int32((cell >> uint64(16)) & uint64(0xFFFF)) + int32(u > uint32(cell >> uint64(32)))
    if (cell & uint64(0xFFFF)) > uint64(0):
        first = first_break[table]
        last = first_break[table + 1]
        while first + value < last and u >= breaks[first + value]:
            value += 1
    return value


@entry_point()
def values(guide, breaks, place, first_break, tables, draws, out):
    """Fill `out` with the values of `draws`, each through its own table."""
    for i in range(len(draws)):
        out[i] = value_of(guide, breaks, first_break, place[tables[i]], tables[i], draws[i])


def quantiles(tables: Tables, which: np.ndarray | int, draws: np.ndarray) -> np.ndarray:
    """Values for draws, each through table number `which`.

    >>> from restock.sim.probability.laws import Constant
    >>> from restock.sim.probability.many_laws import build_tables
    >>> quantiles(build_tables([Constant(3)]), 0, np.array([0, 2**31, 2**32 - 1], np.uint32))
    array([3, 3, 3])
    """
    number = np.broadcast_to(np.asarray(which, np.int64), draws.shape).copy()
    out = np.empty(len(draws), np.int64)
    values(tables.guide, tables.breaks, tables.place, tables.first_break, number, draws, out)
    return out
