"""Where compiled kernels are kept: a folder for each version of the sources, or a private one."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

KEPT = 4  # folders of other versions that are kept beside the one in use
IN_USE = 3600  # seconds after its last use in which a folder is left alone: another version may be running
OF_A_VERSION = re.compile(r"[0-9a-f]{16}")


def say(words: str) -> None:
    """One line on stderr."""
    print(f"restock: {words}", file=sys.stderr, flush=True)


def user_folder() -> Path:
    """RESTOCK_CACHE, or restock's part of the user's cache folder; a variable that is empty counts as unset.

    Relative XDG_CACHE_HOME is ignored, as the XDG Base Directory specification asks.
    """
    if os.environ.get("RESTOCK_CACHE"):
        return Path(os.environ["RESTOCK_CACHE"]).expanduser().absolute()
    given = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", "")
    if Path(given).is_absolute():
        return Path(given) / "restock"
    return Path.home() / ("restock" if sys.platform == "win32" else ".cache/restock")


def folder_of_version(digest: str) -> Path:
    """The folder of this version, made and marked as used; those of versions long unused are removed."""
    try:
        folder = writable(user_folder() / digest)
    except RuntimeError:  # there is no home
        folder = private_folder() / digest
        folder.mkdir(exist_ok=True)
    with suppress(OSError):
        os.utime(folder)
    sweep_old(folder)
    return folder


def sweep_old(used: Path) -> None:
    """Beside the folder in use, keep the `KEPT` used last and all that were used within the hour."""
    with suppress(OSError):
        others = [path for path in used.parent.iterdir() if OF_A_VERSION.fullmatch(path.name) and path != used]
        dated = sorted(((path.stat().st_mtime, path) for path in others if not path.is_symlink()), reverse=True)
        for last_used, path in dated[KEPT:]:
            if time.time() - last_used > IN_USE:
                shutil.rmtree(path, ignore_errors=True)


def writable(folder: Path) -> Path:
    """The folder, made; or one in the system's temporary folder, where this one cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()  # what os.access says of a shared or read-only disk may be wrong
        return folder
    except OSError:
        other = private_folder() / folder.name
        other.mkdir(exist_ok=True)
        return other


def private_folder() -> Path:
    """A folder in the system's temporary one that only this user can write: compiled kernels are code that is run.

    Its name can be guessed, so whoever made it is not trusted; a fresh one is then taken, for this process only.
    """
    folder = Path(tempfile.gettempdir()) / f"restock-{_user()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    wrong = _why_not_private(folder)
    if not wrong:
        return folder
    fresh = Path(tempfile.mkdtemp(prefix="restock-"))
    atexit.register(shutil.rmtree, fresh, ignore_errors=True)
    say(f"'{folder}' {wrong}, so it is not used: the compiled kernel is kept for this run only")
    return fresh


def _why_not_private(folder: Path) -> str:
    """Why the folder is not to be trusted; nothing where it is."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        return "is not a folder"
    if hasattr(os, "getuid"):
        if found.st_uid != _user():
            return "belongs to another user"
        if found.st_mode & 0o077:
            return "is open to other users"
    return ""


def _user() -> int | str:
    return os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "cache")
