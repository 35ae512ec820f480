"""The room and its limits, without a page: who comes in, what is an answer, and what is refused."""

import io
import logging

import pandas as pd
import pytest

from restock.experiments.workshop import guard
from restock.experiments.workshop.choice import Choice
from restock.experiments.workshop.guard import Bucket, Buckets, cookie_of
from restock.experiments.workshop.history import History
from restock.experiments.workshop.page_moderator import bars
from restock.experiments.workshop.room import MOST_PEOPLE, MOST_ROUNDS, Asked, Room, Truth, one_of
from restock.sim.errors import InputError

SHARE = Asked("What share is served?", 0.0, 100.0, 0.5, "%")


def full(people=("Ann", "Bo", "Cy")):
    room = Room()
    for name in people:
        room.join(f"phone of {name}", room.code, name)
    return room


def test_a_question_from_asking_to_revealing():
    room = full()
    seen = []
    room.listeners.add(lambda: seen.append((room.phase, room.summary())))
    room.open(SHARE)
    for name, value in (("Ann", "90"), ("Bo", 97.5), ("Ann", "95")):
        room.answer(f"phone of {name}", value)
    assert room.summary() == "2 of 3 answered"  # no middle while others still think
    room.close()
    assert room.summary() == "2 of 3 answered; median 96.25%, half of them from 95.625 to 96.875%"
    room.reveal(Truth(98.6, 98.5, 98.7, "98.60 ± 0.10%"))
    assert [row[2:] for row in room.rows()] == [("Ann", 95.0, 98.6, 98.5, 98.7), ("Bo", 97.5, 98.6, 98.5, 98.7)]
    room.next()
    assert room.summary() == "3 in the room" and room.values() == []
    assert [phase for phase, _ in seen] == ["open"] * 4 + ["closed", "revealed", "waiting"]


@pytest.mark.parametrize(
    "given, shown",
    [("101", "101"), ("-1", "-1"), ("nan", "nan"), ("inf", "inf"), ("1e999", "1e999"), ("abc", "abc"), ("", ""),
     (None, "None"), (True, "True"), ({"a": 1}, "{'a': 1}"), ("9" * 10**6, "9" * 24)],
)  # fmt: skip
def test_what_is_no_answer_is_refused_and_changes_nothing(given, shown):
    room = full()
    room.open(SHARE)
    with pytest.raises(InputError) as refused:
        room.answer("phone of Ann", given)
    assert str(refused.value) == f"an answer must be a number from 0 to 100, got '{shown}'"
    assert room.values() == []


def test_a_question_with_choices():
    room = full()
    room.open(one_of("What breaks it?", ("=a lag", "theft", "damage")))
    for given in ("0", "4", "1.5", "nan", "=a lag", ""):
        with pytest.raises(InputError) as refused:
            room.answer("phone of Ann", given)
        assert str(refused.value) == f"an answer must be the number of a choice, 1 to 3, got '{given}'"
    for name, number in (("Ann", "1"), ("Bo", 3), ("Cy", "3"), ("Ann", "2")):
        room.answer(f"phone of {name}", number)
    assert room.counts() == [0, 1, 2] and room.summary() == "3 of 3 answered"
    room.close()
    assert room.summary() == "3 of 3 answered; most (2) said: damage"
    room.reveal(Truth(1.0, 1.0, 1.0, "=a lag"))
    assert [row[2:] for row in room.rows()] == [
        ("Ann", "theft", "=a lag", None, None), ("Bo", "damage", "=a lag", None, None),
        ("Cy", "damage", "=a lag", None, None),
    ]  # fmt: skip
    frame = pd.read_csv(io.StringIO(room.csv()))
    assert frame["answer"].tolist() == ["theft", "damage", "damage"] and set(frame["simulated"]) == {"'=a lag"}


def test_bars_mark_the_right_choice_in_a_word_too():
    options = bars(("a lag", "theft"), [2, 5], Truth(2.0, 2.0, 2.0, "theft"))
    lag, theft = options["series"][0]["data"]
    assert (lag["value"], theft["value"]) == (2, 5) and lag["itemStyle"] != theft["itemStyle"]
    assert theft["label"]["formatter"] == "5   as the simulation says" and lag["label"]["formatter"] == "2"
    for truth in (None, Truth(float("nan"), 0, 0, "untold")):
        assert len({bar["itemStyle"]["color"] for bar in bars(("a", "b"), [0, 0], truth)["series"][0]["data"]}) == 1


def test_who_is_not_in_the_room_does_not_answer():
    room = full()
    room.open(SHARE)
    with pytest.raises(InputError, match="join the room first"):
        room.answer("a stranger", "50")
    room.close()
    with pytest.raises(InputError, match="no question is open"):
        room.answer("phone of Ann", "50")


