"""Demand over the protection interval, and the safety stock that a service target asks for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from restock.sim.errors import require
from restock.sim.planning.knowledge import Knowledge


def over_protection_interval(known: Knowledge, review_period: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of demand over the protection interval, units, shape (items, sites).

    Orders go out in the evening: a level must cover R - 1 + L days of demand, R the longest time between reviews
    and L the lead time. Variance = (R - 1 + E[L]) Var(D) + E[D]**2 Var(L).

    Source: Silver, Pyke & Thomas (2017), Inventory and Production Management in Supply Chains, section 6.10,
    with R - 1 + L in place of R + L (their order comes before the day's demand, ours after it).
    """
    days = known.protection_interval(review_period)
    mean = known.demand_mean * days
    variance = known.demand_variance * days + known.demand_mean**2 * known.lead_time_variance
    return mean, np.sqrt(np.maximum(variance, 0))


def most_that_keeps(known: Knowledge) -> np.ndarray:
    """The highest level worth having, units, shape (items, sites): what is sold before it expires, on average.

    A unit ordered behind a position S is reached, oldest first, when S less the demand of the lead time has been sold:
    within its shelf life m if S is not above the mean demand of L + m days. Goods that keep, and sites that serve
    others (their stock does not age), have no such level: infinity.

    Source: Nahmias (2011), Perishable Inventory Systems, chapter 1 (an order beyond what sells within the life of the
    goods outdates for certain); the bound itself is Little's law for stock and pipeline.

    >>> from restock.sim.planning.example import one_shop
    >>> most_that_keeps(one_shop().known).tolist()
    [[inf], [inf]]
    """
    life = known.shelf_life.astype(float)
    level = np.floor(known.demand_mean * (known.lead_time_mean + life) + 1e-9)
    return np.where((life > 0) & (known.tier == 0), np.maximum(level, 1.0), np.inf)


def safety_factor_for_cycle_service(target: np.ndarray | float) -> np.ndarray:
    """Standard deviations (z) so that demand exceeds the level with probability 1 - target.

    >>> round(float(safety_factor_for_cycle_service(0.95)), 4)
    1.6449
    """
    return special.ndtri(np.asarray(target, dtype=float))


def unit_normal_loss(z: np.ndarray) -> np.ndarray:
    """Expected excess of a standard normal over z: G(z) = phi(z) - z (1 - Phi(z)).

    >>> round(float(unit_normal_loss(np.array(0.0))), 4)
    0.3989
    """
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) - z * special.ndtr(-z)


def safety_factor_for_fill_rate(target: np.ndarray, deviation: np.ndarray, order_quantity: np.ndarray) -> np.ndarray:
    """Standard deviations (z) so that the units short in a cycle are (1 - target) of the units it serves.

    Solves deviation * G(z) = (1 - target) * order_quantity.
    Source: Silver, Pyke & Thomas (2017), equation for service measure P2.

    >>> z = safety_factor_for_fill_rate(np.array(0.98), np.array(10.0), np.array(50.0))
    >>> round(float(10 * unit_normal_loss(z) / 50), 6)
    0.02
    """
    short = (1 - target) * order_quantity / np.maximum(deviation, 1e-12)
    return solve_falling(unit_normal_loss, short, -6.0, 8.0)


def solve_falling(
    function: Callable[[np.ndarray], np.ndarray], value: np.ndarray, low: float, high: float
) -> np.ndarray:
    """Where a falling function takes a value, by bisection; the nearer end where it does not."""
    below, above = np.full(np.shape(value), low), np.full(np.shape(value), high)
    for _ in range(60):
        middle = (below + above) / 2
        too_small = function(middle) < value
        above = np.where(too_small, middle, above)
        below = np.where(too_small, below, middle)
    return (below + above) / 2


def check_share(name: str, value: float) -> None:
    """A service target lies strictly between 0 and 1."""
    require(0 < value < 1, f"{name} must lie between 0 and 1, got {value}")
