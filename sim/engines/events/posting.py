"""When what happened is posted, and so seen: the event engine's books as a policy sees them."""

from __future__ import annotations

from collections.abc import Mapping

from restock.sim.engines.events.stock import Posted, Stock


class Postings:
    """Books that are seen as they stand, every evening."""

    def __init__(self, stock: Mapping[int, Stock]) -> None:
        self.stock = stock
        self.last = {i: each.posted for i, each in stock.items()}

    def post(self, day: int, i: int) -> None:
        """The evening's posting of one item."""
        self.last[i] = self.stock[i].posted

    def seen(self, day: int, i: int) -> Posted:
        """What is seen on the evening of a day, the last that was posted; before the first, the book as it opened."""
        return self.last[i]

    def news(self, day: int, i: int) -> tuple[int, Posted] | None:
        """What is seen for the first time on this evening, and the day of which it is; None: nothing is."""
        return day, self.last[i]
