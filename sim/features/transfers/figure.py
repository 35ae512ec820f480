"""The figure of transfers: which stores give, which get, and what is left between the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from restock.sim import statistics
from restock.sim.features.transfers.arrays import regions_of
from restock.sim.features.transfers.settings import BY_DC
from restock.sim.figures.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    TICK,
    finish,
    headline,
    legend_above,
    new_figure,
    room_for,
    set_numbers,
)

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.model.scenario import Scenario
    from restock.sim.results.outcome import Outcome

MOST = 32  # stores that have room; of more, those that get and give most
MEASURES = ("transferred_in_units", "transferred_units")
CLOSE = 26  # rows beyond which names are smaller
LONGEST = 26  # characters of a store's name
ON_A_LINE = 90  # characters of a title


def store_flows(outcome: Outcome) -> pd.DataFrame:
    """What each store of a region got from others and sent to them, in units a year, and the net of both.

    Columns region, site, got, sent, net, low, high, by region and then by net, the store that gets most first. The
    interval is of the net, taken replication by replication: a store that gets much in a year gives little in it. Who
    sent what to whom is not kept over replications, so that a net flow is all that can be said of a store.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> len(store_flows(evaluate(one_shop(), BaseStock(base_stock_level=9), 2, seed=1)))  # no region
    0
    """
    import pandas as pd

    scenario = outcome.prepared.scenario
    numerators, years = outcome.pairs("site", MEASURES)
    flow = statistics.ratio(numerators, years)[0]
    net = statistics.interval(numerators[..., 0] - numerators[..., 1], years[..., 0])
    rows = [(region, n) for region, sites in zip(region_names(scenario), _regions(scenario), strict=True)
            for n in sorted(sites, key=lambda n: -net.estimate[n])]  # fmt: skip
    at = [n for _, n in rows]
    return pd.DataFrame({
        "region": [region for region, _ in rows], "site": [scenario.sites[n].name for n in at],
        "got": flow[at, 0], "sent": flow[at, 1], "net": net.estimate[at], "low": net.low[at], "high": net.high[at],
    })  # fmt: skip


def _regions(scenario: Scenario) -> list[list[int]]:
    return regions_of(scenario.feature("transfers"), scenario)


def region_names(scenario: Scenario) -> list[str]:
    """What the regions are called: as the settings do, or by their DC.

    >>> from restock.sim.planning.example import one_shop
    >>> region_names(one_shop().scenario)
    []
    """
    regions = scenario.feature("transfers").regions
    if regions is not None and regions != BY_DC:
        return list(regions)
    return [str(scenario.sites[sites[0]].served_by) for sites in _regions(scenario)]


def flows(outcome: Outcome) -> Figure | None:
    """Bars of what each store got and sent, and the net with its interval; None where nothing moved.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> flows(evaluate(one_shop(), BaseStock(base_stock_level=9), 2, seed=1)) is None
    True
    """
    of = store_flows(outcome)
    if not of[["got", "sent"]].to_numpy().any():
        return None
    shown, many = of, of["region"].nunique() > 1
    if len(of) > MOST:
        ranked = of.sort_values("net", ascending=False, kind="stable").index
        shown = of.loc[sorted([*ranked[: MOST // 2], *ranked[-(MOST // 2) :]])]
    names = [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in shown["site"]]
    labels = [f"{name} ({region})" if many else name for name, region in zip(names, shown["region"], strict=True)]
    figure, axes = new_figure(left=room_for(labels, 0.1))
    at = np.arange(len(shown))
    axes.barh(at, shown["got"], color=BLUE, height=0.72, label="got from other stores")
    axes.barh(at, -shown["sent"], color=ORANGE, height=0.72, label="sent to other stores")
    wide = np.nan_to_num((shown["high"] - shown["low"]).to_numpy() / 2)
    axes.errorbar(shown["net"], at, xerr=wide, color=BLACK, marker="D", markerfacecolor="white", markersize=8,
                  linestyle="none", elinewidth=2.5, capsize=5, label="net, with its 95% interval")  # fmt: skip
    axes.axvline(0, color=GREY, linewidth=1.5)
    left_out = ""
    if len(shown) < len(of):
        left_out = f"; of {len(of)} stores, {MOST // 2} that get most and {MOST // 2} that give most"
    finish(figure, axes, "", f"units a year, all items together{left_out}", "")
    axes.set_yticks(at, labels, fontsize=TICK if len(shown) <= CLOSE else TICK - 2)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.grid(False, axis="y")
    axes.grid(True, axis="x", color="#DDDDDD")
    set_numbers(axes.xaxis)
    axes.xaxis.get_major_formatter().func = lambda value, _: f"{abs(value):,.10g}"  # sent: to the left, not negative
    title = _title(outcome, of)
    lower = 0.035 * (title.count("\n") - 1)
    figure.subplots_adjust(top=0.82 - lower)
    handles, entries = axes.get_legend_handles_labels()
    legend_above(figure, handles, entries, at=0.89 - lower)
    headline(figure, title)
    return figure


def _title(outcome: Outcome, of: pd.DataFrame) -> str:
    """Who gets, and who gives, most, where that is no chance."""
    many = f", {outcome.replications:,} replications" if outcome.replications > 1 else ""
    first = f"{outcome.label}: transfers between stores of {outcome.prepared.scenario.name}{many}"
    getting, giving = of.loc[of["net"].idxmax()], of.loc[of["net"].idxmin()]
    if not (getting["low"] > 0 and giving["high"] < 0):
        return f"{first}\nno store gets, or gives, more than it would by chance"
    said = [f"'{row['site']}' {verb} most, net {abs(row['net']):,.0f} ± {(row['high'] - row['low']) / 2:,.0f}"
            for row, verb in ((getting, "gets"), (giving, "gives"))]  # fmt: skip
    together = f"{'; '.join(said)} a year"
    return f"{first}\n{together if len(together) <= ON_A_LINE else (';' + chr(10)).join(said) + ' a year'}"
