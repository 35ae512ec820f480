"""Recorded numbers among those that were predicted: how many futures lie below, and what intervals hold.

Demand is counted in whole units, and a slow item's week is 0, 1 or 2 of them: an interval of whole units that holds at
least 95% of the futures then holds 99%, however right the law is. So a recorded number is given the whole stretch of
probability between that of less and that of no more, and counts as inside by the share of this stretch that lies in
the interval's: a share of exactly 95% is expected where laws are right, of fast and slow items alike. Intervals of
whole units, as a planner would write them down, are counted beside.

Sources: Czado, Gneiting & Held (2009), Biometrics 65:1254-1261 (the probability integral transform of counts); ranks
among replications: Hamill (2001), Monthly Weather Review 129:550-560.
"""

from __future__ import annotations

import numpy as np

LEVELS = (0.80, 0.95)
BINS = 10


class Ranks:
    """Where recorded numbers stand among futures, gathered future by future.

    Parameters
    ----------
    recorded : ndarray, shape (series, periods)

    >>> ranks = Ranks(np.array([[2.0]]))
    >>> for units in (1.0, 2.0, 3.0, 4.0):
    ...     ranks.add(np.array([[units]]))
    >>> [float(each.item()) for each in ranks.stretch()]  # of five places among four futures: after one, and the tie
    [0.2, 0.6]
    """

    def __init__(self, recorded: np.ndarray) -> None:
        self.recorded = recorded.astype(float)
        self.futures = 0
        self.below, self.equal = np.zeros(recorded.shape, np.int32), np.zeros(recorded.shape, np.int32)
        self.total, self.squares = np.zeros(recorded.shape), np.zeros(recorded.shape)

    def add(self, future: np.ndarray) -> None:
        """One more future, shape (series, periods)."""
        self.futures += 1
        self.below += future < self.recorded
        self.equal += future == self.recorded
        self.total += future
        self.squares += future.astype(float) ** 2

    @property
    def mean(self) -> np.ndarray:
        """The forecast: the mean of the futures."""
        return self.total / self.futures

    @property
    def variance(self) -> np.ndarray:
        """Variance of the futures."""
        return np.maximum(self.squares - self.futures * self.mean**2, 0) / max(self.futures - 1, 1)

    def stretch(self) -> tuple[np.ndarray, np.ndarray]:
        """Probability of less, and of no more, than what was recorded: ranks among the futures and itself."""
        places = self.futures + 1
        return self.below / places, (self.below + self.equal + 1) / places

    def inside(self, level: float) -> np.ndarray:
        """The share of each recorded number that lies in the central interval of a level; `level` is expected."""
        low, high = self.stretch()
        tail = (1 - level) / 2
        return np.clip(np.minimum(high, 1 - tail) - np.maximum(low, tail), 0, None) / (high - low)

    def inside_whole(self, level: float) -> np.ndarray:
        """Whether each lies in the interval between two quantiles of the futures, both ends in it: `level` at least."""
        tail = (1 - level) / 2
        upto, under = (self.below + self.equal) / self.futures, self.below / self.futures
        return (upto >= tail - 1e-12) & (under < 1 - tail - 1e-12)

    def histogram(self, of: np.ndarray | slice = slice(None)) -> np.ndarray:
        """The probability integral transform: share of the recorded numbers in each tenth; 0.1 where laws are right."""
        low, high = (each[of].ravel()[:, None] for each in self.stretch())
        edges = np.linspace(0, 1, BINS + 1)
        shares = np.clip(np.minimum(high, edges[1:]) - np.maximum(low, edges[:-1]), 0, None) / (high - low)
        found: np.ndarray = shares.mean(axis=0) if len(shares) else np.full(BINS, np.nan)
        return found
