"""Which law a cell's demand follows, with the evidence; and how demand swings over the week and the year."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from restock.sim.calibration.candidate_laws import CANDIDATES, PARAMETERS, Counts, distribution, moments
from restock.sim.errors import unknown
from restock.sim.probability.laws import (
    Empirical,
    Geometric,
    Law,
    NegativeBinomial,
    Poisson,
    RoundedGamma,
    ZeroInflated,
)

SCORES = ("aic", "bic")
DIVISIBLE = ("poisson", "geometric", "negative_binomial")  # a bucket's law can be shared exactly among its days
SHARP = 0.1  # error of a cell's dispersion up to which it is taken: 100 pairs of receipts on one day
CLEARLY_BETTER = 10.0  # by so much must the history itself beat every named law: it cannot exceed what was seen


@dataclass(frozen=True)
class Fits:
    """The law chosen for each cell and why. Arrays are one per cell.

    `scores` has one array per candidate (nan: not applicable), the lowest is chosen. `distance` is the largest gap
    between the fitted and the observed distribution function; `limit` is where the Kolmogorov test at 5 % would
    object (for counts it objects less often than that).
    """

    counts: Counts
    mean: np.ndarray
    variance: np.ndarray
    scores: dict[str, np.ndarray]
    parameters: dict[str, tuple[np.ndarray, ...]]
    chosen: np.ndarray
    distance: np.ndarray
    limit: np.ndarray
    length: np.ndarray | None = None  # days of an observation, where cells differ (months)

    def table(self):
        """Mean, variance, scores, choice and distance as a frame, one row per cell."""
        import pandas as pd

        days, zeros = (np.rint(each).astype(int) for each in (self.counts.days, self.counts.zeros))
        head = {"days": days, "sale_days": days - zeros}
        head |= {
            "mean": self.mean,
            "variance": self.variance,
            "chosen": self.chosen,
            "distance": self.distance,
            "limit": self.limit,
        }
        return pd.DataFrame(head | {f"score_{name}": score for name, score in self.scores.items()})

    def by_moments(self) -> Fits:
        """Laws with the observed mean and variance instead: negative binomial above the Poisson variance, else Poisson.

        The likelihood of data no candidate describes (orders in whole packs) goes by the zeros and misses the spread.
        """
        wide = self.variance > self.mean * (1 + 1e-9)
        chosen = np.where(wide, "negative_binomial", "poisson")
        spread = np.where(wide, (self.variance - self.mean) / np.where(wide, self.mean, 1) ** 2, 1.0)
        parameters = self.parameters | {"negative_binomial": (spread,), "poisson": (self.mean,)}
        distance = _distance(self.counts, chosen, self.mean, parameters)
        return replace(self, chosen=chosen, parameters=parameters, distance=distance)

    def pooled_where_thin(self) -> tuple[Fits, np.ndarray, float]:
        """Cells too thin to show a spread take that of all of them together; which these are, and the dispersion.

        An observed dispersion is out by sqrt(2 / days) / mean, so that Poisson or geometric would be chosen by the
        toss of a coin. That of many cells is sum E[x (x - 1)] / sum mean^2 - 1, each weighted by its days.
        """
        days, mean, variance = self.counts.days, self.mean, self.variance * (1 - 1 / self.counts.days)
        thin = np.sqrt(2 / days) > SHARP * mean
        pairs, squares = (days * (variance + mean**2 - mean))[thin].sum(), (days * mean**2)[thin].sum()
        spread = max(0.0, float(pairs / squares - 1)) if squares > 0 else 0.0
        chosen = np.where(thin, "negative_binomial" if spread > 0 else "poisson", self.chosen)
        of_all = (np.where(thin, spread, self.parameters["negative_binomial"][0]),)
        parameters = self.parameters | {"negative_binomial": of_all}
        distance = _distance(self.counts, chosen, mean, parameters)
        return replace(self, chosen=chosen, parameters=parameters, distance=distance), thin, spread

    def fitted_variance(self) -> np.ndarray:
        """Variance of the chosen laws, to hold against the observed one; one observation, seasons included."""
        mean, (rate, zero) = self.mean, self.parameters.get("zero_inflated", (self.mean, 0 * self.mean))
        spread = self.parameters.get("negative_binomial", (0 * mean,))[0]
        of = {"poisson": mean, "geometric": mean + mean**2, "negative_binomial": mean + spread * mean**2}
        of["zero_inflated"] = (1 - zero) * rate * (1 + rate) - mean**2
        return np.select([self.chosen == name for name in of], list(of.values()), self.variance)

    def laws(
        self, bucket_days: int = 1, season_square: np.ndarray | float = 1.0, mean: np.ndarray | None = None
    ) -> list[Law]:
        """The chosen laws, as laws of one day.

        `bucket_days` is what one observation covered: a sum of that many independent days. `season_square` is the
        mean of the squared season factors of each cell: the swing they bring is taken out of the spread.
        `mean`: of an observation, in place of the observed one, where all laws are `DIVISIBLE`: the shape is kept.
        """
        square = np.broadcast_to(season_square, self.mean.shape)
        starts = np.searchsorted(self.counts.cell, np.arange(len(self.mean) + 1))
        length = np.broadcast_to(bucket_days if self.length is None else self.length, self.mean.shape)
        means = (self.mean if mean is None else mean) / length
        return [
            self._law(i, slice(starts[i], starts[i + 1]), float(length[i]), float(square[i]), float(means[i]))
            for i in range(len(self.mean))
        ]

    def _law(self, i: int, pairs: slice, bucket_days: float, square: float, mean: float) -> Law:
        name = str(self.chosen[i])
        first, *rest = (float(values[i]) for values in self.parameters.get(name, ((0.0,) * len(self.mean),)))
        if name == "empirical":
            values, counts = self.counts.value[pairs].tolist(), self.counts.count[pairs].tolist()
            return Empirical((0, *values), (max(0.0, float(self.counts.days[i]) - sum(counts)), *counts))
        if name == "rounded_gamma":
            return RoundedGamma(_short(first), _short(rest[0]))
        if name == "zero_inflated":  # keep mean and E[X(X-1)] once the seasons multiply the mean
            inner = max(first / square, mean)
            return ZeroInflated(round(max(0.0, 1 - mean / inner), 4), Poisson(_short(inner)))
        if name == "poisson":
            return Poisson(_short(mean))
        spread = (1 + first) / square - 1 if bucket_days == 1 else first * bucket_days / square
        if name == "geometric" and abs(spread - 1) < 0.01:
            return Geometric(_short(mean))
        return NegativeBinomial(_short(mean), _short(spread, 2)) if spread > 0.01 else Poisson(_short(mean))


def _short(x: float, digits: int = 3) -> float:
    """Rounded to significant digits, far inside the error of any fit: equal laws then share their tables."""
    return float(f"{x:.{digits}g}")


def fit_laws(counts: Counts, score: str = "aic", candidates: tuple[str, ...] = tuple(PARAMETERS)) -> Fits:
    """Fit every candidate to every cell and choose the lowest score.

    Poisson, geometric, negative binomial and zero-inflated Poisson by maximum likelihood, rounded gamma by moments.
    Score: AIC = 2 parameters - 2 log-likelihood, or BIC with log(days) in place of 2. The empirical law
    (history as it was: a parameter per value) must win by `CLEARLY_BETTER`. Cells with fewer than 2 days of sales
    cannot show a spread: Poisson or geometric.

    >>> from restock.sim.calibration.candidate_laws import count_values
    >>> counts = count_values(np.zeros(4, int), np.array([1, 1, 2, 1]), np.array([10]))
    >>> fit_laws(counts).chosen.tolist()
    ['poisson']
    """
    if score not in SCORES:
        raise unknown("score", score, SCORES)
    for name in candidates:
        if name not in PARAMETERS:
            raise unknown("candidate law", name, PARAMETERS)
    days, (mean, variance) = counts.days, moments(counts)
    price = np.full(len(days), 2.0) if score == "aic" else np.log(days)
    scores, parameters = {}, {}
    for name in candidates:
        likelihood, parameters[name], size = CANDIDATES[name](counts, mean, np.maximum(variance, 0))
        scores[name] = price * size - 2 * likelihood
    matrix = np.array(
        [np.where(np.isnan(s), np.inf, s) + (CLEARLY_BETTER if n == "empirical" else 0) for n, s in scores.items()]
    )
    chosen = np.array(list(scores))[matrix.argmin(axis=0)]
    distance = _distance(counts, chosen, mean, parameters)
    return Fits(counts, mean, variance, scores, parameters, chosen, distance, 1.36 / np.sqrt(days))


def _distance(counts: Counts, chosen: np.ndarray, mean: np.ndarray, parameters: dict) -> np.ndarray:
    """Largest gap between fitted and observed distribution function, at each value seen and just below it."""
    before = np.append(0, np.cumsum(counts.count))[np.searchsorted(counts.cell, np.arange(len(mean)))]
    upto = (counts.zeros - before)[counts.cell] + np.cumsum(counts.count)
    out = np.zeros(len(mean))
    for name in set(chosen.tolist()) - {"empirical"}:
        here, pairs = np.flatnonzero(chosen == name), np.flatnonzero(chosen[counts.cell] == name)
        arrays = parameters[name] if name == "rounded_gamma" else (*parameters[name], mean)
        cell, x = counts.cell[pairs], counts.value[pairs]
        out[here] = np.abs(
            distribution(name, np.zeros(len(here)), [p[here] for p in arrays]) - (counts.zeros / counts.days)[here]
        )
        for value, seen in ((x, upto[pairs]), (x - 1, upto[pairs] - counts.count[pairs])):
            gap = np.abs(distribution(name, value, [p[cell] for p in arrays]) - seen / counts.days[cell])
            np.maximum.at(out, cell, gap)
    return out


def factors(units: np.ndarray, days: np.ndarray, evidence: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Weekday or month factors of each site, mean 1 and rounded to 0.01 (so that their mean is exactly 1).

    Parameters
    ----------
    units, days : ndarray, shape (sites, 7) or (sites, 12)
        Units sold, and days observed, on each weekday (or in each month).
    evidence : ndarray, shape (sites,)
        Days that a site's units rest on.
    least : days
        A site that rests on fewer takes the factors of all other sites together; all 1 where these are too few, too.

    Returns
    -------
    (factors, pooled) : shape (sites, 7 or 12), and which sites were pooled

    >>> factors(np.array([[100, 100, 100, 100, 100, 100, 800]]), np.full((1, 7), 10), np.array([35.0]), 28)[0]
    array([[0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 4. ]])
    """
    pooled = (evidence < least) | (days == 0).any(axis=1)
    rate = units / np.maximum(days, 1)
    those = ~pooled if (~pooled).any() else np.ones(len(units), bool)
    chain = units[those].sum(axis=0) / np.maximum(days[those].sum(axis=0), 1)
    good = chain.sum() > 0 and (not pooled.all() or evidence.sum() >= least) and (days[those].sum(axis=0) > 0).all()
    rate = np.where(pooled[:, None], chain if good else np.ones(units.shape[1]), rate)
    hundredths = 100 * units.shape[1] * rate / rate.sum(axis=1, keepdims=True)
    out = np.floor(hundredths + 1e-9)
    left = (100 * units.shape[1] - out.sum(axis=1)).round().astype(int)
    rank = (out - hundredths).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return np.round((out + (rank < left[:, None])) / 100, 2), pooled
