"""A record that is a sample, played by both engines: what was not seen of a day is the same draw in each."""

import datetime
from dataclasses import replace

import numpy as np
import pytest
from chains import LEAN, small_chain
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import DEMAND_LAWS, UNTHINNED

from restock.sim.engines.events.draws import Draws
from restock.sim.engines.events.engine import run_events
from restock.sim.errors import InputError
from restock.sim.model.demand import NOT_OPEN, Demand, History, Season
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import RoundedNormal
from restock.sim.run.shards import run_kernel

SHAPE = (5, 4)  # items, sites; nobody buys at the DC


def sampled(seed, source="bootstrap", share=0.05, receipts=True, days=40, **of_demand):
    """A small chain whose record is a random sample."""
    random = np.random.default_rng(seed)
    asked = random.random(SHAPE) < 0.8
    asked[:, 0], asked[0, 1] = False, True
    law_of = np.where(asked, random.choice(UNTHINNED, SHAPE), -1)
    row_of = np.where(asked, random.permutation(SHAPE[0] * SHAPE[1]).reshape(SHAPE), -1)
    row_of[asked] = np.argsort(np.argsort(row_of[asked]))
    units = random.poisson(1.5, (int(asked.sum()), days))
    of_day = np.where(
        units > 0, random.integers(1, np.maximum(units, 1) + 1), np.where(random.random(units.shape) < 0.2, NOT_OPEN, 0)
    )
    seasons = (Season(), Season((0.5, 1, 1, 1, 1.5, 2, 0)))
    history = History(units, row_of, datetime.date(2023, 3, 9), of_day if receipts else None, share)
    demand = Demand(DEMAND_LAWS, law_of, seasons, random.integers(0, 2, SHAPE), history, source, **of_demand)
    return Prepared(replace(small_chain(items=SHAPE[0], days=28, warm_up=7).scenario, demand=demand))


@given(
    st.integers(0, 10**6), st.sampled_from(["replay", "bootstrap"]), st.sampled_from([0.05, 0.5, 0.99]), st.booleans(),
    st.integers(7, 60), st.sampled_from([None, 0, 2]), st.sampled_from([1.0, 1.6, 0.2]),
)  # fmt: skip
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
def test_both_engines_play_a_sample_alike(seed, source, share, receipts, days, window, scale):
    prepared = sampled(seed, source, share, receipts, days, bootstrap_window=window, scale=scale)
    plan = prepared.plan(LEAN)
    events, kernel = (run(prepared, plan, seed, 3) for run in (run_events, run_kernel))
    np.testing.assert_array_equal(events.ledger[..., : kernel.ledger.shape[-1]], kernel.ledger)


def test_what_was_not_seen_is_drawn_anew_in_each_replication_and_for_every_cell():
    world = sampled(3, "replay").world
    drawn = np.array([[Draws(world, 1, r).demand(i, n) for i, n in np.argwhere(world.history_row >= 0)]
                      for r in range(2)])  # fmt: skip
    assert (drawn[0] != drawn[1]).any(axis=1).mean() > 0.8  # but for cells of a law that asks for nothing
    np.testing.assert_array_equal(drawn[0, 0], Draws(world, 1, 0).demand(*np.argwhere(world.history_row >= 0)[0]))


def test_a_whole_record_has_nothing_unseen():
    world = sampled(3, "replay", share=1.0).world
    assert world.unseen.shape == (0, 0)
    i, n = np.argwhere(world.history_row >= 0)[0]
    played = sampled(3, "replay", share=1.0).scenario.demand.history.units[world.history_row[i, n]]
    assert set(Draws(world, 1, 0).demand(i, n).tolist()) <= set(played.tolist())


def test_days_on_which_nobody_could_come_have_nothing_unseen():
    prepared = sampled(3, "replay")
    shut = replace(prepared.scenario.demand.history, receipts=np.full_like(prepared.scenario.demand.history.units, -1),
                   units=np.zeros_like(prepared.scenario.demand.history.units))  # fmt: skip
    demand = replace(prepared.scenario.demand, history=shut)
    known = Prepared(replace(prepared.scenario, demand=demand)).known
    assert known.demand_mean.sum() == 0 and known.demand_variance.sum() == 0


def test_scale_multiplies_all_customers_and_keeps_what_was_seen():
    plain, more = (sampled(5, scale=scale) for scale in (1.0, 1.6))
    assert more.scenario.demand.recorded().sample_share == pytest.approx(0.05 / 1.6)
    np.testing.assert_array_equal(more.scenario.demand.recorded().units, plain.scenario.demand.recorded().units)
    all_seen = sampled(5, scale=0.02).scenario.demand.recorded()  # fewer than were seen
    assert all_seen.sample_share == 1 and all_seen.receipts is None
    assert all_seen.units.sum() == pytest.approx(0.4 * plain.scenario.demand.history.units.sum(), rel=0.1)


def test_a_sample_of_a_law_without_a_shape_is_refused_by_its_cell():
    prepared = sampled(3)
    demand = replace(prepared.scenario.demand, laws=(RoundedNormal(9.0, 3.0),) * len(DEMAND_LAWS))
    with pytest.raises(InputError) as caught:
        Prepared(replace(prepared.scenario, demand=demand)).world  # noqa: B018
    assert str(caught.value) == (
        "demand of item 'item_0' at site 'store_0', whose record is a sample: RoundedNormal: laws must be poisson, "
        "geometric, negative_binomial, or compound with customers of these"
    )
    demand = replace(prepared.scenario.demand, law_of=np.full(SHAPE, -1))
    with pytest.raises(InputError) as caught:
        Prepared(replace(prepared.scenario, demand=demand)).world  # noqa: B018
    assert str(caught.value) == (
        "demand of item 'item_0' at site 'store_0': its record is a sample, and no law says of how many"
    )


@pytest.mark.parametrize("changes, message", [
    ({"sample_share": 0.0}, "sample_share of a history must lie in (0, 1], got 0.0"),
    ({"sample_share": "half"}, "sample_share of a history must be a number, got 'half'"),
    ({"receipts": np.ones((2, 9), int)}, "recorded receipts must be whole numbers, one for each of the recorded units"),
    ({"receipts": np.full((2, 8), 3)}, "recorded receipts must be from 0 to the units of their day, or -1 where nobody "
     "could have come"),
])  # fmt: skip
def test_histories_that_cannot_be_are_one_line(changes, message):
    history = History(np.ones((2, 8), int), np.array([[0, 1]]), datetime.date(2023, 3, 9))
    with pytest.raises(InputError) as caught:
        replace(history, **changes)
    assert str(caught.value) == message
