"""Limits that items share in the kernel: parts of a gang, whose blocks lie one behind the other (`kernel.gang`)."""

from __future__ import annotations

from numba import int64, uint64

from restock.sim.compiling.marks import called_part, part, spliced_part
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.gang import first_fault
from restock.sim.engines.kernel.layout import (
    BASE,
    DAY_ROWS,
    ON_HAND,
    ON_ORDER,
    OWED,
    OWING,
    QUANTITY,
    SHIPPING,
    WAITING,
    WIDTH,
    extra_column,
)
from restock.sim.engines.kernel.rows import CELL, GANG, I4, I8, LANE, WITHOUT, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.limits import loops as limit_loops
from restock.sim.features.limits.arrays import CLASSES
from restock.sim.features.limits.loops import GRANT_ROWS, NEEDIEST_FIRST
from restock.sim.features.limits.ordering_arrays import NO_LIMIT
from restock.sim.features.limits.shelf_lanes import look_at_what_is_asked, position_seen

LEFT_BEHIND, LEFT_AT_SUPPLIER, TRUCK_LOAD = (
    extra_column(name) for name in ("left_behind", "left_at_supplier", "truck_load")
)
TRUCK_ROOM, TRUCKS, TRUCK_COST = (extra_column(name) for name in ("truck_room", "trucks", "truck_cost"))


@part
def load_volumes(b, world, first_lane, lanes_used, replications, first_item):
    """What a unit of each lane's item takes, and which supplier's capacity."""
    of = world.features.limits
    for lane in range(WIDTH):
        i = first_item + (first_lane + min(lane, lanes_used - 1)) // replications
        b.volume[lane] = of.volume[i]
        for n in range(len(world.parent)):
            b.limit_of[n, lane] = of.supplier[i, n]


@part
def leave_out_spare_lanes(b, world, blocks, lanes_used):
    """Lanes behind the last one repeat it and are held by no limit: nobody looks at how much they have."""
    for lane in range(lanes_used - (blocks - 1) * WIDTH, WIDTH):
        for n in range(len(world.parent)):
            b.stocked[blocks - 1, n, lane] = 0


@called_part
def see_what_is_here(b, world, n, day, today, blocks):
    """Inventory positions of a site as a policy sees them, where what it may order is limited."""
    of, sees = world.features.limits, False
    if of.joints:
        sees = of.first_joint[n + 1] > of.first_joint[n]
    if of.spaces or of.budgets:
        sees |= of.space[n] < NO_LIMIT or world.parent[n] < 0
    if sees and first_fault(b, blocks) < 0:
        for k in range(blocks):
            if b.present[k, n] != WITHOUT:
                position_seen(b[k], world, n, day, today, b.has_here[k, n])
                look_at_what_is_asked(b[k], world, n, day, b.days[k, n, today * DAY_ROWS + QUANTITY])


@part
def set_waiting(b, world, first, many):
    """For how many nights goods have waited for each lane's truck, where a run goes on."""
    of = world.features.limits
    b.nights_waited[:] = 0
    b.trucks_left[:] = 0
    if world.opening_state.resumed and of.opening_waited.size > 0:
        for n in range(len(world.parent)):
            for r in range(many):
                for i in range(len(world.stocked)):
                    if world.stocked[i, n]:
                        b.nights_waited[n, r] = of.opening_waited[i, n, min(first + r, of.opening_waited.shape[2] - 1)]
                        break


@part
def count_trucks_afresh(b):
    b.trucks_left[:] = 0


@part
def leave_nothing_behind(b):
    """Until a limit says so."""
    lanes.clear(b.left_behind)


@spliced_part
def row_that_leaves(b, k, n, c, today):
    """Units that are to leave for a site: all that was ordered tonight, where nothing is owed and nothing short."""
    quantity = b.days[k, c, today * DAY_ROWS + QUANTITY]
    return b.cells[k, c, SHIPPING] if b.shares[k, n] > 0 else quantity


