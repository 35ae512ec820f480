"""Figures of a back-test: what share of the record the intervals hold, and the weeks predicted and recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from restock.sim.figures.style import (
    BLACK,
    BLUE,
    CLASS_LOOKS,
    LABEL,
    SILVER,
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

CLASSES = CLASS_LOOKS | {"all": (BLACK, "|")}
LEVELS = {"in_80": 80, "in_95": 95}


def coverage(table: pd.DataFrame, title: str) -> Figure:
    """How much of the record lies in the 80% and in the 95% intervals: by sum, ABC class and place.

    `table` has columns sum, by (all, class, place), group, in_80, in_95: shares. Places are dots without a name.

    >>> import pandas as pd
    >>> row = {"sum": "a cell's week", "by": "all", "group": "all", "in_80": 0.78, "in_95": 0.9}
    >>> table = pd.DataFrame([row])
    >>> [axes.get_xlabel() for axes in coverage(table, "shop").axes][0]
    '% inside the 80% interval (dashed: as it says)'
    """
    sums = list(dict.fromkeys(table["sum"]))
    figure, panels = new_figure(columns=2, left=0.17)
    for axes, (column, nominal) in zip(panels, LEVELS.items(), strict=True):
        axes.axvline(nominal, color=BLACK, linestyle=(0, (6, 3)), linewidth=2)
        for k, words in enumerate(sums):
            mine = table[table["sum"] == words]
            places = mine[mine["by"] == "place"]
            axes.plot(100 * places[column], np.full(len(places), k + 0.16), ".", color=SILVER, markersize=9, alpha=0.6,
                      label="each place")  # fmt: skip
            for row in mine[mine["by"].isin(("class", "all"))].itertuples():
                colour, marker = CLASSES[row.group]
                axes.plot([100 * getattr(row, column)], [k - 0.12], marker, color=colour, label=_named(row.group),
                          markersize=22 if row.group == "all" else 11, markeredgewidth=3 if row.group == "all" else 1,
                          linestyle="none")  # fmt: skip
        finish(figure, axes, "", f"% inside the {nominal}% interval (dashed: as it says)", "", small=True)
        axes.set_yticks(range(len(sums)), sums if axes is panels[0] else [""] * len(sums))
        axes.invert_yaxis()
        axes.set_xlim(-3, 103)
        axes.grid(True, axis="x", color="#DDDDDD")
    handles, labels = entries_of(panels)
    legend_above(figure, handles, labels, at=0.87)
    figure.subplots_adjust(top=0.78)
    headline(figure, title)
    return figure


def _named(group: str) -> str:
    return "all of them" if group == "all" else f"class {group}"


def weeks(bands: pd.DataFrame, before: pd.DataFrame, title: str) -> Figure:
    """The chain week by week: what was recorded, before the cut and after it, and what was predicted for after it.

    `bands` has columns date, recorded, forecast, low_80, high_80, low_95, high_95; `before` date and recorded.

    >>> import pandas as pd
    >>> week = {"date": "2024-01-08", "recorded": 50, "forecast": 56}
    >>> bands = pd.DataFrame([week | {"low_80": 50, "high_80": 60, "low_95": 45, "high_95": 65}])
    >>> weeks(bands, pd.DataFrame({"date": ["2024-01-01"], "recorded": [52]}), "shop").axes[0].get_ylabel()
    'units a week'
    """
    import pandas as pd

    figure, axes = new_figure()
    date, earlier = pd.to_datetime(bands["date"]), pd.to_datetime(before["date"])
    for level, alpha in ((95, 0.3), (80, 0.5)):
        axes.fill_between(date, bands[f"low_{level}"], bands[f"high_{level}"], color=SKY, alpha=alpha, linewidth=0,
                          label=f"{level}% of the futures predicted")  # fmt: skip
    axes.plot(date, bands["forecast"], color=BLUE, linewidth=2.5, label="forecast")
    axes.plot(
        [*earlier, *date], [*before["recorded"], *bands["recorded"]], "-o", color=BLACK, linewidth=2, markersize=6,
        label="recorded",
    )  # fmt: skip
    axes.axvline(date.iloc[0] - pd.Timedelta(days=3.5), color=BLACK, linestyle=(0, (6, 3)), linewidth=2)
    axes.set_ylim(bottom=0)
    finish(figure, axes, title, "week beginning; dashed: laws are fitted to the weeks before", "units a week",
           legend=True)  # fmt: skip
    axes.xaxis.label.set_fontsize(LABEL)
    axes.tick_params(labelsize=TICK)
    set_numbers(axes.yaxis)
    return figure
