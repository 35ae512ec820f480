"""Pushes and cross-docks in the event engine: see `settings` for what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restock.sim.engines.events import allocation as sharing
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.features.push.arrays import BILLION, BY_CHANCE, BY_DAYS, NO_PUSH
from restock.sim.features.push.sharing import by_chance, in_proportion

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess


class PushSteps(SiteSteps):
    """One site, which may push, or be pushed to."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        self.of = self.world.features.push

    def kept(self, day: int, i: int) -> dict[str, int]:
        """Nothing: what is pushed is on order."""
        return {}

    def may_order(self, day: int, i: int) -> bool:
        """Where a cross-dock delivers, nobody orders."""
        return not self.of.crossed[self.n]

    def pushes(self, day: int, i: int, below: list[SiteProcess]) -> list[int] | None:
        """Units for each of the sites below tonight, whatever they ordered."""
        way, has = int(self.of.way[self.n, day]), self.site.may_share(i)
        units = has * int(self.of.share[self.n, day]) // BILLION
        if way == NO_PUSH or not below or not (self.of.crosses[self.n] or self.of.pushed[i]):
            return None
        books = [site.stock[i] for site in below]
        stock = [book.on_hand + book.on_order - book.owed - book.waiting for book in books]
        if way == BY_DAYS:
            rates = [float(self.world.daily_rate[i, site.n]) for site in below]
            return sharing.fair_share(units, [units] * len(below), stock, rates)
        if way == BY_CHANCE:
            return by_chance(units, stock, [self._chances(day, i, site.n) for site in below])
        return in_proportion(units, [int(self.of.rate[i, site.n]) for site in below])

    def _chances(self, day: int, i: int, n: int):  # type: ignore[no-untyped-def]
        place = (i, n, int(self.of.wave[self.n, day]))
        first, many = int(self.of.first_chance[place]), int(self.of.many_chances[place])
        return self.of.chances[first : first + many]
