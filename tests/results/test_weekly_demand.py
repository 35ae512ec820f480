"""Weeks of demand without a policy are those that the engines draw, or play."""

from dataclasses import replace

import numpy as np
import pytest
from chains import LEAN, small_chain
from numpy.testing import assert_array_equal

from restock.sim.engines.events.draws import Draws
from restock.sim.measures.ledger import NAMES
from restock.sim.model.demand import History, Season
from restock.sim.planning.prepared import Prepared
from restock.sim.results.weekly_demand import weekly_demand
from restock.sim.run.shards import run_kernel


def with_seasons(scenario):
    season = Season((0.5, 0.5, 0.5, 1.0, 1.5, 1.5, 1.5))
    season_of = np.zeros_like(scenario.demand.law_of)
    season_of[::2] = 1
    return replace(scenario, demand=replace(scenario.demand, seasons=(Season(), season), season_of=season_of))


def recorded_weeks(scenario, source):
    row_of = np.where(scenario.demand.law_of >= 0, np.arange(scenario.demand.law_of.size).reshape(-1, 4), -1)
    units = np.random.default_rng(1).poisson(2.0, (row_of.max() + 1, 91))
    history = History(units, row_of, scenario.start)
    return replace(scenario, demand=replace(scenario.demand, history=history, source=source))


@pytest.mark.parametrize("change", [
    with_seasons, lambda s: recorded_weeks(s, "bootstrap"), lambda s: recorded_weeks(s, "replay"),
], ids=["laws", "bootstrap", "replay"])  # fmt: skip
def test_weeks_are_sums_of_the_days_that_the_engines_take(change):
    prepared = Prepared(change(small_chain().scenario))
    cells = np.argwhere(prepared.scenario.demand.asked)
    ledger = run_kernel(prepared, prepared.plan(LEAN), 5, 3).ledger
    for r in range(3):
        found, draws = weekly_demand(prepared.world, 5, r, cells), Draws(prepared.world, 5, r)
        days = np.array([draws.demand(i, n)[prepared.world.warm_up :] for i, n in cells])
        assert_array_equal(found, days.reshape(len(cells), 12, 7).sum(axis=2))
        assert_array_equal(found.sum(axis=1), ledger[r, cells[:, 0], cells[:, 1], NAMES.index("demand")])
