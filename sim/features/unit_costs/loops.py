"""What goods cost as they flow, over lanes: the kernel's books of FIFO, LIFO and average cost, kept once a week.

A lane's goods lie in one layer for each day of receipt: `left[day]` says how many units of it are still there. Layers
are taken from the oldest day on, or from the newest back along `under`, which names the layer below each. All values
are whole ten-thousandths of money.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int32, int64

from restock.sim.compiling.marks import helper
from restock.sim.engines.kernel.layout import BASE, WIDTH, extra_column

FIFO, LIFO, AVERAGE = range(3)
FLOWS = 3
RECEIVED_VALUE = extra_column("received_value")
COGS = extra_column("cogs_fifo")
SHIPPED_VALUE = extra_column("shipped_value_fifo")
LOSS_VALUE = extra_column("loss_value_fifo")
VALUE_DAYS = extra_column("value_days_fifo")
OPENING_VALUE = extra_column("opening_value_fifo")
CLOSING_VALUE = extra_column("closing_value_fifo")
"""The first of the columns of each value, FIFO's; LIFO's and the average's follow."""
(CAME_TODAY, SOLD_TODAY, RETURNED_TODAY, RESTOCKED_TODAY, LOST_TODAY, SHIPPED_TODAY) = range(6)
MOVE_ROWS = 6
"""Rows of each day of the week: units that came in, were sold, were brought back, of these went on the shelf, left it
at closing (lost, cleared or thrown away), and were shipped."""


class Pool(NamedTuple):
    """The costs of one site's goods: see `engines.kernel.rows`. Helpers take these few arrays: every one that
    takes a whole block adds seconds to compiling."""

    unit_costs: np.ndarray  # [lane, day]
    left: np.ndarray  # [FIFO or LIFO, lane, day]
    under: np.ndarray  # [lane, day]
    edge: np.ndarray  # [FIFO or LIFO, lane]
    held: np.ndarray  # [lane]
    values: np.ndarray  # [flow, lane]
    extra: np.ndarray  # [column of ledger.EXTRA, lane]


@helper
def take_in(pool, lane, day, units):
    """Units join the layer of the day, at its cost. Returns their value."""
    if units == 0:
        return int64(0)
    for flow in range(2):
        pool.left[flow, lane, day] += units
    pool.edge[FIFO, lane] = min(pool.edge[FIFO, lane], int32(day))
    if pool.edge[LIFO, lane] != day:
        pool.under[lane, day] = pool.edge[LIFO, lane]
        pool.edge[LIFO, lane] = day
    value = units * pool.unit_costs[lane, day]
    pool.held[lane] += units
    for flow in range(FLOWS):
        pool.values[flow, lane] += value
    return value


@helper
def go_on(pool, lane, layers, average_value):
    """The layers of a run that goes on, and what its stock is worth at average cost."""
    first = layers.shape[1]
    for day in range(layers.shape[1]):
        for flow in range(2):
            pool.left[flow, lane, day] = layers[flow, day]
            pool.values[flow, lane] += layers[flow, day] * pool.unit_costs[lane, day]
        pool.held[lane] += layers[FIFO, day]
        if layers[FIFO, day] > 0:
            first = min(first, day)
        if layers[LIFO, day] > 0:
            pool.under[lane, day] = pool.edge[LIFO, lane]
            pool.edge[LIFO, lane] = day
    pool.edge[FIFO, lane] = first
    pool.values[AVERAGE, lane] = average_value


@helper
def give_out(pool, lane, units, column):
    """Units leave, under each flow from layers of its own; what they cost goes into the ledger, from `column` on."""
    if units == 0:
        return
    costs = pool.unit_costs[lane]
    left, day, wanted, oldest = pool.left[FIFO, lane], pool.edge[FIFO, lane], int64(units), int64(0)
    while wanted > 0:
        part = min(wanted, int64(left[day]))
        left[day] -= part
        oldest += part * costs[day]
        wanted -= part
        day += int32(left[day] == 0)
    pool.edge[FIFO, lane] = day
    left, day, wanted, newest = pool.left[LIFO, lane], pool.edge[LIFO, lane], int64(units), int64(0)
    while wanted > 0:
        part = min(wanted, int64(left[day]))
        left[day] -= part
        newest += part * costs[day]
        wanted -= part
        day = pool.under[lane, day] if left[day] == 0 else day
    pool.edge[LIFO, lane] = day
    held, value = int64(pool.held[lane]), pool.values[AVERAGE, lane]
    average = value // held * units + value % held * units // held  # value * units // held, which could overflow
    pool.held[lane] -= units
    write_down(pool, lane, FIFO, column, oldest)
    write_down(pool, lane, LIFO, column, newest)
    write_down(pool, lane, AVERAGE, column, average)


@helper
def write_down(pool, lane, flow, column, value):
    pool.values[flow, lane] -= value
    pool.extra[column + flow, lane] += value


@helper
def week_of_costs(pool, moves, first_day, days):
    """A site's week: each day's goods come in, are sold, come back, leave at closing and are shipped, in this order."""
    extra = pool.extra
    for lane in range(WIDTH):
        for today in range(days):
            row = today * MOVE_ROWS
            extra[RECEIVED_VALUE, lane] += take_in(pool, lane, first_day + today, moves[row + CAME_TODAY, lane])
            give_out(pool, lane, moves[row + SOLD_TODAY, lane], COGS)
            back = take_in(pool, lane, first_day + today, moves[row + RESTOCKED_TODAY, lane])
            refunded = moves[row + RETURNED_TODAY, lane] * pool.unit_costs[lane, first_day + today]
            for flow in range(FLOWS):
                extra[COGS + flow, lane] -= refunded
                extra[LOSS_VALUE + flow, lane] += refunded - back
            give_out(pool, lane, moves[row + LOST_TODAY, lane], LOSS_VALUE)
            give_out(pool, lane, moves[row + SHIPPED_TODAY, lane], SHIPPED_VALUE)
            for flow in range(FLOWS):
                extra[VALUE_DAYS + flow, lane] += pool.values[flow, lane]


@helper
def write_values(values, totals, column):
    """What the stock is worth under each flow."""
    for flow in range(FLOWS):
        for lane in range(WIDTH):
            totals[BASE + column + flow, lane] = values[flow, lane]
