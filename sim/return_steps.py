"""What customers bring back, in the kernel: the steps of `sim.returns`, over the loops of `sim.lane_goods`."""

from __future__ import annotations

from numba import int64, uint64

from sim import lane_goods, lanes
from sim.block import WITHOUT
from sim.jit import part
from sim.layout import (
    ASKED,
    BACK,
    DAY_ROWS,
    MISSING,
    MOVE_ROWS,
    ON_HAND,
    RESTOCKED,
    RESTOCKED_TODAY,
    RETURNED,
    RETURNED_TODAY,
    SERVED,
    WIDTH,
)
from sim.randomness import RESALE, RETURN_LAG, RETURNING, day_index, stream_key


@part
def load_returns(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Nothing is on its way back when the run begins."""
    b.coming[:] = 0
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        i, replication = first_item + u // replications, first_replication + u % replications
        b.return_share[lane] = world.goods.return_share[i]
        b.resalable[lane] = world.goods.resalable[i]
        b.return_chance[lane] = world.goods.return_chance[i]
        b.lag_table[lane] = world.goods.lag_table[i]
        for n in range(len(world.parent)):
            if b.present[n] > 0:
                site, item, key = world.site_key[n], world.item_key[i], b.return_key[n]
                key[0, lane], key[1, lane] = stream_key(seed, replication, site, item, RETURNING)
                key[2, lane], key[3, lane] = stream_key(seed, replication, site, item, RETURN_LAG)
                key[4, lane], key[5, lane] = stream_key(seed, replication, site, item, RESALE)


@part
def note_served(b, n):
    """Before trading: what was handed to customers who waited, this week so far."""
    lanes.copy(b.week[n, SERVED], b.served_before)


@part
def note_handed(b, n, today):
    """What customers were handed today: those of today, and those who had waited."""
    if b.sells[n] != WITHOUT or b.plays[n] != WITHOUT:
        lane_goods.handed_over(
            b.days[n, today * DAY_ROWS + ASKED], b.days[n, today * DAY_ROWS + MISSING], b.week[n, SERVED],
            b.served_before, b.handed,
        )  # fmt: skip


@part
def returns_of_day(b, world, n, day, today):
    """A share of what customers were handed today will come back; what is due today does."""
    if b.sells[n] == WITHOUT and b.plays[n] == WITHOUT:
        return
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
