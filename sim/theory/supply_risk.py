"""Base stock from a supplier that is down on some nights, or whose deliveries are part bad; unmet demand waits.

Whole units, daily review, a constant lead time of restock's day, and any whole-number law of demand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.theory.inputs import not_below_zero, share, whole
from restock.sim.theory.interval_demand import Demand, add, mean_of, over_days, probabilities

TINY = 1e-13  # chance of longer outages, or larger shortfalls, than are counted


class DownService(NamedTuple):
    """What base stock gives where the supplier holds orders while it is down; units at the end of a day, and shares."""

    share_of_nights_down: float
    mean_held: float
    mean_on_hand: float
    mean_backorders: float
    fill_rate: float


def supplier_down(demand: Demand, base_stock_level: int, lead_time: int, fails: float, recovers: float) -> DownService:
    """Base stock from a supplier whose state is drawn by the night, the same for all orders.

    Net stock at the end of a day is the level less the demand of `lead_time` days and less what the supplier held
    `lead_time` nights ago: the demand of the nights that it had then been down in a row.

    Parameters
    ----------
    demand : law of one day's demand
    fails, recovers : chance that the supplier goes down after a night when it was up, and comes up after one down

    Source: Snyder & Shen (2019), Fundamentals of Supply Chain Theory, section 9.3, in whole units with lead times.
    >>> supplier_down(np.array([0.0, 1.0]), 3, lead_time=1, fails=0.1, recovers=0.9)._fields[0]
    'share_of_nights_down'
    """
    whole(1, lead_time=lead_time)
    whole(base_stock_level=base_stock_level)
    share(fails=fails, recovers=recovers)
    p, down = probabilities(demand), fails / (fails + recovers)
    held, of_nights, chance = np.zeros(1), np.ones(1), (1 - down) * fails
    held[0] = 1 - down
    while chance > TINY:
        of_nights = add(of_nights, p)
        held = np.pad(held, (0, len(of_nights) - len(held)))
        held[: len(of_nights)] += chance * of_nights
        chance *= 1 - recovers
    before = add(held, over_days(p, lead_time - 1))
    after = add(before, p)
    mean_held = float(held @ np.arange(len(held)))
    return DownService(down, mean_held, *_service(after, before, base_stock_level, mean_of(p)))


class YieldService(NamedTuple):
    """What base stock gives where a part of deliveries is bad; units at the end of a day, shares, and units a day."""

    mean_on_hand: float
    mean_backorders: float
    fill_rate: float
    ordered_per_day: float
    good_per_day: float
    rejected_per_day: float


def part_bad(
    demand: Demand, base_stock_level: int, values: Sequence[float], weights: Sequence[float], most: int = 200
) -> YieldService:
    """Base stock with a lead time of one day, where of each delivery a share is good, drawn once for the delivery.

    The good units are the share rounded up or down by chance, so that the mean is exact; the others are turned away and
    ordered again the same evening. A Markov chain on the shortfall from the level at the end of a day.

    Parameters
    ----------
    values, weights : shares that are good, and how often
    most : the largest shortfall that is counted, in units

    Source: stochastically proportional yield, Yano & Lee (1995), Operations Research 43(2), 311-334.
    >>> round(part_bad(np.array([0.0, 1.0]), 1, [1.0], [1.0]).fill_rate, 9)
    1.0
    """
    whole(base_stock_level=base_stock_level)
    not_below_zero(**{f"values[{k}]": value for k, value in enumerate(values)})
    require(len(values) == len(weights), f"values must have as many weights, got {len(values)} and {len(weights)}")
    p, size = probabilities(demand), most + 1
    stays = np.zeros((size, size))  # by shortfall in the evening, what of it is still missing after the delivery
    for value, weight in zip(values, np.array(weights) / sum(weights), strict=True):
        for short in range(size):
            good, part = divmod(short * value, 1)
            stays[short, short - int(good)] += weight * (1 - part)
            if part > 0:
                stays[short, short - int(good) - 1] += weight * part
    asked = np.zeros((size, size))
    for short in range(size):
        row = np.pad(p, (0, size))[: size - short]
        asked[short, short:] = row
        asked[short, -1] += 1 - row.sum()
    step = stays @ asked
    system = np.vstack([step.T - np.eye(size), np.ones(size)])
    shortfall = np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0]
    missing = shortfall @ stays
    units = np.arange(size)
    ordered, mean = float(shortfall @ units), mean_of(p)
    rejected = float(missing @ units)
    return YieldService(*_service(shortfall, missing, base_stock_level, mean), ordered, ordered - rejected, rejected)


def _service(after: np.ndarray, before: np.ndarray, level: int, mean: float) -> tuple[float, float, float]:
    """Mean on hand, mean backorders and fill rate, by what the level lacks after and before a day's demand."""
    on_hand = np.maximum(0, level - np.arange(len(after))) @ after
    waiting, waited = (np.maximum(0, np.arange(len(x)) - level) @ x for x in (after, before))
    return float(on_hand), float(waiting), float(1 - (waiting - waited) / mean)
