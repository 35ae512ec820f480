"""Echelon positions in the kernel: what the sites below are seen to have, summed from the bottom up.

A plan whose rules read `view.echelon_position` has one more row of levels, the last: units of the sites below, which
evenings write. So that what a rule is given grows by nothing where no rule reads it.
"""

from __future__ import annotations

from numba import int32, int64, uint64

from restock.sim.compiling.marks import called_part, helper, part
from restock.sim.engines.kernel.lanes import posted_position, recorded_position
from restock.sim.engines.kernel.layout import (
    GOT,
    ON_HAND,
    ON_ORDER,
    OWING,
    PAST_DAYS,
    PROMISED,
    RECEIVED_,
    RECORD,
    WAITING,
    WIDTH,
)
from restock.sim.engines.kernel.rows import WITHOUT
from restock.sim.model.unit_limits import LARGEST_UNITS


@part
def seen_position(b, world, n, day, today, position):
    """A site's inventory position by its book, as policies see it."""
    cell, late = b.cells[n], False
    if world.features.records.delayed:
        late = True
        then = b.past[n, (day + uint64(PAST_DAYS - world.features.records.lag)) % uint64(PAST_DAYS)]
        posted_position(then[RECORD], then[PROMISED], then[RECEIVED_], b.books[n, GOT], cell[ON_ORDER], position)
    if not late:
        gap = b.nothing
        if world.features.records.used:
            gap = b.gaps[n, today]
        recorded_position(cell[ON_HAND], gap, cell[ON_ORDER], cell[WAITING], cell[OWING], position)


@called_part
def position_of_those_below(b, world, plan, n, day, today):
    """Before its review a site knows what all sites below it have, after their orders of tonight."""
    if world.first_child[n + 1] > world.first_child[n]:
        children = world.child[world.first_child[n] : world.first_child[n + 1]]
        for c in children:
            if b.present[c] != WITHOUT:
                seen_position(b, world, c, day, today, b.seen_here[c])
        sum_below(children, b.present, b.stocked, b.seen_here, b.levels, plan.echelon_level, n)


@helper
def sum_below(children, present, stocked, position, levels, row, n):
    """Positions of the sites below and of all below these, no further from 0 than a level may be.

    Lanes of items that a site does not keep may have a record all the same: a count that is a unit wrong.
    """
    for lane in range(WIDTH):
        units = int64(0)
        for c in children:
            if present[c] > 0 and stocked[c, lane] > 0:
                units += int64(position[c, lane]) + int64(levels[c, row, lane])
        levels[n, row, lane] = int32(min(max(units, int64(-LARGEST_UNITS)), int64(LARGEST_UNITS)))
