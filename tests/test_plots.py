"""Figures: the numbers drawn are those of the table, and nothing is written over anything else."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from chains import LEAN, RICH, small_chain
from matplotlib.text import Text

from sim import plots
from sim.classes import abc_classes
from sim.errors import InputError
from sim.risk_table import SHOWN, each_replication, risk_table
from sim.study import compare


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


def test_policies_side_by_side_keep_to_the_table(table):
    figure = plots.policy_comparison(table, ["fill_rate", "total_cost"])
    for axes, measure in zip(figure.axes, ["fill_rate", "total_cost"], strict=True):
        np.testing.assert_allclose(points(axes)[:, 0], estimates(table, measure))


def test_bars_of_stockout_and_overstock_stack_to_the_distortion_cost(table):
    figure = plots.distortion_split(table)
    bars = [c for c in figure.axes[0].containers if hasattr(c, "patches")]
    tops = np.array([[bar.get_height() for bar in group] for group in bars]).sum(axis=0)
    np.testing.assert_allclose(tops, estimates(table, "distortion_cost"))
    assert "95% intervals over 8 replications" in figure.axes[0].get_title(loc="left")
    assert not overlapping(figure)


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


def test_bullwhip_by_tier_has_a_point_for_each_tier_and_policy(comparison):
    tiers = comparison.table("tier")
    figure = plots.bullwhip_by_tier(tiers)
    drawn = [bars.lines[0].get_ydata() for bars in figure.axes[0].containers]
    np.testing.assert_allclose(np.concatenate(drawn).astype(float), estimates(tiers, "bullwhip_ratio"))
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["store", "dc"]


def test_stock_over_time_marks_the_days_that_were_short(comparison):
    daily = comparison.outcomes["lean"].over_time()
    daily = daily[daily["site"] == "store_0"].assign(unmet=lambda d: d["demand"] - d["filled"])
    figure = plots.stock_over_time(daily, {"reorder_point": 20})
    axes = figure.axes[0]
    marks = next(line for line in axes.lines if line.get_label() == "demand short")
    assert list(marks.get_xdata()) == daily["day"][daily["unmet"] > 0].tolist()
    assert f"short on {int((daily['unmet'] > 0).sum())} of {len(daily)} days" in axes.get_title(loc="left")
    assert not overlapping(figure)


def test_stock_over_time_shades_the_days_of_a_promotion(comparison):
    daily = comparison.outcomes["lean"].over_time()
    daily = daily[daily["site"] == "store_0"].head(12)
    daily = daily.assign(promotion=[1, 3, 3, 0.5, 1, 1, 2, 1, 1, 1, 1, 3.0])
    axes = plots.stock_over_time(daily).axes[0]
    first = int(daily["day"].iloc[0])
    spans = [(box.get_x() + 0.5 - first, box.get_width()) for box in axes.patches]
    assert spans == [(1, 2), (6, 1), (11, 1)]
    assert [text.get_text() for text in axes.get_legend().get_texts()].count("promotion") == 1


@pytest.mark.parametrize("sigma", [0.3, 1.0, 2.5])
def test_the_pareto_curve_ends_at_all_the_value_and_its_labels_keep_apart(sigma):
    values = np.random.default_rng(1).lognormal(0, sigma, 500)
    figure = plots.abc_pareto(values, abc_classes(values))
    curve = figure.axes[0].lines[0].get_ydata()
    assert curve[0] == 0
    assert curve[-1] == pytest.approx(100)
    assert (np.diff(curve) >= 0).all()
    assert not overlapping(figure)


def sweep(intervals=True):
    rows = [
        {"measure": "total_cost", "level": "chain", "group": "all", "safety_factor": z, "order_days": d,
         "replications": 5, "estimate": 1000 + 100 * (z - 1) ** 2 + d, "half_width": 10.0 if intervals else np.nan}
        for z in (0.0, 1.0, 2.0)
        for d in (7, 14)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_sweep_over_two_axes_puts_each_number_in_its_square():
    figure = plots.sweep_map(sweep(), "safety_factor", "order_days")
    picture = figure.axes[0].images[0].get_array()
    np.testing.assert_allclose(picture, [[1114, 1014, 1114], [1107, 1007, 1107]])
    assert figure.axes[0].get_title(loc="left") == "Lowest total cost at safety factor = 1, order days = 7"
    assert "1,007\n± 10" in [text.get_text() for text in figure.axes[0].texts]


def test_a_sweep_over_one_axis_draws_a_line_for_each_family():
    axes = plots.sweep_lines(sweep(intervals=False), "safety_factor", by="order_days").axes[0]
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


def test_errors_say_what_the_figure_needs(comparison, table):
    with pytest.raises(InputError, match="needs measure 'turnover', which the table does not have"):
        plots.tradeoff(table[table["measure"] == "fill_rate"], x="turnover")
    with pytest.raises(InputError, match="shows one group, but the table has 4; choose one"):
        plots.tradeoff(comparison.table("site"))
    with pytest.raises(InputError, match="needs a table at level 'tier'"):
        plots.bullwhip_by_tier(table)


def test_matplotlib_is_loaded_by_figures_alone_and_without_pyplot():
    code = "import sys, sim.study; assert 'matplotlib' not in sys.modules and 'pandas' not in sys.modules\n"
    code += "import sim.plots; assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
