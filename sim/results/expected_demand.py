"""What customers are expected to ask for, known exactly: the control of `statistics.control`."""

from __future__ import annotations

import numpy as np

from restock.sim.model.arrays import BOOTSTRAP, NO_HISTORY, World
from restock.sim.model.distinct import distinct
from restock.sim.planning.prepared import Prepared


def expected_demand(prepared: Prepared) -> np.ndarray:
    """Units that all customers of the chain ask for over the measured days, and the same at price: float64 (2,).

    Exact, with seasons and events: the mean of each measured day's law, or of the recorded weeks that may be played.

    >>> from restock.sim.probability.laws import Poisson
    >>> from restock.sim.model.network import Item, Lane, Site
    >>> from restock.sim.model.scenario import scenario_of
    >>> shop = scenario_of("shop", [Item("milk", unit_price=1.5)], [Site("store")], [Lane("supplier", "store")],
    ...                    {("milk", "store"): Poisson(4.0)}, days=10, warm_up=7)
    >>> expected_demand(Prepared(shop)).round(6).tolist()
    [40.0, 60.0]
    """
    world = prepared.world
    units = (_drawn(world) if world.history_kind == NO_HISTORY else _played(world)).sum(axis=1)
    return np.array([units.sum(), units @ np.array([item.unit_price for item in prepared.scenario.items])])


def no_control(prepared: Prepared) -> str:
    """Why demand is no control in this scenario, in words; '' where it is.

    >>> from restock.sim.planning.example import one_shop
    >>> no_control(one_shop())
    ''
    """
    scenario = prepared.scenario
    if prepared.world.history_kind not in (NO_HISTORY, BOOTSTRAP) and not prepared.world.unseen.size:
        return "demand.source=replay asks for the same in every replication"
    if prepared.world.features.selling_seasons.used:
        return "demand ends with a selling season, and a markdown may raise it"
    if prepared.world.features.channels.used:
        return "customers of channels ask apart from those who walk in"
    if scenario.demand.asked[:, scenario.tier > 0].any():
        return "customers ask at a site that serves others, where the books do not keep the two apart"
    return ""


def _drawn(world: World) -> np.ndarray:
    """From laws: units over the measured days, (items, sites)."""
    first, place = distinct(world.demand_table + 1)  # 0: no customers; else the first table of a law in a row
    row = np.zeros(len(first), np.int32)
    row[place] = world.season_of
    days = [np.bincount(classes[world.warm_up :], minlength=int(classes.max()) + 1) for classes in world.season_class]
    units = [world.table_mean[f - 1 : f - 1 + len(days[r])] @ days[r] if f > 0 else 0.0
             for f, r in zip(first.tolist(), row.tolist(), strict=True)]  # fmt: skip
    return np.array(units)[place]


def _played(world: World) -> np.ndarray:
    """From recorded weeks: the same, each week that may be played on a day taken with its probability."""
    length = 7 * world.history_weeks
    times = np.zeros(length)  # that each recorded day is expected to be played
    for day in range(world.warm_up, world.horizon):
        if world.history_kind != BOOTSTRAP:
            weeks = np.array([day // 7])
        elif world.history_window < 0:
            weeks = np.arange(world.history_weeks)
        else:
            weeks = day // 7 + np.arange(-world.history_window, world.history_window + 1)
        played = (world.history_shift + weeks % world.history_weeks * 7 + day % 7) % length
        np.add.at(times, played, 1 / len(weeks))
    units = world.history[:, :length]
    if world.unseen.size:
        units = units + world.table_mean[world.unseen[:, :length]]
    return np.where(world.history_row >= 0, (units @ times)[world.history_row], 0.0)
