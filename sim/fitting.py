"""Fitting laws to counts: which law a cell's demand follows, with the evidence; weekday swings; lead times.

Everything works on all cells at once, from how often each positive value was seen: days without sales are
implied, so a hundred thousand slow cells over two years fit in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from sim.errors import unknown
from sim.laws import Empirical, Geometric, Law, NegativeBinomial, Poisson, RoundedGamma, ZeroInflated

SCORES = ("aic", "bic")
PARAMETERS = {
    "poisson": 1,
    "geometric": 1,
    "negative_binomial": 2,
    "zero_inflated": 2,
    "rounded_gamma": 2,
    "empirical": 0,
}
DIVISIBLE = ("poisson", "geometric", "negative_binomial")  # a bucket's law can be shared exactly among its days
CLEARLY_BETTER = 10.0  # by so much must the history itself beat every named law: it cannot exceed what was seen
LEAST_FOR_EMPIRICAL = 30  # days with sales
NO_DAYS = np.zeros(0, int)  # no shipments
LEAST_MEAN_FOR_GAMMA = 2.0  # below, rounding moves its mean too far


@dataclass(frozen=True)
class Counts:
    """How often each positive value was seen in each cell, ordered by cell and value.

    Parameters
    ----------
    days : ndarray, shape (cells,)
        Days (or buckets) observed, those without sales included.
    cell, value, count : ndarray, shape (pairs,)
    """

    days: np.ndarray
    cell: np.ndarray
    value: np.ndarray
    count: np.ndarray

    def total(self, figure: np.ndarray) -> np.ndarray:
        """Sum of `figure` over a cell's observations, shape (cells,)."""
        return np.bincount(self.cell, weights=self.count * figure, minlength=len(self.days))

    @property
    def zeros(self) -> np.ndarray:
        return self.days - self.total(np.ones(len(self.cell)))


