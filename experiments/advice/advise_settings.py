"""Settings of restock advise."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Optional

from restock.sim.errors import require

# Optional[...] rather than "... | None": omegaconf 2.3 reads these annotations
MOST = 10_000  # replications of each improvement at first


@dataclass
class AdviseSettings:
    """Which improvements are tried, what they cost, and when each is told sharply enough.

    >>> AdviseSettings(best=0).precision
    0.1
    """

    improvements: Optional[list[str]] = None  # noqa: UP045
    prices: dict[str, Any] = field(default_factory=dict)
    years: float = 5.0
    replications: int = 16
    precision: float = 0.1
    best: int = 4

    def __post_init__(self) -> None:
        require(0 < self.years <= 100, f"advise.years must be a number above 0 and not above 100, got {self.years}")
        many = self.replications
        require(2 <= many <= MOST, f"advise.replications must be a whole number from 2 to {MOST}, got {many}")
        good = math.isfinite(self.precision) and 0 < self.precision < 1
        require(good, f"advise.precision must lie between 0 and 1 (0.1 is 10%), got {self.precision}")
        require(0 <= self.best <= 8, f"advise.best must be a whole number from 0 to 8, got {self.best}")
