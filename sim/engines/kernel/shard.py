"""A shard of the kernel: blocks of lanes are filled, run through all weeks, and handed in as ledgers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import float64, int32, int64, types, uint64, void

from restock.sim.compiling.marks import entry_part, helper, over_rows, spliced_part, steps_at
from restock.sim.engines.kernel import faults, lanes
from restock.sim.engines.kernel.day import one_day
from restock.sim.engines.kernel.layout import (
    ASKED,
    CANCELLED,
    CLOSING,
    DAY_ROWS,
    DEMAND_,
    EXACT,
    FILLED,
    MANY_UNITS,
    MISSING,
    ON_HAND,
    ON_ORDER,
    OPENING,
    ORDERED,
    OWING,
    QUANTITY,
    RECEIVED,
    WAITING,
    WIDTH,
)
from restock.sim.engines.kernel.loading import load
from restock.sim.engines.kernel.rows import TOGETHER, WITHOUT
from restock.sim.engines.kernel.week import end_week, played_week, week_demand
from restock.sim.model.unit_limits import FAULT_ITEM, FAULT_KIND, FAULT_REPLICATION, NO_FAULT

NOTED = 8  # lanes whose daily figures are added up at a time
WEEKS_SUMMED = 8  # weeks whose daily figures are summed in 32 bits before they go into the 64-bit totals

OVER_LANES = types.FunctionType(
    void(int32[:, ::1], int32[::1], int32[:, ::1], int32[::1], float64[:, ::1], int64, int32[::1])
)
"""A policy over lanes: (rows, backorders, levels, rule_of, memory, day, quantity).

