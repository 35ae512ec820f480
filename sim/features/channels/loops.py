"""Channels over lanes: what each asks for, who is served by rank, what waits, is refused or oversold."""

from __future__ import annotations

from numba import int32, int64, uint64

from restock.sim.compiling.marks import helper, over_rows, rows_called
from restock.sim.engines.kernel.layout import (
    ASKED,
    DAY_ROWS,
    MOVED_OUT,
    ON_HAND,
    POOLED_IN,
    SALES,
    WIDTH,
    extra_column,
)
from restock.sim.features.channels.measures import OF_SLOT, SLOTS, column
from restock.sim.probability.guide_tables import value_of
from restock.sim.probability.keyed_draws import mix

FIRST_CHANNEL = extra_column(column(SLOTS[0], "asked"))
PER_CHANNEL = len(OF_SLOT)
(ASKED_BY, HANDED_TO, WAITS_OF, LOST_BY, REFUSED_TO, OVERSOLD_TO, REFUSED_THERE, FROM_STORES) = range(PER_CHANNEL)
WALK_IN_ASKED = extra_column("walk_in_asked")
WALK_IN_UNMET = extra_column("walk_in_unmet")
SENT_TO_CUSTOMERS = extra_column("sent_to_customers")
GOT_FOR_CUSTOMERS = extra_column("got_for_customers")
CAME = extra_column("transferred_in")
LEFT = extra_column("transferred_out")
FILLED_BY = extra_column("filled_by_transfer")


@rows_called
def ask_for(guide, breaks, first_break, place, table, season, shift, reduced_from, season_end, ends, classes, first_day,
            days, draws, asked):  # fmt: skip
    """Add the demand of the week's days by each lane's law (table 0: nothing), at the price of the day: rows by day."""
    last = classes.shape[1] - 1
    for day in range(days):
        for lane in range(WIDTH):
            number = int64(table[lane])
            if number > 0 and not (ends and first_day + day >= season_end[lane]):
                number += classes[season[lane], min(first_day + day, last)]
                number += shift[lane] if first_day + day >= reduced_from[lane] else 0
                u = draws[uint64(day * WIDTH + lane)]
                asked[day, lane] += value_of(guide, breaks, first_break, place[number], number, u)


