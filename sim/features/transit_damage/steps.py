"""Damage on the way in the event engine: a share of the morning's deliveries is written off at receipt."""

from __future__ import annotations

from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.engines.events.stock import Stock
from restock.sim.features.transit_damage.settings import DAMAGE


class DamageSteps(SiteSteps):
    """One site to which goods come damaged."""

    def kept(self, day: int, i: int) -> dict[str, int]:
        """Nothing: damage is seen and done with on the day."""
        return {}

    def arrived(self, day: int, i: int, stock: Stock) -> None:
        """Damaged units are off the order, and not on the shelf."""
        received = stock.today["received"]
        if received:
            share = int(self.world.features.transit_damage.share[i, self.n])
            damaged = self.draws.rounded(i, self.n, DAMAGE, day, received, share)
            stock.turn_down("damaged", damaged)
            self.note(day, i, "damaged", damaged, "morning")
