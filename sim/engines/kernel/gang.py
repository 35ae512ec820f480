"""Items that share something, such as a truck, advance day by day together: a gang of blocks of lanes.

Its lanes are all items, in their order, of so many replications. In these parts `b` stands for the blocks one behind
the other, and `b[k]` for one of them, as the parts of `day` take it; rows of a gang, for which there is one for all
its blocks, are declared so (`rows.GANG`). A site is visited by all blocks before the next one is. In the evening they
stop where something is shared: after a site has shared out what it has, item by item, and after the last order.
"""

from __future__ import annotations

from numba import int32, uint64

from restock.sim.compiling.marks import part, spliced_part, steps_at
from restock.sim.engines.kernel import faults
from restock.sim.engines.kernel.allocation import send_out, share_out
from restock.sim.engines.kernel.day import between_turns, decide, place_orders, supply, up_to_the_evening
from restock.sim.engines.kernel.layout import DAY_ROWS, QUANTITY, WIDTH
from restock.sim.engines.kernel.loading import hand_in_with_extra, load
from restock.sim.engines.kernel.opening import begin, end_the_run, first_week
from restock.sim.engines.kernel.rows import WITHOUT
from restock.sim.engines.kernel.week import draw_a_week, end_a_week, note_day
from restock.sim.model.unit_limits import FAULT_ITEM, FAULT_KIND, FAULT_REPLICATION, NO_FAULT


@spliced_part
def run_together(b, before, world, plan, review, learn, seed, replications, items, masks, out, series, together):
    """`shard.run_shard` for items that share something: so many replications of them at a time."""
    many_items, room = items[1] - items[0], len(b.fault) * WIDTH
    for first in range(replications[0], replications[1], together):
        many, at = min(together, replications[1] - first), first - replications[0]
        for start in range(0, many_items * many, room):
            lanes_used = min(room, many_items * many - start)
            blocks = (lanes_used + WIDTH - 1) // WIDTH
            for k in range(blocks):
                lane = start + k * WIDTH
                load(b[k], world, plan, seed, lane, min(WIDTH, lanes_used - k * WIDTH), first, many, items[0])
            steps_at("gang_loaded", b, world, first, many, blocks, lanes_used)
            kept = series[:, :, :, at : at + many]
            simulate_gang(b, world, plan, masks, blocks, lanes_used, start, many, kept, before, review, learn)
            worst = first_fault(b, blocks)
            if worst >= 0:
                u = start + worst * WIDTH + b.fault[worst, FAULT_ITEM]
                for slot in range(b.fault.shape[1]):
                    b.fault[0, slot] = b.fault[worst, slot]
                b.fault[0, FAULT_ITEM], b.fault[0, FAULT_REPLICATION] = items[0] + u // many, first + u % many
                return int32(1)
            for k in range(blocks):
                end_the_run(b[k], world)
            steps_at("gang_ends", b, world, blocks, lanes_used, many)
            for k in range(blocks):
                used = min(WIDTH, lanes_used - k * WIDTH)
                mine = out[at : at + many]
                hand_in_with_extra(b[k], world, start + k * WIDTH, used, many, items[0], mine)
    return int32(0)


@part
def first_fault(b, blocks):
    """The block in which is the first fault of those of one visit to a site, by kind and by lane; -1: none.

    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> first_fault(SimpleNamespace(fault=np.array([[NO_FAULT], [3], [2], [2]])), 4)
    2
    """
    worst = -1
    for k in range(blocks):
        kind = b.fault[k, FAULT_KIND]
        if kind != NO_FAULT and (worst < 0 or kind < b.fault[worst, FAULT_KIND]):
            worst = k
    return worst


