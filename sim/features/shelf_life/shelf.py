"""The event engine's shelf of one cell whose goods do not keep: units by the last day on which they are sold."""

from __future__ import annotations


class Shelf:
    """Units by age; as many as are on hand.

    >>> shelf = Shelf(life=3, freshest_first=False, opening=4)
    >>> shelf.put(1, 5)
    >>> shelf.take(6)
    >>> shelf.throw_away(3), shelf.units
    (3, {})
    """

    def __init__(self, life: int, freshest_first: bool, opening: int) -> None:
        self.life, self.freshest_first = life, freshest_first
        self.units: dict[int, int] = {}  # by the last day of sale; what is there on day 0 came that morning
        self.put(0, opening)

    def put(self, day: int, quantity: int) -> None:
        """Units come in the morning of a day."""
        last = day + self.life - 1
        if quantity:
            self.units[last] = self.units.get(last, 0) + quantity

    def take(self, quantity: int) -> None:
        """Units leave, the oldest or the freshest first; there are as many."""
        for last in sorted(self.units, reverse=self.freshest_first):
            units = min(quantity, self.units[last])
            self.units[last] -= units
            quantity -= units
            if self.units[last] == 0:
                del self.units[last]
        assert quantity == 0

    def throw_away(self, day: int) -> int:
        """Units whose last day this was leave; returns how many."""
        return self.units.pop(day, 0)
