"""Selling seasons, in the kernel: the steps of `sim.seasonal`, over the loops of `sim.lane_goods`."""

from __future__ import annotations

from numba import int32, int64

from sim import lane_goods
from sim.block import WITHOUT
from sim.jit import part
from sim.layout import CLEARED, MARKDOWN_POINTS, MARKED_DOWN, ON_HAND, WIDTH


@part
def load_seasons(b, world, first_lane, lanes_used, replications, first_item):
    """Days of the season, and what decides on the price."""
    b.first_end[0] = world.horizon
    for lane in range(WIDTH):
        i = first_item + (first_lane + min(lane, lanes_used - 1)) // replications
        goods = world.goods
        b.season_end[lane] = goods.season_end[i]
        b.first_order[lane] = goods.first_order[i]
        b.last_order[lane] = goods.last_order[i]
        b.percent_off[lane] = goods.percent_off[i]
        b.reduced_after[lane] = goods.reduced_after[i]
        b.first_end[0] = min(b.first_end[0], goods.season_end[i])
        for n in range(len(world.parent)):
            b.reduced_from[n, lane] = goods.reduced_from[i]
            b.reduced_shift[n, lane] = goods.reduced_shift[i, n]
            b.most_per_day[n, lane] = goods.most_per_day[i, n]


@part
def set_prices(b, world, n, week):
    """On the first day of a week a price may come down."""
    gap = b.gaps[n, 6] if world.records else b.nothing
    lane_goods.bring_down(
        b.cells[n, ON_HAND], gap, int32(week * 7), b.season_end, b.reduced_after, b.most_per_day[n], b.reduced_from[n]
    )


@part
def demand_at_price(b, world, n, week):
    """Draws become units by each lane's law of demand at the price of each day."""
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


@part
def sell_marked_down(b, n, day):
    """What customers were handed today at a reduced price."""
    if b.sells[n] != WITHOUT or b.plays[n] != WITHOUT:
        lane_goods.sell_reduced(
            b.handed, int32(day), b.reduced_from[n], b.percent_off, b.extra[n, MARKED_DOWN], b.extra[n, MARKDOWN_POINTS]
        )


@part
def clearance(b, n, day):
    """What is left at the end of a season, or comes later, leaves."""
    if int64(day) >= b.first_end[0]:
        lane_goods.clear_out(int32(day), b.season_end, b.cells[n, ON_HAND], b.extra[n, CLEARED])


@part
def buying_window(b, world, n, day, quantity):
    """Outside suppliers take orders in the window only, a serving site until the day before the season's end."""
    if world.parent[n] < 0:
        lane_goods.only_between(int32(day), b.first_order, b.last_order, quantity)
    else:
        lane_goods.only_before(int32(day), b.season_end, quantity)
