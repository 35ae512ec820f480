"""What is written down of limits that items share."""

from __future__ import annotations

from restock.sim.model.books import Books, Fact, Measure, average, per_year, units

LIMITS = Books(
    "limits",
    {
        "left_behind": "sum over nights of units that trucks, or what the site handles, left behind",
        "left_at_supplier": "sum over nights of units that a supplier could not ship for want of capacity",
        "truck_load": "volumes that came by truck",
        "truck_room": "volumes that these trucks could have taken, in thousandths: of all by the part of their load",
        "trucks": "trucks that these came by, in thousandths: by the part of their load",
        "truck_cost": "what they cost, in thousandths of money",
    },
    facts={
        "left_behind": units("left_behind", words="units left behind by trucks or handling, summed over nights"),
        "left_at_supplier": units("left_at_supplier", words="units left at suppliers that are full, over nights"),
        "truck_load": Fact("volumes that came by truck", "truck_load", "once"),
        "truck_room": Fact("volumes that the trucks could have taken", "truck_room", "once"),
        "trucks": Fact("trucks, in thousandths", "trucks", "once"),
        "truck_cost": Fact("cost of trucks, in thousandths of money", "truck_cost", "thousandth"),
    },
    weight_names=("thousandth",),
    weights=lambda scenario, price, cost: {"thousandth": 0.001 + 0.0 * price},
    measures={
        "left_behind_units": average("units left behind by full, waiting or held trucks", "left_behind", "units"),
        "left_at_supplier_units": average("units that suppliers hold for want of capacity", "left_at_supplier",
                                          "units"),
        "trucks_a_year": Measure("trucks that left", "trucks/year", ("trucks",), (), 1e-3),
        "truck_fill": Measure("volumes loaded / volumes of the trucks that left", "share", ("truck_load",),
                              ("truck_room",), 1e3, "higher"),
        "truck_cost": per_year("cost of trucks", "truck_cost"),
    },
    transport=("truck_cost",),
    money=("truck_cost",),
)  # fmt: skip
