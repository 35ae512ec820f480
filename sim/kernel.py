"""The kernel engine: the same day, compiled, for blocks of lanes. A lane is one (replication, item).

Read `one_day` first, at the end: it is the sequence of a day. Topology, calendars and kinds of policy are decided here,
outside the loops over lanes, which are the functions of `sim.lanes` and `sim.lane_records`. What is cheaper done once a
week (demand draws, adding the week up) is in `sim.weeks`; `sim.shard` runs blocks of lanes through all weeks.
"""

from __future__ import annotations

from numba import int32, int64, uint32, uint64

from sim import closing, lane_records, lanes, learning
from sim.block import WITHOUT
from sim.jit import spliced
from sim.layout import (
    ASKED,
    BACK,
    BACK_POSTED,
    BACKORDERS,
    CAME_TODAY,
    CANCELLED,
    COUNT_EVERY,
    COUNTS,
    CYCLE,
    DAY_ROWS,
    DEMAND_,
    DEMAND_DAYS,
    FILLED,
    FOUND,
    GOT,
    LOST,
    LOST_TODAY,
    MISSING,
    MOVE_ROWS,
    NEXT_COUNT,
    ON_HAND,
    ON_ORDER,
    ORDERS_BELOW,
    ORDINAL,
    OVERBOOKED,
    OWED,
    OWED_,
    OWING,
    PAST_DAYS,
    PAST_ROWS,
    PIPELINE,
    POSTED,
    PROMISED,
    QUANTITY,
    RECEIVED_,
    RECORD,
    REFUSED,
    SALES,
    SEEN_SOLD,
    SERVED,
    SHIPPED,
    SHIPPED_TODAY,
    SHIPPING,
    SHRUNK,
    SOLD,
    SOLD_BEFORE,
    SOLD_TODAY,
    STOCK,
    STOCKOUT_DAYS,
    UNDERBOOKED,
    UNSOLD,
    UNSOLD_MOST,
    WAITING,
    WIDTH,
    WRITTEN_OFF,
)
from sim.randomness import day_index
from sim.rationing import ration
from sim.tables import value_of


@spliced
def set_out(b, world, n, last_night, yesterday, mask):
    """What was shipped to this site last night is on its way, and arrives after its lead time."""
    above = world.parent[n]
    rationed = above >= 0 and b.shares[above] > 0
    if not (rationed or b.ordered[n] > 0):
        return
    shipping = b.cells[n, SHIPPING] if rationed else b.days[n, yesterday * DAY_ROWS + QUANTITY]
    tables, draws, table = world.tables, b.draws[:WIDTH], uint64(b.lead[n, 0])
    first = uint64(tables.first_break[table])
    longest = uint64(tables.first_break[table + 1]) - first
    if b.same_lead[n] and tables.breaks[first + longest - 1] == 0:
        lanes.travel_constant(shipping, b.arriving[n, (last_night + longest) & mask])
        return
    if world.lead_by_day:
        lanes.lead_draws_by_day(b.lead_key[n, 0], b.lead_key[n, 1], day_index(int64(last_night)), draws)
    else:
        lanes.lead_draws_by_order(b.lead_key[n, 0], b.lead_key[n, 1], shipping, b.cells[n, ORDINAL], draws)
    if b.same_lead[n] and longest <= 16:
        low = uint32(0)
        for value in range(longest):
            after = tables.breaks[first + value]
            if after > low:
                row = b.arriving[n, (last_night + value) & mask]
                lanes.travel_between(shipping, draws, low, uint32(after - low), row)
                low = after
        lanes.travel_between(
            shipping, draws, low, uint32(uint32(0) - low), b.arriving[n, (last_night + longest) & mask]
        )
        return
    for lane in range(WIDTH):
        if shipping[lane] > 0:
            table = uint64(b.lead[n, lane])
            days = value_of(tables.guide, tables.breaks, tables.first_break, tables.place[table], table, draws[lane])
            b.arriving[n, (last_night + uint64(days)) & mask, lane] += shipping[lane]


