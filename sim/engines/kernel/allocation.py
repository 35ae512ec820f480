"""A serving site shares what it has and ships (compiled; the event engine has its own words for the same rules)."""

from __future__ import annotations

from numba import float64, int64

from restock.sim.compiling.marks import helper, part, steps_at
from restock.sim.engines.kernel import lanes
from restock.sim.engines.kernel.layout import (
    ASKED,
    CANCELLED,
    CYCLE,
    DAY_ROWS,
    DEMAND_,
    DEMAND_DAYS,
    FILLED,
    MISSING,
    ON_HAND,
    ON_ORDER,
    OWED,
    OWED_,
    OWING,
    PIPELINE,
    QUANTITY,
    REFUSED,
    SALES,
    SERVED,
    SHIPPED,
    SHIPPING,
    STOCKOUT_DAYS,
    WAITING,
    WIDTH,
)
from restock.sim.engines.kernel.rows import WITHOUT

BY_NEED = -1  # a rule that is a feature's own


@part
def share_out(b, world, n, day, today):
    """A serving site takes all orders of the sites below, and shares what it has."""
    cell = b.cells[n]
    steps_at("setting_back", b, n)
    steps_at("pushing", b, world, n, day, today)
    short = lanes.owe(b.orders[n], cell[OWING], cell[ON_HAND], b.total)
    b.shares[n] = short | b.owes[n]
    steps_at("sharing", b, world, n, day)
    if b.shares[n] > 0:
        children = world.child[world.first_child[n] : world.first_child[n + 1]]
        for c in children:
            if b.present[c] != WITHOUT:
                lanes.collect(b.days[c, today * DAY_ROWS + QUANTITY], b.cells[c, OWED], b.cells[c, SHIPPING])
        steps_at("collected", b, world, n, day)
        if short:
            ration(BY_NEED if world.features.allocation.used and world.features.allocation.way[n] > 0
                   else world.allocation[n], int64(day), n,
                   b.reached[: b.reaches[0]] if world.features.supply_risk.closes else children,
                   b.cells, b.total, b.rates, b.keys, b.cover, b.heap)  # fmt: skip
            steps_at("rationed", b, world, n, day, today, children)
    steps_at("shared_out", b, world, n)


@part
def send_out(b, world, n, day, today):
    """What was shared out is shipped. Returns what is still owed, or-ed together."""
    cell, week = b.cells[n], b.week[n]
    if b.shares[n] > 0:
        for c in world.child[world.first_child[n] : world.first_child[n + 1]]:
            if b.present[c] != WITHOUT:
                lanes.hand_over(b.cells[c, OWED], b.cells[c, SHIPPING])
                if world.cancels[n]:
                    lanes.cancel(
                        b.cells[c, OWED],
                        b.cells[c, ON_ORDER],
                        b.days[c, today * DAY_ROWS + PIPELINE],
                        b.week[c, CANCELLED],
                    )
    steps_at("before_shipping", b, n, today)
    if world.features.supply_risk.closes:
        lanes.keep_back(b.set_aside, b.total, cell[ON_HAND], b.kept_back)
    if world.features.limits.used:
        lanes.leave_behind(b.left_behind, b.total, cell[ON_HAND], b.stays)
    owed = lanes.send_off(b.total, b.orders[n], cell[ON_HAND], cell[OWING], cell[SALES], cell[CYCLE], b.spare,
                          week[FILLED], week[REFUSED], week[SERVED], week[SHIPPED], world.cancels[n])  # fmt: skip
    if world.features.supply_risk.closes:
        lanes.add(b.kept_back, cell[ON_HAND])
    if world.features.limits.used:
        lanes.add(b.stays, cell[ON_HAND])
    b.owes[n] = owed
    steps_at("shipped", b, world, n, today)
    steps_at("putting_back", b, n)
    lanes.note_orders(b.orders[n], b.spare, b.days[n, today * DAY_ROWS + ASKED], b.days[n, today * DAY_ROWS + MISSING],
                      week[DEMAND_], week[DEMAND_DAYS], week[STOCKOUT_DAYS])  # fmt: skip
    lanes.add(cell[OWING], week[OWED_])
    lanes.clear(b.orders[n])
    return owed


