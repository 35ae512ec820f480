"""Who gets what of a limit that is short, in plain Python: the event engine's words for the rules of `loops`."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import NamedTuple

SHARES = ("proportional", "priority", "neediest")
PROPORTIONAL, LISTED_FIRST, NEEDIEST_FIRST = range(3)


class Request(NamedTuple):
    """What a cell asks of a limit: units, the volume of each, and its whole days of cover.

    >>> Request(12, volume=2).cover
    0
    """

    units: int
    volume: int
    cover: int = 0


def grant(requests: Sequence[Request], room: int, share: int, day: int) -> list[int]:
    """Units granted to each, in the order of the requests.

    >>> grant([Request(12, 1), Request(10, 2), Request(8, 1), Request(6, 3)], 30, PROPORTIONAL, day=0)
    [6, 5, 4, 3]
    >>> grant([Request(5, 1), Request(5, 2)], 8, LISTED_FIRST, day=0)
    [5, 1]
    >>> grant([Request(5, 1, cover=3), Request(5, 1, cover=0)], 6, NEEDIEST_FIRST, day=0)
    [1, 5]
    """
    if sum(each.units * each.volume for each in requests) <= room:
        return [each.units for each in requests]
    if share == LISTED_FIRST:
        return _in_order(requests, room)
    out = [0] * len(requests)
    for cover in sorted({each.cover for each in requests}) if share == NEEDIEST_FIRST else [None]:
        mine = [k for k, each in enumerate(requests) if cover is None or each.cover == cover]
        load = sum(requests[k].units * requests[k].volume for k in mine)
        alike = [requests[k] for k in mine]
        for k, units in zip(mine, [r.units for r in alike] if load <= room else _parts(alike, room, day), strict=True):
            out[k] = units
        if load > room:
            break
        room -= load
    return out


def _in_order(requests: Sequence[Request], room: int) -> list[int]:
    out = []
    for each in requests:
        units = min(each.units, room // each.volume)
        room -= units * each.volume
        out.append(units)
    return out


def _parts(requests: Sequence[Request], room: int, day: int) -> list[int]:
    """In proportion, in whole units; what one cannot use of its part goes to the next."""
    out, carry = [], 0
    for each, part in zip(requests, parts_of_room([r.units * r.volume for r in requests], room, day), strict=True):
        carry += part
        units = min(each.units, carry // each.volume)
        carry -= units * each.volume
        out.append(units)
    return out


def parts_of_room(loads: Sequence[int], room: int, day: int) -> list[int]:
    """A room in proportion to loads, in whole numbers: cumulative rounding, from a turn that goes on with the day.

    Source: systematic sampling's rounding; each part is within one of its share, and their sum is the room.

    >>> parts_of_room([12, 10, 8, 6], 24, day=0), parts_of_room([12, 10, 8, 6], 24, day=20)
    ([8, 6, 6, 4], [8, 7, 5, 4])
    """
    total = sum(loads)
    if total == 0:
        return [0] * len(loads)
    out, upto, before = [], 0, 0
    for load in loads:
        upto += load
        now = (upto * room + day % total) // total
        out.append(now - before)
        before = now
    return out


def share_by_load(books: Sequence[MutableMapping[str, int]], load_name: str, totals: Mapping[str, int]) -> None:
    """Write totals into books, each its part by its load, in their order; of loads from 2**31 on the last bits are
    left out.

    >>> books = [{"load": 3}, {"load": 1}]
    >>> share_by_load(books, "load", {"trucks": 10})
    >>> [book["trucks"] for book in books]
    [7, 3]
    """
    load = sum(book[load_name] for book in books)
    bits = max(0, load.bit_length() - 31)
    for name, total in totals.items() if load else ():
        upto = before = 0
        for book in books:
            upto += book[load_name]
            now = (upto >> bits) * total // (load >> bits)
            book[name] = now - before
            before = now
