"""Guaranteed service: levels by hand, what a run says and writes of where stock lies, and both engines."""

import dataclasses
import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from restock.experiments.cli import main
from restock.policies.abc_tiered import AbcTiered
from restock.policies.catalogue import make_policy
from restock.policies.guaranteed_service import GuaranteedService
from restock.sim.engines.events.engine import run_events
from restock.sim.errors import InputError
from restock.sim.features.channels.settings import Channels
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Empirical, Poisson
from restock.sim.run.shards import run_kernel


def chain(stores=9, dc_days=4, store_days=1, mean=4.0, **settings):
    """A DC and stores that ask for the same, and an item that only one of them sells."""
    names = [f"store_{k}" for k in range(stores)]
    sites = [*(Site(name, served_by="dc") for name in names), Site("dc", "dc")]
    dc = Constant(dc_days) if isinstance(dc_days, int) else dc_days
    lanes = [Lane("supplier", "dc", dc), *(Lane("dc", name, Constant(store_days)) for name in names)]
    demand = {("milk", name): Poisson(mean) for name in names} | {("saffron", "store_0"): Poisson(1.0)}
    return scenario_of("chain", [Item("milk"), Item("saffron")], sites, lanes, demand, days=56, **settings)


def test_levels_by_hand():
    """Nine stores: milk is pooled at the DC, 4 days of 36 a day; saffron, of one store, there for all 5 days."""
    prepared = Prepared(chain())
    plan = prepared.plan(GuaranteedService(target=0.9))
    z, placed = 1.2815515655446004, plan.placement
    assert placed["service_time"].tolist() == [[0] * 10, [0] * 9 + [4]]
    assert placed["net_replenishment_time"][0].tolist() == [1] * 9 + [4]
    assert placed["net_replenishment_time"][1, [0, 9]].tolist() == [5, 0]
    level = plan.levels[0]["base_stock_level"]
    assert level[0, 0] == math.ceil(4 + z * 2) and level[0, 9] == math.ceil(144 + z * 12)
    assert level[1, 0] == math.ceil(5 + z * math.sqrt(5)) and level[1, 9] == 0
    assert placed["safety_stock"][0, 9] == pytest.approx(z * 12)
    assert plan.notes == ("'dc' holds safety stock of 1 of 2 items, and quotes 0 days; of the others the sites below "
                          "hold it, after a wait of 4 days",)  # fmt: skip
    assert (run_events(prepared, plan, 1, 2).ledger == run_kernel(prepared, plan, 1, 2).ledger).all()


def test_demand_that_moves_together_pools_less():
    """At a correlation of 1 the DC's deviation is nine times a store's: nothing is pooled, the stores hold all."""
    apart = Prepared(chain(store_days=4)).plan(GuaranteedService()).placement
    scenario = chain(store_days=4)
    as_one = scenario.having(demand=dataclasses.replace(scenario.demand, correlation=1.0))
    together = Prepared(as_one).plan(GuaranteedService()).placement
    assert apart["net_replenishment_time"][0, 9] == 4 and together["net_replenishment_time"][0, 9] == 0
    assert together["net_replenishment_time"][0, 0] == 8


def test_lead_times_are_taken_at_a_share_of_them_and_reviews_are_covered():
    scenario = chain(dc_days=Empirical((2, 4, 9), (80, 15, 5)), store_days=2)
    for share, days in ((0.5, 2), (0.8, 2), (0.81, 4), (0.95, 4), (0.96, 9), (1.0, 9)):
        known = Prepared(scenario).known
        assert known.lead_time_within(share)[0].tolist() == [2] * 9 + [days], share
    net = Prepared(scenario).plan(GuaranteedService(review_period=3)).placement["net_replenishment_time"]
    assert net[0].tolist() == [4] * 9 + [6]


def test_where_customers_buy_from_a_dc_it_quotes_nothing():
    """Saffron, which else only the store holds, is sold by the DC, too."""
    online = Channels(by_name={"online": {"share": 0.2, "served": "dc"}})
    placed = Prepared(chain().having(online)).plan(GuaranteedService()).placement
    assert placed["service_time"][:, 9].tolist() == [0, 0] and (placed["net_replenishment_time"][:, 9] == 4).all()


