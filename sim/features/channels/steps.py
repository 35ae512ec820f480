"""Channels in the event engine: see `settings` for what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from restock.sim.engines.events.between import BetweenSites
from restock.sim.engines.events.draws import day_indices
from restock.sim.engines.events.opening import state_of_cell, which_state
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.features.channels.draws import CHANNEL_SPLIT
from restock.sim.features.channels.measures import SLOTS, column

if TYPE_CHECKING:
    from restock.sim.engines.events.draws import Draws
    from restock.sim.engines.events.site import SiteProcess
    from restock.sim.engines.events.stock import Stock


def split_record(draws: Draws, i: int, n: int) -> np.ndarray:
    """Of a cell's recorded days, the units of each channel: (channels, days). Each has its share within one unit.

    The running share with a channel, rounded up or down by one draw a day, less what it came to before.
    """
    units = draws.demand(i, n)
    chance = draws.uniform(i, n, CHANNEL_SPLIT, day_indices(draws.days)).astype(object)
    running = [(units.astype(object) * int(upto) + chance) >> 32 for upto in draws.world.features.channels.upto[n]]
    before = [chance * 0, *running[:-1]]
    return np.array([now - then for now, then in zip(running, before, strict=True)], np.int64)


class ChannelSteps(SiteSteps):
    """The channels that one site serves."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        self.of = of = self.world.features.channels
        self.names = list(self.run.prepared.scenario.feature("channels").channels)
        self.here = [c for c in range(of.many) if of.here[self.n, c]]
        self.waits_for_others = any(of.from_stores[c] for c in self.here)
        self.recorded = self.world.history_kind != 0
        self.elsewhere = {i: split_record(self.draws, i, self.n).sum(axis=0) for i in site.items
                          if self.recorded and self.world.history_row[i, self.n] >= 0}  # fmt: skip
        self.asked_by = {(c, i): self._demand(c, i, reduced=False) for c in self.here for i in site.items}
        self.asked_reduced = {(c, i): self._demand(c, i, reduced=True) for c in self.here for i in site.items}
        cells = [(c, i) for c in self.here for i in site.items]
        self.unmet = dict.fromkeys(cells, 0)
        self.refused = dict.fromkeys(cells, 0)
        self.views = {cell: self._opening_view(*cell) for cell in cells if of.view_every[cell[0]]}

    def _demand(self, c: int, i: int, reduced: bool) -> np.ndarray:
        """Units that customers of a channel ask this site for on each day: the sum over the stores they would go to."""
        out = np.zeros(self.world.horizon, np.int64)
        for m in np.flatnonzero(self.of.at[:, c] == self.n).tolist():
            if self.recorded and self.world.history_row[i, m] >= 0:
                out += split_record(self.draws, i, m)[c]
            elif self.of.table[i, m, c] > 0:
                seasons = self.world.features.selling_seasons
                further = int(seasons.reduced_shift[i, m]) if reduced and seasons.used else 0
                out += self.draws.by_law(i, m, int(self.of.table[i, m, c]) + further, int(self.of.purpose[c]))
        return out

    def _opening_view(self, c: int, i: int) -> int:
        """What may be sold before the first refresh: what is on record; where a run goes on, what was left."""
        state = self.world.opening_state
        if self.of.views.size:
            return int(self.of.views[i, self.n, which_state(self.run), c])
        record = self.site.stock[i].record if not state.used else state_of_cell(self.run, i, self.n)["record"]
        return max(0, record - int(self.of.buffer[c]))

    def kept(self, day: int, i: int) -> dict[str, np.ndarray]:
        """The views of stock."""
        return {"channel_views": np.array([self.views.get((c, i), 0) for c in range(self.of.many)])}

    def keeps(self, i: int) -> int:
        """What stores may not have at night."""
        return int(self.of.keep[i, self.n])

    def serves(self, day: int, i: int, walk_ins: int) -> int | None:
        """Customers by rank; the units that those who walk in could not have."""
        stock, unmet = self.site.stock[i], 0
        if self.site.at_price(day, i) is not None and i in self.elsewhere:
            walk_ins -= int(self.elsewhere[i][day])
        for c in self.of.order.tolist():
            if c == self.of.many:
                unmet = stock.sell(walk_ins)
                stock.book["walk_in_asked"] += walk_ins
            elif c in self.here:
                self._serve(day, i, c, stock)
        return unmet

    def _serve(self, day: int, i: int, c: int, stock: Stock) -> None:
        """One channel: by its view of stock, or by the shelf; from what lies above its reserve."""
        asked = self._asked(day, i, c)
        accepted = asked
        if (c, i) in self.views:
            accepted = min(asked, self.views[c, i])
            self.views[c, i] -= accepted
        above = max(0, stock.on_hand - int(self.of.reserve[i, self.n, c])) if self.of.from_shelf[c] else 0
        handed = asked - stock.sell(asked, most=min(accepted, above))
        self.refused[c, i], self.unmet[c, i] = asked - accepted, accepted - handed
        self._book(i, c, asked=asked, handed_over=handed, refused=asked - accepted)
        for what, units in (("asked by", asked), ("handed to", handed), ("refused to", asked - accepted)):
            self.note(day, i, f"{what} {self.names[c]}", units, "trading")

    def _asked(self, day: int, i: int, c: int) -> int:
        """Units asked for today, at the price of this site."""
        reduced = self.site.at_price(day, i)
        if reduced is None:
            return 0
        return int((self.asked_reduced if reduced else self.asked_by)[c, i][day])

    def _book(self, i: int, c: int, **units: int) -> None:
        for what, quantity in units.items():
            self.site.stock[i].book[column(SLOTS[c], what)] += quantity

    def ship_from(self, giver: SiteProcess, day: int, i: int, c: int, units: int) -> None:
        """Units of a store go to customers of a channel."""
        stock, name = self.site.stock[i], self.names[c]
        giver.stock[i].give_away(units)
        giver.stock[i].book["sent_to_customers"] += units
        stock.sell_of_another(units)
        stock.book["got_for_customers"] += units
        self.unmet[c, i] -= units
        self._book(i, c, handed_over=units, from_stores=units)
        self.run.note(day, "pooling", giver.n, i, f"sent to customers of {name}", units)
        self.note(day, i, f"sent by {giver.name}", units, "pooling")

    def turned_away(self, day: int, i: int) -> None:
        """Customers of each channel who were not served wait, or are lost."""
        stock = self.site.stock[i]
        stock.book["walk_in_unmet"] += self.site.unmet[i]
        for c in self.here:
            unmet, waits = self.unmet[c, i], 0
            if (c, i) in self.views:
                waits = unmet if self.of.oversold_waits[c] else 0
                self._book(i, c, oversold=unmet)
                self.note(day, i, f"oversold to {self.names[c]}", unmet, "trading")
            else:
                purpose, share = int(self.of.waits_purpose[c]), int(self.of.share[i, c])
                waits = self.draws.waiting(i, self.n, day, unmet, share, purpose)
                self._book(i, c, waits=waits, lost=unmet - waits)
            stock.turn_away(unmet + self.refused[c, i], waits)
            self.note(day, i, "backordered", waits, "trading")
            self.note(day, i, "lost", unmet + self.refused[c, i] - waits, "trading")

    def counted(self, day: int, i: int, stock: Stock) -> None:
        """The day is closed and counted: what was refused and is there; then views of stock are refreshed."""
        for c in self.here:
            self._book(i, c, refused_there=min(self.refused[c, i], stock.on_hand))
            if (c, i) in self.views and (day + 1) % int(self.of.view_every[c]) == 0:
                self.views[c, i] = max(0, stock.record - int(self.of.buffer[c]))


