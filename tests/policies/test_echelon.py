"""Echelon positions: what a DC and all sites below it have, and a policy that orders by it."""

import numpy as np
import pytest

from restock.policies.base_stock import BaseStock
from restock.policies.buffer import Buffer
from restock.policies.echelon_base_stock import EchelonBaseStock
from restock.sim.engines.events.engine import Run, run_events
from restock.sim.engines.rules.compiled_rules import plan_arrays
from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.measures.ledger import named
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.opening.opening_state import OpeningState
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, NegativeBinomial, Poisson
from restock.sim.run.shards import run_kernel
from restock.sim.study.projection.tonight import orders_now
from restock.sim.verification.cases.rules import EchelonLevelsBySite, LevelsBySite
from restock.sim.verification.cases.worlds import in_series


def tree(stores=(2, 1), packs=1, **settings):
    """A central DC, two regional ones with so many stores each, listed out of order."""
    names = [(f"dc_{k}", f"store_{k}{j}") for k, many in enumerate(stores) for j in range(many)]
    sites = [Site(store, served_by=dc) for dc, store in names] + [Site("centre", "dc")]
    sites += [Site(f"dc_{k}", "dc", served_by="centre") for k in range(len(stores))]
    lanes = [Lane("supplier", "centre", Constant(3)), *(Lane("dc_" + s.name[6], s.name) for s in sites[: len(names)])]
    lanes += [Lane("centre", f"dc_{k}", Constant(2)) for k in range(len(stores))]
    items = [Item("milk", pack=packs), Item("bread", backorder_share=1.0)]
    laws = {(item.name, store): NegativeBinomial(2.0 + k, 0.4) for item in items for k, (_, store) in enumerate(names)}
    return scenario_of("tree", items, sites, lanes, laws, days=56, **settings)


def both_engines(scenario, policy, replications=2):
    prepared = Prepared(scenario)
    plan = prepared.plan(policy)
    events, kernel = run_events(prepared, plan, 1, replications), run_kernel(prepared, plan, 1, replications)
    assert (events.ledger == kernel.ledger).all()
    return kernel.ledger


@pytest.mark.parametrize("records", [Records(), Records(lag=3), Records(lag=1, reconcile_every=7)])
def test_an_echelon_position_is_the_sum_of_the_positions_seen(records):
    """By hand from the log of the event engine: each site's view, with the orders of those below."""
    prepared = Prepared(tree().having(records, Shrinkage(0.05)))
    run = Run(prepared, prepared.plan(EchelonBaseStock()), 1, 0, log=True).run()
    position = {(r.day, r.site, r.item): r.view.inventory_position + r.ordered for r in run.reviews}
    under = {"dc_0": ["store_00", "store_01"], "dc_1": ["store_10"]}
    under["centre"] = [*under, *under["dc_0"], *under["dc_1"]]
    seen = 0
    for review in run.reviews:
        below = sum(position[review.day, site, review.item] for site in under.get(review.site, []))
        assert review.view.echelon_position == review.view.inventory_position + below
        seen += below != 0
    assert seen > 100


@pytest.mark.parametrize("records", [Records(), Records(lag=2)])
def test_in_series_it_is_base_stock_with_the_differences(records):
    scenario = in_series(Poisson(4.0), [3, 2, 1], [20, 15, 9], ["far", "near", "store"]).having(records)
    scenario = scenario.having(days=140, warm_up=0)
    echelon = both_engines(scenario, EchelonLevelsBySite(level_of=(44, 24, 9)))
    local = both_engines(scenario, LevelsBySite(level_of=(20, 15, 9)))
    assert (echelon == local).all()
    assert named(local)["ordered"].sum() > 0


def test_planned_levels_are_nested_and_in_series_those_of_base_stock():
    """The policy's own levels: the same z, so that base stock plans the differences."""
    from statistics import NormalDist

    scenario = in_series(Poisson(4.0), [3, 2, 1], [99, 99, 99], ["far", "near", "store"]).having(days=140, warm_up=0)
    prepared = Prepared(scenario)
    level = prepared.plan(EchelonBaseStock(target=0.9)).levels[0]["echelon_base_stock_level"][0]
    local = prepared.plan(BaseStock(safety_factor=NormalDist().inv_cdf(0.9))).levels[0]["base_stock_level"][0]
    assert (level - np.append(level[1:], 0) == local).all() and (local > 0).all()
    sites = Prepared(tree())
    levels = sites.plan(EchelonBaseStock()).levels[0]["echelon_base_stock_level"]
    parent = sites.scenario.parent
    assert all((levels[:, n] > levels[:, parent == n].sum(axis=1)).all() for n in set(parent.tolist()) - {-1})


def test_a_dc_that_sees_sales_orders_before_its_stores_do():
    """Stores order on Mondays; what they sell is in the echelon position the same evening."""
    scenario = tree()
    weekly = [
        lane.having(order_days=("mon",)) if lane.destination.startswith("store") else lane for lane in scenario.lanes
    ]
    scenario = scenario.having(lanes=weekly)
    echelon = both_engines(scenario, EchelonBaseStock(target=0.95))
    local = both_engines(scenario, BaseStock(safety_factor=1.645))
    assert (echelon != local).any()
    centre = [site.name for site in scenario.sites].index("centre")
    orders = [named(ledger)["orders"][:, :, centre].sum() for ledger in (echelon, local)]
    assert orders[0] > 2 * orders[1]  # day by day, not once a week as its stores order


class Inside(Policy):
    """The position is read by a function that the rule calls."""

    def levels(self, known):
        return {"level": 40}

    @staticmethod
    def rule(view, levels):
        return missing(view, levels)


def missing(view, levels):
    return max(0, levels.level - view.echelon_position)


def test_only_a_rule_that_reads_it_pays_for_it():
    prepared = Prepared(tree())
    assert prepared.plan(Inside()).reads_echelon and prepared.plan(EchelonBaseStock()).reads_echelon
    for policy in (BaseStock(), Buffer()):
        plan = prepared.plan(policy)
        assert not plan.reads_echelon and plan_arrays(plan).echelon_level == -1
    both_engines(tree(), Inside())


def test_what_to_order_today_sees_the_sites_below():
    scenario = tree()
    shape = scenario.stocked.shape
    state = OpeningState(np.full(shape, 5))
    prepared = Prepared(scenario.having(opening=state))
    orders = orders_now(prepared, prepared.plan(Inside()), 1)
    many = {"store": 1, "dc_0": 3, "dc_1": 2, "centre": 6}
    expected = [max(0, 40 - 5 * many[site.name.split("_")[0] if site.name.startswith("store") else site.name])
                for site in scenario.sites]  # fmt: skip
    assert orders.tolist() == [expected, expected]
