"""Cost of goods sold and ending inventory by the layers of what was bought: FIFO, LIFO and average cost.

Units are listed one by one with their costs, oldest first, and taken from the list.

Sources: IAS 2 Inventories, paragraphs 25 to 27 (FIFO, weighted average; LIFO is not permitted there); US GAAP, ASC 330
(LIFO).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from restock.sim.errors import require, unknown

FLOWS = ("fifo", "lifo", "average")
Move = tuple[int, float]
"""Units bought, and the cost of each; or units sold, below 0, with any cost."""


class Costing(NamedTuple):
    """Cost of the goods sold, and of those that are left."""

    cogs: float
    ending_inventory: float


class Ratios(NamedTuple):
    """What a costing says of a period, with average inventory = (opening + ending) / 2."""

    cogs: float
    ending_inventory: float
    gross_margin: float
    turnover: float
    days_of_inventory: float
    gmroi: float


def perpetual(moves: Sequence[Move], flow: str) -> Costing:
    """Each sale is costed when it is made.

    >>> perpetual([(2, 10.0), (-1, 0), (1, 13.0), (-1, 0)], "lifo")
    Costing(cogs=23.0, ending_inventory=10.0)
    """
    if flow not in FLOWS:
        raise unknown("flow", flow, FLOWS)
    there: list[float] = []
    cogs = 0.0
    for units, cost in moves:
        if units >= 0:
            there += [float(cost)] * units
            continue
        units = -units
        require(units <= len(there), f"{units} units cannot be sold: {len(there)} are there")
        if flow == "average" and there:
            there = [sum(there) / len(there)] * len(there)
        first = len(there) - units if flow == "lifo" else 0
        cogs += sum(there[first : first + units])
        del there[first : first + units]
    return Costing(cogs, sum(there))


def periodic_lifo(moves: Sequence[Move]) -> Costing:
    """All sales of the period are costed at its end, as if everything had been bought before the first.

    >>> periodic_lifo([(2, 10.0), (-1, 0), (1, 13.0), (-1, 0)])
    Costing(cogs=23.0, ending_inventory=10.0)
    """
    return perpetual(sorted(moves, key=lambda move: move[0] < 0), "lifo")


def ratios(costing: Costing, revenue: float, opening_inventory: float, days: float = 365) -> Ratios:
    """Margin, turnover, days of inventory and GMROI of a period.

    >>> ratios(Costing(60.0, 20.0), revenue=100.0, opening_inventory=40.0).turnover
    2.0
    """
    average = (opening_inventory + costing.ending_inventory) / 2
    margin, turnover = revenue - costing.cogs, costing.cogs / average
    return Ratios(*costing, margin, turnover, days / turnover, margin / average)
