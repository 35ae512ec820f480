"""The least value of orders in the event engine."""

from __future__ import annotations

from restock.sim.engines.events.site_steps import SiteSteps


class TermSteps(SiteSteps):
    """One site to which some orders must come to something."""

    def kept(self, day: int, i: int) -> dict[str, int]:
        """Nothing: an order that is not placed is forgotten."""
        return {}

    def placed(self, day: int, i: int, quantity: int) -> int:
        """An order of less than the least value is not placed."""
        if 0 < quantity < int(self.world.features.order_terms.least[i, self.n]):
            self.site.stock[i].book["below_minimum"] += 1
            self.note(day, i, "not ordered, below the least value", quantity, "evening")
            return 0
        return quantity