@spliced
def morning_and_trading(b, world, n, day, today, mask):
    """Deliveries, then backorders, then the day's customers."""
    cell = b.cells[n]
    if world.special:
        note_morning(b, world, n, day, today, mask)
    lanes.receive(b.arriving[n, day & mask], cell[ON_HAND], cell[ON_ORDER], cell[CYCLE])
    if b.sells[n] == WITHOUT and b.plays[n] == WITHOUT:
        return
    unmet, week = b.days[n, today * DAY_ROWS + MISSING], b.week[n]
    if world.special:
        if world.cost_flow:
            lanes.copy(cell[ON_HAND], b.moves[n, today * MOVE_ROWS + SOLD_TODAY])
        if world.goods.returns or world.goods.seasons:
            closing.note_served(b, n)
    if b.backorders[0] != WITHOUT:
        lanes.serve_waiting(cell[ON_HAND], cell[WAITING], cell[SALES], week[SERVED])
    lanes.trade(b.days[n, today * DAY_ROWS + ASKED], cell[ON_HAND], unmet, cell[SALES], cell[CYCLE])
    if b.backorders[0] != WITHOUT:
        lanes.wait_or_lose(unmet, b.share, b.unmet_key[n, 0], b.unmet_key[n, 1], day_index(int64(day)),
                           cell[WAITING], week[LOST])  # fmt: skip
        lanes.add(cell[WAITING], week[BACKORDERS])
    if world.special and world.cost_flow:
        lanes.less(b.moves[n, today * MOVE_ROWS + SOLD_TODAY], cell[ON_HAND])


@spliced
def note_morning(b, world, n, day, today, mask):
    """What comes this morning, and what was sold before, for those who want to know it later in the day."""
    if world.delayed:
        lanes.add(b.arriving[n, day & mask], b.books[n, GOT])
    if world.receipts_misscanned > 0 or world.goods.shelf:
        lanes.copy(b.arriving[n, day & mask], b.came)
    if world.sales_misscanned > 0:
        lanes.copy(b.cells[n, SALES], b.sold_before)
    if world.cost_flow:
        lanes.copy(b.arriving[n, day & mask], b.moves[n, today * MOVE_ROWS + CAME_TODAY])


@spliced
def closing_and_counting(b, world, n, day, today):
    """Goods come back, are lost, cleared and thrown away; then cells are counted. Returns 1 if one was."""
    if world.goods.returns or world.goods.seasons:
        closing.customers(b, world, n, day, today)
    if world.cost_flow:
        lanes.copy(b.cells[n, ON_HAND], b.moves[n, today * MOVE_ROWS + LOST_TODAY])
    if world.records:
        shrinkage(b, world, n, day, today)
    if world.goods.seasons and int64(day) >= b.first_end[0]:
        closing.clearance(b, n, day)
    if world.goods.shelf:
        closing.expiry(b, world, n, day)
    if world.cost_flow:
        lanes.less(b.moves[n, today * MOVE_ROWS + LOST_TODAY], b.cells[n, ON_HAND])
    counted = int32(0)
    if world.records:
        counted = counting(b, world, n, day, today)
    return counted


@spliced
def shrinkage(b, world, n, day, today):
    """Units are lost unseen, or were scanned wrongly."""
    cell, gap, gap_before = b.cells[n], b.gaps[n, today], b.gaps[n, (today + uint64(6)) % uint64(7)]
    if b.loses[n] != WITHOUT:
        lane_records.shrink(b.losses[n, today], cell[ON_HAND], gap_before, gap, b.week[n, SHRUNK])
    else:
        lanes.copy(gap_before, gap)
    if world.receipts_misscanned > 0:
        lane_records.misscan(b.came, b.nothing, world.receipts_misscanned, b.scan_key[n, 0], b.scan_key[n, 1], day, 1,
                             gap, b.misscanned, b.extra[n, OVERBOOKED], b.extra[n, UNDERBOOKED])  # fmt: skip
    if world.sales_misscanned > 0 and (b.sells[n] != WITHOUT or b.plays[n] != WITHOUT):
        lane_records.misscan(cell[SALES], b.sold_before, world.sales_misscanned, b.scan_key[n, 2], b.scan_key[n, 3],
                             day, 0, gap, b.misscanned, b.extra[n, OVERBOOKED], b.extra[n, UNDERBOOKED])  # fmt: skip
        lanes.add(b.misscanned, cell[SALES])


@spliced
def counting(b, world, n, day, today):
    """Cells are counted by the calendar, or for what happened. Returns 1 if one was."""
    cell, book, week, gap = b.cells[n], b.books[n], b.week[n], b.gaps[n, today]
    everyone = world.full_count_every > 0 and (int64(day) + 1) % world.full_count_every == 0
    walks = world.walks and (b.sells[n] != WITHOUT or b.plays[n] != WITHOUT)
    if not (everyone or walks or int64(day) >= b.next_count[n]):
        return int32(0)
    b.next_count[n] = lane_records.fall_to_count(
        int32(day), int32(everyone), book[NEXT_COUNT], book[COUNT_EVERY], b.counted
    )
    if walks:
        lane_records.walk(
            b.days[n, today * DAY_ROWS + ASKED],
            b.days[n, today * DAY_ROWS + MISSING],
            cell[ON_HAND],
            gap,
            book[UNSOLD],
            book[UNSOLD_MOST],
            int32(world.zero_balance_walk),
            b.counted,
        )
    error = b.nothing
    if world.count_error > 0:
        error = b.error
        lane_records.miscount(
            b.count_key[n, 0], b.count_key[n, 1], day_index(int64(day)), world.count_error, cell[ON_HAND], error
        )
    return lane_records.count(b.counted, error, gap, week[COUNTS], week[WRITTEN_OFF], week[FOUND])


