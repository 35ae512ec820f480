"""Runs that grow equal runs made at once; precision is reached, lasts, and is shared by all policies."""

import numpy as np
import pytest
from chains import LEAN, RICH, small_chain

from restock.sim import statistics
from restock.sim.errors import InputError
from restock.sim.results.extending import Growing
from restock.sim.results.rollup import LEVELS
from restock.sim.study.compare import Precision, compare, evaluate


@pytest.fixture(scope="module")
def prepared():
    return small_chain()


def test_a_run_that_grew_equals_one_made_at_once(prepared):
    run = Growing(prepared, LEAN, 3, series=True, levels=LEVELS)
    run.extend(64)
    before = run.outcome()
    half_width = before.interval("item").half_width.copy()
    run.extend(192)
    grown, whole = run.outcome(), evaluate(prepared, LEAN, 192, 3, series=True, levels=LEVELS)
    for level, sums in whole.rollup.sums.items():
        assert sums.tobytes() == grown.rollup.sums[level].tobytes(), level
    for level, moments in whole.rollup.moments.items():
        assert moments.squares.tobytes() == grown.rollup.moments[level].squares.tobytes(), level
    assert grown.series.tobytes() == whole.series.tobytes()
    assert (before.replications, before.rollup.sums["chain"].shape[0]) == (64, 64)
    np.testing.assert_array_equal(before.interval("item").half_width, half_width)


@pytest.mark.parametrize("stages", [(40,), (64,), (100,), (4, 20, 130)])
def test_daily_figures_of_a_run_are_those_of_its_first_replications_run_alone(prepared, stages):
    run = Growing(prepared, LEAN, 3, series=8)
    for replications in stages:
        run.extend(replications)
    outcome, alone = run.outcome(), evaluate(prepared, LEAN, 8, 3, series=True)
    assert outcome.daily_replications == 8
    assert outcome.series.tobytes() == alone.series.tobytes()
    assert outcome.one_series.tobytes() == alone.one_series.tobytes()
    without = Growing(prepared, LEAN, 3)
    for replications in stages:
        without.extend(replications)
    assert outcome.rollup.sums["site"].tobytes() == without.outcome().rollup.sums["site"].tobytes()


def test_a_run_of_few_replications_has_the_daily_figures_of_all_of_them(prepared):
    outcome = evaluate(prepared, LEAN, 3, 3, series=8)
    assert outcome.daily_replications == 3
    assert outcome.series.tobytes() == evaluate(prepared, LEAN, 3, 3, series=True).series.tobytes()


def test_a_run_grows_from_any_number(prepared):
    run = Growing(prepared, LEAN, 3)
    for replications in (10, 64, 70):
        run.extend(replications)
    whole = evaluate(prepared, LEAN, 70, 3)
    np.testing.assert_allclose(
        run.outcome().interval("item").half_width, whole.interval("item").half_width, rtol=1e-9, atol=1e-6
    )
    np.testing.assert_allclose(run.outcome().rollup.sums["site"], whole.rollup.sums["site"], rtol=1e-12)


def test_running_intervals_are_those_of_each_number_of_replications():
    rng = np.random.default_rng(1)
    x, y, other, d = rng.normal(90, 5, 40), rng.normal(100, 5, 40), rng.normal(80, 5, 40), rng.normal(0, 1, (40, 2))
    for control in (None, d[:, 0], d):
        single = statistics.running_intervals(x, y, control=control, first=10)
        paired = statistics.running_intervals(x, y, other, y, control, first=10)
        for k, n in enumerate(single.replications):
            part = None if control is None else control[:n]
            alone = statistics.interval(x[:n], y[:n], control=part)
            compared = statistics.paired_difference(x[:n], other[:n], y[:n], y[:n], control=part)
            np.testing.assert_allclose(single.estimate[k], alone.estimate)
            np.testing.assert_allclose(single.half_width[k], alone.half_width)
            np.testing.assert_allclose(paired.estimate[k], compared.difference)
            np.testing.assert_allclose(paired.half_width[k], compared.half_width)


