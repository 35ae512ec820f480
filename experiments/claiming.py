"""Names of run folders, claimed: a run that begins takes a name that no other run has, on this machine or another.

FOLDER.partial is the claim: the system makes it for one of those who ask for it at once. The run is written in it. The
process that has it locks a file in it; should it be killed the system gives up the lock, and the next may take it over.
"""

from __future__ import annotations

import datetime
import errno
import itertools
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from restock.sim.compiling.one_process import lock_file, locked
from restock.sim.errors import InputError

LOCK = "claim.lock"  # lies in FOLDER.partial, beside the folder that is being written
TRIES = 20  # of making a folder whose parent another run removes, because it was empty, at the same moment
_held: dict[Path, int | None] = {}  # folders that this process has claimed, with the handles of their locks
_parents: set[Path] = set()  # folders that it made for others to lie in


def numbered(folder: Path) -> Iterator[Path]:
    """FOLDER, FOLDER-2, FOLDER-3, ..."""
    return (folder.with_name(f"{folder.name}-{k}") if k > 1 else folder for k in itertools.count(1))


@contextmanager
def claimed(folder: Path, others: Iterable[Path] | None = None, anew: bool = False) -> Iterator[Path]:
    """The first of FOLDER, FOLDER-2, ... that holds nothing and that no other run has: this run's until the end.

    Parameters
    ----------
    others : iterable of Path or None
        What to take instead of FOLDER-2, FOLDER-3, ...
    anew : bool
        FOLDER may hold something, which is removed.
    """
    if Path.cwd().is_relative_to(folder):
        raise InputError(f"a run needs a folder of its own, got '{folder}', in which restock was started")
    names = numbered(folder) if others is None else itertools.chain([folder], others)
    try:
        mine = next((place for place in names if _claim(place, anew and place == folder)), None)
    except OSError as error:
        raise InputError(f"cannot write in '{folder}': {error.strerror} ('{error.filename}')") from None
    if mine is None:
        raise InputError(f"'{folder}' exists already, or another run is writing it; name another, or remove it first")
    try:
        if anew and mine == folder:
            shutil.rmtree(mine, ignore_errors=True)
        yield mine
    finally:
        give_up(mine)


def being_written(folder: Path) -> Path:
    """Where a folder that this process has claimed is written, until it takes its place."""
    if folder not in _held:
        raise RuntimeError(f"'{folder}' was not claimed")
    return _partial(folder) / folder.name


def new_folder(folder: Path) -> Path:
    """The first of FOLDER, FOLDER-2, ... that was not there, made."""
    return next(place for place in numbered(folder) if _made(place))


def todays_folder() -> Path:
    """Where a run goes that begins now: runs/DATE/TIME, as Hydra's do."""
    return Path.cwd() / "runs" / f"{datetime.datetime.now():%Y-%m-%d/%H-%M-%S}"


def give_up(folder: Path) -> None:
    """Remove the claim; and the folder, with those of its date and of all runs, as far as they hold nothing."""
    handle = _held.pop(folder, None)
    partial = _partial(folder)
    shutil.rmtree(partial / folder.name, ignore_errors=True)
    with suppress(OSError):
        (partial / LOCK).unlink()
    with suppress(OSError):
        partial.rmdir()
    if handle is not None:
        os.close(handle)
    remove_if_empty(folder)


def give_up_all() -> None:
    """The same for every folder of this process, before it ends at once."""
    for folder in list(_held):
        give_up(folder)


def remove_if_empty(folder: Path) -> None:
    """Remove the folder, and those of its date and of all runs, as far as they hold nothing and are no others'."""
    folder, here = folder.absolute(), Path.cwd()
    with suppress(OSError):
        for place in [folder, *folder.parents[:2]]:
            below = place.is_relative_to(here) and place != here
            if place.exists() and (place == folder or below or place in _parents):
                place.rmdir()


def _claim(folder: Path, anew: bool) -> bool:
    """Claim this folder, and no other."""
    partial = _partial(folder)
    new = _made(partial)
    if not new and not (partial / LOCK).exists():
        return False
    handle = lock_file(partial / LOCK)
    if handle is None:
        if not new:
            return False
    else:
        ours = locked(handle)
        if ours is False or not (new or ours) or not _is_still(handle, partial / LOCK):
            os.close(handle)
            return False
    _held[folder] = handle
    shutil.rmtree(partial / folder.name, ignore_errors=True)  # of a run that was killed
    if anew or not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return True
    give_up(folder)
    return False


def _is_still(handle: int, path: Path) -> bool:
    """Whether the file at the path is the one held: its run may have ended, and removed it, a moment ago."""
    with suppress(OSError):
        return os.path.samestat(os.fstat(handle), path.stat())
    return False


def _made(folder: Path) -> bool:
    """Make the folder; False if it is there already."""
    for _ in range(TRIES):
        try:
            _parents.update(place for place in folder.absolute().parents if not place.exists())
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir()
            return True
        except FileExistsError:
            if not folder.parent.is_dir():
                raise
            return False
        except FileNotFoundError:
            continue
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))


def _partial(folder: Path) -> Path:
    return folder.with_name(folder.name + ".partial")
