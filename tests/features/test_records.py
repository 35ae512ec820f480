"""Shrinkage and counts: what they draw, when they fall due, and what they leave alone."""

import dataclasses

import numpy as np
import pytest
from chains import RICH, small_chain

from restock.sim.engines.events.engine import Run
from restock.sim.features.records.settings import NEVER, PRACTICE, Records, Shrinkage, count_days
from restock.sim.measures.ledger import NAMES, named
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.run.shards import run_kernel
from restock.sim.verification.cases.rules import ConstantOrder

COLUMN = {name: k for k, name in enumerate(NAMES)}


def books(scenario, policy=RICH, replications=20):
    prepared = Prepared(scenario)
    return run_kernel(prepared, prepared.plan(policy), 3, replications).ledger


def test_losses_have_the_mean_that_was_asked_for():
    """Counted daily, so that the shelf is rarely empty: 5% of mean demand at stores and at the DC alike."""
    chain = small_chain().scenario.having(Records(count_every=1), Shrinkage(0.05))
    shrunk = books(chain, replications=100)[..., COLUMN["shrunk"]].mean(axis=0)
    expected = 0.05 * Prepared(chain).world.daily_rate * chain.days
    assert shrunk[:, 0].sum() == pytest.approx(expected[:, 0].sum(), rel=0.05)
    assert shrunk[:, 1:].sum() == pytest.approx(expected[:, 1:].sum(), rel=0.05)


@pytest.mark.parametrize("law, mean", [(Constant(2), 2.0), (Poisson(0.3), 0.3), (Poisson(6.0), 6.0)])
def test_an_items_own_law_is_what_is_lost(law, mean):
    """Small losses are compared with the first break points, large ones looked up; there is always enough to lose."""
    milk = Item.with_settings("milk", shrinkage=law)
    shop = scenario_of("shop", [milk], [Site("store")], [Lane("supplier", "store")],
                       {("milk", "store"): Poisson(1.0)}, opening_stock=np.array([[10_000]]))  # fmt: skip
    shrunk = books(shop, replications=64)[:, 0, 0, COLUMN["shrunk"]]
    error = np.sqrt(law.variance * shop.days / 64)
    assert abs(shrunk.mean() - mean * shop.days) <= 5 * error


def test_shrinkage_and_counts_leave_demand_and_lead_times_alone():
    plain = small_chain().scenario
    changed = plain.having(Records(count_every=PRACTICE, count_error=0.2), Shrinkage(0.1))
    before, after = (books(scenario)[:, :, 1:, COLUMN["demand"]] for scenario in (plain, changed))
    assert (before == after).all()


def test_wrong_scans_have_the_share_that_was_asked_for_and_go_both_ways_alike():
    """Counted daily, so that policies hardly see them: 2% of what is sold and received, half of it each way."""
    kept = Records(count_every=1, sales_misscanned=0.02, receipts_misscanned=0.02)
    chain = small_chain().scenario.having(kept)
    found = named(books(chain, replications=200))
    sold = found["filled"] + found["backorders_served"] - found["shipped"]
    handled = (found["received"] + sold).sum()
    for way in ("overbooked", "underbooked"):
        assert found[way].sum() == pytest.approx(0.01 * handled, rel=0.05)
    assert (found["record_exact_days"] == chain.days * chain.stocked).all()


def test_wrong_scans_leave_stock_demand_and_deliveries_alone():
    """Under a policy that does not look at the book, they change the book and nothing else."""
    plain = small_chain().scenario
    changed = plain.having(Records(sales_misscanned=0.3, receipts_misscanned=0.3))
    before, after = (named(books(scenario, ConstantOrder(order_quantity=3))) for scenario in (plain, changed))
    of_the_book = {"closing_record", "opening_record", "record_exact_days", "record_error_days", "phantom_days",
                   "freeze_days", "overbooked", "underbooked"}  # fmt: skip
    for name in set(before) - of_the_book:
        np.testing.assert_array_equal(before[name], after[name], name)
    assert after["record_error_days"].sum() > 0


def test_counts_spread_over_the_days():
    """1,000 items, 30 days: about 33 a day, never twice that."""
    classes = np.full(1000, "A")
    every, first = count_days(Records(count_every=(30, 0, 0)), classes, np.arange(1000), np.arange(1))
    a_day = np.bincount(first[:, 0], minlength=30)
    assert len(a_day) == 30 and (every == 30).all()
    assert 10 < a_day.min() and a_day.max() < 66
    every, first = count_days(Records(count_every=(30, 0, 0)), np.full(4, "B"), np.arange(4), np.arange(1))
    assert (every == NEVER).all() and (first == NEVER).all()


def test_a_count_class_of_its_own_takes_the_place_of_the_items_class():
    chain = small_chain(days=84, warm_up=0).scenario.having(Records(count_every=(7, 28, 84)))
    counts = books(chain, replications=1)[0, :, 0, COLUMN["counts"]]
    assert set(counts.tolist()) == {12, 3, 1}
    as_c = [item.having(count_class="C") for item in chain.items]
    assert set(books(dataclasses.replace(chain, items=as_c), replications=1)[0, :, 0, COLUMN["counts"]].tolist()) == {1}


def test_the_log_tells_of_losses_and_counts(one_shop):
    milk = Item.with_settings("milk", shrinkage=Constant(1))
    prepared = Prepared(one_shop.having(Records(full_count_every=10), items=(milk,)))
    log = Run(prepared, prepared.plan(RICH), 1, 0, log=True).run().log
    assert [entry.day for entry in log if entry.what == "counted"] == [9, 19, 29, 39, 49, 59]
    assert {entry.phase for entry in log if entry.what in ("counted", "record set to")} == {"counting"}
    assert {entry.quantity for entry in log if entry.what == "shrunk"} == {1}


def test_a_wrong_count_is_a_unit_off(one_shop):
    prepared = Prepared(one_shop.having(Records(count_every=1, count_error=1.0), days=200))
    days = Run(prepared, prepared.plan(RICH), 1, 0, log=True).run().daily
    off = [day.record - day.on_hand for day in days]
    assert {-1, 1} <= set(off) <= {-1, 0, 1}
    assert all(day.on_hand == 0 for day, wrong in zip(days, off, strict=True) if wrong == 0)
