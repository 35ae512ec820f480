"""Control variates: estimates adjusted for what is known to have been drawn too high or too low.

A control is something that each replication realises and whose expectation is known exactly: customers' demand. Where
more was asked for than expected, a policy looks worse than it is. The regression of the figure on the control says by
how much, and takes it out.

With n replications, q controls and influences z (see `statistics.intervals`): the least-squares line of z on the
controls' deviations d from their expectation is read at d = 0. The error is that of a regression's intercept, with
n - q - 1 degrees of freedom: exact where figure and controls are jointly normal. The variance falls to
(1 - R**2) (n - 2) / (n - q - 2) of what it was: the last factor is the price of estimating q slopes.

Source: Lavenberg & Welch (1981), Management Science 27(3):322-335; Law (2015), section 11.4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Adjusted(NamedTuple):
    """What controls do to an estimate."""

    shift: np.ndarray  # added to the estimate
    error: np.ndarray  # standard error of the adjusted estimate
    degrees: int  # of freedom
    variance_reduction: np.ndarray  # variance without / with the controls, loss factor included


def adjust(z: np.ndarray, control: np.ndarray) -> Adjusted:
    """Adjust a figure with influences z (replications, ...) for controls (replications,) or (replications, q).

    `control` holds deviations from the known expectation. Controls without spread, or that others make up, are left
    out; where fewer than q + 3 replications are there to judge q of them, nothing is adjusted.

    >>> z, d = np.array([-2.0, -1.0, 1.0, 2.0, 0.0]), np.array([-1.0, -0.5, 0.5, 1.1, 0.4])
    >>> found = adjust(z, d)
    >>> round(float(found.shift), 3), round(float(found.variance_reduction), 1)
    (-0.184, 12.2)
    """
    z = np.asarray(z, dtype=float)
    n, shape = len(z), z.shape[1:]
    deviations = independent(control)
    deviations = deviations if able(n, deviations.shape[1]) else deviations[:, :0]
    q, spread = deviations.shape[1], deviations - deviations.mean(axis=0)
    flat = z.reshape(n, -1)
    inverse = np.linalg.inv(spread.T @ spread)
    slope = inverse @ (spread.T @ flat)
    mean = deviations.mean(axis=0)
    before, left = (flat**2).sum(axis=0), ((flat - spread @ slope) ** 2).sum(axis=0)
    left = np.where(left <= 1e-20 * before, 0.0, left)  # rounding of a figure that the controls explain in full
    degrees = n - q - 1
    error = np.sqrt(left / degrees * (1 / n + mean @ inverse @ mean)) if degrees > 0 else np.full(len(left), np.nan)
    loss = (n - 2) / (n - q - 2) if q else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        gained = (before / (n - 1)) / (left / degrees * loss)
        gained = np.where(before > 0, gained, np.nan)
    return Adjusted(-(mean @ slope).reshape(shape), error.reshape(shape), degrees, gained.reshape(shape))


def able(replications: int | np.ndarray, controls: int) -> np.ndarray:
    """Whether there are replications enough to judge so many controls."""
    return np.asarray(replications) >= controls + 3


def independent(control: np.ndarray) -> np.ndarray:
    """Controls (replications, q), each in standard deviations, without those that do not vary or repeat others.

    >>> independent(np.array([[1.0, 2.0, 5.0], [2.0, 4.0, 5.0], [4.0, 8.0, 5.0]])).shape
    (3, 1)
    """
    columns = np.asarray(control, dtype=float)
    columns = columns.reshape(len(columns), -1)
    kept: list[np.ndarray] = []
    basis: list[np.ndarray] = []
    for column in columns.T:
        new = column - column.mean()
        size = np.sqrt(new @ new)
        for known in basis:
            new = new - (known @ new) * known
        left = np.sqrt(new @ new)
        if left > 1e-6 * size and size > 1e-9 * (1 + np.abs(column).max()):
            basis.append(new / left)
            kept.append(column / (size / np.sqrt(len(column))))
    return np.column_stack(kept) if kept else np.zeros((len(columns), 0))