def count_values(cell: np.ndarray, value: np.ndarray, days: np.ndarray) -> Counts:
    """Counts from one (cell, value) per day with sales.

    >>> count_values(np.array([0, 0, 1]), np.array([2, 2, 5]), np.array([10, 10])).count
    array([2, 1])
    """
    cell, value = np.asarray(cell)[np.asarray(value) > 0], np.asarray(value)[np.asarray(value) > 0]
    order = np.lexsort((value, cell))
    cell, value = cell[order], value[order]
    first = np.ones(len(cell), bool)
    first[1:] = (np.diff(cell) != 0) | (np.diff(value) != 0)
    starts = np.flatnonzero(first)
    return Counts(np.asarray(days, float), cell[starts], value[starts], np.diff(np.append(starts, len(cell))))


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

    def table(self):
        """Mean, variance, scores, choice and distance as a frame, one row per cell."""
        import pandas as pd

        head = {"days": self.counts.days.astype(int), "sale_days": (self.counts.days - self.counts.zeros).astype(int)}
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

    def fitted_variance(self) -> np.ndarray:
        """Variance of the chosen laws, to hold against the observed one; one observation, seasons included."""
        mean, (rate, zero) = self.mean, self.parameters.get("zero_inflated", (self.mean, 0 * self.mean))
        spread = self.parameters.get("negative_binomial", (0 * mean,))[0]
        of = {"poisson": mean, "geometric": mean + mean**2, "negative_binomial": mean + spread * mean**2}
        of["zero_inflated"] = (1 - zero) * rate * (1 + rate) - mean**2
        return np.select([self.chosen == name for name in of], list(of.values()), self.variance)

    def laws(self, bucket_days: int = 1, season_square: np.ndarray | float = 1.0, samples: float = 1.0) -> list[Law]:
        """The chosen laws, as laws of one day.

        `bucket_days` is what one observation covered: a sum of that many independent days. `season_square` is the
        mean of the squared season factors of each cell: the swing they bring is taken out of the spread.
        `samples`: the law of so many independent samples such as the one observed.
        """
        square = np.broadcast_to(season_square, self.mean.shape)
        starts = np.searchsorted(self.counts.cell, np.arange(len(self.mean) + 1))
        return [
            self._law(i, slice(starts[i], starts[i + 1]), bucket_days, float(square[i]), samples)
            for i in range(len(self.mean))
        ]

    def _law(self, i: int, pairs: slice, bucket_days: int, square: float, samples: float) -> Law:
        name, mean = str(self.chosen[i]), float(self.mean[i]) * samples / bucket_days
        first, *rest = (float(values[i]) for values in self.parameters.get(name, ((0.0,) * len(self.mean),)))
        if name == "empirical":
            values, counts = self.counts.value[pairs].tolist(), self.counts.count[pairs].tolist()
            return Empirical((0, *values), (float(self.counts.days[i]) - sum(counts), *counts))
        if name == "rounded_gamma":
            return RoundedGamma(_short(first), _short(rest[0]))
        if name == "zero_inflated":  # keep mean and E[X(X-1)] once the seasons multiply the mean
            inner = max(first / square, mean)
            return ZeroInflated(round(max(0.0, 1 - mean / inner), 4), Poisson(_short(inner)))
        if name == "poisson":
            return Poisson(_short(mean))
        spread = (1 + first) / square - 1 if bucket_days == 1 else first * bucket_days / square
        spread /= samples
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

    >>> counts = count_values(np.zeros(4, int), np.array([1, 1, 2, 1]), np.array([10]))
    >>> fit_laws(counts).chosen.tolist()
    ['poisson']
    """
    if score not in SCORES:
        raise unknown("score", score, SCORES)
    for name in candidates:
        if name not in PARAMETERS:
            raise unknown("candidate law", name, PARAMETERS)
    total, days = counts.total(counts.value), counts.days
    mean = total / days
    variance = (counts.total(counts.value.astype(float) ** 2) - days * mean**2) / np.maximum(days - 1, 1)
    price = np.full(len(days), 2.0) if score == "aic" else np.log(days)
    scores, parameters = {}, {}
    for name in candidates:
        likelihood, parameters[name], size = _FITS[name](counts, mean, np.maximum(variance, 0))
        scores[name] = price * size - 2 * likelihood
    matrix = np.array(
        [np.where(np.isnan(s), np.inf, s) + (CLEARLY_BETTER if n == "empirical" else 0) for n, s in scores.items()]
    )
    chosen = np.array(list(scores))[matrix.argmin(axis=0)]
    distance = _distance(counts, chosen, mean, parameters)
    return Fits(counts, mean, variance, scores, parameters, chosen, distance, 1.36 / np.sqrt(days))


def _poisson(counts, mean, variance):
    constant = counts.total(special.gammaln(counts.value + 1.0))
    return special.xlogy(mean * counts.days, mean) - counts.days * mean - constant, (mean,), 1


def _geometric(counts, mean, variance):
    return special.xlogy(mean * counts.days, mean / (1 + mean)) - counts.days * np.log1p(mean), (np.ones_like(mean),), 1


def _negative_binomial(counts, mean, variance):
    """The mean's estimate is the sample's; the dispersion by golden section on log r = -log(dispersion)."""
    able = (variance > mean * (1 + 1e-9)) & (counts.days - counts.zeros >= 2)
    size = np.where(able, mean**2 / np.where(able, variance - mean, 1), 1.0)
    constant, x = counts.total(special.gammaln(counts.value + 1.0)), counts.value.astype(float)

    def likelihood(log_r):
        r = np.exp(log_r)
        each = r[counts.cell]
        rising = counts.total(special.gammaln(x + each) - special.gammaln(each))
        return (
            rising
            - counts.days * r * np.log1p(mean / r)
            + special.xlogy(mean * counts.days, mean / (r + mean))
            - constant
        )

    low, high = np.log(size) - 4, np.log(size) + 4
    ratio = (5**0.5 - 1) / 2
    a, b = high - ratio * (high - low), low + ratio * (high - low)
    at_a, at_b = likelihood(a), likelihood(b)
    for _ in range(24):
        left = at_a > at_b
        low, high = np.where(left, low, a), np.where(left, b, high)
        new = np.where(left, high - ratio * (high - low), low + ratio * (high - low))
        at_new = likelihood(new)
        a, b = np.where(left, new, b), np.where(left, a, new)
        at_a, at_b = np.where(left, at_new, at_b), np.where(left, at_a, at_new)
    middle = (low + high) / 2
    return np.where(able, likelihood(middle), np.nan), (np.exp(-middle),), 2


def _zero_inflated(counts, mean, variance):
    """Poisson given that it is positive has mean rate / (1 - exp(-rate)): Newton's method on that."""
    sold = counts.days - counts.zeros
    positive = np.where(sold > 0, mean * counts.days / np.maximum(sold, 1), 2.0)
    able = (positive > 1 + 1e-9) & (sold >= 2)
    rate = np.where(able, np.maximum(positive - 0.9, 2 * (positive - 1) / positive), 1.0)
    for _ in range(30):
        miss = rate / -np.expm1(-rate) - positive
        slope = (-np.expm1(-rate) - rate * np.exp(-rate)) / np.expm1(-rate) ** 2
        rate = np.where(able, np.maximum(rate - miss / slope, 1e-9), 1.0)
    busy = sold / counts.days / -np.expm1(-rate)
    able &= busy < 1
    busy = np.where(able, busy, 0.5)
    likelihood = special.xlogy(counts.zeros, 1 - busy + busy * np.exp(-rate)) + sold * (np.log(busy) - rate)
    likelihood += mean * counts.days * np.log(rate) - counts.total(special.gammaln(counts.value + 1.0))
    return np.where(able, likelihood, np.nan), (rate, 1 - busy), 2


