"""The kernel, written for the features that a run has: a module of straight-line Python that numba compiles and keeps.

The parts of the day stand in `engines.kernel.day` and beside it, with all that a scenario may have. From them is
written what one set of features needs: conditions that never hold are left out (`folding`), and every function is
given the rows it works on (`rows`). The text can be read: it is the day that the scenario has.
"""

from __future__ import annotations

import ast
import builtins
import re
import textwrap

from restock.sim.engines.writer.features import Features, always_so, never_so
from restock.sim.engines.writer.folding import folded
from restock.sim.engines.writer.parts import MARKS, Parts, read_parts
from restock.sim.engines.writer.points import Points
from restock.sim.engines.writer.rows import Rows, called

ENTRY = "run_shard"
SECONDS, SECONDS_A_FEATURE = 15, 3  # that compiling takes on two shared cores, about
LONGEST = 120  # characters of a line
_HEAD = '''"""{words}

Written by restock (`writer`) from the parts in sim/engines/kernel/day.py and beside it: change those, not this file.
Read it from the end. Names that begin with b_ are rows of the block of lanes, world_ and plan_ arrays of the run.
"""

from restock.sim.compiling.marks import entry_point, helper, inlined, spliced
{imports}

SECONDS = {seconds}  # that compiling takes, about
GIVEN = (
{given})
"""What `run_shard` is given after its own arguments, of a block (b), a world and a plan."""
'''


def written_kernel(features: Features) -> str:
    """The text of the kernel for runs with these features, and no others.

    >>> "misscan" in written_kernel(("wrong_scans",)), "misscan" in written_kernel(())
    (True, False)
    """
    parts = read_parts()
    never, always = never_so(features), always_so(features)
    points = Points(parts.functions)
    functions = {name: folded(points.visit(node), never, always) for name, node in parts.functions.items()}
    order = _reached(ENTRY, functions)
    rows = Rows(functions)
    given = rows.done(ENTRY)
    texts = [_text(functions[name]) for name in order]
    words = ", ".join(features).replace("_", " ") if features else "no features beyond demand, orders and shipping"
    words = textwrap.fill(f"The kernel for runs with {words}.", LONGEST - 3)
    imports = _imports([functions[name] for name in order], parts)
    seconds = SECONDS + SECONDS_A_FEATURE * len(features)
    listed = "".join(f'    "{path}",\n' for path in given)
    head = _HEAD.format(words=words, imports=imports, seconds=seconds, given=listed)
    return head + "".join(f"\n\n{text}\n" for text in texts)


def _reached(name: str, functions: dict[str, ast.FunctionDef], seen: list[str] | None = None) -> list[str]:
    """The function and all that it calls, those first that are called."""
    seen = [] if seen is None else seen
    for node in ast.walk(functions[name]):
        if isinstance(node, ast.Call) and (other := called(node, functions)) and other not in seen:
            _reached(other, functions, seen)
    if name not in seen:
        seen.append(name)
    return seen


def _imports(functions: list[ast.FunctionDef], parts: Parts) -> str:
    """Import lines for all that the functions use and do not make themselves."""
    used = {node.id for f in functions for node in ast.walk(f) if isinstance(node, ast.Name)}
    by_module: dict[str, list[str]] = {}
    for name in sorted(used - {f.name for f in functions}):
        if name in parts.names and not hasattr(builtins, name):
            module, original = parts.names[name]
            said = name if original in (name, "") else f"{original} as {name}"
            by_module.setdefault(module if original else "", []).append(said)
    lines = [f"from {module} import {', '.join(names)}" for module, names in sorted(by_module.items()) if module]
    return "\n".join([f"import {name}" for name in by_module.get("", [])] + [_wrapped(line, "(") for line in lines])


def _text(function: ast.FunctionDef) -> str:
    function.decorator_list = [ast.Name(MARKS[ast.unparse(function.decorator_list[0])], ast.Load())]
    return "\n".join(_wrapped(line) for line in ast.unparse(function).splitlines())


def _wrapped(line: str, opening: str = "") -> str:
    """A line that is too long, broken after commas, and, or inside its brackets."""
    if len(line) <= LONGEST:
        return line
    if opening:  # an import
        head, tail = line.split(" import ")
        return _wrapped(f"{head} import ({tail})")
    words = line.lstrip()
    indent = " " * (len(line) - len(words) + 8)
    if words.startswith("if "):
        line = f"{indent[8:]}if ({words[len('if ') : -1]}):"
    start = line.index("(")
    rows, current = [], line[: start + 1]
    for piece in re.split(r"(?<=, )|(?<= or )|(?<= and )", line[start + 1 :]):
        if len(current) + len(piece.rstrip()) > LONGEST:
            rows.append(current.rstrip())
            current = indent
        current += piece
    return "\n".join([*rows, current])
