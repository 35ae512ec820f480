"""What is written down of wrong scans; what else is said of records stands in every run's books."""

from __future__ import annotations

from restock.sim.model.books import Books

WRONG_SCANS = Books(
    "wrong_scans",
    {
        "overbooked": "units by which wrong scans raised the record",
        "underbooked": "units by which wrong scans lowered the record",
    },
)
