"""What rooms offer to each other says what it means, and shows it: those without an example are counted."""

import ast
from collections import defaultdict

import pytest
from test_rooms import modules, room_of

import restock

LACKING = {
    "calibration": 5, "checks": 6, "compiling": 14, "engines.events": 10, "engines.kernel": 7, "engines.ledgers": 4,
    "engines.rules": 2, "engines.writer": 5, "errors": 3, "experiments": 0, "features": 3, "figures": 6,
    "measures": 0, "model": 0, "planning": 0, "policies": 0, "probability": 5, "results": 0, "run": 0,
    "statistics": 1, "study": 0, "theory": 1, "verification": 3, "yaml_file": 0,
}  # fmt: skip
"""How many of a room have no example yet: what is new has one, and whoever writes one lowers the number."""
UNSAID = {"engines.kernel": 1}
"""How many have no docstring at all."""


def room(name):
    return name.split(".")[0] if not name.startswith("sim.") else room_of(name) or name


def offered():
    """(room, module, definition) of each function and class that another room imports, or that `restock` offers."""
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in modules().items()}
    wanted = {(home, name) for name, home in restock._HOMES.items()}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                home = node.module.removeprefix("restock.")
                if home in trees and room(home) != room(name):
                    wanted |= {(home, alias.name) for alias in node.names}
    for tree_of, name in list(wanted):
        wanted.add(written_in(trees, tree_of, name))
    for home, tree in trees.items():
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and (home, node.name) in wanted:
                if home.startswith("sim.") or node.name in restock.__all__:
                    yield room(home), home, node


def written_in(trees, home, name):
    """(module, name) where a name of a module is defined, which may have it from another module of ours."""
    for node in trees[home].body:
        if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names):
            other = str(node.module).removeprefix("restock.")
            return written_in(trees, other, name) if other in trees else (home, name)
    return home, name


def without(good):
    """Room -> names of what it offers that is not good."""
    found = defaultdict(list)
    for of, home, node in offered():
        if not good(node):
            found[of].append(f"{home}.{node.name}")
    return found


def has_example(node):
    """Its own, or that of a method."""
    inside = [node, *(each for each in ast.walk(node) if isinstance(each, ast.FunctionDef))]
    return any(">>>" in (ast.get_docstring(each) or "") for each in inside)


@pytest.mark.parametrize("good, most", [(has_example, LACKING), (ast.get_docstring, UNSAID)])
def test_no_room_offers_more_without_it_than_it_did(good, most):
    found = without(good)
    assert {of: names for of, names in found.items() if len(names) > most.get(of, 0)} == {}


def test_what_is_counted_is_there():
    """Else the count above would be of nothing."""
    names = {f"{home}.{node.name}" for _, home, node in offered()}
    assert len(names) > 200 and {"experiments.api.load", "sim.study.compare.compare"} <= names
    assert "sim.probability.counted.Empirical" in names  # which others have from `laws`
    assert "sim.study.compare.compare" not in without(has_example)["study"]
