"""The phases of a day over lanes: a lane is one (replication, item); WIDTH of them stand side by side.

Every function takes rows (one number a lane, int32) of one site and is one short loop, which the compiler turns
into vector instructions. Names of rows: `on_hand[lane]` and so on, in units. `week` rows sum a week's figures.
"""

from __future__ import annotations

import numpy as np
from numba import int32, int64, uint32, uint64

from restock.sim.compiling.marks import over_rows
from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.probability.keyed_draws import mix


@over_rows
def clear(row):
    for lane in range(WIDTH):
        row[lane] = 0


@over_rows
def copy(source, target):
    for lane in range(WIDTH):
        target[lane] = source[lane]


@over_rows
def receive(arriving, on_hand, on_order, cycle):
    """Morning: what is due today comes in; a delivery ends a replenishment cycle.

    `cycle` holds three small counters: 1 if demand was short since the last delivery, 256 for each cycle that ended,
    65,536 for each that ended in stock; `week_lanes.sum_cycles` takes them apart before one of them can overflow.
    """
    for lane in range(WIDTH):
        units = arriving[lane]
        arriving[lane] = 0
        on_hand[lane] += units
        on_order[lane] -= units
        ends = int32(units > 0)
        was_short = cycle[lane] & 1
        in_stock = ends & (1 - was_short)
        cycle[lane] += (ends << 8) + (in_stock << 16) - (ends & was_short)


@over_rows
def serve_waiting(on_hand, waiting, sales, served_week):
    """Morning: backorders are served before anyone else."""
    for lane in range(WIDTH):
        units = min(on_hand[lane], waiting[lane])
        on_hand[lane] -= units
        waiting[lane] -= units
        sales[lane] += units
        served_week[lane] += units


@over_rows
def trade(demand, on_hand, unmet, sales, cycle):
    """Trading: demand is met from stock."""
    for lane in range(WIDTH):
        sold = min(demand[lane], on_hand[lane])
        missing = int32(demand[lane] - sold)
        on_hand[lane] -= sold
        sales[lane] += sold
        unmet[lane] = missing
        cycle[lane] |= int32(missing > 0)


@over_rows
def trade_so_far(demand, on_hand, unmet, sales):
    """The same where other stores may help: whether demand was short is known after that (`fall_short`)."""
    for lane in range(WIDTH):
        sold = min(demand[lane], on_hand[lane])
        on_hand[lane] -= sold
        sales[lane] += sold
        unmet[lane] = demand[lane] - sold


@over_rows
def fall_short(unmet, cycle):
    for lane in range(WIDTH):
        cycle[lane] |= int32(unmet[lane] > 0)


@over_rows
def wait_or_lose(unmet, share, key_a, key_b, index, waiting, lost_week):
    """A share of unmet demand waits, the rest is lost: rounded up or down by chance, so that the mean is exact."""
    for lane in range(WIDTH):
        z = mix(key_a[lane], key_b[lane], uint64(index >> 1))
        chance = int64(z >> uint64(32)) if index & 1 else int64(z & uint64(0xFFFFFFFF))
        waits = int32((int64(unmet[lane]) * share[lane] + chance) >> 32)
        waiting[lane] += waits
        lost_week[lane] += unmet[lane] - waits


@over_rows
def fall_due(wait, period, order_days, weekday, due):
    """Which lanes are reviewed tonight: the period has passed, and the lane takes orders today."""
    any_due = int32(0)
    for lane in range(WIDTH):
        is_due = int32(wait[lane] <= 0) & ((order_days[lane] >> weekday) & 1)
        due[lane] = is_due
        wait[lane] = (period[lane] if is_due else wait[lane]) - 1
        any_due |= is_due
    return any_due


@over_rows
def only_due(due, quantity, sales):
    """Lanes that are not due order nothing; the others start to count sales afresh."""
    for lane in range(WIDTH):
        quantity[lane] = quantity[lane] if due[lane] else 0
        sales[lane] = 0 if due[lane] else sales[lane]


