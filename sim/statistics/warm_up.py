"""Warm-up: how many days to leave out, by MSER-5.

Sources: White (1997), Simulation 69(6); Franklin & White (2008), Winter Simulation Conference.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from restock.sim.errors import require


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
