"""Records that are seen late, in the kernel: postings, and what a policy sees of them (beside `lanes`)."""

from __future__ import annotations

from numba import int32, int64, uint64

from restock.sim.compiling.marks import called_part, part
from restock.sim.engines.kernel import faults, lanes
from restock.sim.engines.kernel.day import promised
from restock.sim.engines.kernel.layout import (
    BACK,
    BACK_POSTED,
    GOT,
    ON_HAND,
    ON_ORDER,
    PAST_DAYS,
    PAST_ROWS,
    POSTED,
    PROMISED,
    PROMISED_SEEN,
    RECEIVED_,
    RECORD,
    SALES,
    SEEN_SOLD,
    SOLD,
    WIDTH,
)
from restock.sim.engines.kernel.rows import I4, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.records import loops as record_loops
from restock.sim.model.opening.cell_fields import STATE_RECORD, STATE_WAITING
from restock.sim.model.unit_limits import FAULT_KIND, LARGE_SEEN_ON_ORDER, NO_FAULT


@called_part
def load_past(b, world, first_lane, lanes_used, first_replication, replications, first_item):
    """Where the book is seen late: days before the start show the opening state."""
    b.past[:] = 0
    for n in range(len(world.parent)):
        for lane in range(WIDTH if b.present[n] > 0 else 0):
            u = first_lane + min(lane, lanes_used - 1)
            i = first_item + u // replications
            for day in range(PAST_DAYS):
                b.past[n, day, RECORD, lane] = world.opening[i, n]
                if world.opening_state.used:
                    open_past(b, world, n, day, lane, i, first_replication + u % replications)


@part
def open_past(b, world, n, day, lane, i, replication):
    """The book that a state opens with; of a run that goes on, its last postings."""
    r = min(replication, world.opening_state.cells.shape[2] - 1)
    b.past[n, day, RECORD, lane] = world.opening_state.cells[i, n, r, STATE_RECORD]
    b.past[n, day, PROMISED, lane] = world.opening_state.cells[i, n, r, STATE_WAITING]
    if world.opening_state.resumed:
        for row in range(PAST_ROWS):
            b.past[n, day, row, lane] = world.features.records.past[i, n, r, day, row]


@part
def note_receipts(b, n, day, mask):
    """What comes this morning is booked as received."""
    lanes.add(b.arriving[n, day & mask], b.books[n, GOT])


@part
def post(b, world, n, day, today):
    """Where the book is seen late: it is posted tonight, or stays as it was but where a count was made."""
    of = world.features.records
    now, before = b.past[n, day % uint64(PAST_DAYS)], b.past[n, (day + uint64(PAST_DAYS - 1)) % uint64(PAST_DAYS)]
    posts, counted = (int64(day) + 1) % of.reconcile_every == 0, b.any_counted[n]
    if posts or counted:
        cell, gap = b.cells[n], b.gaps[n, today]
        backlog = promised(b, world, n)
        record_loops.post(
            int32(day) + int32(1),
            cell[ON_HAND],
            gap,
            backlog,
            cell[SALES],
            b.books[n, GOT],
            now[RECORD],
            now[PROMISED],
            now[SOLD],
            now[RECEIVED_],
            now[POSTED],
        )
    if len(b.lessons) > 0:
        lanes.copy(b.lessons[n, BACK], now[BACK_POSTED])
    for row in range(PAST_ROWS):
        if not posts and counted:
            record_loops.copy_where(b.counted[n], int32(0), before[row], now[row])
        elif not posts:
            lanes.copy(before[row], now[row])


@part
def look_at_late_record(b, world, n, day, seen):
    """The book as posted some evenings ago, and all orders but those posted as received, in rows of what is seen.

    What it has on order is bounded, and with it what was received and sold and is not seen yet: `b.found` is -1
    where it is too much.
    """
    of = world.features.records
    book, then = b.books[n], b.past[n, (day + uint64(PAST_DAYS - of.lag)) % uint64(PAST_DAYS)]
    found = record_loops.look_back(
        then[RECORD],
        then[SOLD],
        then[RECEIVED_],
        book[GOT],
        book[SEEN_SOLD],
        b.cells[n, ON_ORDER],
        seen[ON_HAND],
        seen[ON_ORDER],
        seen[SALES],
    )
    if faults.beyond(found, world.most_units):
        due = b.stocked[n] if b.same_review[n] else b.due
        faults.look(b.fault, LARGE_SEEN_ON_ORDER, n, day, 0, world.most_units, due, seen[ON_ORDER])
        if b.fault[FAULT_KIND] != NO_FAULT:
            b.found[0] = -1


@part
def late_sales_seen(b, world, n, day, quantity):
    """A review has seen the sales that were posted; lanes that are not due order nothing."""
    then = b.past[n, (day + uint64(PAST_DAYS - world.features.records.lag)) % uint64(PAST_DAYS)]
    if b.same_review[n]:
        lanes.copy(then[SOLD], b.books[n, SEEN_SOLD])
    else:
        record_loops.copy_where(b.due, int32(1), then[SOLD], b.books[n, SEEN_SOLD])
        lanes.only_due(b.due, quantity, b.spare)


@part
def review_of_late_record(b, world, n, day, quantity, review):
    """What automation sees is a late book."""
    then = b.past[n, (day + uint64(PAST_DAYS - world.features.records.lag)) % uint64(PAST_DAYS)]
    look_at_late_record(b, world, n, day, b.seen)
    review(b.seen, then[PROMISED], b.levels[n], b.rule_of[n], b.memory[n], int64(day) - world.warm_up, quantity)
    late_sales_seen(b, world, n, day, quantity)


@part
def view_of_late_record(b, world, n, day):
    """The same in the rows of a view."""
    then = b.past[n, (day + uint64(PAST_DAYS - world.features.records.lag)) % uint64(PAST_DAYS)]
    look_at_late_record(b, world, n, day, b.view)
    lanes.copy(then[PROMISED], b.view[PROMISED_SEEN])


LANES = {
    "late_records": Lanes(
        "features.records.late_lanes",
        {
            "load": ("load_past",),
            "arrived": ("note_receipts",),
            "posted": ("post",),
            "view": ("view_of_late_record",),
            "review": ("review_of_late_record",),
            "usual_review": ("review_of_late_record",),
            "sales_seen": ("late_sales_seen",),
        },
        rows={
            "past": Row(
                ("site", PAST_DAYS, PAST_ROWS, "lane"), I4, "by day & 7: see `engines.kernel.layout.PAST_ROWS`"
            ),
        },
    ),
}
