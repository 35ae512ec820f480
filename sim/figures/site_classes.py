"""Classes of items by site as a heat map: what each class is served at each site, and for how long its stock lasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from restock.sim.figures.network import LEAST_SPAN, POOR_TO_GOOD
from restock.sim.figures.style import BLACK, BLUE, GREY, TICK, headline

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.results.outcome import Outcome

MEASURES = ("fill_rate", "days_of_supply")
MOST = 36  # sites that have room; of more, those that serve a class worst
ROOMY, SMALL = 16, 12  # rows up to which names have their usual size, and the size of more
LONGEST = 22  # characters of a site's name
WIDTH, HEIGHT = 0.36, 0.7  # of a panel, as a share of the slide
LITTLE_TO_MUCH = LinearSegmentedColormap.from_list("stock", ["#FFFFFF", "#9CC6E3", BLUE])


def by_site_and_class(outcome: Outcome) -> pd.DataFrame:
    """Sites as listed by class: site, class, fill_rate and days_of_supply, each with half_width beside it.

    Classes are the chain's, by value. A site that keeps nothing of a class has no row for it. The outcome needs level
    'site_class'.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> shop = evaluate(one_shop(), BaseStock(base_stock_level=9), 2, seed=1, levels=["site_class"])
    >>> by_site_and_class(shop)[["site", "class"]].values.tolist()
    [['store', 'A']]
    """
    import pandas as pd

    groups = outcome.groups("site_class")
    out: dict[str, Any] = {
        "site": [name.partition(" at ")[2] for name in groups],
        "class": [name.partition(" at ")[0] for name in groups],
    }
    for measure in MEASURES:
        of = outcome.table("site_class", [measure])
        out |= {measure: of["estimate"], f"{measure}_half_width": of["half_width"]}
    return pd.DataFrame(out)


def heat_maps(outcomes: Mapping[str, Outcome]) -> dict[str, Figure]:
    """A slide for each policy: sites down, classes across; at the left what is served at once, at the right cover.

    All policies have the same colours, so that slides can be laid side by side.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> shop = evaluate(one_shop(), BaseStock(base_stock_level=9), 2, seed=1, levels=["site_class"])
    >>> len(heat_maps({"lean": shop})["lean"].axes)
    2
    """
    tables = {label: by_site_and_class(outcome) for label, outcome in outcomes.items()}
    served, cover = (np.concatenate([of[name].dropna() for of in tables.values()]) for name in MEASURES)
    high = min(1.0, np.ceil(100 * served.max()) / 100) if len(served) else 1.0
    low = max(0.0, min(np.floor(100 * served.min()) / 100, high - LEAST_SPAN)) if len(served) else 0.0
    colours = (Normalize(100 * low, 100 * high), Normalize(0, max(float(np.quantile(cover, 0.98)), 1.0)))
    return {label: _draw(outcomes[label], of, colours) for label, of in tables.items()}


def _draw(outcome: Outcome, table: pd.DataFrame, colours: tuple[Normalize, Normalize]) -> Figure:
    scenario = outcome.prepared.scenario
    served = table.pivot(index="site", columns="class", values="fill_rate")
    sites = [site.name for site in scenario.sites if site.name in served.index]
    of_all = len(sites)
    if of_all > MOST:
        worst = served.min(axis=1).loc[sites].sort_values(kind="stable").index[:MOST]
        sites = [name for name in sites if name in set(worst)]
    served, cover = served.loc[sites], table.pivot(index="site", columns="class", values="days_of_supply").loc[sites]
    size = TICK if len(sites) <= ROOMY else SMALL
    figure = Figure(figsize=(16, 9), dpi=100, facecolor="white")
    left = figure.add_axes((0.15, 0.07, WIDTH, HEIGHT))
    right = figure.add_axes((0.15 + WIDTH + 0.05, 0.07, WIDTH, HEIGHT), sharey=left)
    _panel(left, 100 * served.to_numpy(), list(served), "% served at once", POOR_TO_GOOD, colours[0], size)
    _panel(right, cover.to_numpy(), list(cover), "days that stock lasts (at cost)", LITTLE_TO_MUCH, colours[1], size)
    names = [name if len(name) <= LONGEST else f"{name[: LONGEST // 2]}…{name[1 - LONGEST // 2 :]}" for name in sites]
    left.set_yticks(range(len(sites)), names, fontsize=size)
    left.set_ylim(len(sites) - 0.5, -0.5)
    right.tick_params(labelleft=False)
    wide = table["fill_rate_half_width"].max()
    said = ["classes by value of the whole chain"]
    said += ["at a site that serves others: of what these ordered"] if scenario.tier.any() else []
    said += [f"± up to {100 * wide:.1f} %-points, and {table['days_of_supply_half_width'].max():.1f} days"]
    said += [f"of {of_all} sites the {len(sites)} that serve a class worst"] * (len(sites) < of_all)
    figure.text(0.02, 0.02, "; ".join(said if wide == wide else [*said[:-1]]), fontsize=TICK - 2, color=GREY)
    headline(figure, _title(outcome, table))
    return figure


def _panel(
    axes: Any, values: np.ndarray, classes: list[str], title: str, colour: Colormap, norm: Normalize, size: int
) -> None:
    """Cells with their figures, dark letters on light cells."""
    axes.pcolormesh(np.arange(len(classes) + 1) - 0.5, np.arange(len(values) + 1) - 0.5, values, cmap=colour,
                    norm=norm, edgecolors="white", linewidth=1)  # fmt: skip
    for (row, column), value in np.ndenumerate(values):
        if value == value:
            red, green, blue, _ = colour(norm(value))
            dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
            axes.text(column, row, f"{value:,.1f}", ha="center", va="center", fontsize=size,
                      color="white" if dark else BLACK)  # fmt: skip
    axes.set_xticks(range(len(classes)), classes, fontsize=TICK)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_title(title, fontsize=TICK, loc="left", pad=12)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)


def _title(outcome: Outcome, table: pd.DataFrame) -> str:
    """Where customers meet which class worst."""
    scenario = outcome.prepared.scenario
    many = f", {outcome.replications:,} replications" if outcome.replications > 1 else ""
    first = f"{outcome.label}: where which class is short in {scenario.name}{many}"
    ends = [site.name for site, tier in zip(scenario.sites, scenario.tier, strict=True) if tier == 0]
    asked = table[table["site"].isin(ends)].dropna(subset="fill_rate")
    if asked.empty:
        return first
    worst, best = (asked.loc[where] for where in (asked["fill_rate"].idxmin(), asked["fill_rate"].idxmax()))
    said = [f"{100 * row['fill_rate']:.1f}% of {row['class']} at '{row['site']}'" for row in (worst, best)]
    return f"{first}\nserved at once: {said[0]}, least; {said[1]}, most"
