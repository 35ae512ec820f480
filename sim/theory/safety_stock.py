"""Safety stock and reorder points from two moments, and the fill rate turned round into them."""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy import special

from restock.sim.theory.inputs import above_zero, finite, not_below_zero, share
from restock.sim.theory.loss import normal_loss


class SafetyStock(NamedTuple):
    """Standard deviation over the protection interval, safety stock, and the level that includes both; units."""

    standard_deviation: float
    safety_stock: float
    level: float


def safety_stock(
    demand_mean: float, demand_deviation: float, lead_time: float, safety_factor: float,
    lead_time_deviation: float = 0.0, review_period: float = 0.0,
) -> SafetyStock:  # fmt: skip
    """Safety stock z sqrt((R + L) sd**2 + mean**2 sd_L**2), and the reorder point or order-up-to level with it.

    Parameters
    ----------
    demand_mean, demand_deviation : of one day's demand, units
    lead_time, lead_time_deviation : days
    safety_factor : standard deviations (z); `safety_factor_for` gives it for a cycle service level
    review_period : days added to the lead time; 0 for continuous review. For restock's evening orders, where a level
        covers R - 1 + L days, give R - 1.

    Source: Silver, Pyke & Thomas (2017), Inventory and Production Management in Supply Chains, 4th ed., sections 6.7
    and 6.10; Hadley & Whitin (1963), chapter 3 (variance of demand during a random lead time).

    >>> [round(x, 4) for x in safety_stock(20, 6, 4, 1.6449, lead_time_deviation=1.5)]
    [32.311, 53.1483, 133.1483]
    """
    not_below_zero(demand_mean=demand_mean, demand_deviation=demand_deviation, lead_time=lead_time)
    not_below_zero(lead_time_deviation=lead_time_deviation, review_period=review_period)
    finite(safety_factor=safety_factor)
    days = review_period + lead_time
    deviation = math.sqrt(days * demand_deviation**2 + demand_mean**2 * lead_time_deviation**2)
    stock = safety_factor * deviation
    return SafetyStock(deviation, stock, days * demand_mean + stock)


def forecast_error_deviation(mean_absolute_deviation: float, days: float) -> float:
    """Standard deviation of forecast errors over some days, from a day's mean absolute deviation: 1.25 MAD sqrt(L).

    1.25 is sqrt(pi / 2) = 1.2533 for normal errors, rounded as it is in use.
    Source: Brown (1959), Statistical Forecasting for Inventory Control; Silver, Pyke & Thomas (2017), chapter 3.

    >>> forecast_error_deviation(5, 4)
    12.5
    """
    not_below_zero(mean_absolute_deviation=mean_absolute_deviation, days=days)
    return 1.25 * mean_absolute_deviation * math.sqrt(days)


def safety_factor_for(cycle_service_level: float) -> float:
    """Standard deviations (z) for a cycle service level, normal demand: Phi^-1.

    Source: Silver, Pyke & Thomas (2017), section 6.7, service measure P1.

    >>> round(safety_factor_for(0.95), 4)
    1.6449
    """
    share(cycle_service_level=cycle_service_level)
    return float(special.ndtri(cycle_service_level))


def safety_factor_for_fill_rate(target: float, standard_deviation: float, order_quantity: float) -> float:
    """Standard deviations (z) for a fill rate: sd G(z) = (1 - target) Q, the one-term form, solved by bisection.

    Parameters
    ----------
    target : fill rate, between 0 and 1
    standard_deviation : of demand over the protection interval, units
    order_quantity : units that a cycle serves (Q)

    The one-term form ignores what was short already when a delivery came: close at high service, too careful below
    (`base_stock.base_stock_level_for` inverts exactly). A low target may need no safety stock: z is then negative.
    Source: Silver, Pyke & Thomas (2017), section 6.7, service measure P2.

    >>> round(safety_factor_for_fill_rate(0.98, 10, 50), 4)
    0.9023
    """
    share(target=target)
    above_zero(standard_deviation=standard_deviation, order_quantity=order_quantity)
    short = (1 - target) * order_quantity
    low, high = -40.0, 40.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if short_in_cycle(middle, standard_deviation) > short else (low, middle)
    return (low + high) / 2


def short_in_cycle(safety_factor: float, standard_deviation: float) -> float:
    """Expected units short in a cycle with z standard deviations of safety stock: sd G(z).

    Source: Silver, Pyke & Thomas (2017), section 6.7 and appendix II.

    >>> round(short_in_cycle(0.9023, 10), 3)
    1.0
    """
    above_zero(standard_deviation=standard_deviation)
    finite(safety_factor=safety_factor)
    return float(normal_loss(safety_factor * standard_deviation, 0.0, standard_deviation))


def one_term_fill_rate(safety_factor: float, standard_deviation: float, order_quantity: float) -> float:
    """Fill rate by the one-term form: 1 - sd G(z) / Q.

    Source: Silver, Pyke & Thomas (2017), section 6.7, service measure P2.

    >>> round(one_term_fill_rate(0.5, 20 * 3**0.5, 100), 6)
    0.931481
    """
    above_zero(standard_deviation=standard_deviation, order_quantity=order_quantity)
    return 1 - short_in_cycle(safety_factor, standard_deviation) / order_quantity
