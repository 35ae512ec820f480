"""Rows named one by one: a written function is given the arrays that it, or a function it calls, works on.

A tuple of a hundred arrays costs a compiler dearly wherever one of its fields is read.
"""

from __future__ import annotations

import ast

from restock.sim.model.feature import feature_kinds

GIVEN = {"b": "b", "world": "world", "plan": "plan"}
"""Parameters of parts that stand for many arrays, and how names of these begin in a written kernel."""
MOST_IN_PLACE = 30  # arguments
GROUPS = {
    "world.tables",
    "world.opening_state",
    "world.features",
    *(f"world.features.{kind.name}" for kind in feature_kinds()),
}
"""Fields that stand for many arrays themselves."""


def name_of(path: str) -> str:
    """The name of an array in a written kernel.

    >>> name_of("world.tables.guide"), name_of("world.features.records.lag")
    ('world_tables_guide', 'world_records_lag')
    """
    return path.replace(".features.", ".").replace(".", "_")


class Rows(ast.NodeTransformer):
    """Turns fields into names in one function after another, those first that are called by others."""

    def __init__(self, functions: dict[str, ast.FunctionDef]) -> None:
        self.functions = functions
        self.given = {name: [arg.arg for arg in node.args.args] for name, node in functions.items()}
        self.paths: dict[str, list[str]] = {}  # of each function done: the fields it takes, in order

    def done(self, name: str) -> list[str]:
        """Turn a function, and before it those that it calls; the fields that it takes."""
        if name not in self.paths:
            node = self.functions[name]
            for each in ast.walk(node):
                if isinstance(each, ast.Call) and called(each, self.functions):
                    self.done(called(each, self.functions))
            turning = _Turning(self)
            turning.visit(node)
            self.paths[name] = sorted(turning.paths)
            node.args.args = [arg for arg in node.args.args if arg.arg not in GIVEN]
            node.args.args += [ast.arg(name_of(path)) for path in self.paths[name]]
        return self.paths[name]


def called(node: ast.Call, functions: dict[str, ast.FunctionDef]) -> str:
    """The name of the part that is called; '' for any other function."""
    return node.func.id if isinstance(node.func, ast.Name) and node.func.id in functions else ""


class _Turning(ast.NodeTransformer):
    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.paths: set[str] = set()
        self.short: dict[str, str] = {}  # local names of groups

    def visit_Assign(self, node: ast.Assign):  # type: ignore[no-untyped-def]
        """Local names of groups are what they stand for, not variables."""
        target, value = node.targets[0], node.value
        together = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
        pairs = list(zip(target.elts, value.elts, strict=True)) if together else [(target, value)]  # type: ignore
        left = []
        for one, other in pairs:
            if isinstance(one, ast.Name) and self._path(other) in GROUPS:
                self.short[one.id] = self._path(other)
            else:
                left.append((one, other))
        if not left:
            return []
        if len(left) < len(pairs):
            node.targets = [left[0][0] if len(left) == 1 else ast.Tuple([one for one, _ in left], ast.Store())]
            node.value = left[0][1] if len(left) == 1 else ast.Tuple([other for _, other in left], ast.Load())
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        path = self._path(node)
        if not path:
            return self.generic_visit(node)  # type: ignore[return-value]
        self.paths.add(path)
        return ast.Name(name_of(path), ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = called(node, self.rows.functions)
        if not name:
            return self.generic_visit(node)  # type: ignore[return-value]
        paths = self.rows.paths[name]
        self.paths.update(paths)
        given = list(zip(node.args, self.rows.given[name], strict=True))
        of_block = next((a.slice for a, of in given if of == "b" and isinstance(a, ast.Subscript)), None)
        arguments = [self.visit(each) for each, of in given if of not in GIVEN]
        arguments += [self._array(path, of_block) for path in paths]
        return ast.Call(ast.Name(name, ast.Load()), *_with_last_by_name(arguments))

    def _array(self, path: str, of_block: ast.expr | None) -> ast.expr:
        """The array of a path; of a gang's, the rows of one block."""
        array = ast.Name(name_of(path), ast.Load())
        if of_block is None or not path.startswith("b."):
            return array
        return ast.Subscript(array, self.visit(of_block), ast.Load())

    def _path(self, node: ast.AST) -> str:
        """The field that an expression is, from `b`, `world` or `plan` on; '' for any other."""
        if isinstance(node, ast.Name):
            return self.short.get(node.id, GIVEN.get(node.id, ""))
        if isinstance(node, ast.Attribute):
            above = self._path(node.value)
            return f"{above}.{node.attr}" if above in ("b", "world", "plan", *GROUPS) else ""
        return ""


def _with_last_by_name(arguments: list[ast.expr]) -> tuple[list[ast.expr], list[ast.keyword]]:
    """Python hands over more than 30 arguments in a list, which numba takes apart where one goes by its name."""
    if len(arguments) <= MOST_IN_PLACE or not isinstance(last := arguments[-1], ast.Name):
        return arguments, []
    return arguments[:-1], [ast.keyword(last.id, last)]
