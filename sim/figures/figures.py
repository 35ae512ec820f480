"""Figures of policies side by side. Functions take tidy data, return a Figure.

With the modules beside this one whose names begin so, the only place that meets matplotlib. Made for a slide
(1600 x 900 pixels): large type, units on every axis, and a title that says what is seen, and names no winner that the
noise could have made. Colours are those of Okabe & Ito (2008), told apart by colour-blind readers; policies differ in
marker too, and each keeps both in every figure. No pyplot, no state: safe in threads and without a screen. Save one
with `figure.savefig("name.png")`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from restock.sim.errors import require
from restock.sim.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LABEL,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    TICK,
    axis_label,
    entries_of,
    finish,
    half_widths,
    headline,
    in_words,
    label_points,
    legend_above,
    listed,
    looks,
    new_figure,
    numeral,
    percentage,
    room_for,
    rows_of,
    set_numbers,
    set_scale,
    stacked,
    with_intervals,
)
from restock.sim.measures.measures import MEASURES
from restock.sim.model.abc_classes import value_order
from restock.sim.results.bad_years import SHOWN
from restock.sim.study.told_apart import Shown, by_intervals, leaders

if TYPE_CHECKING:
    import pandas as pd

APART = 8.0  # times the largest of some bars, beyond which smaller ones are drawn again on a scale of their own
SCALES = 3  # most scales of a figure


def tradeoff(
    table: pd.DataFrame,
    x: str = "average_inventory_value",
    y: str = "fill_rate",
    curve: Mapping[str, str] | None = None,
    title: str | None = None,
    shown: Shown | None = None,
) -> Figure:
    """Two measures against each other, a point with both intervals for each policy of a tidy table.

    `curve` names for each policy the family it belongs to: points of a family are joined. `shown` says which policies
    are told apart (see `study.told_apart`); None: by the intervals drawn. Of one policy nothing is said.
    """
    figure, axes = new_figure(right=0.86)
    of = {measure: rows_of(table, measure).set_index("policy") for measure in (x, y)}
    policies = list(of[x].index)
    families = {policy: (curve or {}).get(policy, policy) for policy in policies}
    look = looks(families.values())
    for family, (colour, marker) in look.items():
        mine = sorted((p for p in policies if families[p] == family), key=lambda p: of[x].loc[p, "estimate"])
        rows, heights = of[x].loc[mine], of[y].loc[mine]
        axes.errorbar(rows["estimate"], heights["estimate"], xerr=half_widths(rows), yerr=half_widths(heights),
                      color=colour, marker=marker, markersize=12, linewidth=1.6 if len(mine) > 1 else 0,
                      elinewidth=2, capsize=5, label=family)  # fmt: skip
    set_scale(axes.xaxis, x)
    set_scale(axes.yaxis, y)
    axes.margins(0.08, 0.1)
    said = title or f"{in_words(y).capitalize()} against {in_words(x)}"
    kept = not_beaten(of, shown or by_intervals(table))
    said += (
        f"\nnot shown to be beaten on both: {', '.join(kept)}" if len(kept) < len(policies) and len(kept) <= 3 else ""
    )
    finish(figure, axes, said, axis_label(x), axis_label(y), legend=bool(curve))
    label_points(axes, of[x], of[y], families, {family: colour for family, (colour, _) in look.items()})
    return figure


def not_beaten(of: Mapping[str, pd.DataFrame], shown: Shown) -> list[str]:
    """Policies that no other beats: by the estimate on every measure, and shown to be better on one at least."""
    signs = {measure: -1 if MEASURES[measure].better == "lower" else 1 for measure in of}
    policies = list(next(iter(of.values())).index)

    def beats(one: str, other: str) -> bool:
        gains = [signs[m] * (rows.loc[one, "estimate"] - rows.loc[other, "estimate"]) for m, rows in of.items()]
        return min(gains) >= 0 and any(shown(measure, one, other) for measure in of)

    return [policy for policy in policies if not any(beats(other, policy) for other in policies if other != policy)]


def policy_comparison(
    table: pd.DataFrame,
    measures: Sequence[str] = ("fill_rate", "turnover", "total_cost"),
    title: str | None = None,
    look: Mapping[str, tuple[str, str]] | None = None,
) -> Figure:
    """Each measure in a panel of its own, a point with its interval for each policy.

    `look` has the colour and marker of each row; None: those of its policy.
    """
    policies = list(dict.fromkeys(table["policy"]))
    figure, panels = new_figure(columns=len(measures), left=room_for(policies, 0.16))
    look = look or looks(policies)
    for axes, measure in zip(np.atleast_1d(panels), measures, strict=True):
        rows = rows_of(table, measure).set_index("policy").loc[policies]
        for k, (policy, row) in enumerate(rows.iterrows()):
            colour, marker = look[policy]
            axes.errorbar(row["estimate"], k, xerr=half_widths(row), color=colour, marker=marker, markersize=13,
                          elinewidth=3, capsize=7)  # fmt: skip
        set_scale(axes.xaxis, measure, ticks=4)
        axes.set_yticks(
            range(len(policies)), policies if measure == measures[0] else [""] * len(policies), fontsize=LABEL
        )
        axes.set_ylim(len(policies) - 0.5, -0.5)
        axes.margins(x=0.15)
        better = {"higher": "higher is better", "lower": "lower is better"}.get(MEASURES[measure].better, "")
        finish(figure, axes, f"{in_words(measure)}\n{better}", axis_label(measure, name=False), "", small=True)
        axes.grid(True, axis="x", color="#DDDDDD")
    said = "Policies side by side" if len(policies) > 1 else f"Policy '{policies[0]}'"
    headline(figure, title or with_intervals(said, table))
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


def distortion_split(table: pd.DataFrame, title: str | None = None, shown: Shown | None = None) -> Figure:
    """Distortion cost of each policy as stacked bars of its parts, with the interval of the sum.

    Bars too small to be read beside the largest are drawn again, on a scale of their own: parts of a bar can be
    compared on a linear scale only, and a broken axis would hide how far apart the policies are. `shown` as in
    `tradeoff`: a lowest cost is named where all others are told apart from it.
    """
    whole = rows_of(table, "distortion_cost").set_index("policy")
    groups = _scales(whole["estimate"])
    figure, panels = new_figure(columns=len(groups), left=0.115, widths=[max(2, len(group)) for group in groups])
    panels = np.atleast_1d(panels)
    for axes, group, before in zip(panels, groups, [None, *groups], strict=False):
        finer = f"{_finer(whole['estimate'], before, group)} times as large" if before else ""
        _stack(axes, table, group)
        finish(figure, axes, f"the smaller ones, drawn {finer}" if finer else "", "", "", small=True)
    panels[0].set_ylabel(axis_label("distortion_cost"), fontsize=LABEL, labelpad=8)
    said = with_intervals(_least("distortion_cost", table, shown), table)
    legend_above(figure, *entries_of(panels))
    figure.subplots_adjust(wspace=0.18, top=0.8 if len(groups) == 1 else 0.76)
    headline(figure, title or said)
    return figure


def _scales(values: pd.Series) -> list[list[str]]:
    """All policies; then those that are small beside the largest of them, and so on.

    >>> import pandas as pd
    >>> _scales(pd.Series({"a": 600.0, "b": 10.0, "c": 9.0})), _scales(pd.Series({"a": 3.0, "b": 1.0}))
    ([['a', 'b', 'c'], ['b', 'c']], [['a', 'b']])
    """
    groups = [values]
    while len(groups) < SCALES:
        small = groups[-1][groups[-1] * APART < groups[-1].max()]
        if not (small > 0).any():
            break
        groups.append(small)
    return [list(group.index) for group in groups]


def _finer(values: pd.Series, before: list[str], group: list[str]) -> str:
    return numeral(float(f"{values[before].max() / values[group].max():.2g}"))


def _stack(axes: Axes, table: pd.DataFrame, policies: list[str]) -> None:
    """Bars of some policies, their intervals, and what they are of sales."""
    whole = rows_of(table, "distortion_cost").set_index("policy").loc[policies]
    of_sales = rows_of(table, "distortion_pct_of_sales").set_index("policy")["estimate"]
    parts: list[tuple[np.ndarray, tuple[str, str, str]]] = []
    for name, look in DISTORTION.items():
        if name in ("stockout_cost", "overstock_cost") or (table["measure"] == name).any():
            part = rows_of(table, name).set_index("policy")["estimate"].loc[policies].to_numpy()
            if (part > 0).any() or not any(drawn.any() for drawn, _ in parts):
                parts.append((part, look))
    stacked(axes, parts, whole, width=0.6)
    for k, policy in enumerate(policies):
        high = np.nanmax([whole["high"].iloc[k], whole["estimate"].iloc[k]])
        axes.annotate(f"{percentage(of_sales[policy])} of sales", (k, high), (0, 10), textcoords="offset points",
                      ha="center", fontsize=TICK)  # fmt: skip
    axes.set_xticks(range(len(policies)), policies, fontsize=LABEL)
    axes.set_xlim(-0.6, len(policies) - 0.4)
    axes.margins(y=0.16)
    set_scale(axes.yaxis, "distortion_cost")


def _least(measure: str, table: pd.DataFrame, shown: Shown | None) -> str:
    """Which policy has the lowest cost, if that is shown; of one policy, what it costs."""
    rows = rows_of(table, measure)
    best, *others = leaders(rows, shown or by_intervals(table))
    cost = f"{rows.set_index('policy')['estimate'][best]:,.0f} a year"
    if len(rows) == 1:
        return f"{in_words(measure).capitalize()} under '{best}': {cost}"
    if others:
        return f"Lowest {in_words(measure)} not told apart: {listed([best, *others])}"
    return f"'{best}' has the lowest {in_words(measure)}: {cost}"


def bad_years(values: Mapping[str, np.ndarray], risk: pd.DataFrame, title: str | None = None) -> Figure:
    """How a measure spreads over replications: a histogram for each policy, its quantiles and CVaR marked.

    `values` has each policy's replications, `risk` the rows of `results.bad_years`; bands are intervals.
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
    legend_above(figure, *panels[0].get_legend_handles_labels())
    figure.subplots_adjust(left=room_for(policies, 0.12), top=0.82, hspace=0.45)
    counts = sorted({len(x) for x in values.values()})
    many = f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}"
    said = f"{in_words(measure).capitalize()} over {many} replications"
    said += (
        "\neach policy on a scale of its own; bands: 95% intervals" if len(policies) > 1 else "\nbands: 95% intervals"
    )
    headline(figure, title or said)
    return figure


