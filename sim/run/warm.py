"""Compile a kernel now, so that the first run starts at once: `python -m restock.sim.run.warm [--quiet] [feature ...]`.

Without features it is the plain one; the grocer's world takes `records late_records shelf_life`.
"""

from __future__ import annotations

import os
import sys
import time

import numpy as np

from restock.sim.engines.writer.features import ALL, Features
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Poisson
from restock.sim.run.shards import run_kernel


class _Top(Policy):
    """Order up to ten units."""

    def levels(self, known):  # type: ignore[no-untyped-def]
        return {"level": np.full(known.stocked.shape, 10)}

    @staticmethod
    def rule(view, levels):  # type: ignore[no-untyped-def]
        return max(0, levels.level - view.inventory_position)


def main(features: Features = ()) -> float:
    """Run one cell for a week with the kernel for these features; the seconds it took."""
    start = time.perf_counter()
    scenario = scenario_of(
        "warm", [Item("item")], [Site("site")], [Lane("supplier", "site")], {("item", "site"): Poisson(2.0)}, days=7
    )
    prepared = Prepared(scenario)
    run_kernel(prepared, prepared.plan(_Top()), seed=1, replications=1, features=features)
    return time.perf_counter() - start


if __name__ == "__main__":
    try:
        asked = [word for word in sys.argv[1:] if word != "--quiet"]
        took = main(tuple(feature for feature in ALL if feature in asked))
        if "--quiet" not in sys.argv:
            print(f"kernel ready after {took:.1f} s")
    except KeyboardInterrupt:
        print("\rinterrupted", file=sys.stderr, flush=True)
        os._exit(130)  # Python would wait for the compiler
