"""How the kernel's memory is laid out: rows of a site over lanes, and the columns of the ledger.

A lane is one (replication, item); WIDTH of them stand side by side in every row.
"""

from __future__ import annotations

from restock.sim.measures.ledger import EXTRA

WIDTH = 64
LARGEST_UNITS = 2**28 - 1
"""Units of one cell that no figure of a day may exceed: then the day's sums and a week's stay within 32 bits. A power
of two less one, so that the figures of many lanes, or-ed together, exceed it where one of them does."""
MANY_UNITS = 2**24  # from here on a week's sums go into the 64-bit totals every week
(ON_HAND, ON_ORDER, SALES, CYCLE, ORDINAL, SHIPPING, OWED, WAITING, OWING) = range(9)
ROWS = 9
"""Rows of a site, over lanes: stock on hand; on order; handed over since the last review; the cycle's counters
(`lanes.receive`); shipments so far; shipped to this site tonight, where it is not all that it ordered; owed to this
site; backorders of its customers; owed by it to the sites below."""
NEXT_COUNT, COUNT_EVERY, UNSOLD, UNSOLD_MOST, GOT, SEEN_SOLD = range(6)
BOOK_ROWS = 6
"""Rows of a site's records: the next day counted; days between counts; days without a sale; after how many of them the
cell is counted; received so far; of SALES, which then is never cleared, what the last review saw."""
RECORD, PROMISED, SOLD, RECEIVED_, POSTED, BACK_POSTED = range(6)
PAST_ROWS = 6
PAST_DAYS = 8  # a power of two above the longest lag
"""Rows of each of the last days of a site whose book is seen late: the book as it stood posted in the evening; and the
number of days from the start to the last posting; put back on the shelf so far, where the policy remembers."""
SOLD_BEFORE, PROMISED_BEFORE, DAYS_BEFORE, ORDERS_BELOW, DEMAND_BEFORE, IS_CELL, BACK, BACK_BEFORE = range(8)
LESSON_ROWS = 8
"""Rows of a site whose policy remembers: of SALES, and of backorders, what was there when the policy last learnt, and
after how many days; ordered today by the sites below; asked for yesterday; 1 where the item is stocked; brought back
and put on the shelf so far, and when the policy last learnt."""
DAYS, DEMAND, NEW_SALES, RECORD_SEEN, BROUGHT_BACK = range(5)
NEWS_ROWS = 5
"""Rows of what is new this evening (see `planning.policy.Seen`); nothing is learnt in lanes without new days."""
QUANTITY, ASKED, MISSING, STOCK, PIPELINE = range(5)
DAY_ROWS = 5
"""Rows of each day of the week: ordered; demand; not met at once; and at the end of the day, on hand and on order.
Day d has row `d * DAY_ROWS + name`, so that what a day touches lies side by side."""

(DEMAND_, FILLED, LOST, REFUSED, SERVED, RECEIVED, SHIPPED, ORDERED, CANCELLED, ORDERS, ON_HAND_, ON_ORDER_, BACKORDERS,
 OWED_, OVERSTOCK, DEMAND_DAYS, STOCKOUT_DAYS, READY_DAYS, CYCLES, CYCLES_IN_STOCK, SHRUNK, COUNTS, WRITTEN_OFF, FOUND,
 EXACT, ERROR, PHANTOM, FROZEN, DEMAND_SQUARED, ORDERED_SQUARED, OPENING) = range(31)  # fmt: skip
"""Columns of `measures.ledger.COLUMNS`, in its order."""
DAILY = DEMAND_SQUARED  # columns that are sums of daily figures
CLOSING = OPENING + 4
BASE = CLOSING + 4
_EXTRA = {name: k for k, name in enumerate(EXTRA)}


def extra_column(name: str) -> int:
    """Where a column of `ledger.EXTRA` stands among them; in the ledger they follow the others, from BASE on."""
    return _EXTRA[name]


(FAULT_KIND, FAULT_SITE, FAULT_ITEM, FAULT_REPLICATION, FAULT_DAY, FAULT_UNITS) = range(6)
FAULT_SLOTS = 6
"""The first fault of a shard: what it is, where and when, and of how many units. A block has the lane for the item."""
(NO_FAULT, RECORD_OFF, SOLD_UNSEEN, RECEIVED_UNSEEN, FORECAST_OFF, LEARNING_FAILED, RULE_FAILED, LARGE_ORDER,
 LARGE_STOCK, LARGE_ON_ORDER, LARGE_ORDERS_BELOW, LARGE_BACKORDERS, LARGE_OWED, LARGE_WEEK_DEMAND,
 LARGE_WEEK_ORDERS) = range(15)  # fmt: skip
"""Kinds of fault, in the order in which a site's day (and after it, the week) comes upon them (`planning.limits`)."""
