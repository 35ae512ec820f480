"""The kernel engine: the same day, compiled, for blocks of lanes. A lane is one (replication, item).

Read `one_day` first: it is the sequence of a day. `simulate_block` runs a block of lanes through all weeks; a
week is seven days plus what is cheaper done once a week (demand draws, adding the week up). Topology, calendars
and kinds of policy are decided outside the loops over lanes, which are the functions of `sim.lanes`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int32, int64, types, uint32, uint64, void

from sim import lanes
from sim.block import TOGETHER, WITHOUT, load
from sim.jit import entry_point, helper, spliced
from sim.lanes import (
    ASKED,
    COUNT_EVERY,
    CYCLE,
    DAY_ROWS,
    GOT,
    MISSING,
    NEXT_COUNT,
    ON_HAND,
    ON_ORDER,
    ORDINAL,
    OWED,
    OWING,
    PAST_DAYS,
    PIPELINE,
    PROMISED,
    QUANTITY,
    RECEIVED_,
    RECORD,
    SALES,
    SEEN_SOLD,
    SHIPPING,
    SOLD,
    STOCK,
    UNSOLD,
    UNSOLD_MOST,
    WAITING,
    WIDTH,
)
from sim.randomness import day_index, uniform
from sim.rationing import ration
from sim.tables import value_of

(DEMAND_, FILLED, LOST, REFUSED, SERVED, RECEIVED, SHIPPED, ORDERED, CANCELLED, ORDERS, ON_HAND_, ON_ORDER_, BACKORDERS,
 OWED_, OVERSTOCK, DEMAND_DAYS, STOCKOUT_DAYS, READY_DAYS, CYCLES, CYCLES_IN_STOCK, SHRUNK, COUNTS, WRITTEN_OFF, FOUND,
 EXACT, ERROR, PHANTOM, FROZEN, DEMAND_SQUARED, ORDERED_SQUARED, OPENING) = range(31)  # fmt: skip
"""Columns of `sim.ledger.COLUMNS`, in its order."""
DAILY = DEMAND_SQUARED  # columns that are sums of daily figures
CLOSING = OPENING + 4
COUNT = CLOSING + 4
REPLAY = 1
WEEKS_SUMMED = 8  # weeks whose daily figures are summed in 32 bits before they go into the 64-bit totals

REVIEW = types.FunctionType(void(int32[:, ::1], int32[::1], int32[:, ::1], int32[::1], int64, int32[::1]))
"""A policy's rules over lanes: (cell: the rows of a site, backorders, levels, rule_of, day, quantity)."""


@spliced
def week_demand(b, world, n, week, days):
    """The demand of the week's days at one site."""
    tables, rows = world.tables, b.weeks[n]
    if b.sells[n] == WITHOUT and b.plays[n] == WITHOUT:
        return
    if b.sells[n] != WITHOUT:
        lanes.draw_week(b.demand_key[n, 0], b.demand_key[n, 1], week, b.draws)
        if world.seasonal:
            lanes.ask_in_season(tables.guide, tables.breaks, tables.first_break, tables.place, b.table[n], b.season[n],
                                world.season_class, week * 7, b.draws, rows)  # fmt: skip
        else:
            lanes.ask(tables.guide, tables.breaks, tables.first_break, b.place[n], b.table[n], b.draws, rows)
    else:
        clear_days(b.days[n], ASKED, 0)
    if b.plays[n] != WITHOUT:
        replay(world.history, world.history_weeks * 7, b.row[n], b.day_from, b.days[n])
    if days < 7:
        clear_days(b.days[n], ASKED, days)


@spliced
def week_losses(b, world, n, week):
    """What could be lost on the week's days at one site."""
    tables, few, losses = world.tables, b.few[n], b.loss_weeks[n]
    lanes.draw_week(b.loss_key[n, 0], b.loss_key[n, 1], week, b.draws)
    if lanes.lose(few[0], few[1], few[2], few[3], b.draws, losses):
        lanes.lose_more(
            tables.guide, tables.breaks, tables.first_break, b.loss_place[n], b.loss_table[n], b.draws, losses
        )


