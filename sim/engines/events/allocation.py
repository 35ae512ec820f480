"""How a short site shares what it has (`engines.kernel.allocation` is the compiled counterpart)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess


@dataclass
class Share:
    """Units of an item that a site below gets tonight.

    >>> Share(None, units=3).units
    3
    """

    site: SiteProcess
    units: int


def proportional(available: int, owed: Sequence[int], day: int = 0) -> list[int]:
    """In proportion to what is owed, whole units, largest remainders first; ties rotate with the day.

    >>> proportional(24, [12, 10, 8, 6])
    [8, 7, 5, 4]
    """
    total, count = sum(owed), len(owed)
    shares = [available * units // total for units in owed]
    remainders = [available * units % total for units in owed]
    by_remainder = sorted(range(count), key=lambda k: (-remainders[k], (k - day) % count))
    for k in by_remainder[: available - sum(shares)]:
        shares[k] += 1
    return shares


def by_priority(available: int, owed: Sequence[int]) -> list[int]:
    """In full, in the order listed, until nothing is left.

    >>> by_priority(24, [12, 10, 8, 6])
    [12, 10, 2, 0]
    """
    shares: list[int] = []
    for units in owed:
        shares.append(min(units, available - sum(shares)))
    return shares


def fair_share(available: int, owed: Sequence[int], stock: Sequence[int], rates: Sequence[float]) -> list[int]:
    """Unit by unit to the site with the fewest days of supply, the first listed on ties; never more than is owed.

    `stock` is what a site has and what is on its way, less what its customers wait for; `rates` are units a day.
    Source: equal-days-of-supply allocation, Jonsson & Silver (1987), in whole units.

    >>> fair_share(24, [12, 10, 8, 6], [2, 10, 6, 30], [4.0, 5.0, 2.0, 6.0])
    [12, 10, 2, 0]
    """
    shares = [0] * len(owed)
    for _ in range(available):
        open_to = [k for k in range(len(owed)) if shares[k] < owed[k]]
        neediest = min(open_to, key=lambda k: (days_of_supply(stock[k] + shares[k], rates[k]), k))
        shares[neediest] += 1
    return shares


def days_of_supply(units: int, rate: float) -> float:
    """Days that stock lasts at the mean rate; very many where nothing is asked for."""
    return units / rate if rate > 0 else 1e300
