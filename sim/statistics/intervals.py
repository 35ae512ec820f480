"""Intervals of means and of ratios of means over replications.

A figure is a mean over replications, or a ratio of two such means (a fill rate: units filled / units asked for). Both
are treated alike: each replication's *influence* on the figure is its deviation from it, for a ratio
z = (x - R y) / mean(y), and the variance of the figure is Var(z) / n (the delta method). A plain mean has y = 1.

Sources: Law (2015), Simulation Modeling and Analysis, 5th ed., section 4.5; Cochran (1977), Sampling Techniques,
section 6.3 (ratio estimator).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from restock.sim.errors import require
from restock.sim.statistics.control import adjust


class Interval(NamedTuple):
    """An estimate and its confidence interval; nan bounds where there is one replication only."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    half_width: np.ndarray


def t_quantile(confidence: float, degrees: float) -> float:
    """Half-width of an interval in standard errors.

    >>> round(t_quantile(0.95, 9), 3)
    2.262
    """
    require(0 < confidence < 1, f"confidence must lie between 0 and 1, got {confidence}")
    return float(special.stdtrit(degrees, (1 + confidence) / 2)) if degrees > 0 else np.nan


def ratio(x: np.ndarray, y: np.ndarray | float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The ratio of the sums of x and y over replications (axis 0), and each replication's influence on it.

    >>> estimate, influence = ratio(np.array([9.0, 10.0, 11.0]))
    >>> float(estimate), influence.tolist()
    (10.0, [-1.0, 0.0, 1.0])
    """
    x = np.asarray(x, dtype=float)
    y = np.broadcast_to(np.asarray(y, dtype=float), x.shape)
    mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.where(mean_y != 0, mean_x / mean_y, np.nan)
        return estimate, (x - estimate * y) / mean_y


def interval(
    x: np.ndarray, y: np.ndarray | float = 1.0, confidence: float = 0.95, control: np.ndarray | None = None
) -> Interval:
    """Student interval of the mean of x, or of the ratio of x to y, over replications (axis 0).

    `control` adjusts the estimate: deviations of something from its known expectation, (replications,) or
    (replications, controls); see `statistics.control`.

    >>> x = np.array([9.0, 10.0, 11.0])
    >>> [round(float(v), 3) for v in interval(x)]
    [10.0, 7.516, 12.484, 2.484]
    """
    estimate, z = ratio(x, y)
    n = len(z)
    if control is None or n < 2:
        return around(estimate, np.sqrt((z**2).sum(axis=0) / (n * (n - 1))) if n > 1 else np.nan, n - 1, confidence)
    change = adjust(z, control)
    return around(estimate + change.shift, change.error, change.degrees, confidence)


def interval_from_moments(
    count: np.ndarray, mean: np.ndarray, squares: np.ndarray, confidence: float = 0.95
) -> Interval:
    """The same from means [..., (x, y)] and sums of squared deviations [..., (xx, xy, yy)] of `count` replications."""
    x, y = mean[..., 0], mean[..., 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.where(y != 0, x / y, np.nan)
        sum_of = (squares[..., 0] - 2 * estimate * squares[..., 1] + estimate**2 * squares[..., 2]) / y**2
    n = int(np.max(count)) if np.size(count) else 0
    error = np.sqrt(np.maximum(sum_of, 0) / (n * (n - 1))) if n > 1 else np.nan
    return around(estimate, error, n - 1, confidence)


def share_interval(count: np.ndarray, of: np.ndarray | int, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """The interval of a probability of which `count` in `of` independent trials is known: low and high.

    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212 (the score interval): it holds
    its confidence near 0 and 1, too, and never leaves them.

    >>> low, high = share_interval(np.array([0, 32]), 64)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.381], [0.057, 0.619])
    """
    require(0 < confidence < 1, f"confidence must lie between 0 and 1, got {confidence}")
    count, many = np.asarray(count, float), np.asarray(of, float)
    z = float(special.ndtri((1 + confidence) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = count / many
        middle = (share + z**2 / (2 * many)) / (1 + z**2 / many)
        half = z / (1 + z**2 / many) * np.sqrt(share * (1 - share) / many + z**2 / (4 * many**2))
    low = np.where(count == 0, 0.0, np.maximum(middle - half, 0.0))
    high = np.where(count == many, 1.0, np.minimum(middle + half, 1.0))
    return np.where(many > 0, low, np.nan), np.where(many > 0, high, np.nan)


def around(estimate: np.ndarray, error: np.ndarray | float, degrees: float, confidence: float) -> Interval:
    """The interval of an estimate with a standard error and its degrees of freedom."""
    half = t_quantile(confidence, degrees) * np.broadcast_to(error, np.shape(estimate))
    return Interval(estimate, estimate - half, estimate + half, half)
