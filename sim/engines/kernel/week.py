"""A site's week in the kernel: its demand is drawn before the first day, its figures are added up after the last."""

from __future__ import annotations

from numba import int64, uint32, uint64

from restock.sim.compiling.marks import called_part, helper, one_step_at, over_rows, part, steps_at
from restock.sim.engines.kernel import faults, lanes, week_lanes
from restock.sim.engines.kernel.layout import (
    ASKED,
    CANCELLED,
    CYCLE,
    CYCLES,
    CYCLES_IN_STOCK,
    DAILY,
    DAY_ROWS,
    DEMAND_,
    DEMAND_DAYS,
    DEMAND_SQUARED,
    FILLED,
    LOST,
    MANY_UNITS,
    MISSING,
    ON_HAND,
    ON_HAND_,
    ON_ORDER,
    ON_ORDER_,
    OPENING,
    ORDERED,
    ORDERED_SQUARED,
    ORDERS,
    OVERSTOCK,
    OWING,
    PIPELINE,
    QUANTITY,
    READY_DAYS,
    STOCK,
    STOCKOUT_DAYS,
    WAITING,
    WIDTH,
)
from restock.sim.engines.kernel.opening import write_state
from restock.sim.engines.kernel.rows import WITHOUT
from restock.sim.probability.copula import LOW_BITS
from restock.sim.probability.guide_tables import value_of
from restock.sim.probability.keyed_draws import FACTOR, stream_key, uniform

REPLAY = 1
NOTED = 8  # lanes whose daily figures are added up at a time
WEEKS_SUMMED = 8  # weeks whose daily figures are summed in 32 bits before they go into the 64-bit totals


@called_part
def week_demand(b, world, n, week, days):
    """The demand of the week's days at one site."""
    if b.sells[n] == WITHOUT and b.plays[n] == WITHOUT:
        return
    steps_at("week_starts", b, world, n, week)
    if b.sells[n] != WITHOUT:
        week_lanes.draw_week(b.demand_key[n, 0], b.demand_key[n, 1], week, b.draws)
        steps_at("drawn", b, world)
        one_step_at("demand", b, world, n, week)
    else:
        clear_days(b.days[n], ASKED, 0)
    if b.plays[n] != WITHOUT:
        replay(world.history, world.history_weeks * 7, b.row[n], b.day_from, b.days[n])
        if world.unseen.size > 0:
            week_lanes.draw_week(b.demand_key[n, 0], b.demand_key[n, 1], week, b.draws)
            add_unseen(world.unseen, world.history_weeks * 7, world.tables, b.row[n], b.day_from, b.draws, b.days[n])
    steps_at("after_demand", b, n, week)
    if days < 7:
        clear_days(b.days[n], ASKED, days)


@part
def demand_of_laws(b, world, n, week):
    """Draws become units by each lane's law of demand, which may depend on the day."""
    tables, rows = world.tables, b.weeks[n]
    if b.same_table[n]:
        week_lanes.ask_together(
            tables.guide,
            tables.breaks,
            tables.first_break,
            tables.place,
            b.table[n, 0],
            world.season_class[b.season[n, 0]],
            week * 7,
            b.draws,
            rows,
        )
    elif world.seasonal:
        week_lanes.ask_in_season(
            tables.guide,
            tables.breaks,
            tables.first_break,
            tables.place,
            b.table[n],
            b.season[n],
            world.season_class,
            week * 7,
            b.draws,
            rows,
        )
    else:
        week_lanes.ask(tables.guide, tables.breaks, tables.first_break, b.place[n], b.table[n], b.draws, rows)


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
def add_unseen(unseen, length, tables, row, day_from, draws, rows):
    """What a record that is a sample has not of each day, drawn by that day's law."""
    for lane in range(WIDTH):
        if row[lane] >= 0:
            for day in range(7):
                table = unseen[row[lane], (day_from[lane] + day) % length]
                rows[day * DAY_ROWS + ASKED, lane] += value_of(
                    tables.guide, tables.breaks, tables.first_break, tables.place[table], table,
                    draws[day * WIDTH + lane],
                )  # fmt: skip


