"""Other costs without a run: what a fresh run at these costs gives."""

from dataclasses import replace

import numpy as np
import pytest
from chains import LEAN, small_chain

from restock.sim.errors import InputError
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.planning.prepared import Prepared
from restock.sim.results.reduction import SUMMED
from restock.sim.results.rollup import LEVELS
from restock.sim.study.compare import evaluate


@pytest.fixture(scope="module")
def scenario():
    records = Records(count_every=(14, 14, 14))
    return small_chain(days=56).scenario.having(records, Shrinkage(of_sales=0.05))


@pytest.fixture(scope="module")
def outcome(scenario):
    return evaluate(Prepared(scenario), LEAN, 10, seed=3, levels=LEVELS)


@pytest.mark.parametrize(
    "rates",
    [
        {"carrying_rate": 0.6},
        {"carrying_rate": 0.0, "goodwill_share": 0.0},
        {"goodwill_share": 0.3, "backorder_cost_per_day": 0.04, "count_cost": 2.5},
        {"backorder_cost_per_day": 0.0},
    ],
)
def test_other_costs_are_those_of_a_fresh_run(scenario, outcome, rates):
    fresh = evaluate(Prepared(replace(scenario, costs=replace(scenario.costs, **rates))), LEAN, 10, seed=3)
    found = outcome.with_costs(**rates)
    for level in set(SUMMED) & set(fresh.rollup.sums):
        np.testing.assert_array_equal(found.rollup.sums[level], fresh.rollup.sums[level])
    for measure in ("total_cost", "distortion_cost", "carrying_cost_pct", "count_cost"):
        np.testing.assert_array_equal(found.value(measure), fresh.value(measure))
    assert found.prepared.scenario.costs == fresh.prepared.scenario.costs


def test_what_waited_for_nothing_is_reckoned_at_a_price_too(scenario, outcome):
    free = evaluate(Prepared(replace(scenario, costs=replace(scenario.costs, backorder_cost_per_day=0.0))), LEAN, 10, 3)
    rate = scenario.costs.backorder_cost_per_day
    found = free.with_costs(backorder_cost_per_day=rate)
    np.testing.assert_array_equal(found.rollup.sums["chain"], outcome.rollup.sums["chain"])


def test_the_outcome_itself_stays_as_it_was(outcome):
    before = outcome.value("total_cost")
    assert outcome.with_costs(goodwill_share=1.0).value("total_cost")[0] > before[0] == outcome.value("total_cost")[0]


def test_costs_that_take_a_run_are_refused(scenario, outcome):
    with pytest.raises(InputError, match="cost 'overstock_days' that can be changed without a run is unknown; choose"):
        outcome.with_costs(overstock_days=3.0)
    with pytest.raises(InputError, match="carrying_rate of costs must be a number not below 0, got -1"):
        outcome.with_costs(carrying_rate=-1)
    with pytest.raises(InputError, match="level 'item' of the outcome of policy"):
        outcome.with_costs(carrying_rate=0.1).table("item")
