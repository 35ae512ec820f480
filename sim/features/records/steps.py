"""Records in the event engine: units lost unseen, wrong scans, counts, and books that are seen late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.engines.events.draws import day_indices
from restock.sim.engines.events.opening import which_state
from restock.sim.engines.events.posting import Postings
from restock.sim.engines.events.site_steps import SiteSteps
from restock.sim.engines.events.stock import Posted, Stock
from restock.sim.features.records.arrays import PAST_DAYS, PAST_ROWS
from restock.sim.probability.guide_tables import FULL, quantiles
from restock.sim.probability.keyed_draws import COUNTING, SCAN_RECEIPTS, SCAN_SALES, SHRINKAGE

if TYPE_CHECKING:
    from restock.sim.engines.events.site import SiteProcess


class RecordSteps(SiteSteps):
    """One site whose record may differ from its stock."""

    def __init__(self, site: SiteProcess) -> None:
        super().__init__(site)
        self.of = self.world.features.records
        self.losses = {i: self.losses_of(i) for i in site.items}
        self.days_unsold = dict.fromkeys(site.items, 0)  # since customers were last handed something the day they asked
        self.late = LatePostings(site.stock, self.of.lag, self.of.reconcile_every) if self.of.delayed else None
        if self.of.days_unsold.size:  # a run goes on
            r = which_state(self.run)
            self.days_unsold = {i: int(self.of.days_unsold[i, self.n, r]) for i in site.items}
            if self.late:
                day = self.world.opening_state.first_day
                self.late.go_on(day, {i: self.of.past[i, self.n, r].tolist() for i in site.items})

    def kept(self, day: int, i: int) -> dict[str, Any]:
        """Days without a sale, and where the book is seen late, its last postings by day."""
        past = self.late.past(day, i) if self.late else np.zeros((PAST_DAYS, PAST_ROWS), np.int64)
        return {"days_unsold": self.days_unsold[i], "past": past}

    def losses_of(self, i: int) -> np.ndarray:
        """Units that would be lost unseen on each day of the horizon, were there enough."""
        uniform = self.draws.uniform(i, self.n, SHRINKAGE, day_indices(self.draws.days))
        return quantiles(self.world.tables, self.of.shrink_table[i, self.n], uniform)

    def postings(self) -> Postings | None:
        """Late, where they are."""
        return self.late

    def lost(self, day: int, i: int, stock: Stock) -> None:
        """Units disappear and nobody writes it down; never more than there are."""
        lost = min(int(self.losses[i][day]), stock.on_hand)
        stock.leave("shrunk", lost, booked=False)
        self.note(day, i, "shrunk", lost)

    def scanned(self, day: int, i: int, stock: Stock) -> None:
        """Some of the day's receipts and sales were scanned wrongly: the book is off, the goods are where they are."""
        receipts = self._misscanned(i, day, stock.today["arrived"], SCAN_RECEIPTS, int(self.of.receipts_misscanned))
        _misbook(stock, receipts)
        sales = self._misscanned(i, day, stock.handed_over, SCAN_SALES, int(self.of.sales_misscanned))
        _misbook(stock, -sales)
        stock.sold_so_far += sales
        for what, wrong in (("receipts", receipts), ("sales", sales)):
            self.note(day, i, f"{what} overscanned", max(0, wrong))
            self.note(day, i, f"{what} underscanned", max(0, -wrong))

    def _misscanned(self, i: int, day: int, units: int, purpose: int, share: int) -> int:
        """The share of the units, rounded up or down by one draw; booked too few or too many by another."""
        if units == 0 or share == 0:
            return 0
        chance, way = self.draws.uniform(i, self.n, purpose, np.array([2 * day, 2 * day + 1])).tolist()
        wrong: int = (units * share + chance) >> 32
        return -wrong if way < FULL // 2 else wrong

    def closed(self, day: int, i: int, stock: Stock) -> None:
        """A record that is too far off ends the run."""
        self.run.watch.at_closing(day, self.n, i, stock)

    def counted(self, day: int, i: int, stock: Stock) -> None:
        """On a count day the record becomes what is found; no goods move."""
        if not self._is_counted(day, i, stock):
            return
        before, found = stock.record, stock.on_hand + self._count_error(day, i, stock.on_hand)
        stock.book["counts"] += 1
        stock.book["written_off"] += max(0, before - found)
        stock.book["found"] += max(0, found - before)
        stock.record = found
        self.days_unsold[i] = 0
        if self.late:
            self.late.counted_today.add(i)
        self.note(day, i, "counted", found, "counting", always=True)
        self.note(day, i, "record set to", found, "counting", always=found != before)

    def _is_counted(self, day: int, i: int, stock: Stock) -> bool:
        """Whether today is a count day of everything, of this cell, or made one by what happened here."""
        world, of = self.world, self.of
        every, since_first = (
            int(of.count_every[i, self.n]),
            day - int(of.first_count[i, self.n]),
        )
        due = since_first >= 0 and since_first % every == 0
        due |= of.full_count_every > 0 and (day + 1) % of.full_count_every == 0
        if world.demand_table[i, self.n] >= 0 or world.history_row[i, self.n] >= 0:
            sold = stock.today["filled"] > 0
            self.days_unsold[i] = 0 if sold else self.days_unsold[i] + 1
            due |= 0 < of.count_unsold_after <= self.days_unsold[i]
            due |= of.zero_balance_walk > 0 and sold and stock.record <= 0
        return bool(due)

    def _count_error(self, day: int, i: int, on_hand: int) -> int:
        """By how many units a count is wrong: 0, or 1 up or down, never below 0 in all."""
        wrong = int(self.of.count_error)
        if wrong == 0:
            return 0
        chance = self.draws.on_day(i, self.n, COUNTING, day)
        if chance >= wrong:
            return 0
        return -min(on_hand, 1) if chance < wrong // 2 else 1


