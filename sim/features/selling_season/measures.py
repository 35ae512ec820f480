"""What is written down of seasons: units sold at a reduced price, and units cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restock.sim.model.books import Books, Fact, Measure, per_year, units

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario


def weights(scenario: Scenario, price: np.ndarray, cost: np.ndarray) -> dict[str, np.ndarray]:
    """What a percent off, and a cleared unit, is worth."""
    seasons = [scenario.feature("selling_seasons").of_item(item) for item in scenario.items]
    clearance = price * [0.0 if season is None else season.clearance_price for season in seasons]
    return {
        "point": price / 100,
        "point_off": -price / 100,
        "clearance": clearance,
        "clearance_gain": clearance - cost,
        "clearance_loss": np.maximum(cost - clearance, 0),
    }


SEASONAL = Books(
    "seasons",
    {
        "cleared": "units that left the shelf when their season ended",
        "marked_down": "units sold to customers at a reduced price",
        "markdown_points": "sum over these of the percent off",
    },
    terms={"paid": {"markdown_points": -100}},
    weight_names=("point", "point_off", "clearance", "clearance_gain", "clearance_loss"),
    weights=weights,
    facts={
        "price_reductions": Fact("what markdowns took off the price of units sold, as a negative number",
                                 "markdown_points", "point_off"),
        "marked_down": units("marked_down", words="units sold at a reduced price"),
        "markdown_loss": Fact("what markdowns took off the price of units sold", "markdown_points", "point"),
        "cleared": units("cleared", words="units cleared at the end of a season"),
        "clearance_revenue": Fact("what cleared units brought", "cleared", "clearance"),
        "clearance_margin": Fact("what cleared units brought - cost", "cleared", "clearance_gain"),
        "clearance_loss": Fact("cost of cleared units beyond what they brought, not below 0", "cleared",
                               "clearance_loss"),
    },
    measures={
        "marked_down_share": Measure("units sold at a reduced price / units sold", "share", ("marked_down",),
                                     ("sold",)),
        "markdown_cost": per_year("what markdowns took off the price of units sold", "markdown_loss"),
        "cleared_units": per_year("units cleared at the end of a season", "cleared", unit="units/year"),
        "clearance_revenue": per_year("what cleared units brought", "clearance_revenue", better=""),
        "clearance_cost": per_year("cost of cleared units beyond what they brought", "clearance_loss"),
    },
    revenue=("price_reductions",),
    margin=("clearance_margin",),
    losses=("markdown_loss", "clearance_loss"),
    money=("markdown_loss", "clearance_revenue", "clearance_loss"),
)  # fmt: skip
