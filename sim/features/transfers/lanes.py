"""Transfers between stores in the kernel: the steps of the event engine (`steps`), over the loops of `loops`."""

from __future__ import annotations

from numba import int32, int64, uint64

from restock.sim.compiling.marks import called_part, part, spliced_part
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.layout import (
    DAY_ROWS,
    GOT,
    MISSING,
    MOVED_IN,
    MOVED_ON_ORDER,
    MOVED_OUT,
    MOVED_OVERNIGHT,
    MOVED_ROWS,
    ON_HAND,
    ON_ORDER,
    PAST_DAYS,
    POOLED_IN,
    PROMISED,
    RECEIVED_,
    RECORD,
    WAITING,
    WIDTH,
)
from restock.sim.engines.kernel.rows import CELL, I4, I8, KEYS, LANE, U8, WITHOUT, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.transfers import loops as transfer_loops
from restock.sim.features.transfers.draws import TRANSFER
from restock.sim.features.transfers.loops import (
    IN,
    MOST_NEEDED,
    MOST_ROWS,
    MOST_SPARE,
    NEEDIEST,
    RICHEST,
    SHORT_ELSEWHERE,
)
from restock.sim.probability.guide_tables import value_of
from restock.sim.probability.keyed_draws import day_index, stream_key, uniform


