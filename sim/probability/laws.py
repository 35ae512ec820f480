"""Laws of demand and lead time: whole units or days, written down by their exact probabilities.

A law knows its probabilities (`pmf`), its mean and its variance. Both engines draw from the probabilities
(`guide_tables`), so what is declared here is what is simulated, to a resolution of 2**-32.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import special

from restock.sim.checks import check_fields
from restock.sim.errors import InputError, require, unknown

LARGEST = 65_535  # one day's demand, or one lead time: what a table cell can hold
TAIL = 1e-13  # probability left out beyond the last value


class Law:
    """A probability law on 0, 1, 2, ...; subclasses say how probable each value is."""

    def probabilities(self) -> np.ndarray:
        """P(X = 0), P(X = 1), ...; may leave out a tail below `TAIL`, need not sum to one exactly."""
        raise TypeError(f"{type(self).__name__} does not say its probabilities")

    @cached_property
    def _pmf(self) -> np.ndarray:
        with np.errstate(all="ignore"):
            p = np.asarray(self.probabilities(), dtype=float)
            whole = len(p) - 1 <= LARGEST and self.is_whole(p, np.arange(float(len(p))))
        require(bool(whole), f"{self} reaches beyond {LARGEST} units; restock holds values up to that")
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
        if "mean" in getattr(self, "__dataclass_fields__", ()):
            return replace(self, mean=self.mean * factor)  # type: ignore[attr-defined, type-var]
        return stretch(self, factor)


class _Summed(Law):
    """A law whose probabilities are reckoned one by one as far as values can go."""

    mean: float

    def is_whole(self, p: np.ndarray, values: np.ndarray) -> bool:
        return bool(0.999 < p.sum() < np.inf and abs(values @ p - self.mean) <= 1e-3 * self.mean + 1e-6)


class _Counted(Law):
    """A law whose mean follows from its probabilities rather than being one of its parameters."""

    @property
    def mean(self) -> float:
        return self.moments[0]


def stretch(law: Law, factor: float) -> Law:
    """Move each value k to k * factor, split between the two whole numbers around it."""
    p = law.pmf()
    far = (
        f"a law with values up to {len(p) - 1}, times {factor:g}, reaches beyond {LARGEST}, the most that restock holds"
    )
    require(0 <= (len(p) - 1) * factor <= LARGEST, far)
    target = np.arange(len(p)) * factor
    low = np.floor(target).astype(int)
    up = target - low
    out = np.zeros(low[-1] + 2)
    np.add.at(out, low, p * (1 - up))
    np.add.at(out, low + 1, p * up)
    kept = np.nonzero(out)[0]
    return Empirical(tuple(int(k) for k in kept), tuple(float(w) for w in out[kept]))


def _reach(mean: float, variance: float) -> int:
    """How many values, from 0 on, lie before any tail worth keeping, for a law with an exponential tail."""
    return int(min(mean + 24 * math.sqrt(variance) + 24 * variance / max(mean, 1e-9) + 40, 2 * LARGEST))


def _trim(p: np.ndarray) -> np.ndarray:
    """Cut the upper tail whose total probability is below `TAIL`."""
    beyond = np.cumsum(p[::-1])[::-1]
    return p[: max(1, int(np.count_nonzero(beyond > TAIL)))]


def _positive(name: str, value: float, what: str, zero: bool = False) -> None:
    require(
        value >= 0 if zero else value > 0,
        f"{what}: {name} must be a number {'not below' if zero else 'above'} 0, got {value}",
    )


class _Exponential(_Summed):
    """A law with an exponential tail, whose probabilities are a formula of its parameters.

    The formula is written once, for one law and for many together (`many_laws`).
    """

    @property
    def reach(self) -> int:
        """How many values the formula is asked for."""
        raise TypeError(f"{type(self).__name__} does not say its reach")

    @property
    def parameters(self) -> tuple[float, ...]:
        """What the formula takes, beside the values and their log factorials."""
        raise TypeError(f"{type(self).__name__} does not say its parameters")

    @staticmethod
    def at(k: np.ndarray, log_factorial: np.ndarray, *parameters: Any) -> np.ndarray:
        """The formula."""
        raise TypeError("the law does not say its formula")

    def probabilities(self) -> np.ndarray:
        k = np.arange(self.reach)
        return _trim(self.at(k, special.gammaln(k + 1), *self.parameters))


@dataclass(frozen=True)
class Constant(_Counted):
    """Always the same whole value.

    >>> Constant(3).pmf()
    array([0., 0., 0., 1.])
    """

    value: int

    def __post_init__(self) -> None:
        check_fields(self, "constant: ")
        require(self.value <= LARGEST, f"{self} reaches beyond {LARGEST} units; restock holds values up to that")
        whole = float(self.value).is_integer() and self.value >= 0
        require(whole, f"constant: value must be a whole number not below 0, got {self.value}")
        object.__setattr__(self, "value", int(self.value))

    def probabilities(self) -> np.ndarray:
        p = np.zeros(self.value + 1)
        p[-1] = 1
        return p


@dataclass(frozen=True)
class Poisson(_Exponential):
    """Independent single-unit purchases: variance equal to the mean.

    >>> round(Poisson(2.0).variance, 9)
    2.0
    """

    mean: float

    def __post_init__(self) -> None:
        check_fields(self, "poisson: ", most=LARGEST)
        _positive("mean", self.mean, "poisson", zero=True)

    @property
    def reach(self) -> int:
        return _reach(self.mean, self.mean)

    @property
    def parameters(self) -> tuple[float, ...]:
        return (self.mean,)

    def scaled(self, factor: float) -> Law:
        return Poisson(self.mean * factor)

    @staticmethod
    def at(k: np.ndarray, log_factorial: np.ndarray, mean: Any) -> np.ndarray:
        return np.exp(special.xlogy(k, mean) - mean - log_factorial)


@dataclass(frozen=True)
class NegativeBinomial(_Exponential):
    """Poisson demand whose rate itself varies: variance = mean + dispersion * mean**2.

    >>> law = NegativeBinomial(mean=4.0, dispersion=0.5)
    >>> round(law.mean, 9), round(law.variance, 9)
    (4.0, 12.0)
    """

    mean: float
    dispersion: float

    def __post_init__(self) -> None:
        check_fields(self, "negative_binomial: ", most=LARGEST)
        _positive("mean", self.mean, "negative_binomial", zero=True)
        _positive("dispersion", self.dispersion, "negative_binomial")

    @property
    def reach(self) -> int:
        return _reach(self.mean, self.mean + self.dispersion * self.mean**2)

    @property
    def parameters(self) -> tuple[float, ...]:
        r = 1 / self.dispersion
        return r, float(special.gammaln(r)), r * math.log(r / (r + self.mean)), self.mean / (r + self.mean)

    def scaled(self, factor: float) -> Law:
        return NegativeBinomial(self.mean * factor, self.dispersion)

    @staticmethod
    def at(k: np.ndarray, log_factorial: np.ndarray, r: Any, log_gamma: Any, none: Any, again: Any) -> np.ndarray:
        log_p = special.gammaln(k + r) - log_factorial - log_gamma
        log_p += none + special.xlogy(k, again)
        return np.exp(log_p)


@dataclass(frozen=True)
class Geometric(_Summed):
    """Geometric on 0, 1, 2, ...: variance = mean + mean**2.

    >>> Geometric(1.0).pmf()[:3]
    array([0.5  , 0.25 , 0.125])
    """

    mean: float

    def __post_init__(self) -> None:
        check_fields(self, "geometric: ", most=LARGEST)
        _positive("mean", self.mean, "geometric", zero=True)

    def probabilities(self) -> np.ndarray:
        stop = 1 / (1 + self.mean)
        return _trim(stop * (1 - stop) ** np.arange(_reach(self.mean, self.mean + self.mean**2)))


@dataclass(frozen=True)
class _Rounded(Law):
    """A continuous law rounded to the nearest whole number, what lies below zero put at zero."""

    mean: float
    standard_deviation: float

    def __post_init__(self) -> None:
        name = type(self).__name__
        check_fields(self, f"{name}: ", most=LARGEST)
        _positive("mean", self.mean, name)
        _positive("standard_deviation", self.standard_deviation, name)

    def cdf(self, x: np.ndarray) -> np.ndarray:
        raise TypeError(f"{type(self).__name__} does not say its distribution function")

    def scaled(self, factor: float) -> Law:
        if factor == 0:
            return Constant(0)
        return replace(self, mean=self.mean * factor, standard_deviation=self.standard_deviation * factor)

    def probabilities(self) -> np.ndarray:
        reach = 64
        while 1 - self.cdf(np.array([float(reach)]))[0] > TAIL and reach < 2 * LARGEST:
            reach *= 2
        p = np.diff(self.cdf(np.arange(reach + 2) - 0.5), prepend=0.0)[1:]
        p[0] = self.cdf(np.array([0.5]))[0]
        return _trim(p)


@dataclass(frozen=True)
class RoundedNormal(_Rounded):
    """Normal(mean, standard_deviation), rounded, negative values put at zero (which lifts a low mean)."""

    def cdf(self, x: np.ndarray) -> np.ndarray:
        return special.ndtr((x - self.mean) / self.standard_deviation)


@dataclass(frozen=True)
class RoundedGamma(_Rounded):
    """Gamma with this mean and standard deviation, rounded to the nearest whole number."""

    def cdf(self, x: np.ndarray) -> np.ndarray:
        shape = (self.mean / self.standard_deviation) ** 2
        return special.gammainc(shape, np.maximum(x, 0) * shape / self.mean)


@dataclass(frozen=True)
class RoundedLognormal(_Rounded):
    """Lognormal with this mean and standard deviation, rounded to the nearest whole number."""

    def cdf(self, x: np.ndarray) -> np.ndarray:
        spread = math.sqrt(math.log1p((self.standard_deviation / self.mean) ** 2))
        centre = math.log(self.mean) - spread**2 / 2
        with np.errstate(divide="ignore"):
            return special.ndtr((np.log(np.maximum(x, 0)) - centre) / spread)


@dataclass(frozen=True)
class Empirical(_Counted):
    """Values with weights, as counted: history, or any discrete law written out.

    >>> Empirical((1, 3), (3, 1)).mean
    1.5
    """

    values: tuple[int, ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self, "empirical: ")
        weights = tuple(float(w) for w in self.weights) or (1.0,) * len(self.values)
        object.__setattr__(self, "weights", weights)
        require(len(self.values) > 0, "empirical: values must not be empty")
        whole = all(float(v).is_integer() and v >= 0 for v in self.values)
        require(max(self.values) <= LARGEST, f"empirical: values must not exceed {LARGEST}, got {max(self.values)}")
        require(whole, f"empirical: values must be whole numbers not below 0, got {list(self.values)[:10]}")
        require(len(weights) == len(self.values), f"empirical: {len(self.values)} values but {len(weights)} weights")
        good = all(math.isfinite(w) and w >= 0 for w in weights) and sum(weights) > 0
        require(good, f"empirical: weights must be numbers not below 0 with a sum above 0, got {list(weights)[:10]}")

    def probabilities(self) -> np.ndarray:
        return np.bincount(np.asarray(self.values, dtype=int), weights=self.weights)


@dataclass(frozen=True)
class ZeroInflated(_Counted):
    """No demand at all with `zero_probability`, else the inner law: intermittent demand."""

    zero_probability: float
    law: Law

    def __post_init__(self) -> None:
        check_fields(self, "zero_inflated: ")
        p = self.zero_probability
        require(0 <= p < 1, f"zero_inflated: zero_probability must lie in [0, 1), got {p}")

    def scaled(self, factor: float) -> Law:
        return replace(self, law=self.law.scaled(factor))

    def probabilities(self) -> np.ndarray:
        p = (1 - self.zero_probability) * self.law.pmf()
        p[0] += self.zero_probability
        return p


@dataclass(frozen=True)
class Compound(_Counted):
    """A random number of customers, each buying a random basket: the sum of `customers` draws of `basket`.

    >>> law = Compound(Poisson(2.0), Empirical((1, 2), (1, 1)))
    >>> round(law.mean, 9), round(law.variance, 9)
    (3.0, 5.0)
    """

    customers: Law
    basket: Law

    def scaled(self, factor: float) -> Law:
        return replace(self, customers=self.customers.scaled(factor))

    def probabilities(self) -> np.ndarray:
        from restock.sim.probability.compound import compound_pmf  # takes numba, which is slow to import

        return compound_pmf(self)


LAWS: dict[str, type[Law]] = {
    "constant": Constant,
    "poisson": Poisson,
    "negative_binomial": NegativeBinomial,
    "geometric": Geometric,
    "rounded_normal": RoundedNormal,
    "rounded_gamma": RoundedGamma,
    "rounded_lognormal": RoundedLognormal,
    "empirical": Empirical,
    "zero_inflated": ZeroInflated,
    "compound": Compound,
}


def law_from(mapping: Any, where: str = "") -> Law:
    """A law from its written form, such as `{"law": "poisson", "mean": 3.0}`; `where` goes into messages.

    >>> law_from({"law": "zero_inflated", "zero_probability": 0.5, "law_inside": {"law": "poisson", "mean": 2}})
    ZeroInflated(zero_probability=0.5, law=Poisson(mean=2))
    """
    at = f" {where}" if where else ""
    if isinstance(mapping, Law):
        return mapping
    try:
        if isinstance(mapping, (int, float)) and not isinstance(mapping, bool):
            whole = isinstance(mapping, int) or mapping.is_integer()
            return Constant(int(mapping)) if whole else Poisson(mapping)
    except InputError as error:
        raise InputError(f"{error}{at}") from None
    if not hasattr(mapping, "keys") or not isinstance(mapping.get("law"), str):
        raise InputError(f"a law{at} is written as a mapping with a 'law' key, got {mapping!r}")
    settings = {str(key): value for key, value in mapping.items()}
    name = settings.pop("law")
    if name not in LAWS:
        raise unknown("law", name, LAWS, where)
    if "law_inside" in settings:
        settings["law"] = settings.pop("law_inside")
    allowed = [field.name for field in fields(LAWS[name])]  # type: ignore[arg-type]
    for key in settings:
        if key not in allowed:
            raise unknown("setting", key, allowed, f"of law {name}{at}")
    for key, value in settings.items():
        if key in ("law", "customers", "basket"):
            settings[key] = law_from(value, where)
    try:
        return LAWS[name](**settings)
    except InputError as error:
        raise InputError(f"{error}{at}") from None
    except TypeError:
        missing = [key for key in allowed if key not in settings and key != "weights"]
        raise InputError(f"law {name}{at} needs {', '.join(missing or allowed)}") from None


def to_mapping(law: Law) -> dict[str, Any]:
    """The written form of a law; `law_from` reads it back.

    >>> to_mapping(Poisson(3.0))
    {'law': 'poisson', 'mean': 3.0}
    """
    name = next(key for key, kind in LAWS.items() if kind is type(law))
    out: dict[str, Any] = {"law": name}
    for field in fields(law):  # type: ignore[arg-type]
        value = getattr(law, field.name)
        key = "law_inside" if field.name == "law" else field.name
        out[key] = to_mapping(value) if isinstance(value, Law) else list(value) if isinstance(value, tuple) else value
    return out
