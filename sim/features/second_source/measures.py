"""What is written down of a second source: what was ordered there, and what that cost more than at the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restock.sim.model.books import Books, Fact, per_year, times, units

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario

PER_MONEY = 1_000_000  # what the second source costs is kept in whole millionths of money


def weights(scenario: Scenario, price: np.ndarray, cost: np.ndarray) -> dict[str, np.ndarray]:
    """Money is kept in millionths."""
    return {"of_second_source": np.full_like(price, 1 / PER_MONEY)}


SECOND = Books(
    "second_source",
    {
        "expedited": "units ordered from the second source",
        "expedited_lines": "order lines placed with the second source",
        "premium": "premium on these units, in millionths of money",
        "second_ordering": "cost of these order lines beyond that of lines on the first lane, in millionths of money",
        "second_transport": "cost of moving these units beyond that of the first lane, in millionths of money",
    },
    weight_names=("of_second_source",),
    weights=weights,
    facts={
        "expedited": units("expedited", words="units ordered from the second source"),
        "expedited_lines": times("expedited_lines", words="order lines placed with the second source"),
        "premium": Fact("premium on units ordered from the second source", "premium", "of_second_source"),
        "second_ordering": Fact("order lines with the second source, beyond lines with the first", "second_ordering",
                                "of_second_source"),
        "second_transport": Fact("transport from the second source, beyond that from the first", "second_transport",
                                 "of_second_source"),
    },
    measures={
        "expedited_units": per_year("units ordered from the second source", "expedited", unit="units/year", better=""),
        "expedited_orders": per_year("order lines placed with the second source", "expedited_lines",
                                     unit="orders/year", better=""),
        "premium_cost": per_year("premium on units ordered from the second source", "premium"),
    },
    ordering=("second_ordering",),
    transport=("second_transport",),
    costs=("premium",),
    money=("premium", "second_ordering", "second_transport"),
)  # fmt: skip
"""What lines and transport cost beyond those of the first lane joins the costs of ordering and of transport, which are
reckoned at the first lane's; both are written down with the order."""
