"""A policy's rules and what they learn, asked for one cell: an answer that may be, or the mistake in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.errors import InputError, reason, require
from restock.sim.read_only import read_only

if TYPE_CHECKING:
    from restock.sim.planning.policy import Learn, Rule, Seen, View


def ordered_quantity(
    rule: Rule, view: View, levels: Any, memory: np.ndarray | None, policy: str, cell: str, what: str = "rule"
) -> int:
    """The rule's answer for one cell (in words), checked: a whole number not below 0; `what` names the rule.

    >>> def up_to(view, levels):
    ...     return max(0, levels.level - view.inventory_position)
    >>> from collections import namedtuple
    >>> from restock.sim.planning.policy import View
    >>> levels = namedtuple("Levels", ["level"])(20)
    >>> ordered_quantity(up_to, View(12, 9, 5, 2, 3, 0), levels, None, "mine", "for item 'milk' at site 'store'")
    8
    """
    where = f"policy '{policy}' {cell}"
    try:
        with np.errstate(divide="raise", invalid="raise"):  # as plain numbers do, and as compiled code does here
            quantity = rule(view, levels) if memory is None else rule(view, levels, read_only(memory))
    except Exception as error:  # whatever a user's own code raises
        raise _failed(where, what, error, levels, f"view: {', '.join(type(view)._fields)}", memory) from error
    good = isinstance(quantity, (int, np.integer)) and not isinstance(quantity, bool) and quantity >= 0
    require(good, f"{where}: the {what} must return a whole number not below 0, got {quantity!r} for {view}")
    return int(quantity)


def learn_from(learn: Learn | None, seen: Seen, levels: Any, memory: np.ndarray | None, policy: str, cell: str) -> None:
    """Let a policy learn of one cell (in words); a mistake is named.

    >>> def smooth(seen, levels, memory):
    ...     memory[0] += 0.5 * (seen.demand - memory[0])
    >>> from restock.sim.planning.policy import Seen
    >>> memory = np.array([5.0])
    >>> learn_from(smooth, Seen(6, 1, 9, 9, 20, 0), None, memory, "mine", "for item 'milk' at site 'store'")
    >>> memory.tolist()
    [7.0]
    """
    assert memory is not None and learn is not None
    try:
        with np.errstate(divide="raise", invalid="raise"):
            learn(seen, levels, memory)
    except Exception as error:  # whatever a user's own code raises
        where, what = f"policy '{policy}' {cell}", f"seen: {', '.join(type(seen)._fields)}"
        raise _failed(where, "learning", error, levels, what, memory) from error


def _failed(where: str, what: str, error: Exception, levels: Any, given: str, memory: np.ndarray | None) -> InputError:
    names = ", ".join(getattr(levels, "_fields", ()))
    slots = "" if memory is None else f"; memory: {len(memory)} slots"
    return InputError(f"{where}: the {what} failed: {reason(error)}; levels: {names}; {given}{slots}")
