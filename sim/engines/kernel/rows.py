"""A block of lanes: the rows that the kernel works on. `loading` fills them from a scenario's arrays.

Rows are declared once, by the feature that they are for; a block has those that its kernel is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from restock.sim.compiling.marks import helper
from restock.sim.engines.kernel.layout import DAY_ROWS, LESSON_ROWS, NEWS_ROWS, ROWS, WIDTH
from restock.sim.measures.ledger import WEEKLY
from restock.sim.model.unit_limits import FAULT_SLOTS

BOOTSTRAP = 2
HUGE = 2**21  # bytes of a huge page
LINE = 64  # bytes of a cache line
TOGETHER = 16  # sites whose arrays are read side by side: a cache line of them
WITHOUT, SOME, ALL = range(3)  # how many lanes of a site have a feature
I4, I8, U4, U8, F8 = np.int32, np.int64, np.uint32, np.uint64, np.float64


class Row(NamedTuple):
    """Rows of one name: their shape in words (see `shape_of`) or numbers, and what they hold."""

    shape: tuple[str | int, ...]
    kind: type
    meaning: str
    same_as: str = ""  # another name, whose memory this is in another shape


SITE, LANE, CELL, CHILD = ("site",), ("lane",), ("site", "lane"), ("child",)
GANG = "gang"  # first in the shape of rows of which there is one for all blocks of a gang
KEYS = ("site", 2, "lane")
PLAIN_ROWS: dict[str, Row] = {
    "cells": Row(("site", ROWS, "lane"), I4, "what a day reads and writes, side by side"),
    "days": Row(("site", 7 * DAY_ROWS, "lane"), I4, "by day and row"),
    "weeks": Row(("site", 7 * DAY_ROWS * WIDTH), I4, "by day and row and lane", "days"),
    "arriving": Row(("site", "slot", "lane"), I4, "by day of arrival & mask"),
    "levels": Row(("site", "level", "lane"), I4, "levels of the policy"),
    "lead_key": Row(KEYS, U8, "of draws of lead times"),
    "orders": Row(CELL, I4, "ordered tonight by the sites below"),
    "rule_of": Row(CELL, I4, "number of the rule"),
    "memory": Row(("site", "lane", "memory"), F8, "what the policy remembers"),
    # read or written once a week, or by few sites
    "week": Row(("site", WEEKLY, "lane"), I4, "by column: sums of the week, or of the last few"),
    "totals": Row(("site", "column", "lane"), I8, "by column"),
    "own_demand": Row(CELL, I4, "customers' demand of the week"),
    "unmet_week": Row(CELL, I4, "customers' demand of the week that was not met at once"),
    "wait": Row(CELL, I4, "days until a review falls due"),
    "demand_key": Row(KEYS, U8, "of draws of demand"),
    "unmet_key": Row(KEYS, U8, "of draws of who waits"),
    "week_key": Row((2, "lane"), U8, "of draws of which recorded week is played"),
    "overstock_level": Row(CELL, I4, "units above which stock is overstock"),
    "period": Row(CELL, I4, "days between reviews"),
    "order_days": Row(CELL, I4, "bits of the weekdays on which orders are taken"),
    "pack": Row(CELL, I4, "units of a pack"),
    "minimum_order": Row(CELL, I4, "units"),
    "share": Row(LANE, I8, "share of unmet demand that waits"),
    "table": Row(CELL, I4, "first demand table"),
    "season": Row(CELL, I4, "row of the season"),
    "place": Row(CELL, I8, "where the table lies"),
    "row": Row(CELL, I4, "row of the recorded history"),
    "lead": Row(CELL, I4, "lead-time table"),
    "rates": Row(CELL, F8, "mean demand a day"),
    "stocked": Row(CELL, I4, "1 where the item is kept here"),
    # how many lanes have something
    "present": Row(SITE, I8, "the item is stocked"),
    "visits": Row(("site and one",), I8, "sites where some lane is, bottom tier first; in the last place, how many"),
    "sells": Row(SITE, I8, "customers' demand is drawn"),
    "plays": Row(SITE, I8, "recorded demand is played"),
    "backorders": Row((1,), I8, "customers wait"),
    "packs": Row(SITE, I8, "packs or minimum orders"),
    # what is so for all lanes of a site
    "same_review": Row(SITE, I8, "all lanes are reviewed together"),
    "same_lead": Row(SITE, I8, "all lanes have one law of lead times"),
    "same_table": Row(SITE, I8, "all lanes have one law of demand, and one season"),
    "next_review": Row(SITE, I8, "where all lanes are reviewed together"),
    "ordered": Row(SITE, I8, "1: some lane ordered on the last evening"),
    "owes": Row(SITE, I8, "1: some lane owes to the sites below"),
    "shares": Row(SITE, I8, "1: what was shipped below last night is in SHIPPING; 0: all that was ordered was shipped"),
    "fault": Row((FAULT_SLOTS,), I8, "see `layout.FAULT_SLOTS`: what ended the block, if anything did"),
    "found": Row((1,), I4, "figures of a site's day that its steps looked at, or-ed together; -1: a fault"),
    # scratch
    "draws": Row((8 * WIDTH,), U4, "by day and lane"),
    "total": Row(LANE, I4, ""),
    "due": Row(LANE, I4, "1: reviewed tonight"),
    "backlog": Row(LANE, I4, ""),
    "spare": Row(LANE, I4, ""),
    "nothing": Row(LANE, I4, "zeros, never written"),
    "day_from": Row(LANE, I8, "recorded day played on the first day of the week"),
    "keys": Row(CHILD, I8, "for rationing"),
    "cover": Row(CHILD, F8, "for rationing"),
    "heap": Row(CHILD, I8, "for rationing"),
    "came": Row(CELL, I4, "received today"),
    "served_before": Row(CELL, I4, "SERVED as the morning begins"),
    "handed": Row(LANE, I4, "handed to customers today"),
    "returned": Row(LANE, I4, "brought back by customers today"),
    "restocked": Row(LANE, I4, "of these, put on the shelf"),
}
OTHER_ROWS: dict[str, dict[str, Row]] = {
    "": PLAIN_ROWS,
    "together": {
        "week_found": Row((GANG, "block"), I4, "figures of a block's week, or-ed together"),
    },
    "extra": {
        "extra": Row(("site", "extra", "lane"), I8, "by column of ledger.EXTRA: sums of the last weeks"),
        "extra_used": Row(("extra_used",), I8, "which of these the run has"),
    },
    "memory": {
        "lessons": Row(("site", LESSON_ROWS, "lane"), I4, "see `layout.LESSON_ROWS`"),
        "news": Row((NEWS_ROWS, "lane"), I4, "see `layout.NEWS_ROWS`"),
    },
    "moves_together": {
        "factor_key": Row((2, "lane"), U8, "of draws of what demand of all sites moves with"),
        "factor": Row((8 * WIDTH,), U4, "these draws, by day and lane"),
    },
    "echelon": {"seen_here": Row(CELL, I4, "inventory position by the book")},
    "levels_by_day": {"level_rows": Row(("site", "by_day", "lane"), I4, "the level's row in `PlanArrays.by_day`")},
}
"""Rows of every run, of columns that few have, and of plans; those of features stand with them
(`engines.writer.lane_features.Lanes`). Where a run has not what they are of, they are of no site."""


def new_block(
    names: Iterable[str], features: Iterable[str], rows_of: Mapping[str, Mapping[str, Row]], sizes: Mapping[str, int]
) -> SimpleNamespace:
    """An empty block with the rows of these names, all in one stretch of memory.

    Where sizes know of "block", it is a gang: so many blocks, one behind the other in every row.

    Parameters
    ----------
    names : rows in use
    features : features that the run has; rows of others are of no site
    rows_of : rows by the feature that they are of
    sizes : how many there are of each word that shapes are said in

    One stretch of some megabytes comes in huge pages where the system has them, so that the rows do not fight for
    the same places of the cache; as many small arrays, runs differed in speed by half.
    """
    has, wanted, rows = {"", *features}, set(names), {}
    for feature, of_feature in rows_of.items():
        here = {**sizes, "lane": WIDTH, "site": sizes["site"] if feature in has else 0}
        for name, row in of_feature.items():
            if name in rows:
                raise ValueError(f"rows named '{name}' are of two features of the kernel")
            if name in wanted or any(other.same_as == name for other in of_feature.values()):
                of_one = tuple(each if isinstance(each, int) else here[each] for each in row.shape if each != GANG)
                each_block = "block" in sizes and row.shape[0] != GANG
                rows[name] = (row, (sizes["block"], *of_one) if each_block else of_one)
    own = {name: (row, shape) for name, (row, shape) in rows.items() if not row.same_as}
    sizes_of = [int(np.prod(shape)) * np.dtype(row.kind).itemsize for row, shape in own.values()]
    memory = np.zeros(max(sum(-(-size // LINE) * LINE for size in sizes_of) + HUGE, 2 * HUGE), np.uint8)
    offset = -memory.ctypes.data % HUGE
    block = SimpleNamespace()
    for size, (name, (row, shape)) in zip(sizes_of, own.items(), strict=True):
        setattr(block, name, memory[offset : offset + size].view(row.kind).reshape(shape))
        offset += -(-size // LINE) * LINE
    for name, (row, shape) in rows.items():
        if row.same_as:
            setattr(block, name, getattr(block, row.same_as).reshape(shape))
    return block


@helper
def how_many(found):
    return ALL if found == WIDTH else SOME if found > 0 else WITHOUT