@called_part
def load_transfers(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Terms of each cell, and what is on its way where a run goes on."""
    of = world.features.transfers
    b.moving[:] = 0
    b.moved[:] = 0
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        i, replication = first_item + u // replications, first_replication + u % replications
        b.last_day[lane] = of.last_day[i]
        for n in of.region_site:
            b.floor[n, lane] = of.floor[i, n]
            b.low[n, lane] = of.low[i, n]
            b.to[n, lane] = of.to[i, n]
            b.high[n, lane] = of.high[i, n]
            b.thousandths[n, lane] = of.rate[i, n]
            b.takes_part[n, lane] = of.takes_part[i, n]
            b.transit[n, lane] = of.longest_transit
            key_a, key_b = stream_key(seed, replication, world.site_key[n], 0, TRANSFER)
            b.transit_key[n, 0, lane], b.transit_key[n, 1, lane] = key_a, key_b
            if world.opening_state.resumed:
                r = min(replication, world.opening_state.cells.shape[2] - 1)
                for ahead in range(of.under_way.shape[3]):
                    slot = (world.opening_state.first_day + ahead) & of.mask
                    b.moving[n, slot, lane] += of.under_way[i, n, r, ahead]


@part
def come_over(b, world, n, day):
    """What other stores sent comes in; automation knows of it at once."""
    if world.features.transfers.region_of[n] >= 0:
        moved, moving = b.moved[n], b.moving[n, day & uint64(world.features.transfers.mask)]
        lanes.clear(moved[MOVED_IN])
        lanes.clear(moved[MOVED_ON_ORDER])
        if transfer_loops.some(moving) != 0:
            if world.features.records.delayed:
                for then in range(PAST_DAYS):
                    lanes.add(moving, b.past[n, then, RECORD])
            transfer_loops.take_over(
                moving, b.cells[n, ON_HAND], b.cells[n, ON_ORDER], b.extra[n, IN], moved[MOVED_IN],
                moved[MOVED_ON_ORDER],
            )  # fmt: skip
        lanes.clear(moved[POOLED_IN])
        lanes.clear(moved[MOVED_OUT])
        lanes.clear(moved[MOVED_OVERNIGHT])


@spliced_part
def best_of(b, region):
    """The largest need and the largest surplus of a region."""
    most = b.most
    lanes.clear(most[MOST_NEEDED])
    lanes.clear(most[MOST_SPARE])
    for n in region:
        if b.present[n] != WITHOUT:
            lanes.larger(b.need[n], int32(n), most[MOST_NEEDED], most[NEEDIEST])
            lanes.larger(b.surplus[n], int32(n), most[MOST_SPARE], most[RICHEST])


@called_part
def pool_region(b, world, region, day, today):
    """One region, after trading: units for customers who were not served, or what could have been."""
    of, most = world.features.transfers, b.most
    lanes.clear(most[MOST_NEEDED])
    lanes.clear(most[MOST_SPARE])
    missing_row = int64(today) * DAY_ROWS + MISSING
    for n in region:
        if b.present[n] != WITHOUT:
            transfer_loops.only_until(int32(day), b.last_day, b.takes_part[n], b.active[n])
            unmet = b.days[n, missing_row]
            if world.features.channels.used:
                unmet = b.walk_in_unmet[n]
            transfer_loops.at_once_rows(
                unmet, b.cells[n, ON_HAND], b.floor[n], b.active[n], b.need[n], b.surplus[n],
                most[MOST_NEEDED], most[MOST_SPARE],
            )  # fmt: skip
    if lanes.both(most[MOST_NEEDED], most[MOST_SPARE], int32(1)) == 0:
        return
    if of.at_once == 0:
        for n in region:
            if b.present[n] != WITHOUT:
                transfer_loops.note_elsewhere(b.need[n], most[MOST_SPARE], b.extra[n, SHORT_ELSEWHERE])
    best_of(b, region)
    while lanes.both(most[MOST_NEEDED], most[MOST_SPARE], int32(of.least)):
        transfer_loops.pool_lines(
            most, int32(of.least), b.need, b.surplus, b.cells, missing_row, b.days, b.moved, b.extra, of.at_once > 0
        )
        best_of(b, region)
    if of.at_once > 0:
        for n in region:
            if b.present[n] != WITHOUT:
                if world.features.channels.used:
                    transfer_loops.still_unmet(b.need[n], b.active[n], b.walk_in_unmet[n])
                if lanes.both(b.need[n], most[MOST_SPARE], int32(1)):
                    transfer_loops.note_elsewhere(b.need[n], most[MOST_SPARE], b.extra[n, SHORT_ELSEWHERE])


@part
def pool(b, world, day, today):
    """All regions, after trading."""
    of = world.features.transfers
    for k in range(len(of.region_first) - 1):
        pool_region(b, world, of.region_site[of.region_first[k] : of.region_first[k + 1]], day, today)


@spliced_part
def see_cover(b, world, n, day, today, mask):
    """What a store is seen to have, and with what comes by the morning of a transfer sent tonight."""
    of, here, stock = world.features.transfers, b.here[n], b.seen_stock[n]
    late = False
    if world.features.records.delayed:
        late = True
        then = b.past[n, (day + uint64(PAST_DAYS - world.features.records.lag)) % uint64(PAST_DAYS)]
        transfer_loops.seen_late(then[RECORD], then[PROMISED], then[RECEIVED_], b.books[n, GOT], stock, here)
    if not late:
        gap = b.nothing
        if world.features.records.used:
            gap = b.gaps[n, today]
        transfer_loops.seen_now(b.cells[n, ON_HAND], gap, b.cells[n, WAITING], stock, here)
    tables, table = world.tables, of.transit_table
    if tables.breaks[tables.first_break[table + 1] - 1] != 0:
        for lane in range(WIDTH):
            u = uniform(b.transit_key[n, 0, lane], b.transit_key[n, 1, lane], day_index(int64(day)))
            b.transit[n, lane] = value_of(
                tables.guide, tables.breaks, tables.first_break, tables.place[table], table, u
            )
    for ahead in range(1, of.longest_transit + 1):
        if uint64(ahead) <= mask:
            transfer_loops.add_due(b.arriving[n, (day + uint64(ahead)) & mask], b.transit[n], int32(ahead), here)
        slot = (day + uint64(ahead)) & uint64(of.mask)
        transfer_loops.add_due(b.moving[n, slot], b.transit[n], int32(ahead), here)


@called_part
def balance_region(b, world, region, day, today, masks, rebalances):
    """One region, in the evening: by what the record says, as it is seen."""
    of, most = world.features.transfers, b.most
    lanes.clear(most[MOST_NEEDED])
    lanes.clear(most[MOST_SPARE])
    for n in region:
        if b.present[n] != WITHOUT:
            transfer_loops.only_until(int32(day), b.last_day, b.takes_part[n], b.active[n])
            see_cover(b, world, n, day, today, uint64(masks[n]))
    if rebalances:
        transfer_loops.even_cover(region, b.present, b.here, b.active, b.thousandths, int64(day), b.target)
    for n in region:
        if b.present[n] != WITHOUT:
            if rebalances:
                transfer_loops.target_rows(
                    b.here[n], b.target[n], b.seen_stock[n], b.floor[n], b.active[n], b.need[n], b.surplus[n],
                    most[MOST_NEEDED], most[MOST_SPARE],
                )  # fmt: skip
            else:
                transfer_loops.cover_rows(
                    b.here[n], b.seen_stock[n], b.floor[n], b.low[n], b.to[n], b.high[n], b.active[n], b.need[n],
                    b.surplus[n], most[MOST_NEEDED], most[MOST_SPARE],
                )  # fmt: skip
    if lanes.both(most[MOST_NEEDED], most[MOST_SPARE], int32(1)) == 0:
        return
    best_of(b, region)
    while lanes.both(most[MOST_NEEDED], most[MOST_SPARE], int32(of.least)):
        transfer_loops.overnight_lines(
            most, int32(of.least), b.need, b.surplus, b.cells, b.moving, of.mask, int64(day), b.transit, b.moved,
            b.extra,
        )  # fmt: skip
        best_of(b, region)
    if world.features.records.delayed:
        for n in region:
            for then in range(PAST_DAYS if b.present[n] != WITHOUT else 0):
                lanes.less(b.past[n, then, RECORD], b.moved[n, MOVED_OVERNIGHT])


@part
def balance(b, world, day, today, masks):
    """All regions, in the evening, by cover or so that all cover the same."""
    of = world.features.transfers
    rebalances = of.rebalance_every > 0 and (int64(day) - of.rebalance_first) % of.rebalance_every == 0
    by_cover = of.overnight_every > 0 and (int64(day) + 1) % of.overnight_every == 0
    if rebalances or by_cover:
        for k in range(len(of.region_first) - 1):
            region = of.region_site[of.region_first[k] : of.region_first[k + 1]]
            balance_region(b, world, region, day, today, masks, rebalances)


@part
def on_order_by_transfer(b, world, n, before):
    """Of the change of what is on order, that of transfers is not ordered here."""
    if world.features.transfers.region_of[n] >= 0:
        lanes.add(b.moved[n, MOVED_ON_ORDER], before[n, 3])


@part
def only_ordered(b, n):
    """Transfers are not received by order."""
    transfer_loops.received_by_order(b.totals[n])


LANES = {
    "transfers": Lanes(
        "features.transfers.lanes",
        {
            "load": ("load_transfers",),
            "arrived": ("come_over",),
            "pooled": ("pool",),
            "balanced": ("balance",),
            "noted": ("on_order_by_transfer",),
            "run_ends": ("only_ordered",),
        },
        rows={
            "moving": Row(("site", "moving_slot", "lane"), I4, "sent by other stores, by day of arrival & mask"),
            "moved": Row(("site", MOVED_ROWS, "lane"), I4, "see `engines.kernel.layout.MOVED_ROWS`"),
            "transit_key": Row(KEYS, U8, "of draws of the days that transfers take"),
            "transit": Row(CELL, I4, "days that a transfer sent tonight takes"),
            "floor": Row(CELL, I4, "units that a giving store keeps"),
            "low": Row(CELL, I4, "units of cover"),
            "to": Row(CELL, I4, ""),
            "high": Row(CELL, I4, ""),
            "thousandths": Row(CELL, I8, "mean demand a day in thousandths"),
            "takes_part": Row(CELL, I4, "1: the item may be sent"),
            "last_day": Row(LANE, I4, "from this day on it is not"),
            "active": Row(CELL, I4, "1: it may be sent today"),
            "here": Row(CELL, I4, "seen on the shelf or due, less what customers wait for"),
            "seen_stock": Row(CELL, I4, "seen on the shelf"),
            "target": Row(CELL, I4, "of a rebalancing"),
            "need": Row(CELL, I4, ""),
            "surplus": Row(CELL, I4, ""),
            "most": Row((MOST_ROWS, "lane"), I4, "see `MOST_ROWS` of `loops`"),
        },
        sizes=lambda of, world: {"moving_slot": (of.mask + 1) * of.used},
    ),
}
