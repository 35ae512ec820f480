"""The state that a run starts from: what is on the shelf, on record, promised and on order this morning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.errors import InputError, require, unknown
from restock.sim.model.streams.streams import customers_ask
from restock.sim.read_only import read_only

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario

OF_ORDER = ("item", "site", "quantity", "ordered", "expected")
OPEN_ORDER = np.dtype([(name, np.int64) for name in OF_ORDER])
"""An order not yet received: item and site by number, units, the day it was placed, the day it is expected. Days count
from the first simulated day, day 0: yesterday evening's order has `ordered` -1."""
NOT_TOLD = -(2**31)  # in the place of the day on which an order is expected
ARRIVE = ("law", "expected")
NO_ORDERS = np.zeros(0, OPEN_ORDER)
OLDEST = 100_000  # days before the first day, and after it, that an order may name


@dataclass(frozen=True, eq=False)
class OpeningState:
    """Stock, records, customers who wait and open orders on the morning of the first simulated day, before deliveries.

    Every open order is on its way: what a serving site still owes is not told apart. A scenario checks its state
    against its items and sites (`check`).

    Parameters
    ----------
    on_hand : ndarray of int, shape (items, sites)
        Units on the shelf; 0 where the item is not kept.
    record : ndarray of int, shape (items, sites), or None
        Units that the system believes are there; may be below 0. None: `on_hand`.
    waiting : ndarray of int, shape (items, sites), or None
        Units promised to customers and not yet handed over. None: nobody waits.
    open_orders : structured array of `OPEN_ORDER`, or rows (item, site, quantity, ordered, expected)
        Kept in the order of item, site, `ordered`, `expected` and quantity, so that their order in a file is no matter.
    arrive : 'law' or 'expected'
        When an open order comes in. 'law': after the lane's lead time, given that it is not here yet, drawn for each
        replication. 'expected': on the day it is expected, on day 0 if that is past; by the law where no day is told.
        An order that should have been here by its law comes in on day 0, too (`overdue`).

    >>> state = OpeningState(np.array([[12], [0]]), open_orders=[(0, 0, 20, -1, NOT_TOLD), (0, 0, 6, -3, 2)])
    >>> state.record.tolist(), state.open_orders["quantity"].tolist(), state.on_order((2, 1)).tolist()
    ([[12], [0]], [6, 20], [[26], [0]])
    """

    on_hand: np.ndarray
    record: np.ndarray = None  # type: ignore[assignment]
    waiting: np.ndarray = None  # type: ignore[assignment]
    open_orders: np.ndarray = field(default_factory=lambda: NO_ORDERS)
    arrive: str = "law"

    def __post_init__(self) -> None:
        if self.arrive not in ARRIVE:
            raise unknown("opening.arrive", self.arrive, ARRIVE)
        on_hand = _whole("on_hand", self.on_hand)
        record = on_hand if self.record is None else _whole("record", self.record)
        waiting = np.zeros_like(on_hand) if self.waiting is None else _whole("waiting", self.waiting)
        for name, array in (("record", record), ("waiting", waiting)):
            good = array.shape == on_hand.shape
            require(
                good, f"{name} of the opening state must have the shape of on_hand, {on_hand.shape}, got {array.shape}"
            )
        orders = _orders(self.open_orders)
        sorted_ = orders[np.argsort(orders, kind="stable", order=("item", "site", "ordered", "expected", "quantity"))]
        for name, array in (("on_hand", on_hand), ("record", record), ("waiting", waiting), ("open_orders", sorted_)):
            object.__setattr__(self, name, read_only(array))

    @property
    def record_off(self) -> np.ndarray:
        """By how many units records are off, int64 (items, sites)."""
        return self.record - self.on_hand

    def on_order(self, shape: tuple[int, ...]) -> np.ndarray:
        """Units of the open orders of each cell, int64 of a shape (items, sites).

        >>> OpeningState(np.array([[1]]), open_orders=[(0, 0, 5, -1, 3), (0, 0, 6, -2, 3)]).on_order((1, 1)).tolist()
        [[11]]
        """
        out = np.zeros(shape, np.int64)
        np.add.at(out, (self.open_orders["item"], self.open_orders["site"]), self.open_orders["quantity"])
        return out

    def of_items(self, items: np.ndarray) -> OpeningState:
        """The state of these items alone, in their order.

        >>> state = OpeningState(np.array([[12], [7]]), open_orders=[(0, 0, 20, -1, 3), (1, 0, 6, -1, 3)])
        >>> state.of_items(np.array([1])).open_orders.tolist()
        [(0, 0, 6, -1, 3)]
        """
        place = np.full(len(self.on_hand), -1)
        place[items] = np.arange(len(items))
        orders = self.open_orders[place[self.open_orders["item"]] >= 0]
        orders["item"] = place[orders["item"]]
        arrays = (self.on_hand[items], self.record[items], self.waiting[items])
        return OpeningState(*arrays, orders, self.arrive)

    def overdue(self, scenario: Scenario) -> np.ndarray:
        """Which open orders should have been here by their law, or their day: they come in on day 0; bool (orders,).

        >>> from restock.sim.planning.example import one_shop  # two days of lead time
        >>> state = OpeningState(np.array([[12], [0]]), open_orders=[(0, 0, 20, -1, NOT_TOLD), (1, 0, 6, -3, NOT_TOLD)])
        >>> state.overdue(one_shop().scenario).tolist()
        [False, True]
        """
        orders = self.open_orders
        lanes = scenario.lane_of[orders["item"], orders["site"]].tolist()
        laws = [
            scenario.lanes[k].lead_time_of(scenario.items[i].name) for i, k in zip(orders["item"], lanes, strict=True)
        ]
        longest = np.array([len(law.pmf()) - 1 for law in laws], int)
        by_law = orders["ordered"] + longest < 0
        told = (self.arrive == "expected") & (orders["expected"] != NOT_TOLD)
        return np.where(told, orders["expected"] < 0, by_law)

    def words(self, scenario: Scenario) -> str:
        """The state in a line, with what is assumed of it, for reports.

        >>> from restock.sim.planning.example import one_shop  # two days of lead time
        >>> state = OpeningState(np.array([[12], [0]]), open_orders=[(0, 0, 20, -1, NOT_TOLD), (1, 0, 6, -3, NOT_TOLD)])
        >>> for words in state.words(one_shop().scenario).split("; "):
        ...     print(words)
        opens with 12 units on the shelf on 2024-01-01 and 2 open orders
        open orders come in after their lead time, given that they are not here yet
        1 overdue: on the first day
        """
        orders, overdue = len(self.open_orders), int(self.overdue(scenario).sum())
        waiting, off = int(self.waiting.sum()), int((self.record_off != 0).sum())
        by_law = "after their lead time, given that they are not here yet"
        by_day = f"on the day they are expected, or where none is told {by_law}"
        said = [f"{waiting:,} units that customers wait for"] * (waiting > 0)
        said += [f"records that are off in {off:,} place{'s' * (off != 1)}"] * (off > 0)
        there = f"opens with {int(self.on_hand.sum()):,} units on the shelf on {scenario.start}"
        lines = [f"{', '.join([there, *said])} and {orders:,} open order{'s' * (orders != 1)}"]
        lines += [f"open orders come in {by_law if self.arrive == 'law' else by_day}"] * (orders > 0)
        lines += [f"{overdue:,} overdue: on the first day"] * (overdue > 0)
        ages = any(feature.ages(item) for feature in scenario.features for item in scenario.items)
        return "; ".join([*lines, *["goods that do not keep are taken as fresh on that day"] * ages])

    def check(self, scenario: Scenario) -> None:
        """Refuse what a scenario's items and sites cannot have, in a line that names the first such cell or order.

        >>> from restock.sim.planning.example import one_shop
        >>> OpeningState(np.array([[12], [-1]])).check(one_shop().scenario)
        Traceback (most recent call last):
        ...
        restock.sim.errors.InputError: on_hand of item 'bread' at site 'store' is -1; allowed: whole units not below 0
        """
        shape = (len(scenario.items), len(scenario.sites))
        good = self.on_hand.shape == shape
        require(good, f"the opening state must have shape (items, sites) = {shape}, got {self.on_hand.shape}")

        def of(i: int, n: int) -> str:
            return f"of item '{scenario.items[i].name}' at site '{scenario.sites[n].name}'"

        def none_such(wrong: np.ndarray, name: str, words: str) -> None:
            if wrong.any():
                i, n = (int(k) for k in np.argwhere(wrong)[0])
                raise InputError(f"{name} {of(i, n)} is {getattr(self, name)[i, n]}; {words}")

        for name in ("on_hand", "waiting"):
            none_such(getattr(self, name) < 0, name, "allowed: whole units not below 0")
        for name in ("on_hand", "record", "waiting"):
            none_such(~scenario.stocked & (getattr(self, name) != 0), name, "the item is not kept there")
        shares = np.array([item.backorder_share for item in scenario.items])[:, None]
        waits = self.waiting > 0
        waiting = any(feature.customers_wait for feature in scenario.features)
        none_such(waits & (shares == 0) & (not waiting), "waiting", "its customers do not wait (backorder_share 0)")
        none_such(waits & ~customers_ask(scenario), "waiting", "no customer asks for it there")
        self._check_orders(scenario, shape, of)

    def _check_orders(self, scenario: Scenario, shape: tuple[int, int], of: Any) -> None:
        for order in self.open_orders:
            i, n, quantity, ordered, expected = (int(value) for value in order)
            good = 0 <= i < shape[0] and 0 <= n < shape[1]
            require(good, f"an open order is of item {i} at site {n}; there are {shape[0]} items and {shape[1]} sites")
            what = f"an open order {of(i, n)}"
            require(bool(scenario.stocked[i, n]), f"{what} has no place: the item is not kept there")
            require(quantity >= 1, f"{what} is of {quantity} units; allowed: whole units not below 1")
            good = -OLDEST <= ordered <= -1
            require(good, f"{what} was placed on day {ordered}; allowed: day {-OLDEST} to -1, before the first day")
            good = expected == NOT_TOLD or ordered < expected <= OLDEST
            most = f"a day after it was placed, on day {ordered}, up to day {OLDEST}"
            require(good, f"{what} is expected on day {expected}; allowed: {most}")


def _whole(name: str, given: Any) -> np.ndarray:
    """Whole numbers, int64, in two dimensions."""
    array = np.asarray(given)
    good = array.ndim == 2 and array.dtype.kind in "iuf" and bool(np.isfinite(array).all())
    require(
        good and bool((array == np.floor(array)).all()),
        f"{name} of the opening state must be whole units (items, sites)",
    )
    return array.astype(np.int64)


def _orders(given: Iterable[Any]) -> np.ndarray:
    """Open orders as a structured array."""
    if isinstance(given, np.ndarray) and given.dtype.names is not None:
        return given.astype(OPEN_ORDER)
    rows = [tuple(row) for row in given]
    good = all(len(row) == len(OF_ORDER) and all(float(value).is_integer() for value in row) for row in rows)
    require(good, f"an open order is five whole numbers: {', '.join(OF_ORDER)}")
    return np.array(rows, OPEN_ORDER)