@helper
def clear_days(rows, which, first):
    """One row of each day of the week from `first` on."""
    for day in range(first, 7):
        rows[day * DAY_ROWS + which] = 0


@helper
def replay(history, length, row, day_from, rows):
    """Recorded days in place of drawn ones."""
    for lane in range(WIDTH):
        if row[lane] >= 0:
            for day in range(7):
                rows[day * DAY_ROWS + ASKED, lane] = history[row[lane], (day_from[lane] + day) % length]


@helper
def played_week(key_a, key_b, kind, week, weeks, window):
    """Which recorded week is played in a week: itself, any one, or one at most `window` weeks away."""
    if kind == REPLAY:
        return week % weeks
    u = uint64(uniform(key_a, key_b, week))
    if window < 0:
        return int64((u * uint64(weeks)) >> uint64(32))
    return (week - window + int64((u * uint64(2 * window + 1)) >> uint64(32))) % weeks


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
    if world.delayed:
        lanes.add(b.arriving[n, day & mask], b.books[n, GOT])
    lanes.receive(b.arriving[n, day & mask], cell[ON_HAND], cell[ON_ORDER], cell[CYCLE])
    if b.sells[n] == WITHOUT and b.plays[n] == WITHOUT:
        return
    unmet, week = b.days[n, today * DAY_ROWS + MISSING], b.week[n]
    if b.backorders[0] != WITHOUT:
        lanes.serve_waiting(cell[ON_HAND], cell[WAITING], cell[SALES], week[SERVED])
    lanes.trade(b.days[n, today * DAY_ROWS + ASKED], cell[ON_HAND], unmet, cell[SALES], cell[CYCLE])
    if b.backorders[0] != WITHOUT:
        lanes.wait_or_lose(unmet, b.share, b.unmet_key[n, 0], b.unmet_key[n, 1], day_index(int64(day)),
                           cell[WAITING], week[LOST])  # fmt: skip
        lanes.add(cell[WAITING], week[BACKORDERS])


@spliced
def closing_and_counting(b, world, n, day, today):
    """Units are lost unseen; then cells are counted by the calendar, or for what happened. Returns 1 if one was."""
    cell, book, week = b.cells[n], b.books[n], b.week[n]
    gap, gap_before = b.gaps[n, today], b.gaps[n, (today + uint64(6)) % uint64(7)]
    if b.loses[n] != WITHOUT:
        lanes.shrink(b.losses[n, today], cell[ON_HAND], gap_before, gap, week[SHRUNK])
    else:
        lanes.copy(gap_before, gap)
    everyone = world.full_count_every > 0 and (int64(day) + 1) % world.full_count_every == 0
    walks = world.walks and (b.sells[n] != WITHOUT or b.plays[n] != WITHOUT)
    if not (everyone or walks or int64(day) >= b.next_count[n]):
        return int32(0)
    b.next_count[n] = lanes.fall_to_count(int32(day), int32(everyone), book[NEXT_COUNT], book[COUNT_EVERY], b.counted)
    if walks:
        lanes.walk(b.days[n, today * DAY_ROWS + ASKED], b.days[n, today * DAY_ROWS + MISSING], cell[ON_HAND], gap,
                   book[UNSOLD], book[UNSOLD_MOST], int32(world.zero_balance_walk), b.counted)  # fmt: skip
    error = b.nothing
    if world.count_error > 0:
        error = b.error
        lanes.miscount(b.count_key[n, 0], b.count_key[n, 1], day_index(int64(day)), world.count_error, cell[ON_HAND],
                       error)  # fmt: skip
    return lanes.count(b.counted, error, gap, week[COUNTS], week[WRITTEN_OFF], week[FOUND])


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
                    lanes.cancel(b.cells[c, OWED], b.cells[c, ON_ORDER], b.days[c, today * DAY_ROWS + PIPELINE],
                                 b.week[c, CANCELLED])  # fmt: skip
    b.owes[n] = lanes.send_off(b.total, b.orders[n], cell[ON_HAND], cell[OWING], cell[SALES], cell[CYCLE], b.spare,
                               week[FILLED], week[REFUSED], week[SERVED], week[SHIPPED], world.cancels[n])  # fmt: skip
    lanes.note_orders(b.orders[n], b.spare, b.days[n, today * DAY_ROWS + ASKED], b.days[n, today * DAY_ROWS + MISSING],
                      week[DEMAND_], week[DEMAND_DAYS], week[STOCKOUT_DAYS])  # fmt: skip
    lanes.add(cell[OWING], week[OWED_])
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
        lanes.post(cell[ON_HAND], gap, backlog, cell[SALES], b.books[n, GOT], now[RECORD], now[PROMISED],
                   now[SOLD], now[RECEIVED_])  # fmt: skip
    for row in range(4):
        if not posts and counted:
            lanes.copy_where(b.counted, int32(0), before[row], now[row])
        elif not posts:
            lanes.copy(before[row], now[row])


