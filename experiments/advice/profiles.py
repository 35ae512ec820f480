"""Profiles: a scenario for who has no data yet, made of the answers to five questions.

A file of conf/profile holds the questions as the comments beside its answers, which are settings:

    profile:
      stores: 12                   # How many stores? Why twelve, where nobody says.

What is not answered on the command line (`profile.stores=20`) is asked, where the command is typed at a terminal; enter
takes the answer of the file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from restock.experiments.command_words import chosen
from restock.experiments.listing import files_of
from restock.sim.errors import require, unknown
from restock.sim.yaml_file import read_yaml

GROUP = "profile"
LINE = re.compile(r"^  (\w+):.*?\s#\s(.+?\?)\s*(.*)$")


class Question(NamedTuple):
    """A question, the answer where nobody gives one, and why that."""

    name: str
    asks: str
    answer: Any
    because: str


def questions(name: str, own: Sequence[Path] = ()) -> list[Question]:
    """The questions of a profile, in the order of its file.

    >>> [question.name for question in questions("fresh")]
    ['stores', 'items', 'units_a_day', 'shelf_life', 'lead_time']
    """
    known = files_of(GROUP, own)
    if name not in known:
        raise unknown(GROUP, name, known)
    answers = read_yaml(known[name]).get(GROUP) or {}
    good = isinstance(answers, dict) and len(answers) > 0
    require(good, f"profile '{name}' must hold profile: {{NAME: ANSWER}}, with the questions as comments beside them")
    found = [LINE.match(line) for line in known[name].read_text(encoding="utf-8").splitlines()]
    asked = {line[1]: (line[2], line[3]) for line in found if line and line[1] in answers}
    for key in answers:
        require(key in asked, f"profile '{name}': {key} needs its question beside it, as a comment that ends with a ?")
    return [Question(key, *asked[key][:1], answer, asked[key][1]) for key, answer in answers.items()]


def with_answers(words: Sequence[str], own: Sequence[Path] = (), ask: Callable[[str], str] | None = None) -> list[str]:
    """The words of a command line, with the answers to the questions of its profile that they leave open.

    `ask` puts a question and returns what was typed; None: nobody is there to be asked.

    >>> with_answers(["profile=fresh", "profile.stores=3"], ask=lambda words: "4" if "items" in words else "")
    ['profile=fresh', 'profile.stores=3', 'profile.items=4']
    """
    name = chosen(GROUP, words)
    if not name:
        given = next((word for word in words if word.startswith(f"{GROUP}.")), None)
        require(given is None, f"{given}: choose the profile that asks it, such as profile=chain")
        return [*words]
    for group in ("scenario", "experiment"):
        require(
            not chosen(group, words), f"profile={name} makes its own scenario: leave {group}=... out, or profile=..."
        )
    asked, out = questions(name, own), [*words]
    given_names = [word.partition("=")[0].lstrip("+") for word in words]
    known = [question.name for question in asked]
    for key in given_names:
        if key.startswith(f"{GROUP}.") and key.partition(".")[2] not in known:
            raise unknown("question", key.partition(".")[2], known, f"of profile '{name}'")
    for question in asked:
        if ask is not None and f"{GROUP}.{question.name}" not in given_names:
            answer = _answered(question, ask)
            out += [f"{GROUP}.{question.name}={answer}"] if answer else []
    return out


def _answered(question: Question, ask: Callable[[str], str]) -> str:
    """What is typed, until it is an answer; '' for that of the file."""
    usual = _value(question.answer)
    while True:
        try:
            typed = ask(f"{question.asks} [{usual}; {question.because}] ").strip()
        except EOFError:
            return ""
        if not typed:
            return ""
        numbers = re.findall(r"\d+(?:\.\d+)?", typed)
        if isinstance(question.answer, list):
            if len(numbers) == len(question.answer):
                return f"[{','.join(numbers)}]"
            print(f"{len(question.answer)} numbers, such as {usual}")
        elif re.fullmatch(r"\d+" if isinstance(question.answer, int) else r"\d+(\.\d+)?|\.\d+", typed):
            return typed
        else:
            print("a whole number, please" if isinstance(question.answer, int) else "a number, please")


def at_terminal() -> Callable[[str], str] | None:
    """How to ask, where the command is typed at a terminal; questions are no part of the report."""
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(words: str) -> str:
        print(words, end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line

    return ask


def profile_line(name: str, answers: Mapping[str, Any]) -> str:
    """What stands above everything that a profile says.

    >>> profile_line("fresh", {"stores": 12, "lead_time": [1, 3]})
    "No data of yours is in this: it is the profile 'fresh' with stores 12, lead time 1 to 3; all else is assumed."
    """
    said = ", ".join(f"{key.replace('_', ' ')} {_value(value)}" for key, value in answers.items())
    return f"No data of yours is in this: it is the profile '{name}' with {said}; all else is assumed."


def _value(value: Any) -> str:
    return " to ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
