"""To whom goods are pushed (the kernel has its own words: `loops`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restock.sim.probability.guide_tables import FULL


def in_proportion(units: int, rates: Sequence[int]) -> list[int]:
    """In proportion to rates, whole units, the largest remainders first, the first listed on ties.

    >>> in_proportion(66, [3000, 9000, 18000, 26000])
    [3, 11, 21, 31]
    """
    total = sum(rates)
    if total == 0:
        return [0] * len(rates)
    shares = [units * rate // total for rate in rates]
    by_remainder = sorted(range(len(rates)), key=lambda k: (-(units * rates[k] % total), k))
    for k in by_remainder[: units - sum(shares)]:
        shares[k] += 1
    return shares


def by_chance(units: int, stock: Sequence[int], chances: Sequence[np.ndarray]) -> list[int]:
    """Unit by unit to the store whose next unit is sold with the greatest chance, the first listed on ties.

    `stock` is what a store has or has on its way, less what its customers wait for; `chances[k][q]` is the chance, in
    2**-32, that the store sells more than q units. What would be sold nowhere stays.

    Source: Fox (1966), Management Science 13(3), 210-216 (marginal allocation).

    >>> from restock.sim.features.push.chances import sold_chances
    >>> from restock.sim.probability.laws import Poisson
    >>> by_chance(66, [0] * 4, [sold_chances([(Poisson(mean), 1)]) for mean in (3, 9, 18, 26)])
    [4, 11, 21, 30]
    """
    shares = [0] * len(stock)

    def chance(k: int) -> int:
        sold_before = stock[k] + shares[k]
        if sold_before < 0:
            return FULL
        return int(chances[k][sold_before]) if sold_before < len(chances[k]) else 0

    for _ in range(units):
        best = max(range(len(stock)), key=lambda k: (chance(k), -k))
        if chance(best) == 0:
            break
        shares[best] += 1
    return shares
