"""Laws: exact probabilities, moments, scaling, and their written form."""

from __future__ import annotations

import re
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from worlds import DEMAND_LAWS, LEAD_LAWS

from restock.sim.checks import LARGEST_NUMBER, _as_annotated, fitting
from restock.sim.errors import InputError
from restock.sim.probability.guide_tables import break_points, quantiles
from restock.sim.probability.laws import (
    Compound,
    Constant,
    Empirical,
    Geometric,
    NegativeBinomial,
    Poisson,
    RoundedGamma,
    RoundedLognormal,
    RoundedNormal,
    ZeroInflated,
    law_from,
    to_mapping,
)
from restock.sim.probability.many_laws import build_tables
from restock.sim.probability.two_moments import least_variance, two_moment_law


@pytest.mark.parametrize(
    "law, peer",
    [
        (Poisson(0.3), stats.poisson(0.3)),
        (Poisson(60.0), stats.poisson(60)),
        (NegativeBinomial(4.0, 0.5), stats.nbinom(2, 2 / 6)),
        (Geometric(3.0), stats.geom(0.25, loc=-1)),
    ],
)
def test_probabilities_against_scipy(law, peer):
    p = law.pmf()
    assert np.allclose(p, peer.pmf(np.arange(len(p))), atol=1e-12)
    assert np.isclose(law.variance, peer.var())


def test_rounded_laws_put_half_units_where_they_belong():
    p = RoundedNormal(10.0, 3.0).pmf()
    normal = stats.norm(10, 3)
    assert np.allclose(p[1:20], normal.cdf(np.arange(1, 20) + 0.5) - normal.cdf(np.arange(1, 20) - 0.5), atol=1e-12)
    assert np.isclose(p[0], normal.cdf(0.5))
    gamma = stats.gamma(4, scale=2)
    assert np.allclose(RoundedGamma(8.0, 4.0).pmf()[1:9], np.diff(gamma.cdf(np.arange(9) + 0.5)), atol=1e-12)
    assert np.isclose(RoundedLognormal(50.0, 20.0).moments[0], 50, atol=1e-3)


def test_compound_demand_has_the_moments_of_a_random_sum():
    customers, basket = NegativeBinomial(3.0, 0.4), Empirical((1, 2, 6), (5, 2, 1))
    law = Compound(customers, basket)
    mean = 3.0 * basket.mean
    assert np.isclose(law.mean, mean)
    assert np.isclose(law.variance, 3.0 * basket.variance + customers.variance * basket.mean**2)
    assert np.isclose(law.pmf()[0], customers.pmf()[0])


@given(st.sampled_from(DEMAND_LAWS), st.sampled_from([0.25, 1.4, 3.0]))
def test_scaling_multiplies_the_mean(law, factor):
    if isinstance(law, (RoundedNormal, RoundedGamma)):  # the mean before rounding is what is scaled
        assert law.scaled(factor).mean == law.mean * factor
    else:
        assert np.isclose(law.scaled(factor).moments[0], factor * law.moments[0])


