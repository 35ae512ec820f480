"""The shop of the examples in docstrings: small enough to be simulated in a moment."""

from __future__ import annotations

from typing import Any

from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson


def one_shop(**settings: Any) -> Prepared:
    """Milk and bread at one store for four weeks: Poisson demand of 5 and 3 a day, two days of lead time and as
    much opening stock.

    Parameters
    ----------
    settings
        Of the scenario (`model.scenario.Scenario`), in the place of its defaults.

    >>> shop = one_shop(days=56)
    >>> [item.name for item in shop.scenario.items], shop.scenario.days
    (['milk', 'bread'], 56)
    """
    items = [Item("milk", unit_cost=1.0, unit_price=1.5), Item("bread", unit_cost=2.0, unit_price=3.0)]
    demand = {("milk", "store"): Poisson(5.0), ("bread", "store"): Poisson(3.0)}
    lanes = [Lane("supplier", "store", Constant(2), ordering_cost=1.0)]
    return Prepared(
        scenario_of("shop", items, [Site("store")], lanes, demand, **({"days": 28, "opening_days": 2} | settings))
    )
