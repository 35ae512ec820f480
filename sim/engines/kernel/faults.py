"""Figures that grow beyond what 32 bits may hold: the first lane of a site that has one ends the run
(`planning.limits`).

The loops over lanes only or their figures together, which costs next to nothing; where the result is too large, the
rows are looked through here. What counts is the rows as they stand then, so that the event engine finds the same.
"""

from __future__ import annotations

from numba import int64, uint32

from restock.sim.compiling.marks import helper, inlined
from restock.sim.engines.kernel.layout import ON_HAND, ON_ORDER, OWING, WAITING, WIDTH
from restock.sim.model.unit_limits import (
    FAULT_DAY,
    FAULT_ITEM,
    FAULT_KIND,
    FAULT_SITE,
    FAULT_UNITS,
    LARGE_BACKORDERS,
    LARGE_ON_ORDER,
    LARGE_ORDER,
    LARGE_ORDERS_BELOW,
    LARGE_OWED,
    LARGE_STOCK,
    LARGE_WEEK_DEMAND,
    LARGE_WEEK_ORDERS,
    NO_FAULT,
    RULE_FAILED,
)


@inlined
def beyond(found, most):
    """Whether one of the figures or-ed together is above `most` (a power of two less one) or below 0."""
    return int64(uint32(found)) > most


@helper
def note(fault, kind, site, lane, day, units):
    """The first fault stays."""
    if fault[FAULT_KIND] == NO_FAULT:
        fault[FAULT_KIND], fault[FAULT_SITE], fault[FAULT_ITEM] = kind, site, lane
        fault[FAULT_DAY], fault[FAULT_UNITS] = day, units


@helper
def look(fault, kind, site, day, least, most, stocked, row):
    """The first lane of a row that lies outside what is allowed."""
    for lane in range(WIDTH):
        units = int64(row[lane])
        if stocked[lane] and (units < least or units > most):
            note(fault, kind, site, lane, day, units)
            return


@helper
def look_at_orders(fault, site, day, most, stocked, quantity):
    """What was to be ordered, before limits cut it."""
    look(fault, RULE_FAILED, site, day, 0, int64(2**31), stocked, quantity)
    look(fault, LARGE_ORDER, site, day, 0, most, stocked, quantity)


@helper
def look_in_the_evening(fault, site, above, day, most, stocked, quantity, cell, orders_above):
    """All that stands in a site's books when its evening is over."""
    look(fault, RULE_FAILED, site, day, 0, int64(2**31), stocked, quantity)
    look(fault, LARGE_ORDER, site, day, 0, most, stocked, quantity)
    look(fault, LARGE_STOCK, site, day, 0, most, stocked, cell[ON_HAND])
    look(fault, LARGE_ON_ORDER, site, day, 0, most, stocked, cell[ON_ORDER])
    if above >= 0:
        look(fault, LARGE_ORDERS_BELOW, above, day, 0, most, stocked, orders_above)
    look(fault, LARGE_BACKORDERS, site, day, 0, most, stocked, cell[WAITING])
    look(fault, LARGE_OWED, site, day, 0, most, stocked, cell[OWING])


@helper
def look_at_week(fault, site, day, most, stocked, asked_below, own, ordered):
    """What was asked for and ordered in a week is squared and summed in 64 bits."""
    for lane in range(WIDTH):
        if stocked[lane] and int64(asked_below[lane]) + int64(own[lane]) > most:
            note(fault, LARGE_WEEK_DEMAND, site, lane, day, int64(asked_below[lane]) + int64(own[lane]))
    look(fault, LARGE_WEEK_ORDERS, site, day, 0, most, stocked, ordered)
