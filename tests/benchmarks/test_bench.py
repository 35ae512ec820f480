"""`make bench` times what it says: its scenarios are built, and its works run."""

import numpy as np

from benchmarks import bench
from restock.policies.buffer import Buffer
from restock.sim.planning.prepared import Prepared


def test_the_grocer_is_the_scenario_of_a_plain_compare():
    world = bench.grocer().world
    assert world.stocked.shape == (1245, 32)
    assert 0.1 < world.stocked.mean() < 0.2  # the row is of stocked cells: most are not


def test_every_policy_of_the_rates_runs():
    prepared = Prepared(bench.chain(items=2, stores=2, days=28))
    for policy in (None, Buffer(), bench.MyOwn()):
        bench.simulation(prepared, 2, policy)()
    assert bench.cell_days(prepared, 2) == 2 * 3 * prepared.world.horizon * 2


def test_a_median_leaves_the_first_turn_out():
    calls = []
    seconds = bench.medians([lambda: calls.append("a"), lambda: calls.append("b")], runs=2)
    assert calls == ["a", "b"] * 3 and len(seconds) == 2 and np.isfinite(seconds).all()
