"""A whole-number law with a given mean and variance (Adan, van Eenige & Resing 1995)."""

from __future__ import annotations

import math

from restock.sim.probability.counted import Empirical
from restock.sim.probability.exponential_tails import NegativeBinomial, Poisson
from restock.sim.probability.law import Law, trim


def least_variance(mean: float) -> float:
    """The smallest variance that a law on whole numbers with this mean can have.

    >>> least_variance(2.5)
    0.25
    """
    part = mean - math.floor(mean)
    return part * (1 - part)


def two_moment_law(mean: float, variance: float) -> Law:
    """A law on 0, 1, 2, ... with this mean and variance.

    Negative binomial above the Poisson variance, Poisson at it, a mixture of two binomials below it; a variance
    that whole numbers cannot have is raised to the smallest they can.

    Source: Adan, van Eenige & Resing (1995), Probability in the Engineering and Informational Sciences 9,
    "Fitting discrete distributions on the first two moments", Theorem 1 (its mixed-binomial case).

    >>> [round(x, 6) for x in two_moment_law(4.0, 2.0).moments]
    [4.0, 2.0]
    >>> [round(x, 6) for x in two_moment_law(4.0, 9.0).moments]
    [4.0, 9.0]
    """
    if variance <= least_variance(mean) + 1e-12:
        low = math.floor(mean)
        return Empirical((low, low + 1), (1 - (mean - low), mean - low))
    if abs(variance - mean) < 1e-9:
        return Poisson(mean)
    if variance > mean:
        return NegativeBinomial(mean, (variance - mean) / mean**2)
    return _mixed_binomial(mean, variance)


def _mixed_binomial(mean: float, variance: float) -> Law:
    """BIN(k, p) with probability q, else BIN(k + 1, p)."""
    import numpy as np
    from scipy import special

    a = variance / mean**2 - 1 / mean  # negative here; -1/k <= a <= -1/(k+1)
    k = max(1, math.floor(-1 / a + 1e-12))
    root = math.sqrt(max(0.0, -a * k * (1 + k) - k))
    q = (1 + a * (1 + k) + root) / (1 + a)
    p = mean / (k + 1 - q)

    def binomial(n: int) -> np.ndarray:
        values = np.arange(k + 2)
        log_choose = (
            special.gammaln(n + 1) - special.gammaln(values + 1) - special.gammaln(np.maximum(n - values, 0) + 1)
        )
        out = np.exp(log_choose + special.xlogy(values, p) + special.xlogy(np.maximum(n - values, 0), 1 - p))
        return np.where(values <= n, out, 0.0)

    weights = trim(q * binomial(k) + (1 - q) * binomial(k + 1))
    kept = np.nonzero(weights > 0)[0]
    return Empirical(tuple(int(v) for v in kept), tuple(float(w) for w in weights[kept]))
