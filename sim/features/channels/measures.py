"""What is written down of channels: of those who walk in, of each channel by its place in the list, and of all."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.model.books import Books, Fact, Measure, per_year, units

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario

MOST_CHANNELS = 4
SLOTS = tuple(f"channel_{k}" for k in range(1, MOST_CHANNELS + 1))
PLACES = ("first", "second", "third", "fourth")
OF_SLOT = {
    "asked": "units asked for by the {} channel",
    "handed_over": "of these, units handed over or shipped to customers the same day",
    "waits": "of these, units that customers wait for, but for those oversold",
    "lost": "of these, units lost, but for those refused or oversold",
    "refused": "of these, units refused, as the view of stock had no more",
    "oversold": "of these, units accepted by the view of stock and not there",
    "refused_there": "of those refused, units that were on the shelf at closing",
    "from_stores": "of those handed over, units shipped from stores",
}
"""Columns of each channel, in the order in which the kernel writes them."""


def column(slot: str, what: str) -> str:
    """The ledger's column of a channel.

    >>> column(SLOTS[0], "asked")
    'channel_1_asked'
    """
    return f"{slot}_{what}"


def _weights(k: int, scenario: Scenario, price: np.ndarray, cost: np.ndarray) -> dict[str, np.ndarray]:
    """What a unit of the k-th channel costs, beyond the goods: handed over, oversold and cancelled, or late."""
    listed = list(scenario.feature("channels").channels.values())
    unit = np.array([item.counted_in for item in scenario.items])
    slot, here = SLOTS[k], listed[k] if k < len(listed) else None
    late = here is not None and here.oversold == "waits"
    return {
        f"{slot}_unit": unit * (here.cost_per_unit if here else 0.0),
        f"{slot}_late": unit * (here.cost_per_unit if here and late else 0.0),
        f"{slot}_oversell": unit * (here.oversell_cost if here else 0.0),
    }


def _books(k: int) -> Books:
    """Those of one channel."""
    slot, place = SLOTS[k], PLACES[k]
    of = {what: column(slot, what) for what in OF_SLOT}
    promised = f"{slot}_promised"
    words = f"of the {place} channel"
    return Books(
        slot,
        {of[what]: said.format(place) if what == "asked" else f"{words}: {said}" for what, said in OF_SLOT.items()},
        terms={promised: {of["handed_over"]: 1, of["waits"]: 1}},
        weight_names=(f"{slot}_unit", f"{slot}_late", f"{slot}_oversell"),
        weights=partial(_weights, k),
        facts={
            **{name: units(name, words=f"{words}: {what.replace('_', ' ')}") for what, name in of.items()},
            f"{slot}_unit_cost": Fact(f"cost of units handed over or promised, {words}", promised, f"{slot}_unit"),
            f"{slot}_late_cost": Fact(f"the same of units oversold that wait, {words}", of["oversold"], f"{slot}_late"),
            f"{slot}_oversell_cost": Fact(f"cost of units oversold and cancelled, {words}", of["oversold"],
                                          f"{slot}_oversell"),
        },
        measures={
            f"{slot}_fill_rate": Measure(f"units handed over the same day / units asked for, {words}", "share",
                                         (of["handed_over"],), (of["asked"],), better="higher"),
            f"{slot}_asked_units": per_year(f"units asked for {words}", of["asked"], unit="units/year", better=""),
            f"{slot}_lost_units": per_year(f"units lost {words}, refused and oversold apart", of["lost"],
                                           unit="units/year"),
            f"{slot}_waiting_units": per_year(f"units that customers {words} wait for, oversold apart", of["waits"],
                                              unit="units/year"),
            f"{slot}_refused_units": per_year(f"units refused {words}", of["refused"], unit="units/year"),
            f"{slot}_refused_there_units": per_year(f"units refused {words} that were on the shelf at closing",
                                                    of["refused_there"], unit="units/year"),
            f"{slot}_oversold_units": per_year(f"units accepted {words} and not there", of["oversold"],
                                               unit="units/year"),
            f"{slot}_from_stores_share": Measure(f"units shipped from stores / handed over the same day, {words}",
                                                 "share", (of["from_stores"],), (of["handed_over"],)),
            f"{slot}_cost": per_year(f"cost of handing over, and of overselling, {words}", f"{slot}_unit_cost",
                                     f"{slot}_late_cost", f"{slot}_oversell_cost"),
        },
        costs=(f"{slot}_unit_cost", f"{slot}_late_cost", f"{slot}_oversell_cost"),
        money=(f"{slot}_unit_cost", f"{slot}_late_cost", f"{slot}_oversell_cost"),
    )  # fmt: skip


def _of_all(what: str) -> tuple[str, ...]:
    return tuple(column(slot, what) for slot in SLOTS)


ALL_CHANNELS = Books(
    "channels",
    {
        "walk_in_asked": "units asked for by customers who walk in",
        "walk_in_unmet": "of these, units not served at once",
        "sent_to_customers": "units that left a store for customers of a channel that a DC serves",
        "got_for_customers": "units of stores that went to customers of a channel that this DC serves",
    },
    terms={
        "walk_in_filled": {"walk_in_asked": 1, "walk_in_unmet": -1},
        "channels_asked": dict.fromkeys(_of_all("asked"), 1),
        "channels_handed_over": dict.fromkeys(_of_all("handed_over"), 1),
    },
    facts={
        "walk_in_asked": units("walk_in_asked", words="units asked for by customers who walk in"),
        "walk_in_unmet": units("walk_in_unmet", words="units of these not served at once"),
        "walk_in_filled": units("walk_in_filled", words="units served at once to customers who walk in"),
        "sent_to_customers": units("sent_to_customers", words="units that left stores for customers of channels"),
        "asked_at_dc": units("channels_asked", "channels", "units asked for by channels where no other customer asks"),
        "filled_at_dc": units("channels_handed_over", "channels", "units of these handed over the same day"),
        "asked_value_at_dc": Fact("units asked for there, at price", "channels_asked", "price", "channels"),
        "filled_value_at_dc": Fact("units of these handed over, at price", "channels_handed_over", "price", "channels"),
    },
    measures={
        "walk_in_fill_rate": Measure("units served at once / units asked for, of those who walk in", "share",
                                     ("walk_in_filled",), ("walk_in_asked",), better="higher"),
        "walk_in_asked_units": per_year("units asked for by customers who walk in", "walk_in_asked", unit="units/year",
                                        better=""),
        "walk_in_unmet_units": per_year("units not served at once to those who walk in", "walk_in_unmet",
                                        unit="units/year"),
        "channel_fill_rate": Measure("units handed over the same day / units asked for, of all channels", "share",
                                     _of_all("handed_over"), _of_all("asked"), better="higher"),
        "refused_units": per_year("units refused by all channels", *_of_all("refused"), unit="units/year"),
        "refused_there_units": per_year("units refused by all channels that were on the shelf at closing",
                                        *_of_all("refused_there"), unit="units/year"),
        "oversold_units": per_year("units accepted by all channels and not there", *_of_all("oversold"),
                                   unit="units/year"),
        "from_stores_share": Measure("units shipped from stores / handed over the same day, of all channels", "share",
                                     _of_all("from_stores"), _of_all("handed_over")),
        "channel_cost": per_year("cost of handing over, and of overselling, of all channels",
                                 *(f"{slot}_{each}_cost" for slot in SLOTS for each in ("unit", "late", "oversell"))),
    },
    asked=("asked_at_dc",),
    filled=("filled_at_dc",),
    asked_value=("asked_value_at_dc",),
    filled_value=("filled_value_at_dc",),
)  # fmt: skip
BOOKS = (ALL_CHANNELS, *(_books(k) for k in range(MOST_CHANNELS)))
