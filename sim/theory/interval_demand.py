"""Demand over several days: exact sums of a day's law."""

from __future__ import annotations

import numpy as np

from restock.sim.errors import InputError
from restock.sim.probability.laws import Law
from restock.sim.theory.inputs import whole

Demand = Law | np.ndarray
"""A day's demand: a law of `probability.laws`, or the probabilities of 0, 1, 2, ... units."""


def probabilities(demand: Demand) -> np.ndarray:
    """Probabilities of 0, 1, ..., K units, summing to one.

    >>> probabilities(np.array([0.25, 0.75]))
    array([0.25, 0.75])
    """
    if isinstance(demand, Law):
        return demand.pmf()
    try:
        p = np.asarray(demand, dtype=float)
    except (TypeError, ValueError):
        p = np.zeros(0)
    if p.ndim != 1 or len(p) == 0 or not np.all(p >= 0) or abs(p.sum() - 1) > 1e-9:
        raise InputError("demand must be a law or the probabilities of 0, 1, 2, ... units, which sum to 1")
    return p


def add(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Probabilities of the sum of two independent whole numbers, by Fourier transform where they are long."""
    if len(p) * len(q) < 2_000_000:
        return np.convolve(p, q)
    size = len(p) + len(q) - 1
    return np.clip(np.fft.irfft(np.fft.rfft(p, size) * np.fft.rfft(q, size), size), 0, None)


def over_days(demand: Demand, days: int) -> np.ndarray:
    """Probabilities of the demand of `days` independent days.

    >>> over_days(np.array([0.5, 0.5]), 2)
    array([0.25, 0.5 , 0.25])
    """
    whole(0, days=days)
    p, out = probabilities(demand), np.ones(1)
    square = p
    for bit in reversed(f"{int(days):b}"):  # by squaring
        if bit == "1":
            out = add(out, square)
        square = add(square, square) if days > 1 else square
    return out


def mean_of(p: np.ndarray) -> float:
    """Mean of a law given by its probabilities."""
    return float(np.arange(len(p)) @ p)


def probability_at_most(p: np.ndarray, level: int | np.integer) -> float:
    """P(X <= level).

    >>> probability_at_most(np.array([0.5, 0.3, 0.2]), 1)
    0.8
    """
    return float(p[: max(0, int(level) + 1)].sum())
