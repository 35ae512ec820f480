"""Suppliers that fail: loops over lanes (see `engines.kernel.lanes`)."""

from __future__ import annotations

from numba import int32, int64, uint32, uint64

from restock.sim.compiling.marks import helper, over_rows
from restock.sim.engines.kernel.layout import WIDTH
from restock.sim.probability.guide_tables import value_of
from restock.sim.probability.keyed_draws import day_index, mix, uniform


@over_rows
def walk_on(draws, begins, ends, state):
    """A night further in a chain of two states: 1 begins and ends by chance."""
    for lane in range(WIDTH):
        u = int64(draws[lane])
        begun, stays = int32(u < begins[lane]), int32(u >= ends[lane])
        state[lane] = stays if state[lane] else begun


@over_rows
def not_placed(down, refuses, elsewhere, quantity):
    """Orders that a supplier refuses while it is down, but those that go elsewhere."""
    for lane in range(WIDTH):
        quantity[lane] = 0 if down[lane] & refuses[lane] & (1 - elsewhere[lane]) else quantity[lane]


@over_rows
def leave(quantity, shut, rest, owed, shipping):
    """What the supplier owes leaves, tonight's order included, but for the rest of it; nothing where it is shut.

    Returns what leaves, or-ed together.
    """
    some = int32(0)
    for lane in range(WIDTH):
        owing = int32(owed[lane] + quantity[lane])
        leaves = 0 if shut[lane] else int32(owing - rest[lane])
        shipping[lane] = leaves
        owed[lane] = owing - leaves
        some |= leaves
    return some


@over_rows
def strike_off(rest, cancels, owed, on_order, pipeline, cancelled_week):
    """The rest of an order is cancelled, where the supplier does so."""
    for lane in range(WIDTH):
        units = rest[lane] if cancels[lane] else 0
        owed[lane] -= units
        on_order[lane] -= units
        pipeline[lane] -= units
        cancelled_week[lane] += units


@over_rows
def note_night(owed, down, held_days, down_nights):
    for lane in range(WIDTH):
        held_days[lane] += owed[lane]
        down_nights[lane] += down[lane]


@helper
def rest_of_orders(quantity, shut, number, points, shares, key_a, key_b, day, rest):
    """Units of tonight's orders that do not leave with them: of one draw a half says the share, the other rounds it."""
    for lane in range(WIDTH):
        rest[lane] = 0
        if quantity[lane] > 0 and shut[lane] == 0:
            z = mix(key_a[lane], key_b[lane], uint64(day))
            rest[lane] = quantity[lane] - part_of_units(quantity[lane], number[lane], points, shares, z)


@helper
def part_of_units(units, number, points, shares, z):
    """A share of some units, by a law's row, in whole units."""
    u, k = int64(uint32(z)), 0
    while u >= points[number, k]:
        k += 1
    return int32((int64(units) * shares[number, k] + int64(z >> uint64(32))) >> 32)


@over_rows
def set_apart(owed, shipping, total, set_aside):
    """What is owed to a site that cannot be reached tonight stays, and takes no part in sharing."""
    for lane in range(WIDTH):
        shipping[lane] = 0
        total[lane] -= owed[lane]
        set_aside[lane] += owed[lane]


@helper
def lead_times(
    guide, breaks, first_break, place, calm, congested, is_congested, key_a, key_b, ordinal, index, by_day, shipping,
    night, comes_on,
):  # fmt: skip
    """The nominal day of arrival of what left on a night, by the lead time of its state."""
    for lane in range(WIDTH):
        if shipping[lane] > 0:
            at = int64(index) if by_day else 2 * int64(ordinal[lane])
            table = congested[lane] if is_congested[lane] else calm[lane]
            u = uniform(key_a[lane], key_b[lane], at)
            comes_on[lane] = night + value_of(guide, breaks, first_break, place[table], table, u)


@helper
def count_working_days(worked, nth, calendar, night, shipping, comes_on):
    """Lead times count the working days of their supplier."""
    for lane in range(WIDTH):
        if shipping[lane] > 0:
            k = calendar[lane]
            comes_on[lane] = nth[k, worked[k, night] + comes_on[lane] - night]


@helper
def keep_to_windows(next_day, way, missed, key_a, key_b, in_order, shipping, last, comes_on):
    """Goods come on the first delivery day from then on, or where it is missed on the next; in order if they must."""
    for lane in range(WIDTH):
        if shipping[lane] > 0:
            day = next_day[way[lane], comes_on[lane]]
            if missed[lane] > 0 and int64(uniform(key_a[lane], key_b[lane], day_index(int64(day)))) < missed[lane]:
                day = next_day[way[lane], day + 1]
            if in_order[lane]:
                day = max(day, last[lane])
                last[lane] = day
            comes_on[lane] = day


@helper
def bad_units(shipping, number, points, shares, key_a, key_b, ordinal, bad):
    """Of each shipment the units that are not good: of one draw a half says the share, the other rounds it."""
    for lane in range(WIDTH):
        bad[lane] = 0
        if shipping[lane] > 0:
            z = mix(key_a[lane], key_b[lane], uint64(uint32(ordinal[lane])))
            bad[lane] = shipping[lane] - part_of_units(shipping[lane], number[lane], points, shares, z)


@helper
def on_their_way(units, comes_on, mask, arriving):
    for lane in range(WIDTH):
        if units[lane] > 0:
            arriving[uint64(comes_on[lane]) & mask, lane] += units[lane]


@helper
def good_on_their_way(shipping, bad, comes_on, mask, arriving, ordinal):
    """Shipments that leave are counted, whatever of them is good."""
    for lane in range(WIDTH):
        if shipping[lane] > 0:
            arriving[uint64(comes_on[lane]) & mask, lane] += shipping[lane] - bad[lane]
            ordinal[lane] += 1


@over_rows
def reject(bad, on_order, cancelled_week, rejected):
    """Units are turned away at the door."""
    for lane in range(WIDTH):
        units = bad[lane]
        bad[lane] = 0
        on_order[lane] -= units
        cancelled_week[lane] += units
        rejected[lane] += units
