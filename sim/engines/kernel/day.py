"""The kernel engine: the same day, compiled, for blocks of lanes. A lane is one (replication, item).

Read `one_day` first, at the end: it is the sequence of a day. Topology, calendars and kinds of policy are decided here,
outside the loops over lanes, which are the functions of `lanes`. What is cheaper done once a week (demand draws,
adding the week up) is in `week`; `shard` runs blocks of lanes through all weeks. What features do in a day is
done at named points (`steps_at`), by the steps that `engines.writer.steps` lists in their order.
"""

from __future__ import annotations

from numba import int32, int64, uint32, uint64

from restock.sim.compiling.marks import one_step_at, part, spliced_part, steps_at
from restock.sim.engines.kernel import faults, lanes
from restock.sim.engines.kernel.allocation import send_out, share_out
from restock.sim.engines.kernel.layout import (
    ASKED,
    BACKORDERS,
    CYCLE,
    DAY_ROWS,
    LOST,
    MISSING,
    ON_HAND,
    ON_ORDER,
    ORDINAL,
    OWING,
    PIPELINE,
    PROMISED_SEEN,
    QUANTITY,
    SALES,
    SERVED,
    SHIPPING,
    STOCK,
    WAITING,
    WIDTH,
)
from restock.sim.engines.kernel.rows import WITHOUT
from restock.sim.model.unit_limits import FAULT_KIND, NO_FAULT
from restock.sim.probability.guide_tables import value_of
from restock.sim.probability.keyed_draws import day_index


@part
def set_out(b, world, n, last_night, yesterday, mask):
    """What was shipped to this site last night is on its way, and arrives after its lead time."""
    above = world.parent[n]
    rationed = above >= 0 and b.shares[above] > 0
    if not (rationed or b.ordered[n] > 0):
        return
    if above < 0 and world.features.supply_risk.holds:
        rationed = True  # what the supplier held, or ships in part, stands apart from what was ordered
    if above < 0 and world.features.limits.suppliers:
        rationed = True
    shipping = b.cells[n, SHIPPING] if rationed else b.days[n, yesterday * DAY_ROWS + QUANTITY]
    steps_at("set_out", b, world, n, last_night, mask, shipping)
    if world.features.supply_risk.terms and b.at_terms[n] > 0:
        return
    tables, draws, table = world.tables, b.draws[:WIDTH], uint64(b.lead[n, 0])
    first = uint64(tables.first_break[table])
    longest = uint64(tables.first_break[table + 1]) - first
    if b.same_lead[n] and tables.breaks[first + longest - 1] == 0:
        lanes.travel_constant(shipping, b.arriving[n, (last_night + longest) & mask])
        return
    if world.lead_by_day:
        lanes.lead_draws_by_day(b.lead_key[n, 0], b.lead_key[n, 1], day_index(int64(last_night)), draws)
    else:
        lanes.lead_draws_by_order(b.lead_key[n, 0], b.lead_key[n, 1], shipping, b.cells[n, ORDINAL], draws)
    if b.same_lead[n] and longest <= 16:
        low = uint32(0)
        for value in range(longest):
            after = tables.breaks[first + value]
            if after > low:
                row = b.arriving[n, (last_night + value) & mask]
                lanes.travel_between(shipping, draws, low, uint32(after - low), row)
                low = after
        lanes.travel_between(
            shipping, draws, low, uint32(uint32(0) - low), b.arriving[n, (last_night + longest) & mask]
        )
        return
    for lane in range(WIDTH):
        if shipping[lane] > 0:
            table = uint64(b.lead[n, lane])
            days = value_of(tables.guide, tables.breaks, tables.first_break, tables.place[table], table, draws[lane])
            b.arriving[n, (last_night + uint64(days)) & mask, lane] += shipping[lane]


@part
def morning_and_trading(b, world, n, day, today, mask):
    """Deliveries, then backorders, then the day's customers. Returns what customers wait for, or-ed together."""
    cell, found = b.cells[n], int32(0)
    steps_at("arrived", b, world, n, day, today, mask)
    steps_at("taken_in", b, world, n, day, today, mask)
    lanes.receive(b.arriving[n, day & mask], cell[ON_HAND], cell[ON_ORDER], cell[CYCLE])
    if b.sells[n] == WITHOUT and b.plays[n] == WITHOUT:
        return found
    unmet, week = b.days[n, today * DAY_ROWS + MISSING], b.week[n]
    steps_at("before_trading", b, n, today)
    if b.backorders[0] != WITHOUT:
        lanes.serve_waiting(cell[ON_HAND], cell[WAITING], cell[SALES], week[SERVED])
    if world.features.channels.used:
        steps_at("by_rank", b, world, n, today)
        if not world.features.transfers.used:
            lanes.fall_short(unmet, cell[CYCLE])
            found = leave_or_wait(b, world, n, day, today)
    elif world.features.transfers.used:
        lanes.trade_so_far(b.days[n, today * DAY_ROWS + ASKED], cell[ON_HAND], unmet, cell[SALES])
    else:
        lanes.trade(b.days[n, today * DAY_ROWS + ASKED], cell[ON_HAND], unmet, cell[SALES], cell[CYCLE])
        found = leave_or_wait(b, world, n, day, today)
    steps_at("traded", b, n, today)
    return found


