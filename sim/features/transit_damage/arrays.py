"""Damage on the way as arrays over items (i) and sites (n): what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.probability.guide_tables import FULL

if TYPE_CHECKING:
    from restock.sim.features.transit_damage.settings import TransitDamage
    from restock.sim.model.feature import Making


class DamageArrays(NamedTuple):
    """The array is filled in any case."""

    used: int  # 1: something is damaged on some lane
    share: np.ndarray  # int64 (i, n): of the units delivered, in units of 2**-32


def damage_arrays(damage: TransitDamage, making: Making) -> DamageArrays:
    """The arrays of a scenario."""
    scenario = making.scenario
    of_lane = np.array([round(damage.of_lane(lane) * FULL) for lane in scenario.lanes], np.int64)
    share = np.where(scenario.lane_of >= 0, of_lane[scenario.lane_of], 0)
    return DamageArrays(int(share.any()), share)
