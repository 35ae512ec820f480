"""Leaving out of the kernel's parts what a run has not: conditions that never hold, and what stands under them."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def folded(function: ast.FunctionDef, never: Iterable[str], always: Iterable[str] = ()) -> ast.FunctionDef:
    """The function without what depends on conditions that never hold, or on others than those that always do.

    >>> source = "def f(x, world):" + chr(10) + "    if world.late or x > 1: return 1" + chr(10) + "    return 2"
    >>> print(ast.unparse(folded(ast.parse(source).body[0], ["world.late"])))
    def f(x, world):
        if x > 1:
            return 1
        return 2
    """
    known = [(each, False) for each in never] + [(each, True) for each in always]
    out = _Folding({ast.unparse(ast.parse(each, mode="eval")): holds for each, holds in known}).visit(function)
    return ast.fix_missing_locations(out)


class _Folding(ast.NodeTransformer):
    def __init__(self, known: dict[str, bool]) -> None:
        self.known = known

    def visit(self, node: ast.AST):  # type: ignore[no-untyped-def]
        if isinstance(node, ast.expr) and (text := ast.unparse(node)) in self.known:
            return ast.Constant(self.known[text])
        return super().visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """`and` without what always holds, `or` without what never does."""
        decides = isinstance(node.op, ast.Or)  # the value that decides at once
        values: list[ast.expr] = []
        for value in map(self.visit, node.values):
            if not isinstance(value, ast.Constant):
                values.append(value)
            elif bool(value.value) == decides:
                return ast.Constant(decides)
        if not values:
            return ast.Constant(not decides)
        node.values = values
        return values[0] if len(values) == 1 else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        node.operand = self.visit(node.operand)
        known = isinstance(node.op, ast.Not) and isinstance(node.operand, ast.Constant)
        return ast.Constant(not node.operand.value) if known else node  # type: ignore[attr-defined]

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        node.test = self.visit(node.test)
        if isinstance(node.test, ast.Constant):
            return self.visit(node.body if node.test.value else node.orelse)
        node.body, node.orelse = self.visit(node.body), self.visit(node.orelse)
        return node

    def visit_If(self, node: ast.If):  # type: ignore[no-untyped-def]
        node.test = self.visit(node.test)
        if isinstance(node.test, ast.Constant):
            return self._block(node.body if node.test.value else node.orelse)
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        if not node.body and not node.orelse:
            return []
        if not node.body:
            node.test, node.body, node.orelse = ast.UnaryOp(ast.Not(), node.test), node.orelse, []
        return node

    def visit_For(self, node: ast.For):  # type: ignore[no-untyped-def]
        node.iter, node.body = self.visit(node.iter), self._block(node.body)
        return node if node.body else []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.body = self._block(node.body) or [ast.Pass()]
        return node

    def _block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """The statements that are left, up to one that always leaves."""
        out: list[ast.stmt] = []
        for statement in statements:
            left = self.visit(statement)
            out += left if isinstance(left, list) else [left]
            if out and isinstance(out[-1], ast.Return):
                break
        return out
