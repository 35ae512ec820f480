"""What the code of a policy may use, read before it runs: its answer must depend on what it is given, and on nothing
else.

A rule, what it learns and the plain functions they call may use numbers, tuples of them, arithmetic and `math`. What
draws from `random` or `numpy.random`, reads a clock or a file, or keeps something between two calls is refused, since
the order in which cells and replications are simulated is not fixed. Names are looked up where they stand in the
bytecode, so that an alias is seen, too.
"""

from __future__ import annotations

import builtins
import datetime
import dis
import enum
import math
import numbers
import random
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from restock.sim.errors import InputError
from restock.sim.planning.rule_draws import uniform

_BUILTINS = (abs, all, any, bool, divmod, enumerate, float, int, len, list, max, min, pow, range, reversed, round,
             sorted, sum, tuple, zip)  # fmt: skip
_NOT_OF_NUMPY = ("datetime64", "empty", "empty_like", "fromfile", "genfromtxt", "load", "loadtxt", "memmap", "save",
                 "savetxt", "savez", "tofile")  # fmt: skip
_WRITING_METHODS = ("fill", "sort", "put", "partition", "resize", "copyto", "place", "putmask", "fill_diagonal")
_SEEDED = (random.Random, np.random.default_rng, np.random.SeedSequence, np.random.RandomState)
_DRAW_INSTEAD = "draw with restock.sim.planning.policy.uniform, keyed by cell, replication and day"
_ALLOWED = "allowed: numbers, tuples of them, arithmetic, math, and plain functions made of these"
_WRITES = {"STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR", "DELETE_ATTR"}
_NOWHERE = object()


class Use(NamedTuple):
    """A name that a function uses."""

    words: str  # as written, such as np.random.random
    thing: Any  # what it stands for
    line: int | None
    empty_call: bool  # it is called without arguments


def plain(function: Any) -> Any:
    """The Python function in a compiled one, and any other as it is.

    >>> from numba import njit
    >>> @njit
    ... def half(units):
    ...     return units / 2
    >>> plain(half)(5), plain(max) is max
    (2.5, True)
    """
    return getattr(function, "py_func", function)


def check_rule(function: Any, what: str, policy: str, above: tuple[Any, ...] = ()) -> None:
    """Refuse what may not stand in a rule, or in a function that it calls; `what` is 'rule' or 'learning'.

    >>> def up_to_ten(view, levels):
    ...     return max(0, 10 - view.inventory_position)
    >>> check_rule(up_to_ten, "rule", "mine")
    >>> def by_chance(view, levels):
    ...     return random.randint(0, 9)
    >>> check_rule(by_chance, "rule", "mine")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    restock.sim.errors.InputError: policy 'mine': the rule uses random.randint (..., line 2), which draws other...
    """
    function = plain(function)
    if not isinstance(function, types.FunctionType):
        raise InputError(f"policy '{policy}': its {what} must be a plain function, got {function!r}")
    for use in _uses(function):
        called = plain(use.thing)
        if called is uniform:
            continue
        where = f"policy '{policy}': the {what} uses {use.words} ({_place(function, use.line)})"
        if isinstance(called, types.FunctionType) and not _of_numpy(called):
            if "." in use.words:
                raise InputError(f"{where}; import the function by its name, or it cannot be compiled")
            if called is function or called in above:
                raise InputError(f"{where}, which calls itself; write it as a loop")
            check_rule(called, what, policy, (*above, function))
        elif _draws(use.thing):
            raise InputError(f"{where}, which draws other numbers in every run; {_DRAW_INSTEAD}")
        elif not _may_stand_in_a_rule(use.thing):
            nowhere = ", which is defined nowhere" if use.thing is _NOWHERE else ""
            raise InputError(f"{where}{nowhere}; {_ALLOWED}")
    for words, line in _forbidden_steps(function.__code__, reads_only=what == "rule"):
        raise InputError(f"policy '{policy}': the {what} {words} ({_place(function, line)}); {_ALLOWED}")