def _rounded_gamma(counts, mean, variance):
    able = (mean >= LEAST_MEAN_FOR_GAMMA) & (variance > 0.25)
    average, spread = (
        np.where(able, mean, 1.0),
        np.sqrt(np.where(able, variance - 1 / 12, 1.0)),
    )  # Sheppard's correction
    parameters = (average, spread)
    cdf = lambda x, cell: _cdf("rounded_gamma", x, [p[cell] for p in parameters])  # noqa: E731
    chance = cdf(counts.value, counts.cell) - cdf(counts.value - 1, counts.cell)
    zero = cdf(np.zeros(len(mean)), np.arange(len(mean)))
    likelihood = counts.total(np.log(np.maximum(chance, 1e-300))) + special.xlogy(
        counts.zeros, np.maximum(zero, 1e-300)
    )
    return np.where(able, likelihood, np.nan), parameters, 2


def _empirical(counts, mean, variance):
    sold = counts.days - counts.zeros
    seen = counts.total(np.log(counts.count / counts.days[counts.cell])) + special.xlogy(
        counts.zeros, counts.zeros / counts.days
    )
    values = np.bincount(counts.cell, minlength=len(mean)) + (counts.zeros > 0)
    return np.where(sold >= LEAST_FOR_EMPIRICAL, seen, np.nan), (np.zeros_like(mean),), np.maximum(values - 1, 1)


_FITS = {
    "poisson": _poisson,
    "geometric": _geometric,
    "negative_binomial": _negative_binomial,
    "zero_inflated": _zero_inflated,
    "rounded_gamma": _rounded_gamma,
    "empirical": _empirical,
}


