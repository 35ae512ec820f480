"""Laws made of other laws: days without demand, and customers with baskets."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from restock.sim.checks import check_fields
from restock.sim.errors import require
from restock.sim.probability.counted import Counted
from restock.sim.probability.law import LARGEST, Law, trim


@dataclass(frozen=True)
class ZeroInflated(Counted):
    """No demand at all with `zero_probability`, else the inner law: intermittent demand.

    >>> from restock.sim.probability.laws import Constant
    >>> ZeroInflated(0.75, Constant(2)).pmf()
    array([0.75, 0.  , 0.25])
    """

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
class Compound(Counted):
    """A random number of customers, each buying a random basket: the sum of `customers` draws of `basket`.

    >>> from restock.sim.probability.laws import Empirical, Poisson
    >>> law = Compound(Poisson(2.0), Empirical((1, 2), (1, 1)))
    >>> round(law.mean, 9), round(law.variance, 9)
    (3.0, 5.0)
    """

    customers: Law
    basket: Law

    def scaled(self, factor: float) -> Law:
        return replace(self, customers=self.customers.scaled(factor))

    def probabilities(self) -> np.ndarray:
        """By the generating function at roots of unity: exact up to rounding, about 1e-15."""
        mean = self.customers.moments[0] * self.basket.moments[0]
        variance = (
            self.customers.moments[0] * self.basket.variance + self.customers.variance * self.basket.moments[0] ** 2
        )
        reach = int(mean + 30 * math.sqrt(variance) + 30 * len(self.basket.pmf()) + 64)
        require(reach <= 64 * LARGEST, f"compound: reaches beyond {LARGEST} units; restock holds values up to that")
        size = 1 << max(8, reach.bit_length())
        basket = np.fft.rfft(self.basket.pmf(), size)
        out = np.zeros_like(basket)
        for p in self.customers.pmf()[::-1]:  # Horner's rule
            out = out * basket + p
        return trim(np.clip(np.fft.irfft(out, size), 0, None))
