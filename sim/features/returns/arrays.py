"""Returns as arrays over items: what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.model.opening.run_state import kept
from restock.sim.probability.guide_tables import FULL

if TYPE_CHECKING:
    from restock.sim.features.returns.settings import Returns
    from restock.sim.model.feature import Making


class ReturnArrays(NamedTuple):
    """Over items; shares in units of 2**-32."""

    used: int  # 1: customers bring some items back
    slots: int  # a power of two above the longest lag
    share: np.ndarray  # int64: share of a day's units that come back
    resalable: np.ndarray  # int64: share of these that go back on the shelf
    chance: np.ndarray  # int64: bits of a draw that round the two; 0: always down
    lag_table: np.ndarray  # int32: table of the days until they come
    opening: np.ndarray  # int32 (i, n, r, slot): where a run goes on, units by the day on which they come back


def return_arrays(returns: Returns, making: Making) -> ReturnArrays:
    """The arrays of a scenario. What ages is never resold."""
    of_items = [returns.of_item(item) for item in making.scenario.items]
    share = np.array([each.share for each in of_items])
    used = bool(share.any())
    longest = max((len(each.lag.pmf()) - 1 for each in of_items if each.share > 0), default=0)
    slots = 1 << longest.bit_length()
    opening = kept(making.scenario, "coming_back", "returns") if used else None
    if opening is not None:
        require(opening.shape[3] == slots, "a run cannot go on from the state of one with another longest returns.lag")
    fit = np.where(making.ages, 0.0, [each.resalable for each in of_items])
    return ReturnArrays(
        int(used),
        slots,
        np.round(share * FULL).astype(np.int64),
        np.round(fit * FULL).astype(np.int64),
        np.array([FULL - 1 if each.rounding == "chance" else 0 for each in of_items], np.int64),
        np.array([making.add_law(each.lag) if used else 0 for each in of_items], np.int32),
        np.zeros((0, 0, 0, 0), np.int32) if opening is None else opening,
    )
