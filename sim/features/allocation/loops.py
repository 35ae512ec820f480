"""Allocation by need over lanes: what the sites below have, and who gets the next unit."""

from __future__ import annotations

from numba import float64, int32, int64

from restock.sim.compiling.marks import helper, over_rows
from restock.sim.engines.kernel import allocation as rationing
from restock.sim.engines.kernel import even_days
from restock.sim.engines.kernel.layout import ON_HAND, OWED, SHIPPING, WIDTH
from restock.sim.features.allocation.arrays import BY_DAYS, NO_TARGET
from restock.sim.probability.keyed_draws import uniform


@over_rows
def as_it_is(on_hand, on_order, owed, waiting, position):
    """On the shelf and on the way, less what customers wait for."""
    for lane in range(WIDTH):
        position[lane] = on_hand[lane] + on_order[lane] - owed[lane] - waiting[lane]


@helper
def urgency(position, target, owed, sent):
    """The lower, the sooner a site gets the next unit: how much it is short of, below 0."""
    if target == NO_TARGET:
        return float64(sent - owed)
    return float64(position + sent - target)


@helper
def share_by_need(way, site, children, cells, total, position, target, rates, keys, heap, given):
    """Set `shipping` of the sites below, unit by unit by need, for every lane in which more is owed than is there."""
    for lane in range(WIDTH):
        have = int64(cells[site, ON_HAND, lane])
        if total[lane] > have and way == BY_DAYS:
            share_by_days(have, children, cells, position, rates, lane, keys, heap, given)
        elif total[lane] > have:
            size = 0
            for k in range(len(children)):
                n = children[k]
                cells[n, SHIPPING, lane] = 0
                owed = int64(cells[n, OWED, lane])
                if owed > 0:
                    keys[k] = urgency(int64(position[n, lane]), int64(target[n, lane]), owed, int64(0))
                    heap[size] = k
                    size += 1
            for top in range(size // 2 - 1, -1, -1):
                rationing.sink(heap, keys, top, size)
            for _ in range(have):
                k = heap[0]
                n = children[k]
                cells[n, SHIPPING, lane] += 1
                sent, owed = int64(cells[n, SHIPPING, lane]), int64(cells[n, OWED, lane])
                if sent == owed:
                    size -= 1
                    heap[0] = heap[size]
                else:
                    keys[k] = urgency(int64(position[n, lane]), int64(target[n, lane]), owed, sent)
                rationing.sink(heap, keys, 0, size)


@helper
def share_by_days(have, children, cells, position, rates, lane, days, sites, given):
    """One lane by days of supply: `sites` and `given` hold those that are owed something, and what they get."""
    size = 0
    for n in children:
        cells[n, SHIPPING, lane] = 0
        if cells[n, OWED, lane] > 0:
            sites[size] = n
            size += 1
    if have > 0:
        even_days.by_days(have, size, sites, position, cells, True, rates, lane, given, days)
        for j in range(size):
            cells[sites[j], SHIPPING, lane] = int32(given[j])


@helper
def as_they_come(site, children, cells, total, key, index, came, heap):
    """Set `shipping` of the sites below, in full in the order in which they come, where too little is there."""
    for lane in range(WIDTH):
        left = int64(cells[site, ON_HAND, lane])
        if total[lane] > left:
            size = 0
            for k in range(len(children)):
                n = children[k]
                cells[n, SHIPPING, lane] = 0
                if cells[n, OWED, lane] > 0:
                    came[k] = float64(uniform(key[n, 0, lane], key[n, 1, lane], index))
                    heap[size] = k
                    size += 1
            for top in range(size // 2 - 1, -1, -1):
                rationing.sink(heap, came, top, size)
            while size > 0 and left > 0:
                n = children[heap[0]]
                sent = min(left, int64(cells[n, OWED, lane]))
                cells[n, SHIPPING, lane] = int32(sent)
                left -= sent
                size -= 1
                heap[0] = heap[size]
                rationing.sink(heap, came, 0, size)


@over_rows
def count_short(missing, short_below):
    """How many of the sites below turned customers away today."""
    for lane in range(WIDTH):
        short_below[lane] += int32(missing[lane] > 0)


@over_rows
def note_too_much(sent, on_hand, overstock_level, missing, short_below, misallocated):
    """Units sent to a site that has too much, while another than it turned customers away."""
    for lane in range(WIDTH):
        others = int32(short_below[lane] - int32(missing[lane] > 0))
        misallocated[lane] += sent[lane] if (others > 0) & (on_hand[lane] > overstock_level[lane]) else 0
