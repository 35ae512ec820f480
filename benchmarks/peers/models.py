"""The models that are compared: each said once, in words and numbers, with restock's scenario and the exact answer.

A day here is restock's: delivery, demand, then the order, which arrives `lead_time` mornings later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from policies.reorder_point import ReorderPoint
from sim.facts import FACT
from sim.laws import Constant, Empirical, Law, Poisson, RoundedGamma
from sim.network import Item, Lane, Site
from sim.policy import Policy
from sim.scenario import Scenario, scenario_of
from sim.simulate import Prepared
from sim.study import evaluate
from sim.theory.base_stock import base_stock_service
from sim.theory.lost_sales import lost_sales_service
from sim.theory.min_max import min_max
from sim.theory.serial import two_stages
from sim.verify_cases.rules import LevelsBySite

Answer = dict[str, np.ndarray]
"""What a run says: measure -> one value for each replication. Units at the end of a day; money a day; shares."""


@dataclass(frozen=True)
class Model:
    """What all models share: how long a replication is, and how restock's answer is read."""

    name: str
    words: str
    days: int = 945
    warm_up: int = 56

    @property
    def periods(self) -> int:
        """Days of one replication, the warm-up included."""
        return self.days + self.warm_up

    @property
    def cells(self) -> int:
        """Sites that keep the item."""
        return 1

    def scenario(self) -> Scenario:
        raise NotImplementedError

    def policy(self) -> Policy:
        raise NotImplementedError

    def answer(self, sums: np.ndarray) -> Answer:
        """The measures, from the facts of every replication and site (replications, sites, FACTS)."""
        raise NotImplementedError

    def exact(self) -> Mapping[str, float]:
        """What theory says, for the measures for which there is a closed form."""
        return {}


@dataclass(frozen=True)
class Stores(Model):
    """One item at a store, or at a DC and the stores it serves; Poisson demand, constant lead times.

    Parameters
    ----------
    demand_mean : units a day at each store
    lead_time : days, to each store
    order_up_to_level, reorder_point : units, at each store (one apart: base stock)
    backorders : whether unmet demand waits, or is lost
    stores : number of stores
    dc_level, dc_lead_time : base-stock level and lead time of the DC; 0: no DC. A short DC serves the stores as listed
    holding_cost, shortage_cost : money a day for each unit on hand; for each unit that waits, or is lost
    """

    demand_mean: float = 5.0
    lead_time: int = 3
    order_up_to_level: int = 20
    reorder_point: int = 19
    backorders: bool = True
    stores: int = 1
    dc_level: int = 0
    dc_lead_time: int = 0
    holding_cost: float = 1.0
    shortage_cost: float = 9.0

    @property
    def cells(self) -> int:
        return self.stores + (self.dc_level > 0)

    def scenario(self) -> Scenario:
        names = [f"store_{k}" for k in range(1, self.stores + 1)]
        source = "dc" if self.dc_level else None
        sites = [Site(name, served_by=source) for name in names]
        lanes = [Lane(source or "supplier", name, Constant(self.lead_time)) for name in names]
        opening = [self.order_up_to_level] * self.stores
        if self.dc_level:
            sites.insert(0, Site("dc", "dc", allocation="priority"))
            lanes.insert(0, Lane("supplier", "dc", Constant(self.dc_lead_time)))
            opening.insert(0, self.dc_level)
        item = Item("item", backorder_share=float(self.backorders))
        demand: dict[tuple[str, str], Law] = {("item", name): Poisson(self.demand_mean) for name in names}
        return scenario_of(self.name, [item], sites, lanes, demand, days=self.days, warm_up=self.warm_up,
                           opening_stock=np.array([opening]))  # fmt: skip

    def policy(self) -> Policy:
        if self.dc_level:
            levels = (self.dc_level, *[self.order_up_to_level] * self.stores)
            return LevelsBySite(level_of=levels, review_of=(1,) * self.cells)
        return ReorderPoint(reorder_point=self.reorder_point, order_up_to_level=self.order_up_to_level)

    def answer(self, sums: np.ndarray) -> Answer:
        stores, days = sums[:, -self.stores :], self.days
        on_hand = stores[..., FACT["on_hand_days"]].sum(1) / days
        waiting = stores[..., FACT["backorder_days"]].sum(1) / days
        lost = stores[..., FACT["lost"]].sum(1) / days
        found = {"fill rate": stores[..., FACT["filled"]].sum(1) / stores[..., FACT["demand"]].sum(1)}
        found["on hand"] = on_hand
        found |= {"backorders": waiting} if self.backorders else {}
        dc = sums[:, 0, FACT["on_hand_days"]] / days if self.dc_level else 0.0
        found |= {"DC on hand": dc} if self.dc_level else {}
        found["cost"] = self.holding_cost * (on_hand + dc) + self.shortage_cost * (waiting + lost)
        return found

    def exact(self) -> Mapping[str, float]:
        law, level = Poisson(self.demand_mean), self.order_up_to_level
        if self.dc_level:
            if self.stores > 1:
                return {}
            dc, store = two_stages(self.demand_mean, self.dc_lead_time, self.lead_time, self.dc_level, level)
            on_hand, waiting = store.mean_on_hand, store.mean_backorders
            cost = self.holding_cost * (on_hand + dc.mean_on_hand) + self.shortage_cost * waiting
            return {"on hand": on_hand, "backorders": waiting, "DC on hand": dc.mean_on_hand, "cost": cost}
        if not self.backorders:
            lost = lost_sales_service(law, level, self.lead_time)
            cost = self.holding_cost * lost.mean_on_hand + self.shortage_cost * (1 - lost.fill_rate) * self.demand_mean
            return {"fill rate": lost.fill_rate, "on hand": lost.mean_on_hand, "cost": cost}
        if self.reorder_point == level - 1:
            found = base_stock_service(law, level, self.lead_time)
        else:
            found = min_max(law, self.reorder_point, level, self.lead_time)  # type: ignore[assignment]
        cost = self.holding_cost * found.mean_on_hand + self.shortage_cost * found.mean_backorders
        return {"fill rate": found.fill_rate, "on hand": found.mean_on_hand, "backorders": found.mean_backorders,
                "cost": cost}  # fmt: skip


