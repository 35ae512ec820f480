"""Runs that open with a state: both engines alike, nothing lost, and runs that go on as the other would have."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from opening_states import opened, state_for
from test_parity import EXAMPLES, assert_same, both, kernel_alone, outcome
from worlds import Remembers, learners, policies, records, scenarios

from restock.experiments.tracing import one_item, one_item_plan
from restock.policies.base_stock import BaseStock
from restock.policies.predictive import Predictive
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.engines.events.final_state import state_of_run
from restock.sim.errors import InputError
from restock.sim.features.records.settings import Records
from restock.sim.features.returns.settings import Returns
from restock.sim.features.shelf_life.settings import ShelfLife
from restock.sim.features.transit_damage.settings import TransitDamage
from restock.sim.features.transit_damage.steps import DamageSteps
from restock.sim.features.unit_costs.settings import UnitCosts
from restock.sim.measures.ledger import SERIES, named
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.opening.opening_state import NOT_TOLD, OpeningState
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.example import one_shop as two_items
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Empirical, Poisson
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
    moved += of["transferred_in"] - of["transferred_out"]
    assert (state.on_hand + moved == of["closing_on_hand"] + of["shrunk"]).all()
    backordered = of["demand"] - of["filled"] - of["lost"] - of["refused"]
    assert (state.waiting + backordered == of["closing_backorders"] + of["backorders_served"]).all()
    arrived = of["received"] + of["rejected"] + of["cancelled"] + of["transferred_in"] - of["filled_by_transfer"]
    assert (on_order + of["ordered"] + of["transfers_sent_here"] == of["closing_on_order"] + arrived).all()


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


@pytest.mark.parametrize("lag", [0, 2])
def test_a_policy_that_learns_what_came_back_goes_on(one_shop, lag):
    """Rare among random worlds: what was put back on the shelf, and what the policy knows of it."""
    whole = Prepared(one_shop.having(Returns(0.5, 3), Records(lag=lag), warm_up=14))
    at_once = run_events(whole, whole.plan(Remembers()), 4, 3)
    state = state_of_run(whole, whole.plan(Remembers()), 4, 3, 14)
    assert (state.arrays["restocked_so_far"] > 0).all()
    going_on = Prepared(whole.scenario.having(opening=state))
    at_once.series[:14] = 0
    assert_same(at_once, run_events(going_on, going_on.plan(Remembers()), 4, 3))
    assert_same(at_once, run_kernel(going_on, going_on.plan(Remembers()), 4, 3, series=True))


def one_cell(lead_time, orders, arrive="law", **settings):
    """A shop that orders nothing more: what comes in are its open orders."""
    state = OpeningState(np.zeros((1, 1)), open_orders=orders, arrive=arrive)
    lanes, demand = [Lane("supplier", "store", lead_time)], {("milk", "store"): Poisson(1.0)}
    scenario = scenario_of("shop", [Item("milk")], [Site("store")], lanes, demand, opening=state, **settings)
    return Prepared(scenario)


def received(prepared, replications=1):
    """Units that come in by day, (days, replications), from both engines, which agree."""
    plan = prepared.plan(BaseStock(base_stock_level=0))
    kernel = run_kernel(prepared, plan, 7, replications, series=True)
    assert_same(
        run_events(prepared, plan, 7, min(replications, 50)), run_kernel(prepared, plan, 7, min(replications, 50))
    )
    return kernel.series[:, :, 0, SERIES.index("received")]


@pytest.mark.parametrize("age", [1, 2, 3, 5, 6])
def test_an_open_order_comes_in_by_the_exact_law_given_its_age(age):
    """P(arrives on day d) = P(lead time = age + d) / P(lead time >= age), of 20,000 replications."""
    law, many = Empirical((1, 2, 4, 5, 9), (1, 3, 2, 3, 1)), 20_000
    came = received(one_cell(law, [(0, 0, 1, -age, NOT_TOLD)], days=14), many)
    assert (came.sum(axis=0) == 1).all()
    p = np.array(law.pmf())
    exact = np.zeros(14)
    exact[: len(p) - age] = p[age:] / p[age:].sum()
    share = came.mean(axis=1)
    assert (share[exact == 0] == 0).all()
    assert (np.abs(share - exact) <= 4 * np.sqrt(exact * (1 - exact) / many)).all()


def test_orders_of_a_cell_are_drawn_apart_and_in_no_order_of_a_file():
    law, orders = Empirical((2, 12), (1, 1)), [(0, 0, 1, -1, NOT_TOLD), (0, 0, 100, -1, NOT_TOLD)]
    one = received(one_cell(law, orders, days=14), 400)
    assert (one == received(one_cell(law, orders[::-1], days=14), 400)).all()
    together = (one.max(axis=0) == 101).mean()
    assert 0.4 < together < 0.6


@pytest.mark.parametrize(
    "arrive, orders, days_of",
    [
        ("law", [(-1, 9), (-3, 9), (-4, 9), (-40, 9)], [2, 0, 0, 0]),  # of three days' lead time two are overdue
        ("expected", [(-1, 9), (-30, -2), (-4, 0), (-1, NOT_TOLD)], [9, 0, 0, 2]),
        ("expected", [(-1, 13), (-1, 14), (-1, 77)], [13, None, None]),  # 14 days: two are not here when they end
    ],
)
def test_overdue_orders_come_in_on_the_first_day(arrive, orders, days_of):
    rows = [(0, 0, 2**k, ordered, expected) for k, (ordered, expected) in enumerate(orders)]
    prepared = one_cell(Constant(3), rows, arrive, days=14)
    wanted = np.zeros(14, int)
    for k, day in enumerate(days_of):
        if day is not None:
            wanted[day] += 2**k
    assert received(prepared)[:, 0].tolist() == wanted.tolist()
    past = [day == 0 and not (arrive == "law" and ordered == -3) and expected != 0
            for (ordered, expected), day in zip(orders, days_of, strict=True)]  # fmt: skip
    given = {row[2]: late for row, late in zip(rows, past, strict=True)}
    state = prepared.scenario.opening
    assert (
        dict(zip(state.open_orders["quantity"].tolist(), state.overdue(prepared.scenario).tolist(), strict=True))
        == given
    )


def test_customers_who_wait_are_served_first():
    state = OpeningState(np.array([[0], [0]]), waiting=np.array([[4], [0]]), open_orders=[(0, 0, 6, -1, 2)])
    items = [Item("milk", backorder_share=1.0), Item("bread")]
    prepared = Prepared(two_items(days=7).scenario.having(items=items, opening=state))
    run = Run(prepared, prepared.plan(BaseStock(base_stock_level=0)), 1, 0, log=True).run()
    log = [
        (entry.day, entry.quantity) for entry in run.log if entry.what == "backorder served" and entry.item == "milk"
    ]
    assert log[0] == (1, 6)  # an order of yesterday, two days on its way: of the four, and of two who came on day 0
    both(prepared, prepared.plan(BaseStock(base_stock_level=0)), series=True)


def test_another_seed_goes_on_from_the_same_state_into_another_future(one_shop):
    shop = Prepared(one_shop.having(warm_up=14))
    state = state_of_run(shop, shop.plan(BaseStock()), 1, 2, 14)
    going_on = Prepared(shop.scenario.having(opening=state))
    plan = going_on.plan(BaseStock())
    one, other = both(going_on, plan, seed=1), both(going_on, plan, seed=2)
    assert (named(one.ledger)["opening_on_hand"] == named(other.ledger)["opening_on_hand"]).all()
    assert (one.ledger != other.ledger).any()


def test_what_cannot_go_on_is_refused(one_shop):
    shop = Prepared(one_shop.having(warm_up=14))
    state = state_of_run(shop, shop.plan(BaseStock()), 1, 2, 14)

    def refused(make, message):
        with pytest.raises(InputError) as caught:
            make()
        assert str(caught.value) == message

    words = "the state of a run is of day 14; allowed: whole weeks, at least 7 and at most the scenario's warm_up, 7"
    refused(lambda: shop.scenario.having(opening=state, warm_up=7), words)
    going_on = Prepared(shop.scenario.having(opening=state))
    words = "policy 'predictive' remembers, and cannot go on from a state that policy 'base_stock' left; "
    refused(
        lambda: going_on.plan(Predictive()), words + "allowed: the policy that left it, or one that remembers nothing"
    )
    for run in (run_events, run_kernel):
        words = "the run goes on from 2 replications of another; allowed: at most as many, got 3"
        refused(lambda run=run: run(going_on, going_on.plan(BaseStock()), 1, 3), words)
    for day in (0, 10, 77):
        words = f"the day of a state must be whole weeks from 7 to 74, all days of the scenario; got {day}"
        refused(lambda day=day: state_of_run(shop, shop.plan(BaseStock()), 1, 1, day), words)
    for feature, words in ((ShelfLife(3), "shelf_life"), (Returns(0.2), "returns"), (Records(lag=1), "records"),
                           (UnitCosts(cost_flow=True), "unit costs that are followed")):  # fmt: skip
        words = f"a run with {words} cannot go on from the state of a run without"
        refused(lambda feature=feature: Prepared(going_on.scenario.having(feature)).world, words)
    two = Prepared(two_items(warm_up=14, opening=None).scenario)
    words = "the state of a run must be of the scenario's items and sites, (2, 1), got (1, 1)"
    refused(lambda: two.scenario.having(opening=state), words)


def test_a_feature_that_does_not_tell_what_it_keeps_lets_no_run_go_on(one_shop, monkeypatch):
    monkeypatch.delattr(DamageSteps, "kept")
    shop = Prepared(one_shop.having(TransitDamage(0.1)))
    with pytest.raises(InputError) as caught:
        state_of_run(shop, shop.plan(BaseStock()), 1, 1, 7)
    words = "no run can go on from one with transit_damage: what it keeps from day to day is not told"
    assert str(caught.value) == words


@pytest.mark.parametrize("kind", ["law", "run"])
def test_items_apart_open_as_they_do_among_all(kind):
    """The items of a state, one by one: as `restock trace` runs them."""
    rng = np.random.default_rng(5)
    shop = two_items(warm_up=7).scenario
    prepared = Prepared(shop)
    plan = prepared.plan(BaseStock(base_stock_level=30))
    state = state_for(shop, rng) if kind == "law" else state_of_run(prepared, plan, 3, 2, 7)
    prepared = Prepared(shop.having(opening=state))
    together = run_events(prepared, plan, 3, 2).ledger
    for i in range(2):
        alone = Prepared(one_item(prepared.scenario, i, prepared.world.daily_rate))
        assert (run_events(alone, one_item_plan(plan, i), 3, 2).ledger[:, 0] == together[:, i]).all()
