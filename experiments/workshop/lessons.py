"""Lessons as questions of a room, a number or one of several choices; asked and revealed as `restock lesson` does."""

from __future__ import annotations

import math
from functools import cache

from restock.experiments.lessons.answers import answered
from restock.experiments.lessons.lesson_file import lesson_names, read_lesson
from restock.experiments.workshop.room import Asked, Truth, one_of

UNTOLD = "that so few replications do not tell the choices apart"


@cache
def lessons() -> dict[str, str]:
    """Name -> title of each lesson, in the order in which they are taught.

    >>> "beer_game" in lessons(), "what_breaks_first" in lessons()
    (True, True)
    """
    return {lesson.name: lesson.title for lesson in map(read_lesson, lesson_names())}


def asked_by(name: str) -> Asked:
    """The question of a lesson, and its scale or choices.

    >>> asked_by("half_the_cycles")[1:4], len(asked_by("abc_tiers").choices) > 1
    ((0, 100, 0.5), True)
    """
    lesson = read_lesson(name)
    text = f"{lesson.tells} {lesson.ask}"
    if lesson.guess is None:
        return one_of(text, lesson.choices.values())
    return Asked(text, lesson.guess.low, lesson.guess.high, lesson.guess.step)


def truth_by(name: str) -> Truth:
    """What the lesson's run gives.

    >>> truth_by("beer_game")
    Truth(estimate=2694.0, low=2694.0, high=2694.0, words='2,694')
    """
    lesson = read_lesson(name)
    found = answered(lesson)
    if lesson.guess is not None:
        return Truth(found.value, found.low, found.high, found.words)
    if not found.choice:
        return Truth(math.nan, math.nan, math.nan, UNTOLD)
    right = float([*lesson.choices].index(found.choice) + 1)
    return Truth(right, right, right, found.words)


def reason_of(name: str) -> str:
    """Why it is so, in the lesson's words."""
    return read_lesson(name).why