@spliced
def night(b, world, n, day, today):
    """A serving site takes all orders of the sites below, shares what it has, and ships."""
    cell, week = b.cells[n], b.week[n]
    short = lanes.owe(b.orders[n], cell[OWING], cell[ON_HAND], b.total)
    b.shares[n] = short | b.owes[n]
    if b.shares[n] > 0:
        children = world.child[world.first_child[n] : world.first_child[n + 1]]
        for c in children:
            if b.present[c] != WITHOUT:
                lanes.collect(b.days[c, today * DAY_ROWS + QUANTITY], b.cells[c, OWED], b.cells[c, SHIPPING])
        if short:
            ration(world.allocation[n], int64(day), n, children, b.cells, b.total, b.rates, b.keys, b.cover, b.heap)
        for c in children:
            if b.present[c] != WITHOUT:
                lanes.hand_over(b.cells[c, OWED], b.cells[c, SHIPPING])
                if world.cancels[n]:
                    lanes.cancel(
                        b.cells[c, OWED],
                        b.cells[c, ON_ORDER],
                        b.days[c, today * DAY_ROWS + PIPELINE],
                        b.week[c, CANCELLED],
                    )
    if world.cost_flow:
        lanes.copy(cell[ON_HAND], b.moves[n, today * MOVE_ROWS + SHIPPED_TODAY])
    b.owes[n] = lanes.send_off(b.total, b.orders[n], cell[ON_HAND], cell[OWING], cell[SALES], cell[CYCLE], b.spare,
                               week[FILLED], week[REFUSED], week[SERVED], week[SHIPPED], world.cancels[n])  # fmt: skip
    if world.cost_flow:
        lanes.less(b.moves[n, today * MOVE_ROWS + SHIPPED_TODAY], cell[ON_HAND])
    lanes.note_orders(b.orders[n], b.spare, b.days[n, today * DAY_ROWS + ASKED], b.days[n, today * DAY_ROWS + MISSING],
                      week[DEMAND_], week[DEMAND_DAYS], week[STOCKOUT_DAYS])  # fmt: skip
    lanes.add(cell[OWING], week[OWED_])
    if len(b.lessons) > 0:
        lanes.copy(b.orders[n], b.lessons[n, ORDERS_BELOW])
    lanes.clear(b.orders[n])


@spliced
def promised(b, world, n):
    """What customers wait for and what is owed to the sites below: rows of their own only where there are both."""
    cell, backlog = b.cells[n], b.nothing
    if world.first_child[n + 1] > world.first_child[n]:
        backlog = b.backlog
        lanes.sum_of(cell[WAITING], cell[OWING], backlog)
    elif b.backorders[0] != WITHOUT:
        backlog = cell[WAITING]
    return backlog


