"""What is written down of suppliers and lanes that fail."""

from __future__ import annotations

from restock.sim.model.books import Books, Measure, average, per_year, times, units

OUTAGES = Books(
    "outages",
    {
        "held_days": "sum over days of units that outside suppliers hold: ordered, and not shipped yet",
        "supplier_down_nights": "nights on which the supplier was down",
        "supplier_nights": "nights of cells that outside suppliers deliver to",
    },
    facts={
        "held_days": units("held_days", words="units that outside suppliers hold, summed over days"),
        "supplier_down_nights": times("supplier_down_nights"),
        "supplier_nights": times("supplier_nights"),
    },
    measures={
        "held_at_suppliers": average("units ordered that outside suppliers hold", "held_days", "units"),
        "supplier_down_share": Measure("nights on which the supplier of a cell is down / nights", "share",
                                       ("supplier_down_nights",), ("supplier_nights",), better="lower"),
    },
)  # fmt: skip
ARRIVALS = Books(
    "arrivals",
    {"rejected": "units turned away at the door: bad, off the order, and not paid"},
    facts={"rejected": units("rejected", words="units turned away at the door")},
    measures={"rejected_units": per_year("units turned away at the door", "rejected", unit="units/year")},
)
