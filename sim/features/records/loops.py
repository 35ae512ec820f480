"""Records over lanes (see `engines.kernel.lanes`): what is lost unseen, counts, and what a policy gets to see.

`gap` rows hold the record less the stock: transactions move both alike, so that only losses and counts touch them.
"""

from __future__ import annotations

from numba import int32, int64, uint64

from restock.sim.compiling.marks import over_rows, rows_called
from restock.sim.engines.kernel.layout import DAY_ROWS, PIPELINE, STOCK, WIDTH
from restock.sim.probability.guide_tables import value_of
from restock.sim.probability.keyed_draws import mix


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
    """Closing: units leave the shelf and not the record, never more than there are.

    Returns how far records are off, without the sign, or-ed together.
    """
    found = int32(0)
    for lane in range(WIDTH):
        units = min(loss[lane], on_hand[lane])
        on_hand[lane] -= units
        gap[lane] = gap_before[lane] + units
        shrunk_week[lane] += units
        found |= int32(abs(gap[lane]))
    return found


@over_rows
def misscan(after, before, share, key_a, key_b, day, way_up, gap, change, overbooked, underbooked):
    """A share of the day's units is scanned wrongly, all one way; `way_up` 1: a scan too many raises the record.

    `change` becomes what is booked too many (negative: too few). Returns the same as `shrink`.
    """
    found = int32(0)
    for lane in range(WIDTH):
        z = mix(key_a[lane], key_b[lane], uint64(day))
        wrong = int32((int64(int32(after[lane] - before[lane])) * share + int64(z & uint64(0xFFFFFFFF))) >> 32)
        too_many = int32(-wrong if z >> uint64(63) == uint64(0) else wrong)
        moved = int32(too_many if way_up else -too_many)
        gap[lane] += moved
        change[lane] = too_many
        overbooked[lane] += max(moved, int32(0))
        underbooked[lane] += max(int32(-moved), int32(0))
        found |= int32(abs(gap[lane]))
    return found


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
def post(days, on_hand, gap, backlog, sold, got, record_posted, backlog_posted, sold_posted, got_posted, posted):
    """The book is posted as it stands this evening, after so many days."""
    for lane in range(WIDTH):
        record_posted[lane] = on_hand[lane] + gap[lane]
        backlog_posted[lane] = backlog[lane]
        sold_posted[lane] = sold[lane]
        got_posted[lane] = got[lane]
        posted[lane] = days


@over_rows
def copy_where(chosen, is_so, source, target):
    """A row copied in the lanes that are chosen, or (`is_so` 0) in those that are not."""
    for lane in range(WIDTH):
        target[lane] = source[lane] if int32(chosen[lane] > 0) == is_so else target[lane]


@over_rows
def look_back(record, sold, received, received_now, sold_before, on_order, record_seen, on_order_seen, sales_seen):
    """What a policy sees where the book is seen late: of its orders, all but those posted as received by then.

    Returns what it sees on order, or-ed together.
    """
    found = int32(0)
    for lane in range(WIDTH):
        record_seen[lane] = record[lane]
        on_order_seen[lane] = on_order[lane] + received_now[lane] - received[lane]
        sales_seen[lane] = sold[lane] - sold_before[lane]
        found |= on_order_seen[lane]
    return found


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
