"""Keyed randomness: a draw is a pure function of (seed, replication, purpose, site, item, index).

Two stages. A stream's key is one Philox-4x32-10 block of (replication, site, item, purpose) under the seed
(Salmon, Moraes, Dror & Shaw 2011, SC '11): a bijection, so no two streams share a key. A draw is a 64-bit mix
of (key, counter) with the multipliers of Stafford's variant 13; it serves two indices, one half each.

Sites and items enter by a hash of their *name*, so adding or reordering others leaves a cell's draws alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numba import uint32, uint64

from restock.sim.compiling.marks import entry_point, inlined

(DEMAND, LEAD_TIME, UNMET, HISTORY, SHRINKAGE, COUNTING, SCAN_SALES, SCAN_RECEIPTS, UNIT_COSTS, RETURNING, RETURN_LAG,
 RESALE, RULE) = range(13)  # purposes  # fmt: skip
WEEK = 7

_GOLDEN = uint64(0x9E3779B97F4A7C15)
_FIRST = uint64(0xBF58476D1CE4E5B9)
_SECOND = uint64(0x94D049BB133111EB)


def named_purpose(name: str) -> int:
    """The purpose of a feature's draws, by a name of its own: beyond those above.

    >>> named_purpose("transit_damage") > RULE
    True
    """
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "little") | 1 << 16


FACTOR = named_purpose("factor")  # what demand of all stores on a day moves with


def name_keys(names: Iterable[str]) -> np.ndarray:
    """A 32-bit key for each name; the rare second name with the same hash takes the next free one.

    >>> len(set(name_keys(["milk", "bread"]).tolist()))
    2
    """
    names = list(names)
    taken: dict[str, int] = {}
    used: set[int] = set()
    for name in sorted(names):
        key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "little")
        while key in used:
            key = (key + 1) % 2**32
        used.add(key)
        taken[name] = key
    return np.array([taken[name] for name in names], dtype=np.uint32)


@inlined
def _multiply(a, b):
    product = uint64(a) * uint64(b)
    return uint32(product >> uint64(32)), uint32(product)


@inlined
def philox(c0, c1, c2, c3, k0, k1):
    """Philox-4x32-10: four 32-bit words of counter, two of key, four words out."""
    for _ in range(10):
        high0, low0 = _multiply(c0, uint32(0xD2511F53))
        high1, low1 = _multiply(c2, uint32(0xCD9E8D57))
        c0, c1, c2, c3 = uint32(high1 ^ c1 ^ k0), low1, uint32(high0 ^ c3 ^ k1), low0
        k0 = uint32(k0 + uint32(0x9E3779B9))
        k1 = uint32(k1 + uint32(0xBB67AE85))
    return c0, c1, c2, c3


@inlined
def stream_key(seed, replication, site_key, item_key, purpose):
    """The 128-bit key of one stream, as two 64-bit words."""
    a, b, c, d = philox(
        uint32(replication), uint32(site_key), uint32(item_key), uint32(purpose),
        uint32(seed & 0xFFFFFFFF), uint32(seed >> 32),
    )  # fmt: skip
    return (uint64(a) << uint64(32)) | uint64(b), (uint64(c) << uint64(32)) | uint64(d)


@inlined
def mix(key_a, key_b, counter):
    """64 random bits of (key, counter)."""
    z = uint64(key_a) + uint64(counter) * _GOLDEN
    z = (z ^ (z >> uint64(30))) * _FIRST
    z = z + uint64(key_b)
    z = (z ^ (z >> uint64(27))) * _SECOND
    return z ^ (z >> uint64(31))


@inlined
def uniform(key_a, key_b, index):
    """A uniform 32-bit whole number; even and odd indices take the low and the high half of one mix."""
    z = mix(key_a, key_b, uint64(index) >> uint64(1))
    return uint32(z >> uint64(32)) if uint64(index) & uint64(1) else uint32(z)


@inlined
def day_index(day):
    """The draw index of a day: eight places a week, so that every week starts on a fresh mix."""
    return (day // WEEK) * 8 + day % WEEK


@entry_point()
def uniforms(seed_low, seed_high, replication, site_key, item_key, purpose, indices, out):
    """Fill `out` with the draws of one stream at the given indices (what the event engine reads)."""
    seed = uint64(seed_low) | (uint64(seed_high) << uint64(32))
    a, b = stream_key(seed, replication, site_key, item_key, purpose)
    for i in range(len(indices)):
        out[i] = uniform(a, b, indices[i])


def draw(seed: int, replication: int, site_key: int, item_key: int, purpose: int, indices: np.ndarray) -> np.ndarray:
    """Uniform 32-bit draws of one stream at these indices.

    >>> a = draw(1, 0, 7, 7, DEMAND, np.arange(4))
    >>> bool((a[2:] == draw(1, 0, 7, 7, DEMAND, np.array([2, 3]))).all())   # a draw depends on its index alone
    True
    """
    indices = np.ascontiguousarray(indices, dtype=np.int64)
    out = np.empty(len(indices), np.uint32)
    low, high = seed & 0xFFFFFFFF, seed >> 32
    uniforms(low, high, int(replication), int(site_key), int(item_key), int(purpose), indices, out)
    return out
