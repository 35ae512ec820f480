"""The room: a question, answers from phones, and what the simulation says. No page, no browser; its limits are here."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from restock.sim.errors import InputError, require

CODE_SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
MOST_PEOPLE, LONGEST_NAME, LONGEST_QUESTION, MOST_ROUNDS = 200, 24, 1000, 100
WAITING, OPEN, CLOSED, REVEALED = "waiting", "open", "closed", "revealed"


class Asked(NamedTuple):
    """A question with a number for an answer, between low and high in steps; `unit` stands behind the number.

    Where there are `choices` the answer is one of them, by its number from 1 on (`one_of`).
    """

    text: str
    low: float
    high: float
    step: float
    unit: str = ""
    choices: tuple[str, ...] = ()

    def words(self, answer: float) -> str:
        """An answer as a page shows it.

        >>> Asked("?", 0, 100, 0.5, "%").words(97.5), one_of("?", ("a day's lag", "theft")).words(2)
        ('97.5%', 'theft')
        """
        return self.choices[int(answer) - 1] if self.choices else f"{answer:g}{self.unit}"


def one_of(text: str, choices: Iterable[str]) -> Asked:
    """A question whose answer is one of several.

    >>> one_of("What breaks it?", ("a day's lag", "theft")).high
    2
    """
    found = tuple(choices)
    return Asked(text, 1, len(found), 1, choices=found)


class Truth(NamedTuple):
    """What the simulation says, with its interval; `words` as a page shows it.

    Of a question with choices `estimate` is the number of the right one; nan where the simulation does not tell.
    """

    estimate: float
    low: float
    high: float
    words: str


@dataclass
class Round:
    """A question with its answers, participant by participant."""

    asked: Asked
    about: Any = None  # what the moderator's page asks the simulation
    answers: dict[str, float] = field(default_factory=dict)
    truth: Truth | None = None


class Room:
    """One room. Participants join with the code and answer; all else takes the key, which only its moderator has.

    >>> room = Room()
    >>> room.join("phone one", room.code, "Ann"); room.open(Asked("What share is served?", 0, 100, 0.5, "%"))
    >>> room.answer("phone one", "97.5"); room.close(); room.reveal(Truth(98.6, 98.5, 98.7, "98.60 ± 0.10%"))
    >>> room.phase, room.values(), room.rows()[0][1:]
    ('revealed', [97.5], ('What share is served?', 'Ann', 97.5, 98.6, 98.5, 98.7))
    """

    def __init__(self) -> None:
        self.code = "".join(secrets.choice(CODE_SIGNS) for _ in range(6))
        self.key = secrets.token_urlsafe(24)
        self.phase, self.names = WAITING, dict[str, str]()
        self.rounds: list[Round] = []
        self.listeners: set[Callable[[], None]] = set()

    @property
    def round(self) -> Round | None:
        """The round that is on, or was last revealed."""
        return self.rounds[-1] if self.rounds and self.phase != WAITING else None

    def join(self, who: str, code: str, name: str) -> None:
        """A participant comes in; InputError for a wrong code, a full room, or a name that is none."""
        right = secrets.compare_digest(str(code)[:20].strip().upper().encode(), self.code.encode())
        require(right, "this is not the code of the room")
        there = who in self.names
        require(there or len(self.names) < MOST_PEOPLE, f"the room is full: at most {MOST_PEOPLE} participants")
        self.names[who] = name_of(name)
        self._changed()

    def answer(self, who: str, given: object) -> None:
        """An answer to the question that is open; a later one takes the place of an earlier."""
        require(who in self.names, "join the room first")
        now = self.round
        if now is None or self.phase != OPEN:
            raise InputError("no question is open")
        low, high = now.asked.low, now.asked.high
        kind = "the number of a choice, " if now.asked.choices else "a number from "
        allowed = f"an answer must be {kind}{low:g} to {high:g}, got '{str(given)[:24]}'"
        try:
            require(len(str(given)) <= 24 and not isinstance(given, bool), allowed)
            value = float(str(given))
        except ValueError:
            raise InputError(allowed) from None
        require(math.isfinite(value) and low <= value <= high, allowed)
        require(not now.asked.choices or value.is_integer(), allowed)
        now.answers[who] = value
        self._changed()

    def open(self, asked: Asked, about: Any = None) -> None:
        """Ask a question; `about` is kept for who reveals it."""
        require(0 < len(asked.text.strip()) <= LONGEST_QUESTION, f"a question has 1 to {LONGEST_QUESTION} characters")
        require(self.phase == WAITING, "a question is on; end it first")
        require(len(self.rounds) < MOST_ROUNDS, f"at most {MOST_ROUNDS} questions; export the answers, start again")
        self.rounds.append(Round(asked, about))
        self._go(OPEN)

    def close(self) -> None:
        """No further answers."""
        require(self.phase == OPEN, "no question is open")
        self._go(CLOSED)

    def reveal(self, truth: Truth) -> None:
        """Show what the simulation says; answers are closed."""
        now = self.round
        if now is None:
            raise InputError("there is no question to reveal")
        now.truth = truth
        self._go(REVEALED)

    def next(self) -> None:
        """Back to waiting, for the next question."""
        self._go(WAITING)

    def values(self) -> list[float]:
        """The answers of the round."""
        return [] if self.round is None else list(self.round.answers.values())

    def counts(self) -> list[int]:
        """How many chose each of the choices of the round."""
        values = self.values()
        choices = () if self.round is None else self.round.asked.choices
        return [values.count(number) for number in range(1, len(choices) + 1)]

    def summary(self) -> str:
        """How many answered, and their middle, or what most of them chose."""
        now, values = self.round, self.values()
        if now is None:
            return f"{len(self.names)} in the room"
        said = f"{len(values)} of {len(self.names)} answered"
        if not values or self.phase == OPEN:
            return said
        if now.asked.choices:
            most = max(self.counts())
            first = [words for words, count in zip(now.asked.choices, self.counts(), strict=True) if count == most]
            return f"{said}; most ({most}) said: {' / '.join(first)}"
        low, middle, high = np.percentile(values, [25, 50, 75])
        return f"{said}; median {middle:g}{now.asked.unit}, half of them from {low:g} to {high:g}{now.asked.unit}"

    def rows(self) -> list[tuple[int, str, str, float | str, float | str | None, float | None, float | None]]:
        """Every answer of every round: number, question, name, answer; estimate, low and high of the simulation.

        Choices are in words.
        """
        out: list[tuple[int, str, str, float | str, float | str | None, float | None, float | None]] = []
        for number, each in enumerate(self.rounds, start=1):
            truth: tuple[Any, Any, Any] = each.truth[:3] if each.truth else (None, None, None)
            if each.asked.choices:
                truth = (each.truth.words if each.truth else None, None, None)
            for who, value in each.answers.items():
                answer = each.asked.words(value) if each.asked.choices else value
                out.append((number, each.asked.text, self.names.get(who, ""), answer, *truth))
        return out

    def csv(self) -> str:
        """The same as a file; no cell of it is read as a formula."""
        import pandas as pd

        from restock.experiments.sheets import harmless_name
        from restock.sim.csv_text import csv_bytes

        head = ["round", "question", "name", "answer", "simulated", "low", "high"]
        frame = pd.DataFrame(self.rows(), columns=head)
        for column in ("question", "name", "answer", "simulated"):
            frame[column] = frame[column].map(lambda cell: harmless_name(cell) if isinstance(cell, str) else cell)
        return csv_bytes(frame).decode("utf-8")

    def _go(self, phase: str) -> None:
        self.phase = phase
        self._changed()

    def _changed(self) -> None:
        for listener in list(self.listeners):
            listener()


def name_of(given: object) -> str:
    """A name as the room holds it: what can be seen of it, in one line, and not too long.

    >>> name_of("  Ann\\n <b>"), name_of("x" * 99) == "x" * 24
    ('Ann <b>', True)
    """
    words = "".join(sign if sign.isprintable() else " " for sign in str(given)[:400])
    name = " ".join(words.split())[:LONGEST_NAME].strip()
    require(bool(name), f"a name has 1 to {LONGEST_NAME} characters")
    return name
