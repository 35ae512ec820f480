"""Intervals judged by a record: right laws get what they say, wrong ones do not; days played are known to nobody."""

import numpy as np
import pytest
from chains import LEAN, RICH, small_chain
from numpy.testing import assert_allclose, assert_array_equal

from restock.policies.buffer import Buffer
from restock.sim.engines.events.engine import Run
from restock.sim.model.demand import History
from restock.sim.results.bad_years import each_replication
from restock.sim.results.weekly_demand import weekly_demand
from restock.sim.run.shards import run_kernel
from restock.sim.study.backtest.lines import all_policies, demand_lines, policy_lines, reasons
from restock.sim.study.backtest.policies import playing, policies_judged
from restock.sim.study.backtest.prediction import VIEWS, predict
from restock.sim.study.backtest.ranks import Ranks


def ranked(recorded, futures):
    ranks = Ranks(np.asarray(recorded, float))
    for future in futures:
        ranks.add(future)
    return ranks


@pytest.mark.parametrize("mean", [0.05, 0.7, 20.0])
@pytest.mark.parametrize("futures", [20, 64])
def test_right_laws_have_exactly_what_they_say_slow_items_too(mean, futures):
    random = np.random.default_rng(1)
    size = (40_000, 1)
    ranks = ranked(random.poisson(mean, size), (random.poisson(mean, size) for _ in range(futures)))
    for level in (0.80, 0.95):
        error = 4 * np.sqrt(level * (1 - level) / size[0])
        assert abs(ranks.inside(level).mean() - level) < error
        assert ranks.inside_whole(level).mean() > level - error - 2 / futures
    assert_allclose(ranks.histogram(), 0.1, atol=0.008)
    assert abs(ranks.mean.mean() - mean) < 0.05 * mean + 0.01


def test_laws_that_are_too_narrow_too_wide_or_too_low_are_found_out():
    random = np.random.default_rng(1)
    recorded = random.normal(100, 10, (20_000, 1))
    found = {
        name: ranked(recorded, (random.normal(mean, sd, recorded.shape) for _ in range(64)))
        for name, mean, sd in (("narrow", 100, 5), ("wide", 100, 20), ("low", 80, 10))
    }
    assert found["narrow"].inside(0.95).mean() < 0.75 and found["wide"].inside(0.80).mean() > 0.97
    assert found["low"].histogram()[-1] > 0.6 and found["narrow"].histogram()[[0, -1]].min() > 0.2
    assert found["wide"].histogram()[[0, -1]].max() < 0.02


def test_an_interval_of_whole_units_holds_both_its_ends():
    ranks = ranked([[0], [1], [5], [6]], [np.full((4, 1), k) for k in range(1, 6)])
    assert ranks.inside_whole(0.95).ravel().tolist() == [False, True, True, False]


def recorded(prepared, seed=9, factor=1.0):
    """A record of the run's days that the laws themselves draw, or one of a changed level."""
    cells = np.argwhere(prepared.scenario.demand.law_of >= 0)
    row_of = np.full(prepared.scenario.demand.law_of.shape, -1)
    row_of[cells[:, 0], cells[:, 1]] = np.arange(len(cells))
    random = np.random.default_rng(seed)
    mean = prepared.world.daily_rate[cells[:, 0], cells[:, 1]]
    units = random.poisson(factor * mean[:, None], (len(cells), prepared.world.horizon))
    return History(units, row_of, prepared.scenario.start)


def test_every_view_adds_up_the_same_units():
    prepared = small_chain(items=6, days=56)
    history = recorded(prepared)
    prediction = predict(prepared, history, 20, 1, lambda share: None)
    total = history.units[:, 28:].sum()
    of_all = prediction.coverage[prediction.coverage["by"] == "all"].set_index("sum")
    assert list(of_all.index) == [view.words for view in VIEWS]
    assert_allclose(of_all["observations"] * of_all["recorded"], total)
    cells = np.argwhere(history.row_of >= 0)
    futures = [weekly_demand(prepared.world, 1, r, cells) for r in range(20)]
    week, chain = np.mean([f.sum(axis=0) for f in futures], axis=0), prediction.view("the chain's week")
    assert_allclose(chain.ranks.mean[0], week)
    assert_allclose(of_all["forecast"] * of_all["observations"], np.mean([f.sum() for f in futures]))
    by_group = prediction.coverage[prediction.coverage["sum"] == "a cell's week"]
    for by in ("class", "place"):
        assert by_group.loc[by_group["by"] == by, "observations"].sum() == len(cells) * 8
    bands = prediction.bands("the chain's week", "2024-03-04")
    assert bands["date"].tolist()[:2] == ["2024-03-04", "2024-03-11"] and len(bands) == 8
    assert_array_equal(bands["recorded"], history.units[:, 28:].sum(axis=0).reshape(8, 7).sum(axis=1))
    assert (bands["low_95"] <= bands["low_80"]).all() and (bands["high_80"] <= bands["high_95"]).all()


