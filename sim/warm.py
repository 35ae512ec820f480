"""Compile the kernel now (about a minute), so that the first run starts at once: `python -m sim.warm`."""

from __future__ import annotations

import os
import sys
import time

import numpy as np

from sim.laws import Poisson
from sim.network import Item, Lane, Site
from sim.policy import Policy
from sim.scenario import scenario_of
from sim.simulate import Prepared, run_kernel


class _Top(Policy):
    """Order up to ten units."""

    def levels(self, known):  # type: ignore[no-untyped-def]
        return {"level": np.full(known.stocked.shape, 10)}

    @staticmethod
    def rule(view, levels):  # type: ignore[no-untyped-def]
        return max(0, levels.level - view.inventory_position)


def main() -> None:
    """Run one cell for a week, and say how long it took."""
    start = time.perf_counter()
    scenario = scenario_of(
        "warm", [Item("item")], [Site("site")], [Lane("supplier", "site")], {("item", "site"): Poisson(2.0)}, days=7
    )
    prepared = Prepared(scenario)
    run_kernel(prepared, prepared.plan(_Top()), seed=1, replications=1)
    print(f"kernel ready after {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\rinterrupted", file=sys.stderr, flush=True)
        os._exit(130)  # Python would wait for the compiler
