"""Limits as arrays: what both engines read."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from restock.sim.features.limits.granting import SHARES
from restock.sim.features.limits.ordering_arrays import NO_LIMIT, OrderingArrays, ordering_arrays
from restock.sim.model.bounds import days_of_orders
from restock.sim.model.network import WEEKDAYS
from restock.sim.model.opening.run_state import kept

if TYPE_CHECKING:
    from restock.sim.features.limits.settings import Limits
    from restock.sim.model.feature import Making

NONE = NO_LIMIT
CLASSES = 16  # of whole days of cover: 0 to 14, and more


class ShippingArrays(NamedTuple):
    """Limits on what is shipped, over items (i), sites (n) and suppliers with a capacity (k); loads in volumes."""

    used: int  # 1: something is limited, and items advance together
    suppliers: int  # 1: some supplier's capacity is
    horizon: int
    cells: int
    volume: np.ndarray  # int32 (i,)
    supplier: np.ndarray  # int32 (i, n): number of the limit of a cell that an outside supplier delivers to; -1: none
    capacity: np.ndarray  # int64 (k,)
    supplier_share: np.ndarray  # int64 (k,): number in SHARES
    limited: np.ndarray  # int64 (n,): 1 where the lanes from a site are limited
    handling: np.ndarray  # int64 (n,): NONE without
    site_share: np.ndarray  # int64 (n,)
    room: np.ndarray  # int64 (n,): of all trucks of a night on the lane to a site; NONE without
    truck_capacity: np.ndarray  # int64 (n,): 0 where no trucks are named
    minimum: np.ndarray  # int64 (n,)
    wait: np.ndarray  # int64 (n,)
    truck_days: np.ndarray  # int64 (n,): bits of weekdays, day 0's the lowest
    cost: np.ndarray  # int64 (n,): of a truck, in thousandths of money
    opening_waited: np.ndarray  # int32 (i, n, r): where a run goes on, nights for which the lane's goods have waited


LimitArrays: Any = namedtuple("LimitArrays", [*ShippingArrays._fields, *OrderingArrays._fields])  # type: ignore[misc]
"""Those, and limits on what is ordered."""


def limit_arrays(limits: Limits, making: Making) -> Any:
    """The arrays of a scenario, a `LimitArrays`."""
    ordering = ordering_arrays(limits, making)
    together = ordering.joints or ordering.spaces or ordering.budgets
    return LimitArrays._make((*shipping_arrays(limits, making, bool(together)), *ordering))


def shipping_arrays(limits: Limits, making: Making, together: bool) -> ShippingArrays:
    """Those of limits on what is shipped; `together`: items share a limit on what is ordered."""
    scenario = making.scenario
    names = list(limits.suppliers)
    number = {name: k for k, name in enumerate(names)}
    of_item = np.array([number.get(item.supplier, -1) for item in scenario.items], np.int32)
    outside = scenario.stocked & (scenario.parent < 0)
    sites = scenario.sites
    handling = [limits.of_sites[s.name].handling if s.name in limits.of_sites else None for s in sites]
    trucks = [limits.of_trucks.get(site.served_by or "") for site in sites]
    limited = [s.name in limits.of_trucks or handling[n] is not None for n, s in enumerate(sites)]
    used = together or bool(names) or any(limited)
    waited = kept(scenario, "truck_waited", "limits") if used else None
    return ShippingArrays(
        used=int(used),
        suppliers=int(bool(names)),
        horizon=scenario.horizon,
        cells=int(scenario.stocked.sum()),
        volume=np.array([item.own.get("volume") or 1 for item in scenario.items], np.int32),
        supplier=np.where(outside, of_item[:, None], -1).astype(np.int32),
        capacity=np.array([limits.of_suppliers[name].capacity for name in names], np.int64),
        supplier_share=np.array([SHARES.index(limits.of_suppliers[name].share) for name in names], np.int64),
        limited=np.array(limited, np.int64),
        handling=np.array([NONE if units is None else units for units in handling], np.int64),
        site_share=np.array([SHARES.index(limits.of_sites[s.name].share) if s.name in limits.of_sites else 0
                             for s in sites], np.int64),
        room=np.array([each.capacity * each.per_night if each else NONE for each in trucks], np.int64),
        truck_capacity=np.array([each.capacity if each else 0 for each in trucks], np.int64),
        minimum=np.array([each.minimum if each else 1 for each in trucks], np.int64),
        wait=np.array([each.wait if each else 0 for each in trucks], np.int64),
        truck_days=np.array([_days(each.days if each else WEEKDAYS, scenario) for each in trucks], np.int64),
        cost=np.array([round(1000 * each.cost) if each else 0 for each in trucks], np.int64),
        opening_waited=np.zeros((0, 0, 0), np.int32) if waited is None else waited,
    )  # fmt: skip


def _days(days: tuple[str, ...], scenario: object) -> int:
    return int(days_of_orders(sum(1 << WEEKDAYS.index(day) for day in set(days)), scenario))  # type: ignore[arg-type]
