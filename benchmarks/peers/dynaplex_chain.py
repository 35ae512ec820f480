"""A DC and its stores in DynaPlex's language; imported where DynaPlex is installed.

A period is restock's day: demand at the stores, their orders, the DC's shipments, the DC's order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from dynaplex.modelling import (
    AliasSampler,
    Array1D,
    Array2D,
    DiscreteDist,
    FifoQueue,
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
    """Stock of the DC; net stock, orders on their way and units owed of every store; shipments by day of arrival."""

    dc_on_hand: int
    dc_on_order: int
    dc_pipeline: FifoQueue
    net_stock: Final[Array1D[np.int64]]
    on_order: Final[Array1D[np.int64]]  # what the DC owes included
    owed: Final[Array1D[np.int64]]
    shipments: Final[Array2D[np.int64]]  # (days of lead time, stores), a ring
    today: int
    category: StateCategory


@trajectory_context
@dataclass
class Books(TrajectoryContext):
    """What a trajectory adds up, over all stores."""

    demand: int
    filled: int
    on_hand_days: int
    backorder_days: int
    dc_on_hand_days: int

    def __init__(self, mdp: Chain) -> None:
        super().__init__(mdp)
        self.demand = 0
        self.filled = 0
        self.on_hand_days = 0
        self.backorder_days = 0
        self.dc_on_hand_days = 0


@mdp
@const_dataclass(init=False, slots=True)
class Chain:
    """Demand, the stores' base-stock orders and the DC's shipments (the event), then the DC's order (the action)."""

    stores: int
    lead_time: int
    dc_lead_time: int
    level: int
    dc_level: int
    holding_cost: float
    backorder_cost: float
    demand: AliasSampler
    num_actions: int
    horizon_type: HorizonType

    def __init__(
        self, stores: int, mean: float, lead_time: int, dc_lead_time: int, level: int, dc_level: int,
        holding_cost: float, backorder_cost: float,
    ):  # fmt: skip
        self.stores = stores
        self.lead_time = lead_time
        self.dc_lead_time = dc_lead_time
        self.level = level
        self.dc_level = dc_level
        self.holding_cost = holding_cost
        self.backorder_cost = backorder_cost
        self.demand = DiscreteDist.poisson(mean).alias_sampler()
        self.num_actions = 1000
        self.horizon_type = HorizonType.INFINITE

    def make_context(self) -> Books:
        return Books(self)

    def get_initial_state(self, context: Books) -> State:
        pipeline = FifoQueue()
        pipeline.reserve(self.dc_lead_time)
        pipeline.fill(self.dc_lead_time - 1)
        state = State(
            dc_on_hand=self.dc_level, dc_on_order=0, dc_pipeline=pipeline,
            net_stock=np.zeros(self.stores, dtype=np.int64), on_order=np.zeros(self.stores, dtype=np.int64),
            owed=np.zeros(self.stores, dtype=np.int64),
            shipments=np.zeros((self.lead_time, self.stores), dtype=np.int64), today=0,
            category=StateCategory.AWAIT_EVENT,
        )  # fmt: skip
        for k in range(self.stores):
            state.net_stock[k] = self.level
        return state

    def modify_state_with_event(self, state: State, context: Books) -> None:
        for k in range(self.stores):
            arriving = state.shipments[state.today, k]
            net_stock = state.net_stock[k] + arriving
            demand = self.demand.sample(context.rng)
            context.demand += demand
            context.filled += min(demand, max(net_stock, 0))
            net_stock -= demand
            if net_stock >= 0:
                context.on_hand_days += net_stock
                context.cumulative_cost += self.holding_cost * net_stock
            else:
                context.backorder_days -= net_stock
                context.cumulative_cost -= self.backorder_cost * net_stock
            state.net_stock[k] = net_stock
            on_order = state.on_order[k] - arriving
            order = max(self.level - net_stock - on_order, 0)
            state.on_order[k] = on_order + order
            owed = state.owed[k] + order
            shipped = min(owed, state.dc_on_hand)
            state.dc_on_hand -= shipped
            state.owed[k] = owed - shipped
            state.shipments[state.today, k] = shipped
        state.today += 1
        if state.today == self.lead_time:
            state.today = 0
        context.dc_on_hand_days += state.dc_on_hand
        context.cumulative_cost += self.holding_cost * state.dc_on_hand
        state.category = StateCategory.AWAIT_ACTION
        context.time_elapsed += 1

    def modify_state_with_action(self, state: State, context: Books, action: int) -> None:
        state.dc_pipeline.push_back(action)
        arriving = state.dc_pipeline.pop_front()
        state.dc_on_order += action - arriving
        state.dc_on_hand += arriving
        state.category = StateCategory.AWAIT_EVENT

    def write_action_validity(self, state: State, valid: Validity) -> None:
        for action in range(self.num_actions):
            valid.set(action, True)


@policy
@const_dataclass(slots=True)
class BaseStockAtDC:
    """The DC orders up to its level; what it owes the stores counts against its position."""

    mdp: Chain

    def get_action(self, state: State) -> int:
        position = state.dc_on_hand + state.dc_on_order
        for k in range(self.mdp.stores):
            position -= state.owed[k]
        return max(self.mdp.dc_level - position, 0)
