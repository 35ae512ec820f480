"""Laws whose values are written out one by one: a constant, and values with weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from restock.sim.checks import check_fields
from restock.sim.errors import require
from restock.sim.probability.law import LARGEST, Law


class Counted(Law):
    """A law whose mean follows from its probabilities rather than being one of its parameters."""

    @property
    def mean(self) -> float:
        return self.moments[0]

    def scaled(self, factor: float) -> Law:
        return stretch(self, factor)


@dataclass(frozen=True)
class Constant(Counted):
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
class Empirical(Counted):
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


def stretch(law: Law, factor: float) -> Law:
    """Move each value k to k * factor, split between the two whole numbers around it.

    >>> stretch(Constant(3), 1.5)  # 4.5: half the time 4, half the time 5
    Empirical(values=(4, 5), weights=(0.5, 0.5))
    """
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
