"""The latest wish wins: a newer question makes those before it void, wherever they are between two steps."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Latest:
    """Who asked last. `ask` returns a function that says whether somebody has asked since.

    >>> latest = Latest()
    >>> first = latest.ask(); first()
    False
    >>> second = latest.ask(); first(), second()
    (True, False)
    """

    def __init__(self) -> None:
        self._number, self._lock = 0, threading.Lock()

    def ask(self) -> Callable[[], bool]:
        """A new wish: the ones before it are void from now on."""
        with self._lock:
            self._number += 1
            mine = self._number
        return lambda: self._number != mine
