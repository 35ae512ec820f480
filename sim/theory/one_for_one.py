"""One-for-one replenishment under continuous review (S - 1, S): Palm, Erlang and Little. Time is continuous here."""

from __future__ import annotations

from typing import NamedTuple

from restock.sim.probability.laws import Poisson
from restock.sim.theory.inputs import above_zero, not_below_zero, whole
from restock.sim.theory.interval_demand import probability_at_most
from restock.sim.theory.loss import complementary_loss, loss


class OneForOne(NamedTuple):
    """Shares of time and of demand, mean units, and days."""

    fill_rate: float
    mean_on_hand: float
    mean_backorders: float
    mean_wait: float
    no_stock: float


def one_for_one(demand_rate: float, mean_lead_time: float, base_stock_level: int) -> OneForOne:
    """Poisson demand, one unit ordered at each; unmet demand waits; lead times of any law, independent for each order.

    Units on order are Poisson with mean rate x mean lead time whatever the law of the lead time (Palm's theorem), and
    customers arriving see that law (Poisson arrivals see time averages): fill rate = P(on order <= S - 1).

    Parameters
    ----------
    demand_rate : units a day
    mean_lead_time : days
    base_stock_level : units (S)

    Source: Palm (1938), Ericsson Technics; Feeney & Sherbrooke (1966), Management Science 12(5), 391-411.

    >>> found = one_for_one(2.0, 3.0, 8)
    >>> round(found.fill_rate, 6), round(found.mean_backorders, 6)
    (0.74398, 0.314021)
    """
    above_zero(demand_rate=demand_rate, mean_lead_time=mean_lead_time)
    whole(0, base_stock_level=base_stock_level)
    on_order = Poisson(demand_rate * mean_lead_time).pmf()
    served = probability_at_most(on_order, base_stock_level - 1)
    waiting = float(loss(on_order, base_stock_level))
    on_hand = float(complementary_loss(on_order, base_stock_level))
    return OneForOne(served, on_hand, waiting, wait_by_little(waiting, demand_rate), 1 - served)


def wait_by_little(mean_number: float, rate: float) -> float:
    """Mean time in a system from the mean number in it and the rate of arrivals: W = L / rate.

    It holds for units waiting, on hand or on order alike: mean on order = order rate x mean lead time.
    Source: Little (1961), Operations Research 9(3), 383-387.

    >>> wait_by_little(10.0, 2.0)
    5.0
    """
    above_zero(rate=rate)
    not_below_zero(mean_number=mean_number)
    return mean_number / rate


def erlang_loss(offered_load: float, servers: int) -> float:
    """Share of arrivals that find all servers busy (Erlang B), by its recursion.

    Source: Erlang (1917), The Post Office Electrical Engineers' Journal 10, 189-197; B(c) = a B(c-1) / (c + a B(c-1)).

    >>> round(erlang_loss(6.0, 8), 6)
    0.121876
    """
    above_zero(offered_load=offered_load)
    whole(0, servers=servers)
    blocked = 1.0
    for c in range(1, int(servers) + 1):
        blocked = offered_load * blocked / (c + offered_load * blocked)
    return blocked


class LostSales(NamedTuple):
    """Shares and mean units; orders a day."""

    fill_rate: float
    mean_on_hand: float
    orders_per_day: float


def one_for_one_lost_sales(demand_rate: float, mean_lead_time: float, base_stock_level: int) -> LostSales:
    """The same where unmet demand is lost: units on order are the busy servers of Erlang's loss system.

    Source: Karush (1957), Operations Research 5(5), 693-703; insensitive to the law of the lead time.

    >>> [round(x, 6) for x in one_for_one_lost_sales(2.0, 3.0, 8)]
    [0.878124, 2.731255, 1.756248]
    """
    above_zero(demand_rate=demand_rate, mean_lead_time=mean_lead_time)
    whole(0, base_stock_level=base_stock_level)
    served = 1 - erlang_loss(demand_rate * mean_lead_time, base_stock_level)
    return LostSales(served, base_stock_level - served * demand_rate * mean_lead_time, served * demand_rate)
