"""Joint orders in the kernel: parts of a gang, as those of `lanes`."""

from __future__ import annotations

from numba import int64

from restock.sim.compiling.marks import called_part, part
from restock.sim.engines.kernel.day import allow
from restock.sim.engines.kernel.gang import first_fault
from restock.sim.engines.kernel.layout import BASE, DAY_ROWS, QUANTITY, WIDTH, extra_column
from restock.sim.engines.kernel.rows import CELL, GANG, I4, I8, LANE, WITHOUT, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.limits import loops as limit_loops
from restock.sim.features.limits import ordering_loops
from restock.sim.features.limits.ordering_loops import ANY_ROOM
from restock.sim.features.limits.shelf_lanes import look_at_what_is_asked

HELD_BACK, JOINED, FILLED_UP = (extra_column(name) for name in ("held_back", "joined", "filled_up"))
JOINT_LOAD, JOINT_ORDERS, JOINT_COST = (extra_column(name) for name in ("joint_load", "joint_orders", "joint_cost"))
LONGEST_FILL = 365  # days of demand by which orders are filled up, at most


@called_part
def load_joint_terms(b, world, first_lane, lanes_used, replications, first_item):
    """The terms of each lane's item at each site."""
    of = world.features.limits
    for n in range(len(world.parent)):
        for lane in range(WIDTH if b.present[n] > 0 else 0):
            i = first_item + (first_lane + min(lane, lanes_used - 1)) // replications
            b.joint_of[n, lane] = of.joint_of[i, n]
            b.join_below[n, lane] = of.join_below[i, n]
            b.join_up_to[n, lane] = of.join_up_to[i, n]


@part
def set_held_back(b, world, first, many):
    """For how many evenings joint orders were held back, where a run goes on."""
    of = world.features.limits
    b.joint_waited[:] = 0
    b.joint_made[:] = 0
    if world.opening_state.resumed and of.opening_joint_waited.size > 0:
        for n in range(len(world.parent)):
            for i in range(len(world.stocked)):
                if of.joint_of[i, n] >= 0:
                    for r in range(many):
                        kept = min(first + r, of.opening_joint_waited.shape[2] - 1)
                        b.joint_waited[of.joint_of[i, n], r] = of.opening_joint_waited[i, n, kept]


@part
def count_joint_orders_afresh(b):
    b.joint_made[:] = 0


@called_part
def order_jointly(b, world, n, day, today, blocks, lanes_used, many):
    """Items join where others are ordered; what comes to too little is filled up, or held back."""
    of = world.features.limits
    if first_fault(b, blocks) >= 0:
        return
    row = today * DAY_ROWS + QUANTITY
    for terms in range(of.first_joint[n], of.first_joint[n + 1]):
        b.order_load[:] = 0
        for k in range(blocks):
            if b.present[k, n] != WITHOUT:
                used = min(WIDTH, lanes_used - k * WIDTH)
                ordering_loops.add_order_load(
                    b.days[k, n, row], b.volume[k], b.joint_of[k, n], terms, k * WIDTH, used, many, b.order_load
                )
        for k in range(blocks):
            b.joins[k, :] = 0
            if b.present[k, n] != WITHOUT and of.joins[terms] > 0:
                used = min(WIDTH, lanes_used - k * WIDTH)
                if ordering_loops.who_joins(
                    b.days[k, n, row], b.joint_of[k, n], terms, b.order_days[k, n], today, b.has_here[k, n],
                    b.join_below[k, n], b.join_up_to[k, n], k * WIDTH, used, many, b.order_load, b.joins[k],
                ):  # fmt: skip
                    allow(b[k], world, n, day, b.joins[k])
                    look_at_what_is_asked(b[k], world, n, day, b.joins[k])
                    ordering_loops.join_in(
                        b.joins[k], b.volume[k], k * WIDTH, used, many, b.days[k, n, row], b.order_load)  # fmt: skip
        if of.fills[terms] > 0:
            fill_up(b, world, n, terms, row, blocks, lanes_used, many)
        for r in range(many):
            little = 0 < b.order_load[r] < of.least_volume[terms]
            b.drops[r] = 1 if little and b.joint_waited[terms, r] < of.joint_wait[terms] else 0
            b.joint_waited[terms, r] = b.joint_waited[terms, r] + 1 if b.drops[r] > 0 else 0
        for k in range(blocks):
            if b.present[k, n] != WITHOUT:
                used = min(WIDTH, lanes_used - k * WIDTH)
                ordering_loops.hold_back_orders(
                    b.joint_of[k, n], terms, b.drops, k * WIDTH, used, many, b.days[k, n, row], b.joins[k],
                    b.extra[k, n, HELD_BACK], b.extra[k, n, JOINED],
                )  # fmt: skip


