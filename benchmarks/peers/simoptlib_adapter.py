"""simoptlib (SimOpt): its problem SSCONT, fractional units, replication by replication (MIT licence).

The random numbers come from the compiled backend of `mrg32k3a`, its fastest: the environment asks for it before the
first import. Costs and order events are those of SSCONT; see `sscont.SSCont` for what restock rounds.
"""

from __future__ import annotations

import os

import numpy as np

from benchmarks.peers.model import Answer, Model
from benchmarks.peers.sscont import SSCont

PACKAGE = "simoptlib"
REPLICATIONS, WARM, THREADS = 200, 1, (1,)


def can(model: Model) -> str:
    """Why it cannot express a model; '' if it can."""
    return "" if isinstance(model, SSCont) else "its one inventory model of this kind is SSCONT"


def differences(model: Model) -> dict[str, str]:
    """Measures that are not meant to be equal, and why."""
    return {}


def run(model: SSCont, replications: int, seed: int = 1, threads: int = 1) -> Answer:
    """`Model.replicate` with a substream of each stream for each replication."""
    os.environ.setdefault("MRG32K3A_BACKEND", "rust")
    from mrg32k3a.mrg32k3a import MRG32k3a
    from simopt.models.sscont import SSCont as Theirs

    theirs = Theirs({
        "demand_mean": model.demand_mean, "lead_mean": model.lead_mean, "backorder_cost": model.shortage_cost,
        "holding_cost": model.holding_cost, "fixed_cost": model.ordering_cost, "variable_cost": model.unit_cost,
        "s": float(model.reorder_point), "S": float(model.order_up_to_level), "n_days": model.days,
        "warmup": model.warm_up,
    })  # fmt: skip
    streams = [MRG32k3a(s_ss_sss_index=[seed, k, 0]) for k in range(theirs.n_rngs)]
    theirs.before_replicate(streams)
    rows = []
    for _ in range(replications):
        found, _ = theirs.replicate()
        cost = found["avg_backorder_costs"] + found["avg_order_costs"] + found["avg_holding_costs"]
        rows.append((found["on_time_rate"], found["avg_holding_costs"] / model.holding_cost, found["order_rate"], cost))
        for stream in streams:
            stream.advance_subsubstream()
    return dict(zip(("fill rate", "on hand", "orders", "cost"), np.array(rows).T, strict=True))
