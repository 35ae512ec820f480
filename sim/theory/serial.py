"""Sites in series: two stages with local base stock, and the best echelon base-stock levels (Clark & Scarf)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.probability.laws import Poisson
from restock.sim.theory.inputs import above_zero, not_below_zero, whole
from restock.sim.theory.interval_demand import Demand, add, probabilities, probability_at_most
from restock.sim.theory.loss import complementary_loss, loss


class Stage(NamedTuple):
    """Share of demand served at once, mean units, and mean days a unit is delayed."""

    fill_rate: float
    mean_on_hand: float
    mean_backorders: float
    mean_delay: float


def two_stages(
    demand_rate: float, upstream_lead_time: float, downstream_lead_time: float, upstream_level: int,
    downstream_level: int,
) -> tuple[Stage, Stage]:  # fmt: skip
    """A DC that serves one store, both one-for-one under continuous review, Poisson demand: (DC, store), exact.

    The store's net stock is its level less what the DC owes, (X2 - S2)+, less Poisson demand of its own lead time;
    X2, on order at the DC, is Poisson. A DC without stock makes one stage with the sum of the lead times.

    Parameters
    ----------
    demand_rate : units a day
    upstream_lead_time, downstream_lead_time : days, constant, continuous time
    upstream_level, downstream_level : local base-stock levels, units

    Source: Zipkin (2000), Foundations of Inventory Management, chapter 8; Simon (1971), Operations Research 19(3),
    761-773.

    >>> dc, store = two_stages(4.0, 2, 1, 8, 6)
    >>> round(dc.mean_backorders, 6), round(store.fill_rate, 6)
    (1.116692, 0.608417)
    """
    above_zero(demand_rate=demand_rate, downstream_lead_time=downstream_lead_time)
    above_zero(upstream_lead_time=upstream_lead_time)
    whole(0, upstream_level=upstream_level, downstream_level=downstream_level)
    on_order = Poisson(demand_rate * upstream_lead_time).pmf()
    owed = np.append(on_order[: upstream_level + 1].sum(), on_order[upstream_level + 1 :])
    outstanding = add(owed, Poisson(demand_rate * downstream_lead_time).pmf())
    stages = []
    for p, level in ((on_order, upstream_level), (outstanding, downstream_level)):
        waiting, on_hand = float(loss(p, level)), float(complementary_loss(p, level))
        stages.append(Stage(probability_at_most(p, level - 1), on_hand, waiting, waiting / demand_rate))
    return stages[0], stages[1]


def best_echelon_levels(
    lead_time_demand: Sequence[Demand], echelon_holding_costs: Sequence[float], backorder_cost: float, unit: float = 1.0
) -> tuple[list[float], float]:
    """Echelon base-stock levels of least cost for sites in series, and that cost for each unit of time.

    Parameters
    ----------
    lead_time_demand : law of demand over each stage's lead time, the stage that serves customers first
    echelon_holding_costs : each stage's holding cost less that of the stage above it, in the same order (h_j)
    backorder_cost : money for a unit that customers wait for, for one unit of time (p)
    unit : size of one step of the laws; 0.01 for laws written in hundredths

    With g_0(x) = (p + sum of h) x-:  g_j(y) = E[h_j (y - D_j) + g_(j-1)(min(S_(j-1), y - D_j))],  S_j = argmin g_j.
    Source: Clark & Scarf (1960), Management Science 6(4), 475-490; Chen & Zheng (1994), Management Science 40(11),
    1426-1443; Snyder & Shen (2019), section 6.2, example 6.1.

    >>> from restock.sim.probability.laws import Poisson
    >>> levels, cost = best_echelon_levels([Poisson(5.0), Poisson(5.0)], [3, 2], 37)
    >>> levels, round(cost, 3)
    ([8.0, 14.0], 35.907)
    """
    lists = all(isinstance(given, Sequence) for given in (lead_time_demand, echelon_holding_costs))
    require(lists, "give the lead-time demands and the echelon holding costs as lists, one entry for each stage")
    require(len(lead_time_demand) == len(echelon_holding_costs) > 0, "give one echelon holding cost for each stage")
    above_zero(backorder_cost=backorder_cost, unit=unit)
    for cost in echelon_holding_costs:
        not_below_zero(echelon_holding_cost=cost)
    require(echelon_holding_costs[0] > 0 or len(echelon_holding_costs) > 1, "holding costs must not all be 0")
    laws = [probabilities(demand) for demand in lead_time_demand]
    reach = sum(len(p) for p in laws)
    x = np.arange(-2 * reach, reach + 1)  # echelon inventory level, in steps; what lies below is lost to the sums
    below = (backorder_cost + sum(echelon_holding_costs)) * np.maximum(-x, 0) * unit
    levels: list[float] = []
    for p, holding in zip(laws, echelon_holding_costs, strict=True):
        expected = np.convolve(holding * x * unit + below, p, mode="valid")
        x = x[len(p) - 1 :]
        best = int(expected.argmin())
        levels.append(float(x[best] * unit))
        below = np.where(np.arange(len(x)) <= best, expected, expected[best])
    return levels, float(expected[best])
