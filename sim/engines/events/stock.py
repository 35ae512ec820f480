"""The event engine's books for one cell: stock in small steps, each written down.

Every step keeps opening + received + restocked + transferred in = closing + sold + shipped + shrunk + expired + cleared
+ transferred out; a test says so for every cell and day. What units did today stands in `today`: received, arrived
(fit for the shelf), demand, filled, backorders_served, shipped, ordered, left (the shelf at closing), and what features
write there.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from restock.sim.planning.policy import View


class Posted(NamedTuple):
    """The book of a cell as it stood on an evening: what a policy sees, at once or late."""

    record: int
    backorders: int
    sold_so_far: int
    received_so_far: int
    restocked_so_far: int
    moved_so_far: int = 0


class Ages(Protocol):
    """Units by age, which are told of those that leave, and have them by the last day of sale."""

    units: dict[int, int]

    def take(self, quantity: int) -> None: ...
    def put(self, day: int, quantity: int) -> None: ...
    def throw_away(self, day: int) -> int: ...


@dataclass
class Stock:
    """One item at one site, in units."""

    on_hand: int  # on the shelf
    record: int  # what the system believes is on the shelf
    overstock_level: int
    on_order: int = 0  # ordered and not yet received
    waiting: int = 0  # customers' backorders
    owing: int = 0  # owed to the sites below
    owed: int = 0  # owed to this cell by the site that serves it
    sold_so_far: int = 0  # booked as handed over or shipped
    received_so_far: int = 0
    restocked_so_far: int = 0  # brought back, and put on the shelf
    moved_so_far: int = 0  # come from other stores, less sent to them, as automation had it
    shelf: Ages | None = None  # by age, where goods do not keep
    short_in_cycle: bool = False
    short_today: bool = False
    today: Counter[str] = field(default_factory=Counter)  # what flowed today
    book: Counter[str] = field(default_factory=Counter)  # ledger columns
    week_demand: int = 0
    week_ordered: int = 0

    @property
    def backorders(self) -> int:
        """What is promised to customers and to the sites below."""
        return self.waiting + self.owing

    @property
    def handed_over(self) -> int:
        """Units that customers were handed today: those of today, and those who had waited."""
        return self.today["filled"] + self.today["backorders_served"] - self.today["shipped"]

    @property
    def posted(self) -> Posted:
        """The book as it stands."""
        return Posted(self.record, self.backorders, self.sold_so_far, self.received_so_far, self.restocked_so_far,
                      self.moved_so_far)  # fmt: skip

    def view(self, seen: Posted, sold_before: int, day: int) -> View:
        """What a policy sees of the book as posted: of all orders, those not posted as received count as on order."""
        on_order, record = self.on_order + self.received_so_far - seen.received_so_far, self.seen_record(seen)
        position = record + on_order - seen.backorders
        return View(position, record, on_order, seen.backorders, seen.sold_so_far - sold_before, day)

    def seen_record(self, seen: Posted) -> int:
        """The record as posted, and what automation moved since: that it knows at once."""
        return seen.record + self.moved_so_far - seen.moved_so_far

    def flow(self, what: str, quantity: int) -> None:
        """Units that move are written down once, for the day and for the ledger."""
        self.today[what] += quantity
        self.book[what] += quantity

    def receive(self, quantity: int) -> None:
        """A delivery comes in."""
        self.on_hand += quantity
        self.record += quantity
        self.on_order -= quantity
        self.received_so_far += quantity
        self.flow("received", quantity)
        self.today["arrived"] += quantity

    def reject(self, quantity: int) -> None:
        """Bad units are turned away at the door: off the order, and never received."""
        self.on_order -= quantity
        self.flow("rejected", quantity)

    def turn_down(self, what: str, quantity: int) -> None:
        """Units of the morning's deliveries that are not fit for the shelf: received, and gone."""
        self.on_hand -= quantity
        self.record -= quantity
        self.today["arrived"] -= quantity
        self.flow(what, quantity)

    def end_cycle(self) -> None:
        """The day's deliveries are in: a replenishment cycle has ended."""
        self.book["cycles"] += 1
        self.book["cycles_in_stock"] += not self.short_in_cycle
        self.short_in_cycle = False

    def hand_over(self, quantity: int) -> int:
        """Give units to customers or to a truck; returns how many there were."""
        given = min(quantity, self.on_hand)
        self.on_hand -= given
        self.record -= given
        self.sold_so_far += given
        self._leave_shelf(given)
        return given

    def _leave_shelf(self, quantity: int) -> None:
        if self.shelf:
            self.shelf.take(quantity)

    def serve_waiting(self) -> int:
        """Serve customers' backorders."""
        served = self.hand_over(self.waiting)
        self.waiting -= served
        self.flow("backorders_served", served)
        return served

    def sell(self, demand: int, most: int | None = None) -> int:
        """Serve today's customers, with so many units at most; returns the units that could not be served."""
        sold = self.hand_over(demand if most is None else min(demand, most))
        self._note_flows(demand, sold)
        return demand - sold

    def note_demand(self, demand: int, filled: int) -> None:
        """Write down demand of the day and what of it was met the same day."""
        self._note_flows(demand, filled)
        self._note_short(demand - filled)

    def _note_flows(self, demand: int, filled: int) -> None:
        self.flow("demand", demand)
        self.flow("filled", filled)
        self.week_demand += demand

    def _note_short(self, unmet: int) -> None:
        if unmet > 0:
            self.short_today = self.short_in_cycle = True

    def turn_away(self, unmet: int, waits: int) -> None:
        """Of unmet demand, some customers wait, the others are lost."""
        self.today["turned_away"] += unmet
        self._note_short(unmet)
        self.waiting += waits
        self.book["lost"] += unmet - waits

    def leave(self, what: str, quantity: int, booked: bool, from_shelf: bool = True) -> None:
        """Units leave at closing, for another place than a customer's; `booked`: the record knows.

        `from_shelf`: units by age are yet to be told.
        """
        self.on_hand -= quantity
        self.record -= quantity * booked
        if from_shelf:
            self._leave_shelf(quantity)
        self.today["left"] += quantity
        self.flow(what, quantity)

    def take_back(self, returned: int, restocked: int) -> None:
        """Customers bring units back; some of them go back on the shelf."""
        self.on_hand += restocked
        self.record += restocked
        self.restocked_so_far += restocked
        self.flow("returned", returned)
        self.flow("restocked", restocked)

    def give_away(self, quantity: int) -> None:
        """Units leave for another store."""
        self.on_hand -= quantity
        self.record -= quantity
        self.flow("transferred_out", quantity)

    def sell_of_another(self, quantity: int) -> None:
        """Units of another store come, and are handed to today's customers."""
        self.sold_so_far += quantity
        self.flow("transferred_in", quantity)
        self.flow("filled", quantity)
        self.book["filled_by_transfer"] += quantity

    def send(self, quantity: int) -> None:
        """Units leave overnight for another store, as automation has it, which knows at once."""
        self.give_away(quantity)
        self.moved_so_far -= quantity

    def is_sent(self, quantity: int) -> None:
        """Units of another store are on their way here."""
        self.on_order += quantity
        self.book["transfers_sent_here"] += quantity

    def take_over(self, quantity: int) -> None:
        """Units of another store come in."""
        self.on_hand += quantity
        self.record += quantity
        self.on_order -= quantity
        self.moved_so_far += quantity
        self.flow("transferred_in", quantity)

    def note_forecast(self, forecast: float, demand: int, naive: int) -> None:
        """How far a forecast of today, and the naive one (yesterday's demand), were off: thousandths of a unit."""
        error = math.floor(1000.0 * (forecast - demand) + 0.5)
        self.book["forecast_days"] += 1
        self.book["forecast_demand"] += demand
        self.book["forecast_error"] += error
        self.book["forecast_abs_error"] += abs(error)
        self.book["naive_abs_error"] += 1000 * abs(demand - naive)

    def order(self, quantity: int) -> None:
        """An order is placed."""
        self.on_order += quantity
        self.week_ordered += quantity
        self.flow("ordered", quantity)
        self.book["orders"] += quantity > 0

    def is_pushed(self, quantity: int, unasked: int) -> None:
        """The serving site sends units by its own decision; those not owed are entered as an order of tonight."""
        self.on_order += unasked
        self.week_ordered += unasked
        self.book["orders"] += unasked > 0 and self.today["ordered"] == 0
        self.flow("ordered", unasked)
        self.book["pushed"] += quantity
        self.book["pushed_unasked"] += unasked

    def ship(self, quantity: int, late: int) -> None:
        """Units shipped to the sites below, `late` of them ordered before today."""
        self.flow("shipped", quantity)
        self.flow("backorders_served", late)

    def refuse(self) -> None:
        """What is owed to the sites below is cancelled."""
        self.book["refused"] += self.owing
        self.owing = 0

    def cancel(self, quantity: int) -> None:
        """The serving site strikes off what it cannot ship."""
        self.on_order -= quantity
        self.owed -= quantity
        self.book["cancelled"] += quantity

    def end_day(self) -> None:
        """Write down the day."""
        self.book["on_hand_days"] += self.on_hand
        self.book["on_order_days"] += self.on_order
        self.book["backorder_days"] += self.waiting
        self.book["owed_days"] += self.owing
        self.book["overstock_days"] += max(0, self.on_hand - self.overstock_level)
        self.book["demand_days"] += self.today["demand"] > 0
        self.book["stockout_days"] += self.short_today
        self.book["ready_days"] += self.on_hand > 0
        empty_on_shelf = self.on_hand == 0 and self.record > 0
        self.book["record_exact_days"] += self.record == self.on_hand
        self.book["record_error_days"] += abs(self.record - self.on_hand)
        self.book["phantom_days"] += empty_on_shelf
        self.book["freeze_days"] += empty_on_shelf and self.on_order == 0
        self.short_today = False
        self.today.clear()

    def end_week(self) -> None:
        """Write down the week's squares (for the bullwhip ratio)."""
        self.book["demand_squared"] += self.week_demand**2
        self.book["ordered_squared"] += self.week_ordered**2
        self.week_demand = self.week_ordered = 0

    def start_measuring(self) -> None:
        """Forget the warm-up, keep the state."""
        self.book.clear()
        for name, value in self._state().items():
            self.book[f"opening_{name}"] = value

    def stop_measuring(self) -> None:
        """Write down the closing state."""
        for name, value in self._state().items():
            self.book[f"closing_{name}"] = value

    def _state(self) -> dict[str, int]:
        return {
            "on_hand": self.on_hand,
            "on_order": self.on_order,
            "backorders": self.backorders,
            "record": self.record,
        }
