"""The parts of which a kernel is written: functions over a whole block, as they stand in the kernel's modules.

They are marked by the decorators of `compiling.marks` whose names are in `MARKS`, and read as text: none of them is
compiled as it stands. Each may ask for the rows of a block (`b`), the arrays of a world and those of a plan.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from restock.sim.engines.writer.steps import LANES

PLAIN = tuple(
    f"engines.kernel.{name}"
    for name in ("shard", "loading", "opening", "week", "day", "extra_columns", "learning", "echelon", "together")
)
MODULES = tuple(dict.fromkeys([*PLAIN, *(lanes.module for lanes in LANES.values())]))
LEFT_OUT = ("LANES",)  # what modules say of their parts, each by this name
MARKS = {
    "part": "inlined",
    "called_part": "helper",
    "spliced_part": "spliced",
    "entry_part": "entry_point(seconds=SECONDS, _nrt=False)",
}
"""Marks of parts, and how the written function is compiled; SECONDS is what compiling takes, about."""


@dataclass
class Parts:
    """Functions by name, and where every other name that they use comes from: (module, name there or '')."""

    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def sources() -> dict[str, str]:
    """The text of each module of parts."""
    return {name: inspect.getsource(importlib.import_module(f"restock.sim.{name}")) for name in MODULES}


def read_parts() -> Parts:
    """All parts, read afresh: the trees may be changed by who asks for them."""
    parts = Parts()
    for module, text in sources().items():
        for node in ast.parse(text).body:
            if isinstance(node, ast.ImportFrom):
                of = (node.module or "").removeprefix("restock.sim.")
                for alias in node.names if of and of not in MODULES else ():
                    _note(parts.names, alias.asname or alias.name, (node.module, alias.name))
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    _note(parts.names, alias.asname or alias.name, (alias.name, ""))
            elif isinstance(node, ast.FunctionDef) and _mark(node) in MARKS:
                _note(parts.functions, node.name, node)
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                _note(parts.names, node.name, (f"restock.sim.{module}", node.name))
            elif isinstance(node, ast.Assign):
                for name in [each for target in node.targets for each in ast.walk(target)]:
                    if isinstance(name, ast.Name) and name.id not in LEFT_OUT:
                        _note(parts.names, name.id, (f"restock.sim.{module}", name.id))
    return parts


def _note(names: dict[str, Any], name: str, meaning: Any) -> None:
    """In a written kernel all parts share their names: each has one meaning."""
    if names.setdefault(name, meaning) != meaning:
        raise ValueError(f"'{name}' means {names[name]} in one part of the kernel and {meaning} in another")


def _mark(node: ast.FunctionDef) -> str:
    marks = [ast.unparse(each) for each in node.decorator_list]
    return marks[0] if len(marks) == 1 else ""
