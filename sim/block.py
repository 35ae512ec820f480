"""A block of lanes: the rows that the kernel works on, and how they are filled from a scenario's arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.jit import helper
from sim.lanes import WIDTH
from sim.ledger import COUNT, WEEKLY
from sim.randomness import DEMAND, HISTORY, LEAD_TIME, PURPOSES, UNMET, stream_key
from sim.tables import FULL

BOOTSTRAP = 2
HUGE = 2**21  # bytes of a huge page
LINE = 64  # bytes of a cache line
WITHOUT, SOME, ALL = range(3)  # how many lanes of a site have a feature


class Block(NamedTuple):
    """The working rows of one block of lanes: [site, lane] unless said otherwise."""

    on_hand: np.ndarray
    on_order: np.ndarray
    waiting: np.ndarray  # customers' backorders
    owing: np.ndarray  # owed to the sites below, in all
    owed: np.ndarray  # owed to this site by the one that serves it
    shipping: np.ndarray  # of that, shipped tonight
    quantity: np.ndarray  # ordered tonight
    sales: np.ndarray  # since the last review
    short: np.ndarray  # 1 if demand was short since the last delivery
    unmet: np.ndarray
    unmet_week: np.ndarray  # customers' demand of the week that was not met at once
    own_demand: np.ndarray  # customers' demand of the week
    wait: np.ndarray  # days until a review falls due
    ordinal: np.ndarray  # shipments so far
    arriving: np.ndarray  # [site, day of arrival & mask, lane]
    demand: np.ndarray  # [site, day of the week, lane]
    week: np.ndarray  # [site, column, lane]: sums of the week, or of the last few
    totals: np.ndarray  # [site, column, lane], int64
    key_a: np.ndarray  # [site, purpose, lane]
    key_b: np.ndarray
    week_key_a: np.ndarray  # [lane]: which recorded week is played
    week_key_b: np.ndarray
    # what does not change
    levels: np.ndarray  # [site, level, lane]
    rule_of: np.ndarray
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
    # how many lanes have a feature, per site
    present: np.ndarray
    sells: np.ndarray
    plays: np.ndarray
    backorders: np.ndarray  # [0]
    same_review: np.ndarray
    packs: np.ndarray
    same_lead: np.ndarray
    next_review: np.ndarray  # int64, where all lanes are reviewed together
    # scratch
    draws: np.ndarray  # [8, lane], uint32
    total: np.ndarray
    orders: np.ndarray
    due: np.ndarray
    spare: np.ndarray
    day_from: np.ndarray  # int64: recorded day played on the first day of the week
    keys: np.ndarray  # int64, for rationing
    days: np.ndarray  # float64, for rationing
    heap: np.ndarray  # int64, for rationing


def new_block(sites: int, slots: int, levels: int, most_children: int) -> Block:
    """An empty block, all its arrays in one stretch of memory.

    One stretch of some megabytes comes in huge pages where the system has them, so that the rows do not fight for
    the same places of the cache; as many small arrays, runs differed in speed by half.
    """
    row, lane, site, child = (sites, WIDTH), (WIDTH,), (sites,), (most_children + 1,)
    i4, i8, u4, u8, f8 = np.int32, np.int64, np.uint32, np.uint64, np.float64
    shapes: dict[str, tuple[tuple[int, ...], type]] = dict.fromkeys(Block._fields, (row, i4))
    shapes |= dict.fromkeys(("share", "day_from"), (lane, i8))
    shapes |= dict.fromkeys(("week_key_a", "week_key_b"), (lane, u8))
    shapes |= dict.fromkeys(("total", "orders", "due", "spare"), (lane, i4))
    shapes |= dict.fromkeys(("present", "sells", "plays", "packs"), (site, i8))
    shapes |= dict.fromkeys(("same_review", "same_lead", "next_review"), (site, i8))
    shapes |= dict.fromkeys(("key_a", "key_b"), ((sites, PURPOSES, WIDTH), u8))
    shapes |= dict.fromkeys(("keys", "heap"), (child, i8))
    shapes |= {
        "days": (child, f8),
        "backorders": ((1,), i8),
        "place": (row, i8),
        "rates": (row, f8),
        "draws": ((8, WIDTH), u4),
        "arriving": ((sites, slots, WIDTH), i4),
        "demand": ((sites, 8, WIDTH), i4),
        "week": ((sites, WEEKLY, WIDTH), i4),
        "totals": ((sites, COUNT, WIDTH), i8),
        "levels": ((sites, levels, WIDTH), i4),
    }
    sizes = [-(-int(np.prod(shape)) * np.dtype(kind).itemsize // LINE) * LINE for shape, kind in shapes.values()]
    memory = np.zeros(max(sum(sizes) + HUGE, 2 * HUGE), np.uint8)
    offset = -memory.ctypes.data % HUGE
    arrays: list[np.ndarray] = []
    for size, (shape, kind) in zip(sizes, shapes.values(), strict=True):
        count = int(np.prod(shape)) * np.dtype(kind).itemsize
        arrays.append(memory[offset : offset + count].view(kind).reshape(shape))
        offset += size
    return Block(*arrays)


@helper
def how_many(found):
    return ALL if found == WIDTH else SOME if found > 0 else WITHOUT


@helper
def load(b, world, plan, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Fill a block: lane k is item first_item + (first_lane + k) // replications; spare lanes repeat the last."""
    for n in range(len(world.parent)):
        present = sells = plays = packs = 0
        same_review = same_lead = True
        for lane in range(WIDTH):
            u = first_lane + min(lane, lanes_used - 1)
            i = first_item + u // replications
            replication = first_replication + u % replications
            b.on_hand[n, lane] = world.opening[i, n]
            for level in range(plan.levels.shape[0]):
                b.levels[n, level, lane] = plan.levels[level, i, n]
            b.rule_of[n, lane] = plan.rule_of[i, n]
            b.period[n, lane] = plan.review_period[i, n]
            b.overstock_level[n, lane] = world.overstock_level[i, n]
            b.order_days[n, lane] = world.order_days[i, n]
            b.pack[n, lane] = world.pack[i, n]
            b.minimum_order[n, lane] = world.minimum_order[i, n]
            b.share[lane] = world.backorder_share[i]
            b.table[n, lane] = max(world.demand_table[i, n], 0)
            b.season[n, lane] = world.season_of[i, n]
            b.place[n, lane] = world.tables.place[b.table[n, lane]]
            b.row[n, lane] = world.history_row[i, n]
            b.lead[n, lane] = max(world.lead_table[i, n], 0)
            b.rates[n, lane] = world.daily_rate[i, n]
            for purpose in (DEMAND, LEAD_TIME, UNMET):
                if purpose != UNMET or 0 < world.backorder_share[i] < FULL:
                    x, y = stream_key(seed, replication, world.site_key[n], world.item_key[i], purpose)
                    b.key_a[n, purpose, lane] = x
                    b.key_b[n, purpose, lane] = y
            if n == 0 and world.history_kind == BOOTSTRAP:
                b.week_key_a[lane], b.week_key_b[lane] = stream_key(seed, replication, 0, 0, HISTORY)
            present += world.stocked[i, n]
            sells += world.demand_table[i, n] >= 0
            plays += world.history_row[i, n] >= 0
            packs += (world.pack[i, n] > 1) | (world.minimum_order[i, n] > 1)
            same_review &= (b.period[n, lane] == b.period[n, 0]) & (b.order_days[n, lane] == b.order_days[n, 0])
            same_lead &= b.lead[n, lane] == b.lead[n, 0]
        b.present[n] = how_many(present)
        b.sells[n] = how_many(sells)
        b.plays[n] = how_many(plays)
        b.packs[n] = packs
        b.same_review[n] = same_review
        b.same_lead[n] = same_lead
        b.next_review[n] = 0
    waits = 0
    for lane in range(WIDTH):
        waits += b.share[lane] > 0
    b.backorders[0] = how_many(waits)
    for rows in (b.on_order, b.waiting, b.owing, b.owed, b.sales, b.short, b.unmet, b.wait, b.ordinal, b.quantity,
                 b.unmet_week, b.own_demand):  # fmt: skip
        rows[:] = 0
    b.arriving[:] = 0
    b.demand[:] = 0
    b.week[:] = 0
    b.totals[:] = 0
