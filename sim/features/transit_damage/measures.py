"""What is written down of goods damaged on their way."""

from __future__ import annotations

from restock.sim.model.books import Books, Fact, per_year, units

DAMAGED = Books(
    "transit_damage",
    {"damaged": "units damaged on their way and written off at receipt"},
    facts={
        "damaged_units": units("damaged", words="units damaged on their way"),
        "damage": Fact("units damaged on their way, at cost", "damaged", "cost"),
    },
    measures={
        "damaged_units": per_year("units damaged on their way", "damaged_units", unit="units/year"),
        "damage_cost": per_year("units damaged on their way, at cost", "damage"),
    },
    losses=("damage",),
    money=("damage",),
)