@helper
def split_record(key_a, key_b, week, row, upto, before, after, asked):
    """Of recorded days, a channel's units: the running share with it, less that before it, by one draw a day."""
    for day in range(7):
        for lane in range(WIDTH):
            if row[lane] >= 0:
                z = mix(key_a[lane], key_b[lane], uint64(week * 4 + day // 2))
                chance = int64(z >> uint64(32)) if day & 1 else int64(z & uint64(0xFFFFFFFF))
                units = int64(after[day * DAY_ROWS + ASKED, lane]) + int64(before[day, lane])
                now = (units * upto + chance) >> 32
                asked[day, lane] += int32(now - before[day, lane])
                after[day * DAY_ROWS + ASKED, lane] = int32(units - now)
                before[day, lane] = int32(now)


@over_rows
def add_days(rows, first, step, days, total):
    """A row of each day of the week."""
    for day in range(days):
        for lane in range(WIDTH):
            total[lane] += rows[first + day * step, lane]


@over_rows
def walk_in(unmet, on_hand, sales, missing):
    """Those who walk in: what they ask for becomes what they did not get."""
    for lane in range(WIDTH):
        sold = min(unmet[lane], on_hand[lane])
        on_hand[lane] -= sold
        sales[lane] += sold
        unmet[lane] -= sold
        missing[lane] += unmet[lane]


@over_rows
def serve(asked, reserve, has_shelf, on_hand, sales, missing, unmet, total_handed, asked_of_all):
    """A channel that looks at the shelf."""
    for lane in range(WIDTH):
        wanted = asked[lane]
        above = max(int32(on_hand[lane] - reserve[lane]), int32(0))
        handed = min(wanted, above) if has_shelf else int32(0)
        on_hand[lane] -= handed
        sales[lane] += handed
        unmet[lane] = wanted - handed
        missing[lane] += unmet[lane]
        asked_of_all[lane] += wanted
        total_handed[lane] += handed


@over_rows
def serve_by_view(asked, reserve, view, on_hand, sales, missing, unmet, refused, total_handed, total_refused,
                  asked_of_all):  # fmt: skip
    """A channel that sells by its view of stock."""
    for lane in range(WIDTH):
        wanted = asked[lane]
        accepted = min(wanted, view[lane])
        view[lane] -= accepted
        handed = min(accepted, max(int32(on_hand[lane] - reserve[lane]), int32(0)))
        on_hand[lane] -= handed
        sales[lane] += handed
        unmet[lane] = accepted - handed
        refused[lane] = wanted - accepted
        missing[lane] += int32(wanted - handed)
        asked_of_all[lane] += wanted
        total_handed[lane] += handed
        total_refused[lane] += refused[lane]


@over_rows
def wait_or_leave(unmet, share, key_a, key_b, index, waiting, lost_week, total_waits, total_lost):
    """Of a channel's unmet demand a share waits, the rest is lost."""
    for lane in range(WIDTH):
        z = mix(key_a[lane], key_b[lane], uint64(index >> 1))
        chance = int64(z >> uint64(32)) if index & 1 else int64(z & uint64(0xFFFFFFFF))
        waits = int32((int64(unmet[lane]) * share[lane] + chance) >> 32)
        waiting[lane] += waits
        lost_week[lane] += unmet[lane] - waits
        total_waits[lane] += waits
        total_lost[lane] += unmet[lane] - waits


@over_rows
def oversell(unmet, refused, waits, waiting, lost_week, total_oversold):
    """What was accepted and is not there waits, or is cancelled; what was refused is lost."""
    for lane in range(WIDTH):
        waiting[lane] += unmet[lane] if waits else 0
        lost_week[lane] += refused[lane] + (0 if waits else unmet[lane])
        total_oversold[lane] += unmet[lane]


@over_rows
def refused_though_there(refused, on_hand, total):
    for lane in range(WIDTH):
        total[lane] += min(refused[lane], on_hand[lane])


@over_rows
def refresh(on_hand, gap, buffer, view):
    """What is on record, less a buffer."""
    for lane in range(WIDTH):
        view[lane] = max(int32(on_hand[lane] + gap[lane] - buffer), int32(0))


@over_rows
def spare(on_hand, floor, part, day, last_day, surplus):
    """What lies above the floor of a store that may send the item."""
    for lane in range(WIDTH):
        above = max(int32(on_hand[lane] - floor[lane]), int32(0)) * part[lane]
        surplus[lane] = above if day < last_day[lane] else 0


@helper
def ship_lines(unmet, best, who, surplus, cells, moved, extra, missing, dc, first):
    """One line in every lane that has one: units of the store that can spare most go to customers."""
    for lane in range(WIDTH):
        units = min(unmet[lane], best[lane])
        if units > 0:
            giver = who[lane]
            surplus[giver, lane] -= units
            unmet[lane] -= units
            missing[lane] -= units
            cells[giver, ON_HAND, lane] -= units
            moved[giver, MOVED_OUT, lane] += units
            extra[giver, LEFT, lane] += units
            extra[giver, SENT_TO_CUSTOMERS, lane] += units
            cells[dc, SALES, lane] += units
            moved[dc, POOLED_IN, lane] += units
            extra[dc, CAME, lane] += units
            extra[dc, FILLED_BY, lane] += units
            extra[dc, GOT_FOR_CUSTOMERS, lane] += units
            extra[dc, first + HANDED_TO, lane] += units
            extra[dc, first + FROM_STORES, lane] += units


@over_rows
def set_back(on_hand, keep, kept):
    """What is kept, as far as it is there, is not for the sites below."""
    for lane in range(WIDTH):
        kept[lane] = min(on_hand[lane], keep[lane])
        on_hand[lane] -= kept[lane]
