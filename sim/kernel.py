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
from sim.block import WITHOUT, load
from sim.jit import entry_point, helper, spliced
from sim.lanes import WIDTH
from sim.randomness import DEMAND, LEAD_TIME, UNMET, day_index, uniform
from sim.rationing import ration
from sim.tables import value_of

(DEMAND_, FILLED, LOST, REFUSED, SERVED, RECEIVED, SHIPPED, ORDERED, CANCELLED, ORDERS, ON_HAND, ON_ORDER, BACKORDERS,
 OWED, OVERSTOCK, DEMAND_DAYS, STOCKOUT_DAYS, READY_DAYS, CYCLES, CYCLES_IN_STOCK, DEMAND_SQUARED, ORDERED_SQUARED,
 OPENING) = range(23)  # fmt: skip
"""Columns of `sim.ledger.COLUMNS`, in its order."""
DAILY = DEMAND_SQUARED  # columns that are sums of daily figures
COUNT = OPENING + 6
REPLAY = 1
WEEKS_SUMMED = 8  # weeks whose daily figures are summed in 32 bits before they go into the 64-bit totals

REVIEW = types.FunctionType(
    void(int32[::1], int32[::1], int32[::1], int32[::1], int32[::1], int32[:, ::1], int32[::1], int64, int32[::1])
)
"""A policy's rules over lanes: (record, on_order, waiting, owing, sales, levels, rule_of, day, quantity)."""


@spliced
def week_demand(b, world, n, week, days):
    """The demand of the week's days at one site, and its sums."""
    tables, demand = world.tables, b.demand[n]
    if days < 7 or b.sells[n] == WITHOUT:
        demand[:] = 0
    if b.sells[n] != WITHOUT:
        lanes.draw_week(b.key_a[n, DEMAND], b.key_b[n, DEMAND], week, b.draws)
        if world.seasonal:
            lanes.ask_in_season(tables.guide, tables.breaks, tables.first_break, tables.place, b.table[n], b.season[n],
                                world.season_class, week * 7, b.draws, days, demand)  # fmt: skip
        else:
            lanes.ask(tables.guide, tables.breaks, tables.first_break, b.place[n], b.table[n], b.draws, days, demand)
    if b.plays[n] != WITHOUT:
        replay(world.history, world.history_weeks * 7, b.row[n], b.day_from, days, demand)
    if b.sells[n] != WITHOUT or b.plays[n] != WITHOUT:
        serves = world.first_child[n + 1] > world.first_child[n]
        lanes.sum_demand(demand, b.own_demand[n], b.spare if serves else b.week[n, DEMAND_DAYS])


@helper
def replay(history, length, row, day_from, days, demand):
    """Recorded days in place of drawn ones."""
    for lane in range(WIDTH):
        if row[lane] >= 0:
            for day in range(days):
                demand[day, lane] = history[row[lane], (day_from[lane] + day) % length]


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
def travel(b, world, n, day, shipping, mask):
    """Shipments leave tonight and reach site n after their lead time."""
    table = b.lead[n, 0]
    first = world.tables.first_break[table]
    longest = world.tables.first_break[table + 1] - first
    if b.same_lead[n] and world.tables.breaks[first + longest - 1] == 0:
        lanes.travel_constant(shipping, b.arriving[n, (day + longest) & mask])
        return
    draws = b.draws[0]
    if world.lead_by_day:
        lanes.lead_draws_by_day(b.key_a[n, LEAD_TIME], b.key_b[n, LEAD_TIME], day_index(day), draws)
    else:
        lanes.lead_draws_by_order(b.key_a[n, LEAD_TIME], b.key_b[n, LEAD_TIME], shipping, b.ordinal[n], draws)
    if b.same_lead[n] and longest <= 16:
        low = uint32(0)
        for value in range(longest):
            after = world.tables.breaks[first + value]
            if after > low:
                lanes.travel_between(
                    shipping, draws, low, uint32(after - uint32(1)), b.arriving[n, (day + value) & mask]
                )
                low = after
        lanes.travel_between(shipping, draws, low, uint32(0xFFFFFFFF), b.arriving[n, (day + longest) & mask])
        return
    tables = world.tables
    for lane in range(WIDTH):
        if shipping[lane] > 0:
            table = b.lead[n, lane]
            days = value_of(tables.guide, tables.breaks, tables.first_break, tables.place[table], table, draws[lane])
            b.arriving[n, (day + days) & mask, lane] += shipping[lane]


