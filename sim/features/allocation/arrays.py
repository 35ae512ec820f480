"""How each site shares as arrays over items (i) and sites (n): what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.model.unit_limits import LARGEST_UNITS

if TYPE_CHECKING:
    from restock.sim.features.allocation.settings import Allocation
    from restock.sim.model.feature import Making

AS_USUAL, BY_DAYS, BY_SHORTFALL, AS_THEY_COME = range(4)
NO_TARGET = -1


class AllocationArrays(NamedTuple):
    """`target` is empty unless `used` is 1."""

    used: int  # 1: some site shares by shortfall, or looks at books
    told: int  # 1: units that went where there was too much are told
    way: np.ndarray  # int64 (n,): AS_USUAL, or how the site shares among those below by need
    sees_record: np.ndarray  # int64 (n,): 1 where it looks at their books, 0 where at what they have
    target: np.ndarray  # int32 (i, n): units that the serving site would have here; `NO_TARGET`: what it owes counts


def allocation_arrays(allocation: Allocation, making: Making) -> AllocationArrays:
    """The arrays of a scenario."""
    sites, parent = making.scenario.sites, making.scenario.parent
    serves = np.isin(np.arange(len(sites)), parent)
    sees = np.array([site.allocation_sees == "record" for site in sites]) & serves
    by_shortfall = np.array([site.allocation == "min_max_shortfall" for site in sites]) & serves
    as_they_come = np.array([site.allocation == "first_come" for site in sites]) & serves
    way = np.select([as_they_come, by_shortfall, sees], [AS_THEY_COME, BY_SHORTFALL, BY_DAYS], AS_USUAL).astype(
        np.int64
    )
    used = bool(way.any())
    target = np.full(making.rate.shape if used else (0, 0), NO_TARGET, np.int32)
    for n, above in enumerate(parent.tolist() if used else ()):
        days = sites[above].target_days if above >= 0 else None
        if days is not None:
            target[:, n] = np.minimum(np.ceil(days * making.rate[:, n] - 1e-9), LARGEST_UNITS)
    return AllocationArrays(
        int(used), int(allocation.misallocated and serves.any()), way, sees.astype(np.int64), target
    )
