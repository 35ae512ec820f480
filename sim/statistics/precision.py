"""When to stop: the precision reached after each replication, and whether it will last.

A relative precision e is reached where half-width / |estimate| <= e / (1 + e): the share then holds for the true mean
(Law 2015, section 9.4.1). An estimate may meet the criterion by luck and lose it again, so it must go on meeting it:
for f(n) further replications, f(n) = 5 up to n = 100 and 5 n / 100 above, as in the replication algorithm of Hoad,
Robinson & Davies (2010), Journal of the Operational Research Society 61(11):1632-1644. Here it must, on top of that,
hold at every count up to the last replication that was run, because that one is reported.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from restock.sim.errors import require
from restock.sim.statistics.control import able, independent

LOOK_AHEAD = 5  # replications, up to n = 100 (Hoad, Robinson & Davies recommend 5)
LEAST = 10  # replications below which a half-width is not trusted (Law 2015, section 9.4.1)


class Running(NamedTuple):
    """Estimate and half-width after each number of replications."""

    replications: np.ndarray
    estimate: np.ndarray
    half_width: np.ndarray


def running_intervals(
    x: np.ndarray, y: np.ndarray | float = 1.0, other_x: np.ndarray | None = None,
    other_y: np.ndarray | float = 1.0, control: np.ndarray | None = None, confidence: float = 0.95, first: int = LEAST,
) -> Running:  # fmt: skip
    """What `interval`, or `paired_difference` where other_x is given, would say after `first`, first + 1, ... of all.

    One figure at a time: x, y, other_x, other_y of shape (replications,), control too or (replications, controls).

    >>> found = running_intervals(np.array([9.0, 10.0, 11.0, 12.0]), first=3)
    >>> found.replications.tolist(), found.estimate.tolist(), found.half_width.round(3).tolist()
    ([3, 4], [10.0, 10.5], [2.484, 2.054])
    """
    parts = [(x, y)] + ([(other_x, other_y)] if other_x is not None else [])
    columns = [np.broadcast_to(np.asarray(part, dtype=float), np.shape(x)) for pair in parts for part in pair]
    if control is not None:
        columns += list(independent(control).T)
    values = np.column_stack(columns)
    counts = np.arange(max(2, first), len(values) + 1)
    n = counts[:, None]
    middle = values.mean(axis=0)
    off = values - middle
    mean = np.cumsum(off, axis=0)[counts - 1] / n
    squares = np.cumsum(off[:, :, None] * off[:, None, :], axis=0)[counts - 1]
    squares = squares - n[:, :, None] * mean[:, :, None] * mean[:, None, :]
    mean = mean + middle
    figures = 2 * len(parts)
    estimate, weights = np.zeros(len(counts)), np.zeros((len(counts), figures))
    for k, sign in zip(range(0, figures, 2), (1.0, -1.0), strict=False):
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.where(mean[:, k + 1] != 0, mean[:, k] / mean[:, k + 1], np.nan)
            estimate += sign * value
            weights[:, k] = sign / mean[:, k + 1]
            weights[:, k + 1] = -value * sign / mean[:, k + 1]
    left = np.einsum("ni,nij,nj->n", weights, squares[:, :figures, :figures], weights)
    controls = values.shape[1] - figures
    degrees, inflation = counts - 1.0, 1 / counts
    if controls and len(counts):
        inverse = np.linalg.pinv(squares[:, figures:, figures:])
        cross = np.einsum("ncj,nj->nc", squares[:, figures:, :figures], weights)
        slope, d = np.einsum("ncd,nd->nc", inverse, cross), mean[:, figures:]
        enough = able(counts, controls)
        degrees = np.where(enough, degrees - controls, degrees)
        estimate = estimate - np.where(enough, (d * slope).sum(axis=1), 0.0)
        left = left - np.where(enough, (cross * slope).sum(axis=1), 0.0)
        inflation = inflation + np.where(enough, np.einsum("nc,ncd,nd->n", d, inverse, d), 0.0)
    error = np.sqrt(np.maximum(left, 0) / degrees * inflation)
    return Running(counts, estimate, special.stdtrit(degrees, (1 + confidence) / 2) * error)


def look_ahead(replications: int) -> int:
    """For how many further replications a criterion must hold that is first met after so many.

    >>> look_ahead(40), look_ahead(100), look_ahead(1000)
    (5, 5, 50)
    """
    return LOOK_AHEAD * max(replications, 100) // 100


def lasting(replications: np.ndarray, met: np.ndarray) -> int | None:
    """The count from which a criterion is met up to the last one, if that is long enough; None if it is not.

    >>> lasting(np.arange(10, 20), np.array([0, 1, 0, 1, 1, 1, 1, 1, 1, 1], bool)), lasting(np.arange(3), np.ones(3))
    (13, None)
    """
    missed = np.flatnonzero(~np.asarray(met, dtype=bool))
    start = missed[-1] + 1 if len(missed) else 0
    if start >= len(replications):
        return None
    since = int(replications[start])
    return since if replications[-1] >= since + look_ahead(since) else None


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
