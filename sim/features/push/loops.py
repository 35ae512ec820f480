"""Pushes over lanes: to whom goods go, and how they are entered in the books."""

from __future__ import annotations

from numba import float64, int32, int64

from restock.sim.compiling.marks import helper, over_rows
from restock.sim.engines.kernel import allocation as rationing
from restock.sim.engines.kernel.layout import ON_HAND, WIDTH
from restock.sim.features.push.arrays import BILLION, BY_CHANCE, BY_MEAN
from restock.sim.probability.guide_tables import FULL

MANY = 100  # units from which on some go out at once


@over_rows
def has_before(on_hand, on_order, owed, quantity, waiting, position):
    """On the shelf and on the way, less what customers wait for; tonight's order is owed."""
    for lane in range(WIDTH):
        position[lane] = on_hand[lane] + on_order[lane] - (owed[lane] + quantity[lane]) - waiting[lane]


@helper
def push_out(
    way, share, wave, everything, site, below, stocked, is_pushed, cells, position, rates, thousandths, first, many,
    chances, pushed, keys, urgency, heap,
):  # fmt: skip
    """Set `pushed` of the sites below for every lane."""
    for lane in range(WIDTH):
        units = int64(0)
        if everything or is_pushed[lane] > 0:
            units = int64(cells[site, ON_HAND, lane]) * share // BILLION
        if units > 0:
            if way == BY_MEAN:
                in_proportion(units, below, stocked, thousandths, lane, pushed, keys, heap)
            else:
                by_need(way, units, wave, below, stocked, position, rates, lane, first, many, chances, pushed, urgency,
                        heap)  # fmt: skip


@helper
def in_proportion(units, below, stocked, thousandths, lane, pushed, keys, spare):
    """In proportion to mean demand; units left over go to the largest remainders, the first listed on ties."""
    total, count, left = int64(0), len(below), units
    for k in range(count):
        if stocked[below[k], lane] > 0:
            total += thousandths[below[k], lane]
    if total == 0:
        return
    for k in range(count):
        n, keys[k] = below[k], -1 - k
        if stocked[n, lane] > 0:
            part = units * thousandths[n, lane]
            pushed[n, lane] = int32(part // total)
            left -= part // total
            keys[k] = (part % total) * count + (count - 1 - k)
    if left > 0:
        least = rationing.nth_largest(keys, spare, count, left)
        for k in range(count):
            if keys[k] >= least:
                pushed[below[k], lane] += 1


@helper
def how_late(way, units, wave, n, lane, rates, first, many, chances):
    """The lower, the sooner a site with so many units gets the next: days of supply, or its chance of sale, below 0."""
    if way != BY_CHANCE:
        return rationing.days_of_supply(float64(units), rates[n, lane])
    if units < 0:
        return float64(-FULL)
    if units < many[n, wave, lane]:
        return float64(-chances[first[n, wave, lane] + units])
    return float64(0)


@helper
def so_far(days, spare, n, lane, stocked, position, rates):
    """Units that a site has less than so many days of, and some to spare."""
    if stocked[n, lane] == 0 or rates[n, lane] <= 0:
        return int64(0)
    return max(int64(0), int64(days * rates[n, lane]) - position[n, lane] + spare)


@helper
def before_some_day(units, below, stocked, position, rates, lane, pushed):
    """Where much is pushed, what all sites lack of so few days that it is there goes at once. Returns how much."""
    low, high = float64(0), float64(1e9)
    for _ in range(60):
        days, total = (low + high) / 2, int64(0)
        for n in below:
            total += so_far(days, 2, n, lane, stocked, position, rates)
        if total <= units:
            low = days
        else:
            high = days
    total = int64(0)
    for n in below:
        total += so_far(low, 2, n, lane, stocked, position, rates)
    given = int64(0)
    if total <= units:
        for n in below:
            pushed[n, lane] = int32(so_far(low, -2, n, lane, stocked, position, rates))
            given += pushed[n, lane]
    return given


@helper
def by_need(way, units, wave, below, stocked, position, rates, lane, first, many, chances, pushed, urgency, heap):
    """Unit by unit; what would be sold nowhere stays."""
    size, left = 0, units
    if way != BY_CHANCE and units >= MANY:
        left -= before_some_day(units, below, stocked, position, rates, lane, pushed)
    for k in range(len(below)):
        n = below[k]
        if stocked[n, lane] > 0:
            urgency[k] = how_late(
                way, int64(position[n, lane]) + pushed[n, lane], wave, n, lane, rates, first, many, chances
            )
            heap[size] = k
            size += 1
    if size == 0:
        return
    for top in range(size // 2 - 1, -1, -1):
        rationing.sink(heap, urgency, top, size)
    for _ in range(left):
        k = heap[0]
        n = below[k]
        if way == BY_CHANCE and urgency[k] >= 0:
            return
        pushed[n, lane] += 1
        has = int64(position[n, lane]) + pushed[n, lane]
        urgency[k] = how_late(way, has, wave, n, lane, rates, first, many, chances)
        rationing.sink(heap, urgency, 0, size)


@over_rows
def enter(pushed, owed, quantity, on_order, pipeline, orders_above, all_pushed, total_pushed, total_unasked):
    """What the site is not owed, and did not order, is entered as an order of tonight."""
    for lane in range(WIDTH):
        unasked = max(int32(pushed[lane] - owed[lane] - quantity[lane]), int32(0))
        quantity[lane] += unasked
        on_order[lane] += unasked
        pipeline[lane] += unasked
        orders_above[lane] += unasked
        all_pushed[lane] += pushed[lane]
        total_pushed[lane] += pushed[lane]
        total_unasked[lane] += unasked


@over_rows
def off_what_is_owed(pushed, owed, shipping):
    """What is pushed is no longer owed, and takes no part in sharing."""
    for lane in range(WIDTH):
        owed[lane] -= pushed[lane]
        shipping[lane] = owed[lane]