@spliced
def morning_and_trading(b, world, n, day, slot):
    """Deliveries, then backorders, then the day's customers."""
    week = b.week[n]
    lanes.receive(b.arriving[n, slot], b.on_hand[n], b.on_order[n], b.short[n], week[CYCLES], week[CYCLES_IN_STOCK])
    if b.sells[n] == WITHOUT and b.plays[n] == WITHOUT:
        return
    if b.backorders[0] != WITHOUT:
        lanes.serve_waiting(b.on_hand[n], b.waiting[n], b.sales[n], week[SERVED])
    serves = world.first_child[n + 1] > world.first_child[n]
    stockout_days = b.spare if serves else week[STOCKOUT_DAYS]
    lanes.trade(b.demand[n, day % 7], b.on_hand[n], b.unmet[n], b.sales[n], b.short[n], b.unmet_week[n], stockout_days)
    if b.backorders[0] != WITHOUT:
        index = day_index(day)
        lanes.wait_or_lose(b.unmet[n], b.share, b.key_a[n, UNMET], b.key_b[n, UNMET], index, b.waiting[n], week[LOST])


@spliced
def evening(b, world, n, day, review):
    """Review: the policy's rule gives an order; packs, minimum orders and the calendar are the simulator's."""
    quantity, week = b.quantity[n], b.week[n]
    if b.same_review[n]:
        is_due = day >= b.next_review[n] and (b.order_days[n, 0] >> (day % 7)) & 1
        if is_due:
            b.next_review[n] = day + b.period[n, 0]
    else:
        is_due = lanes.fall_due(b.wait[n], b.period[n], b.order_days[n], day % 7, b.due) > 0
    if not is_due:
        lanes.clear(quantity)
        return int32(0)
    review(b.on_hand[n], b.on_order[n], b.waiting[n], b.owing[n], b.sales[n], b.levels[n], b.rule_of[n], day, quantity)
    if b.same_review[n]:
        lanes.clear(b.sales[n])
    else:
        lanes.only_due(b.due, quantity, b.sales[n])
    if b.packs[n] > 0:
        lanes.fill_packs(quantity, b.pack[n], b.minimum_order[n])
    return lanes.place_order(quantity, b.on_order[n], week[ORDERED], week[ORDERS])


@spliced
def night(b, world, n, day, masks):
    """A serving site takes all orders of the sites below, shares what it has, and ships."""
    children = world.child[world.first_child[n] : world.first_child[n + 1]]
    week = b.week[n]
    lanes.clear(b.total)
    lanes.clear(b.orders)
    for c in children:
        if b.present[c] != WITHOUT:
            lanes.collect(b.quantity[c], b.owed[c], b.shipping[c], b.total, b.orders)
    if lanes.any_short(b.total, b.on_hand[n]):
        ration(world.allocation[n], day, n, children, b.on_hand, b.on_order, b.waiting, b.owed, b.shipping, b.total,
               b.rates, b.keys, b.days, b.heap)  # fmt: skip
    for c in children:
        if b.present[c] != WITHOUT:
            lanes.hand_over(b.owed[c], b.shipping[c])
            if world.cancels[n]:
                lanes.cancel(b.owed[c], b.on_order[c], b.week[c, CANCELLED])
    lanes.send_off(b.total, b.orders, b.on_hand[n], b.owing[n], b.sales[n], b.short[n], b.spare,
                   week[FILLED], week[REFUSED], week[SERVED], week[SHIPPED], world.cancels[n])  # fmt: skip
    lanes.note_orders(
        b.orders, b.spare, b.demand[n, day % 7], b.unmet[n], week[DEMAND_], week[DEMAND_DAYS], week[STOCKOUT_DAYS]
    )


@spliced
def one_day(b, world, day, review, masks):
    """The day: deliveries and trading everywhere; then, from the bottom tier up, shipping to below and ordering."""
    wrong = int32(0)
    for n in range(len(world.parent)):
        if b.present[n] != WITHOUT:
            morning_and_trading(b, world, n, day, day & masks[n])
    for n in world.bottom_up:
        if b.present[n] != WITHOUT:
            if world.first_child[n + 1] > world.first_child[n]:
                night(b, world, n, day, masks)
            wrong |= evening(b, world, n, day, review)
            if world.parent[n] < 0:
                lanes.copy(b.quantity[n], b.shipping[n])  # outside suppliers ship at once
    for n in range(len(world.parent)):
        if b.present[n] != WITHOUT:
            travel(b, world, n, day, b.shipping[n], masks[n])
            w = b.week[n]
            lanes.close_day(b.on_hand[n], b.on_order[n], b.overstock_level[n],
                            w[ON_HAND], w[ON_ORDER], w[OVERSTOCK], w[READY_DAYS])  # fmt: skip
            if b.backorders[0] != WITHOUT:
                lanes.add(b.waiting[n], w[BACKORDERS])
            if world.first_child[n + 1] > world.first_child[n]:
                lanes.add(b.owing[n], w[OWED])
    return wrong


