"""A plan's rules, compiled: one loop over lanes around them, handed to the kernel as a function pointer.

The kernel is compiled once for all policies; only this loop is compiled for a new one (about 0.2 s). What a plan with
memory learns is a second such loop.
"""

from __future__ import annotations

import inspect
from collections import namedtuple
from functools import lru_cache
from types import FunctionType
from typing import Any
from weakref import WeakSet

import numba
import numpy as np
from numba import float64, int32, int64
from numba.core.errors import NumbaError
from numba.extending import register_jitable

from sim.errors import InputError
from sim.jit import ROWS_APART
from sim.layout import (
    BROUGHT_BACK,
    DAYS,
    DEMAND,
    LARGEST_UNITS,
    NEW_SALES,
    ON_HAND,
    ON_ORDER,
    RECORD_SEEN,
    SALES,
    WIDTH,
)
from sim.levels import ByDay, on_day
from sim.policy import Memory, Plan, Seen, View
from sim.shard import OVER_LANES, PlanArrays

_HEAD = "def {what}(rows, backlog, levels, rule_of, memory, day, quantity):\n"
_LOOP = "    for lane in range(WIDTH):\n"
_REVIEW = """
        record, on_order, backorders = rows[ON_HAND, lane], rows[ON_ORDER, lane], backlog[lane]
        position = int32(record + on_order - backorders)
        view = View(position, record, on_order, backorders, rows[SALES, lane], day)
        ordered = int64(0)
"""
_KEEP = """
        quantity[lane] = ordered
        found |= ordered
"""
_KEEP_WITHIN = """
        too_much = ordered > LARGEST_UNITS or ordered == FROM_FLOAT
        quantity[lane] = LARGEST_UNITS + 1 if too_much else max(ordered, -1)
"""
FROM_FLOAT = -(2**63)  # what a float beyond 64 bits becomes
_LEARN = """
        if rows[DAYS, lane] == 0:
            continue
        seen = Seen(day, rows[DAYS, lane], rows[DEMAND, lane], rows[NEW_SALES, lane], rows[RECORD_SEEN, lane],
                    rows[BROUGHT_BACK, lane])
"""
_ROWS = {"BROUGHT_BACK": BROUGHT_BACK, "DAYS": DAYS, "DEMAND": DEMAND, "NEW_SALES": NEW_SALES, "ON_HAND": ON_HAND,
         "ON_ORDER": ON_ORDER, "RECORD_SEEN": RECORD_SEEN, "SALES": SALES, "WIDTH": WIDTH}  # fmt: skip
_registered: WeakSet[Any] = WeakSet()
_GIVEN = {"rule": "view", "learn": "seen"}
_WORDS = {"rule": "rule", "learn": "learning"}
_TYPES: dict[str, tuple[Any, Any]] = {"rule": (View, (int32,) * 5 + (int64,)), "learn": (Seen, (int64,) + (int32,) * 5)}


def plan_arrays(plan: Plan) -> PlanArrays:
    """The plan's numbers in the order in which the compiled loop reads them."""
    levels = [level for of_rule in plan.levels for level in of_rule.values()]
    changing = [k for k, level in enumerate(levels) if isinstance(level, ByDay)]
    by_day: list[ByDay] = [levels[k] for k in changing]  # type: ignore[misc]
    firsts = np.cumsum([0, *(len(level.values) for level in by_day)])
    cells = plan.rule_of.shape
    rows = [level.row_of + first for level, first in zip(by_day, firsts, strict=False)]
    values = [level.values for level in by_day]
    memories = [plan.memory_of(k) for k in range(len(plan.rules))]
    return PlanArrays(
        np.ascontiguousarray(np.stack([on_day(level, 0) for level in levels]), dtype=np.int32),
        np.ascontiguousarray(plan.rule_of, dtype=np.int32),
        np.ascontiguousarray(plan.review_period, dtype=np.int32),
        np.ascontiguousarray(np.concatenate(values).T if values else np.zeros((0, 0)), dtype=np.int32),
        np.array(changing, dtype=np.int64),
        np.ascontiguousarray(np.stack(rows) if rows else np.zeros((0, *cells)), dtype=np.int32),
        start_values(memories, plan.rule_of),
        np.array([-1 if m is None or m.forecast_slot is None else m.forecast_slot for m in memories], dtype=np.int64),
    )


def start_values(memories: list[Memory | None], rule_of: np.ndarray) -> np.ndarray:
    """What each cell's rule remembers at the start, float64 (items, sites, most slots of a rule)."""
    slots = [0 if memory is None else memory.start.shape[2] for memory in memories]
    out = np.zeros((*rule_of.shape, max(slots)))
    for k, memory in enumerate(memories):
        if memory is not None:
            out[..., : slots[k]] = np.where((rule_of == k)[..., None], memory.start, out[..., : slots[k]])
    return out


