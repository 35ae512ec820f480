"""What is written down of goods that went where there was too much."""

from __future__ import annotations

from restock.sim.model.books import Books, per_year, units

MISALLOCATED = Books(
    "misallocation",
    {
        "misallocated": "units shipped here on a day that ended above the overstock level, while another site of the "
        "same DC had turned customers away",
    },
    facts={
        "misallocated": units("misallocated", words="units shipped to a site with too much while another was short")
    },
    measures={
        "misallocated_units": per_year(
            "units shipped to a site that ended the day above its overstock level, while another of the same DC had "
            "turned customers away",
            "misallocated",
            unit="units/year",
        ),
    },
)
