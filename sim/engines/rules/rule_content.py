"""What a rule is compiled from, in words: where two rules have the same content, they compile to the same thing.

The content of a function is its code, the values of all names that it uses, and the same of every function that it
calls, wherever they stand. There are things whose content cannot be told; a rule that uses one has none.
"""

from __future__ import annotations

import enum
import math
import types
from typing import Any

import numpy as np

from restock.sim.planning.rule_code import called_by_name, plain


class ContentUnknown(Exception):
    """A rule uses a thing whose content cannot be told."""


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
