"""Figures: with `sim.plots_frontier` and `sim.plot_style`, the only place that meets matplotlib. Functions take tidy
data, return a Figure.

Made for a slide (1600 x 900 pixels): large type, units on every axis, and a title that says what is seen. Colours are
those of Okabe & Ito (2008), told apart by colour-blind readers; policies differ in marker too. No pyplot, no state:
safe in threads and without a screen. Save one with `figure.savefig("name.png")`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from sim.classes import value_order
from sim.errors import require
from sim.measures import MEASURES
from sim.plot_style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LABEL,
    MARKERS,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    TICK,
    TITLE,
    axis_label,
    colour_of,
    finish,
    half_widths,
    in_words,
    label_points,
    new_figure,
    number_writer,
    rows_of,
    set_scale,
    setting_in_words,
    with_intervals,
)
from sim.risk_table import SHOWN

if TYPE_CHECKING:
    import pandas as pd


def stock_over_time(
    daily: pd.DataFrame | Mapping[str, np.ndarray], levels: Mapping[str, Any] | None = None, title: str | None = None
) -> Figure:
    """One cell, or a sum of cells, day by day: stock, orders, backorders, and the days that demand was short.

    `daily` has columns day, on_hand, and any of on_order, record, seen, backorders, demand, unmet, and promotion (a
    factor on demand: days above 1 are shaded); `levels` are drawn as lines (a reorder point, an order-up-to level): a
    number, or an array over all days where a level changes.
    """
    day, on_hand = np.asarray(daily["day"]), np.asarray(daily["on_hand"])
    figure, axes = new_figure()
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
    for (name, level), colour in zip((levels or {}).items(), (ORANGE, BLACK, PURPLE, GREEN), strict=False):
        line: dict[str, Any] = {"color": colour, "linewidth": 2, "linestyle": (0, (6, 3))}
        if np.ndim(level):
            axes.step(day, level[day], where="mid", label=in_words(name), **line)
        else:
            axes.axhline(level, label=f"{in_words(name)} ({level:g})", **line)
    promoted = _runs(day, np.asarray(daily["promotion"]) > 1) if "promotion" in daily else []
    for k, (first, last) in enumerate(promoted):
        said_once = "_nolegend_" if k else "promotion"
        axes.axvspan(first - 0.5, last + 0.5, color=ORANGE, alpha=0.15, linewidth=0, zorder=0, label=said_once)
    short = np.asarray(daily["unmet"]) > 0 if "unmet" in daily else np.zeros(len(day), bool)
    if short.any():
        axes.plot(day[short], np.zeros(short.sum()), marker="v", markersize=13, linestyle="none", color=RED,
                  clip_on=False, zorder=5, label="demand short")  # fmt: skip
    said = f"Stock by day: demand was short on {short.sum()} of {len(day)} days" if "unmet" in daily else "Stock by day"
    axes.set_ylim(bottom=0)
    axes.set_xlim(day[0] - 0.5, day[-1] + 0.5)
    return finish(figure, axes, title or said, "day", "units at the end of the day", legend=True)


def _runs(day: np.ndarray, marked: np.ndarray) -> list[tuple[int, int]]:
    """First and last day of each run of marked days."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(int), [0]])))
    return [(int(day[a]), int(day[b - 1])) for a, b in edges.reshape(-1, 2)]


def tradeoff(
    table: pd.DataFrame,
    x: str = "average_inventory_value",
    y: str = "fill_rate",
    curve: Mapping[str, str] | None = None,
    title: str | None = None,
) -> Figure:
    """Two measures against each other, a point with both intervals for each policy of a tidy table.

    `curve` names for each policy the family it belongs to: points of a family are joined.
    """
    figure, axes = new_figure(right=0.86)
    of = {measure: rows_of(table, measure).set_index("policy") for measure in (x, y)}
    policies = list(of[x].index)
    families = {policy: (curve or {}).get(policy, policy) for policy in policies}
    for k, family in enumerate(dict.fromkeys(families.values())):
        mine = sorted((p for p in policies if families[p] == family), key=lambda p: of[x].loc[p, "estimate"])
        rows, heights = of[x].loc[mine], of[y].loc[mine]
        axes.errorbar(rows["estimate"], heights["estimate"], xerr=half_widths(rows), yerr=half_widths(heights),
                      color=colour_of(k), marker=MARKERS[k % 7], markersize=12, linewidth=1.6 if len(mine) > 1 else 0,
                      elinewidth=2, capsize=5, label=family)  # fmt: skip
    set_scale(axes.xaxis, x)
    set_scale(axes.yaxis, y)
    axes.margins(0.08, 0.1)
    kept = [p for p in policies if not any(_beats(of, q, p) for q in policies)]
    said = f"{in_words(y).capitalize()} against {in_words(x)}"
    said += f"\nnot beaten on both: {', '.join(kept)}" if len(kept) <= 3 else ""
    finish(figure, axes, title or said, axis_label(x), axis_label(y), legend=bool(curve))
    label_points(axes, of[x]["estimate"], of[y]["estimate"], families)
    return figure


