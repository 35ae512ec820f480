"""Work that one process does while others, on this machine or a shared disk, wait for it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from restock.sim.compiling.notice import Notice

try:
    import fcntl
except ImportError:  # Windows: processes do the same work side by side, which is slower and not wrong
    fcntl = None  # type: ignore[assignment]

PATIENCE = 600.0  # seconds; a process that holds the lock may have been stopped


@contextmanager
def one_process_at_a_time(path: Path, told: bool) -> Iterator[None]:
    """Held by one process, and given up by the system should it be killed; without a lock where the disk has none."""
    handle = lock_file(path)
    if handle is None:
        yield
        return
    try:
        if locked(handle) is False:
            words = "waiting for another process, which compiles the kernel"
            with Notice(words) if told else nullcontext():
                until = time.monotonic() + PATIENCE
                while time.monotonic() < until and locked(handle) is False:
                    time.sleep(0.1)
        yield
    finally:
        with suppress(OSError):
            os.close(handle)


def lock_file(path: Path) -> int | None:
    """A handle of a file that can be locked, made where it is not there; None where it cannot be."""
    if fcntl is None:
        return None
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None


def locked(handle: int) -> bool | None:
    """Lock the file if no other process has it; None on a disk that knows no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