def test_the_code_and_the_name_are_looked_at():
    room = Room()
    for code in ("", "AAAAAA", room.code[:-1], room.code + "A", "x" * 10**6, "ÄÖÜ"):
        with pytest.raises(InputError, match="this is not the code of the room"):
            room.join("phone", code, "Ann")
    for name in ("", "   ", "\n\t", "\u202e"):
        with pytest.raises(InputError, match="a name has 1 to 24 characters"):
            room.join("phone", room.code, name)
    assert room.names == {}
    room.join("phone", room.code.lower(), "  Ann\n\x00<script>  ")
    assert room.names == {"phone": "Ann <script>"}


def test_a_room_takes_so_many_and_no_more():
    room = full(map(str, range(MOST_PEOPLE)))
    with pytest.raises(InputError, match=f"the room is full: at most {MOST_PEOPLE} participants"):
        room.join("one more", room.code, "One")
    room.join("phone of 0", room.code, "Zero")  # who is in it already may change the name
    assert len(room.names) == MOST_PEOPLE
    for _ in range(MOST_ROUNDS):
        room.open(SHARE)
        room.next()
    with pytest.raises(InputError, match=f"at most {MOST_ROUNDS} questions"):
        room.open(SHARE)


def test_a_question_is_not_put_over_another():
    room = full()
    room.open(SHARE)
    with pytest.raises(InputError, match="a question is on; end it first"):
        room.open(SHARE)
    with pytest.raises(InputError, match="a question has 1 to 1000 characters"):
        Room().open(SHARE._replace(text=" "))
    with pytest.raises(InputError, match="there is no question to reveal"):
        Room().reveal(Truth(1, 1, 1, "1"))


def test_no_cell_of_the_answers_is_a_formula():
    room = full(['=cmd|"/c calc"!A1', "+1", "@x", 'a,"b'])
    room.open(SHARE)
    for who in room.names:
        room.answer(who, 50)
    frame = pd.read_csv(io.StringIO(room.csv()))
    assert frame["name"].tolist() == ['\'=cmd|"/c calc"!A1', "'+1", "'@x", 'a,"b']
    assert frame["answer"].tolist() == [50.0] * 4 and frame["simulated"].isna().all()


def test_codes_and_keys_differ_from_room_to_room():
    rooms = [Room() for _ in range(50)]
    assert len({room.code for room in rooms}) == len({room.key for room in rooms}) == 50
    assert min(len(room.key) for room in rooms) >= 32


def test_tries_are_limited_by_address():
    tries = Buckets(rate=0.2, burst=3, most=2)
    assert [tries.takes("a", now=0.0) for _ in range(4)] == [True, True, True, False]
    assert tries.takes("b", now=0.0) and tries.takes("a", now=5.0)
    tries.takes("c", now=5.0)
    assert len(tries._of) == 2  # no more are remembered
    clock = Bucket(rate=1, burst=1)
    assert clock.takes(now=10.0) and not clock.takes(now=9.0)  # a clock put back gives nothing


def test_refusals_are_one_line_whatever_is_in_them(caplog):
    with caplog.at_level(logging.WARNING, logger="restock.workshop"):
        guard.refused("a name\nwith\r\x1b[31m signs " + "x" * 10**6, "1.2.3.4")
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("refused: a name with [31m signs xxx") and said.endswith("(from 1.2.3.4)")
    assert len(said) < 350 and said.isprintable()


def test_of_a_flood_of_refusals_not_all_are_written(caplog, monkeypatch):
    monkeypatch.setattr(guard, "_said", guard._Said())
    with caplog.at_level(logging.WARNING, logger="restock.workshop"):
        for _ in range(1000):
            guard.refused("no", "1.2.3.4")
        guard._said.bucket = Bucket(rate=5, burst=100)
        guard.refused("no", "1.2.3.4")
    said = [record.getMessage() for record in caplog.records]
    assert 100 < len(said) < 200 and said[0] == "refused: no (from 1.2.3.4)"
    assert said[-1] == f"refused: no (from 1.2.3.4; {1001 - len(said)} before it are not written)"


@pytest.mark.parametrize("header", ["", "restock=", "restock=short", "restock=" + "a" * 65, "restock=a/b" + "c" * 20,
                                    "other=1; restock", "x" * 10**6])  # fmt: skip
def test_no_phone_is_named_by_a_cookie_that_is_none_of_ours(header):
    assert cookie_of(header) == ""


def test_a_phone_keeps_its_name():
    assert cookie_of("a=1; restock=nd6lZixS9pvk7jkJmkZnlQ; b=2") == "nd6lZixS9pvk7jkJmkZnlQ"


def test_steps_back_and_forth():
    start, one, two, three = (Choice(("buffer",), {"records.lag": k} if k else {}) for k in range(4))
    history = History(start)
    assert not history.can_undo and history.undo() == start and history.redo() == start
    history.move(one, "records.lag", at=0.0)
    history.move(two, "records.lag", at=0.5)  # one step together
    history.move(three, "records.lag", at=5.0)
    assert history.undo() == two and history.undo() == start and not history.can_undo
    assert history.redo() == two and history.redo() == three and not history.can_redo
    history.undo()
    history.move(one, "records.lag", at=5.1)  # after a step back it is a new one, and what was ahead is gone
    assert not history.can_redo and history.undo() == two
