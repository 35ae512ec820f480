"""Pushes and cross-docks in the kernel: the steps of the event engine (`steps`), over the loops of `loops`."""

from __future__ import annotations

from numba import uint64

from restock.sim.compiling.marks import called_part, part
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.layout import (
    DAY_ROWS,
    ON_HAND,
    ON_ORDER,
    OWED,
    PIPELINE,
    QUANTITY,
    SHIPPING,
    WAITING,
    WIDTH,
    extra_column,
)
from restock.sim.engines.kernel.rows import CELL, CHILD, I4, I8, LANE, WITHOUT, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.push import loops as push_loops

PUSHED_ = extra_column("pushed")
UNASKED = extra_column("pushed_unasked")


@called_part
def load_push(b, world, first_lane, lanes_used, replications, first_item):
    """Which items are pushed, and the chances that stores sell more of them."""
    of = world.features.push
    b.pushed[:] = 0
    b.pushing[0] = 0
    for lane in range(WIDTH):
        i = first_item + (first_lane + min(lane, lanes_used - 1)) // replications
        b.is_pushed[lane] = of.pushed[i]
        for n in range(len(world.parent)):
            if b.present[n] > 0:
                b.weight[n, lane] = of.rate[i, n]
                for wave in range(of.first_chance.shape[2]):
                    b.chance_first[n, wave, lane] = of.first_chance[i, n, wave]
                    b.chance_many[n, wave, lane] = of.many_chances[i, n, wave]


@called_part
def push_goods(b, world, n, day, today):
    """A site that pushes tonight decides what goes where before it looks at orders, and enters it."""
    of = world.features.push
    b.pushing[0] = 0
    way = of.way[n, day]
    if way == 0:
        return
    b.pushing[0] = 1
    lanes.clear(b.pushed_in_all)
    quantity, pipeline = today * uint64(DAY_ROWS) + uint64(QUANTITY), today * uint64(DAY_ROWS) + uint64(PIPELINE)
    many = 0
    for c in world.child[world.first_child[n] : world.first_child[n + 1]]:
        if b.present[c] != WITHOUT:
            lanes.clear(b.pushed[c])
            is_open = True
            if world.features.supply_risk.closes:
                is_open = world.features.supply_risk.site_closed[c, day] == 0
            if is_open:
                b.push_below[many] = c
                many += 1
                push_loops.has_before(
                    b.cells[c, ON_HAND], b.cells[c, ON_ORDER], b.cells[c, OWED], b.days[c, quantity],
                    b.cells[c, WAITING], b.before_push[c],
                )  # fmt: skip
    push_loops.push_out(
        way, of.share[n, day], of.wave[n, day], of.crosses[n] > 0, n, b.push_below[:many], b.stocked, b.is_pushed,
        b.cells, b.before_push, b.rates, b.weight, b.chance_first, b.chance_many, of.chances, b.pushed, b.keys, b.cover,
        b.heap,
    )  # fmt: skip
    for c in b.push_below[:many]:
        push_loops.enter(
            b.pushed[c], b.cells[c, OWED], b.days[c, quantity], b.cells[c, ON_ORDER], b.days[c, pipeline], b.orders[n],
            b.pushed_in_all, b.extra[c, PUSHED_], b.extra[c, UNASKED],
        )  # fmt: skip


@part
def ship_by_lane(b, n):
    """What is pushed is more than an order, or less: what leaves is said for each site."""
    if b.pushing[0] > 0:
        b.shares[n] = 1


@part
def leave_out_pushed(b, world, n):
    """What is pushed stands apart while the rest is shared out."""
    if b.pushing[0] > 0:
        for c in world.child[world.first_child[n] : world.first_child[n + 1]]:
            if b.present[c] != WITHOUT:
                push_loops.off_what_is_owed(b.pushed[c], b.cells[c, OWED], b.cells[c, SHIPPING])
        lanes.less(b.total, b.pushed_in_all)
        lanes.less(b.cells[n, ON_HAND], b.pushed_in_all)


@part
def take_in_pushed(b, world, n):
    """It leaves with the rest."""
    if b.pushing[0] > 0:
        for c in world.child[world.first_child[n] : world.first_child[n + 1]]:
            if b.present[c] != WITHOUT:
                lanes.add(b.pushed[c], b.cells[c, OWED])
                lanes.add(b.pushed[c], b.cells[c, SHIPPING])
        lanes.add(b.pushed_in_all, b.total)
        lanes.add(b.pushed_in_all, b.cells[n, ON_HAND])


@part
def no_orders_at_a_cross_dock(b, world, n, quantity):
    """Where a cross-dock delivers, nobody orders."""
    if world.features.push.crossed[n] > 0:
        lanes.clear(quantity)


LANES = {
    "push": Lanes(
        "features.push.lanes",
        {
            "load": ("load_push",),
            "pushing": ("push_goods",),
            "sharing": ("ship_by_lane",),
            "collected": ("leave_out_pushed",),
            "shared_out": ("take_in_pushed",),
            "ordered": ("no_orders_at_a_cross_dock",),
        },
        rows={
            "pushed": Row(CELL, I4, "pushed to this site tonight"),
            "before_push": Row(CELL, I4, "on the shelf and on the way, less what customers wait for"),
            "weight": Row(CELL, I8, "mean demand a day in thousandths"),
            "chance_first": Row(("site", "wave", "lane"), I8, "where the chances of sale begin"),
            "chance_many": Row(("site", "wave", "lane"), I8, "how many there are"),
            "is_pushed": Row(LANE, I4, "1: the item is pushed in waves"),
            "pushed_in_all": Row(LANE, I4, "pushed to all sites below"),
            "push_below": Row(CHILD, I8, "sites below that can be reached tonight"),
            "pushing": Row((1,), I8, "1: the site pushes tonight"),
        },
        sizes=lambda of, world: {"wave": of.first_chance.shape[2] if of.used else 0},
    ),
}
