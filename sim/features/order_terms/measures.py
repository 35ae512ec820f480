"""What is written down of the least value of orders."""

from __future__ import annotations

from restock.sim.model.books import Books, per_year, times

TERMS_OF_ORDERS = Books(
    "order_terms",
    {"below_minimum": "evenings on which an order was not placed, because it came to less than the least value"},
    facts={"below_minimum": times("below_minimum", words="orders not placed because they came to too little")},
    measures={
        "orders_below_minimum": per_year("orders not placed because they came to too little", "below_minimum",
                                         unit="orders/year", better=""),
    },
)  # fmt: skip
