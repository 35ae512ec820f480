"""`restock lesson NAME`: asks, runs, reveals, and says why."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from restock.experiments.lessons.answers import Answered, answered, read_guess
from restock.experiments.lessons.lesson_file import Lesson, lesson_names, read_lesson
from restock.experiments.listing import described
from restock.sim.errors import InputError, require

HELP = """\
restock lesson                      the lessons, in the order in which they are taught
restock lesson NAME [guess=...] [replications=32 ...]
                                    one of them: a question, your guess, a run that answers it, and why

guess=98 answers beforehand, guess=none looks on; other settings are those of the lesson's claim.
"""


def lesson_command(words: Sequence[str]) -> int:
    """List the lessons, or take one."""
    if any(word in ("-h", "--help") for word in words):
        print(HELP, end="")
        return 0
    names = [word for word in words if "=" not in word]
    if not words:
        titles = described("lesson")
        print("restock lesson NAME: a question, your guess, a run that answers it, and why\n")
        print("\n".join(f"{k:>2}  {name:<22} {titles[name]}" for k, name in enumerate(lesson_names(), start=1)))
        return 0
    require(len(names) == 1, f"restock lesson takes one lesson, got {len(names)}; restock lesson lists them")
    lesson = read_lesson(names[0])
    given = [word for word in words if word.startswith("guess=")]
    settings = [word for word in words if "=" in word and not word.startswith("guess=")]
    require(len(given) <= 1, "guess is given twice")
    require(not (settings and lesson.game), f"lesson '{lesson.name}' is a game and takes no settings")
    print("\n".join(question_lines(lesson)))
    guess = _guess(lesson, given[0].partition("=")[2] if given else None)
    found, folder = _run(lesson, settings)
    print("\n" + "\n".join(answer_lines(found, guess)))
    print(f"\nWritten to {folder}: lesson.html, a page to hand out")
    return 0


def question_lines(lesson: Lesson) -> list[str]:
    """What is told and asked before anything is run."""
    lines = [lesson.title, "", *_wrapped(lesson.tells), "", *_wrapped(lesson.ask)]
    return [*lines, *(f"  {k}  {words}" for k, words in enumerate(lesson.choices.values(), start=1))]


def answer_lines(found: Answered, guess: float | str | None) -> list[str]:
    """The answer, how near the guess came, the claim behind it, and why."""
    lesson = found.lesson
    told_apart = found.choice or not lesson.choices
    lines = [f"Answer: {found.words}" if told_apart else "Answer: so few replications do not tell the choices apart"]
    if guess is not None and told_apart:
        lines.append(found.says_of(guess))
    if found.claim is not None:
        from restock.experiments.claim_words import check_lines, number_rows
        from restock.sim.results.text import aligned

        lines += ["", *aligned(number_rows(found.claim)), "", f"claim {lesson.claim}: {found.claim.word}",
                  *(f"- {line}" for line in check_lines(found.claim))]  # fmt: skip
    lines += ["", *_wrapped(f"Why: {lesson.why}"), *_wrapped(f"Formula: {lesson.formula}")]
    return [*lines, *_wrapped(f"Source: {lesson.source}"), "", "Go on:", *(f"  {line}" for line in lesson.next)]


def _wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 110, break_on_hyphens=False)


def _guess(lesson: Lesson, given: str | None) -> float | str | None:
    """What was guessed; asked for until it can be read, unless it was given, or there is nobody to ask."""
    if given is not None:
        return None if given == "none" else read_guess(lesson, given)
    while True:
        print("\nYour guess (Enter: look on)? ", end="", flush=True)
        text = sys.stdin.readline().strip()
        if not text:
            print()
            return None
        try:
            return read_guess(lesson, text)
        except InputError as error:
            print(error)


def _run(lesson: Lesson, settings: Sequence[str]) -> tuple[Answered, Path]:
    from restock.experiments.claiming import claimed, todays_folder
    from restock.experiments.jobs import bar
    from restock.experiments.lessons.page import lesson_page
    from restock.experiments.run_folder import now, shown_path, versions, whole_or_nothing, write_json

    about: dict[str, Any] = {"command": "lesson", "lesson": lesson.name, "overrides": list(settings), "started": now()}
    with claimed(todays_folder()) as folder, bar(True) as progress:
        found = answered(lesson, settings, lambda share: progress(lesson.name, share))
        seed = found.claim.base.seed if found.claim is not None else None
        with whole_or_nothing(folder) as place:
            write_json(place / "run.json", about | {"seed": seed, "versions": versions()})
            (place / "lesson.html").write_text(lesson_page(found), encoding="utf-8", newline="\n")
    return found, shown_path(folder)
