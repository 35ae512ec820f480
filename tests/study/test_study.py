"""Rolling up equals adding up the whole ledger by hand; threads change no bit; studies and their tables."""

import numpy as np
import pytest
from chains import LEAN, RICH, small_chain

from restock.policies.abc_tiered import AbcTiered
from restock.policies.base_stock import BaseStock
from restock.sim.errors import InputError
from restock.sim.measures.facts import FACT, FACTS, IN_CHAIN, chain_cells, facts
from restock.sim.measures.ledger import SERIES
from restock.sim.measures.measures import MEASURES, measure_values, measures_of
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import scenario_of
from restock.sim.planning.prepared import Prepared
from restock.sim.probability.laws import Constant, Poisson
from restock.sim.results.rollup import LEVELS, OWN, SUMMED
from restock.sim.results.steady_state import drift
from restock.sim.run.shards import run_kernel
from restock.sim.study.compare import compare, evaluate, manager_table
from restock.sim.study.summary_table import UNSTEADY

REPLICATIONS = 70  # two blocks of lanes, one of them short


@pytest.fixture(scope="module")
def prepared():
    return small_chain()


@pytest.fixture(scope="module")
def outcome(prepared):
    return evaluate(prepared, LEAN, REPLICATIONS, seed=3, threads=2, series=True, levels=LEVELS)


@pytest.fixture(scope="module")
def all_facts(prepared):
    """Facts of every cell in every replication, by their own books and as the chain counts them."""
    shard = run_kernel(prepared, prepared.plan(LEAN), 3, REPLICATIONS, series=True)
    own = facts(shard.ledger, prepared.scenario)
    cells = chain_cells(prepared.scenario)
    factor = np.stack([cells[IN_CHAIN.index(fact.in_chain)] for fact in FACTS.values()], axis=-1)
    return own, own * factor, shard


def test_sums_of_every_level_equal_those_of_the_whole_ledger(prepared, outcome, all_facts):
    own, chain, _ = all_facts
    for level in SUMMED:
        if level not in outcome.rollup.groupings:
            continue
        grouping, counted = outcome.rollup.groupings[level], own if level in OWN else chain
        for g, name in enumerate(grouping.names):
            expected = counted[:, grouping.group_of == g].sum(axis=1)
            np.testing.assert_allclose(outcome.rollup.sums[level][:, g], expected, rtol=1e-12, atol=1e-9, err_msg=name)


def test_no_class_or_category_is_empty(prepared, outcome):
    """Cells that are not stocked belong to no class: no row without figures."""
    assert not prepared.scenario.stocked.all()
    rich = evaluate(prepared, AbcTiered(), 2, seed=3, levels=LEVELS)
    for level in ("category", "class", "policy_class"):
        grouping = rich.rollup.groupings[level]
        assert set(grouping.group_of[prepared.scenario.stocked]) == set(range(len(grouping.names)))
        assert all(grouping.names)


