"""Policies that remember, or have levels that change by day, in the kernel: what they learn in the evening, and how
far their forecasts were off; and what those see that read the position of an echelon: a plan whose rules read
`view.echelon_position` has one more row of levels, the last: units of the sites below, which evenings write.

Loops over lanes are as in `lanes`; the compiled `learn` of the policy is handed in (see
`engines.rules.compiled_rules`).
"""

from __future__ import annotations

import math

from numba import float64, int32, int64, uint64

from restock.sim.compiling.marks import called_part, helper, over_rows, part
from restock.sim.engines.kernel import faults, lanes
from restock.sim.engines.kernel.day import promised
from restock.sim.engines.kernel.lanes import posted_position, recorded_position
from restock.sim.engines.kernel.layout import (
    ASKED,
    BACK,
    BACK_BEFORE,
    BACK_POSTED,
    BROUGHT_BACK,
    DAY_ROWS,
    DAYS,
    DAYS_BEFORE,
    DEMAND_BEFORE,
    GOT,
    IS_CELL,
    NEW_SALES,
    ON_HAND,
    ON_ORDER,
    ORDERS_BELOW,
    OWING,
    PAST_DAYS,
    POSTED,
    PROMISED,
    PROMISED_BEFORE,
    RECEIVED_,
    RECORD,
    RECORD_SEEN,
    SALES,
    SOLD,
    SOLD_BEFORE,
    WAITING,
    WIDTH,
    extra_column,
)
from restock.sim.engines.kernel.layout import DEMAND as DEMAND_SEEN
from restock.sim.engines.kernel.rows import WITHOUT
from restock.sim.model.unit_limits import FAULT_KIND, FORECAST_OFF, LARGEST_UNITS, LEARNING_FAILED, NO_FAULT
from restock.sim.probability.keyed_draws import RULE, mix, stream_key

FORECAST_DAYS = extra_column("forecast_days")
FORECAST_DEMAND = extra_column("forecast_demand")
FORECAST_ERROR = extra_column("forecast_error")
FORECAST_ABS_ERROR = extra_column("forecast_abs_error")
NAIVE_ABS_ERROR = extra_column("naive_abs_error")


