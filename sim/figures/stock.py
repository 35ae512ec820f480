"""Figures of stock day by day: of one cell, or of all stores and all DCs. Day 0 is the first that is measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from restock.sim.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    entries_of,
    finish,
    headline,
    in_words,
    legend_above,
    new_figure,
    numeral,
    set_numbers,
)

if TYPE_CHECKING:
    import pandas as pd

DAY = "day (0: the first that is measured)"


def stock_over_time(
    daily: pd.DataFrame | Mapping[str, np.ndarray],
    levels: Mapping[str, Any] | None = None,
    title: str | None = None,
    warm_up: int = 0,
) -> Figure:
    """One cell, or a sum of cells, day by day: stock, orders, backorders, and the days that demand was short.

    `daily` has columns day (0: the warm-up starts), on_hand, and any of on_order, record, seen, backorders, demand,
    unmet, and promotion (a factor on demand: days above 1 are shaded); `levels` are drawn as lines (a reorder point, an
    order-up-to level): a number, or an array over all days where a level changes. Days of the warm-up are shaded, and
    lie below 0.
    """
    figure, axes = new_figure()
    short = _draw(axes, daily, levels or {}, warm_up)
    said = f"Stock by day: demand was short on {short:,} of {len(daily['day']):,} days" if "unmet" in daily else ""
    return finish(figure, axes, title or said or "Stock by day", DAY, "units at the end of the day",
                  legend=True)  # fmt: skip


def stock_by_kind(parts: Mapping[str, pd.DataFrame | Mapping[str, np.ndarray]], title: str, warm_up: int = 0) -> Figure:
    """Stock of all stores above that of all DCs, each on a scale of its own; `parts` as in `stock_over_time`."""
    figure, panels = new_figure(rows=len(parts))
    panels = np.atleast_1d(panels)
    for axes, (kind, daily) in zip(panels, parts.items(), strict=True):
        _draw(axes, daily, {}, warm_up)
        last = axes is panels[-1]
        finish(figure, axes, "", DAY if last else "", f"units in {kind}")
        if not last:
            axes.tick_params(labelbottom=False)
    legend_above(figure, *entries_of(panels), at=0.935)
    figure.subplots_adjust(top=0.86, hspace=0.12)
    headline(figure, title)
    return figure


def _draw(axes: Axes, daily: Any, levels: Mapping[str, Any], warm_up: int) -> int:
    """Draw the days; returns on how many demand was short."""
    absolute, on_hand = np.asarray(daily["day"]), np.asarray(daily["on_hand"])
    day = absolute - warm_up
    axes.fill_between(day, on_hand, step="mid", color=SKY, alpha=0.35, linewidth=0)
    same = "record" in daily and np.array_equal(np.asarray(daily["record"]), on_hand)
    said = "on hand, and on record" if same else "on hand"
    axes.step(day, on_hand, where="mid", color=BLUE, linewidth=2.2, label=said)
    if "record" in daily and not same:
        axes.step(day, daily["record"], where="mid", color=BLACK, linewidth=1.6, linestyle=":", label="on record")
    if "seen" in daily and "record" in daily and not np.array_equal(np.asarray(daily["seen"]), daily["record"]):
        axes.step(day, daily["seen"], where="mid", color=BLACK, linewidth=1.2, linestyle="-.", label="record as seen")
    for name, colour, style in (("on_order", GREEN, "--"), ("backorders", PURPLE, "-")):
        if name in daily and np.any(np.asarray(daily[name])):
            axes.step(day, daily[name], where="mid", color=colour, linestyle=style, linewidth=1.8, label=in_words(name))
    for (name, level), colour in zip(levels.items(), (ORANGE, BLACK, PURPLE, GREEN), strict=False):
        line: dict[str, Any] = {"color": colour, "linewidth": 2, "linestyle": (0, (6, 3))}
        if np.ndim(level):
            axes.step(day, level[absolute], where="mid", label=in_words(name), **line)
        else:
            axes.axhline(level, label=f"{in_words(name)} ({numeral(level)})", **line)
    promoted = np.asarray(daily["promotion"]) > 1 if "promotion" in daily else np.zeros(len(day), bool)
    for name, marked, colour, strength in (("warm-up", day < 0, GREY, 0.18), ("promotion", promoted, ORANGE, 0.22)):
        for k, (first, last) in enumerate(_runs(day, marked)):
            axes.axvspan(first - 0.5, last + 0.5, color=colour, alpha=strength, linewidth=0, zorder=0,
                         label="_nolegend_" if k else name)  # fmt: skip
    short = np.asarray(daily["unmet"]) > 0 if "unmet" in daily else np.zeros(len(day), bool)
    if short.any():
        axes.plot(day[short], np.zeros(short.sum()), marker="v", markersize=13, linestyle="none", color=RED,
                  clip_on=False, zorder=5, label="demand short")  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.set_xlim(day[0] - 0.5, day[-1] + 0.5)
    for axis in (axes.xaxis, axes.yaxis):
        set_numbers(axis)
    return int(short.sum())


def _runs(day: np.ndarray, marked: np.ndarray) -> list[tuple[int, int]]:
    """First and last day of each run of marked days."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(int), [0]])))
    return [(int(day[a]), int(day[b - 1])) for a, b in edges.reshape(-1, 2)]
