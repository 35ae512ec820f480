"""The phases of a day over lanes: a lane is one (replication, item); WIDTH of them stand side by side.

Every function takes rows (one number a lane, int32) of one site and is one short loop, which the compiler turns
into vector instructions. Names of rows: `on_hand[lane]` and so on, in units. `week` rows sum a week's figures.
"""

from __future__ import annotations

import numpy as np
from numba import int32, int64, uint32, uint64

from sim.jit import over_rows, rows_called
from sim.randomness import mix
from sim.tables import value_of

WIDTH = 64
(ON_HAND, ON_ORDER, SALES, CYCLE, ORDINAL, SHIPPING, OWED, WAITING, OWING) = range(9)
ROWS = 9
"""Rows of a site, over lanes: stock on hand; on order; handed over since the last review; the cycle's counters
(`sim.lanes.receive`); shipments so far; shipped to this site tonight, where it is not all that it ordered; owed to this
site; backorders of its customers; owed by it to the sites below."""
NEXT_COUNT, COUNT_EVERY, UNSOLD, UNSOLD_MOST, GOT, SEEN_SOLD = range(6)
BOOK_ROWS = 6
"""Rows of a site's records: the next day counted; days between counts; days without a sale; after how many of them the
cell is counted; received so far; of SALES, which then is never cleared, what the last review saw."""
RECORD, PROMISED, SOLD, RECEIVED_ = range(4)
PAST_ROWS = 4
PAST_DAYS = 8  # a power of two above the longest lag
"""Rows of each of the last days of a site whose book is seen late: the book as it stood posted in the evening."""
QUANTITY, ASKED, MISSING, STOCK, PIPELINE = range(5)
DAY_ROWS = 5
"""Rows of each day of the week: ordered; demand; not met at once; and at the end of the day, on hand and on order.
Day d has row `d * DAY_ROWS + name`, so that what a day touches lies side by side."""


@over_rows
def clear(row):
    for lane in range(WIDTH):
        row[lane] = 0


@over_rows
def copy(source, target):
    for lane in range(WIDTH):
        target[lane] = source[lane]


@over_rows
def draw_week(key_a, key_b, week, draws):
    """Seven draws for every lane (and an eighth unused): one mix serves two days."""
    for half in range(4):
        counter = uint64(week * 4 + half)
        for lane in range(WIDTH):
            z = mix(key_a[lane], key_b[lane], counter)
            draws[2 * half * WIDTH + lane] = uint32(z)
            draws[(2 * half + 1) * WIDTH + lane] = uint32(z >> uint64(32))


@rows_called
def ask(guide, breaks, first_break, place, table, draws, week_rows):
    """The demand of the week's days, from each lane's own table."""
    for lane in range(WIDTH):
        start, number = place[lane], table[lane]
        for day in range(7):
            units = value_of(guide, breaks, first_break, start, number, draws[uint64(day * WIDTH + lane)])
            week_rows[uint64((day * DAY_ROWS + ASKED) * WIDTH + lane)] = units


@rows_called
def ask_in_season(guide, breaks, first_break, place, table, season, season_class, first_day, draws, week_rows):
    """The same, where a lane's table also depends on the class of the day (table 0 has no seasons: it is nothing)."""
    last = season_class.shape[1] - 1
    for lane in range(WIDTH):
        for day in range(7):
            number = int64(table[lane])
            if number > 0:
                number += season_class[season[lane], min(first_day + day, last)]
            u = draws[uint64(day * WIDTH + lane)]
            units = value_of(guide, breaks, first_break, place[number], number, u)
            week_rows[uint64((day * DAY_ROWS + ASKED) * WIDTH + lane)] = units


@over_rows
def receive(arriving, on_hand, on_order, cycle):
    """Morning: what is due today comes in; a delivery ends a replenishment cycle.

    `cycle` holds three small counters: 1 if demand was short since the last delivery, 256 for each cycle that ended,
    65,536 for each that ended in stock; `sum_cycles` takes them apart before one of them can overflow.
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

    Returns 1 if some lane orders, plus 2 if a rule gave a negative quantity somewhere.
    """
    found = int32(0)
    for lane in range(WIDTH):
        units = quantity[lane]
        on_order[lane] += units
        orders_above[lane] += units
        stock[lane] = on_hand[lane]
        pipeline[lane] = on_order[lane]
        found |= int32(units > 0) | (int32(units < 0) << 1)
    return found