@called_part
def stand_apart(b, world, n, today, blocks):
    """What leaves a site is not all that was ordered of it."""
    for k in range(blocks):
        if b.present[k, n] != WITHOUT and b.shares[k, n] == 0:
            b.shares[k, n] = 1
            for c in world.child[world.first_child[n] : world.first_child[n + 1]]:
                if b.present[k, c] != WITHOUT:
                    quantity = b.days[k, c, today * DAY_ROWS + QUANTITY]
                    lanes.collect(quantity, b.cells[k, c, OWED], b.cells[k, c, SHIPPING])


@called_part
def limit_lanes(b, world, n, day, blocks, lanes_used, many):
    """Each lane from a site takes what its trucks, and its part of what the site handles, allow."""
    of = world.features.limits
    if of.limited[n] == 0:
        return
    children = world.child[world.first_child[n] : world.first_child[n + 1]]
    today, bound = uint64(day) % uint64(7), False
    for r in range(many):
        b.handled[r] = 0
    for c in children:
        for r in range(many):
            b.load[c, r] = 0
        for k in range(blocks):
            if b.present[k, c] != WITHOUT:
                used = min(WIDTH, lanes_used - k * WIDTH)
                row = row_that_leaves(b, k, n, c, today)
                limit_loops.add_load(row, b.volume[k], k * WIDTH, used, many, b.load[c])
        is_open = (of.truck_days[c] >> int64(today)) & 1
        for r in range(many):
            enough = b.load[c, r] >= of.minimum[c] or b.nights_waited[c, r] >= of.wait[c]
            b.cap[c, r] = of.room[c] if is_open and enough else 0
            b.handled[r] += b.load[c, r] if b.cap[c, r] > 0 else 0
    for r in range(many):
        if b.handled[r] > of.handling[n]:
            upto, before, turn = int64(0), int64(0), int64(day) % b.handled[r]
            for c in children:
                if b.cap[c, r] > 0:
                    upto += b.load[c, r]
                    now = limit_loops.share_up_to(upto, of.handling[n], turn, b.handled[r])
                    b.cap[c, r] = min(b.cap[c, r], now - before)
                    before = now
    for c in children:
        for r in range(many):
            bound |= b.load[c, r] > b.cap[c, r]
    if bound:
        stand_apart(b, world, n, today, blocks)
    for c in children:
        limit_lane(b, world, n, c, day, today, blocks, lanes_used, many)


@called_part
def limit_lane(b, world, n, c, day, today, blocks, lanes_used, many):
    """One lane: what it may take is shared among its items; the rest stays owed."""
    of = world.features.limits
    share, bound = of.site_share[n], False
    for r in range(many):
        bound |= b.load[c, r] > b.cap[c, r]
        b.taken[r] = b.load[c, r]
    if bound:
        if share == NEEDIEST_FIRST:
            b.by_class[:] = 0
            for k in range(blocks):
                if b.present[k, c] != WITHOUT:
                    for lane in range(min(WIDTH, lanes_used - k * WIDTH)):
                        r = (k * WIDTH + lane) % many
                        units = int64(b.cells[k, c, SHIPPING, lane])
                        b.by_class[store_cover(b, k, c, lane), r] += units * int64(b.volume[k, lane])
        limit_loops.begin_grant(b.grant, share, b.load[c], b.cap[c], b.by_class, many)
        for k in range(blocks):
            if b.present[k, c] != WITHOUT:
                for lane in range(min(WIDTH, lanes_used - k * WIDTH)):
                    r = (k * WIDTH + lane) % many
                    units = b.cells[k, c, SHIPPING, lane]
                    if b.load[c, r] > b.cap[c, r] and units > 0:
                        cover = store_cover(b, k, c, lane) if share == NEEDIEST_FIRST else 0
                        fits = limit_loops.granted(b.grant, share, r, cover, units, b.volume[k, lane], int64(day))
                        left = units - fits
                        b.cells[k, c, SHIPPING, lane] = fits
                        b.left_behind[k, lane] += left
                        b.extra[k, c, LEFT_BEHIND, lane] += left
                        b.taken[r] -= int64(left) * int64(b.volume[k, lane])
    if of.truck_capacity[c] > 0:
        for k in range(blocks):
            if b.present[k, c] != WITHOUT:
                limit_loops.note_load(row_that_leaves(b, k, n, c, today), b.volume[k], b.extra[k, c, TRUCK_LOAD])
        for r in range(many):
            b.trucks_left[c, r] += (b.taken[r] + of.truck_capacity[c] - 1) // of.truck_capacity[c]
            waited = 1 if b.taken[r] > 0 else b.nights_waited[c, r] + 1
            b.nights_waited[c, r] = 0 if b.taken[r] == b.load[c, r] else waited