def test_right_laws_are_covered_in_every_sum_and_a_moved_level_is_named():
    prepared = small_chain(items=12, stores=12, days=84)
    ends = {}
    for factor in (1.0, 1.5):
        prediction = predict(prepared, recorded(prepared, factor=factor), 40, 1, lambda share: None)
        ends[factor] = prediction.coverage[prediction.coverage["by"] == "all"].set_index("sum")
        said = reasons(prediction, (0, 0.0))
        assert any("the level moved: the forecast lies 3" in line for line in said) == (factor == 1.5), said
        assert not any("cells are held better" in line for line in said) or factor == 1.5
    right = ends[1.0]
    poisson = right.loc["a place's week"]  # half of the laws are wider than what was recorded: more is inside
    assert poisson["in_95"] > 0.93 and abs(poisson["bias_share"]) < 0.03 and poisson["spread"] < 1.1
    assert ends[1.5].loc["a place's week", "in_95"] < 0.7 and ends[1.5].loc["the chain, all weeks", "bias"] < 0


def test_what_moves_together_is_told_from_what_moves_alone():
    """Every cell right on its own, all of them busy in the same weeks: cells are held, the chain is not."""
    prepared = small_chain(items=12, stores=12, days=84)
    history = recorded(prepared)
    busy = np.repeat(np.random.default_rng(3).choice([0.6, 1.4], 16), 7)
    units = np.random.default_rng(4).binomial(2 * history.units, busy[None, :] / 2)
    prediction = predict(prepared, History(units, history.row_of, history.start), 40, 1, lambda share: None)
    assert any("cells are held better than their sums" in line for line in reasons(prediction, (3, 0.1)))
    assert any("not predicted: cells that have no law" in line and ": 3, 10.0%" in line
               for line in reasons(prediction, (3, 0.1)))  # fmt: skip


def test_recorded_days_are_played_by_both_engines_and_known_to_no_planner():
    prepared = small_chain()
    history = recorded(prepared, factor=1.5)
    played, plan = playing(prepared, history), prepared.plan(Buffer())
    assert_array_equal(played.known.demand_mean, prepared.known.demand_mean)
    for levels, of_laws in zip(played.plan(Buffer()).levels, plan.levels, strict=True):
        assert all(np.array_equal(levels[name], of_laws[name]) for name in of_laws)
    assert_array_equal(played.world.opening, prepared.world.opening)
    kernel = run_kernel(played, plan, 3, 2).ledger
    for r in range(2):
        run = Run(played, plan, 3, r).run()
        assert_array_equal(run.ledger, kernel[r])
    from restock.sim.measures.ledger import NAMES

    asked = kernel[0, :, :, NAMES.index("demand")]
    own = np.where(history.row_of >= 0, history.units[history.row_of, 28:].sum(axis=-1), 0)
    assert_array_equal(asked[:, 1:], own[:, 1:])  # stores


def test_policies_in_predicted_and_in_recorded_weeks():
    prepared = small_chain()
    right, busier = (
        policies_judged(prepared, recorded(prepared, factor=factor), {"lean": LEAN, "rich": RICH}, 24, 1)
        for factor in (1.0, 1.5)
    )
    tables = all_policies(right).set_index(["policy", "measure"]), all_policies(busier).set_index(["policy", "measure"])
    lean = right[0].predicted
    single = each_replication(lean, "fill_rate")
    assert_allclose(tables[0].loc[("lean", "fill_rate"), ["low", "high"]].tolist(),
                    np.quantile(single, [0.025, 0.975]))  # fmt: skip
    assert tables[0].loc[("lean", "fill_rate"), "predicted"] == lean.value("fill_rate")[0]
    assert tables[1].loc[("lean", "fill_rate"), "verdict"] == "below"
    assert tables[1].loc[("rich", "lost_units"), "verdict"] == "above"
    assert tables[0].loc[("lean", "fill_rate"), "recorded"] > tables[1].loc[("lean", "fill_rate"), "recorded"]
    lines = policy_lines(all_policies(busier))
    assert lines[1].startswith("lean    fill rate") and lines[1].endswith("below the futures")


def test_the_table_of_coverage_names_classes_and_the_worst_places():
    prepared = small_chain()
    lines = demand_lines(predict(prepared, recorded(prepared), 20, 1, lambda share: None))
    assert lines[0].split() == ["demand", "observations", "in", "80%", "in", "95%", "recorded", "forecast", "bias"]
    assert lines[1].startswith("a cell's week") and lines[1].split()[3] == "A"
    assert lines[-1].startswith("a place's week in 95%, by place: ") and "store_" in lines[-1]
