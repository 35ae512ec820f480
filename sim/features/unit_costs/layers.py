"""The event engine's books of what goods cost: FIFO, LIFO and moving average side by side, step by step.

Money is whole ten-thousandths, so that sums are exact: what came in is what went out and what is there.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class FirstIn:
    """Goods leave in the order in which they came.

    >>> goods = FirstIn()
    >>> goods.take_in(2, 10)
    >>> goods.take_in(2, 13)
    >>> goods.give_out(3), goods.value
    (33, 13)
    """

    layers: deque[tuple[int, int, int]] = field(default_factory=deque)  # units, the cost of each, and of which day
    value: int = 0

    def take_in(self, units: int, cost: int, day: int = 0) -> None:
        """A new layer, the newest."""
        self.layers.append((units, cost, day))
        self.value += units * cost

    def next_layer(self) -> tuple[int, int, int]:
        return self.layers.popleft()

    def put_back(self, layer: tuple[int, int, int]) -> None:
        self.layers.appendleft(layer)

    def give_out(self, units: int) -> int:
        """Units leave; returns what they cost."""
        value = 0
        while units > 0:
            there, cost, day = self.next_layer()
            taken = min(units, there)
            value += taken * cost
            units -= taken
            if taken < there:
                self.put_back((there - taken, cost, day))
        self.value -= value
        return value


class LastIn(FirstIn):
    """The goods that came last leave first.

    >>> goods = LastIn()
    >>> goods.take_in(2, 10)
    >>> goods.take_in(2, 13)
    >>> goods.give_out(3), goods.value
    (36, 10)
    """

    def next_layer(self) -> tuple[int, int, int]:
        return self.layers.pop()

    def put_back(self, layer: tuple[int, int, int]) -> None:
        self.layers.append(layer)


@dataclass
class Average:
    """Goods leave at the average cost of what is there, rounded down; the rest of the value stays with the rest.

    >>> goods = Average()
    >>> goods.take_in(2, 10)
    >>> goods.take_in(1, 12)
    >>> goods.give_out(2), goods.value
    (21, 11)
    """

    units: int = 0
    value: int = 0

    def take_in(self, units: int, cost: int, day: int = 0) -> None:
        """Goods join the others."""
        self.units += units
        self.value += units * cost

    def give_out(self, units: int) -> int:
        """Units leave; returns what they cost."""
        value = self.value * units // self.units if units else 0
        self.units -= units
        self.value -= value
        return value


class CostBooks:
    """What the goods of one cell cost, under each flow; written into the cell's ledger columns.

    `costs` holds the cost of a unit that comes in on each day; the opening stock costs what day 0 says.
    """

    def __init__(self, costs: np.ndarray, opening: int, book: Counter[str]) -> None:
        self.costs, self.book = costs, book
        self.flows: dict[str, FirstIn | Average] = {"fifo": FirstIn(), "lifo": LastIn(), "average": Average()}
        for goods in self.flows.values():
            goods.take_in(opening, int(costs[0]))

    def receive(self, day: int, units: int) -> None:
        """A delivery comes in at the cost of the day."""
        cost = int(self.costs[day])
        self.book["received_value"] += units * cost
        for goods in self.flows.values():
            goods.take_in(units, cost, day)

    def sell(self, units: int) -> None:
        """Customers take units: cost of goods sold."""
        self._give_out(units, "cogs")

    def take_back(self, day: int, returned: int, restocked: int) -> None:
        """Units sold before leave the cost of goods sold at the cost of the day; they are stock again, or a loss."""
        cost = int(self.costs[day])
        for name, goods in self.flows.items():
            goods.take_in(restocked, cost, day)
            self.book[f"cogs_{name}"] -= returned * cost
            self.book[f"loss_value_{name}"] += (returned - restocked) * cost

    def lose(self, units: int) -> None:
        """Units leave at closing: lost, cleared or thrown away."""
        self._give_out(units, "loss_value")

    def ship(self, units: int) -> None:
        """Units leave for the sites below."""
        self._give_out(units, "shipped_value")

    def _give_out(self, units: int, column: str) -> None:
        for name, goods in self.flows.items():
            self.book[f"{column}_{name}"] += goods.give_out(units)

    def end_day(self) -> None:
        """Write down what the stock is worth."""
        for name, goods in self.flows.items():
            self.book[f"value_days_{name}"] += goods.value

    def write_values(self, when: str) -> None:
        """Write down what the stock is worth when measuring starts ('opening') or ends ('closing')."""
        for name, goods in self.flows.items():
            self.book[f"{when}_value_{name}"] = goods.value

    def kept(self, day: int) -> dict[str, Any]:
        """Units of each day before `day` that are still there, first and last in first out; the value at average."""
        layers = np.zeros((2, day), np.int64)
        for row, name in enumerate(("fifo", "lifo")):
            for units, _, came in self.flows[name].layers:  # type: ignore[union-attr]
                layers[row, came] += units
        return {"cost_layers": layers, "average_value": self.flows["average"].value}

    def go_on(self, layers: np.ndarray, average_value: int) -> None:
        """Take up what `kept` gave; there are no goods yet."""
        for row, name in enumerate(("fifo", "lifo")):
            for day, units in enumerate(layers[row].tolist()):
                if units:
                    self.flows[name].take_in(units, int(self.costs[day]), day)
        self.flows["average"] = Average(int(layers[0].sum()), average_value)
