"""Demand of stores that moves together, in the kernel (see `probability.copula`)."""

from __future__ import annotations

from numba import uint32

from restock.sim.compiling.marks import called_part, helper, part
from restock.sim.engines.kernel import week_lanes
from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.probability.copula import LOW_BITS
from restock.sim.probability.keyed_draws import FACTOR, stream_key


@called_part
def load_factor(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """The keys of each lane's factor: of its item, or of all items."""
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        i, replication = first_item + u // replications, first_replication + u % replications
        item = uint32(0) if world.copula_of_all else world.item_key[i]
        key_a, key_b = stream_key(seed, replication, 0, item, FACTOR)
        b.factor_key[0, lane], b.factor_key[1, lane] = key_a, key_b


@part
def draw_factor(b, week):
    """The factor of the week's days, which all sites share."""
    week_lanes.draw_week(b.factor_key[0], b.factor_key[1], week, b.factor)


@part
def follow_factor(b, world):
    """A site's draws of the week's days move with it."""
    follow(world.copula, b.factor, b.draws)


@helper
def follow(copula, factor, draws):
    for k in range(7 * WIDTH):
        own = draws[k]
        cell = uint32(copula[factor[k] >> uint32(LOW_BITS), own >> uint32(LOW_BITS)])
        draws[k] = uint32(cell << uint32(LOW_BITS)) | uint32(own & uint32((1 << LOW_BITS) - 1))
