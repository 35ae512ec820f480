"""How a command ends when something goes wrong: what each kind of failure is said as, in one line."""

from __future__ import annotations

import codecs
import errno
import os
import sys
import tempfile
import traceback
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from restock.sim.errors import InputError

OF_FILES = {
    getattr(errno, name)
    for name in ("EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "EFBIG", "EIO", "ENOENT", "ENOTDIR", "EISDIR",
                 "EEXIST", "ENAMETOOLONG", "ELOOP", "EMFILE", "ENFILE")
    if hasattr(errno, name)
}  # fmt: skip
DEBUG = "RESTOCK_DEBUG"  # set: tracebacks are shown
RAISE = "HYDRA_FULL_ERROR"  # set to 1: Hydra raises what it would otherwise print
READABLE = {"±": "+/-", "×": "x", "–": "-", "—": "-", "…": "...", "‘": "'", "’": "'", "“": '"', "”": '"', "≤": "<="}
LONGEST_WORD, LONGEST_LINE = 120, 600  # characters of a message


def of_failure(error: Exception) -> tuple[str, int]:
    """The line and the exit code of an error that is not about what was given."""
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    if isinstance(error, MemoryError):
        return f"not enough memory{_said(error)}; take fewer replications, days, items or sites", 1
    if isinstance(error, OSError) and error.errno in OF_FILES:
        with suppress(OSError):
            sys.stdout.flush()
            return of_file(error), 1
        print_no_more()
        return f"cannot print the report: {error.strerror}", 1
    where = traceback.extract_tb(error.__traceback__)[-1]
    kind = f"{type(error).__name__}{_said(error)}, in {Path(where.filename).name} line {where.lineno}"
    kept = _kept_traceback(error)
    shown = f"the traceback is in {kept}" if kept else f"set {DEBUG}=1 to see the traceback"
    return f"this is a fault of restock, please report it: {kind}; {shown}", 1


def of_file(error: OSError) -> str:
    """What cannot be done with which file."""
    return f"cannot use '{error.filename}': {error.strerror}" if error.filename else f"cannot write: {error.strerror}"


def _said(error: Exception) -> str:
    return f" ({error})" if str(error) else ""


def _kept_traceback(error: Exception) -> str | None:
    """A file of its own with the traceback, and the command; None: no file can be written."""
    with suppress(OSError):
        handle, name = tempfile.mkstemp(prefix="restock-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{' '.join(sys.argv)}\n\n{''.join(traceback.format_exception(error))}")
        return name
    return None


def of_settings() -> tuple[type[BaseException], ...]:
    """The errors by which Hydra and the YAML of a user's files complain of what was given."""
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    return HydraException, OmegaConfBaseException, YAMLError, UnicodeDecodeError


def refusal(error: BaseException, known: Callable[[], Iterable[str]]) -> InputError:
    """The same complaint in one line; `known` lists the settings there are."""
    from yaml import YAMLError

    from restock.experiments.messages import one_line
    from restock.sim.yaml_file import complaint

    if isinstance(error, YAMLError):
        return InputError(complaint(error))
    if isinstance(error, UnicodeDecodeError):
        return InputError(f"a file of settings is not UTF-8 text: {error.reason} (byte {error.object[error.start]:#x})")
    return InputError(one_line(error, known))


@contextmanager
def hydra_raises() -> Iterator[None]:
    """Hydra raises its errors, whatever the caller's environment says, which is as before afterwards."""
    before = os.environ.get(RAISE)
    os.environ[RAISE] = "1"
    try:
        yield
    finally:
        os.environ.pop(RAISE)
        if before is not None:
            os.environ[RAISE] = before


def in_one_line(message: str) -> str:
    """A message without line ends, and without the bulk of a value that was very long.

    >>> in_one_line("got 'a\\nb'"), len(in_one_line("x" * 5000))
    ("got 'a b'", 141)
    """
    words = [
        word if len(word) <= LONGEST_WORD else f"{word[:LONGEST_WORD]}...({len(word):,} characters)"
        for word in message.split()
    ]
    line = " ".join(words)
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}..."


def print_what_can_be_printed() -> None:
    """A sign that the terminal's encoding lacks is printed as something readable, and ends nothing."""
    codecs.register_error("restock.readable", _readable)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="restock.readable")


def print_no_more() -> None:
    """Nothing more goes to the standard output, which cannot take it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _readable(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "".join(_plain(sign) for sign in error.object[error.start : error.end]), error.end


def _plain(sign: str) -> str:
    """The sign in ASCII.

    >>> _plain("±"), _plain("é"), _plain("漢")
    ('+/-', 'e', '?')
    """
    return READABLE.get(sign) or unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"
