"""What customers ask for in each week of a replication: the same draws as both engines take, without a policy."""

from __future__ import annotations

import numpy as np
from numba import uint64

from restock.sim.compiling.marks import entry_point
from restock.sim.engines.events.draws import Draws
from restock.sim.errors import require
from restock.sim.model.arrays import World
from restock.sim.probability.guide_tables import value_of
from restock.sim.probability.keyed_draws import DEMAND, day_index, stream_key, uniform

WEEK = 7


def weekly_demand(world: World, seed: int, replication: int, cells: np.ndarray) -> np.ndarray:
    """Units that the customers of each cell ask for in each measured week of one replication.

    Parameters
    ----------
    cells : ndarray of int, shape (cells, 2)
        Item and site.

    Returns
    -------
    ndarray of int64, shape (cells, weeks)

    >>> from restock.sim.planning.example import one_shop
    >>> weekly_demand(one_shop(days=14).world, seed=1, replication=0, cells=np.array([[0, 0], [1, 0]])).shape
    (2, 2)
    """
    weeks = (world.horizon - world.warm_up) // WEEK
    require(not world.features.selling_seasons.used, "weekly demand is that of laws: a selling season changes it")
    require(not world.features.channels.used, "weekly demand is that of laws: channels take a share of it")
    require(world.unseen.size == 0, "weekly demand is that of laws or of a whole record: this one is a sample")
    i, n = np.asarray(cells, np.int64).T.copy()
    out = np.zeros((len(i), weeks), np.int64)
    played = Draws(world, seed, replication).played
    tables = world.tables
    _add_up(tables.guide, tables.breaks, tables.place, tables.first_break, world.demand_table[i, n].astype(np.int64),
            world.season_class[world.season_of[i, n]].astype(np.int64), world.history,
            world.history_row[i, n].astype(np.int64), played.astype(np.int64), world.item_key[i], world.site_key[n],
            seed & 0xFFFFFFFF, seed >> 32, replication, world.warm_up, out)  # fmt: skip
    return out


@entry_point()
def _add_up(guide, breaks, place, first_break, table, classes, history, row, played, item_key, site_key, seed_low,
            seed_high, replication, first, out):  # fmt: skip
    """Add each cell's days up to weeks: recorded days where it has a row, else values of its law's draws."""
    seed = uint64(seed_low) | (uint64(seed_high) << uint64(32))
    cells, weeks = out.shape
    for c in range(cells):
        if row[c] < 0 and table[c] < 0:
            continue
        key_a, key_b = stream_key(seed, replication, site_key[c], item_key[c], DEMAND)
        for week in range(weeks):
            for day in range(first + week * 7, first + week * 7 + 7):
                if row[c] >= 0:
                    out[c, week] += history[row[c], played[day]]
                else:
                    at = table[c] + classes[c, day]
                    draw = uniform(key_a, key_b, day_index(day))
                    out[c, week] += value_of(guide, breaks, first_break, place[at], at, draw)
