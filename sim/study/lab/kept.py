"""What is kept for the next question: by key, within so many bytes, the least recently used let go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from restock.sim.errors import require


class _Entry(NamedTuple):
    value: Any
    size: int


class Kept:
    """Values by key; together they stay within `most_bytes`, but for the one used last, which is always kept.

    >>> kept = Kept(most_bytes=10)
    >>> kept.put("a", 1, size=4); kept.put("b", 2, size=4)
    >>> kept.get("a"), kept.put("c", 3, size=4)
    (1, None)
    >>> list(kept), kept.bytes
    (['a', 'c'], 8)
    """

    def __init__(self, most_bytes: int) -> None:
        require(most_bytes >= 0, f"most_bytes must not lie below 0, got {most_bytes}")
        self.most_bytes, self.bytes = most_bytes, 0
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._entries)

    def get(self, key: Hashable) -> Any:
        """The value, which is now the one used last; None where it is not kept."""
        if key not in self._entries:
            return None
        self._entries.move_to_end(key)
        return self._entries[key].value

    def put(self, key: Hashable, value: Any, size: int, under: Iterable[Hashable] = ()) -> None:
        """Keep a value of so many bytes, as the one used last, and let go of what there is no room for.

        What it stands `under`, other keys, counts as used after it, in their order: it is let go of later.
        """
        self.drop(key)
        self._entries[key] = _Entry(value, size)
        self.bytes += size
        for each in under:
            self.get(each)
        while self.bytes > self.most_bytes and len(self._entries) > 1:
            self.drop(next(iter(self._entries)))

    def drop(self, key: Hashable) -> None:
        """Let go of a value, if it is kept."""
        entry = self._entries.pop(key, None)
        self.bytes -= entry.size if entry else 0


def bytes_of(value: Any) -> int:
    """Bytes of the arrays in a value, however deep in tuples, lists and mappings.

    >>> bytes_of({"a": np.zeros(4), "b": (np.zeros(2, np.int32), "words")})
    40
    """
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, Mapping):
        return sum(map(bytes_of, value.values()))
    return sum(map(bytes_of, value)) if isinstance(value, (tuple, list)) else 0
