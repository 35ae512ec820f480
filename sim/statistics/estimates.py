"""Estimates that can be reckoned with: a figure, and what each replication adds to it.

Runs whose replications are numbered alike met the same draws. Sums, differences, ratios and interpolations of their
figures keep each replication's influence (the delta method, as in `statistics.intervals`), so that the interval of
what comes out is paired replication by replication, however many runs it is made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from restock.sim.statistics.intervals import Interval, around, ratio


@dataclass(frozen=True, eq=False)
class Estimate:
    """A figure and the influence of each replication on it, shape (replications,); a number known has none.

    >>> a, b = estimated(np.array([5.0, 7.0, 9.0])), estimated(np.array([4.0, 6.5, 8.0]))
    >>> found = (a - b).interval()
    >>> [round(float(x), 3) for x in (found.estimate, found.low, found.high)]
    [0.833, 0.116, 1.55]
    """

    value: float
    influence: np.ndarray

    def __add__(self, other: Estimate) -> Estimate:
        return Estimate(self.value + other.value, self.influence + other.influence)

    def __sub__(self, other: Estimate) -> Estimate:
        return self + other.times(-1.0)

    def __truediv__(self, other: Estimate) -> Estimate:
        if other.value == 0:
            return self.times(np.nan)
        quotient = self.value / other.value
        return Estimate(quotient, (self.influence - quotient * other.influence) / other.value)

    def times(self, factor: float) -> Estimate:
        """The figure multiplied by a number."""
        return Estimate(factor * self.value, factor * self.influence)

    @property
    def error(self) -> tuple[float, int]:
        """Standard error and its degrees of freedom; no error for a number that is known, nan of one replication."""
        n = self.influence.shape[0] if self.influence.ndim else 0
        if n == 0:
            return 0.0, 1
        return float(np.sqrt((self.influence**2).sum() / (n * (n - 1)))) if n > 1 else np.nan, n - 1

    def interval(self, confidence: float = 0.95) -> Interval:
        """Student's interval over the replications; no width for a number that is known."""
        return around(np.asarray(self.value), *self.error, confidence)


def estimated(x: np.ndarray, y: np.ndarray | float = 1.0) -> Estimate:
    """The mean of x over replications, or the ratio of the sums of x and y.

    >>> estimated(np.array([9.0, 8.0]), np.array([10.0, 10.0])).value
    0.85
    """
    value, influence = ratio(x, y)
    return Estimate(float(value), influence)


def known(value: float) -> Estimate:
    """A number that no replication changes.

    >>> (known(2) + known(3)).value
    5.0
    """
    return Estimate(float(value), np.zeros(()))


def slope(x: Sequence[float], y: Sequence[Estimate]) -> Estimate:
    """Slope of the least-squares line through the points (x, y).

    >>> slope([1, 2, 3], [known(2), known(4), known(6)]).value
    2.0
    """
    away = np.asarray(x, float) - np.mean(x)
    weights = away / (away**2).sum()
    first, *rest = (each.times(float(weight)) for each, weight in zip(y, weights, strict=True))
    return sum(rest, first)


NEAR = (
    0.25  # of the way between the two points beside the target: a third nearer to one of them says nothing of its own
)


def where(along: Sequence[Estimate], target: float, figures: Sequence[Estimate]) -> Estimate | None:
    """The figure at the point at which another one takes a target value.

    Between the two neighbours that hold the target between them, by the polynomial through them and through the next
    point on either side, where it goes on in the same direction: a straight line would lie above a curve that bends.

    Parameters
    ----------
    along, figures : the two figures of the same runs, in the order of the setting that was moved
    target : a value of `along`

    Returns
    -------
    The figure there, with the influences of both; None where no two neighbours hold the target between them. To first
    order, a point that moves by d along the axis changes the polynomial as if its figure fell by d times the slope.

    >>> service = [known(0.90), known(0.96), known(0.99)]
    >>> round(where(service[:2], 0.93, [known(100), known(120)]).value, 6)
    110.0
    >>> round(where(service, 0.93, [known(1000 * x.value**2) for x in service]).value, 6)  # bends, and is met exactly
    864.9
    """
    at = [each.value for each in along]
    for k in range(len(at) - 1):
        low, high = at[k], at[k + 1]
        if min(low, high) <= target <= max(low, high) and low != high:
            nodes = [*([k - 1] if _goes_on(at, k + 1, k, k - 1) else []), k, k + 1,
                     *([k + 2] if _goes_on(at, k, k + 1, k + 2) else [])]  # fmt: skip
            return _through([along[j] for j in nodes], target, [figures[j] for j in nodes])
    return None


def _goes_on(at: Sequence[float], before: int, here: int, after: int) -> bool:
    """Whether the point after goes on from here as here went on from before, and not by next to nothing."""
    if not 0 <= after < len(at):
        return False
    step = at[here] - at[before]
    return (at[after] - at[here]) / step >= NEAR


def _through(along: Sequence[Estimate], target: float, figures: Sequence[Estimate]) -> Estimate:
    """The polynomial through the points, at the target."""
    x = np.array([each.value for each in along])
    weights = [float(np.prod([(target - b) / (a - b) for b in np.delete(x, j)])) for j, a in enumerate(x)]
    fitted = np.polynomial.Polynomial.fit(x, [each.value for each in figures], len(x) - 1)
    slopes = fitted.deriv()(x)
    moved = [
        (figure - place.times(float(slope))).times(weight)
        for figure, place, slope, weight in zip(figures, along, slopes, weights, strict=True)
    ]
    influence = sum((each.influence for each in moved[1:]), moved[0].influence)
    value = sum(weight * figure.value for weight, figure in zip(weights, figures, strict=True))
    return Estimate(float(value), influence)
