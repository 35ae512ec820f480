"""The newsvendor: one purchase for one period of random demand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from restock.sim.theory.inputs import above_zero, finite, whole
from restock.sim.theory.interval_demand import Demand, mean_of, probabilities, probability_at_most
from restock.sim.theory.loss import complementary_loss, loss, normal_loss, unit_normal_loss


class Purchase(NamedTuple):
    """A quantity, its expected cost, the probability that it suffices, and the share of demand it serves."""

    quantity: float
    cost: float
    cycle_service_level: float
    fill_rate: float


def critical_ratio(overage_cost: float, underage_cost: float) -> float:
    """The service that pays: p / (p + h), the probability with which demand should be met in full.

    Parameters
    ----------
    overage_cost : money for a unit left over (h)
    underage_cost : money for a unit short (p)

    Source: Snyder & Shen (2019), section 4.3.2, equation (4.27).

    >>> critical_ratio(1, 4)
    0.8
    """
    above_zero(overage_cost=overage_cost, underage_cost=underage_cost)
    return underage_cost / (overage_cost + underage_cost)


def newsvendor(demand: Demand, overage_cost: float, underage_cost: float, quantity: int | None = None) -> Purchase:
    """The best whole quantity (or the quantity given) for any whole-number law: the least x with F(x) >= p / (p + h).

    Source: Snyder & Shen (2019), section 4.3.2 and equation (4.24), example 4.7 (without fixed cost).

    >>> from restock.sim.probability.laws import Poisson
    >>> [round(float(x), 4) for x in newsvendor(Poisson(6.0), 1, 4)]
    [8.0, 3.5701, 0.8472, 0.9477]
    """
    ratio, p = critical_ratio(overage_cost, underage_cost), probabilities(demand)
    if quantity is None:
        quantity = int(np.argmax(np.cumsum(p) >= min(ratio, p.sum()) - 1e-12))
    whole(0, quantity=quantity)
    short = float(loss(p, quantity))
    cost = overage_cost * float(complementary_loss(p, quantity)) + underage_cost * short
    mean = mean_of(p)
    return Purchase(quantity, cost, probability_at_most(p, quantity), 1 - short / mean if mean > 0 else 1.0)


def normal_newsvendor(
    mean: float, standard_deviation: float, overage_cost: float, underage_cost: float, quantity: float | None = None
) -> Purchase:
    """The same for normal demand: mean + z sd, z = Phi^-1(p / (p + h)); cost (h + p) phi(z) sd.

    Source: Snyder & Shen (2019), equations (4.30) and (4.37), example 4.3.

    >>> [round(float(x), 4) for x in normal_newsvendor(50, 8, 0.18, 0.70)]
    [56.604, 1.9976, 0.7955, 0.9816]
    """
    above_zero(mean=mean, standard_deviation=standard_deviation)
    ratio = critical_ratio(overage_cost, underage_cost)
    if quantity is None:
        quantity = mean + float(special.ndtri(ratio)) * standard_deviation
    finite(quantity=quantity)
    z = (quantity - mean) / standard_deviation
    short = float(normal_loss(quantity, mean, standard_deviation))
    left = standard_deviation * float(unit_normal_loss(-z))
    cost = overage_cost * left + underage_cost * short
    return Purchase(quantity, cost, float(special.ndtr(z)), 1 - short / mean)


def marginal_allocation(demands: Sequence[Demand], units: int) -> list[int]:
    """So many units over several places so that least demand is lost: those of the greatest chances of sale, whole.

    Ties go to the first place listed.
    Source: Fox (1966), Management Science 13(3), 210-216.

    >>> from restock.sim.probability.laws import Poisson
    >>> marginal_allocation([Poisson(3.0), Poisson(9.0), Poisson(18.0), Poisson(26.0)], 66)
    [4, 11, 21, 30]
    """
    whole(0, units=units)
    chances = [(-float(1 - at_most), k) for k, demand in enumerate(demands)
               for at_most in np.cumsum(probabilities(demand))]  # fmt: skip
    getting = [k for _, k in sorted(chances, key=lambda each: (round(each[0], 12), each[1]))[:units]]
    return [getting.count(k) for k in range(len(demands))]
