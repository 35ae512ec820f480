"""Files that are read back whole or not at all: each holds a digest of what follows it."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

DIGEST = 32  # bytes
LEFT_BEHIND = 3600  # seconds after which a file that was being written belongs to a process that has ended


class Damaged(Exception):
    """A kept function cannot be used; the message says why."""


def read_whole(path: Path) -> bytes | None:
    """What a file holds after its digest; None where there is no file."""
    try:
        held = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Damaged(error.strerror) from None
    if hashlib.blake2b(held[DIGEST:], digest_size=DIGEST).digest() != held[:DIGEST]:
        raise Damaged(f"{len(held)} bytes that are not those written")
    return held[DIGEST:]


def write_whole(path: Path, content: bytes) -> None:
    """A file with a digest before its content, which appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob("*.new"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_BEHIND:
                left.unlink()
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")
    try:
        with open(handle, "wb") as file:
            file.write(hashlib.blake2b(content, digest_size=DIGEST).digest() + content)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
