"""Transfers over lanes: what each store of a region needs and can spare, side by side, and who gives to whom."""

from __future__ import annotations

from numba import int32, int64

from restock.sim.compiling.marks import helper, over_rows
from restock.sim.engines.kernel.layout import (
    BASE,
    MOVED_ON_ORDER,
    MOVED_OUT,
    MOVED_OVERNIGHT,
    ON_HAND,
    ON_ORDER,
    POOLED_IN,
    RECEIVED,
    SALES,
    WIDTH,
    extra_column,
)

IN = extra_column("transferred_in")
OUT = extra_column("transferred_out")
FILLED_BY = extra_column("filled_by_transfer")
SENT_HERE = extra_column("transfers_sent_here")
LINES = extra_column("transfer_lines")
NOT_THERE = extra_column("transfer_missing")
SHORT_ELSEWHERE = extra_column("short_elsewhere")
COULD_HAVE_MOVED = extra_column("could_have_moved")
NEEDIEST, RICHEST, MOST_NEEDED, MOST_SPARE = range(4)
MOST_ROWS = 4
"""Rows of a region: the site with the largest need, that with the largest surplus, and how large these are."""


@over_rows
def some(row):
    """Units, or-ed together."""
    found = int32(0)
    for lane in range(WIDTH):
        found |= row[lane]
    return found


@over_rows
def take_over(moving, on_hand, on_order, total_in, came, change):
    """Morning: what other stores sent comes in."""
    for lane in range(WIDTH):
        units = moving[lane]
        moving[lane] = 0
        on_hand[lane] += units
        on_order[lane] -= units
        total_in[lane] += units
        came[lane] = units
        change[lane] = -units


@over_rows
def at_once_rows(unmet, on_hand, floor, part, need, surplus, any_need, any_surplus):
    """Customers not served, and what lies above the floor."""
    for lane in range(WIDTH):
        need[lane] = unmet[lane] * part[lane]
        surplus[lane] = max(int32(on_hand[lane] - floor[lane]), int32(0)) * part[lane]
        any_need[lane] |= need[lane]
        any_surplus[lane] |= surplus[lane]


@over_rows
def seen_now(on_hand, gap, waiting, stock, here):
    """The record as it stands, and what of it nobody waits for."""
    for lane in range(WIDTH):
        stock[lane] = on_hand[lane] + gap[lane]
        here[lane] = stock[lane] - waiting[lane]


@over_rows
def seen_late(record, promised, received, got, stock, here):
    """The record as posted; what came since is not yet in it."""
    for lane in range(WIDTH):
        stock[lane] = record[lane]
        here[lane] = record[lane] - promised[lane] + got[lane] - received[lane]


@over_rows
def add_due(arriving, days, ahead, here):
    """What comes `ahead` days from now, where a transfer sent tonight would not come before."""
    for lane in range(WIDTH):
        here[lane] += arriving[lane] if ahead <= days[lane] else 0


@over_rows
def cover_rows(here, stock, floor, low, to, high, part, need, surplus, any_need, any_surplus):
    """Who covers too few days needs, who covers too many can spare."""
    for lane in range(WIDTH):
        wanted = max(int32(to[lane] - here[lane]), int32(0)) * part[lane]
        need[lane] = wanted if here[lane] <= low[lane] else 0
        spare = min(int32(here[lane] - high[lane]), int32(stock[lane] - floor[lane]))
        surplus[lane] = max(spare, int32(0)) * part[lane]
        any_need[lane] |= need[lane]
        any_surplus[lane] |= surplus[lane]


@over_rows
def target_rows(here, target, stock, floor, part, need, surplus, any_need, any_surplus):
    """Who is below his target needs, who is above it can spare."""
    for lane in range(WIDTH):
        need[lane] = max(int32(target[lane] - here[lane]), int32(0)) * part[lane]
        spare = min(int32(here[lane] - target[lane]), int32(stock[lane] - floor[lane]))
        surplus[lane] = max(spare, int32(0)) * part[lane]
        any_need[lane] |= need[lane]
        any_surplus[lane] |= surplus[lane]


