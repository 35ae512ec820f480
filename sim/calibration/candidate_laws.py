"""Candidate laws fitted to all cells at once: log-likelihood, parameters, number of parameters, distribution function.

Everything works from how often each positive value was seen in each cell: days without sales are implied, so a
hundred thousand slow cells over two years fit in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

PARAMETERS = {
    "poisson": 1,
    "geometric": 1,
    "negative_binomial": 2,
    "zero_inflated": 2,
    "rounded_gamma": 2,
    "empirical": 0,
}
LEAST_FOR_EMPIRICAL = 30  # days with sales
LEAST_MEAN_FOR_GAMMA = 2.0  # below, rounding moves its mean too far


@dataclass(frozen=True)
class Counts:
    """How often each positive value was seen in each cell, ordered by cell and value.

    Parameters
    ----------
    days : ndarray, shape (cells,)
        Days (or buckets) observed, those without sales included.
    cell, value, count : ndarray, shape (pairs,)
    """

    days: np.ndarray
    cell: np.ndarray
    value: np.ndarray
    count: np.ndarray

    def total(self, figure: np.ndarray) -> np.ndarray:
        """Sum of `figure` over a cell's observations, shape (cells,)."""
        return np.bincount(self.cell, weights=self.count * figure, minlength=len(self.days))

    @property
    def zeros(self) -> np.ndarray:
        return self.days - self.total(np.ones(len(self.cell)))


def count_values(cell: np.ndarray, value: np.ndarray, days: np.ndarray) -> Counts:
    """Counts from one (cell, value) per day with sales.

    >>> count_values(np.array([0, 0, 1]), np.array([2, 2, 5]), np.array([10, 10])).count
    array([2, 1])
    """
    value = np.asarray(value)
    base = int(value.max(initial=0)) + 1
    key = np.asarray(cell, np.int64)[value > 0] * base + value[value > 0]  # sorted as one number: cells, then values
    key.sort()
    starts = np.flatnonzero(np.append(True, np.diff(key) != 0)) if len(key) else np.zeros(0, int)
    cell, value = np.divmod(key[starts], base)
    return Counts(np.asarray(days, float), cell, value, np.diff(np.append(starts, len(key))))


def moments(counts: Counts) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each cell's observations.

    >>> moments(count_values(np.zeros(2, int), np.array([2, 4]), np.array([3])))
    (array([2.]), array([4.]))
    """
    mean = counts.total(counts.value) / counts.days
    square = counts.total(counts.value.astype(float) ** 2)
    return mean, (square - counts.days * mean**2) / np.maximum(counts.days - 1, 1)


def _poisson(counts, mean, variance):
    constant = counts.total(special.gammaln(counts.value + 1.0))
    return special.xlogy(mean * counts.days, mean) - counts.days * mean - constant, (mean,), 1


def _geometric(counts, mean, variance):
    return special.xlogy(mean * counts.days, mean / (1 + mean)) - counts.days * np.log1p(mean), (np.ones_like(mean),), 1


def _negative_binomial(counts, mean, variance):
    """The mean's estimate is the sample's; the dispersion by golden section on log r = -log(dispersion)."""
    able = (variance > mean * (1 + 1e-9)) & (counts.days - counts.zeros >= 2)
    size = np.where(able, mean**2 / np.where(able, variance - mean, 1), 1.0)
    constant, x = counts.total(special.gammaln(counts.value + 1.0)), counts.value.astype(float)

    def likelihood(log_r):
        r = np.exp(log_r)
        each = r[counts.cell]
        rising = counts.total(special.gammaln(x + each) - special.gammaln(each))
        return (
            rising
            - counts.days * r * np.log1p(mean / r)
            + special.xlogy(mean * counts.days, mean / (r + mean))
            - constant
        )

    low, high = np.log(size) - 4, np.log(size) + 4
    ratio = (5**0.5 - 1) / 2
    a, b = high - ratio * (high - low), low + ratio * (high - low)
    at_a, at_b = likelihood(a), likelihood(b)
    for _ in range(24):
        left = at_a > at_b
        low, high = np.where(left, low, a), np.where(left, b, high)
        new = np.where(left, high - ratio * (high - low), low + ratio * (high - low))
        at_new = likelihood(new)
        a, b = np.where(left, new, b), np.where(left, a, new)
        at_a, at_b = np.where(left, at_new, at_b), np.where(left, at_a, at_new)
    middle = (low + high) / 2
    return np.where(able, likelihood(middle), np.nan), (np.exp(-middle),), 2


def _zero_inflated(counts, mean, variance):
    """Poisson given that it is positive has mean rate / (1 - exp(-rate)): Newton's method on that."""
    sold = counts.days - counts.zeros
    positive = np.where(sold > 0, mean * counts.days / np.maximum(sold, 1), 2.0)
    able = (positive > 1 + 1e-9) & (sold >= 2)
    rate = np.where(able, np.maximum(positive - 0.9, 2 * (positive - 1) / positive), 1.0)
    for _ in range(30):
        miss = rate / -np.expm1(-rate) - positive
        slope = (-np.expm1(-rate) - rate * np.exp(-rate)) / np.expm1(-rate) ** 2
        rate = np.where(able, np.maximum(rate - miss / slope, 1e-9), 1.0)
    busy = sold / counts.days / -np.expm1(-rate)
    able &= busy < 1
    busy = np.where(able, busy, 0.5)
    likelihood = special.xlogy(counts.zeros, 1 - busy + busy * np.exp(-rate)) + sold * (np.log(busy) - rate)
    likelihood += mean * counts.days * np.log(rate) - counts.total(special.gammaln(counts.value + 1.0))
    return np.where(able, likelihood, np.nan), (rate, 1 - busy), 2


