"""How a short site shares what it has (`engines.kernel.allocation` is the compiled counterpart)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess


@dataclass
class Share:
    """Units of an item that a site below gets tonight, and how many of them it is sent whatever it ordered.

    >>> Share(None, units=3).units
    3
    """

    site: SiteProcess
    units: int
    pushed: int = 0


def as_usual(site: SiteProcess, day: int, i: int, below: Sequence[SiteProcess], available: int) -> list[int]:
    """What each site below gets of too little, by the rule of the serving site.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.engines.events.engine import Run
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(days=1)
    >>> as_usual(Run(shop, shop.plan(BaseStock(base_stock_level=20)), seed=1, replication=0).sites[0], 0, 0, [], 3)
    []
    """
    owed = [each.stock[i].owed for each in below]
    rule = site.run.prepared.scenario.sites[site.n].allocation
    if rule == "priority":
        return by_priority(available, owed)
    if rule == "proportional":
        # sites that do not stock the item take part with nothing owed, so that ties rotate over all of them
        reached = [c for c in site.below if site.run.sites[c].is_reached(day)]
        place = {c: k for k, c in enumerate(reached)}
        everyone = [0] * len(reached)
        for each, units in zip(below, owed, strict=True):
            everyone[place[each.n]] = units
        shares = proportional(available, everyone, day) if any(everyone) else everyone
        return [shares[place[each.n]] for each in below]
    books = [each.stock[i] for each in below]
    stock = [book.on_hand + book.on_order - book.owed - book.waiting for book in books]
    rates = [float(site.run.prepared.world.daily_rate[i, each.n]) for each in below]
    return fair_share(available, owed, stock, rates)


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


def first_come(available: int, owed: Sequence[int], came: Sequence[int]) -> list[int]:
    """In full, the site that came first before the others, the first listed on ties, until nothing is left.

    >>> first_come(24, [12, 10, 8, 6], [7, 3, 3, 1])
    [0, 10, 8, 6]
    """
    shares, left = [0] * len(owed), available
    for k in sorted(range(len(owed)), key=lambda k: (came[k], k)):
        shares[k] = min(owed[k], left)
        left -= shares[k]
    return shares


def fair_share(available: int, owed: Sequence[int], stock: Sequence[int], rates: Sequence[float]) -> list[int]:
    """Unit by unit to the site with the fewest days of supply, the first listed on ties; never more than is owed.

    `stock` is what a site has and what is on its way, less what its customers wait for; `rates` are units a day.
    Source: equal-days-of-supply allocation, Jonsson & Silver (1987), in whole units.

    >>> fair_share(24, [12, 10, 8, 6], [2, 10, 6, 30], [4.0, 5.0, 2.0, 6.0])
    [12, 10, 2, 0]
    """
    shares = _before_some_day(available, owed, stock, rates)
    for _ in range(available - sum(shares)):
        open_to = [k for k in range(len(owed)) if shares[k] < owed[k]]
        neediest = min(open_to, key=lambda k: (days_of_supply(stock[k] + shares[k], rates[k]), k))
        shares[neediest] += 1
    return shares


def _before_some_day(available: int, owed: Sequence[int], stock: Sequence[int], rates: Sequence[float]) -> list[int]:
    """Where much is shared out, the units that make up so few days that all sites get theirs; the rest goes one by one.

    Of a number of days such that all units below it, and two a site more, are there, each site gets those well below.
    """
    if available < 100:
        return [0] * len(owed)

    def below(days: float, spare: int) -> list[int]:
        return [min(units, max(0, int(days * rate) - has + spare)) if rate > 0 else 0
                for units, has, rate in zip(owed, stock, rates, strict=True)]  # fmt: skip

    low, high = 0.0, 1e9
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(below(middle, 2)) <= available else (low, middle)
    return below(low, -2) if sum(below(low, 2)) <= available else [0] * len(owed)


def min_max_shortfall(available: int, owed: Sequence[int], shortfalls: Sequence[int]) -> list[int]:
    """Unit by unit to the site with the largest shortfall left, the first listed on ties; never more than is owed.

    Source: Cachon & Lariviere (1999), Management Science 45(8), 1091-1108 (linear allocation), in whole units.

    >>> min_max_shortfall(24, [12, 10, 8, 6], [20 - 2, 25 - 10, 10 - 6, 30 - 30])
    [12, 10, 2, 0]
    """
    shares = [0] * len(owed)
    if available >= 100:  # first all that is missed more than some number, which is there
        low, high = min(shortfalls) - max(owed, default=0), max(shortfalls)
        while low < high:
            level = (low + high) // 2
            more = [min(units, max(0, short - level)) for units, short in zip(owed, shortfalls, strict=True)]
            low, high = (low, level) if sum(more) <= available else (level + 1, high)
        shares = [min(units, max(0, short - low)) for units, short in zip(owed, shortfalls, strict=True)]
    for _ in range(available - sum(shares)):
        open_to = [k for k in range(len(owed)) if shares[k] < owed[k]]
        worst = max(open_to, key=lambda k: (shortfalls[k] - shares[k], -k))
        shares[worst] += 1
    return shares


def days_of_supply(units: int, rate: float) -> float:
    """Days that stock lasts at the mean rate; very many where nothing is asked for."""
    return units / rate if rate > 0 else 1e300
