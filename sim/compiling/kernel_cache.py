"""Compiled functions on disk: read back where whole, compiled again where damaged, and by one process at a time.

A file holds a digest of what follows it, so that nothing damaged is unpickled or run. numba's own cache would: it also
names files by a number that two machines of different processors, sharing a disk, can both take.
"""

from __future__ import annotations

import hashlib
import inspect
import shutil
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numba
from numba.core import event
from numba.core.caching import NullCache
from numba.core.serialize import dumps

from restock.sim.compiling.cache_folders import say
from restock.sim.compiling.notice import Notice, expected_seconds, note_seconds
from restock.sim.compiling.one_process import one_process_at_a_time
from restock.sim.compiling.rebuilding import rebuilt
from restock.sim.compiling.whole_files import Damaged, read_whole, write_whole


def keep_on_disk(dispatcher: Any, folder: Path, seconds: float) -> Any:
    """Have a function of numba's kept in the folder; compiling is told where it takes long (`seconds` at first)."""
    dispatcher._cache = OnDisk(dispatcher, folder, seconds)
    event.register("numba:compile", dispatcher._cache)
    return dispatcher


class OnDisk(NullCache, event.Listener):  # type: ignore[misc]
    """What numba asks of a cache: to load a compiled function, and to save one."""

    def __init__(self, dispatcher: Any, folder: Path, seconds: float) -> None:
        function = dispatcher.py_func
        self._dispatcher, self._folder, self._seconds = dispatcher, folder, seconds
        self._name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self._source = hashlib.blake2b(Path(inspect.getfile(function)).read_bytes()).digest()
        self._alone, self._notice, self._started = ExitStack(), ExitStack(), 0.0

    @property
    def cache_path(self) -> str:
        return str(self._folder)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The function compiled for these types, or None: it is then compiled, while other processes wait for it."""
        path = self._path(sig, target_context.codegen())
        found = self._read(path, target_context)
        if found is None:
            target_context.refresh()
            self._alone.enter_context(one_process_at_a_time(path.with_suffix(".lock"), self._told))
            found = self._read(path, target_context)
            if found is not None:
                self._alone.close()
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled, whole or not at all."""
        with self._alone:
            if data.library.has_dynamic_globals:
                return
            body = dumps(data._reduce())
            path = self._path(sig, data.codegen)
            try:
                write_whole(path, body)
            except OSError as error:
                why = error.strerror or type(error).__name__
                say(f"the compiled kernel cannot be kept in '{self._folder}' ({why}): the next run compiles it again")
        note_seconds(self._folder.parent, self._name, time.perf_counter() - self._started, self._told)

    def on_start(self, event: Any) -> None:
        """numba begins to compile a function, perhaps this one."""
        if event.data["dispatcher"] is self._dispatcher:
            self._started = time.perf_counter()
            about = expected_seconds(self._folder.parent, self._name, self._seconds)
            if self._told:
                self._notice.enter_context(Notice(f"compiling the kernel (once, about {about:.0f} s)"))

    def on_end(self, event: Any) -> None:
        """The function is compiled, or does not compile."""
        if event.data["dispatcher"] is self._dispatcher:
            self._notice.close()
            if tuple(event.data["args"]) not in self._dispatcher.overloads:  # it does not compile
                self._alone.close()

    @property
    def _told(self) -> bool:
        return self._seconds > 0

    def _path(self, sig: Any, codegen: Any) -> Path:
        """A file for each function, its types and source, processor, numba and Python."""
        key = repr((sig, codegen.magic_tuple(), self._source, numba.__version__, sys.implementation.cache_tag))
        return self._folder / f"{self._name}-{hashlib.blake2b(key.encode(), digest_size=8).hexdigest()}.kernel"

    def _read(self, path: Path, target_context: Any) -> Any:
        try:
            body = read_whole(path)
            return None if body is None else rebuilt(body, target_context)
        except Exception as error:  # whatever reading, unpickling or numba raises
            why = str(error) if isinstance(error, (Damaged, OSError)) else f"{type(error).__name__}: {error}"
            say(f"the compiled kernel kept in '{path}' is damaged ({why}): it is compiled again")
            with suppress(OSError):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            return None
