"""Compiled rules, kept in the cache folder under a hash of their content.

The content of a rule is its code, the values of all names that it uses, and the same of every function that it calls:
what it is compiled from, wherever it stands. A rule that uses a thing whose content cannot be told is not kept.
"""

from __future__ import annotations

import enum
import hashlib
import math
import os
import pickle
import types
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numba.core.ccallback import CFunc
from numba.core.compiler import CompileResult
from numba.core.dispatcher import NullCache
from numba.core.serialize import dumps

from sim.jit import cache_folder
from sim.made_by import made_by
from sim.rule_code import called_by_name, plain
from sim.whole_files import Damaged, read_whole, write_whole

KEPT = 64  # rules, those used last


class ContentUnknown(Exception):
    """A rule uses a thing whose content cannot be told."""


class OneRule(NullCache):  # type: ignore[misc]
    """What numba asks of a cache, for one function pointer."""

    def __init__(self, path: Path) -> None:
        self._path, self._found = path, None

    @property
    def cache_path(self) -> str:
        return str(self._path.parent)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        if self._found is None:
            target_context.refresh()
            with suppress(Exception):  # damaged, or of another numba: it is compiled again
                body = read_whole(self._path)
                if body is not None:
                    self._found = CompileResult._rebuild(target_context, *pickle.loads(body))
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
    found = kept.load_overload(signature, CFunc._targetdescr.target_context) is not None
    pointer = CFunc(_nothing if found else written(), (signature.args, signature.return_type), {}, options, pipeline)
    pointer._cache = kept
    pointer.compile()
    return pointer


def _nothing() -> None:
    """Stands for a function whose compiled form is kept."""


def content_of(*things: Any) -> str | None:
    """The content of functions and values in words; None where it cannot be told.

    >>> content_of(len, 2, (1.5, "a"))
    "builtins.len int 2 (float 1.5, str 'a')"
    >>> content_of(object()) is None
    True
    """
    try:
        return " ".join(_content(thing) for thing in things)
    except ContentUnknown:
        return None


def _content(thing: Any) -> str:
    thing = plain(thing)
    if isinstance(thing, types.FunctionType):
        return _function(thing)
    if isinstance(thing, types.CodeType):
        return _code(thing)
    if isinstance(thing, enum.Enum):
        return f"{type(thing).__qualname__}.{thing.name} {_content(thing.value)}"
    if thing is None or type(thing) in (bool, int, float, complex, str, bytes):
        return f"{type(thing).__name__} {thing!r}"
    if isinstance(thing, (np.generic, np.ndarray)) and thing.dtype != object:
        order = thing.flags.c_contiguous if isinstance(thing, np.ndarray) else ""
        return f"{type(thing).__name__} {thing.dtype.str} {thing.shape} {order} {thing.tobytes().hex()}"
    if isinstance(thing, (tuple, frozenset)):
        parts = sorted(map(_content, thing)) if isinstance(thing, frozenset) else list(map(_content, thing))
        return f"{_named_tuple(type(thing)) if hasattr(thing, '_fields') else ''}({', '.join(parts)})"
    if thing is math or thing is np:
        return str(thing.__name__)
    if isinstance(thing, type) and issubclass(thing, enum.Enum):
        return f"{thing.__qualname__} {[_content(each) for each in thing]}"
    if isinstance(thing, type) and hasattr(thing, "_fields"):
        return _named_tuple(thing)
    module = str(getattr(thing, "__module__", None) or type(thing).__module__)
    if module.split(".")[0] in ("builtins", "math", "numpy") and hasattr(thing, "__name__"):
        return f"{module}.{thing.__name__}"
    raise ContentUnknown


def _function(function: types.FunctionType) -> str:
    uses = called_by_name(function)
    names = [f"{name}: {_content(uses[name])}" for name in sorted(uses) if plain(uses[name]) is not function]
    defaults = [_content(value) for value in (function.__defaults__ or ())]
    named = {name: _content(value) for name, value in (function.__kwdefaults__ or {}).items()}
    return f"{_code(function.__code__)} {names} {defaults} {named}"


def _code(code: types.CodeType) -> str:
    shape = (code.co_argcount, code.co_kwonlyargcount, code.co_flags, code.co_names, code.co_varnames)
    constants = [_content(each) for each in code.co_consts]
    steps = f"{code.co_code.hex()} {code.co_exceptiontable.hex()}"
    return f"<{code.co_name} {shape} {code.co_cellvars} {code.co_freevars} {constants} {steps}>"


def _named_tuple(kind: type) -> str:
    return f"{kind.__qualname__} {kind._fields}"  # type: ignore[attr-defined]