def _cdf(name: str, x: np.ndarray, parameters: list[np.ndarray]) -> np.ndarray:
    """P(X <= x) of a candidate, with its parameters spread to the shape of x (the mean comes last for counts)."""
    x, inside = np.maximum(x, 0).astype(float), x >= 0
    if name == "rounded_gamma":
        average, spread = parameters
        shape = (average / spread) ** 2
        return np.where(inside, special.gammainc(shape, (x + 0.5) * shape / average), 0)
    if name == "zero_inflated":
        rate, zero, _ = parameters
        return np.where(inside, zero + (1 - zero) * special.pdtr(x, rate), 0)
    if name == "poisson":
        return np.where(inside, special.pdtr(x, parameters[-1]), 0)
    size = 1 / parameters[0]
    return np.where(inside, special.betainc(size, x + 1, size / (size + parameters[-1])), 0)


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
            _cdf(name, np.zeros(len(here)), [p[here] for p in arrays]) - (counts.zeros / counts.days)[here]
        )
        for value, seen in ((x, upto[pairs]), (x - 1, upto[pairs] - counts.count[pairs])):
            gap = np.abs(_cdf(name, value, [p[cell] for p in arrays]) - seen / counts.days[cell])
            np.maximum.at(out, cell, gap)
    return out


def factors(units: np.ndarray, days: np.ndarray, least_units: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Weekday or month factors of each site, mean 1 and rounded to 0.01 (so that their mean is exactly 1).

    Parameters
    ----------
    units, days : ndarray, shape (sites, 7) or (sites, 12)
        Units sold, and days observed, on each weekday (or in each month).
    least_units : int
        A site with fewer units takes the factors of all sites together.

    Returns
    -------
    (factors, pooled) : shape (sites, 7 or 12), and which sites were pooled

    >>> factors(np.array([[100, 100, 100, 100, 100, 100, 800]]), np.full((1, 7), 10))[0]
    array([[0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 4. ]])
    """
    pooled = (units.sum(axis=1) < least_units) | (days == 0).any(axis=1)
    rate = units / np.maximum(days, 1)
    chain = units.sum(axis=0) / np.maximum(days.sum(axis=0), 1)
    rate = np.where(pooled[:, None], chain if chain.sum() > 0 else np.ones(units.shape[1]), rate)
    hundredths = 100 * units.shape[1] * rate / rate.sum(axis=1, keepdims=True)
    out = np.floor(hundredths + 1e-9)
    left = (100 * units.shape[1] - out.sum(axis=1)).round().astype(int)
    rank = (out - hundredths).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return np.round((out + (rank < left[:, None])) / 100, 2), pooled


def lead_time_laws(shipments, lanes: list[tuple[str, str]], least: int = 8):
    """The days each lane's shipments took, as an empirical law; thin lanes borrow from wider groups.

    Parameters
    ----------
    shipments : DataFrame with supplier, location, days (one row per shipment, days >= 1)
    lanes : list of (supplier, location)
    least : int
        A lane with fewer shipments takes those of its supplier; a thin supplier those into the location; else all.

    Returns
    -------
    DataFrame with supplier, location, law, taken_from, shipments, mean, standard_deviation
    """
    import pandas as pd

    levels = [("lane", ["supplier", "location"]), ("supplier", ["supplier"]), ("location", ["location"]), ("all", [])]
    groups = {name: _groups(shipments, by) for name, by in levels}
    rows = []
    for supplier, location in lanes:
        key = {"supplier": supplier, "location": location}
        found = [(name, groups[name].get(tuple(key[b] for b in by), NO_DAYS)) for name, by in levels]
        name, days = next((name, days) for name, days in found if name == "all" or len(days) >= least)
        values, counts = np.unique(days, return_counts=True)
        law = Empirical(tuple(values.tolist()), tuple(counts.tolist()))
        rows.append((supplier, location, law, name, len(days), float(days.mean()), float(days.std())))
    return pd.DataFrame(
        rows, columns=["supplier", "location", "law", "taken_from", "shipments", "mean", "standard_deviation"]
    )


def _groups(shipments, by: list[str]) -> dict[tuple, np.ndarray]:
    if not by:
        return {(): shipments["days"].to_numpy()}
    return {key: group.to_numpy() for key, group in shipments.groupby(by)["days"]}
