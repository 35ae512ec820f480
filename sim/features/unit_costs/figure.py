"""The figure of cost flow: turnover and GMROI of each policy under FIFO, LIFO and average cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from restock.sim.features.unit_costs.measures import COST_FLOWS
from restock.sim.figures.style import (
    BLUE,
    GREEN,
    LABEL,
    ORANGE,
    axis_label,
    finish,
    half_widths,
    headline,
    in_words,
    legend_above,
    new_figure,
    room_for,
    set_scale,
    with_intervals,
)

if TYPE_CHECKING:
    import pandas as pd

WORDS = {"fifo": "FIFO", "lifo": "LIFO", "average": "moving average"}
LOOKS = {"fifo": (BLUE, "o"), "lifo": (ORANGE, "s"), "average": (GREEN, "D")}


def cost_flow(table: pd.DataFrame, measures: Sequence[str] = ("turnover", "gmroi"), title: str | None = None) -> Figure:
    """Above, each measure of each policy under each flow; below, what the others add to FIFO, paired by replication.

    `table` is that of `features.unit_costs.table`. Points have intervals; those below are far narrower, since the
    goods are the same.
    """
    policies = list(dict.fromkeys(table["policy"]))
    figure, panels = new_figure(columns=len(measures), rows=2, left=room_for(policies, 0.16))
    for column, measure in enumerate(measures):
        of = table[table["measure"] == measure].set_index(["policy", "flow"])
        for axes, suffix in zip(panels[:, column], ("", " - fifo"), strict=True):
            for k, flow in enumerate(COST_FLOWS):
                if suffix and flow == "fifo":
                    continue
                rows = of.loc[[(policy, flow + suffix) for policy in policies]]
                at = [p + 0.22 * (k - 1) for p in range(len(policies))]
                axes.errorbar(rows["estimate"], at, xerr=half_widths(rows), color=LOOKS[flow][0], marker=LOOKS[flow][1],
                              markersize=11, linestyle="none", elinewidth=3, capsize=6,
                              label=WORDS[flow])  # fmt: skip
            set_scale(axes.xaxis, f"{measure}_fifo", ticks=4)
            axes.set_yticks(range(len(policies)), policies if column == 0 else [""] * len(policies), fontsize=LABEL)
            axes.set_ylim(len(policies) - 0.5, -0.5)
            axes.margins(x=0.15)
            unit = axis_label(f"{measure}_fifo", name=False)
            finish(figure, axes, f"{in_words(measure)}, less that of FIFO" if suffix else in_words(measure),
                   unit if suffix else "", "", small=True)  # fmt: skip
            axes.grid(True, axis="x", color="#DDDDDD")
        panels[1, column].axvline(0, color=LOOKS["fifo"][0], linewidth=2)
    figure.subplots_adjust(top=0.74, hspace=0.42)
    legend_above(figure, *panels[0, 0].get_legend_handles_labels())
    headline(figure, title or with_intervals(_finding(table, measures[0]), table))
    return figure


def _finding(table: pd.DataFrame, measure: str) -> str:
    """What LIFO does to a measure where it does most."""
    of = table[table["measure"] == measure].set_index(["flow", "policy"])["estimate"]
    change = 100 * of["lifo - fifo"] / of["fifo"]
    if not change.abs().max() > 0:
        return f"Same {in_words(measure)} under every flow: unit costs do not change"
    policy = change.abs().idxmax()
    found = table[table["measure"] == measure].set_index(["flow", "policy"]).loc[("lifo - fifo", policy)]
    if abs(found["estimate"]) <= half_widths(found):
        return f"{in_words(measure).capitalize()} by LIFO and by FIFO not told apart"
    by = f"{abs(change[policy]):.2g}% {'above' if change[policy] > 0 else 'below'}"
    return f"Same goods: under '{policy}', {in_words(measure)} by LIFO is {by} that by FIFO"
