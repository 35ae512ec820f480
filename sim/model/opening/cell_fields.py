"""What there is of a cell as a run opens: the last axis of `opening_arrays.OpeningArrays.cells`."""

from __future__ import annotations

CELL_FIELDS = (
    "on_hand", "record", "waiting", "on_order", "owed", "owing", "next_review", "shipments_so_far", "sold_so_far",
    "sold_seen", "received_so_far", "restocked_so_far", "short_in_cycle", "demand_before", "learnt_sold",
    "learnt_backorders", "learnt_restocked", "learnt_day",
)  # fmt: skip
(STATE_ON_HAND, STATE_RECORD, STATE_WAITING, STATE_ON_ORDER, STATE_OWED, STATE_OWING, STATE_NEXT_REVIEW,
 STATE_SHIPMENTS, STATE_SOLD, STATE_SOLD_SEEN, STATE_RECEIVED, STATE_RESTOCKED, STATE_SHORT, STATE_DEMAND_BEFORE,
 STATE_LEARNT_SOLD, STATE_LEARNT_BACKORDERS, STATE_LEARNT_RESTOCKED, STATE_LEARNT_DAY) = range(18)  # fmt: skip
"""Of a cell: units on the shelf, on record, promised to customers, on order, owed to it, owed by it; the next day of
review; shipments to it so far; sold so far as booked, and of that what the last review saw; received and put back on
the shelf so far; 1 if demand was short since the last delivery; demand of the day before; and what the policy learnt
last: of sales, backorders and restocked so far, and of which day."""
