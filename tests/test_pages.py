"""Documents that stay true: pages read off the code are current, and what pages name is there."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from restock.experiments.pages import pages

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PLACES = ("sim/", "policies/", "conf/", "experiments/", "tests/", "benchmarks/", "docs/", "restock/")
AFTER_IT = ("NAME", "POLICY", "DATE")  # stands for a name


@pytest.mark.parametrize("name", pages())
def test_a_page_read_off_the_code_is_current(name):
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == pages()[name], f"docs/{name} is not current: make pages"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_paths_links_and_names_in_a_document_are_there(document):
    text = document.read_text(encoding="utf-8")
    if document.name == "CHANGELOG.md":  # what was there once is named, too
        text = text.partition("\n## ")[2].partition("\n## ")[0]
    missing = [path for path in re.findall(r"`([\w./-]+/[\w./-]*)`", text) if not _is_there(path)]
    links = [link for link in re.findall(r"\]\((?!http|#)([^)#]+)", text) if not (document.parent / link).exists()]
    names = [name for name in re.findall(r"`restock((?:\.\w+)+)", text) if not _is_name(name)]
    inside = [name for name in _names_of_rooms(text) if not _is_name(f".sim.{name}")]
    assert (missing, links, names, inside) == ([], [], [], [])


CODE = ("sim", "policies", "experiments", "tests", "benchmarks")
MODULES = sorted(path for top in CODE for path in ROOT.glob(f"{top}/**/*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_paths_and_names_that_code_speaks_of_are_there(module):
    """In docstrings and comments: `room.module.name`, and paths from the top of the repository."""
    text = module.read_text(encoding="utf-8")
    said = "\n".join(re.findall(r"#.*|\"{3}.*?\"{3}", text, re.DOTALL))
    missing = [path for path in re.findall(r"`([\w./-]+/[\w./-]*)`", said) if not _is_there(path)]
    names = [name for name in _names_of_rooms(said) if not _is_name(f".sim.{name}")]
    names += [name for name in re.findall(r"`restock((?:\.\w+)+)", said) if not _is_name(name)]
    assert (missing, names) == ([], [])


def _names_of_rooms(text):
    """`room.module` and what follows it, as prose calls what lies in sim/; but for settings of the same name.

    >>> _names_of_rooms("`engines.points.POINTS`, `sim.planning.policy`, `statistics.correction`, `policy.buffer`")
    ['engines.points.POINTS', 'planning.policy']
    """
    rooms = "|".join(sorted(path.name for path in (ROOT / "sim").iterdir() if path.is_dir() and path.name[0] != "_"))
    found = re.findall(rf"`(?:sim\.)?((?:{rooms})(?:\.[A-Za-z_]\w*)+)`", text)
    return [name for name in found if f"`{name}`" not in pages()["settings.md"] and not name.endswith(".py")]


def _is_there(path):
    if not path.startswith(PLACES) or any(word in path for word in AFTER_IT):
        return True
    return (ROOT / path).exists()


def _is_name(name):
    """Whether `restock` and what follows can be reached."""
    import restock

    found = restock
    for part in name.lstrip(".").split("."):
        try:
            declared = part in getattr(found, "__annotations__", {})  # a field without a default
            found = getattr(found, part, None) or declared or import_module(f"{found.__name__}.{part}")
        except (ImportError, AttributeError):
            return False
    return True


def test_functions_that_lead_through_the_engines_are_there():
    """docs/follow_a_unit.md: after a file, names of what is in it."""
    found, missing = 0, []
    for cell in (ROOT / "docs" / "follow_a_unit.md").read_text(encoding="utf-8").replace("\n", "|").split("|"):
        known: set[str] = set()
        for word in re.findall(r"`([^`]+)`", cell):
            if word.endswith(".py"):
                known = _defined(ROOT / word)
            elif "/" not in word:
                found, missing = found + 1, missing + ([] if word in known else [word])
    assert missing == [] and found > 25


def _defined(path):
    """Functions, classes, and methods as Class.method, of a module."""
    out = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            out.add(node.name)
            out |= {f"{node.name}.{each.name}" for each in ast.walk(node) if isinstance(each, ast.FunctionDef)}
    return out


def test_every_page_can_be_reached_from_the_map():
    """DESIGN.md is the map: a page that nothing leads to is a page that nobody reads."""
    seen, waiting = set(), [ROOT / "README.md", ROOT / "DESIGN.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page not in seen and page.suffix == ".md" and page.exists():
            seen.add(page)
            waiting += [page.parent / link for link in re.findall(r"\]\((?!http)([^)#]+)", page.read_text("utf-8"))]
    assert {page.name for page in DOCUMENTS} - {page.name for page in seen} <= {"README.md", "CHANGELOG.md"}
