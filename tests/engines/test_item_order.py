"""Items ordered by their sites: less work, and the same ledger."""

from unittest.mock import patch

import numba
import numpy as np
import pytest
from chains import LEAN, small_chain
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import learners, policies, scenarios

from restock.sim.engines.kernel.item_order import OF_ITEMS, in_order, order_of_items
from restock.sim.engines.rules.compiled_rules import plan_arrays
from restock.sim.model.feature import feature_kinds
from restock.sim.planning.prepared import Prepared
from restock.sim.run.shards import run_kernel
from restock.sim.study.compare import evaluate


def sites_visited(stocked, together):
    return sum(int(stocked[k : k + together].any(axis=0).sum()) for k in range(0, len(stocked), together))


def test_blocks_of_items_that_share_their_sites_visit_fewer():
    kinds = np.random.default_rng(1).random((8, 12)) < 0.3
    stocked = kinds[np.arange(100) % 8]
    order = order_of_items(stocked, replications=8)
    assert sorted(order) == list(range(100))
    assert sites_visited(stocked[order], 8) < 0.5 * sites_visited(stocked, 8)


@pytest.mark.parametrize(("stocked", "replications"), [(np.ones((9, 3), bool), 2), (np.eye(3, dtype=bool), 64)])
def test_items_stay_in_their_order_where_another_saves_nothing(stocked, replications):
    assert order_of_items(stocked, replications) is None


@pytest.mark.parametrize("replications", [1, 3, 20])
@given(scenario=scenarios(), policy=st.one_of(policies, learners), shuffle=st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_order_of_items_changes_nothing(replications, scenario, policy, shuffle):
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)

    def any_order(stocked, replications):
        order = list(range(len(stocked)))
        shuffle.shuffle(order)
        return np.array(order)

    with patch("restock.sim.engines.writer.run.order_of_items", lambda stocked, replications: None):
        own = run_kernel(prepared, plan, 5, replications, series=True)
    with patch("restock.sim.engines.writer.run.order_of_items", any_order):
        other = run_kernel(prepared, plan, 5, replications, series=True)
    assert own.ledger.tobytes() == other.ledger.tobytes() and own.series.tobytes() == other.series.tobytes()


@given(scenario=scenarios(), policy=st.one_of(policies, learners))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_arrays_in_another_order_are_of_the_same_types_so_that_one_kernel_serves(scenario, policy):
    """A command that runs many replications, and a few of each point of a curve, would compile twice."""
    prepared = Prepared(scenario)
    as_given = prepared.world, plan_arrays(prepared.plan(policy))
    moved = in_order(*as_given, np.arange(len(prepared.world.stocked))[::-1])
    for given_here, there in zip(as_given, moved, strict=True):
        assert numba.typeof(given_here) == numba.typeof(there)


def test_sums_of_a_run_are_the_same_bits_in_any_order():
    scenario = small_chain(items=40, days=28).scenario
    found = evaluate(Prepared(scenario), LEAN, 5, 1)
    with patch("restock.sim.engines.writer.run.order_of_items", lambda stocked, replications: None):
        own = evaluate(Prepared(scenario), LEAN, 5, 1)
    for level, sums in own.rollup.sums.items():
        assert sums.tobytes() == found.rollup.sums[level].tobytes()


def test_every_array_of_items_is_put_in_order():
    """Seventeen items, a number that nothing else has; what is switched off is empty."""
    prepared = small_chain(items=17)
    world = prepared.world
    arrays = {name: value for name, value in world._asdict().items() if isinstance(value, np.ndarray)}
    of_items = {name for name, value in arrays.items() if len(value) == 17}
    assert of_items <= set(OF_ITEMS)
    for kind in feature_kinds():
        arrays = getattr(world.features, kind.name)._asdict()
        for name in arrays.keys() - set(kind.not_of_items):
            assert not isinstance(arrays[name], np.ndarray) or len(arrays[name]) in (0, 17), f"{name} of {kind.name}"
