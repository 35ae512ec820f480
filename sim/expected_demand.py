"""What customers are expected to ask for, known exactly from the laws: the control of `sim.statistics.control`."""

from __future__ import annotations

import numpy as np

from sim.simulate import Prepared
from sim.world import BOOTSTRAP, NO_HISTORY, World


def expected_demand(prepared: Prepared) -> float | None:
    """Units that all customers of the chain ask for over the measured days, seasons included; None if not known.

    Not known where customers ask at a site that serves others: the ledger adds what they ask to what sites order.

    >>> from sim.laws import Poisson
    >>> from sim.network import Item, Lane, Site
    >>> from sim.scenario import scenario_of
    >>> shop = scenario_of("shop", [Item("milk")], [Site("store")], [Lane("supplier", "store")],
    ...                    {("milk", "store"): Poisson(4.0)}, days=10, warm_up=7)
    >>> round(expected_demand(Prepared(shop)), 6)
    40.0
    """
    scenario, world = prepared.scenario, prepared.world
    if scenario.demand.asked[:, scenario.tier > 0].any():
        return None
    return float(_drawn(world) if world.history_kind == NO_HISTORY else _played(world))


def no_control(prepared: Prepared) -> str:
    """Why demand is no control in this scenario, in words; '' where it is."""
    if prepared.world.history_kind not in (NO_HISTORY, BOOTSTRAP):
        return "demand.source=replay asks for the same in every replication"
    if expected_demand(prepared) is None:
        return "customers ask at a site that serves others, where the books do not keep the two apart"
    return ""


def _drawn(world: World) -> float:
    """From laws: the mean of each measured day's law, summed over days and cells."""
    total = 0.0
    for s, classes in enumerate(world.season_class):
        days = np.bincount(classes[world.warm_up :], minlength=int(classes.max()) + 1)
        first, cells = np.unique(world.demand_table[(world.season_of == s) & (world.demand_table >= 0)],
                                 return_counts=True)  # fmt: skip
        total += sum(many * float(world.table_mean[f : f + len(days)] @ days)
                     for f, many in zip(first.tolist(), cells.tolist(), strict=True))  # fmt: skip
    return total


def _played(world: World) -> float:
    """From recorded weeks: the mean over the weeks that a measured day's week is drawn from."""
    rows = world.history_row[world.history_row >= 0]
    length = 7 * world.history_weeks
    each_day = world.history[rows, :length].sum(axis=0, dtype=np.int64)  # of all cells together
    total = 0.0
    for day in range(world.warm_up, world.horizon):
        if world.history_kind != BOOTSTRAP:
            weeks = np.array([day // 7])
        elif world.history_window < 0:
            weeks = np.arange(world.history_weeks)
        else:
            weeks = day // 7 + np.arange(-world.history_window, world.history_window + 1)
        played = (world.history_shift + weeks % world.history_weeks * 7 + day % 7) % length
        total += float(each_day[played].mean())
    return total
