"""What a site of the event engine has to do with those below it, beside their orders: what they have, and pushes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restock.sim.model.unit_limits import LARGEST_UNITS

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess


def seen_position(site: SiteProcess, day: int, i: int) -> int:
    """A site's inventory position by its book as it is seen.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.engines.events.engine import Run
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(days=1)
    >>> run = Run(shop, shop.plan(BaseStock(base_stock_level=20)), seed=1, replication=0).run()
    >>> run.sites[0].stock[0].order(7)
    >>> seen_position(run.sites[0], 0, 0)
    27
    """
    return site.stock[i].view(site.postings.seen(day, i), 0, 0).inventory_position


def position_below(site: SiteProcess, day: int, i: int) -> int:
    """Inventory positions of all sites below by their books, no further from 0 than a level may be.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.engines.events.engine import Run
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(days=1)
    >>> position_below(Run(shop, shop.plan(BaseStock(base_stock_level=20)), seed=1, replication=0).sites[0], 0, 0)
    0
    """
    if not site.below:
        return 0
    sites = [each for each in (site.run.sites[c] for c in site.below) if i in each.stock]
    units = sum(seen_position(each, day, i) + position_below(each, day, i) for each in sites)
    return min(max(units, -LARGEST_UNITS), LARGEST_UNITS)


def push(site: SiteProcess, day: int, i: int, below: list[SiteProcess]) -> list[int]:
    """What each site below is sent whatever it ordered: off what it is owed, and for the rest as if it had ordered.

    Features decide it.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.engines.events.engine import Run
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(days=1)
    >>> push(Run(shop, shop.plan(BaseStock(base_stock_level=20)), seed=1, replication=0).sites[0], 0, 0, [])
    []
    """
    decided = [each.pushes(day, i, below) for each in site.features.values()]
    pushed = next((units for units in decided if units is not None), [0] * len(below))
    for each, units in zip(below, pushed, strict=True):
        book = each.stock[i]
        unasked = max(0, units - book.owed)
        book.is_pushed(units, unasked)
        each.ordered_tonight[i] += unasked
        book.owed += unasked - units
        site.run.note(day, "evening", each.n, i, "pushed here", units)
    return pushed
