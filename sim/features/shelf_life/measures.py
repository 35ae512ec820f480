"""What is written down of goods that do not keep."""

from __future__ import annotations

from restock.sim.model.books import Books, Fact, Measure, per_year, units

EXPIRED = Books(
    "shelf_life",
    {"expired": "units thrown away at the end of their shelf life"},
    facts={
        "expired_units": units("expired", words="units thrown away at the end of their shelf life"),
        "expired": Fact("units thrown away at the end of their shelf life, at cost", "expired", "cost"),
    },
    measures={
        "waste_rate": Measure("units thrown away at the end of their shelf life / units received where customers ask",
                              "share", ("expired_units",), ("received_to_sell",), better="lower"),
        "waste_cost": per_year("units thrown away at the end of their shelf life, at cost", "expired"),
    },
    losses=("expired",),
    money=("expired",),
)  # fmt: skip
