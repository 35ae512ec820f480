"""What is written down of goods that are followed at cost: their value under FIFO, LIFO and moving average."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restock.sim.model.books import DAYS_OF_YEAR, Books, Fact, Measure, average, per_year

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario

PER_MONEY = 10_000  # costs are kept in whole ten-thousandths of money
COST_FLOWS = {"fifo": "first in, first out", "lifo": "last in, first out", "average": "at moving average cost"}
COST_COLUMNS = {
    "cogs": "units sold to customers",
    "shipped_value": "units shipped to the sites below",
    "loss_value": "units lost",
    "value_days": "sum over days of the stock at the end of the day",
    "opening_value": "stock when measuring starts",
    "closing_value": "stock at the end",
}


def weights(scenario: Scenario, price: np.ndarray, cost: np.ndarray) -> dict[str, np.ndarray]:
    """Values are kept in ten-thousandths of money."""
    return {"costed": np.full_like(price, 1 / PER_MONEY), "less_costed": np.full_like(price, -1 / PER_MONEY)}


def facts_of_flow(flow: str) -> dict[str, Fact]:
    """The facts of one flow of cost."""
    words = COST_FLOWS[flow]
    return {
        f"cogs_{flow}": Fact(f"units sold at cost, {words}", f"cogs_{flow}", "costed"),
        f"less_cogs_{flow}": Fact("the same, taken away", f"cogs_{flow}", "less_costed"),
        f"shipped_value_{flow}": Fact(
            f"units shipped to sites below at cost, {words}", f"shipped_value_{flow}", "costed", "none"
        ),
        f"value_days_{flow}": Fact(f"stock at cost, {words}, summed over days", f"value_days_{flow}", "costed"),
        f"closing_value_{flow}": Fact(f"stock at cost at the end, {words}", f"closing_value_{flow}", "costed"),
    }


def measures_of_flow(flow: str) -> dict[str, Measure]:
    """The measures of one flow of cost, by the name that they share."""
    words, sold, days = COST_FLOWS[flow], (f"cogs_{flow}",), (f"value_days_{flow}",)
    margin, out = (f"less_cogs_{flow}", "net_revenue", "*revenue"), (*sold, f"shipped_value_{flow}")
    return {
        "cogs": per_year(f"units sold at cost, {words}", *sold, better=""),
        "gross_margin": per_year(f"units sold at price - cost, {words}", *margin, better="higher"),
        "turnover": Measure(f"cost of goods sold a year / average stock at cost, {words}", "times/year", out, days,
                            DAYS_OF_YEAR, "higher"),
        "gmroi": Measure(f"gross margin a year / average stock at cost, {words}", "money/money", margin, days,
                         DAYS_OF_YEAR, "higher"),
        "average_inventory_value": average(f"stock at cost at the end of a day, {words}", days[0], "money"),
        "ending_inventory": Measure(f"stock at cost at the end, {words}", "money", (f"closing_value_{flow}",),
                                    per="run"),
    }  # fmt: skip


OF_COST_FLOW = {name: each._replace(words=each.words.removesuffix(f", {COST_FLOWS['fifo']}"))
                for name, each in measures_of_flow("fifo").items()}  # fmt: skip
"""Measures that each flow of cost has, by the name that they share: they end in `_fifo`, `_lifo` or `_average`."""
COSTED = Books(
    "cost_flow",
    {"received_value": "units delivered, at the cost of the day, in ten-thousandths of money"}
    | {
        f"{name}_{flow}": f"{words}, {flow_words}, in ten-thousandths of money"
        for name, words in COST_COLUMNS.items()
        for flow, flow_words in COST_FLOWS.items()
    },
    weight_names=("costed", "less_costed"),
    weights=weights,
    facts={name: fact for flow in COST_FLOWS for name, fact in facts_of_flow(flow).items()},
    measures={f"{name}_{flow}": each for flow in COST_FLOWS for name, each in measures_of_flow(flow).items()},
)
