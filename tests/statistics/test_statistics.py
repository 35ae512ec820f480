"""Intervals, differences, corrections and warm-up, against scipy, hand calculation and known answers."""

import numpy as np
import pytest
from scipy import stats

from restock.sim import statistics
from restock.sim.errors import InputError


def test_interval_of_a_mean_is_students():
    x = np.random.default_rng(1).normal(10, 2, 12)
    low, high = stats.t.interval(0.9, 11, x.mean(), stats.sem(x))
    found = statistics.interval(x, confidence=0.9)
    assert (found.low, found.high) == pytest.approx((low, high))


def test_interval_of_a_ratio_by_hand():
    """x = 8, 9, 10 of y = 10, 10, 20: R = 27/40; z = (x - R y) / mean(y), Var(z) / 3."""
    x, y = np.array([8.0, 9.0, 10.0]), np.array([10.0, 10.0, 20.0])
    z = (x - 0.675 * y) / (40 / 3)
    found = statistics.interval(x, y)
    assert found.estimate == pytest.approx(0.675)
    assert found.half_width == pytest.approx(stats.t.ppf(0.975, 2) * np.sqrt((z**2).sum() / 2 / 3))


def test_moments_give_the_same_interval():
    rng = np.random.default_rng(2)
    x, y = rng.normal(50, 5, (30, 4)), rng.normal(60, 4, (30, 4))
    pair, off = np.stack([x, y], -1), np.stack([x - x.mean(0), y - y.mean(0)], -1)
    squares = np.stack([(off[..., j] * off[..., k]).sum(0) for j, k in ((0, 0), (0, 1), (1, 1))], -1)
    found = statistics.interval_from_moments(np.full(4, 30), pair.mean(0), squares)
    np.testing.assert_allclose(found, statistics.interval(x, y))


def test_one_replication_has_no_interval():
    found = statistics.interval(np.array([0.9]))
    assert found.estimate == 0.9
    assert np.isnan([found.low, found.high, found.half_width]).all()
    assert np.isnan(statistics.paired_difference(np.array([1.0]), np.array([2.0])).p_value)


def test_a_ratio_of_nothing_is_nan():
    assert np.isnan(statistics.interval(np.zeros(5), np.zeros(5))).all()


def test_ratio_intervals_cover_the_truth():
    """4,000 experiments of 20 replications; a fill rate with demand that varies: coverage 95% within 1.2%-points."""
    rng = np.random.default_rng(3)
    asked = rng.poisson(200, (20, 4000)).astype(float)
    filled = rng.binomial(asked.astype(int), 0.9)
    found = statistics.interval(filled, asked)
    covered = np.mean((found.low <= 0.9) & (0.9 <= found.high))
    assert abs(covered - 0.95) < 0.012


def test_paired_difference_is_the_paired_t_test():
    rng = np.random.default_rng(4)
    common = rng.normal(0, 5, 15)
    a, b = 10 + common + rng.normal(0, 1, 15), 9 + common + rng.normal(0, 1, 15)
    found = statistics.paired_difference(a, b)
    assert found.p_value == pytest.approx(stats.ttest_rel(a, b).pvalue)
    assert found.variance_reduction == pytest.approx((a.var(ddof=1) + b.var(ddof=1)) / (a - b).var(ddof=1))
    assert found.variance_reduction > 10


def test_paired_ratios_gain_from_common_demand():
    rng = np.random.default_rng(5)
    demand = rng.normal(1000, 100, 40)
    first, second = 0.95 * demand + rng.normal(0, 1, 40), 0.94 * demand - 0.01 * (demand - 1000) + rng.normal(0, 1, 40)
    found = statistics.paired_difference(first, second, demand, demand)
    assert found.difference == pytest.approx(0.01, abs=0.002)
    assert found.low < found.difference < found.high


def test_equal_replications_are_no_difference():
    x = np.array([1.0, 2.0, 4.0])
    found = statistics.paired_difference(x, x)
    assert (found.difference, found.half_width, found.p_value) == (0, 0, 1)
    shifted = statistics.paired_difference(x + 1, x)
    assert (shifted.p_value, shifted.variance_reduction) == (0, np.inf)


def test_holm_steps_down_and_bonferroni_multiplies():
    """Holm (1979): sorted p-values times 4, 3, 2, 1, never falling."""
    p = np.array([0.04, 0.005, 0.03, 0.01])
    np.testing.assert_allclose(statistics.adjusted(p), [0.06, 0.02, 0.06, 0.03])
    np.testing.assert_allclose(statistics.adjusted(p, "bonferroni"), [0.16, 0.02, 0.12, 0.04])
    np.testing.assert_allclose(statistics.adjusted(p, "none"), p)


def test_corrections_work_on_columns_and_leave_nan_alone():
    p = np.array([[0.04, 0.01], [0.01, np.nan]])
    np.testing.assert_allclose(statistics.adjusted(p), [[0.04, 0.01], [0.02, np.nan]])
    with pytest.raises(InputError, match="correction 'sidak' is unknown; choose from: bonferroni, holm, none"):
        statistics.adjusted(p, "sidak")


def test_holm_keeps_the_chance_of_a_false_alarm():
    """Four comparisons without a difference: at least one found in at most 5% of 4,000 studies."""
    rng = np.random.default_rng(6)
    x, base = rng.normal(size=(10, 4, 4000)), rng.normal(size=(10, 1, 4000))
    p = statistics.paired_difference(x, np.broadcast_to(base, x.shape)).p_value
    assert np.mean(statistics.adjusted(p).min(axis=0) < 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)


def test_mser5_finds_a_known_transient():
    """A start 20 standard deviations too high that dies out over 100 days: cut there, within a few batches."""
    rng = np.random.default_rng(7)
    series = rng.normal(50, 5, 1000) + np.r_[np.linspace(100, 0, 100), np.zeros(900)]
    found = statistics.mser5(series)
    assert found.found
    assert 80 <= found.days <= 130


def test_mser5_leaves_a_steady_series_whole_and_a_trend_unsettled():
    rng = np.random.default_rng(8)
    assert statistics.mser5(rng.normal(50, 5, 1000)).days <= 100
    assert not statistics.mser5(np.linspace(0, 100, 500)).found
    with pytest.raises(InputError, match="at least 10 days"):
        statistics.mser5(np.ones(4))


def test_relative_precision_and_the_replications_it_needs():
    assert statistics.relative_precision(100, 10) == pytest.approx(1 / 9)
    assert statistics.relative_precision(0, 1) == np.inf
    assert statistics.replications_needed(100, 4, 20, 0.04 / 0.96) == 20
    with pytest.raises(InputError, match="relative precision must be above 0, got 0"):
        statistics.replications_needed(100, 4, 20, 0)
