"""How a block of lanes (`sim.block`) is filled from a scenario's and a plan's arrays, and from keys of the draws."""

from __future__ import annotations

from numba import float64, int64, uint64

from sim.block import BOOTSTRAP, TOGETHER, how_many
from sim.goods_block import load_goods
from sim.jit import helper, spliced
from sim.lane_costs import load_costs
from sim.layout import (
    COUNT_EVERY,
    IS_CELL,
    NEXT_COUNT,
    ON_HAND,
    PAST_DAYS,
    RECORD,
    UNSOLD_MOST,
    WIDTH,
)
from sim.randomness import (
    COUNTING,
    DEMAND,
    HISTORY,
    LEAD_TIME,
    RULE,
    SCAN_RECEIPTS,
    SCAN_SALES,
    SHRINKAGE,
    UNMET,
    mix,
    stream_key,
)
from sim.tables import FULL


@helper
def load(b, world, plan, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Fill a block: lane k is item first_item + (first_lane + k) // replications; spare lanes repeat the last."""
    for rows in (b.orders, b.wait, b.own_demand, b.unmet_week):
        rows[:] = 0
    for cubes in (b.cells, b.days, b.arriving, b.week):
        cubes[:] = 0
    b.totals[:] = 0
    b.extra[:] = 0
    b.lessons[:] = 0
    for flags in (b.present, b.sells, b.plays, b.packs, b.next_review, b.ordered, b.owes, b.shares):
        flags[:] = 0
    sites = len(world.parent)
    if world.records:
        load_records(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item)
    if len(b.extra) > 0:
        load_goods(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item)
    if world.cost_flow:
        load_costs(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item)
    for first in range(0, sites, TOGETHER):
        for lane in range(WIDTH):
            u = first_lane + min(lane, lanes_used - 1)
            for n in range(first, min(first + TOGETHER, sites)):
                load_cell(b, world, plan, n, lane, first_item + u // replications)
                load_keys(
                    b, world, plan, seed, n, lane, first_item + u // replications, first_replication + u % replications
                )
    waits = 0
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        b.share[lane] = world.backorder_share[first_item + u // replications]
        waits += b.share[lane] > 0
        if world.history_kind == BOOTSTRAP:
            key_a, key_b = stream_key(seed, first_replication + u % replications, 0, 0, HISTORY)
            b.week_key[0, lane] = key_a
            b.week_key[1, lane] = key_b
    b.backorders[0] = how_many(waits)
    for n in range(sites):
        b.present[n], b.sells[n], b.plays[n] = how_many(b.present[n]), how_many(b.sells[n]), how_many(b.plays[n])
        same_review = same_lead = True
        for lane in range(WIDTH):
            same_review &= (b.period[n, lane] == b.period[n, 0]) & (b.order_days[n, lane] == b.order_days[n, 0])
            same_lead &= b.lead[n, lane] == b.lead[n, 0]
        b.same_review[n] = same_review
        b.same_lead[n] = same_lead


@helper
def load_cell(b, world, plan, n, lane, i):
    """One lane at one site."""
    b.cells[n, ON_HAND, lane] = world.opening[i, n]
    for level in range(plan.levels.shape[0]):
        b.levels[n, level, lane] = plan.levels[level, i, n]
    if len(b.lessons) > 0:
        b.lessons[n, IS_CELL, lane] = world.stocked[i, n]
    for level in range(len(plan.by_day_rows)):
        b.level_rows[n, level, lane] = plan.by_day_rows[level, i, n]
    for slot in range(plan.memory.shape[2]):
        b.memory[n, lane, slot] = plan.memory[i, n, slot]
    b.rule_of[n, lane] = plan.rule_of[i, n]
    b.period[n, lane] = plan.review_period[i, n]
    b.overstock_level[n, lane] = world.overstock_level[i, n]
    b.order_days[n, lane] = world.order_days[i, n]
    b.pack[n, lane] = world.pack[i, n]
    b.minimum_order[n, lane] = world.minimum_order[i, n]
    b.table[n, lane] = max(world.demand_table[i, n], 0)
    b.season[n, lane] = world.season_of[i, n]
    b.place[n, lane] = world.tables.place[b.table[n, lane]]
    b.row[n, lane] = world.history_row[i, n]
    b.lead[n, lane] = max(world.lead_table[i, n], 0)
    b.rates[n, lane] = world.daily_rate[i, n]
    b.present[n] += world.stocked[i, n]
    b.sells[n] += world.demand_table[i, n] >= 0
    b.plays[n] += world.history_row[i, n] >= 0
    b.packs[n] += (world.pack[i, n] > 1) | (world.minimum_order[i, n] > 1)


@helper
def load_keys(b, world, plan, seed, n, lane, i, replication):
    """The keys of one lane's streams at one site."""
    site, item = world.site_key[n], world.item_key[i]
    b.demand_key[n, 0, lane], b.demand_key[n, 1, lane] = stream_key(seed, replication, site, item, DEMAND)
    b.lead_key[n, 0, lane], b.lead_key[n, 1, lane] = stream_key(seed, replication, site, item, LEAD_TIME)
    if 0 < world.backorder_share[i] < FULL:
        b.unmet_key[n, 0, lane], b.unmet_key[n, 1, lane] = stream_key(seed, replication, site, item, UNMET)
    slot = plan.draw_slot[plan.rule_of[i, n]]
    if slot >= 0:
        key_a, key_b = stream_key(seed, replication, site, item, RULE)
        b.memory[n, lane, slot] = float64(mix(key_a, key_b, uint64(0)) >> uint64(11))


@spliced
def load_records(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Count days, losses, and the book as it opens."""
    b.books[:] = 0
    b.gaps[:] = 0
    b.past[:] = 0
    b.loses[:] = 0
    for n in range(len(world.parent)):
        b.next_count[n] = world.horizon
        for lane in range(WIDTH):
            u = first_lane + min(lane, lanes_used - 1)
            i, replication = first_item + u // replications, first_replication + u % replications
            site, item = world.site_key[n], world.item_key[i]
            b.books[n, NEXT_COUNT, lane] = world.first_count[i, n]
            b.books[n, COUNT_EVERY, lane] = world.count_every[i, n]
            b.next_count[n] = min(b.next_count[n], int64(world.first_count[i, n]))
            asks = world.demand_table[i, n] >= 0 or world.history_row[i, n] >= 0
            most = world.count_unsold_after if asks and world.count_unsold_after > 0 else 2**30
            b.books[n, UNSOLD_MOST, lane] = most
            table = world.shrink_table[i, n]
            b.loses[n] += table > 0
            b.loss_table[n, lane] = table
            b.loss_place[n, lane] = world.tables.place[table]
            first = world.tables.first_break[table]
            points = world.tables.first_break[table + 1] - first
            for k in range(4):
                b.few[n, k, lane] = world.tables.breaks[first + k] if k < points else FULL - 1
            b.loss_key[n, 0, lane], b.loss_key[n, 1, lane] = stream_key(seed, replication, site, item, SHRINKAGE)
            if world.count_error > 0:
                b.count_key[n, 0, lane], b.count_key[n, 1, lane] = stream_key(seed, replication, site, item, COUNTING)
            if len(b.scan_key) > 0:
                for k, purpose in enumerate((SCAN_RECEIPTS, SCAN_SALES)):
                    key_a, key_b = stream_key(seed, replication, site, item, purpose)
                    b.scan_key[n, 2 * k, lane], b.scan_key[n, 2 * k + 1, lane] = key_a, key_b
            if world.delayed:
                for day in range(PAST_DAYS):
                    b.past[n, day, RECORD, lane] = world.opening[i, n]
        b.loses[n] = how_many(b.loses[n])
