"""What every model that is compared has: a scenario and a policy of restock, its answer and, if known, the exact one.

A day here is restock's: delivery, demand, then the order, which arrives `lead_time` mornings later.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from restock.sim.model.scenario import Scenario
from restock.sim.planning.policy import Policy

Answer = dict[str, np.ndarray]
"""What a run says: measure -> one value for each replication. Units at the end of a day; money a day; shares."""


@dataclass(frozen=True)
class Model(ABC):
    """What all models share: how long a replication is, and how restock's answer is read."""

    name: str
    words: str
    days: int = 945
    warm_up: int = 56

    @property
    def periods(self) -> int:
        """Days of one replication, the warm-up included."""
        return self.days + self.warm_up

    @property
    def cells(self) -> int:
        """Sites that keep the item."""
        return 1

    @abstractmethod
    def scenario(self) -> Scenario:
        """The world."""

    @abstractmethod
    def policy(self) -> Policy:
        """What is ordered."""

    @abstractmethod
    def answer(self, sums: np.ndarray) -> Answer:
        """The measures, from the facts of every replication and site (replications, sites, FACTS)."""

    def exact(self) -> Mapping[str, float]:
        """What theory says, for the measures for which there is a closed form."""
        return {}
