"""Channels in the kernel: the steps of the event engine (`steps`), over the loops of `loops`."""

from __future__ import annotations

from numba import int32, int64

from restock.sim.compiling.marks import called_part, part, spliced_part
from restock.sim.engines.kernel import lanes, week_lanes
from restock.sim.engines.kernel.layout import (
    ASKED,
    DAY_ROWS,
    LOST,
    MISSING,
    ON_HAND,
    POOLED_IN,
    SALES,
    WAITING,
    WIDTH,
)
from restock.sim.engines.kernel.rows import CELL, I4, I8, LANE, U4, U8, WITHOUT, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.channels import loops as channel_loops
from restock.sim.features.channels.draws import CHANNEL_SPLIT
from restock.sim.features.channels.loops import (
    ASKED_BY,
    FIRST_CHANNEL,
    HANDED_TO,
    LOST_BY,
    OVERSOLD_TO,
    PER_CHANNEL,
    REFUSED_THERE,
    REFUSED_TO,
    WAITS_OF,
    WALK_IN_ASKED,
    WALK_IN_UNMET,
)
from restock.sim.model.opening.cell_fields import STATE_RECORD
from restock.sim.probability.keyed_draws import day_index, stream_key


@called_part
def load_channels(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Terms of each channel at each site, keys of its draws, and views of stock as they open."""
    of = world.features.channels
    b.walk_in_unmet[:] = 0
    b.channel_unmet[:] = 0
    b.refused_today[:] = 0
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        i, replication = first_item + u // replications, first_replication + u % replications
        for c in range(of.many):
            b.channel_share[c, lane] = of.share[i, c]
        for n in range(len(world.parent)):
            if b.present[n] > 0:
                site, item = world.site_key[n], world.item_key[i]
                record = world.opening[i, n]
                r = 0
                if world.opening_state.used:
                    r = min(replication, world.opening_state.cells.shape[2] - 1)
                    record = world.opening_state.cells[i, n, r, STATE_RECORD]
                b.keep[n, lane] = of.keep[i, n]
                b.split_key[n, 0, lane], b.split_key[n, 1, lane] = stream_key(
                    seed, replication, site, item, CHANNEL_SPLIT
                )
                for c in range(of.many):
                    b.channel_table[n, c, lane] = max(of.table[i, n, c], 0)
                    b.reserve[n, c, lane] = of.reserve[i, n, c]
                    b.stock_view[n, c, lane] = max(record - of.buffer[c], 0)
                    if world.opening_state.resumed:
                        b.stock_view[n, c, lane] = of.views[i, n, r, c]
                    key = b.channel_key[n, c]
                    key[0, lane], key[1, lane] = stream_key(seed, replication, site, item, of.purpose[c])
                    key[2, lane], key[3, lane] = stream_key(seed, replication, site, item, of.waits_purpose[c])


@called_part
def ask_by_channel(b, world, week, days):
    """The week's demand of each channel, store by store, at the sites that serve it; all of it is added up at once."""
    of, tables = world.features.channels, world.tables
    for n in range(len(world.parent)):
        if b.present[n] != WITHOUT:
            b.channel_asked[n, :] = 0
    for n in range(len(world.parent)):
        if b.present[n] != WITHOUT:
            b.split_off[:] = 0
            for c in range(of.many):
                to = of.at[n, c]
                if to >= 0:
                    asked = b.channel_asked[to, c * 7 : (c + 1) * 7]
                    if world.history_kind > 0:
                        channel_loops.split_record(
                            b.split_key[n, 0], b.split_key[n, 1], week, b.row[n], of.upto[n, c], b.split_off, b.days[n],
                            asked,
                        )  # fmt: skip
                    else:
                        shift, cheaper_from, over_from, ends = b.nothing, b.nothing, b.nothing, False
                        if world.features.selling_seasons.used:
                            shift, cheaper_from = b.reduced_shift[n], b.reduced_from[to]
                            over_from, ends = b.season_end, True
                        key = b.channel_key[n, c]
                        week_lanes.draw_week(key[0], key[1], week, b.channel_draws)
                        channel_loops.ask_for(
                            tables.guide, tables.breaks, tables.first_break, tables.place, b.channel_table[n, c],
                            b.season[n], shift, cheaper_from, over_from, ends, world.season_class, week * 7, days,
                            b.channel_draws, asked,
                        )  # fmt: skip
    for n in range(len(world.parent)):
        if b.sells[n] != WITHOUT or b.plays[n] != WITHOUT:
            channel_loops.add_days(b.days[n], ASKED, DAY_ROWS, days, b.extra[n, WALK_IN_ASKED])
            for c in range(of.many):
                if of.here[n, c] > 0:
                    total = b.extra[n, FIRST_CHANNEL + c * PER_CHANNEL + ASKED_BY]
                    channel_loops.add_days(b.channel_asked[n], c * 7, 1, days, total)


@part
def serve_by_rank(b, world, n, today):
    """Customers of channels and those who walk in, in the site's order."""
    of, cell, extra = world.features.channels, b.cells[n], b.extra[n]
    asked, missing = b.days[n, today * DAY_ROWS + ASKED], b.days[n, today * DAY_ROWS + MISSING]
    unmet = b.walk_in_unmet[n]
    lanes.clear(missing)
    lanes.copy(asked, unmet)
    for c in of.order:
        if c == of.many:
            channel_loops.walk_in(unmet, cell[ON_HAND], cell[SALES], missing)
        elif of.here[n, c] > 0:
            wanted, first = b.channel_asked[n, c * 7 + int64(today)], FIRST_CHANNEL + c * PER_CHANNEL
            if of.view_every[c] > 0:
                channel_loops.serve_by_view(
                    wanted, b.reserve[n, c], b.stock_view[n, c], cell[ON_HAND], cell[SALES], missing,
                    b.channel_unmet[n, c], b.refused_today[n, c], extra[first + HANDED_TO], extra[first + REFUSED_TO],
                    asked,
                )  # fmt: skip
            else:
                channel_loops.serve(
                    wanted, b.reserve[n, c], of.from_shelf[c] > 0, cell[ON_HAND], cell[SALES], missing,
                    b.channel_unmet[n, c], extra[first + HANDED_TO], asked,
                )  # fmt: skip


@part
def ship_from_stores(b, world, day, today):
    """When all who walk in were served, stores ship what DCs could not: channel by channel, as listed."""
    of = world.features.channels
    for c in range(of.many):
        if of.from_stores[c] > 0:
            for k in range(len(of.dc)):
                ship_for(b, world, int64(c), of.dc[k], of.giver[of.first_giver[k] : of.first_giver[k + 1]], day, today)


@called_part
def ship_for(b, world, c, dc, givers, day, today):
    """Orders of one channel at one DC, a line in every lane that has one until none is left."""
    best, who = b.most_spare, b.richest
    if b.present[dc] == WITHOUT:
        return
    for n in givers:
        if b.present[n] != WITHOUT:
            channel_loops.spare(b.cells[n, ON_HAND], b.floor[n], b.takes_part[n], int32(day), b.last_day, b.spare_of[n])
    most_of(b, givers)
    while lanes.both(b.channel_unmet[dc, c], best, int32(1)):
        channel_loops.ship_lines(
            b.channel_unmet[dc, c], best, who, b.spare_of, b.cells, b.moved, b.extra,
            b.days[dc, int64(today) * DAY_ROWS + MISSING], dc, FIRST_CHANNEL + c * PER_CHANNEL,
        )  # fmt: skip
        most_of(b, givers)


@spliced_part
def most_of(b, givers):
    """The store that can spare most."""
    lanes.clear(b.most_spare)
    for n in givers:
        if b.present[n] != WITHOUT:
            lanes.larger(b.spare_of[n], int32(n), b.most_spare, b.richest)


@part
def turn_away_channels(b, world, n, day):
    """Customers who were not served leave, or wait: those who walk in, and those of each channel."""
    of, cell, week, extra = world.features.channels, b.cells[n], b.week[n], b.extra[n]
    index, lost = day_index(int64(day)), week[LOST]
    lanes.add(b.walk_in_unmet[n], extra[WALK_IN_UNMET])
    if b.backorders[0] == WITHOUT:
        lost = b.spare  # all that is not served is lost: that is summed once a week
    else:
        lanes.wait_or_lose(
            b.walk_in_unmet[n], b.share, b.unmet_key[n, 0], b.unmet_key[n, 1], index, cell[WAITING], lost
        )
    for c in range(of.many):
        if of.here[n, c] > 0:
            first, unmet = FIRST_CHANNEL + c * PER_CHANNEL, b.channel_unmet[n, c]
            if of.view_every[c] > 0:
                channel_loops.oversell(
                    unmet, b.refused_today[n, c], of.oversold_waits[c] > 0, cell[WAITING], lost,
                    extra[first + OVERSOLD_TO],
                )  # fmt: skip
            else:
                channel_loops.wait_or_leave(
                    unmet, b.channel_share[c], b.channel_key[n, c, 2], b.channel_key[n, c, 3], index, cell[WAITING],
                    lost, extra[first + WAITS_OF], extra[first + LOST_BY],
                )  # fmt: skip


@part
def refresh_views(b, world, n, day, today):
    """The day is closed and counted: what was refused and is there; then views of stock are refreshed."""
    of = world.features.channels
    for c in range(of.many):
        if of.here[n, c] > 0 and of.view_every[c] > 0:
            first = FIRST_CHANNEL + c * PER_CHANNEL
            channel_loops.refused_though_there(
                b.refused_today[n, c], b.cells[n, ON_HAND], b.extra[n, first + REFUSED_THERE]
            )
            if (int64(day) + 1) % of.view_every[c] == 0:
                gap = b.nothing
                if world.features.records.used:
                    gap = b.gaps[n, today]
                channel_loops.refresh(b.cells[n, ON_HAND], gap, int32(of.buffer[c]), b.stock_view[n, c])


@part
def clear_shipped(b, world, n):
    """What came from stores for customers is of the day."""
    if world.features.transfers.used:
        if world.features.transfers.region_of[n] < 0:
            lanes.clear(b.moved[n, POOLED_IN])


@part
def hold_for_channels(b, n):
    """What a DC keeps for its own customers is not for stores tonight."""
    channel_loops.set_back(b.cells[n, ON_HAND], b.keep[n], b.kept_tonight)


@part
def give_back_to_channels(b, n):
    lanes.add(b.kept_tonight, b.cells[n, ON_HAND])


CHANNEL = ("site", "channel", "lane")
LANES = {
    "channels": Lanes(
        "features.channels.lanes",
        {
            "load": ("load_channels",),
            "all_drawn": ("ask_by_channel",),
            "arrived": ("clear_shipped",),
            "by_rank": ("serve_by_rank",),
            "pooled": ("ship_from_stores",),
            "turned_away": ("turn_away_channels",),
            "counted": ("refresh_views",),
            "setting_back": ("hold_for_channels",),
            "putting_back": ("give_back_to_channels",),
        },
        rows={
            "channel_asked": Row(
                ("site", "channel_day", "lane"), I4, "by channel and day of the week: units asked for"
            ),
            "channel_key": Row(("site", "channel", 4, "lane"), U8, "two each for what is asked for, and who waits"),
            "channel_table": Row(CHANNEL, I4, "first demand table of a channel's customers of this store"),
            "channel_share": Row(("channel", "lane"), I8, "share of unmet demand that waits"),
            "reserve": Row(CHANNEL, I4, "units that a channel leaves on the shelf"),
            "channel_unmet": Row(CHANNEL, I4, "asked for today, not refused and not served"),
            "refused_today": Row(CHANNEL, I4, ""),
            "stock_view": Row(CHANNEL, I4, "units that may still be sold by the view of stock"),
            "walk_in_unmet": Row(CELL, I4, "asked for today by those who walk in, and not served"),
            "split_key": Row(("site", 2, "lane"), U8, "of draws of which recorded units are a channel's"),
            "keep": Row(CELL, I4, "units that a DC does not give to stores"),
            "spare_of": Row(CELL, I4, "units above the floor of a store"),
            "kept_tonight": Row(LANE, I4, ""),
            "most_spare": Row(LANE, I4, ""),
            "richest": Row(LANE, I4, "the site that can spare most"),
            "split_off": Row((7, "lane"), I4, "of recorded days, units that went to channels so far"),
            "channel_draws": Row((8 * WIDTH,), U4, "by day and lane"),
        },
        sizes=lambda of, world: {"channel": of.many, "channel_day": 7 * of.many},
    ),
}
