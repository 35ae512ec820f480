"""Goods that do not keep, in the kernel: the steps of the event engine (`steps`), over the loops of `loops`."""

from __future__ import annotations

from numba import uint64

from restock.sim.compiling.marks import called_part, part
from restock.sim.engines.kernel.layout import ON_HAND, WIDTH, extra_column
from restock.sim.engines.kernel.rows import CELL, I4, I8, LANE, SITE, WITHOUT, Row, how_many
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.shelf_life import loops as shelf_loops
from restock.sim.model.opening.cell_fields import STATE_ON_HAND

EXPIRED = extra_column("expired")


@called_part
def load_shelves(b, world, first_lane, lanes_used, first_replication, replications, first_item):
    """Goods that do not keep, at sites that serve no other: what is there on day 0 came that morning."""
    of = world.features.shelf_life
    b.shelf[:] = 0
    b.kept[:] = 0
    b.keeps[:] = 0
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        i = first_item + u // replications
        b.life[lane] = of.life[i]
        b.freshest_first[lane] = of.freshest_first[i]
        for n in range(len(world.parent)):
            if b.life[lane] > 0 and world.first_child[n + 1] == world.first_child[n]:
                b.keeps[n] += world.stocked[i, n]
                b.kept[n, lane] = world.opening[i, n]
                b.shelf[n, b.life[lane] - 1, lane] = world.opening[i, n]
                if world.opening_state.resumed:
                    r = min(first_replication + u % replications, world.opening_state.cells.shape[2] - 1)
                    b.kept[n, lane] = world.opening_state.cells[i, n, r, STATE_ON_HAND]
                    for slot in range(of.slots):
                        b.shelf[n, slot, lane] = of.opening[i, n, r, slot]
    for n in range(len(world.parent)):
        b.keeps[n] = how_many(b.keeps[n])


@part
def expiry(b, world, n, day):
    """What left the shelf today is taken from the ages that it had; then what was not sold in time is thrown away.

    By day goods leave by one rule, and what comes is there before any leave: the day's units may be taken at once.
    """
    of = world.features.shelf_life
    if b.keeps[n] == WITHOUT:
        return
    shelf, cell, longest = b.shelf[n], b.cells[n], of.longest_life
    mask = uint64(of.slots - 1)
    shelf_loops.come_to_shelf(b.came[n], b.life, day, mask, shelf)
    out = shelf_loops.leave_shelf(
        b.kept[n], b.came[n], cell[ON_HAND], b.life, b.freshest_first, b.oldest_out, b.freshest_out
    )
    more = out & 1
    for age in range(longest):
        if more:
            more = shelf_loops.take(shelf[(day + uint64(age)) & mask], b.oldest_out)
    more = out >> 1
    for age in range(longest):
        if more:
            more = shelf_loops.take(shelf[(day + uint64(longest - 1 - age)) & mask], b.freshest_out)
    shelf_loops.throw_away(shelf[day & mask], cell[ON_HAND], b.kept[n], b.extra[n, EXPIRED])


LANES = {
    "shelf_life": Lanes(
        "features.shelf_life.lanes",
        {"load": ("load_shelves",), "expired": ("expiry",)},
        rows={
            "shelf": Row(
                ("site", "shelf_day", "lane"), I4, "by day & mask: units by the last day on which they are sold"
            ),
            "kept": Row(CELL, I4, "on hand after the last closing"),
            "keeps": Row(SITE, I8, "how many lanes have an age"),
            "life": Row(LANE, I4, "days; 0 where goods keep for ever"),
            "freshest_first": Row(LANE, I4, ""),
            "oldest_out": Row(LANE, I4, "what left the shelf today and is yet to be taken from the oldest"),
            "freshest_out": Row(LANE, I4, ""),
        },
        reads=("came",),
        sizes=lambda of, world: {"shelf_day": of.slots * of.used},
    ),
}
