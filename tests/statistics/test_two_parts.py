"""Variance over records: the simulation's chance is taken out, whether resamples share draws or not."""

import numpy as np
import pytest

from restock.sim import statistics
from restock.sim.errors import InputError
from restock.sim.statistics.two_parts import both, over_records


def drawn(random, records, of_record, of_draws, shared, resamples=24, replications=8):
    """Figures and influences of many studies at once, (resamples, replications, studies)."""
    level = random.normal(0, of_record, (resamples, 1, records))
    y = level + random.normal(0, of_draws, (resamples, replications, records))
    y += random.normal(0, shared, (1, replications, records))
    return y.mean(axis=1), y - y.mean(axis=1, keepdims=True)


@pytest.mark.parametrize("shared", [0.0, 20.0])
@pytest.mark.parametrize("of_record", [0.0, 1.0])
def test_the_spread_over_records_is_found_without_the_chance_of_draws(shared, of_record):
    random = np.random.default_rng(2)
    figures, influences = drawn(random, 20_000, of_record, 2.0, shared)
    found = over_records(figures, influences, periods=10**9)
    raw = found.seen - found.chance  # before it is kept above 0: unbiased
    assert abs(raw.mean() - of_record**2) < 5 * raw.std() / len(raw) ** 0.5
    assert abs(found.chance.mean() - 2.0**2 / 8) < 0.01
    assert (found.variance >= 0).all()


@pytest.mark.parametrize(
    "of_record, of_draws, shared", [(1.0, 0.5, 3.0), (1.0, 2.0, 0.0), (0.3, 2.0, 1.0), (3.0, 1.0, 9.0)]
)
def test_intervals_of_both_parts_cover_what_they_say(of_record, of_draws, shared):
    """Estimates of one record each, 32 replications: the truth is 0, the record's own level is off by `of_record`."""
    random, many, studies = np.random.default_rng(3), 32, 20_000
    spread = over_records(*drawn(random, studies, of_record, of_draws, shared), periods=10**9)
    chance = (of_draws**2 + shared**2) ** 0.5
    x = random.normal(0, of_record, studies) + random.normal(0, chance, (many, studies))
    found = statistics.with_records(statistics.interval(x), many, spread)
    held = (np.abs(found.estimate) <= found.half_width).mean()
    assert 0.93 < held < 0.97
    alone = statistics.interval(x)
    assert (np.abs(alone.estimate) <= alone.half_width).mean() < held


def test_a_short_record_redrawn_spreads_too_little_and_that_is_made_up_for():
    """The mean of 8 weeks, redrawn: its variance over resamples is 7/8 of that over records."""
    random = np.random.default_rng(4)
    weeks = random.normal(0, 1, (3000, 8))
    again = np.take_along_axis(weeks[:, None], random.integers(0, 8, (3000, 40, 8)), axis=2).mean(axis=2).T
    found = over_records(again, np.zeros((40, 2, 3000)), periods=8)
    assert abs(found.variance.mean() - 1 / 8) < 0.003


def test_without_a_spread_over_records_the_interval_is_the_simulations():
    x = np.random.default_rng(5).normal(0, 1, (16, 3))
    still = over_records(np.zeros((5, 3)), np.zeros((5, 4, 3)), periods=52)
    before = statistics.interval(x)
    assert np.allclose(statistics.with_records(before, 16, still).half_width, before.half_width)
    error, degrees = both(np.zeros(2), 15, over_records(np.zeros((5, 2)), np.zeros((5, 4, 2)), periods=52))
    assert (error == 0).all() and (degrees == 15).all()


def test_degrees_lie_between_those_of_the_parts():
    figures, influences = drawn(np.random.default_rng(6), 200, 1.0, 0.1, 0.0, resamples=10)
    spread = over_records(figures, influences, periods=10**9)
    _, degrees = both(np.full(200, 0.01), 63, spread)
    assert (degrees < 12).all()
    _, degrees = both(np.full(200, 100.0), 63, spread)
    assert np.allclose(degrees, 63, rtol=1e-3)


def test_a_single_resample_or_replication_shows_no_spread():
    for resamples, replications in ((1, 4), (4, 1)):
        with pytest.raises(InputError, match="takes 2 resamples of 2 replications, got"):
            over_records(np.zeros((resamples, 1)), np.zeros((resamples, replications, 1)), periods=52)