@spliced
def post(b, world, n, day, today, counted, backlog):
    """Where the book is seen late: it is posted tonight, or stays as it was but where a count was made."""
    now, before = b.past[n, day % uint64(PAST_DAYS)], b.past[n, (day + uint64(PAST_DAYS - 1)) % uint64(PAST_DAYS)]
    posts = (int64(day) + 1) % world.reconcile_every == 0
    if posts or counted:
        cell, gap = b.cells[n], b.gaps[n, today]
        lane_records.post(
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
            lane_records.copy_where(b.counted, int32(0), before[row], now[row])
        elif not posts:
            lanes.copy(before[row], now[row])


@spliced
def review_of_record(b, world, n, day, today, review, quantity, backlog):
    """A review by what the policy believes, where that is more than the stock's own row."""
    cell, seen = b.cells[n], b.seen
    if world.delayed:
        book, then = b.books[n], b.past[n, (day + uint64(PAST_DAYS - world.lag)) % uint64(PAST_DAYS)]
        lane_records.look_back(
            then[RECORD],
            then[SOLD],
            then[RECEIVED_],
            book[GOT],
            book[SEEN_SOLD],
            cell[ON_ORDER],
            seen[ON_HAND],
            seen[ON_ORDER],
            seen[SALES],
        )
        review(seen, then[PROMISED], b.levels[n], b.rule_of[n], b.memory[n], int64(day), quantity)
        if b.same_review[n]:
            lanes.copy(then[SOLD], book[SEEN_SOLD])
        else:
            lane_records.copy_where(b.due, int32(1), then[SOLD], book[SEEN_SOLD])
    else:
        lane_records.believe(
            cell[ON_HAND], b.gaps[n, today], cell[ON_ORDER], cell[SALES], seen[ON_HAND], seen[ON_ORDER], seen[SALES]
        )
        review(seen, backlog, b.levels[n], b.rule_of[n], b.memory[n], int64(day), quantity)


@spliced
def think(b, world, plan, n, day, today, review, learn, counted, is_due, quantity):
    """A review where the book is not simply the stock, or where the policy learns or has levels that change by day.

    Returns 1 if learning failed.
    """
    failed = int32(0)
    cell, backlog, learns = b.cells[n], b.nothing, len(b.lessons) > 0
    if is_due or learns or world.delayed:
        backlog = promised(b, world, n)
    if world.delayed:
        post(b, world, n, day, today, counted, backlog)
    if len(b.level_rows) > 0 and (is_due or learns):
        learning.levels_of_today(b, plan, n, day)
    if learns:
        failed = learning.evening_lesson(b, world, plan, n, day, today, learn, backlog)
    if is_due:
        if world.records:
            review_of_record(b, world, n, day, today, review, quantity, backlog)
        else:
            review(cell, backlog, b.levels[n], b.rule_of[n], b.memory[n], int64(day), quantity)
        if not b.same_review[n]:
            lanes.only_due(b.due, quantity, b.spare if world.delayed else cell[SALES])
        elif not world.delayed:
            lanes.clear(cell[SALES])
    if learns and not world.delayed:
        lanes.copy(cell[SALES], b.lessons[n, SOLD_BEFORE])
    return failed


@spliced
def evening(b, world, plan, n, day, today, review, learn, counted):
    """Review: the policy's rule gives an order; packs, minimum orders and the calendar are the simulator's."""
    cell, quantity = b.cells[n], b.days[n, today * DAY_ROWS + QUANTITY]
    if b.same_review[n]:
        is_due = int64(day) >= b.next_review[n] and ((b.order_days[n, 0] >> int32(today)) & 1) > 0
        if is_due:
            b.next_review[n] = int64(day) + b.period[n, 0]
    else:
        is_due = lanes.fall_due(b.wait[n], b.period[n], b.order_days[n], int32(today), b.due) > 0
    failed = int32(0)
    if world.special or len(b.lessons) > 0 or len(b.level_rows) > 0:
        failed = think(b, world, plan, n, day, today, review, learn, counted, is_due, quantity)
    elif is_due:
        review(cell, promised(b, world, n), b.levels[n], b.rule_of[n], b.memory[n], int64(day), quantity)
        if b.same_review[n]:
            lanes.clear(cell[SALES])
        else:
            lanes.only_due(b.due, quantity, cell[SALES])
    if not is_due:
        lanes.clear(quantity)
    elif b.packs[n] > 0:
        lanes.fill_packs(quantity, b.pack[n], b.minimum_order[n])
    if is_due and world.special and world.goods.seasons:
        closing.buying_window(b, world, n, day, quantity)
    above = world.parent[n]
    found = lanes.order_and_close(
        quantity, cell[ON_HAND], cell[ON_ORDER], b.days[n, today * DAY_ROWS + STOCK],
        b.days[n, today * DAY_ROWS + PIPELINE], b.orders[above] if above >= 0 else b.spare,
    )  # fmt: skip
    b.ordered[n] = found & 1
    return found >> 1 | failed


@spliced
def one_day(b, world, plan, day, today, review, learn, masks):
    """The day, from the bottom tier up: deliveries and trading; shipping to the sites below; ordering.

    A site is visited once a day, so that a chain of a thousand stores passes through the cache once. Nothing is lost
    by that: what a site does by day concerns no other, orders go up in the evening, and what is shipped at night
    arrives another morning.
    """
    wrong = int32(0)
    for k in range(len(world.bottom_up)):
        n = uint64(world.bottom_up[k])
        if b.present[n] != WITHOUT:
            mask = uint64(masks[n])
            if day > 0:
                set_out(b, world, n, day - 1, uint64((today + 6) % 7), mask)
            morning_and_trading(b, world, n, day, today, mask)
            counted = int32(0)
            if world.special:
                counted = closing_and_counting(b, world, n, day, today)
            if world.first_child[n + 1] > world.first_child[n]:
                night(b, world, n, day, today)
            wrong |= evening(b, world, plan, n, day, today, review, learn, counted)
    return wrong
