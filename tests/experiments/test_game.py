"""The beer game at the terminal: bots, undo, a game that is stopped and goes on, and what it leaves behind."""

import io
import json
from pathlib import Path

import pandas as pd
import pytest

from restock.experiments.beer_game.debrief import debrief_table
from restock.experiments.beer_game.game import PERSON, Game, load
from restock.experiments.cli import main
from restock.sim.errors import InputError
from restock.sim.study.beer_game.chain import CLASSIC, STAGES


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def typed(monkeypatch, *lines):
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


@pytest.mark.parametrize(
    ("bot", "by_stage"),
    [("base_stock", [46, 50, 54, 54]), ("sterman", [299, 695, 962.5, 737.5]), ("pass_on", [330, 242, 154, 66])],
)
def test_four_bots_spend_what_is_printed(bot, by_stage):
    """Sterman (1989) and Edali & Yasarcan (2014): 204, 2,694 and 792."""
    game = Game(seats=dict.fromkeys(STAGES, bot))
    game.fill()
    assert [game.costs[stage] for stage in STAGES] == by_stage and game.over


def test_any_policy_may_sit_in_a_seat():
    game = Game(CLASSIC[:12], dict.fromkeys(STAGES, "buffer"))
    game.fill()
    assert game.over and all(len(made) == 12 for made in game.decisions.values())


def test_people_who_order_like_the_benchmark_spend_what_it_spends():
    """Played week by week by two people and two bots, as by four bots."""
    bots = Game()
    bots.fill()
    game = Game(seats={"retailer": PERSON, "wholesaler": "base_stock", "distributor": "base_stock", "factory": PERSON})
    game.fill()
    assert game.week == 5 and game.waiting_for() == ["retailer", "factory"]
    while not game.over:
        week = game.week
        game.decide("retailer", bots.decisions["retailer"][week - 1])
        assert game.week == week, "the week waits for the factory"
        game.decide("factory", bots.decisions["factory"][week - 1])
        game.fill()
    assert sum(game.costs.values()) == 204.0


def test_undo_takes_the_last_week_back_for_everybody():
    game = Game(CLASSIC[:10], {stage: PERSON if stage == "retailer" else "sterman" for stage in STAGES})
    game.fill()
    kept = game.kept()["decisions"]
    game.decide("retailer", 50)
    game.fill()
    game.undo()
    game.fill()
    assert game.week == 5 and game.kept()["decisions"] == kept
    with pytest.raises(InputError, match="the first 4 weeks are everybody's: there is nothing to undo"):
        game.undo()


def test_a_game_that_is_stopped_goes_on_where_it_was(monkeypatch, capsys):
    typed(monkeypatch, 12, 8, "u", 8, "many", "q")
    assert main(["game", "bots=base_stock"]) == 0
    said = capsys.readouterr().out
    assert "You are the retailer; wholesaler: base_stock" in said
    assert "Week 5 of 36: received 4, asked for 8, shipped 8; on hand 8; on its way 12; spent so far 24.0" in said
    assert "an order is whole units from 0 on, got 'many'" in said and "stopped in week 7; go on: restock game " in said
    (folder,) = Path("runs").glob("*/*")
    assert load(folder / "game.json").decisions["retailer"] == [4, 4, 4, 4, 12, 8]
    typed(monkeypatch, *[8] * 30)
    assert main(["game", f"resume={folder}"]) == 0
    said = capsys.readouterr().out
    assert "together, in 36 weeks: 204.0" in said and "customers asked for 4 a week for 4 weeks, then 8 a week" in said
    weeks = pd.read_csv(folder / "tables" / "weeks.csv")
    assert weeks["cost_so_far"].iloc[-1] == 204.0 and weeks["retailer_order"].tolist() == [4] * 4 + [12] + [8] * 31
    assert (folder / "figures" / "debrief.png").is_file() and "204.0" in (folder / "report.txt").read_text()


def test_the_end_of_the_input_stops_and_keeps_the_game(monkeypatch, capsys):
    typed(monkeypatch, 8)
    assert main(["game"]) == 0
    assert "stopped in week 6" in capsys.readouterr().out


def test_all_seats_may_be_bots(capsys):
    assert main(["game", "seat=none", "customers=[4,4,4,4,8,8,8,8]", "figures=false"]) == 0
    assert "together, in 8 weeks: " in capsys.readouterr().out


def test_the_debrief_says_how_orders_swing():
    game = Game(seats=dict.fromkeys(STAGES, "sterman"))
    game.fill()
    table = debrief_table(game).set_index("stage")
    assert table["largest_order"].tolist() == [11, 17, 27, 33] and table["most_owed"].tolist() == [15, 40, 58, 39]
    assert table["bullwhip"].is_monotonic_increasing and table.loc["retailer", "bullwhip"] > 1


def test_the_trace_prints_the_record_sheets(capsys):
    assert main(["trace", "scenario=beer_game", "figures=false"]) == 0
    said = capsys.readouterr().out
    assert "cost 204.0: retailer 46.0, wholesaler 50.0, distributor 54.0, factory 54.0" in said
    assert (
        "   5       8       8     12       4      12      8       4      12      8       4      12      4      118.0"
        in said
    )
    sterman = ["policy=anchor_and_adjust", "policy.anchor_and_adjust.desired_stock=17",
               "policy.anchor_and_adjust.order_before=4",
               "policy.anchor_and_adjust.first_day_of=[8,10,12,14]"]  # fmt: skip
    assert main(["trace", "scenario=beer_game", "figures=false", *sterman]) == 0
    assert "cost 2,694.0: retailer 299.0, wholesaler 695.0, distributor 962.5" in capsys.readouterr().out


REFUSED = [
    (["seat=brewer"], "seat 'brewer' is unknown; choose from: distributor, factory, none, retailer, wholesaler"),
    (["bots=bufer"], "bot 'bufer' of the wholesaler is unknown; "),
    (["customers=8"], "customers must be a list of units, got 8"),
    (["customers=[4,-1]"], "customers of week 2 must be whole units from 0 to 1000, got -1"),
    (["week=3"], "setting 'week' of restock game is unknown; choose from: bots, customers, figures, resume, seat"),
    (["retailer"], "restock game takes settings, name=value, got 'retailer'"),
    (["resume=nowhere"], "resume: there is no folder 'nowhere'"),
    (["resume=.", "seat=factory"], "resume goes on with a game as it was begun: leave out seat"),
    (["resume=."], "'game.json' cannot be read: No such file or directory"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_mistakes_are_one_line(words, message, capsys):
    assert main(["game", *words]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"restock: {message}") and said.err.count("\n") == 1 and not Path("runs").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"game": "chess"}, "game.json is no saved beer game"),
        ({"moves": 1}, "entry 'moves' in game.json is unknown; choose from: customers, decisions, game, seats, "
                       "versions"),
        ({"seats": {"retailer": "person"}}, "game.json: seats must name each of retailer, wholesaler, distributor, "
                                            "factory"),
        ({"decisions": {stage: [4, "x"] for stage in STAGES}},
         "game.json: the order of the retailer in week 2 must be whole units from 0 to 100,000, got x"),
        ({"decisions": {stage: [4] * (5 if stage == "factory" else 1) for stage in STAGES}},
         "game.json: a stage is more than a week ahead of another"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_game_is_refused(change, message, capsys):
    Path("game.json").write_text(json.dumps(Game().kept() | change))
    assert main(["game", "resume=."]) == 2
    assert capsys.readouterr().err == f"restock: {message}\n"
