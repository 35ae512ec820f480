"""A second source as arrays over items (i) and sites (n): what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.features.second_source.measures import PER_MONEY
from restock.sim.model.bounds import days_of_orders
from restock.sim.model.opening.run_state import kept

if TYPE_CHECKING:
    from restock.sim.features.second_source.settings import Sourcing
    from restock.sim.model.feature import Making


class SourceArrays(NamedTuple):
    """The arrays are empty where there is no second source.

    Money is in millionths; what a line and a unit cost may be less there than on the first lane, and then below 0.
    """

    used: int  # 1: there is a second source
    rule: int  # index into settings.RULES
    share: int  # of the packs of an order that go there, in billionths
    after: int  # nights in a row on which the own supplier is down, beyond which orders go there
    has: np.ndarray  # int32 (i, n): 1 where the cell has a second source
    lead_table: np.ndarray  # int32 (i, n)
    lead_time: np.ndarray  # int32 (i, n): days, where no lead time is left to chance; else 0
    order_days: np.ndarray  # int32 (i, n): bits of the open days, day 0's weekday the lowest
    pack: np.ndarray  # int32 (i, n): of orders that are placed there alone
    minimum_order: np.ndarray  # int32 (i, n)
    premium: np.ndarray  # int64 (i, n): of a unit
    per_line: np.ndarray  # int64 (i, n): what an order line costs beyond one on the first lane
    per_unit: np.ndarray  # int64 (i, n): what transport of a unit costs beyond that on the first lane
    longest: np.ndarray  # int64 (n,): the longest lead time to each site
    shipments: np.ndarray  # int32 (i, n, r): from there so far, as a run goes on; else (0, 0, 0)
    nights_down: np.ndarray  # int32 (i, n, r): in a row up to the last, as a run goes on; else (0, 0, 0)


def source_arrays(sourcing: Sourcing, making: Making) -> SourceArrays:
    """The arrays of a scenario."""
    from restock.sim.features.second_source.settings import POLICY, RULES, share_in_billionths

    scenario, shape = making.scenario, making.rate.shape
    rule = RULES.index(sourcing.rule)
    nobody = np.zeros((0, 0, 0), np.int32)
    if not sourcing.used:
        empty = {name: np.zeros((0, 0), kind) for name, kind in _KINDS.items()}
        return SourceArrays(0, rule, 0, 0, **empty, longest=np.zeros(shape[1], np.int64), shipments=nobody,
                            nights_down=nobody)  # fmt: skip
    longest = np.zeros(shape[1], np.int64)
    of = {name: np.zeros(shape, kind) for name, kind in _KINDS.items()}
    suppliers = np.array([item.supplier for item in scenario.items])
    pack, least, cost = (np.array([getattr(item, name) for item in scenario.items])
                         for name in ("pack", "minimum_order", "unit_cost"))  # fmt: skip
    line, unit = (np.array([getattr(lane, name) for lane in scenario.lanes])
                  for name in ("ordering_cost", "transport_cost_per_unit"))  # fmt: skip
    for n, site in enumerate(scenario.sites):
        lane = sourcing.lane_to(scenario, site.name)
        if lane is None:
            continue
        longest[n] = len(lane.lead_time.pmf()) - 1
        i = np.flatnonzero(scenario.stocked[:, n] & (suppliers != sourcing.backup))
        first = scenario.lane_of[i, n]
        of["has"][i, n] = 1
        of["lead_table"][i, n] = making.add_law(lane.lead_time)
        of["lead_time"][i, n] = longest[n] if rule == POLICY else 0
        of["order_days"][i, n] = days_of_orders(lane.order_day_mask, scenario)
        of["pack"][i, n] = 1 if lane.break_packs else pack[i]
        of["minimum_order"][i, n] = 0 if lane.break_packs else least[i]
        of["premium"][i, n] = in_millionths((lane.own.get("premium") or 0.0) * cost[i])
        of["per_line"][i, n] = in_millionths(lane.ordering_cost - line[first])
        of["per_unit"][i, n] = in_millionths(lane.transport_cost_per_unit - unit[first])
    shipments = kept(scenario, "second_shipments", "a second source")
    nights = kept(scenario, "nights_down", "a second source")
    return SourceArrays(
        1,
        rule,
        share_in_billionths(sourcing.share),
        sourcing.after,
        **of,
        longest=longest,
        shipments=nobody if shipments is None else shipments,
        nights_down=nobody if nights is None else nights,
    )


_KINDS = {"has": np.int32, "lead_table": np.int32, "lead_time": np.int32, "order_days": np.int32, "pack": np.int32,
          "minimum_order": np.int32, "premium": np.int64, "per_line": np.int64, "per_unit": np.int64}  # fmt: skip


def in_millionths(money: np.ndarray) -> np.ndarray:
    """Money in whole millionths.

    >>> in_millionths(np.array([0.25])).tolist()
    [250000]
    """
    return np.rint(money * PER_MONEY).astype(np.int64)
