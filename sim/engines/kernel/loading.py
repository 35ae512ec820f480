"""How a block of lanes (`rows`) is filled from a scenario's and a plan's arrays, and from keys of the draws."""

from __future__ import annotations

from restock.sim.compiling.marks import called_part, helper, part, steps_at
from restock.sim.engines.kernel.layout import BASE, ON_HAND, WIDTH
from restock.sim.engines.kernel.opening import first_reviews, open_cell
from restock.sim.engines.kernel.rows import BOOTSTRAP, TOGETHER, how_many
from restock.sim.probability.guide_tables import FULL
from restock.sim.probability.keyed_draws import DEMAND, HISTORY, LEAD_TIME, UNMET, stream_key


@called_part
def load(b, world, plan, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Fill a block: lane k is item first_item + (first_lane + k) // replications; spare lanes repeat the last.

    Sites that keep none of the block's items are left as they were, but for `cells`, which sharing out reads.
    """
    sites = len(world.parent)
    b.cells[:] = 0
    b.fault[:] = 0
    for flags in (b.present, b.sells, b.plays, b.packs, b.next_review, b.ordered, b.owes, b.shares):
        flags[:] = 0
    for lane in range(WIDTH):
        i = first_item + (first_lane + min(lane, lanes_used - 1)) // replications
        for n in range(sites):
            b.present[n] += world.stocked[i, n]
    for n in range(sites):
        if b.present[n] > 0:
            for row in (b.orders[n], b.wait[n], b.own_demand[n], b.unmet_week[n]):
                row[:] = 0
            for rows in (b.days[n], b.arriving[n], b.week[n]):
                rows[:] = 0
            b.totals[n] = 0
    b.visits[sites] = 0
    for n in world.bottom_up:
        if b.present[n] > 0:
            b.visits[b.visits[sites]] = n
            b.visits[sites] += 1
    steps_at("load", b, world, plan, seed, first_lane, lanes_used, first_replication, replications, first_item)
    for first in range(0, sites, TOGETHER):
        for lane in range(WIDTH):
            u = first_lane + min(lane, lanes_used - 1)
            for n in range(first, min(first + TOGETHER, sites)):
                if b.present[n] > 0:
                    load_cell(b, world, plan, n, lane, first_item + u // replications)
                    load_keys(
                        b, world, seed, n, lane, first_item + u // replications, first_replication + u % replications
                    )
                    if world.opening_state.used:
                        open_cell(b, world, plan, seed, n, lane, first_item + u // replications,
                                  first_replication + u % replications)  # fmt: skip
    waits = 0
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        b.share[lane] = world.backorder_share[first_item + u // replications]
        waits += b.share[lane] > 0
        if world.features.channels.used:
            waits += world.features.channels.waits[first_item + u // replications]
        if world.history_kind == BOOTSTRAP:
            key_a, key_b = stream_key(seed, first_replication + u % replications, 0, 0, HISTORY)
            b.week_key[0, lane] = key_a
            b.week_key[1, lane] = key_b
    b.backorders[0] = how_many(waits)
    for n in range(sites):
        b.present[n], b.sells[n], b.plays[n] = how_many(b.present[n]), how_many(b.sells[n]), how_many(b.plays[n])
        same_review = same_lead = same_table = True
        for lane in range(WIDTH):
            same_review &= (b.period[n, lane] == b.period[n, 0]) & (b.order_days[n, lane] == b.order_days[n, 0])
            same_lead &= b.lead[n, lane] == b.lead[n, 0]
            same_table &= (b.table[n, lane] == b.table[n, 0]) & (b.season[n, lane] == b.season[n, 0])
        b.same_review[n] = same_review
        b.same_lead[n] = same_lead
        b.same_table[n] = same_table
        if world.opening_state.resumed:
            first_reviews(b, world, n)


@part
def load_cell(b, world, plan, n, lane, i):
    """One lane at one site."""
    b.cells[n, ON_HAND, lane] = world.opening[i, n]
    for level in range(plan.levels.shape[0]):
        b.levels[n, level, lane] = plan.levels[level, i, n]
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
    b.stocked[n, lane] = world.stocked[i, n]
    b.sells[n] += world.demand_table[i, n] >= 0
    b.plays[n] += world.history_row[i, n] >= 0
    b.packs[n] += (world.pack[i, n] > 1) | (world.minimum_order[i, n] > 1)


@part
def load_keys(b, world, seed, n, lane, i, replication):
    """The keys of one lane's streams at one site."""
    site, item = world.site_key[n], world.item_key[i]
    b.demand_key[n, 0, lane], b.demand_key[n, 1, lane] = stream_key(seed, replication, site, item, DEMAND)
    b.lead_key[n, 0, lane], b.lead_key[n, 1, lane] = stream_key(seed, replication, site, item, LEAD_TIME)
    if 0 < world.backorder_share[i] < FULL:
        b.unmet_key[n, 0, lane], b.unmet_key[n, 1, lane] = stream_key(seed, replication, site, item, UNMET)


@part
def hand_in_with_extra(b, world, first_lane, used, replications, first_item, out):
    """The same with the columns of features that the run has; those of others are 0."""
    hand_in_columns(b.totals, b.extra_used, world.stocked, first_lane, used, replications, first_item, out)


@helper
def hand_in_columns(totals, extra_used, stocked, first_lane, used, replications, first_item, out):
    sites = stocked.shape[1]
    for first in range(0, sites, TOGETHER):
        for lane in range(used):
            r, i = (first_lane + lane) % replications, (first_lane + lane) // replications
            for n in range(first, min(first + TOGETHER, sites)):
                out[r, i, n, BASE:] = 0
                if stocked[first_item + i, n]:
                    for column in range(BASE):
                        out[r, i, n, column] = totals[n, column, lane]
                    for k in extra_used:
                        out[r, i, n, BASE + k] = totals[n, BASE + k, lane]
                else:
                    out[r, i, n, :BASE] = 0


@helper
def hand_in(totals, stocked, first_lane, used, replications, first_item, out):
    """The block's totals go into the shard's ledger, some sites at a time: those of one lane lie side by side there.

    What a site does not keep is 0: the memory may have been used before.
    """
    sites = stocked.shape[1]
    for first in range(0, sites, TOGETHER):
        for lane in range(used):
            r, i = (first_lane + lane) % replications, (first_lane + lane) // replications
            for n in range(first, min(first + TOGETHER, sites)):
                if stocked[first_item + i, n]:
                    for column in range(out.shape[3]):
                        out[r, i, n, column] = totals[n, column, lane]
                else:
                    out[r, i, n] = 0
