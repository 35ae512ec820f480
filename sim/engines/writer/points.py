"""Calls of steps in place of the points at which they are taken (see `steps`)."""

from __future__ import annotations

import ast

from restock.sim.engines.writer.features import condition
from restock.sim.engines.writer.steps import STEPS, Step


class Points(ast.NodeTransformer):
    """Puts into a part, for each point, the steps of all features, each where the run has its feature."""

    def __init__(self, parts: dict[str, ast.FunctionDef]) -> None:
        self.parts = parts

    def visit_Expr(self, node: ast.Expr):  # type: ignore[no-untyped-def]
        call = node.value
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            return node
        if call.func.id not in ("steps_at", "one_step_at"):
            return node
        point, *offered = (ast.literal_eval(arg) if k == 0 else ast.unparse(arg) for k, arg in enumerate(call.args))
        calls = [(condition(step.features), self._call(step, point, offered)) for step in STEPS[point]]
        if call.func.id == "one_step_at":
            return _first_of(calls)
        return [_under(test, statement) for test, statement in calls]

    def _call(self, step: Step, point: str, offered: list[str]) -> ast.stmt:
        names = [arg.arg for arg in self.parts[step.part].args.args]
        if not set(names) <= set(offered):
            raise ValueError(f"step {step.part} asks for {set(names) - set(offered)}, which '{point}' does not offer")
        return ast.Expr(ast.Call(ast.Name(step.part, ast.Load()), [ast.Name(name, ast.Load()) for name in names], []))


def _under(test: str, statement: ast.stmt) -> ast.stmt:
    return ast.If(ast.parse(test, mode="eval").body, [statement], []) if test else statement


def _first_of(calls: list[tuple[str, ast.stmt]]) -> ast.stmt:
    """if ... elif ... else: the last is the plain day's own."""
    out = calls[-1][1]
    for test, statement in reversed(calls[:-1]):
        out = ast.If(ast.parse(test, mode="eval").body, [statement], [out])
    return out