@called_part
def fill_up(b, world, n, terms, row, blocks, lanes_used, many):
    """All orders are raised by the same days of demand, as few as come to the least volume."""
    least, some = world.features.limits.least_volume[terms], False
    for r in range(many):
        some |= 0 < b.order_load[r] < least
    if not some:
        return
    for k in range(blocks):
        if b.present[k, n] != WITHOUT:
            for lane in range(WIDTH):
                b.fill_room[k, lane] = ANY_ROOM
                if world.features.limits.shelves:
                    b.fill_room[k, lane] = ordering_loops.room_left(
                        b.room_on_shelf[k, n, lane], b.has_here[k, n, lane], b.pack[k, n, lane])  # fmt: skip
    b.fill_days[:] = LONGEST_FILL
    add_up_raised(b, world, n, terms, row, blocks, lanes_used, many)
    for r in range(many):
        short = 0 < b.order_load[r] < least
        b.fills[r] = 1 if short and b.raised_load[r] >= least else 0
        b.fill_low[r], b.fill_high[r] = 0, LONGEST_FILL
    for _ in range(9):  # halves 365 days to one
        for r in range(many):
            b.fill_days[r] = (b.fill_low[r] + b.fill_high[r]) // 2
        add_up_raised(b, world, n, terms, row, blocks, lanes_used, many)
        for r in range(many):
            if b.fill_high[r] - b.fill_low[r] > 1:
                if b.raised_load[r] >= least:
                    b.fill_high[r] = b.fill_days[r]
                else:
                    b.fill_low[r] = b.fill_days[r]
    for r in range(many):
        b.fill_days[r] = b.fill_high[r]
    add_up_raised(b, world, n, terms, row, blocks, lanes_used, many)
    for r in range(many):
        b.raised_load[r] -= least
    for k in range(blocks):
        if b.present[k, n] != WITHOUT:
            used = min(WIDTH, lanes_used - k * WIDTH)
            ordering_loops.fill_orders(
                b.days[k, n, row], b.volume[k], b.joint_of[k, n], terms, b.fill_days, b.rates[k, n], b.fill_room[k],
                b.pack[k, n], world.most_units, k * WIDTH, used, many, b.fills, b.raised_load, b.order_load,
                b.extra[k, n, FILLED_UP],
            )  # fmt: skip


@part
def add_up_raised(b, world, n, terms, row, blocks, lanes_used, many):
    """What orders come to, raised by `fill_days`."""
    b.raised_load[:] = 0
    for k in range(blocks):
        if b.present[k, n] != WITHOUT:
            used = min(WIDTH, lanes_used - k * WIDTH)
            ordering_loops.add_raised_load(
                b.days[k, n, row], b.volume[k], b.joint_of[k, n], terms, b.fill_days, b.rates[k, n], b.fill_room[k],
                b.pack[k, n], world.most_units, k * WIDTH, used, many, b.raised_load,
            )  # fmt: skip


