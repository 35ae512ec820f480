"""Goods over lanes (see `sim.lanes`): what customers bring back, what does not keep, and seasons."""

from __future__ import annotations

from numba import float64, int32, int64, uint32, uint64

from sim.jit import over_rows, rows_called
from sim.layout import ASKED, DAY_ROWS, WIDTH
from sim.randomness import mix
from sim.tables import value_of


@over_rows
def share_of(units, share, kept_bits, key_a, key_b, index, part):
    """A share of some units, rounded up or down by the bits kept of a draw. Returns 1 if it is any."""
    found = int32(0)
    for lane in range(WIDTH):
        z = mix(key_a[lane], key_b[lane], uint64(index >> 1))
        chance = int64(z >> uint64(32)) if index & 1 else int64(z & uint64(0xFFFFFFFF))
        part[lane] = int32((int64(units[lane]) * share[lane] + (chance & kept_bits[lane])) >> 32)
        found |= int32(part[lane] > 0)
    return found


@over_rows
def handed_over(asked, missing, served_week, served_before, units):
    """What customers were handed today: those of today, and those who had waited."""
    for lane in range(WIDTH):
        units[lane] = asked[lane] - missing[lane] + served_week[lane] - served_before[lane]


@rows_called
def come_later(guide, breaks, first_break, place, table, key_a, key_b, index, units, day, mask, coming):
    """Units that will come back together, on the day that their lag ends; `coming` has a row a day."""
    for lane in range(WIDTH):
        if units[lane] > 0:
            z = mix(key_a[lane], key_b[lane], uint64(index >> 1))
            u = uint32(z >> uint64(32)) if index & 1 else uint32(z)
            number = uint64(table[lane])
            lag = value_of(guide, breaks, first_break, place[number], number, u)
            coming[(day + uint64(lag)) & mask, lane] += units[lane]


@over_rows
def take_back(due, back, on_hand, returned, restocked):
    """What is due comes back; a part of it goes back on the shelf, and into the record."""
    for lane in range(WIDTH):
        returned[lane] += due[lane]
        restocked[lane] += back[lane]
        on_hand[lane] += back[lane]
        due[lane] = 0


@over_rows
def leave_shelf(kept, came, on_hand, life, freshest_first, oldest_out, freshest_out):
    """How many units left the shelf today, of those that do not keep: apart, by which of them are taken first."""
    oldest = freshest = int32(0)
    for lane in range(WIDTH):
        out = int32(kept[lane] + came[lane] - on_hand[lane]) if life[lane] > 0 else int32(0)
        oldest_out[lane] = 0 if freshest_first[lane] else out
        freshest_out[lane] = out if freshest_first[lane] else 0
        oldest |= int32(oldest_out[lane] > 0)
        freshest |= int32(freshest_out[lane] > 0)
    return oldest + (freshest << 1)


@rows_called
def come_to_shelf(came, life, day, mask, shelf):
    """What came this morning lies in the row of the last day on which it is sold."""
    for lane in range(WIDTH):
        if came[lane] > 0 and life[lane] > 0:
            shelf[(day + uint64(life[lane] - 1)) & mask, lane] += came[lane]


@over_rows
def take(units, out):
    """Units of one age leave, as many as are still to leave. Returns 1 if there are more."""
    more = int32(0)
    for lane in range(WIDTH):
        taken = min(units[lane], out[lane])
        units[lane] -= taken
        out[lane] -= taken
        more |= int32(out[lane] > 0)
    return more


@over_rows
def throw_away(units, on_hand, kept, expired):
    """Units whose last day this was leave; what is on hand is what is kept."""
    for lane in range(WIDTH):
        on_hand[lane] -= units[lane]
        expired[lane] += units[lane]
        units[lane] = 0
        kept[lane] = on_hand[lane]


@over_rows
def bring_down(on_hand, gap, day, season_end, reduced_after, most_per_day, reduced_from):
    """First day of a week: the price comes down where the record is too much for the days left."""
    for lane in range(WIDTH):
        left = int32(season_end[lane] - day)
        record = int32(on_hand[lane] + gap[lane])
        undecided = int32(day < reduced_from[lane]) & int32(day >= reduced_after[lane]) & int32(left > 0)
        too_much = int32(float64(record) > most_per_day[lane] * float64(left))
        reduced_from[lane] = day if undecided & too_much else reduced_from[lane]


@rows_called
def ask_at_price(guide, breaks, first_break, place, table, season, shift, reduced_from, season_class, first_day, draws,
                 week_rows):  # fmt: skip
    """The demand of the week's days, where a lane's table depends on the day and on its price (table 0: nothing)."""
    last = season_class.shape[1] - 1
    for lane in range(WIDTH):
        for day in range(7):
            number = int64(table[lane])
            if number > 0:
                number += season_class[season[lane], min(first_day + day, last)]
                number += shift[lane] if first_day + day >= reduced_from[lane] else 0
            u = draws[uint64(day * WIDTH + lane)]
            units = value_of(guide, breaks, first_break, place[number], number, u)
            week_rows[uint64((day * DAY_ROWS + ASKED) * WIDTH + lane)] = units


@over_rows
def stop_asking(first_day, season_end, week_rows):
    """Nothing is asked for from the end of the season on."""
    for day in range(7):
        for lane in range(WIDTH):
            place = (day * DAY_ROWS + ASKED) * WIDTH + lane
            week_rows[place] = week_rows[place] if first_day + day < season_end[lane] else 0


@over_rows
def sell_reduced(units, day, reduced_from, percent_off, marked_down, points):
    """What was handed to customers at a reduced price."""
    for lane in range(WIDTH):
        reduced = units[lane] if day >= reduced_from[lane] else 0
        marked_down[lane] += reduced
        points[lane] += int64(reduced) * percent_off[lane]


@over_rows
def clear_out(day, season_end, on_hand, cleared):
    """All that is there leaves, from the end of the season on."""
    for lane in range(WIDTH):
        units = on_hand[lane] if day >= season_end[lane] else 0
        cleared[lane] += units
        on_hand[lane] -= units


@over_rows
def only_between(day, first, last, quantity):
    """Orders outside the buying window are refused."""
    for lane in range(WIDTH):
        takes = int32(day >= first[lane]) & int32(day <= last[lane])
        quantity[lane] = quantity[lane] if takes else min(quantity[lane], 0)


@over_rows
def only_before(day, end, quantity):
    """Orders from the end of the season on are refused."""
    for lane in range(WIDTH):
        quantity[lane] = quantity[lane] if day < end[lane] else min(quantity[lane], 0)
