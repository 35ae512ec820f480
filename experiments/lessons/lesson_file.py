"""A lesson as its file says it: conf/lesson/NAME.yaml, a claim with a question in front and a reason behind.

A file opens with the title. Beside it:

    claim: jit_breaks                     conf/claim/jit_breaks.yaml is run and judged; or
    game: sterman                         four bots of the beer game
    tells: what somebody must know to guess
    ask: the question
    answer: {of: buffer@7, measure: fill_rate}          a number, written as a check of the claim's is; or
            {worst: true, measure: fill_rate}           which of the choices is the worst, or the best; or
            {check: what a check says}                  whether that check holds
    guess: {low: 0, high: 100, step: 0.5, near: 2}      what may be guessed, and how near counts as right
    choices: {lag@1: a day's lag, ...}                  in place of guess
    expects: [97, 99.5]                                 what the answer must be for the lesson to be true, or a choice
    why, formula, source, next: the reason, and commands to go on with
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from restock.experiments.beer_game.bots import BOTS
from restock.experiments.claim_file import claim_names, one_line
from restock.experiments.listing import described
from restock.sim.checks import check_keys, is_finite_number
from restock.sim.errors import require, unknown
from restock.sim.measures.measures import MEASURES

ANSWERS = ("of", "at", "measure", "worst", "best", "check", "plus", "times", "saved")
TEXTS = ("tells", "ask", "why", "formula", "source")


@dataclass(frozen=True)
class Guess:
    """Numbers that may be guessed, in the unit that the question names, and how near counts as right."""

    low: float
    high: float
    step: float = 1.0
    near: float = 0.0


@dataclass(frozen=True)
class Lesson:
    """A lesson, read and checked."""

    name: str
    title: str
    tells: str
    ask: str
    why: str
    formula: str
    source: str
    next: tuple[str, ...] = ()
    claim: str = ""
    game: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)
    guess: Guess | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    expects: tuple[float, ...] | str = ()


def lesson_names() -> list[str]:
    """Names of all lessons, in the order in which they are taught.

    >>> lesson_names()[0], len(lesson_names())
    ('half_the_cycles', 18)
    """
    return [name for name in ORDER if name in described("lesson")] + sorted(set(described("lesson")) - set(ORDER))


ORDER = ("half_the_cycles", "lead_times_doubled", "what_breaks_first", "last_percent", "one_stock_or_ten", "transfers",
         "channel_view", "full_trucks", "abc_tiers", "never_counted", "weekly_books", "late_books",
         "forecast_from_sales", "one_night", "misclassified", "side_by_side", "two_weeks_without",
         "beer_game")  # fmt: skip


def read_lesson(name: str) -> Lesson:
    """The lesson of that name.

    >>> lesson = read_lesson("half_the_cycles")
    >>> lesson.claim, lesson.guess.near
    ('half_the_cycles', 2)
    """
    import yaml

    titles = described("lesson")
    if name not in titles:
        raise unknown("lesson", name, lesson_names())
    written = yaml.safe_load(files("restock.conf").joinpath("lesson", f"{name}.yaml").read_text(encoding="utf-8"))
    return lesson_of(name, titles[name], written)


def lesson_of(name: str, title: str, written: Mapping[str, Any]) -> Lesson:
    """A lesson from its written form, checked."""
    where = f"of lesson '{name}'"
    check_keys(written, [each for each in Lesson.__dataclass_fields__ if each not in ("name", "title")], where)
    for key in TEXTS:
        require(bool(written.get(key)), f"{key} {where} must be a sentence")
    claim, game = written.get("claim", ""), written.get("game", "")
    require(bool(claim) != bool(game), f"lesson '{name}' rests on one thing: claim or game")
    if claim and claim not in claim_names():
        raise unknown("claim", claim, claim_names(), where)
    if game and game not in BOTS:
        raise unknown("game", game, BOTS, where)
    answer = written.get("answer") or {}
    check_keys(answer, ANSWERS, f"of answer {where}")
    kinds = [kind for kind in ("of", "worst", "best", "check") if answer.get(kind)]
    require(bool(game) or len(kinds) == 1, f"answer {where} has one of of, worst, best and check")
    if answer.get("measure", "fill_rate") not in MEASURES:
        raise unknown("measure", answer["measure"], MEASURES, where)
    asks_number = bool(game) or kinds == ["of"]
    given: Any = written.get("guess" if asks_number else "choices")
    needs = f"lesson '{name}' needs {'guess' if asks_number else 'choices'}"
    require(isinstance(given, Mapping) and bool(given), needs)
    guess = _guess(given, f"guess {where}") if asks_number else None
    texts = {key: one_line(str(written[key])) for key in TEXTS}
    choices, commands = {} if asks_number else dict(given), tuple(written.get("next") or ())
    return Lesson(name, title, **texts, next=commands, claim=claim, game=game, answer=answer, guess=guess,
                  choices=choices, expects=_expected(written, where))  # fmt: skip


def _guess(given: Mapping[str, Any], of: str) -> Guess:
    check_keys(given, ("low", "high", "step", "near"), f"of {of}")
    good = all(is_finite_number(value) for value in given.values()) and given.get("low", 0) < given.get("high", 0)
    require(good, f"{of} needs numbers, low below high, got {dict(given)}")
    return Guess(**given)


def _expected(written: Mapping[str, Any], where: str) -> tuple[float, ...] | str:
    given = written.get("expects")
    bounds = isinstance(given, list) and len(given) == 2 and all(map(is_finite_number, given))
    good = bounds or (isinstance(given, str) and given in (written.get("choices") or ()))
    require(good, f"expects {where} must be two bounds, or one of its choices, got {given}")
    return tuple(given) if isinstance(given, list) else str(given)
