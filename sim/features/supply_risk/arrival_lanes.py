"""When goods come, and how many of them are good, in the kernel (beside `lanes`)."""

from __future__ import annotations

from numba import int32, int64

from restock.sim.compiling.marks import called_part, part
from restock.sim.engines.kernel import lanes, week_lanes
from restock.sim.engines.kernel.layout import (
    BASE,
    CANCELLED,
    ON_ORDER,
    ORDINAL,
    WIDTH,
    extra_column,
)
from restock.sim.engines.kernel.rows import CELL, I4, I8, KEYS, LANE, SITE, U8, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.supply_risk import loops as risk_loops
from restock.sim.features.supply_risk.settings import LANE_STATE, WINDOW, YIELD
from restock.sim.probability.guide_tables import FULL
from restock.sim.probability.keyed_draws import day_index, stream_key

REJECTED = extra_column("rejected")


@called_part
def load_lane_terms(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """What each lane's way says of arrivals, the keys of its draws, and where a run stands that goes on."""
    of = world.features.supply_risk
    for n in range(len(world.parent)):
        b.at_terms[n], b.yielding[n] = 0, 0
        b.bad[n] = 0
        for lane in range(WIDTH if b.present[n] > 0 else 0):
            u = first_lane + min(lane, lanes_used - 1)
            i, replication = first_item + u // replications, first_replication + u % replications
            way, law = max(of.way[i, n], 0), of.good_of[i, n]
            b.at_terms[n] += of.at_terms[i, n]
            b.yielding[n] += (of.good_shares[law, 0] < FULL) | (of.good_points[law, 0] < FULL)
            b.of_way[n, lane], b.calendar[n, lane] = way, of.supplier[i, n] % len(of.worked)
            b.good_law[n, lane], b.missed[n, lane] = law, of.missed[way]
            b.begins[n, lane], b.ends[n, lane] = of.begins[way], of.ends[way]
            b.in_order[n, lane], b.congested_lead[n, lane] = of.in_order[way], of.congested_table[way]
            b.lane_state[n, lane], b.last_arrival[n, lane], b.congested[n, 6, lane] = 0, 0, 0
            site, item, source = world.site_key[n], world.item_key[i], of.source_key[way]
            b.lane_key[n, 0, lane], b.lane_key[n, 1, lane] = stream_key(seed, replication, site, source, LANE_STATE)
            b.window_key[n, 0, lane], b.window_key[n, 1, lane] = stream_key(seed, replication, site, source, WINDOW)
            b.good_key[n, 0, lane], b.good_key[n, 1, lane] = stream_key(seed, replication, site, item, YIELD)
            if world.opening_state.resumed:
                r = min(replication, world.opening_state.cells.shape[2] - 1)
                b.lane_state[n, lane] = of.opening_congested[i, n, r]
                b.last_arrival[n, lane] = of.opening_last[i, n, r]
                first, slots = world.opening_state.first_day, of.opening_bad.shape[3]
                for day in range(first, first + slots):
                    slot = day & world.opening_state.mask[n]
                    b.bad[n, slot, lane] += of.opening_bad[i, n, r, day & (slots - 1)]


@called_part
def week_of_congestion(b, world, n, week):
    """On which nights of the week the lanes to a site are congested."""
    if b.at_terms[n] == 0:
        return
    lanes.copy(b.congested[n, 6], b.congested[n, 7])
    week_lanes.draw_week(b.lane_key[n, 0], b.lane_key[n, 1], week, b.draws)
    for today in range(7):
        if week * 7 + today > 0:
            risk_loops.walk_on(
                b.draws[today * WIDTH : (today + 1) * WIDTH], b.begins[n], b.ends[n], b.lane_state[n]
            )  # fmt: skip
        lanes.copy(b.lane_state[n], b.congested[n, today])


@part
def travel_by_terms(b, world, n, last_night, mask, shipping):
    """What left last night comes on a morning that its lane keeps; of what comes a part may be bad."""
    if b.at_terms[n] > 0:
        tables, night = world.tables, int64(last_night) % 7
        if night == 6:
            night = 7  # of the week before: a new one was drawn since
        risk_loops.lead_times(
            tables.guide, tables.breaks, tables.first_break, tables.place, b.lead[n], b.congested_lead[n],
            b.congested[n, night], b.lead_key[n, 0], b.lead_key[n, 1], b.cells[n, ORDINAL],
            day_index(int64(last_night)), world.lead_by_day, shipping, int32(last_night), b.comes_on,
        )  # fmt: skip
        of = world.features.supply_risk
        risk_loops.count_working_days(of.worked, of.nth, b.calendar[n], int32(last_night), shipping, b.comes_on)
        risk_loops.keep_to_windows(
            of.next_day, b.of_way[n], b.missed[n], b.window_key[n, 0], b.window_key[n, 1], b.in_order[n], shipping,
            b.last_arrival[n], b.comes_on,
        )  # fmt: skip
        lanes.clear(b.spare)
        if b.yielding[n] > 0:
            risk_loops.bad_units(
                shipping, b.good_law[n], of.good_points, of.good_shares, b.good_key[n, 0], b.good_key[n, 1],
                b.cells[n, ORDINAL], b.spare,
            )  # fmt: skip
            risk_loops.on_their_way(b.spare, b.comes_on, mask, b.bad[n])
        risk_loops.good_on_their_way(shipping, b.spare, b.comes_on, mask, b.arriving[n], b.cells[n, ORDINAL])


@part
def turn_away(b, n, day, mask):
    """Bad units are off the order, and never received.

    They are written down as cancelled, too, from which what was received is derived; `take_apart` parts the two.
    """
    if b.yielding[n] > 0:
        risk_loops.reject(b.bad[n, day & mask], b.cells[n, ON_ORDER], b.week[n, CANCELLED], b.extra[n, REJECTED])


@part
def take_apart(b, n):
    """What was turned away was not cancelled."""
    lanes.less(b.totals[n, CANCELLED], b.totals[n, BASE + REJECTED])


LANES = {
    "arrivals": Lanes(
        "features.supply_risk.arrival_lanes",
        {
            "load": ("load_lane_terms",),
            "week_drawn": ("week_of_congestion",),
            "set_out": ("travel_by_terms",),
            "arrived": ("turn_away",),
            "run_ends": ("take_apart",),
        },
        rows={
            "at_terms": Row(SITE, I8, "lanes whose goods come by terms of their way"),
            "yielding": Row(SITE, I8, "lanes of whose goods a part may be bad"),
            "bad": Row(("site", "slot", "lane"), I4, "by day of arrival & mask: units that will be turned away"),
            "calendar": Row(CELL, I4, "supplier whose working days lead times count"),
            "of_way": Row(CELL, I4, "way whose delivery days are kept"),
            "missed": Row(CELL, I8, "chance that a delivery day is missed"),
            "begins": Row(CELL, I8, "chance that congestion begins"),
            "ends": Row(CELL, I8, "chance that it ends"),
            "in_order": Row(CELL, I4, "1: shipments do not cross"),
            "last_arrival": Row(CELL, I4, "day on which the last shipment comes"),
            "congested_lead": Row(CELL, I4, "lead-time table of congested nights"),
            "lane_state": Row(CELL, I4, "1: congested on the last night drawn"),
            "congested": Row(("site", 8, "lane"), I4, "by night of the week; then the last one of the week before"),
            "good_law": Row(CELL, I4, "row of the law of the good share"),
            "lane_key": Row(KEYS, U8, "of draws of congestion"),
            "window_key": Row(KEYS, U8, "of draws of missed windows"),
            "good_key": Row(KEYS, U8, "of draws of the good share"),
            "comes_on": Row(LANE, I4, "day on which tonight's shipment comes"),
        },
    ),
}
