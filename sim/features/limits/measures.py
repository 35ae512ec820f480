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

SHELVES = Books(
    "shelves",
    {"no_shelf": "sum over evenings of units that were not ordered for want of room on the shelf"},
    facts={"no_shelf": units("no_shelf", words="units not ordered for want of room on the shelf, over evenings")},
    measures={
        "no_shelf_units": average("units not ordered for want of room on the shelf", "no_shelf", "units", better=""),
    },
)  # fmt: skip
JOINT_ORDERS = Books(
    "joint_orders",
    {
        "held_back": "sum over evenings of units that were not ordered because the joint order came to too little",
        "joined": "units ordered because another item of the source was",
        "filled_up": "units ordered so that a joint order came to its least volume",
        "joint_load": "volumes ordered on joint terms",
        "joint_orders": "joint orders that these were in, in thousandths: of all by the part of their load",
        "joint_cost": "what these cost, in thousandths of money",
    },
    facts={
        "held_back": units("held_back", words="units not ordered because a joint order came to too little"),
        "joined": units("joined", words="units ordered because another item of the source was"),
        "filled_up": units("filled_up", words="units ordered to fill up a joint order"),
        "joint_orders": Fact("joint orders, in thousandths", "joint_orders", "once"),
        "joint_cost": Fact("cost of joint orders, in thousandths of money", "joint_cost", "thousandth_of_order"),
    },
    weight_names=("thousandth_of_order",),
    weights=lambda scenario, price, cost: {"thousandth_of_order": 0.001 + 0.0 * price},
    measures={
        "held_back_units": average("units not ordered because a joint order came to too little", "held_back", "units",
                                   better=""),
        "joined_units": per_year("units ordered because another item of the source was", "joined", unit="units/year",
                                 better=""),
        "filled_up_units": per_year("units ordered to fill up a joint order", "filled_up", unit="units/year",
                                    better=""),
        "joint_orders_a_year": Measure("joint orders", "orders/year", ("joint_orders",), (), 1e-3),
        "joint_order_cost": per_year("cost of joint orders", "joint_cost"),
    },
    ordering=("joint_cost",),
    money=("joint_cost",),
)  # fmt: skip
SPACE_AND_BUDGETS = Books(
    "space_and_budgets",
    {
        "no_space": "sum over evenings of units that were not ordered for want of space at the site",
        "no_money": "sum over evenings of units that were not ordered because a budget was spent",
    },
    facts={
        "no_space": units("no_space", words="units not ordered for want of space, summed over evenings"),
        "no_money": units("no_money", words="units not ordered for want of money, summed over evenings"),
    },
    measures={
        "no_space_units": average("units not ordered for want of space", "no_space", "units", better=""),
        "no_money_units": average("units not ordered for want of money", "no_money", "units", better=""),
    },
)  # fmt: skip