def check_planning(kind: type, policy: str) -> None:
    """Refuse draws without a seed, and clocks, in what a policy's class does before the run (`levels`, `memory`)."""
    functions = [plain(_function_of(value)) for owner in kind.__mro__ if owner.__module__.split(".")[0] != "restock"
                 for name, value in vars(owner).items() if name not in ("rule", "learn")]  # fmt: skip
    done: set[Any] = set()
    while functions:
        function = functions.pop()
        if not isinstance(function, types.FunctionType) or function in done:
            continue
        done.add(function)
        for use in _uses(function):
            called = plain(use.thing)
            if isinstance(called, types.FunctionType) and called.__module__ == function.__module__:
                functions.append(called)
            seeded = any(use.thing is allowed for allowed in _SEEDED) and not use.empty_call
            if (_draws(use.thing) and not seeded) or _tells_time(use.thing):
                raise InputError(
                    f"policy '{policy}': {function.__name__} uses {use.words} ({_place(function, use.line)}), which "
                    "gives other numbers in every run; allowed: numpy.random.default_rng(SEED), made where it is used"
                )


def called_by_name(function: types.FunctionType) -> dict[str, Any]:
    """What the names of a function stand for where they are not its own variables.

    >>> def rule(view, levels):
    ...     return max(0, math.ceil(levels.share * view.sales))
    >>> called_by_name(rule) == {"max": max, "math": math}
    True
    """
    return {use.words: use.thing for use in _uses(function, attributes=False)}


def reads(function: Any, attribute: str) -> bool:
    """Whether a rule, or a function that it calls, reads an attribute of anything.

    >>> def rule(view, levels):
    ...     return max(0, levels.level - view.echelon_position)
    >>> reads(rule, "echelon_position"), reads(rule, "due_soon")
    (True, False)
    """
    function = plain(function)
    if not isinstance(function, types.FunctionType):
        return False
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        if attribute in code.co_names:
            return True
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    called = [plain(thing) for thing in called_by_name(function).values()]
    return any(reads(thing, attribute) for thing in called if isinstance(thing, types.FunctionType)
               and thing is not uniform and not _of_numpy(thing) and thing is not function)  # fmt: skip


def with_names(function: types.FunctionType, names: dict[str, Any]) -> types.FunctionType:
    """The function, with some of its names standing for something else.

    >>> def order(units):
    ...     return units * pack
    >>> with_names(order, {"pack": 6})(7)
    42
    """
    closure = tuple(
        types.CellType(names[name]) if name in names else cell
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    )
    scope = {**function.__globals__, **names}
    copy = types.FunctionType(function.__code__, scope, function.__name__, function.__defaults__, closure)
    copy.__kwdefaults__, copy.__qualname__, copy.__module__ = (
        function.__kwdefaults__, function.__qualname__, function.__module__,
    )  # fmt: skip
    return copy


def in_plain_python(function: Any) -> Any:
    """The function for the event engine: functions that it calls are plain, too, where a user compiled them."""
    return _copied(plain(function), lambda called: called)


def _copied(function: types.FunctionType, made: Callable[[Any], Any]) -> types.FunctionType:
    names = {}
    for name, thing in called_by_name(function).items():
        if hasattr(thing, "py_func"):
            names[name] = made(_copied(plain(thing), made))
        elif isinstance(thing, types.FunctionType) and thing is not uniform:
            copy = _copied(thing, made)
            if copy is not thing:
                names[name] = made(copy)
    return with_names(function, names) if names else function


