"""What one improvement did to the chain: its sums over replications, and figures less those of the chain as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from restock.sim.measures.facts import FACT
from restock.sim.measures.measures import denominators, numerators
from restock.sim.model.assumed import COSTS
from restock.sim.results.outcome import Outcome
from restock.sim.statistics.estimates import Estimate, estimated

MONEY = "total_cost"
"""The measure that improvements are judged by: what it falls by is what a year's profit rises by, since lost margin is
a part of it and demand is the same."""
ALIKE = 1e-9  # share of a figure: differences below it, in every replication, are rounding


@dataclass(frozen=True, eq=False)
class Tried:
    """The chain with an improvement, or as it is.

    `sums` holds the facts of each replication, (replications, facts); `measures` are those that the run speaks of.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import tried_at
    >>> rich = tried_at(BaseStock, level=20)
    >>> rich.replications, round(rich.estimate("fill_rate").value, 3)
    (8, 0.999)
    """

    name: str
    sums: np.ndarray
    days: int
    measures: tuple[str, ...]

    @property
    def replications(self) -> int:
        return len(self.sums)

    def estimate(self, measure: str, replications: int | None = None) -> Estimate:
        """The measure with the influence of each replication, over the first of them or over all."""
        sums = self.sums[:replications]
        with np.errstate(all="ignore"):
            top, bottom = (part[:, 0] for part in (numerators(sums, names=[measure]),
                                                   denominators(sums, self.days, names=[measure])))  # fmt: skip
            return estimated(top, bottom)

    def first(self, replications: int) -> Tried:
        """The same over the first replications."""
        return replace(self, sums=self.sums[:replications])

    def with_cost(self, cost: str, factor: float) -> Tried:
        """As it would be if a cost, named as in `Scenario.assumed`, were so many times as high: see `sensitivity`."""
        sums = self.sums.copy()
        sums[:, [FACT[fact] for fact in COSTS[cost][1]]] *= factor
        return replace(self, sums=sums)

    def pays(self, cost: str) -> bool:
        """Whether anything is paid at this rate."""
        return bool(self.sums[:, [FACT[fact] for fact in COSTS[cost][1]]].any())


def tried(outcome: Outcome, before: Tried | None = None) -> Tried:
    """What came of a run; after the replications before it, where there are some."""
    sums = outcome.rollup.sums["chain"][:, 0]
    if before is not None:
        sums = np.concatenate([before.sums, sums])
    return Tried(outcome.label, sums, outcome.rollup.days, tuple(outcome.measures))


def less(one: Tried, other: Tried, measure: str) -> Estimate:
    """One's figure less the other's, paired over the replications that both have; 0 where only rounding differs.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import tried_at
    >>> lean, rich = tried_at(BaseStock, level=10), tried_at(BaseStock, level=20)
    >>> less(lean, lean, "total_cost").value, less(lean, rich, "total_cost").value > 0
    (0.0, True)
    """
    n = min(one.replications, other.replications)
    first, second = one.estimate(measure, n), other.estimate(measure, n)
    return without_rounding(first - second, max(abs(first.value), abs(second.value)))


def without_rounding(difference: Estimate, size: float) -> Estimate:
    """Exactly 0 where the difference of figures of this size is rounding, in every replication.

    >>> from restock.sim.statistics.estimates import known
    >>> without_rounding(known(1e-8), 1000.0).value, without_rounding(known(0.1), 1000.0).value
    (0.0, 0.1)
    """
    apart = max(abs(difference.value), float(np.abs(difference.influence).max(initial=0)))
    return difference.times(0.0) if apart <= ALIKE * size else difference