@helper
def played_week(key_a, key_b, kind, week, weeks, window):
    """Which recorded week is played in a week: itself, any one, or one at most `window` weeks away."""
    if kind == REPLAY:
        return week % weeks
    u = uint64(uniform(key_a, key_b, week))
    if window < 0:
        return int64((u * uint64(weeks)) >> uint64(32))
    return (week - window + int64((u * uint64(2 * window + 1)) >> uint64(32))) % weeks


@called_part
def end_week(b, world, n, week_number, days, measured, ends):
    """The week's figures are added up; those of the last weeks go into the totals, if they are measured."""
    cell, week, totals = b.cells[n], b.week[n], b.totals[n]
    if days < 7:
        for which in (STOCK, PIPELINE, QUANTITY, MISSING):
            clear_days(b.days[n], which, days)
    if b.sells[n] != WITHOUT or b.plays[n] != WITHOUT:
        serves = world.first_child[n + 1] > world.first_child[n]
        week_lanes.sum_trade(
            b.weeks[n],
            b.own_demand[n],
            b.unmet_week[n],
            b.due if serves else week[DEMAND_DAYS],
            b.spare if serves else week[STOCKOUT_DAYS],
        )
    week_lanes.sum_stock(
        b.weeks[n],
        b.overstock_level[n],
        week[ON_HAND_],
        week[ON_ORDER_],
        week[OVERSTOCK],
        week[READY_DAYS],
        week[ORDERED],
        week[ORDERS],
    )
    if b.backorders[0] == WITHOUT:
        lanes.add(b.unmet_week[n], week[LOST])
    steps_at("week_ends", b, n, week_number, days)
    if measured:
        most = add_squares(week, b.own_demand[n], b.unmet_week[n], totals)
        if most > world.most_a_week:
            faults.look_at_week(
                b.fault, n, week_number * 7 + days - 1, world.most_a_week, b.stocked[n], week[DEMAND_],
                b.own_demand[n], week[ORDERED],
            )  # fmt: skip
    lanes.clear(week[DEMAND_])
    lanes.clear(week[ORDERED])
    if ends:
        week_lanes.sum_cycles(cell[CYCLE], week[CYCLES], week[CYCLES_IN_STOCK])
        add_sums(week, totals, measured)
        steps_at("summed", b, n, measured)


@helper
def add_squares(week, own, unmet, totals):
    """The week's demand and orders, and their squares. Returns the largest."""
    most = int64(0)
    for lane in range(WIDTH):
        asked, ordered = int64(week[DEMAND_, lane] + own[lane]), int64(week[ORDERED, lane])
        totals[DEMAND_, lane] += asked
        totals[ORDERED, lane] += ordered
        totals[FILLED, lane] += own[lane] - unmet[lane]
        totals[DEMAND_SQUARED, lane] += asked * asked
        totals[ORDERED_SQUARED, lane] += ordered * ordered
        most = max(most, asked, ordered)
    return most


@helper
def add_sums(week, totals, measured):
    """The sums of the last weeks go into the totals, if they are measured, and start afresh.

    They are never negative, so that all 32 bits count.
    """
    for column in range(DAILY):
        if measured:
            for lane in range(WIDTH):
                totals[column, lane] += int64(uint32(week[column, lane]))
        week[column] = 0


@part
def draw_a_week(b, world, week, days, keeps_days, before):
    """The demand of a week, and what else is drawn for it."""
    sites = uint64(len(world.parent))
    if world.history_kind > 0:
        for lane in range(WIDTH):
            played = played_week(b.week_key[0, lane], b.week_key[1, lane], world.history_kind, week,
                                 world.history_weeks, world.history_window)  # fmt: skip
            b.day_from[lane] = world.history_shift + played * 7
    steps_at("week_begins", b, week)
    for n in range(sites):
        if b.present[n] != WITHOUT:
            if week * 7 == world.warm_up:
                write_state(b.cells[n], b.totals[n], OPENING)
                steps_at("measuring_starts", b, n)
            week_demand(b, world, n, week, days)
            steps_at("week_drawn", b, world, n, week)
    steps_at("all_drawn", b, world, week, days)
    if keeps_days:
        for n in range(sites):
            if b.present[n] != WITHOUT:
                for k, row in enumerate((DEMAND_, FILLED, CANCELLED)):
                    lanes.copy(b.week[n, row], before[n, k])


