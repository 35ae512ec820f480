"""Statistics of replications: intervals, paired differences, several comparisons at once, warm-up, precision.

A figure is a mean over replications, or a ratio of two such means (a fill rate: units filled / units asked for). Both
are treated alike: each replication's *influence* on the figure is its deviation from it, for a ratio
z = (x - R y) / mean(y), and the variance of the figure is Var(z) / n (the delta method). A plain mean has y = 1.

Sources: Law (2015), Simulation Modeling and Analysis, 5th ed., sections 4.5, 9.4, 10.2 (paired t, common random
numbers) and 9.4.1 (relative precision); Cochran (1977), Sampling Techniques, section 6.3 (ratio estimator); White
(1997), Simulation 69(6), and Franklin & White (2008), Winter Simulation Conference (MSER-5).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from sim.errors import require, unknown

CORRECTIONS = ("holm", "bonferroni", "none")


class Interval(NamedTuple):
    """An estimate and its confidence interval; nan bounds where there is one replication only."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    half_width: np.ndarray


class Difference(NamedTuple):
    """A paired difference, its interval, the p-value of 'no difference', and what pairing has gained."""

    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    half_width: np.ndarray
    p_value: np.ndarray
    variance_reduction: np.ndarray  # variance if the two had been independent / variance as paired


def t_quantile(confidence: float, degrees: float) -> float:
    """Half-width of an interval in standard errors.

    >>> round(t_quantile(0.95, 9), 3)
    2.262
    """
    require(0 < confidence < 1, f"confidence must lie between 0 and 1, got {confidence}")
    return float(special.stdtrit(degrees, (1 + confidence) / 2)) if degrees > 0 else np.nan


