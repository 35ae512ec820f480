"""Laws made of other laws: days without demand, and customers with baskets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from restock.sim.checks import check_fields
from restock.sim.errors import require
from restock.sim.probability.counted import Counted
from restock.sim.probability.law import Law


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
        from restock.sim.probability.compound import compound_pmf  # takes numba, which is slow to import

        return compound_pmf(self)
