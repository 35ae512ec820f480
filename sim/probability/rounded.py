"""Continuous laws rounded to whole numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from restock.sim.checks import check_fields
from restock.sim.probability.counted import Constant
from restock.sim.probability.law import LARGEST, TAIL, Law, check_positive, trim


@dataclass(frozen=True)
class Rounded(Law):
    """A continuous law rounded to the nearest whole number, what lies below zero put at zero."""

    mean: float
    standard_deviation: float

    def __post_init__(self) -> None:
        name = type(self).__name__
        check_fields(self, f"{name}: ", most=LARGEST)
        check_positive("mean", self.mean, name)
        check_positive("standard_deviation", self.standard_deviation, name)

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
        return trim(p)


@dataclass(frozen=True)
class RoundedNormal(Rounded):
    """Normal(mean, standard_deviation), rounded, negative values put at zero (which lifts a low mean).

    >>> RoundedNormal(2.0, 1.0).pmf()[:4].round(3)
    array([0.067, 0.242, 0.383, 0.242])
    """

    def cdf(self, x: np.ndarray) -> np.ndarray:
        return special.ndtr((x - self.mean) / self.standard_deviation)


@dataclass(frozen=True)
class RoundedGamma(Rounded):
    """Gamma with this mean and standard deviation, rounded to the nearest whole number.

    >>> RoundedGamma(2.0, 1.0).scaled(2.0)
    RoundedGamma(mean=4.0, standard_deviation=2.0)
    """

    def cdf(self, x: np.ndarray) -> np.ndarray:
        shape = (self.mean / self.standard_deviation) ** 2
        return special.gammainc(shape, np.maximum(x, 0) * shape / self.mean)


@dataclass(frozen=True)
class RoundedLognormal(Rounded):
    """Lognormal with this mean and standard deviation, rounded to the nearest whole number."""

    def cdf(self, x: np.ndarray) -> np.ndarray:
        spread = math.sqrt(math.log1p((self.standard_deviation / self.mean) ** 2))
        centre = math.log(self.mean) - spread**2 / 2
        with np.errstate(divide="ignore"):
            return special.ndtr((np.log(np.maximum(x, 0)) - centre) / spread)
