"""Shared scenarios."""

from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, settings

from restock.sim.engines.writer.features import ALL
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.probability.laws import Constant, Poisson

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as where a shell runs the tests in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def one_kernel(request, monkeypatch):
    """Tests share the kernel of all features, which is compiled once, but for those marked `own_kernel`."""
    if "own_kernel" not in request.keywords:
        monkeypatch.setattr("restock.sim.run.shards.kernel_features", lambda world, plan: ALL)
        monkeypatch.setattr("restock.sim.run.shards.by_events", lambda prepared, replications, features: False)


@pytest.fixture(scope="session")
def plain_kernel():
    """Commands in processes of their own find the plain kernel compiled."""
    from restock.sim.run.warm import main

    main()


@pytest.fixture
def one_shop() -> Scenario:
    """One item in one store, Poisson(5) a day, three days of lead time."""
    lanes = [Lane("supplier", "store", Constant(3))]
    return scenario_of("shop", [Item("milk")], [Site("store")], lanes, {("milk", "store"): Poisson(5.0)}, days=60)


settings.register_profile("restock", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("restock")
