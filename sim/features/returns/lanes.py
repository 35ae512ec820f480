"""What customers bring back, in the kernel: the steps of the event engine (`steps`), over the loops of `loops`."""

from __future__ import annotations

from numba import int64, uint64

from restock.sim.compiling.marks import called_part, part
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.layout import ON_HAND, WIDTH, extra_column
from restock.sim.engines.kernel.rows import I4, I8, LANE, U8, WITHOUT, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.returns import loops as return_loops
from restock.sim.probability.keyed_draws import RESALE, RETURN_LAG, RETURNING, day_index, stream_key

RETURNED = extra_column("returned")
RESTOCKED = extra_column("restocked")


@called_part
def load_returns(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Nothing is on its way back when the run begins, but where it goes on."""
    of = world.features.returns
    b.coming[:] = 0
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        i, replication = first_item + u // replications, first_replication + u % replications
        b.return_share[lane] = of.share[i]
        b.resalable[lane] = of.resalable[i]
        b.return_chance[lane] = of.chance[i]
        b.lag_table[lane] = of.lag_table[i]
        for n in range(len(world.parent)):
            if b.present[n] > 0:
                site, item, key = world.site_key[n], world.item_key[i], b.return_key[n]
                key[0, lane], key[1, lane] = stream_key(seed, replication, site, item, RETURNING)
                key[2, lane], key[3, lane] = stream_key(seed, replication, site, item, RETURN_LAG)
                key[4, lane], key[5, lane] = stream_key(seed, replication, site, item, RESALE)
                if world.opening_state.resumed:
                    r = min(replication, world.opening_state.cells.shape[2] - 1)
                    for slot in range(of.slots):
                        b.coming[n, slot, lane] = of.opening[i, n, r, slot]


@part
def returns_of_day(b, world, n, day):
    """A share of what customers were handed today will come back; what is due today does."""
    if b.sells[n] == WITHOUT and b.plays[n] == WITHOUT:
        lanes.clear(b.returned)
        lanes.clear(b.restocked)
        return
    of, tables, index = world.features.returns, world.tables, day_index(int64(day))
    mask, key = uint64(of.slots - 1), b.return_key[n]
    if lanes.share_of(b.handed, b.return_share, b.return_chance, key[0], key[1], index, b.part):
        return_loops.come_later(
            tables.guide, tables.breaks, tables.first_break, tables.place, b.lag_table, key[2], key[3], index, b.part,
            day, mask, b.coming[n],
        )  # fmt: skip
    due = b.coming[n, day & mask]
    lanes.share_of(due, b.resalable, b.return_chance, key[4], key[5], index, b.restocked)
    lanes.copy(due, b.returned)
    return_loops.take_back(due, b.restocked, b.cells[n, ON_HAND], b.extra[n, RETURNED], b.extra[n, RESTOCKED])


LANES = {
    "returns": Lanes(
        "features.returns.lanes",
        {"load": ("load_returns",), "brought_back": ("returns_of_day",)},
        rows={
            "coming": Row(("site", "return_day", "lane"), I4, "by day & mask: units that come back on that day"),
            "return_key": Row(("site", 6, "lane"), U8, "two each for how many, when, and how many are resalable"),
            "return_share": Row(LANE, I8, ""),
            "resalable": Row(LANE, I8, ""),
            "return_chance": Row(LANE, I8, ""),
            "lag_table": Row(LANE, I4, ""),
            "part": Row(LANE, I4, ""),
        },
        reads=("handed",),
        sizes=lambda of, world: {"return_day": of.slots * of.used},
    ),
}
