"""Allocation by need in the event engine: see `settings` for what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from restock.sim.engines.events import allocation as sharing
from restock.sim.engines.events.below import seen_position
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.engines.events.stock import Stock
from restock.sim.features.allocation.arrays import AS_THEY_COME, AS_USUAL, BY_DAYS, NO_TARGET
from restock.sim.features.allocation.draws import FIRST_COME

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess


class SharingSteps(SiteSteps):
    """One site that serves others."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        self.of = self.world.features.allocation
        self.way = int(self.of.way[self.n])

    def kept(self, day: int, i: int) -> dict[str, int]:
        """Nothing: what is shared out is shared out."""
        return {}

    def shares(self, day: int, i: int, available: int, below: Sequence[SiteProcess]) -> list[int] | None:
        """Unit by unit by need, where this site shares so."""
        if self.way == AS_USUAL:
            return None
        owed = [site.stock[i].owed for site in below]
        if self.way == AS_THEY_COME:
            came = [self.draws.on_day(i, site.n, FIRST_COME, day) for site in below]
            return sharing.first_come(available, owed, came)
        has = [self.position(day, i, site) for site in below]
        if self.way == BY_DAYS:
            return sharing.fair_share(available, owed, has, [float(self.world.daily_rate[i, site.n]) for site in below])
        targets = [int(self.of.target[i, site.n]) for site in below]
        short = [units if target == NO_TARGET else target - stock
                 for units, target, stock in zip(owed, targets, has, strict=True)]  # fmt: skip
        return sharing.min_max_shortfall(available, owed, short)

    def position(self, day: int, i: int, site: SiteProcess) -> int:
        """What a site below has or has on its way, less what is promised there; by its books, or as it is."""
        stock = site.stock[i]
        if self.of.sees_record[self.n]:
            return seen_position(site, day, i) - stock.owed
        return stock.on_hand + stock.on_order - stock.owed - stock.waiting

    def shipped(self, day: int, i: int, stock: Stock) -> None:
        """What left tonight for a site that has too much, while another turned customers away today."""
        if not self.of.told:
            return
        below = [self.run.sites[c] for c in self.site.below if i in self.run.sites[c].stock]
        turned_away = [site.n for site in below if site.stock[i].today["turned_away"]]
        for site in below:
            book, others_short = site.stock[i], any(n != site.n for n in turned_away)
            if others_short and book.on_hand > book.overstock_level:
                book.book["misallocated"] += book.today["sent_here"]
                self.note(day, i, f"sent to {site.name}, which had too much", book.today["sent_here"], "evening")
