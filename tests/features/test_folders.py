"""A feature is one folder: what may know of it, and that it says all that the rest asks of it."""

import ast
from pathlib import Path

import pytest

from restock.sim.engines.points import POINTS
from restock.sim.engines.writer.features import ALL, OF_STATES
from restock.sim.engines.writer.steps import LANES
from restock.sim.measures.facts import FACTS, TERMS
from restock.sim.measures.ledger import COLUMNS, NAMES
from restock.sim.measures.measures import MEASURES
from restock.sim.model.books import Fact
from restock.sim.model.feature import all_books, feature_kinds, parts_of_features
from restock.sim.model.scenario import setting_groups

SIM = Path(__file__).parents[2] / "sim"
FOLDERS = sorted(path.name for path in (SIM / "features").iterdir() if (path / "settings.py").exists())
ABOVE = ("features", "verification")  # what may import features, within `sim`; and its root, which registers them


def imported(path):
    """Modules that a file imports, those for types only and those inside functions included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_nothing_below_features_imports_one():
    below = [path for path in SIM.rglob("*.py") if path.relative_to(SIM).parts[0] not in (*ABOVE, "__init__.py")]
    assert len(below) > 90
    assert [
        (path.name, name) for path in below for name in imported(path) if name.startswith("restock.sim.features")
    ] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_feature_imports_no_other(folder):
    files = list((SIM / "features" / folder).glob("*.py"))
    others = [name for path in files for name in imported(path)
              if name.startswith("restock.sim.features.") and name.split(".")[3] != folder]  # fmt: skip
    assert {"settings.py", "arrays.py", "steps.py", "lanes.py", "measures.py"} <= {path.name for path in files}
    assert others == []


def test_all_folders_are_in_the_catalogue():
    assert {kind.__module__.split(".")[3] for kind in feature_kinds()} == set(FOLDERS)


def test_names_are_given_once():
    columns = [name for books in all_books() for name in books.columns]
    assert len({*COLUMNS, *columns}) == len(COLUMNS) + len(columns) == len(NAMES)
    for what, found in (("facts", FACTS), ("measures", MEASURES)):
        of_features = [name for books in all_books() for name in getattr(books, what)]
        assert len(set(of_features)) == len(of_features) and set(of_features) <= set(found)
    fields = [(group, name) for group, kinds in setting_groups().items() for kind in kinds
              for name in kind.__dataclass_fields__]  # fmt: skip
    assert len(set(fields)) == len(fields)
    own = [setting.name for kind in feature_kinds() for setting in (*kind.item_settings, *kind.lane_settings)]
    assert len(set(own)) == len(own)


def test_books_are_of_what_a_run_may_have_and_facts_of_their_own_columns():
    """Else a fact that is taken for 0, where the run has not the feature, would be something."""
    for books in all_books():
        assert books.needs in {*parts_of_features(), "forecasts"}
        made = {name for name, terms in books.terms.items() if set(TERMS[name]) == set(terms)}
        assert all(fact.column in {*books.columns, *made} for fact in books.facts.values())
        assert all(isinstance(fact, Fact) for fact in books.facts.values())
        added = {*books.revenue, *books.margin, *books.losses, *books.ordering, *books.transport, *books.costs}
        assert added | {*books.money} <= set(books.facts)


def test_the_kernel_has_every_part_of_a_feature_and_steps_at_points_that_there_are():
    assert set(LANES) == set(ALL) - set(OF_STATES)
    assert all(set(lanes.steps) <= set(POINTS) for lanes in LANES.values())
