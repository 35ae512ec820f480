"""Laws of counts whose probabilities fall off like a power of a number below one, or faster."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from restock.sim.checks import check_fields
from restock.sim.probability.law import LARGEST, Law, Summed, check_positive, reach_of, trim


class Exponential(Summed):
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
        return trim(self.at(k, special.gammaln(k + 1), *self.parameters))


@dataclass(frozen=True)
class Poisson(Exponential):
    """Independent single-unit purchases: variance equal to the mean.

    >>> round(Poisson(2.0).variance, 9)
    2.0
    """

    mean: float

    def __post_init__(self) -> None:
        check_fields(self, "poisson: ", most=LARGEST)
        check_positive("mean", self.mean, "poisson", zero=True)

    @property
    def reach(self) -> int:
        return reach_of(self.mean, self.mean)

    @property
    def parameters(self) -> tuple[float, ...]:
        return (self.mean,)

    def scaled(self, factor: float) -> Law:
        return Poisson(self.mean * factor)

    @staticmethod
    def at(k: np.ndarray, log_factorial: np.ndarray, mean: Any) -> np.ndarray:
        return np.exp(special.xlogy(k, mean) - mean - log_factorial)


@dataclass(frozen=True)
class NegativeBinomial(Exponential):
    """Poisson demand whose rate itself varies: variance = mean + dispersion * mean**2.

    >>> law = NegativeBinomial(mean=4.0, dispersion=0.5)
    >>> round(law.mean, 9), round(law.variance, 9)
    (4.0, 12.0)
    """

    mean: float
    dispersion: float

    def __post_init__(self) -> None:
        check_fields(self, "negative_binomial: ", most=LARGEST)
        check_positive("mean", self.mean, "negative_binomial", zero=True)
        check_positive("dispersion", self.dispersion, "negative_binomial")

    @property
    def reach(self) -> int:
        return reach_of(self.mean, self.mean + self.dispersion * self.mean**2)

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
class Geometric(Summed):
    """Geometric on 0, 1, 2, ...: variance = mean + mean**2.

    >>> Geometric(1.0).pmf()[:3]
    array([0.5  , 0.25 , 0.125])
    """

    mean: float

    def __post_init__(self) -> None:
        check_fields(self, "geometric: ", most=LARGEST)
        check_positive("mean", self.mean, "geometric", zero=True)

    def probabilities(self) -> np.ndarray:
        stop = 1 / (1 + self.mean)
        return trim(stop * (1 - stop) ** np.arange(reach_of(self.mean, self.mean + self.mean**2)))
