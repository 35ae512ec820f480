"""What a law of demand or of lead time is: whole units or days, written down by their exact probabilities.

A law knows its probabilities (`pmf`), its mean and its variance. Both engines draw from the probabilities
(`guide_tables`), so what is declared here is what is simulated, to a resolution of 2**-32.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property

import numpy as np

from restock.sim.errors import InputError, require

LARGEST = 65_535  # one day's demand, or one lead time: what a table cell can hold
TAIL = 1e-13  # probability left out beyond the last value


class Law:
    """A probability law on 0, 1, 2, ...; subclasses say how probable each value is.

    >>> class Coin(Law):
    ...     def probabilities(self):
    ...         return np.array([0.5, 0.5])
    >>> Coin().moments
    (0.5, 0.25)
    """

    def probabilities(self) -> np.ndarray:
        """P(X = 0), P(X = 1), ...; may leave out a tail below `TAIL`, need not sum to one exactly."""
        raise TypeError(f"{type(self).__name__} does not say its probabilities")

    @cached_property
    def _pmf(self) -> np.ndarray:
        with np.errstate(all="ignore"):
            p = np.asarray(self.probabilities(), dtype=float)
            whole = len(p) - 1 <= LARGEST and self.is_whole(p, np.arange(float(len(p))))
        if not whole:  # in words only then: a law written out is long
            raise InputError(f"{self} reaches beyond {LARGEST} units; restock holds values up to that")
        return p / p.sum()

    def is_whole(self, p: np.ndarray, values: np.ndarray) -> bool:
        """Whether the probabilities of these values leave out nothing that matters."""
        return bool(0 < p.sum() < np.inf)

    def pmf(self) -> np.ndarray:
        """Probabilities of 0, 1, ..., K, summing to one."""
        return self._pmf

    @cached_property
    def moments(self) -> tuple[float, float]:
        """Mean and variance of what is drawn, computed from the probabilities.

        A rounded law's own `mean` is that of the law before rounding; this is the one after it.
        """
        values = np.arange(len(self._pmf))
        expected = float(values @ self._pmf)
        return expected, float((values - expected) ** 2 @ self._pmf)

    @property
    def variance(self) -> float:
        """Variance of what is drawn."""
        return self.moments[1]

    def scaled(self, factor: float) -> Law:
        """The same family with its mean multiplied by `factor` (a season, a promotion, a growth rate).

        Families with a mean keep their shape parameters; any other law has each value k moved to k * factor,
        shared between the two whole numbers around it so that the mean is exact.
        """
        raise TypeError(f"{type(self).__name__} does not say how it scales")


class Summed(Law):
    """A law whose probabilities are reckoned one by one as far as values can go."""

    mean: float

    def is_whole(self, p: np.ndarray, values: np.ndarray) -> bool:
        return bool(0.999 < p.sum() < np.inf and abs(values @ p - self.mean) <= 1e-3 * self.mean + 1e-6)

    def scaled(self, factor: float) -> Law:
        return replace(self, mean=self.mean * factor)  # type: ignore[type-var]


def reach_of(mean: float, variance: float) -> int:
    """How many values, from 0 on, lie before any tail worth keeping, for a law with an exponential tail."""
    return int(min(mean + 24 * math.sqrt(variance) + 24 * variance / max(mean, 1e-9) + 40, 2 * LARGEST))


def trim(p: np.ndarray) -> np.ndarray:
    """Cut the upper tail whose total probability is below `TAIL`."""
    beyond = np.cumsum(p[::-1])[::-1]
    return p[: max(1, int(np.count_nonzero(beyond > TAIL)))]


def check_positive(name: str, value: float, what: str, zero: bool = False) -> None:
    require(
        value >= 0 if zero else value > 0,
        f"{what}: {name} must be a number {'not below' if zero else 'above'} 0, got {value}",
    )
