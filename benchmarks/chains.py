"""Chains to measure on: a DC and its stores, random crossing lead times, mixed Poisson and negative binomial demand."""

from __future__ import annotations

import numpy as np

from restock.sim.model.demand import Demand
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario
from restock.sim.probability.laws import Empirical, Law, NegativeBinomial, Poisson


def chain(items: int = 1000, stores: int = 10, days: int = 364, seed: int = 5) -> Scenario:
    """Every store stocks every item; a cell's demand follows one of 64 laws, a lane's lead time one of four."""
    rng = np.random.default_rng(seed)
    means = rng.gamma(1.2, 3.0, 64) + 0.1
    laws: list[Law] = [NegativeBinomial(m, 0.5) if k % 3 == 2 else Poisson(m) for k, m in enumerate(means.tolist())]
    leads = [Empirical(tuple(range(1, 8)), tuple(rng.random(7).tolist())) for _ in range(4)]
    names = [f"store_{k}" for k in range(stores)]
    sites = [Site("dc", "dc"), *(Site(name, served_by="dc") for name in names)]
    lanes = [Lane("supplier", "dc", leads[0]), *(Lane("dc", name, leads[k % 4]) for k, name in enumerate(names))]
    law_of = rng.integers(0, len(laws), (items, 1 + stores), dtype=np.int32)
    law_of[:, 0] = -1
    return Scenario("chain", tuple(Item(f"item_{i}") for i in range(items)), tuple(sites), tuple(lanes),
                    Demand(tuple(laws), law_of), days=days)  # fmt: skip
