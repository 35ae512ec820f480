"""One item at a store, or at a DC and its stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.peers.model import Answer, Model
from restock.policies.reorder_point import ReorderPoint
from restock.sim.measures.facts import FACT
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.planning.policy import Policy
from restock.sim.probability.laws import Constant, Law, Poisson
from restock.sim.theory.base_stock import base_stock_service
from restock.sim.theory.lost_sales import lost_sales_service
from restock.sim.theory.min_max import min_max
from restock.sim.theory.serial import two_stages
from restock.sim.verification.cases.rules import LevelsBySite


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
