"""Functions of a rule, compiled so that they fail where plain Python does.

Compiled code would go on silently after a division by zero, with the root of a negative number or with the whole part
of what is not a number, and would write beyond the end of an array. Here it raises, as plain Python does.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numba

from restock.sim.engines.rules.rule_content import content_of
from restock.sim.planning.rule_code import called_by_name, plain, with_names
from restock.sim.planning.rule_draws import uniform

OPTIONS: dict[str, Any] = {"error_model": "python", "boundscheck": True}
_njit: Any = numba.njit
_checked = _njit(forceinline=True, **OPTIONS)
LARGEST = 2.0**63  # whole numbers are compiled to 64 bits
_UNCHECKED = ("copysign", "fabs", "isfinite", "isinf", "isnan", "gcd", "lcm", "comb", "perm", "factorial", "isqrt",
              "fsum", "prod", "dist", "isclose", "frexp", "modf", "ldexp")  # fmt: skip
_WHOLE = ("ceil", "floor", "trunc")
_OF_TWO = ("atan2", "fmod", "hypot", "pow", "remainder")


def compiled(function: Any, forceinline: bool = False) -> Any:
    """The function compiled, with the functions that it calls: once each, and again where what they use has changed."""
    return _compiled(function, forceinline, content_of(function))


@lru_cache(maxsize=512)
def _compiled(function: Any, forceinline: bool, content: str | None) -> Any:
    names = {}
    for name, thing in called_by_name(plain(function)).items():
        called = plain(thing)
        if thing is math:
            names[name] = checked_math()
        elif thing is int:
            names[name] = whole
        elif thing is round:
            names[name] = rounded
        elif getattr(thing, "__module__", None) == "math":
            names[name] = checked_function(thing.__name__)
        elif isinstance(called, types.FunctionType) and called is not uniform and called.__module__ != "numpy":
            names[name] = compiled(called)
    return _njit(forceinline=forceinline, **OPTIONS)(with_names(plain(function), names))


@_checked
def whole(x):
    """`int(x)`."""
    if not -LARGEST <= x < LARGEST:
        raise ValueError("a whole number is wanted of what is none, or beyond 64 bits")
    return int(x)


@_checked
def rounded(x, digits=None):
    """`round(x)`, or to some digits."""
    if digits is None:
        if not -LARGEST <= x < LARGEST:
            raise ValueError("a whole number is wanted of what is none, or beyond 64 bits")
        return round(x)
    return round(x, digits)


@lru_cache(maxsize=1)
def checked_math() -> types.ModuleType:
    """The module `math` as rules see it."""
    module = types.ModuleType("math")
    for name in dir(math):
        if not name.startswith("_"):
            thing = getattr(math, name)
            setattr(module, name, checked_function(name) if callable(thing) else thing)
    return module


@cache
def checked_function(name: str) -> Any:
    """A function of `math` that raises where it would give nan of a number, or infinity of finite numbers."""
    function: Callable[..., Any] = getattr(math, name)
    if name in _UNCHECKED:
        return function
    if name in _WHOLE:

        def checked(x):  # type: ignore[no-untyped-def]
            if not -LARGEST <= x < LARGEST:
                raise ValueError("a whole number is wanted of what is none, or beyond 64 bits")
            return function(x)

    elif name in _OF_TWO:

        def checked(x, y):  # type: ignore[no-untyped-def, misc]
            result = function(x, y)
            if not math.isfinite(result) and math.isfinite(x) and math.isfinite(y):
                raise ValueError("math domain or range error")
            return result

    else:

        def checked(x):  # type: ignore[no-untyped-def]
            result = function(x)
            if not math.isfinite(result) and math.isfinite(x):
                raise ValueError("math domain or range error")
            return result

    return _checked(checked)