@part
def leave_or_wait(b, world, n, day, today):
    """Customers who were not served. Returns what customers wait for, or-ed together."""
    cell, week, found = b.cells[n], b.week[n], int32(0)
    steps_at("turned_away", b, world, n, day)
    if b.backorders[0] != WITHOUT:
        if not world.features.channels.used:
            unmet = b.days[n, today * DAY_ROWS + MISSING]
            lanes.wait_or_lose(unmet, b.share, b.unmet_key[n, 0], b.unmet_key[n, 1], day_index(int64(day)),
                               cell[WAITING], week[LOST])  # fmt: skip
        found = lanes.add(cell[WAITING], week[BACKORDERS])
    return found


@spliced_part
def promised(b, world, n):
    """What customers wait for and what is owed to the sites below: rows of their own only where there are both."""
    cell, backlog = b.cells[n], b.nothing
    if world.first_child[n + 1] > world.first_child[n]:
        backlog = b.backlog
        lanes.sum_of(cell[WAITING], cell[OWING], backlog)
    elif b.backorders[0] != WITHOUT:
        backlog = cell[WAITING]
    return backlog


@part
def review_of_stock(b, world, n, day, quantity, review):
    """What automation sees is the stock itself."""
    cell = b.cells[n]
    backlog = promised(b, world, n)
    review(cell, backlog, b.levels[n], b.rule_of[n], b.memory[n], int64(day) - world.warm_up, quantity)
    if b.same_review[n]:
        lanes.clear(cell[SALES])
    else:
        lanes.only_due(b.due, quantity, cell[SALES])


@part
def view_of_stock(b, world, n):
    """What a policy sees, in rows of its own: the stock itself."""
    cell, view = b.cells[n], b.view
    lanes.copy(cell[ON_HAND], view[ON_HAND])
    lanes.copy(cell[ON_ORDER], view[ON_ORDER])
    lanes.copy(cell[SALES], view[SALES])
    lanes.copy(promised(b, world, n), view[PROMISED_SEEN])


@part
def sales_seen_at_once(b, n, quantity):
    """A review has seen the sales, which are counted afresh; lanes that are not due order nothing."""
    if b.same_review[n]:
        lanes.clear(b.cells[n, SALES])
    else:
        lanes.only_due(b.due, quantity, b.cells[n, SALES])


@part
def decide(b, world, plan, n, day, today, review, learn):
    """Review: the policy's rule gives an order; packs, minimum orders and the calendar are the simulator's."""
    quantity = b.days[n, today * DAY_ROWS + QUANTITY]
    if b.same_review[n]:
        is_due = int64(day) >= b.next_review[n] and ((b.order_days[n, 0] >> int32(today)) & 1) > 0
        if is_due:
            b.next_review[n] = int64(day) + b.period[n, 0]
    else:
        is_due = lanes.fall_due(b.wait[n], b.period[n], b.order_days[n], int32(today), b.due) > 0
    early = False
    if world.features.transfers.used:
        early = world.features.transfers.region_of[n] >= 0
    if not early:
        steps_at("posted", b, world, n, day, today)
    steps_at("learnt", b, world, plan, n, day, today, is_due, learn)
    if is_due:
        one_step_at("review", b, world, n, day, today, quantity, review)
    else:
        lanes.clear(quantity)
    steps_at("reviewed", b, world, n, day, today)
    if is_due:
        allow(b, world, n, day, quantity)


@part
def allow(b, world, n, day, quantity):
    """What may be ordered tonight of units asked for: in packs, or nothing.

    >>> from types import SimpleNamespace
    >>> asked = [3, 0]
    >>> allow(SimpleNamespace(packs=[0]), None, 0, 0, asked)  # no packs; a written kernel puts features' steps in
    >>> asked
    [3, 0]
    """
    if b.packs[n] > 0:
        lanes.fill_packs(quantity, b.pack[n], b.minimum_order[n])
    steps_at("ordered", b, world, n, day, quantity)
    steps_at("taken", b, world, n, day, quantity)
    steps_at("enough", b, world, n, day, quantity)


