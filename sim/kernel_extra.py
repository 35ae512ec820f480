"""Columns of the ledger that only some features have (`sim.ledger.EXTRA`), in the kernel."""

from __future__ import annotations

from sim.jit import helper, part
from sim.layout import BASE, WIDTH


@part
def clear_extra(b):
    """A block begins with nothing in them."""
    b.extra[:] = 0


@part
def add_extra(b, n, measured):
    """The sums of the last weeks go into the totals, if they are measured, and start afresh."""
    add_columns(b.extra[n], b.totals[n], measured)


@helper
def add_columns(extra, totals, measured):
    for column in range(len(extra)):
        if measured:
            for lane in range(WIDTH):
                totals[BASE + column, lane] += extra[column, lane]
        extra[column] = 0
