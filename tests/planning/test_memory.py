"""Policies that remember: what they are told in the evening, once each; levels that change by day; mistakes named."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest

from restock.policies.base_stock import BaseStock
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.engines.ledgers import features_of
from restock.sim.errors import InputError
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.measures.ledger import SERIES, named
from restock.sim.measures.measures import measures_of
from restock.sim.model.network import Item
from restock.sim.planning.policy import ByDay, Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.run.shards import run_kernel

CALLS, DAYS, DEMAND, SALES, LAST_DAY = range(5)


class Sums(Policy):
    """Base stock that adds up what it is told."""

    def levels(self, known):
        return {"level": np.ceil(3 * known.demand_mean)}

    def memory(self, known):
        return np.zeros(5)

    @staticmethod
    def learn(seen, levels, memory):
        memory[CALLS] += 1
        memory[DAYS] += seen.days
        memory[DEMAND] += seen.demand
        memory[SALES] += seen.sales
        memory[LAST_DAY] = seen.day

    @staticmethod
    def rule(view, levels, memory):
        return max(0, levels.level - view.inventory_position)


def remembered(scenario, policy):
    """What is remembered of the only cell after the last day, and the days that led there."""
    prepared = Prepared(scenario)
    run = Run(prepared, prepared.plan(policy), 3, 0, log=True).run()
    return run.sites[0].memory[0], run.daily


@pytest.mark.parametrize(
    "kept, calls, days",
    [
        (Records(), 60, 60),
        (Records(lag=2), 58, 58),
        (Records(reconcile_every=7), 8, 56),
        (Records(reconcile_every=7, lag=4), 8, 56),
        (Records(reconcile_every=7, lag=5), 7, 49),
        (Records(reconcile_every=100, full_count_every=20), 3, 60),
    ],
)
@pytest.mark.parametrize("backorder_share", [0.0, 0.3, 1.0])
def test_each_posting_is_learnt_once(one_shop, kept, calls, days, backorder_share):
    shop = one_shop.having(kept, items=(Item("milk", backorder_share=backorder_share),))
    memory, daily = remembered(shop, Sums())
    assert memory[CALLS] == calls
    assert memory[DAYS] == days
    posted = daily[:days]
    sold = sum(day.filled + day.backorders_served for day in posted)
    assert memory[SALES] == sold > 0
    assert memory[DEMAND] == sold + posted[-1].backorders


@pytest.mark.parametrize("backorder_share", [0.0, 1.0])
def test_what_is_lost_is_not_recorded_and_what_waits_is(one_shop, backorder_share):
    shop = dataclasses.replace(one_shop, items=(Item("milk", backorder_share=backorder_share),))
    memory, daily = remembered(shop, Sums())
    asked, filled = sum(day.demand for day in daily), sum(day.filled for day in daily)
    assert filled < 0.95 * asked
    assert memory[DEMAND] == (asked if backorder_share else filled)


def test_the_record_is_learnt_and_not_the_stock(one_shop):
    class Record(Sums):
        @staticmethod
        def learn(seen, levels, memory):
            memory[0] = seen.record

    memory, daily = remembered(one_shop.having(Shrinkage(0.3)), Record())
    assert memory[0] == daily[-1].record > daily[-1].on_hand


class Steps(Policy):
    """Base stock whose level changes by day."""

    def levels(self, known):
        values = np.full((2, known.world.horizon), 20)
        values[1, 10:] = 26
        values[1, 20:] = 11
        return {"base_stock_level": ByDay(values, np.ones(known.stocked.shape))}

    rule = staticmethod(BaseStock.rule)


@pytest.mark.parametrize("review_period", [1, 5])
def test_levels_that_change_by_day(one_shop, review_period):
    """Where all wait, an evening's order is what was asked since the last, and the step of the level."""
    shop = dataclasses.replace(
        one_shop, items=(Item("milk", backorder_share=1.0),), opening_stock=np.array([[20]]), days=19
    )
    prepared = Prepared(shop)
    plan = prepared.plan(Steps(review_period=review_period))
    events, kernel = run_events(prepared, plan, 1, 1), run_kernel(prepared, plan, 1, 1, series=True)
    assert (events.series == kernel.series).all()
    demand, ordered = (kernel.series[:, 0, 0, SERIES.index(name)] for name in ("demand", "ordered"))
    total = np.cumsum(demand) + np.where(np.arange(19) >= 10, 6, 0)
    reviewed = np.arange(19) % review_period == 0
    assert (np.cumsum(ordered)[reviewed] == total[reviewed]).all()


class Naive(Sums):
    """Forecasts what was asked for today; or always the same."""

    forecast_slot = 0

    @staticmethod
    def learn(seen, levels, memory):
        memory[0] = seen.demand


class Fixed(Naive):
    def memory(self, known):
        return np.array([4.0625])

    @staticmethod
    def learn(seen, levels, memory):
        memory[0] = memory[0]