@dataclass(frozen=True)
class SSCont(Model):
    """The model SSCONT of the simulation-optimisation testbed SimOpt, with its own numbers.

    Exponential demand, Poisson lead times that may cross, all unmet demand waits. There an order is placed when the
    position is below s, and arrives on the next morning + lead time; a unit short costs once, when it is asked for.
    Here demand is rounded to whole units (mean 100, so by 0.5% of its standard deviation), which makes 'below s'
    'at or below s - 1', and the lead time is 1 + Poisson(6), cut off where its tail is below 1e-9.
    """

    demand_mean: float = 100.0
    lead_mean: float = 6.0
    reorder_point: int = 1000
    order_up_to_level: int = 2000
    holding_cost: float = 1.0
    shortage_cost: float = 4.0
    ordering_cost: float = 36.0
    unit_cost: float = 2.0

    def laws(self) -> tuple[Law, Law]:
        """A day's demand, and a lead time, in whole units and days."""
        p = Poisson(self.lead_mean).pmf()
        p = p[: int(np.count_nonzero(np.cumsum(p[::-1])[::-1] > 1e-9))]
        exponential = RoundedGamma(self.demand_mean, self.demand_mean)  # a gamma of shape 1
        return exponential, Empirical(tuple(range(1, len(p) + 1)), tuple(p.tolist()))

    def scenario(self) -> Scenario:
        demand, lead_time = self.laws()
        return scenario_of(self.name, [Item("item", backorder_share=1.0)], [Site("store")],
                           [Lane("supplier", "store", lead_time)], {("item", "store"): demand}, days=self.days,
                           warm_up=self.warm_up, opening_stock=np.array([[self.reorder_point]]))  # fmt: skip

    def policy(self) -> Policy:
        return ReorderPoint(reorder_point=self.reorder_point - 1, order_up_to_level=self.order_up_to_level)

    def answer(self, sums: np.ndarray) -> Answer:
        of = {name: sums[:, 0, FACT[name]] for name in ("on_hand_days", "demand", "filled", "orders", "ordered")}
        short = of["demand"] - of["filled"]
        cost = self.holding_cost * of["on_hand_days"] + self.shortage_cost * short
        cost = cost + self.ordering_cost * of["orders"] + self.unit_cost * of["ordered"]
        return {"fill rate": of["filled"] / of["demand"], "on hand": of["on_hand_days"] / self.days,
                "orders": of["orders"] / self.days, "cost": cost / self.days}  # fmt: skip


BASE_STOCK = Stores("store, base stock", "Poisson(5), S = 20, lead time 3, backorders")
MIN_MAX = Stores("store, (s, S)", "Poisson(5), s = 20, S = 40, lead time 4, backorders", lead_time=4,
                 reorder_point=20, order_up_to_level=40)  # fmt: skip
LOST_SALES = Stores("store, lost sales", "Poisson(5), S = 18, lead time 3, unmet demand lost", order_up_to_level=18,
                    reorder_point=17, backorders=False)  # fmt: skip
SERIAL = Stores("DC + 1 store", "Poisson(4); levels 10 and 6, lead times 2 and 1, backorders", demand_mean=4.0,
                lead_time=1, order_up_to_level=6, reorder_point=5, dc_level=10, dc_lead_time=2)  # fmt: skip
CHAIN = Stores("DC + 5 stores", "Poisson(4) each; levels 42 and 10, lead times 2 and 2, backorders", demand_mean=4.0,
               lead_time=2, order_up_to_level=10, reorder_point=9, stores=5, dc_level=42, dc_lead_time=2)  # fmt: skip
SSCONT = SSCont("SSCONT", "exponential(100), s = 1000, S = 2000, lead time 1 + Poisson(6), backorders")
MODELS: tuple[Model, ...] = (BASE_STOCK, MIN_MAX, LOST_SALES, SERIAL, CHAIN, SSCONT)


def run(model: Model, replications: int, seed: int = 1, threads: int = 1) -> Answer:
    """The model in restock, from its description to its answer: arrays, simulation, statistics."""
    outcome = evaluate(Prepared(model.scenario()), model.policy(), replications, seed, threads)
    return model.answer(outcome.rollup.sums["site"])
