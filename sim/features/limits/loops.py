"""Who gets what of a limit that is short, in the kernel: requests one by one, in the order of items, then of sites."""

from __future__ import annotations

import numpy as np
from numba import int32, int64

from restock.sim.compiling.marks import helper, inlined, over_rows
from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.features.limits.arrays import CLASSES

PROPORTIONAL, LISTED_FIRST, NEEDIEST_FIRST = range(3)
UPTO, BEFORE, CARRY, CUT_CLASS, CUT_LOAD, CUT_CAP = range(6)
GRANT_ROWS = 6
"""Rows of what is known of a limit while it is granted, over replications: load so far, and offered so far; what is
passed on; the class of cover in which it runs short, the load of that class, and what is left for it."""


@inlined
def share_up_to(upto, cap, turn, load):
    """(upto x cap + turn) // load in whole numbers: loads below 2**40, caps below 2**30."""
    if load < 2**32:
        return (upto * cap + turn) // load
    high, low = cap >> 15, cap & 32767
    whole = upto * high // load
    rest = upto * high - whole * load
    return (whole << 15) + ((rest << 15) + upto * low + turn) // load


@helper
def part_of_total(upto, total, load):
    """floor(total x upto / load), near enough: of loads above 2**31 the last bits are left out."""
    while load >= 2**31:
        upto >>= 1
        load >>= 1
    whole = total // load
    return upto * whole + upto * (total - whole * load) // load


@helper
def days_covered(stock, rate):
    """Whole days of cover, 15 for more."""
    if rate <= 0.0:
        return CLASSES - 1
    return int64(min(CLASSES - 1.0, max(0.0, np.floor(stock / rate))))


@helper
def add_load(shipping, volume, lane, used, many, load):
    """The load of each replication; `lane` is the first of the block in its gang."""
    if many == 1:
        units = int64(0)
        for j in range(used):
            units += int64(shipping[j]) * int64(volume[j])
        load[0] += units
    else:
        for first in range(min(many, used)):
            units = int64(0)
            for j in range(first, used, many):
                units += int64(shipping[j]) * int64(volume[j])
            load[(lane + first) % many] += units


@helper
def begin_grant(rows, share, load, cap, by_class, many):
    """What is known before the first request; replications whose load is within the cap are left alone."""
    for r in range(many):
        rows[UPTO, r] = rows[BEFORE, r] = 0
        rows[CARRY, r] = cap[r] if share == LISTED_FIRST else 0
        rows[CUT_CLASS, r], rows[CUT_LOAD, r], rows[CUT_CAP, r] = 0, load[r], cap[r]
        if share == NEEDIEST_FIRST and load[r] > cap[r]:
            left, k = cap[r], 0
            while by_class[k, r] <= left:
                left -= by_class[k, r]
                k += 1
            rows[CUT_CLASS, r], rows[CUT_LOAD, r], rows[CUT_CAP, r] = k, by_class[k, r], left


@helper
def granted(rows, share, r, cover, units, volume, day):
    """Of a request, the units that are granted."""
    if share != LISTED_FIRST:
        if cover != rows[CUT_CLASS, r]:
            return units if cover < rows[CUT_CLASS, r] else int32(0)
        rows[UPTO, r] += int64(units) * int64(volume)
        load = rows[CUT_LOAD, r]
        now = share_up_to(rows[UPTO, r], rows[CUT_CAP, r], day % load, load)
        rows[CARRY, r] += now - rows[BEFORE, r]
        rows[BEFORE, r] = now
    fits = min(int64(units), rows[CARRY, r] // int64(volume))
    rows[CARRY, r] -= fits * int64(volume)
    return int32(fits)


@over_rows
def note_load(shipping, volume, loaded):
    for lane in range(WIDTH):
        loaded[lane] += shipping[lane] * volume[lane]


@over_rows
def all_to_leave(quantity, elsewhere, owed, shipping):
    """What a supplier owes would leave, tonight's order included, but for what goes elsewhere. Or-ed together."""
    some = int32(0)
    for lane in range(WIDTH):
        shipping[lane] = owed[lane] + quantity[lane] - elsewhere[lane]
        owed[lane] = 0
        some |= shipping[lane]
    return some
