"""What a scenario may start with, so that no sum of the kernel overflows: checked before a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from restock.sim.errors import InputError, require
from restock.sim.model.network import Item
from restock.sim.model.scenario import Scenario
from restock.sim.model.unit_limits import LARGEST_UNITS
from restock.sim.probability.laws import Law

MOST_ASKED = 2**29  # units that one cell's customers may ask for in a run, at most: sums of them stay within 32 bits


def most_units(scenario: Scenario, unit_cost: float) -> int:
    """Units that a cell may hold, order or owe on a day: a power of two less one.

    Fewer where the flow of costs is kept and a unit may cost very much (`unit_cost`, in ten-thousandths of money): the
    value of a cell's stock is summed over the days in 64 bits.
    """
    value_days = max(1, math.ceil(scenario.horizon * unit_cost))
    return min(LARGEST_UNITS, 2 ** max(0, (2**60 // value_days).bit_length() - 1) - 1)


def most_a_week(scenario: Scenario) -> int:
    """Units asked for or ordered in a week, which are squared and summed over weeks in 64 bits.

    The square of 2**31, which seven days at LARGEST_UNITS come to, would go in twice.
    """
    return math.isqrt((2**63 - 1) // (scenario.days // 7 + 1))


def opening_stock(scenario: Scenario, rate: np.ndarray, most: int) -> np.ndarray:
    """Units on hand on day 0, int32 (items, sites); refuses too many. Those of a state `opening_arrays` looks at."""
    if scenario.opening is not None:
        return np.array(getattr(scenario.opening, "on_hand", 0 * scenario.stocked), np.int32)
    stated = scenario.opening_stock is not None
    units: Any = scenario.opening_stock if stated else np.ceil(scenario.opening_days * rate - 1e-9)
    units = np.where(scenario.stocked, units, 0)
    if (units > most).any():
        i, n = (int(x) for x in np.argwhere(units > most)[0])
        item, site = scenario.items[i].name, scenario.sites[n].name
        how = "" if stated else f" (opening_days={scenario.opening_days:g})"
        given = f"the opening stock of item '{item}' at site '{site}' is {units[i, n]:,.0f} units{how}"
        raise InputError(f"{given}; allowed: at most {most:,}")
    return units.astype(np.int32)


def of_items(items: Sequence[Item], name: str, most: int) -> np.ndarray:
    """A whole number of each item, int32 (items, 1); refuses one that is too large."""
    for item in items:
        units = getattr(item, name)
        require(units <= most, f"{name} of item '{item.name}' is {units:,}; allowed: at most {most:,}")
    return np.array([getattr(item, name) for item in items], np.int32)[:, None]


def of_lanes(scenario: Scenario, of_lane: list[int]) -> np.ndarray:
    """What each lane has, at the cells it serves; 0 where the item is not stocked: int32 (items, sites).

    >>> from restock.sim.planning.example import one_shop
    >>> of_lanes(one_shop().scenario, [7]).tolist()
    [[7], [7]]
    """
    out = np.zeros(scenario.lane_of.shape, np.int32)
    out[scenario.stocked] = np.array(of_lane, np.int32)[scenario.lane_of[scenario.stocked]]
    return out


def lead_tables(scenario: Scenario, add_law: Callable[[Law], int]) -> np.ndarray:
    """The number of each cell's law of lead times, its item's own on the lane or the lane's; -1 where not stocked.

    >>> from restock.sim.planning.example import one_shop
    >>> lead_tables(one_shop().scenario, lambda law: 7).tolist()
    [[7], [7]]
    """
    out = np.full(scenario.lane_of.shape, -1, np.int32)
    of_lane = np.array([add_law(lane.lead_time) for lane in scenario.lanes], np.int32)
    out[scenario.stocked] = of_lane[scenario.lane_of[scenario.stocked]]
    place = {item.name: i for i, item in enumerate(scenario.items)}
    for k, lane in enumerate(scenario.lanes):
        for name, law in lane.lead_time_by_item.items():
            i = place[name]
            out[i, scenario.stocked[i] & (scenario.lane_of[i] == k)] = add_law(law)
    return out


def order_days(scenario: Scenario) -> np.ndarray:
    """Bits of the days on which each cell's lane takes orders, day 0's weekday the lowest: int32 (items, sites).

    >>> from restock.sim.planning.example import one_shop
    >>> order_days(one_shop().scenario).tolist()  # all seven
    [[127], [127]]
    """
    return days_of_orders(of_lanes(scenario, [lane.order_day_mask for lane in scenario.lanes]), scenario)


def days_of_orders(mask: Any, scenario: Scenario) -> Any:
    """Bits of weekdays, Monday the lowest, as bits of days, day 0's weekday the lowest: a number, or an array of them.

    >>> from restock.sim.planning.example import one_shop
    >>> days_of_orders(0b11, one_shop().scenario)  # day 0 is a Monday
    3
    """
    weekday = scenario.start.weekday()
    return ((mask >> weekday) | (mask << (7 - weekday))) & 127


def check_days(scenario: Scenario, most: int) -> None:
    """The customers of a cell, who ask for up to `most` units a day, cannot ask for more than MOST_ASKED in all.

    >>> from restock.sim.planning.example import one_shop
    >>> check_days(one_shop().scenario, most=40)
    """
    require(
        most * scenario.horizon <= MOST_ASKED,
        f"{scenario.horizon:,} days at up to {most:,} units a day come to more than {MOST_ASKED:,} units; "
        f"allowed for the largest demand of a cell: at most {MOST_ASKED // max(most, 1):,} days, warm-up included",
    )


class CannotBeMoved(InputError):
    """A law that cannot be: its number, and the factors that it was moved by.

    >>> CannotBeMoved(InputError("poisson: mean must not exceed 65535"), 3, mean=7.0, cv=1.0).by
    (7.0, 1.0)
    """

    def __init__(self, error: InputError, number: Any, mean: float, cv: float) -> None:
        super().__init__(
            f"{error}; with seasons, events and markdowns its mean is multiplied by {mean:g}, its variation by {cv:g}"
        )
        self.number, self.by = number, (mean, cv)
