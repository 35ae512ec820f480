"""Loops over lanes of prices, of what is asked for at them, of clearance and of buying windows."""

from __future__ import annotations

from numba import float64, int32, int64, uint64

from restock.sim.compiling.marks import over_rows, rows_called
from restock.sim.engines.kernel.layout import ASKED, DAY_ROWS, WIDTH
from restock.sim.probability.guide_tables import value_of


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
