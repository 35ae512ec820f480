"""A store with backorders in DynaPlex's language, a compiled subset of Python; imported where DynaPlex is installed.

A period is restock's day: demand, then the order; it arrives `lead_time` mornings later.
"""

from __future__ import annotations

from dataclasses import dataclass

from dynaplex.modelling import (
    AliasSampler,
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
    """Stock on hand less backorders; orders on their way, the oldest first, and their sum."""

    net_stock: int
    on_order: int
    pipeline: FifoQueue
    category: StateCategory


@trajectory_context
@dataclass
class Books(TrajectoryContext):
    """What a trajectory adds up."""

    demand: int
    filled: int
    on_hand_days: int
    backorder_days: int

    def __init__(self, mdp: Store) -> None:
        super().__init__(mdp)
        self.demand = 0
        self.filled = 0
        self.on_hand_days = 0
        self.backorder_days = 0


@mdp
@const_dataclass(init=False, slots=True)
class Store:
    """Demand (the event), then the evening's order (the action)."""

    lead_time: int
    opening: int
    holding_cost: float
    backorder_cost: float
    demand: AliasSampler
    num_actions: int
    horizon_type: HorizonType

    def __init__(self, mean: float, lead_time: int, opening: int, holding_cost: float, backorder_cost: float):
        self.lead_time = lead_time
        self.opening = opening
        self.holding_cost = holding_cost
        self.backorder_cost = backorder_cost
        self.demand = DiscreteDist.poisson(mean).alias_sampler()
        self.num_actions = 1000
        self.horizon_type = HorizonType.INFINITE

    def make_context(self) -> Books:
        return Books(self)

    def get_initial_state(self, context: Books) -> State:
        pipeline = FifoQueue()
        pipeline.reserve(self.lead_time)
        pipeline.fill(self.lead_time - 1)
        return State(net_stock=self.opening, on_order=0, pipeline=pipeline, category=StateCategory.AWAIT_EVENT)

    def modify_state_with_event(self, state: State, context: Books) -> None:
        demand = self.demand.sample(context.rng)
        context.demand += demand
        context.filled += min(demand, max(state.net_stock, 0))
        state.net_stock -= demand
        if state.net_stock >= 0:
            context.on_hand_days += state.net_stock
            context.cumulative_cost += self.holding_cost * state.net_stock
        else:
            context.backorder_days -= state.net_stock
            context.cumulative_cost -= self.backorder_cost * state.net_stock
        state.category = StateCategory.AWAIT_ACTION
        context.time_elapsed += 1

    def modify_state_with_action(self, state: State, context: Books, action: int) -> None:
        state.pipeline.push_back(action)
        arriving = state.pipeline.pop_front()  # tomorrow morning
        state.on_order += action - arriving
        state.net_stock += arriving
        state.category = StateCategory.AWAIT_EVENT

    def write_action_validity(self, state: State, valid: Validity) -> None:
        for action in range(self.num_actions):
            valid.set(action, True)


@policy
@const_dataclass(slots=True)
class MinMax:
    """(s, S); s = S - 1 is base stock."""

    mdp: Store
    reorder_point: int
    order_up_to_level: int

    def get_action(self, state: State) -> int:
        position = state.net_stock + state.on_order
        if position <= self.reorder_point:
            return self.order_up_to_level - position
        return 0
