"""ABC classes: ten items with values 6000 ... 200, cutoffs 80% and 95% (worked by hand)."""

import numpy as np
import pytest

from restock.sim.errors import InputError
from restock.sim.model.abc_classes import abc_classes

UNITS = np.array([120, 900, 40, 2500, 300, 60, 1500, 20, 200, 10])
COST = np.array([50.0, 6.0, 90.0, 1.0, 8.0, 25.0, 0.6, 30.0, 2.0, 20.0])
NAMES = [f"s{k}" for k in range(1, 11)]


def test_an_item_that_crosses_the_cutoff_belongs_to_the_class_by_default():
    assert "".join(abc_classes(UNITS * COST, names=NAMES)) == "AAAAABBBCC"


def test_or_it_does_not():
    assert "".join(abc_classes(UNITS * COST, names=NAMES, crossing="excluded")) == "AAAABBBCCC"


def test_classes_by_velocity():
    assert "".join(abc_classes(UNITS, names=NAMES)) == "CACABCACBC"


def test_value_and_velocity_together():
    pairs = [
        a + b for a, b in zip(abc_classes(UNITS * COST, names=NAMES), abc_classes(UNITS, names=NAMES), strict=True)
    ]
    assert pairs == ["AC", "AA", "AC", "AA", "AB", "BC", "BA", "BC", "CB", "CC"]


def test_ties_are_broken_by_name_not_by_position():
    values = np.array([10.0, 10.0, 1.0])
    assert "".join(abc_classes(values, (0.4, 0.9), names=["b", "a", "c"])) == "BAC"
    assert "".join(abc_classes(values, (0.4, 0.9), names=["a", "b", "c"])) == "ABC"


def test_a_sum_that_meets_the_cutoff_ends_the_class():
    values = np.array([0.8, 0.15, 0.05])
    for crossing in ("included", "excluded"):
        assert "".join(abc_classes(values, crossing=crossing)) == "ABC"


def test_nothing_sold_at_all_is_class_c():
    assert set(abc_classes(np.zeros(3), crossing="excluded")) == {"C"}


def test_errors_say_what_is_allowed():
    with pytest.raises(InputError, match=r"cutoffs of ABC classes must rise between 0 and 1, got 0.9 and 0.8"):
        abc_classes(np.ones(3), (0.9, 0.8))
    with pytest.raises(InputError, match="crossing 'half' of ABC classes is unknown"):
        abc_classes(np.ones(3), crossing="half")
    with pytest.raises(InputError, match="must be numbers not below 0"):
        abc_classes(np.array([1.0, np.nan]))