Of the rules `rows` are those of a site, and a quantity below 0 says that a rule failed. Of learning they are the news,
backorders go unused, and the first quantity is below 0 where the learning of some lane failed, else 0.
A plan without memory gives its rules for both."""


@helper
def write_state(cell, totals, first):
    """What is there, on order, promised and on record."""
    for lane in range(WIDTH):
        totals[first, lane] = cell[ON_HAND, lane]
        totals[first + 1, lane] = cell[ON_ORDER, lane]
        totals[first + 2, lane] = cell[WAITING, lane] + cell[OWING, lane]
        totals[first + 3, lane] = cell[ON_HAND, lane]


@helper
def derive_received(totals, exact_days):
    """What was on order or ordered, and is neither cancelled nor on order still, has been received.

    The record is exact on all days, where nothing makes it differ from the stock.
    """
    for lane in range(WIDTH):
        totals[EXACT, lane] += exact_days
        came = totals[OPENING + 1, lane] + totals[ORDERED, lane] - totals[CANCELLED, lane]
        totals[RECEIVED, lane] = came - totals[CLOSING + 1, lane]


@helper
def note_series(cell, days, week, today, before, used, turn, replications, out):
    """Add today's figures of one site to those of the shard's first replications: see ledger.SERIES.

    `out` is (figure, replication). Lanes go round the replications, item by item: `turn` is the lane, perhaps one
    before this block, at which the first round begins.
    """
    first = uint64(today * DAY_ROWS)
    for start in range(turn, used, replications):
        least, most = max(0, -start), min(out.shape[1], used - start)
        for r in range(least, most, NOTED):
            lane = uint64(start + r)
            if most - r >= NOTED:  # a number that the compiler knows is some times faster
                add_day(cell, days, week, first, before, lane, uint64(NOTED), uint64(r), out)
            else:
                add_day(cell, days, week, first, before, lane, uint64(most - r), uint64(r), out)


@over_rows
def add_day(cell, days, week, first, before, lane, count, r, out):
    """The figures of `count` lanes from `lane` on, which are those of the replications from r on."""
    for k in range(count):
        out[0, r + k] += days[first + ASKED, lane + k] + week[DEMAND_, lane + k] - before[0, lane + k]
    for k in range(count):
        filled = days[first + ASKED, lane + k] - days[first + MISSING, lane + k]
        out[1, r + k] += filled + week[FILLED, lane + k] - before[1, lane + k]
    for k in range(count):
        stayed = days[first + QUANTITY, lane + k] - (week[CANCELLED, lane + k] - before[2, lane + k])
        out[2, r + k] += before[3, lane + k] + stayed - cell[ON_ORDER, lane + k]
    for k in range(count):
        out[3, r + k] += days[first + QUANTITY, lane + k]
    for k in range(count):
        out[4, r + k] += cell[ON_HAND, lane + k]
    for k in range(count):
        out[5, r + k] += cell[ON_ORDER, lane + k]
    for k in range(count):
        out[6, r + k] += cell[WAITING, lane + k] + cell[OWING, lane + k]
    for k in range(count):
        before[0, lane + k] = week[DEMAND_, lane + k]
    for k in range(count):
        before[1, lane + k] = week[FILLED, lane + k]
    for k in range(count):
        before[2, lane + k] = week[CANCELLED, lane + k]
    for k in range(count):
        before[3, lane + k] = cell[ON_ORDER, lane + k]


@spliced_part
def simulate_block(b, world, plan, masks, used, first_lane, replications, series, before, review, learn):
    """All days of one block of lanes, or those up to a fault."""
    sites = uint64(len(world.parent))
    before[:] = 0
    first_week = 0
    if world.opening_state.resumed:
        first_week = world.opening_state.first_day // 7
    if world.opening_state.used:
        for n in range(sites):
            lanes.copy(b.cells[n, ON_ORDER], before[n, 3])
    for week in range(first_week, (world.horizon + 6) // 7):
        days = min(7, world.horizon - week * 7)
        if world.history_kind > 0:
            for lane in range(WIDTH):
                played = played_week(b.week_key[0, lane], b.week_key[1, lane], world.history_kind, week,
                                     world.history_weeks, world.history_window)  # fmt: skip
                b.day_from[lane] = world.history_shift + played * 7
        steps_at("week_begins", b, week)
        for n in range(sites):
            if b.present[n] != WITHOUT:
                if week * 7 == world.warm_up:
                    write_state(b.cells[n], b.totals[n], OPENING)
                    steps_at("measuring_starts", b, n)
                week_demand(b, world, n, week, days)
                steps_at("week_drawn", b, world, n, week)
        if series.size > 0:
            for n in range(sites):
                if b.present[n] != WITHOUT:
                    for k, row in enumerate((DEMAND_, FILLED, CANCELLED)):
                        lanes.copy(b.week[n, row], before[n, k])
        found = int32(0)
        for today in range(uint64(days)):
            day = uint64(week) * uint64(7) + today
            found |= one_day(b, world, plan, day, today, review, learn, masks)
            if b.fault[FAULT_KIND] != NO_FAULT:
                return
            if series.size > 0:
                for n in range(sites):
                    if b.present[n] != WITHOUT:
                        if world.features.transfers.used:
                            steps_at("noted", b, world, n, before)
                        note_series(b.cells[n], b.days[n], b.week[n], today, before[n], used,
                                    -(first_lane % replications), replications, series[n, day])  # fmt: skip
        measured = week * 7 >= world.warm_up
        ends = week % WEEKS_SUMMED == WEEKS_SUMMED - 1 or (week + 1) * 7 == world.warm_up
        ends |= (week + 1) * 7 >= world.horizon or faults.beyond(found, MANY_UNITS - 1)
        for n in range(sites):
            if b.present[n] != WITHOUT:
                end_week(b, world, n, week, days, measured, ends)
        if b.fault[FAULT_KIND] != NO_FAULT:
            return


class PlanArrays(NamedTuple):
    """A plan as the kernel reads it."""

    levels: np.ndarray  # int32 (level, i, n): the levels of all rules, one after another
    rule_of: np.ndarray
    review_period: np.ndarray
    by_day: np.ndarray  # int32 (day, row): values of the levels that change by day
    by_day_levels: np.ndarray  # int64: which levels these are
    by_day_rows: np.ndarray  # int32 (level that changes, i, n): the row that a cell follows
    memory: np.ndarray  # float64 (i, n, slot): start values; no slots where nothing is remembered
    forecast_slot: np.ndarray  # int64, one for each rule: where it forecasts; -1: it does not
    draw_slot: np.ndarray  # int64, one for each rule: where the key of its draws is kept; -1: it draws nothing
    expresses: np.ndarray  # int64, one for each rule: 1 where it orders first from a second source
    echelon_level: int  # which of the levels are positions of the sites below; -1: no rule reads them


@entry_part
def run_shard(b, before, world, plan, review, learn, seed_low, seed_high, replications, items, masks, out, series):
    """Simulate items[0] <= i < items[1] in replications[0] <= r < replications[1].

    `out` (replication, item, site, column) gets the ledger; `series` (site, day, figure, replication), where it
    is not empty, the daily figures of the first replications, summed over items. Returns 1 where a fault ended it,
    which `b.fault` then says.
    """
    seed = uint64(seed_low) | (uint64(seed_high) << uint64(32))
    sites = len(world.parent)
    many = replications[1] - replications[0]
    pairs = (items[1] - items[0]) * many
    for first_lane in range(0, pairs, WIDTH):
        used = min(WIDTH, pairs - first_lane)
        load(b, world, plan, seed, first_lane, used, replications[0], many, items[0])
        simulate_block(b, world, plan, masks, used, first_lane, many, series, before, review, learn)
        if b.fault[FAULT_KIND] != NO_FAULT:
            lane = first_lane + b.fault[FAULT_ITEM]
            b.fault[FAULT_ITEM], b.fault[FAULT_REPLICATION] = items[0] + lane // many, replications[0] + lane % many
            return int32(1)
        for n in range(sites):
            if b.present[n] != WITHOUT:
                write_state(b.cells[n], b.totals[n], CLOSING)
                derive_received(b.totals[n], world.horizon - world.warm_up)
                steps_at("run_ends", b, world, n)
        hand_in(b.totals, world.stocked, first_lane, used, many, items[0], out)
    return int32(0)


@helper
def hand_in(totals, stocked, first_lane, used, replications, first_item, out):
    """The block's totals go into the shard's ledger, some sites at a time: those of one lane lie side by side there.

    What a site does not keep is 0: the memory may have been used before.
    """
    sites = stocked.shape[1]
    for first in range(0, sites, TOGETHER):
        for lane in range(used):
            r, i = (first_lane + lane) % replications, (first_lane + lane) // replications
            for n in range(first, min(first + TOGETHER, sites)):
                if stocked[first_item + i, n]:
                    for column in range(out.shape[3]):
                        out[r, i, n, column] = totals[n, column, lane]
                else:
                    out[r, i, n] = 0