def test_a_criterion_met_by_luck_does_not_count():
    counts = np.arange(10, 41)
    met = counts >= 30
    assert statistics.lasting(counts, met | (counts == 15)) == 30
    assert statistics.lasting(counts[:-6], met[:-6]) is None  # four further ones are too few
    assert statistics.lasting(counts, counts < 40) is None
    assert statistics.lasting(np.arange(10, 411), np.arange(10, 411) >= 400) is None  # 20 are asked for at 400


def test_every_policy_reaches_the_relative_precision_on_the_same_replications(prepared):
    found = compare(prepared, {"lean": LEAN, "rich": RICH}, 10, 4, until=Precision("total_cost", relative=0.005))
    assert found.reached.reached and found.reached.since <= found.reached.replications
    counts = {outcome.replications for outcome in found.outcomes.values()}
    assert counts == {found.reached.replications} and found.reached.replications % 64 == 0
    for outcome in found.outcomes.values():
        estimate, low, high = outcome.value("total_cost")
        assert statistics.relative_precision(estimate, (high - low) / 2) <= 0.005
    whole = compare(prepared, {"lean": LEAN, "rich": RICH}, found.reached.replications, 4)
    np.testing.assert_allclose(found.table()["estimate"], whole.table()["estimate"], rtol=1e-9)


def test_differences_reach_their_half_width_also_at_once_for_all(prepared):
    policies = {"lean": LEAN, "rich": RICH, "same": LEAN}
    wanted = Precision("total_cost", difference=100.0)
    one, all_at_once = (compare(prepared, policies, 10, 4, until=wanted, simultaneous=s) for s in (False, True))
    assert one.differences(measures=["total_cost"])["half_width"].max() <= 100
    assert all_at_once.differences(measures=["total_cost"], simultaneous=True)["half_width"].max() <= 100
    assert all_at_once.reached.replications >= one.reached.replications > 10


def test_a_precision_that_is_not_reached_says_how_many_it_takes(prepared):
    wanted = Precision("total_cost", relative=0.0001, most_replications=128)
    found = compare(prepared, {"lean": LEAN}, 16, 4, until=wanted).reached
    assert (found.reached, found.since, found.replications) == (False, None, 128)
    assert found.needed > 10_000
    assert found.line().startswith("Precision NOT reached: every total cost to within 0.01%, after 128 replications;")


def test_a_figure_without_spread_is_precise_at_once(prepared):
    found = compare(prepared, {"lean": LEAN}, 20, 4, until=Precision("carrying_cost_pct", relative=1e-6))
    assert found.reached.reached and found.reached.replications == 20


def test_adjusting_for_demand_may_save_replications(prepared):
    wanted = Precision("sales_revenue", relative=0.002, most_replications=4096)
    plain, adjusted = (
        compare(prepared, {"lean": LEAN}, 16, 4, until=wanted, adjusted=adjusted).reached.since
        for adjusted in (False, True)
    )
    assert adjusted < plain / 2


def test_a_precision_is_checked(prepared):
    for words, message in (
        ({}, "a precision needs precision.relative or precision.difference"),
        ({"relative": 2.0}, r"precision.relative must lie between 0 and 1 \(0.01 is 1%\), got 2.0"),
        ({"difference": -1.0}, "precision.difference must be above 0, got -1.0"),
        ({"measure": "costs", "relative": 0.1}, "measure 'costs' is unknown"),
    ):
        with pytest.raises(InputError, match=message):
            Precision(**words)
    with pytest.raises(InputError, match=r"precision\.difference needs at least two policies"):
        compare(prepared, {"lean": LEAN}, 4, 1, until=Precision(difference=1.0))
    short = small_chain(days=10)
    with pytest.raises(InputError, match=r"precision\.measure=bullwhip_ratio is undefined for policy 'lean'"):
        compare(short, {"lean": LEAN}, 16, 1, until=Precision("bullwhip_ratio", relative=0.1))
    with pytest.raises(InputError, match=r"most_replications \(8\) must not lie below replications \(16\)"):
        compare(prepared, {"lean": LEAN}, 16, 1, until=Precision(relative=0.1, most_replications=8))
