"""What is said while the kernel is compiled: one line, on a terminal with the seconds so far."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from restock.sim.compiling.cache_folders import say

TOOK = "seconds.json"  # of the last time, beside the folders of all versions
_silent = threading.Event()
_running: set[Notice] = set()  # those that a terminal shows


def silence() -> None:
    """No running time from here on: the command says its last word."""
    if _running and not _silent.is_set():
        _on_the_line("")
    _silent.set()


class Notice:
    """Say what goes on; on a terminal with the seconds so far, until it is done."""

    def __init__(self, words: str) -> None:
        self._words, self._done = words, threading.Event()
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._clock = threading.Thread(target=self._tell, name="restock-compile-notice", daemon=True)
            _running.add(self)
            self._clock.start()
        else:
            say(self._words)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        if sys.stderr.isatty():
            self._clock.join(1.0)
            _running.discard(self)
            _on_the_line("")

    def _tell(self) -> None:
        while not (self._done.is_set() or _silent.is_set()):
            _on_the_line(f"{self._words}: {time.monotonic() - self._started:.0f} s")
            self._done.wait(1.0)


def _on_the_line(words: str) -> None:
    """Write over the line on which the cursor stands."""
    if not _silent.is_set():
        wide = shutil.get_terminal_size().columns - 1
        with suppress(OSError):
            sys.stderr.write(f"\r{words[:wide]:<{wide}}" + ("" if words else "\r"))
            sys.stderr.flush()


def expected_seconds(folder: Path, name: str, first: float) -> float:
    """What it took the last time, at least a second; `first` where that is not known."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        return max(1.0, float(json.loads((folder / TOOK).read_text(encoding="utf-8")).get(name, first)))
    return first


def note_seconds(folder: Path, name: str, seconds: float, told: bool) -> None:
    """Remember what it took."""
    if not told:
        return
    new = folder / f"{TOOK}.{os.getpid()}.new"
    with suppress(OSError):
        new.write_text(json.dumps({name: round(seconds, 1)}), encoding="utf-8")
        new.replace(folder / TOOK)
