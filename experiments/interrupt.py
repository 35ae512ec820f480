"""Ctrl-C, remembered: a library on the way may swallow the interruption, or turn it into an error of its own.

And obeyed: Python hears it in the main thread only, between two steps. Where that thread is inside compiled code, or
waits for a thread that is (a rule that never ends, LLVM at work for a minute), another thread ends the process.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

HEAR, LEAVE = 0.6, 0.3  # seconds for the main thread to hear Ctrl-C, and to end once it has said its last word
UNWIND = 10.0  # seconds in between: workers are ended; what was finished is written, for as long as it takes
AGAIN = 1.0  # seconds after which Ctrl-C counts once more: programs that started this one pass it on, too
FAREWELL = 5.0  # seconds for the last words, where the main thread does not say them

_asked = False
_writing = 0
_watch: _Watch | None = None


def _note(number: int, frame: FrameType | None) -> None:
    global _asked
    again, _asked = _asked, True
    if not (again and _watch):  # a second one is for the watch: it must not break off what the first began
        raise KeyboardInterrupt


@contextmanager
def watched(farewell: Callable[[], object] | None = None) -> Iterator[None]:
    """Remember Ctrl-C from here on; a process that was told to ignore it (in the background) still does.

    With `farewell` this process is the command's own: it ends soon after Ctrl-C whatever it is at, and says farewell.
    """
    global _asked, _watch
    _asked = False
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, _note)
        if farewell is not None:
            _watch = _Watch(farewell)
    try:
        yield
    finally:
        if _watch is not None and _asked:
            _watch.left = time.monotonic()  # it stays: Python waits for threads before it ends
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # while Python ends, it would kill the process otherwise
        elif ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if _watch is not None:
                _watch.stop()
                _watch = None


@contextmanager
def writing() -> Iterator[None]:
    """What was finished before Ctrl-C is being written: it may take as long as it takes."""
    global _writing
    _writing += 1
    try:
        yield
    finally:
        _writing -= 1


def asked() -> bool:
    """Whether Ctrl-C was pressed."""
    return _asked


def check() -> None:
    """Stop here if Ctrl-C was pressed."""
    if _asked:
        raise KeyboardInterrupt


class _Watch:
    """A thread that the system tells of Ctrl-C at once, and that ends the process if the main thread does not."""

    def __init__(self, farewell: Callable[[], object]) -> None:
        self._farewell, self.left = farewell, 0.0
        self._read, self._write = socket.socketpair()
        self._write.setblocking(False)
        self._before = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=self._run, name="restock-interrupt", daemon=True).start()

    def stop(self) -> None:
        """Nothing was pressed, and the command is over."""
        signal.set_wakeup_fd(self._before)
        self._write.close()

    def _run(self) -> None:
        if hasattr(signal, "pthread_sigmask"):  # signals go to the main thread, which may hold them back for a while
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while not self._pressed(None):
            if self._write.fileno() < 0:
                return self._read.close()
        pressed = time.monotonic()
        while not self._late(pressed, again=self._pressed(0.05)):
            pass
        self._end()

    def _pressed(self, timeout: float | None) -> bool:
        """Whether Ctrl-C comes within the time; None: wait for the next signal, whichever, or the end."""
        ready, _, _ = select.select([self._read], [], [], timeout)
        return bool(ready) and signal.SIGINT in self._read.recv(64)

    def _late(self, pressed: float, again: bool) -> bool:
        now = time.monotonic()
        if again and now - pressed > AGAIN:
            return True
        if not _asked:
            return now - pressed > HEAR
        if self.left:
            return now - self.left > LEAVE
        return not _writing and now - pressed > UNWIND

    def _end(self) -> None:
        """End the process now: threads inside compiled code cannot be asked to."""
        limit = threading.Timer(FAREWELL, os._exit, (130,))
        limit.daemon = True
        limit.start()
        try:
            if not self.left:
                self._farewell()
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError):
                    stream.flush()
        finally:
            os._exit(130)
