"""Runs that open with a state: both engines alike, nothing lost, and runs that go on as the other would have."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from opening_states import opened
from test_parity import EXAMPLES, assert_same, both, kernel_alone, outcome
from worlds import learners, policies, records, scenarios

from restock.sim.engines.events.engine import run_events
from restock.sim.engines.events.final_state import state_of_run
from restock.sim.measures.ledger import named
from restock.sim.planning.prepared import Prepared
from restock.sim.run.shards import run_kernel

states = settings(max_examples=max(1, EXAMPLES // 4))


@states
@given(opened(scenarios()), policies, st.integers(0, 2**63 - 1))
def test_both_engines_open_with_the_same_state(scenario, policy, seed):
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    both(prepared, plan, seed)
    both(prepared, plan, seed, series=True)


@states
@given(opened(scenarios()), records().filter(lambda kept: kept.delayed), learners)
def test_both_engines_learn_the_same_from_an_opening_state(scenario, kept, policy):
    prepared = Prepared(scenario.having(kept))
    both(prepared, prepared.plan(policy), series=True)


@states
@given(opened(scenarios()), policies)
def test_what_a_run_opens_with_is_what_it_hands_over_or_still_has(scenario, policy):
    """Measured from the first day: the books of the ledger begin with the state, and split up what comes of it."""
    scenario = scenario.having(warm_up=0, events=())
    state = scenario.opening
    of = named(kernel_alone(prepared := Prepared(scenario), prepared.plan(policy), 11, 3).ledger)
    on_order = state.on_order(state.on_hand.shape)
    for name, units in (("on_hand", state.on_hand), ("record", state.record), ("on_order", on_order),
                        ("backorders", state.waiting)):  # fmt: skip
        assert (of[f"opening_{name}"] == units).all(), name
    sold = of["filled"] + of["backorders_served"] - of["shipped"]
    moved = of["received"] + of["restocked"] - sold - of["shipped"] - of["expired"] - of["cleared"]
    assert (state.on_hand + moved == of["closing_on_hand"] + of["shrunk"]).all()
    backordered = of["demand"] - of["filled"] - of["lost"] - of["refused"]
    assert (state.waiting + backordered == of["closing_backorders"] + of["backorders_served"]).all()
    arrived = of["received"] + of["cancelled"]
    assert (on_order + of["ordered"] == of["closing_on_order"] + arrived).all()


@pytest.mark.parametrize("replications", [1, 3])
@states
@given(scenarios(), policies, st.integers(0, 2**40), st.data())
def test_a_run_goes_on_from_where_another_stood(replications, scenario, policy, seed, data):
    """Days 0 to T + n at once, and T to T + n from the state on the morning of day T: the same, in both engines."""
    day = 7 * data.draw(st.integers(1, 4))
    warm_up = day + 7 * data.draw(st.integers(0, 1))
    whole = Prepared(scenario.having(warm_up=warm_up, events=()))
    plan = whole.plan(policy)
    at_once = outcome(run_events, whole, plan, seed, replications)
    assume(not isinstance(at_once, str))
    state = state_of_run(whole, plan, seed, replications, day)
    going_on = Prepared(whole.scenario.having(opening=state))
    again = going_on.plan(policy)
    at_once.series[:day] = 0
    assert_same(at_once, run_events(going_on, again, seed, replications))
    assert_same(at_once, run_kernel(going_on, again, seed, replications, series=True))
    assert_same(at_once, run_kernel(going_on, again, seed, replications))
