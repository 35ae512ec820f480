"""Economic order quantity: the lot that balances ordering and holding, demand known and even."""

from __future__ import annotations

import math
from typing import NamedTuple

from restock.sim.errors import require
from restock.sim.theory.inputs import above_zero, not_below_zero


class Lot(NamedTuple):
    """An order quantity (Q) in units, its cost per unit of time, and the orders placed per unit of time."""

    order_quantity: float
    cost: float
    orders: float


class BackorderedLot(NamedTuple):
    """The same where customers wait: and the share of each cycle in which they do."""

    order_quantity: float
    cost: float
    orders: float
    share_backordered: float


def economic_order_quantity(ordering_cost: float, holding_cost: float, demand_rate: float) -> Lot:
    """The best lot: Q = sqrt(2 K d / h), cost sqrt(2 K d h).

    Parameters
    ----------
    ordering_cost : money for each order (K)
    holding_cost : money for a unit held for one unit of time (h)
    demand_rate : units per unit of time (d), the same unit of time

    Source: Harris (1913), reprinted in Operations Research 38(6), 947-950; Snyder & Shen (2019), equations
    (3.4) and (3.5), example 3.1.

    >>> [round(x, 3) for x in economic_order_quantity(8, 0.225, 1300)]
    [304.047, 68.411, 4.276]
    """
    above_zero(ordering_cost=ordering_cost, holding_cost=holding_cost, demand_rate=demand_rate)
    quantity = math.sqrt(2 * ordering_cost * demand_rate / holding_cost)
    return Lot(quantity, lot_cost(quantity, ordering_cost, holding_cost, demand_rate), demand_rate / quantity)


def lot_cost(order_quantity: float, ordering_cost: float, holding_cost: float, demand_rate: float) -> float:
    """Cost of any lot per unit of time: K d / Q + h Q / 2.

    Source: Snyder & Shen (2019), section 3.2.

    >>> lot_cost(100, ordering_cost=8, holding_cost=0.225, demand_rate=1300)
    115.25
    """
    above_zero(order_quantity=order_quantity, ordering_cost=ordering_cost, demand_rate=demand_rate)
    not_below_zero(holding_cost=holding_cost)
    return ordering_cost * demand_rate / order_quantity + holding_cost * order_quantity / 2


def lot_cost_with_backorders(
    order_quantity: float, most_waiting: float, ordering_cost: float, holding_cost: float, demand_rate: float,
    backorder_cost: float,
) -> float:  # fmt: skip
    """Cost of any lot per unit of time where up to B customers wait: K d / Q + h (Q - B)**2 / (2 Q) + b B**2 / (2 Q).

    `most_waiting` (B): units that wait when a lot arrives; it then serves them first.
    Source: Hadley & Whitin (1963), Analysis of Inventory Systems, chapter 2; Snyder & Shen (2019), section 3.5.

    >>> round(lot_cost_with_backorders(311, 13, 8, 0.225, 1300, backorder_cost=5), 4)
    66.9227
    """
    above_zero(order_quantity=order_quantity)
    not_below_zero(most_waiting=most_waiting, holding_cost=holding_cost, backorder_cost=backorder_cost)
    within = f"most_waiting must not exceed order_quantity ({order_quantity}), got {most_waiting}"
    require(most_waiting <= order_quantity, within)
    ordering = lot_cost(order_quantity, ordering_cost, 0.0, demand_rate)
    unit_time = (holding_cost * (order_quantity - most_waiting) ** 2 + backorder_cost * most_waiting**2) / 2
    return ordering + unit_time / order_quantity


def economic_order_quantity_with_backorders(
    ordering_cost: float, holding_cost: float, demand_rate: float, backorder_cost: float
) -> BackorderedLot:
    """The best lot where customers may be made to wait: Q = sqrt(2 K d (h + b) / (h b)), share waiting h / (h + b).

    `backorder_cost` (b): money for one unit waiting for one unit of time.
    Source: Snyder & Shen (2019), equations (3.27)-(3.29), example 3.8.

    >>> [round(x, 3) for x in economic_order_quantity_with_backorders(8, 0.225, 1300, 5)]
    [310.813, 66.921, 4.183, 0.043]
    """
    above_zero(ordering_cost=ordering_cost, holding_cost=holding_cost, demand_rate=demand_rate)
    above_zero(backorder_cost=backorder_cost)
    waiting = holding_cost / (holding_cost + backorder_cost)
    quantity = math.sqrt(2 * ordering_cost * demand_rate / (holding_cost * (1 - waiting)))
    cost = lot_cost_with_backorders(
        quantity, waiting * quantity, ordering_cost, holding_cost, demand_rate, backorder_cost
    )
    return BackorderedLot(quantity, cost, demand_rate / quantity, waiting)
