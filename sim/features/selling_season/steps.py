"""Selling seasons in the event engine: prices, what is asked for at them, the buying window, clearance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from restock.sim.engines.events.opening import which_state
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.engines.events.stock import Stock

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess


class SeasonSteps(SiteSteps):
    """One site that has goods of a season."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        self.of = self.world.features.selling_seasons
        further = self.of.reduced_shift[:, self.n].tolist()
        self.demand_reduced = {i: self.draws.demand(i, self.n, further[i]) for i in site.items}
        self.reduced_from = {i: int(self.of.reduced_from[i]) for i in site.items}
        for i in site.items if self.of.opening_reduced.size else ():  # a run goes on
            self.reduced_from[i] = int(self.of.opening_reduced[i, self.n, which_state(self.run)])

    def kept(self, day: int, i: int) -> dict[str, int]:
        """The day from which the price is lower."""
        return {"reduced_from": self.reduced_from[i]}

    def week_starts(self, day: int, i: int, stock: Stock) -> None:
        """Too much on record for the days left brings the price down from today on."""
        if self.world.demand_table[i, self.n] < 0 and self.world.history_row[i, self.n] < 0:
            return
        left = int(self.of.season_end[i]) - day
        undecided = day < self.reduced_from[i] and day >= self.of.reduced_after[i]
        if undecided and left > 0 and stock.record > float(self.of.most_per_day[i, self.n]) * left:
            self.reduced_from[i] = day
            self.note(day, i, "percent off", int(self.of.percent_off[i]), "morning")

    def asked(self, day: int, i: int) -> int | None:
        """Nothing from the end of the season on; before, as the price of the day has it."""
        if day >= self.of.season_end[i]:
            return 0
        return int(self.demand_reduced[i][day]) if day >= self.reduced_from[i] else None

    def at_price(self, day: int, i: int) -> bool | None:
        """Whether the price is reduced today; None: the season is over."""
        return None if day >= self.of.season_end[i] else day >= self.reduced_from[i]

    def may_order(self, day: int, i: int) -> bool:
        """Whether outside suppliers, or the site that serves this one, take orders today."""
        if self.world.parent[self.n] >= 0:
            return bool(day < self.of.season_end[i])
        return bool(self.of.first_order[i] <= day <= self.of.last_order[i])

    def sold(self, day: int, i: int, stock: Stock) -> None:
        """What customers were handed today at a reduced price."""
        if day >= self.reduced_from[i]:
            stock.book["marked_down"] += stock.handed_over
            stock.book["markdown_points"] += stock.handed_over * int(self.of.percent_off[i])

    def cleared(self, day: int, i: int, stock: Stock) -> None:
        """The season is over: all that is there leaves."""
        if day >= self.of.season_end[i]:
            units = stock.on_hand
            stock.leave("cleared", units, booked=True)
            self.note(day, i, "cleared", units)
