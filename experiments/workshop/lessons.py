"""Lessons as questions of a room: those that are answered by a number, asked and revealed as `restock lesson` does."""

from __future__ import annotations

from functools import cache

from restock.experiments.lessons.answers import answered
from restock.experiments.lessons.lesson_file import lesson_names, read_lesson
from restock.experiments.workshop.room import Asked, Truth


@cache
def lessons() -> dict[str, str]:
    """Name -> title of each lesson whose answer is a number, in the order in which they are taught.

    >>> "beer_game" in lessons(), "what_breaks_first" in lessons()
    (True, False)
    """
    read = map(read_lesson, lesson_names())
    return {lesson.name: lesson.title for lesson in read if lesson.guess is not None}


def asked_by(name: str) -> Asked:
    """The question of a lesson, and its scale.

    >>> asked_by("half_the_cycles")[1:4]
    (0, 100, 0.5)
    """
    lesson = read_lesson(name)
    assert lesson.guess is not None
    return Asked(f"{lesson.tells} {lesson.ask}", lesson.guess.low, lesson.guess.high, lesson.guess.step)


def truth_by(name: str) -> Truth:
    """What the lesson's run gives.

    >>> truth_by("beer_game")
    Truth(estimate=2694.0, low=2694.0, high=2694.0, words='2,694')
    """
    found = answered(read_lesson(name))
    return Truth(found.value, found.low, found.high, found.words)


def reason_of(name: str) -> str:
    """Why it is so, in the lesson's words."""
    return read_lesson(name).why
