"""How the kernel's memory is laid out: rows of a site over lanes, and the columns of the ledger.

A lane is one (replication, item); WIDTH of them stand side by side in every row.
"""

from __future__ import annotations

from restock.sim.measures.ledger import EXTRA

WIDTH = 64
MANY_UNITS = 2**24  # from here on a week's sums go into the 64-bit totals every week
(ON_HAND, ON_ORDER, SALES, CYCLE, ORDINAL, SHIPPING, OWED, WAITING, OWING) = range(9)
ROWS = 9
"""Rows of a site, over lanes: stock on hand; on order; handed over since the last review; the cycle's counters
(`lanes.receive`); shipments so far; shipped to this site tonight, where it is not all that it ordered; owed to this
site; backorders of its customers; owed by it to the sites below."""
DUE_SOON, ASKS_EXPRESS, PROMISED_SEEN = range(ROWS, ROWS + 3)
VIEW_ROWS = ROWS + 3
"""Rows of what a policy sees where there is a second source, beside ON_HAND, ON_ORDER and SALES: of what is on
order, what comes before an express order could; 1 in the first place where an express order is asked for; backorders
as seen. So many rows say that there is a second source."""
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
MOVED_IN, POOLED_IN, MOVED_OUT, MOVED_OVERNIGHT, MOVED_ON_ORDER = range(5)
MOVED_ROWS = 5
"""Rows of a site that other stores send goods: units that came from them this morning; that came and were sold at once;
that left for them today; of these, overnight; and by how many units transfers changed today what is on order."""
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
    """Where a column of `ledger.EXTRA` stands among them; in the ledger they follow the others, from BASE on.

    >>> extra_column(next(iter(EXTRA)))
    0
    """
    return _EXTRA[name]
