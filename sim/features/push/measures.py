"""What is written down of goods that are pushed."""

from __future__ import annotations

from restock.sim.model.books import Books, per_year, units

PUSHED = Books(
    "push",
    {
        "pushed": "units that the serving site sent here by its own decision, ordered or not",
        "pushed_unasked": "of these, units that nobody here had ordered; they count among those ordered",
    },
    facts={
        "pushed": units("pushed", words="units sent by the DC's own decision"),
        "pushed_unasked": units("pushed_unasked", words="of these, units that nobody had ordered"),
    },
    measures={
        "pushed_units": per_year("units sent by the DC's own decision", "pushed", unit="units/year", better=""),
        "pushed_unasked_units": per_year("of these, units that nobody had ordered", "pushed_unasked",
                                         unit="units/year", better=""),
    },
)  # fmt: skip
