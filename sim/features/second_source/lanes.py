"""A second source in the kernel: the steps of the event engine (`steps`), over the loops of `loops`."""

from __future__ import annotations

from numba import int32, int64, uint64

from restock.sim.compiling.marks import called_part, one_step_at, part, steps_at
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.layout import (
    ASKS_EXPRESS,
    DAY_ROWS,
    DUE_SOON,
    ON_ORDER,
    ORDERS,
    PROMISED_SEEN,
    QUANTITY,
    VIEW_ROWS,
    WIDTH,
    extra_column,
)
from restock.sim.engines.kernel.rows import CELL, I4, I8, KEYS, SITE, U8, Row
from restock.sim.engines.writer.lane_features import Lanes
from restock.sim.features.second_source import loops as second_loops
from restock.sim.features.second_source.settings import BACKUP, LEAD_TIME_2, POLICY, SPLIT
from restock.sim.probability.keyed_draws import day_index, stream_key

EXPEDITED = extra_column("expedited")
EXPEDITED_LINES = extra_column("expedited_lines")
PREMIUM = extra_column("premium")
SECOND_ORDERING = extra_column("second_ordering")
SECOND_TRANSPORT = extra_column("second_transport")


@called_part
def load_second_source(b, world, plan, seed, first_lane, lanes_used, first_replication, replications, first_item):
    """Each lane's second source at each site, and the keys of its draws."""
    of = world.features.second_source
    b.asks_first[0] = 0
    for k in range(len(plan.expresses) if of.rule == POLICY else 0):
        b.asks_first[0] |= plan.expresses[k]
    b.view[:] = 0
    b.second_units[:] = 0
    b.second_goes[:] = 0
    b.second_at[:] = 0
    b.second_left[:] = 0
    for lane in range(WIDTH if of.used else 0):
        u = first_lane + min(lane, lanes_used - 1)
        i, replication = first_item + u // replications, first_replication + u % replications
        for n in range(len(world.parent)):
            if b.present[n] > 0:
                has = of.has[i, n]
                b.second_has[n, lane] = has
                b.second_at[n] += has
                b.second_table[n, lane] = of.lead_table[i, n]
                b.second_pack[n, lane] = of.pack[i, n]
                b.second_minimum[n, lane] = of.minimum_order[i, n]
                b.second_premium[n, lane] = of.premium[i, n]
                b.second_per_line[n, lane] = of.per_line[i, n]
                b.second_per_unit[n, lane] = of.per_unit[i, n]
                if has:  # one lane brings all items from the second source to a site
                    b.second_days[n], b.second_open[n] = of.lead_time[i, n], of.order_days[i, n]
                b.second_ordinal[n, lane], b.nights_down[n, lane] = 0, 0
                if world.opening_state.resumed:
                    r = min(replication, world.opening_state.cells.shape[2] - 1)
                    b.second_ordinal[n, lane], b.nights_down[n, lane] = of.shipments[i, n, r], of.nights_down[i, n, r]
                key_a, key_b = stream_key(seed, replication, world.site_key[n], world.item_key[i], LEAD_TIME_2)
                b.second_key[n, 0, lane], b.second_key[n, 1, lane] = key_a, key_b


@part
def leave_second_source(b, world, n, day, today, mask):
    """What was ordered there last night is on its way by its own lane, and set_out is left with the rest."""
    if b.second_left[n] > 0:
        units, key, tables = b.second_units[n], b.second_key[n], world.tables
        draws = b.draws[:WIDTH]
        if world.lead_by_day:
            lanes.lead_draws_by_day(key[0], key[1], day_index(int64(day) - 1), draws)
        else:
            lanes.lead_draws_by_order(key[0], key[1], units, b.second_ordinal[n], draws)
        second_loops.travel(
            tables.guide, tables.breaks, tables.first_break, tables.place, units, draws, b.second_table[n],
            uint64(day) - uint64(1), mask, b.arriving[n],
        )  # fmt: skip
        lanes.less(b.days[n, uint64((today + 6) % 7) * DAY_ROWS + QUANTITY], units)


@part
def order_whole_again(b, n, today):
    """Last night's order is whole again in the books of the week, and nothing more is to leave."""
    if b.second_left[n] > 0:
        lanes.add(b.second_units[n], b.days[n, uint64((today + 6) % 7) * DAY_ROWS + QUANTITY])
        lanes.clear(b.second_units[n])
        b.second_left[n] = 0


