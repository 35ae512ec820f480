"""Figures of policies at equal service: the trade-off curve of each, and what the same service costs, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from restock.sim.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LABEL,
    ORANGE,
    PURPLE,
    RED,
    SILVER,
    SKY,
    TICK,
    axis_label,
    entries_of,
    finish,
    headline,
    legend_above,
    looks,
    new_figure,
    set_scale,
    stacked,
)

if TYPE_CHECKING:
    import pandas as pd

PARTS = {  # parts of the total cost: label, colour, hatch
    "carrying_cost": ("carrying stock", BLUE, ""),
    "ordering_cost": ("order lines", ORANGE, "//"),
    "transport_cost": ("moving units", SILVER, ""),
    "stockout_cost": ("lost sales", RED, "\\\\"),
    "write_off_cost": ("shrinkage", GREEN, ".."),
    "waste_cost": ("waste", PURPLE, "xx"),
    "markdown_cost": ("markdowns", SKY, "--"),
}
OTHERS = ("other", GREY, "++")
WIDE = 14  # characters of a policy's name on a line below its bar
LEAST_SHARE = 1e-5  # not served, below which a logarithmic axis says nothing


def service_curves(
    points: pd.DataFrame, as_set: pd.DataFrame, levels: Sequence[float] = (), title: str = "", note: str = ""
) -> Figure:
    """Share of demand not served (on a logarithmic scale) against stock at cost: a curve for each policy.

    `points` has the chain's measures of each policy at each setting (`EqualService.points`), `as_set` those of the
    policies as they are set (`Comparison.table`), which are marked and named; `levels` are drawn as lines.
    """
    figure, axes = new_figure(right=0.88)
    names = list(dict.fromkeys([*points["policy"], *as_set["policy"]]))
    look, lowest = looks(names), []
    for name in dict.fromkeys(points["policy"]):
        stock, short = _stock_and_short(points[points["policy"] == name])
        colour, marker = look[name]
        axes.plot(stock, short, color=colour, marker=marker, markersize=7, linewidth=2.6, label=name)
        lowest.append(short.min())
    stock, short = _stock_and_short(as_set)
    for name, x, y in zip(as_set["policy"].drop_duplicates(), stock, short, strict=True):
        colour, marker = look[name]
        axes.plot([x], [y], color=colour, marker=marker, markersize=19, markeredgecolor=BLACK, markeredgewidth=2.2,
                  linestyle="none", zorder=5)  # fmt: skip
        if name not in set(points["policy"]):  # the others are in the legend
            axes.annotate(name, (x, y), (18, -5), textcoords="offset points", fontsize=TICK, color=colour,
                          fontweight="bold")  # fmt: skip
    axes.plot([], [], marker="o", color="white", markeredgecolor=BLACK, markeredgewidth=2.2, markersize=15,
              linestyle="none", label="as set")  # fmt: skip
    axes.set_yscale("log")
    axes.set_ylim(max(LEAST_SHARE, min([*lowest, *short]) / 1.6), min(1.0, 1.25 * max(axes.get_ylim())))
    axes.yaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}"))
    axes.set_xlim(left=0)
    set_scale(axes.xaxis, "average_inventory_value")
    for level in levels:
        axes.axhline(1 - level, color=GREY, linestyle="--", linewidth=1.5, zorder=0)
        axes.annotate(f"{100 * level:g}% served", (1.005, 1 - level), xycoords=("axes fraction", "data"), va="center",
                      fontsize=TICK, color=GREY)  # fmt: skip
    said = "\n".join([title, *([note] if note else [])])
    held = f"stock at cost ({axis_label('average_inventory_value', name=False)})"
    return finish(figure, axes, said, held, "demand not served at once (%, log scale)", legend=True)


def _stock_and_short(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Stock at cost, and the share not served, in the order of the rows."""
    stock = table.loc[table["measure"] == "average_inventory_value", "estimate"].to_numpy(dtype=float)
    served = table.loc[table["measure"] == "fill_rate", "estimate"].to_numpy(dtype=float)
    return stock, np.maximum(1 - served, LEAST_SHARE)


def cost_at_equal_service(table: pd.DataFrame, title: str = "", note: str = "") -> Figure:
    """What the same service costs under each policy, part by part: a panel for each fill rate, a bar for each policy.

    `table` is that of `EqualService.table`; the black line is the interval of the sum.
    """
    levels = list(dict.fromkeys(table["fill_rate"]))
    policies = list(dict.fromkeys(table.sort_values("fill_rate", kind="stable")["policy"]))
    figure, panels = new_figure(columns=len(levels), left=0.09)
    panels = np.atleast_1d(panels)
    ceiling = table.loc[table["measure"] == "total_cost", "high"].fillna(0).max()
    ceiling = max(ceiling, table.loc[table["measure"] == "total_cost", "estimate"].max())
    for axes, level in zip(panels, levels, strict=True):
        mine = table[table["fill_rate"] == level]
        there = [policy for policy in policies if policy in set(mine["policy"])]
        _stack(axes, mine, there)
        axes.set_xticks(range(len(there)), [fill(name.replace("_", " "), WIDE) for name in there], fontsize=TICK)
        axes.set_ylim(0, 1.14 * ceiling)
        set_scale(axes.yaxis, "total_cost")
        finish(figure, axes, f"{100 * level:g}% served at once", "", "", small=True)
        axes.tick_params(axis="y", labelleft=axes is panels[0])
    panels[0].set_ylabel(axis_label("total_cost"), fontsize=LABEL, labelpad=8)
    figure.subplots_adjust(bottom=0.16, top=0.74, wspace=0.08)
    legend_above(figure, *entries_of(panels))
    headline(figure, "\n".join([title, *([note] if note else [])]))
    return figure


def _stack(axes, mine: pd.DataFrame, policies: Sequence[str]) -> None:
    """One bar a policy: its parts, what is left of the sum as 'other', and the interval of the sum."""
    whole = mine[mine["measure"] == "total_cost"].set_index("policy").loc[list(policies)]
    rows = {name: mine[mine["measure"] == name].set_index("policy")["estimate"] for name in PARTS}
    values = {name: row.reindex(policies).fillna(0.0).to_numpy(dtype=float) for name, row in rows.items()}
    parts = [(part, PARTS[name]) for name, part in values.items() if part.any()]
    rest = whole["estimate"].to_numpy(dtype=float) - sum(values.values())
    parts += [(rest, OTHERS)] if (rest > 1e-6 * whole["estimate"]).any() else []
    stacked(axes, parts, whole, width=0.66)
    best = float(whole["estimate"].min())
    tops = np.fmax(whole["high"], whole["estimate"])  # above the interval, where there is one
    for k, (cost, top) in enumerate(zip(whole["estimate"], tops, strict=True)):
        words = "cheapest" if cost == best and len(policies) > 1 else f"+{100 * (cost / best - 1):.1f}%"
        axes.annotate(words if len(policies) > 1 else "", (k, top), (0, 9), textcoords="offset points", ha="center",
                      fontsize=TICK)  # fmt: skip
