"""Loops over lanes of units by age."""

from __future__ import annotations

from numba import int32, uint64

from restock.sim.compiling.marks import over_rows, rows_called
from restock.sim.engines.kernel.layout import WIDTH


@over_rows
def leave_shelf(kept, came, on_hand, life, freshest_first, oldest_out, freshest_out):
    """How many units left the shelf today, of those that do not keep: apart, by which of them are taken first."""
    oldest = freshest = int32(0)
    for lane in range(WIDTH):
        out = int32(kept[lane] + came[lane] - on_hand[lane]) if life[lane] > 0 else int32(0)
        oldest_out[lane] = 0 if freshest_first[lane] else out
        freshest_out[lane] = out if freshest_first[lane] else 0
        oldest |= int32(oldest_out[lane] > 0)
        freshest |= int32(freshest_out[lane] > 0)
    return oldest + (freshest << 1)


@rows_called
def come_to_shelf(came, life, day, mask, shelf):
    """What came this morning lies in the row of the last day on which it is sold."""
    for lane in range(WIDTH):
        if came[lane] > 0 and life[lane] > 0:
            shelf[(day + uint64(life[lane] - 1)) & mask, lane] += came[lane]


@over_rows
def take(units, out):
    """Units of one age leave, as many as are still to leave. Returns 1 if there are more."""
    more = int32(0)
    for lane in range(WIDTH):
        taken = min(units[lane], out[lane])
        units[lane] -= taken
        out[lane] -= taken
        more |= int32(out[lane] > 0)
    return more


@over_rows
def throw_away(units, on_hand, kept, expired):
    """Units whose last day this was leave; what is on hand is what is kept."""
    for lane in range(WIDTH):
        on_hand[lane] -= units[lane]
        expired[lane] += units[lane]
        units[lane] = 0
        kept[lane] = on_hand[lane]