@over_rows
def sum_of(a, b, total):
    for lane in range(WIDTH):
        total[lane] = a[lane] + b[lane]


@over_rows
def add(row, total):
    for lane in range(WIDTH):
        total[lane] += row[lane]


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
def send_off(
    total, orders, on_hand, owing, sales, cycle, unmet, filled_week, refused_week, served_week, shipped_week, cancels
):
    """The serving site's own books after shipping: what was owed before counts as served before today's orders.

    Returns 1 if something is still owed.
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
        found |= int32(owing[lane] > 0)
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
def sum_trade(week_rows, own_demand, unmet_week, demand_days, stockout_days):
    """The week's customers: what they asked for, what was not met at once, on how many days."""
    for lane in range(WIDTH):
        asked = missing = days = days_short = int32(0)
        for day in range(7):
            demand = week_rows[(day * DAY_ROWS + ASKED) * WIDTH + lane]
            unmet = week_rows[(day * DAY_ROWS + MISSING) * WIDTH + lane]
            asked = int32(asked + demand)
            missing = int32(missing + unmet)
            days = int32(days + (demand > 0))
            days_short = int32(days_short + (unmet > 0))
        own_demand[lane] = asked
        unmet_week[lane] = missing
        demand_days[lane] += days
        stockout_days[lane] += days_short


@over_rows
def sum_stock(week_rows, overstock_level, stock_sum, order_sum, over_sum, ready, ordered, orders):
    """The week's orders, and stock and orders at the end of each day."""
    for lane in range(WIDTH):
        most = overstock_level[lane]
        stock_days = over_days = ready_days = pipeline_days = units = lines = int32(0)
        for day in range(7):
            stock = week_rows[(day * DAY_ROWS + STOCK) * WIDTH + lane]
            quantity = week_rows[(day * DAY_ROWS + QUANTITY) * WIDTH + lane]
            stock_days = int32(stock_days + stock)
            over_days = int32(over_days + max(int32(stock - most), int32(0)))
            ready_days = int32(ready_days + (stock > 0))
            pipeline_days = int32(pipeline_days + week_rows[(day * DAY_ROWS + PIPELINE) * WIDTH + lane])
            units = int32(units + quantity)
            lines = int32(lines + (quantity > 0))
        stock_sum[lane] += stock_days
        over_sum[lane] += over_days
        ready[lane] += ready_days
        order_sum[lane] += pipeline_days
        ordered[lane] = units
        orders[lane] += lines


@over_rows
def sum_cycles(cycle, cycles, cycles_in_stock):
    """Take apart the counters of `receive`."""
    for lane in range(WIDTH):
        cycles[lane] += (cycle[lane] >> 8) & 255
        cycles_in_stock[lane] += cycle[lane] >> 16
        cycle[lane] &= 1


@over_rows
def lose(first, second, third, fourth, draws, losses):
    """The losses of the week's days, were there enough to lose: break points of each lane's table not above the draw.

    Losses are small, so the first four are compared; returns 1 if some loss may be above 3, which `lose_more` finds.
    """
    many = int32(0)
    for day in range(7):
        for lane in range(WIDTH):
            u = draws[day * WIDTH + lane]
            units = int32(int32(u >= first[lane]) + int32(u >= second[lane]))
            units = int32(units + int32(u >= third[lane]) + int32(u >= fourth[lane]))
            losses[day * WIDTH + lane] = units
            many |= int32(units > 3)
    return many


@rows_called
def lose_more(guide, breaks, first_break, place, table, draws, losses):
    """Losses above 3, from each lane's own table."""
    for slot in range(7 * WIDTH):
        if losses[slot] > 3:
            lane = slot % WIDTH
            losses[slot] = value_of(guide, breaks, first_break, place[lane], table[lane], draws[slot])


@over_rows
def shrink(loss, on_hand, gap_before, gap, shrunk_week):
    """Closing: units leave the shelf and not the record, never more than there are."""
    for lane in range(WIDTH):
        units = min(loss[lane], on_hand[lane])
        on_hand[lane] -= units
        gap[lane] = gap_before[lane] + units
        shrunk_week[lane] += units


