"""What is done once a week over lanes: the week's demand is drawn, and its figures are added up (see `lanes`)."""

from __future__ import annotations

from numba import int32, int64, uint32, uint64

from restock.sim.compiling.marks import over_rows, rows_called
from restock.sim.engines.kernel.layout import ASKED, DAY_ROWS, MISSING, PIPELINE, QUANTITY, STOCK, WIDTH
from restock.sim.probability.guide_tables import value_of
from restock.sim.probability.keyed_draws import mix

MOST_COUNTED = 24  # break points up to which counting is quicker than looking up


@over_rows
def draw_week(key_a, key_b, week, draws):
    """Seven draws for every lane (and an eighth unused): one mix serves two days."""
    for half in range(4):
        counter = uint64(week * 4 + half)
        for lane in range(WIDTH):
            z = mix(key_a[lane], key_b[lane], counter)
            draws[2 * half * WIDTH + lane] = uint32(z)
            draws[(2 * half + 1) * WIDTH + lane] = uint32(z >> uint64(32))


@rows_called
def ask(guide, breaks, first_break, place, table, draws, week_rows):
    """The demand of the week's days, from each lane's own table."""
    for lane in range(WIDTH):
        start, number = place[lane], table[lane]
        for day in range(7):
            units = value_of(guide, breaks, first_break, start, number, draws[uint64(day * WIDTH + lane)])
            week_rows[uint64((day * DAY_ROWS + ASKED) * WIDTH + lane)] = units


@rows_called
def ask_together(guide, breaks, first_break, place, table, classes, first_day, draws, week_rows):
    """The demand of the week's days where all lanes share a table, which may depend on the class of the day.

    Such a block is many replications of one item. Where no draw goes beyond the first few values, these are counted,
    not looked up.
    """
    last = len(classes) - 1
    for day in range(7):
        number = uint64(table + (classes[min(first_day + day, last)] if table > 0 else 0))
        u = draws[uint64(day * WIDTH) : uint64((day + 1) * WIDTH)]
        at = uint64((day * DAY_ROWS + ASKED) * WIDTH)
        units = week_rows[at : at + uint64(WIDTH)]
        first = uint64(first_break[number])
        end, most = min(uint64(first_break[number + uint64(1)]), first + uint64(MOST_COUNTED + 1)), highest(u)
        reached = first
        while reached < end and breaks[reached] <= most:
            reached += uint64(1)
        if reached <= first + uint64(MOST_COUNTED):
            count_points(breaks[first:reached], u, units)
        else:
            look_up(guide, breaks, first_break, place[number], number, u, units)


@over_rows
def highest(u):
    most = uint32(0)
    for lane in range(WIDTH):
        most = max(most, u[lane])
    return most


@over_rows
def count_points(points, u, units):
    """Break points not above the draw: vector instructions, no table."""
    for lane in range(WIDTH):
        units[lane] = 0
    for point in points:
        for lane in range(WIDTH):
            units[lane] += int32(u[lane] >= point)


@over_rows
def look_up(guide, breaks, first_break, place, table, u, units):
    for lane in range(WIDTH):
        units[lane] = value_of(guide, breaks, first_break, place, table, u[lane])


@rows_called
def ask_in_season(guide, breaks, first_break, place, table, season, season_class, first_day, draws, week_rows):
    """The same, where a lane's table also depends on the class of the day (table 0 has no seasons: it is nothing)."""
    last = season_class.shape[1] - 1
    for lane in range(WIDTH):
        for day in range(7):
            number = int64(table[lane])
            if number > 0:
                number += season_class[season[lane], min(first_day + day, last)]
            u = draws[uint64(day * WIDTH + lane)]
            units = value_of(guide, breaks, first_break, place[number], number, u)
            week_rows[uint64((day * DAY_ROWS + ASKED) * WIDTH + lane)] = units


@over_rows
def sum_trade(week_rows, own_demand, unmet_week, demand_days, stockout_days):
    """The week's customers: what they asked for, what was not met at once, on how many days."""
    for lane in range(WIDTH):
        asked = missing = days = days_short = int32(0)
        for day in range(7):
            demand = week_rows[(day * DAY_ROWS + ASKED) * WIDTH + lane]
            unmet = week_rows[(day * DAY_ROWS + MISSING) * WIDTH + lane]
            asked = int32(asked + demand)
            missing = int32(missing + unmet)
            days = int32(days + (demand > 0))
            days_short = int32(days_short + (unmet > 0))
        own_demand[lane] = asked
        unmet_week[lane] = missing
        demand_days[lane] += days
        stockout_days[lane] += days_short


@over_rows
def sum_stock(week_rows, overstock_level, stock_sum, order_sum, over_sum, ready, ordered, orders):
    """The week's orders, and stock and orders at the end of each day."""
    for lane in range(WIDTH):
        most = overstock_level[lane]
        stock_days = over_days = ready_days = pipeline_days = units = lines = int32(0)
        for day in range(7):
            stock = week_rows[(day * DAY_ROWS + STOCK) * WIDTH + lane]
            quantity = week_rows[(day * DAY_ROWS + QUANTITY) * WIDTH + lane]
            stock_days = int32(stock_days + stock)
            over_days = int32(over_days + max(int32(stock - most), int32(0)))
            ready_days = int32(ready_days + (stock > 0))
            pipeline_days = int32(pipeline_days + week_rows[(day * DAY_ROWS + PIPELINE) * WIDTH + lane])
            units = int32(units + quantity)
            lines = int32(lines + (quantity > 0))
        stock_sum[lane] += stock_days
        over_sum[lane] += over_days
        ready[lane] += ready_days
        order_sum[lane] += pipeline_days
        ordered[lane] = units
        orders[lane] += lines


@over_rows
def sum_cycles(cycle, cycles, cycles_in_stock):
    """Take apart the counters of `receive`."""
    for lane in range(WIDTH):
        cycles[lane] += (cycle[lane] >> 8) & 255
        cycles_in_stock[lane] += cycle[lane] >> 16
        cycle[lane] &= 1
