"""Anchor and adjust: how people order who forget what is on its way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from restock.policies.protection import over_protection_interval
from restock.sim.checks import check_share
from restock.sim.errors import require
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Policy

EXPECTED, THETA, ALPHA, BETA = range(4)  # slots of the memory


@dataclass(frozen=True)
class AnchorAndAdjust(Policy):
    """Order what is expected to be asked for, and a part of what stock and supply line fall short.

    Order = expected + alpha x (desired stock - net stock - beta x on order), rounded half up, never below 0, where
    expected is smoothed demand. Who makes up the whole gap and thinks of all that is on order (alpha and beta 1) holds
    the inventory position where it should be. Most people think of a third of it, and order the same units twice.

    Parameters
    ----------
    desired_stock : int or None
        Units of net stock and supply line that are aimed at (S'); None: mean demand over the protection interval.
    desired_stock_of : list of int
        The same of each site, sites in their order; none: `desired_stock` for all.
    theta : float
        Weight of a day's demand in what is expected, between 0 and 1.
    alpha : float
        Part of the gap that is made up at once, between 0 and 1.
    beta : float
        Part of the supply line that is thought of, between 0 and 1.
    order_before : int
        What is ordered at every review before a site's first day, where `first_day_of` names one.
    first_day_of : list of int
        The first day on which each site decides for itself, sites in their order; none: from the start.
    review_period : int
        Days between reviews; so many days of what is expected are ordered.

    Source: Sterman (1989), Management Science 35(3), the rule of anchoring and adjustment; the mean of his subjects is
    theta 0.36, alpha 0.26, beta 0.34 and S' 17. Edali & Yasarcan (2014), JASSS 17(4)2, write it out.
    """

    desired_stock: int | None = None
    desired_stock_of: tuple[int, ...] = ()
    theta: float = 0.36
    alpha: float = 0.26
    beta: float = 0.34
    order_before: int = 0
    first_day_of: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name in ("theta", "alpha", "beta"):
            check_share(name, getattr(self, name))
        for name in ("desired_stock", "order_before"):
            value = getattr(self, name)
            require(value is None or value >= 0, f"{name} must not be below 0, got {value}")
        good = self.desired_stock is None or not self.desired_stock_of
        require(good, "desired_stock and desired_stock_of both say what is aimed at; leave one")

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        sites = known.stocked.shape[1]
        for name in ("desired_stock_of", "first_day_of"):
            many = len(getattr(self, name))
            require(many in (0, sites), f"{name} must have a number for each of {sites} sites, got {many}")
        mean, _ = over_protection_interval(known, self.review_period)
        desired = np.floor(mean + 0.5) if self.desired_stock is None else self.desired_stock
        first = self.first_day_of or (-known.world.warm_up,) * sites
        return {
            "desired_stock": np.array([self.desired_stock_of]) if self.desired_stock_of else desired,
            "order_before": self.order_before,
            "days_expected": self.review_period,
            "first_day": np.array([first]),
        }

    def memory(self, known: Knowledge) -> np.ndarray:
        start = np.empty((*known.stocked.shape, 4))
        start[..., EXPECTED] = self.order_before if self.first_day_of else known.demand_mean
        start[..., THETA], start[..., ALPHA], start[..., BETA] = self.theta, self.alpha, self.beta
        return start

    @staticmethod
    def learn(seen: Any, levels: Any, memory: Any) -> None:
        """What is expected moves towards what was asked for."""
        memory[EXPECTED] = memory[THETA] * (seen.demand / seen.days) + (1.0 - memory[THETA]) * memory[EXPECTED]

    @staticmethod
    def rule(view: Any, levels: Any, memory: Any) -> int:  # type: ignore[override]
        """What is expected, and a part of the gap."""
        if view.day < levels.first_day:
            return levels.order_before
        gap = levels.desired_stock - (view.record - view.backorders) - memory[BETA] * view.on_order
        return max(0, math.floor(levels.days_expected * memory[EXPECTED] + memory[ALPHA] * gap + 0.5))
