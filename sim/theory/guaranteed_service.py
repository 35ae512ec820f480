"""Where safety stock should lie in a tree of sites that quote each other service times (guaranteed service)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from restock.sim.errors import InputError, require
from restock.sim.theory.inputs import levels

SAME = 1e-12  # costs that differ by less are taken as the same: the shorter service time then stands
MOST_DAYS = 10_000  # of all lead times of a path together


class Placement(NamedTuple):
    """Service times and what they leave to be covered, whole days, shape (items, sites); least cost, shape (items,)."""

    service_time: np.ndarray  # from an order to a site until it ships, at the latest
    net_replenishment_time: np.ndarray  # service time of the source + lead time - own service time; 0: no safety stock
    cost: np.ndarray


def guaranteed_service(
    parent: Sequence[int] | np.ndarray, lead_time: np.ndarray, weight: np.ndarray, longest: np.ndarray,
    inbound: Sequence[int] | np.ndarray | int = 0,
) -> Placement:  # fmt: skip
    """The service times of least cost of safety stock in a tree, exact, item by item.

    A site that its source serves within SI days, that takes T days itself and ships within S has to cover demand of
    SI + T - S days, not below 0. Demand is taken as bounded: what exceeds the bound is met by other means. Over t days
    the bound lies z standard deviations above the mean, so that safety stock costs weight * sqrt(t).

    Parameters
    ----------
    parent : whole numbers, one for each site
        The site that serves each; -1: an outside supplier.
    lead_time : ndarray of whole days (T), shape (items, sites)
        From an order that is shipped at once until its goods can be shipped on, time between reviews included.
    weight : ndarray, shape (items, sites)
        Money for safety stock that covers one day: holding cost * z * standard deviation of a day's demand there.
    longest : ndarray of whole days, broadcast to (items, sites)
        The longest service time that a site may quote: 0 where customers buy from the shelf; -1: any.
    inbound : whole days, broadcast to (sites,)
        Service time of the outside supplier of a site that has one.

    Of costs that are the same the shorter service time stands. A dynamic programme from the sites that serve no other
    up: f(SI) = min over S of weight sqrt(SI + T - S) + sum of f(S) over the sites below. Whole days are enough,
    since the best lies at a corner of what is allowed (the costs are concave).

    Source: Simpson (1958), Operations Research 6(6), 863-873 (in series); Inderfurth (1991), International Journal of
    Production Economics 24(1-2), 103-113; Graves & Willems (2000), Manufacturing & Service Operations Management 2(1),
    68-83 (trees); Snyder & Shen (2019), section 6.3, examples 6.3 and 6.5.

    >>> root2 = 2**0.5  # example 6.5: site 1 serves 3, which serves 2 and 4
    >>> found = guaranteed_service([-1, 2, 0, 2], [[2, 1, 1, 1]], [[root2, 3, 2 * root2, 3]], [-1, 0, -1, 1], 1)
    >>> found.service_time.tolist(), found.net_replenishment_time.tolist(), round(float(found.cost[0]), 4)
    ([[0, 0, 0, 1]], [[3, 1, 1, 0]], 8.2779)
    """
    above = np.atleast_1d(levels(whole_only=True, parent=parent))  # type: ignore[arg-type]
    days, cost = np.atleast_2d(levels(whole_only=True, lead_time=lead_time)), np.atleast_2d(levels(weight=weight))
    require(days.shape == cost.shape == (len(days), len(above)),
            f"lead_time and weight must have the shape (items, {len(above)} sites), got {days.shape} and "
            f"{cost.shape}")  # fmt: skip
    most = _spread(days.shape, longest=longest)
    begins = _spread(above.shape, inbound=inbound)
    _check(above, days, cost, most, begins)
    top_down = _top_down(above)
    reach = np.zeros(len(above), np.int64)  # the longest that a site may wait for its source, over all items
    for n in top_down:
        reach[n] = begins[n] if above[n] < 0 else reach[above[n]] + days[:, above[n]].max(initial=0)
    least: dict[int, np.ndarray] = {}  # of a site and all below it, by SI: (items, SI)
    chosen: dict[int, np.ndarray] = {}
    for n in reversed(top_down):
        below = np.zeros((len(days), reach[n] + int(days[:, n].max(initial=0)) + 1))
        for child in np.flatnonzero(above == n):
            below += least.pop(int(child))
        least[n], chosen[n] = _best(below, days[:, n], cost[:, n], most[:, n], int(reach[n]))
    waits, quoted = np.zeros_like(days), np.zeros_like(days)
    items = np.arange(len(days))
    for n in top_down:
        waits[:, n] = begins[n] if above[n] < 0 else quoted[:, above[n]]
        quoted[:, n] = chosen[n][items, waits[:, n]]
    net = waits + days - quoted
    return Placement(quoted, net, (cost * np.sqrt(net)).sum(axis=1))


def _best(
    below: np.ndarray, days: np.ndarray, cost: np.ndarray, most: np.ndarray, reach: int
) -> tuple[np.ndarray, np.ndarray]:
    """Least cost of a site and all below it, and the service time that it takes, for each SI: (items, SI)."""
    quote = np.arange(below.shape[1])[None]
    least, chosen = np.empty((len(days), reach + 1)), np.empty((len(days), reach + 1), np.int64)
    for waits in range(reach + 1):
        net = (waits + days)[:, None] - quote
        allowed = (net >= 0) & ((quote <= most[:, None]) | (most[:, None] < 0))
        total = np.where(allowed, cost[:, None] * np.sqrt(np.maximum(net, 0)) + below, np.inf)
        lowest = total.min(axis=1)
        chosen[:, waits] = (total <= (lowest * (1 + SAME) + SAME)[:, None]).argmax(axis=1)
        least[:, waits] = lowest
    return least, chosen


def _top_down(above: np.ndarray) -> list[int]:
    """Sites in an order in which each comes after the one that serves it."""
    order = np.flatnonzero(above < 0).tolist()
    for n in order:
        order += np.flatnonzero(above == n).tolist()  # the list grows as it is walked
    require(len(order) == len(above), "parent must lead every site to an outside supplier (-1)")
    return order


def _spread(shape: tuple[int, ...], **given: Any) -> np.ndarray:
    """Whole days for every site, of one number or one for each."""
    ((name, _),) = given.items()
    days = levels(whole_only=True, **given)
    try:
        return np.broadcast_to(days, shape)
    except ValueError:
        raise InputError(f"{name} must be one number or have the shape {shape}, got {days.shape}") from None


def _check(above: np.ndarray, days: np.ndarray, cost: np.ndarray, most: np.ndarray, begins: np.ndarray) -> None:
    good = bool(((above >= -1) & (above < len(above))).all())
    require(good, f"parent must be the numbers of sites, or -1, got {above.tolist()}")
    for name, given, lowest in (
        ("lead_time", days, 0), ("weight", cost, 0), ("longest", most, -1), ("inbound", begins, 0)
    ):  # fmt: skip
        require(bool((given >= lowest).all()), f"{name} must not be below {lowest}, got {given.min(initial=0):g}")
    total = int(days.max(axis=0, initial=0).sum() + begins.max(initial=0))
    require(total <= MOST_DAYS, f"lead times must add up to {MOST_DAYS:,} days at most, got {total:,}")