@part
def end_a_week(b, world, week, days, found):
    """The week's figures are added up, and those of some weeks."""
    measured = week * 7 >= world.warm_up
    ends = week % WEEKS_SUMMED == WEEKS_SUMMED - 1 or (week + 1) * 7 == world.warm_up
    ends |= (week + 1) * 7 >= world.horizon or faults.beyond(found, MANY_UNITS - 1)
    for n in range(uint64(len(world.parent))):
        if b.present[n] != WITHOUT:
            end_week(b, world, n, week, days, measured, ends)


@part
def note_day(b, world, day, today, before, used, turn, replications, series):
    """The day's figures of all sites: `series` is (site, day, figure, replication)."""
    for n in range(uint64(len(world.parent))):
        if b.present[n] != WITHOUT:
            if world.features.transfers.used:
                steps_at("noted", b, world, n, before)
            note_series(b.cells[n], b.days[n], b.week[n], today, before[n], used, turn, replications, series[n, day])


@helper
def note_series(cell, days, week, today, before, used, turn, replications, out):
    """Add today's figures of one site to those of the shard's first replications: see ledger.SERIES.

    `out` is (figure, replication). Lanes go round the replications, item by item: `turn` is the lane, perhaps one
    before this block, at which the first round begins.
    """
    first = uint64(today * DAY_ROWS)
    for start in range(turn, used, replications):
        least, most = max(0, -start), min(out.shape[1], used - start)
        for r in range(least, most, NOTED):
            lane = uint64(start + r)
            if most - r >= NOTED:  # a number that the compiler knows is some times faster
                add_day(cell, days, week, first, before, lane, uint64(NOTED), uint64(r), out)
            else:
                add_day(cell, days, week, first, before, lane, uint64(most - r), uint64(r), out)


@over_rows
def add_day(cell, days, week, first, before, lane, count, r, out):
    """The figures of `count` lanes from `lane` on, which are those of the replications from r on."""
    for k in range(count):
        out[0, r + k] += days[first + ASKED, lane + k] + week[DEMAND_, lane + k] - before[0, lane + k]
    for k in range(count):
        filled = days[first + ASKED, lane + k] - days[first + MISSING, lane + k]
        out[1, r + k] += filled + week[FILLED, lane + k] - before[1, lane + k]
    for k in range(count):
        stayed = days[first + QUANTITY, lane + k] - (week[CANCELLED, lane + k] - before[2, lane + k])
        out[2, r + k] += before[3, lane + k] + stayed - cell[ON_ORDER, lane + k]
    for k in range(count):
        out[3, r + k] += days[first + QUANTITY, lane + k]
    for k in range(count):
        out[4, r + k] += cell[ON_HAND, lane + k]
    for k in range(count):
        out[5, r + k] += cell[ON_ORDER, lane + k]
    for k in range(count):
        out[6, r + k] += cell[WAITING, lane + k] + cell[OWING, lane + k]
    for k in range(count):
        before[0, lane + k] = week[DEMAND_, lane + k]
    for k in range(count):
        before[1, lane + k] = week[FILLED, lane + k]
    for k in range(count):
        before[2, lane + k] = week[CANCELLED, lane + k]
    for k in range(count):
        before[3, lane + k] = cell[ON_ORDER, lane + k]


@called_part
def load_factor(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """The keys of each lane's factor: of its item, or of all items."""
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        i, replication = first_item + u // replications, first_replication + u % replications
        item = uint32(0) if world.copula_of_all else world.item_key[i]
        key_a, key_b = stream_key(seed, replication, 0, item, FACTOR)
        b.factor_key[0, lane], b.factor_key[1, lane] = key_a, key_b


@part
def draw_factor(b, week):
    """The factor of the week's days, which all sites share."""
    week_lanes.draw_week(b.factor_key[0], b.factor_key[1], week, b.factor)


@part
def follow_factor(b, world):
    """A site's draws of the week's days move with it."""
    follow(world.copula, b.factor, b.draws)


@helper
def follow(copula, factor, draws):
    for k in range(7 * WIDTH):
        own = draws[k]
        cell = uint32(copula[factor[k] >> uint32(LOW_BITS), own >> uint32(LOW_BITS)])
        draws[k] = uint32(cell << uint32(LOW_BITS)) | uint32(own & uint32((1 << LOW_BITS) - 1))