@over_rows
def fill_packs(quantity, pack, minimum_order):
    """Orders are raised to the minimum order and to whole packs."""
    for lane in range(WIDTH):
        wanted = max(quantity[lane], minimum_order[lane])
        packs = int64(np.ceil(wanted / pack[lane]))
        quantity[lane] = int32(packs) * pack[lane] if quantity[lane] > 0 else quantity[lane]


@over_rows
def order_and_close(quantity, on_hand, on_order, stock, pipeline, orders_above):
    """The order enters the books here and at the serving site; then the day's stock and orders are written down.

    Returns the orders of all lanes or-ed together; and the orders, what is on hand and on order, and the orders there.
    """
    some = found = int32(0)
    for lane in range(WIDTH):
        units = quantity[lane]
        on_order[lane] += units
        orders_above[lane] += units
        stock[lane] = on_hand[lane]
        pipeline[lane] = on_order[lane]
        some |= units
        found |= on_hand[lane] | on_order[lane] | orders_above[lane]
    return some, some | found


@over_rows
def sum_of(a, b, total):
    for lane in range(WIDTH):
        total[lane] = a[lane] + b[lane]


@over_rows
def recorded_position(on_hand, gap, on_order, waiting, owing, position):
    """On record and on order, less what is promised to customers and to the sites below."""
    for lane in range(WIDTH):
        position[lane] = on_hand[lane] + gap[lane] + on_order[lane] - (waiting[lane] + owing[lane])


@over_rows
def posted_position(record, promised, received, got, on_order, position):
    """The same by the book as posted; of all orders, those not posted as received count as on order."""
    for lane in range(WIDTH):
        position[lane] = record[lane] + on_order[lane] + got[lane] - received[lane] - promised[lane]


@over_rows
def add(row, total):
    """Returns the figures added, or-ed together."""
    found = int32(0)
    for lane in range(WIDTH):
        total[lane] += row[lane]
        found |= row[lane]
    return found


@over_rows
def less(before, after):
    """What has gone, in the row that held what there was."""
    for lane in range(WIDTH):
        before[lane] -= after[lane]


@over_rows
def owe(orders, owing, on_hand, total):
    """A serving site adds up what it owes below: from before, and ordered tonight. Returns 1 if it is short."""
    found = int32(0)
    for lane in range(WIDTH):
        owed = int32(owing[lane] + orders[lane])
        total[lane] = owed
        found |= int32(owed > on_hand[lane])
    return found


@over_rows
def collect(quantity, owed, shipping):
    """The order of one site below joins what it is owed: all of it would be shipped if there is enough."""
    for lane in range(WIDTH):
        owed[lane] += quantity[lane]
        shipping[lane] = owed[lane]


@over_rows
def hand_over(owed, shipping):
    for lane in range(WIDTH):
        owed[lane] -= shipping[lane]


@over_rows
def cancel(owed, on_order, pipeline, cancelled_week):
    """What was not shipped is struck from the books of the site that ordered it."""
    for lane in range(WIDTH):
        on_order[lane] -= owed[lane]
        pipeline[lane] -= owed[lane]
        cancelled_week[lane] += owed[lane]
        owed[lane] = 0


@over_rows
def keep_back(set_aside, total, on_hand, kept_back):
    """What is owed to sites that cannot be reached is owed again; of the stock no more is shown than leaves."""
    for lane in range(WIDTH):
        kept = max(0, on_hand[lane] - total[lane])
        kept_back[lane] = kept
        on_hand[lane] -= kept
        total[lane] += set_aside[lane]


@over_rows
def leave_behind(left_behind, total, on_hand, stays):
    """Of the stock no more is shown than leaves, where something of what could leave is left behind."""
    for lane in range(WIDTH):
        leaves = min(on_hand[lane], total[lane]) - left_behind[lane]
        stays[lane] = on_hand[lane] - leaves
        on_hand[lane] = leaves


