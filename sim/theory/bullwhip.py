"""Bullwhip: how forecasts and batches make orders vary more than demand does."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import special

from restock.sim.errors import require
from restock.sim.theory.inputs import above_zero, finite, not_below_zero, whole
from restock.sim.theory.loss import normal_loss


def moving_average_bullwhip(periods_covered: float, window: int, correlation: float = 0.0) -> float:
    """Var(orders) / Var(demand) of order-up-to with a moving average: 1 + (2 L / p + 2 L**2 / p**2)(1 - rho**p).

    Parameters
    ----------
    periods_covered : periods that the forecast multiplies (L): lead time plus review period
    window : periods in the average (p)
    correlation : of demand with that of the period before (rho); 0 for independent demand

    An equality while the safety stock is not estimated anew and negative orders are allowed, else a lower bound.
    Source: Chen, Drezner, Ryan & Simchi-Levi (2000), Management Science 46(3), 436-443, section 2.

    >>> round(moving_average_bullwhip(2, 5), 6)
    2.12
    """
    not_below_zero(periods_covered=periods_covered)
    whole(1, window=window)
    finite(correlation=correlation)
    require(-1 < correlation < 1, f"correlation must lie between -1 and 1, got {correlation}")
    share = periods_covered / window
    return 1 + (2 * share + 2 * share**2) * (1 - correlation**window)


def smoothing_bullwhip(periods_covered: float, smoothing: float) -> float:
    """The same with exponential smoothing and independent demand: 1 + 2 L a + 2 L**2 a**2 / (2 - a).

    `smoothing` (a): weight of the latest demand, 0 < a <= 1.
    Source: Chen, Ryan & Simchi-Levi (2000), Naval Research Logistics 47(4), 269-286.

    >>> round(smoothing_bullwhip(2, 1 / 3), 6), smoothing_bullwhip(1, 1)
    (2.866667, 5.0)
    """
    not_below_zero(periods_covered=periods_covered)
    finite(smoothing=smoothing)
    require(0 < smoothing <= 1, f"smoothing must lie above 0 and not above 1, got {smoothing}")
    return 1 + 2 * periods_covered * smoothing + 2 * (periods_covered * smoothing) ** 2 / (2 - smoothing)


def batching_bullwhip(mean: float, variance: float, days_between_orders: int) -> float:
    """Var(daily orders) / Var(daily demand) when every R-th day orders what sold since: 1 + (R - 1) mean**2 / variance.

    Source: Lee, Padmanabhan & Whang (1997), Management Science 43(4), 546-558 (order batching).

    >>> batching_bullwhip(5.0, 5.0, 7)
    31.0
    """
    not_below_zero(mean=mean)
    above_zero(variance=variance)
    whole(1, days_between_orders=days_between_orders)
    return 1 + (days_between_orders - 1) * mean**2 / variance


class LearnedTarget(NamedTuple):
    """Net stock at the end of a day, and how orders vary, when the mean has to be estimated."""

    standard_deviation: float
    no_backlog: float
    mean_on_hand: float
    mean_backorders: float
    order_variance_ratio: float


def moving_average_service(
    standard_deviation: float, lead_time: int, window: int | None, safety_stock: float
) -> LearnedTarget:
    """Base stock on a moving average of stationary normal demand: what estimating the mean costs in service.

    The target is L x mean of the last p demands + a fixed safety stock; the estimate and the demand it must cover are
    independent, so net stock is normal with variance L sd**2 + L**2 sd**2 / p. Negative orders are allowed.

    Parameters
    ----------
    standard_deviation : of a day's demand, units
    lead_time : days, at least 1 (restock's: a textbook's L + 1)
    window : days in the average (p); None where the mean is known
    safety_stock : units

    Source: variance of a sum of independent terms; orders as in `moving_average_bullwhip`, Chen et al. (2000).

    >>> round(moving_average_service(10, 3, 5, 1.645 * 10 * 3**0.5).no_backlog, 6)
    0.903283
    """
    above_zero(standard_deviation=standard_deviation)
    whole(1, lead_time=lead_time)
    finite(safety_stock=safety_stock)
    if window is not None:
        whole(1, window=window)
    error = 0.0 if window is None else lead_time**2 / window
    deviation = standard_deviation * math.sqrt(lead_time + error)
    waiting = float(normal_loss(safety_stock, 0.0, deviation))
    ratio = 1.0 if window is None else moving_average_bullwhip(lead_time, window)
    return LearnedTarget(deviation, float(special.ndtr(np.float64(safety_stock / deviation))), safety_stock + waiting,
                         waiting, ratio)  # fmt: skip
