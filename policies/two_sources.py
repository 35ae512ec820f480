"""What policies of two sources plan by: express orders, overshoot and cost of some candidates, played on drawn demand.

A policy of two sources orders express up to a level S_e of its express position, in which regular orders are counted as
they come within the express lead time. What they bring beyond S_e is the overshoot. Its law does not hang on S_e, which
is therefore the newsvendor level of demand less overshoot: that makes one number for each candidate to choose by cost.

Source: Veeraraghavan & Scheller-Wolf (2008), Operations Research 56(4), "Now or later: a simple policy for effective
dual sourcing in capacitated systems", theorem 4.1 and section 4.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy import special

from restock.sim.model.books import DAYS_OF_YEAR
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.levels import LARGEST_LEVEL
from restock.sim.probability.law import Law
from restock.sim.probability.two_moments import two_moment_law

DAYS, SETTLING = 2000, 300  # days played of each candidate, and days before them
SEED = 20_08
SMALL = 200.0  # mean demand a day up to which whole units matter, and a law of whole numbers is drawn from
TOGETHER = 128  # cells played side by side
NEVER = -LARGEST_LEVEL  # a level that no position falls to


class Sources(NamedTuple):
    """Cells with both sources, whose lead times are the same.

    Parameters
    ----------
    cells : ndarray of int, shape (cells, 2)
        Item and site.
    ahead : int
        Days that regular orders take longer than express ones (l).
    cover : int
        Days of demand that the express level covers.
    mean, deviation : ndarray, shape (cells,)
        Of a day's demand.
    laws : list of Law or None
        Of a day's demand, where it is known and has just these; None: all that is known is mean and deviation.
    carrying, premium, ordering, express_ordering : ndarray, shape (cells,)
        Money: a unit for a day in stock (h), a unit more at the second source (c), an order line with each source.

    >>> Sources(np.array([[0, 0]]), 2, 1, *[np.ones(1)] * 6, [None]).ahead
    2
    """

    cells: np.ndarray
    ahead: int
    cover: int
    mean: np.ndarray
    deviation: np.ndarray
    carrying: np.ndarray
    premium: np.ndarray
    ordering: np.ndarray
    express_ordering: np.ndarray
    laws: list[Law | None]


class Played(NamedTuple):
    """What a candidate comes to: arrays (cells, candidates, days), and of demand while an order is on its way."""

    overshoot: np.ndarray
    expressed: np.ndarray
    regular: np.ndarray


def groups(known: Knowledge, review_period: int) -> Iterator[Sources]:
    """The cells of which a policy is asked for express orders that are the quicker ones, by their lead times."""
    regular, express = np.rint(known.lead_time_mean).astype(int), known.express_lead_time
    longest = known.longest_review(review_period)
    there = known.stocked & (express > 0) & (regular > express)
    form = np.stack([regular - express, longest - 1 + express], axis=-1)
    for ahead, cover in np.unique(form[there], axis=0).tolist():
        mine = np.argwhere(there & (form == (ahead, cover)).all(axis=-1))
        for first in range(0, len(mine), TOGETHER):
            cells = mine[first : first + TOGETHER]
            i, n = cells.T
            rate = known.scenario.costs.carrying_rate / DAYS_OF_YEAR
            yield Sources(
                cells, ahead, cover, known.demand_mean[i, n], np.sqrt(known.demand_variance[i, n]),
                rate * known.unit_cost[i, 0], known.express_premium[i, n], known.ordering_cost[i, n],
                known.express_ordering_cost[i, n], [law_of_cell(known, *cell) for cell in cells.tolist()],
            )  # fmt: skip


def law_of_cell(known: Knowledge, i: int, n: int) -> Law | None:
    """The law of a cell's demand, where it is the same every day and nobody else asks there.

    >>> from restock.sim.planning.example import one_shop
    >>> law_of_cell(one_shop().known, 0, 0)
    Poisson(mean=5.0)
    """
    demand = known.scenario.demand
    if demand.source != "fitted" or demand.law_of[i, n] < 0:
        return None
    law = demand.day_laws[demand.law_of[i, n]]
    same = np.allclose(law.moments, (known.demand_mean[i, n], known.demand_variance[i, n]), rtol=1e-6)
    return law if same else None


def drawn_demand(of: Sources) -> np.ndarray:
    """Demand of the days that are played, the same draws for every cell: float64 (cells, SETTLING + DAYS + cover)."""
    u = np.random.default_rng(SEED).random(SETTLING + DAYS + of.cover)
    out = np.empty((len(of.mean), len(u)))
    for k, (mean, deviation, law) in enumerate(zip(of.mean.tolist(), of.deviation.tolist(), of.laws, strict=True)):
        if mean <= 0:
            out[k] = 0.0
        elif law is not None or mean <= SMALL:
            below = np.cumsum((law or two_moment_law(mean, deviation**2)).pmf())
            out[k] = np.minimum(np.searchsorted(below, u, side="right"), len(below) - 1)
        else:
            out[k] = np.maximum(0.0, np.rint(mean + deviation * special.ndtri(u)))
    return out


def best(
    of: Sources, target: float, play: Callable[[np.ndarray, Sources], Played]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The candidate of least cost for each cell, its express level, and all costs a day (cells, candidates).

    A shortage at the end of a day costs what makes `target` the best share of days to end without one: target / (1 -
    target) times what carrying costs.

    Source: Silver, Pyke & Thomas (2017), section 9.2 (the newsvendor).
    """
    demand = drawn_demand(of)
    played = play(demand, of)
    ends = np.cumsum(np.pad(demand, ((0, 0), (1, 0))), axis=1)
    days = np.arange(SETTLING, SETTLING + DAYS)
    while_on_the_way = ends[:, days + 1 + of.cover] - ends[:, days + 1]
    needed = while_on_the_way[:, None, :] - played.overshoot
    place = max(0, int(np.ceil(target * DAYS - 1e-9)) - 1)
    level = np.partition(needed, place, axis=-1)[..., place]
    left = level[..., None] - needed
    short = target / (1 - target)
    holding = np.maximum(left, 0).mean(axis=-1) + short * np.maximum(-left, 0).mean(axis=-1)
    cost = of.carrying[:, None] * holding + of.premium[:, None] * played.expressed.mean(axis=-1)
    cost += of.express_ordering[:, None] * (played.expressed > 0).mean(axis=-1)
    cost += of.ordering[:, None] * (played.regular > 0).mean(axis=-1)
    chosen = cost.argmin(axis=1)
    return chosen, np.ceil(level[np.arange(len(chosen)), chosen] - 1e-9), cost