@called_part
def note_joint_orders(b, world, n, today, blocks, lanes_used, many):
    """An order is one, however many items are in it."""
    of = world.features.limits
    for terms in range(of.first_joint[n], of.first_joint[n + 1]):
        b.order_load[:] = 0
        for k in range(blocks):
            if b.present[k, n] != WITHOUT:
                used = min(WIDTH, lanes_used - k * WIDTH)
                ordering_loops.note_order_load(
                    b.days[k, n, today * DAY_ROWS + QUANTITY], b.volume[k], b.joint_of[k, n], terms, k * WIDTH, used,
                    many, b.order_load, b.extra[k, n, JOINT_LOAD],
                )  # fmt: skip
        for r in range(many):
            b.joint_made[terms, r] += b.order_load[r] > 0


@called_part
def share_joint_orders(b, world, blocks, lanes_used, many):
    """Joint orders and their cost belong to items by the part of their load, in the order of items."""
    of = world.features.limits
    for n in range(len(world.parent)):
        for terms in range(of.first_joint[n], of.first_joint[n + 1]):
            b.order_load[:] = 0
            b.joint_parts[:] = 0
            for k in range(blocks):
                for lane in range(min(WIDTH, lanes_used - k * WIDTH) if b.present[k, n] != WITHOUT else 0):
                    if b.joint_of[k, n, lane] == terms:
                        b.order_load[(k * WIDTH + lane) % many] += b.totals[k, n, BASE + JOINT_LOAD, lane]
            for k in range(blocks):
                for lane in range(min(WIDTH, lanes_used - k * WIDTH) if b.present[k, n] != WITHOUT else 0):
                    r = (k * WIDTH + lane) % many
                    if b.joint_of[k, n, lane] == terms and b.order_load[r] > 0:
                        b.joint_parts[0, r] += b.totals[k, n, BASE + JOINT_LOAD, lane]
                        upto, load, made = b.joint_parts[0, r], b.order_load[r], int64(b.joint_made[terms, r])
                        now = limit_loops.part_of_total(upto, 1000 * made, load)
                        b.totals[k, n, BASE + JOINT_ORDERS, lane] = now - b.joint_parts[1, r]
                        b.joint_parts[1, r] = now
                        now = limit_loops.part_of_total(upto, of.joint_cost[terms] * made, load)
                        b.totals[k, n, BASE + JOINT_COST, lane] = now - b.joint_parts[2, r]
                        b.joint_parts[2, r] = now


BY_TERMS = (GANG, "joint_terms", "replication")
LANES = {
    "joint_orders": Lanes(
        "features.limits.joint_lanes",
        {
            "load": ("load_joint_terms",),
            "gang_loaded": ("set_held_back",),
            "gang_measured": ("count_joint_orders_afresh",),
            "decided": ("order_jointly",),
            "placing": ("note_joint_orders",),
            "gang_ends": ("share_joint_orders",),
        },
        rows={
            "joint_of": Row(CELL, I4, "number of the terms; -1: none"),
            "join_below": Row(CELL, I4, "units of inventory position"),
            "join_up_to": Row(CELL, I4, "units of inventory position"),
            "joins": Row(LANE, I4, "units that join tonight"),
            "fill_room": Row(LANE, I4, "units that have room on the shelf"),
            "joint_waited": Row(BY_TERMS, I8, "evenings for which an order was held back"),
            "joint_made": Row(BY_TERMS, I8, "orders so far"),
            "order_load": Row((GANG, "replication"), I8, "volumes ordered tonight"),
            "raised_load": Row((GANG, "replication"), I8, "and raised by days of demand"),
            "drops": Row((GANG, "replication"), I8, "1: nothing is ordered"),
            "fills": Row((GANG, "replication"), I8, "1: orders are filled up"),
            "fill_days": Row((GANG, "replication"), I8, "by so many days of demand"),
            "fill_low": Row((GANG, "replication"), I8, "days that are too few"),
            "fill_high": Row((GANG, "replication"), I8, "days that are enough"),
            "joint_parts": Row((GANG, 3, "replication"), I8, "load, orders and cost so far"),
        },
        sizes=lambda of, world: {"joint_terms": len(of.joint_cost)},
    ),
}