@called_part
def load_memory(b, world, plan, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """What is remembered at the start, the key of the rule's own draws, and that nothing was learnt yet."""
    b.lessons[:] = 0
    for n in range(len(world.parent)):
        for lane in range(WIDTH if b.present[n] > 0 else 0):
            u = first_lane + min(lane, lanes_used - 1)
            i = first_item + u // replications
            b.lessons[n, IS_CELL, lane] = world.stocked[i, n]
            for slot in range(plan.memory.shape[2]):
                b.memory[n, lane, slot] = plan.memory[i, n, slot]
            draw_slot = plan.draw_slot[plan.rule_of[i, n]]
            if draw_slot >= 0:
                replication = first_replication + u % replications
                key_a, key_b = stream_key(seed, replication, world.site_key[n], world.item_key[i], RULE)
                b.memory[n, lane, draw_slot] = float64(mix(key_a, key_b, uint64(0)) >> uint64(11))


@called_part
def load_level_rows(b, world, plan, first_lane, lanes_used, replications, first_item):
    """Which row of values each lane's levels follow."""
    for n in range(len(world.parent)):
        for lane in range(WIDTH if b.present[n] > 0 else 0):
            i = first_item + (first_lane + min(lane, lanes_used - 1)) // replications
            for level in range(len(plan.by_day_rows)):
                b.level_rows[n, level, lane] = plan.by_day_rows[level, i, n]


@part
def levels_of_today(b, plan, n, day, is_due):
    """Levels that change by day take today's values."""
    if is_due or len(b.lessons) > 0:
        for k in range(len(plan.by_day_levels)):
            take_values(plan.by_day[int64(day)], b.level_rows[n, k], b.levels[n, plan.by_day_levels[k]])


@helper
def take_values(values, row, level):
    for lane in range(WIDTH):
        level[lane] = values[row[lane]]


@part
def evening_lesson(b, world, plan, n, day, today, learn):
    """Yesterday's forecast is held against today's demand; then the policy learns what is new."""
    cell, before, news = b.cells[n], b.lessons[n], b.news
    backlog = promised(b, world, n)
    if len(b.extra) > 0:
        lanes.sum_of(b.days[n, today * uint64(DAY_ROWS) + uint64(ASKED)], before[ORDERS_BELOW], b.total)
        note_errors(
            b.total, before[DEMAND_BEFORE], b.memory[n], b.rule_of[n], plan.forecast_slot, int64(day), b.extra[n],
            world.most_units, b.stocked[n], n, b.fault,
        )  # fmt: skip
        if b.fault[FAULT_KIND] != NO_FAULT:
            b.found[0] = -1
        lanes.copy(b.total, before[DEMAND_BEFORE])
    if world.features.records.delayed:
        then = b.past[n, (day + uint64(PAST_DAYS - world.features.records.lag)) % uint64(PAST_DAYS)]
        lanes.copy(then[RECORD], news[RECORD_SEEN])
        take_news(
            then[SOLD], then[PROMISED], before[SOLD_BEFORE], before[PROMISED_BEFORE], news[NEW_SALES], news[DEMAND_SEEN]
        )
        since(then[POSTED], before[DAYS_BEFORE], before[IS_CELL], news[DAYS])
        lanes.copy(then[SOLD], before[SOLD_BEFORE])
        brought_back(then[BACK_POSTED], before[BACK_BEFORE], news[BROUGHT_BACK])
    else:
        if world.features.records.used:
            lanes.sum_of(cell[ON_HAND], b.gaps[n, today], news[RECORD_SEEN])
        else:
            lanes.copy(cell[ON_HAND], news[RECORD_SEEN])
        take_news(
            cell[SALES], backlog, before[SOLD_BEFORE], before[PROMISED_BEFORE], news[NEW_SALES], news[DEMAND_SEEN]
        )
        lanes.copy(before[IS_CELL], news[DAYS])
        brought_back(before[BACK], before[BACK_BEFORE], news[BROUGHT_BACK])
    learn(news, b.nothing, b.levels[n], b.rule_of[n], b.memory[n], int64(day) - world.warm_up, b.spare)
    if b.spare[0] < 0:
        faults.note(b.fault, LEARNING_FAILED, n, -1 - b.spare[0], day, 0)
        b.found[0] = -1


@part
def note_restocked(b, n):
    """What customers brought back, and was put on the shelf, so far."""
    lanes.add(b.restocked, b.lessons[n, BACK])


@part
def note_orders_below(b, n):
    """What the sites below ordered tonight is demand, too."""
    lanes.copy(b.orders[n], b.lessons[n, ORDERS_BELOW])


@part
def note_sales_learnt(b, world, n):
    """Of sales, which a review may have cleared, what the policy knows of."""
    if not world.features.records.delayed:
        lanes.copy(b.cells[n, SALES], b.lessons[n, SOLD_BEFORE])


@over_rows
def take_news(sold, promised, sold_before, promised_before, sales, demand):
    """Sales that are new, and with the change of backorders the demand that is recorded of it."""
    for lane in range(WIDTH):
        new = int32(sold[lane] - sold_before[lane])
        sales[lane] = new
        demand[lane] = new + promised[lane] - promised_before[lane]
        promised_before[lane] = promised[lane]


@over_rows
def brought_back(so_far, before, new):
    """Units put back on the shelf that are new."""
    for lane in range(WIDTH):
        new[lane] = so_far[lane] - before[lane]
        before[lane] = so_far[lane]


@over_rows
def since(posted, days_before, is_cell, days):
    """How many days are posted that were not before."""
    for lane in range(WIDTH):
        days[lane] = is_cell[lane] * int32(posted[lane] - days_before[lane])
        days_before[lane] = posted[lane]


@helper
def note_errors(
    demand, demand_before, memory, rule_of, forecast_slot, day, extra, most, stocked, n, fault
):  # fmt: skip
    """How far last evening's forecast of today was off, and how far yesterday's demand, in thousandths of a unit.

    A forecast that is no number, or further from 0 than `most`, ends the run.
    """
    if day == 0:
        return
    for lane in range(WIDTH):
        slot = forecast_slot[rule_of[lane]]
        if slot >= 0 and not abs(memory[lane, slot]) <= most:
            if stocked[lane]:
                faults.note(fault, FORECAST_OFF, n, lane, day, 0)
        elif slot >= 0:
            error = int64(math.floor(1000.0 * (memory[lane, slot] - demand[lane]) + 0.5))
            extra[FORECAST_DAYS, lane] += 1
            extra[FORECAST_DEMAND, lane] += demand[lane]
            extra[FORECAST_ERROR, lane] += error
            extra[FORECAST_ABS_ERROR, lane] += abs(error)
            extra[NAIVE_ABS_ERROR, lane] += 1000 * abs(int64(demand[lane]) - int64(demand_before[lane]))


@part
def seen_position(b, world, n, day, today, position):
    """A site's inventory position by its book, as policies see it."""
    cell, late = b.cells[n], False
    if world.features.records.delayed:
        late = True
        then = b.past[n, (day + uint64(PAST_DAYS - world.features.records.lag)) % uint64(PAST_DAYS)]
        posted_position(then[RECORD], then[PROMISED], then[RECEIVED_], b.books[n, GOT], cell[ON_ORDER], position)
    if not late:
        gap = b.nothing
        if world.features.records.used:
            gap = b.gaps[n, today]
        recorded_position(cell[ON_HAND], gap, cell[ON_ORDER], cell[WAITING], cell[OWING], position)


@called_part
def position_of_those_below(b, world, plan, n, day, today):
    """Before its review a site knows what all sites below it have, after their orders of tonight."""
    if world.first_child[n + 1] > world.first_child[n]:
        children = world.child[world.first_child[n] : world.first_child[n + 1]]
        for c in children:
            if b.present[c] != WITHOUT:
                seen_position(b, world, c, day, today, b.seen_here[c])
        sum_below(children, b.present, b.stocked, b.seen_here, b.levels, plan.echelon_level, n)


@helper
def sum_below(children, present, stocked, position, levels, row, n):
    """Positions of the sites below and of all below these, no further from 0 than a level may be.

    Lanes of items that a site does not keep may have a record all the same: a count that is a unit wrong.
    """
    for lane in range(WIDTH):
        units = int64(0)
        for c in children:
            if present[c] > 0 and stocked[c, lane] > 0:
                units += int64(position[c, lane]) + int64(levels[c, row, lane])
        levels[n, row, lane] = int32(min(max(units, int64(-LARGEST_UNITS)), int64(LARGEST_UNITS)))
