"""The figure of a claim: arms along an axis, side by side, or service against what it takes; intervals drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from restock.sim.figures.style import (
    BLACK,
    GREY,
    LABEL,
    TICK,
    TITLE,
    axis_label,
    finish,
    half_widths,
    in_words,
    looks_in_order,
    new_figure,
    numeral,
    room_for,
    set_scale,
)
from restock.sim.measures.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

LINE = 86  # letters of a title's line
WIDE = 8  # highest over lowest from which money is drawn on a logarithmic scale
THEORY = {"color": BLACK, "linestyle": (0, (6, 3)), "linewidth": 2.2}


def claim_title(question: str, answer: str) -> str:
    """The question and the answer, in lines that fit."""
    return "\n".join([*textwrap.wrap(question, LINE), *textwrap.wrap(answer, LINE)])


def claim_lines(
    table: pd.DataFrame,
    measure: str,
    axis: str,
    title: str,
    theory: Sequence[str] = (),
    at: str = "",
    against: str = "",
) -> Figure:
    """A measure of each arm along the axis; arms by theory are dashed.

    `table` has columns arm, x (numbers, or names), measure, estimate, half_width. `at` says at which service, where
    the arms share it; `against` names the arm to which the figures are changes, as shares.
    """
    rows = table[table["measure"] == measure]
    figure, axes = new_figure()
    xs = list(dict.fromkeys(rows["x"]))
    numbers = all(isinstance(x, (int, float)) for x in xs)
    place = {x: x if numbers else k for k, x in enumerate(xs)}
    arms = list(dict.fromkeys(rows["arm"]))
    look = looks_in_order(arm for arm in arms if arm not in theory)
    many = len(look)
    for k, arm in enumerate(arms):
        mine = rows[rows["arm"] == arm]
        mine = mine.sort_values("x") if numbers else mine
        spread = 0.0 if numbers else 0.4 * ((k + 0.5) / many - 0.5)
        at_x = np.array([place[x] for x in mine["x"]]) + spread
        if arm in theory:
            axes.plot(at_x, mine["estimate"], label=in_words(arm), **THEORY)  # type: ignore[arg-type]
            continue
        axes.errorbar(at_x, mine["estimate"], yerr=half_widths(mine), color=look[arm][0], marker=look[arm][1],
                      markersize=11, linewidth=2.2 if numbers else 0, elinewidth=2.4, capsize=6,
                      label=in_words(arm))  # fmt: skip
    if against:
        set_scale(axes.yaxis, next(name for name in MEASURES if MEASURES[name].unit == "share"))
        axes.axhline(0, color=GREY, linestyle="--", linewidth=1.5, label=in_words(against))
    elif MEASURES[measure].unit.startswith("money") and rows["estimate"].min() > 0 and _spread(rows["estimate"]) > WIDE:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: numeral(v)))
    else:
        set_scale(axes.yaxis, measure)
    if numbers:
        axes.set_xticks(xs, [numeral(x) for x in xs])
    else:
        axes.set_xticks(range(len(xs)), [in_words(str(x)) for x in xs], fontsize=LABEL)
        axes.set_xlim(-0.6, len(xs) - 0.4)
    axes.margins(0.05, 0.1)
    y = f"{in_words(measure)}, change against {in_words(against)} (%)" if against else axis_label(measure)
    return _finished(figure, axes, title, axis, f"{y}\n{at}" if at else y)


def _spread(values: pd.Series) -> float:
    return float(values.max() / values.min())


def claim_curves(
    along: pd.DataFrame, table: pd.DataFrame, measure: str, service: str, target: float, title: str
) -> Figure:
    """Service against a measure, along each arm's settings; where the line of equal service meets them is marked."""
    figure, axes = new_figure()
    for arm, (colour, marker) in looks_in_order(along["arm"]).items():
        mine = along[along["arm"] == arm]
        x, y = (mine[mine["measure"] == name] for name in (measure, service))
        axes.errorbar(x["estimate"], y["estimate"], xerr=half_widths(x), yerr=half_widths(y), color=colour,
                      marker=marker, markersize=9, linewidth=2.2, elinewidth=2, capsize=4,
                      label=in_words(arm))  # fmt: skip
        there = table[(table["arm"] == arm) & (table["measure"] == measure)]
        axes.errorbar(there["estimate"], [target] * len(there), xerr=half_widths(there), color=colour, marker="*",
                      markersize=26, markeredgecolor="white", elinewidth=3, capsize=8, linestyle="none",
                      zorder=5)  # fmt: skip
    axes.axhline(target, color=GREY, linestyle="--", linewidth=1.5, label="equal service: compared at the stars")
    set_scale(axes.xaxis, measure)
    set_scale(axes.yaxis, service)
    axes.margins(0.06, 0.1)
    return _finished(figure, axes, title, axis_label(measure), axis_label(service))


def claim_points(table: pd.DataFrame, measures: Sequence[str], title: str) -> Figure:
    """Arms side by side, a panel for each measure."""
    from restock.sim.figures.figures import policy_comparison

    named = table.assign(policy=[in_words(arm) for arm in table["arm"]])
    look = {in_words(arm): mine for arm, mine in looks_in_order(table["arm"]).items()}
    figure = policy_comparison(named, measures, title=title, look=look)
    figure.subplots_adjust(left=room_for(named["policy"], 0.12), top=_top(title) - 0.07)
    return figure


def _finished(figure: Figure, axes, title: str, x: str, y: str) -> Figure:  # type: ignore[no-untyped-def]
    """Axes with their legend above them, and the title above that."""
    finish(figure, axes, "", x, y, legend=True)
    figure.subplots_adjust(top=_top(title) - 0.037 * _legend_lines(axes))
    figure.subplots_adjust(left=0.125 if "\n" in y else 0.1)
    figure.suptitle(title, fontsize=TITLE, x=0.02, y=0.985, ha="left", va="top", fontweight="bold")
    axes.tick_params(labelsize=TICK)
    return figure


def _top(title: str) -> float:
    """Where the axes may begin below a title of so many lines."""
    return 0.95 - 0.04 * (title.count("\n") + 1)


def _legend_lines(axes) -> int:  # type: ignore[no-untyped-def]
    """Lines of the legend, as `finish` laid it out."""
    legend = axes.get_legend()
    return -(-len(legend.get_texts()) // legend._ncols) if legend is not None else 0
