"""Transfers between stores in the event engine: see `settings` for what they are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.engines.events.between import BetweenSites
from restock.sim.engines.events.draws import day_indices
from restock.sim.engines.events.opening import which_state
from restock.sim.engines.events.phases import MORNING, at
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.features.transfers.arrays import AHEAD
from restock.sim.features.transfers.draws import TRANSFER
from restock.sim.features.transfers.matching import even_cover, lines
from restock.sim.probability.guide_tables import quantiles
from restock.sim.probability.keyed_draws import draw

if TYPE_CHECKING:
    from restock.sim.engines.events.engine import Run
    from restock.sim.engines.events.site import SiteProcess


class StoreSteps(SiteSteps):
    """One store of a region: what is on its way to it from others."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        of = self.world.features.transfers
        self.meets_others = bool(of.region_of[self.n] >= 0)
        self.under_way = {i: Counter[int]() for i in site.items}  # units, by the day on which they come
        if of.under_way.size:  # a run goes on
            first, r = self.world.opening_state.first_day, which_state(self.run)
            for i in site.items:
                for ahead, units in enumerate(of.under_way[i, self.n, r].tolist()):
                    self.will_come(first + ahead, i, units)

    def kept(self, day: int, i: int) -> dict[str, np.ndarray]:
        """What is on its way, by how many days ahead it comes."""
        return {"transfers_under_way": np.array([self.under_way[i][day + ahead] for ahead in range(AHEAD)])}

    def will_come(self, arrival: int, i: int, units: int) -> None:
        """Units of another store are on their way, and come on a morning."""
        if units == 0:
            return
        self.under_way[i][arrival] += units
        if arrival < self.run.until:
            event = at(self.run.env, arrival, MORNING, site=self.n)
            event.callbacks.append(lambda _: self.take_over(arrival, i, units))  # type: ignore[union-attr]

    def take_over(self, day: int, i: int, units: int) -> None:
        """They come."""
        self.under_way[i][day] -= units
        self.site.stock[i].take_over(units)
        self.note(day, i, "came from other stores", units, "morning")

    def due_by(self, arrival: int, i: int) -> int:
        """Deliveries and transfers that come by the morning of a day, of those on their way."""
        both = (self.site.in_transit[i], self.under_way[i])
        return sum(units for way in both for day, units in way.items() if day <= arrival)


