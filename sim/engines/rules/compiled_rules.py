"""A plan's rules, compiled: one loop over lanes around them, handed to the kernel as a function pointer.

The kernel is compiled once for all policies; only this loop is compiled for a new one (about 0.2 s). What a plan with
memory learns is a second such loop. Code that may raise is called by `try`, and a failure carried out as a quantity
below 0 (see `engines.kernel.shard.OVER_LANES`); `run.rule_faults` then finds the cell and the day.
"""

from __future__ import annotations

import re
from collections import namedtuple
from functools import lru_cache
from textwrap import indent
from typing import Any

import numpy as np
from numba import float64, int32, int64
from numba.core.errors import NumbaError

from restock.sim.compiling.marks import ROWS_APART
from restock.sim.engines.kernel.layout import (
    ASKS_EXPRESS,
    BROUGHT_BACK,
    DAYS,
    DEMAND,
    DUE_SOON,
    NEW_SALES,
    ON_HAND,
    ON_ORDER,
    RECORD_SEEN,
    ROWS,
    SALES,
    WIDTH,
)
from restock.sim.engines.kernel.shard import OVER_LANES, PlanArrays
from restock.sim.engines.rules.kept_rules import function_pointer
from restock.sim.engines.rules.rule_content import content_of
from restock.sim.engines.rules.rule_math import compiled
from restock.sim.errors import InputError
from restock.sim.model.unit_limits import LARGEST_UNITS
from restock.sim.planning.levels import ByDay, on_day
from restock.sim.planning.policy import Memory, Plan, Seen, View
from restock.sim.planning.rule_code import check_rule

_HEAD = "def {what}(rows, backlog, levels, rule_of, memory, day, quantity):\n{first}    for lane in range(WIDTH):\n"
_TWO = "    two_sources = len(rows) > ROWS\n"
_ASKS = "    asks_express = two_sources and rows[ASKS_EXPRESS, 0] > 0\n"
_REVIEW = """
        record, on_order, backorders = rows[ON_HAND, lane], rows[ON_ORDER, lane], backlog[lane]
        position = int32(record + on_order - backorders)
        due_soon = rows[DUE_SOON, lane] if two_sources else int32(0)
        echelon_position = int32(position + {below})
        view = View(position, record, on_order, backorders, rows[SALES, lane], day, due_soon, echelon_position)
        wanted = 0
"""
_LEARN = """
        if rows[DAYS, lane] == 0:
            continue
        seen = Seen(day, rows[DAYS, lane], rows[DEMAND, lane], rows[NEW_SALES, lane], rows[RECORD_SEEN, lane],
                    rows[BROUGHT_BACK, lane])
"""
_ROWS = {"ASKS_EXPRESS": ASKS_EXPRESS, "BROUGHT_BACK": BROUGHT_BACK, "DAYS": DAYS, "DEMAND": DEMAND,
         "DUE_SOON": DUE_SOON, "LARGEST_UNITS": LARGEST_UNITS, "NEW_SALES": NEW_SALES, "ON_HAND": ON_HAND,
         "ON_ORDER": ON_ORDER, "RECORD_SEEN": RECORD_SEEN, "ROWS": ROWS, "SALES": SALES, "WIDTH": WIDTH}  # fmt: skip
_FIRST = {"rule": _TWO, "learn": "    quantity[0] = 0\n"}
_STEP = {"rule": "wanted = {call}", "learn": "{call}"}
_FAILED = {"rule": "wanted = -1", "learn": "quantity[0] = -1 - lane if quantity[0] == 0 else quantity[0]"}
_LAST = {"rule": "        quantity[lane] = min(wanted, LARGEST_UNITS + 1) if wanted >= 0 else -1\n", "learn": ""}
_GIVEN = {"rule": "view", "learn": "seen"}
_WORDS = {"rule": "rule", "learn": "learning"}
_TYPES: dict[str, tuple[Any, Any]] = {
    "rule": (View, (int32,) * 5 + (int64, int32, int32)),
    "learn": (Seen, (int64,) + (int32,) * 5),
}