def _uses(function: types.FunctionType, attributes: bool = True) -> Iterator[Use]:
    """Names that are not the function's own, with the attributes of modules and classes asked for."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
        line: int | None = None
        steps = list(dis.get_instructions(code))
        for k, step in enumerate(steps):
            line = _line(step) or line
            name = step.argval
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                thing = function.__globals__.get(name, getattr(builtins, str(name), _NOWHERE))
            elif step.opname in ("LOAD_DEREF", "LOAD_CLASSDEREF") and name in cells:
                thing = _content(cells[name])
            else:
                continue
            words, last = str(name), k + 1
            while attributes and isinstance(thing, (types.ModuleType, type)) and last < len(steps):
                if steps[last].opname not in ("LOAD_ATTR", "LOAD_METHOD"):
                    break
                words = f"{words}.{steps[last].argval}"
                thing = getattr(thing, str(steps[last].argval), _NOWHERE)
                last += 1
            rest = [s for s in steps[last : last + 3] if s.opname not in ("PUSH_NULL", "PRECALL")]
            yield Use(words, thing, line, bool(rest) and rest[0].opname.startswith("CALL") and rest[0].arg == 0)


def _forbidden_steps(code: types.CodeType, reads_only: bool) -> Iterator[tuple[str, int | None]]:
    """What a rule may not do, whatever the names; only learning may write to the memory, since the kernel asks rules
    of cells that are not due, too."""
    line: int | None = None
    for step in dis.get_instructions(code):
        line = _line(step) or line
        if step.opname == "IMPORT_NAME":
            yield f"imports {step.argval}", line
        elif step.opname in _WRITES or (step.opname == "STORE_DEREF" and step.argval in code.co_freevars):
            yield f"writes to {step.argval}, outside its memory", line
        elif reads_only and (step.opname in ("STORE_SUBSCR", "STORE_SLICE") or step.argval in _WRITING_METHODS):
            yield "writes into an array, which only learn may do", line
        elif step.opname == "BINARY_OP" and step.argrepr.strip("=") in ("<<", ">>"):
            yield f"shifts bits ({step.argrepr.strip('=')}), where // or * by a power of 2 does", line
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _forbidden_steps(constant, reads_only)


def _line(step: dis.Instruction) -> int | None:
    positions = getattr(step, "positions", None)
    return positions.lineno if positions is not None else None


def _place(function: types.FunctionType, line: int | None) -> str:
    return f"{Path(function.__code__.co_filename).name}, line {line or function.__code__.co_firstlineno}"


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _NOWHERE


def _function_of(value: Any) -> Any:
    """The function in what a class holds under a name: a method, static or of the class, or a property."""
    for name in ("__func__", "fget", "func"):
        value = getattr(value, name, value)
    return value


def _module_of(thing: Any) -> str:
    """Where a thing comes from: a module, a function, a class, or the class of an object or of a method's object."""
    if isinstance(thing, types.ModuleType):
        return thing.__name__
    owner = getattr(thing, "__self__", None)
    if owner is not None and not isinstance(owner, types.ModuleType):
        thing = owner
    return str(getattr(thing, "__module__", None) or type(thing).__module__)


def _draws(thing: Any) -> bool:
    module = _module_of(thing)
    return module.startswith("numpy.random") or module.split(".")[0] in ("random", "_random", "secrets", "uuid")


def _tells_time(thing: Any) -> bool:
    owner, name = getattr(thing, "__self__", None), getattr(thing, "__name__", "")
    of_dates = isinstance(owner, type) and issubclass(owner, datetime.date) and name in ("now", "today", "utcnow")
    return of_dates or (_module_of(thing) == "time" and callable(thing))


def _of_numpy(thing: Any) -> bool:
    return _module_of(thing).split(".")[0] == "numpy"


def _may_stand_in_a_rule(thing: Any) -> bool:
    if isinstance(thing, types.ModuleType):
        return thing is math or thing is np
    if isinstance(thing, type) and issubclass(thing, (Exception, np.generic, enum.Enum)):
        return thing not in (np.datetime64, np.timedelta64)
    if isinstance(thing, type) and issubclass(thing, tuple) and thing is not tuple:
        return hasattr(thing, "_fields")
    if isinstance(thing, tuple):
        return all(_may_stand_in_a_rule(part) for part in thing)
    if isinstance(thing, (numbers.Number, str, enum.Enum, np.generic, np.ndarray)) or thing is None:
        return True
    if any(thing is allowed for allowed in _BUILTINS) or _module_of(thing) == "math":
        return True
    if isinstance(thing, np.ufunc):
        return True
    return _of_numpy(thing) and callable(thing) and getattr(thing, "__name__", "") not in _NOT_OF_NUMPY
