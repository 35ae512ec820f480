"""Every lesson asks, runs, reveals; its surprise is what the run gives; its page holds what it shows."""

import io
import json
import re
from pathlib import Path

import pytest
import yaml

from restock.experiments.cli import main
from restock.experiments.lessons.answers import Answered, answered, read_guess
from restock.experiments.lessons.lesson_file import lesson_names, lesson_of, read_lesson
from restock.experiments.lessons.page import lesson_page, page_data
from restock.sim.errors import InputError

# replications that it takes to decide; the others are clear with few
NEEDED = {"channel_view": 16, "last_percent": 32, "late_books": 16, "side_by_side": 64}
REFUTED = ("abc_tiers", "late_books")  # lessons of a claim that does not hold
CONF = Path(__file__).parents[2] / "conf" / "lesson"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_every_file_is_a_lesson_with_a_place_in_their_order():
    assert sorted(lesson_names()) == sorted(path.stem for path in CONF.glob("*.yaml"))


@pytest.mark.parametrize("name", lesson_names())
def test_the_surprise_is_what_the_run_gives(name):
    """A lesson whose answer is not what it expects, or whose claim is not decided, teaches what is not so."""
    lesson = read_lesson(name)
    found = answered(lesson, [] if lesson.game else [f"replications={NEEDED.get(name, 8)}"])
    if lesson.choices:
        assert found.choice == lesson.expects
    else:
        low, high = lesson.expects
        assert low <= found.value <= high
    if found.claim is not None:
        assert found.claim.word == ("does not hold" if name in REFUTED else "holds")
    page = lesson_page(found)
    assert lesson.title.replace("'", "&#x27;") in page and not re.search(r"https?://(?!www\.w3\.org/)", page)
    data = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    assert data == page_data(found) and bool(data["figures"]) == bool(lesson.claim)


def test_a_lesson_asks_runs_and_reveals(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("200\n50\n"))
    assert main(["lesson", "half_the_cycles", "replications=4"]) == 0
    said = capsys.readouterr().out
    assert (
        said.startswith(read_lesson("half_the_cycles").title) and "a guess is a number from 0 to 100, got 200" in said
    )
    assert re.search(r"Answer: 9\d\.\d\d \(9\d\.\d\d to 9\d\.\d\d\)\nYou said 50: 4\d\.\d+ too low\.", said)
    assert "claim half_the_cycles: holds" in said and "Source: Silver, Pyke & Thomas" in said
    (folder,) = Path("runs").glob("*/*")
    assert (folder / "lesson.html").is_file() and json.loads((folder / "run.json").read_text())["seed"] == 1


def test_who_says_nothing_looks_on(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["lesson", "beer_game"]) == 0
    said = capsys.readouterr().out
    assert "Answer: 2,694" in said and "You said" not in said


def test_the_lessons_are_listed(capsys):
    assert main(["lesson"]) == 0
    assert capsys.readouterr().out.count("\n") == 2 + len(lesson_names())


def test_guesses_are_read_as_they_are_typed():
    number, choice = read_lesson("half_the_cycles"), read_lesson("what_breaks_first")
    assert read_guess(number, " 97,5 ") == 97.5 and read_guess(choice, "3") == "lag@1"
    for lesson, text, message in (
        (number, "lots", "a guess is a number from 0 to 100, got 'lots'"),
        (number, "nan", "a guess is a number from 0 to 100, got nan"),
        (choice, "4", "choose a number from 1 to 3, got '4'"),
    ):
        with pytest.raises(InputError) as caught:
            read_guess(lesson, text)
        assert str(caught.value) == message


def test_a_guess_is_near_enough_or_too_high_or_too_low():
    lesson = read_lesson("half_the_cycles")
    found = Answered(lesson, 98.65, 98.5, 98.8)
    assert [found.says_of(guess).partition(": ")[2] for guess in (97.0, 50.0)] == ["near enough.", "48.65 too low."]
    choice = Answered(read_lesson("what_breaks_first"), choice="lag@1")
    assert choice.says_of("lag@1") == "You were right."
    assert choice.says_of("demand@1") == "You said: demand that swings by a day's worth."


REFUSED = [
    (["lesson", "half"], "lesson 'half' is unknown; "),
    (["lesson", "half_the_cycles", "beer_game"], "restock lesson takes one lesson, got 2; restock lesson lists them"),
    (["lesson", "half_the_cycles", "guess=many"], "a guess is a number from 0 to 100, got 'many'"),
    (["lesson", "beer_game", "replications=4"], "lesson 'beer_game' is a game and takes no settings"),
    (["lesson", "half_the_cycles", "guess=none", "replications=1"], "a claim needs replications of at least 2, got 1"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_mistakes_are_one_line(words, message, capsys):
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"restock: {message}") and said.count("\n") == 1 and not Path("runs").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"claim": "jit"}, "claim 'jit' of lesson 'x' is unknown; "),
        ({"game": "sterman"}, "lesson 'x' rests on one thing: claim or game"),
        ({"why": ""}, "why of lesson 'x' must be a sentence"),
        ({"answer": {"worst": True, "of": "a"}}, "answer of lesson 'x' has one of of, worst, best and check"),
        ({"answer": {"of": "a", "measure": "fil_rate"}}, "measure 'fil_rate' of lesson 'x' is unknown; "),
        ({"guess": {"low": 9, "high": 1}}, "guess of lesson 'x' needs numbers, low below high, got "),
        ({"expects": 3}, "expects of lesson 'x' must be two bounds, or one of its choices, got 3"),
        ({"anser": 1}, "setting 'anser' of lesson 'x' is unknown; did you mean 'answer'? "),
    ],
)
def test_a_file_that_is_no_lesson_is_refused(change, message):
    written = yaml.safe_load((CONF / "half_the_cycles.yaml").read_text()) | change
    with pytest.raises(InputError) as caught:
        lesson_of("x", "title", written)
    assert str(caught.value).startswith(message)
