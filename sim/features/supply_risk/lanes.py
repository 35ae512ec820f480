"""Outside suppliers that fail, in the kernel: the steps of the event engine (`steps`), over the loops of `loops`."""

from __future__ import annotations

from numba import int32, uint64

from restock.sim.compiling.marks import called_part, part
from restock.sim.engines.kernel import lanes, week_lanes
from restock.sim.engines.kernel.layout import (
    BASE,
    CANCELLED,
    DAY_ROWS,
    ON_ORDER,
    OWED,
    PIPELINE,
    QUANTITY,
    SHIPPING,
    WIDTH,
    extra_column,
)
from restock.sim.engines.kernel.rows import CELL, I4, I8, KEYS, SITE, U8, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.supply_risk import loops as risk_loops
from restock.sim.features.supply_risk.settings import FILL, SUPPLIER_STATE
from restock.sim.probability.guide_tables import FULL
from restock.sim.probability.keyed_draws import stream_key

HELD_DAYS = extra_column("held_days")
DOWN_NIGHTS = extra_column("supplier_down_nights")
SUPPLIER_NIGHTS = BASE + extra_column("supplier_nights")


@called_part
def load_suppliers(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Each lane's supplier at sites that outside suppliers deliver to, and the keys of its draws."""
    of = world.features.supply_risk
    for n in range(len(world.parent)):
        b.refusing[n] = 0
        b.filling[n] = 0
        for lane in range(WIDTH if b.present[n] > 0 and world.parent[n] < 0 else 0):
            u = first_lane + min(lane, lanes_used - 1)
            i, replication = first_item + u // replications, first_replication + u % replications
            k = max(of.supplier[i, n], 0)
            b.supplier[n, lane] = k
            b.way[n, lane] = max(of.way[i, n], 0)
            b.fails[n, lane], b.recovers[n, lane] = of.fails[k], of.recovers[k]
            b.refuses[n, lane], b.fill_cancels[n, lane] = of.refuses[k], of.fill_cancels[k]
            b.refusing[n] += of.refuses[k]
            b.filling[n] += (of.fill_shares[k, 0] < FULL) | (of.fill_points[k, 0] < FULL)
            b.supplier_state[n, lane] = 0
            if world.opening_state.resumed:
                r = min(replication, world.opening_state.cells.shape[2] - 1)
                b.supplier_state[n, lane] = of.opening_down[i, n, r]
            b.state_key[n, 0, lane], b.state_key[n, 1, lane] = stream_key(
                seed, replication, of.supplier_key[k], 0, SUPPLIER_STATE
            )
            b.fill_key[n, 0, lane], b.fill_key[n, 1, lane] = stream_key(
                seed, replication, world.site_key[n], world.item_key[i], FILL
            )


@called_part
def week_of_suppliers(b, world, n, week):
    """On which nights of the week suppliers are down, and on which nothing leaves: they are, or the lane is closed."""
    if world.parent[n] >= 0:
        return
    of = world.features.supply_risk
    week_lanes.draw_week(b.state_key[n, 0], b.state_key[n, 1], week, b.draws)
    for today in range(7):
        day = min(week * 7 + today, world.horizon - 1)
        if week * 7 + today > 0:
            risk_loops.walk_on(b.draws[today * WIDTH : (today + 1) * WIDTH], b.fails[n], b.recovers[n],
                               b.supplier_state[n])  # fmt: skip
        for lane in range(WIDTH):
            down = b.supplier_state[n, lane] | int32(of.scheduled[b.supplier[n, lane], day])
            b.supplier_down[n, today, lane] = down
            b.shut[n, today, lane] = down | int32(of.closed[b.way[n, lane], day])


@part
def refuse_orders(b, world, n, day, quantity):
    """Some suppliers take no orders while they are down."""
    if world.parent[n] < 0 and b.refusing[n] > 0:
        elsewhere = b.nothing
        if world.features.second_source.used:
            elsewhere = b.second_goes[n]
        risk_loops.not_placed(b.supplier_down[n, day % uint64(7)], b.refuses[n], elsewhere, quantity)


@part
def suppliers_ship(b, world, n, day, today):
    """What outside suppliers owe leaves tonight, tonight's order included, unless they are shut."""
    if world.parent[n] < 0:
        of, cell, quantity = world.features.supply_risk, b.cells[n], b.days[n, today * DAY_ROWS + QUANTITY]
        shut, rest = b.shut[n, today], b.nothing
        if world.features.second_source.used:
            lanes.less(quantity, b.second_units[n])  # what goes elsewhere is not this supplier's
        if b.filling[n] > 0:
            rest = b.spare
            risk_loops.rest_of_orders(
                quantity, shut, b.supplier[n], of.fill_points, of.fill_shares, b.fill_key[n, 0], b.fill_key[n, 1], day,
                rest,
            )  # fmt: skip
        b.ordered[n] = risk_loops.leave(quantity, shut, rest, cell[OWED], cell[SHIPPING]) != 0
        if b.filling[n] > 0:
            risk_loops.strike_off(
                rest, b.fill_cancels[n], cell[OWED], cell[ON_ORDER], b.days[n, today * DAY_ROWS + PIPELINE],
                b.week[n, CANCELLED],
            )  # fmt: skip
        if world.features.second_source.used:
            lanes.add(b.second_units[n], quantity)
        risk_loops.note_night(cell[OWED], b.supplier_down[n, today], b.extra[n, HELD_DAYS], b.extra[n, DOWN_NIGHTS])


@part
def count_nights(b, world, n):
    """Nights measured, of cells that outside suppliers deliver to."""
    if world.parent[n] < 0:
        for lane in range(WIDTH):
            b.totals[n, SUPPLIER_NIGHTS, lane] = world.horizon - world.warm_up


LANES = {
    "outages": Lanes(
        "features.supply_risk.lanes",
        {
            "load": ("load_suppliers",),
            "week_drawn": ("week_of_suppliers",),
            "taken": ("refuse_orders",),
            "supplied": ("suppliers_ship",),
            "run_ends": ("count_nights",),
        },
        rows={
            "supplier_down": Row(("site", 7, "lane"), I4, "by day of the week: 1 on nights when the supplier is down"),
            "shut": Row(("site", 7, "lane"), I4, "the same, and on nights when the lane from it is closed"),
            "supplier_state": Row(CELL, I4, "1: the supplier was down on the last night by its own chance"),
            "supplier": Row(CELL, I4, "number of the supplier"),
            "way": Row(CELL, I4, "number of the lane"),
            "fails": Row(CELL, I8, "chance that it goes down"),
            "recovers": Row(CELL, I8, "chance that it comes up again"),
            "refuses": Row(CELL, I4, "1: orders are not placed while it is down"),
            "fill_cancels": Row(CELL, I4, "1: the rest of an order is cancelled"),
            "refusing": Row(SITE, I8, "lanes whose supplier refuses"),
            "filling": Row(SITE, I8, "lanes whose supplier ships in part"),
            "state_key": Row(KEYS, U8, "of draws of the supplier's state"),
            "fill_key": Row(KEYS, U8, "of draws of the share that is shipped"),
        },
    ),
}
