"""Small chains that several tests run."""

import numpy as np

from restock.policies.base_stock import BaseStock
from restock.sim.model.network import Costs, Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Empirical, NegativeBinomial, Poisson

LEAN, RICH = BaseStock(safety_factor=0.5), BaseStock(safety_factor=2.0)


def small_chain(items=12, stores=3, days=84, warm_up=28, backorder_share=0.5):
    """A DC and some stores; every third item is not sold at the last store."""
    sites = [Site("dc", "dc"), *(Site(f"store_{k}", served_by="dc") for k in range(stores))]
    lead = Empirical((1, 2, 4), (0.5, 0.3, 0.2))
    lanes = [Lane("supplier", "dc", lead, ordering_cost=20, transport_cost_per_unit=0.05)]
    lanes += [Lane("dc", site.name, lead, ordering_cost=2, transport_cost_per_unit=0.1) for site in sites[1:]]
    goods = [
        Item(
            f"item_{i}",
            ("dairy", "bakery")[i % 2],
            unit_cost=1.0 + i,
            unit_price=1.5 * (1 + i),
            backorder_share=backorder_share,
        )
        for i in range(items)
    ]
    demand = {
        (item.name, site.name): Poisson(1.0 + i % 5) if i % 2 else NegativeBinomial(3.0, 0.5)
        for i, item in enumerate(goods)
        for site in sites[1:]
        if i % 3 or site is not sites[-1]
    }
    costs = Costs(carrying_rate=0.25, goodwill_share=0.05, overstock_days=5)
    return Prepared(scenario_of("small", goods, sites, lanes, demand, days=days, warm_up=warm_up, costs=costs))


def ledger_of(scenario, **columns):
    """A ledger (items, sites, columns) with the figures given, shape (items, sites) each, and zeros elsewhere."""
    from restock.sim.measures.ledger import COUNT, NAMES

    out = np.zeros((*scenario.stocked.shape, COUNT), np.int64)
    for name, values in columns.items():
        out[..., NAMES.index(name)] = values
    return out
