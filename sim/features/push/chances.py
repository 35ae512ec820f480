"""Chances that one more unit is sold over the rest of a season: tails of the season's demand."""

from __future__ import annotations

import numpy as np

from restock.sim.model.scenario import Scenario
from restock.sim.probability.guide_tables import FULL
from restock.sim.probability.laws import Law


def sold_chances(laws: list[tuple[Law, int]]) -> np.ndarray:
    """P(D > q) for q = 0, 1, ..., in 2**-32, D the demand of so many days of each law; int64, to the last above 0.

    >>> from restock.sim.probability.laws import Poisson
    >>> (sold_chances([(Poisson(1.0), 2)])[:3] / FULL).round(4)  # 1 - exp(-2), and so on
    array([0.8647, 0.594 , 0.3233])
    """
    together = np.ones(1)
    for law, days in laws:
        together = np.convolve(together, _of_days(law.pmf(), days))
    tails = np.round(np.maximum(0.0, 1.0 - np.cumsum(together)) * FULL).astype(np.int64)
    return tails[: int(np.count_nonzero(tails))]


def _of_days(p: np.ndarray, days: int) -> np.ndarray:
    """The law of a sum of so many days, by squaring; what is less than a part in 2**40 at the end is left out."""
    out, power = np.ones(1), p
    while days:
        if days & 1:
            out = _cut(np.convolve(out, power))
        days >>= 1
        power = _cut(np.convolve(power, power)) if days else power
    return out


def _cut(p: np.ndarray) -> np.ndarray:
    beyond = np.cumsum(p[::-1])[::-1]
    return p[: max(1, int(np.count_nonzero(beyond > 2.0**-40)))]


def rest_of_season(
    scenario: Scenario, factor: np.ndarray, i: int, n: int, first: int, end: int
) -> list[tuple[Law, int]]:
    """The laws of a cell's demand on the days from `first` up to `end`, each with its number of days.

    `factor` multiplies mean demand, by day.
    """
    demand = scenario.demand
    if demand.law_of[i, n] < 0:
        return []
    law = demand.day_laws[demand.law_of[i, n]]
    by_factor, many = np.unique(factor[first:end], return_counts=True)
    return [(law if each == 1 else law.scaled(float(each)), int(days))
            for each, days in zip(by_factor, many, strict=True) if each > 0]  # fmt: skip
