"""Scenarios and policies with figures up to what a cell can hold, and beyond it: see `planning.limits`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from worlds import policies, scenarios

from restock.sim.features.limits.settings import Limits
from restock.sim.features.push.settings import Push
from restock.sim.model.network import Item
from restock.sim.model.scenario import Scenario
from restock.sim.model.unit_limits import LARGEST_UNITS
from restock.sim.planning.policy import Policy
from restock.sim.probability.laws import Constant, Empirical, NegativeBinomial, Poisson

FIGURES = (0, 9, 40_000, 3_000_000, 2**24 - 1, 2**24, 40_000_000, 2**27, LARGEST_UNITS // 3, LARGEST_UNITS)
LAWS = (
    Poisson(3.0),
    NegativeBinomial(900.0, 0.5),
    Constant(50_000),
    Constant(65_535),
    Empirical((0, 60_000), (9, 1)),
)


@st.composite
def large_scenarios(draw) -> Scenario:
    """Any scenario of up to five items, some of its figures large; the runs are longer than a sum of eight weeks.

    A short site never shares by days of supply or by shortfall: that goes unit by unit, and there may be 200 million.
    """
    scenario: Scenario = draw(scenarios(most_items=5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    first = draw(st.integers(0, len(FIGURES) - 3))
    figures = FIGURES[first : first + 4]
    costs = scenario.feature("unit_costs")
    if draw(st.booleans()):
        costs = dataclasses.replace(costs, cost_flow=True)
    dear = draw(st.sampled_from([1.0, 1.0, 1_000.0]))
    items = [
        dataclasses.replace(
            item,
            unit_cost=item.unit_cost * dear,
            unit_price=item.unit_price * dear,
            minimum_order=int(rng.choice(figures)) if rng.integers(4) == 0 else item.minimum_order,
            pack=(pack := max(1, int(rng.choice(figures))) if rng.integers(4) == 0 else item.pack),
            own={**item.own, "shelf": item.own.get("shelf") and max(pack, item.own["shelf"])},
        )
        for item in scenario.items
    ]
    sites = [
        dataclasses.replace(site, allocation="priority", target_days=None, allocation_sees="stock", cross_dock=False)
        if site.allocation in ("fair_share", "min_max_shortfall")
        else dataclasses.replace(site, cross_dock=False)
        for site in scenario.sites
    ]
    opening = rng.choice(figures, scenario.stocked.shape) if draw(st.booleans()) else None
    demand = scenario.demand
    if demand.source == "fitted" and draw(st.booleans()):
        law_of = np.where(demand.law_of >= 0, demand.law_of % len(LAWS), -1)
        demand = dataclasses.replace(demand, laws=LAWS, law_of=law_of, seasons=demand.seasons[:1], season_of=None)
        demand = dataclasses.replace(demand, cv_factor=1.0, scale=1.0)
    return scenario.having(
        costs, Push(), room_for_packs(scenario.feature("limits"), items), items=items, sites=sites, demand=demand,
        opening_stock=opening, events=(), days=draw(st.sampled_from([130, 60, scenario.days])),
    )  # fmt: skip


def room_for_packs(limits: Limits, items: list[Item]) -> Limits:
    """Limits on what is ordered that let a pack of each item pass; budgets too small for one go."""
    size = max(item.pack * (item.own.get("volume") or 1) for item in items)
    price = max(item.pack * item.unit_cost for item in items)
    sites = {
        name: {**each, "space": max(size, each["space"])} if each.get("space") else each
        for name, each in limits.sites.items()
    }
    return dataclasses.replace(limits, sites=sites, budgets=limits.budgets if price <= 50 else {})


@dataclass(frozen=True)
class Lots(Policy):
    """Keeps a base stock, and orders a lot every few days whether or not it is needed."""

    base: int = 50
    lot: int = 1_000
    every: int = 5
    factor: int = 1

    def levels(self, known):
        spread = 1 + np.arange(known.stocked.size).reshape(known.stocked.shape) % 3
        return {
            "base": np.full(known.stocked.shape, self.base),
            "lot": self.lot // spread,
            "every": self.every,
            "factor": self.factor,
        }

    @staticmethod
    def rule(view, levels):
        if view.day % levels.every == levels.every - 1:
            return levels.lot * levels.factor
        return max(0, levels.base - view.inventory_position)


class Growing(Policy):
    """A forecast that grows without bound, and a rule that hardly listens to it."""

    forecast_slot = 0

    def levels(self, known):
        return {"most": np.full(known.stocked.shape, 1_000_000)}

    def memory(self, known):
        return np.array([1.0])

    @staticmethod
    def learn(seen, levels, memory):
        memory[0] = 1.2 * memory[0] + 0.01 * seen.sales

    @staticmethod
    def rule(view, levels, memory):
        return min(levels.most, max(0, 20_000 - view.inventory_position - view.sales))


lots = st.builds(
    Lots,
    base=st.sampled_from(FIGURES),
    lot=st.sampled_from(FIGURES[:2:-1]),
    every=st.sampled_from([1, 2, 5, 9, 30]),
    factor=st.sampled_from([1] * 8 + [2, 2**10]),
    review_period=st.sampled_from([1, 1, 3]),
)
large_policies = st.one_of(lots, lots, lots, lots, lots, policies, policies, st.just(Growing()))
