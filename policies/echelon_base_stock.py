"""Echelon base stock: a DC orders by what it and all sites below it have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from restock.policies.protection import (
    check_share,
    most_that_keeps,
    over_protection_interval,
    safety_factor_for_cycle_service,
)
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Policy


@dataclass(frozen=True)
class EchelonBaseStock(Policy):
    """Raise the echelon position, of a site and all below it, to an echelon base-stock level at every review.

    Parameters
    ----------
    target : float
        Share of cycles without a stockout that every site plans for, between 0 and 1.
    review_period : int
        Days between reviews.

    A site's level (S_e) is what base stock would have there, demand over its own protection interval and safety stock,
    and the levels of all sites below it. In series, reviewed every day, this is base stock with the differences of the
    levels. Where stores order in packs, or not every day, it is not: a DC then sees what was sold as it is sold, and
    not when it is ordered.

    Source: Clark & Scarf (1960), Management Science 6(4); Axsater & Rosling (1993), Management Science 39(10).
    """

    target: float = 0.98

    def __post_init__(self) -> None:
        check_share("target", self.target)

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        mean, deviation = over_protection_interval(known, self.review_period)
        factor = safety_factor_for_cycle_service(self.target)
        here = np.minimum(np.maximum(0, np.ceil(mean + factor * deviation - 1e-9)), most_that_keeps(known))
        level, parent = np.where(known.stocked, here, 0), known.scenario.parent
        for n in known.scenario.bottom_up:
            if parent[n] >= 0:
                level[:, parent[n]] += level[:, n]
        return {"echelon_base_stock_level": level}

    @staticmethod
    def rule(view: Any, levels: Any) -> int:
        """Order what the site and all below it lack of the level."""
        return max(0, levels.echelon_base_stock_level - view.echelon_position)