@pytest.mark.parametrize("warm_up", [0, 14])
def test_errors_of_forecasts_by_hand(one_shop, warm_up):
    prepared = Prepared(dataclasses.replace(one_shop, items=(Item("milk", backorder_share=1.0),), warm_up=warm_up))
    run = Run(prepared, prepared.plan(Fixed()), 1, 0, log=True).run()
    asked = np.array([day.demand for day in run.daily])
    today, yesterday = asked[max(1, warm_up) :], asked[max(0, warm_up - 1) : -1]
    for policy, forecast in ((Fixed(), 4.0625), (Naive(), yesterday)):
        plan = prepared.plan(policy)
        ledger = run_kernel(prepared, plan, 1, 1).ledger
        assert (ledger == run_events(prepared, plan, 1, 1).ledger).all()
        of = {name: column.item() for name, column in named(ledger).items()}
        error = np.floor(1000 * (forecast - today) + 0.5)
        assert of["forecast_days"] == len(today)
        assert of["forecast_demand"] == today.sum()
        assert of["forecast_error"] == error.sum()
        assert of["forecast_abs_error"] == abs(error).sum()
        assert of["naive_abs_error"] == 1000 * abs(today - yesterday).sum()


def test_only_plans_that_forecast_have_measures_of_forecasts(one_shop):
    prepared = Prepared(one_shop)
    for policy, has in ((Sums(), False), (Naive(), True)):
        features = features_of(prepared.world, prepared.plan(policy))
        assert ("forecast_mase" in measures_of(features)) == has


def test_a_plan_without_memory_has_nothing_more_to_run(one_shop):
    from restock.sim.engines.rules.compiled_rules import compiled_plan, plan_arrays

    plan = Prepared(one_shop).plan(BaseStock())
    review, learn = compiled_plan(plan)
    assert learn is review
    arrays = plan_arrays(plan)
    assert (arrays.memory.size, arrays.by_day.size, len(arrays.by_day_levels)) == (0, 0, 0)


@dataclass(frozen=True)
class Flawed(Sums):
    flaw: str = ""

    def levels(self, known):
        shape, horizon = known.stocked.shape, known.world.horizon
        rows = np.full((2, horizon), 8.0)
        if self.flaw == "fraction":
            rows[1, 7] = 2.5
        if self.flaw == "days":
            rows = rows[:, 1:]
        row_of = np.full(shape, 2 if self.flaw == "row" else 1)
        if self.flaw == "order":
            rows[1, 3:] = 40
            return {"reorder_point": ByDay(rows, row_of), "order_up_to_level": np.full(shape, 30)}
        return {"level": ByDay(rows, row_of)}

    def memory(self, known):
        return {"shape": np.zeros((7, 1, 2)), "nan": np.array([0.0, np.nan]), "scalar": 0.0}.get(self.flaw, np.zeros(5))


@pytest.mark.parametrize(
    "flaw, message",
    [
        (
            "fraction",
            "policy 'flawed': level must be a whole number from -268,435,455 to 268,435,455, "
            "got 2.5 for item 'milk' at site 'store' on day 7",
        ),
        ("days", "policy 'flawed': level has values of shape (2, 59); allowed: (rows, days simulated) = (any, 60)"),
        ("row", "policy 'flawed': row_of of level must not exceed 1, the last row"),
        (
            "order",
            "reorder_point (40) must not exceed order_up_to_level (30) for item 'milk' at site 'store' on day 3, "
            "in policy 'flawed'",
        ),
        ("shape", "policy 'flawed': memory has shape (7, 1, 2); allowed: (items, sites, slots) = (1, 1, any)"),
        ("scalar", "policy 'flawed': memory has shape (); allowed: (items, sites, slots) = (1, 1, any)"),
        ("nan", "policy 'flawed': slot 1 of its memory must be a number, got nan for item 'milk' at site 'store'"),
    ],
)
def test_wrong_levels_and_memories_are_named(flaw, message, one_shop):
    with pytest.raises(InputError) as caught:
        Prepared(one_shop).plan(Flawed(flaw=flaw))
    assert str(caught.value) == message


def test_mistakes_in_learning_are_named(one_shop):
    class Beyond(Sums):
        @staticmethod
        def learn(seen, levels, memory):
            memory[5] = seen.demand

    class Mute(Sums):
        learn = Policy.learn

    class Elsewhere(Sums):
        forecast_slot = 5

    class Clock(Sums):
        @staticmethod
        def learn(seen, levels, memory):
            memory[0] = len({seen.day, "a"})

    prepared = Prepared(one_shop)
    with pytest.raises(
        InputError, match=r"policy 'beyond' for item 'milk' at site 'store': the learning failed: .* 5 slo"
    ):
        prepared.plan(Beyond())
    with pytest.raises(
        InputError, match=r"the learning failed: a policy with memory needs a learn\(seen, levels, memory"
    ):
        prepared.plan(Mute())
    with pytest.raises(
        InputError, match=r"policy 'elsewhere': forecast_slot must be a slot of its memory, 0 to 4, got 5"
    ):
        prepared.plan(Elsewhere())
    with pytest.raises(InputError, match=r"policy 'clock': the learning does not compile: "):
        run_kernel(prepared, prepared.plan(Clock()), 1, 1)
