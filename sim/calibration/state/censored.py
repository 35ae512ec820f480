"""Negative binomial demand of which some days are known only to have been at least what was sold.

A day that ended with an empty shelf asked for at least what was sold: an observation censored on the right. Maximum
likelihood counts it as the probability of that much or more. Agrawal & Smith fit the negative binomial so, to a
retailer's sales; Conrad the Poisson, which is its limit.

Sources: Agrawal & Smith (1996), Naval Research Logistics 43, 839-861; Conrad (1976), Operational Research Quarterly 27,
123-127; the mean by Dempster, Laird & Rubin (1977), Journal of the Royal Statistical Society B 39, 1-38 (EM).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from restock.sim.calibration.candidate_laws import Counts, moments

ROUNDS, STEPS, SECTIONS = 8, 10, 14  # of both in turn; of the mean; of the dispersion
WIDEST, NARROWEST = np.log(0.05), np.log(1000.0)  # log of the shape r; beyond 1,000 the law is Poisson's
GOLDEN = (5**0.5 - 1) / 2
SMALLEST, LEFT = 1e-300, 1e-4  # of a probability; share of an observation that is put on its largest value
LONGEST = 1000  # values of one observation


class Censored(NamedTuple):
    """Observations known from below only: cell, the least that was asked for (1 or more), and on how many days."""

    cell: np.ndarray
    least: np.ndarray
    days: np.ndarray


class NegativeBinomials(NamedTuple):
    """One law of each cell: its mean and its shape r, the dispersion being 1 / r."""

    mean: np.ndarray
    shape: np.ndarray

    def of(self, cell: np.ndarray) -> NegativeBinomials:
        """A law for each of these cells."""
        return NegativeBinomials(self.mean[cell], self.shape[cell])

    def at_least(self, least: np.ndarray) -> np.ndarray:
        """P(X >= least), least 1 or more.

        >>> NegativeBinomials(np.array([1.0]), np.array([1.0])).at_least(np.array([2])).tolist()  # geometric, p = 1/2
        [0.25]
        """
        return special.betainc(least, self.shape, self.mean / (self.mean + self.shape))

    def mean_from(self, least: np.ndarray) -> np.ndarray:
        """E(X | X >= least), least 1 or more: x P(X = x) is the mean times P(Y = x - 1), Y of shape r + 1."""
        p = self.mean / (self.mean + self.shape)
        more = np.where(least > 1, special.betainc(np.maximum(least - 1, 1), self.shape + 1, p), 1.0)
        return np.maximum(self.mean * more / np.maximum(self.at_least(least), SMALLEST), least)


def fit_censored(counts: Counts, censored: Censored) -> NegativeBinomials:
    """The law of highest likelihood of each cell, of days seen whole and days seen from below.

    >>> seen = Counts(np.array([4.0]), np.array([0, 0]), np.array([1, 2]), np.array([2.0, 1.0]))  # 0, 1, 1, 2
    >>> law = fit_censored(seen, Censored(np.array([0]), np.array([2]), np.array([4.0])))
    >>> bool(law.mean[0] > 8 / 6)  # four days of 2 or more, beside the four
    True
    """
    many = len(counts.days)
    below = np.bincount(censored.cell, censored.days, many)
    days = counts.days + below
    units = counts.total(counts.value) + np.bincount(censored.cell, censored.days * censored.least, many)
    mean, variance = moments(counts)
    mean = np.maximum(units / np.maximum(days, 1), 1e-6)
    log_shape = np.log(np.clip(mean**2 / np.maximum(variance - mean, 1e-3), np.exp(WIDEST), np.exp(NARROWEST)))
    seen = counts.total(counts.value)
    half = (NARROWEST - WIDEST) / 2
    for turn in range(ROUNDS):
        middle = np.full(many, WIDEST + half) if turn == 0 else log_shape
        low, high = np.maximum(middle - half, WIDEST), np.minimum(middle + half, NARROWEST)
        log_shape = _highest(lambda x, m=mean: _likelihood(counts, censored, m, x), low, high)
        half = max(half * 0.6, 0.2)
        shape = np.exp(log_shape)
        for _ in range(STEPS):
            law = NegativeBinomials(mean, shape).of(censored.cell)
            hidden = np.bincount(censored.cell, censored.days * law.mean_from(censored.least), many)
            mean = np.maximum((seen + hidden) / np.maximum(days, 1), 1e-6)
    return NegativeBinomials(mean, np.exp(log_shape))


def _likelihood(counts: Counts, censored: Censored, mean: np.ndarray, log_shape: np.ndarray) -> np.ndarray:
    shape = np.exp(log_shape)
    each, x = shape[counts.cell], counts.value.astype(float)
    whole = counts.total(special.gammaln(x + each) - special.gammaln(each))
    whole += counts.days * shape * np.log(shape / (shape + mean))
    whole += counts.total(x) * np.log(mean / (shape + mean))
    chance = NegativeBinomials(mean, shape).of(censored.cell).at_least(censored.least)
    below = np.bincount(censored.cell, censored.days * np.log(np.maximum(chance, SMALLEST)), len(mean))
    return np.asarray(whole + below)


def _highest(of, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Where a function of one number is highest, of each cell: golden section."""
    a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_a, at_b = of(a), of(b)
    for _ in range(SECTIONS):
        left = at_a > at_b
        low, high = np.where(left, low, a), np.where(left, b, high)
        new = np.where(left, high - GOLDEN * (high - low), low + GOLDEN * (high - low))
        at_new = of(new)
        a, b = np.where(left, new, b), np.where(left, a, new)
        at_a, at_b = np.where(left, at_new, at_b), np.where(left, at_a, at_new)
    return np.asarray((low + high) / 2)


