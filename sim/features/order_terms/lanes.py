"""The least value of orders in the kernel."""

from __future__ import annotations

from numba import int32

from restock.sim.compiling.marks import over_rows, part
from restock.sim.engines.kernel.layout import WIDTH, extra_column
from restock.sim.engines.kernel.rows import CELL, I4, Row
from restock.sim.engines.writer.lane_features import Lanes

BELOW_MINIMUM = extra_column("below_minimum")


@part
def load_terms(b, world, first_lane, lanes_used, replications, first_item):
    """The fewest units that may be ordered by each lane."""
    for n in range(len(world.parent)):
        for lane in range(WIDTH if b.present[n] > 0 else 0):
            i = first_item + (first_lane + min(lane, lanes_used - 1)) // replications
            b.least_order[n, lane] = world.features.order_terms.least[i, n]


@part
def not_below_minimum(b, n, quantity):
    """Orders of less than the least value are not placed."""
    drop(quantity, b.least_order[n], b.extra[n, BELOW_MINIMUM])


@over_rows
def drop(quantity, least, below_minimum):
    for lane in range(WIDTH):
        below = int32((quantity[lane] > 0) & (quantity[lane] < least[lane]))
        quantity[lane] = 0 if below else quantity[lane]
        below_minimum[lane] += below


LANES = {
    "order_terms": Lanes(
        "features.order_terms.lanes",
        {"load": ("load_terms",), "enough": ("not_below_minimum",)},
        rows={"least_order": Row(CELL, I4, "the fewest units that come to the least value of an order")},
    ),
}