class RegionSteps(BetweenSites):
    """All regions of a run."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.of = self.world.features.transfers
        places = range(len(self.of.region_first) - 1)
        self.regions = [self.of.region_site[self.of.region_first[k] : self.of.region_first[k + 1]].tolist()
                        for k in places]  # fmt: skip
        indices = day_indices(np.arange(self.world.horizon))
        self.transit = {n: quantiles(self.world.tables, self.of.transit_table, self._uniform(n, indices))
                        for sites in self.regions for n in sites}  # fmt: skip

    def _uniform(self, n: int, indices: np.ndarray) -> np.ndarray:
        return draw(self.run.seed, self.run.replication, self.world.site_key[n], 0, TRANSFER, indices)

    def taking_part(self, sites: list[int], i: int, day: int) -> list[SiteProcess]:
        """The region's sites among which an item may be sent today."""
        if day >= self.of.last_day[i]:
            return []
        return [self.run.sites[n] for n in sites if self.of.takes_part[i, n]]

    def pooled(self, day: int) -> None:
        """Customers who were not served get units of other stores; then it is told who is short all the same."""
        for region in self.regions:
            for i in range(len(self.of.last_day)):
                sites = self.taking_part(region, i, day)
                if sites:
                    self.pool(day, i, sites)
            for site in (self.run.sites[n] for n in region):
                for i in site.items:
                    site.turn_away(day, i)

    def pool(self, day: int, i: int, sites: list[SiteProcess]) -> None:
        """One item in one region, after trading."""
        needs = [site.unmet[i] for site in sites]
        surplus = [max(0, site.stock[i].on_hand - int(self.of.floor[i, site.n])) for site in sites]
        moves = list(lines(needs, surplus, int(self.of.least)))
        for giver, to, units in moves if self.of.at_once else ():
            sites[giver].stock[i].give_away(units)
            sites[to].stock[i].sell_of_another(units)
            sites[to].stock[i].book["transfer_lines"] += 1
            sites[to].unmet[i] -= units
            surplus[giver] -= units
            self._note(day, i, sites[giver], sites[to], units, "pooling")
        for _, to, units in () if self.of.at_once else moves:
            sites[to].stock[i].book["could_have_moved"] += units
        for site in sites:
            site.stock[i].book["short_elsewhere"] += site.unmet[i] > 0 and max(surplus) > 0

    def balanced(self, day: int) -> None:
        """Books are posted; then goods leave, by cover or so that all cover the same."""
        of = self.of
        rebalances = of.rebalance_every > 0 and (day - of.rebalance_first) % of.rebalance_every == 0
        by_cover = of.overnight_every > 0 and (day + 1) % of.overnight_every == 0
        for region in self.regions:
            for site in (self.run.sites[n] for n in region):
                for i in site.items:
                    site.postings.post(day, i)
            for i in range(len(of.last_day)) if rebalances or by_cover else ():
                sites = self.taking_part(region, i, day)
                if sites:
                    self.balance(day, i, sites, rebalances)

    def balance(self, day: int, i: int, sites: list[SiteProcess], rebalances: bool) -> None:
        """One item in one region, in the evening: by what the record says, as it is seen."""
        of, arrival = self.of, {site.n: day + int(self.transit[site.n][day]) for site in sites}
        stock, here = [], []
        for site in sites:
            book, posted = site.stock[i], site.postings.seen(day, i)
            stock.append(book.seen_record(posted))
            not_posted = book.received_so_far - posted.received_so_far
            due = site.features["transfers"].due_by(arrival[site.n], i)  # type: ignore[attr-defined]
            here.append(stock[-1] + not_posted - posted.backorders + due)
        cells = [(i, site.n) for site in sites]
        spare = [stock[k] - int(of.floor[cell]) for k, cell in enumerate(cells)]
        if rebalances:
            targets = even_cover(here, [int(of.rate[cell]) for cell in cells], turn=day)
            needs = [max(0, target - units) for target, units in zip(targets, here, strict=True)]
            surplus = [max(0, min(here[k] - targets[k], spare[k])) for k in range(len(cells))]
        else:
            needs = [max(0, int(of.to[c]) - here[k]) if here[k] <= of.low[c] else 0 for k, c in enumerate(cells)]
            surplus = [max(0, min(here[k] - int(of.high[c]), spare[k])) for k, c in enumerate(cells)]
        for giver, to, units in lines(needs, surplus, int(of.least)):
            self.send(day, i, sites[giver], sites[to], units, arrival[sites[to].n])

    def send(self, day: int, i: int, giver: SiteProcess, to: SiteProcess, units: int, arrival: int) -> None:
        """A line leaves, as far as the goods are there; what is not is found out now, and dropped."""
        sent = min(units, giver.stock[i].on_hand)
        giver.stock[i].book["transfer_missing"] += units - sent
        self.run.note(day, "balancing", giver.n, i, "not there to be sent", units - sent)
        if sent:
            giver.stock[i].send(sent)
            to.stock[i].is_sent(sent)
            to.stock[i].book["transfer_lines"] += 1
            to.features["transfers"].will_come(arrival, i, sent)  # type: ignore[attr-defined]
            self._note(day, i, giver, to, sent, "balancing")

    def _note(self, day: int, i: int, giver: SiteProcess, to: SiteProcess, units: int, phase: str) -> None:
        """A transfer in the event log, at both stores."""
        self.run.note(day, phase, giver.n, i, f"sent to {to.name}", units)
        self.run.note(day, phase, to.n, i, f"sent by {giver.name}", units)