def with_expected(counts: Counts, censored: Censored, law: NegativeBinomials) -> Counts:
    """The counts with each censored observation spread over the values it may have had, by the law given that.

    >>> seen = Counts(np.array([2.0]), np.array([0]), np.array([1]), np.array([1.0]))
    >>> half = NegativeBinomials(np.array([1.0]), np.array([1.0]))
    >>> spread = with_expected(seen, Censored(np.array([0]), np.array([2]), np.array([1.0])), half)
    >>> spread.days.tolist(), spread.value[:3].tolist(), spread.count[:3].round(3).tolist()
    ([3.0], [1, 2, 3], [1.0, 0.5, 0.25])
    """
    mine = law.of(censored.cell)
    p = mine.mean / (mine.mean + mine.shape)
    value = censored.least.astype(np.int64)
    log = special.gammaln(value + mine.shape) - special.gammaln(mine.shape) - special.gammaln(value + 1.0)
    chance = np.exp(log + mine.shape * np.log1p(-p) + value * np.log(p)) / np.maximum(mine.at_least(value), SMALLEST)
    cell, shape, count, left = censored.cell, mine.shape, censored.days, np.ones(len(value))
    parts = [(counts.cell, counts.value.astype(np.int64), np.asarray(counts.count, float))]
    for step in range(LONGEST):
        share = np.clip(chance, 0.0, left)
        last = (left - share < LEFT) | (step == LONGEST - 1)
        share = np.where(last, left, share)
        parts.append((cell, value, count * share))
        go = ~last
        if not go.any():
            break
        cell, shape, count, p, value, chance, left = (
            each[go] for each in (cell, shape, count, p, value, chance, left - share)
        )
        chance = chance * (value + shape) / (value + 1.0) * p
        value = value + 1
    all_cells, values, weights = (np.concatenate([part[k] for part in parts]) for k in range(3))
    base = int(values.max(initial=0)) + 1
    key, place = np.unique(all_cells.astype(np.int64) * base + values, return_inverse=True)
    days = counts.days + np.bincount(censored.cell, censored.days, len(counts.days))
    return Counts(days, key // base, key % base, np.bincount(place, weights, len(key)))
