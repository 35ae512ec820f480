"""Rationing: what each site should get of stock that is short, in fractional units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.theory.inputs import above_zero, not_below_zero


class Shares(NamedTuple):
    """Units for each site, and what is then equal among the sites that get any: days of supply, or units short."""

    units: np.ndarray
    level: float


def proportional_shares(available: float, orders: Sequence[float]) -> np.ndarray:
    """In proportion to the orders, never more than is ordered.

    Source: Cachon & Lariviere (1999), Management Science 45(8), 1091-1108 (proportional allocation).

    >>> proportional_shares(24, [12, 10, 8, 6]).round(4)
    array([8.    , 6.6667, 5.3333, 4.    ])
    """
    not_below_zero(available=available)
    asked = _numbers(orders)
    require(bool(np.all(asked >= 0) and asked.sum() > 0), "orders must be numbers not below 0, one of them above 0")
    return asked * min(1.0, available / asked.sum())


def equal_days_of_supply(available: float, stock: Sequence[float], rates: Sequence[float]) -> Shares:
    """Fair share: raise the sites with the fewest days of supply to a common number of days; nothing is taken away.

    Parameters
    ----------
    available : units to share
    stock : units that each site has, or has on its way
    rates : units a day, above 0

    Source: Jonsson & Silver (1987); de Kok & Fransoo (2003), Handbooks in Operations Research and Management Science
    11, chapter 12.

    >>> found = equal_days_of_supply(24, [2, 10, 6, 30], [4, 5, 2, 6])
    >>> found.units.round(4), round(found.level, 4)
    (array([13.2727,  9.0909,  1.6364,  0.    ]), 3.8182)
    """
    not_below_zero(available=available)
    has, rate = _numbers(stock), _numbers(rates)
    require(has.shape == rate.shape, f"give one rate for each site: got {len(rate)} rates for {len(has)} sites")
    for value in rate:
        above_zero(rate=value)
    days = has / rate
    order = np.argsort(days, kind="stable")
    raised, rates_below = np.cumsum(has[order]), np.cumsum(rate[order])
    levels = (available + raised) / rates_below  # if the first k sites share everything
    k = int(np.argmax(levels <= np.append(days[order][1:], np.inf)))  # the next site has more days already
    return Shares(np.maximum(0.0, levels[k] * rate - has), float(levels[k]))


def least_largest_shortfall(available: float, stock: Sequence[float], targets: Sequence[float]) -> Shares:
    """Make the largest shortfall to target as small as can be; `level` is that shortfall (below 0: all have more).

    Source: Cachon & Lariviere (1999), Management Science 45(8), 1091-1108 (linear allocation), with stock counted.

    >>> found = least_largest_shortfall(24, [2, 10, 6, 30], [20, 25, 10, 30])
    >>> found.units.tolist(), found.level
    ([13.5, 10.5, 0.0, 0.0], 4.5)
    """
    has, wanted = _numbers(stock), _numbers(targets)
    require(has.shape == wanted.shape, f"give one target for each site: got {len(wanted)} for {len(has)} sites")
    found = equal_days_of_supply(available, (has - wanted).tolist(), [1.0] * len(has))
    return Shares(found.units, -found.level)


def largest_shortfalls_first(available: int, owed: Sequence[int], shortfalls: Sequence[int]) -> list[int]:
    """The same in whole units, never more than is owed: of all units owed, those that are missed most.

    The j-th unit that a site gets is missed as much as it is short before it; ties go to the first listed.

    Source: Cachon & Lariviere (1999), Management Science 45(8), 1091-1108 (linear allocation), in whole units.

    >>> largest_shortfalls_first(24, [12, 10, 8, 6], [18, 15, 4, 0])
    [12, 10, 2, 0]
    """
    not_below_zero(available=available)
    missed = sorted((j - short, k) for k, short in enumerate(shortfalls) for j in range(owed[k]))
    getting = [k for _, k in missed[:available]]
    return [getting.count(k) for k in range(len(owed))]


def _numbers(given: Sequence[float]) -> np.ndarray:
    try:
        numbers = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        numbers = np.full(1, np.nan)
    require(numbers.ndim == 1 and len(numbers) > 0 and bool(np.all(np.isfinite(numbers))),
            f"give a number for each site, got {given}")  # fmt: skip
    return numbers
