"""How mean demand moves from day to day, as a planner may know it: of cells with customers, and of the sites above."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from restock.sim.model.day_factors import day_factors
from restock.sim.model.scenario import Scenario


class Profiles(NamedTuple):
    """Rows of factors by day, and which row each cell follows."""

    row_of: np.ndarray  # int32 (items, sites)
    factor: np.ndarray  # float64 (profiles, days): mean demand of the day as a multiple of the mean without events
    promotion: np.ndarray  # float64 (profiles, days): the part due to promotions, 1 without


def day_profiles(scenario: Scenario, demand_mean: np.ndarray) -> Profiles:
    """Profiles of all cells; a site that serves others has the mix of its own customers and the sites below.

    `demand_mean` is each cell's mean demand a day without events, the sites below included; (items, sites).
    Recorded demand has one profile of ones.
    """
    shape = demand_mean.shape
    if scenario.demand.source != "fitted":
        ones = np.ones((1, scenario.horizon))
        return Profiles(np.zeros(shape, np.int32), ones, ones)
    days = day_factors(scenario)
    base = np.array([season.factors(scenario.start, scenario.horizon).mean() for season in scenario.demand.seasons])
    divisor = np.where(base > 0, base, 1.0)[days.season][:, None]
    plain = days.unplanned / divisor  # without promotions
    row_of, rows, without = days.row_of.copy(), [days.mean / divisor], [plain]
    promotion = [days.planned]
    own_share, count = demand_mean.copy(), len(plain)
    for n in scenario.bottom_up:
        if scenario.parent[n] >= 0:
            own_share[:, scenario.parent[n]] -= demand_mean[:, n]
    for n in scenario.bottom_up:
        below = np.flatnonzero(scenario.parent == n)
        if len(below) == 0:
            continue
        parts = np.append(below, n)
        weight = np.where(scenario.stocked[:, parts], demand_mean[:, parts], 0.0)
        weight[:, -1] = np.where(scenario.demand.asked[:, n], own_share[:, n], 0.0)
        alike, mixed = _alike(weight, row_of[:, parts])
        row_of[:, n] = alike
        if mixed.any():
            mix, bare = (_mixed(np.concatenate(all_rows), weight[mixed], row_of[mixed][:, parts])
                         for all_rows in (rows, without))  # fmt: skip
            found, place = np.unique(np.hstack([mix, bare]), axis=0, return_inverse=True)
            mix, bare = found[:, : scenario.horizon], found[:, scenario.horizon :]
            row_of[mixed, n] = count + place.ravel()
            count += len(found)
            rows.append(mix)
            without.append(bare)
            promotion.append(np.divide(mix, bare, out=np.ones_like(mix), where=bare > 0))
    return Profiles(row_of, np.concatenate(rows), np.concatenate(promotion))


def _alike(weight: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The row that all parts with demand share, for each item; and the items whose parts differ."""
    high = np.where(weight > 0, row, -1).max(axis=1)
    low = np.where(weight > 0, row, np.iinfo(np.int32).max).min(axis=1)
    return np.maximum(high, 0), (high >= 0) & (low != high)


def _mixed(rows: np.ndarray, weight: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Averages of rows, weighted by demand: (items, days)."""
    out = np.zeros((len(weight), rows.shape[1]))
    for k in range(weight.shape[1]):
        out += weight[:, [k]] * rows[row[:, k]]
    return out / weight.sum(axis=1, keepdims=True)
