"""Compound laws by Panjer's recursion: against sums drawn out one by one, and the same bits alone and among many."""

import numpy as np
import pytest

from restock.sim.errors import InputError
from restock.sim.probability.laws import (
    LARGEST,
    Compound,
    Constant,
    Empirical,
    Geometric,
    NegativeBinomial,
    Poisson,
)
from restock.sim.probability.many_laws import work_out

CUSTOMERS = [Poisson(2.0), Poisson(900.0), Poisson(0.0), NegativeBinomial(2.0, 1.5), NegativeBinomial(0.01, 20.0),
             NegativeBinomial(300.0, 0.05), Geometric(3.0)]  # fmt: skip
BASKETS = [Empirical((1, 2, 6, 54), (76, 20, 4, 0.1)), Empirical((0, 1, 2), (1, 2, 1)), Empirical((2, 4), (1, 1)),
           Poisson(2.0), Constant(0)]  # fmt: skip


def by_customers(customers, basket, reach):
    """P(X = k), k < reach: the sum over numbers of customers of the basket convolved so often (Horner's rule)."""
    transform = np.fft.rfft(basket.pmf(), 2**14)
    out = np.zeros_like(transform)
    for p in customers.pmf()[::-1]:
        out = out * transform + p
    return np.fft.irfft(out, 2**14)[:reach]


@pytest.mark.parametrize("basket", BASKETS, ids=str)
@pytest.mark.parametrize("customers", CUSTOMERS, ids=str)
def test_the_recursion_gives_the_sum_over_numbers_of_customers(customers, basket):
    law = Compound(customers, basket)
    p = law.pmf()
    np.testing.assert_allclose(p, by_customers(customers, basket, len(p)), rtol=0, atol=1e-13)
    assert law.mean == pytest.approx(customers.mean * basket.mean, rel=1e-8)
    spread = customers.mean * basket.variance + customers.variance * basket.mean**2
    assert law.variance == pytest.approx(spread, rel=1e-6)


def test_a_law_among_many_has_the_bits_that_it_has_alone():
    pairs = [(customers, basket) for customers in CUSTOMERS for basket in BASKETS]
    many = [Compound(*pair) for pair in pairs]
    work_out(many)
    for law, pair in zip(many, pairs, strict=True):
        alone = Compound(*pair)
        assert law.pmf().tobytes() == alone.pmf().tobytes() and law.moments == alone.moments


def test_probabilities_below_any_float_are_passed():
    law = Compound(Poisson(20_000.0), Empirical((1, 2), (1, 1)))  # P(X = 0) is exp(-20000)
    assert law.moments == pytest.approx((30_000, 50_000), rel=1e-9)


def test_a_law_that_reaches_too_far_is_refused_alone_and_among_many():
    for law in (Compound(Poisson(40_000.0), Constant(2)), Compound(NegativeBinomial(9_000.0, 4.0), Constant(3))):
        work_out([law])
        with pytest.raises(InputError, match=f"reaches beyond {LARGEST} units"):
            law.pmf()
