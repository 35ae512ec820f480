"""What is written down of returns: units brought back, and those of them that went back on the shelf."""

from __future__ import annotations

from restock.sim.model.books import Books, Fact, Measure, per_year, units

RETURNED = Books(
    "returns",
    {
        "returned": "units that customers brought back",
        "restocked": "units of these that went back on the shelf",
    },
    terms={"net_sold": {"returned": -1}, "scrapped": {"returned": 1, "restocked": -1}},
    facts={
        "returned": units("returned"),
        "refunds": Fact("units brought back, at price", "returned", "price"),
        "returns_write_off": Fact("units brought back and not fit for the shelf, at cost", "scrapped", "cost"),
    },
    measures={
        "return_rate": Measure("units brought back / units sold", "share", ("returned",), ("sold",)),
        "net_sales": per_year("units sold at the price paid - refunds", "net_revenue", "*revenue", better="higher"),
        "refunds": per_year("units brought back, at price", "refunds"),
        "returns_write_off_cost": per_year("units brought back and not fit for the shelf, at cost",
                                           "returns_write_off"),
    },
    losses=("returns_write_off",),
    money=("refunds", "returns_write_off"),
)  # fmt: skip