def _rounded_gamma(counts, mean, variance):
    able = (mean >= LEAST_MEAN_FOR_GAMMA) & (variance > 0.25) & (counts.days - counts.zeros >= 2)
    average, spread = (
        np.where(able, mean, 1.0),
        np.sqrt(np.where(able, variance - 1 / 12, 1.0)),
    )  # Sheppard's correction
    parameters = (average, spread)
    cdf = lambda x, cell: distribution("rounded_gamma", x, [p[cell] for p in parameters])  # noqa: E731
    chance = cdf(counts.value, counts.cell) - cdf(counts.value - 1, counts.cell)
    zero = cdf(np.zeros(len(mean)), np.arange(len(mean)))
    likelihood = counts.total(np.log(np.maximum(chance, 1e-300))) + special.xlogy(
        counts.zeros, np.maximum(zero, 1e-300)
    )
    return np.where(able, likelihood, np.nan), parameters, 2


def _empirical(counts, mean, variance):
    sold = counts.days - counts.zeros
    seen = counts.total(np.log(counts.count / counts.days[counts.cell])) + special.xlogy(
        counts.zeros, counts.zeros / counts.days
    )
    values = np.bincount(counts.cell, minlength=len(mean)) + (counts.zeros > 0)
    return np.where(sold >= LEAST_FOR_EMPIRICAL, seen, np.nan), (np.zeros_like(mean),), np.maximum(values - 1, 1)


def distribution(name: str, x: np.ndarray, parameters: list[np.ndarray]) -> np.ndarray:
    """P(X <= x) of a candidate, with its parameters spread to the shape of x (the mean comes last for counts)."""
    x, inside = np.maximum(x, 0).astype(float), x >= 0
    if name == "rounded_gamma":
        average, spread = parameters
        shape = (average / spread) ** 2
        return np.where(inside, special.gammainc(shape, (x + 0.5) * shape / average), 0)
    if name == "zero_inflated":
        rate, zero, _ = parameters
        return np.where(inside, zero + (1 - zero) * special.pdtr(x, rate), 0)
    if name == "poisson":
        return np.where(inside, special.pdtr(x, parameters[-1]), 0)
    size = 1 / parameters[0]
    return np.where(inside, special.betainc(size, x + 1, size / (size + parameters[-1])), 0)


CANDIDATES = {
    "poisson": _poisson,
    "geometric": _geometric,
    "negative_binomial": _negative_binomial,
    "zero_inflated": _zero_inflated,
    "rounded_gamma": _rounded_gamma,
    "empirical": _empirical,
}
