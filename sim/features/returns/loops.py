"""Loops over lanes of what customers bring back."""

from __future__ import annotations

from numba import uint32, uint64

from restock.sim.compiling.marks import over_rows, rows_called
from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.probability.guide_tables import value_of
from restock.sim.probability.keyed_draws import mix


@rows_called
def come_later(guide, breaks, first_break, place, table, key_a, key_b, index, units, day, mask, coming):
    """Units that will come back together, on the day that their lag ends; `coming` has a row a day."""
    for lane in range(WIDTH):
        if units[lane] > 0:
            z = mix(key_a[lane], key_b[lane], uint64(index >> 1))
            u = uint32(z >> uint64(32)) if index & 1 else uint32(z)
            number = uint64(table[lane])
            lag = value_of(guide, breaks, first_break, place[number], number, u)
            coming[(day + uint64(lag)) & mask, lane] += units[lane]


@over_rows
def take_back(due, back, on_hand, returned, restocked):
    """What is due comes back; a part of it goes back on the shelf, and into the record."""
    for lane in range(WIDTH):
        returned[lane] += due[lane]
        restocked[lane] += back[lane]
        on_hand[lane] += back[lane]
        due[lane] = 0
