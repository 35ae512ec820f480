"""The least value of an order line: what is not placed, where it binds, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_parity import both

from restock.experiments.cli import main
from restock.policies.base_stock import BaseStock
from restock.sim.engines.events.engine import Run
from restock.sim.errors import InputError
from restock.sim.features.order_terms.settings import OrderTerms
from restock.sim.features.second_source.settings import Sourcing
from restock.sim.measures.ledger import named
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson

MILK = Item("milk", unit_cost=2.5, backorder_share=1.0)


def chain(*features, item=MILK, to_dc=None, to_store=None):
    """A DC and the store that it serves, 3 units a day."""
    sites = [Site("dc", "dc"), Site("store", served_by="dc")]
    lanes = [Lane.with_settings("supplier", "dc", Constant(3), minimum_order_value=to_dc),
             Lane.with_settings("dc", "store", minimum_order_value=to_store)]  # fmt: skip
    return Prepared(scenario_of("chain", [item], sites, lanes, {("milk", "store"): Poisson(3.0)}, days=84,
                                features=features))  # fmt: skip


def orders(prepared, site):
    plan = prepared.plan(BaseStock())
    run = Run(prepared, plan, 1, 0, log=True).run()
    placed = [entry.quantity for entry in run.log if entry.what == "ordered" and entry.site == site]
    n = [each.name for each in prepared.scenario.sites].index(site)
    return placed, int(named(both(prepared, plan, series=True).ledger)["below_minimum"][0, 0, n]), run


def test_less_than_the_least_value_is_not_placed_and_asked_again():
    """20 money are 8 units at 2.50: base stock waits until so many are missing, and then orders all of them."""
    free, _, _ = orders(chain(), "dc")
    placed, dropped, run = orders(chain(OrderTerms(20.0)), "dc")
    assert min(free) < 8 <= min(placed) and dropped > 0
    waits = [entry for entry in run.log if entry.what == "not ordered, below the least value"]
    assert {entry.site for entry in waits} == {"dc"} and max(entry.quantity for entry in waits) < 8
    assert sum(placed) == pytest.approx(sum(free), abs=8)


def test_exactly_the_least_value_is_placed():
    class Eight(BaseStock):
        @staticmethod
        def rule(view, levels):
            return 8

    for value, placed in ((20.0, 84), (20.01, 0)):
        prepared = chain(OrderTerms(value))
        ledger = named(both(prepared, prepared.plan(Eight()), series=True).ledger)
        assert (ledger["orders"][..., 0] == placed).all() and (ledger["below_minimum"][..., 0] == 84 - placed).all()


def test_it_is_tested_after_packs():
    """A unit short is a pack of 8, which comes to the least value."""
    placed, dropped, _ = orders(chain(OrderTerms(20.0), item=Item("milk", unit_cost=2.5, pack=8)), "dc")
    assert dropped == 0 and all(units % 8 == 0 for units in placed)


def test_the_scenarios_binds_at_suppliers_and_a_lanes_own_where_it_stands():
    assert orders(chain(OrderTerms(20.0)), "store")[1] == 0
    assert orders(chain(to_store=20.0), "store")[1] > 0 and orders(chain(to_store=20.0), "dc")[1] == 0
    assert orders(chain(OrderTerms(20.0), to_dc=0.0), "dc")[1] == 0


def test_a_minimum_of_nothing_is_none():
    assert chain(OrderTerms(0.0), to_dc=0.0).world.features.order_terms.used == 0


def test_what_cannot_be_is_refused(tmp_path, monkeypatch, capsys):
    with pytest.raises(InputError) as caught:
        chain(OrderTerms(20.0), item=Item("milk", unit_cost=0.0)).world  # noqa: B018
    words = "minimum order value of lane 'supplier' -> 'dc' is 20, and item 'milk' costs nothing"
    assert str(caught.value) == words
    with pytest.raises(InputError) as caught:
        chain(OrderTerms(1e9), item=Item("milk", unit_cost=0.01)).world  # noqa: B018
    assert str(caught.value) == ("minimum order value of lane 'supplier' -> 'dc' is 1e+09, 100,000,000,000 units of "
                                 "item 'milk'; allowed: at most 268,435,455")  # fmt: skip
    lanes = [Lane("supplier", "store"), Lane.with_settings("near", "store", minimum_order_value=9.0)]
    with pytest.raises(InputError) as caught:
        scenario_of("shop", [MILK], [Site("store")], lanes, {("milk", "store"): Poisson(3.0)},
                    features=(Sourcing("split", "near", 0.5),))  # fmt: skip
    assert str(caught.value) == ("minimum_order_value of lane 'near' -> 'store': express orders, and parts of orders, "
                                 "have none")  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for word, said in (
        ("order_terms.minimum_value=-1",
         "order_terms.minimum_value must be a number from 0 to 1,000,000,000, got -1.0"),
        ("+scenario.lanes.shop.dairy.minimum_order_value=-1",
         "minimum_order_value of lane 'dairy' -> 'shop' must be a number from 0 to 1,000,000,000, got -1"),
    ):  # fmt: skip
        assert main(["run", "scenario=one_store", "policy=buffer", word]) == 2
        assert capsys.readouterr().err == f"restock: {said}\n" and not Path("runs").exists()