@spliced
def review_of_record(b, world, n, day, today, review, quantity, backlog):
    """A review by what the policy believes, where that is more than the stock's own row."""
    cell, seen = b.cells[n], b.seen
    if world.delayed:
        book, then = b.books[n], b.past[n, (day + uint64(PAST_DAYS - world.lag)) % uint64(PAST_DAYS)]
        lanes.look_back(then[RECORD], then[SOLD], then[RECEIVED_], book[GOT], book[SEEN_SOLD], cell[ON_ORDER],
                        seen[ON_HAND], seen[ON_ORDER], seen[SALES])  # fmt: skip
        review(seen, then[PROMISED], b.levels[n], b.rule_of[n], int64(day), quantity)
        if b.same_review[n]:
            lanes.copy(then[SOLD], book[SEEN_SOLD])
        else:
            lanes.copy_where(b.due, int32(1), then[SOLD], book[SEEN_SOLD])
    else:
        lanes.believe(cell[ON_HAND], b.gaps[n, today], cell[ON_ORDER], cell[SALES],
                      seen[ON_HAND], seen[ON_ORDER], seen[SALES])  # fmt: skip
        review(seen, backlog, b.levels[n], b.rule_of[n], int64(day), quantity)


@spliced
def evening(b, world, n, day, today, review, counted):
    """Review: the policy's rule gives an order; packs, minimum orders and the calendar are the simulator's."""
    cell, quantity = b.cells[n], b.days[n, today * DAY_ROWS + QUANTITY]
    if b.same_review[n]:
        is_due = int64(day) >= b.next_review[n] and ((b.order_days[n, 0] >> int32(today)) & 1) > 0
        if is_due:
            b.next_review[n] = int64(day) + b.period[n, 0]
    else:
        is_due = lanes.fall_due(b.wait[n], b.period[n], b.order_days[n], int32(today), b.due) > 0
    backlog = b.nothing
    if is_due or world.delayed:
        backlog = promised(b, world, n)
    if world.delayed:
        post(b, world, n, day, today, counted, backlog)
    if is_due:
        if world.records:
            review_of_record(b, world, n, day, today, review, quantity, backlog)
        else:
            review(cell, backlog, b.levels[n], b.rule_of[n], int64(day), quantity)
        if not b.same_review[n]:
            lanes.only_due(b.due, quantity, b.spare if world.delayed else cell[SALES])
        elif not world.delayed:
            lanes.clear(cell[SALES])
        if b.packs[n] > 0:
            lanes.fill_packs(quantity, b.pack[n], b.minimum_order[n])
    else:
        lanes.clear(quantity)
    above = world.parent[n]
    found = lanes.order_and_close(
        quantity, cell[ON_HAND], cell[ON_ORDER], b.days[n, today * DAY_ROWS + STOCK],
        b.days[n, today * DAY_ROWS + PIPELINE], b.orders[above] if above >= 0 else b.spare,
    )  # fmt: skip
    b.ordered[n] = found & 1
    return found >> 1


@spliced
def one_day(b, world, day, today, review, masks):
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
            if world.records:
                counted = closing_and_counting(b, world, n, day, today)
            if world.first_child[n + 1] > world.first_child[n]:
                night(b, world, n, day, today)
            wrong |= evening(b, world, n, day, today, review, counted)
    return wrong