@given(st.floats(0.05, 60), st.floats(0.0, 4.0))
def test_two_moments_are_met_exactly_wherever_whole_numbers_can(mean, ratio):
    variance = max(least_variance(mean), ratio * mean)
    got = two_moment_law(mean, variance).moments
    assert np.allclose(got, (mean, variance), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("law", [*DEMAND_LAWS, *LEAD_LAWS])
def test_written_form_reads_back(law):
    assert law_from(to_mapping(law)) == law


@pytest.mark.parametrize(
    "given_law, message",
    [
        ({"law": "poison", "mean": 3}, "law 'poison' of item 'milk' is unknown; did you mean 'poisson'? choose from: "),
        ({"law": "poisson", "mean": -1}, "poisson: mean must be a number not below 0, got -1 of item 'milk'"),
        ({"law": "poisson", "rate": 1}, "setting 'rate' of law poisson of item 'milk' is unknown; choose from: mean"),
        ({"law": "geometric"}, "law geometric of item 'milk' needs mean"),
        ({"mean": 3}, "a law of item 'milk' is written as a mapping with a 'law' key, got {'mean': 3}"),
        ({"law": "empirical", "values": [1, 2], "weights": [1]}, "empirical: 2 values but 1 weights of item 'milk'"),
    ],
)
def test_a_wrong_law_says_what_is_wrong(given_law, message):
    with pytest.raises(InputError) as caught:
        law_from(given_law, "of item 'milk'")
    assert str(caught.value).startswith(message)


def test_values_beyond_what_a_table_holds_are_refused():
    with pytest.raises(InputError, match="reaches beyond 65535 units"):
        Constant(70_000).pmf()


def test_zero_inflation_adds_to_the_zeros():
    assert np.isclose(ZeroInflated(0.5, Poisson(2.0)).pmf()[0], 0.5 + 0.5 * np.exp(-2))


def test_weights_of_recorded_values_need_not_sum_to_one():
    np.testing.assert_allclose(Empirical((1, 1, 4), (0.1, 0.2, 0.1)).pmf(), [0, 0.75, 0, 0, 0.25])


@given(st.lists(st.one_of(
    st.builds(Poisson, st.floats(0, 900)),
    st.builds(NegativeBinomial, st.floats(1e-3, 300), st.floats(1e-3, 4)),
    st.builds(Constant, st.integers(0, 500)),
    st.sampled_from(DEMAND_LAWS),
), min_size=1, max_size=30))  # fmt: skip
def test_laws_worked_out_together_are_bit_by_bit_those_worked_out_alone(laws):
    alone = [law_from(to_mapping(law)) for law in laws]
    together = [law_from(to_mapping(law)) for law in laws]
    with patch("restock.sim.probability.many_laws.TOGETHER", 700):  # so that some laws make more than one batch
        tables = build_tables(together)
    assert [law.pmf().tobytes() for law in together] == [law.pmf().tobytes() for law in alone]
    assert [law.moments for law in together] == [law.moments for law in alone]
    for k, law in enumerate(alone):
        own = tables.breaks[tables.first_break[k] : tables.first_break[k + 1]]
        points = break_points(law)
        assert own.tolist() == points.tolist()
        draws = np.concatenate([own, own - np.uint32(1), [0, 1, 2**32 - 2, 2**32 - 1]]).astype(np.uint32)
        assert (quantiles(tables, k, draws) == np.searchsorted(points, draws, side="right")).all()


def test_a_law_too_large_for_a_table_says_so_among_others():
    with pytest.raises(InputError, match="reaches beyond 65535 units"):
        build_tables([Poisson(3.0), NegativeBinomial(4388.4, 0.465)])


@pytest.mark.parametrize("law", [NegativeBinomial(3.0, 1e-13), NegativeBinomial(40_000.0, 2.0), Poisson(65_000.0)])
def test_laws_together_refuse_what_one_refuses(law):
    """A dispersion so small that digits are lost, or a tail beyond what is held: no batch passes it."""
    for refused in (law.pmf, lambda: build_tables([Poisson(3.0), law])):
        with pytest.raises(InputError, match=f"^{re.escape(str(law))} reaches beyond 65535 units"):
            refused()


@pytest.mark.parametrize("value", [0.0, -1.0, 1e9, 1, 0.5, True, "7", None, float("nan"), float("inf"), 2**70, 7.0])
@pytest.mark.parametrize("kinds", [("int",), ("float",), ("str",), ("bool",), ("float", "None"), ("str", "float")])
def test_a_value_told_to_fit_at_once_is_left_as_it_is(value, kinds):
    """What `check_fields` passes without a further look is what `fitting` returns unchanged."""
    if _as_annotated(value, kinds, LARGEST_NUMBER):
        assert fitting("value", value, kinds) is value
