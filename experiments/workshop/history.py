"""What was chosen before: back and forth, and back to where the page was opened."""

from __future__ import annotations

from restock.experiments.workshop.choice import Choice

MOST = 200  # choices remembered
TOGETHER = 1.0  # seconds within which moves of the same setting are one step back


class History:
    """Choices in a row, and where among them the page stands.

    >>> history = History(Choice(("buffer",), {}))
    >>> history.move(Choice(("buffer",), {"records.lag": 1}), "records.lag", at=0.0)
    >>> history.move(Choice(("buffer",), {"records.lag": 2}), "records.lag", at=0.3)
    >>> history.undo().values, history.redo().values
    ({}, {'records.lag': 2})
    """

    def __init__(self, start: Choice) -> None:
        self._choices, self._now = [start], 0
        self._last: tuple[str, float] = ("", float("-inf"))

    @property
    def choice(self) -> Choice:
        """The one that the page stands at."""
        return self._choices[self._now]

    @property
    def can_undo(self) -> bool:
        return self._now > 0

    @property
    def can_redo(self) -> bool:
        return self._now < len(self._choices) - 1

    def move(self, choice: Choice, what: str, at: float) -> None:
        """A new choice; moves of the same thing in a row, as a slider makes them, are one step."""
        if choice == self.choice:
            return
        same = what == self._last[0] and at - self._last[1] < TOGETHER and self.can_undo and not self.can_redo
        kept = self._choices[: self._now + (0 if same else 1)]
        self._choices = [*kept, choice][-MOST:]
        self._now, self._last = len(self._choices) - 1, (what, at)

    def undo(self) -> Choice:
        """One step back, if there is one."""
        return self._go(-1)

    def redo(self) -> Choice:
        """One step forth, if there is one."""
        return self._go(1)

    def _go(self, by: int) -> Choice:
        self._now = min(max(self._now + by, 0), len(self._choices) - 1)
        self._last = ("", float("-inf"))
        return self.choice
