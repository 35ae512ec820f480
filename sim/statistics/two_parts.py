"""Intervals in two parts: the chance of a simulation, and that of the record which its laws were fitted to.

A figure is simulated with laws fitted to one record. Another record of the same length would have given other laws, and
another figure: its spread over records is *input uncertainty*, which no number of replications takes away. It is seen
by drawing records anew (`calibration.weeks.redrawn`), fitting again and simulating each a few times. The figures of
these resamples spread by both parts; that of the simulation is taken out (random-effects analysis of variance):

    variance over records = variance of the resamples' figures - variance of what chance adds to each

Resamples meet the same draws (common random numbers): what a replication brings to all of them moves no difference
between them, so what chance adds is judged by the interaction of resample and replication, (B - 1)(r - 1) degrees of
freedom, and not by the spread of replications, which would take out too much. The variance of the estimate is then

    variance over records + variance of replications / their number

with Satterthwaite's degrees of freedom. The interval is Student's around the estimate from the record itself. Quantiles
of the resamples (percentile, basic) would need hundreds of them and would hold the simulation's chance twice; `shift`,
the resamples' mean less the estimate's, is shown in place of a correction, which would add more variance than it mends.

Sources: Ankenman & Nelson (2012), Proc. Winter Simulation Conf. (random effects); Song & Nelson (2015), IIE
Transactions 47:893-909 (contributions to input uncertainty); Barton, Lam & Song (2022), in The Palgrave Handbook of
Operations Research, 573-620 (a survey); Satterthwaite (1946), Biometrics Bulletin 2:110-114.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from restock.sim.errors import require
from restock.sim.statistics.differences import Difference, no_difference
from restock.sim.statistics.intervals import Interval, t_quantile


class OverRecords(NamedTuple):
    """How a figure spreads over records; arrays have the figure's shape.

    >>> of_one = OverRecords(*np.array([4.0, 5.0, 1.0, 0.0]), resamples=24, replications=8)
    >>> float(of_one.seen - of_one.chance)
    4.0
    """

    variance: np.ndarray  # over records, never below 0
    seen: np.ndarray  # variance of the resamples' figures
    chance: np.ndarray  # what the simulation's chance adds to it
    shift: np.ndarray  # mean of the resamples less that of the record itself
    resamples: int
    replications: int


def over_records(
    figures: np.ndarray, influences: np.ndarray, periods: int, itself: np.ndarray | float = np.nan
) -> OverRecords:
    """The spread of a figure over records, from redrawn ones.

    Parameters
    ----------
    figures : ndarray, shape (resamples, ...)
        The figure that each resample's replications give together.
    influences : ndarray, shape (resamples, replications, ...)
        What each replication adds to it (see `statistics.intervals.ratio`); numbered alike, drawn alike.
    periods : int
        Weeks of the record: redrawn means spread by (periods - 1) / periods of what records do.
    itself : ndarray or float
        The figure of the record itself, from the same replications.

    >>> random = np.random.default_rng(3)
    >>> true, chance = random.normal(0, 3, (500, 1)), random.normal(0, 2, (500, 8)) + random.normal(0, 9, (1, 8))
    >>> drawn = true + chance
    >>> found = over_records(drawn.mean(axis=1), drawn - drawn.mean(axis=1, keepdims=True), periods=1000)
    >>> round(float(found.variance) ** 0.5, 1), round(float(found.chance * 8) ** 0.5, 1)
    (3.0, 2.0)
    """
    many, each = influences.shape[:2]
    require(many >= 2 and each >= 2, f"the spread over records takes 2 resamples of 2 replications, got {many}, {each}")
    of_draws = influences - influences.mean(axis=0)
    chance = (of_draws**2).sum(axis=(0, 1)) / ((many - 1) * (each - 1) * each)
    seen = figures.var(axis=0, ddof=1)
    variance = np.maximum(seen - chance, 0.0) * periods / (periods - 1)
    return OverRecords(variance, seen, chance, figures.mean(axis=0) - itself, many, each)


def both(error: np.ndarray, degrees: int, spread: OverRecords) -> tuple[np.ndarray, np.ndarray]:
    """Standard error of an estimate with both parts, and its degrees of freedom, from the simulation's and theirs."""
    square = np.asarray(error, float) ** 2
    total = square + spread.variance
    records = np.where(spread.variance > 0, 1.0, 0.0)
    of_records = spread.seen**2 / (spread.resamples - 1)
    of_chance = spread.chance**2 / ((spread.resamples - 1) * (spread.replications - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        free = total**2 / (records * (of_records + of_chance) + square**2 / degrees)
    return np.sqrt(total), np.where(total > 0, free, degrees)


def with_records(found: Interval, replications: int, spread: OverRecords, confidence: float = 0.95) -> Interval:
    """An interval over replications, made that of both parts.

    >>> from restock.sim.statistics.intervals import interval
    >>> still = OverRecords(*(np.zeros(()) for _ in range(4)), resamples=9, replications=4)
    >>> x = np.array([9.0, 10.0, 11.0])
    >>> round(float(with_records(interval(x), 3, still).half_width), 3) == round(float(interval(x).half_width), 3)
    True
    """
    error, degrees = both(found.half_width / t_quantile(confidence, replications - 1), replications - 1, spread)
    half = special.stdtrit(degrees, (1 + confidence) / 2) * error
    return Interval(found.estimate, found.estimate - half, found.estimate + half, half)


def difference_with_records(
    found: Difference, replications: int, spread: OverRecords, confidence: float = 0.95
) -> Difference:
    """A paired difference, its interval and its p-value made those of both parts.

    >>> from restock.sim.statistics.differences import paired_difference
    >>> a, b = np.array([5.0, 7.0, 9.0]), np.array([4.0, 6.5, 8.0])
    >>> wide = OverRecords(*np.array([4.0, 5.0, 1.0, 0.0]), resamples=24, replications=8)
    >>> found, more = paired_difference(a, b), difference_with_records(paired_difference(a, b), 3, wide)
    >>> bool(more.half_width > found.half_width and more.p_value > found.p_value)
    True
    """
    error, degrees = both(found.half_width / t_quantile(confidence, replications - 1), replications - 1, spread)
    half = special.stdtrit(degrees, (1 + confidence) / 2) * error
    p_value = np.where(error > 0, no_difference(found.difference, error, degrees), found.p_value)
    return found._replace(low=found.difference - half, high=found.difference + half, half_width=half, p_value=p_value)


def of_records_alone(spread: OverRecords, confidence: float = 0.95) -> np.ndarray:
    """Half-width of an interval that would hold the record's part only.

    >>> of_one = OverRecords(*np.array([4.0, 5.0, 1.0, 0.0]), resamples=24, replications=8)
    >>> round(float(of_records_alone(of_one)), 2)  # 2.07 standard errors, with 23 degrees of freedom
    4.14
    """
    half: np.ndarray = t_quantile(confidence, spread.resamples - 1) * np.sqrt(spread.variance)
    return half
