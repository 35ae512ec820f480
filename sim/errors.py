"""The one kind of error a user can cause, and the words for it; and the one that machines cause."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from traceback import extract_tb


class InputError(ValueError):
    """What was given, what is allowed, and where; printed as one line, exit code 2."""


class WorkersLost(RuntimeError):
    """A shard lost its worker as often as is allowed; printed as one line, exit code 1."""


def unknown(what: str, given: str, known: Iterable[str], where: str = "") -> InputError:
    """The error for a name that is not in a list.

    >>> print(unknown("policy", "bufer", ["buffer", "just_in_time"]))
    policy 'bufer' is unknown; did you mean 'buffer'? choose from: buffer, just_in_time
    >>> print(unknown("setting", "level", ["base_stock_level", "review_period"]))
    setting 'level' is unknown; did you mean 'base_stock_level'? choose from: base_stock_level, review_period
    """
    names = sorted(str(name) for name in known)
    words = set(str(given).split("_"))
    longer = [name for name in names if words <= set(name.split("_"))]
    near = get_close_matches(str(given), names, n=1) or (longer if len(longer) == 1 else [])
    hint = f"did you mean '{near[0]}'? " if near else ""
    shown = ", ".join(names[:12]) + (f", ... ({len(names)} in all)" if len(names) > 12 else "")
    return InputError(f"{what} '{given}'{where and ' ' + where} is unknown; {hint}choose from: {shown}")


def require(condition: bool, message: str) -> None:
    """Raise `InputError(message)` unless the condition holds."""
    if not condition:
        raise InputError(message)


def reason(error: BaseException) -> str:
    """What went wrong in a user's own code, in a line: the words of the error, its kind and its place.

    >>> try: [][1]
    ... except IndexError as error: reason(error)
    'list index out of range (IndexError at <doctest restock.sim.errors.reason[0]>, line 1)'
    """
    ours = [Path(str(sys.modules[name].__file__)).parent for name in (__name__, "numpy") if name in sys.modules]
    frames = extract_tb(error.__traceback__)
    own = [frame for frame in frames if not any(Path(frame.filename).is_relative_to(folder) for folder in ours)]
    at = (own or frames)[-1]
    words, kind = " ".join(str(error).split()), type(error).__name__
    hint = "; what is given may not be changed: change a copy" if "read-only" in words else ""
    return f"{words or kind}{hint} ({kind} at {Path(at.filename).name}, line {at.lineno})"