def _beats(of: Mapping[str, pd.DataFrame], one: str, other: str) -> bool:
    """Whether a policy is better than another on both measures, going by the estimates."""
    signs = {measure: -1 if MEASURES[measure].better == "lower" else 1 for measure in of}
    gains = [signs[m] * (rows.loc[one, "estimate"] - rows.loc[other, "estimate"]) for m, rows in of.items()]
    return min(gains) >= 0 and max(gains) > 0


def policy_comparison(
    table: pd.DataFrame, measures: Sequence[str] = ("fill_rate", "turnover", "total_cost"), title: str | None = None
) -> Figure:
    """Each measure in a panel of its own, a point with its interval for each policy."""
    figure, panels = new_figure(columns=len(measures), left=0.16)
    policies = list(dict.fromkeys(table["policy"]))
    for axes, measure in zip(panels, measures, strict=True):
        rows = rows_of(table, measure).set_index("policy").loc[policies]
        for k, (_, row) in enumerate(rows.iterrows()):
            axes.errorbar(row["estimate"], k, xerr=half_widths(row), color=colour_of(k),
                          marker=MARKERS[k % 7], markersize=13, elinewidth=3, capsize=7)  # fmt: skip
        set_scale(axes.xaxis, measure, ticks=4)
        axes.set_yticks(range(len(policies)), policies if axes is panels[0] else [""] * len(policies), fontsize=LABEL)
        axes.set_ylim(len(policies) - 0.5, -0.5)
        axes.margins(x=0.15)
        better = {"higher": "higher is better", "lower": "lower is better"}.get(MEASURES[measure].better, "")
        finish(figure, axes, f"{in_words(measure)}\n{better}", axis_label(measure, name=False), "", small=True)
        axes.grid(True, axis="x", color="#DDDDDD")
    figure.suptitle(
        title or with_intervals("Policies side by side", table), fontsize=TITLE, x=0.02, ha="left", fontweight="bold"
    )
    return figure


DISTORTION = {  # parts of the distortion cost: label, colour, hatch
    "stockout_cost": ("stockout: lost margin, goodwill, waiting", BLUE, ""),
    "overstock_cost": ("overstock: carrying cost", ORANGE, "//"),
    "write_off_cost": ("write-off: units lost unseen", GREEN, ".."),
    "returns_write_off_cost": ("write-off: units brought back", PURPLE, "xx"),
    "waste_cost": ("write-off: expired", RED, "\\\\"),
    "markdown_cost": ("markdown: off the price", SKY, "--"),
    "clearance_cost": ("clearance: below cost", GREY, "++"),
}


def distortion_split(table: pd.DataFrame, title: str | None = None) -> Figure:
    """Distortion cost of each policy as stacked bars of its parts, with the interval of the sum."""
    whole = rows_of(table, "distortion_cost").set_index("policy")
    of_sales = rows_of(table, "distortion_pct_of_sales").set_index("policy")["estimate"]
    policies, at = list(whole.index), np.arange(len(whole))
    figure, axes = new_figure()
    below = np.zeros(len(whole))
    for name, (label, colour, hatch) in DISTORTION.items():
        if name in ("stockout_cost", "overstock_cost") or (table["measure"] == name).any():
            part = rows_of(table, name).set_index("policy")["estimate"].to_numpy()
            if (part > 0).any() or below.sum() == 0:
                axes.bar(at, part, width=0.6, bottom=below, color=colour, hatch=hatch, edgecolor="white", label=label)
                below = below + part
    axes.errorbar(
        at, whole["estimate"], yerr=half_widths(whole), color=BLACK, linestyle="none", elinewidth=2.5, capsize=9
    )
    top = np.nan_to_num(whole["high"], nan=0.0)
    for k, policy in enumerate(policies):
        high = max(top[k], whole["estimate"].iloc[k])
        axes.annotate(f"{of_sales[policy]:.2g}% of sales", (k, high), (0, 8), textcoords="offset points", ha="center",
                      fontsize=TICK)  # fmt: skip
    axes.set_xticks(at, policies, fontsize=LABEL)
    axes.margins(y=0.16)
    set_scale(axes.yaxis, "distortion_cost")
    best = whole["estimate"].idxmin()
    said = f"'{best}' has the lowest distortion cost: {whole.loc[best, 'estimate']:,.0f} a year"
    return finish(figure, axes, title or with_intervals(said, table), "", axis_label("distortion_cost"), legend=True)


