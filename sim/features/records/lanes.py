"""Records that may differ from the stock, in the kernel: the steps of the event engine (`steps`), over the loops of
`loops`."""

from __future__ import annotations

from numba import int32, int64, uint64

from restock.sim.compiling.marks import called_part, helper, part
from restock.sim.engines.kernel import faults, lanes, week_lanes
from restock.sim.engines.kernel.day import promised
from restock.sim.engines.kernel.layout import (
    ASKED,
    BOOK_ROWS,
    CLOSING,
    COUNT_EVERY,
    COUNTS,
    DAY_ROWS,
    ERROR,
    EXACT,
    FOUND,
    FROZEN,
    GOT,
    MISSING,
    NEXT_COUNT,
    ON_HAND,
    ON_ORDER,
    OPENING,
    PHANTOM,
    PROMISED_SEEN,
    SALES,
    SEEN_SOLD,
    SHRUNK,
    UNSOLD,
    UNSOLD_MOST,
    WIDTH,
    WRITTEN_OFF,
)
from restock.sim.engines.kernel.rows import CELL, I4, I8, KEYS, LANE, SITE, U4, U8, WITHOUT, Row, how_many
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.records import loops as record_loops
from restock.sim.model.opening.cell_fields import STATE_ON_HAND, STATE_RECEIVED, STATE_RECORD, STATE_SOLD_SEEN
from restock.sim.model.unit_limits import FAULT_KIND, NO_FAULT, RECORD_OFF
from restock.sim.probability.guide_tables import FULL
from restock.sim.probability.keyed_draws import COUNTING, SHRINKAGE, day_index, stream_key