def compiled_plan(plan: Plan) -> tuple[Any, Any]:
    """The plan's rules, and what it learns, as two functions over lanes (see `sim.shard.OVER_LANES`)."""
    names = tuple(tuple(of_rule) for of_rule in plan.levels)
    memories = [plan.memory_of(k) for k in range(len(plan.rules))]
    slots = tuple(0 if memory is None else memory.start.shape[2] for memory in memories)
    review = _compiled("rule", plan.name, tuple(plan.rules), names, slots)
    if not any(slots):
        return review, review
    learns = tuple(None if memory is None else memory.learn for memory in memories)
    return review, _compiled("learn", plan.name, learns, names, slots)


@lru_cache(maxsize=64)
def _compiled(
    what: str, policy: str, functions: tuple[Any, ...], level_names: tuple[tuple[str, ...], ...], slots: tuple[int, ...]
) -> Any:
    """One loop over lanes around the rules of a plan, or around what they learn."""
    scope: dict[str, Any] = {"View": View, "Seen": Seen, "int32": int32, "int64": int64, **_ROWS}
    scope |= {"LARGEST_UNITS": LARGEST_UNITS, "FROM_FLOAT": FROM_FLOAT}
    lines: list[str] = []
    first, given = 0, _GIVEN[what]
    for k, (function, names) in enumerate(zip(functions, level_names, strict=True)):
        scope[f"Levels_{k}"] = namedtuple("Levels", names)
        if function is not None:
            plain = getattr(function, "py_func", function)
            _let_be_called(plain)
            scope[f"{what}_{k}"] = numba.njit(forceinline=True, error_model="numpy")(plain)
            _check(what, policy, scope[f"{what}_{k}"], scope[f"Levels_{k}"], slots[k])
            levels = "".join(f"levels[{first + j}, lane], " for j in range(len(names)))
            memory = f", memory[lane][:{slots[k]}]" if slots[k] else ""
            call = f"{what}_{k}({given}, Levels_{k}({levels}){memory})"
            test = f"{'elif' if lines else 'if'} rule_of[lane] == {k}: " if len(functions) > 1 else ""
            lines.append(test + (f"ordered = int64({call})" if what == "rule" else call))
        first += len(names)
    source = _source(what, "".join(f"        {line}\n" for line in lines))
    exec(compile(source, f"<{what} of policy {policy}>", "exec"), scope)
    try:
        return numba.cfunc(OVER_LANES.signature, **ROWS_APART)(scope[what])
    except NumbaError as error:
        raise InputError(f"policy '{policy}': the {_WORDS[what]} does not compile: {_first_line(error)}") from error


def _source(what: str, calls: str) -> str:
    """The loop; of a rule with a second one after it, for orders that 32 bits cannot hold: the kernel refuses them."""
    if what == "learn":
        return _HEAD.format(what=what) + _LOOP + _LEARN + calls
    loop, again = (_LOOP + _REVIEW + calls + keep for keep in (_KEEP, _KEEP_WITHIN))
    within = "".join(f"    {line}\n" for line in again.splitlines())
    return f"{_HEAD.format(what=what)}    found = int64(0)\n{loop}    if found < 0 or found > LARGEST_UNITS:\n{within}"


def _let_be_called(function: Any) -> None:
    """Plain functions that a rule calls by name are compiled with it."""
    names = (*function.__code__.co_names, *function.__code__.co_freevars)
    scope = inspect.getclosurevars(function)
    for name in names:
        called = scope.nonlocals.get(name, scope.globals.get(name))
        if isinstance(called, FunctionType) and called not in _registered:
            _registered.add(called)
            _let_be_called(called)
            register_jitable(error_model="numpy")(called)


def _check(what: str, policy: str, dispatcher: Any, levels: type, slots: int) -> None:
    """A function must compile, and a rule must give whole numbers in its compiled form too."""
    from numba import types

    kind, parts = _TYPES[what]
    one_type = len(set(parts)) == 1
    given = types.NamedUniTuple(parts[0], len(parts), kind) if one_type else types.NamedTuple(parts, kind)
    names = levels._fields  # type: ignore[attr-defined]
    arguments = (given, types.NamedUniTuple(int32, len(names), levels)) + ((float64[::1],) if slots else ())
    try:
        dispatcher.compile(arguments)
    except NumbaError as error:
        raise InputError(f"policy '{policy}': the {_WORDS[what]} does not compile: {_first_line(error)}") from error
    returns = dispatcher.overloads[arguments].signature.return_type
    if what == "rule" and not isinstance(returns, types.Integer):
        raise InputError(f"policy '{policy}': the rule must return whole numbers, but compiled it returns {returns}")


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.startswith("Failed in")]
    return lines[0] if lines else type(error).__name__
