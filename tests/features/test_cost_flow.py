"""Cost flow: money is neither made nor lost, units never depend on it, and FIFO and LIFO stand as they must."""

from __future__ import annotations

import dataclasses
import datetime
import re

import numpy as np
import pandas as pd
import pytest
from chains import LEAN, RICH, small_chain
from hypothesis import given
from test_parity import any_world, kernel_alone
from worlds import policies, scenarios

from restock.experiments.cli import main
from restock.sim.engines.events.draws import Draws
from restock.sim.errors import InputError
from restock.sim.features.unit_costs.figure import cost_flow
from restock.sim.features.unit_costs.measures import COST_FLOWS, OF_COST_FLOW
from restock.sim.features.unit_costs.paths import unit_costs
from restock.sim.features.unit_costs.settings import PER_MONEY, UnitCosts, cost_steps
from restock.sim.features.unit_costs.steps import costs_of
from restock.sim.features.unit_costs.table import cost_flow_lines, cost_flow_table
from restock.sim.measures.ledger import BASE, named
from restock.sim.model.network import Item
from restock.sim.planning.prepared import Prepared
from restock.sim.study.compare import compare, evaluate

COST_NAMES = [f"{name}_{flow}" for name in OF_COST_FLOW for flow in COST_FLOWS]


def costed(scenario, **changes):
    """The scenario with cost flow, and unit costs as `changes` have them."""
    return scenario.having(UnitCosts(**{"cost_flow": True, **changes}))


def chain(**changes):
    return Prepared(costed(small_chain().scenario, **changes))


@any_world
@given(scenarios(), policies)
def test_value_that_came_in_went_out_or_is_there(scenario, policy):
    """Opening + received = sold + shipped + lost + closing, exactly, under each flow; units are those without it."""
    plain = Prepared(costed(scenario, cost_flow=False, inflation=0.0, cost_steps={}, volatility=0.0))
    prepared = Prepared(costed(scenario))
    ledger = kernel_alone(prepared, prepared.plan(policy), 5, 2).ledger
    without = kernel_alone(plain, plain.plan(policy), 5, 2).ledger
    assert (ledger[..., :BASE] == without[..., :BASE]).all()
    of = named(ledger)
    for flow in COST_FLOWS:
        came = of[f"opening_value_{flow}"] + of["received_value"]
        went = of[f"cogs_{flow}"] + of[f"shipped_value_{flow}"] + of[f"loss_value_{flow}"]
        assert (came == went + of[f"closing_value_{flow}"]).all(), flow
        for name in ("shipped_value", "loss_value", "value_days", "closing_value"):
            assert (of[f"{name}_{flow}"] >= 0).all()
        assert (of[f"cogs_{flow}"] >= 0)[of["returned"] == 0].all()  # what comes back may have been sold before
        empty = of["closing_on_hand"] == 0
        assert (of[f"closing_value_{flow}"][empty] == 0).all()
    assert (ledger[:, ~scenario.stocked] == 0).all()
    if scenario.warm_up == 0:
        assert all((of[f"opening_value_{flow}"] == of["opening_value_fifo"]).all() for flow in COST_FLOWS)


@any_world
@given(scenarios(), policies)
def test_while_costs_never_fall_fifo_keeps_the_dearest_stock(scenario, policy):
    """And sells the cheapest goods; the average lies between the lowest and the highest cost there was."""
    prepared = Prepared(costed(scenario, inflation=0.9, cost_steps={5: 1.4}, volatility=0.0))
    of = named(kernel_alone(prepared, prepared.plan(policy), 2, 2).ledger)
    assert (of["closing_value_fifo"] >= of["closing_value_lifo"]).all()
    assert (of["value_days_fifo"] >= of["value_days_lifo"]).all()
    if scenario.warm_up == 0:  # of cells that only sell: a loss may take the dear goods in place of a sale
        only_sold = of["shipped"] + of["shrunk"] + of["expired"] + of["cleared"] + of["returned"] == 0
        assert (of["cogs_fifo"] <= of["cogs_lifo"])[only_sold].all()
    world = prepared.world
    first = np.round(world.features.unit_costs.first_cost)[:, None]
    highest = np.floor(first * world.features.unit_costs.trend[-1] + 0.5)
    stock = of["closing_on_hand"]
    assert (first * stock <= of["closing_value_average"]).all()
    assert (of["closing_value_average"] <= highest * stock).all()


