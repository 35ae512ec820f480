"""Random states for random worlds to open with."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from restock.sim.model.opening.opening_state import ARRIVE, NOT_TOLD, OpeningState


def state_for(scenario, rng, arrive="law", most_orders=3):
    """Any state that the scenario may open with: records off or not, customers who wait, orders old and new."""
    shape = scenario.stocked.shape
    on_hand = np.where(scenario.stocked, rng.integers(0, 40, shape) * (rng.random(shape) < 0.8), 0)
    off = np.where(scenario.stocked & (rng.random(shape) < 0.3), rng.integers(-5, 6, shape), 0) * rng.integers(0, 2)
    waits = scenario.demand.asked & (np.array([item.backorder_share for item in scenario.items])[:, None] > 0)
    waiting = np.where(waits & (rng.random(shape) < 0.4), rng.integers(0, 9, shape), 0)
    orders = []
    for i, n in zip(*np.nonzero(scenario.stocked), strict=True):
        for _ in range(rng.integers(0, most_orders + 1)):
            ordered = -int(rng.integers(1, 12))
            expected = int(rng.choice([NOT_TOLD, ordered + int(rng.integers(1, 60))]))
            orders.append((i, n, int(rng.integers(1, 30)), ordered, expected))
    return OpeningState(on_hand, on_hand + off, waiting, orders, arrive)


@st.composite
def opened(draw, scenarios):
    """A scenario that opens with a state."""
    scenario = draw(scenarios)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return scenario.having(opening=state_for(scenario, rng, draw(st.sampled_from(ARRIVE))))
