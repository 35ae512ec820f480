"""SSCONT in whole units in DynaPlex's language: lead times are random and may cross; imported where it is installed.

Laws are restock's, by their probabilities; costs are SSCONT's (see `sscont.SSCont`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from dynaplex.modelling import (
    AliasSampler,
    Array1D,
    DiscreteDist,
    HorizonType,
    StateCategory,
    TrajectoryContext,
    Validity,
    const_dataclass,
    trajectory_context,
)
from dynaplex.validation import mdp, policy


@dataclass(slots=True)
class State:
    """Stock on hand less backorders; units on their way, and by day of arrival; what was ordered last evening."""

    net_stock: int
    on_order: int
    ordered: int
    arriving: Final[Array1D[np.int64]]  # a ring
    today: int
    category: StateCategory


@trajectory_context
@dataclass
class Books(TrajectoryContext):
    """What a trajectory adds up."""

    demand: int
    filled: int
    on_hand_days: int
    orders: int

    def __init__(self, mdp: SSCont) -> None:
        super().__init__(mdp)
        self.demand = 0
        self.filled = 0
        self.on_hand_days = 0
        self.orders = 0


@mdp
@const_dataclass(init=False, slots=True)
class SSCont:
    """Delivery and demand (the event), then the evening's order (the action)."""

    opening: int
    holding_cost: float
    shortage_cost: float
    ordering_cost: float
    unit_cost: float
    demand: AliasSampler
    lead_time: AliasSampler
    ring: int
    num_actions: int
    horizon_type: HorizonType

    def __init__(
        self, demand: list[float], lead_time: list[float], opening: int, holding_cost: float, shortage_cost: float,
        ordering_cost: float, unit_cost: float,
    ):  # fmt: skip
        self.opening = opening
        self.holding_cost = holding_cost
        self.shortage_cost = shortage_cost
        self.ordering_cost = ordering_cost
        self.unit_cost = unit_cost
        self.demand = DiscreteDist.custom(demand).alias_sampler()
        self.lead_time = DiscreteDist.custom(lead_time).alias_sampler()
        self.ring = len(lead_time) + 1
        self.num_actions = 10000
        self.horizon_type = HorizonType.INFINITE

    def make_context(self) -> Books:
        return Books(self)

    def get_initial_state(self, context: Books) -> State:
        return State(
            net_stock=self.opening, on_order=0, ordered=0, arriving=np.zeros(self.ring, dtype=np.int64), today=0,
            category=StateCategory.AWAIT_EVENT,
        )  # fmt: skip

    def modify_state_with_event(self, state: State, context: Books) -> None:
        if state.ordered > 0:  # lead times are drawn here: an action of DynaPlex may not draw
            day = state.today + self.lead_time.sample(context.rng) - 1
            if day >= self.ring:
                day -= self.ring
            state.arriving[day] += state.ordered
        arriving = state.arriving[state.today]
        state.arriving[state.today] = 0
        state.on_order -= arriving
        net_stock = state.net_stock + arriving
        demand = self.demand.sample(context.rng)
        filled = min(demand, max(net_stock, 0))
        context.demand += demand
        context.filled += filled
        context.cumulative_cost += self.shortage_cost * (demand - filled)
        net_stock -= demand
        state.net_stock = net_stock
        if net_stock > 0:
            context.on_hand_days += net_stock
            context.cumulative_cost += self.holding_cost * net_stock
        state.category = StateCategory.AWAIT_ACTION
        context.time_elapsed += 1

    def modify_state_with_action(self, state: State, context: Books, action: int) -> None:
        state.ordered = action
        state.on_order += action
        if action > 0:
            context.orders += 1
            context.cumulative_cost += self.ordering_cost + self.unit_cost * action
        state.today += 1
        if state.today == self.ring:
            state.today = 0
        state.category = StateCategory.AWAIT_EVENT

    def write_action_validity(self, state: State, valid: Validity) -> None:
        for action in range(self.num_actions):
            valid.set(action, True)


@policy
@const_dataclass(slots=True)
class MinMax:
    """(s, S): at or below s, order up to S."""

    mdp: SSCont
    reorder_point: int
    order_up_to_level: int

    def get_action(self, state: State) -> int:
        position = state.net_stock + state.on_order
        if position <= self.reorder_point:
            return self.order_up_to_level - position
        return 0
