"""The levels of a policy: whole numbers for each cell, the same on all days or changing by day; checked here."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from keyword import iskeyword
from typing import Any, NamedTuple

import numpy as np

from restock.sim.errors import InputError, require
from restock.sim.model.unit_limits import LARGEST_UNITS
from restock.sim.planning.knowledge import Knowledge
from restock.sim.read_only import read_only

LARGEST_LEVEL = LARGEST_UNITS


class ByDay(NamedTuple):
    """A level that changes by day: that of a cell on the t-th day simulated is `values[row_of, t]`.

    Parameters
    ----------
    values : ndarray of whole numbers, shape (rows, horizon)
        The first column is the first day of the warm-up: day d of a `View` is column d + known.world.warm_up.
    row_of : ndarray of whole numbers, shape (items, sites) or broadcast to it
        Which row each cell follows.

    >>> level = ByDay(values=np.array([[10, 12, 9]]), row_of=np.array([[0]]))
    >>> on_day(level, 1).tolist(), of_cell(level, i=0, n=0, day=2)
    ([[12]], 9)
    """

    values: np.ndarray
    row_of: np.ndarray


Level = np.ndarray | ByDay


def on_day(level: Level, day: int) -> np.ndarray:
    """The level of every cell on a day, shape (items, sites).

    >>> on_day(ByDay(np.array([[5, 6], [7, 8]]), np.array([[1], [0]])), 1).tolist()
    [[8], [6]]
    """
    return level.values[level.row_of, day] if isinstance(level, ByDay) else level


def of_cell(level: Level, i: int, n: int, day: int) -> int:
    """The level of one cell on a day."""
    return int(level.values[level.row_of[i, n], day] if isinstance(level, ByDay) else level[i, n])


def cells(level: Level, keep: Any) -> Level:
    """The level of some cells only.

    >>> cells(np.array([[4], [7]]), np.s_[1:]).tolist()
    [[7]]
    """
    return ByDay(level.values, level.row_of[keep]) if isinstance(level, ByDay) else level[keep]


def checked_levels(levels: Mapping[str, Any], policy: str, known: Knowledge) -> dict[str, Level]:
    """Levels as int32 arrays; refuses fractions, and a reorder point above the order-up-to level.

    >>> from restock.sim.planning.example import one_shop
    >>> checked_levels({"base_stock_level": 9.0}, "mine", one_shop().known)["base_stock_level"].tolist()
    [[9], [9]]
    """
    given = f"policy '{policy}': levels() must return names with numbers, as in {{'level': ...}}, got {levels!r:.60}"
    require(levels is None or isinstance(levels, Mapping), given)
    require(bool(levels), f"policy '{policy}' gives no levels; levels() must return at least one named level")
    for name in levels:
        good = isinstance(name, str) and name.isidentifier() and not iskeyword(name) and name[0] != "_"
        require(good, f"policy '{policy}': a level must have a name such as base_stock_level, got {name!r}")
    out = {
        name: by_day(given, name, policy, known)
        if isinstance(given, ByDay)
        else whole_numbers(given, name, policy, known)
        for name, given in levels.items()
    }
    if "reorder_point" in out and "order_up_to_level" in out:
        low, high = out["reorder_point"], out["order_up_to_level"]
        changes = any(isinstance(level, ByDay) for level in (low, high))
        for day in range(known.world.horizon if changes else 1):
            wrong = known.stocked & (on_day(low, day) > on_day(high, day))
            if wrong.any():
                i, n = (int(x) for x in np.argwhere(wrong)[0])
                when = f" on day {day - known.world.warm_up}" if changes else ""
                raise InputError(
                    f"reorder_point ({of_cell(low, i, n, day)}) must not exceed order_up_to_level "
                    f"({of_cell(high, i, n, day)}) {known.cell(i, n)}{when}, in policy '{policy}'"
                )
    return out


def by_day(given: ByDay, what: str, policy: str, known: Knowledge) -> ByDay:
    """A level that changes by day, checked; an error names the first cell where it is wrong."""
    values = numbers(given.values, what, policy)
    good = values.ndim == 2 and len(values) > 0 and values.shape[1] == known.world.horizon
    require(
        good,
        f"policy '{policy}': {what} has values of shape {values.shape}; "
        f"allowed: (rows, days simulated) = (any, {known.world.horizon})",
    )
    last = len(values) - 1
    row_of = whole_numbers(given.row_of, f"row_of of {what}", policy, known, least=0)
    require(bool(row_of.max() <= last), f"policy '{policy}': row_of of {what} must not exceed {last}, the last row")
    fine = np.isfinite(values) & (values == np.floor(values)) & (np.abs(values) <= LARGEST_LEVEL)
    wrong = known.stocked & ~fine.all(axis=1)[row_of]
    if wrong.any():
        i, n = (int(x) for x in np.argwhere(wrong)[0])
        day = int(np.argmin(fine[row_of[i, n]]))
        raise InputError(
            f"policy '{policy}': {what} must be a whole number from {-LARGEST_LEVEL:,} to {LARGEST_LEVEL:,}, "
            f"got {values[row_of[i, n], day]:g} {known.cell(i, n)} on day {day - known.world.warm_up}"
        )
    return ByDay(read_only(np.where(fine, values, 0).astype(np.int32)), row_of)


def whole_numbers(given: Any, what: str, policy: str, known: Knowledge, least: int = -LARGEST_LEVEL) -> np.ndarray:
    """An int32 array over cells, or an error that names the first cell where it is not.

    >>> from restock.sim.planning.example import one_shop
    >>> whole_numbers(7, "review_period", "mine", one_shop().known, least=1).tolist()
    [[7], [7]]
    """
    array = numbers(given, what, policy)
    try:
        array = np.broadcast_to(array, known.demand_mean.shape)
    except ValueError:
        raise InputError(
            f"policy '{policy}': {what} has shape {array.shape}; allowed: (items, sites) = {known.demand_mean.shape}"
        ) from None
    good = np.isfinite(array) & (array == np.floor(array)) & (array >= least) & (array <= LARGEST_LEVEL)
    good |= ~known.stocked
    if not good.all():
        i, n = np.argwhere(~good)[0]
        allowed = "a whole number" if least < 0 else f"a whole number not below {least}"
        allowed += f" and not above {LARGEST_LEVEL:,}" if array[i, n] > LARGEST_LEVEL else ""
        raise InputError(f"policy '{policy}': {what} must be {allowed}, got {array[i, n]:g} {known.cell(i, n)}")
    return read_only(np.where(known.stocked, array, max(least, 0)).astype(np.int32))


def numbers(given: Any, what: str, policy: str) -> np.ndarray:
    """An array of numbers, or an error that says what is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            return np.asarray(given, dtype=float)
    except (TypeError, ValueError, np.exceptions.ComplexWarning):
        raise InputError(f"policy '{policy}': {what} must be numbers for each cell, got {given!r:.60}") from None
