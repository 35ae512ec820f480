"""Two stores that help each other out at once: exact figures by day, of base stock with sales lost.

Source: complete and partial pooling (Tagaras & Cohen 1992, Management Science 38(8)), as a Markov chain on what both
stores have and what is due tomorrow, in whole units and restock's day.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from restock.sim.theory.inputs import whole
from restock.sim.theory.interval_demand import Demand, mean_of, probabilities

CLOSE = 1e-13


class PoolingService(NamedTuple):
    """Means a day; `days_short_elsewhere`: chance that a store is short after transfers while the other has units above
    its floor."""

    lost: tuple[float, float]
    transferred: float
    lines: float
    on_hand: tuple[float, float]
    days_short_elsewhere: float
    fill_rate: float


def at_once(
    demands: tuple[Demand, Demand], levels: Sequence[int], floors: Sequence[int] | None = None
) -> PoolingService:
    """Two stores with base stock, lead time 2 and lost sales: unmet demand is met with what the other has above its
    floor. Without floors, each store is alone.

    >>> found = at_once((np.array([0.5, 0.5]), np.array([0.5, 0.5])), (1, 1), (0, 0))
    >>> found.transferred > 0, found.fill_rate > at_once((np.array([0.5, 0.5]), np.array([0.5, 0.5])), (1, 1)).fill_rate
    (True, True)
    """
    whole(0, first_level=levels[0], second_level=levels[1])
    laws = [probabilities(each) for each in demands]
    states = [[(here, due) for here in range(level + 1) for due in range(level + 1 - here)] for level in levels]
    number = {pair: k for k, pair in enumerate(product(*states))}
    chance, sums = np.zeros((len(number), len(number))), np.zeros((len(number), 7))
    for pair, k in number.items():
        morning = [here + due for here, due in pair]
        for asked in product(*(range(len(p)) for p in laws)):
            p = laws[0][asked[0]] * laws[1][asked[1]]
            end, lost, moved, short = _day(morning, asked, floors if floors is None else tuple(floors))
            then = tuple((end[j], levels[j] - sum(pair[j])) for j in range(2))
            chance[k, number[then]] += p
            sums[k] += p * np.array([*lost, moved, moved > 0, *end, short])
    stay = _stationary(chance)
    lost_1, lost_2, moved, lines, end_1, end_2, short = (stay @ sums).tolist()
    mean = mean_of(laws[0]) + mean_of(laws[1])
    return PoolingService((lost_1, lost_2), moved, lines, (end_1, end_2), short, 1 - (lost_1 + lost_2) / mean)


def _day(
    morning: Sequence[int], asked: Sequence[int], floors: tuple[int, ...] | None
) -> tuple[list[int], list[int], int, int]:
    """Units at the end, units lost, units moved, and whether a store is short while the other could give."""
    end = [max(0, morning[j] - asked[j]) for j in range(2)]
    lost = [max(0, asked[j] - morning[j]) for j in range(2)]
    moved = 0
    for to in range(2) if floors is not None else ():
        assert floors is not None
        units = min(lost[to], max(0, end[1 - to] - floors[1 - to]))
        lost[to] -= units
        end[1 - to] -= units
        moved += units
    keeps = floors or (0, 0)
    short = any(lost[to] > 0 and end[1 - to] > keeps[1 - to] for to in range(2))
    return end, lost, moved, int(short)


def _stationary(chance: np.ndarray) -> np.ndarray:
    """Where the chain is in the long run."""
    stay = np.full(len(chance), 1 / len(chance))
    while True:
        after = stay @ chance
        if np.abs(after - stay).max() < CLOSE:
            return np.asarray(after / after.sum())
        stay = after
