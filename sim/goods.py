"""What happens to goods beside being sold, as flat arrays over items (i) and sites (n): what both engines read.

The arrays over items are filled in any case; a flag says whether some item needs them. Neither engine changes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws import Law
from sim.tables import FULL

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.scenario import Scenario

NEVER = 2**30  # a day that does not come


class Goods(NamedTuple):
    """Arrays over items unless said otherwise; shares in units of 2**-32."""

    returns: int  # 1: customers bring some items back
    return_slots: int  # a power of two above the longest lag
    return_share: np.ndarray  # int64: share of a day's units that come back
    resalable: np.ndarray  # int64: share of these that go back on the shelf
    return_chance: np.ndarray  # int64: bits of a draw that round the two; 0: always down
    lag_table: np.ndarray  # int32: table of the days until they come
    shelf: int  # 1: some items do not keep
    shelf_slots: int  # a power of two not below the longest shelf life
    longest_life: int
    shelf_life: np.ndarray  # int32: days; 0: for ever
    freshest_first: np.ndarray  # int32: 1 where the freshest units are taken first
    seasons: int  # 1: some items have a season
    season_end: np.ndarray  # int32: the day from which nothing is asked for, `NEVER` without a season
    first_order: np.ndarray  # int32: the first and the last day on which outside suppliers take orders
    last_order: np.ndarray
    percent_off: np.ndarray  # int32: 0: no markdown
    reduced_from: np.ndarray  # int32: the first day at the lower price; `NEVER` where it is decided by cover
    reduced_after: np.ndarray  # int32: the first day on which cover may decide, `NEVER` where it does not
    reduced_shift: np.ndarray  # int32 (i, n): tables at the lower price lie so many further; (0, 0) without seasons
    most_per_day: np.ndarray  # float64 (i, n): stock for each day left above which cover brings the price down


def build_goods(scenario: Scenario, add_law: Callable[[Law], int], rate: np.ndarray, shift: np.ndarray) -> Goods:
    """The arrays of a scenario.

    Parameters
    ----------
    add_law : numbers the laws that are drawn from
    rate, shift : ndarray, shape (items, sites)
        Mean demand a day at full price, and where the tables at the lower price lie (`reduced_shift`).
    """
    returns = [scenario.feature("returns").of_item(item) for item in scenario.items]
    life = [scenario.feature("shelf_life").of_item(item) for item in scenario.items]
    issuing = [scenario.feature("shelf_life").issuing_of(item) for item in scenario.items]
    share = np.array([each.share for each in returns])
    used = bool(share.any())
    longest = max((len(each.lag.pmf()) - 1 for each in returns if each.share > 0), default=0)
    fit = [each.resalable if days == 0 else 0.0 for each, days in zip(returns, life, strict=True)]
    return Goods(
        int(used),
        1 << longest.bit_length(),
        np.round(share * FULL).astype(np.int64),
        np.round(np.array(fit) * FULL).astype(np.int64),
        np.array([FULL - 1 if each.rounding == "chance" else 0 for each in returns], np.int64),
        _whole(add_law(each.lag) if used else 0 for each in returns),
        int(max(life) > 0),
        1 << (max(life) - 1).bit_length(),
        max(life),
        _whole(life),
        _whole(each == "freshest_first" for each in issuing),
        *_seasons(scenario, rate, shift),
    )


def _seasons(scenario: Scenario, rate: np.ndarray, shift: np.ndarray) -> tuple:  # type: ignore[type-arg]
    """The arrays of seasons, in the order of `Goods`; days count from the first one simulated."""
    before, never, start = scenario.warm_up, NEVER - scenario.warm_up, -scenario.warm_up
    seasons = [scenario.feature("selling_seasons").of_item(item) for item in scenario.items]
    markdowns = [None if season is None else season.markdown for season in seasons]
    end = [never if season is None else season.end for season in seasons]
    first = [start if season is None or season.first_order is None else season.first_order for season in seasons]
    last = [never if s is None else s.end - 1 if s.last_order is None else s.last_order for s in seasons]
    dated = [never if m is None or m.cover is not None else m.from_day for m in markdowns]
    covered = [never if m is None or m.cover is None else m.from_day for m in markdowns]
    cover = np.array([0.0 if m is None or m.cover is None else m.cover for m in markdowns])
    used = any(season is not None for season in seasons)
    return (
        int(used),
        *(_whole(days) + np.int32(before) for days in (end, first, last)),
        _whole(0 if m is None else m.percent for m in markdowns),
        *(_whole(days) + np.int32(before) for days in (dated, covered)),
        shift if used else np.zeros((0, 0), np.int32),
        cover[:, None] * rate if used else np.zeros((0, 0)),
    )


def _whole(numbers) -> np.ndarray:  # type: ignore[no-untyped-def]
    return np.array(list(numbers), np.int32)
