"""Damage on the way in the kernel."""

from __future__ import annotations

from numba import int64

from restock.sim.compiling.marks import over_rows, part
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.layout import ON_ORDER, WIDTH, extra_column
from restock.sim.engines.kernel.rows import CELL, I8, KEYS, LANE, U8, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.transit_damage.settings import DAMAGE
from restock.sim.probability.guide_tables import FULL
from restock.sim.probability.keyed_draws import day_index, stream_key

DAMAGED = extra_column("damaged")


@part
def load_damage(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Each lane's share at each site, and the keys of its draws."""
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        i, replication = first_item + u // replications, first_replication + u % replications
        b.damage_chance[lane] = FULL - 1
        for n in range(len(world.parent)):
            if b.present[n] > 0:
                b.damage_share[n, lane] = world.features.transit_damage.share[i, n]
                key_a, key_b = stream_key(seed, replication, world.site_key[n], world.item_key[i], DAMAGE)
                b.damage_key[n, 0, lane], b.damage_key[n, 1, lane] = key_a, key_b


@part
def damage(b, n, day, mask):
    """Damaged units are off the order, and not on the shelf."""
    arriving, key = b.arriving[n, day & mask], b.damage_key[n]
    if lanes.share_of(arriving, b.damage_share[n], b.damage_chance, key[0], key[1], day_index(int64(day)), b.spare):
        write_off(b.spare, arriving, b.cells[n, ON_ORDER], b.extra[n, DAMAGED])


@over_rows
def write_off(units, arriving, on_order, damaged):
    """Units are received, and gone."""
    for lane in range(WIDTH):
        arriving[lane] -= units[lane]
        on_order[lane] -= units[lane]
        damaged[lane] += units[lane]


LANES = {
    "transit_damage": Lanes(
        "features.transit_damage.lanes",
        {"load": ("load_damage",), "arrived": ("damage",)},
        rows={
            "damage_share": Row(CELL, I8, "share of the units delivered"),
            "damage_chance": Row(LANE, I8, "bits of the draw that rounds them"),
            "damage_key": Row(KEYS, U8, "of draws of damage"),
        },
    ),
}
