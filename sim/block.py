"""A block of lanes: the rows that the kernel works on. `sim.loading` fills them from a scenario's arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.jit import helper
from sim.layout import (
    BOOK_ROWS,
    DAY_ROWS,
    FAULT_SLOTS,
    FLOWS,
    LESSON_ROWS,
    MOVE_ROWS,
    NEWS_ROWS,
    PAST_DAYS,
    PAST_ROWS,
    ROWS,
    WIDTH,
)
from sim.ledger import BASE, WEEKLY

BOOTSTRAP = 2
HUGE = 2**21  # bytes of a huge page
LINE = 64  # bytes of a cache line
TOGETHER = 16  # sites whose arrays are read side by side: a cache line of them
WITHOUT, SOME, ALL = range(3)  # how many lanes of a site have a feature


class Block(NamedTuple):
    """The working rows of one block of lanes: [site, lane] unless said otherwise."""

    cells: np.ndarray  # [site, row, lane]: what a day reads and writes, side by side
    days: np.ndarray  # [site, day and row, lane]
    weeks: np.ndarray  # [site, day and row and lane]: the same memory
    arriving: np.ndarray  # [site, day of arrival & mask, lane]
    levels: np.ndarray  # [site, level, lane]
    lead_key: np.ndarray  # [site, 2, lane], uint64
    orders: np.ndarray  # ordered tonight by the sites below
    rule_of: np.ndarray
    # read or written once a week, or by few sites
    week: np.ndarray  # [site, column, lane]: sums of the week, or of the last few
    totals: np.ndarray  # [site, column, lane], int64
    extra: np.ndarray  # [site, column of ledger.EXTRA, lane], int64: sums of the last weeks, where there are any
    own_demand: np.ndarray  # customers' demand of the week
    unmet_week: np.ndarray  # customers' demand of the week that was not met at once
    wait: np.ndarray  # days until a review falls due
    demand_key: np.ndarray  # [site, 2, lane], uint64
    unmet_key: np.ndarray  # [site, 2, lane], uint64
    week_key: np.ndarray  # [2, lane], uint64: which recorded week is played
    overstock_level: np.ndarray
    period: np.ndarray
    order_days: np.ndarray
    pack: np.ndarray
    minimum_order: np.ndarray
    share: np.ndarray  # [lane], int64: share of unmet demand that waits
    table: np.ndarray  # first demand table
    season: np.ndarray
    place: np.ndarray  # int64: where the table lies
    row: np.ndarray  # row of the recorded history
    lead: np.ndarray  # lead-time table
    rates: np.ndarray  # float64
    stocked: np.ndarray  # 1 where the item is kept here
    # how many lanes have a feature, per site
    present: np.ndarray
    sells: np.ndarray
    plays: np.ndarray
    backorders: np.ndarray  # [0]
    same_review: np.ndarray
    packs: np.ndarray
    same_lead: np.ndarray
    # what is so for all lanes of a site, per site
    next_review: np.ndarray  # where all lanes are reviewed together
    ordered: np.ndarray  # 1: some lane ordered on the last evening
    owes: np.ndarray  # 1: some lane owes to the sites below
    shares: np.ndarray  # 1: what was shipped below last night is in SHIPPING; 0: all that was ordered was shipped
    fault: np.ndarray  # see `sim.layout.FAULT_SLOTS`: what ended the block, if anything did
    # scratch
    draws: np.ndarray  # uint32, [day and lane]
    total: np.ndarray
    due: np.ndarray
    backlog: np.ndarray
    spare: np.ndarray
    nothing: np.ndarray  # zeros, never written
    day_from: np.ndarray  # int64: recorded day played on the first day of the week
    keys: np.ndarray  # int64, for rationing
    cover: np.ndarray  # float64, for rationing
    heap: np.ndarray  # int64, for rationing
    # records, where they may differ from the stock (no sites otherwise)
    books: np.ndarray  # [site, row, lane]: see `sim.layout.BOOK_ROWS`
    gaps: np.ndarray  # [site, day of the week, lane]: record less stock, after counting
    gap_weeks: np.ndarray  # [site, day and lane]: the same memory
    losses: np.ndarray  # [site, day of the week, lane]: drawn for the week
    loss_weeks: np.ndarray  # [site, day and lane]: the same memory
    past: np.ndarray  # [site, day & 7, row, lane], where the book is seen late: see `sim.layout.PAST_ROWS`
    loss_key: np.ndarray  # [site, 2, lane], uint64
    count_key: np.ndarray  # [site, 2, lane], uint64
    scan_key: np.ndarray  # [site, 4, lane], uint64, where scans are wrong: of receipts, of sales
    loss_table: np.ndarray
    loss_place: np.ndarray  # int64
    few: np.ndarray  # [site, 4, lane], uint32: the first break points of the table
    loses: np.ndarray  # how many lanes of a site lose anything
    next_count: np.ndarray  # the first day on which a lane of a site is counted by the calendar
    seen: np.ndarray  # [row, lane]: what a policy sees, in the places of ON_HAND, ON_ORDER, SALES
    counted: np.ndarray  # [lane]
    error: np.ndarray  # [lane]
    came: np.ndarray  # [lane]: received today
    sold_before: np.ndarray  # [lane]: SALES before today's
    misscanned: np.ndarray  # [lane]: units booked too many today
    # where the policy remembers, or has levels that change by day (no sites otherwise)
    memory: np.ndarray  # [site, lane, slot], float64
    lessons: np.ndarray  # [site, row, lane]: see `sim.layout.LESSON_ROWS`
    news: np.ndarray  # [row, lane]: see `sim.layout.NEWS_ROWS`
    level_rows: np.ndarray  # [site, level that changes by day, lane]: its row in `PlanArrays.by_day`
    # what goods cost, where cost flow is kept (no sites otherwise): see `sim.lane_costs`
    moves: np.ndarray  # [site, day and row, lane]: see `sim.layout.MOVE_ROWS`
    unit_costs: np.ndarray  # [lane, day], int64: cost of a unit received on the day
    left: np.ndarray  # [site, FIFO or LIFO, lane, day]: units received on the day that are still there
    under: np.ndarray  # [site, lane, day]: the day of the layer below, for LIFO; -1: none
    edge: np.ndarray  # [site, FIFO or LIFO, lane]: the oldest day that may have units left; the newest that has
    held: np.ndarray  # [site, lane]: units
    values: np.ndarray  # [site, flow, lane], int64: what they are worth
    # goods that customers bring back (no sites otherwise)
    coming: np.ndarray  # [site, day & mask, lane]: units that come back on that day
    return_key: np.ndarray  # [site, 2 each for how many, when, and how many are resalable, lane], uint64
    return_share: np.ndarray  # [lane], int64
    resalable: np.ndarray  # [lane], int64
    return_chance: np.ndarray  # [lane], int64
    lag_table: np.ndarray  # [lane]
    served_before: np.ndarray  # [lane]: SERVED as the morning begins
    handed: np.ndarray  # [lane]: handed to customers today
    part: np.ndarray  # [lane]
    # goods that do not keep (no sites otherwise)
    shelf: np.ndarray  # [site, day & mask, lane]: units by the last day on which they are sold
    kept: np.ndarray  # [site, lane]: on hand after the last closing
    keeps: np.ndarray  # how many lanes of a site have an age
    life: np.ndarray  # [lane]: days; 0 where goods keep for ever
    freshest_first: np.ndarray  # [lane]
    oldest_out: np.ndarray  # [lane]: what left the shelf today and is yet to be taken from the oldest
    freshest_out: np.ndarray  # [lane]
    # seasons
    season_end: np.ndarray  # [lane]: day
    first_order: np.ndarray  # [lane]: day
    last_order: np.ndarray  # [lane]: day
    percent_off: np.ndarray  # [lane]
    reduced_after: np.ndarray  # [lane]: day
    reduced_from: np.ndarray  # [site, lane]: day
    reduced_shift: np.ndarray  # [site, lane]
    most_per_day: np.ndarray  # [site, lane], float64
    first_end: np.ndarray  # [0]: the first day on which the season of a lane ends


class Needs(NamedTuple):
    """What a block has rows for, beside what every run needs."""

    columns: int  # of the ledger
    records: bool
    delayed: bool  # records seen late
    misscans: bool
    memory: int  # numbers that the policy remembers of each cell
    by_day: int  # levels that change by day
    cost_days: int  # days over which cost flow is kept
    return_slots: int  # days ahead on which goods may come back, to a power of two
    shelf_slots: int  # the same for the ages of goods that do not keep
    seasons: bool


def new_block(sites: int, slots: int, levels: int, most_children: int, needs: Needs) -> Block:
    """An empty block, all its arrays in one stretch of memory; many rows only where they are needed.

    One stretch of some megabytes comes in huge pages where the system has them, so that the rows do not fight for
    the same places of the cache; as many small arrays, runs differed in speed by half.
    """
    row, lane, site, child = (sites, WIDTH), (WIDTH,), (sites,), (most_children + 1,)
    i4, i8, u4, u8, f8 = np.int32, np.int64, np.uint32, np.uint64, np.float64
    shapes: dict[str, tuple[tuple[int, ...], type]] = dict.fromkeys(Block._fields, (row, i4))
    shapes |= dict.fromkeys(("share", "day_from"), (lane, i8))
    shapes |= dict.fromkeys(("total", "due", "backlog", "spare", "nothing"), (lane, i4))
    shapes |= dict.fromkeys(("present", "sells", "plays", "packs", "same_review", "same_lead"), (site, i8))
    shapes |= dict.fromkeys(("next_review", "ordered", "owes", "shares"), (site, i8))
    shapes |= dict.fromkeys(("lead_key", "demand_key", "unmet_key"), ((sites, 2, WIDTH), u8))
    shapes |= dict.fromkeys(("keys", "heap"), (child, i8))
    shapes |= {"fault": ((FAULT_SLOTS,), i8)}
    shapes |= {
        "cells": ((sites, ROWS, WIDTH), i4),
        "days": ((sites, 7 * DAY_ROWS, WIDTH), i4),
        "weeks": ((0, 0), i4),
        "arriving": ((sites, slots, WIDTH), i4),
        "levels": ((sites, levels, WIDTH), i4),
        "week": ((sites, WEEKLY, WIDTH), i4),
        "totals": ((sites, needs.columns, WIDTH), i8),
        "extra": ((sites if needs.columns > BASE else 0, needs.columns - BASE, WIDTH), i8),
        "week_key": ((2, WIDTH), u8),
        "cover": (child, f8),
        "backorders": ((1,), i8),
        "place": (row, i8),
        "rates": (row, f8),
        "draws": ((8 * WIDTH,), u4),
    }
    kept, late = sites if needs.records else 0, sites if needs.delayed else 0
    shapes |= dict.fromkeys(("gap_weeks", "loss_weeks"), ((0, 0), i4))
    shapes |= dict.fromkeys(("gaps", "losses"), ((kept, 7, WIDTH), i4))
    shapes |= dict.fromkeys(("loss_key", "count_key"), ((kept, 2, WIDTH), u8))
    shapes |= dict.fromkeys(("loses", "next_count"), (site, i8))
    shapes |= dict.fromkeys(("counted", "error", "came", "sold_before", "misscanned"), (lane, i4))
    shapes |= {
        "books": ((kept, BOOK_ROWS, WIDTH), i4),
        "past": ((late, PAST_DAYS, PAST_ROWS, WIDTH), i4),
        "loss_table": ((kept, WIDTH), i4),
        "loss_place": ((kept, WIDTH), i8),
        "scan_key": ((sites if needs.misscans else 0, 4, WIDTH), u8),
        "few": ((kept, 4, WIDTH), u4),
        "seen": ((3, WIDTH), i4),
        "memory": ((sites, WIDTH, needs.memory), f8),
        "lessons": ((sites if needs.memory else 0, LESSON_ROWS, WIDTH), i4),
        "news": ((NEWS_ROWS, WIDTH), i4),
        "level_rows": ((sites if needs.by_day else 0, needs.by_day, WIDTH), i4),
    }
    costed = sites if needs.cost_days else 0
    shapes |= {
        "moves": ((costed, 7 * MOVE_ROWS, WIDTH), i4),
        "unit_costs": ((WIDTH, needs.cost_days), i8),
        "left": ((costed, 2, WIDTH, needs.cost_days), i4),
        "under": ((costed, WIDTH, needs.cost_days), i4),
        "edge": ((costed, 2, WIDTH), i4),
        "held": ((costed, WIDTH), i4),
        "values": ((costed, FLOWS, WIDTH), i8),
    }
    shapes |= dict.fromkeys(("lag_table", "served_before", "handed", "part"), (lane, i4))
    shapes |= dict.fromkeys(("return_share", "resalable", "return_chance"), (lane, i8))
    shapes |= {
        "coming": ((sites if needs.return_slots else 0, needs.return_slots, WIDTH), i4),
        "return_key": ((sites if needs.return_slots else 0, 6, WIDTH), u8),
    }
    shapes |= dict.fromkeys(("life", "freshest_first", "came", "oldest_out", "freshest_out"), (lane, i4))
    shapes |= {
        "shelf": ((sites if needs.shelf_slots else 0, needs.shelf_slots, WIDTH), i4),
        "kept": ((sites if needs.shelf_slots else 0, WIDTH), i4),
        "keeps": (site, i8),
    }
    shapes |= dict.fromkeys(("season_end", "first_order", "last_order", "percent_off", "reduced_after"), (lane, i4))
    shapes |= dict.fromkeys(("reduced_from", "reduced_shift"), ((sites * needs.seasons, WIDTH), i4))
    shapes |= {"most_per_day": ((sites * needs.seasons, WIDTH), f8), "first_end": ((1,), i8)}
    sizes = [-(-int(np.prod(shape)) * np.dtype(kind).itemsize // LINE) * LINE for shape, kind in shapes.values()]
    memory = np.zeros(max(sum(sizes) + HUGE, 2 * HUGE), np.uint8)
    offset = -memory.ctypes.data % HUGE
    arrays: list[np.ndarray] = []
    for size, (shape, kind) in zip(sizes, shapes.values(), strict=True):
        count = int(np.prod(shape)) * np.dtype(kind).itemsize
        arrays.append(memory[offset : offset + count].view(kind).reshape(shape))
        offset += size
    block = Block(*arrays)
    return block._replace(
        weeks=block.days.reshape(sites, 7 * DAY_ROWS * WIDTH),
        gap_weeks=block.gaps.reshape(kept, 7 * WIDTH),
        loss_weeks=block.losses.reshape(kept, 7 * WIDTH),
    )


@helper
def how_many(found):
    return ALL if found == WIDTH else SOME if found > 0 else WITHOUT
