"""The tail over replications: quantiles, and the mean of the worst outcomes (CVaR), each with an interval.

A quantile's interval runs between two order statistics: how many of n replications fall below the true quantile is
binomial, whatever the distribution (David & Nagaraja 2003, Order Statistics, section 7.1). Of the pairs that reach the
confidence, the nearest two are taken; below a certain number of replications there are none.

A tail mean's interval rests on its asymptotic variance, Var(max(x - v, 0)) / (n (1 - share)**2) around the quantile v
(Trindade, Uryasev, Shapiro & Zrazhevsky 2007, Journal of Banking & Finance 31(11):3524-3538; Chen 2008, Journal of
Financial Econometrics 6(1):87-107, who finds the plain average as good as a smoothed one). With a normal quantile it
covers 77 to 87% instead of 95% at 64 replications, because few of them lie in the tail. Student's quantile with half
as many degrees of freedom as there are replications in the tail covers 92 to 96% from 64 replications on, for normal,
gamma and lognormal outcomes (`tests/statistics/test_coverage.py`); that rule is ours, and rests on this measurement.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from restock.sim.errors import require
from restock.sim.statistics.intervals import Interval, around

LEAST_TAIL = 3  # replications in the tail below which its mean has no interval


def quantile(x: np.ndarray, share: float, confidence: float = 0.95) -> Interval:
    """The value that a share of replications stays at or below, with its distribution-free interval.

    x has shape (replications,). Bounds are nan where there are too few (see `replications_for_quantile`); the
    interval is not symmetric, so `half_width` is half its length.

    >>> [float(v) for v in quantile(np.arange(1.0, 101.0), 0.5)]
    [50.0, 40.0, 60.0, 10.0]
    """
    _check_share(share)
    ordered = np.sort(np.asarray(x, dtype=float))
    n = len(ordered)
    estimate = ordered[max(0, int(np.ceil(n * share - 1e-9)) - 1)]
    below = special.bdtr(np.arange(n), n, share)  # P(at most k of n lie below the quantile), k = 0 .. n - 1
    # bounds x(low + 1) and x(high + 1), counted from 0: P = below[high] - below[low]
    high = np.searchsorted(below, below + confidence)
    able = np.flatnonzero(high < n)
    if not len(able):
        return around(estimate, np.nan, 1, confidence)
    length = (high - np.arange(n))[able]
    shortest = able[length == length.min()]
    best = shortest[np.argmax(below[high[shortest]] - below[shortest])]
    low_value, high_value = ordered[best], ordered[high[best]]
    return Interval(estimate, low_value, high_value, (high_value - low_value) / 2)


def replications_for_quantile(share: float, confidence: float = 0.95) -> int:
    """Fewest replications whose smallest and largest outcome enclose the quantile with the confidence asked for.

    >>> replications_for_quantile(0.5), replications_for_quantile(0.9), replications_for_quantile(0.95)
    (6, 29, 59)
    """
    _check_share(share)
    n = 2
    while 1 - share**n - (1 - share) ** n < confidence:
        n += 1
    return n


def tail_mean(x: np.ndarray, share: float, confidence: float = 0.95) -> Interval:
    """The mean of the largest outcomes, those beyond the quantile of `share` (CVaR, expected shortfall).

    x has shape (replications,). Bounds are nan where fewer than three replications lie in the tail.

    >>> [round(float(v), 2) for v in tail_mean(np.arange(1.0, 101.0), 0.9)]
    [95.5, 90.63, 100.37, 4.87]
    """
    _check_share(share)
    x = np.asarray(x, dtype=float)
    beyond = np.maximum(x - quantile(x, share).estimate, 0.0)
    tail = len(x) * (1 - share)
    estimate = quantile(x, share).estimate + beyond.sum() / tail
    if tail < LEAST_TAIL - 1e-9:
        return around(estimate, np.nan, 1, confidence)
    return around(estimate, beyond.std(ddof=1) / (1 - share) / np.sqrt(len(x)), tail / 2, confidence)


def replications_for_tail_mean(share: float) -> int:
    """Fewest replications for an interval of a tail mean: three of them in the tail.

    >>> replications_for_tail_mean(0.9), replications_for_tail_mean(0.95)
    (30, 60)
    """
    _check_share(share)
    return int(np.ceil(LEAST_TAIL / (1 - share) - 1e-6))


def _check_share(share: float) -> None:
    require(0 < share < 1, f"the share of a quantile must lie between 0 and 1, got {share}")
