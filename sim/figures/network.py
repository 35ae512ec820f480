"""The network as a picture: tiers from top to bottom, each site by what it serves and what its stock is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from restock.sim.figures.style import BLACK, BLUE, GREY, RED, SILVER, TICK, headline, numeral

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.model.scenario import Scenario
    from restock.sim.results.outcome import Outcome

MOST_SUPPLIERS = 7  # drawn one by one; more are one place
IN_A_ROW = 40  # sites of a tier that have room for a name each; of a larger one none is named
BESIDE, BELOW = 2, 7  # places of a row up to which names stand beside, or below, them
LONGEST = 20  # characters of a name
LARGEST, SMALLEST, SQUARE, IN_LEGEND = 130.0, 16.0, 26.0, 56.0  # pixels across
LEAST_SPAN = 0.05  # of fill rates, between the colours of both ends
LEFT, RIGHT, TOP, LOW = 120.0, 1580.0, 680.0, 20.0  # of the drawing on the slide, in pixels
NAMES, LETTER = 15, 10.6  # size of names, and pixels of a letter
POOR_TO_GOOD = LinearSegmentedColormap.from_list("fill rate", [RED, "#F2E3C6", BLUE])

Place = tuple[str, str]  # ("site" or "supplier", its name): both may have the same


def networks(outcomes: Mapping[str, Outcome]) -> dict[str, Figure]:
    """The network under each policy: a colour for the fill rate of a site, its size for stock at cost.

    All have the same colours and sizes, so that they can be laid side by side.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> shop = evaluate(one_shop(), BaseStock(base_stock_level=9), 2, seed=1)
    >>> networks({"lean": shop})["lean"].get_size_inches().tolist()
    [16.0, 9.0]
    """
    of = {label: by_site(outcome) for label, outcome in outcomes.items()}
    served = np.concatenate([sites["fill_rate"].dropna() for sites in of.values()])
    high = min(1.0, np.ceil(100 * served.max()) / 100) if len(served) else 1.0
    low = max(0.0, min(np.floor(100 * served.min()) / 100, high - LEAST_SPAN)) if len(served) else 0.0
    worth = np.max([sites["stock"] for sites in of.values()], axis=0)
    colours = Normalize(100 * low, 100 * high)
    return {label: _draw(outcomes[label], sites, worth, colours) for label, sites in of.items()}


def by_site(outcome: Outcome) -> pd.DataFrame:
    """What is drawn of each site: fill_rate and stock (at cost), each with half_width beside it.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> list(by_site(evaluate(one_shop(), BaseStock(base_stock_level=9), 2, seed=1)))
    ['fill_rate', 'fill_rate_half_width', 'stock', 'stock_half_width']
    """
    import pandas as pd

    out: dict[str, pd.Series] = {}
    for name, measure in (("fill_rate", "fill_rate"), ("stock", "average_inventory_value")):
        of = outcome.table("site", [measure]).set_index("group")
        out |= {name: of["estimate"], f"{name}_half_width": of["half_width"]}
    return pd.DataFrame(out)


def graph_of(scenario: Scenario) -> Any:
    """Who sends to whom, as a networkx graph of places; many suppliers are one place.

    >>> from restock.sim.planning.example import one_shop
    >>> list(graph_of(one_shop().scenario).edges)
    [(('supplier', 'supplier'), ('site', 'store'))]
    """
    import networkx

    sites = {site.name for site in scenario.sites}
    outside = list(dict.fromkeys(lane.source for lane in scenario.lanes if lane.source not in sites))
    together = f"{len(outside)} suppliers"
    graph = networkx.DiGraph()
    graph.add_nodes_from(("site", site.name) for site in scenario.sites)
    for lane in scenario.lanes:
        source = ("site", lane.source)
        if lane.source not in sites:
            source = ("supplier", lane.source if len(outside) <= MOST_SUPPLIERS else together)
        graph.add_edge(source, ("site", lane.destination))
    return graph


def rows_of_places(scenario: Scenario, graph: Any) -> list[tuple[str, list[Place]]]:
    """The rows from top to bottom: the name of the tier, '' where it goes on, and its places.

    Sites that one site serves lie side by side. A tier of more than `IN_A_ROW` sites has several rows.

    >>> from restock.sim.planning.example import one_shop
    >>> scenario = one_shop().scenario
    >>> rows_of_places(scenario, graph_of(scenario))
    [('supplier', [('supplier', 'supplier')]), ('store', [('site', 'store')])]
    """
    import networkx

    suppliers = [place for place in graph if place[0] == "supplier"]
    top = [("site", site.name) for site in scenario.sites if site.served_by is None]
    within = graph.subgraph(place for place in graph if place[0] == "site")
    order = [place for first in top for place in networkx.dfs_preorder_nodes(within, first)]
    tier_of = {("site", site.name): int(tier) for site, tier in zip(scenario.sites, scenario.tier, strict=True)}
    kind_of = {("site", site.name): site.kind for site in scenario.sites}
    one = len({lane.source for lane in scenario.lanes} - {site.name for site in scenario.sites}) == 1
    rows = [("supplier" if one else "suppliers", suppliers)] if suppliers else []
    for tier in range(max(tier_of.values()), -1, -1):
        mine = [place for place in order if tier_of[place] == tier]
        kinds = sorted({kind_of[place] for place in mine}, reverse=True)
        name = " and ".join(_named(kind, sum(kind_of[place] == kind for place in mine)) for kind in kinds)
        count = 1 if len(mine) <= IN_A_ROW else -(-len(mine) // int(np.ceil(np.sqrt(4 * len(mine)))))
        parts = [mine[k * len(mine) // count : (k + 1) * len(mine) // count] for k in range(count)]
        rows += [("" if k else name, part) for k, part in enumerate(parts)]
    return rows


def _named(kind: str, many: int) -> str:
    word = {"dc": "DC"}.get(kind, kind)
    return word + ("s" if many > 1 else "")


def places_on_slide(
    graph: Any, rows: Sequence[tuple[str, list[Place]]], across: Sequence[float], names: Sequence[float]
) -> dict[Place, Any]:
    """Where each place lies, in pixels of the slide: networkx's layout by rows, each spread over the whole width.

    `across` is the largest circle of each row, `names` what those below it take; what is left lies between rows.

    >>> from restock.sim.planning.example import one_shop
    >>> scenario = one_shop().scenario
    >>> graph = graph_of(scenario)
    >>> found = places_on_slide(graph, rows_of_places(scenario, graph), [60, 60], [0, 60])
    >>> [found[place].tolist() for place in (("supplier", "supplier"), ("site", "store"))]
    [[850.0, 650.0], [850.0, 110.0]]
    """
    import networkx

    found = networkx.multipartite_layout(graph, subset_key={k: row for k, (_, row) in enumerate(rows)},
                                         align="horizontal")  # fmt: skip
    gap = max(0.0, TOP - LOW - sum(across) - sum(names)) / max(1, len(rows) - 1)
    upper, out = TOP, {}
    for (_, row), circle, below in zip(rows, across, names, strict=True):
        for j, place in enumerate(sorted(row, key=lambda place: found[place][0])):
            out[place] = np.array([LEFT + (RIGHT - LEFT) * (j + 0.5) / len(row), upper - circle / 2])
        upper -= circle + below + gap
    return out


def _draw(outcome: Outcome, sites: pd.DataFrame, worth: np.ndarray, colours: Normalize) -> Figure:
    """One policy; `worth` is the most that stock comes to under any of them, by site."""
    scenario = outcome.prepared.scenario
    graph = graph_of(scenario)
    rows = rows_of_places(scenario, graph)
    ways, names = [_way_of_names(rows, k) for k in range(len(rows))], {place: _label(place, sites) for place in graph}
    scale = _pixels_by_worth(rows, dict(zip(sites.index, worth, strict=True)))
    across = {place: SQUARE if place[0] == "supplier" else max(SMALLEST, scale * sites["stock"][place[1]] ** 0.5)
              for place in graph}  # fmt: skip
    circles = [max(across[place] for place in row) for _, row in rows]
    below = [_room_below(row, way, names) for (_, row), way in zip(rows, ways, strict=True)]
    at = places_on_slide(graph, rows, circles, below)
    figure = Figure(figsize=(16, 9), dpi=100, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 1600), ylim=(0, 900))
    axes.set_axis_off()
    width = 1.2 if all(name for name, _ in rows) else 0.4  # so many lines hide what they lead to
    for source, destination in graph.edges:
        axes.plot(*zip(at[source], at[destination], strict=True), color=SILVER, linewidth=width, zorder=1)
    for (tier, row), way in zip(rows, ways, strict=True):
        axes.text(14, at[row[0]][1], tier, fontsize=TICK, color=GREY, va="center")
        for place in row:
            fill = np.nan if place[0] == "supplier" else sites["fill_rate"][place[1]]
            colour = SILVER if fill != fill else POOR_TO_GOOD(colours(100 * fill))
            marker = "s" if place[0] == "supplier" else "o"
            axes.plot(*at[place], marker, markersize=across[place] * 0.72, markerfacecolor=colour,
                      markeredgecolor=BLACK, markeredgewidth=1, zorder=2)  # fmt: skip
            _write(axes, at[place], across[place], names[place], way)
    _legend(figure, axes, scale, worth, colours, bool(scenario.tier.any()))
    headline(figure, _title(outcome, sites))
    return figure


def _way_of_names(rows: Sequence[tuple[str, list[Place]]], k: int) -> str:
    """Where the names of a row have room: beside, above or below its places, upright below, or nowhere ('')."""
    name, row = rows[k]
    if row[0][0] == "supplier":
        return "above"
    if not name or (k + 1 < len(rows) and not rows[k + 1][0]):  # a tier of several rows
        return ""
    return "beside" if len(row) <= BESIDE else "below" if len(row) <= BELOW else "upright"


def _label(place: Place, sites: pd.DataFrame) -> list[str]:
    """Name, fill rate, and stock at cost, as they are written."""
    kind, name = place
    name = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    if kind == "supplier":
        return [name]
    of = sites.loc[place[1]]
    served = "" if np.isnan(of["fill_rate"]) else f"{_share(of['fill_rate'], of['fill_rate_half_width'])}"
    return [name, served, f"stock {of['stock']:,.0f}"]


def _share(share: float, half_width: float) -> str:
    """A share with its interval, where there is one.

    >>> _share(0.912, 0.003), _share(0.9, float("nan"))
    ('91.2 ± 0.3%', '90.0%')
    """
    return f"{100 * share:.1f}%" if np.isnan(half_width) else f"{100 * share:.1f} ± {100 * half_width:.1f}%"


def _pixels_by_worth(rows: Sequence[tuple[str, list[Place]]], worth: Mapping[str, float]) -> float:
    """Pixels across for stock of 1, so that no circle is too large for its row; areas are as stock."""
    most_high = min(LARGEST, 0.6 * (TOP - LOW) / len(rows))
    found = [min(most_high, 0.92 * (RIGHT - LEFT) / len(row)) / max(worth[name] for _, name in row) ** 0.5
             for _, row in rows if any(kind == "site" and worth[name] > 0 for kind, name in row)]  # fmt: skip
    return min(found, default=1.0)


def _room_below(row: Sequence[Place], way: str, names: Mapping[Place, Sequence[str]]) -> float:
    """Pixels that the names of a row take below its circles; those of suppliers stand in what is above."""
    if way == "upright":
        return 14 + LETTER * max(len("  ".join(names[place][:2])) for place in row)
    return 12 + 25.0 * max(len(names[place]) for place in row) if way == "below" else 10.0


def _write(axes: Any, at: np.ndarray, across: float, words: Sequence[str], way: str) -> None:
    """The name of a place, with its figures; no line runs through it."""
    (x, y), edge = at, across / 2
    text = {"fontsize": NAMES, "zorder": 3, "bbox": {"facecolor": "white", "alpha": 0.8, "pad": 1, "linewidth": 0}}
    if way == "beside":
        axes.text(x + edge + 12, y, "\n".join(words), va="center", **text)
    if way == "above":
        axes.text(x, y + edge + 6, words[0], va="bottom", ha="center", **text)
    if way == "below":
        axes.text(x, y - edge - 6, "\n".join(words), va="top", ha="center", **text)
    if way == "upright":
        along = "  ".join(words[:2])
        axes.text(x, y - edge - 8, along, va="top", ha="center", rotation=270, **text)


def _legend(figure: Figure, axes: Any, scale: float, worth: np.ndarray, colours: Normalize, serving: bool) -> None:
    """What sizes and colours mean, above the drawing."""
    axes.text(14, 782, "size: stock at cost", fontsize=TICK, va="center")
    x = 225.0
    if scale * worth.min() ** 0.5 < SMALLEST:
        small = f"up to {(SMALLEST / scale) ** 2:,.0f}"
        axes.plot(x + SMALLEST / 2, 782, "o", markersize=SMALLEST * 0.72, markerfacecolor="white",
                  markeredgecolor=BLACK)  # fmt: skip
        axes.text(x + SMALLEST + 10, 782, small, fontsize=TICK, va="center")
        x += SMALLEST + 40 + LETTER * len(small)
    for value in _round_values(min(float(worth.max()), (IN_LEGEND / scale) ** 2)):
        if scale * value**0.5 < SMALLEST:
            continue
        across = scale * value**0.5
        axes.plot(x + across / 2, 782, "o", markersize=across * 0.72, markerfacecolor="white", markeredgecolor=BLACK)
        axes.text(x + across + 10, 782, numeral(value), fontsize=TICK, va="center")
        x += across + 50 + LETTER * len(numeral(value))
    bar = figure.add_axes((0.62, 0.875, 0.36, 0.02))
    figure.colorbar(ScalarMappable(colours, POOR_TO_GOOD), cax=bar, orientation="horizontal")
    bar.tick_params(labelsize=TICK)
    axes.text(970, 796, "% served", fontsize=TICK, va="center", ha="right")
    if serving:
        words = "at a site that serves others: of what these ordered"
        axes.text(970, 741, words, fontsize=NAMES, color=GREY, va="center")


def _round_values(most: float) -> list[float]:
    """Two round numbers, the larger not above `most`.

    >>> _round_values(7300.0)
    [1000.0, 5000.0]
    """
    if most <= 0:
        return []
    unit = 10.0 ** np.floor(np.log10(most))
    first = float(max(k for k in (1, 2, 5) if k * unit <= most) * unit)
    return [first / 5, first]


def _title(outcome: Outcome, sites: pd.DataFrame) -> str:
    """Whose network it is; and between what the sites that serve no other lie."""
    scenario = outcome.prepared.scenario
    ends = sites[scenario.tier == 0].dropna(subset="fill_rate")
    many = f"; ± over {outcome.replications:,} replications" if outcome.replications > 1 else ""
    said = [f"{outcome.label}: the network of {scenario.name}{many}"]
    if len(ends):
        places = dict.fromkeys((ends["fill_rate"].idxmin(), ends["fill_rate"].idxmax()))
        of = [f"{_share(*ends.loc[place, ['fill_rate', 'fill_rate_half_width']])} at '{place}'" for place in places]
        if len(ends) > 1 and f"{ends['fill_rate'].min():.3f}" == f"{ends['fill_rate'].max():.3f}":
            of = [f"{100 * ends['fill_rate'].min():.1f}% at all {len(ends)} sites that serve no other"]
        said.append(f"served at once: {' to '.join(of)}")
    return "\n".join(said)
