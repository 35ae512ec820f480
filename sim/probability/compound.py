"""Probabilities of compound laws: Panjer's recursion where customers are Poisson, negative binomial or geometric.

Their number of customers has P(N = n) = (a + b / n) P(N = n - 1), so that the units of all baskets have
g(k) = sum over sizes j of (a + b j / k) f(j) g(k - j), over 1 - a f(0), f being the law of a basket. No term is below
0: every probability is right to some 1e-13 of itself.

Of other customers: by the generating function at roots of unity, right to some 1e-15.

Source: Panjer (1981), ASTIN Bulletin 12; Sundt & Jewell (1981), ASTIN Bulletin 12.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from restock.sim.compiling.marks import entry_point
from restock.sim.errors import require
from restock.sim.probability.law import trim
from restock.sim.probability.laws import LARGEST, TAIL, Compound, Geometric, Law, NegativeBinomial, Poisson

LEAST_LOG = -600.0  # of the first probability; below, the recursion starts from this and is scaled as it goes
FAR = 1e-3  # of TAIL: where as many probabilities as a basket is long sum to less, none worth keeping follow


def is_recursive(law: Law) -> bool:
    """Whether the law is one of these.

    >>> is_recursive(Compound(Poisson(2.0), Poisson(1.0))), is_recursive(Poisson(2.0))
    (True, False)
    """
    return type(law) is Compound and type(law.customers) in (Poisson, NegativeBinomial, Geometric)


def compound_pmf(law: Compound) -> np.ndarray:
    """P(X = 0), P(X = 1), ... of one law, without a tail below `TAIL`.

    >>> from restock.sim.probability.laws import Empirical
    >>> compound_pmf(Compound(Empirical((0, 2), (1, 1)), Empirical((1, 2), (1, 1)))).round(9).tolist()
    [0.5, 0.0, 0.125, 0.25, 0.125]
    """
    if is_recursive(law):
        return recursive_pmfs([law])[0]
    (number, swing), (size, spread) = law.customers.moments, law.basket.moments
    reach = int(number * size + 30 * math.sqrt(number * spread + swing * size**2) + 30 * len(law.basket.pmf()) + 64)
    require(reach <= 64 * LARGEST, f"compound: reaches beyond {LARGEST} units; restock holds values up to that")
    width = 1 << max(8, reach.bit_length())
    basket = np.fft.rfft(law.basket.pmf(), width)
    out = np.zeros_like(basket)
    for p in law.customers.pmf()[::-1]:  # Horner's rule
        out = out * basket + p
    return trim(np.clip(np.fft.irfft(out, width), 0, None))


def recursive_pmfs(laws: Sequence[Any]) -> list[np.ndarray]:
    """P(X = 0), P(X = 1), ... of each law, without a tail below `TAIL`; one too long for restock has LARGEST + 2.

    >>> [p] = recursive_pmfs([Compound(Geometric(1.0), Poisson(0.0))])
    >>> p.tolist()
    [1.0]
    """
    number: dict[int, int] = {}
    baskets: list[np.ndarray] = []
    of_law: list[int] = []
    for law in laws:
        if id(law.basket) not in number:
            number[id(law.basket)] = len(baskets)
            baskets.append(law.basket.pmf())
        of_law.append(number[id(law.basket)])
    sizes = [np.flatnonzero(p[1:]) + 1 for p in baskets]
    first = np.cumsum([0, *map(len, sizes)])
    size = np.concatenate([*sizes, np.zeros(0, np.int64)]).astype(np.int64)
    chance = np.concatenate([*(p[s] for p, s in zip(baskets, sizes, strict=True)), np.zeros(0)])
    none = np.array([p[0] for p in baskets])
    parts = np.array([_recursion(law.customers, none[k]) for law, k in zip(laws, of_law, strict=True)])
    mean = np.array([law.customers.mean * law.basket.mean for law in laws])
    out, scratch = [], np.zeros(LARGEST + 2)
    flat = np.zeros(max(4 * len(scratch), 256 * len(laws)))
    count, start, basket = np.zeros(len(laws), np.int64), 0, np.array(of_law, np.int64)
    while start < len(laws):
        stop = _add_up(start, parts, mean, basket, first, size, chance, none, scratch, flat, count)
        ends = np.cumsum(count[start:stop])
        out += [p.copy() for p in np.split(flat[: ends[-1]], ends[:-1])]
        start = stop
    return out


def _recursion(customers: Any, none: float) -> tuple[float, float, float]:
    """a, b and the log of the first probability, where a basket is empty with probability `none`."""
    if isinstance(customers, Poisson):
        return 0.0, customers.mean, customers.mean * (none - 1)
    shape = 1.0 if isinstance(customers, Geometric) else 1 / customers.dispersion
    again = customers.mean / (shape + customers.mean)
    return again, (shape - 1) * again, -shape * math.log1p(customers.mean / shape * (1 - none))


@entry_point()
def _add_up(start, parts, mean, basket, first, size, chance, none, scratch, flat, count):
    """Probabilities of laws from `start` on end to end in `flat`, while they fit. Returns the first that is left."""
    to = 0
    for law in range(start, len(parts)):
        a, b, log_none = parts[law, 0], parts[law, 1], parts[law, 2]
        low, high = first[basket[law]], first[basket[law] + 1]
        window = max(size[high - 1], 32) if high > low else 0
        over = 1 - a * none[basket[law]]
        scratch[0] = np.exp(max(log_none, LEAST_LOG))
        total, recent, going, k = scratch[0], 0.0, high > low, 0
        while going and k < len(scratch) - 1:
            k += 1
            p = 0.0
            for at in range(low, high):
                j = size[at]
                if j > k:
                    break
                p += (a + b * j / k) * chance[at] * scratch[k - j]
            scratch[k] = p / over
            total += scratch[k]
            recent += scratch[k]
            if total > 1e200:
                scratch[: k + 1] *= 1e-200
                total *= 1e-200
                recent *= 1e-200
            if k % window == 0:
                going = k < mean[law] or recent > FAR * TAIL * total
                recent = 0.0
        values = k + 1
        if values < len(scratch):
            beyond = 0.0
            while values > 1 and beyond + scratch[values - 1] <= TAIL * total:
                values -= 1
                beyond += scratch[values]
        if to + values > len(flat):
            return law
        flat[to : to + values] = scratch[:values] / total
        count[law] = values
        to += values
    return len(parts)
