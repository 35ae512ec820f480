"""Units that are scanned wrongly, in the kernel (beside `lanes`)."""

from __future__ import annotations

from restock.sim.compiling.marks import called_part, part
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.layout import SALES, WIDTH, extra_column
from restock.sim.engines.kernel.rows import CELL, I4, LANE, U8, WITHOUT, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.records import loops as record_loops
from restock.sim.probability.keyed_draws import SCAN_RECEIPTS, SCAN_SALES, stream_key

OVERBOOKED = extra_column("overbooked")
UNDERBOOKED = extra_column("underbooked")


@called_part
def load_scans(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """The keys of wrong scans: of receipts, of sales."""
    for n in range(len(world.parent)):
        for lane in range(WIDTH if b.present[n] > 0 else 0):
            u = first_lane + min(lane, lanes_used - 1)
            i, replication = first_item + u // replications, first_replication + u % replications
            for k, purpose in enumerate((SCAN_RECEIPTS, SCAN_SALES)):
                key_a, key_b = stream_key(seed, replication, world.site_key[n], world.item_key[i], purpose)
                b.scan_key[n, 2 * k, lane], b.scan_key[n, 2 * k + 1, lane] = key_a, key_b


@part
def note_sales(b, n):
    """Sales before today's."""
    lanes.copy(b.cells[n, SALES], b.sold_before[n])


@part
def wrong_scans(b, world, n, day, today):
    """Some of the day's units were scanned wrongly: receipts, then sales."""
    gap = b.gaps[n, today]
    if world.features.records.receipts_misscanned:
        b.found[0] |= record_loops.misscan(
            b.came[n], b.nothing, world.features.records.receipts_misscanned, b.scan_key[n, 0], b.scan_key[n, 1], day,
            1, gap, b.misscanned, b.extra[n, OVERBOOKED], b.extra[n, UNDERBOOKED],
        )  # fmt: skip
    if world.features.records.sales_misscanned and (b.sells[n] != WITHOUT or b.plays[n] != WITHOUT):
        sales = b.cells[n, SALES]
        b.found[0] |= record_loops.misscan(
            sales, b.sold_before[n], world.features.records.sales_misscanned, b.scan_key[n, 2], b.scan_key[n, 3], day,
            0, gap, b.misscanned, b.extra[n, OVERBOOKED], b.extra[n, UNDERBOOKED],
        )  # fmt: skip
        lanes.add(b.misscanned, sales)


LANES = {
    "wrong_scans": Lanes(
        "features.records.scan_lanes",
        {"load": ("load_scans",), "taken_in": ("note_sales",), "scanned": ("wrong_scans",)},
        rows={
            "scan_key": Row(("site", 4, "lane"), U8, "of draws of wrong scans: of receipts, of sales"),
            "sold_before": Row(CELL, I4, "SALES before today's"),
            "misscanned": Row(LANE, I4, "units booked too many today"),
        },
        reads=("came",),
    ),
}
