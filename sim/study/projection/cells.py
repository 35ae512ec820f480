"""What a projection says of the cells of one item: stockouts before the next delivery, stock too many, orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from restock.sim.run.item_days import ItemDays

WEEK = 7
BAND = (0.1, 0.9)  # of orders: 80% of the futures


class Spread(NamedTuple):
    """A figure over futures, shape (sites, ...): its mean, the half-width of its 95% interval, and two quantiles."""

    mean: np.ndarray
    error: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class OfItem:
    """One item's cells over the futures; arrays begin with sites.

    `short_before` counts the futures in which demand was short before the next delivery (in any of the days projected,
    where none came), `short` those in which it was short at all; `lost_before` are the units not met at once until
    then.
    `until_delivery` are days until the next delivery, all days where none came, and `delivered` counts the futures in
    which one came. `demand` is that of all days; `left` what it leaves of today's stock, `left_in_all` of that and
    what is on order. `ordered` has tonight's orders, then those of each week.

    Over sites, (weeks, futures): `stock` is what is on hand at the end of each week; `asked` and `met` are what
    customers asked for and what was met at once, at sites that serve no others; `bought` is what suppliers are asked
    for, tonight's first.
    """

    item: int
    short_before: np.ndarray
    short: np.ndarray
    lost_before: Spread
    until_delivery: Spread
    delivered: np.ndarray
    demand: Spread
    left: Spread
    left_in_all: Spread
    ordered: Spread
    stock: np.ndarray
    asked: np.ndarray
    met: np.ndarray
    bought: np.ndarray


@dataclass(frozen=True)
class CellsOfItem:
    """Makes an `OfItem` of an item's days.

    `on_hand` and `on_order` are today's units, (items, sites); `lowest` says which sites serve no others, `buying`
    which are served by suppliers.
    """

    on_hand: np.ndarray
    on_order: np.ndarray
    lowest: np.ndarray
    buying: np.ndarray
    t: float  # half-width of an interval in standard errors

    def __call__(self, days: ItemDays) -> OfItem:
        missed, demand = days.demand - days.filled, days.demand.sum(axis=0)
        ends = len(missed)
        due = first_day(days.received > 0, ends)
        short = first_day(missed > 0, ends)
        before = np.arange(ends)[:, None, None] < due
        weeks = ends // WEEK
        by_week = (weeks, WEEK, *demand.shape)
        ordered = np.concatenate([days.ordered[:1], days.ordered[: weeks * WEEK].reshape(by_week).sum(axis=1)])
        now = self.on_hand[days.item]
        return OfItem(
            days.item,
            short_before=(short < due).sum(axis=0),
            short=(short < ends).sum(axis=0),
            lost_before=self.spread((missed * before).sum(axis=0)),
            until_delivery=self.spread(due),
            delivered=(due < ends).sum(axis=0),
            demand=self.spread(demand),
            left=self.spread(np.maximum(now - demand, 0)),
            left_in_all=self.spread(np.maximum(now + self.on_order[days.item] - demand, 0)),
            ordered=self.spread(ordered.transpose(1, 2, 0)),
            stock=days.on_hand[WEEK - 1 : weeks * WEEK : WEEK].sum(axis=2),
            asked=days.demand[: weeks * WEEK].reshape(by_week).sum(axis=1)[..., self.lowest].sum(axis=-1),
            met=days.filled[: weeks * WEEK].reshape(by_week).sum(axis=1)[..., self.lowest].sum(axis=-1),
            bought=ordered[..., self.buying].sum(axis=-1),
        )

    def spread(self, figure: np.ndarray) -> Spread:
        """Over futures, the first axis."""
        many = len(figure)
        error = figure.std(axis=0, ddof=1) * self.t / many**0.5 if many > 1 else np.full(figure.shape[1:], np.nan)
        low, high = np.quantile(figure, BAND, axis=0, method="inverted_cdf")
        return Spread(figure.mean(axis=0), error, low, high)


def first_day(happened: np.ndarray, otherwise: int) -> np.ndarray:
    """The first day on which something happened, and `otherwise` where it never did.

    >>> first_day(np.array([[False, False], [True, False], [True, False]]), 3).tolist()
    [1, 3]
    """
    return np.where(happened.any(axis=0), happened.argmax(axis=0), otherwise)
