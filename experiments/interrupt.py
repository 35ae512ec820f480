"""Ctrl-C, remembered: a library on the way may swallow the interruption, or turn it into an error of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_asked = False


def _note(number: int, frame: FrameType | None) -> None:
    global _asked
    _asked = True
    raise KeyboardInterrupt


@contextmanager
def watched() -> Iterator[None]:
    """Remember Ctrl-C from here on; a process that was told to ignore it (in the background) still does."""
    global _asked
    _asked = False
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, _note)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def asked() -> bool:
    """Whether Ctrl-C was pressed."""
    return _asked


def check() -> None:
    """Stop here if Ctrl-C was pressed."""
    if _asked:
        raise KeyboardInterrupt
