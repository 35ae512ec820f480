"""What features share in the kernel: columns that few runs have (`measures.ledger.EXTRA`), and flows of the day."""

from __future__ import annotations

from restock.sim.compiling.marks import called_part, helper, part
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.layout import ASKED, BASE, DAY_ROWS, MISSING, SERVED, WIDTH
from restock.sim.engines.kernel.rows import WITHOUT


@called_part
def clear_extra(b):
    """A block begins with nothing in those that the run has."""
    for n in range(len(b.extra)):
        for column in b.extra_used:
            b.extra[n, column] = 0


@part
def add_extra(b, n, measured):
    """The sums of the last weeks go into the totals, if they are measured, and start afresh."""
    add_columns(b.extra_used, b.extra[n], b.totals[n], measured)


@helper
def add_columns(used, extra, totals, measured):
    for column in used:
        if measured:
            for lane in range(WIDTH):
                totals[BASE + column, lane] += extra[column, lane]
        extra[column] = 0


@part
def note_arrivals(b, n, day, mask):
    """What comes this morning, for those who want to know it later in the day."""
    lanes.copy(b.arriving[n, day & mask], b.came[n])


@part
def note_served(b, n):
    """Before trading: what was handed to customers who waited, this week so far."""
    lanes.copy(b.week[n, SERVED], b.served_before[n])


@part
def note_handed(b, n, today):
    """What customers were handed today: those of today, and those who had waited."""
    if b.sells[n] != WITHOUT or b.plays[n] != WITHOUT:
        lanes.handed_over(
            b.days[n, today * DAY_ROWS + ASKED], b.days[n, today * DAY_ROWS + MISSING], b.week[n, SERVED],
            b.served_before[n], b.handed,
        )  # fmt: skip
