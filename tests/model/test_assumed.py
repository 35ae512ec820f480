"""What is assumed is said, and a verdict that turns with an assumed cost says so."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from chains import LEAN, RICH, small_chain

from restock.sim.model.assumed import NAMES, default_lines
from restock.sim.model.network import Costs
from restock.sim.model.scenario_folder import read_scenario, write_scenario
from restock.sim.planning.prepared import Prepared
from restock.sim.study.best_policy import Best
from restock.sim.study.compare import compare, manager_table
from restock.sim.study.sensitivity import at_other_cost, depends_on, gaps


def chain(assumed=NAMES, ordering_cost=20.0, **costs):
    scenario = small_chain().scenario
    lanes = [replace(lane, ordering_cost=ordering_cost, transport_cost_per_unit=0.0) for lane in scenario.lanes]
    return Prepared(replace(scenario, lanes=tuple(lanes), assumed=assumed, costs=replace(scenario.costs, **costs)))


def lean_and_rich(prepared):
    return compare(prepared, {"lean": LEAN, "rich": RICH}, 8, seed=1)


def total_cost(comparison):
    frame = comparison.differences(measures=["total_cost"])
    return frame, depends_on(comparison, frame)


def test_other_costs_are_those_of_a_run_at_other_costs():
    """What is worked out without a new run is what a new run gives: levels here do not depend on the costs."""
    comparison = lean_and_rich(chain())
    for name, other in (
        ("costs.carrying_rate", chain(carrying_rate=0.5)),
        ("costs.goodwill_share", chain(goodwill_share=0.1)),
        ("costs.backorder_cost_per_day", chain(backorder_cost_per_day=0.02)),
        ("lanes.ordering_cost", chain(ordering_cost=40.0)),
    ):
        worked_out = at_other_cost(comparison, name, 2.0).table(measures=["total_cost", "distortion_cost"])
        run = lean_and_rich(other).table(measures=["total_cost", "distortion_cost"])
        np.testing.assert_allclose(worked_out["estimate"], run["estimate"], rtol=1e-12)


@pytest.mark.parametrize("adjusted", [False, True])
@pytest.mark.parametrize("level", ["chain", "category"])
def test_differences_at_other_costs_are_reckoned_as_differences_are(level, adjusted):
    comparison = compare(chain(), {"lean": LEAN, "rich": RICH, "leaner": LEAN}, 8, seed=1, adjusted=adjusted)
    for measures in (["total_cost"], ["turnover", "carrying_cost", "fill_rate"]):
        found = comparison.differences(level=level, measures=measures)["difference"]
        np.testing.assert_allclose(gaps(comparison, measures, level), found, rtol=1e-12)


def rate_that_balances():
    """The carrying rate at which lean and rich cost the same: above it, rich costs more."""
    cheap, dear = (total_cost(lean_and_rich(chain(carrying_rate=rate)))[0]["difference"][0] for rate in (0.0, 20.0))
    assert cheap < 0 < dear
    return 20 * cheap / (cheap - dear)


@pytest.mark.parametrize(
    "times, words",
    [
        (0.8, "carrying cost: turns when it is doubled"),
        (1.6, "carrying cost: turns when it is halved"),
        (0.4, ""),  # twice as high, it is still below the balance
        (2.5, ""),
    ],
)
def test_a_verdict_that_turns_at_a_known_cost_says_so(times, words):
    comparison = lean_and_rich(chain(("costs.carrying_rate",), carrying_rate=times * rate_that_balances()))
    frame, on = total_cost(comparison)
    assert frame["verdict"].tolist() == ["better" if times < 1 else "worse"]
    assert on == [words]
    report = manager_table(comparison)
    assert (f"{frame['verdict'][0]}, but depends on {words}" in report) == bool(words)
    assert ("halved and doubled, with the same stock levels" in report) == bool(words)


def test_a_cost_that_is_given_is_not_doubted():
    comparison = lean_and_rich(chain((), carrying_rate=0.8 * rate_that_balances()))
    assert total_cost(comparison)[1] == [""]


def test_defaults_are_said_in_words_and_only_where_they_matter():
    lines = default_lines(chain(ordering_cost=0.0).scenario)
    assert lines[0] == (
        "by default, costs: carrying stock 25% of its cost a year; an order line 0; moving a unit 0; "
        "a unit waiting 1% of its price a day; stock above 5 days of cover is overstock"
    )
    assert "opening stock 14 days of mean demand; 28 days of warm-up" in lines[1]
    assert default_lines(chain(()).scenario) == []
    assert default_lines(chain(("lanes.ordering_cost",)).scenario) == []  # it is 20, which somebody assumed and said
    nobody_waits = Prepared(replace(small_chain(backorder_share=0.0).scenario, assumed=NAMES)).scenario
    assert "waiting" not in default_lines(nobody_waits)[0]
    assert "unmet demand is lost, nobody waits" in default_lines(nobody_waits)[1]


def test_a_folder_keeps_what_is_assumed_until_it_is_changed(tmp_path):
    names = ("costs.carrying_rate", "lanes.transport_cost_per_unit", "opening_days")
    write_scenario(chain(names, goodwill_share=0.0).scenario, tmp_path)
    assert read_scenario(tmp_path).assumed == names
    settings = (tmp_path / "scenario.yaml").read_text()
    (tmp_path / "scenario.yaml").write_text(settings.replace("carrying_rate: 0.25", "carrying_rate: 0.3"))
    lanes = pd.read_csv(tmp_path / "lanes.csv").assign(transport_cost_per_unit=0.1)
    lanes.to_csv(tmp_path / "lanes.csv", index=False)
    assert read_scenario(tmp_path).assumed == ("opening_days",)


def test_what_a_folder_by_hand_leaves_out_is_assumed(tmp_path):
    write_scenario(chain(ordering_cost=0.0).scenario, tmp_path)
    text = (tmp_path / "scenario.yaml").read_text()
    by_hand = text[: text.index("assumed:")] + text[text.index("costs:") :]
    (tmp_path / "scenario.yaml").write_text(by_hand.replace("  carrying_rate: 0.25\n", ""))
    found = read_scenario(tmp_path)
    assert found.costs == Costs(carrying_rate=0.25, goodwill_share=0.05, overstock_days=5)
    assert "costs.carrying_rate" in found.assumed and "lanes.ordering_cost" in found.assumed
    assert "costs.count_cost" not in found.assumed  # written out


def test_the_best_of_a_selection_says_what_it_rests_on():
    prepared = chain(("costs.carrying_rate",), carrying_rate=0.8 * rate_that_balances())
    until = Best("total_cost", indifference=1000.0, most_replications=64)
    found = compare(prepared, {"lean": LEAN, "rich": RICH}, 8, seed=1, until=until)
    assert found.selection.best == "rich"
    turns = "But whether 'lean' is worse depends on carrying cost: turns when it is doubled."
    assert turns in manager_table(found)
    sure = chain(("costs.carrying_rate",), carrying_rate=0.4 * rate_that_balances())
    assert "But whether" not in manager_table(compare(sure, {"lean": LEAN, "rich": RICH}, 8, seed=1, until=until))
