"""The look of the figures: size, colours, axes, legends, and labels that keep apart. Used by `sim.plots` only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.errors import require
from sim.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#000000",
)
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, RED, SKY, BLACK)
MARKERS = "osD^vPX"
LONG_NAME = 36  # characters
GREY = "#555555"
TITLE, LABEL, TICK = 21, 18, 16


def new_figure(columns: int = 1, left: float = 0.1, right: float = 0.97, rows: int = 1) -> tuple[Figure, Any]:
    figure = Figure(figsize=(16, 9), dpi=100, facecolor="white")
    axes = figure.subplots(rows, columns)
    top = 0.88 if columns == 1 else 0.76
    figure.subplots_adjust(left=left, right=right, bottom=0.13, top=top, wspace=0.12)
    return figure, axes


def finish(figure: Figure, axes: Axes, title: str, x: str, y: str, legend: bool = False, small: bool = False) -> Figure:
    entries = axes.get_legend_handles_labels()[1] if legend else []
    if entries:  # above the axes: it covers nothing there
        columns = max(1, min(len(entries), int(118 / (max(map(len, entries)) + 9))))
        axes.legend(fontsize=TICK, frameon=False, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=columns,
                    columnspacing=1.6, handletextpad=0.5, borderaxespad=0.2)  # fmt: skip
        lines = -(-len(entries) // columns)
        figure.subplots_adjust(top=0.88 - 0.037 * lines)
    pad = 14 + (lines * 25 if entries else 0)
    axes.set_title(
        title, fontsize=LABEL if small else TITLE, loc="left", fontweight="normal" if small else "bold", pad=pad
    )
    axes.set_xlabel(x, fontsize=LABEL, labelpad=8)
    axes.set_ylabel(y, fontsize=LABEL, labelpad=8)
    axes.tick_params(labelsize=TICK)
    axes.grid(True, axis="y", color="#DDDDDD")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def rows_of(table: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Rows of one measure, at one level with one group."""
    rows = table[table["measure"] == measure]
    require(len(rows) > 0, f"the figure needs measure '{measure}', which the table does not have")
    groups = rows[["level", "group"]].drop_duplicates() if "level" in rows else rows.iloc[:1]
    require(len(groups) == 1, f"the figure shows one group, but the table has {len(groups)}; choose one")
    return rows


def half_widths(rows: Any) -> Any:
    """Half-widths for error bars; none where there are no intervals."""
    return np.nan_to_num(np.asarray(rows["half_width"], dtype=float))


def colour_of(k: int) -> str:
    return COLOURS[k % len(COLOURS)]


def in_words(name: str) -> str:
    return name.replace("_pct", "").replace("_", " ").replace(".", " ")


def setting_in_words(name: str) -> str:
    """A setting's name for a title or an axis; of a long one, the end.

    >>> setting_in_words("demand.cv_factor"), setting_in_words("selling_seasons.by_category.winter.markdown.from_day")
    ('demand cv factor', 'from day')
    """
    return in_words(name if len(name) <= LONG_NAME else name.rsplit(".", 1)[-1])


def axis_label(measure: str, name: bool = True) -> str:
    unit = "%" if MEASURES[measure].unit == "share" else MEASURES[measure].unit.replace("/year", " a year")
    return f"{in_words(measure)} ({unit})" if name else unit


def set_scale(axis: Any, measure: str, ticks: int = 7) -> None:
    """Shares in %, large sums in millions or with separators."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))
    if MEASURES[measure].unit == "share":
        axis.set_major_formatter(FuncFormatter(lambda v, _: f"{round(100 * v, 4):g}"))
    elif max(abs(low), abs(high)) >= 1_500_000:
        axis.set_major_formatter(FuncFormatter(lambda v, _: f"{round(v / 1e6, 4):g}M"))
    elif max(abs(low), abs(high)) >= 1000:
        axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))


def number_writer(measure: str, largest: float) -> Callable[[float], str]:
    if MEASURES[measure].unit == "share":
        return lambda v: f"{100 * v:.2f}"
    return lambda v: f"{v:,.0f}" if largest >= 1000 else f"{v:,.3g}"


def with_intervals(title: str, table: pd.DataFrame) -> str:
    many = int(table["replications"].iloc[0]) if "replications" in table else 0
    return f"{title}\n95% intervals over {many} replications" if many > 1 else title


def label_points(axes: Axes, x: pd.Series, y: pd.Series, families: Mapping[str, str]) -> None:
    """Names right of the points, moved up or down until none covers another.

    Points of a curve are in the legend by its name; here they say only what is not in that name.
    """
    axes.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]  # settles the scales
    known, place, box = list(dict.fromkeys(families.values())), axes.transData.transform, axes.get_window_extent()
    taken: list[tuple[float, float, float]] = []
    points = [tuple(place((x[policy], y[policy]))) for policy in x.index]
    for policy in sorted(x.index, key=lambda p: (y[p], x[p])):
        family, (px, py) = families[policy], tuple(place((x[policy], y[policy])))
        joined, colour = family != policy, colour_of(known.index(family))
        name = (policy.removeprefix(family) if joined else policy).strip(" _=:,")
        across, down = (10, -17) if joined else (18, 0)
        left, right = px + across, px + across + 13 * len(name)
        heights = [py + down + sign * 4 * step for step in range(120) for sign in (1, -1)]
        if not joined:
            free = [
                h
                for h in heights
                if box.y0 + 12 < h < box.y1 - 6
                and all(abs(h - other) >= 29 or right < a or b < left for a, b, other in taken)
                and all(abs(h - v) >= 26 or right < u - 14 or u + 14 < left for u, v in points if (u, v) != (px, py))
            ]
            heights = free or heights
        height = heights[0]
        taken.append((left, right, height))
        axes.annotate(
            name,
            (x[policy], y[policy]),
            (across * 0.72, (height - py) * 0.72),
            textcoords="offset points",
            fontsize=14 if joined else TICK,
            va="center",
            color=colour,
            fontweight="normal" if joined else "bold",
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 1} if abs(height - py) > 20 and not joined else None,
        )
