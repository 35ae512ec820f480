"""Figures of a projection: fans of stock and of service by class, from today on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from restock.sim.figures.style import (
    BLACK,
    BLUE,
    CLASS_LOOKS,
    GREY,
    LABEL,
    SKY,
    TICK,
    entries_of,
    finish,
    headline,
    legend_above,
    new_figure,
    set_numbers,
)

if TYPE_CHECKING:
    import pandas as pd

CLASSES = CLASS_LOOKS | {"all": (BLACK, "X")}
FEW = 10  # cells of a tenth, below which it is not drawn
STEPS = [1, 2, 2.5, 5, 10]
ROWS = {"stock_at_cost": ("stock at cost", 1.0), "fill_rate": ("fill rate, %", 100.0)}


def fan(table: pd.DataFrame, title: str) -> Figure:
    """Stock at the end of each week and the share of each week's demand met at once, a column for each class.

    `table` has columns measure (stock_at_cost, fill_rate), class, week, low_90, low_50, median, high_50, high_90.

    >>> import pandas as pd
    >>> row = {"class": "all", "week": 1, "low_90": 0.8, "low_50": 0.9, "median": 0.95, "high_50": 0.97, "high_90": 1.0}
    >>> figure = fan(pd.DataFrame([row | {"measure": name} for name in ROWS]), "shop")
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['stock at cost', 'fill rate, %']
    """
    classes = list(dict.fromkeys(table["class"]))
    figure, panels = new_figure(len(classes), left=0.1, right=0.985, rows=2)
    panels = np.asarray(panels).reshape(2, len(classes))
    figure.subplots_adjust(top=0.81, bottom=0.1, wspace=0.4, hspace=0.22)
    weeks = int(table["week"].max())
    worst = table[table["measure"] == "fill_rate"]["low_90"].min()
    for axes_row, (measure, (label, factor)) in zip(panels, ROWS.items(), strict=True):
        for axes, name in zip(axes_row, classes, strict=True):
            mine = table[(table["measure"] == measure) & (table["class"] == name)]
            for level, alpha in ((90, 0.3), (50, 0.6)):
                low, high = factor * mine[f"low_{level}"], factor * mine[f"high_{level}"]
                axes.fill_between(mine["week"], low, high, color=SKY, alpha=alpha, linewidth=0,
                                  label=f"{level}% of the futures")  # fmt: skip
            axes.plot(mine["week"], factor * mine["median"], "-o", color=BLUE, linewidth=2.5, markersize=6,
                      label="median")  # fmt: skip
            if measure == "stock_at_cost":
                axes.plot([0], mine["median"].iloc[:1], "D", color=BLACK, markersize=10, label="today", clip_on=False)
                axes.set_ylim(*_limits(mine))
                axes.set_title("all classes" if name == "all" else f"class {name}", fontsize=LABEL, loc="left")
                set_numbers(axes.yaxis)
                axes.yaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
            else:
                least = 100 * worst if np.isfinite(worst) else 0.0
                axes.set_ylim(max(0.0, least - 0.08 * (100 - least) - 0.2), 100 + 0.04 * (100 - least) + 0.05)
                axes.yaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
                axes.set_xlabel("week from today", fontsize=LABEL, labelpad=6)
            axes.set_xlim(-0.3 if measure == "stock_at_cost" else 0.7, weeks + 0.3)
            axes.xaxis.set_major_locator(MaxNLocator(min(weeks, 8), integer=True))
            axes.tick_params(labelsize=TICK)
            axes.grid(True, axis="y", color="#DDDDDD")
            axes.set_axisbelow(True)
            axes.spines[["top", "right"]].set_visible(False)
        axes_row[0].set_ylabel(label, fontsize=LABEL, labelpad=8)
    figure.align_ylabels(panels[:, 0])
    handles, labels = entries_of(panels.ravel())
    legend_above(figure, handles, labels, at=0.92)
    figure.text(0.985, 0.897, "axes need not begin at 0", fontsize=TICK, ha="right", va="top", color=GREY)
    headline(figure, title)
    return figure


def reliability(tenths: pd.DataFrame, words: Mapping[str, str], title: str) -> Figure:
    """Chances held against what happened, a panel for each event: right ones lie on the dashed line.

    `tenths` has columns event, group, cells, mean_chance, happened, low, high (shares); `words` say the events.

    >>> import pandas as pd
    >>> row = {"event": "in_all", "group": "all", "cells": 30, "mean_chance": 0.1, "happened": 0.2, "low": 0.1}
    >>> figure = reliability(pd.DataFrame([row | {"high": 0.3}]), {"in_all": "short at all"}, "shop")
    >>> figure.axes[0].get_title(loc="left")
    'short at all'
    """
    events = list(dict.fromkeys(tenths["event"]))
    figure, panels = new_figure(max(2, len(events)), left=0.08)
    figure.subplots_adjust(top=0.78, wspace=0.2)
    for axes in np.ravel(panels)[len(events) :]:
        axes.set_visible(False)
    for axes, event in zip(np.ravel(panels), events, strict=False):
        mine = tenths[tenths["event"] == event]
        axes.plot([0, 100], [0, 100], color=BLACK, linestyle=(0, (6, 3)), linewidth=2, label="as told")
        for k, (name, (colour, marker)) in enumerate(CLASSES.items()):
            of = mine[(mine["group"] == name) & (mine["cells"] >= FEW)]
            if not len(of):
                continue
            happened, shift = 100 * of["happened"], 0.6 * (k - 1.5)
            spread = [happened - 100 * of["low"], 100 * of["high"] - happened]
            axes.errorbar(100 * of["mean_chance"] + shift, happened, yerr=spread, fmt=marker, color=colour, capsize=5,
                          markersize=11 if name == "all" else 8, linewidth=1.8,
                          label="all classes" if name == "all" else f"class {name}")  # fmt: skip
        axes.set_xlim(-3, 103)
        axes.set_ylim(-3, 103)
        finish(figure, axes, words.get(event, event), "chance told, %", "share that happened, %", small=True)
    handles, labels = entries_of(np.ravel(panels)[: len(events)])
    legend_above(figure, handles, labels, at=0.92)
    headline(figure, f"{title}\n")
    return figure


def _limits(mine: pd.DataFrame) -> tuple[float, float]:
    """From 0, unless the stock moves so little that nothing could be seen: then two thirds of the height are free."""
    low, high = float(mine["low_90"].min()), float(mine["high_90"].max())
    span = max(high - low, 1e-9)
    bottom = 0.0 if low < 0.6 * high else max(0.0, low - span)
    return bottom, high + 0.08 * (high - bottom) + 1e-9
