"""Shelf lives as arrays over items: what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from restock.sim.features.shelf_life.settings import ShelfLife
    from restock.sim.model.feature import Making


class ShelfArrays(NamedTuple):
    """Over items."""

    used: int  # 1: some items do not keep
    slots: int  # a power of two not below the longest shelf life
    longest_life: int
    life: np.ndarray  # int32: days; 0: for ever
    freshest_first: np.ndarray  # int32: 1 where the freshest units are taken first


def shelf_arrays(shelf_life: ShelfLife, making: Making) -> ShelfArrays:
    """The arrays of a scenario."""
    items = making.scenario.items
    life = [shelf_life.of_item(item) for item in items]
    freshest = [shelf_life.issuing_of(item) == "freshest_first" for item in items]
    longest = max(life)
    return ShelfArrays(
        int(longest > 0), 1 << (longest - 1).bit_length(), longest, np.array(life, np.int32),
        np.array(freshest, np.int32),
    )  # fmt: skip