class ShippingFromStores(BetweenSites):
    """Stores ship what a DC could not, when all customers who walk in were served."""

    def pooled(self, day: int) -> None:
        """Channel by channel, as listed; then it is told who is not served."""
        of = self.world.features.channels
        for c in np.flatnonzero(of.from_stores).tolist():
            for k, n in enumerate(of.dc.tolist()):
                givers = [self.run.sites[m] for m in of.giver[of.first_giver[k] : of.first_giver[k + 1]].tolist()]
                for i in self.run.sites[n].items:
                    self.ship(day, i, c, self.run.sites[n], givers)
        for n in of.dc.tolist():
            for i in self.run.sites[n].items:
                self.run.sites[n].turn_away(day, i)

    def ship(self, day: int, i: int, c: int, site: SiteProcess, givers: list[SiteProcess]) -> None:
        """Orders for one item: the largest surplus above its floor first, the first listed on ties."""
        transfers = self.world.features.transfers
        steps = site.features["channels"]
        assert isinstance(steps, ChannelSteps)
        able = [giver for giver in givers if transfers.takes_part[i, giver.n] and day < transfers.last_day[i]]
        surplus = [max(0, giver.stock[i].on_hand - int(transfers.floor[i, giver.n])) for giver in able]
        while steps.unmet.get((c, i), 0) > 0 and any(surplus):
            richest = surplus.index(max(surplus))
            units = min(surplus[richest], steps.unmet[c, i])
            surplus[richest] -= units
            steps.ship_from(able[richest], day, i, c, units)
