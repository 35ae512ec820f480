"""The figure of limits over time: how much of each was used week by week, and where it bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from restock.sim.features.limits.nights import WEEK, called, limit_totals, limit_weeks
from restock.sim.figures.style import (
    BLACK,
    BLUE,
    GREY,
    LABEL,
    RED,
    TICK,
    headline,
    legend_above,
    percentage,
)

if TYPE_CHECKING:
    import pandas as pd

MOST = 34  # limits that have room; of more, those that bind most often
ROOMY, SMALL = 18, 11  # rows up to which names have their usual size, and the size of more
USED = LinearSegmentedColormap.from_list("used", ["#F4F4F4", "#9CC6E3", BLUE])


def utilisation(nights: pd.DataFrame, title: str, warm_up: int = 0) -> Figure | None:
    """A heat map: a row for each limit, a column for each measured week, the colour for how much of it was used.

    A dot marks a week in which the limit bound, larger for more nights. At the right, over all weeks: how much was
    used, on what share of nights it bound, and how full the trucks were that left. None where nothing is limited.

    >>> import pandas as pd
    >>> from restock.sim.features.limits.nights import COLUMNS
    >>> rows = [(day, "handling", "dc", 5, 5, 10, False, False, 0, 0) for day in range(14)]
    >>> figure = utilisation(pd.DataFrame(rows, columns=list(COLUMNS)), "lean")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['dc handles']
    """
    totals = limit_totals(nights, warm_up)
    if totals.empty:
        return None
    of_all = len(totals)
    if of_all > MOST:
        most = totals.fillna({"bound_share": 0}).sort_values(["bound_share", "used"], ascending=False, kind="stable")
        totals = totals.loc[sorted(most.index[:MOST])]
    weeks = limit_weeks(nights, warm_up)
    keys, last = list(zip(totals["kind"], totals["limit"], strict=True)), int(weeks["week"].max())
    grid, bound = np.full((len(keys), last), np.nan), np.zeros((len(keys), last))
    row_of = {key: row for row, key in enumerate(keys)}
    for (kind, name), of in weeks.groupby(["kind", "limit"], sort=False):
        if (row := row_of.get((kind, name))) is not None:
            grid[row, of["week"] - 1], bound[row, of["week"] - 1] = 100 * of["used"], of["bound"]
    size = TICK if len(keys) <= ROOMY else SMALL
    figure = Figure(figsize=(16, 9), dpi=100, facecolor="white")
    axes = figure.add_axes((0.17, 0.1, 0.58, 0.69))
    colours = Normalize(0, 100)
    axes.pcolormesh(np.arange(last + 1) + 0.5, np.arange(len(keys) + 1) - 0.5, grid, cmap=USED, norm=colours,
                    edgecolors="white", linewidth=0.6)  # fmt: skip
    at, when = np.nonzero(bound)
    most_dot = min(0.5 * 0.69 * 900 / len(keys), 0.7 * 0.58 * 1600 / last, 16) * 0.72
    axes.scatter(when + 1, at, s=(most_dot**2) * bound[at, when] / WEEK, color=RED, linewidth=0,
                 label="bound that week: a larger dot, more nights")  # fmt: skip
    axes.set_yticks(range(len(keys)), [called(*key) for key in keys], fontsize=size)
    axes.set_ylim(len(keys) - 0.5, -0.5)
    axes.set_xlim(0.5, last + 0.5)
    axes.set_xlabel("week measured", fontsize=LABEL)
    axes.tick_params(axis="x", labelsize=TICK)
    axes.tick_params(length=0)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    heads = {"used": "used", "bound_share": "nights\nit bound", "waited_share": "nights\nall waited",
             "truck_fill": "trucks\nfull by"}  # fmt: skip
    shown = [name for name in heads if totals[name].notna().any() and (name != "waited_share" or totals[name].any())]
    for k, name in enumerate(shown):
        x = 1.07 + 0.115 * k
        axes.text(x, 1.012, heads[name], transform=axes.transAxes, ha="right", va="bottom", fontsize=TICK - 2,
                  color=GREY)  # fmt: skip
        for row, value in enumerate(totals[name]):
            said = "" if np.isnan(value) else "0%" if value == 0 else percentage(100 * value)
            strong = name == "bound_share" and value > 0
            axes.text(x, row, said, transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=size,
                      color=RED if strong else BLACK)  # fmt: skip
    bar = figure.add_axes((0.5, 0.872, 0.25, 0.018))
    figure.colorbar(ScalarMappable(colours, USED), cax=bar, orientation="horizontal")
    bar.tick_params(labelsize=TICK - 2)
    figure.text(0.49, 0.881, "% used", fontsize=TICK, va="center", ha="right")
    figure.text(0.02, 0.022, "used: of what it allows on nights with something to move; grey-white: little, empty: none"
                " was to move" + _left_out(len(keys), of_all), fontsize=TICK - 2, color=GREY)  # fmt: skip
    if len(at):
        legend_above(figure, *axes.get_legend_handles_labels(), at=0.905)
    headline(figure, title)
    return figure


def _left_out(shown: int, of_all: int) -> str:
    return f"; of {of_all} limits the {shown} that bind most" if shown < of_all else ""
