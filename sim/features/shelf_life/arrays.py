"""Shelf lives as arrays over items: what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.model.opening.run_state import kept

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
    opening: np.ndarray  # int32 (i, n, r, slot): where a run goes on, units by the last day on which they are sold


def shelf_arrays(shelf_life: ShelfLife, making: Making) -> ShelfArrays:
    """The arrays of a scenario."""
    items = making.scenario.items
    life = [shelf_life.of_item(item) for item in items]
    freshest = [shelf_life.issuing_of(item) == "freshest_first" for item in items]
    longest = max(life)
    opening = kept(making.scenario, "ages", "shelf_life") if longest > 0 else None
    slots = 1 << (longest - 1).bit_length()
    if opening is not None:
        require(opening.shape[3] == slots, "a run cannot go on from the state of one with another longest shelf life")
    return ShelfArrays(
        int(longest > 0), slots, longest, np.array(life, np.int32), np.array(freshest, np.int32),
        np.zeros((0, 0, 0, 0), np.int32) if opening is None else opening,
    )  # fmt: skip
