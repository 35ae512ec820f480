"""What features do in the event engine's day: steps at named points, on one site.

The points are those of `engines.points`. A step may read the flows of the day so far (`Stock.today`), so that
features need not know each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from restock.sim.engines.points import POINTS

if TYPE_CHECKING:
    from restock.sim.engines.events.allocation import Share
    from restock.sim.engines.events.posting import Postings
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.stock import Stock
    from restock.sim.planning.policy import View

Step = Callable[[int, int, "Stock"], None]


class SiteSteps:
    """A feature at one site. Each step is given the day, the item and the item's books."""

    def __init__(self, site: SiteProcess) -> None:
        self.site, self.run, self.n = site, site.run, site.n
        self.world, self.draws = site.run.prepared.world, site.run.draws

    def steps(self) -> dict[str, Step]:
        """The steps by their point: methods of that name."""
        return {point: getattr(self, point) for point in POINTS if hasattr(self, point)}

    meets_others = False  # whether it has the site meet others after trading and in the evening (see `between`)
    orders_wait = False  # whether the site's orders wait until all sites have decided (see `between`)
    waits_for_others = False  # whether others may serve its customers after trading

    def asked(self, day: int, i: int) -> int | None:
        """Units asked for today, where the feature knows better than the law; None: it does not."""
        return None

    def at_price(self, day: int, i: int) -> bool | None:
        """Whether the price is reduced today; None: nothing is asked for."""
        return False

    def serves(self, day: int, i: int, walk_ins: int) -> int | None:
        """Serve the day's customers; the units that those who walk in could not have. None: the feature does not."""
        return None

    def turned_away(self, day: int, i: int) -> None:
        """Customers who were not served leave, or wait: those whom the feature knows of."""

    def keeps(self, i: int) -> int:
        """Units that are not for the sites below."""
        return 0

    def may_order(self, day: int, i: int) -> bool:
        """Whether orders are taken today."""
        return True

    def reached(self, day: int) -> bool:
        """Whether the site that serves this one can send it anything tonight."""
        return True

    def pushes(self, day: int, i: int, below: list[SiteProcess]) -> list[int] | None:
        """Units that each of the sites below is sent tonight whatever it ordered; None: nothing is."""
        return None

    def shares(self, day: int, i: int, available: int, below: Sequence[SiteProcess]) -> list[int] | None:
        """What each of the sites below gets of too little; None: what the site's usual rule gives."""
        return None

    def sends(self, day: int, i: int, stock: Stock, ordered: int) -> int:
        """Units that an outside supplier ships tonight, of which so many were ordered tonight."""
        return ordered

    def cut(self, day: int, shares: Mapping[int, list[Share]]) -> None:
        """Take from what each item's sites below get tonight, by item, what limits do not let leave."""

    def arrives(self, day: int, i: int, shipment: int, arrival: int) -> int:
        """The morning on which a shipment comes that leaves on a day, the `shipment`-th of its item; else `arrival`."""
        return arrival

    def good(self, i: int, shipment: int, quantity: int, arrival: int) -> int:
        """Units of a shipment that will be taken in when it comes."""
        return quantity

    def view(self, day: int, i: int, view: View) -> View:
        """What a policy sees, with what the feature adds to it."""
        return view

    def placed(self, day: int, i: int, quantity: int) -> int:
        """What of an order, in whole packs, is placed."""
        return quantity

    def cut_orders(self, day: int, orders: dict[int, int]) -> None:
        """Change what the site decided to order tonight, by item, to what limits allow."""

    def orders_placed(self, day: int, orders: Mapping[int, int]) -> None:
        """Tonight's orders, by item, are about to enter the books."""

    def sent_elsewhere(self, day: int, i: int, quantity: int) -> int:
        """Of an order placed outside tonight, the units that the feature has sent on a way of its own."""
        return 0

    def takes_over(self, day: int, i: int) -> bool:
        """Whether the feature sends the whole of tonight's order on a way of its own."""
        return False

    def is_taken(self, day: int, i: int) -> bool:
        """Whether who usually delivers takes orders today."""
        return True

    def postings(self) -> Postings | None:
        """How books come to be seen, where it is not at once."""
        return None

    def kept(self, day: int, i: int) -> Mapping[str, Any] | None:
        """What the feature keeps of an item up to the morning of a day, for a run that goes on: whole numbers by name,
        of one shape for all cells. None: it does not say, and no run goes on from one that has it."""
        return None

    def note(self, day: int, i: int, what: str, quantity: int, phase: str = "closing", **always: Any) -> None:
        """Write a line into the event log."""
        self.run.note(day, phase, self.n, i, what, quantity, **always)
