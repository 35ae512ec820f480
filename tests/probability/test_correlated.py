"""Demand of sites that moves together: each keeps its law, and how far they move together is what was asked for."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from restock.experiments.cli import main
from restock.policies.base_stock import BaseStock
from restock.sim.engines.events.draws import Draws
from restock.sim.engines.events.engine import run_events
from restock.sim.errors import InputError
from restock.sim.features.transfers.settings import Transfers
from restock.sim.measures.ledger import named
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.copula import copula_table, moved_together
from restock.sim.probability.laws import NegativeBinomial, Poisson
from restock.sim.run.shards import run_kernel


def shops(correlation=0.0, correlated="item", law=None, stores=3, items=("milk", "bread"), days=364):
    """Stores that a DC serves and that ask alike."""
    names = [f"store_{k}" for k in range(stores)]
    sites = [Site("dc", "dc"), *(Site(name, served_by="dc") for name in names)]
    lanes = [Lane("supplier", "dc"), *(Lane("dc", name) for name in names)]
    demand = {(item, name): law or Poisson(30.0) for item in items for name in names}
    scenario = scenario_of("shops", [Item(item) for item in items], sites, lanes, demand, days=days)
    moved = dataclasses.replace(scenario.demand, correlation=correlation, correlated=correlated)
    return scenario.having(demand=moved)


def asked(scenario, replications=12):
    """Demand of every day, (item, site, day), replications one after another."""
    prepared = Prepared(scenario)
    items, sites = prepared.world.stocked.shape
    each = [[[Draws(prepared.world, 7, r).demand(i, n) for n in range(1, sites)] for i in range(items)]
            for r in range(replications)]  # fmt: skip
    return np.concatenate(each, axis=2)


@given(st.floats(0, 1))
def test_every_cell_comes_up_equally_often_and_more_of_one_is_never_less(correlation):
    """So that a draw stays exactly uniform, and a greater one means greater demand."""
    table = copula_table(correlation)
    assert (np.bincount(table.ravel(), minlength=256) == 256).all()
    assert (np.diff(table.astype(int), axis=1) >= 0).all() and (np.diff(table.astype(int), axis=0) >= 0).all()


@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.3, 0.7, 1.0])
def test_normal_scores_are_correlated_as_asked(correlation):
    """By the table itself: two stores share the factor, and nothing else."""
    edges = special.ndtri(np.arange(257) / 256)
    density = np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi)
    score = 256 * (density[:-1] - density[1:])  # mean score of a cell
    of_factor = score[copula_table(correlation)].mean(axis=1)
    assert abs((of_factor**2).mean() - correlation) < 0.004


def test_draws_move_by_cells_and_keep_their_place_in_them():
    own, factor = np.array([0x80ABCDEF, 0x01000005], np.uint32), np.array([0xFF000000, 0x00FFFFFF], np.uint32)
    table = copula_table(0.5)
    found = moved_together(table, factor, own)
    assert (found & 0xFFFFFF).tolist() == [0xABCDEF, 5]
    assert (found >> 24).tolist() == [table[0xFF, 0x80], table[0x00, 0x01]]


def test_without_correlation_no_bit_changes():
    assert (asked(shops(0.0), 1) == asked(shops(0.0, "all"), 1)).all()
    plain = shops(0.0)
    assert not Prepared(plain).world.together and Prepared(plain).world.copula.size == 0


@pytest.mark.parametrize("correlated", ["item", "all"])
def test_sites_move_together_and_items_only_where_asked(correlated):
    by_day = asked(shops(0.4, correlated))
    of = np.corrcoef(by_day.reshape(-1, by_day.shape[2]))
    across = of[:3, 3:]
    assert np.abs(of[:3, :3][np.triu_indices(3, 1)] - 0.4).max() < 0.05
    assert np.abs(across - (0.4 if correlated == "all" else 0.0)).max() < 0.05


def test_each_site_keeps_its_law():
    """Counts of each number of units, over 1.3 million days: as the law says, to the last deviation or so."""
    law = NegativeBinomial(2.0, 0.5)
    units = asked(shops(0.6, law=law, stores=10, items=("milk",), days=3640), 36)[0]
    p = law.pmf()
    found = np.bincount(units.ravel(), minlength=len(p))[:12] / units.size
    by_factor = np.sqrt(p[:12] * (1 - p[:12]) / (units.size / 10))  # sites of a day are no independent looks at it
    assert (np.abs(found - p[:12]) < 4.5 * by_factor).all()


def test_another_site_leaves_the_others_alone():
    small, large = asked(shops(0.5), 1), asked(shops(0.5, stores=5), 1)
    assert (large[:, :3] == small).all()


def test_both_engines_meet_the_same_demand():
    for correlated in ("item", "all"):
        prepared = Prepared(shops(0.3, correlated, days=90))
        plan = prepared.plan(BaseStock())
        events, kernel = run_events(prepared, plan, 3, 2), run_kernel(prepared, plan, 3, 2, series=True)
        assert (events.ledger == kernel.ledger).all() and (events.series == kernel.series).all()


def test_pooling_is_worth_less_where_stores_move_together():
    """Stores alone lose as much, whatever the correlation; those that serve each other lose more with it."""
    lost = {}
    for correlation in (0.0, 0.6):
        for at_once in (False, True):
            scenario = shops(correlation, stores=6, items=("milk",)).having(Transfers("by_dc", at_once=at_once))
            prepared = Prepared(scenario)
            ledger = run_kernel(prepared, prepared.plan(BaseStock(safety_factor=0.8)), 5, 24).ledger
            lost[correlation, at_once] = named(ledger)["lost"].sum()
    assert abs(lost[0.6, False] / lost[0.0, False] - 1) < 0.05
    assert lost[0.0, True] < 0.5 * lost[0.6, True] < lost[0.6, False]


def test_a_planner_knows_of_it_at_a_dc():
    """Deviations of sites that move as one add up; of those that do not, variances."""
    variance = {rho: Prepared(shops(rho)).known.demand_variance[0] for rho in (0.0, 0.5, 1.0)}
    assert np.allclose(variance[0.0], [90, 30, 30, 30]) and np.allclose(variance[1.0], [270, 30, 30, 30])
    assert np.allclose(variance[0.5], [180, 30, 30, 30])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"correlation": 1.5}, "demand.correlation must be a share between 0 and 1, got 1.5"),
        ({"correlation": -0.1}, "demand.correlation must be a share between 0 and 1, got -0.1"),
        ({"correlated": "store"}, "demand.correlated 'store' is unknown; choose from: all, item"),
    ],
)
def test_what_is_wrong_is_one_line(settings, message):
    with pytest.raises(InputError) as error:
        dataclasses.replace(shops().demand, **settings)
    assert str(error.value) == message


def test_from_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["scenario=regional_chain", "scenario.stores=3", "scenario.items=4", "policy=base_stock", "days=28",
             "replications=2", "figures=false"]  # fmt: skip
    assert main(["run", *words, "demand.correlation=0.3", "demand.correlated=all"]) == 0
    capsys.readouterr()
    assert main(["run", *words, "demand.correlation=2"]) == 2
    assert "demand.correlation must be a share between 0 and 1, got 2" in capsys.readouterr().err
