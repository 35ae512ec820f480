"""Risk pooling: what one stock for several stores saves, and what transfers between two stores do."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.theory.inputs import above_zero, finite, whole
from restock.sim.theory.interval_demand import Demand, mean_of, probabilities
from restock.sim.theory.loss import complementary_loss, loss
from restock.sim.theory.newsvendor import normal_newsvendor


class Pooling(NamedTuple):
    """Cost and safety stock of separate stocks and of one pooled stock, per period, and pooled / separate."""

    separate_cost: float
    pooled_cost: float
    ratio: float
    separate_safety_stock: float
    pooled_safety_stock: float


def pooled(
    stores: int, mean: float, standard_deviation: float, overage_cost: float, underage_cost: float,
    correlation: float = 0.0,
) -> Pooling:  # fmt: skip
    """Stores with normal demand of equal mean and deviation, served from their own stock or from one.

    Source: Eppen (1979), Management Science 25(5), 498-501: costs grow with n apart and with
    sqrt(n + n (n - 1) correlation) together.

    >>> round(pooled(4, 100, 30, 1, 9).ratio, 4), round(pooled(4, 100, 30, 1, 9, correlation=0.3).ratio, 4)
    (0.5, 0.6892)
    """
    whole(1, stores=stores)
    finite(correlation=correlation)
    lowest = -1 / (stores - 1) if stores > 1 else -1.0
    require(lowest <= correlation <= 1, f"correlation must lie between {lowest:g} and 1, got {correlation}")
    one = normal_newsvendor(mean, standard_deviation, overage_cost, underage_cost)
    growth = math.sqrt(stores * (1 + (stores - 1) * correlation))
    safety = float(one.quantity) - mean
    return Pooling(stores * one.cost, growth * one.cost, growth / stores, stores * safety, growth * safety)


def square_root_law(sites_before: float, sites_after: float) -> float:
    """Safety stock after / before when independent equal sites are merged: sqrt(after / before).

    Source: Maister (1976), International Journal of Physical Distribution 6(3), 124-134.

    >>> square_root_law(9, 1) == 1 / 3
    True
    """
    above_zero(sites_before=sites_before, sites_after=sites_after)
    return math.sqrt(sites_after / sites_before)


class Transfers(NamedTuple):
    """Expected units of one period for two stores that ship surplus to shortage after demand."""

    first_to_second: float
    second_to_first: float
    short_without: float
    short_with: float
    left_without: float
    left_with: float
    fill_without: float
    fill_with: float


def transfers(first: Demand, second: Demand, first_stock: int, second_stock: int) -> Transfers:
    """Two stores, one period: after demand, min(surplus, shortage) is transferred at once.

    Source: Robinson (1990), Operations Research 38(2), 278-295; an exact double sum over both demands.

    >>> from restock.sim.probability.laws import Poisson
    >>> found = transfers(Poisson(20.0), Poisson(20.0), 22, 22)
    >>> round(found.short_without, 6), round(found.short_with, 6)
    (1.958993, 1.041171)
    """
    whole(0, first_stock=first_stock, second_stock=second_stock)
    p, q = probabilities(first), probabilities(second)
    net_first, net_second = first_stock - np.arange(len(p)), second_stock - np.arange(len(q))

    def moved(giver: np.ndarray, weight: np.ndarray, taker: np.ndarray, other: np.ndarray) -> float:
        surplus, shortage = np.maximum(giver, 0), np.maximum(-taker, 0)
        return float(weight @ np.minimum.outer(surplus, shortage) @ other)

    there, back = moved(net_first, p, net_second, q), moved(net_second, q, net_first, p)
    short = float(loss(p, first_stock) + loss(q, second_stock))
    left = float(complementary_loss(p, first_stock) + complementary_loss(q, second_stock))
    mean, both = mean_of(p) + mean_of(q), there + back
    return Transfers(there, back, short, short - both, left, left - both, 1 - short / mean, 1 - (short - both) / mean)
