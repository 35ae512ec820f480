"""Differences of policies that met the same demand, and several of them judged at once.

Sources: Law (2015), Simulation Modeling and Analysis, 5th ed., section 10.2 (paired t, common random numbers) and
10.3 (simultaneous intervals, Bonferroni); Holm (1979), Scandinavian Journal of Statistics 6:65-70.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from restock.sim.errors import require, unknown
from restock.sim.statistics.control import adjust
from restock.sim.statistics.intervals import ratio, t_quantile

CORRECTIONS = ("holm", "bonferroni", "none")


class Difference(NamedTuple):
    """A paired difference, its interval, the p-value of 'no difference', and what pairing has gained."""

    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    half_width: np.ndarray
    p_value: np.ndarray
    variance_reduction: np.ndarray  # variance if the two had been independent / variance as paired


def paired_difference(
    x: np.ndarray, other_x: np.ndarray, y: np.ndarray | float = 1.0, other_y: np.ndarray | float = 1.0,
    confidence: float = 0.95, control: np.ndarray | None = None,
) -> Difference:  # fmt: skip
    """Difference of two means, or ratios, whose replications met the same demand (x/y minus other_x/other_y).

    `control` adjusts it, as in `statistics.interval`; `variance_reduction` is what pairing alone has gained.

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
    same = paired <= 1e-24 * independent  # rounding of equal replications
    paired = np.where(same, 0.0, paired)
    error, degrees = np.sqrt(paired / (n * (n - 1))), n - 1
    if control is not None:
        change = adjust(z - other_z, control)
        difference = difference + np.where(same, 0.0, change.shift)
        error, degrees = np.where(same, 0.0, change.error), change.degrees
    half = t_quantile(confidence, degrees) * error
    p_value = no_difference(difference, error, degrees)
    with np.errstate(divide="ignore", invalid="ignore"):
        gained = np.where(paired > 0, independent / paired, np.where(independent > 0, np.inf, np.nan))
    return Difference(difference, difference - half, difference + half, half, p_value, gained)


def no_difference(difference: np.ndarray, error: np.ndarray, degrees: np.ndarray | float) -> np.ndarray:
    """p-value of 'no difference', of a difference with a standard error and its degrees of freedom (Student's t).

    Without any spread it is 1 where there is no difference, and 0 where there is one; nan where the error is.

    >>> no_difference(np.array([1.0, 0.0, 2.0]), np.array([0.5, 0.0, 0.0]), 2).round(3).tolist()
    [0.184, 1.0, 0.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * special.stdtr(degrees, -np.abs(difference) / error)
    return np.where(error > 0, p_value, np.where(difference == 0, 1.0, np.where(np.isnan(error), np.nan, 0.0)))


def simultaneous(confidence: float, comparisons: int) -> float:
    """Confidence of each of several intervals that are to hold all at once (Bonferroni): 1 - (1 - confidence) / k.

    >>> round(simultaneous(0.95, 5), 3)
    0.99
    """
    require(comparisons >= 1, f"simultaneous intervals need at least one comparison, got {comparisons}")
    return 1 - (1 - confidence) / comparisons


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
