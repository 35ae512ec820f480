"""Streams of demand: parts of the sites' demand that are drawn apart, and served there or elsewhere.

A feature says which there are (`feature.Feature.streams`); what it leaves of a site's demand walks in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario


class Stream(NamedTuple):
    """A part of the demand of sites.

    >>> to_first = np.array([-1, 0])
    >>> Stream("online", np.array([0.0, 0.2]), to_first, to_first).at.tolist()  # a fifth of the second site's demand
    [-1, 0]
    """

    name: str
    share: np.ndarray  # float64 (sites,): of each site's law of demand
    at: np.ndarray  # int64 (sites,): the site that serves it; -1 where there is none
    planned: np.ndarray  # int64 (sites,): the site whose stock it is served from, as far as a planner knows


def streams_of(scenario: Scenario) -> list[Stream]:
    """The streams that features make of a scenario's demand.

    >>> from restock.sim.planning.example import one_shop
    >>> streams_of(one_shop().scenario)
    []
    """
    return [stream for feature in scenario.features for stream in feature.streams(scenario)]


def walk_in_share(scenario: Scenario) -> np.ndarray:
    """What streams leave of each site's demand: float64 (sites,).

    >>> from restock.sim.planning.example import one_shop
    >>> walk_in_share(one_shop().scenario)
    array([1.])
    """
    taken = np.zeros(len(scenario.sites))
    for stream in streams_of(scenario):
        taken += stream.share
    return np.maximum(np.round(1 - taken, 12), 0.0)


def asked_by_streams_alone(scenario: Scenario) -> np.ndarray:
    """Cells at which customers ask, and none by a law of the cell's own: bool (items, sites).

    >>> from restock.sim.planning.example import one_shop
    >>> asked_by_streams_alone(one_shop().scenario).any()
    np.False_
    """
    asked = scenario.demand.asked
    out = np.zeros(asked.shape, bool)
    for stream in streams_of(scenario):
        for n in np.flatnonzero(stream.share > 0):
            out[:, stream.at[n]] |= asked[:, n]
    return out & ~asked


def customers_ask(scenario: Scenario) -> np.ndarray:
    """Cells at which customers ask, by whichever way: bool (items, sites).

    >>> from restock.sim.planning.example import one_shop
    >>> customers_ask(one_shop().scenario).tolist()
    [[True], [True]]
    """
    return np.asarray(scenario.demand.asked | asked_by_streams_alone(scenario))


def planned_at(scenario: Scenario, part: dict[float, np.ndarray], stream: Stream) -> np.ndarray:
    """What a stream comes to at the sites that plan for it, given what each share of demand is: (items, sites)."""
    out = np.zeros(scenario.demand.law_of.shape)
    for n in np.flatnonzero(stream.share > 0):
        out[:, stream.planned[n]] += part[float(stream.share[n])][:, n]
    return out


def most_sources(scenario: Scenario) -> int:
    """How many laws the demand of one cell is drawn from, at most: its own, and those of streams served there.

    >>> from restock.sim.planning.example import one_shop
    >>> most_sources(one_shop().scenario)
    1
    """
    count = np.ones(len(scenario.sites), np.int64)
    for stream in streams_of(scenario):
        np.add.at(count, stream.at[stream.share > 0], 1)
    return int(count.max())
