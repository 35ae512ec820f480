"""A second source over lanes, in the kernel (see `engines.kernel.lanes`)."""

from __future__ import annotations

import numpy as np
from numba import int32, int64, uint64

from restock.sim.compiling.marks import over_rows
from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.probability.guide_tables import value_of

BILLION = 10**9


@over_rows
def still_to_post(seen_on_order, on_order, has, due_soon):
    """What was received and is not posted yet has come, too; lanes without a second source are told nothing."""
    for lane in range(WIDTH):
        due_soon[lane] = int32(due_soon[lane] + seen_on_order[lane] - on_order[lane]) if has[lane] else 0


@over_rows
def in_packs(units, has, is_open, pack, minimum_order):
    """Express orders in whole packs of their lane, where it takes orders; a failed rule's (-1) stays."""
    for lane in range(WIDTH):
        wanted = max(units[lane], minimum_order[lane])
        whole = int32(np.ceil(wanted / max(pack[lane], int32(1)))) * pack[lane]
        asked = min(units[lane], int32(0)) if units[lane] <= 0 else whole * is_open
        units[lane] = asked if has[lane] else 0


@over_rows
def only_where(due, units):
    """Lanes that are not reviewed tonight order nothing."""
    for lane in range(WIDTH):
        units[lane] = units[lane] if due[lane] else 0


@over_rows
def split(quantity, pack, share, has, units):
    """A share of the packs of each order, rounded down."""
    for lane in range(WIDTH):
        packs = int64(max(quantity[lane], int32(0)) // pack[lane])
        units[lane] = int32(packs * share // BILLION) * pack[lane] if has[lane] else 0


@over_rows
def take_over(down, is_open, after, has, nights_down, goes):
    """Nights in a row on which the own supplier is down; from enough of them on orders go to the other one."""
    for lane in range(WIDTH):
        goes[lane] = has[lane] & is_open & down[lane] & int32(nights_down[lane] >= after)
        nights_down[lane] = (nights_down[lane] + 1) * down[lane]


@over_rows
def all_of(quantity, goes, units):
    """Whole orders, where they go there."""
    for lane in range(WIDTH):
        units[lane] = max(quantity[lane], int32(0)) * goes[lane]


@over_rows
def join(units, quantity):
    """The express order joins what is ordered tonight; where either rule failed, so does the whole."""
    for lane in range(WIDTH):
        both = int32(quantity[lane] + units[lane])
        quantity[lane] = -1 if (units[lane] < 0) | (quantity[lane] < 0) else both


@over_rows
def add_up(units, quantity, premium, per_line, per_unit, orders, expedited, lines, paid, ordering, transport):
    """What is ordered there tonight, and what it costs more; an order of both sources is two lines."""
    found = int32(0)
    for lane in range(WIDTH):
        some = int32(units[lane] > 0)
        orders[lane] += some & int32(quantity[lane] > units[lane])
        expedited[lane] += units[lane]
        lines[lane] += some
        paid[lane] += units[lane] * premium[lane]
        ordering[lane] += some * per_line[lane]
        transport[lane] += units[lane] * per_unit[lane]
        found |= units[lane]
    return found


@over_rows
def travel(guide, breaks, first_break, place, units, draws, table, last_night, mask, arriving):
    """Shipments from the second source take a lead time each."""
    for lane in range(WIDTH):
        if units[lane] > 0:
            number = uint64(table[lane])
            days = value_of(guide, breaks, first_break, place[number], number, draws[lane])
            arriving[(last_night + uint64(days)) & mask, lane] += units[lane]