def bad_years(values: Mapping[str, np.ndarray], risk: pd.DataFrame, title: str | None = None) -> Figure:
    """How a measure spreads over replications: a histogram for each policy, its quantiles and CVaR marked.

    `values` has each policy's replications, `risk` the rows of `sim.risk_table`; bands are intervals.
    """
    policies = list(values)
    figure, panels = new_figure(rows=len(policies))
    panels = np.atleast_1d(panels)
    measure, unit = str(risk["measure"].iloc[0]), axis_label(str(risk["measure"].iloc[0]))
    for k, (axes, policy) in enumerate(zip(panels, policies, strict=True)):
        x, mine = values[policy], risk[risk["policy"] == policy].set_index(["statistic", "share"])
        axes.hist(x, bins=min(40, max(8, len(x) // 6)), color=GREY, alpha=0.35)
        for key, colour, style, band, said in (
            (("quantile", 0.5), BLUE, "-", (0, 1), "median"),
            (("quantile", SHOWN), ORANGE, "--", (0.5, 1), f"{SHOWN:.0%} quantile"),
            (("cvar", SHOWN), RED, ":", (0, 0.5), f"CVaR: mean of the worst {1 - SHOWN:.0%}"),
        ):
            row = mine.loc[key]
            axes.axvline(row["estimate"], color=colour, linestyle=style, linewidth=3.5, label=said)
            if np.isfinite(row["low"]):
                axes.axvspan(row["low"], row["high"], *band, color=colour, alpha=0.2, linewidth=0)
        set_scale(axes.xaxis, measure)
        last = k == len(policies) - 1
        finish(figure, axes, "", unit if last else "", "", legend=False)
        axes.set_ylabel(policy, fontsize=LABEL, rotation=0, ha="right", va="center", labelpad=14)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.grid(False)
    legend = panels[0].get_legend_handles_labels()
    figure.legend(*legend, fontsize=TICK, frameon=False, loc="upper left", bbox_to_anchor=(0.015, 0.89), ncols=3)
    room = min(0.32, max(0.12, 0.04 + 0.0095 * max(map(len, policies))))
    figure.subplots_adjust(left=room, top=0.82, hspace=0.45)
    counts = sorted({len(x) for x in values.values()})
    many = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    said = f"{in_words(measure).capitalize()} over {many} replications"
    said += "\neach policy on a scale of its own; bands: 95% intervals"
    figure.suptitle(title or said, fontsize=TITLE, x=0.02, ha="left", fontweight="bold")
    return figure


def bullwhip_by_tier(table: pd.DataFrame, title: str | None = None) -> Figure:
    """Variance of orders over variance of demand at each tier, a point with its interval for each policy."""
    rows = table[(table["measure"] == "bullwhip_ratio") & (table["level"] == "tier")]
    require(len(rows) > 0, "a bullwhip figure needs a table at level 'tier' with measure 'bullwhip_ratio'")
    tiers, policies = list(dict.fromkeys(rows["group"])), list(dict.fromkeys(rows["policy"]))
    figure, axes = new_figure()
    for k, policy in enumerate(policies):
        mine = rows[rows["policy"] == policy].set_index("group").loc[tiers]
        at = np.arange(len(tiers)) + 0.5 * ((k + 0.5) / len(policies) - 0.5)
        axes.errorbar(at, mine["estimate"], yerr=half_widths(mine), color=colour_of(k),
                      marker=MARKERS[k % 7], markersize=14, linestyle="none", elinewidth=3, capsize=7,
                      label=policy)  # fmt: skip
    axes.axhline(1, color=GREY, linewidth=1.5, linestyle="--", label="orders vary as much as demand")
    axes.set_xticks(range(len(tiers)), tiers, fontsize=LABEL)
    axes.set_xlim(-0.6, len(tiers) - 0.4)
    low, high = rows["estimate"].min(), np.nanmax(rows[["estimate", "high"]].to_numpy())
    if low > 0 and high / low > 20:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    else:
        axes.set_ylim(0, 1.12 * max(1.2, high))
    worst = rows.loc[rows["estimate"].idxmax()]
    largest = f"{worst['estimate']:{'.0f' if high >= 10 else '.2g'}}"
    said = f"Largest bullwhip ratio: {largest}, under '{worst['policy']}' at tier '{worst['group']}'"
    return finish(figure, axes, title or with_intervals(said, table), "",
                  "variance of weekly orders / of weekly demand", legend=True)  # fmt: skip


def abc_pareto(
    values: np.ndarray, classes: np.ndarray, names: Sequence[str] | None = None, title: str | None = None
) -> Figure:
    """Cumulative share of value over items, largest first, with a band for each class."""
    order = value_order(values, names)
    share = 100 * np.cumsum(np.asarray(values, float)[order]) / np.sum(values)
    ranked, many = np.asarray(classes)[order], len(order)
    at = 100 * np.arange(1, many + 1) / many
    figure, axes = new_figure()
    axes.step(np.r_[0, at], np.r_[0, share], where="pre" if many < 50 else "post", color=BLACK, linewidth=2.5)
    left, before, said, middle, height = 0.0, 0.0, [], -100.0, 4
    for name, colour in zip(dict.fromkeys(ranked.tolist()), (BLUE, ORANGE, SKY, PURPLE), strict=False):
        count = int((ranked == name).sum())
        right, reached = left + 100 * count / many, share[(ranked == name).nonzero()[0][-1]]
        axes.axvspan(left, right, color=colour, alpha=0.28, linewidth=0)
        last, middle = middle, max((left + right) / 2, 7)
        height = height + 24 if middle - last < 15 else 4  # narrow bands: one above the other
        axes.text(middle, height, f"{name}\n{count} items\n{reached - before:.0f}% of value", ha="center", va="bottom",
                  fontsize=TICK, fontweight="bold", linespacing=1.4)  # fmt: skip
        said.append(f"{name}: {100 * count / many:.0f}% of items, {reached - before:.0f}% of value")
        left, before = right, reached
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 102)
    return finish(
        figure,
        axes,
        title or "; ".join(said[:2]),
        "share of items, largest value first (%)",
        "cumulative share of value (%)",
    )


def sweep_lines(
    table: pd.DataFrame, axis: str, measure: str = "total_cost", by: str | None = None, title: str | None = None
) -> Figure:
    """A measure along one swept setting (a column of the table), with intervals; one line for each value of `by`."""
    rows = rows_of(table, measure)
    figure, axes = new_figure()
    of = f"{setting_in_words(by)} " if by and by != "policy" else ""  # a policy's name says what it is
    for k, (name, mine) in enumerate(rows.groupby(by, sort=False) if by else [("", rows)]):
        mine = mine.sort_values(axis)
        axes.errorbar(mine[axis], mine["estimate"], yerr=half_widths(mine), color=colour_of(k),
                      marker=MARKERS[k % 7], markersize=11, linewidth=2.2, elinewidth=2.2, capsize=6,
                      label=f"{of}{name}")  # fmt: skip
    set_scale(axes.yaxis, measure)
    values = sorted(rows[axis].unique())
    if min(np.diff(values), default=0) > (values[-1] - values[0]) / 12:  # room for the numbers themselves
        axes.set_xticks(values, [f"{value:g}" for value in values])
    axes.margins(0.05, 0.1)
    if 0 <= rows["estimate"].min() < 0.3 * rows["estimate"].max():
        axes.set_ylim(bottom=0)
    lowest = MEASURES[measure].better == "lower"
    best = rows.loc[rows["estimate"].idxmin() if lowest else rows["estimate"].idxmax()]
    said = f"{'Lowest' if lowest else 'Highest'} {in_words(measure)} at {setting_in_words(axis)} = {best[axis]:g}"
    said += f" ({of}{best[by]})" if by else ""
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
    axes.set_xticks(range(len(grid.columns)), [f"{v:g}" for v in grid.columns])
    axes.set_yticks(range(len(grid.index)), [f"{v:g}" for v in grid.index])
    bar = figure.colorbar(picture, ax=axes, format=FuncFormatter(lambda v, _: write(v)), pad=0.02)
    bar.ax.tick_params(labelsize=TICK)
    bar.set_label(axis_label(measure), fontsize=LABEL)
    lowest = MEASURES[measure].better == "lower"
    best = rows.loc[rows["estimate"].idxmin() if lowest else rows["estimate"].idxmax()]
    said = f"{'Lowest' if lowest else 'Highest'} {in_words(measure)} at {setting_in_words(x)} = {best[x]:g}, "
    said += f"{setting_in_words(y)} = {best[y]:g}"
    finish(figure, axes, title or said, setting_in_words(x), setting_in_words(y))
    axes.grid(False)
    return figure
