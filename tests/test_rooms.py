"""Who may import whom: the rooms of sim/, from the ground up, and the one place of each heavy library."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = (
    ("errors", "read_only"),
    ("checks", "yaml_file", "csv_text"),
    ("compiling", "statistics"),
    ("probability",),
    ("theory",),
    ("model",),
    ("calibration", "measures"),
    ("planning",),
    ("engines.points",),
    ("engines.ledgers",),
    ("engines.events", "engines.kernel"),
    ("engines.writer", "engines.rules"),
    ("run",),
    ("results",),
    ("study",),
    ("figures",),
    ("features",),
    ("verification",),
)
"""A room may import rooms of the floors below it, and no other, for types too: so no circles of rooms."""
FLOOR = {room: k for k, rooms in enumerate(FLOORS) for room in rooms}
HOMES = {
    "simpy": ("sim.engines.events",),
    "matplotlib": ("sim.figures", "sim.features.*.figure"),
    "networkx": ("sim.figures.network",),
    "optuna": ("sim.study.searching.search",),
    "nicegui": ("experiments.workshop",),
    "hydra": ("experiments",),
    "omegaconf": ("experiments",),
}
"""The only places that may import a library; * stands for one name."""
MOST_MODULES, MOST_LINES = 16, 350
WITHOUT_END = ("theory", "verification")  # a formula, or a case, more is no disorder


def modules() -> dict[str, Path]:
    """Every module of the project by its name without `restock.`."""
    found = [path for top in ("sim", "policies", "experiments") for path in (ROOT / top).rglob("*.py")]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in found}


@cache
def imports(name: str) -> frozenset[str]:
    """Modules that a module imports, anywhere in it and for types too; ours without `restock.`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(modules()[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports by a relative name"
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            ours = {each for each in inside if each.removeprefix("restock.") in modules()}
            found |= ours or {str(node.module)}
    return frozenset(each.removeprefix("restock.") for each in found)


def room_of(name: str) -> str | None:
    """The room of a module of sim/: its first folder, of the engines the second too."""
    parts = name.split(".")
    if parts[0] != "sim" or len(parts) < 2:
        return None
    if parts[1:] == ["engines"]:
        return None
    return ".".join(parts[1:3]) if parts[1] == "engines" else parts[1]


def ours(name: str) -> list[str]:
    return [each for each in imports(name) if each in modules()]


@pytest.mark.parametrize("name", [name for name in modules() if room_of(name)])
def test_a_room_imports_only_rooms_below_it(name):
    here = room_of(name)
    assert here in FLOOR, f"{name} lies in no known room"
    for each in ours(name):
        there = room_of(each)
        assert there is not None, f"{name} imports {each}: sim/ knows neither policies nor experiments"
        assert there == here or FLOOR[there] < FLOOR[here], f"{name} imports {each}, which is not below it"


def test_policies_import_the_model_and_each_other_only():
    for name in modules():
        if name.startswith("policies"):
            assert not any(each.startswith("experiments") for each in ours(name)), name


def test_features_do_not_know_each_other():
    """A feature is one folder; only the catalogue names them all."""
    for name in modules():
        parts = name.split(".")
        if parts[:2] == ["sim", "features"] and len(parts) > 3:
            for each in ours(name):
                other = each.split(".")
                assert other[:2] != ["sim", "features"] or other[2] == parts[2], f"{name} imports {each}"


@pytest.mark.parametrize("library", HOMES)
def test_each_heavy_library_is_met_in_its_place_only(library):
    for name in modules():
        if any(each.split(".")[0] == library for each in imports(name)):
            parts = name.split(".")
            homes = [home.split(".") for home in HOMES[library]]
            at_home = any(
                len(parts) >= len(home) and all(h in ("*", p) for h, p in zip(home, parts, strict=False))
                for home in homes
            )
            assert at_home, f"{name} imports {library}; its place: {', '.join(HOMES[library])}"


def test_rooms_and_modules_stay_small():
    rooms: dict[str, int] = {}
    for name, path in modules().items():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= MOST_LINES, f"{name} has {lines} lines; at most {MOST_LINES}"
        folder = name.rpartition(".")[0]
        if not any(part in WITHOUT_END for part in folder.split(".")) and path.name != "__init__.py":
            rooms[folder] = rooms.get(folder, 0) + 1
    for folder, many in rooms.items():
        if folder.startswith("sim."):
            assert many <= MOST_MODULES, f"{folder} holds {many} modules; at most {MOST_MODULES}"