def test_dcs_may_be_told_to_hold_or_not_to():
    """Milk is best kept at the DC, saffron at its store; told so, both are held there, or neither is."""
    prepared = Prepared(chain())
    of = {word: prepared.plan(GuaranteedService(dcs_hold=word)).placement for word in ("best", "always", "never")}
    at_dc = {word: placed["net_replenishment_time"][:, 9].tolist() for word, placed in of.items()}
    assert at_dc == {"best": [4, 0], "always": [4, 4], "never": [0, 0]}
    cost = {word: placed["safety_stock"].sum() for word, placed in of.items()}
    assert cost["best"] < min(cost["always"], cost["never"])
    online = Prepared(chain().having(Channels(by_name={"online": {"share": 0.2, "served": "dc"}})))
    placed = online.plan(GuaranteedService(dcs_hold="never")).placement
    assert (placed["service_time"][:, 9] == 0).all(), "customers of the DC do not wait"


def test_more_than_two_tiers_are_said_tier_by_tier():
    names = [f"store_{k}" for k in range(8)]
    sites = [*(Site(name, served_by=f"dc_{k % 2}") for k, name in enumerate(names)), Site("dc_0", "dc", "centre"),
             Site("dc_1", "dc", "centre"), Site("centre", "dc")]  # fmt: skip
    lanes = [Lane("supplier", "centre", Constant(9)), Lane("centre", "dc_0", Constant(1)), Lane("centre", "dc_1")]
    lanes += [Lane(f"dc_{k % 2}", name, Constant(1)) for k, name in enumerate(names)]
    scenario = scenario_of("tree", [Item("milk")], sites, lanes, {("milk", n): Poisson(4.0) for n in names}, days=28)
    prepared = Prepared(scenario)
    plan = prepared.plan(GuaranteedService())
    assert len(plan.notes) == 2 and plan.notes[0].startswith("'centre' holds safety stock of ")
    assert plan.notes[1].startswith("2 sites of tier 1 hold safety stock of ")
    assert (run_events(prepared, plan, 1, 2).ledger == run_kernel(prepared, plan, 1, 2).ledger).all()


def test_a_part_of_a_plan_keeps_where_it_placed_stock():
    tiers = {"A": {"name": "guaranteed_service"}, "other": {"name": "buffer"}}
    plan = Prepared(chain()).plan(AbcTiered(tiers=tiers))
    served = plan.placement["net_replenishment_time"]
    assert np.isfinite(served[0]).all() and np.isnan(served[1]).all() and len(plan.notes) == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target": 1.0}, "target must lie between 0 and 1, got 1.0"),
        ({"lead_time_share": 0.0}, "lead_time_share must lie above 0 and not above 1, got 0.0"),
        (
            {"dcs_hold": "alwys"},
            "dcs_hold 'alwys' of policy 'guaranteed_service' is unknown; did you mean 'always'? "
            "choose from: always, best, never",
        ),
        ({"lead_time_share": 1.5}, "lead_time_share must lie above 0 and not above 1, got 1.5"),
    ],
)
def test_wrong_settings_are_named(settings, message):
    with pytest.raises(InputError) as caught:
        make_policy({"name": "guaranteed_service", **settings})
    assert str(caught.value) == message


def test_a_comparison_says_and_writes_where_stock_lies(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    words = ["scenario=regional_chain", "scenario.items=4", "replications=2", "days=28", "warm_up=0", "figures=false"]
    assert main(["compare", *words, "policy=[buffer,guaranteed_service]", "service.fill_rates=[]"]) == 0, (
        capsys.readouterr().err
    )
    assert "policy guaranteed_service: 'dc' holds safety stock of " in capsys.readouterr().out
    (file,) = Path("runs").glob("*/*/tables/placement.csv")
    table = pd.read_csv(file)
    assert set(table["policy"]) == {"guaranteed_service"} and len(table) == 4 * 11
    stores = table[table["site"] != "dc"]
    assert (stores["service_time"] == 0).all() and (stores["net_replenishment_time"] > 0).all()
    assert list(table)[3:] == ["service_time", "net_replenishment_time", "safety_stock", "base_stock_level"]
