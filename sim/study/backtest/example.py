"""The shop of `planning.example` with a record of its weeks, for examples."""

from __future__ import annotations

import numpy as np

from restock.sim.model.demand import History
from restock.sim.planning.example import one_shop
from restock.sim.planning.prepared import Prepared


def recorded_shop(units: tuple[int, int] = (5, 3)) -> tuple[Prepared, History]:
    """The shop, whose laws have means of 5 and 3 a day, and a record on which every day sold these units of its items.

    >>> shop, history = recorded_shop()
    >>> shop.world.horizon, history.units.sum(axis=1).tolist()
    (28, [140, 84])
    """
    shop = one_shop(days=21, warm_up=7)
    days = np.repeat(np.array(units)[:, None], shop.world.horizon, axis=1)
    return shop, History(days, np.array([[0], [1]]), shop.scenario.start)