@over_rows
def fall_to_count(day, everyone, next_count, every, due):
    """Which lanes are counted by the calendar today; returns the first day on which one is again."""
    first = int32(2**31 - 1)
    for lane in range(WIDTH):
        is_day = int32(next_count[lane] == day)
        due[lane] = is_day | everyone
        next_count[lane] += every[lane] if is_day else 0
        first = min(first, next_count[lane])
    return first


@over_rows
def walk(asked, missing, on_hand, gap, unsold, unsold_most, at_zero, due):
    """Cells to count for what happened: nothing sold for some days, or the record sold down to 0."""
    for lane in range(WIDTH):
        sold = int32(asked[lane] > missing[lane])
        days = int32(0) if sold else int32(unsold[lane] + 1)
        empty = sold & at_zero & int32(int32(on_hand[lane] + gap[lane]) <= 0)
        due[lane] |= int32(days >= unsold_most[lane]) | empty
        unsold[lane] = 0 if due[lane] else days


@over_rows
def miscount(key_a, key_b, index, wrong, on_hand, error):
    """By how many units a count would be wrong: 0, or 1 up or down, never below 0 in all."""
    for lane in range(WIDTH):
        z = mix(key_a[lane], key_b[lane], uint64(index >> 1))
        chance = int64(z >> uint64(32)) if index & 1 else int64(z & uint64(0xFFFFFFFF))
        down = -min(on_hand[lane], int32(1))
        error[lane] = (down if chance < wrong >> 1 else int32(1)) if chance < wrong else int32(0)


@over_rows
def count(due, error, gap, counts_week, written_off_week, found_week):
    """Counting: the record becomes what is counted; no goods move. Returns 1 if a lane is counted."""
    any_due = int32(0)
    for lane in range(WIDTH):
        is_due = due[lane]
        change = int32(error[lane] - gap[lane]) if is_due else int32(0)
        gap[lane] += change
        counts_week[lane] += is_due
        written_off_week[lane] += max(int32(-change), int32(0))
        found_week[lane] += max(change, int32(0))
        any_due |= is_due
    return any_due


@over_rows
def believe(on_hand, gap, on_order, sales, record_seen, on_order_seen, sales_seen):
    """What a policy sees where the book is seen as it is."""
    for lane in range(WIDTH):
        record_seen[lane] = on_hand[lane] + gap[lane]
        on_order_seen[lane] = on_order[lane]
        sales_seen[lane] = sales[lane]


@over_rows
def post(on_hand, gap, backlog, sold, got, record_posted, backlog_posted, sold_posted, got_posted):
    """The book is posted as it stands this evening."""
    for lane in range(WIDTH):
        record_posted[lane] = on_hand[lane] + gap[lane]
        backlog_posted[lane] = backlog[lane]
        sold_posted[lane] = sold[lane]
        got_posted[lane] = got[lane]


@over_rows
def copy_where(chosen, is_so, source, target):
    """A row copied in the lanes that are chosen, or (`is_so` 0) in those that are not."""
    for lane in range(WIDTH):
        target[lane] = source[lane] if int32(chosen[lane] > 0) == is_so else target[lane]


@over_rows
def look_back(record, sold, received, received_now, sold_before, on_order, record_seen, on_order_seen, sales_seen):
    """What a policy sees where the book is seen late: of its orders, all but those posted as received by then."""
    for lane in range(WIDTH):
        record_seen[lane] = record[lane]
        on_order_seen[lane] = on_order[lane] + received_now[lane] - received[lane]
        sales_seen[lane] = sold[lane] - sold_before[lane]


@over_rows
def sum_records(week_rows, gaps, beyond, exact, error, phantom, frozen):
    """How far the record was off at the end of each day of the week; the last days may lie `beyond` the horizon."""
    for lane in range(WIDTH):
        same = off = empty = stuck = int32(0)
        for day in range(7):
            gap = gaps[day * WIDTH + lane]
            stock = week_rows[(day * DAY_ROWS + STOCK) * WIDTH + lane]
            same = int32(same + (gap == 0))
            off = int32(off + abs(gap))
            nothing = int32(stock == 0) & int32(gap > 0)
            empty = int32(empty + nothing)
            stuck = int32(stuck + (nothing & int32(week_rows[(day * DAY_ROWS + PIPELINE) * WIDTH + lane] == 0)))
        exact[lane] += int32(same - beyond)
        error[lane] += off
        phantom[lane] += empty
        frozen[lane] += stuck