@spliced
def end_week(b, world, n, days, measured, ends):
    """The week's figures are added up; those of the last weeks go into the totals, if they are measured."""
    cell, week, totals = b.cells[n], b.week[n], b.totals[n]
    if days < 7:
        for which in (STOCK, PIPELINE, QUANTITY, MISSING):
            clear_days(b.days[n], which, days)
        if world.records:
            b.gaps[n, days:] = 0
    if b.sells[n] != WITHOUT or b.plays[n] != WITHOUT:
        serves = world.first_child[n + 1] > world.first_child[n]
        lanes.sum_trade(b.weeks[n], b.own_demand[n], b.unmet_week[n],
                        b.due if serves else week[DEMAND_DAYS],
                        b.spare if serves else week[STOCKOUT_DAYS])  # fmt: skip
    lanes.sum_stock(b.weeks[n], b.overstock_level[n], week[ON_HAND_], week[ON_ORDER_], week[OVERSTOCK],
                    week[READY_DAYS], week[ORDERED], week[ORDERS])  # fmt: skip
    if b.backorders[0] == WITHOUT:
        lanes.add(b.unmet_week[n], week[LOST])
    if world.records:
        lanes.sum_records(
            b.weeks[n], b.gap_weeks[n], int32(7 - days), week[EXACT], week[ERROR], week[PHANTOM], week[FROZEN]
        )
    if measured:
        add_squares(week, b.own_demand[n], b.unmet_week[n], totals)
    lanes.clear(week[DEMAND_])
    lanes.clear(week[ORDERED])
    if ends:
        lanes.sum_cycles(cell[CYCLE], week[CYCLES], week[CYCLES_IN_STOCK])
        add_sums(week, totals, measured)


@helper
def add_squares(week, own, unmet, totals):
    """The week's demand and orders, and their squares."""
    for lane in range(WIDTH):
        asked, ordered = int64(week[DEMAND_, lane] + own[lane]), int64(week[ORDERED, lane])
        totals[DEMAND_, lane] += asked
        totals[ORDERED, lane] += ordered
        totals[FILLED, lane] += own[lane] - unmet[lane]
        totals[DEMAND_SQUARED, lane] += asked * asked
        totals[ORDERED_SQUARED, lane] += ordered * ordered


@helper
def add_sums(week, totals, measured):
    """The sums of the last weeks go into the totals, if they are measured, and start afresh."""
    for column in range(DAILY):
        if measured:
            for lane in range(WIDTH):
                totals[column, lane] += week[column, lane]
        week[column] = 0


@helper
def write_state(cell, gap, totals, first):
    """What is there, on order, promised and on record."""
    for lane in range(WIDTH):
        totals[first, lane] = cell[ON_HAND, lane]
        totals[first + 1, lane] = cell[ON_ORDER, lane]
        totals[first + 2, lane] = cell[WAITING, lane] + cell[OWING, lane]
        totals[first + 3, lane] = cell[ON_HAND, lane] + gap[lane]


@helper
def derive_received(totals, exact_days):
    """What was on order or ordered, and is neither cancelled nor on order still, has been received.

    Where nothing makes the record differ from the stock, it is exact on all days.
    """
    for lane in range(WIDTH):
        totals[EXACT, lane] += exact_days
        came = totals[OPENING + 1, lane] + totals[ORDERED, lane] - totals[CANCELLED, lane]
        totals[RECEIVED, lane] = came - totals[CLOSING + 1, lane]


@helper
def note_series(cell, days, week, today, before, used, first_lane, replications, out):
    """Add today's figures of one site over the lanes of each replication: see ledger.SERIES."""
    for lane in range(used):
        figures = out[(first_lane + lane) % replications]
        demand, ordered = days[today * DAY_ROWS + ASKED, lane], days[today * DAY_ROWS + QUANTITY, lane]
        cancelled = week[CANCELLED, lane] - before[2, lane]
        figures[0] += demand + week[DEMAND_, lane] - before[0, lane]
        figures[1] += demand - days[today * DAY_ROWS + MISSING, lane] + week[FILLED, lane] - before[1, lane]
        figures[2] += before[3, lane] + ordered - cancelled - cell[ON_ORDER, lane]
        figures[3] += ordered
        figures[4] += cell[ON_HAND, lane]
        figures[5] += cell[ON_ORDER, lane]
        figures[6] += cell[WAITING, lane] + cell[OWING, lane]
        before[0, lane] = week[DEMAND_, lane]
        before[1, lane] = week[FILLED, lane]
        before[2, lane] = week[CANCELLED, lane]
        before[3, lane] = cell[ON_ORDER, lane]


