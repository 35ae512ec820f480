"""SSCONT, the (s, S) inventory of the simulation-optimisation testbed SimOpt, in whole units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.peers.model import Answer, Model
from restock.policies.reorder_point import ReorderPoint
from restock.sim.measures.facts import FACT
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.planning.policy import Policy
from restock.sim.probability.laws import Empirical, Law, Poisson, RoundedGamma


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
