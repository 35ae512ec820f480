"""Calibrated scenarios that are kept: as fresh ones, and never those of other files or choices."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from worlds import scenarios

from restock.sim.calibration.kept_scenarios import from_bytes, kept_scenario, to_bytes
from restock.sim.model.arrays import World, build_world
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.probability.laws import Constant, Poisson


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RESTOCK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "calibrated"


def shop(mean: float) -> Scenario:
    return scenario_of("shop", [Item("milk")], [Site("store")], [Lane("supplier", "store", Constant(2))],
                       {("milk", "store"): Poisson(mean)}, days=7)  # fmt: skip


class Maker:
    """Makes a scenario of another mean each time it is asked."""

    def __init__(self):
        self.times = 0

    def __call__(self):
        self.times += 1
        return shop(float(self.times))


def mean_of(scenario):
    return scenario.demand.laws[0].mean


def test_what_was_made_of_the_same_files_is_not_made_again(tmp_path):
    sales, make = tmp_path / "sales.csv", Maker()
    sales.write_text("one")
    again = [mean_of(kept_scenario([sales], {"months": False}, make)) for _ in range(3)]
    assert (again, make.times) == ([1.0, 1.0, 1.0], 1)


def test_another_content_name_or_choice_is_made_anew(tmp_path):
    sales, make = tmp_path / "sales.csv", Maker()
    sales.write_text("one")
    kept_scenario([sales], {"months": False}, make)
    assert mean_of(kept_scenario([sales], {"months": True}, make)) == 2.0
    sales.write_text("two")
    assert mean_of(kept_scenario([sales], {"months": False}, make)) == 3.0
    other = sales.rename(tmp_path / "receipts.csv")
    assert mean_of(kept_scenario([other], {"months": False}, make)) == 4.0


@pytest.mark.parametrize("damage", [b"", b"no archive", None])
def test_what_is_damaged_is_made_again(tmp_path, own_cache, damage):
    make = Maker()
    kept_scenario([], {}, make)
    (path,) = own_cache.glob("*.scenario")
    path.write_bytes(path.read_bytes()[:-60] if damage is None else damage)
    assert [mean_of(kept_scenario([], {}, make)) for _ in range(2)] == [2.0, 2.0]


def test_few_are_kept_and_a_cache_that_cannot_be_written_is_done_without(tmp_path, own_cache, monkeypatch):
    make = Maker()
    for number in range(12):
        kept_scenario([], {"number": number}, make)
    assert len(list(own_cache.iterdir())) == 8
    monkeypatch.setattr(
        "restock.sim.calibration.kept_scenarios._write", lambda *given: (_ for _ in ()).throw(OSError("disk full"))
    )
    assert mean_of(kept_scenario([], {"number": "another"}, make)) == 13.0


@given(scenarios())
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_kept_scenario_is_the_same_world(scenario):
    scenario = replace(scenario, events=())  # events come with the settings of a run
    again = from_bytes(to_bytes(scenario))
    assert to_bytes(again) == to_bytes(scenario)
    for name, of_again, of_it in zip(World._fields, build_world(again), build_world(scenario), strict=True):
        assert alike(of_again, of_it), name


def alike(a, b):
    if isinstance(a, tuple):
        return all(map(alike, a, b))
    return a.tobytes() == b.tobytes() and a.dtype == b.dtype if isinstance(a, np.ndarray) else a == b
