"""Figures of a sweep: a measure along one swept setting, or over two. No winner is named inside the noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from restock.sim.figures.style import (
    LABEL,
    TICK,
    axis_label,
    finish,
    half_widths,
    in_words,
    looks,
    looks_in_order,
    new_figure,
    number_writer,
    numeral,
    rows_of,
    set_numbers,
    set_scale,
    setting_in_words,
    with_intervals,
)
from restock.sim.measures.measures import MEASURES
from restock.sim.study.told_apart import by_intervals, leaders

if TYPE_CHECKING:
    import pandas as pd


def sweep_lines(
    table: pd.DataFrame, axis: str, measure: str = "total_cost", by: str | None = None, title: str | None = None
) -> Figure:
    """A measure along one swept setting (a column of the table), with intervals; one line for each value of `by`."""
    rows = rows_of(table, measure)
    figure, axes = new_figure()
    of = f"{setting_in_words(by)} " if by and by != "policy" else ""  # a policy's name says what it is
    families = list(rows.groupby(by, sort=False)) if by else [("", rows)]
    names = [str(name) for name, _ in families]
    look = looks(names) if by == "policy" else looks_in_order(names)
    for name, mine in families:
        mine, (colour, marker) = mine.sort_values(axis), look[str(name)]
        axes.errorbar(mine[axis], mine["estimate"], yerr=half_widths(mine), color=colour, marker=marker, markersize=11,
                      linewidth=2.2, elinewidth=2.2, capsize=6, label=f"{of}{_written(name)}")  # fmt: skip
    set_scale(axes.yaxis, measure)
    values = sorted(rows[axis].unique())
    set_numbers(axes.xaxis)
    if min(np.diff(values), default=0) > (values[-1] - values[0]) / 12:  # room for the numbers themselves
        axes.set_xticks(values, [numeral(value) for value in values])
    axes.margins(0.05, 0.1)
    if 0 <= rows["estimate"].min() < 0.3 * rows["estimate"].max():
        axes.set_ylim(bottom=0)
    said = _best(rows, lambda row: f"{setting_in_words(axis)} = {numeral(row[axis])}"
                 + (f" ({of}{_written(row[by])})" if by else ""))  # fmt: skip
    return finish(
        figure, axes, title or with_intervals(said, table), setting_in_words(axis), axis_label(measure), legend=bool(by)
    )


def sweep_map(table: pd.DataFrame, x: str, y: str, measure: str = "total_cost", title: str | None = None) -> Figure:
    """A measure over two swept settings (columns of the table), as a heat map with the numbers in it."""
    rows = rows_of(table, measure)
    grid = rows.pivot(index=y, columns=x, values="estimate").sort_index(ascending=False)
    half = rows.pivot(index=y, columns=x, values="half_width").reindex(index=grid.index, columns=grid.columns)
    values = grid.to_numpy(dtype=float)
    figure, axes = new_figure()
    picture = axes.imshow(values, aspect="auto", cmap="cividis")
    middle, write = (np.nanmin(values) + np.nanmax(values)) / 2, number_writer(measure, np.nanmax(np.abs(values)))
    for (i, j), value in np.ndenumerate(values):
        spread = half.to_numpy()[i, j]
        text = write(value) + (f"\n± {write(spread)}" if np.isfinite(spread) and values.size <= 42 else "")
        axes.text(j, i, text, ha="center", va="center", fontsize=14, color="white" if value < middle else "black")
    axes.set_xticks(range(len(grid.columns)), [numeral(v) for v in grid.columns])
    axes.set_yticks(range(len(grid.index)), [numeral(v) for v in grid.index])
    bar = figure.colorbar(picture, ax=axes, format=FuncFormatter(lambda v, _: write(v)), pad=0.02)
    bar.ax.tick_params(labelsize=TICK)
    bar.set_label(axis_label(measure), fontsize=LABEL)
    said = _best(
        rows, lambda row: f"{setting_in_words(x)} = {numeral(row[x])}, {setting_in_words(y)} = {numeral(row[y])}"
    )
    finish(figure, axes, title or said, setting_in_words(x), setting_in_words(y))
    axes.grid(False)
    return figure


def _best(rows: pd.DataFrame, where) -> str:  # type: ignore[no-untyped-def]
    """Where a measure is lowest (or highest), and how many other runs are not told apart from that."""
    measure = str(rows["measure"].iloc[0])
    rows = rows.dropna(subset="estimate").reset_index(drop=True).assign(run=lambda frame: frame.index)
    best, *others = leaders(rows, by_intervals(rows, "run"), "run")
    said = f"{'Lowest' if MEASURES[measure].better == 'lower' else 'Highest'} {in_words(measure)}"
    known = rows["half_width"].notna().any()
    if others and known:
        return f"{said}: {len(others) + 1:,} of {len(rows):,} runs are not told apart"
    return f"{said} at {where(rows.loc[best])}"


def _written(value: object) -> str:
    return numeral(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
