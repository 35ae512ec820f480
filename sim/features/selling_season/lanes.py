"""Selling seasons, in the kernel: the steps of the event engine (`steps`), over the loops of `loops`."""

from __future__ import annotations

from numba import int32, int64

from restock.sim.compiling.marks import called_part, part
from restock.sim.engines.kernel.layout import ON_HAND, WIDTH, extra_column
from restock.sim.engines.kernel.rows import CELL, F8, I4, I8, LANE, WITHOUT, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.selling_season import loops as season_loops

CLEARED = extra_column("cleared")
MARKED_DOWN = extra_column("marked_down")
MARKDOWN_POINTS = extra_column("markdown_points")


@called_part
def load_seasons(b, world, first_lane, lanes_used, first_replication, replications, first_item):
    """Days of the season, and what decides on the price."""
    b.first_end[0] = world.horizon
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        i = first_item + u // replications
        of = world.features.selling_seasons
        b.season_end[lane] = of.season_end[i]
        b.first_order[lane] = of.first_order[i]
        b.last_order[lane] = of.last_order[i]
        b.percent_off[lane] = of.percent_off[i]
        b.reduced_after[lane] = of.reduced_after[i]
        b.first_end[0] = min(b.first_end[0], of.season_end[i])
        for n in range(len(world.parent)):
            b.reduced_from[n, lane] = of.reduced_from[i]
            if world.opening_state.resumed:
                r = min(first_replication + u % replications, world.opening_state.cells.shape[2] - 1)
                b.reduced_from[n, lane] = of.opening_reduced[i, n, r]
            b.reduced_shift[n, lane] = of.reduced_shift[i, n]
            b.most_per_day[n, lane] = of.most_per_day[i, n]


@part
def set_prices(b, world, n, week):
    """On the first day of a week a price may come down."""
    gap = b.gaps[n, 6] if world.features.records.used else b.nothing
    season_loops.bring_down(
        b.cells[n, ON_HAND], gap, int32(week * 7), b.season_end, b.reduced_after, b.most_per_day[n], b.reduced_from[n]
    )


@part
def demand_at_price(b, world, n, week):
    """Draws become units by each lane's law of demand at the price of each day."""
    tables = world.tables
    season_loops.ask_at_price(
        tables.guide, tables.breaks, tables.first_break, tables.place, b.table[n], b.season[n], b.reduced_shift[n],
        b.reduced_from[n], world.season_class, week * 7, b.draws, b.weeks[n],
    )  # fmt: skip


@part
def end_of_season(b, n, week):
    """From the end of a season on nothing is asked for."""
    if (week + 1) * 7 > b.first_end[0]:
        season_loops.stop_asking(int32(week * 7), b.season_end, b.weeks[n])


@part
def sell_marked_down(b, n, day):
    """What customers were handed today at a reduced price."""
    if b.sells[n] != WITHOUT or b.plays[n] != WITHOUT:
        season_loops.sell_reduced(
            b.handed, int32(day), b.reduced_from[n], b.percent_off, b.extra[n, MARKED_DOWN], b.extra[n, MARKDOWN_POINTS]
        )


@part
def clearance(b, n, day):
    """What is left at the end of a season, or comes later, leaves."""
    if int64(day) >= b.first_end[0]:
        season_loops.clear_out(int32(day), b.season_end, b.cells[n, ON_HAND], b.extra[n, CLEARED])


@part
def buying_window(b, world, n, day, quantity):
    """Outside suppliers take orders in the window only, a serving site until the day before the season's end."""
    if world.parent[n] < 0:
        season_loops.only_between(int32(day), b.first_order, b.last_order, quantity)
    else:
        season_loops.only_before(int32(day), b.season_end, quantity)


LANES = {
    "seasons": Lanes(
        "features.selling_season.lanes",
        {
            "load": ("load_seasons",),
            "week_starts": ("set_prices",),
            "demand": ("demand_at_price",),
            "after_demand": ("end_of_season",),
            "sold": ("sell_marked_down",),
            "cleared": ("clearance",),
            "ordered": ("buying_window",),
        },
        rows={
            "season_end": Row(LANE, I4, "day"),
            "first_order": Row(LANE, I4, "day"),
            "last_order": Row(LANE, I4, "day"),
            "percent_off": Row(LANE, I4, ""),
            "reduced_after": Row(LANE, I4, "day"),
            "reduced_from": Row(CELL, I4, "day"),
            "reduced_shift": Row(CELL, I4, ""),
            "most_per_day": Row(CELL, F8, ""),
            "first_end": Row((1,), I8, "the first day on which the season of a lane ends"),
        },
        reads=("handed",),
    ),
}
