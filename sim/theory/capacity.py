"""Base stock behind a limit on what leaves in a night, unmet demand waits: two items that share it; a truck that waits.

Lead time 1: what leaves tonight is there tomorrow morning. What does not leave stays owed, and is on order once.
Sources: the shortfall recursion of Tayur (1993) and Glasserman & Tayur (1994), in two dimensions; time-or-quantity
dispatch (Cetinkaya & Lee 2000). Both as Markov chains on what stayed behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from restock.sim.theory.inputs import whole
from restock.sim.theory.interval_demand import Demand, mean_of, probabilities

CLOSE = 1e-14
MOST_NIGHTS = 20_000


class Behind(NamedTuple):
    """Of one item, means a day; `nothing_owed`: share of nights after which nothing is."""

    owed: float
    nothing_owed: float
    on_hand: float
    backorders: float
    fill_rate: float


def shared_in_order(
    demands: Sequence[Demand], levels: Sequence[int], volumes: Sequence[int], capacity: int, most: tuple[int, int]
) -> tuple[Behind, Behind, float]:
    """Two items, of which the first takes what it can: both, and the share of nights after which nothing is owed.

    `most` is how many units of each may stay behind before the rest of the law is cut off.

    >>> from restock.sim.probability.laws import Poisson
    >>> first, second, _ = shared_in_order((Poisson(3.0), Poisson(2.0)), (10, 8), (1, 1), 6, (25, 90))
    >>> round(first.owed, 4), round(second.owed, 4)
    (0.0598, 1.4672)
    """
    whole(1, capacity=capacity, first_volume=volumes[0], second_volume=volumes[1])
    laws = [probabilities(each) for each in demands]
    owing = [np.arange(most[j] + len(laws[j])) for j in range(2)]
    first, second = owing[0][:, None], owing[1][None, :]
    sent = np.minimum(first, capacity // volumes[0])
    left = capacity - sent * volumes[0]
    stays = np.minimum(first - sent, most[0]) + 0 * second
    stays_too = np.minimum(second - np.minimum(second, left // volumes[1]), most[1])
    place = (stays * (most[1] + 1) + stays_too).ravel()
    chance = np.zeros((most[0] + 1, most[1] + 1))
    chance[0, 0] = 1.0
    for _ in range(MOST_NIGHTS):
        asked = _added(_added(chance, laws[0]).T, laws[1]).T
        after = np.bincount(place, asked.ravel(), chance.size).reshape(chance.shape).astype(np.float64)
        done = np.abs(after - chance).max() < CLOSE
        chance = after
        if done:
            break
    of = [_behind(chance.sum(axis=1 - j), laws[j], levels[j]) for j in range(2)]
    return of[0], of[1], float(chance[0, 0])


def _added(chance: np.ndarray, law: np.ndarray) -> np.ndarray:
    """The law of the first axis, with demand added to it."""
    out = np.zeros((chance.shape[0] + len(law), chance.shape[1]))
    for units, p in enumerate(law):
        out[units : units + len(chance)] += p * chance
    return out[: chance.shape[0] - 1 + len(law)]


def _behind(stays: np.ndarray, law: np.ndarray, level: int) -> Behind:
    owed, asked = np.arange(len(stays))[:, None], np.arange(len(law))[None, :]
    both = stays[:, None] * law[None, :]
    net = level - owed - asked
    served = np.minimum(asked, np.maximum(0, level - owed))
    return Behind(float(stays @ np.arange(len(stays))), float(stays[0]), float((both * np.maximum(net, 0)).sum()),
                  float((both * np.maximum(-net, 0)).sum()), float((both * served).sum() / mean_of(law)))  # fmt: skip


class TruckService(NamedTuple):
    """Trucks a day, the share of them that left for waiting, their mean load; and as in `Behind`."""

    trucks: float
    sent_for_waiting: float
    load: float
    owed: float
    on_hand: float
    backorders: float
    fill_rate: float


def truck(demand: Demand, level: int, minimum: int, wait: int) -> TruckService:
    """A truck that leaves with all that is owed, if that is a minimum load or has been left behind for some nights.

    >>> from restock.sim.probability.laws import Poisson
    >>> round(truck(Poisson(2.0), level=8, minimum=6, wait=2).trucks, 4)
    0.3458
    """
    whole(0, minimum=minimum, wait=wait)
    law = probabilities(demand)
    chance = np.zeros((minimum + 1, wait + 1))  # what stayed behind, always below the minimum, and for how many nights
    chance[0, 0] = 1.0
    for _ in range(MOST_NIGHTS):
        after, left, waited, load = np.zeros_like(chance), 0.0, 0.0, 0.0
        for (units, nights), p in np.ndenumerate(chance):
            for asked, q in enumerate(law) if p > 0 else ():
                owed = units + asked
                if owed > 0 and (owed >= minimum or nights >= wait):
                    left, load = left + p * q, load + p * q * owed
                    waited += p * q * (owed < minimum)
                    after[0, 0] += p * q
                else:
                    after[owed, nights + 1 if owed else 0] += p * q
        done = np.abs(after - chance).max() < CLOSE
        chance = after
        if done:
            break
    of = _behind(chance.sum(axis=1), law, level)
    sent = (float(left), float(waited / left), float(load / left))
    return TruckService(*sent, of.owed, of.on_hand, of.backorders, of.fill_rate)
