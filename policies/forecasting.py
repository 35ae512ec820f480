"""Policies that forecast: settings, what they remember at the start, and factors of demand known ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from restock.policies import forecasts as slot
from restock.policies.forecasts import METHODS
from restock.policies.protection import check_share, safety_factor_for_cycle_service
from restock.sim.errors import require, unknown
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import ByDay, Policy

THOUSAND = 1000


@dataclass(frozen=True)
class Forecasting(Policy):
    """Base of policies whose levels follow a forecast that they make during the run.

    Parameters
    ----------
    forecast : str
        The method: moving_average, exponential, trend, weekday, croston, sba, tsb, or oracle, which knows the true
        mean of every day (see `restock.policies.forecasts`).
    alpha, beta : float
        Smoothing constants: of the level (and of sizes and intervals); of trend, weekdays or chance of demand.
    window : int
        Days in a moving average.
    correct_stockouts : bool
        Whether a day that ends with nothing on record counts as the forecast, if less was recorded.
    target : float
        Share of cycles (or of days) without a stockout to plan for, between 0 and 1.
    order_days : float
        Days of demand that an order brings; 0: up to the reorder point, every evening.
    """

    forecast: str = "exponential"
    alpha: float = 0.1
    beta: float = 0.1
    window: int = 28
    correct_stockouts: bool = False
    target: float = 0.95
    order_days: float = 7.0
    forecast_slot: ClassVar[int | None] = slot.FORECAST
    error_share: ClassVar[float] = 0.05  # smoothing constant of the squared error

    def __post_init__(self) -> None:
        of = f"of policy '{self.name}'"
        if self.forecast not in METHODS:
            raise unknown("forecast", self.forecast, METHODS, of)
        for name in ("alpha", "beta"):
            value = getattr(self, name)
            require(0 < value <= 1, f"{name} {of} must be above 0 and at most 1, got {value}")
        good = isinstance(self.window, int) and 1 <= self.window <= 400
        require(good, f"window {of} must be a whole number of days from 1 to 400, got {self.window}")
        good = isinstance(self.correct_stockouts, bool)
        require(good, f"correct_stockouts {of} must be true or false, got {self.correct_stockouts}")
        check_share("target", self.target)
        require(self.order_days >= 0, f"order_days {of} must not be below 0, got {self.order_days}")

    def memory(self, known: Knowledge) -> np.ndarray:
        """What a planner knows at the start: mean and variance of a day, and lead times."""
        mean, method = known.demand_mean, METHODS.index(self.forecast)
        of_method = self._of_method(mean)
        start = np.zeros((*mean.shape, slot.OF_METHOD + len(of_method)))
        cover = known.protection_interval(self.review_period)
        safety = float(safety_factor_for_cycle_service(self.target))
        for where, value in (
            (slot.FORECAST, mean), (slot.LEVEL, mean), (slot.SQUARED_ERROR, known.demand_variance),
            (slot.METHOD, method), (slot.ALPHA, self.alpha), (slot.BETA, self.beta),
            (slot.ERROR_SHARE, self.error_share), (slot.CORRECTED, self.correct_stockouts & _loses(known)),
            (slot.LAG, known.scenario.feature("records").lag), (slot.COVER_DAYS, np.maximum(cover, 1)),
            (slot.LEAD_VARIANCE, known.lead_time_variance), (slot.ORDER_DAYS, self.order_days),
            (slot.SAFETY_FACTOR, safety),
        ):  # fmt: skip
            start[..., where] = value
        for k, value in enumerate(of_method):
            start[..., slot.OF_METHOD + k] = value
        return start

    def _of_method(self, mean: np.ndarray) -> list[np.ndarray | float]:
        """The start values of the method's own slots: as if demand had always been as it is known to be on average."""
        size, chance = np.where(mean > 0, np.maximum(mean, 1), 0), np.where(mean > 0, np.minimum(mean, 1), 1)
        own: dict[str, list[np.ndarray | float]] = {
            "moving_average": [0.0, *[mean] * self.window],
            "weekday": [1.0] * 7,
            "croston": [size, 1 / chance, 1.0],
            "sba": [size, 1 / chance, 1.0],
            "tsb": [size, chance],
        }
        return own.get(self.forecast, [])


def _loses(known: Knowledge) -> np.ndarray:
    """Cells whose recorded demand leaves something out: customers that do not wait, or orders that are cancelled."""
    scenario = known.scenario
    waits = np.array([item.backorder_share for item in scenario.items])[:, None] >= 1
    cancels = np.array([site.unshipped == "cancelled" for site in scenario.sites])
    return (known.asked & ~waits) | (cancels & (known.tier > 0))


def factor_levels(known: Knowledge, review_period: int, everything: bool) -> dict[str, ByDay | np.ndarray]:
    """Factors of mean demand that are known: of the days posted, of tomorrow, of the protection interval; thousandths.

    They are those of promotions, or of `everything` that moves the mean of a day (seasons, drift). The first sums, over
    all days posted by then, what their factors exceed 1 by; the last is a mean over whole days.
    """
    factors, profile_of = known.factor_by_day if everything else known.promotion_by_day, known.profile_of
    horizon, lag = known.world.horizon, known.scenario.feature("records").lag
    cover = np.ceil(np.maximum(known.protection_interval(review_period), 1) - 1e-9).astype(int)
    longest = int(cover.max())
    padded = np.concatenate([factors, np.repeat(factors[:, -1:], longest, axis=1)], axis=1)
    extra = np.cumsum(factors - 1, axis=1)
    posted = np.concatenate([np.zeros((len(factors), lag)), extra], axis=1)[:, :horizon]
    sums = np.concatenate([np.zeros((len(factors), 1)), np.cumsum(padded, axis=1)], axis=1)
    pairs, place = np.unique(np.stack([profile_of.ravel(), cover.ravel()]), axis=1, return_inverse=True)
    days = np.arange(horizon)
    ahead = np.stack([(sums[p, days + c + 1] - sums[p, days + 1]) / c for p, c in pairs.T])
    return {
        "posted_extra_thousandths": _level(posted, profile_of),
        "tomorrow_thousandths": _level(padded[:, 1 : horizon + 1], profile_of),
        "ahead_thousandths": _level(ahead, place.reshape(cover.shape)),
    }


def _level(values: np.ndarray, row_of: np.ndarray) -> ByDay | np.ndarray:
    """Thousandths, by day only if they change."""
    rounded = np.floor(THOUSAND * values + 0.5)
    return ByDay(rounded, row_of) if np.ptp(rounded, axis=1).any() else rounded[:, 0][row_of]
