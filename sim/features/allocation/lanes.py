"""Allocation by need in the kernel: the steps of the event engine (`steps`), over the loops of `loops`."""

from __future__ import annotations

from numba import int64, uint64

from restock.sim.compiling.marks import called_part, part
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.layout import (
    DAY_ROWS,
    MISSING,
    ON_HAND,
    ON_ORDER,
    OWED,
    QUANTITY,
    SHIPPING,
    WAITING,
    WIDTH,
    extra_column,
)
from restock.sim.engines.kernel.learning import seen_position
from restock.sim.engines.kernel.rows import CELL, I4, KEYS, LANE, U8, WITHOUT, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.allocation import loops as need_loops
from restock.sim.features.allocation.arrays import AS_THEY_COME
from restock.sim.features.allocation.draws import FIRST_COME
from restock.sim.probability.keyed_draws import day_index, stream_key

MISALLOCATED_ = extra_column("misallocated")


@called_part
def load_targets(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """What the serving site would have at each cell, and the keys of who comes first."""
    for n in range(len(world.parent)):
        for lane in range(WIDTH if b.present[n] > 0 else 0):
            u = first_lane + min(lane, lanes_used - 1)
            i, replication = first_item + u // replications, first_replication + u % replications
            b.wanted_here[n, lane] = world.features.allocation.target[i, n]
            key_a, key_b = stream_key(seed, replication, world.site_key[n], world.item_key[i], FIRST_COME)
            b.come_key[n, 0, lane], b.come_key[n, 1, lane] = key_a, key_b


@part
def see_position(b, world, n, c, day, today):
    """What the serving site n takes a site below, c, to have."""
    cell, position = b.cells[c], b.position[c]
    if world.features.allocation.sees_record[n] > 0:
        seen_position(b, world, c, day, today, position)
        lanes.less(position, cell[OWED])
    else:
        need_loops.as_it_is(cell[ON_HAND], cell[ON_ORDER], cell[OWED], cell[WAITING], position)


@called_part
def share_out_by_need(b, world, n, day, today, children):
    """A short site shares unit by unit by need, where it does so."""
    way = world.features.allocation.way[n]
    if way == AS_THEY_COME:
        need_loops.as_they_come(
            n, b.reached[: b.reaches[0]] if world.features.supply_risk.closes else children,
            b.cells, b.total, b.come_key, day_index(int64(day)), b.cover, b.heap,
        )  # fmt: skip
    elif way > 0:
        for c in children:
            if b.present[c] != WITHOUT:
                see_position(b, world, n, c, day, today)
        need_loops.share_by_need(
            way, n, b.reached[: b.reaches[0]] if world.features.supply_risk.closes else children,
            b.cells, b.total, b.position, b.wanted_here, b.rates, b.cover, b.heap, b.keys,
        )  # fmt: skip


@part
def note_misallocated(b, world, n, today):
    """What left tonight for sites that have too much, while others turned customers away."""
    children = world.child[world.first_child[n] : world.first_child[n + 1]]
    missing_row = today * uint64(DAY_ROWS) + uint64(MISSING)
    lanes.clear(b.short_below)
    for c in children:
        if b.present[c] != WITHOUT:
            need_loops.count_short(b.days[c, missing_row], b.short_below)
    for c in children:
        if b.present[c] != WITHOUT:
            sent = b.cells[c, SHIPPING] if b.shares[n] > 0 else b.days[c, today * uint64(DAY_ROWS) + uint64(QUANTITY)]
            need_loops.note_too_much(
                sent, b.cells[c, ON_HAND], b.overstock_level[c], b.days[c, missing_row], b.short_below,
                b.extra[c, MISALLOCATED_],
            )  # fmt: skip


LANES = {
    "allocation": Lanes(
        "features.allocation.lanes",
        {"load": ("load_targets",), "rationed": ("share_out_by_need",)},
        rows={
            "wanted_here": Row(CELL, I4, "units that the serving site would have here"),
            "come_key": Row(KEYS, U8, "of draws of who comes first"),
            "position": Row(CELL, I4, "what the serving site takes this one to have"),
        },
    ),
    "misallocation": Lanes(
        "features.allocation.lanes",
        {"shipped": ("note_misallocated",)},
        rows={"short_below": Row(LANE, I4, "sites below that turned customers away today")},
    ),
}