def ratio(x: np.ndarray, y: np.ndarray | float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The ratio of the sums of x and y over replications (axis 0), and each replication's influence on it."""
    x = np.asarray(x, dtype=float)
    y = np.broadcast_to(np.asarray(y, dtype=float), x.shape)
    mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.where(mean_y != 0, mean_x / mean_y, np.nan)
        return estimate, (x - estimate * y) / mean_y


def interval(x: np.ndarray, y: np.ndarray | float = 1.0, confidence: float = 0.95) -> Interval:
    """Student interval of the mean of x, or of the ratio of x to y, over replications (axis 0).

    >>> x = np.array([9.0, 10.0, 11.0])
    >>> [round(float(v), 3) for v in interval(x)]
    [10.0, 7.516, 12.484, 2.484]
    """
    estimate, z = ratio(x, y)
    return _around(estimate, (z**2).sum(axis=0), len(z), confidence)


def interval_from_moments(
    count: np.ndarray, mean: np.ndarray, squares: np.ndarray, confidence: float = 0.95
) -> Interval:
    """The same from means [..., (x, y)] and sums of squared deviations [..., (xx, xy, yy)] of `count` replications."""
    x, y = mean[..., 0], mean[..., 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.where(y != 0, x / y, np.nan)
        sum_of = (squares[..., 0] - 2 * estimate * squares[..., 1] + estimate**2 * squares[..., 2]) / y**2
    n = int(np.max(count)) if np.size(count) else 0
    return _around(estimate, np.maximum(sum_of, 0), n, confidence)


def _around(estimate: np.ndarray, squares: np.ndarray, n: int, confidence: float) -> Interval:
    half = np.full(np.shape(estimate), np.nan)
    if n > 1:
        half = t_quantile(confidence, n - 1) * np.sqrt(squares / (n * (n - 1)))
    return Interval(estimate, estimate - half, estimate + half, half)


def paired_difference(
    x: np.ndarray, other_x: np.ndarray, y: np.ndarray | float = 1.0, other_y: np.ndarray | float = 1.0,
    confidence: float = 0.95,
) -> Difference:  # fmt: skip
    """Difference of two means, or ratios, whose replications met the same demand (x/y minus other_x/other_y).

    >>> a, b = np.array([5.0, 7.0, 9.0]), np.array([4.0, 6.5, 8.0])
    >>> round(float(paired_difference(a, b).difference), 3), round(float(paired_difference(a, b).variance_reduction))
    (0.833, 97)
    """
    (first, z), (second, other_z) = ratio(x, y), ratio(other_x, other_y)
    n, difference = len(z), first - second
    nothing = np.full(np.shape(difference), np.nan)
    if n < 2:
        return Difference(difference, *[nothing] * 5)
    independent = (z**2).sum(axis=0) + (other_z**2).sum(axis=0)
    paired = ((z - other_z) ** 2).sum(axis=0)
    paired = np.where(paired <= 1e-24 * independent, 0.0, paired)  # rounding of equal replications
    error = np.sqrt(paired / (n * (n - 1)))
    half = t_quantile(confidence, n - 1) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * special.stdtr(n - 1, -np.abs(difference) / error)
        p_value = np.where(error > 0, p_value, np.where(difference == 0, 1.0, np.where(np.isnan(error), np.nan, 0.0)))
        gained = np.where(paired > 0, independent / paired, np.where(independent > 0, np.inf, np.nan))
    return Difference(difference, difference - half, difference + half, half, p_value, gained)


def adjusted(p_values: np.ndarray, correction: str = "holm") -> np.ndarray:
    """p-values of several comparisons (axis 0), raised so that the chance of any false alarm keeps to the level.

    Bonferroni multiplies by their number; Holm (1979, Scandinavian Journal of Statistics 6) steps down, and is never
    less powerful. nan is no comparison.

    >>> adjusted(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    if correction not in CORRECTIONS:
        raise unknown("correction", correction, CORRECTIONS)
    p = np.asarray(p_values, dtype=float)
    many = np.sum(~np.isnan(p), axis=0)
    if correction == "none":
        return p.copy()
    if correction == "bonferroni":
        return np.minimum(1.0, p * many)
    order = np.argsort(p, axis=0)  # nan comes last
    rank = np.arange(len(p)).reshape(-1, *[1] * (p.ndim - 1))
    stepped = np.maximum.accumulate(np.take_along_axis(p, order, axis=0) * (many - rank), axis=0)
    out = np.empty_like(p)
    np.put_along_axis(out, order, np.minimum(1.0, stepped), axis=0)
    return np.where(np.isnan(p), np.nan, out)


def relative_precision(estimate: float, half_width: float) -> float:
    """Half-width as a share of the estimate, so corrected that the share holds for the true mean: g / (1 - g).

    Law (2015), section 9.4.1: to be within a share e of the truth, half-width / estimate must reach e / (1 + e).

    >>> round(relative_precision(100.0, 4.0), 4)
    0.0417
    """
    g = half_width / abs(estimate) if estimate else np.inf
    return g / (1 - g) if g < 1 else float("inf")


def replications_needed(estimate: float, half_width: float, replications: int, precision: float) -> int:
    """About how many replications bring the relative precision to `precision`, going by those made so far.

    >>> replications_needed(100.0, 4.0, 20, 0.01)
    327
    """
    require(precision > 0, f"relative precision must be above 0, got {precision}")
    wanted = precision / (1 + precision) * abs(estimate)
    return max(2, int(np.ceil(replications * (half_width / wanted) ** 2))) if wanted > 0 else 2


class WarmUp(NamedTuple):
    """Days to leave out, and whether the series is long enough to say so."""

    days: int
    found: bool


def mser5(series: np.ndarray) -> WarmUp:
    """Where a series stops to depend on its start, by MSER-5: days to leave out.

    Means of five days; the cut that makes sum((x - mean)**2) / n**2 of the rest least. A cut in the second half of
    the series means that it is too short, or has no steady state (a trend, a season): then `found` is False.

    >>> mser5(np.r_[np.linspace(100, 10, 50), np.tile([9.0, 11.0, 10.0, 12.0, 8.0, 10.0], 50)])
    WarmUp(days=50, found=True)
    """
    series = np.asarray(series, dtype=float)
    require(series.ndim == 1 and len(series) >= 10, f"a warm-up needs a series of at least 10 days, got {series.shape}")
    batches = series[: len(series) // 5 * 5].reshape(-1, 5).mean(axis=1)
    batches = batches - batches.mean()
    left = np.arange(len(batches), 0, -1)
    total, squares = np.cumsum(batches[::-1])[::-1], np.cumsum((batches**2)[::-1])[::-1]
    measure = np.maximum(squares - total**2 / left, 0) / left**2
    cut = int(np.argmin(measure[: max(1, len(batches) - 5)]))  # the last few batches say nothing
    return WarmUp(5 * cut, cut <= len(batches) // 2)