@over_rows
def send_off(
    total, orders, on_hand, owing, sales, cycle, unmet, filled_week, refused_week, served_week, shipped_week, cancels
):
    """The serving site's own books after shipping: what was owed before counts as served before today's orders.

    Returns what is still owed in all lanes, or-ed together.
    """
    found = int32(0)
    for lane in range(WIDTH):
        shipped = min(on_hand[lane], total[lane])
        on_hand[lane] -= shipped
        sales[lane] += shipped
        missing = int32(total[lane] - shipped)
        late = min(missing, orders[lane])
        filled = int32(orders[lane] - late)
        unmet[lane] = late
        cycle[lane] |= int32(late > 0)
        filled_week[lane] += filled
        refused_week[lane] += late if cancels else 0
        served_week[lane] += shipped - filled
        shipped_week[lane] += shipped
        owing[lane] = 0 if cancels else missing
        found |= owing[lane]
    return found


@over_rows
def note_orders(orders, order_unmet, own_demand, own_unmet, demand_week, demand_days, stockout_days):
    """Orders from below and own customers' demand are one demand: its days, and the days it was short."""
    for lane in range(WIDTH):
        demand_week[lane] += orders[lane]
        demand_days[lane] += int32((orders[lane] > 0) | (own_demand[lane] > 0))
        stockout_days[lane] += int32((order_unmet[lane] > 0) | (own_unmet[lane] > 0))


@over_rows
def lead_draws_by_day(key_a, key_b, index, draws):
    for lane in range(WIDTH):
        z = mix(key_a[lane], key_b[lane], uint64(index >> 1))
        draws[lane] = uint32(z >> uint64(32)) if index & 1 else uint32(z)


@over_rows
def lead_draws_by_order(key_a, key_b, shipping, ordinal, draws):
    """The draw of each lane's next shipment (one mix each: even indices); lanes that ship move on to the next."""
    for lane in range(WIDTH):
        draws[lane] = uint32(mix(key_a[lane], key_b[lane], uint64(uint32(ordinal[lane]))))
        ordinal[lane] += int32(shipping[lane] > 0)


@over_rows
def travel_constant(shipping, arriving):
    for lane in range(WIDTH):
        arriving[lane] += shipping[lane]


@over_rows
def travel_between(shipping, draws, low, wide, arriving):
    """Shipments whose draw lies in [low, low + wide) take the lead time that ends in this row."""
    for lane in range(WIDTH):
        arriving[lane] += shipping[lane] if uint32(draws[lane] - low) < wide else 0


@over_rows
def handed_over(asked, missing, served_week, served_before, units):
    """What customers were handed today: those of today, and those who had waited."""
    for lane in range(WIDTH):
        units[lane] = asked[lane] - missing[lane] + served_week[lane] - served_before[lane]


@over_rows
def share_of(units, share, kept_bits, key_a, key_b, index, part):
    """A share of some units, rounded up or down by the bits kept of a draw. Returns 1 if it is any."""
    found = int32(0)
    for lane in range(WIDTH):
        z = mix(key_a[lane], key_b[lane], uint64(index >> 1))
        chance = int64(z >> uint64(32)) if index & 1 else int64(z & uint64(0xFFFFFFFF))
        part[lane] = int32((int64(units[lane]) * share[lane] + (chance & kept_bits[lane])) >> 32)
        found |= int32(part[lane] > 0)
    return found


@over_rows
def larger(row, n, best, who):
    """The largest so far, the first listed on ties."""
    for lane in range(WIDTH):
        is_more = row[lane] > best[lane]
        best[lane] = row[lane] if is_more else best[lane]
        who[lane] = n if is_more else who[lane]


@over_rows
def both(a, b, least):
    """Whether some lane has a pair of at least so many units."""
    found = int32(0)
    for lane in range(WIDTH):
        found |= int32(a[lane] >= least) & int32(b[lane] >= least)
    return found
