"""How many units a cell can hold in any figure of a day, and what ends a run that would hold more."""

from __future__ import annotations

LARGEST_UNITS = 2**28 - 1
"""Units of one cell that no figure of a day may exceed: then the day's sums and a week's stay within 32 bits. A power
of two less one, so that the figures of many lanes, or-ed together, exceed it where one of them does."""

(FAULT_KIND, FAULT_SITE, FAULT_ITEM, FAULT_REPLICATION, FAULT_DAY, FAULT_UNITS) = range(6)
FAULT_SLOTS = 6
"""The first fault of a shard: what it is, where and when, and of how many units. A block has the lane for the item."""
(NO_FAULT, RECORD_OFF, FORECAST_OFF, LEARNING_FAILED, LARGE_SEEN_ON_ORDER, RULE_FAILED, LARGE_ORDER, LARGE_STOCK,
 LARGE_ON_ORDER, LARGE_ORDERS_BELOW, LARGE_BACKORDERS, LARGE_OWED, LARGE_WEEK_DEMAND,
 LARGE_WEEK_ORDERS) = range(14)  # fmt: skip
"""Kinds of fault, in the order in which a site's day (and after it, the week) comes upon them (`planning.limits`)."""