@part
def store_cover(b, k, n, lane):
    """Whole days of cover of a cell, of what it has and what is on its way."""
    stock = b.cells[k, n, ON_HAND, lane] + b.cells[k, n, ON_ORDER, lane] - b.cells[k, n, OWED, lane]
    stock -= b.cells[k, n, WAITING, lane] + b.cells[k, n, OWING, lane]
    return limit_loops.days_covered(float(stock), b.rates[k, n, lane])


@part
def would_leave(b, world, n, today):
    """All that suppliers owe would leave tonight."""
    if world.features.limits.suppliers:
        if not world.features.supply_risk.holds:
            if world.parent[n] < 0:
                elsewhere = b.nothing
                if world.features.second_source.used:
                    elsewhere = b.second_units[n]
                quantity = b.days[n, today * DAY_ROWS + QUANTITY]
                some = limit_loops.all_to_leave(quantity, elsewhere, b.cells[n, OWED], b.cells[n, SHIPPING])
                b.ordered[n] = some != 0


@called_part
def limit_suppliers(b, world, day, blocks, lanes_used, many):
    """Each supplier ships no more than its capacity, over all items and sites; the rest it owes."""
    of = world.features.limits
    for s in range(len(of.capacity)):
        for r in range(many):
            b.supplier_load[r], b.supplier_cap[r] = 0, of.capacity[s]
        b.by_class[:] = 0
        for k in range(blocks):
            for n in range(len(world.parent)):
                if world.parent[n] < 0 and b.present[k, n] != WITHOUT:
                    for lane in range(min(WIDTH, lanes_used - k * WIDTH)):
                        if b.limit_of[k, n, lane] == s:
                            r = (k * WIDTH + lane) % many
                            load = int64(b.cells[k, n, SHIPPING, lane]) * int64(b.volume[k, lane])
                            b.supplier_load[r] += load
                            if of.supplier_share[s] == NEEDIEST_FIRST and load > 0:
                                b.by_class[supplier_cover(b, k, n, lane), r] += load
        bound = False
        for r in range(many):
            bound |= b.supplier_load[r] > b.supplier_cap[r]
        if bound:
            share = of.supplier_share[s]
            limit_loops.begin_grant(b.grant, share, b.supplier_load, b.supplier_cap, b.by_class, many)
            for k in range(blocks):
                for lane in range(min(WIDTH, lanes_used - k * WIDTH)):
                    r = (k * WIDTH + lane) % many
                    if b.supplier_load[r] > b.supplier_cap[r]:
                        for n in range(len(world.parent)):
                            if world.parent[n] < 0 and b.present[k, n] != WITHOUT and b.limit_of[k, n, lane] == s:
                                units = b.cells[k, n, SHIPPING, lane]
                                if units > 0:
                                    cover = supplier_cover(b, k, n, lane) if share == NEEDIEST_FIRST else 0
                                    fits = limit_loops.granted(
                                        b.grant, share, r, cover, units, b.volume[k, lane], int64(day)
                                    )
                                    b.cells[k, n, SHIPPING, lane] = fits
                                    b.cells[k, n, OWED, lane] += units - fits
                                    b.extra[k, n, LEFT_AT_SUPPLIER, lane] += units - fits


@part
def supplier_cover(b, k, n, lane):
    """The same, of a cell that an outside supplier delivers to: what would leave tonight is not on its way."""
    stock = b.cells[k, n, ON_HAND, lane] + b.cells[k, n, ON_ORDER, lane] - b.cells[k, n, OWED, lane]
    stock -= b.cells[k, n, SHIPPING, lane] + b.cells[k, n, WAITING, lane] + b.cells[k, n, OWING, lane]
    return limit_loops.days_covered(float(stock), b.rates[k, n, lane])