@spliced_part
def simulate_gang(b, world, plan, masks, blocks, lanes_used, start, many, series, before, review, learn):
    """All days of a gang, or those up to a fault."""
    for k in range(blocks):
        begin(b[k], world, before[k])
    for week in range(first_week(world), (world.horizon + 6) // 7):
        days = min(7, world.horizon - week * 7)
        if week * 7 == world.warm_up:
            steps_at("gang_measured", b, world)
        for k in range(blocks):
            draw_a_week(b[k], world, week, days, series.size > 0, before[k])
            b.week_found[k] = 0
        for today in range(uint64(days)):
            day = uint64(week) * uint64(7) + today
            day_together(b, world, plan, day, today, masks, blocks, lanes_used, many, review, learn)
            if first_fault(b, blocks) >= 0:
                return
            for k in range(blocks):
                b.week_found[k] |= b.found[k, 0]
                if series.size > 0:
                    used = min(WIDTH, lanes_used - k * WIDTH)
                    note_day(b[k], world, day, today, before[k], used, -((start + k * WIDTH) % many), many, series)
        for k in range(blocks):
            end_a_week(b[k], world, week, days, b.week_found[k])
        if first_fault(b, blocks) >= 0:
            return


@spliced_part
def day_together(b, world, plan, day, today, masks, blocks, lanes_used, many, review, learn):
    """`day.one_day` for a gang: each site is visited by all blocks."""
    last, closing = 0, 0
    if world.features.transfers.used:
        last, closing = 2, 1
    for k in range(blocks):
        b.found[k, 0] = 0
    for turn in range(last + 1):
        for place in range(len(world.bottom_up)):
            n = uint64(world.bottom_up[place])
            for k in range(blocks):
                if b.present[k, n] != WITHOUT:
                    found = up_to_the_evening(b[k], world, n, day, today, uint64(masks[n]), turn, closing)
                    b.found[k, 0] |= found
            if turn == last:
                evening_together(b, world, plan, n, day, today, blocks, lanes_used, many, review, learn)
                if first_fault(b, blocks) >= 0:
                    break
        if world.features.transfers.used:
            if first_fault(b, blocks) >= 0:
                break
            for k in range(blocks):
                between_turns(b[k], world, day, today, turn, masks)
    if world.features.limits.budgets:
        if first_fault(b, blocks) < 0:
            buy_together(b, world, day, today, blocks, lanes_used, many)
    if first_fault(b, blocks) < 0:
        steps_at("all_ordered", b, world, day, blocks, lanes_used, many)


@spliced_part
def evening_together(b, world, plan, n, day, today, blocks, lanes_used, many, review, learn):
    """`day.order` for a gang."""
    serves = world.first_child[n + 1] > world.first_child[n]
    for k in range(blocks):
        if b.present[k, n] != WITHOUT:
            if world.features.transfers.used:
                note_moved(b[k], n, today)
            if serves:
                share_out(b[k], world, n, day, today)
    if serves:
        steps_at("all_shared_out", b, world, n, day, blocks, lanes_used, many)
    for k in range(blocks):
        if b.present[k, n] != WITHOUT:
            if serves:
                b.found[k, 0] |= send_out(b[k], world, n, day, today)
            decide(b[k], world, plan, n, day, today, review, learn)
    steps_at("decided", b, world, n, day, today, blocks, lanes_used, many)
    waits = False
    if world.features.limits.budgets:
        waits = world.parent[n] < 0
    if not waits:
        place_together(b, world, n, day, today, blocks, lanes_used, many)


@part
def place_together(b, world, n, day, today, blocks, lanes_used, many):
    """A site's orders enter the books."""
    steps_at("placing", b, world, n, day, today, blocks, lanes_used, many)
    for k in range(blocks):
        if b.present[k, n] != WITHOUT:
            b.found[k, 0] |= place_orders(b[k], world, n, day, today)
            if faults.beyond(b.found[k, 0], world.most_units):
                above = world.parent[n]
                faults.look_in_the_evening(
                    b.fault[k], n, above, day, world.most_units, b.stocked[k, n],
                    b.days[k, n, today * DAY_ROWS + QUANTITY], b.cells[k, n],
                    b.orders[k, above] if above >= 0 else b.spare[k],
                )  # fmt: skip
            supply(b[k], world, n, day, today)


@spliced_part
def buy_together(b, world, day, today, blocks, lanes_used, many):
    """Orders from outside that waited until all had decided."""
    steps_at("all_decided", b, world, day, today, blocks, lanes_used, many)
    for place in range(len(world.bottom_up)):
        n = uint64(world.bottom_up[place])
        if world.parent[n] < 0 and first_fault(b, blocks) < 0:
            place_together(b, world, n, day, today, blocks, lanes_used, many)


@part
def note_moved(b, n, today):
    """What other stores sent and were sent is known."""
    steps_at("moved", b, n, today)
