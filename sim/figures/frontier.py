"""The figure of a search: all trials, the efficient frontier among them, the settings to beat and the winner."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from restock.sim.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    TICK,
    axis_label,
    finish,
    in_words,
    new_figure,
    numeral,
    set_scale,
)
from restock.sim.measures.measures import MEASURES

Interval = tuple[float, float, float]
ROOM = 0.08  # of what is seen, left free beside it
BETTER = 0.85  # share of trials that the picture takes in, the better ones on each measure
MARKS = {"start": ("s", BLACK, 13), "winner": ("*", RED, 23)}


def frontier(
    trials: pd.DataFrame, x: str, y: str, bounds: Mapping[str, float] | None = None,
    marked: Mapping[str, Mapping[str, Interval]] | None = None, title: str = "", note: str = "",
) -> Figure:  # fmt: skip
    """Two measures of all trials against each other.

    Parameters
    ----------
    trials : a row for each trial: columns feasible, on_frontier, and the measures x and y
    bounds : measure -> bound of a constraint, drawn as a line where it is in the picture
    marked : 'start' or 'winner' -> measure -> (estimate, low, high), drawn with both intervals
    title, note : what is seen; how it was found (how many trials lie outside the picture is added)

    The picture is that of the better trials and of what is marked: a search begins with trials from everywhere.
    """
    marked, bounds = marked or {}, bounds or {}
    figure, axes = new_figure()
    done = trials[trials[x].notna() & trials[y].notna()]
    best = done[done["on_frontier"]].sort_values(x)
    limits = {m: _limits(done[m].to_numpy(), m, bounds.get(m), [v[m] for v in marked.values()]) for m in (x, y)}
    seen = done[done[x].between(*limits[x]) & done[y].between(*limits[y])]
    met, missed = seen[seen["feasible"]], seen[~seen["feasible"]]
    if len(missed):
        axes.plot(missed[x], missed[y], marker="x", color=ORANGE, markersize=9, markeredgewidth=2.4, linestyle="none",
                  label="trial that misses a constraint")  # fmt: skip
    if len(met):
        axes.plot(met[x], met[y], marker="o", color=BLUE, markersize=8, alpha=0.6, markeredgewidth=0, linestyle="none",
                  label="trial that meets the constraints" if bounds else "trial")  # fmt: skip
    axes.plot(best[x], best[y], color=GREEN, linewidth=3, drawstyle=_steps(x), label="efficient frontier of the trials")
    for label, values in marked.items():
        marker, colour, size = MARKS[label]
        (cx, *ends_x), (cy, *ends_y) = values[x], values[y]
        axes.errorbar(cx, cy, xerr=_arms(cx, ends_x), yerr=_arms(cy, ends_y), color=colour, elinewidth=2.5, capsize=9,
                      capthick=2.5, zorder=5)  # fmt: skip
        axes.plot(cx, cy, marker=marker, color=colour, markersize=size, markeredgecolor="white", linestyle="none",
                  zorder=6, label=label)  # fmt: skip
    axes.set_xlim(*limits[x])
    axes.set_ylim(*limits[y])
    set_scale(axes.xaxis, x)
    set_scale(axes.yaxis, y)
    for measure, bound in bounds.items():
        if measure in limits and limits[measure][0] <= bound <= limits[measure][1]:
            _draw_bound(axes, measure, bound, across=measure == y)
    outside = len(done) - len(seen)
    notes = [note] if note else []
    notes += [f"{outside:,} trials outside"] if outside else []
    said = "\n".join([title, *(["; ".join(notes)] if notes else [])])
    return finish(figure, axes, said, axis_label(x), axis_label(y), legend=True)


def _arms(centre: float, ends: list[float]) -> list[list[float]]:
    return np.nan_to_num([[centre - ends[0]], [ends[1] - centre]]).tolist()


def _steps(x: str) -> str:
    """Between two trials of the frontier, no more is known to be reached than what the better of them on x reaches."""
    return "steps-post" if MEASURES[x].better == "lower" else "steps-pre"


def _limits(tried: np.ndarray, measure: str, bound: float | None, marked: list[Interval]) -> tuple[float, float]:
    """The ends of an axis: the better trials on this measure, what is marked, and the bound if trials reach it."""
    shown = [*np.quantile(tried, (0, BETTER) if MEASURES[measure].better == "lower" else (1 - BETTER, 1))]
    shown += [end for values in marked for end in values if np.isfinite(end)]
    shown += [bound] if bound is not None and tried.min() <= bound <= tried.max() else []
    low, high = min(shown), max(shown)
    room = ROOM * ((high - low) or 0.5 * abs(high) or 1.0)
    share = MEASURES[measure].unit == "share"
    return low - room, min(high + room, 1 + room / 4) if share else high + room


def _draw_bound(axes: Axes, measure: str, bound: float, across: bool) -> None:
    """The line of a constraint, its name at the end."""
    (axes.axhline if across else axes.axvline)(bound, color=GREY, linestyle="--", linewidth=1.8)
    value = f"{numeral(100 * bound)}%" if MEASURES[measure].unit == "share" else numeral(bound)
    words, style = f"constraint: {in_words(measure)} {value}", {"fontsize": TICK, "color": GREY}
    if across:
        axes.annotate(words, (0.995, bound), (0, -6), xycoords=("axes fraction", "data"), textcoords="offset points",
                      ha="right", va="top", **style)  # type: ignore[arg-type]  # fmt: skip
    else:
        axes.annotate(words, (bound, 0.015), (6, 0), xycoords=("data", "axes fraction"), textcoords="offset points",
                      ha="left", va="bottom", **style)  # type: ignore[arg-type]  # fmt: skip
