"""Probabilities, moments and guide tables of many laws at once: bit by bit what each law gives on its own.

A chain has some ten thousand laws of a day's demand, and what numpy costs a call would be most of their cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numba import uint64
from scipy import special

from restock.sim.compiling.marks import entry_point
from restock.sim.probability.compound import is_recursive, recursive_pmfs
from restock.sim.probability.exponential_tails import NegativeBinomial, Poisson
from restock.sim.probability.guide_tables import FULL, Tables
from restock.sim.probability.law import LARGEST, TAIL, Law

TOGETHER = 2**17  # probabilities in one batch, so that its arrays stay in the cache


def work_out(laws: Iterable[Law]) -> None:
    """Probabilities and moments of laws that have a formula for many together; each law keeps its own.

    >>> few = [Poisson(2.0), Poisson(3.0)]
    >>> work_out(few)
    >>> few[1].pmf().tolist() == Poisson(3.0).pmf().tolist()
    True
    """
    new = {id(law): law for law in laws if not is_worked_out(law)}.values()
    for family in (Poisson, NegativeBinomial):
        for some in _batches([law for law in new if type(law) is family]):
            _work_out(family, some)
    compound: list[Any] = [law for law in new if is_recursive(law)]
    if compound:
        work_out(law.basket for law in compound)
        for law, p in zip(compound, recursive_pmfs(compound), strict=True):
            _keep(law, p, np.arange(float(len(p))))


def is_worked_out(law: Law) -> bool:
    """Whether the law's probabilities are there, and need not be reckoned when they are asked for."""
    return "_pmf" in vars(law)


def _batches(laws: list[Any]) -> Iterator[list[Any]]:
    """The laws in their order, so many at a time that they have some TOGETHER probabilities."""
    size, batch = 0, []
    for law in laws:
        batch.append(law)
        size += law.reach
        if size >= TOGETHER:
            yield batch
            size, batch = 0, []
    if batch:
        yield batch


def _work_out(family: type[Poisson] | type[NegativeBinomial], laws: list[Any]) -> None:
    reach = np.array([law.reach for law in laws])
    first = np.cumsum([0, *reach])
    k = np.arange(first[-1]) - np.repeat(first[:-1], reach)
    log_factorial = special.gammaln(np.arange(reach.max()) + 1)
    parameters = np.repeat([law.parameters for law in laws], reach, axis=0).T
    with np.errstate(all="ignore"):
        flat, values = family.at(k, log_factorial[k], *parameters), np.arange(float(reach.max()))
    size = np.zeros(len(laws), np.int64)
    _without_tails(flat, first, TAIL, size)
    for law, start, count in zip(laws, first.tolist(), size.tolist(), strict=False):
        _keep(law, flat[start : start + count], values[:count])


def _keep(law: Law, p: np.ndarray, values: np.ndarray) -> None:
    """The law's probabilities and moments, if it can be held: else it says so itself when it is asked."""
    if len(p) - 1 <= LARGEST and law.is_whole(p, values):
        p = p / p.sum()
        mean = float(values @ p)
        vars(law)["_pmf"] = p
        vars(law)["moments"] = mean, float((values - mean) ** 2 @ p)


@entry_point()
def _without_tails(flat, first, tail, size):
    """How many probabilities of each law are left without an upper tail that sums to `tail` at most."""
    for law in range(len(size)):
        beyond, k = 0.0, first[law + 1]
        while k > first[law] and beyond <= tail:
            k -= 1
            beyond += flat[k]
        size[law] = k - first[law] + 1


def build_tables(laws: list[Law]) -> Tables:
    """Guide tables for these laws, in this order.

    >>> from restock.sim.probability.guide_tables import quantiles
    >>> tables = build_tables([Poisson(2.0), Poisson(3.0)])
    >>> quantiles(tables, np.array([0, 1]), np.array([2**31, 2**31], np.uint32))  # their medians
    array([2, 3])
    """
    work_out(laws)
    pmfs = [law.pmf() for law in laws]
    size = np.array([len(p) for p in pmfs], np.int64)
    breaks, count = np.zeros(size.sum(), np.uint32), np.zeros(len(laws), np.int64)
    _break_points(np.concatenate([*pmfs, np.zeros(0)]), size, breaks, count)
    first_break = np.cumsum([0, *count])
    bits = np.select([count <= 24, count <= 400], [6, 8], 11)
    cells = np.cumsum([0, *(1 << bits)])
    guide = np.zeros(cells[-1], np.uint64)
    _fill(breaks, first_break, bits, cells, guide)
    return Tables(guide, np.append(breaks[: first_break[-1]], np.uint32(0)), cells[:-1] << 8 | (32 - bits), first_break)


@entry_point()
def _break_points(pmf, size, breaks, count):
    """Where each law's value steps up (see `guide_tables.break_points`): end to end, and how many each has."""
    first = to = 0
    for law in range(len(size)):
        whole = 0.0
        for k in range(first, first + size[law]):
            whole += pmf[k]
        sum_of = 0.0
        for k in range(first, first + size[law]):
            sum_of += pmf[k]
            point = np.floor(min(sum_of / whole, 1.0) * FULL)
            if point >= FULL - 1:
                break
            breaks[to] = uint64(point)
            to += 1
            count[law] += 1
        first += size[law]


@entry_point()
def _fill(breaks, first_break, bits, cells, guide):
    """The packed cells of every table (see `guide_tables`)."""
    for law in range(len(bits)):
        width = uint64(1) << uint64(32 - bits[law])
        value, points = first_break[law], first_break[law + 1]
        for cell in range(cells[law + 1] - cells[law]):
            start = uint64(cell) * width
            while value < points and uint64(breaks[value]) <= start:
                value += 1
            last = value
            while last < points and uint64(breaks[last]) < start + width:
                last += 1
            threshold = uint64(breaks[value]) - uint64(1) if last > value else uint64(FULL - 1)
            below, more = uint64(value - first_break[law]), uint64(max(last - value - 1, 0))
            guide[cells[law] + cell] = (threshold << uint64(32)) | (below << uint64(16)) | more
