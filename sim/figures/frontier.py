"""The figure of a search: trials of each policy, their efficient frontiers, what misses a constraint, and the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from restock.sim.figures.style import (
    BLACK,
    GREY,
    RED,
    TICK,
    axis_label,
    finish,
    in_words,
    looks,
    new_figure,
    numeral,
    set_scale,
)
from restock.sim.measures.measures import MEASURES

Interval = tuple[float, float, float]
Bound = tuple[str, bool, float]
ROOM = 0.08  # of what is seen, left free beside it
BETTER = 0.85  # share of trials that the picture takes in, the better ones on each measure
MARKS = {"start": ("s", BLACK, 13), "winner": ("*", RED, 23)}
SHADE = "#EDEDED"
LETTERS, HALF = 0.06, 0.12  # height and half of the length of a constraint's name, as shares of the axes
PLACES = {"right": 1 - HALF, "center": 0.5, "left": HALF}  # where its middle may be, the first where all are alike
NEVER = "all miss a constraint"


def frontier(
    trials: pd.DataFrame, x: str, y: str, constraints: Sequence[Bound] = (),
    marked: Mapping[str, Mapping[str, Interval]] | None = None, title: str = "", note: str = "",
) -> Figure:  # fmt: skip
    """Two measures of all trials against each other, each policy in its colour.

    Parameters
    ----------
    trials : a row for each trial: columns policy, feasible, on_frontier (of its policy), and the measures x and y
    constraints : (measure, at least, bound); where it is in the picture the line is drawn, and what misses it shaded
    marked : 'start', 'winner' or a policy -> measure -> (estimate, low, high), drawn with both intervals
    title, note : what is seen; how it was found (how many trials lie outside the picture is added)

    The picture is that of the better trials and of what is marked: a search begins with trials from everywhere.
    """
    marked = marked or {}
    figure, axes = new_figure()
    done = trials[trials[x].notna() & trials[y].notna()]
    bounds = {measure: bound for measure, _, bound in constraints}
    limits = {m: _limits(done[m].to_numpy(), m, bounds.get(m), [v[m] for v in marked.values()]) for m in (x, y)}
    seen = done[done[x].between(*limits[x]) & done[y].between(*limits[y])]
    policies = list(dict.fromkeys(trials["policy"]))
    look = looks(policies)
    alone = len(policies) == 1
    for policy in policies:
        (colour, marker), mine = look[policy], seen[seen["policy"] == policy]
        met, missed = mine[mine["feasible"]], mine[~mine["feasible"]]
        words = "trial that misses a constraint" if alone and len(missed) else None
        axes.plot(missed[x], missed[y], marker=marker, color=colour, markersize=7, markerfacecolor="none", alpha=0.7,
                  linestyle="none", label=words)  # fmt: skip
        words = "trial that meets the constraints" if constraints else "trial"
        named = policy if trials.loc[trials["policy"] == policy, "feasible"].any() else f"{policy} ({NEVER})"
        axes.plot(met[x], met[y], marker=marker, color=colour, markersize=8, alpha=0.6, markeredgewidth=0,
                  linestyle="none", label=(words if alone else named) if len(met) or not alone else None)  # fmt: skip
        best = done[done["on_frontier"] & (done["policy"] == policy)].sort_values(x)
        axes.plot(best[x], best[y], color=colour, linewidth=3, drawstyle=_steps(x),
                  label="efficient frontier of the trials" if alone else None)  # fmt: skip
    for label, values in marked.items():
        marker, colour, size = MARKS.get(label) or ("*", look[label][0], 23)
        (cx, *ends_x), (cy, *ends_y) = values[x], values[y]
        axes.errorbar(cx, cy, xerr=_arms(cx, ends_x), yerr=_arms(cy, ends_y), color=colour, elinewidth=2.5, capsize=9,
                      capthick=2.5, zorder=5)  # fmt: skip
        edge = "white" if label in MARKS else BLACK
        axes.plot(cx, cy, marker=marker, color=colour, markersize=size, markeredgecolor=edge, linestyle="none",
                  zorder=6, label=label if label in MARKS else None)  # fmt: skip
    if not alone:  # what the signs mean, in no policy's colour
        axes.plot([], [], marker="o", color=GREY, markersize=7, markerfacecolor="none", linestyle="none",
                  label="hollow: misses a constraint")  # fmt: skip
        axes.plot([], [], marker="*", color=GREY, markersize=18, markeredgecolor=BLACK, linestyle="none",
                  label="best of a policy, on fresh replications")  # fmt: skip
    axes.set_xlim(*limits[x])
    axes.set_ylim(*limits[y])
    set_scale(axes.xaxis, x)
    set_scale(axes.yaxis, y)
    for measure, at_least, bound in constraints:
        if measure in limits and limits[measure][0] <= bound <= limits[measure][1]:
            _draw_bound(axes, measure, at_least, bound, measure == y, seen[[x, y]].to_numpy())
    outside = len(done) - len(seen)
    notes = [note] if note else []
    notes += [f"{outside:,} {'trial' if outside == 1 else 'trials'} outside"] if outside else []
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


def _draw_bound(axes: Axes, measure: str, at_least: bool, bound: float, across: bool, seen: np.ndarray) -> None:
    """The line of a constraint, its name where fewest trials are seen, and a shade over what misses it."""
    (axes.axhline if across else axes.axvline)(bound, color=GREY, linestyle="--", linewidth=1.8)
    low, high = axes.get_ylim() if across else axes.get_xlim()
    side = (low, bound) if at_least else (bound, high)
    (axes.axhspan if across else axes.axvspan)(*side, color=SHADE, linewidth=0, zorder=0)
    value = f"{numeral(100 * bound)}%" if MEASURES[measure].unit == "share" else numeral(bound)
    words, style = f"constraint: {in_words(measure)} {value}", {"fontsize": TICK, "color": GREY}
    if across:
        (left, right), height = axes.get_xlim(), (high - low) * LETTERS
        below = seen[(seen[:, 1] <= bound) & (seen[:, 1] >= bound - height), 0]
        at = (below - left) / (right - left)
        place, _ = min(PLACES.items(), key=lambda pair: int((np.abs(at - pair[1]) < HALF).sum()))
        where = {"right": 0.995, "center": 0.5, "left": 0.005}[place]
        axes.annotate(words, (where, bound), (0, -6), xycoords=("axes fraction", "data"), textcoords="offset points",
                      ha=place, va="top", **style)  # type: ignore[arg-type]  # fmt: skip
    else:
        axes.annotate(words, (bound, 0.015), (6, 0), xycoords=("data", "axes fraction"), textcoords="offset points",
                      ha="left", va="bottom", **style)  # type: ignore[arg-type]  # fmt: skip
