"""The figure of an outage: one disruption through the tiers over time, the outage shaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from restock.sim.features.supply_risk.nights import spells
from restock.sim.features.supply_risk.outage_study import BEFORE, WEEK, Spell, nights_down, outages_of
from restock.sim.figures.style import (
    GREY,
    entries_of,
    finish,
    headline,
    legend_above,
    looks,
    new_figure,
    set_numbers,
)
from restock.sim.measures.ledger import SERIES

if TYPE_CHECKING:
    from restock.sim.results.outcome import Outcome

AFTER = 56  # days drawn after an outage
LONGEST = 28  # characters that the headline has room for
MOST_NAMED = 2  # policies in the headline; of more, the worst and the best
TIERS = {"store": "the stores", "dc": "the DCs"}


def drawn_outage(outcome: Outcome) -> Spell | None:
    """The longest outage that began on a measured day of the first replication, the first of these; None: none did."""
    found = outages_of(outcome.prepared, nights_down(outcome.prepared, outcome.seed, 1))
    return max(found, key=lambda spell: (spell.end - spell.first, -spell.first), default=None)


def disruption(outcomes: Mapping[str, Outcome]) -> Figure | None:
    """One outage of the first replication under each policy: what is served at once, and stock tier by tier.

    Above the share of demand that the sites which serve no other filled at once, over seven days each; below their
    stock, and that of the DCs where there are any, in units at the end of the day. All outages of these days are
    shaded. None where no outage began, or no daily figures were kept.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> shop = one_shop()
    >>> disruption({"lean": evaluate(shop, BaseStock(base_stock_level=9), 2, seed=1)}) is None  # no outage began
    True
    """
    first = next(iter(outcomes.values()))
    spell = drawn_outage(first)
    if spell is None or any(outcome.one_series is None for outcome in outcomes.values()):
        return None
    scenario, warm_up = first.prepared.scenario, first.prepared.world.warm_up
    kinds = [kind for kind in TIERS if any(site.kind == kind for site in scenario.sites)]
    days = np.arange(max(WEEK, spell.first - BEFORE), min(scenario.horizon, spell.end + AFTER))
    figure, panels = new_figure(rows=1 + len(kinds), left=0.12)
    ends = np.diff(first.prepared.world.first_child) == 0
    for k, (label, (colour, marker)) in enumerate(looks(outcomes).items()):
        series = outcomes[label].one_series
        assert series is not None
        marks = {"marker": marker, "markevery": (k, WEEK), "markersize": 9}  # some policies share a colour
        panels[0].plot(days - warm_up, 100 * _week_fill(series[:, ends], days), color=colour, linewidth=3, label=label,
                       **marks)  # fmt: skip
        for axes, kind in zip(panels[1:], kinds, strict=True):
            here = [site.kind == kind for site in scenario.sites]
            stock = series[:, here, SERIES.index("on_hand")].sum(axis=1)[days]
            axes.step(days - warm_up, stock, where="mid", color=colour, linewidth=2, **marks)
    down = nights_down(first.prepared, first.seed, 1)[0]
    shaded = [((a, b), (a, b) == (spell.first, spell.end)) for row in down for a, b in spells(row)
              if b > days[0] and a <= days[-1]]  # fmt: skip
    words = ["% served,\n7 days", *(f"units on hand in\n{TIERS[kind]}" for kind in kinds)]
    for axes, said in zip(panels, words, strict=True):
        for (first_night, end), mine in shaded:
            axes.axvspan(max(first_night, days[0]) - warm_up - 0.5, min(end, days[-1] + 1) - warm_up - 0.5, color=GREY,
                         alpha=0.26 if mine else 0.13, linewidth=0,
                         label=f"'{spell.supplier}' down" if mine and axes is panels[0] else "_nolegend_")  # fmt: skip
        axes.set_xlim(days[0] - warm_up - 0.5, days[-1] - warm_up + 0.5)
        last = axes is panels[-1]
        below = "day of the first replication (0: the first that is measured)"
        below += "; lightly shaded: other outages" if len(shaded) > 1 else ""
        finish(figure, axes, "", below if last else "", said, small=True)
        if axes is not panels[0]:
            axes.set_ylim(bottom=0)
        if not last:
            axes.tick_params(labelbottom=False)
        for axis in (axes.xaxis, axes.yaxis):
            set_numbers(axis)
    legend_above(figure, *entries_of(panels), at=0.93, columns=3)
    figure.subplots_adjust(top=0.85 if len(outcomes) < 3 else 0.8 if len(outcomes) < 6 else 0.72, hspace=0.12)
    nights = spell.end - spell.first
    down_for = f"{nights} night{'s' * (nights > 1)}"
    headline(figure, f"Supplier down for {down_for}; served at once in the worst week: {_worst(outcomes, spell, ends)}")
    return figure


def _week_fill(series: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Share of demand filled at once over the seven days up to each of these, of sites together; nan where none is."""
    asked, filled = (np.concatenate([[0], series[:, :, SERIES.index(name)].sum(axis=1).cumsum()])
                     for name in ("demand", "filled"))  # fmt: skip
    week = [x[days + 1] - x[days + 1 - WEEK] for x in (filled, asked)]
    return np.divide(week[0], week[1], out=np.full(len(days), np.nan), where=week[1] > 0)


def _worst(outcomes: Mapping[str, Outcome], spell: Spell, ends: np.ndarray) -> str:
    """What the worst week from the outage on served at once, by policy."""
    found = []
    for label, outcome in outcomes.items():
        assert outcome.one_series is not None
        days = np.arange(max(WEEK, spell.first), min(len(outcome.one_series), spell.end + AFTER))
        fill = _week_fill(outcome.one_series[:, ends], days)
        found.append((100 * np.nanmin(fill), label))
    if len(found) > MOST_NAMED:
        (low, worst), (high, best) = min(found), max(found)
        found = [(low, worst), (high, best)]
    text = ", ".join(f"{fill:.0f}% {label}" for fill, label in found)
    return text if len(text) <= LONGEST else f"{min(found)[0]:.0f}% to {max(found)[0]:.0f}%"
