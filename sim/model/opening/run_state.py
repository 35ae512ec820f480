"""The state of every replication of a run on the morning of a day: what a run that goes on starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.errors import InputError, require
from restock.sim.model.opening.cell_fields import CELL_FIELDS

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario

IN_TRANSIT = np.dtype(
    [(name, np.int64) for name in ("replication", "item", "site", "quantity", "arrives")]
)  # shipments under way, and the day on which they arrive


@dataclass(frozen=True, eq=False)
class RunState:
    """Where a run stands before the deliveries of a day, of every replication and whole: a run from it goes on as the
    other would have. `engines.events.final_state.state_of_run` takes it.

    Draws are keyed by the day, so the run that goes on keeps the clock: its scenario has the same first date, and
    measures from that day or later (`warm_up`). With the same seed it goes on exactly; with another, from the same
    state into another future.

    Parameters
    ----------
    day : int
        Whole weeks, counted from day 0 of the scenario.
    policy : str
        The policy's name. Another policy may go on only if it remembers nothing.
    arrays : mapping of name to ndarray of int, shape (replications, items, sites, ...)
        Those of `opening_arrays.CELL_FIELDS`, and what features keep.
    in_transit : structured array of `IN_TRANSIT`
    memory : ndarray of float, shape (replications, items, sites, slots)
        What the policy remembers; no slots where it remembers nothing.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.engines.events.final_state import state_of_run
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop(warm_up=7)
    >>> state = state_of_run(shop, shop.plan(BaseStock(base_stock_level=20)), seed=1, replications=3, day=7)
    >>> state.replications, state.arrays["on_hand"][0].tolist(), len(state.in_transit)
    (3, [[15], [16]], 12)
    """

    day: int
    policy: str
    arrays: Mapping[str, np.ndarray]
    in_transit: np.ndarray
    memory: np.ndarray

    @property
    def replications(self) -> int:
        """How many replications it is a state of."""
        return len(self.arrays["on_hand"])

    @property
    def record_off(self) -> np.ndarray:
        """By how many units records are off."""
        return self.arrays["record"] - self.arrays["on_hand"]

    def of_items(self, items: np.ndarray) -> RunState:
        """The state of these items alone, in their order."""
        place = np.full(self.memory.shape[1], -1)
        place[items] = np.arange(len(items))
        way = self.in_transit[place[self.in_transit["item"]] >= 0]
        way["item"] = place[way["item"]]
        arrays = {name: array[:, items] for name, array in self.arrays.items()}
        return RunState(self.day, self.policy, arrays, way, self.memory[:, items])

    def check(self, scenario: Scenario) -> None:
        """Refuse a scenario that cannot go on from it."""
        shape = (len(scenario.items), len(scenario.sites))
        good = all(self.arrays[name].shape[1:3] == shape for name in CELL_FIELDS)
        got = self.arrays["on_hand"].shape[1:]
        require(good, f"the state of a run must be of the scenario's items and sites, {shape}, got {got}")
        shares = np.array([item.backorder_share for item in scenario.items])[:, None]
        waits = (self.arrays["waiting"] > 0).any(axis=0) & (shares == 0)
        if waits.any() and not any(feature.customers_wait for feature in scenario.features):
            item = scenario.items[int(np.argwhere(waits)[0, 0])].name
            raise InputError(f"customers wait for item '{item}' in the state of a run; its backorder_share is 0")
        good = self.day % 7 == 0 and 0 < self.day <= scenario.warm_up
        allowed = f"allowed: whole weeks, at least 7 and at most the scenario's warm_up, {scenario.warm_up}"
        require(good, f"the state of a run is of day {self.day}; {allowed}")


def kept(scenario: Scenario, name: str, feature: str, kind: type = np.int32) -> np.ndarray | None:
    """What a run kept of a feature, as both engines read it: (items, sites, replications, ...), of a kind of number.

    None where the scenario opens with no state of a run. Refuses the state of a run that had not the feature.

    >>> from restock.sim.planning.example import one_shop
    >>> kept(one_shop().scenario, "ages", "shelf_life") is None
    True
    """
    state = scenario.opening
    if not isinstance(state, RunState):
        return None
    require(name in state.arrays, f"a run with {feature} cannot go on from the state of a run without")
    return np.ascontiguousarray(np.moveaxis(state.arrays[name], 0, 2), kind)
