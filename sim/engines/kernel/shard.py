"""A shard of the kernel: blocks of lanes are filled, run through all weeks, and handed in as ledgers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import float64, int32, int64, types, uint64, void

from restock.sim.compiling.marks import entry_part, spliced_part
from restock.sim.engines.kernel.day import one_day
from restock.sim.engines.kernel.gang import run_together
from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.engines.kernel.loading import hand_in, hand_in_with_extra, load
from restock.sim.engines.kernel.opening import begin, end_the_run, first_week
from restock.sim.engines.kernel.week import draw_a_week, end_a_week, note_day
from restock.sim.model.unit_limits import FAULT_ITEM, FAULT_KIND, FAULT_REPLICATION, NO_FAULT

OVER_LANES = types.FunctionType(
    void(int32[:, ::1], int32[::1], int32[:, ::1], int32[::1], float64[:, ::1], int64, int32[::1])
)
"""A policy over lanes: (rows, backorders, levels, rule_of, memory, day, quantity).

Of the rules `rows` are those of a site, and a quantity below 0 says that a rule failed. Of learning they are the news,
backorders go unused, and the first quantity is below 0 where the learning of some lane failed, else 0.
A plan without memory gives its rules for both."""


@spliced_part
def simulate_block(b, world, plan, masks, used, first_lane, replications, series, before, review, learn):
    """All days of one block of lanes, or those up to a fault."""
    begin(b, world, before)
    for week in range(first_week(world), (world.horizon + 6) // 7):
        days = min(7, world.horizon - week * 7)
        draw_a_week(b, world, week, days, series.size > 0, before)
        found = int32(0)
        for today in range(uint64(days)):
            day = uint64(week) * uint64(7) + today
            found |= one_day(b, world, plan, day, today, review, learn, masks)
            if b.fault[FAULT_KIND] != NO_FAULT:
                return
            if series.size > 0:
                note_day(b, world, day, today, before, used, -(first_lane % replications), replications, series)
        end_a_week(b, world, week, days, found)
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
def run_shard(
    b, before, world, plan, review, learn, seed_low, seed_high, replications, items, masks, out, series, together
):
    """Simulate items[0] <= i < items[1] in replications[0] <= r < replications[1].

    `out` (replication, item, site, column) gets the ledger; `series` (site, day, figure, replication), where it
    is not empty, the daily figures of the first replications, summed over items; `together` is how many replications
    all items go through at a time, where they share something. Returns 1 where a fault ended it, which `b.fault` then
    says.
    """
    seed = uint64(seed_low) | (uint64(seed_high) << uint64(32))
    if b.together:
        return run_together(
            b, before, world, plan, review, learn, seed, replications, items, masks, out, series, together
        )
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
        end_the_run(b, world)
        if len(b.extra) > 0:
            hand_in_with_extra(b, world, first_lane, used, many, items[0], out)
        else:
            hand_in(b.totals, world.stocked, first_lane, used, many, items[0], out)
    return int32(0)
