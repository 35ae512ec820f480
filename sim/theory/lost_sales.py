"""Lost sales under periodic review: exact by the Markov chain of stock on hand and orders on their way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from restock.sim.errors import require
from restock.sim.theory.inputs import not_below_zero, whole
from restock.sim.theory.interval_demand import Demand, mean_of, probabilities
from restock.sim.theory.loss import complementary_loss, loss

LARGEST_CHAIN = 2_000_000  # states that are walked before the calculation is refused
TOO_LARGE = "the chain of this policy is too large; take a shorter lead time"


class LostSales(NamedTuple):
    """Units at the end of a day, share of demand sold, and units lost and ordered a day."""

    mean_on_hand: float
    fill_rate: float
    lost: float
    ordered: float

    def cost(self, holding_cost: float, lost_sale_cost: float) -> float:
        """Money a day: each unit on hand at the end of the day, and each unit lost."""
        not_below_zero(holding_cost=holding_cost, lost_sale_cost=lost_sale_cost)
        return holding_cost * self.mean_on_hand + lost_sale_cost * self.lost


def lost_sales_service(
    demand: Demand, base_stock_level: int, lead_time: int, largest_order: int | None = None
) -> LostSales:
    """Base stock, or capped base stock, reviewed every evening, unmet demand lost: exact.

    Parameters
    ----------
    demand : law of one day's demand
    base_stock_level : units (S)
    lead_time : days, at least 1 (restock's: a textbook's L + 1); the chain grows fast with it, 6 is about the limit
    largest_order : cap on each order, units; None for plain base stock

    Source: Zipkin (2008), Operations Research 56(5), 1256-1263; capped orders: Xin (2021), Operations Research 69(1),
    61-70.

    >>> from restock.sim.probability.laws import Poisson
    >>> found = lost_sales_service(Poisson(5.0), 12, lead_time=2)
    >>> round(found.cost(1, 4), 4), round(found.fill_rate, 4)
    (4.1628, 0.9279)
    """
    whole(0, base_stock_level=base_stock_level)
    whole(1, lead_time=lead_time)
    cap = base_stock_level if largest_order is None else largest_order
    whole(0, largest_order=cap)
    possible = math.comb(base_stock_level + lead_time, lead_time)
    possible = min(possible, (base_stock_level + 1) * (min(cap, len(probabilities(demand))) + 1) ** (lead_time - 1))
    require(possible <= 20 * LARGEST_CHAIN, TOO_LARGE)  # most are never reached
    start = np.zeros((1, lead_time), np.int64)
    start[0, 0] = base_stock_level

    def order(position: np.ndarray) -> np.ndarray:
        return np.minimum(cap, np.maximum(0, base_stock_level - position))

    return _long_run(probabilities(demand), start, order, base_stock_level)


def _long_run(p: np.ndarray, start: np.ndarray, order: Callable[[np.ndarray], np.ndarray], largest: int) -> LostSales:
    """Long-run averages; a state is (on hand this morning, orders on their way, the oldest first)."""
    states, source, target, chance = _chain(p, start, order, largest)
    share = np.full(len(states), 1 / len(states))
    for _ in range(100_000):
        after = np.bincount(target, weights=share[source] * chance, minlength=len(states))
        moved, share = float(np.abs(after - share).sum()), after / after.sum()
        if moved < 1e-12:
            break
    on_hand = states[:, 0]
    lost = float(share @ loss(p, on_hand))
    mean = mean_of(p)
    return LostSales(float(share @ complementary_loss(p, on_hand)), 1 - lost / mean, lost, mean - lost)


def _chain(
    p: np.ndarray, start: np.ndarray, order: Callable[[np.ndarray], np.ndarray], largest: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """All states that can be reached, and their transitions (from, to, probability)."""
    base = np.int64(largest + 1) ** np.arange(start.shape[1])
    at_least = np.append(np.cumsum(p[::-1])[::-1], 0.0)
    known, frontier = start @ base, start
    sources, targets, chances = [], [], []
    while len(frontier):
        require(len(known) <= LARGEST_CHAIN, TOO_LARGE)
        on_hand = frontier[:, 0]
        row = np.repeat(np.arange(len(frontier)), on_hand + 1)
        sold = np.arange(len(row)) - np.repeat(np.cumsum(on_hand + 1) - on_hand - 1, on_hand + 1)
        sold_out = sold == on_hand[row]
        chance = np.where(sold_out, at_least[np.minimum(sold, len(p))], np.append(p, 0.0)[np.minimum(sold, len(p))])
        keep = chance > 1e-14
        row, sold, chance = row[keep], sold[keep], chance[keep]
        now = frontier[row]
        now[:, 0] -= sold
        ordered = order(now.sum(axis=1))
        later = np.column_stack([now, ordered])
        later[:, 1] += later[:, 0]  # the oldest order comes in next morning
        later = later[:, 1:]
        codes = later @ base
        sources.append((frontier @ base)[row])
        targets.append(codes)
        chances.append(chance)
        fresh, first = np.unique(codes, return_index=True)
        unseen = ~np.isin(fresh, known)
        known = np.concatenate([known, fresh[unseen]])
        frontier = later[first[unseen]]
    known = np.sort(known)
    states = known[:, None] // base % (largest + 1)
    place = [np.searchsorted(known, np.concatenate(codes)) for codes in (sources, targets)]
    return states, place[0], place[1], np.concatenate(chances)


def constant_order_service(demand: Demand, order_quantity: int) -> LostSales:
    """The same order every day whatever the stock, unmet demand lost: exact, for any lead time.

    Stock follows x' = (x + q - D)+, a queue with a load below one when q is below mean demand; sales equal supply.
    Source: Reiman (2004), "A new and simple policy for the continuous review lost sales inventory model"; Zipkin
    (2008), table 3, last row.

    >>> from restock.sim.probability.laws import Poisson
    >>> [round(x, 6) for x in constant_order_service(Poisson(5.0), 4)]
    [1.274794, 0.8, 1.0, 4.0]
    """
    whole(0, order_quantity=order_quantity)
    p, mean = probabilities(demand), mean_of(probabilities(demand))
    require(order_quantity < mean, f"order_quantity must be below mean demand ({mean:g}), got {order_quantity}")
    size = 64
    while True:
        step = _waiting_matrix(p, order_quantity, size)
        system = np.vstack([(step.T - np.eye(size))[:-1], np.ones(size)])
        share = np.linalg.solve(system, np.append(np.zeros(size - 1), 1.0))
        if share[-order_quantity - 1 :].sum() < 1e-10:
            break
        size *= 2
    on_hand = float(share @ np.arange(size))
    return LostSales(on_hand, order_quantity / mean, mean - order_quantity, float(order_quantity))


def _waiting_matrix(p: np.ndarray, order_quantity: int, size: int) -> np.ndarray:
    """Transition probabilities of stock at the end of a day; what lies beyond the matrix stays at its end."""
    step = np.zeros((size, size))
    for x in range(size):
        left = np.clip(x + order_quantity - np.arange(len(p)), 0, size - 1)
        np.add.at(step[x], left, p)
    return step
