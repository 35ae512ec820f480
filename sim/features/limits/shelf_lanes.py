"""Room on shelves in the kernel: of an order, what there is room for; items share nothing."""

from __future__ import annotations

from numba import uint64

from restock.sim.compiling.marks import called_part, one_step_at, part
from restock.sim.engines.kernel import faults
from restock.sim.engines.kernel.layout import WIDTH, extra_column
from restock.sim.engines.kernel.rows import CELL, I4, I8, LANE, SITE, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.limits import ordering_loops

NO_SHELF = extra_column("no_shelf")


@called_part
def load_room_on_shelves(b, world, first_lane, lanes_used, replications, first_item):
    """Room for each lane's item at each site."""
    for n in range(len(world.parent)):
        b.shelved[n] = 0
        for lane in range(WIDTH if b.present[n] > 0 else 0):
            i = first_item + (first_lane + min(lane, lanes_used - 1)) // replications
            b.room_on_shelf[n, lane] = world.features.limits.shelf[i, n]
            b.shelved[n] += world.features.limits.shelf[i, n] > 0


@part
def position_seen(b, world, n, day, today, here):
    """Inventory positions of a site's lanes as a policy sees them tonight, an express order of tonight among them."""
    one_step_at("view", b, world, n, day, today)
    elsewhere = b.nothing
    if world.features.second_source.used:
        elsewhere = b.second_units[n]  # last night's have left
    ordering_loops.position(b.view, elsewhere, here)


@part
def look_at_what_is_asked(b, world, n, day, quantity):
    """Orders beyond all bounds end the run, also where a limit would cut them."""
    if faults.beyond(ordering_loops.all_bits(quantity), world.most_units):
        faults.look_at_orders(b.fault, n, day, world.most_units, b.stocked[n], quantity)


@called_part
def hold_to_shelves(b, world, n, day, quantity):
    """No more is ordered than there is room for."""
    look_at_what_is_asked(b, world, n, day, quantity)
    if b.shelved[n] > 0:
        position_seen(b, world, n, day, uint64(day) % uint64(7), b.here_tonight)
        ordering_loops.hold_to_room(
            quantity, b.room_on_shelf[n], b.here_tonight, b.pack[n], b.extra[n, NO_SHELF])  # fmt: skip


LANES = {
    "shelves": Lanes(
        "features.limits.shelf_lanes",
        {"load": ("load_room_on_shelves",), "enough": ("hold_to_shelves",)},
        rows={
            "shelved": Row(SITE, I8, "how many lanes have little room"),
            "room_on_shelf": Row(CELL, I4, "units that have room; 0: any"),
            "here_tonight": Row(LANE, I4, "inventory position as a policy sees it"),
        },
    ),
}
