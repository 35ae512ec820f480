"""What is written down of transfers, and of imbalance where nothing moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restock.sim.model.books import Books, Fact, Measure, per_year, times, units

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario


def weights(scenario: Scenario, price: np.ndarray, cost: np.ndarray) -> dict[str, np.ndarray]:
    """What a unit, and a line, costs to transfer."""
    of = scenario.feature("transfers")
    unit = np.array([item.counted_in for item in scenario.items])
    return {"transfer_unit": of.cost_per_unit * unit, "transfer_line": np.full_like(price, of.cost_per_line)}


TRANSFERS = Books(
    "transfers",
    {
        "transferred_in": "units that came from other stores",
        "transferred_out": "units that left for other stores",
        "filled_by_transfer": "of units served at once, those that came from another store the same day",
        "transfers_sent_here": "units that left other stores overnight for this one",
        "transfer_lines": "transfers to this store, of one item from one other store",
        "transfer_missing": "units that were to leave for other stores by the record, and were not there",
        "short_elsewhere": "days on which demand was short and another store of the region had stock above its floor",
        "could_have_moved": "units short on a day that other stores of the region had above their floors",
    },
    terms={
        "sent_to_stores": {"transferred_out": 1, "sent_to_customers": -1},
        "got_from_stores": {"transferred_in": 1, "got_for_customers": -1},
        "filled_by_stores": {"filled_by_transfer": 1, "got_for_customers": -1},
    },  # what stores ship to customers of channels is no transfer
    weight_names=("transfer_unit", "transfer_line"),
    weights=weights,
    facts={
        "transferred": units("sent_to_stores", words="units that left for other stores"),
        "transferred_in": units("got_from_stores", words="units that came from other stores"),
        "filled_by_transfer": units("filled_by_stores", "customers", "units served from another store the same day"),
        "transfer_lines": times("transfer_lines", words="transfers of one item from one store to another"),
        "transfer_missing": units("transfer_missing", words="units that were to be sent and were not there"),
        "short_elsewhere": times("short_elsewhere", "customers", "days short while another store had stock"),
        "could_have_moved": units("could_have_moved", "customers", "units short that other stores had"),
        "transfer_units_cost": Fact("cost of the units transferred", "sent_to_stores", "transfer_unit"),
        "transfer_lines_cost": Fact("cost of transfers by the line", "transfer_lines", "transfer_line"),
    },
    measures={
        "transferred_units": per_year("units sent from store to store", "transferred", unit="units/year", better=""),
        "transferred_in_units": per_year("units that came from other stores", "transferred_in", unit="units/year",
                                         better=""),
        "transfer_lines": per_year("transfers of one item from one store to another", "transfer_lines",
                                   unit="lines/year", better=""),
        "transfer_cost": per_year("cost of transfers, by unit and by line", "transfer_units_cost",
                                  "transfer_lines_cost"),
        "filled_by_transfer_share": Measure("units served at once from another store / units asked for", "share",
                                            ("filled_by_transfer",), ("demand",)),
        "transfer_missing_units": per_year("units that were to be sent by the record, and were not there",
                                           "transfer_missing", unit="units/year"),
        "short_elsewhere_share": Measure("days short while another store of the region had stock / days short", "share",
                                         ("short_elsewhere",), ("stockout_days",), better="lower"),
        "could_have_moved_units": per_year("units short that other stores of the region had above their floors",
                                           "could_have_moved", unit="units/year"),
    },
    costs=("transfer_units_cost", "transfer_lines_cost"),
    money=("transfer_units_cost", "transfer_lines_cost"),
)  # fmt: skip
