"""Figures of a projection: fans of stock and of service by class, from today on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from restock.sim.figures.style import (
    BLACK,
    BLUE,
    LABEL,
    SKY,
    TICK,
    entries_of,
    headline,
    legend_above,
    new_figure,
    set_numbers,
)

if TYPE_CHECKING:
    import pandas as pd

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
    figure, panels = new_figure(len(classes), left=0.085, right=0.985, rows=2)
    panels = np.asarray(panels).reshape(2, len(classes))
    figure.subplots_adjust(top=0.80, bottom=0.1, wspace=0.3, hspace=0.2)
    weeks = int(table["week"].max())
    worst = table[table["measure"] == "fill_rate"]["low_90"].min()
    for axes_row, (measure, (label, factor)) in zip(panels, ROWS.items(), strict=True):
        for axes, name in zip(axes_row, classes, strict=True):
            mine = table[(table["measure"] == measure) & (table["class"] == name)]
            for level, alpha in ((90, 0.3), (50, 0.6)):
                axes.fill_between(mine["week"], factor * mine[f"low_{level}"], factor * mine[f"high_{level}"], color=SKY,
                                  alpha=alpha, linewidth=0, label=f"{level}% of the futures")  # fmt: skip
            axes.plot(mine["week"], factor * mine["median"], "-o", color=BLUE, linewidth=2.5, markersize=6,
                      label="median")  # fmt: skip
            if measure == "stock_at_cost":
                axes.plot([0], mine["median"].iloc[:1], "D", color=BLACK, markersize=10, label="today", clip_on=False)
                axes.set_ylim(bottom=0)
                axes.set_title("all classes" if name == "all" else f"class {name}", fontsize=LABEL, loc="left")
                set_numbers(axes.yaxis)
                axes.yaxis.set_major_locator(MaxNLocator(5))
            else:
                low = 100 * worst if np.isfinite(worst) else 0.0
                axes.set_ylim(max(0.0, low - 0.08 * (100 - low) - 0.2), 100 + 0.04 * (100 - low) + 0.05)
                axes.yaxis.set_major_locator(MaxNLocator(5))
                axes.set_xlabel("week from today", fontsize=LABEL, labelpad=6)
            axes.set_xlim(-0.3 if measure == "stock_at_cost" else 0.7, weeks + 0.3)
            axes.xaxis.set_major_locator(MaxNLocator(min(weeks, 8), integer=True))
            axes.tick_params(labelsize=TICK)
            axes.grid(True, axis="y", color="#DDDDDD")
            axes.set_axisbelow(True)
            axes.spines[["top", "right"]].set_visible(False)
        axes_row[0].set_ylabel(label, fontsize=LABEL, labelpad=8)
    handles, labels = entries_of(panels.ravel())
    legend_above(figure, handles, labels)
    headline(figure, title)
    return figure
