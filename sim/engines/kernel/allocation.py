"""A short site shares what it has, lane by lane (compiled; the event engine has its own words for the same rules)."""

from __future__ import annotations

from numba import float64, int64

from restock.sim.compiling.marks import helper
from restock.sim.engines.kernel.layout import ON_HAND, ON_ORDER, OWED, SHIPPING, WAITING, WIDTH


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