@called_part
def share_trucks(b, world, blocks, lanes_used, many):
    """Trucks, their room and their cost belong to items by the part of their load, in the order of items."""
    of = world.features.limits
    for n in range(len(world.parent)):
        if of.truck_capacity[n] > 0:
            for r in range(many):
                b.supplier_load[r] = 0
                b.grant[0, r] = b.grant[1, r] = b.grant[2, r] = b.grant[3, r] = 0
            for k in range(blocks):
                if b.present[k, n] != WITHOUT:
                    for lane in range(min(WIDTH, lanes_used - k * WIDTH)):
                        b.supplier_load[(k * WIDTH + lane) % many] += b.totals[k, n, BASE + TRUCK_LOAD, lane]
            for k in range(blocks):
                if b.present[k, n] != WITHOUT:
                    for lane in range(min(WIDTH, lanes_used - k * WIDTH)):
                        r = (k * WIDTH + lane) % many
                        if b.supplier_load[r] > 0:
                            trucks = 1000 * b.trucks_left[n, r]
                            b.grant[0, r] += b.totals[k, n, BASE + TRUCK_LOAD, lane]
                            upto, load = b.grant[0, r], b.supplier_load[r]
                            now = limit_loops.part_of_total(upto, trucks, load)
                            b.totals[k, n, BASE + TRUCKS, lane] = now - b.grant[1, r]
                            b.grant[1, r] = now
                            now = limit_loops.part_of_total(upto, trucks * of.truck_capacity[n], load)
                            b.totals[k, n, BASE + TRUCK_ROOM, lane] = now - b.grant[2, r]
                            b.grant[2, r] = now
                            now = limit_loops.part_of_total(upto, b.trucks_left[n, r] * of.cost[n], load)
                            b.totals[k, n, BASE + TRUCK_COST, lane] = now - b.grant[3, r]
                            b.grant[3, r] = now


LANES = {
    "limits": Lanes(
        "features.limits.lanes",
        {
            "load": ("load_volumes",),
            "gang_loaded": ("leave_out_spare_lanes", "set_waiting"),
            "gang_measured": ("count_trucks_afresh",),
            "sharing": ("leave_nothing_behind",),
            "all_shared_out": ("limit_lanes",),
            "decided": ("see_what_is_here",),
            "supplied": ("would_leave",),
            "all_ordered": ("limit_suppliers",),
            "gang_ends": ("share_trucks",),
        },
        rows={
            "volume": Row(LANE, I4, "of a unit"),
            "limit_of": Row(CELL, I4, "number of the supplier's limit; -1: none"),
            "has_here": Row(CELL, I4, "inventory position as a policy sees it tonight"),
            "left_behind": Row(LANE, I4, "units that could leave tonight and do not"),
            "stays": Row(LANE, I4, "stock that nobody is sent tonight"),
            "nights_waited": Row((GANG, "site", "replication"), I8, "nights since something was first left behind"),
            "trucks_left": Row((GANG, "site", "replication"), I8, "trucks that left for a site"),
            "load": Row((GANG, "site", "replication"), I8, "volumes that are to leave for a site"),
            "cap": Row((GANG, "site", "replication"), I8, "volumes that may"),
            "handled": Row((GANG, "replication"), I8, "volumes of all lanes whose trucks leave"),
            "taken": Row((GANG, "replication"), I8, "volumes that leave on a lane"),
            "supplier_load": Row((GANG, "replication"), I8, "volumes that are to leave a supplier"),
            "supplier_cap": Row((GANG, "replication"), I8, "volumes that may"),
            "by_class": Row((GANG, CLASSES, "replication"), I8, "load by whole days of cover"),
            "grant": Row((GANG, GRANT_ROWS, "replication"), I8, "see `GRANT_ROWS` of `loops`"),
        },
    ),
}
