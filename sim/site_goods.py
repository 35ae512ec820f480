"""The event engine's goods at a site beside what is sold and shipped: prices, returns, losses, clearance, expiry.

Each step is a few units of one item that move, and is noted in the log.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sim.features.shelf_life.shelf import Shelf

if TYPE_CHECKING:
    from sim.engine import Run
    from sim.features.unit_costs.layers import CostBooks
    from sim.stock import Stock


class SiteGoods:
    """The goods of one site through the days.

    Parameters
    ----------
    n : int
        Number of the site.
    items : list of int
    serves : bool
        Whether other sites are served from here.
    """

    def __init__(self, run: Run, n: int, items: list[int], serves: bool) -> None:
        self.run, self.n, self.items, self.serves = run, n, items, serves
        self.world, self.of = run.prepared.world, run.prepared.world.goods
        self.used = bool(self.of.returns or self.of.shelf or self.of.seasons)
        self.demand = {i: run.draws.demand(i, n) for i in items}
        self.demand_reduced = {i: run.draws.demand(i, n, reduced=True) for i in items} if self.of.seasons else {}
        self.losses = {i: run.draws.losses(i, n) for i in items} if self.world.records else {}
        self.coming = {i: Counter[int]() for i in items}  # units that customers will bring back, by day
        self.reduced_from = {i: int(self.of.reduced_from[i]) for i in items}

    def shelf(self, i: int, opening: int) -> Shelf | None:
        """Ages are kept of goods that do not keep, at sites that serve no other."""
        life = int(self.of.shelf_life[i])
        return Shelf(life, bool(self.of.freshest_first[i]), opening) if life and not self.serves else None

    def set_prices(self, day: int, stock: dict[int, Stock]) -> None:
        """On the first day of a week: too much on record for the days left brings the price down from today on."""
        asked = (self.world.demand_table[:, self.n] >= 0) | (self.world.history_row[:, self.n] >= 0)
        for i in (i for i in self.items if asked[i]):
            left = int(self.of.season_end[i]) - day
            undecided = day < self.reduced_from[i] and day >= self.of.reduced_after[i]
            if undecided and left > 0 and stock[i].record > float(self.of.most_per_day[i, self.n]) * left:
                self.reduced_from[i] = day
                self.run.note(day, "morning", self.n, i, "percent off", int(self.of.percent_off[i]))

    def asked(self, day: int, i: int) -> int:
        """Units asked for today."""
        reduced = self.of.seasons and day >= self.reduced_from[i]
        return int((self.demand_reduced if reduced else self.demand)[i][day])

    def may_order(self, day: int, i: int) -> bool:
        """Whether orders are taken today: by outside suppliers, or by the site that serves this one."""
        if self.world.parent[self.n] >= 0:
            return bool(day < self.of.season_end[i])
        return bool(self.of.first_order[i] <= day <= self.of.last_order[i])

    def close(self, day: int, i: int, stock: Stock, costs: CostBooks | None) -> None:
        """Closing: returns, then losses and wrong scans, then clearance, then expiry."""
        handed = stock.today["filled"] + stock.today["backorders_served"]
        if day >= self.reduced_from[i]:
            stock.sold_reduced(handed, int(self.of.percent_off[i]))
        self._come_back(day, i, stock, handed)
        if costs:
            costs.take_back(day, stock.today["returned"], stock.today["restocked"])
        before = stock.on_hand
        if self.losses:
            self._note(day, i, "shrunk", stock.shrink(int(self.losses[i][day])))
            self._misscan(day, i, stock, handed)
        if day >= self.of.season_end[i]:
            self._note(day, i, "cleared", stock.clear())
        self._note(day, i, "expired", stock.throw_away(day))
        if costs:
            costs.lose(before - stock.on_hand)

    def _come_back(self, day: int, i: int, stock: Stock, handed: int) -> None:
        """What is due today comes back; some of what was handed to customers today will come back later."""
        if handed and self.of.returns:
            units, lag = self.run.draws.returns(i, self.n, day, handed)
            self.coming[i][day + lag] += units
        returned = self.coming[i].pop(day, 0)
        restocked = self.run.draws.resalable(i, self.n, day, returned) if returned else 0
        stock.take_back(returned, restocked)
        self._note(day, i, "returned", returned)
        self._note(day, i, "back on the shelf", restocked)

    def _misscan(self, day: int, i: int, stock: Stock, sold: int) -> None:
        """Some of the day's receipts and sales were scanned wrongly: the book is off, the goods are where they are."""
        too_many = self.run.draws.receipts_misscanned(i, self.n, day, stock.today["received"])
        stock.misbook(too_many)
        sold_too_many = self.run.draws.sales_misscanned(i, self.n, day, sold)
        stock.misbook(-sold_too_many)
        stock.sold_so_far += sold_too_many
        for what, wrong in (("receipts", too_many), ("sales", sold_too_many)):
            self._note(day, i, f"{what} overscanned", max(0, wrong))
            self._note(day, i, f"{what} underscanned", max(0, -wrong))

    def _note(self, day: int, i: int, what: str, quantity: int) -> None:
        self.run.note(day, "closing", self.n, i, what, quantity)
