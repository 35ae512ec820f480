"""Figures: the numbers drawn are those of the table, and nothing is written over anything else."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from chains import LEAN, RICH, small_chain
from matplotlib.text import Text

from restock.sim.errors import InputError
from restock.sim.figures import figures as plots
from restock.sim.figures import stock
from restock.sim.figures import sweep as plots_sweep
from restock.sim.figures.style import LOOKS, looks
from restock.sim.model.abc_classes import abc_classes
from restock.sim.results.bad_years import SHOWN, differing_years, each_replication, risk_table
from restock.sim.study.compare import compare
from restock.sim.study.told_apart import by_intervals, by_pairs, leaders


@pytest.fixture(scope="module")
def comparison():
    return compare(small_chain(), {"lean": LEAN, "rich": RICH}, 8, seed=1, series=True)


@pytest.fixture(scope="module")
def table(comparison):
    return comparison.table()


def points(axes):
    """(x, y) of every point with error bars."""
    return np.array([np.column_stack(bars.lines[0].get_data())[0] for bars in axes.containers], dtype=float)


def estimates(table, measure):
    return table[table["measure"] == measure]["estimate"].to_numpy()


def overlapping(figure):
    """Pairs of texts of the first axes that cover each other when drawn."""
    figure.draw_without_rendering()
    axes = figure.axes[0]
    texts = [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
    legend = axes.get_legend()
    texts += legend.get_texts() if legend else []
    shown = [text for text in texts if text.get_text()]
    boxes = [Text.get_window_extent(text).shrunk(0.98, 0.9) for text in shown]  # of the words, without a leader
    return [(shown[a].get_text(), shown[b].get_text()) for a in range(len(boxes)) for b in range(a)
            if boxes[a].overlaps(boxes[b])]  # fmt: skip


def test_the_tradeoff_shows_both_measures_and_names_every_policy(table):
    figure = plots.tradeoff(table)
    axes = figure.axes[0]
    np.testing.assert_allclose(points(axes)[:, 0], estimates(table, "average_inventory_value"))
    np.testing.assert_allclose(points(axes)[:, 1], estimates(table, "fill_rate"))
    assert {text.get_text() for text in axes.texts} == {"lean", "rich"}
    assert axes.get_xlabel() == "average inventory value (money)"
    assert axes.get_ylabel() == "fill rate (%)"
    assert not overlapping(figure)


def test_names_are_placed_without_drawing_the_figure_for_that(table, monkeypatch):
    monkeypatch.setattr("matplotlib.axes.Axes.draw", lambda *given: pytest.fail("it is drawn before it is saved"))
    assert {text.get_text() for text in plots.tradeoff(table).axes[0].texts} == {"lean", "rich"}


def test_policies_side_by_side_keep_to_the_table(table):
    figure = plots.policy_comparison(table, ["fill_rate", "total_cost"])
    for axes, measure in zip(figure.axes, ["fill_rate", "total_cost"], strict=True):
        np.testing.assert_allclose(points(axes)[:, 0], estimates(table, measure))


def rows(policies, measure, **columns):
    """Rows of a tidy table, one for each policy."""
    return pd.DataFrame({"policy": policies, "measure": measure, "level": "chain", "group": "all",
                         "replications": 20, **columns})  # fmt: skip


def costs(values, half_width=1.0):
    """A table of distortion costs, all of them stockouts."""
    policies, estimate = list(values), np.array(list(values.values()), float)
    of = {"half_width": half_width, "low": estimate - half_width, "high": estimate + half_width}
    parts = [rows(policies, "distortion_cost", estimate=estimate, **of),
             rows(policies, "stockout_cost", estimate=estimate, **of),
             rows(policies, "overstock_cost", estimate=0.0, **of),
             rows(policies, "distortion_pct_of_sales", estimate=1234.5, **of)]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def titles(figure):
    return [figure.get_suptitle(), *(axes.get_title(loc="left") for axes in figure.axes)]


def test_bars_of_stockout_and_overstock_stack_to_the_distortion_cost(table):
    figure = plots.distortion_split(table)
    bars = [c for c in figure.axes[0].containers if hasattr(c, "patches")]
    tops = np.array([[bar.get_height() for bar in group] for group in bars]).sum(axis=0)
    np.testing.assert_allclose(tops, estimates(table, "distortion_cost"))
    assert "95% intervals over 8 replications" in figure.get_suptitle()
    assert not overlapping(figure)


def test_bars_sixty_times_smaller_are_drawn_again_on_a_scale_of_their_own():
    figure = plots.distortion_split(costs({"a": 600, "b": 10, "c": 9}))
    heights = [[bar.get_height() for bar in axes.containers[0].patches] for axes in figure.axes]
    assert heights == [[600, 10, 9], [10, 9]]
    assert titles(figure)[1:] == ["", "the smaller ones, drawn 60 times as large"]
    assert figure.axes[1].get_ylim()[1] < 20
    assert [text.get_text() for text in figure.axes[1].texts] == ["1,234% of sales"] * 2
    assert len(plots.distortion_split(costs({"a": 60, "b": 10})).axes) == 1


def test_no_lowest_cost_of_one_policy_and_none_inside_the_noise():
    assert "Distortion cost under 'a': 5,000 a year" in plots.distortion_split(costs({"a": 5000})).get_suptitle()
    close = costs({"a": 5000, "b": 5001, "c": 9000})
    said = plots.distortion_split(close).get_suptitle()
    assert said.startswith("Lowest distortion cost not told apart: 'a' and 'b'\n")
    paired = plots.distortion_split(close, shown=lambda measure, one, other: (one, other) != ("a", "c"))
    assert "'a' and 'c'" in paired.get_suptitle()
    assert plots.distortion_split(costs({"a": 5000, "b": 5010})).get_suptitle().startswith("'a' has the lowest")


def test_policies_are_told_apart_by_their_paired_differences(comparison):
    shown = by_pairs(comparison, ("fill_rate", "distortion_cost"))
    found = comparison.differences("lean", measures=("fill_rate",))
    assert found["verdict"].tolist() == ["better"]
    assert shown("fill_rate", "rich", "lean") and not shown("fill_rate", "lean", "rich")
    one = compare(small_chain(), {"lean": LEAN, "rich": RICH}, 1, seed=1)
    assert not by_pairs(one, ("fill_rate",))("fill_rate", "rich", "lean")
    assert leaders(one.table(measures=["fill_rate"]), by_intervals(one.table())) == ["rich", "lean"]


def test_a_policy_is_beaten_only_where_that_is_shown(comparison):
    def said(*fill_rates, **half):
        table = pd.concat([
            rows(["a", "b", "c"], "fill_rate", estimate=fill_rates, half_width=half.get("half", 0.01)),
            rows(["a", "b", "c"], "average_inventory_value", estimate=[5.0, 6.0, 4.0], half_width=10.0),
        ])  # fmt: skip
        return plots.tradeoff(table).axes[0].get_title(loc="left")

    assert said(0.9, 0.8, 0.5) == (
        "Fill rate against average inventory value\nnot shown to be beaten on both: a, c"
    )  # b is worse on both, a's fill rate is shown to be better
    assert said(0.9, 0.899, 0.5) == "Fill rate against average inventory value"  # the difference may be noise
    assert "\n" not in plots.tradeoff(comparison.outcomes["lean"].table()).axes[0].get_title(loc="left")


def test_a_policy_keeps_its_colour_and_marker_whoever_is_beside_it(table):
    def drawn(figure):
        return {text.get_text(): text.get_color() for text in figure.axes[0].texts}

    alone = drawn(plots.tradeoff(table[table["policy"] == "rich"]))
    assert drawn(plots.tradeoff(table))["rich"] == alone["rich"] == looks(["rich"])["rich"][0]
    assert len(set(LOOKS.values())) == len(LOOKS) == len({marker for _, marker in LOOKS.values()})
    own = {name: colour for name, (colour, _) in LOOKS.items() if name not in ("just_in_time", "levels")}
    assert len(set(own.values())) == len(own)  # the pure idea has the colour of its practice, what you have now is grey
    many = [f"mine_{k}" for k in range(40)]
    assert len(set(looks([*LOOKS, *many]).values())) == len(LOOKS) + 40  # none alike in one figure
    assert looks(many) == looks(reversed(many))


@pytest.mark.parametrize("policy", LOOKS)
def test_a_policy_has_one_look_in_all_figures_of_a_run(policy, table):
    named = table.replace({"policy": {"rich": policy, "lean": "another"}})
    bar = plots.policy_comparison(named, ["fill_rate"]).axes[0].containers[1]
    line = plots.tradeoff(named).axes[0].containers[[*looks(named["policy"])].index(policy)]
    for drawn in (bar, line):
        assert (drawn.lines[0].get_color(), drawn.lines[0].get_marker()) == LOOKS[policy]


def test_the_policies_that_come_with_restock_have_a_look_each():
    from restock.policies.catalogue import policy_names

    assert set(LOOKS) == {*policy_names(), "just_in_time_with_cover", "predictive_from_file", "beer_game_benchmark"}


def numbers_on(axis):
    return [axis.get_major_formatter()(value, 0) for value in (1234567.0, 2500.0, 0.5)]


def test_large_numbers_have_separators_in_every_figure(comparison):
    daily = comparison.outcomes["lean"].over_time()
    daily = daily[daily["site"] == "store_0"].assign(on_hand=lambda d: d["on_hand"] + 12345)
    axes = stock.stock_over_time(daily, {"reorder_point": 12000}).axes[0]
    assert numbers_on(axes.yaxis) == numbers_on(axes.xaxis) == ["1,234,567", "2,500", "0.5"]
    assert "reorder point (12,000)" in [text.get_text() for text in axes.get_legend().get_texts()]
    wide = sweep().assign(safety_factor=lambda frame: 5000 * frame["safety_factor"])
    along = plots_sweep.sweep_lines(wide, "safety_factor", by="order_days").axes[0]
    assert [tick.get_text() for tick in along.get_xticklabels()] == ["0", "5,000", "10,000"]
    grid = plots_sweep.sweep_map(wide, "safety_factor", "order_days").axes[0]
    assert [tick.get_text() for tick in grid.get_xticklabels()] == ["0", "5,000", "10,000"]


def test_bad_years_mark_the_figures_of_the_risk_table(comparison):
    values = {label: each_replication(outcome) for label, outcome in comparison.outcomes.items()}
    risk = risk_table(comparison.outcomes.values())
    figure = plots.bad_years(values, risk)
    for axes, (policy, x) in zip(figure.axes, values.items(), strict=True):
        lines = sorted(line.get_xdata()[0] for line in axes.lines)
        mine = risk[(risk["policy"] == policy) & risk["share"].isin([0.5, SHOWN])]
        np.testing.assert_allclose(lines, sorted(mine["estimate"]))
        assert sum(bar.get_height() for bar in axes.containers[0].patches) == len(x)
    assert figure.get_suptitle().startswith("Distortion cost over 8 replications")


def risks(middle, bad, spread):
    """The quantiles of two policies: 'same' never has a bad year."""
    rows = [{"policy": policy, "statistic": "quantile", "share": share, "estimate": at, "low": at - spread,
             "high": at + spread}
            for policy, ends in (("same", (5.0, 5.0)), ("other", (middle, bad)))
            for share, at in zip((0.5, SHOWN), ends, strict=True)]  # fmt: skip
    return pd.DataFrame(rows)


def test_bad_years_are_those_of_policies_whose_years_differ():
    assert differing_years(risks(100.0, 110.0, 1.0)) == ["other"]
    assert differing_years(risks(100.0, 104.0, 1.0)) == []  # hardly worse
    assert differing_years(risks(100.0, 110.0, 6.0)) == []  # the intervals overlap
    assert differing_years(risks(100.0, 110.0, np.nan)) == []  # too few replications for an interval


def test_bullwhip_by_tier_has_a_point_for_each_tier_and_policy(comparison):
    tiers = comparison.table("tier")
    figure = plots.bullwhip_by_tier(tiers)
    drawn = [bars.lines[0].get_ydata() for bars in figure.axes[0].containers]
    np.testing.assert_allclose(np.concatenate(drawn).astype(float), estimates(tiers, "bullwhip_ratio"))
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["store", "dc"]


def test_stock_over_time_marks_the_days_that_were_short(comparison):
    daily = comparison.outcomes["lean"].over_time()
    daily = daily[daily["site"] == "store_0"].assign(unmet=lambda d: d["demand"] - d["filled"])
    figure = stock.stock_over_time(daily, {"reorder_point": 20})
    axes = figure.axes[0]
    marks = next(line for line in axes.lines if line.get_label() == "demand short")
    assert list(marks.get_xdata()) == daily["day"][daily["unmet"] > 0].tolist()
    assert f"short on {int((daily['unmet'] > 0).sum())} of {len(daily)} days" in axes.get_title(loc="left")
    assert not overlapping(figure)


def test_stock_over_time_shades_the_days_of_a_promotion(comparison):
    daily = comparison.outcomes["lean"].over_time()
    daily = daily[daily["site"] == "store_0"].head(12)
    daily = daily.assign(promotion=[1, 3, 3, 0.5, 1, 1, 2, 1, 1, 1, 1, 3.0])
    axes = stock.stock_over_time(daily).axes[0]
    first = int(daily["day"].iloc[0])
    spans = [(box.get_x() + 0.5 - first, box.get_width()) for box in axes.patches]
    assert spans == [(1, 2), (6, 1), (11, 1)]
    assert [text.get_text() for text in axes.get_legend().get_texts()].count("promotion") == 1


def test_days_are_counted_as_events_are_and_the_warm_up_is_shaded(comparison):
    daily = comparison.outcomes["lean"].over_time()
    daily = daily[daily["site"] == "store_0"].assign(promotion=lambda d: np.where(d["day"] == 16, 2.0, 1.0))
    levels = {"order_up_to_level": np.arange(float(len(daily)))}
    axes = stock.stock_over_time(daily, levels, warm_up=14).axes[0]
    spans = {box.get_label(): (box.get_x(), box.get_width()) for box in axes.patches}
    assert spans == {"warm-up": (-14.5, 14), "promotion": (1.5, 1)}
    assert axes.get_xlim()[0] == -14.5
    level = next(line for line in axes.lines if line.get_label() == "order up to level")
    assert level.get_ydata()[list(level.get_xdata()).index(0)] == 14


def test_stores_and_dcs_have_a_panel_each(comparison):
    from dataclasses import replace

    from restock.experiments.figures import stock_by_kind

    outcome = comparison.outcomes["lean"]
    figure = stock_by_kind("lean", outcome)
    stores, dc = figure.axes
    assert (stores.get_ylabel(), dc.get_ylabel()) == ("units in the stores", "units in the DC")
    days = outcome.over_time()
    for axes, inside in ((stores, days["site"] != "dc"), (dc, days["site"] == "dc")):
        on_hand = next(line for line in axes.lines if line.get_label() == "on hand")
        np.testing.assert_allclose(on_hand.get_ydata(), days[inside].groupby("day")["on_hand"].sum())
        assert on_hand.get_xdata()[0] == -outcome.prepared.scenario.warm_up
    assert figure.get_suptitle().endswith(", mean over 8 replications")
    fewer = replace(outcome, daily_replications=3)
    assert stock_by_kind("lean", fewer).get_suptitle().endswith(", mean over the first 3 replications")


def test_stock_of_a_run_shades_its_promotions():
    from dataclasses import replace

    from restock.experiments.figures import stock_by_kind
    from restock.sim.model.demand_events import Promotion
    from restock.sim.planning.prepared import Prepared

    chain = small_chain()
    scenario = replace(chain.scenario, events=(Promotion(start=3, days=4, uplift=3.0),))
    outcome = compare(Prepared(scenario), {"lean": LEAN}, 2, seed=1, series=True).outcomes["lean"]
    for axes in stock_by_kind("lean", outcome).axes:
        spans = {box.get_label(): (box.get_x(), box.get_width()) for box in axes.patches}
        assert spans["promotion"] == (2.5, 4)


@pytest.mark.parametrize("sigma", [0.3, 1.0, 2.5])
def test_the_pareto_curve_ends_at_all_the_value_and_its_labels_keep_apart(sigma):
    values = np.random.default_rng(1).lognormal(0, sigma, 500)
    figure = plots.abc_pareto(values, abc_classes(values))
    curve = figure.axes[0].lines[0].get_ydata()
    assert curve[0] == 0
    assert curve[-1] == pytest.approx(100)
    assert (np.diff(curve) >= 0).all()
    assert not overlapping(figure)


def sweep(half_width=10.0):
    rows = [
        {"measure": "total_cost", "level": "chain", "group": "all", "safety_factor": z, "order_days": d,
         "replications": 5, "estimate": 1000 + 100 * (z - 1) ** 2 + d, "half_width": half_width}
        for z in (0.0, 1.0, 2.0)
        for d in (7, 14)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_sweep_over_two_axes_puts_each_number_in_its_square():
    figure = plots_sweep.sweep_map(sweep(half_width=1.0), "safety_factor", "order_days")
    picture = figure.axes[0].images[0].get_array()
    np.testing.assert_allclose(picture, [[1114, 1014, 1114], [1107, 1007, 1107]])
    assert figure.axes[0].get_title(loc="left") == "Lowest total cost at safety factor = 1, order days = 7"
    assert "1,007\n± 1" in [text.get_text() for text in figure.axes[0].texts]


def test_a_sweep_over_one_axis_draws_a_line_for_each_family():
    axes = plots_sweep.sweep_lines(sweep(half_width=np.nan), "safety_factor", by="order_days").axes[0]
    assert [bars.lines[0].get_ydata().tolist() for bars in axes.containers] == [[1107, 1007, 1107], [1114, 1014, 1114]]


def test_labels_of_policies_that_lie_together_keep_apart():
    rows = [
        {"policy": f"policy_{k}", "measure": measure, "level": "chain", "group": "all", "replications": 5,
         "estimate": value + 1e-4 * k, "half_width": 1e-5}
        for k in range(6)
        for measure, value in (("fill_rate", 0.95), ("average_inventory_value", 100.0))
    ]  # fmt: skip
    far = [dict(rows[0], policy="far", estimate=0.5), dict(rows[1], policy="far", estimate=500.0)]
    assert not overlapping(plots.tradeoff(pd.DataFrame(rows + far)))


def test_labels_keep_clear_of_error_bars():
    near = (("fill_rate", [0.90, 0.91], 0.02), ("average_inventory_value", [100.0, 101.0], 4.0))
    both = pd.concat([rows(["left", "right"], name, estimate=at, half_width=half) for name, at, half in near])
    figure = plots.tradeoff(both)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    bars = [segment for bars in axes.containers for lines in bars.lines[2] for segment in lines.get_segments()]
    assert len(bars) == 4
    for text in axes.texts:
        box = Text.get_window_extent(text)
        for segment in bars:
            (x0, y0), (x1, y1) = axes.transData.transform(segment)
            assert box.x1 < x0 or x1 < box.x0 or box.y1 < y0 or y1 < box.y0, text.get_text()


def test_a_sweep_names_no_winner_inside_the_noise():
    def said(half_width):
        table = sweep(half_width)
        return plots_sweep.sweep_map(table, "safety_factor", "order_days").axes[0].get_title(loc="left")

    assert said(1.0) == "Lowest total cost at safety factor = 1, order days = 7"
    assert said(6.0) == "Lowest total cost: 2 of 6 runs are not told apart"


def test_errors_say_what_the_figure_needs(comparison, table):
    with pytest.raises(InputError, match="needs measure 'turnover', which the table does not have"):
        plots.tradeoff(table[table["measure"] == "fill_rate"], x="turnover")
    with pytest.raises(InputError, match="shows one group, but the table has 4; choose one"):
        plots.tradeoff(comparison.table("site"))
    with pytest.raises(InputError, match="needs a table at level 'tier'"):
        plots.bullwhip_by_tier(table)


def test_matplotlib_is_loaded_by_figures_alone_and_without_pyplot():
    code = "import sys, restock.sim.study.compare; assert not {'matplotlib', 'pandas'} & set(sys.modules)\n"
    code += "import restock.sim.figures.figures; assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
