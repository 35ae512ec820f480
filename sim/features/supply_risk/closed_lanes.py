"""Lanes that close between a site and those below it, in the kernel (beside `lanes`)."""

from __future__ import annotations

from restock.sim.compiling.marks import part
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.layout import OWED, SHIPPING
from restock.sim.engines.kernel.rows import CHILD, I4, I8, LANE, WITHOUT, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.supply_risk import loops as risk_loops


@part
def whom_to_reach(b, world, n, day):
    """The sites below that goods can be sent to tonight; where some cannot, it is shared out lane by lane."""
    reached = 0
    for c in world.child[world.first_child[n] : world.first_child[n + 1]]:
        if world.features.supply_risk.site_closed[c, day] == 0:
            b.reached[reached] = c
            reached += 1
        elif b.present[c] != WITHOUT:
            b.shares[n] = 1
    b.reaches[0] = reached
    lanes.clear(b.set_aside)


@part
def leave_out_closed(b, world, n, day):
    """Nothing leaves for a site whose lane is closed, and what it is owed does not lower what others get."""
    for c in world.child[world.first_child[n] : world.first_child[n + 1]]:
        if b.present[c] != WITHOUT and world.features.supply_risk.site_closed[c, day] > 0:
            risk_loops.set_apart(b.cells[c, OWED], b.cells[c, SHIPPING], b.total, b.set_aside)


LANES = {
    "closed_lanes": Lanes(
        "features.supply_risk.closed_lanes",
        {"sharing": ("whom_to_reach",), "collected": ("leave_out_closed",)},
        rows={
            "reached": Row(CHILD, I8, "sites below that can be reached tonight"),
            "reaches": Row((1,), I8, "how many they are"),
            "set_aside": Row(LANE, I4, "owed to sites that cannot be reached tonight"),
            "kept_back": Row(LANE, I4, "stock that nobody is sent tonight"),
        },
    ),
}
