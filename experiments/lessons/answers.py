"""What the run of a lesson answers: a figure with its interval, or which of the choices; and how near a guess came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.experiments.lessons.lesson_file import Lesson
from restock.sim.errors import InputError, require
from restock.sim.measures.measures import MEASURES
from restock.sim.study.claims import Check, judge

if TYPE_CHECKING:
    from restock.experiments.beer_game.game import Game
    from restock.experiments.claims import Answer


@dataclass(frozen=True)
class Answered:
    """What is true, by the run: a number in the question's unit with its interval, or one of the choices.

    `claim` is the claim's answer with all of its figures, `game` the game that was played: the one that there is.
    """

    lesson: Lesson
    value: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    choice: str = ""
    claim: Answer | None = None
    game: Game | None = None

    @property
    def words(self) -> str:
        """The answer in words.

        >>> from restock.experiments.lessons.lesson_file import read_lesson
        >>> Answered(read_lesson("half_the_cycles"), 98.646, 98.52, 98.77).words
        '98.65 (98.52 to 98.77)'
        """
        if self.choice:
            return self.lesson.choices[self.choice]
        digits = 0 if abs(self.value) >= 1000 else 2 if abs(self.value) < 100 else 1
        if not self.low < self.high:
            return f"{self.value:,.{digits}f}"
        return f"{self.value:,.{digits}f} ({self.low:,.{digits}f} to {self.high:,.{digits}f})"

    def says_of(self, guess: float | str) -> str:
        """How near a guess came.

        >>> from restock.experiments.lessons.lesson_file import read_lesson
        >>> Answered(read_lesson("half_the_cycles"), 98.65, 98.5, 98.8).says_of(50.0)
        'You said 50: 48.65 too low.'
        """
        if self.choice:
            return "You were right." if guess == self.choice else f"You said: {self.lesson.choices[str(guess)]}."
        assert self.lesson.guess is not None
        away = float(guess) - self.value
        if abs(away) <= self.lesson.guess.near or self.low <= float(guess) <= self.high:
            return f"You said {float(guess):g}: near enough."
        return f"You said {float(guess):g}: {abs(away):,.4g} too {'high' if away > 0 else 'low'}."


def read_guess(lesson: Lesson, text: str) -> float | str:
    """A guess as it is typed: a number within bounds, or a choice by its number or name."""
    text = text.strip()
    if lesson.guess is None:
        names = list(lesson.choices)
        if text.isdecimal() and 1 <= int(text) <= len(names):
            return names[int(text) - 1]
        require(text in names, f"choose a number from 1 to {len(names)}, got '{text}'")
        return text
    bounds = f"from {lesson.guess.low:g} to {lesson.guess.high:g}"
    try:
        value = float(text.replace(",", ".") if text.count(",") == 1 else text)
    except ValueError:
        raise InputError(f"a guess is a number {bounds}, got '{text}'") from None
    require(lesson.guess.low <= value <= lesson.guess.high, f"a guess is a number {bounds}, got {value:g}")
    return value


def answered(
    lesson: Lesson, overrides: Sequence[str] = (), progress: Callable[[float], None] = lambda share: None
) -> Answered:
    """Run what the lesson rests on, and read its answer."""
    if lesson.game:
        return _played(lesson)
    from restock.experiments.claims import answer

    found = answer(lesson.claim, overrides, progress=progress)
    asked = lesson.answer
    measure = str(asked.get("measure", found.claim.measure))
    if "check" in asked:
        judged = [each for each in found.judged if each.check.says == asked["check"]]
        require(len(judged) == 1, f"lesson '{lesson.name}': claim '{lesson.claim}' has no check '{asked['check']}'")
        return Answered(lesson, choice=judged[0].word if judged[0].word in lesson.choices else "", claim=found)
    if "of" not in asked:
        return Answered(lesson, choice=_chosen(lesson, found, measure), claim=found)
    at = tuple(str(asked["at"]).split(",")) if "at" in asked else None
    check = Check(says=f"lesson {lesson.name}", of=str(asked["of"]), above=0.0, at=at)
    (judged_one,) = judge([check], found.figures, measure)
    finding = judged_one.findings[0]
    value, low, high = (_in_unit(asked, measure, each, check.relative)
                        for each in (finding.value, finding.low, finding.high))  # fmt: skip
    return Answered(lesson, value, min(low, high), max(low, high), claim=found)


def _in_unit(asked: Any, measure: str, value: float, relative: bool) -> float:
    """A figure in the question's unit: shares and changes in %; as so many times; as what is saved of the larger."""
    if asked.get("times"):
        return 1.0 + value
    if asked.get("saved"):
        return 100.0 * (1.0 - 1.0 / (1.0 + value))
    percent = relative or MEASURES[measure].unit == "share"
    return (100.0 if percent else 1.0) * value + float(asked.get("plus", 0.0))


def _chosen(lesson: Lesson, found: Answer, measure: str) -> str:
    """Which choice has the worst, or the best, figure; '' where the run does not tell them apart."""
    wants_worst = bool(lesson.answer.get("worst"))
    lower_first = (MEASURES[measure].better == "higher") == wants_worst
    figures: dict[str, float] = {}
    for term in lesson.choices:
        (judged,) = judge([Check(says=term, of=term, above=0.0)], found.figures, measure)
        figures[term] = judged.findings[0].value * (1 if lower_first else -1)
    ranked = sorted(figures, key=lambda term: figures[term])
    check = Check(says="apart", of=f"{ranked[0]} - {ranked[1]}", above=0.0)
    (apart,) = judge([check], found.figures, measure)
    low, high = apart.findings[0].low, apart.findings[0].high
    return ranked[0] if low > 0 or high < 0 else ""


def _played(lesson: Lesson) -> Answered:
    from restock.experiments.beer_game.game import Game
    from restock.sim.study.beer_game.chain import STAGES

    game = Game(seats=dict.fromkeys(STAGES, lesson.game))
    game.fill()
    total = float(np.sum(list(game.costs.values())))
    return Answered(lesson, total, total, total, game=game)