def test_items_and_cells_have_the_intervals_of_their_replications(prepared, outcome, all_facts):
    from restock.sim import statistics
    from restock.sim.measures.measures import denominators, numerators

    own, chain, _ = all_facts
    stocked = prepared.scenario.stocked
    for level, sums in (("item", chain.sum(axis=2)), ("cell", own[:, stocked])):
        expected = statistics.interval(numerators(sums), denominators(sums, prepared.scenario.days))
        found = outcome.interval(level)
        told = np.isin(list(MEASURES), outcome.measures)
        np.testing.assert_allclose(found.estimate[:, told], expected.estimate[:, told], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(found.half_width[:, told], expected.half_width[:, told], rtol=1e-6, atol=1e-7)
        assert np.isnan(found.estimate[:, ~told]).all()


def test_threads_change_no_bit(prepared, outcome):
    again = evaluate(prepared, LEAN, REPLICATIONS, seed=3, threads=1, series=True, levels=LEVELS)
    for level, sums in outcome.rollup.sums.items():
        assert sums.tobytes() == again.rollup.sums[level].tobytes(), level
    for level, moments in outcome.rollup.moments.items():
        assert moments.mean.tobytes() == again.rollup.moments[level].mean.tobytes(), level
        assert moments.squares.tobytes() == again.rollup.moments[level].squares.tobytes(), level
    assert outcome.series.tobytes() == again.series.tobytes()


def test_levels_add_up_to_the_chain(outcome):
    """Money and stock of sites, tiers, classes and categories each sum to the chain's."""
    columns = [FACT[name] for name in ("carrying", "ordering", "lost", "on_hand_days", "sales_revenue", "lost_margin")]
    chain = outcome.rollup.sums["chain"][:, 0, columns]
    for level in ("tier", "site", "class", "category"):
        np.testing.assert_allclose(outcome.rollup.sums[level][..., columns].sum(axis=1), chain, rtol=1e-12)


def test_the_chains_fill_rate_is_the_customers(outcome, all_facts):
    own, _, _ = all_facts
    stores = own[:, :, 1:].sum(axis=(0, 1, 2))
    assert outcome.value("fill_rate")[0] == pytest.approx(stores[FACT["filled"]] / stores[FACT["demand"]])
    assert outcome.value("fill_rate", "tier", "store") == pytest.approx(outcome.value("fill_rate"))
    assert outcome.value("fill_rate", "tier", "dc")[0] != pytest.approx(outcome.value("fill_rate")[0])


def test_a_dc_sells_nothing_but_turns_its_stock(outcome):
    for name, expected in (("sales_revenue", 0.0), ("gmroi", 0.0), ("stockout_cost", 0.0)):
        assert outcome.value(name, "tier", "dc")[0] == expected
    assert np.isnan(outcome.value("distortion_pct_of_sales", "tier", "dc")[0])
    assert outcome.value("turnover", "tier", "dc")[0] > 1


def test_the_daily_series_agree_with_the_ledger(prepared, outcome, all_facts):
    _, _, shard = all_facts
    np.testing.assert_allclose(outcome.series, shard.series.mean(axis=1))
    assert (outcome.one_series == shard.series[:, 0]).all()
    frame = outcome.over_time()
    assert len(frame) == prepared.scenario.horizon * len(prepared.scenario.sites)
    measured = frame[frame["day"] >= prepared.scenario.warm_up]
    on_hand = measured.groupby("day")["on_hand"].sum().mean()
    assert on_hand == pytest.approx(outcome.value("average_on_hand")[0])
    assert set(SERIES) < set(frame.columns)


def test_the_warm_up_used_stands_beside_the_one_suggested(outcome):
    assert outcome.warm_up_line().startswith("warm-up used: 28 days; MSER-5 ")


def test_a_table_is_tidy(outcome):
    frame = outcome.table("site", ["fill_rate", "total_cost"])
    assert list(frame.columns) == ["policy", "level", "group", "measure", "estimate", "low", "high", "half_width",
                                   "unit", "replications"]  # fmt: skip
    assert frame["group"].tolist() == ["dc", "dc", "store_0", "store_0", "store_1", "store_1", "store_2", "store_2"]
    assert frame["unit"].tolist()[:2] == ["share", "money/year"]
    assert outcome.table("chain")["measure"].tolist() == outcome.measures == measures_of()
    values = measure_values(outcome.rollup.sums["chain"].sum(axis=0)[0], outcome.rollup.days)
    whole = outcome.table("chain").set_index("measure")["estimate"]
    assert whole["fill_rate"] == pytest.approx(float(values["fill_rate"]))
    assert whole["total_cost"] * REPLICATIONS == pytest.approx(float(values["total_cost"]))


@pytest.fixture(scope="module")
def comparison(prepared):
    return compare(prepared, {"lean": LEAN, "rich": RICH, "the same": LEAN}, 20, seed=4, baseline="lean")


def test_policies_meet_the_same_demand(comparison):
    asked = comparison.table(measures=["units_asked"])["estimate"]
    assert asked.nunique() == 1


def test_differences_are_paired_and_judged(comparison):
    frame = comparison.differences(measures=["fill_rate", "turnover", "units_asked"])
    rich, same = (frame[frame["policy"] == name].set_index("measure") for name in ("rich", "the same"))
    assert rich.loc["fill_rate", "verdict"] == "better"
    assert rich.loc["turnover", "verdict"] == "worse"
    assert (same["difference"] == 0).all()
    assert (same["verdict"] == "no difference shown").all()
    estimates = comparison.table(measures=["fill_rate"])["estimate"]
    assert rich.loc["fill_rate", "difference"] == pytest.approx(estimates[1] - estimates[0])
    assert (rich["low"] <= rich["difference"]).all()
    assert set(comparison.differences("rich")["policy"]) == {"lean", "the same"}


def test_the_managers_table_says_who_is_better(comparison):
    text = manager_table(comparison)
    assert text.startswith("small: 12 items, 4 sites, 84 days after 28 days of warm-up, 20 replication(s), seed 4")
    for words in ("fill rate", "less 'lean'", "better", "no difference shown", "Holm", "95% interval"):
        assert words in text
    assert max(map(len, text.splitlines())) <= 130


def test_one_replication_gives_no_intervals_and_says_so(prepared):
    one = compare(prepared, {"lean": LEAN, "rich": RICH}, 1, seed=4)
    assert one.table()["half_width"].isna().all()
    assert set(one.differences()["verdict"]) == {""}
    assert "One replication: no intervals" in manager_table(one)


def test_progress_rises_to_one(prepared):
    seen = []
    compare(prepared, {"lean": LEAN, "rich": RICH}, 2, seed=4, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_errors_say_what_is_allowed(prepared, comparison, outcome):
    with pytest.raises(InputError, match="replications must be a whole number not below 1, got 0"):
        evaluate(prepared, LEAN, 0, seed=1)
    with pytest.raises(InputError, match="measure 'fil_rate' is unknown; did you mean 'fill_rate'"):
        comparison.table(measures=["fil_rate"])
    with pytest.raises(InputError, match="level 'shop' is unknown"):
        evaluate(prepared, LEAN, 1, seed=1, levels=("shop",))
    with pytest.raises(InputError, match="level 'item' keeps no single replications"):
        outcome.pairs("item")
    with pytest.raises(InputError, match="no daily series were kept for policy 'lean'"):
        comparison.outcomes["lean"].over_time()
    with pytest.raises(InputError, match="baseline 'best' is unknown"):
        compare(prepared, {"lean": LEAN}, 1, seed=1, baseline="best")
    with pytest.raises(InputError, match="only policy 'lean' was run"):
        compare(prepared, {"lean": LEAN}, 2, seed=1).differences()


def test_a_run_without_a_steady_state_says_so_above_the_verdicts_and_marks_them():
    """Lead times of 90 days and no warm-up: shelves run empty, and the first orders come together."""
    lanes = [Lane("supplier", "store", Constant(90))]
    scenario = scenario_of("far", [Item("milk")], [Site("store")], lanes, {("milk", "store"): Poisson(4.0)}, days=182)
    policies = {"lean": BaseStock(base_stock_level=420), "rich": BaseStock(base_stock_level=480)}
    found = compare(Prepared(scenario), policies, replications=16, seed=1)
    assert found.outcomes["lean"].series is None  # no daily series, nothing to judge by
    assert UNSTEADY not in manager_table(found)
    found = compare(Prepared(scenario), policies, replications=16, seed=1, series=True)
    lines = manager_table(found).splitlines()
    warning = next(k for k, line in enumerate(lines) if line.startswith("No steady state under 'lean': "))
    verdicts = [k for k, line in enumerate(lines) if "fill rate  " in line and "%-points" in line]
    assert warning < min(verdicts) and all(UNSTEADY in lines[k] for k in verdicts)
    steady = compare(Prepared(scenario.having(warm_up=308)), policies, replications=16, seed=1, series=True)
    assert UNSTEADY not in manager_table(steady)


@pytest.mark.parametrize(("rise", "moves"), [(0.0, False), (0.05, False), (0.4, True)])
def test_stock_that_ends_elsewhere_than_it_began_is_no_steady_state(rise, moves):
    days = np.arange(420)
    stock = 1000 * (1 + rise * np.clip(days - 56, 0, None) / 364)
    assert (drift(stock, 56) > 0) == moves
    assert drift(stock, 56, noise=90) == 0.0  # so far apart are the replications
    season = stock * (1 + 0.3 * np.sin(2 * np.pi * days / 364))
    assert (drift(season, 56) > 0) == moves