@spliced
def end_week(b, n, measured):
    """The week's demand and orders, and their squares, go into the totals; the week starts afresh."""
    asked, ordered, own, unmet = b.week[n, DEMAND_], b.week[n, ORDERED], b.own_demand[n], b.unmet_week[n]
    if b.backorders[0] == WITHOUT:
        lanes.add(unmet, b.week[n, LOST])
    if measured:
        totals = b.totals[n]
        for lane in range(WIDTH):
            all_asked, all_ordered = int64(asked[lane] + own[lane]), int64(ordered[lane])
            totals[DEMAND_, lane] += all_asked
            totals[ORDERED, lane] += all_ordered
            totals[FILLED, lane] += own[lane] - unmet[lane]
            totals[DEMAND_SQUARED, lane] += all_asked * all_asked
            totals[ORDERED_SQUARED, lane] += all_ordered * all_ordered
    lanes.clear(unmet)
    lanes.clear(asked)
    lanes.clear(ordered)


@helper
def add_sums(week, totals, measured):
    """The sums of the last weeks go into the totals, if they are measured, and start afresh."""
    for column in range(DAILY):
        if measured:
            for lane in range(WIDTH):
                totals[column, lane] += week[column, lane]
        week[column] = 0


@helper
def write_state(on_hand, on_order, waiting, owing, totals, first):
    for lane in range(WIDTH):
        totals[first, lane] = on_hand[lane]
        totals[first + 1, lane] = on_order[lane]
        totals[first + 2, lane] = waiting[lane] + owing[lane]


@helper
def derive_received(totals):
    """What was on order or ordered, and is neither cancelled nor on order still, has been received."""
    for lane in range(WIDTH):
        came = totals[OPENING + 1, lane] + totals[ORDERED, lane] - totals[CANCELLED, lane]
        totals[RECEIVED, lane] = came - totals[OPENING + 4, lane]


@helper
def note_series(week, demand, unmet, on_hand, on_order, waiting, owing, before, used, first_lane, replications, out):
    """Add today's figures of one site over the lanes of each replication: see ledger.SERIES."""
    for lane in range(used):
        figures = out[(first_lane + lane) % replications]
        ordered = week[ORDERED, lane] - before[2, lane]
        cancelled = week[CANCELLED, lane] - before[3, lane]
        figures[0] += demand[lane] + week[DEMAND_, lane] - before[0, lane]
        figures[1] += demand[lane] - unmet[lane] + week[FILLED, lane] - before[1, lane]
        figures[2] += before[4, lane] + ordered - cancelled - on_order[lane]
        figures[3] += ordered
        figures[4] += on_hand[lane]
        figures[5] += on_order[lane]
        figures[6] += waiting[lane] + owing[lane]
        before[0, lane] = week[DEMAND_, lane]
        before[1, lane] = week[FILLED, lane]
        before[2, lane] = week[ORDERED, lane]
        before[3, lane] = week[CANCELLED, lane]
        before[4, lane] = on_order[lane]


@helper
def simulate_block(b, world, review, masks, used, first_lane, replications, series, before):
    """All days of one block of lanes."""
    wrong = int32(0)
    sites = len(world.parent)
    before[:] = 0
    for week in range((world.horizon + 6) // 7):
        days = min(7, world.horizon - week * 7)
        if world.history_kind > 0:
            for lane in range(WIDTH):
                played = played_week(b.week_key_a[lane], b.week_key_b[lane], world.history_kind, week,
                                     world.history_weeks, world.history_window)  # fmt: skip
                b.day_from[lane] = world.history_shift + played * 7
        for n in range(sites):
            if b.present[n] != WITHOUT:
                if week * 7 == world.warm_up:
                    write_state(b.on_hand[n], b.on_order[n], b.waiting[n], b.owing[n], b.totals[n], OPENING)
                week_demand(b, world, n, week, days)
        before[:, :4] = 0
        for day in range(days):
            wrong |= one_day(b, world, week * 7 + day, review, masks)
            if len(series) > 0:
                for n in range(sites):
                    if b.present[n] == WITHOUT:
                        continue
                    note_series(
                        b.week[n], b.demand[n, day], b.unmet[n], b.on_hand[n], b.on_order[n], b.waiting[n], b.owing[n],
                        before[n], used, first_lane, replications, series[week * 7 + day, :, n],
                    )  # fmt: skip
        measured = week * 7 >= world.warm_up
        ends = week % WEEKS_SUMMED == WEEKS_SUMMED - 1 or (week + 1) * 7 == world.warm_up
        ends |= (week + 1) * 7 >= world.horizon or len(series) > 0
        for n in range(sites):
            if b.present[n] != WITHOUT:
                end_week(b, n, measured)
                if ends:
                    add_sums(b.week[n], b.totals[n], measured)
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
                write_state(b.on_hand[n], b.on_order[n], b.waiting[n], b.owing[n], b.totals[n], OPENING + 3)
                derive_received(b.totals[n])
                for lane in range(used):
                    u = first_lane + lane
                    if world.stocked[items[0] + u // many, n]:
                        for column in range(COUNT):
                            out[u % many, u // many, n, column] = b.totals[n, column, lane]
    return wrong