def test_where_costs_stand_still_all_flows_are_standard_cost():
    outcome = evaluate(chain(), LEAN, 4, seed=2)
    for measure in ("cogs", "turnover", "gmroi", "average_inventory_value", "gross_margin"):
        for level in ("chain", "tier", "item"):
            standard = outcome.table(level, [measure])["estimate"].to_numpy()
            for flow in COST_FLOWS:
                found = outcome.table(level, [f"{measure}_{flow}"])["estimate"].to_numpy()
                np.testing.assert_allclose(found, standard, rtol=1e-12, err_msg=f"{measure} {flow} {level}")


def test_a_unit_costs_what_the_settings_say():
    start = datetime.date(2024, 1, 1)
    world = chain(inflation=0.1, cost_steps={"2024-01-11": 2.0, 10: 1.5, 0: 9.0}).world
    assert cost_steps({"2024-01-11": 2.0, 10: 1.5}, start) == {10: 3.0}
    costs = costs_of(Draws(world, 1, 0), 0)
    days = np.arange(len(costs))
    np.testing.assert_allclose(costs, 1.0 * PER_MONEY * 1.1 ** (days / 365) * np.where(days >= 10, 3.0, 1.0), atol=0.51)
    assert costs.dtype == np.int64 and (costs_of(Draws(world, 9, 7), 0) == costs).all()


def test_the_monthly_walk_goes_up_and_down_alike_and_keeps_its_mean():
    world = chain(volatility=0.1).world
    paths = np.array([costs_of(Draws(world, 3, r), 2) for r in range(2000)]) / (3.0 * PER_MONEY)
    assert (np.unique(np.diff(world.features.unit_costs.month)) == [0, 1]).all()
    january, february, march = (paths[:, world.features.unit_costs.month == month] for month in range(3))
    assert (january == 1).all()
    assert set(np.unique(february)) == {0.9, 1.1}
    assert abs((february[:, 0] > 1).mean() - 0.5) < 4 * 0.5 / np.sqrt(2000)
    assert abs(march.mean() - 1) < 4 * march.std() / np.sqrt(2000)
    other = np.array([costs_of(Draws(world, 3, r), 3) for r in range(2000)]) / (4.0 * PER_MONEY)
    assert abs(np.corrcoef(february[:, 0], other[:, 40])[0, 1]) < 4 / np.sqrt(2000)


def test_costs_are_whole_and_depend_on_the_replication_and_item_alone():
    trend, month = np.ones(40), np.arange(40, dtype=np.int32) // 10
    paths = {key: unit_costs(*key, 12_345.6, trend, month, 0.2) for key in ((1, 0, 5), (1, 1, 5), (1, 0, 6), (2, 0, 5))}
    assert all(path[0] == 12346 for path in paths.values())
    assert len({tuple(path) for path in paths.values()}) > 1
    assert (unit_costs(1, 0, 5, 12_345.6, trend, month, 0.2) == paths[1, 0, 5]).all()


def test_the_table_pairs_the_flows_of_each_replication():
    comparison = compare(chain(inflation=0.5, volatility=0.05), {"lean": LEAN, "rich": RICH}, 12, seed=1)
    table = cost_flow_table(comparison.outcomes.values())
    assert table.columns.tolist() == ["policy", "measure", "flow", "estimate", "low", "high", "half_width", "unit",
                                      "replications"]  # fmt: skip
    assert len(table) == 2 * len(OF_COST_FLOW) * 5
    of = table.set_index(["policy", "measure", "flow"]).sort_index()
    outcome = comparison.outcomes["rich"]
    for measure in OF_COST_FLOW:
        row = of.loc["rich", measure]
        less = row.loc["lifo", "estimate"] - row.loc["fifo", "estimate"]
        assert row.loc["lifo - fifo", "estimate"] == pytest.approx(less, rel=1e-9)
        assert row.loc["lifo", "estimate"] == outcome.value(f"{measure}_lifo")[0]
    turns = of.loc["rich", "turnover"]
    assert turns.loc["lifo - fifo", "low"] > 0  # dearer goods are sold first, cheaper ones are left
    assert turns.loc["lifo - fifo", "half_width"] < 0.5 * turns.loc["lifo", "half_width"]
    lines = cost_flow_lines(table)
    assert lines[0] == "Under FIFO, and what LIFO adds to it (same goods, same sales):"
    assert len(lines) == 3 and re.match(r"- rich: turnover [\d.]+ \+[\d.]+ ± [\d.]+; gmroi ", lines[2])
    figure = cost_flow(table)
    for axes, flows in zip(figure.axes[::2], (list(COST_FLOWS), ["lifo - fifo", "average - fifo"]), strict=True):
        drawn = [bars.lines[0].get_xdata() for bars in axes.containers]
        expected = [[of.loc[(p, "turnover", flow), "estimate"] for p in ("lean", "rich")] for flow in flows]
        np.testing.assert_allclose(np.array(drawn, dtype=float), expected)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["FIFO", "LIFO", "moving average"]


