"""The beer game of a room: seats, weeks that end together, several teams, undo, and a game that outlives its server."""

import json

import pytest

from restock.experiments.beer_game.game import Game
from restock.experiments.workshop.beer_tables import LOBBY, OVER, PLAYING, BeerTables
from restock.experiments.workshop.room import Room
from restock.sim.errors import InputError
from restock.sim.study.beer_game.chain import STAGES


def seated(*seats, teams=1, folder=None):
    """Tables with people called by their letters, at seats such as (0, 'retailer')."""
    room = Room()
    tables = BeerTables(room, folder)
    tables.set_teams(teams)
    for who, (team, stage) in zip("abcdefgh", seats, strict=False):
        room.join(who, room.code, who.upper())
        tables.sit(who, team, stage)
    return tables


def refused(act, message):
    with pytest.raises(InputError) as caught:
        act()
    assert str(caught.value) == message


def played(bot):
    game = Game(seats=dict.fromkeys(STAGES, bot))
    game.fill()
    return game.decisions


@pytest.mark.parametrize(("bot", "total"), [("base_stock", 204.0), ("sterman", 2694.0)])
def test_two_people_and_two_bots_come_to_what_four_bots_spend(bot, total):
    """Who orders what a bot would order spends what it spends."""
    orders, tables = played(bot), seated((0, "retailer"), (0, "factory"))
    tables.start(bot)
    assert tables.phase == PLAYING and tables.week == 5 and tables.waiting_for() == ["A", "B"]
    while tables.phase == PLAYING:
        week = tables.week
        tables.order("a", orders["retailer"][week - 1])
        assert tables.week == week and tables.waiting_for() == ["B"], "the week ends when all have ordered"
        tables.order("b", f" {orders['factory'][week - 1]} ")
    assert tables.phase == OVER and tables.standings() == [("Team 1", total, 36)]
    assert [row["seat"] for row in tables.debrief()] == ["A", bot, bot, "B"]


def test_teams_meet_the_same_customers_and_wait_for_each_other():
    tables = seated((0, "retailer"), (1, "retailer"), teams=2)
    tables.start("base_stock")
    tables.order("a", 12)
    assert tables.week == 5 and tables.waiting_for() == ["B"]
    refused(lambda: tables.order("a", 8), "wait for the other teams")
    tables.order("b", 4)
    assert tables.week == 6
    asked = [[week.asked for week in tables.board_of(who)] for who in "ab"]
    assert asked[0] == asked[1] == [4, 4, 4, 4, 8, 8]


def test_a_player_sees_its_own_stage_only_and_a_seat_has_one_player():
    tables = seated((0, "wholesaler"), (0, "factory"))
    refused(lambda: tables.sit("b", 0, "wholesaler"), "this seat is taken")
    tables.sit("b", 0, "retailer")
    assert tables.seat_of("b") == (0, "retailer") and "factory" not in tables.teams[0].seats
    tables.start("sterman")
    game = tables.teams[0].game
    assert tables.board_of("a") == game.weeks["wholesaler"] and tables.board_of("nobody") == []
    refused(lambda: tables.sit("b", 0, "factory"), "the game has begun: seats are taken")
    refused(lambda: tables.stand("b"), "the game has begun: seats are taken")


def test_the_host_hurries_takes_back_and_begins_again():
    tables = seated((0, "retailer"))
    refused(tables.hurry, "the game is not on")
    tables.start("base_stock")
    tables.order("a", 12)
    kept = tables.kept()
    tables.order("a", 99)
    tables.undo()
    assert tables.week == 6 and tables.kept() == kept
    tables.hurry()
    assert tables.week == 7 and tables.board_of("a")[5].order == 12  # as the week before
    tables.undo()
    tables.undo()
    refused(tables.undo, "the first 4 weeks are everybody's: there is nothing to undo")
    tables.again()
    assert tables.phase == LOBBY and tables.seat_of("a") == (0, "retailer")


HOSTILE = [
    (lambda t: t.order("a", "-1"), "an order is whole units from 0 to 100,000, got '-1'"),
    (lambda t: t.order("a", "9" * 400), f"an order is whole units from 0 to 100,000, got '{'9' * 24}'"),
    (
        lambda t: t.order("a", "200000"),
        "the order of the retailer in week 5 must be whole units from 0 to 100,000, got 200000",
    ),
    (lambda t: t.order("a", "<script>"), "an order is whole units from 0 to 100,000, got '<script>'"),
    (lambda t: t.order("a", None), "an order is whole units from 0 to 100,000, got 'None'"),
    (lambda t: t.order("x", "4"), "take a seat first"),
    (lambda t: t.start("__class__"), "the game has begun"),
]


@pytest.mark.parametrize(("act", "message"), HOSTILE)
def test_what_a_browser_may_not_do_is_refused_and_the_game_unharmed(act, message):
    tables = seated((0, "retailer"))
    tables.start("base_stock")
    before = tables.kept()
    refused(lambda: act(tables), message)
    assert tables.kept() == before


def test_seats_and_bots_are_taken_from_what_there_is():
    tables = seated((0, "retailer"))
    tables.room.join("y", tables.room.code, "Y")
    refused(lambda: tables.sit("z", 0, "factory"), "join the room first")
    refused(lambda: tables.sit("y", 7, "factory"), "there are 1 teams")
    refused(
        lambda: tables.sit("y", 0, "boss"),
        "seat 'boss' is unknown; choose from: distributor, factory, retailer, wholesaler",
    )
    refused(lambda: tables.set_teams(9), "there are 1 to 8 teams, not 9")
    with pytest.raises(InputError, match=r"bot 'os\.system' is unknown; "):
        tables.start("os.system")


def test_a_game_outlives_its_server(tmp_path):
    tables = seated((0, "retailer"), (1, "factory"), teams=2, folder=tmp_path)
    tables.start("sterman")
    tables.order("a", 12)
    again = BeerTables(Room())
    again.keep_in(tmp_path)
    assert again.kept() == tables.kept() and again.room.key == tables.room.key
    assert again.waiting_for() == ["B"] and again.board_of("a") == tables.board_of("a")
    again.order("b", 8)
    assert again.week == 6 and json.loads((tmp_path / "beer_game.json").read_text()) == again.kept()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no saved game: it is not JSON"),
        ("[]", "is no saved game of a workshop"),
        ('{"tables": "beer_game"}', "is no saved game of a workshop: 'teams'"),
    ],
)
def test_a_file_that_is_no_game_is_refused(tmp_path, text, message):
    path = tmp_path / "beer_game.json"
    path.write_text(text)
    refused(lambda: BeerTables(Room()).keep_in(tmp_path), f"{path} {message}")