@part
def place_orders(b, world, n, day, today):
    """The order enters the books. Returns orders and stock, or-ed together."""
    cell, quantity = b.cells[n], b.days[n, today * DAY_ROWS + QUANTITY]
    steps_at("sourced", b, world, n, day, today, quantity)
    above = world.parent[n]
    if above < 0:
        lanes.clear(b.spare)
    some, found = lanes.order_and_close(
        quantity, cell[ON_HAND], cell[ON_ORDER], b.days[n, today * DAY_ROWS + STOCK],
        b.days[n, today * DAY_ROWS + PIPELINE], b.orders[above] if above >= 0 else b.spare,
    )  # fmt: skip
    b.ordered[n] = some != 0
    return found


@part
def close(b, world, n, day, today):
    """What follows trading by day. Returns what customers wait for, or-ed together."""
    found = int32(0)
    if world.features.transfers.used:
        if b.sells[n] != WITHOUT or b.plays[n] != WITHOUT:
            lanes.fall_short(b.days[n, today * DAY_ROWS + MISSING], b.cells[n, CYCLE])
            found |= leave_or_wait(b, world, n, day, today)
    steps_at("sold", b, world, n, day, today)
    steps_at("brought_back", b, world, n, day, today)
    steps_at("lost", b, world, n, day, today)
    steps_at("scanned", b, world, n, day, today)
    steps_at("cleared", b, world, n, day, today)
    steps_at("expired", b, world, n, day, today)
    steps_at("closed", b, world, n, day, today)
    steps_at("counted", b, world, n, day, today)
    if world.features.transfers.used:
        if world.features.transfers.region_of[n] >= 0:
            steps_at("posted", b, world, n, day, today)
    return found


@part
def order(b, world, plan, n, day, today, review, learn):
    """A site's evening: shipping to the sites below, and its own order. Returns its figures, or-ed together."""
    found = int32(0)
    if world.features.transfers.used:
        steps_at("moved", b, n, today)
    if world.first_child[n + 1] > world.first_child[n]:
        share_out(b, world, n, day, today)
        found |= send_out(b, world, n, day, today)
    decide(b, world, plan, n, day, today, review, learn)
    return found | place_orders(b, world, n, day, today)


@part
def up_to_the_evening(b, world, n, day, today, mask, turn, closing):
    """A site's day before its evening, or what of it is this turn's. Returns its figures, or-ed together."""
    found = int32(0)
    if turn == 0:
        if day > 0:
            steps_at("before_setting_out", b, world, n, day, today, mask)
            set_out(b, world, n, day - 1, uint64((today + 6) % 7), mask)
            steps_at("after_setting_out", b, n, today)
        found |= morning_and_trading(b, world, n, day, today, mask)
    if turn == closing:
        found |= close(b, world, n, day, today)
    return found


@part
def between_turns(b, world, day, today, turn, masks):
    """All sites have traded, and stores help each other out; or all have closed, and they send each other goods."""
    if turn == 0:
        steps_at("pooled", b, world, day, today)
    elif turn == 1:
        steps_at("balanced", b, world, day, today, masks)


@part
def supply(b, world, n, day, today):
    """What is done after the last order of a site by who delivers to it from outside."""
    steps_at("supplied", b, world, n, day, today)


@spliced_part
def one_day(b, world, plan, day, today, review, learn, masks):
    """The day, from the bottom tier up: deliveries and trading; shipping to the sites below; ordering.

    A site is visited once a day, so that a chain of a thousand stores passes through the cache once. Nothing is lost
    by that: what a site does by day concerns no other, orders go up in the evening, and what is shipped at night
    arrives another morning. Where stores help each other there are three turns: all trade, then all close, then all
    order.

    Returns the figures of all sites, or-ed together; the day breaks off where one of them is too large.
    """
    all_found, last, closing = int32(0), 0, 0
    if world.features.transfers.used:
        last, closing = 2, 1
    for turn in range(last + 1):
        for k in range(b.visits[len(world.parent)]):
            n = uint64(b.visits[k])
            b.found[0] = 0
            found = up_to_the_evening(b, world, n, day, today, uint64(masks[n]), turn, closing)
            if turn == last:
                found |= order(b, world, plan, n, day, today, review, learn)
            found |= b.found[0]
            all_found |= found
            if turn == last and faults.beyond(all_found if last > 0 else found, world.most_units):
                above = world.parent[n]
                faults.look_in_the_evening(
                    b.fault, n, above, day, world.most_units, b.stocked[n], b.days[n, today * DAY_ROWS + QUANTITY],
                    b.cells[n], b.orders[above] if above >= 0 else b.spare,
                )  # fmt: skip
                if b.fault[FAULT_KIND] != NO_FAULT:
                    break
            if turn == last:
                supply(b, world, n, day, today)
        if world.features.transfers.used:
            if b.fault[FAULT_KIND] != NO_FAULT:
                break
            between_turns(b, world, day, today, turn, masks)
    return all_found
