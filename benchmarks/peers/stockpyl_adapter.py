"""stockpyl: periodic review, one period at a time in Python (Snyder, MIT licence).

Its period is restock's day: demand is seen, orders go upstream, shipments arrive and serve the period, so a shipment
lead time of L is L here. A short DC serves the stores in the order listed. No lost sales, no random lead times.
The checks of its own books are switched off ('N'), as is the progress bar.
"""

from __future__ import annotations

import numpy as np

from benchmarks.peers.model import Answer, Model
from benchmarks.peers.stores import Stores

PACKAGE = "stockpyl"
REPLICATIONS, WARM, THREADS = 40, 1, (1,)


def can(model: Model) -> str:
    """Why it cannot express a model; '' if it can."""
    if not isinstance(model, Stores):
        return "no random lead times"
    return "" if model.backorders else "unmet demand always waits"


def differences(model: Model) -> dict[str, str]:
    """Measures that are not meant to be equal, and why."""
    return {}


def run(model: Stores, replications: int, seed: int = 1, threads: int = 1) -> Answer:
    """Every replication on its own, as `stockpyl.sim.run_multiple_trials` does, reading more than its cost."""
    from stockpyl.sim import simulation

    network = _network(model)
    rows = []
    for r in range(replications):
        simulation(network, model.periods, rand_seed=1000 * seed + r, progress_bar=False, consistency_checks="N")
        rows.append(_read(model, network))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _network(model: Stores):  # type: ignore[no-untyped-def]
    from stockpyl.demand_source import DemandSource
    from stockpyl.policy import Policy
    from stockpyl.supply_chain_network import network_from_edges

    dc = [0] if model.dc_level else []
    stores = list(range(1, model.stores + 1))
    network = network_from_edges([(0, k) for k in stores] if dc else [], node_order_in_lists=[*dc, *stores])
    for node in network.nodes:
        at_store = node.index in stores
        node.local_holding_cost, node.in_transit_holding_cost = model.holding_cost, 0
        node.stockout_cost = model.shortage_cost if at_store else 0
        node.shipment_lead_time = model.lead_time if at_store else model.dc_lead_time
        node.supply_type = None if dc and at_store else "U"
        if at_store:
            node.demand_source = DemandSource(type="P", mean=model.demand_mean)
        if at_store and model.reorder_point < model.order_up_to_level - 1:
            levels = {"reorder_point": model.reorder_point, "order_up_to_level": model.order_up_to_level}
            node.inventory_policy = Policy(type="sS", node=node, **levels)
        else:
            level = model.order_up_to_level if at_store else model.dc_level
            node.inventory_policy = Policy(type="BS", node=node, base_stock_level=level)
    return network


def _read(model: Stores, network) -> dict[str, float]:  # type: ignore[no-untyped-def]
    """Means over the days after the warm-up, from the state of every node in every period."""
    filled = demand = on_hand = waiting = dc_on_hand = cost = 0.0
    for node in network.nodes:
        product = node.product_indices[0]
        for state in node.state_vars[model.warm_up : model.periods]:
            stock = state.inventory_level[product]
            cost += state.holding_cost_incurred + state.stockout_cost_incurred
            if node.index == 0:
                dc_on_hand += max(stock, 0)
                continue
            on_hand += max(stock, 0)
            waiting += max(-stock, 0)
            filled += state.demand_met_from_stock[product]
            demand += state.inbound_order[None][product]
    days = model.days
    found = {"fill rate": filled / demand, "on hand": on_hand / days, "backorders": waiting / days}
    found |= {"DC on hand": dc_on_hand / days} if model.dc_level else {}
    return found | {"cost": cost / days}