@helper
def simulate_block(b, world, review, masks, used, first_lane, replications, series, before):
    """All days of one block of lanes."""
    wrong = int32(0)
    sites = uint64(len(world.parent))
    before[:] = 0
    for week in range((world.horizon + 6) // 7):
        days = min(7, world.horizon - week * 7)
        if world.history_kind > 0:
            for lane in range(WIDTH):
                played = played_week(b.week_key[0, lane], b.week_key[1, lane], world.history_kind, week,
                                     world.history_weeks, world.history_window)  # fmt: skip
                b.day_from[lane] = world.history_shift + played * 7
        for n in range(sites):
            if b.present[n] != WITHOUT:
                if week * 7 == world.warm_up:
                    gap = b.gaps[n, 6] if world.records else b.nothing
                    write_state(b.cells[n], gap, b.totals[n], OPENING)
                week_demand(b, world, n, week, days)
                if world.records and b.loses[n] != WITHOUT:
                    week_losses(b, world, n, week)
        before[:, :3] = 0
        for today in range(uint64(days)):
            day = uint64(week) * uint64(7) + today
            wrong |= one_day(b, world, day, today, review, masks)
            if len(series) > 0:
                for n in range(sites):
                    if b.present[n] != WITHOUT:
                        note_series(b.cells[n], b.days[n], b.week[n], today, before[n], used, first_lane, replications,
                                    series[day, :, n])  # fmt: skip
        measured = week * 7 >= world.warm_up
        ends = week % WEEKS_SUMMED == WEEKS_SUMMED - 1 or (week + 1) * 7 == world.warm_up
        ends |= (week + 1) * 7 >= world.horizon or len(series) > 0
        for n in range(sites):
            if b.present[n] != WITHOUT:
                end_week(b, world, n, days, measured, ends)
    return wrong


class PlanArrays(NamedTuple):
    """A plan as the kernel reads it."""

    levels: np.ndarray  # int32 (level, i, n): the levels of all rules, one after another
    rule_of: np.ndarray
    review_period: np.ndarray


@entry_point(_nrt=False)
def run_shard(b, before, world, plan, review, seed_low, seed_high, replications, items, masks, out, series):
    """Simulate items[0] <= i < items[1] in replications[0] <= r < replications[1].

    `out` (replication, item, site, column) gets the ledger; `series` (day, replication, site, figure), where it
    is not empty, the daily figures summed over items. Returns 1 if a rule gave a negative quantity.
    """
    seed = uint64(seed_low) | (uint64(seed_high) << uint64(32))
    sites = len(world.parent)
    many = replications[1] - replications[0]
    pairs = (items[1] - items[0]) * many
    wrong = int32(0)
    for first_lane in range(0, pairs, WIDTH):
        used = min(WIDTH, pairs - first_lane)
        load(b, world, plan, seed, first_lane, used, replications[0], many, items[0])
        wrong |= simulate_block(b, world, review, masks, used, first_lane, many, series, before)
        for n in range(sites):
            if b.present[n] != WITHOUT:
                gap = b.gaps[n, (world.horizon - 1) % 7] if world.records else b.nothing
                write_state(b.cells[n], gap, b.totals[n], CLOSING)
                derive_received(b.totals[n], 0 if world.records else world.horizon - world.warm_up)
        hand_in(b.totals, world.stocked, first_lane, used, many, items[0], out)
    return wrong


@helper
def hand_in(totals, stocked, first_lane, used, replications, first_item, out):
    """The block's totals go into the shard's ledger, some sites at a time: those of one lane lie side by side there."""
    sites = stocked.shape[1]
    for first in range(0, sites, TOGETHER):
        for lane in range(used):
            r, i = (first_lane + lane) % replications, (first_lane + lane) // replications
            for n in range(first, min(first + TOGETHER, sites)):
                if stocked[first_item + i, n]:
                    for column in range(COUNT):
                        out[r, i, n, column] = totals[n, column, lane]
