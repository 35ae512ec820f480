"""What happens to goods beside being sold and shipped, in the kernel: parts of the day and week of `sim.kernel`."""

from __future__ import annotations

from numba import int32, int64, uint64

from sim import lane_goods, lanes
from sim.block import WITHOUT
from sim.jit import part
from sim.layout import (
    ASKED,
    BACK,
    CLEARED,
    DAY_ROWS,
    EXPIRED,
    MARKDOWN_POINTS,
    MARKED_DOWN,
    MISSING,
    MOVE_ROWS,
    ON_HAND,
    RESTOCKED,
    RESTOCKED_TODAY,
    RETURNED,
    RETURNED_TODAY,
    SERVED,
)
from sim.randomness import day_index


@part
def note_served(b, n):
    """Morning: what was handed to customers who waited, this week so far."""
    lanes.copy(b.week[n, SERVED], b.served_before)


@part
def customers(b, world, n, day, today):
    """What customers were handed today: at which price, and how much of it they will bring back."""
    if b.sells[n] == WITHOUT and b.plays[n] == WITHOUT:
        return
    lane_goods.handed_over(
        b.days[n, today * DAY_ROWS + ASKED], b.days[n, today * DAY_ROWS + MISSING], b.week[n, SERVED], b.served_before,
        b.handed,
    )  # fmt: skip
    if world.goods.seasons:
        lane_goods.sell_reduced(
            b.handed, int32(day), b.reduced_from[n], b.percent_off, b.extra[n, MARKED_DOWN], b.extra[n, MARKDOWN_POINTS]
        )
    if world.goods.returns:
        returns(b, world, n, day, today)


@part
def returns(b, world, n, day, today):
    """A share of what customers were handed today will come back; what is due today does."""
    goods, tables, index = world.goods, world.tables, day_index(int64(day))
    mask, key = uint64(goods.return_slots - 1), b.return_key[n]
    if lane_goods.share_of(b.handed, b.return_share, b.return_chance, key[0], key[1], index, b.part):
        lane_goods.come_later(
            tables.guide, tables.breaks, tables.first_break, tables.place, b.lag_table, key[2], key[3], index, b.part,
            day, mask, b.coming[n],
        )  # fmt: skip
    due = b.coming[n, day & mask]
    lane_goods.share_of(due, b.resalable, b.return_chance, key[4], key[5], index, b.part)
    if len(b.lessons) > 0:
        lanes.add(b.part, b.lessons[n, BACK])
    if world.cost_flow:
        lanes.copy(due, b.moves[n, today * MOVE_ROWS + RETURNED_TODAY])
        lanes.copy(b.part, b.moves[n, today * MOVE_ROWS + RESTOCKED_TODAY])
    lane_goods.take_back(due, b.part, b.cells[n, ON_HAND], b.extra[n, RETURNED], b.extra[n, RESTOCKED])


@part
def clearance(b, n, day):
    """What is left at the end of a season, or comes later, leaves."""
    lane_goods.clear_out(int32(day), b.season_end, b.cells[n, ON_HAND], b.extra[n, CLEARED])


@part
def expiry(b, world, n, day):
    """What left the shelf today is taken from the ages that it had; then what was not sold in time is thrown away.

    By day goods leave by one rule, and what comes is there before any leave: the day's units may be taken at once.
    """
    if b.keeps[n] == WITHOUT:
        return
    shelf, cell, longest = b.shelf[n], b.cells[n], world.goods.longest_life
    mask = uint64(world.goods.shelf_slots - 1)
    lane_goods.come_to_shelf(b.came, b.life, day, mask, shelf)
    out = lane_goods.leave_shelf(
        b.kept[n], b.came, cell[ON_HAND], b.life, b.freshest_first, b.oldest_out, b.freshest_out
    )
    more = out & 1
    for age in range(longest):
        if more:
            more = lane_goods.take(shelf[(day + uint64(age)) & mask], b.oldest_out)
    more = out >> 1
    for age in range(longest):
        if more:
            more = lane_goods.take(shelf[(day + uint64(longest - 1 - age)) & mask], b.freshest_out)
    lane_goods.throw_away(shelf[day & mask], cell[ON_HAND], b.kept[n], b.extra[n, EXPIRED])


@part
def buying_window(b, world, n, day, quantity):
    """Outside suppliers take orders in the window only, a serving site until the day before the season's end."""
    if world.parent[n] < 0:
        lane_goods.only_between(int32(day), b.first_order, b.last_order, quantity)
    else:
        lane_goods.only_before(int32(day), b.season_end, quantity)


@part
def set_prices(b, world, n, week):
    """On the first day of a week a price may come down."""
    gap = b.gaps[n, 6] if world.records else b.nothing
    lane_goods.bring_down(
        b.cells[n, ON_HAND], gap, int32(week * 7), b.season_end, b.reduced_after, b.most_per_day[n], b.reduced_from[n]
    )


@part
def week_of_season(b, world, n, week):
    """Where there are seasons, demand is drawn at the price of each day."""
    tables = world.tables
    lane_goods.ask_at_price(
        tables.guide, tables.breaks, tables.first_break, tables.place, b.table[n], b.season[n], b.reduced_shift[n],
        b.reduced_from[n], world.season_class, week * 7, b.draws, b.weeks[n],
    )  # fmt: skip


@part
def end_of_season(b, n, week):
    """From the end of a season on nothing is asked for."""
    if (week + 1) * 7 > b.first_end[0]:
        lane_goods.stop_asking(int32(week * 7), b.season_end, b.weeks[n])