@helper
def ration(rule, day, site, children, cells, total, rates, keys, days, heap):
    """Set `shipping` of the sites below for every lane in which `total` owed exceeds what is on hand.

    Rules that are features' own leave it to them.
    """
    for lane in range(WIDTH):
        have = int64(cells[site, ON_HAND, lane])
        if total[lane] > have:
            if rule == 0:
                proportional(have, int64(total[lane]), day, children, cells, lane, keys, heap)
            elif rule == 1:
                by_priority(have, children, cells, lane)
            elif rule == 2:
                fair_share(have, children, cells, lane, rates, days, heap)


@helper
def proportional(have, total, day, children, cells, lane, keys, spare):
    """In proportion to what is owed; units left over go to the largest remainders, ties rotating with the day."""
    count = len(children)
    left = have
    for k in range(count):
        share = have * int64(cells[children[k], OWED, lane])
        units = share // total
        cells[children[k], SHIPPING, lane] = units
        left -= units
        turn = (k - day) % count
        keys[k] = (share - units * total) * count + (count - 1 - turn)
    if left > 0:
        least = nth_largest(keys, spare, count, left)
        for k in range(count):
            if keys[k] >= least:
                cells[children[k], SHIPPING, lane] += 1


@helper
def nth_largest(keys, spare, count, nth):
    """The nth largest of keys[:count], all different, by quickselect in `spare`."""
    for k in range(count):
        spare[k] = keys[k]
    low, high, wanted = 0, count - 1, nth - 1
    while low < high:
        pivot = spare[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while spare[i] > pivot:
                i += 1
            while spare[j] < pivot:
                j -= 1
            if i <= j:
                spare[i], spare[j] = spare[j], spare[i]
                i += 1
                j -= 1
        if wanted <= j:
            high = j
        elif wanted >= i:
            low = i
        else:
            break
    return spare[wanted]


@helper
def by_priority(have, children, cells, lane):
    """Sites are served in full in the order in which they are listed."""
    left = have
    for k in range(len(children)):
        units = min(left, int64(cells[children[k], OWED, lane]))
        cells[children[k], SHIPPING, lane] = units
        left -= units


@helper
def days_of_supply(units, rate):
    return units / rate if rate > 0 else float64(1e300)


@helper
def sink(heap, keys, top, size):
    """Restore the heap order below `top`: smallest days of supply first, ties to the site listed first."""
    while True:
        low = 2 * top + 1
        if low >= size:
            return
        right = low + 1
        if right < size and earlier(heap[right], heap[low], keys):
            low = right
        if not earlier(heap[low], heap[top], keys):
            return
        heap[low], heap[top] = heap[top], heap[low]
        top = low


@helper
def earlier(a, b, keys):
    return keys[a] < keys[b] or (keys[a] == keys[b] and a < b)


@helper
def not_owed(cells, n, lane):
    """On hand and in transit, less what customers wait for."""
    coming = int64(cells[n, ON_ORDER, lane]) - cells[n, OWED, lane]
    return cells[n, ON_HAND, lane] + coming - cells[n, WAITING, lane]


@helper
def fair_share(have, children, cells, lane, rates, days, heap):
    """Unit by unit to the site with the fewest days of supply: on hand and in transit, less what customers wait for."""
    size = 0
    for k in range(len(children)):
        n = children[k]
        cells[n, SHIPPING, lane] = 0
        if cells[n, OWED, lane] > 0:
            stock = not_owed(cells, n, lane)
            days[k] = days_of_supply(float64(stock), rates[n, lane])
            heap[size] = k
            size += 1
    for top in range(size // 2 - 1, -1, -1):
        sink(heap, days, top, size)
    for _ in range(have):
        k = heap[0]
        n = children[k]
        cells[n, SHIPPING, lane] += 1
        if cells[n, SHIPPING, lane] == cells[n, OWED, lane]:
            size -= 1
            heap[0] = heap[size]
        else:
            stock = not_owed(cells, n, lane)
            days[k] = days_of_supply(float64(stock + cells[n, SHIPPING, lane]), rates[n, lane])
        sink(heap, days, 0, size)
