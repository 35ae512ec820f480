"""A scenario with its arrays, and what a planner knows of it: built once for many policies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from restock.sim.errors import require
from restock.sim.model.arrays import World, build_world
from restock.sim.model.opening.run_state import RunState
from restock.sim.model.scenario import Scenario
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Plan, Policy, planned
from restock.sim.read_only import read_only


@dataclass(frozen=True)
class Prepared:
    """A scenario with its arrays: build once, run many policies.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop()
    >>> shop.world.stocked.shape, shop.known.demand_mean.round(6).tolist()  # items by sites; units a day
    ((2, 1), [[5.0], [3.0]])
    >>> shop.plan(BaseStock(base_stock_level=10)).name
    'base_stock'
    """

    scenario: Scenario

    @cached_property
    def world(self) -> World:
        return build_world(self.scenario)

    @cached_property
    def known(self) -> Knowledge:
        return Knowledge(self.scenario, read_only(self.world))

    def plan(self, policy: Policy) -> Plan:
        """The policy's plan, its rules tried once; where a run goes on from a state, one that can."""
        plan = planned(policy, self.known)
        if isinstance(self.scenario.opening, RunState):
            _check_goes_on(self.scenario.opening, plan)
        return plan


def _check_goes_on(state: RunState, plan: Plan) -> None:
    """A policy that remembers goes on from a state that it left itself."""
    slots = most_slots(plan)
    good = slots == 0 or (state.policy == plan.name and state.memory.shape[-1] == slots)
    words = f"policy '{plan.name}' remembers, and cannot go on from a state that policy '{state.policy}' left"
    require(good, f"{words}; allowed: the policy that left it, or one that remembers nothing")


def most_slots(plan: Plan) -> int:
    """Numbers that a rule of the plan remembers of a cell, at most; 0 where none remembers anything.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> most_slots(one_shop().plan(BaseStock(base_stock_level=10)))
    0
    """
    return max((memory.start.shape[2] for memory in plan.memories if memory is not None), default=0)
