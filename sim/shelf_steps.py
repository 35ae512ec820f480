"""Goods that do not keep, in the kernel: the steps of `sim.shelf_life`, over the loops of `sim.lane_goods`."""

from __future__ import annotations

from numba import uint64

from sim import lane_goods
from sim.block import WITHOUT, how_many
from sim.jit import part
from sim.layout import EXPIRED, ON_HAND, WIDTH


@part
def load_shelves(b, world, first_lane, lanes_used, replications, first_item):
    """Goods that do not keep, at sites that serve no other: what is there on day 0 came that morning."""
    b.shelf[:] = 0
    b.kept[:] = 0
    b.keeps[:] = 0
    for lane in range(WIDTH):
        i = first_item + (first_lane + min(lane, lanes_used - 1)) // replications
        b.life[lane] = world.goods.shelf_life[i]
        b.freshest_first[lane] = world.goods.freshest_first[i]
        for n in range(len(world.parent)):
            if b.life[lane] > 0 and world.first_child[n + 1] == world.first_child[n]:
                b.keeps[n] += world.stocked[i, n]
                b.kept[n, lane] = world.opening[i, n]
                b.shelf[n, b.life[lane] - 1, lane] = world.opening[i, n]
    for n in range(len(world.parent)):
        b.keeps[n] = how_many(b.keeps[n])


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
