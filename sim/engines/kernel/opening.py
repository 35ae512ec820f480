"""A block of lanes that begins with a state: stock, promises, orders under way, and where a run stood that goes on."""

from __future__ import annotations

from numba import int64, uint32, uint64

from restock.sim.compiling.marks import called_part, helper, part, steps_at
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.layout import (
    BACK,
    BACK_BEFORE,
    CANCELLED,
    CLOSING,
    CYCLE,
    DAYS_BEFORE,
    DEMAND_BEFORE,
    EXACT,
    ON_HAND,
    ON_ORDER,
    OPENING,
    ORDERED,
    ORDINAL,
    OWED,
    OWING,
    PROMISED_BEFORE,
    RECEIVED,
    SALES,
    SOLD_BEFORE,
    WAITING,
    WIDTH,
)
from restock.sim.engines.kernel.rows import WITHOUT
from restock.sim.model.opening.cell_fields import (
    STATE_DEMAND_BEFORE,
    STATE_LEARNT_BACKORDERS,
    STATE_LEARNT_DAY,
    STATE_LEARNT_RESTOCKED,
    STATE_LEARNT_SOLD,
    STATE_NEXT_REVIEW,
    STATE_ON_HAND,
    STATE_ON_ORDER,
    STATE_OWED,
    STATE_OWING,
    STATE_RESTOCKED,
    STATE_SHIPMENTS,
    STATE_SHORT,
    STATE_SOLD,
    STATE_SOLD_SEEN,
    STATE_WAITING,
)
from restock.sim.model.opening.opening_arrays import OPEN_ORDERS
from restock.sim.probability.guide_tables import FULL, value_of
from restock.sim.probability.keyed_draws import stream_key, uniform


@called_part
def open_cell(b, world, plan, seed, n, lane, i, replication):
    """One lane at one site: its books, its orders under way, and what its policy learnt last."""
    r = min(replication, world.opening_state.cells.shape[2] - 1)
    state, cell = world.opening_state.cells[i, n, r], b.cells[n]
    cell[ON_HAND, lane] = state[STATE_ON_HAND]
    cell[ON_ORDER, lane] = state[STATE_ON_ORDER]
    cell[WAITING, lane] = state[STATE_WAITING]
    cell[OWED, lane] = state[STATE_OWED]
    cell[OWING, lane] = state[STATE_OWING]
    cell[ORDINAL, lane] = state[STATE_SHIPMENTS]
    cell[CYCLE, lane] = state[STATE_SHORT]
    b.owes[n] |= state[STATE_OWING] > 0
    b.wait[n, lane] = state[STATE_NEXT_REVIEW] - world.opening_state.first_day
    sold_before = 0  # sales are counted from the last review, but where the book is seen late: from the start
    if not world.features.records.delayed:
        sold_before = state[STATE_SOLD_SEEN]
    cell[SALES, lane] = state[STATE_SOLD] - sold_before
    if len(b.lessons) > 0:
        lesson = b.lessons[n]
        lesson[SOLD_BEFORE, lane] = state[STATE_LEARNT_SOLD] - sold_before
        lesson[PROMISED_BEFORE, lane] = state[STATE_LEARNT_BACKORDERS]
        lesson[DAYS_BEFORE, lane] = state[STATE_LEARNT_DAY] + 1
        lesson[DEMAND_BEFORE, lane] = state[STATE_DEMAND_BEFORE]
        lesson[BACK, lane] = state[STATE_RESTOCKED]
        lesson[BACK_BEFORE, lane] = state[STATE_LEARNT_RESTOCKED]
        if world.opening_state.resumed:
            for slot in range(plan.memory.shape[2]):
                b.memory[n, lane, slot] = world.opening_state.memory[i, n, r, slot]
    open_orders(b, world, seed, n, lane, i, replication, r)


@part
def open_orders(b, world, seed, n, lane, i, replication, r):
    """Orders under way arrive on their day, or after their lead time, given that they have not come yet."""
    of, tables = world.opening_state, world.tables
    table = max(world.lead_table[i, n], 0)
    first = tables.first_break[table]
    longest = tables.first_break[table + 1] - first
    key_a, key_b = stream_key(seed, replication, world.site_key[n], world.item_key[i], OPEN_ORDERS)
    begin = of.first_order[i, n, r]
    for k in range(begin, of.end_order[i, n, r]):
        day, waited = int64(of.arrives[k]), int64(of.waited[k])
        if day < 0:
            day = int64(0)  # overdue: it should have been here
            if waited <= longest:
                least = uint64(tables.breaks[first + waited - 1])  # a draw from here on has a lead time so long
                u = uint32(least + ((uint64(uniform(key_a, key_b, k - begin)) * (uint64(FULL) - least)) >> uint64(32)))
                days = value_of(tables.guide, tables.breaks, tables.first_break, tables.place[table], table, u)
                day = int64(days) - waited
        if day < world.horizon:
            b.arriving[n, day & of.mask[n], lane] += of.quantity[k]


@part
def first_reviews(b, world, n):
    """Lanes that are reviewed together have one next review, that of the first; where it differs they are not."""
    together = True
    for lane in range(WIDTH):
        together &= b.wait[n, lane] == b.wait[n, 0]
    b.same_review[n] &= together
    b.next_review[n] = world.opening_state.first_day + b.wait[n, 0]


@part
def first_week(world):
    """The week in which the run begins."""
    week = 0
    if world.opening_state.resumed:
        week = world.opening_state.first_day // 7
    return week


@part
def begin(b, world, before):
    """What stands in the books as the run begins."""
    before[:] = 0
    if world.opening_state.used:
        for n in range(len(world.parent)):
            lanes.copy(b.cells[n, ON_ORDER], before[n, 3])


@part
def end_the_run(b, world):
    """What stands in the books as the run ends."""
    for n in range(len(world.parent)):
        if b.present[n] != WITHOUT:
            write_state(b.cells[n], b.totals[n], CLOSING)
            derive_received(b.totals[n], world.horizon - world.warm_up)
            steps_at("run_ends", b, world, n)


@helper
def write_state(cell, totals, first):
    """What is there, on order, promised and on record."""
    for lane in range(WIDTH):
        totals[first, lane] = cell[ON_HAND, lane]
        totals[first + 1, lane] = cell[ON_ORDER, lane]
        totals[first + 2, lane] = cell[WAITING, lane] + cell[OWING, lane]
        totals[first + 3, lane] = cell[ON_HAND, lane]


@helper
def derive_received(totals, exact_days):
    """What was on order or ordered, and is neither cancelled nor on order still, has been received.

    The record is exact on all days, where nothing makes it differ from the stock.
    """
    for lane in range(WIDTH):
        totals[EXACT, lane] += exact_days
        came = totals[OPENING + 1, lane] + totals[ORDERED, lane] - totals[CANCELLED, lane]
        totals[RECEIVED, lane] = came - totals[CLOSING + 1, lane]