@part
def review_with_second_source(b, world, n, day, today, quantity, review):
    """The policy is asked for an express order first, which stands in the books as its rule is asked."""
    if b.second_at[n] == 0:
        one_step_at("usual_review", b, world, n, day, today, quantity, review)
        return
    cell, view, units = b.cells[n], b.view, b.second_units[n]
    one_step_at("view", b, world, n, day, today)
    lanes.clear(view[DUE_SOON])
    if world.features.second_source.rule == POLICY:
        for ahead in range(1, b.second_days[n] + 1):
            lanes.add(
                b.arriving[n, (uint64(day) + uint64(ahead)) & uint64(world.opening_state.mask[n])], view[DUE_SOON]
            )
        second_loops.still_to_post(view[ON_ORDER], cell[ON_ORDER], b.second_has[n], view[DUE_SOON])
        if b.asks_first[0] > 0:
            view[ASKS_EXPRESS, 0] = 1
            review(view, view[PROMISED_SEEN], b.levels[n], b.rule_of[n], b.memory[n], int64(day) - world.warm_up, units)
            view[ASKS_EXPRESS, 0] = 0
            is_open = (b.second_open[n] >> int64(today)) & 1
            second_loops.in_packs(units, b.second_has[n], is_open, b.second_pack[n], b.second_minimum[n])
            if not b.same_review[n]:
                second_loops.only_where(b.due, units)
            if_orders_are_taken(b, world, n, day, units)
            lanes.add(units, cell[ON_ORDER])
            lanes.add(units, view[ON_ORDER])
    review(view, view[PROMISED_SEEN], b.levels[n], b.rule_of[n], b.memory[n], int64(day) - world.warm_up, quantity)
    one_step_at("sales_seen", b, world, n, day, quantity)
    if b.asks_first[0] > 0:
        lanes.less(cell[ON_ORDER], units)  # it comes back with the whole order


@part
def if_orders_are_taken(b, world, n, day, quantity):
    """What other features have to say of an order."""
    steps_at("ordered", b, world, n, day, quantity)


@part
def whole_orders(b, world, n, today):
    """Where whole orders go there tonight: the own supplier has been down for long enough."""
    if world.features.second_source.rule == BACKUP and b.second_at[n] > 0:
        down = b.nothing
        if world.features.supply_risk.holds:
            down = b.supplier_down[n, today]
        is_open = int32((b.second_open[n] >> int64(today)) & 1)
        second_loops.take_over(
            down,
            is_open,
            int32(world.features.second_source.after),
            b.second_has[n],
            b.nights_down[n],
            b.second_goes[n],
        )


@part
def send_to_second_source(b, world, n, day, today, quantity):
    """What of tonight's order goes there: the express order, which joins it, or a share of its packs."""
    if b.second_at[n] > 0:
        of, units, extra = world.features.second_source, b.second_units[n], b.extra[n]
        if of.rule == SPLIT:
            if (b.second_open[n] >> int64(today)) & 1:
                second_loops.split(quantity, b.pack[n], of.share, b.second_has[n], units)
        elif of.rule == BACKUP:
            second_loops.all_of(quantity, b.second_goes[n], units)
        else:
            second_loops.join(units, quantity)
        b.second_left[n] = second_loops.add_up(
            units, quantity, b.second_premium[n], b.second_per_line[n], b.second_per_unit[n], b.week[n, ORDERS],
            extra[EXPEDITED], extra[EXPEDITED_LINES], extra[PREMIUM], extra[SECOND_ORDERING], extra[SECOND_TRANSPORT],
        ) > 0  # fmt: skip


LANES = {
    "second_source": Lanes(
        "features.second_source.lanes",
        {
            "load": ("load_second_source",),
            "before_setting_out": ("leave_second_source",),
            "after_setting_out": ("order_whole_again",),
            "review": ("review_with_second_source",),
            "reviewed": ("whole_orders",),
            "sourced": ("send_to_second_source",),
        },
        rows={
            "view": Row((VIEW_ROWS, "lane"), I4, "what a policy sees: see `engines.kernel.layout.VIEW_ROWS`"),
            "asks_first": Row((1,), I8, "1: the policy is asked for express orders"),
            "second_at": Row(SITE, I8, "how many lanes have a second source"),
            "second_left": Row(SITE, I8, "1: some lane ordered from there on the last evening"),
            "second_days": Row(SITE, I8, "lead time from there, where it is constant"),
            "second_open": Row(SITE, I8, "bits of the weekdays on which orders are taken there"),
            "second_has": Row(CELL, I4, "1: the cell has a second source"),
            "second_units": Row(CELL, I4, "ordered there on the last evening"),
            "second_goes": Row(CELL, I4, "1: the whole of tonight's order goes there"),
            "nights_down": Row(CELL, I4, "on which the own supplier was down, in a row"),
            "second_ordinal": Row(CELL, I4, "shipments from there so far"),
            "second_table": Row(CELL, I4, "lead-time table"),
            "second_pack": Row(CELL, I4, "units of a pack, of express orders"),
            "second_minimum": Row(CELL, I4, "units"),
            "second_premium": Row(CELL, I8, "of a unit, in millionths of money"),
            "second_per_line": Row(CELL, I8, "of an order line, beyond that of the first lane"),
            "second_per_unit": Row(CELL, I8, "of transport of a unit, beyond that of the first lane"),
            "second_key": Row(KEYS, U8, "of draws of its lead times"),
        },
    ),
}