def bullwhip_by_tier(table: pd.DataFrame, title: str | None = None) -> Figure:
    """Variance of orders over variance of demand at each tier, a point with its interval for each policy."""
    rows = table[(table["measure"] == "bullwhip_ratio") & (table["level"] == "tier")]
    require(len(rows) > 0, "a bullwhip figure needs a table at level 'tier' with measure 'bullwhip_ratio'")
    tiers, policies = list(dict.fromkeys(rows["group"])), list(dict.fromkeys(rows["policy"]))
    figure, axes = new_figure()
    for k, (policy, (colour, marker)) in enumerate(looks(policies).items()):
        mine = rows[rows["policy"] == policy].set_index("group").loc[tiers]
        at = np.arange(len(tiers)) + 0.5 * ((k + 0.5) / len(policies) - 0.5)
        axes.errorbar(at, mine["estimate"], yerr=half_widths(mine), color=colour, marker=marker, markersize=14,
                      linestyle="none", elinewidth=3, capsize=7, label=policy)  # fmt: skip
    axes.axhline(1, color=GREY, linewidth=1.5, linestyle="--", label="as demand varies")
    axes.set_xticks(range(len(tiers)), tiers, fontsize=LABEL)
    axes.set_xlim(-0.6, len(tiers) - 0.4)
    low, high = rows["estimate"].min(), np.nanmax(rows[["estimate", "high"]].to_numpy())
    if low > 0 and high / low > 20:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: numeral(v)))
    else:
        set_numbers(axes.yaxis)
        axes.set_ylim(0, 1.12 * max(1.2, high))
    tier = rows.loc[rows["estimate"].idxmax(), "group"]
    ends = [f"{v:{',.0f' if high >= 10 else '.2g'}}" for v in sorted(rows[rows["group"] == tier]["estimate"].dropna())]
    times = ends[0] if ends[0] == ends[-1] else f"{ends[0]} to {ends[-1]}"
    said = f"At tier '{tier}' orders vary {times} times as much as demand"
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
        words = f"{name}\n{count:,} items\n{reached - before:.0f}% of value"
        axes.text(middle, height, words, ha="center", va="bottom", fontsize=TICK, fontweight="bold", linespacing=1.4)
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
