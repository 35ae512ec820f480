"""Exceptions: each kind against the books, their order, and what a report says."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from chains import LEAN, RICH, small_chain

from restock.sim.features.records.settings import Records, Shrinkage
from restock.sim.measures.facts import FACT, facts
from restock.sim.measures.ledger import named
from restock.sim.planning.prepared import Prepared
from restock.sim.results.exception_report import KINDS, exception_lines, exception_table
from restock.sim.results.rollup import LEVELS
from restock.sim.run.shards import run_kernel
from restock.sim.study.compare import compare, evaluate

CHAIN = small_chain().scenario
DRIFTING = Prepared(
    CHAIN.having(Records(count_every=28), Shrinkage(0.05), costs=dataclasses.replace(CHAIN.costs, overstock_days=1.5))
)


@pytest.fixture(scope="module")
def outcome():
    return evaluate(DRIFTING, LEAN, 20, 4, levels=("cell",))


@pytest.fixture(scope="module")
def books():
    """Facts and columns of every cell, summed over a year, mean over replications."""
    ledger = run_kernel(DRIFTING, DRIFTING.plan(LEAN), 4, 20).ledger
    a_year = 365 / DRIFTING.scenario.days
    columns = {name: column.mean(axis=0) * a_year for name, column in named(ledger).items()}
    return columns, facts(ledger, DRIFTING.scenario).mean(axis=0) * a_year


def test_every_kind_is_what_the_books_say(outcome, books):
    columns, money = books
    scenario, rate = DRIFTING.scenario, DRIFTING.world.daily_rate
    table = exception_table([outcome], 10_000)
    assert set(table["kind"]) == set(KINDS)
    seen = 0
    for row in table.itertuples():
        i = [item.name for item in scenario.items].index(row.item)
        n = [site.name for site in scenario.sites].index(row.site)
        of = money[i, n]
        if row.kind == "excess":
            units = columns["overstock_days"][i, n] / 365
            expected = (units / rate[i, n], units, of[FACT["overstock_carrying"]])
        elif row.kind == "stockout":
            cost = of[FACT["lost_margin"]] + of[FACT["goodwill"]] + of[FACT["backorder_cost"]]
            expected = (columns["stockout_days"][i, n], columns["lost"][i, n], cost)
        else:
            days = columns["phantom_days"][i, n]
            share = days / (365 - columns["ready_days"][i, n])
            cost = of[FACT["lost_margin"]] + of[FACT["goodwill"]] + of[FACT["backorder_cost"]]
            expected = (days, share * columns["lost"][i, n], share * cost)
            assert 0 < share <= 1 and row.site != "dc"  # no customer asks there
        assert (row.days, row.units, row.money) == pytest.approx(expected)
        assert row.low < row.money < row.high
        seen += row.money
    all_excess, short = (money[..., [FACT[name] for name in names]].sum() for names in (
        ("overstock_carrying",), ("lost_margin", "goodwill", "backorder_cost")))  # fmt: skip
    phantom = table.loc[table["kind"] == "phantom_stock", "money"].sum()
    assert seen == pytest.approx(all_excess + short + phantom)


def test_the_dearest_come_first_and_no_more_than_asked_for(outcome):
    table, few = exception_table([outcome], 10_000), exception_table([outcome], 7)
    assert (np.diff(table["money"]) <= 0).all() and (table["rank"] == np.arange(len(table)) + 1).all()
    assert few.equals(table.head(7))


def test_policies_have_ranks_of_their_own():
    comparison = compare(DRIFTING, {"lean": LEAN, "rich": RICH}, 4, 1, levels=LEVELS)
    table = exception_table(comparison.outcomes.values(), 3)
    assert table["policy"].tolist() == ["lean"] * 3 + ["rich"] * 3
    assert table["rank"].tolist() == [1, 2, 3] * 2
    lines = exception_lines(table)
    assert lines[0] == "Exceptions: what costs most at single items and sites."
    assert len(lines) == 1 + 1 + 6 + 1 and lines[1].split()[:4] == ["policy", "rank", "what", "item"]


def test_where_nothing_is_wrong_nothing_is_listed(one_shop):
    from restock.policies.base_stock import BaseStock

    ample = dataclasses.replace(one_shop, opening_stock=np.array([[10_000]]), days=7)
    ample = dataclasses.replace(ample, costs=dataclasses.replace(ample.costs, overstock_days=5_000.0))
    outcome = evaluate(Prepared(ample), BaseStock(base_stock_level=1), 1, 1, levels=("cell",))
    table = exception_table([outcome], 5)
    assert len(table) == 0
    assert exception_lines(table) == [
        "Exceptions: no cell has excess stock, is ever short, or has stock that only the record knows."
    ]
