"""The tornado of an advice: what each improvement gains a year, largest first, with service and stock beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from restock.sim.figures.style import (
    BLACK,
    GREEN,
    GREY,
    RED,
    SILVER,
    TICK,
    axis_label,
    finish,
    half_widths,
    headline,
    in_words,
    legend_above,
    new_figure,
    room_for,
    set_scale,
)

if TYPE_CHECKING:
    import pandas as pd

MONEY = "total_cost"
MOST = 24  # bars that can be read on a slide
FAR = 1.6  # how far losses are drawn, in the largest gain: a loss ten times as large would leave the gains no room
COLOURS = {"worth it": GREEN, "costs more": RED, "not clear": SILVER, "changes nothing": SILVER}
COLUMNS = (0.715, 0.855, 0.975)  # where the columns of text end, as shares of the figure's width


def tornado(table: pd.DataFrame, title: str, note: str = "") -> Figure:
    """A bar for each improvement, its 95% interval, and in words what becomes of service and stock.

    `table` is that of `study.advice.tables.advice_table`; improvements that were not tried are not drawn. Bars that
    reach beyond the axis end in an arrow: their numbers stand beside them.

    >>> import pandas as pd
    >>> table = pd.DataFrame({
    ...     "improvement": ["no_lag", "leaner"], "gain": [90.0, -20.0], "gain_half_width": [5.0, 6.0],
    ...     "verdict": ["worth it", "costs more"], "fill_rate_change": [0.01, -0.02],
    ...     "stock_at_cost_change": [0.0, -300.0], "rank": [1, 2], "depends_on": ["", ""],
    ... })
    >>> [text.get_text() for text in tornado(table, "What pays").axes[0].get_yticklabels()]
    ['no lag', 'leaner']
    """
    rows = table[table["verdict"].isin(list(COLOURS))]
    shown, left_off = _shown(rows)
    figure, axes = new_figure(left=room_for(shown["improvement"], 0.16), right=0.59)
    gains, at = shown["gain"].to_numpy(dtype=float), np.arange(len(shown))
    halves = half_widths(shown.rename(columns={"gain_half_width": "half_width"}))
    low, high = _reach(gains, halves)
    for verdict, colour in COLOURS.items():
        mine = (shown["verdict"] == verdict).to_numpy()
        if mine.any() and (verdict != "changes nothing" or not (shown["verdict"] == "not clear").any()):
            label = "not clear, or nothing changes" if verdict in ("not clear", "changes nothing") else verdict
            axes.barh(at[mine], np.clip(gains[mine], low, high), color=colour, height=0.72, label=label)
    inside = gains >= low
    axes.errorbar(
        gains[inside], at[inside], xerr=halves[inside], color=BLACK, linestyle="none", elinewidth=1.8, capsize=4
    )
    axes.plot(np.full((~inside).sum(), low), at[~inside], marker="<", color=BLACK, markersize=11, linestyle="none",
              clip_on=False, zorder=5)  # fmt: skip
    axes.axvline(0, color=GREY, linewidth=1.5)
    axes.set_xlim(low, high)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    set_scale(axes.xaxis, MONEY, ticks=5)
    size = TICK if len(shown) <= 16 else TICK - 2
    finish(figure, axes, "", f"gain, {axis_label(MONEY, name=False)}", "")
    axes.set_yticks(at, [in_words(name) for name in shown["improvement"]], fontsize=size)
    axes.grid(False, axis="y")
    axes.grid(True, axis="x", color="#DDDDDD")
    rests = shown["depends_on"] if "rests_on" not in shown else shown["rests_on"]
    _columns(axes, shown.assign(rests_on=rests), halves, size)
    headline(figure, title)
    handles, labels = axes.get_legend_handles_labels()
    legend_above(figure, handles, labels, at=0.935 - 0.036 * title.count("\n"))
    figure.subplots_adjust(top=0.83 - 0.036 * title.count("\n"), bottom=0.14)
    said = [note, f"{left_off} more, of smaller gain or loss, are in the table" if left_off else "",
            "arrows: losses beyond the axis" if (~inside).any() else ""]  # fmt: skip
    figure.text(0.985, 0.02, "; ".join(part for part in said if part), ha="right", fontsize=TICK - 3, color=GREY)
    return figure


def _shown(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The rows that fit, in their order, and how many do not: those that change least are left off."""
    if len(rows) <= MOST:
        return rows, 0
    least = rows["gain"].abs().sort_values(ascending=False).index[MOST:]
    return rows.drop(least), len(rows) - MOST


def _reach(gains: np.ndarray, halves: np.ndarray) -> tuple[float, float]:
    """Ends of the axis: the largest gain, and losses as far as they leave the gains some room."""
    top, bottom = float((gains + halves).max(initial=0)), float((gains - halves).min(initial=0))
    if top > 0 and -bottom > FAR * top:
        bottom = -FAR * top
    span = (top - bottom) or 1.0
    return bottom - (0.03 * span if bottom else 0.01 * span), top + 0.03 * span


def _columns(axes, shown: pd.DataFrame, halves: np.ndarray, size: int) -> None:  # type: ignore[no-untyped-def]
    """Gain, change of the fill rate and change of stock beside each bar."""
    figure = axes.figure
    box = axes.get_position()
    heads = ("gain a year", "fill rate, %-points", "stock at cost")
    ends = [(end - box.x0) / box.width for end in COLUMNS]
    for end, head in zip(ends, heads, strict=True):
        axes.text(end, 1.012, head, transform=axes.transAxes, ha="right", va="bottom", fontsize=size, color=GREY)
    across = axes.get_yaxis_transform()
    for k, (row, half) in enumerate(zip(shown.itertuples(), halves, strict=True)):
        mark = "*" if row.rests_on else ""
        texts = (f"{row.gain:+,.0f} ± {half:,.0f}{mark}" if row.gain or half else "0",
                 f"{100 * row.fill_rate_change:+.2f}", f"{row.stock_at_cost_change:+,.0f}")  # fmt: skip
        for end, text in zip(ends, texts, strict=True):
            axes.text(end, k, text, transform=across, ha="right", va="center", fontsize=size)
    marks = ["* rests on a cost that is assumed, or 0: see the report"] if (shown["rests_on"] != "").any() else []
    marks += ["† levels kept as they are"] if shown["improvement"].str.contains("†").any() else []
    figure.text(0.015, 0.02, "; ".join(marks), fontsize=TICK - 3, color=GREY)
