"""A run as one page: what the run wrote is in it, and nothing comes from elsewhere."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from restock.experiments.cli import main
from restock.experiments.report_page import PARTS
from restock.sim.measures.measures import MEASURES

SMALL = ("scenario=one_store", "policy=[just_in_time,buffer]", "replications=3", "days=56", "warm_up=0")
ALONE = {"meta", "img", "br"}


class Page(HTMLParser):
    """Tags that are open, what lies in cells, and what is fetched."""

    def __init__(self, text):
        super().__init__()
        self.open, self.cells, self.fetched, self.inside = [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.fetched += [value for name, value in attributes if name in ("src", "href")]
        if tag not in ALONE:
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.cells[-1] += data


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["restock"])
    return tmp_path


def run_of(*words):
    assert main(["compare", *SMALL, *words]) == 0
    return max(Path("runs").glob("*/*"))


def test_a_page_holds_the_run_and_fetches_nothing(folder, capsys):
    run = run_of("shrinkage.of_sales=0.02")
    assert main(["report", str(run)]) == 0
    text = (run / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert len(page.fetched) == len(list((run / "figures").glob("*.png"))) > 3
    assert all(each.startswith("data:image/png;base64,") for each in page.fetched)
    assert "http" not in re.sub(r"base64,[\w+/=]+", "", text)
    chain = pd.read_csv(run / "tables" / "chain.csv").set_index(["policy", "measure"])["estimate"]
    assert f"{chain['buffer', 'total_cost']:,.0f} ±" in text
    assert f"{100 * chain['buffer', 'fill_rate']:.2f}% ±" in text
    differences = pd.read_csv(run / "tables" / "differences.csv")
    verdicts = differences[differences["level"] == "chain"].set_index("measure")["verdict"]
    assert verdicts["total_cost"] in page.cells
    report = (run / "report.txt").read_text(encoding="utf-8")
    said = [line[2:] for line in report.partition("Assumed, not known:")[2].splitlines() if line.startswith("- ")]
    assert said and all(f"<li>{line}" in text.replace("&#x27;", "'") for line in said)
    assert "shrinkage.of_sales=0.02" in text
    assert "Written to" in capsys.readouterr().out


def test_the_parts_of_total_cost_add_up_to_it():
    """Whatever a scenario has: a feature with a cost of its own has a line on the page."""
    facts = [fact for name in PARTS[:-1] for fact in MEASURES[name].numerator]
    assert sorted(facts) == sorted(MEASURES["total_cost"].numerator)


def test_names_that_are_html_are_text(folder):
    run = run_of()
    about = json.loads((run / "run.json").read_text(encoding="utf-8"))
    (run / "run.json").write_text(json.dumps(about | {"overrides": ["<script>x</script>"]}), encoding="utf-8")
    (run / "report.txt").write_text("<b>shop</b>\n", encoding="utf-8")
    assert main(["report", str(run), "output=page.html"]) == 0
    text = Path("page.html").read_text(encoding="utf-8")
    assert "<script>" not in text and "<b>" not in text and "&lt;b&gt;shop" in text
    assert list(run.glob("report.html")) == []


@pytest.mark.parametrize(
    "words, message",
    [
        ([], "restock report takes one run folder, got 0"),
        (["nowhere"], "there is no folder 'nowhere'"),
        (["empty"], "'empty' is no run folder: run.json is missing"),
        (["swept"], "'swept' holds a sweep; take one of its runs, such as swept/0"),
        (["broken"], "'broken/run.json' cannot be read: "),
        (["empty", "out=x"], "setting 'out' of restock report is unknown; choose from: output"),
    ],
)
def test_what_is_no_run_is_one_line(folder, capsys, words, message):
    for name in ("empty", "swept", "broken"):
        Path(name).mkdir()
    Path("swept/results.csv").touch()
    Path("broken/run.json").write_text("{", encoding="utf-8")
    assert main(["report", *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"restock: {message}") and said.count("\n") == 1
    assert list(Path().rglob("*.html")) == []
