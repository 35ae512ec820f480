"""Selling seasons as arrays over items (i) and sites (n): what both engines read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.model.opening.run_state import kept

if TYPE_CHECKING:
    from restock.sim.features.selling_season.settings import SellingSeasons
    from restock.sim.model.feature import Making

NEVER = 2**30  # a day that does not come


class SeasonArrays(NamedTuple):
    """Over items unless said otherwise; days count from the first one simulated."""

    used: int  # 1: some items have a season
    season_end: np.ndarray  # int32: the day from which nothing is asked for, `NEVER` without a season
    first_order: np.ndarray  # int32: the first and the last day on which outside suppliers take orders
    last_order: np.ndarray
    percent_off: np.ndarray  # int32: 0: no markdown
    reduced_from: np.ndarray  # int32: the first day at the lower price; `NEVER` where it is decided by cover
    reduced_after: np.ndarray  # int32: the first day on which cover may decide, `NEVER` where it does not
    reduced_shift: np.ndarray  # int32 (i, n): tables at the lower price lie so many further; (0, 0) without seasons
    most_per_day: np.ndarray  # float64 (i, n): stock for each day left above which cover brings the price down
    opening_reduced: np.ndarray  # int32 (i, n, r): where a run goes on, the first day at the lower price


def season_arrays(selling_seasons: SellingSeasons, making: Making) -> SeasonArrays:
    """The arrays of a scenario."""
    scenario = making.scenario
    before, never, start = scenario.warm_up, NEVER - scenario.warm_up, -scenario.warm_up
    seasons = [selling_seasons.of_item(item) for item in scenario.items]
    markdowns = [None if season is None else season.markdown for season in seasons]
    end = [never if season is None else season.end for season in seasons]
    first = [start if season is None or season.first_order is None else season.first_order for season in seasons]
    last = [never if s is None else s.end - 1 if s.last_order is None else s.last_order for s in seasons]
    dated = [never if m is None or m.cover is not None else m.from_day for m in markdowns]
    covered = [never if m is None or m.cover is None else m.from_day for m in markdowns]
    cover = np.array([0.0 if m is None or m.cover is None else m.cover for m in markdowns])
    used = any(season is not None for season in seasons)
    days_of = [end, first, last, dated, covered]
    season_end, first_order, last_order, reduced_from, reduced_after = (
        _whole(days) + np.int32(before) for days in days_of
    )
    reduced = kept(scenario, "reduced_from", "selling_season") if used else None
    return SeasonArrays(
        int(used),
        season_end,
        first_order,
        last_order,
        _whole(0 if m is None else m.percent for m in markdowns),
        reduced_from,
        reduced_after,
        making.further if used else np.zeros((0, 0), np.int32),
        cover[:, None] * making.rate if used else np.zeros((0, 0)),
        np.zeros((0, 0, 0), np.int32) if reduced is None else reduced,
    )


def _whole(numbers: Iterable[int]) -> np.ndarray:
    return np.array(list(numbers), np.int32)