def test_measures_of_cost_flow_appear_only_where_it_is_kept():
    assert not set(COST_NAMES) & set(evaluate(small_chain(), LEAN, 2, seed=1).measures)
    outcome = evaluate(chain(), LEAN, 2, seed=1)
    assert set(COST_NAMES) <= set(outcome.measures)
    assert list(COST_FLOWS) == ["fifo", "lifo", "average"]


def test_cost_flow_from_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["run", "scenario=one_store", "policy=buffer", "replications=4", "days=70", "warm_up=7",
             "costs.inflation=0.08", "+costs.cost_steps={2024-02-01:1.2,30:0.9}"]  # fmt: skip
    assert main(words) == 0
    assert "Under FIFO, and what LIFO adds to it" in capsys.readouterr().out
    (folder,) = (path.parent.parent for path in tmp_path.rglob("tables/cost_flow.csv"))
    table = pd.read_csv(folder / "tables" / "cost_flow.csv").set_index(["measure", "flow"])
    chain_table = pd.read_csv(folder / "tables" / "chain.csv").set_index("measure")
    assert table.loc[("gmroi", "lifo"), "estimate"] == pytest.approx(chain_table.loc["gmroi_lifo", "estimate"])
    assert (folder / "figures" / "cost_flow.png").exists()


def test_a_sweep_shows_turnover_under_both_flows_where_they_are_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["run", "-m", "scenario=one_store", "policy=buffer", "replications=2", "days=14", "warm_up=0"]
    assert main([*words, "costs.inflation=0,0.5"]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("turnover FIFO  turnover LIFO")
    (path,) = tmp_path.rglob("results.csv")
    table = pd.read_csv(path)
    assert table["turnover_lifo"].isna().tolist() == [True, False]
    assert table["turnover_lifo"][1] > table["turnover_fifo"][1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inflation": -1}, "costs.inflation must be a share a year above -1 and not above 10, got -1"),
        ({"inflation": float("nan")}, "costs.inflation must be a share a year above -1 and not above 10, got nan"),
        ({"volatility": 1.0}, "costs.volatility must be a share from 0 to below 1, got 1.0"),
        ({"cost_flow": 1}, "costs.cost_flow must be true or false, got 1"),
        ({"cost_steps": [3]},
         "costs.cost_steps must map days to factors, such as {2024-03-01: 1.05}, got [3]"),
        ({"cost_steps": {"march": 1.1}},
         "costs.cost_steps must name days (0, 1, ...) or dates (YYYY-MM-DD), such as {2024-03-01: 1.05}; got 'march'"),
        ({"cost_steps": {-3: 1.1}},
         "costs.cost_steps must name days (0, 1, ...) or dates (YYYY-MM-DD), such as {2024-03-01: 1.05}; got '-3'"),
        ({"cost_steps": {3: 0}}, "costs.cost_steps: the factor of 3 must be above 0, got 0"),
    ],
)  # fmt: skip
def test_unit_costs_that_cannot_be_are_refused(changes, message):
    with pytest.raises(InputError, match="^" + re.escape(message) + "$"):
        UnitCosts(**changes)


def test_costs_beyond_what_sums_can_hold_are_refused():
    scenario = small_chain().scenario
    dear = dataclasses.replace(
        scenario, items=(Item("item_0", unit_cost=800_000.0, unit_price=9e5), *scenario.items[1:])
    )
    message = "the unit cost of item 'item_0' could rise to 1,600,000; with cost flow the most is 1,000,000"
    with pytest.raises(InputError, match=re.escape(message)):
        _ = Prepared(costed(dear, cost_steps={3: 2.0})).world
    assert Prepared(dear).world.features.unit_costs.used == 0
