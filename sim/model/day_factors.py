"""By what factors demand moves from day to day: seasons and events, for each of the few calendars that cells have."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from restock.sim.model.demand_events import Effect
from restock.sim.model.distinct import distinct
from restock.sim.model.scenario import Scenario


class DayFactors(NamedTuple):
    """Rows of factors by day, and which row each cell follows."""

    row_of: np.ndarray  # int32 (items, sites)
    season: np.ndarray  # int (rows,): the season in it
    mean: np.ndarray  # float64 (rows, days): factor on mean demand, rounded to 0.01
    cv: np.ndarray  # float64 (rows, days): factor on the coefficient of variation, rounded to 0.01
    unplanned: np.ndarray  # float64 (rows, days): the part of `mean` that is not due to promotions
    planned: np.ndarray  # float64 (rows, days): the part due to promotions, which are known in advance


def day_factors(scenario: Scenario) -> DayFactors:
    """Every factor is the product of the season's and of all events' that touch the cell.

    >>> from restock.sim.model.demand_events import LevelShift, Promotion
    >>> from restock.sim.probability.laws import Poisson
    >>> from restock.sim.model.network import Item, Lane, Site
    >>> from restock.sim.model.scenario import scenario_of
    >>> shop = scenario_of("shop", [Item("milk")], [Site("store")], [Lane("supplier", "store")],
    ...                    {("milk", "store"): Poisson(4.0)}, days=5,
    ...                    events=(Promotion(start=1, days=2, uplift=3.0), LevelShift(start=2, factor=0.5)))
    >>> day_factors(shop).mean.tolist()
    [[1.0, 3.0, 1.5, 0.5, 0.5]]
    """
    demand = scenario.demand
    seasons = np.array([season.factors(scenario.start, scenario.horizon) for season in demand.seasons])
    effects = [effect for event in scenario.events for effect in event.effects(scenario)]
    effects = [effect for effect in effects if (effect.mean != 1).any() or (effect.cv != 1).any()]
    ones = np.ones_like(seasons)
    if not effects:
        return DayFactors(demand.season_of, np.arange(len(seasons)), seasons, ones, seasons, ones)
    calendars, calendar_of = _calendars(effects)
    pairs = demand.season_of.astype(np.int64) * len(calendars) + calendar_of
    pairs[~demand.asked] = pairs[demand.asked][0]
    rows, row_of = distinct(pairs)
    season, calendar = rows // len(calendars), rows % len(calendars)
    unplanned, planned, cv = seasons[season], np.ones((len(rows), scenario.horizon)), ones[season]
    for k, effect in enumerate(effects):
        touched = calendars[calendar, k]
        (planned if effect.planned else unplanned)[touched] *= effect.mean
        cv[touched] *= effect.cv
    mean = np.round(unplanned * planned, 2)
    return DayFactors(row_of.astype(np.int32), season, mean, np.round(cv, 2), unplanned, planned)


def _calendars(effects: list[Effect]) -> tuple[np.ndarray, np.ndarray]:
    """The distinct sets of effects that cells meet, bool (calendars, effects), and which one each cell has."""
    items, item_kind = np.unique([effect.items for effect in effects], axis=1, return_inverse=True)
    sites, site_kind = np.unique([effect.sites for effect in effects], axis=1, return_inverse=True)
    met = (items[:, :, None] & sites[:, None, :]).reshape(len(effects), -1).T
    calendars, place = np.unique(met, axis=0, return_inverse=True)
    place = place.reshape(items.shape[1], sites.shape[1])
    return calendars, place[item_kind.ravel()[:, None], site_kind.ravel()[None, :]]
