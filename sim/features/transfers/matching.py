"""Who gives to whom, and how a region's stock is shared anew (the kernel has its own words for both: `loops`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def lines(needs: Sequence[int], surpluses: Sequence[int], least: int = 1) -> Iterator[tuple[int, int, int]]:
    """Transfers (giver, receiver, units): the largest need takes from the largest surplus, the first listed on ties.

    It ends before the first that would be smaller than `least`.

    >>> list(lines([0, 5, 2], [4, 0, 9]))
    [(2, 1, 5), (0, 2, 2)]
    >>> list(lines([0, 5, 2], [4, 0, 9], least=3))
    [(2, 1, 5)]
    """
    need, surplus = list(needs), list(surpluses)
    while True:
        to, giver = need.index(max(need)), surplus.index(max(surplus))
        units = min(need[to], surplus[giver])
        if units < least:
            return
        need[to] -= units
        surplus[giver] -= units
        yield giver, to, units


def even_cover(units: Sequence[int], rates: Sequence[int], turn: int) -> list[int]:
    """All units in proportion to rates, whole: each within one unit of its share, ties by `turn`.

    Cumulative rounding: a site gets what the running share comes to with it, less what it came to before.

    >>> even_cover([7, 0, 3], [1000, 1000, 500], turn=0)
    [4, 4, 2]
    """
    total, of_all = sum(rates), sum(units)
    if total == 0 or of_all <= 0:
        return list(units)
    out, upto, before = [], 0, turn % total // total
    for rate in rates:
        upto += rate
        now = (upto * of_all + turn % total) // total
        out.append(now - before)
        before = now
    return out
