"""What a sample did not see, given what it saw: with what it saw it is the law of all customers."""

import numpy as np
import pytest

from restock.sim.errors import InputError
from restock.sim.probability.laws import Compound, Constant, Empirical, Geometric, NegativeBinomial, Poisson
from restock.sim.probability.unseen import NotUnthinned, unseen_law, unseen_laws

BASKET = Empirical((1, 3), (3, 1))


@pytest.mark.parametrize("share", [0.05, 0.6])
@pytest.mark.parametrize("law", [Poisson(6.0), Geometric(4.0), NegativeBinomial(8.0, 0.4)], ids=str)
def test_seen_and_unseen_together_are_all_customers(law, share):
    """sum over x of P(X = x) P(Y = z - x | x) is P(Z = z), X being the law seen: a share of the mean, its shape."""
    whole, seen = law.pmf(), law.scaled(share).pmf()
    out = np.zeros(len(whole) + len(seen))
    for x, chance in enumerate(seen):
        unseen = unseen_law(law, share, 1.0, x).pmf()
        kept = unseen[: len(out) - x]
        out[x : x + len(kept)] += chance * kept
    np.testing.assert_allclose(out[: len(whole)], whole, atol=2e-3)  # means are rounded to three digits
    assert (out @ np.arange(len(out))) == pytest.approx(law.mean, rel=5e-3)


def test_units_of_what_was_not_seen_are_baskets_of_the_same_law():
    unseen = unseen_law(Compound(NegativeBinomial(8.0, 0.4), BASKET), 0.05, 0.5, 2)
    assert unseen == Compound(NegativeBinomial(6.33, 0.22), BASKET)  # 0.95 * 4.5 / (2.5 / 4 + 0.05), 1 / 4.5


def test_each_recorded_day_has_the_law_of_its_receipts_season_and_cell():
    laws = [Compound(NegativeBinomial(8.0, 0.4), BASKET), NegativeBinomial(8.0, 0.4), Poisson(2.0)]
    units = np.array([[0, 4, 0, 9]] * 3)
    receipts = np.array([[0, 2, -1, 3]] * 3)
    factors = np.array([[1.0, 0.5, 1.0, 2.0]])
    season = np.zeros(3, int)
    found, number = unseen_laws(laws, np.arange(3), factors, season, units, receipts, 0.05)
    assert (number[:, 2] == -1).all()
    for row, law in enumerate(laws):
        for day in (0, 1, 3):
            x = (receipts if row == 0 else units)[row, day]  # without baskets each unit is a receipt
            assert found[number[row, day]] == unseen_law(law, 0.05, factors[0, day], int(x))
    assert len(found) == len(set(found))


def test_a_law_that_says_nothing_beyond_the_sample_is_refused_by_its_number():
    day = np.ones((1, 7), int)
    with pytest.raises(NotUnthinned) as caught:
        unseen_laws([Poisson(1.0), Constant(3)], np.array([1]), np.ones((1, 7)), np.array([0]), day, day, 0.05)
    assert caught.value.number == 1
    needs = "laws must be poisson, geometric, negative_binomial, or compound with customers of these"
    assert str(caught.value) == f"Constant: {needs}"
    with pytest.raises(InputError):
        unseen_law(Compound(Constant(3), BASKET), 0.05, 1.0, 0)


def test_no_demand_has_nothing_unseen():
    assert unseen_law(NegativeBinomial(8.0, 0.4), 0.05, 0.0, 0) == Poisson(0.0)
