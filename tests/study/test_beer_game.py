"""The beer game's chain, replayed: printed costs, both engines alike, and a past that no later decision changes."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from restock.sim.engines.events.engine import run_events
from restock.sim.errors import InputError
from restock.sim.run.shards import run_kernel
from restock.sim.study.beer_game.board import Board, classic_table, costs
from restock.sim.study.beer_game.chain import CALM, CLASSIC, STAGES

orders = st.lists(st.integers(0, 60), min_size=12, max_size=12)
played = st.fixed_dictionaries(dict.fromkeys(STAGES, orders))


@pytest.fixture(scope="module")
def board():
    return Board(CLASSIC[:14])


@settings(max_examples=20, deadline=None)
@given(played)
def test_both_engines_play_any_decisions_alike(board, decisions):
    plan = board.prepared.plan(board.policy(decisions))
    assert_array_equal(run_kernel(board.prepared, plan, 1, 1).ledger, run_events(board.prepared, plan, 1, 1).ledger)


@settings(max_examples=20, deadline=None)
@given(played, st.integers(0, 11))
def test_a_week_is_seen_as_it_was_whatever_is_decided_later(board, decisions, weeks):
    """All stages see week w by their own clocks; what is decided from w on changes nothing of it."""
    now = board.play({stage: made[:weeks] for stage, made in decisions.items()})
    later = board.play(decisions)
    for stage in STAGES:
        assert [week._replace(order=None) for week in now[stage]] == [
            week._replace(order=None) for week in later[stage][: weeks + 1]
        ]


@settings(max_examples=20, deadline=None)
@given(played)
def test_nothing_is_created_or_lost(board, decisions):
    for mine in board.play(decisions).values():
        net_stock = 12
        for week in mine:
            net_stock += week.received - week.asked
            assert week.on_hand - week.backlog == net_stock and week.on_hand * week.backlog == 0


@settings(max_examples=20, deadline=None)
@given(played)
def test_an_order_is_asked_of_the_stage_above_two_weeks_on_and_the_factory_brews_for_itself(board, decisions):
    weeks = board.play(decisions)
    for below, above in pairwise(STAGES):
        for k, order in enumerate(decisions[below][:10]):
            assert weeks[above][k + 2].asked == order
    for k, order in enumerate(decisions["factory"][:9]):
        assert weeks["factory"][k + 3].received == order


def test_the_classic_table_has_what_the_record_sheets_have(board):
    table = classic_table(board.play({stage: [CALM] * 4 for stage in STAGES}))
    assert len(table) == 4 and table["cost_so_far"].tolist() == [24.0, 48.0, 72.0, 96.0]
    assert (table[["retailer_net_stock", "factory_net_stock"]] == 12).all().all()
    assert sum(costs(board.play({})).values()) == 0.0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Board([]), "customers must name 1 to 104 weeks, got 0"),
        (lambda: Board([4, 4.5]), "customers of week 2 must be whole units from 0 to 1000, got 4.5"),
        (lambda: Board([4]).play({"brewer": [4]}), "stage 'brewer' is unknown; choose from: distributor, factory, "
                                                   "retailer, wholesaler"),
        (lambda: Board([4]).play({"retailer": [4, 4]}), "the retailer has 2 orders; the game has 1 weeks"),
        (lambda: Board([4]).play({"factory": [-1]}), "the order of the factory in week 1 must be whole units from 0 to "
                                                     "100,000, got -1"),
    ],
)  # fmt: skip
def test_what_cannot_be_played_is_refused_in_a_line(wrong, message):
    with pytest.raises(InputError) as caught:
        wrong()
    assert str(caught.value) == message