@over_rows
def only_until(day, last_day, part, active):
    """An item is sent until its season ends."""
    for lane in range(WIDTH):
        active[lane] = part[lane] if day < last_day[lane] else 0


@over_rows
def still_unmet(need, part, unmet):
    """Of customers who walk in, those whom no other store could serve."""
    for lane in range(WIDTH):
        unmet[lane] = need[lane] if part[lane] > 0 else unmet[lane]


@over_rows
def note_elsewhere(need, most_spare, short):
    """Short all the same, while another store has something to spare."""
    for lane in range(WIDTH):
        short[lane] += int32((need[lane] > 0) & (most_spare[lane] > 0))


@helper
def even_cover(region, present, here, part, rate, day, target):
    """All units of a region in proportion to mean demand, by cumulative rounding; where there are none, as they are."""
    for lane in range(WIDTH):
        total, of_all = int64(0), int64(0)
        for n in region:
            if present[n] > 0 and part[n, lane] > 0:
                total += rate[n, lane]
                of_all += int64(here[n, lane])
        upto, turn, before = int64(0), int64(0), int64(0)
        if total > 0:
            turn = day % total
        for n in region:
            if present[n] > 0 and part[n, lane] > 0:
                target[n, lane] = here[n, lane]
                if total > 0 and of_all > 0:
                    upto += rate[n, lane]
                    now = (upto * of_all + turn) // total
                    target[n, lane] = int32(now - before)
                    before = now


@helper
def pool_lines(most, least, need, surplus, cells, missing_row, days, moved, extra, moves):
    """One line in every lane that has one: units change hands at once, or it is told that they could have."""
    for lane in range(WIDTH):
        units = min(most[MOST_NEEDED, lane], most[MOST_SPARE, lane])
        if units >= least:
            to, giver = most[NEEDIEST, lane], most[RICHEST, lane]
            need[to, lane] -= units
            surplus[giver, lane] -= units
            if moves:
                cells[giver, ON_HAND, lane] -= units
                moved[giver, MOVED_OUT, lane] += units
                extra[giver, OUT, lane] += units
                days[to, missing_row, lane] -= units
                cells[to, SALES, lane] += units
                moved[to, POOLED_IN, lane] += units
                extra[to, IN, lane] += units
                extra[to, FILLED_BY, lane] += units
                extra[to, LINES, lane] += 1
            else:
                extra[to, COULD_HAVE_MOVED, lane] += units


@helper
def overnight_lines(most, least, need, surplus, cells, moving, mask, day, transit, moved, extra):
    """One line in every lane that has one: units leave as far as they are there, and the books know at once."""
    for lane in range(WIDTH):
        units = min(most[MOST_NEEDED, lane], most[MOST_SPARE, lane])
        if units >= least:
            to, giver = most[NEEDIEST, lane], most[RICHEST, lane]
            need[to, lane] -= units
            surplus[giver, lane] -= units
            sent = min(units, cells[giver, ON_HAND, lane])
            extra[giver, NOT_THERE, lane] += units - sent
            if sent > 0:
                cells[giver, ON_HAND, lane] -= sent
                moved[giver, MOVED_OUT, lane] += sent
                moved[giver, MOVED_OVERNIGHT, lane] += sent
                extra[giver, OUT, lane] += sent
                cells[to, ON_ORDER, lane] += sent
                moved[to, MOVED_ON_ORDER, lane] += sent
                moving[to, (day + transit[to, lane]) & mask, lane] += sent
                extra[to, SENT_HERE, lane] += sent
                extra[to, LINES, lane] += 1


@helper
def received_by_order(totals):
    """Of what is received no more than what was ordered: transfers came, or are on their way, beside."""
    for lane in range(WIDTH):
        overnight = totals[BASE + IN, lane] - totals[BASE + FILLED_BY, lane]
        totals[RECEIVED, lane] += totals[BASE + SENT_HERE, lane] - overnight
