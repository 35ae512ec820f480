"""How a block of lanes is filled with what happens to goods beside being sold (see `sim.loading`)."""

from __future__ import annotations

from sim.block import how_many
from sim.jit import part
from sim.layout import WIDTH
from sim.randomness import RESALE, RETURN_LAG, RETURNING, stream_key


@part
def load_goods(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Lane k is item first_item + (first_lane + k) // replications; spare lanes repeat the last."""
    b.coming[:] = 0
    b.served_before[:] = 0
    b.shelf[:] = 0
    b.kept[:] = 0
    b.keeps[:] = 0
    b.first_end[0] = world.horizon
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        i, replication = first_item + u // replications, first_replication + u % replications
        if world.goods.returns:
            load_returns(b, world, seed, lane, i, replication)
        if world.goods.shelf:
            load_shelves(b, world, lane, i)
        if world.goods.seasons:
            load_seasons(b, world, lane, i)
    for n in range(len(world.parent)):
        b.keeps[n] = how_many(b.keeps[n])


@part
def load_returns(b, world, seed, lane, i, replication):
    """What customers bring back: nothing is on its way when the run begins."""
    goods = world.goods
    b.return_share[lane] = goods.return_share[i]
    b.resalable[lane] = goods.resalable[i]
    b.return_chance[lane] = goods.return_chance[i]
    b.lag_table[lane] = goods.lag_table[i]
    for n in range(len(world.parent)):
        site, item, key = world.site_key[n], world.item_key[i], b.return_key[n]
        key[0, lane], key[1, lane] = stream_key(seed, replication, site, item, RETURNING)
        key[2, lane], key[3, lane] = stream_key(seed, replication, site, item, RETURN_LAG)
        key[4, lane], key[5, lane] = stream_key(seed, replication, site, item, RESALE)


@part
def load_shelves(b, world, lane, i):
    """Goods that do not keep, at sites that serve no other: what is there on day 0 came that morning."""
    b.life[lane] = world.goods.shelf_life[i]
    b.freshest_first[lane] = world.goods.freshest_first[i]
    for n in range(len(world.parent)):
        if b.life[lane] > 0 and world.first_child[n + 1] == world.first_child[n]:
            b.keeps[n] += world.stocked[i, n]
            b.kept[n, lane] = world.opening[i, n]
            b.shelf[n, b.life[lane] - 1, lane] = world.opening[i, n]


@part
def load_seasons(b, world, lane, i):
    """Days of the season, and what decides on the price."""
    goods = world.goods
    b.season_end[lane] = goods.season_end[i]
    b.first_order[lane] = goods.first_order[i]
    b.last_order[lane] = goods.last_order[i]
    b.percent_off[lane] = goods.percent_off[i]
    b.reduced_after[lane] = goods.reduced_after[i]
    b.first_end[0] = min(b.first_end[0], goods.season_end[i])
    for n in range(len(world.parent)):
        b.reduced_from[n, lane] = goods.reduced_from[i]
        b.reduced_shift[n, lane] = goods.reduced_shift[i, n]
        b.most_per_day[n, lane] = goods.most_per_day[i, n]
