"""A plan's rules, compiled: one loop over lanes around them, handed to the kernel as a function pointer.

The kernel is compiled once for all policies; only this loop is compiled for a new one (about 0.2 s).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numba
import numpy as np
from numba import int32, int64
from numba.core.errors import NumbaError

from sim.errors import InputError
from sim.jit import ROWS_APART
from sim.layout import ON_HAND, ON_ORDER, SALES, WIDTH
from sim.policy import Plan, View
from sim.shard import REVIEW, PlanArrays

_LOOP = """
def review(cell, backlog, levels, rule_of, day, quantity):
    for lane in range(WIDTH):
        record, on_order, backorders = cell[ON_HAND, lane], cell[ON_ORDER, lane], backlog[lane]
        position = int32(record + on_order - backorders)
        view = View(position, record, on_order, backorders, cell[SALES, lane], day)
        {branches}
"""
_ONE = "quantity[lane] = rule_{k}(view, Levels_{k}({levels}))"


def plan_arrays(plan: Plan) -> PlanArrays:
    """The plan's numbers in the order in which the compiled loop reads them."""
    levels = [level for of_rule in plan.levels for level in of_rule.values()]
    return PlanArrays(
        np.ascontiguousarray(np.stack(levels), dtype=np.int32),
        np.ascontiguousarray(plan.rule_of, dtype=np.int32),
        np.ascontiguousarray(plan.review_period, dtype=np.int32),
    )


def compiled_review(plan: Plan) -> Any:
    """The plan's rules as one function over lanes (see `sim.shard.REVIEW`)."""
    return _compiled(plan.name, tuple(plan.rules), tuple(tuple(of_rule) for of_rule in plan.levels))


@lru_cache(maxsize=64)
def _compiled(policy: str, rules: tuple[Any, ...], level_names: tuple[tuple[str, ...], ...]) -> Any:
    from collections import namedtuple

    scope: dict[str, Any] = {
        "WIDTH": WIDTH,
        "View": View,
        "int32": int32,
        "ON_HAND": ON_HAND,
        "ON_ORDER": ON_ORDER,
        "SALES": SALES,
    }
    lines, first = [], 0
    for k, (rule, names) in enumerate(zip(rules, level_names, strict=True)):
        plain = getattr(rule, "py_func", rule)
        scope[f"rule_{k}"] = numba.njit(forceinline=True, error_model="numpy")(plain)
        scope[f"Levels_{k}"] = namedtuple("Levels", names)
        levels = ", ".join(f"levels[{first + j}, lane]" for j in range(len(names)))
        call = _ONE.format(k=k, levels=levels + ("," if len(names) == 1 else ""))
        test = "" if len(rules) == 1 else f"{'if' if k == 0 else 'elif'} rule_of[lane] == {k}: "
        lines.append(test + call)
        first += len(names)
    source = _LOOP.format(branches="\n        ".join(lines))
    exec(compile(source, f"<rules of policy {policy}>", "exec"), scope)
    _refuse_fractions(policy, scope, level_names)
    try:
        return numba.cfunc(REVIEW.signature, **ROWS_APART)(scope["review"])
    except NumbaError as error:
        raise InputError(f"policy '{policy}': the rule does not compile: {_first_line(error)}") from error


def _refuse_fractions(policy: str, scope: dict[str, Any], level_names: tuple[tuple[str, ...], ...]) -> None:
    """A rule must give whole numbers in its compiled form too."""
    from numba import types

    view = types.NamedTuple((int32, int32, int32, int32, int32, int64), View)
    for k, names in enumerate(level_names):
        levels = types.NamedUniTuple(int32, len(names), scope[f"Levels_{k}"])
        dispatcher = scope[f"rule_{k}"]
        try:
            dispatcher.compile((view, levels))
        except NumbaError as error:
            raise InputError(f"policy '{policy}': the rule does not compile: {_first_line(error)}") from error
        returns = dispatcher.overloads[(view, levels)].signature.return_type
        if not isinstance(returns, types.Integer):
            raise InputError(
                f"policy '{policy}': the rule must return whole numbers, but compiled it returns {returns}"
            )


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.startswith("Failed in")]
    return lines[0] if lines else type(error).__name__