def _misbook(stock: Stock, change: int) -> None:
    """A wrong scan moves the record and no goods."""
    stock.record += change
    stock.book["overbooked"] += max(0, change)
    stock.book["underbooked"] += max(0, -change)


class LatePostings(Postings):
    """Books that are posted every so many days, and where a count was made, and seen some days later."""

    def __init__(self, stock: Mapping[int, Stock], lag: int, every: int) -> None:
        super().__init__(stock)
        self.lag, self.every = lag, every
        self.opened = dict(self.last)
        self.posted: dict[int, dict[int, Posted]] = {i: {} for i in stock}  # by day
        self.days: dict[int, list[int]] = {i: [] for i in stock}  # of postings
        self.counted_today: set[int] = set()

    def post(self, day: int, i: int) -> None:
        """On posting days, and where a count was made; else the book stays as it was posted."""
        posts = (day + 1) % self.every == 0 or i in self.counted_today
        before = self.posted[i].get(day - 1, self.opened[i])
        self.posted[i][day] = self.stock[i].posted if posts else before
        if posts:
            self.days[i].append(day)
        self.counted_today.discard(i)

    def seen(self, day: int, i: int) -> Posted:
        """The book as posted `lag` days before."""
        return self.posted[i][day - self.lag] if day >= self.lag else self.opened[i]

    def news(self, day: int, i: int) -> tuple[int, Posted] | None:
        """What was posted `lag` days before, if anything was."""
        then = day - self.lag
        return (then, self.posted[i][then]) if then in self.days[i][-8:] else None

    def past(self, day: int, i: int) -> np.ndarray:
        """The last postings before a day, int64 (day & 7, `PAST_ROWS`): a book, and days up to when it was posted."""
        out = np.zeros((PAST_DAYS, PAST_ROWS), np.int64)
        for then in range(max(0, day - PAST_DAYS), day):
            book, last = self.posted[i][then], max((d for d in self.days[i] if d <= then), default=-1)
            record = self.stock[i].seen_record(book)
            out[then % PAST_DAYS] = (record, *book[1:4], last + 1, book.restocked_so_far)
        return out

    def go_on(self, day: int, past: Mapping[int, list[list[int]]]) -> None:
        """Take up the postings that `past` gave."""
        for i, by_day in past.items():
            for then in range(max(0, day - PAST_DAYS), day):
                record, backorders, sold, received, last, restocked = by_day[then % PAST_DAYS]
                self.posted[i][then] = Posted(record, backorders, sold, received, restocked)
                if last == then + 1:
                    self.days[i].append(then)
