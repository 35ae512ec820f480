"""Laws of demand that are kept: the arrays made with them are those made without, bit by bit."""

from dataclasses import replace

import numpy as np
import pytest

from restock.experiments.workshop.what_if import WhatIf
from restock.sim.errors import InputError
from restock.sim.model.arrays import build_world
from restock.sim.study.lab.demand_laws import DemandLaws


def arrays_of(value):
    """Every number of a world, however deep."""
    if isinstance(value, tuple):
        return [each for part in value for each in arrays_of(part)]
    return [np.asarray(value)]


def same(found, wanted):
    for mine, other in zip(arrays_of(found), arrays_of(wanted), strict=True):
        assert mine.dtype == other.dtype
        np.testing.assert_array_equal(mine, other)


@pytest.fixture(scope="module")
def shop():
    return WhatIf(["scenario=boutique", "replications=4", "days=56"])


def scenario(shop, **moved):
    choice = shop.offer.start
    for setting, value in moved.items():
        choice = shop.offer.moved(choice, setting.replace("__", "."), value)
    return shop.question(choice).prepare().scenario


def test_worlds_of_kept_laws_are_those_made_afresh(shop):
    laws = DemandLaws()
    for moved in (
        {}, {"lead_time_factor": 2}, {"demand__cv_factor": 1.5}, {"records__lag": 3}, {"demand__scale": 0.5},
        {"demand__cv_factor": 1.5, "lead_time_cv_factor": 0.5}, {"shelf_life__days": 9}, {},
    ):  # fmt: skip
        same(laws.world_of(scenario(shop, **moved)), build_world(scenario(shop, **moved)))
    assert len(laws) == 3  # as it is, more variable, and half as much


def test_what_is_kept_is_not_made_again(shop, monkeypatch):
    laws = DemandLaws()
    laws.world_of(scenario(shop))
    made = [len(each) for _, each in laws._kept.values()]
    laws.world_of(scenario(shop, lead_time_factor=2))
    assert [len(each) for _, each in laws._kept.values()] == made  # no law more


def test_laws_are_kept_within_a_bound_and_others_are_not_mixed_up(shop):
    base = scenario(shop)
    busier = replace(base, demand=replace(base.demand, laws=tuple(law.scaled(2.0) for law in base.demand.laws)))
    laws = DemandLaws()
    same(laws.world_of(base), build_world(base))
    same(laws.world_of(busier), build_world(busier))  # laws of its own, at the same factors
    none = DemandLaws(most_laws=0)
    same(none.world_of(base), build_world(base))
    assert len(laws) == 2 and len(none) == 0


def test_laws_of_a_world_that_is_refused_are_not_kept(shop, monkeypatch):
    laws, base = DemandLaws(), scenario(shop)
    laws.world_of(base)
    with monkeypatch.context() as patched:
        patched.setattr("restock.sim.study.lab.demand_laws.build_world", _refused)
        with pytest.raises(InputError, match="this world cannot be"):
            laws.world_of(base)
    assert len(laws) == 0
    same(laws.world_of(base), build_world(base))


def _refused(scenario, made):
    made["broken"] = None
    raise InputError("this world cannot be")
