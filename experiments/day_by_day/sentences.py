"""The days of one cell as sentences, read off the event engine's log: what happened, and what the policy made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from restock.sim.engines.events.engine import Review, Run

PHASES = ("morning", "trading", "pooling", "closing", "counting", "balancing", "evening", "night")
BETWEEN = ("pooling", "balancing")  # what stores do for each other; both may send units to the same store
ASKED_BY, TO_CUSTOMERS = "asked by ", "sent to customers of "
OF_CHANNEL = {
    "handed to ": "handed over",
    "refused to ": "refused, as the view of stock had no more",
    "oversold to ": "sold by the view of stock and not there",
}
BELOW_VALUE, SECOND = "not ordered, below the least value", "ordered from the second source"
Moved = Mapping[str, int]  # what the log says of the cell on one day


class Phase(NamedTuple):
    """A part of a day, and what happened in it."""

    name: str
    sentences: tuple[str, ...]


class CellDay(NamedTuple):
    """A day of one cell: its number (0 is the first that is measured), its date, its parts."""

    day: int
    date: str
    phases: tuple[Phase, ...]

    def lines(self) -> list[str]:
        """The day as it is printed."""
        lines = [f"Day {self.day}, {self.date}"]
        for phase in self.phases:
            first, *rest = phase.sentences
            lines += [f"  {phase.name:<9} {first}", *(f"  {'':<9} {each}" for each in rest)]
        return lines


def units(number: int) -> str:
    """A number of units in words.

    >>> units(1), units(1200)
    ('1 unit', '1,200 units')
    """
    return f"{number:,} unit{'s' * (number != 1)}"


def days_of(run: Run, item: str, site: str) -> list[CellDay]:
    """Every day of a cell, from a run with its log."""
    import datetime

    scenario = run.prepared.scenario
    i = [each.name for each in scenario.items].index(item)
    n = [each.name for each in scenario.sites].index(site)
    moved: dict[int, dict[str, int]] = {}
    for entry in run.log or ():
        if (entry.item, entry.site) == (item, site):
            of_day = moved.setdefault(entry.day, {})
            what = f"{entry.phase}: {entry.what}" if entry.phase in BETWEEN else entry.what
            of_day[what] = of_day.get(what, 0) + entry.quantity
    reviews = {each.day: each for each in run.reviews if (each.item, each.site) == (item, site)}
    number = int(run.plan.rule_of[i, n])
    names = list(run.plan.levels[number])
    out = []
    for state in run.daily:
        if (state.item, state.site) != (item, site):
            continue
        levels = dict(zip(names, run.plan.levels_at(number, i, n, state.day), strict=True))
        above = scenario.sites[n].served_by
        said = _day(moved.get(state.day, {}), reviews.get(state.day), state, levels, above, bool(run.sites[n].below))
        date = scenario.start + datetime.timedelta(state.day)
        phases = tuple(Phase(name, tuple(said[name])) for name in PHASES if said[name])
        out.append(CellDay(state.day - scenario.warm_up, f"{date:%A} {date}", phases))
    return out


def _day(moved: Moved, review: Review | None, state: Any, levels: Mapping[str, int], above: str | None,
         serves: bool) -> dict[str, list[str]]:  # fmt: skip
    """Sentences of each phase."""
    evening = [] if not serves else _shipping(moved, state)
    if review is None:
        evening.append("No review is due tonight: nothing is ordered.")
    else:
        evening += decision(review, levels, moved.get(BELOW_VALUE, 0))
    if moved.get(SECOND):
        evening.append(f"From the second source it orders {units(moved[SECOND])}.")
    if moved.get("shipped to"):
        source = f"'{above}' sends" if above else "The supplier sends"
        evening.append(f"{source} {units(moved['shipped to'])} tonight.")
    if moved.get("held by the supplier"):
        evening.append(f"The supplier holds {units(moved['held by the supplier'])} that it does not send yet.")
    if moved.get("cancelled"):
        evening.append(f"{units(moved['cancelled'])} that could not be sent are struck off.")
    return {
        "morning": _each(moved, MORNING) or ["No delivery came."],
        "trading": _trading(moved) if "demand" in moved or not serves else [],
        "pooling": _pooling(moved),
        "closing": _each(moved, CLOSING),
        "counting": _counting(moved),
        "balancing": _to_and_from(moved, "balancing", BALANCING),
        "evening": evening,
        "night": _night(state),
    }


def _each(moved: Moved, said: Mapping[str, Callable[[str], str]]) -> list[str]:
    return [words(units(moved[what])) for what, words in said.items() if moved.get(what)]


MORNING: dict[str, Callable[[str], str]] = {
    "received": lambda n: f"A delivery of {n} came in.",
    "rejected": lambda n: f"{n} came bad, and were turned away at the door: they are off the order.",
    "came from other stores": lambda n: f"{n} came from other stores.",
    "damaged": lambda n: f"Of it {n} came damaged, and are written off.",
    "percent off": lambda n: f"The price is down by {n.split()[0]} percent from today.",
    "backorder served": lambda n: f"{n} went to those who had waited, before anybody else.",
}
POOLING: dict[str, Callable[[str, str], str]] = {
    "sent by ": lambda site, n: f"'{site}' serves {n} to customers who found none here.",
    TO_CUSTOMERS: lambda name, n: f"Customers of the channel '{name}' are sent {n} of this store.",
    "sent to ": lambda site, n: f"Customers who found none at '{site}' get {n} of this store.",
}
BALANCING: dict[str, Callable[[str, str], str]] = {
    "sent by ": lambda site, n: f"'{site}' sends {n} tonight: on order until it comes.",
    "sent to ": lambda site, n: f"Tonight '{site}' is sent {n}.",
    "not there to be sent": lambda _, n: f"Not there to be sent, though on record: {n}.",
}
CLOSING: dict[str, Callable[[str], str]] = {
    "returned": lambda n: f"Customers brought back {n}.",
    "back on the shelf": lambda n: f"Of these {n} can be sold again.",
    "shrunk": lambda n: f"{n} vanished unseen; the record does not know it.",
    "sales overscanned": lambda n: f"At the till {n} too few were taken off the record.",
    "sales underscanned": lambda n: f"At the till {n} too many were taken off the record.",
    "receipts overscanned": lambda n: f"At the door {n} too many were booked in.",
    "receipts underscanned": lambda n: f"At the door {n} too few were booked in.",
    "cleared": lambda n: f"The season is over: {n} were cleared.",
    "expired": lambda n: f"{n} were past their last day of sale, and thrown away.",
}


def _trading(moved: Moved) -> list[str]:
    asked, sold = moved.get("demand", 0), moved.get("sold", 0)
    if not asked:
        return ["Nobody asked for any."]
    by_channel = _by_channel(moved)
    if sold == asked:
        return [f"Customers asked for {units(asked)} and got all of them.", *by_channel]
    said = [f"Customers asked for {units(asked)}; {sold:,} were {'handed over' if by_channel else 'on the shelf'}."]
    return said + by_channel + ([] if _helped(moved) else _unmet(moved))


def _by_channel(moved: Moved) -> list[str]:
    """What each channel asked for, and got."""
    said = []
    for what, asked in moved.items():
        if what.startswith(ASKED_BY):
            name = what.removeprefix(ASKED_BY)
            parts = [f"{moved[key]:,} {words}" for begins, words in OF_CHANNEL.items()
                     if moved.get(key := f"{begins}{name}")]  # fmt: skip
            said.append(f"Of these {units(asked)} came by '{name}': {', '.join(parts) or 'none handed over'}.")
    return said


def _helped(moved: Moved) -> bool:
    """Whether other stores served customers of this one."""
    return any(what.startswith("pooling: sent by ") for what in moved)


def _pooling(moved: Moved) -> list[str]:
    """What other stores did for customers who found none, and what became of the rest."""
    return _to_and_from(moved, "pooling", POOLING) + (_unmet(moved) if _helped(moved) else [])


def _to_and_from(moved: Moved, phase: str, said: Mapping[str, Callable[[str, str], str]]) -> list[str]:
    """A sentence for each store that units went to or came from."""
    return [words(what.removeprefix(f"{phase}: {begins}"), units(number)) for begins, words in said.items()
            for what, number in moved.items() if number and what.startswith(f"{phase}: {begins}")
            and (begins != "sent to " or not what.startswith(f"{phase}: {TO_CUSTOMERS}"))]  # fmt: skip


def _unmet(moved: Moved) -> list[str]:
    """Who waits, and who left."""
    said = []
    if moved.get("backordered"):
        said.append(f"For {units(moved['backordered'])} customers will wait.")
    if moved.get("lost"):
        said.append(f"{units(moved['lost'])} are lost: the customers left, and no record has them.")
    return said


def _counting(moved: Moved) -> list[str]:
    if "counted" not in moved:
        return []
    if "record set to" not in moved:
        return [f"The shelf was counted: {units(moved['counted'])}, as the record says."]
    return [f"The shelf was counted: {units(moved['counted'])}. The record was wrong, and is put right."]


def _shipping(moved: Moved, state: Any) -> list[str]:
    """What a serving site did for the sites below."""
    ordered = state.demand - moved.get("demand", 0)  # what customers of its own asked for by day is not ordered
    if not ordered and not moved.get("shipped out"):
        return ["The sites below ordered nothing."]
    said = f"The sites below ordered {units(ordered)}; {units(moved.get('shipped out', 0))} were sent to them"
    owed = f", {units(state.backorders)} are still owed." if state.backorders else "."
    return [said + owed]


def decision(review: Review, levels: Mapping[str, int], below_value: int = 0) -> list[str]:
    """What the policy saw, and what it ordered, by its levels where they are of a common form.

    `below_value` is what was not ordered because it comes to less money than an order must.
    """
    view = review.view
    sum_of = f"{view.record:,} on the shelf by the record + {view.on_order:,} on order - {view.backorders:,} promised"
    said = [f"A review is due. The policy sees {sum_of} = an inventory position of {view.inventory_position:,}."]
    position, asked = view.inventory_position, review.asked
    low, high = levels.get("reorder_point"), levels.get("order_up_to_level", levels.get("base_stock_level"))
    if low is not None and position > low:
        said.append(f"That is above the reorder point of {low:,}: nothing is ordered.")
    elif low is not None and high is not None:
        said.append(f"That is not above the reorder point of {low:,}, so it orders up to {high:,}: {units(asked)}.")
    elif low is not None and "order_quantity" in levels:
        lot = levels["order_quantity"]
        said.append(f"That is not above the reorder point of {low:,}, so it orders in lots of {lot:,}: {units(asked)}.")
    elif high is not None:
        said.append(f"It orders up to {high:,}: {units(asked)}.")
    else:
        said.append(f"Its rule asks for {units(asked)}." if asked else "Its rule asks for nothing.")
    if below_value:
        said.append(f"An order of {units(below_value)} comes to less money than it must: nothing is ordered.")
    elif asked and not review.ordered:
        said.append("No orders are taken tonight: nothing is ordered.")
    elif review.ordered != asked:
        said.append(f"In whole packs, and not below the least order: {units(review.ordered)}.")
    return said


def _night(state: Any) -> list[str]:
    shelf = f"{units(state.on_hand)} on the shelf"
    record = f" (the record says {state.record:,})" if state.record != state.on_hand else ""
    waits = f", {state.backorders:,} promised" if state.backorders else ""
    return [f"{shelf}{record}, {state.on_order:,} on order{waits}."]
