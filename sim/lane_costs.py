"""What goods cost as they flow, over lanes: the kernel's books of FIFO, LIFO and average cost, kept once a week.

A lane's goods lie in one layer for each day of receipt: `left[day]` says how many units of it are still there. Layers
are taken from the oldest day on, or from the newest back along `under`, which names the layer below each. All values
are whole ten-thousandths of money.
"""

from __future__ import annotations

from numba import int32, int64

from sim.cost_paths import follow_costs
from sim.jit import helper
from sim.layout import (
    AVERAGE,
    CAME_TODAY,
    COGS,
    FIFO,
    FLOWS,
    LIFO,
    LOSS_VALUE,
    LOST_TODAY,
    MOVE_ROWS,
    RECEIVED_VALUE,
    RESTOCKED_TODAY,
    RETURNED_TODAY,
    SHIPPED_TODAY,
    SHIPPED_VALUE,
    SOLD_TODAY,
    VALUE_DAYS,
    WIDTH,
)
from sim.ledger import BASE
from sim.randomness import UNIT_COSTS, stream_key


@helper
def load_costs(b, world, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Each lane's unit costs by day, and the opening stock as the layer of day 0."""
    b.moves[:] = 0
    b.left[:] = 0
    b.held[:] = 0
    b.values[:] = 0
    for lane in range(WIDTH):
        u = first_lane + min(lane, lanes_used - 1)
        i, replication = first_item + u // replications, first_replication + u % replications
        key_a, key_b = stream_key(seed, replication, 0, world.item_key[i], UNIT_COSTS)
        follow_costs(
            world.first_cost[i], world.cost_trend, world.cost_month, world.cost_volatility, key_a, key_b,
            b.unit_costs[lane],
        )  # fmt: skip
        for n in range(len(world.parent)):
            b.edge[n, FIFO, lane], b.edge[n, LIFO, lane] = 0, -1
            take_in(b, n, lane, 0, world.opening[i, n])


@helper
def take_in(b, n, lane, day, units):
    """Units join the layer of the day, at its cost. Returns their value."""
    if units == 0:
        return int64(0)
    for flow in range(2):
        b.left[n, flow, lane, day] += units
    b.edge[n, FIFO, lane] = min(b.edge[n, FIFO, lane], int32(day))
    if b.edge[n, LIFO, lane] != day:
        b.under[n, lane, day] = b.edge[n, LIFO, lane]
        b.edge[n, LIFO, lane] = day
    value = units * b.unit_costs[lane, day]
    b.held[n, lane] += units
    for flow in range(FLOWS):
        b.values[n, flow, lane] += value
    return value


@helper
def give_out(b, n, lane, units, column):
    """Units leave, under each flow from layers of its own; what they cost goes into the ledger, from `column` on."""
    if units == 0:
        return
    costs = b.unit_costs[lane]
    left, day, wanted, oldest = b.left[n, FIFO, lane], b.edge[n, FIFO, lane], int64(units), int64(0)
    while wanted > 0:
        part = min(wanted, int64(left[day]))
        left[day] -= part
        oldest += part * costs[day]
        wanted -= part
        day += int32(left[day] == 0)
    b.edge[n, FIFO, lane] = day
    left, day, wanted, newest = b.left[n, LIFO, lane], b.edge[n, LIFO, lane], int64(units), int64(0)
    while wanted > 0:
        part = min(wanted, int64(left[day]))
        left[day] -= part
        newest += part * costs[day]
        wanted -= part
        day = b.under[n, lane, day] if left[day] == 0 else day
    b.edge[n, LIFO, lane] = day
    held, value = int64(b.held[n, lane]), b.values[n, AVERAGE, lane]
    average = value // held * units + value % held * units // held  # value * units // held, which could overflow
    b.held[n, lane] -= units
    write_down(b, n, lane, FIFO, column, oldest)
    write_down(b, n, lane, LIFO, column, newest)
    write_down(b, n, lane, AVERAGE, column, average)


@helper
def write_down(b, n, lane, flow, column, value):
    b.values[n, flow, lane] -= value
    b.extra[n, column + flow, lane] += value


@helper
def week_of_costs(b, n, first_day, days):
    """A site's week: each day's goods come in, are sold, come back, leave at closing and are shipped, in this order."""
    moves, extra = b.moves[n], b.extra[n]
    for lane in range(WIDTH):
        for today in range(days):
            row = today * MOVE_ROWS
            extra[RECEIVED_VALUE, lane] += take_in(b, n, lane, first_day + today, moves[row + CAME_TODAY, lane])
            give_out(b, n, lane, moves[row + SOLD_TODAY, lane], COGS)
            back = take_in(b, n, lane, first_day + today, moves[row + RESTOCKED_TODAY, lane])
            refunded = moves[row + RETURNED_TODAY, lane] * b.unit_costs[lane, first_day + today]
            for flow in range(FLOWS):
                extra[COGS + flow, lane] -= refunded
                extra[LOSS_VALUE + flow, lane] += refunded - back
            give_out(b, n, lane, moves[row + LOST_TODAY, lane], LOSS_VALUE)
            give_out(b, n, lane, moves[row + SHIPPED_TODAY, lane], SHIPPED_VALUE)
            for flow in range(FLOWS):
                extra[VALUE_DAYS + flow, lane] += b.values[n, flow, lane]


@helper
def write_values(values, totals, column):
    """What the stock is worth under each flow."""
    for flow in range(FLOWS):
        for lane in range(WIDTH):
            totals[BASE + column + flow, lane] = values[flow, lane]
