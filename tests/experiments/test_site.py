"""The documentation as a site: built from docs/, no link broken, nothing fetched, and the first page's commands run."""

import io
import re
import shlex
from pathlib import Path

import pytest

from restock.experiments.cli import main
from restock.experiments.site import building
from restock.experiments.site.contents import listed
from restock.experiments.site.reference import laws_page, policies_page
from restock.policies.catalogue import policy_names
from restock.sim.errors import InputError
from restock.sim.probability.laws import LAWS


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "out"
    return out, building.build(out, ["beer_game", "half_the_cycles"], replications=2)


def test_it_is_built_with_no_broken_link_and_fetches_nothing(site):
    out, wrong = site
    assert wrong == []
    made = {str(path.relative_to(out)) for path in out.rglob("*.html")}
    assert {page.replace(".md", ".html") for page in listed()} | {"index.html", "lessons/beer_game.html"} <= made
    assert 'href="lessons/half_the_cycles.html"' in (out / "lessons.html").read_text()
    assert "prefers-color-scheme: dark" in (out / "index.html").read_text()


def test_a_link_that_leads_nowhere_and_what_is_loaded_from_elsewhere_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<h2 id="here">x</h2><a href="b.html#there">1</a><a href="c.html">2</a><a href="#here">3</a><a href="#no">4</a>'
        '<script src="https://elsewhere.example/x.js"></script><a href="https://elsewhere.example">5</a>'
    )
    (tmp_path / "b.html").write_text('<p id="there">')
    assert building.faults(tmp_path) == [
        "a.html: #no leads nowhere",
        "a.html: c.html leads nowhere",
        "a.html: loads https://elsewhere.example/x.js",
    ]


def test_a_page_without_a_place_is_refused(tmp_path, monkeypatch):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "new.md").write_text("# New")
    monkeypatch.setattr(building, "DOCS", tmp_path / "docs")
    with pytest.raises(InputError) as caught:
        building.build(tmp_path / "out", [])
    assert str(caught.value) == "pages without a place in experiments/site/contents.py: new.md"
    assert not (tmp_path / "out").exists()


def test_the_reference_has_every_policy_and_every_law():
    assert re.findall(r"^## (\w+)$", policies_page(), re.M) == policy_names()
    assert re.findall(r"^## (\w+)$", laws_page(), re.M) == list(LAWS)


def test_the_first_page_s_commands_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    text = (building.DOCS / "start.md").read_text()
    lines = [line.partition("#")[0].strip() for block in text.split("```")[1::2] for line in block.splitlines()]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("restock ")]
    assert len(commands) == 5
    for words in commands:
        monkeypatch.setattr("sys.argv", ["restock"])
        assert main(words) == 0, words
    assert "verdict" in capsys.readouterr().out and len(list(Path("runs").glob("*/*"))) == 4
