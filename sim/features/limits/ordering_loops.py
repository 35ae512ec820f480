"""Limits on what is ordered, over lanes. Of a gang's block `lane` is the first of its lanes, of which `used` are."""

from __future__ import annotations

import numpy as np
from numba import int32, int64

from restock.sim.compiling.marks import helper, inlined, over_rows
from restock.sim.engines.kernel.layout import ON_HAND, ON_ORDER, PROMISED_SEEN, WIDTH

ANY_ROOM = 2**30  # units


@over_rows
def position(view, elsewhere, here):
    for lane in range(WIDTH):
        here[lane] = view[ON_HAND, lane] + view[ON_ORDER, lane] + elsewhere[lane] - view[PROMISED_SEEN, lane]


@over_rows
def all_bits(quantity):
    """All lanes' orders, or-ed together."""
    found = int32(0)
    for lane in range(WIDTH):
        found |= quantity[lane]
    return found


@inlined
def room_left(shelf, here, pack):
    """Units that there is room for, in whole packs."""
    return max(int32(0), shelf - here) // pack * pack if shelf > 0 else int32(ANY_ROOM)


@helper
def hold_to_room(quantity, shelf, here, pack, no_shelf):
    """What there is no room for is not ordered."""
    for lane in range(WIDTH):
        if quantity[lane] > 0 and shelf[lane] > 0:
            fits = min(quantity[lane], room_left(shelf[lane], here[lane], pack[lane]))
            no_shelf[lane] += quantity[lane] - fits
            quantity[lane] = fits


@helper
def add_order_load(quantity, volume, joint_of, terms, lane, used, many, load):
    """The load of each replication's orders on some terms."""
    for j in range(used):
        if joint_of[j] == terms:
            load[(lane + j) % many] += int64(quantity[j]) * int64(volume[j])


@helper
def who_joins(quantity, joint_of, terms, is_open, weekday, here, below, up_to, lane, used, many, load, joins):
    """What items with too little would join with, where others are ordered. Whether any would."""
    some = False
    joins[:] = 0
    for j in range(used):
        if joint_of[j] == terms and quantity[j] == 0 and load[(lane + j) % many] > 0:
            if (is_open[j] >> weekday) & 1 and here[j] < below[j]:
                joins[j] = up_to[j] - here[j]
                some = True
    return some


@helper
def join_in(joins, volume, lane, used, many, quantity, load):
    """They join."""
    for j in range(used):
        if joins[j] > 0:
            quantity[j] = joins[j]
            load[(lane + j) % many] += int64(joins[j]) * int64(volume[j])


@inlined
def raised(units, days, rate, room, pack, most):
    """An order raised by so many days of demand, in whole packs, up to the room there is."""
    more = int64(units) + int64(np.ceil(days * rate - 1e-9))
    in_packs = (more + pack - 1) // pack * pack
    return max(int64(units), min(in_packs, min(int64(room), most) // pack * pack))


@helper
def add_raised_load(quantity, volume, joint_of, terms, days, rates, room, pack, most, lane, used, many, load):
    """The load of each replication's orders on some terms, raised by its days of demand."""
    for j in range(used):
        if joint_of[j] == terms and quantity[j] > 0:
            r = (lane + j) % many
            units = raised(quantity[j], days[r], rates[j], room[j], int64(pack[j]), most)
            load[r] += units * int64(volume[j])


@helper
def fill_orders(
    quantity, volume, joint_of, terms, days, rates, room, pack, most, lane, used, many, fills, excess, load, filled_up
):  # fmt: skip
    """Orders are raised, and what is too much is taken off the first ones."""
    for j in range(used):
        r = (lane + j) % many
        if joint_of[j] == terms and quantity[j] > 0 and fills[r] > 0:
            size = int64(pack[j])
            units = raised(quantity[j], days[r], rates[j], room[j], size, most)
            packs = min((units - quantity[j]) // size, excess[r] // (size * volume[j]))
            excess[r] -= packs * size * volume[j]
            more = int32(units - packs * size - quantity[j])
            quantity[j] += more
            filled_up[j] += more
            load[r] += int64(more) * int64(volume[j])


@helper
def hold_back_orders(joint_of, terms, drops, lane, used, many, quantity, joins, held_back, joined):
    """Orders that come to too little are not placed; those that joined others are written down."""
    for j in range(used):
        if joint_of[j] == terms:
            if drops[(lane + j) % many] > 0:
                held_back[j] += quantity[j]
                quantity[j] = 0
            else:
                joined[j] += joins[j]


@helper
def note_order_load(quantity, volume, joint_of, terms, lane, used, many, load, noted):
    """Orders on some terms are about to enter the books."""
    for j in range(used):
        if joint_of[j] == terms:
            units = int64(quantity[j]) * int64(volume[j])
            load[(lane + j) % many] += units
            noted[j] += units


@helper
def add_space(quantity, here, volume, stocked, lane, used, many, load, cap):
    """What is here or on its way takes room; the rest is for tonight's orders, which come to so much."""
    for j in range(used):
        r = (lane + j) % many
        if stocked[j] > 0:
            cap[r] -= max(int64(0), int64(here[j])) * int64(volume[j])
            load[r] += int64(quantity[j]) * int64(volume[j])
