"""What goods cost as they flow, in the kernel: the steps of the event engine (`steps`), over the books of `loops`.

Of each day of the week the units that come in and go out are noted; the books are kept once a week.
"""

from __future__ import annotations

from restock.sim.compiling.marks import called_part, part, spliced_part
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.layout import MOVED_IN, MOVED_OUT, ON_HAND, POOLED_IN, WIDTH
from restock.sim.engines.kernel.rows import CELL, I4, I8, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.unit_costs.loops import (
    CAME_TODAY,
    CLOSING_VALUE,
    FIFO,
    FLOWS,
    LIFO,
    LOST_TODAY,
    MOVE_ROWS,
    OPENING_VALUE,
    RESTOCKED_TODAY,
    RETURNED_TODAY,
    SHIPPED_TODAY,
    SOLD_TODAY,
    Pool,
    go_on,
    take_in,
    week_of_costs,
    write_values,
)
from restock.sim.features.unit_costs.paths import follow_costs
from restock.sim.probability.keyed_draws import UNIT_COSTS, stream_key


@spliced_part
def pool_of(b, n):
    """The costs of one site's goods."""
    return Pool(b.unit_costs, b.left[n], b.under[n], b.edge[n], b.held[n], b.values[n], b.extra[n])


@called_part
def load_costs(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Each lane's unit costs by day, and the opening stock as the layer of day 0."""
    of = world.features.unit_costs
    b.moves[:] = 0
    b.left[:] = 0
    b.held[:] = 0
    b.values[:] = 0
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        i, replication = first_item + u // replications, first_replication + u % replications
        key_a, key_b = stream_key(seed, replication, 0, world.item_key[i], UNIT_COSTS)
        follow_costs(
            of.first_cost[i], of.trend, of.month, of.volatility, key_a, key_b,
            b.unit_costs[lane],
        )  # fmt: skip
        for n in range(len(world.parent)):
            b.edge[n, FIFO, lane], b.edge[n, LIFO, lane] = 0, -1
            take_in(pool_of(b, n), lane, 0, world.opening[i, n])
            if world.opening_state.resumed:
                r = min(replication, world.opening_state.cells.shape[2] - 1)
                go_on(pool_of(b, n), lane, of.layers[i, n, r], of.average_value[i, n, r])


@part
def cost_arrivals(b, n, day, today, mask):
    """Units that come this morning."""
    lanes.copy(b.arriving[n, day & mask], b.moves[n, today * MOVE_ROWS + CAME_TODAY])


@part
def cost_before_sales(b, n, today):
    lanes.copy(b.cells[n, ON_HAND], b.moves[n, today * MOVE_ROWS + SOLD_TODAY])


@part
def cost_sales(b, n, today):
    """Units sold: what was there, less what is."""
    lanes.less(b.moves[n, today * MOVE_ROWS + SOLD_TODAY], b.cells[n, ON_HAND])


@part
def cost_transfers(b, n, today):
    """Units of other stores came in at the cost of the day, some of them sold at once; units left for other stores."""
    row = today * MOVE_ROWS
    lanes.add(b.moved[n, MOVED_IN], b.moves[n, row + CAME_TODAY])
    lanes.add(b.moved[n, POOLED_IN], b.moves[n, row + CAME_TODAY])
    lanes.add(b.moved[n, POOLED_IN], b.moves[n, row + SOLD_TODAY])
    lanes.copy(b.moved[n, MOVED_OUT], b.moves[n, row + SHIPPED_TODAY])


@part
def cost_returns(b, n, today):
    """Units brought back, and those of them that are stock again; then what is there before any is lost."""
    lanes.copy(b.returned, b.moves[n, today * MOVE_ROWS + RETURNED_TODAY])
    lanes.copy(b.restocked, b.moves[n, today * MOVE_ROWS + RESTOCKED_TODAY])
    lanes.copy(b.cells[n, ON_HAND], b.moves[n, today * MOVE_ROWS + LOST_TODAY])


@part
def cost_losses(b, n, today):
    """Units lost, cleared or thrown away."""
    lanes.less(b.moves[n, today * MOVE_ROWS + LOST_TODAY], b.cells[n, ON_HAND])


@part
def cost_before_shipping(b, n, today):
    lanes.copy(b.cells[n, ON_HAND], b.moves[n, today * MOVE_ROWS + SHIPPED_TODAY])


@part
def cost_shipments(b, n, today):
    """Units shipped to the sites below."""
    lanes.less(b.moves[n, today * MOVE_ROWS + SHIPPED_TODAY], b.cells[n, ON_HAND])


@called_part
def settle_week(b, n, week_number, days):
    """The books of the week's days."""
    week_of_costs(pool_of(b, n), b.moves[n], week_number * 7, days)


@part
def opening_values(b, n):
    """What the stock is worth when measuring starts."""
    write_values(b.values[n], b.totals[n], OPENING_VALUE)


@part
def closing_values(b, n):
    """What it is worth at the end."""
    write_values(b.values[n], b.totals[n], CLOSING_VALUE)


LANES = {
    "cost_flow": Lanes(
        "features.unit_costs.lanes",
        {
            "load": ("load_costs",),
            "taken_in": ("cost_arrivals",),
            "before_trading": ("cost_before_sales",),
            "traded": ("cost_sales",),
            "brought_back": ("cost_returns",),
            "moved": ("cost_transfers",),
            "closed": ("cost_losses",),
            "before_shipping": ("cost_before_shipping",),
            "shipped": ("cost_shipments",),
            "week_ends": ("settle_week",),
            "measuring_starts": ("opening_values",),
            "run_ends": ("closing_values",),
        },
        rows={
            "moves": Row(("site", 7 * MOVE_ROWS, "lane"), I4, "see `MOVE_ROWS` of `loops`"),
            "unit_costs": Row(("lane", "cost_day"), I8, "cost of a unit received on the day"),
            "left": Row(("site", 2, "lane", "cost_day"), I4, "FIFO or LIFO: units received on the day still there"),
            "under": Row(("site", "lane", "cost_day"), I4, "the day of the layer below, for LIFO; -1: none"),
            "edge": Row(("site", 2, "lane"), I4, "the oldest day that may have units left; the newest that has"),
            "held": Row(CELL, I4, "units"),
            "values": Row(("site", FLOWS, "lane"), I8, "what they are worth"),
        },
        sizes=lambda of, world: {"cost_day": world.horizon * of.used},
    ),
}
