"""Quantiles and tail means over replications: against scipy and definitions; the table, and what too few gives."""

import numpy as np
import pytest
from chains import LEAN, RICH, small_chain
from scipy import stats

from restock.sim import statistics
from restock.sim.errors import InputError
from restock.sim.results.bad_years import each_replication, risk_lines, risk_table
from restock.sim.study.compare import compare


def order_statistics(n, share, found):
    """Which order statistics of 1 .. n an interval has as bounds, and the binomial chance that they hold."""
    low, high = int(found.low), int(found.high)
    return low, high, stats.binom.cdf(high - 1, n, share) - stats.binom.cdf(low - 1, n, share)


@pytest.mark.parametrize(("n", "share"), [(6, 0.5), (20, 0.5), (64, 0.9), (64, 0.95), (500, 0.95), (59, 0.05)])
def test_a_quantiles_interval_holds_what_it_promises_and_no_nearer_pair_does(n, share):
    ranks = np.random.default_rng(1).permutation(np.arange(1.0, n + 1))
    found = statistics.quantile(ranks, share)
    low, high, chance = order_statistics(n, share, found)
    assert chance >= 0.95 and low <= found.estimate <= high
    cdf = stats.binom.cdf(np.arange(n + 1), n, share)
    narrower = high - low - 1
    assert all(cdf[k + narrower - 1] - cdf[k - 1] < 0.95 for k in range(1, n - narrower + 1))


def test_too_few_replications_have_no_bounds():
    for share in (0.5, 0.9, 0.95):
        needed = statistics.replications_for_quantile(share)
        assert np.isnan(statistics.quantile(np.arange(needed - 1.0), share).low)
        assert np.isfinite(statistics.quantile(np.arange(float(needed)), share).high)
    assert np.isnan(statistics.tail_mean(np.arange(59.0), 0.95).low)
    assert np.isfinite(statistics.tail_mean(np.arange(60.0), 0.95).low)
    with pytest.raises(InputError, match="the share of a quantile must lie between 0 and 1, got 1"):
        statistics.quantile(np.arange(9.0), 1)


def test_a_tail_mean_is_the_mean_of_the_worst():
    x = np.random.default_rng(1).gamma(2, 1, 200)
    assert statistics.tail_mean(x, 0.9).estimate == pytest.approx(np.sort(x)[-20:].mean())
    long = np.random.default_rng(2).normal(0, 1, 400_000)
    exact = stats.norm.pdf(stats.norm.ppf(0.95)) / 0.05
    found = statistics.tail_mean(long, 0.95)
    assert abs(found.estimate - exact) < 2 * found.half_width
    v = stats.norm.ppf(0.95)  # Var(max(x - v, 0)) / (1 - share)**2 / n, from the normal's moments
    first = stats.norm.pdf(v) - v * 0.05
    second = (1 + v**2) * 0.05 - v * stats.norm.pdf(v)
    assert found.half_width == pytest.approx(1.96 * np.sqrt((second - first**2) / 400_000) / 0.05, rel=0.02)


@pytest.fixture(scope="module")
def comparison():
    return compare(small_chain(), {"lean": LEAN, "rich": RICH}, 64, seed=1)


def test_the_table_has_every_figure_of_every_policy(comparison):
    table = risk_table(comparison.outcomes.values())
    assert len(table) == 2 * 5 and (table["note"] == "").all() and set(table["unit"]) == {"money/year"}
    assert (table["low"] < table["estimate"]).all() and (table["estimate"] < table["high"]).all()
    costs = each_replication(comparison.outcomes["lean"])
    assert costs.mean() == pytest.approx(comparison.outcomes["lean"].value("distortion_cost")[0])
    median = table.iloc[0]
    assert (median["statistic"], median["estimate"]) == ("quantile", np.sort(costs)[31])


def test_where_more_is_better_the_bad_replications_are_the_low_ones(comparison):
    table = risk_table(comparison.outcomes.values(), "gross_margin").set_index(["policy", "statistic", "share"])
    margins = np.sort(each_replication(comparison.outcomes["lean"], "gross_margin"))
    assert table.loc[("lean", "cvar", 0.9), "estimate"] == pytest.approx((margins[:6].sum() + 0.4 * margins[6]) / 6.4)
    assert (table["low"] < table["estimate"]).all() and (table["estimate"] < table["high"]).all()


def test_few_replications_are_told_what_they_lack():
    table = risk_table(compare(small_chain(), {"lean": LEAN}, 10, seed=1).outcomes.values())
    assert table["note"].tolist() == ["", *(f"an interval needs {n} replications" for n in (29, 59, 30, 60))]
    assert table["low"].isna().tolist() == [False, True, True, True, True]
    assert risk_lines(table)[1][2].endswith("(too few replications)")
