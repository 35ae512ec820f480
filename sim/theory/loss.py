"""Loss functions: expected units above a level, and below it."""

from __future__ import annotations

import numpy as np
from scipy import special

from restock.sim.theory.inputs import above_zero, finite, levels
from restock.sim.theory.interval_demand import Demand, mean_of, probabilities


def loss(demand: Demand, level: int | np.ndarray) -> np.ndarray:
    """Expected demand above a whole level: n(x) = E[(D - x)+], exact for any whole-number law; x may be negative.

    Source: Snyder & Shen (2019), Fundamentals of Supply Chain Theory, 2nd ed., equation (C.36).

    >>> from restock.sim.probability.laws import Poisson
    >>> round(float(loss(Poisson(6.0), 8)), 6)
    0.314021
    """
    p = probabilities(demand)
    above = np.append(np.cumsum(p[::-1])[::-1][1:], 0.0)  # P(D > k)
    table = np.append(np.cumsum(above[::-1])[::-1], 0.0)  # E[(D - k)+], summed from the tail so that it stays precise
    x = levels(whole_only=True, level=level)
    return np.where(x < 0, mean_of(p) - x, table[np.clip(x, 0, len(table) - 1).astype(int)])


def complementary_loss(demand: Demand, level: int | np.ndarray) -> np.ndarray:
    """Expected units of a whole level that demand leaves: E[(x - D)+] = x - E[D] + n(x).

    Source: Snyder & Shen (2019), equations (C.14) and (C.37).

    >>> from restock.sim.probability.laws import Poisson
    >>> round(float(complementary_loss(Poisson(6.0), 8)), 6)
    2.314021
    """
    p = probabilities(demand)
    x = levels(whole_only=True, level=level)
    return np.maximum(x - mean_of(p) + loss(p, x), 0.0)


def second_loss(demand: Demand, level: int) -> float:
    """Second-order loss of a whole-number law: n2(x) = E[(D - x)+ (D - x - 1)+] / 2, the sum of n(y) over y > x.

    So the losses of levels r + 1 .. r + Q sum to n2(r) - n2(r + Q).
    Source: Snyder & Shen (2019), equation (C.38).

    >>> second_loss(np.array([0.5, 0.0, 0.5]), 0)
    0.5
    """
    p = probabilities(demand)
    excess = np.maximum(np.arange(len(p)) - levels(whole_only=True, level=level), 0.0)
    return float((excess * np.maximum(excess - 1, 0)) @ p) / 2


def unit_normal_loss(z: float | np.ndarray) -> np.ndarray:
    """Expected excess of a standard normal over z: phi(z) - z (1 - Phi(z)).

    Source: Snyder & Shen (2019), equation (C.22); Silver, Pyke & Thomas (2017), appendix II (their G(k)).

    >>> round(float(unit_normal_loss(1.3)), 6)
    0.045528
    """
    z = levels(z=z)
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) - z * special.ndtr(-z)


def unit_normal_second_loss(z: float | np.ndarray) -> np.ndarray:
    """Half the expected squared excess of a standard normal over z: ((z**2 + 1)(1 - Phi(z)) - z phi(z)) / 2.

    Source: Snyder & Shen (2019), equation (C.27).

    >>> round(float(unit_normal_second_loss(1.3)), 6)
    0.018807
    """
    z = levels(z=z)
    return ((z**2 + 1) * special.ndtr(-z) - z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)) / 2


def normal_loss(level: float | np.ndarray, mean: float, standard_deviation: float) -> np.ndarray:
    """Expected normal demand above a level, in units.

    Source: Snyder & Shen (2019), equation (C.31).

    >>> round(float(normal_loss(18.6, 15, 3)), 6)
    0.168307
    """
    above_zero(standard_deviation=standard_deviation)
    finite(mean=mean)
    return standard_deviation * unit_normal_loss((levels(level=level) - mean) / standard_deviation)


def normal_second_loss(level: float | np.ndarray, mean: float, standard_deviation: float) -> np.ndarray:
    """Half the expected squared normal demand above a level, in units squared.

    Source: Snyder & Shen (2019), equation (C.33).

    >>> round(float(normal_second_loss(18.6, 15, 3)), 6)
    0.21486
    """
    above_zero(standard_deviation=standard_deviation)
    finite(mean=mean)
    return standard_deviation**2 * unit_normal_second_loss((levels(level=level) - mean) / standard_deviation)


def poisson_loss(level: int, mean: float) -> float:
    """Expected Poisson demand above a whole level: mean P(D >= x) - x P(D > x).

    Source: Hadley & Whitin (1963), Analysis of Inventory Systems, appendix 3 (properties of the Poisson law); Snyder &
    Shen (2019), equation (C.41).

    >>> round(poisson_loss(8, 6.0), 6)
    0.314021
    """
    above_zero(mean=mean)
    level = int(levels(whole_only=True, level=level))
    if level < 0:
        return mean - level
    at_least = float(special.pdtrc(level - 1, mean)) if level > 0 else 1.0
    return mean * at_least - level * float(special.pdtrc(level, mean))
