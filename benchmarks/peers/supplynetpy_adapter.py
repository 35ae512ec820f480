"""SupplyNetPy: discrete events on SimPy, continuous review (MIT licence).

A store's customers come once a day with the day's demand in one order, at whole times, and take what there is; days
without demand are skipped. An order then leaves at the time of the demand, and its lead time is shortened by a
millionth of a day, so that it arrives before the demand of its day, as in restock. Time averages of stock are then
those of the end of the day. Backorders are not averaged there. Logging is off.

With a DC, an order of a store waits until the DC can send all of it; restock sends what there is. So in that model
customers come one by one, at Poisson times, and every order is of one unit. What is on hand and short then has
restock's distribution at any time (net stock is level less demand of the lead time), but 'served at once' means at
that very moment and not on the same day: the fill rates of the two are not the same measure.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers.model import Answer, Model
from benchmarks.peers.sscont import SSCont
from benchmarks.peers.stores import Stores

PACKAGE = "supplynetpy"
REPLICATIONS, WARM, THREADS = 40, 1, (1,)
EARLY = 2.0**-20  # days by which a delivery comes before the demand of its day
ENOUGH = 10**9  # units that fit into any site

Draw = Callable[[], float]


def can(model: Model) -> str:
    """Why it cannot express a model; '' if it can."""
    return ""


def differences(model: Model) -> dict[str, str]:
    """Measures that are not meant to be equal, and why."""
    if not isinstance(model, Stores) or not model.dc_level:
        return {}
    found = {"fill rate": "served at that moment, not on the same day"}
    if model.stores > 1:
        found["on hand"] = "a short DC serves orders as they came, not stores as listed"
    return found


def run(model: Model, replications: int, seed: int = 1, threads: int = 1) -> Answer:
    """Every replication a network of its own, its warm-up left out by `reset_stats`."""
    rng = np.random.default_rng(seed)
    rows = [_replication(model, rng) for _ in range(replications)]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _replication(model: Model, rng: np.random.Generator) -> dict[str, float]:
    return _sscont(model, rng) if isinstance(model, SSCont) else _stores(model, rng)  # type: ignore[arg-type]


class _Network:
    """Sites and links as they are added, and the run."""

    def __init__(self) -> None:
        import simpy
        import SupplyNetPy.Components as scm

        self.env, self.scm = simpy.Environment(), scm
        supplier = scm.Supplier(env=self.env, ID="supplier", name="supplier", node_type="infinite_supplier")
        self.nodes: list[Any] = [supplier]
        self.links: list[Any] = []
        self.demands: list[Any] = []

    def site(self, name: str, kind: str, opening: int, s: int, level: int, source: Any, lead_time: Draw) -> Any:
        node = self.scm.InventoryNode(
            env=self.env, ID=name, name=name, node_type=kind, capacity=ENOUGH, initial_level=opening,
            inventory_holding_cost=0.0, replenishment_policy=self.scm.SSReplenishment,
            policy_param={"s": s, "S": level}, product_sell_price=0.0, product_buy_price=0.0,
        )  # fmt: skip
        self.nodes.append(node)
        link = self.scm.Link(env=self.env, ID=f"to_{name}", source=source, sink=node, cost=0.0, lead_time=lead_time)
        self.links.append(link)
        return node

    def customers(self, store: Any, interval: Draw, quantity: Draw, wait: bool) -> None:
        name = f"customers_{store.ID}"
        waiting = {"tolerance": float("inf"), "order_min_split_ratio": 1e-9} if wait else {"consume_available": True}
        self.demands.append(self.scm.Demand(env=self.env, ID=name, name=name, order_arrival_model=interval,
                                            order_quantity_model=quantity, demand_node=store, **waiting))  # fmt: skip

    def simulate(self, warm_up: int, periods: int) -> tuple[float, float]:
        """Units asked for and units not served at once, after the warm-up."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network = self.scm.Network.build(nodes=self.nodes, links=self.links, demands=self.demands, env=self.env)
            network.simulate(warm_up, logging=False).reset_stats().simulate(periods, logging=False)
        asked = sum(customers.stats.demand_placed[1] for customers in self.demands)
        return asked, sum(customers.demand_node.stats.shortage[1] for customers in self.demands)


def _stores(model: Stores, rng: np.random.Generator) -> dict[str, float]:
    network = _Network()
    source = network.nodes[0]
    early = 0.0 if model.dc_level else EARLY
    if model.dc_level:
        level = model.dc_level
        source = network.site("dc", "distributor", level, level - 1, level, source, lambda: model.dc_lead_time)
    stores = []
    for k in range(model.stores):
        level = model.order_up_to_level
        store = network.site(f"store_{k}", "retailer", level, model.reorder_point, level, source,
                             lambda: model.lead_time - early)  # fmt: skip
        interval, quantity = (_one_by_one if model.dc_level else _once_a_day)(model, rng)
        network.customers(store, interval, quantity, model.backorders)
        stores.append(store)
    asked, short = network.simulate(model.warm_up, model.periods)
    on_hand = sum(store.stats.avg_inventory_level for store in stores)
    found = {"fill rate": 1 - short / asked, "on hand": on_hand}
    found |= {"DC on hand": source.stats.avg_inventory_level} if model.dc_level else {}
    if not model.backorders:
        found["cost"] = model.holding_cost * on_hand + model.shortage_cost * short / model.days
    return found


def _once_a_day(model: Stores, rng: np.random.Generator) -> tuple[Draw, Draw]:
    """Days between days with demand, and their demand, drawn beforehand; the constructor tries each once."""
    demand = rng.poisson(model.demand_mean, model.periods + 64)
    days = np.nonzero(demand)[0]
    return _drawn([1, *np.diff(days).tolist()]), _drawn([1, *demand[days].tolist()])


def _one_by_one(model: Stores, rng: np.random.Generator) -> tuple[Draw, Draw]:
    many = int(model.demand_mean * model.periods * 1.2) + 200
    return _drawn(rng.exponential(1 / model.demand_mean, many).tolist()), lambda: 1


def _drawn(values: list[float]) -> Draw:
    return itertools.chain(values, itertools.repeat(1)).__next__


def _sscont(model: SSCont, rng: np.random.Generator) -> dict[str, float]:
    """Fractional units, as in SSCONT itself."""
    network = _Network()
    many = model.periods + 64
    lead_times = _drawn((1 - EARLY + rng.poisson(model.lead_mean, many)).tolist())
    store = network.site("store", "retailer", model.reorder_point, model.reorder_point, model.order_up_to_level,
                         network.nodes[0], lead_times)  # fmt: skip
    network.customers(store, lambda: 1, _drawn(rng.exponential(model.demand_mean, many).tolist()), wait=True)
    asked, short = network.simulate(model.warm_up, model.periods)
    orders, ordered = store.stats.demand_placed
    on_hand = store.stats.avg_inventory_level
    cost = model.holding_cost * on_hand + (model.shortage_cost * short + model.ordering_cost * orders
                                           + model.unit_cost * ordered) / model.days  # fmt: skip
    return {"fill rate": 1 - short / asked, "on hand": on_hand, "orders": orders / model.days, "cost": cost}
