"""Demand as a control: its expectation is exact, the regression is the textbook's, and the gain is what it says."""

import datetime

import numpy as np
import pytest
from chains import LEAN, RICH, small_chain
from scipy import stats

from restock.sim import statistics
from restock.sim.measures.facts import FACT
from restock.sim.model.demand import Demand, History, Season
from restock.sim.model.demand_events import LevelShift, Promotion, VolatilitySpike
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Compound, Empirical, NegativeBinomial, Poisson
from restock.sim.results.expected_demand import expected_demand, no_control
from restock.sim.study.compare import compare, evaluate
from restock.sim.study.variance_reduction import control_line, variance_reduction_table

EVENTS = (Promotion(start=-20, days=30, uplift=3.0, items="milk", sites="north", cannibalises={"bread": 0.5}),
          LevelShift(start=22, factor=1.7), VolatilitySpike(start=5, days=9, cv_factor=2.0))  # fmt: skip


def seasonal(source="fitted", window=None, scale=1.0, cv_factor=1.0, events=(), share=1.0):
    """Two items in two stores; a year-end season; a warm-up whose months differ from those measured."""
    sites = [Site("dc", "dc"), Site("north", served_by="dc"), Site("south", served_by="dc")]
    lanes = [Lane("supplier", "dc"), Lane("dc", "north"), Lane("dc", "south")]
    laws = (Poisson(4.0), NegativeBinomial(3.0, 0.5), Compound(Poisson(1.2), Empirical((1, 2, 6), (6, 3, 1))))
    law_of = np.array([[-1, 0, 1], [-1, 2, 0]])
    seasons = (Season(), Season((0.5, 1, 1, 1, 1.5, 2, 0), (*[1.0] * 11, 1.8)))
    units = np.random.default_rng(1).poisson(np.linspace(1, 9, 4 * 75).reshape(4, 75))
    history = History(units, np.array([[-1, 0, 1], [-1, 2, 3]]), datetime.date(2023, 3, 9), (units + 1) // 2, share)
    demand = Demand(laws, law_of, seasons, np.array([[0, 1, 1], [0, 0, 1]]), history, source, window, scale, cv_factor)
    items = (Item("milk", unit_price=1.5), Item("bread", unit_price=4.0))
    return Prepared(Scenario("seasonal", items, sites, lanes, demand, start=datetime.date(2024, 11, 1), days=45,
                             warm_up=28, events=events))  # fmt: skip


@pytest.mark.parametrize("words", [
    {}, {"scale": 1.7}, {"cv_factor": 1.6}, {"events": EVENTS}, {"events": EVENTS, "scale": 1.7, "cv_factor": 0.6},
    {"source": "bootstrap"}, {"source": "bootstrap", "window": 2, "scale": 1.3},
    {"source": "bootstrap", "share": 0.3}, {"source": "replay", "share": 0.3, "scale": 1.3},
])  # fmt: skip
def test_expected_demand_is_what_a_long_run_asks_for(words):
    prepared = seasonal(**words)
    sums = evaluate(prepared, LEAN, 6400, 5, levels=("chain",)).rollup.sums["chain"][:, 0]
    for k, fact in enumerate(("demand", "demand_value")):
        asked = sums[:, FACT[fact]]
        error = asked.std(ddof=1) / np.sqrt(len(asked))
        assert abs(asked.mean() - expected_demand(prepared)[k]) < 3.5 * error
        assert error < 0.01 * asked.mean()  # sharp enough to see a wrong month


def test_demand_is_a_control_where_a_sample_is_replayed():
    assert no_control(seasonal(source="replay", share=0.3)) == ""


def test_a_replayed_history_is_expected_to_the_unit_and_no_control():
    prepared = seasonal(source="replay")
    outcome = evaluate(prepared, LEAN, 2, 5, levels=("chain",))
    np.testing.assert_allclose(outcome.rollup.sums["chain"][0, 0, FACT["demand"]], expected_demand(prepared)[0])
    assert no_control(prepared) == "demand.source=replay asks for the same in every replication"
    assert outcome.control is None


def test_customers_at_a_dc_leave_no_control():
    sites, lanes = [Site("dc", "dc"), Site("store", served_by="dc")], [Lane("supplier", "dc"), Lane("dc", "store")]
    demand = {("milk", "dc"): Poisson(1.0), ("milk", "store"): Poisson(1.0)}
    assert no_control(Prepared(scenario_of("both", [Item("milk")], sites, lanes, demand))).startswith(
        "customers ask at"
    )


def test_the_adjusted_estimate_is_the_intercept_of_a_regression():
    """Against scipy: the line of x on the control's deviation, read at 0, with its standard error and n - 2 degrees."""
    rng = np.random.default_rng(1)
    d = rng.normal(1, 3, 25)
    x = 50 + 2 * d + rng.normal(0, 4, 25)
    line = stats.linregress(d, x)
    found = statistics.interval(x, control=d)
    assert found.estimate == pytest.approx(line.intercept)
    assert found.half_width == pytest.approx(stats.t.ppf(0.975, 23) * line.intercept_stderr)
    gained = statistics.adjust(x - x.mean(), d).variance_reduction
    left = ((x - line.intercept - line.slope * d) ** 2).sum() / 23
    assert gained == pytest.approx(x.var(ddof=1) / (left * 23 / 22))  # (n - 2) / (n - q - 2), q = 1


def test_the_gain_reached_is_the_gain_promised():
    """Lavenberg & Welch (1981): the variance falls to (1 - R**2) (n - 2) / (n - q - 2); 4,000 studies of 12."""
    rng = np.random.default_rng(2)
    d = rng.normal(0, 1, (12, 4000, 2))
    x = d @ np.array([1.0, 2.0]) + rng.normal(0, 1, (12, 4000))
    estimates = [statistics.interval(x[:, k], control=d[:, k]).estimate for k in range(4000)]
    promised = 1 / 12 * (12 - 2) / (12 - 2 - 2)
    assert np.var(estimates) == pytest.approx(promised, rel=0.08)
    assert np.mean([statistics.adjust(x[:, k] - x[:, k].mean(), d[:, k]).variance_reduction for k in range(4000)]) > 3


def test_controls_that_say_nothing_new_are_left_out():
    rng = np.random.default_rng(3)
    d, x = rng.normal(0, 1, 20), rng.normal(10, 1, 20)
    one = statistics.interval(x, control=d)
    for control in (np.column_stack([d, 2 * d]), np.column_stack([d, np.full(20, 7.0)])):
        np.testing.assert_allclose(statistics.interval(x, control=control), one)
    np.testing.assert_allclose(statistics.interval(x, control=np.zeros(20)), statistics.interval(x))
    np.testing.assert_allclose(statistics.interval(x[:3], control=d[:3]), statistics.interval(x[:3]))


def test_equal_policies_stay_equal_when_adjusted():
    x, d = np.array([1.0, 2.0, 4.0, 3.0, 5.0]), np.array([0.1, -0.2, 0.4, 0.0, 1.0])
    found = statistics.paired_difference(x, x, control=d)
    assert (found.difference, found.half_width, found.p_value) == (0, 0, 1)


@pytest.fixture(scope="module")
def comparisons():
    policies = {"lean": LEAN, "rich": RICH}
    return [compare(small_chain(), policies, 100, 6, adjusted=adjusted) for adjusted in (False, True)]


def test_adjusted_figures_of_the_chain_are_narrower_and_other_levels_stay(comparisons):
    plain, adjusted = comparisons
    tables = [c.table(measures=["sales_revenue", "units_asked"]) for c in comparisons]
    assert (tables[1]["half_width"] < 0.7 * tables[0]["half_width"]).all()
    asked = tables[1][tables[1]["measure"] == "units_asked"]
    np.testing.assert_allclose(asked["estimate"], expected_demand(small_chain())[0] * 365 / 84)
    np.testing.assert_allclose(asked["half_width"], 0, atol=1e-3)
    np.testing.assert_array_equal(plain.table("site")["half_width"], adjusted.table("site")["half_width"])
    chain, level = (c.differences(measures=["total_cost"])["half_width"].item() for c in comparisons[::-1])
    assert chain != level


def test_the_table_of_variance_reduction_holds_both_ways(comparisons):
    frame = variance_reduction_table(comparisons[0])
    own, less = frame[frame["baseline"] == ""], frame[frame["baseline"] == "lean"]
    assert own["by_pairing"].isna().all() and set(less["policy"]) == {"rich"}
    found = comparisons[0].differences().set_index("measure")["variance_reduction"]
    np.testing.assert_allclose(less.set_index("measure")["by_pairing"].loc[found.index], found)
    adjusted = comparisons[1].table().set_index(["policy", "measure"])["half_width"]
    mine = own.set_index(["policy", "measure"])["adjusted_half_width"].loc[adjusted.index]
    np.testing.assert_allclose(mine, adjusted, rtol=1e-9)
    row = own[(own["policy"] == "rich") & (own["measure"] == "sales_revenue")].iloc[0]
    assert row["by_control"] > 4
    assert row["by_control"] == pytest.approx((row["half_width"] / row["adjusted_half_width"]) ** 2, rel=0.1)


def test_the_report_says_what_demand_gains_or_would_gain(comparisons):
    measures = ("fill_rate", "total_cost")
    assert control_line(comparisons[0], measures).startswith("Adjusting for realised demand would cut the variance by")
    assert control_line(comparisons[1], measures).startswith("The chain's figures are adjusted for realised demand, wh")
    assert control_line(compare(seasonal(source="replay"), {"lean": LEAN}, 10, 1), measures) == ""
    assert control_line(compare(small_chain(), {"lean": LEAN}, 9, 1), measures) == ""
