"""DynaPlex: a compiled engine for Markov decision problems, several threads (closed source, free of charge).

Lost sales: its own `LostSalesMDP` and `BaseStockPolicy`, which order before the day's demand; a lead time L there is
L + 1 here. The others are written for this comparison in its language (`dynaplex_store`, `dynaplex_chain`,
`dynaplex_sscont`). Simulation by its `PolicyComparer`, the checks of model and policy compiled out (`checks=False`),
one worker for each thread. What is compiled is kept from one call to the next, as restock keeps its kernel.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from benchmarks.peers.model import Answer, Model
from benchmarks.peers.sscont import SSCont
from benchmarks.peers.stores import Stores

PACKAGE = "dynaplex"
REPLICATIONS, WARM, THREADS = 8192, None, (1, 2)  # the run that does not count has all replications: it compiles


def can(model: Model) -> str:
    """Why it cannot express a model; '' if it can."""
    return ""


def differences(model: Model) -> dict[str, str]:
    """Measures that are not meant to be equal, and why."""
    return {}


def run(model: Model, replications: int, seed: int = 1, threads: int = 1) -> Answer:
    """One call for all replications."""
    comparer, policy = _compiled(model, replications, seed, threads)
    found = comparer.assess(policy)
    if isinstance(model, Stores) and not model.backorders:
        return {"cost": found.returns}
    books, days = found.stats, found.stats.time_elapsed
    answer = {"fill rate": books.filled / books.demand, "on hand": books.on_hand_days / days}
    if isinstance(model, SSCont):
        answer["orders"] = books.orders / days
    else:
        answer["backorders"] = books.backorder_days / days
    if isinstance(model, Stores) and model.dc_level:
        answer["DC on hand"] = books.dc_on_hand_days / days
    return answer | {"cost": found.returns}


@cache
def _compiled(model: Model, replications: int, seed: int, threads: int) -> tuple[Any, Any]:
    from dynaplex import PolicyComparer

    if isinstance(model, SSCont):
        theirs, policy = _sscont(model)
    elif isinstance(model, Stores):
        theirs, policy = _chain(model) if model.dc_level else _store(model) if model.backorders else _lost_sales(model)
    comparer = PolicyComparer(theirs, number_of_trajectories=replications, warmup_time=model.warm_up,
                              horizon=model.days, seed=seed, workers=threads, checks=False)  # fmt: skip
    return comparer, policy


def _store(model: Stores) -> tuple[Any, Any]:
    from benchmarks.peers.dynaplex_store import MinMax, Store

    theirs = Store(model.demand_mean, model.lead_time, model.order_up_to_level, model.holding_cost,
                   model.shortage_cost)  # fmt: skip
    return theirs, MinMax(theirs, model.reorder_point, model.order_up_to_level)


def _lost_sales(model: Stores) -> tuple[Any, Any]:
    from dynaplex.modelling import DiscreteDist
    from dynaplex.models.lost_sales import BaseStockPolicy, LostSalesMDP

    theirs = LostSalesMDP(model.shortage_cost, model.holding_cost, model.lead_time - 1,
                          DiscreteDist.poisson(model.demand_mean), bound_order_size_to_max_system_inv=True)  # fmt: skip
    assert model.order_up_to_level <= theirs.max_system_inv, "the peer would cap the orders"
    return theirs, BaseStockPolicy(theirs, model.order_up_to_level)


def _chain(model: Stores) -> tuple[Any, Any]:
    from benchmarks.peers.dynaplex_chain import BaseStockAtDC, Chain

    theirs = Chain(model.stores, model.demand_mean, model.lead_time, model.dc_lead_time, model.order_up_to_level,
                   model.dc_level, model.holding_cost, model.shortage_cost)  # fmt: skip
    return theirs, BaseStockAtDC(theirs)


def _sscont(model: SSCont) -> tuple[Any, Any]:
    from benchmarks.peers import dynaplex_sscont as theirs_module

    demand, lead_time = (law.pmf().tolist() for law in model.laws())
    theirs = theirs_module.SSCont(demand, lead_time, model.reorder_point, model.holding_cost, model.shortage_cost,
                                  model.ordering_cost, model.unit_cost)  # fmt: skip
    return theirs, theirs_module.MinMax(theirs, model.reorder_point - 1, model.order_up_to_level)
