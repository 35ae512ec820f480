"""Waves and cross-docks as arrays over items (i) and sites (n): what both engines read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.features.push.chances import rest_of_season, sold_chances
from restock.sim.features.push.settings import WAYS, as_billionths
from restock.sim.model.day_factors import day_factors

if TYPE_CHECKING:
    from restock.sim.features.push.settings import Push
    from restock.sim.model.feature import Making

NO_PUSH, BY_DAYS, BY_MEAN, BY_CHANCE = range(4)
BILLION = 10**9
MOST_CHANCES = 20_000_000  # units that some store might sell, over all cells and waves


class PushArrays(NamedTuple):
    """The arrays are empty unless `used` is 1."""

    used: int  # 1: some site pushes
    way: np.ndarray  # int64 (n, t): how goods are pushed on a night; NO_PUSH: they are not
    share: np.ndarray  # int64 (n, t): of what is on hand, in billionths
    wave: np.ndarray  # int64 (n, t): number of the wave
    crosses: np.ndarray  # int64 (n,): 1 where the site keeps nothing
    crossed: np.ndarray  # int64 (n,): 1 where a cross-dock delivers, and no orders are placed
    pushed: np.ndarray  # int32 (i,): 1 for items of waves
    rate: np.ndarray  # int64 (i, n): mean demand a day in thousandths, or larger parts
    first_chance: np.ndarray  # int64 (i, n, waves + 1): where the chances of a cell and a wave begin; the last: none
    many_chances: np.ndarray  # int64 (i, n, waves + 1): how many there are
    chances: np.ndarray  # int64: P(demand of the rest of the season > q), in 2**-32


def push_arrays(push: Push, making: Making) -> PushArrays:
    """The arrays of a scenario."""
    scenario, rate = making.scenario, making.rate
    crosses = np.array([site.cross_dock for site in scenario.sites])
    used = bool(crosses.any() or push.parsed)
    shape = (len(scenario.sites), scenario.horizon) if used else (0, 0)
    way, share, wave = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    if used:
        way[crosses], share[crosses] = BY_DAYS, BILLION
    pushed = np.array([push.items is None or item.name in push.items for item in scenario.items])
    waves = _number(push, making, way, share, wave)
    firsts, many, chances = _chances(making, waves, pushed)
    parent = scenario.parent
    crossed = np.array([above >= 0 and crosses[above] for above in parent.tolist()])
    return PushArrays(
        int(used), way, share, wave, crosses.astype(np.int64), crossed.astype(np.int64), pushed.astype(np.int32),
        _weights(rate, parent) if used else np.zeros((0, 0), np.int64), firsts, many, chances,
    )  # fmt: skip


def _weights(rate: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Mean demand in thousandths; of those that one site serves in larger parts, where they come to more than 2**31."""
    out = np.round(1000 * rate).astype(np.int64)
    for n in set(parent.tolist()) - {-1}:
        total = out[:, parent == n].sum(axis=1)
        shift = np.maximum(0, np.frexp(total.astype(float))[1] - 31)
        out[:, parent == n] >>= shift[:, None]
    return out


def _number(
    push: Push, making: Making, way: np.ndarray, share: np.ndarray, wave: np.ndarray
) -> list[tuple[int, int, bool]]:
    """Waves, in their places by site and day; of each the site, the day and whether it looks at chances."""
    scenario = making.scenario
    out: list[tuple[int, int, bool]] = []
    number = {site.name: n for n, site in enumerate(scenario.sites)}
    for dc, waves in push.parsed.items():
        for each in waves:
            n, day = number[dc], each.day + scenario.warm_up
            way[n, day], share[n, day] = 1 + WAYS.index(each.by), as_billionths(each.share)
            wave[n, day] = len(out)
            out.append((n, day, each.by == "expected_sales"))
    return out


def _chances(
    making: Making, waves: list[tuple[int, int, bool]], pushed: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chances of each cell below a site, for each wave that looks at them; equal cells share theirs."""
    scenario = making.scenario
    firsts = np.zeros((*scenario.stocked.shape, len(waves) + 1), np.int64)
    many = np.zeros_like(firsts)
    if not any(looks for _, _, looks in waves):
        return firsts, many, np.zeros(1, np.int64)
    factors, ends = day_factors(scenario), making.made["selling_seasons"].season_end
    met: dict[tuple[tuple[str, int], ...], tuple[int, int]] = {}
    parts: list[np.ndarray] = []
    length = 0
    for k, (n, day, looks) in enumerate(waves):
        below = np.flatnonzero(scenario.parent == n) if looks else ()
        for c in below:
            for i in np.flatnonzero(scenario.stocked[:, c] & pushed):
                end = min(int(ends[i]), scenario.horizon)
                laws = rest_of_season(scenario, factors.mean[factors.row_of[i, c]], int(i), int(c), day + 1, end)
                key = tuple((repr(law), days) for law, days in laws)
                if key not in met:
                    parts.append(sold_chances(laws))
                    met[key] = (length, len(parts[-1]))
                    length += len(parts[-1])
                    require(length <= MOST_CHANCES, "push: chances of sale over the season are of more than "
                            f"{MOST_CHANCES:,} units in all; name fewer items in push.items")  # fmt: skip
                firsts[i, c, k], many[i, c, k] = met[key]
    return firsts, many, np.concatenate([*parts, np.zeros(1, np.int64)])
