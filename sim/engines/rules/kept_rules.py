"""Compiled rules, kept in the cache folder under a hash of their content (see `rule_content`)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core.ccallback import CFunc
from numba.core.dispatcher import NullCache  # type: ignore[attr-defined]
from numba.core.serialize import dumps
from numba.experimental import function_type  # noqa: F401  # by which numba knows a pointer that the kernel is given

from restock.sim.compiling.made_by import made_by
from restock.sim.compiling.marks import cache_folder
from restock.sim.compiling.rebuilding import rebuilt
from restock.sim.compiling.whole_files import Damaged, read_whole, write_whole

KEPT = 64  # rules, those used last


class OneRule(NullCache):  # type: ignore[misc]
    """What numba asks of a cache, for one function pointer."""

    def __init__(self, path: Path) -> None:
        self._path, self._found = path, None

    @property
    def cache_path(self) -> str:
        return str(self._path.parent)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        if self._found is None:
            with suppress(Exception):  # damaged, or of another numba: it is compiled again
                body = read_whole(self._path)
                if body is not None:
                    self._found = rebuilt(body, target_context)
                    os.utime(self._path)
        return self._found

    def save_overload(self, sig: Any, data: Any) -> None:
        if not data.library.has_dynamic_globals:
            with suppress(OSError, Damaged):
                write_whole(self._path, dumps(data._reduce()))
                for old in sorted(self._path.parent.glob("*.rule"), key=lambda each: each.stat().st_mtime)[:-KEPT]:
                    old.unlink()


def function_pointer(written: Callable[[], Any], signature: Any, content: str | None, **options: Any) -> Any:
    """The function that `written` writes, compiled to a pointer; it is not even written where it is kept.

    `content` is all that the function depends on; None: it is not kept.
    """
    import numba

    if content is None:
        return numba.cfunc(signature, **options)(written())
    pipeline = options.pop("pipeline_class")
    key = hashlib.blake2b(f"{made_by()} {signature} {options} {content}".encode(), digest_size=16).hexdigest()
    kept = OneRule(cache_folder() / f"{key}.rule")
    function: Any = CFunc  # its stubs know less than it has
    found = kept.load_overload(signature, function._targetdescr.target_context) is not None
    pointer = function(_nothing if found else written(), (signature.args, signature.return_type), {}, options, pipeline)
    pointer._cache = kept
    pointer.compile()
    return pointer


def _nothing() -> None:
    """Stands for a function whose compiled form is kept."""
