"""Units that go one by one to the site with the fewest days of supply, given many at a time: to the same sites.

What all sites get before some level of days is reached is counted, site by site; from there on single units are
given, or taken back, until it is all. The last are the same whatever the level, which is as near as it can be guessed.
"""

from __future__ import annotations

import numpy as np
from numba import float64, int64

from restock.sim.compiling.marks import helper
from restock.sim.engines.kernel.allocation import days_of_supply
from restock.sim.engines.kernel.layout import OWED

LONGEST = 1e9  # days of supply
ENDLESS = 1e300  # of a site without demand


@helper
def by_days(units, size, sites, position, cells, of_owed, rates, lane, given, days):
    """Set `given` of the first so many `sites`, no more than each is owed where `of_owed`; it must come to all units.

    Ties go to the site listed first; `position` is what sites have, `days` is scratch.
    """
    if size == 0:
        return
    level, low, high = first_level(units, size, sites, position, rates, lane), -LONGEST, LONGEST
    total = int64(0)
    for k in range(60):
        total, rate = int64(0), float64(0)
        for j in range(size):
            n = sites[j]
            most = most_given(units, cells, of_owed, n, lane)
            given[j] = before_level(level, most, int64(position[n, lane]), rates[n, lane])
            total += given[j]
            rate += rates[n, lane] if 0 < given[j] < most else 0.0
        off = units - total
        if abs(off) <= size // 8 + 1 or (k > 3 and abs(off) <= size):
            break
        low, high = (level, high) if off > 0 else (low, level)
        level = level + off / rate if rate > 0 else high
        if not low < level < high:
            level = (low + high) / 2
    if total != units:
        one_by_one(units, total, size, sites, position, cells, of_owed, rates, lane, given, days)


@helper
def most_given(units, cells, of_owed, n, lane):
    return min(units, int64(cells[n, OWED, lane])) if of_owed else units


@helper
def first_level(units, size, sites, position, rates, lane):
    """About the days of supply that all units come to: in proportion to rates, without sites that have more."""
    level = float64(ENDLESS)
    for _ in range(6):
        many, rate, need = 0, float64(0), float64(units)
        for j in range(size):
            n = sites[j]
            if rates[n, lane] > 0 and position[n, lane] < level * rates[n, lane]:
                many += 1
                rate += rates[n, lane]
                need += position[n, lane]
        if many == 0:
            break
        before, level = level, (need - many * 0.5) / rate
        if level >= before:
            break
    return level


@helper
def before_level(level, most, position, rate):
    """Units that a site gets before any site has so many days of supply: exact, though the days of a unit round."""
    reach = level * rate
    if rate <= 0 or reach <= position - 2:
        return int64(0)
    if reach >= position + most + 2:
        return most
    upto = int64(np.floor(reach))
    while days_of_supply(float64(upto), rate) >= level:
        upto -= 1
    while days_of_supply(float64(upto + 1), rate) < level:
        upto += 1
    return min(max(int64(0), upto + 1 - position), most)


@helper
def one_by_one(units, total, size, sites, position, cells, of_owed, rates, lane, given, days):
    """From so many in all to all units: to whom the next goes, or who got the last."""
    step = 1 if total < units else -1
    for j in range(size):
        most = most_given(units, cells, of_owed, sites[j], lane)
        days[j] = days_at(step, given[j], most, position[sites[j], lane], rates[sites[j], lane])
    while total != units:
        best = 0
        for j in range(1, size):
            if (days[j] < days[best]) if step > 0 else (days[j] >= days[best]):
                best = j
        n = sites[best]
        most, many = most_given(units, cells, of_owed, n, lane), int64(1)
        if step > 0 and days[best] == ENDLESS:
            many = min(units - total, most - given[best])  # no other site is before it, until it has all
        given[best] += step * many
        total += step * many
        days[best] = days_at(step, given[best], most, position[n, lane], rates[n, lane])


@helper
def days_at(step, given, most, position, rate):
    """Of the unit that a site would get next, or, where units are taken back, of the last it got."""
    if step > 0:
        return days_of_supply(float64(position + given), rate) if given < most else np.inf
    return days_of_supply(float64(position + given - 1), rate) if given > 0 else -np.inf
