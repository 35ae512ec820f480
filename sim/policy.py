"""What a policy is: levels (numpy, readable) and a rule (a few whole numbers in, an order quantity out).

The event engine runs the rule as plain Python; the kernel runs the same function compiled. Keep rules to `if`,
`min`, `max`, `math.ceil` and + - * on whole numbers: `%` and `//` of negative numbers differ between the two.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.errors import InputError, require
from sim.knowledge import Knowledge

LARGEST_LEVEL = 30_000_000  # units; the kernel sums eight weeks of stock in 32 bits


class View(NamedTuple):
    """What a policy sees of one cell in the evening, in units: the record, never the physical stock."""

    inventory_position: int  # record + on_order - backorders
    record: int  # stock on hand, as the system believes
    on_order: int  # ordered and not yet received
    backorders: int  # promised to customers, or owed to sites below
    sales: int  # handed to customers or shipped to sites below, since the last review
    day: int


Rule = Callable[[Any, Any], int]


@dataclass(frozen=True)
class Plan:
    """What a policy decided for every cell.

    Parameters
    ----------
    rules : tuple of functions (view, levels) -> order quantity
    levels : tuple of mappings, one for each rule
        Level name -> ndarray of int32, shape (items, sites).
    rule_of, review_period : ndarray of int32, shape (items, sites)
        Which rule each cell follows, and every how many days it is reviewed (first on day 0; on a day on which
        the lane takes no orders, the review waits for the next one that does).
    tier_of : ndarray of str or None, shape (items, sites)
        The policy's own class of each cell (A, B, C), for reports.
    """

    name: str
    rules: tuple[Rule, ...]
    levels: tuple[Mapping[str, np.ndarray], ...]
    rule_of: np.ndarray
    review_period: np.ndarray
    tier_of: np.ndarray | None = None

    def level_type(self, rule: int) -> type:
        """The named tuple in which rule number `rule` gets its levels."""
        return namedtuple("Levels", list(self.levels[rule]))  # type: ignore[misc]


@dataclass(frozen=True)
class Policy:
    """Base of policies with one rule for all cells: write `levels` and `rule`.

    >>> @dataclass(frozen=True)
    ... class CoverDays(Policy):
    ...     "Keep so many days of mean demand, on hand and on order."
    ...     days_of_cover: float = 10.0
    ...     def levels(self, known):
    ...         return {"order_up_to_level": np.ceil(known.demand_mean * self.days_of_cover)}
    ...     @staticmethod
    ...     def rule(view, levels):
    ...         return max(0, levels.order_up_to_level - view.inventory_position)
    >>> CoverDays().name
    'cover_days'
    """

    review_period: int = 1

    @property
    def name(self) -> str:
        kind = type(self).__name__
        return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(kind))

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        """Level name -> whole numbers for each cell, shape (items, sites) or broadcast to it."""
        raise TypeError(f"policy '{self.name}' does not say its levels")

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        """Order quantity, in units, not below 0."""
        raise TypeError("a policy needs a rule(view, levels)")

    def plan(self, known: Knowledge) -> Plan:
        """Levels for every cell, checked."""
        shape = known.demand_mean.shape
        period = whole_numbers(self.review_period, "review_period", self.name, known, least=1)
        levels = checked_levels(self.levels(known), self.name, known)
        return Plan(self.name, (type(self).rule,), (levels,), np.zeros(shape, np.int32), period)


def whole_numbers(given: Any, what: str, policy: str, known: Knowledge, least: int = -LARGEST_LEVEL) -> np.ndarray:
    """An int32 array over cells, or an error that names the first cell where it is not."""
    array = np.asarray(given, dtype=float)
    try:
        array = np.broadcast_to(array, known.demand_mean.shape)
    except ValueError:
        raise InputError(
            f"policy '{policy}': {what} has shape {array.shape}; allowed: (items, sites) = {known.demand_mean.shape}"
        ) from None
    good = np.isfinite(array) & (array == np.floor(array)) & (array >= least) & (array <= LARGEST_LEVEL)
    good |= ~known.stocked
    if not good.all():
        i, n = np.argwhere(~good)[0]
        allowed = "a whole number" if least < 0 else f"a whole number not below {least}"
        allowed += f" and not above {LARGEST_LEVEL:,}" if array[i, n] > LARGEST_LEVEL else ""
        raise InputError(f"policy '{policy}': {what} must be {allowed}, got {array[i, n]:g} {known.cell(i, n)}")
    return np.where(known.stocked, array, max(least, 0)).astype(np.int32)


def checked_levels(levels: Mapping[str, Any], policy: str, known: Knowledge) -> dict[str, np.ndarray]:
    """Levels as int32 arrays; refuses fractions, and a reorder point above the order-up-to level."""
    require(bool(levels), f"policy '{policy}' gives no levels; levels() must return at least one named level")
    out = {name: whole_numbers(given, name, policy, known) for name, given in levels.items()}
    if "reorder_point" in out and "order_up_to_level" in out:
        low, high = out["reorder_point"], out["order_up_to_level"]
        wrong = known.stocked & (low > high)
        if wrong.any():
            i, n = np.argwhere(wrong)[0]
            raise InputError(
                f"reorder_point ({low[i, n]}) must not exceed order_up_to_level ({high[i, n]}) "
                f"{known.cell(i, n)}, in policy '{policy}'"
            )
    return out


def try_rules(plan: Plan, known: Knowledge, cells: int = 64) -> None:
    """Run each plain rule on some cells before any engine does, so that a mistake is found and named early."""
    for number, rule in enumerate(plan.rules):
        make = plan.level_type(number)
        mine = np.argwhere(known.stocked & (plan.rule_of == number))
        for i, n in mine[:: max(1, len(mine) // cells)]:
            levels = make(*(int(level[i, n]) for level in plan.levels[number].values()))
            for position in (0, -5, max(levels), max(levels) + 1):
                ordered_quantity(rule, View(position, max(position, 0), 0, 0, 1, 0), levels, plan.name, known, i, n)


def ordered_quantity(rule: Rule, view: View, levels: Any, policy: str, known: Knowledge, i: int, n: int) -> int:
    """The rule's answer for one cell, checked: a whole number not below 0."""
    where = f"policy '{policy}' {known.cell(i, n)}"
    try:
        quantity = rule(view, levels)
    except (AttributeError, ArithmeticError, TypeError) as error:
        names = ", ".join(getattr(levels, "_fields", ()))
        raise InputError(
            f"{where}: the rule failed: {error} (levels: {names}; view: {', '.join(View._fields)})"
        ) from error
    good = isinstance(quantity, (int, np.integer)) and not isinstance(quantity, bool) and quantity >= 0
    require(good, f"{where}: the rule must return a whole number not below 0, got {quantity!r} for {view}")
    return int(quantity)