@called_part
def load_records(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Count days, losses, and the book as it opens."""
    of = world.features.records
    b.books[:] = 0
    b.gaps[:] = 0
    b.loses[:] = 0
    for n in range(len(world.parent)):
        b.next_count[n] = world.horizon
        for lane in range(WIDTH if b.present[n] > 0 else 0):
            u = first_lane + min(lane, lanes_used - 1)
            i, replication = first_item + u // replications, first_replication + u % replications
            site, item = world.site_key[n], world.item_key[i]
            b.books[n, NEXT_COUNT, lane] = of.first_count[i, n]
            b.books[n, COUNT_EVERY, lane] = of.count_every[i, n]
            b.next_count[n] = min(b.next_count[n], int64(of.first_count[i, n]))
            asks = world.demand_table[i, n] >= 0 or world.history_row[i, n] >= 0
            most = of.count_unsold_after if asks and of.count_unsold_after > 0 else 2**30
            b.books[n, UNSOLD_MOST, lane] = most
            table = of.shrink_table[i, n]
            b.loses[n] += table > 0
            b.loss_table[n, lane] = table
            b.loss_place[n, lane] = world.tables.place[table]
            first = world.tables.first_break[table]
            points = world.tables.first_break[table + 1] - first
            for k in range(4):
                b.few[n, k, lane] = world.tables.breaks[first + k] if k < points else FULL - 1
            b.loss_key[n, 0, lane], b.loss_key[n, 1, lane] = stream_key(seed, replication, site, item, SHRINKAGE)
            if of.count_error > 0:
                b.count_key[n, 0, lane], b.count_key[n, 1, lane] = stream_key(seed, replication, site, item, COUNTING)
            if world.opening_state.used:
                open_book(b, world, n, lane, i, replication)
        b.loses[n] = how_many(b.loses[n])


@called_part
def open_book(b, world, n, lane, i, replication):
    """A state may have a record that differs from the stock; a run that goes on has books."""
    r = min(replication, world.opening_state.cells.shape[2] - 1)
    state = world.opening_state.cells[i, n, r]
    b.gaps[n, 6, lane] = state[STATE_RECORD] - state[STATE_ON_HAND]
    b.books[n, GOT, lane] = state[STATE_RECEIVED]
    b.books[n, SEEN_SOLD, lane] = state[STATE_SOLD_SEEN]
    if world.opening_state.resumed:
        b.books[n, UNSOLD, lane] = world.features.records.days_unsold[i, n, r]


@called_part
def week_losses(b, world, n, week):
    """What could be lost on the week's days at one site."""
    if b.loses[n] == WITHOUT:
        return
    tables, few, losses = world.tables, b.few[n], b.loss_weeks[n]
    week_lanes.draw_week(b.loss_key[n, 0], b.loss_key[n, 1], week, b.draws)
    if record_loops.lose(few[0], few[1], few[2], few[3], b.draws, losses):
        record_loops.lose_more(
            tables.guide, tables.breaks, tables.first_break, b.loss_place[n], b.loss_table[n], b.draws, losses
        )


@part
def shrinkage(b, n, today):
    """Units are lost unseen; `b.found` is how far records are off, or-ed together."""
    gap, gap_before = b.gaps[n, today], b.gaps[n, (today + uint64(6)) % uint64(7)]
    if b.loses[n] != WITHOUT:
        b.found[0] |= record_loops.shrink(b.losses[n, today], b.cells[n, ON_HAND], gap_before, gap, b.week[n, SHRUNK])
    else:
        lanes.copy(gap_before, gap)


@part
def look_at_records(b, world, n, day, today):
    """Records so far off that 32 bits might not hold them end the run; `b.found` is then -1, and 0 if they do not."""
    off = b.found[0]
    if faults.beyond(off, world.most_units):
        faults.look(b.fault, RECORD_OFF, n, day, -world.most_units, world.most_units, b.stocked[n], b.gaps[n, today])
        off = int32(0) if b.fault[FAULT_KIND] == NO_FAULT else int32(-1)
    b.found[0] = off


@part
def counting(b, world, n, day, today):
    """Cells are counted by the calendar, or for what happened."""
    of = world.features.records
    cell, book, week, gap = b.cells[n], b.books[n], b.week[n], b.gaps[n, today]
    everyone = of.full_count_every > 0 and (int64(day) + 1) % of.full_count_every == 0
    walks = of.walks and (b.sells[n] != WITHOUT or b.plays[n] != WITHOUT)
    b.any_counted[n] = 0
    if not (everyone or walks or int64(day) >= b.next_count[n]):
        return
    b.next_count[n] = record_loops.fall_to_count(
        int32(day), int32(everyone), book[NEXT_COUNT], book[COUNT_EVERY], b.counted[n]
    )
    if walks:
        record_loops.walk(
            b.days[n, today * DAY_ROWS + ASKED],
            b.days[n, today * DAY_ROWS + MISSING],
            cell[ON_HAND],
            gap,
            book[UNSOLD],
            book[UNSOLD_MOST],
            int32(of.zero_balance_walk),
            b.counted[n],
        )
    error = b.nothing
    if of.count_error > 0:
        error = b.error
        record_loops.miscount(
            b.count_key[n, 0],
            b.count_key[n, 1],
            day_index(int64(day)),
            of.count_error,
            cell[ON_HAND],
            error,
        )
    b.any_counted[n] = record_loops.count(b.counted[n], error, gap, week[COUNTS], week[WRITTEN_OFF], week[FOUND])


@part
def review_of_record(b, world, n, day, today, quantity, review):
    """What automation sees is the record as it stands."""
    cell, seen = b.cells[n], b.seen
    backlog = promised(b, world, n)
    record_loops.believe(
        cell[ON_HAND], b.gaps[n, today], cell[ON_ORDER], cell[SALES], seen[ON_HAND], seen[ON_ORDER], seen[SALES]
    )
    review(seen, backlog, b.levels[n], b.rule_of[n], b.memory[n], int64(day) - world.warm_up, quantity)
    if b.same_review[n]:
        lanes.clear(cell[SALES])
    else:
        lanes.only_due(b.due, quantity, cell[SALES])


@part
def view_of_record(b, world, n, today):
    """The same in the rows of a view."""
    cell, view = b.cells[n], b.view
    record_loops.believe(
        cell[ON_HAND], b.gaps[n, today], cell[ON_ORDER], cell[SALES], view[ON_HAND], view[ON_ORDER], view[SALES]
    )
    lanes.copy(promised(b, world, n), view[PROMISED_SEEN])


@part
def sum_up_records(b, n, days):
    """How far the record was off on the week's days."""
    week = b.week[n]
    if days < 7:
        b.gaps[n, days:] = 0
    record_loops.sum_records(
        b.weeks[n], b.gap_weeks[n], int32(7 - days), week[EXACT], week[ERROR], week[PHANTOM], week[FROZEN]
    )


@part
def opening_record(b, n):
    """The record when measuring starts."""
    write_record(b.gaps[n, 6], b.totals[n], OPENING)


@part
def closing_record(b, world, n):
    """The record at the end; the days on which it was exact are those that were summed."""
    write_record(b.gaps[n, (world.horizon - 1) % 7], b.totals[n], CLOSING)
    only_summed(b.totals[n, EXACT], world.horizon - world.warm_up)


@helper
def write_record(gap, totals, first):
    for lane in range(WIDTH):
        totals[first + 3, lane] += gap[lane]


@helper
def only_summed(exact_days, days):
    for lane in range(WIDTH):
        exact_days[lane] -= days


LANES = {
    "records": Lanes(
        "features.records.lanes",
        {
            "load": ("load_records",),
            "week_drawn": ("week_losses",),
            "lost": ("shrinkage",),
            "closed": ("look_at_records",),
            "counted": ("counting",),
            "view": ("view_of_record",),
            "review": ("review_of_record",),
            "usual_review": ("review_of_record",),
            "week_ends": ("sum_up_records",),
            "measuring_starts": ("opening_record",),
            "run_ends": ("closing_record",),
        },
        rows={
            "books": Row(("site", BOOK_ROWS, "lane"), I4, "see `engines.kernel.layout.BOOK_ROWS`"),
            "gaps": Row(("site", 7, "lane"), I4, "by day of the week: record less stock, after counting"),
            "gap_weeks": Row(("site", 7 * WIDTH), I4, "by day and lane", "gaps"),
            "losses": Row(("site", 7, "lane"), I4, "by day of the week: drawn for the week"),
            "loss_weeks": Row(("site", 7 * WIDTH), I4, "by day and lane", "losses"),
            "loss_key": Row(KEYS, U8, "of draws of losses"),
            "count_key": Row(KEYS, U8, "of draws of wrong counts"),
            "loss_table": Row(CELL, I4, "table of losses"),
            "loss_place": Row(CELL, I8, "where it lies"),
            "few": Row(("site", 4, "lane"), U4, "the first break points of the table"),
            "loses": Row(SITE, I8, "how many lanes lose anything"),
            "any_counted": Row(SITE, I8, "1: some lane was counted today"),
            "next_count": Row(SITE, I8, "the first day on which a lane is counted by the calendar"),
            "seen": Row((3, "lane"), I4, "what a policy sees, in the places of ON_HAND, ON_ORDER, SALES"),
            "counted": Row(CELL, I4, "1: counted today"),
            "error": Row(LANE, I4, ""),
        },
    ),
}
