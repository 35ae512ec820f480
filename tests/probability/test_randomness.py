"""Keyed draws: uniform, independent of their neighbours, and each law's own mean and variance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from worlds import DEMAND_LAWS

from restock.sim.probability.guide_tables import break_points, quantiles
from restock.sim.probability.keyed_draws import DEMAND, LEAD_TIME, draw, name_keys, philox
from restock.sim.probability.many_laws import build_tables

MANY = 200_000


def test_philox_gives_the_published_words():
    """Random123 known-answer test, philox4x32-10 with a counter and key of zeros, and of ones."""
    from numba import njit, uint32

    @njit
    def words(value):
        c = uint32(value)
        return philox(c, c, c, c, c, c)

    assert [hex(w) for w in words(0)] == ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"]
    assert [hex(w) for w in words(0xFFFFFFFF)] == ["0x408f276d", "0x41c83b0e", "0xa20bc7c6", "0x6d5451fd"]


def uniform_p_value(draws, bins=256):
    counts = np.bincount((draws >> np.uint32(24)).astype(int), minlength=bins)
    return stats.chisquare(counts).pvalue


@pytest.mark.parametrize("seed", [0, 1, 2**62 + 12345])
def test_draws_of_a_stream_are_uniform(seed):
    draws = draw(seed, 3, 11, 22, DEMAND, np.arange(MANY))
    assert 1e-4 < uniform_p_value(draws) < 1 - 1e-4
    low_bits = np.bincount((draws & np.uint32(255)).astype(int), minlength=256)
    assert 1e-4 < stats.chisquare(low_bits).pvalue < 1 - 1e-4


@pytest.mark.parametrize("which", ["replication", "site", "item", "purpose", "seed"])
def test_neighbouring_streams_do_not_resemble_each_other(which):
    keys = {"seed": 7, "replication": 0, "site_key": 5, "item_key": 9, "purpose": DEMAND}
    name = {"site": "site_key", "item": "item_key"}.get(which, which)
    index = np.arange(50_000)
    first = draw(**keys, indices=index).astype(float)
    second = draw(**(keys | {name: keys[name] + 1}), indices=index).astype(float)
    for shift in (0, 1, 2):
        correlation = np.corrcoef(first[shift:], second[: len(second) - shift])[0, 1]
        assert abs(correlation) < 4.5 / np.sqrt(len(index))


def test_first_draws_over_many_keys_are_uniform():
    """One draw from each of many streams: the keys themselves are well mixed."""
    one = np.array([0])
    over_items = np.concatenate([draw(1, 0, 3, k, DEMAND, one) for k in range(20_000)])
    over_replications = np.concatenate([draw(1, k, 3, 4, LEAD_TIME, one) for k in range(20_000)])
    for draws in (over_items, over_replications):
        assert 1e-4 < uniform_p_value(draws) < 1 - 1e-4
        assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 4.5 / np.sqrt(len(draws))


def test_successive_draws_are_not_correlated():
    draws = draw(5, 0, 1, 1, DEMAND, np.arange(MANY)).astype(float)
    for lag in range(1, 15):
        assert abs(np.corrcoef(draws[lag:], draws[:-lag])[0, 1]) < 4.5 / np.sqrt(MANY)


@pytest.mark.parametrize("law", DEMAND_LAWS)
def test_a_law_is_drawn_with_its_own_mean_and_variance(law):
    draws = draw(9, 0, 2, 3, DEMAND, np.arange(MANY))
    values = quantiles(build_tables([another_before(law), law]), 1, draws)
    mean, variance = law.moments
    assert abs(values.mean() - mean) <= 4.5 * np.sqrt(variance / MANY) + 1e-12
    fourth = ((np.arange(len(law.pmf())) - mean) ** 4) @ law.pmf()
    assert abs(values.var() - variance) <= 4.5 * np.sqrt(max(fourth - variance**2, 0) / MANY) + 1e-9


def another_before(law):
    """Another law in front, so that offsets into the tables matter."""
    return DEMAND_LAWS[(DEMAND_LAWS.index(law) + 1) % len(DEMAND_LAWS)]


@pytest.mark.parametrize("law", DEMAND_LAWS)
def test_a_table_answers_as_plain_inversion_does(law):
    """value(u) = number of break points not above u, at random draws and on every break point."""
    points = break_points(law)
    edges = np.concatenate([points, points - np.minimum(points, 1), points + 1, [0, 2**32 - 1]])
    draws = np.concatenate([edges, draw(1, 0, 0, 0, DEMAND, np.arange(20_000))]).clip(0, 2**32 - 1).astype(np.uint32)
    expected = np.searchsorted(points, draws.astype(np.uint64), side="right")
    assert (quantiles(build_tables([law]), 0, draws) == expected).all()


def test_names_have_keys_of_their_own():
    names = [f"item_{k}" for k in range(100_000)]
    keys = name_keys(names)
    assert len(set(keys.tolist())) == len(names)
    assert name_keys(["b", "a"]).tolist() == name_keys(["a", "b"]).tolist()[::-1]