def plan_arrays(plan: Plan) -> PlanArrays:
    """The plan's numbers in the order in which the compiled loop reads them."""
    levels = [level for of_rule in plan.levels for level in of_rule.values()]
    below = [np.zeros(plan.rule_of.shape)] if plan.reads_echelon else []
    changing = [k for k, level in enumerate(levels) if isinstance(level, ByDay)]
    by_day: list[ByDay] = [levels[k] for k in changing]  # type: ignore[misc]
    firsts = np.cumsum([0, *(len(level.values) for level in by_day)])
    cells = plan.rule_of.shape
    rows = [level.row_of + first for level, first in zip(by_day, firsts, strict=False)]
    values = [level.values for level in by_day]
    memories = [plan.memory_of(k) for k in range(len(plan.rules))]
    return PlanArrays(
        np.ascontiguousarray(np.stack([*(on_day(level, 0) for level in levels), *below]), dtype=np.int32),
        np.array(plan.rule_of, np.int32, order="C"),  # copies: the plan's own may not be written to
        np.array(plan.review_period, np.int32, order="C"),
        np.ascontiguousarray(np.concatenate(values).T if values else np.zeros((0, 0)), dtype=np.int32),
        np.array(changing, dtype=np.int64),
        np.ascontiguousarray(np.stack(rows) if rows else np.zeros((0, *cells)), dtype=np.int32),
        start_values(memories, plan.rule_of),
        np.array([-1 if m is None or m.forecast_slot is None else m.forecast_slot for m in memories], dtype=np.int64),
        np.array([-1 if m is None or m.draw_slot is None else m.draw_slot for m in memories], dtype=np.int64),
        np.array([plan.express_of(k) is not None for k in range(len(plan.rules))], dtype=np.int64),
        len(levels) if below else -1,
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
    """The plan's rules, and what it learns, as two functions over lanes (see `engines.kernel.shard.OVER_LANES`)."""
    names = tuple(tuple(of_rule) for of_rule in plan.levels)
    memories = [plan.memory_of(k) for k in range(len(plan.rules))]
    slots = tuple(0 if memory is None else memory.start.shape[2] for memory in memories)
    review = _pointer("rule", plan.name, (*plan.rules, *plan.expresses), names, slots, plan.reads_echelon)
    if not any(slots):
        return review, review
    learns = tuple(None if memory is None else memory.learn for memory in memories)
    return review, _pointer("learn", plan.name, learns, names, slots, False)


def _pointer(what: str, policy: str, functions: tuple[Any, ...], *form: Any) -> Any:
    """One loop over lanes around the rules of a plan, or around what they learn; the same for the same content."""
    for function in functions:
        if function is not None:
            check_rule(function, _WORDS[what], policy)
    return _compiled(what, policy, functions, *form, content_of(what, functions, form))


@lru_cache(maxsize=64)
def _compiled(
    what: str, policy: str, functions: tuple[Any, ...], level_names: tuple[tuple[str, ...], ...],
    slots: tuple[int, ...], reads_echelon: bool, content: str | None,
) -> Any:  # fmt: skip
    def written() -> Any:
        return _written(what, policy, functions, level_names, slots, reads_echelon)

    try:
        return function_pointer(written, OVER_LANES.signature, content, **ROWS_APART)
    except NumbaError as error:
        raise InputError(f"policy '{policy}': the {_WORDS[what]} does not compile: {_first_line(error)}") from error


def _written(
    what: str, policy: str, functions: Any, level_names: Any, slots: tuple[int, ...], reads_echelon: bool
) -> Any:
    """The loop, as a function of Python. Of rules, what they order first from a second source follows behind them.

    Where a rule reads it, the last row of levels is the position of the sites below.
    """
    scope: dict[str, Any] = {"__name__": __name__, "View": View, "Seen": Seen, "int32": int32, **_ROWS}
    many = len(level_names)
    first_line = _HEAD.format(what=what, first=_FIRST[what] + (_ASKS if len(functions) > many else ""))
    below = f"levels[{sum(map(len, level_names))}, lane]" if reads_echelon else "0"
    body = _REVIEW.format(below=below) if what == "rule" else _LEARN
    calls = indent("\n".join(_calls(what, what, policy, functions[:many], level_names, slots, scope)), " " * 8)
    if len(functions) > many:
        asked = _calls(what, "express", policy, functions[many:], level_names, slots, scope)
        calls = indent(calls, " " * 4)
        express = indent("\n".join(asked), " " * 12)
        calls = f"        if asks_express:\n{express}\n        else:\n{calls}"
    source = first_line + body + calls + "\n" + _LAST[what]
    exec(compile(source, f"<{what} of policy {policy}>", "exec"), scope)
    return scope[what]


def _calls(
    what: str, name: str, policy: str, functions: Any, level_names: Any, slots: tuple[int, ...], scope: dict[str, Any]
) -> list[str]:
    """The calls of the functions of all rules, each for the lanes that follow its rule; they join the scope by
    `name`."""
    lines: list[str] = []
    first, given = 0, _GIVEN[what]
    for k, (function, names) in enumerate(zip(functions, level_names, strict=True)):
        scope[f"Levels_{k}"] = scope.get(f"Levels_{k}") or namedtuple("Levels", names)
        if function is not None:
            scope[f"{name}_{k}"] = compiled(function, forceinline=True)
            may_raise = _check(what, policy, scope[f"{name}_{k}"], scope[f"Levels_{k}"], slots[k])
            levels = "".join(f"levels[{first + j}, lane], " for j in range(len(names)))
            memory = f", memory[lane][:{slots[k]}]" if slots[k] else ""
            call = f"{name}_{k}({given}, Levels_{k}({levels}){memory})"
            step = _STEP[what].format(call=call)
            if may_raise:
                step = f"try:\n    {step}\nexcept Exception:\n    {_FAILED[what]}"
            if len(functions) > 1:
                step = f"{'elif' if lines else 'if'} rule_of[lane] == {k}:\n{indent(step, '    ')}"
            lines.append(step)
        first += len(names)
    return lines


def _check(what: str, policy: str, dispatcher: Any, levels: type, slots: int) -> bool:
    """A function must compile, and a rule must give whole numbers in its compiled form too; whether it may raise."""
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
    return any(status != "0" for status in re.findall(r"\bret i32 (\S+)", dispatcher.inspect_llvm(arguments)))


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.startswith("Failed in")]
    return lines[0] if lines else type(error).__name__
