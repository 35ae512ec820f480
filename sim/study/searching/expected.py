"""What a plan is expected to do, by formulas: a guess for every measure, some thousand times quicker than a simulation.

Cell by cell, demand until the next delivery is taken as gamma with the mean and variance that a planner knows (Burgin,
1975, Operational Research Quarterly 26(3)). From the levels follow, for each replenishment cycle, the units short
(Hadley & Whitin, 1963, chapter 4), the stock left when the delivery comes, the order's size, and of goods that do not
keep the units of the order that outlive their time (Chiu, 1995, European Journal of Operational Research 87(1)). Where
a site that serves others is short, deliveries to those below take longer by the mean wait of a unit (Sherbrooke, 1968,
Operations Research 16(1), by Little's law).

These are guesses: sites that share out, shrinkage, books that lag and stock counted wrongly are left out. A search uses
them to say where to look, and corrects them by what it simulated (`guided`); no figure of a report rests on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from restock.sim.measures.facts import FACT, FACTS, IN_CHAIN, WEIGHTS, chain_cells, item_weights, lane_weights
from restock.sim.measures.measures import MEASURES
from restock.sim.model.abc_classes import usage_classes
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Plan

COLUMNS = ("demand", "filled", "lost", "ordered", "received", "orders", "on_hand_days", "expired", "sold", "net_sold",
           "paid", "days")  # fmt: skip
"""Columns of a ledger that are guessed; facts of the others are taken as 0, and measures that are nothing else as not
known (`can_guess`)."""
QUADRATURE = 4  # places between the reorder point and the order-up-to level at which backorders are averaged
SMALLEST = 1e-9
ROUNDS = 6  # of halving what is wrong with the share that outlives its time


def can_guess(measures: Iterable[str]) -> bool:
    """Whether formulas have something to say of all these measures.

    >>> can_guess(["total_cost", "fill_rate"]), can_guess(["bullwhip_ratio"])
    (True, False)
    """
    return all(_main(name) for name in measures)


def _main(measure: str) -> bool:
    """Numerator and denominator rest on guessed columns: their first facts, at least."""
    of = MEASURES[measure]
    return all(FACTS[names[0]].column in COLUMNS for names in (of.numerator, of.denominator) if names)


@dataclass(frozen=True)
class Moments:
    """Mean and variance of a quantity of every cell."""

    mean: np.ndarray
    variance: np.ndarray

    def excess(self, level: np.ndarray) -> np.ndarray:
        """E[(X - level)+] of a gamma variable.

        >>> Moments(np.array([5.0]), np.array([25.0])).excess(np.array([0.0, 5.0])).round(4).tolist()  # exponential
        [5.0, 1.8394]
        """
        mean, variance = np.maximum(self.mean, SMALLEST), np.maximum(self.variance, SMALLEST)
        scale, shape = variance / mean, mean**2 / variance
        at = np.maximum(level, 0.0) / scale
        above = mean * special.gammaincc(shape + 1, at) - np.maximum(level, 0.0) * special.gammaincc(shape, at)
        return np.maximum(above, 0.0) + np.maximum(-level, 0.0)

    def plus(self, days: np.ndarray, of_a_day: Moments) -> Moments:
        return Moments(self.mean + days * of_a_day.mean, self.variance + days * of_a_day.variance)


class Formulas:
    """What is expected of plans for one chain; built once.

    Parameters
    ----------
    known : Knowledge
    class_of : sequence of str, one for each item, or None
        ABC class of each item; None: by usage value.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> shop = one_shop()
    >>> facts = Formulas(shop.known).facts(shop.plan(BaseStock(base_stock_level=14)), ["fill_rate"])
    >>> round(float(facts[0, FACT["filled"]] / facts[0, FACT["demand"]]), 3)
    0.971
    """

    def __init__(self, known: Knowledge, class_of: Sequence[str] | np.ndarray | None = None) -> None:
        scenario, world = known.scenario, known.world
        self.known, self.days = known, scenario.days
        self.at = item, site = np.nonzero(known.stocked)  # cells that exist, one after the other
        self.day = Moments(known.demand_mean[self.at], known.demand_variance[self.at])
        self.asked = np.where(scenario.demand.asked, world.daily_rate, 0.0)[self.at]
        lag = scenario.feature("records").lag  # what sold is seen so many days later, and ordered then
        self.lead = Moments(np.maximum(known.lead_time_mean[self.at], 1.0) + lag, known.lead_time_variance[self.at])
        self.life = np.where(known.tier == 0, known.shelf_life, 0)[self.at].astype(float)
        self.leaves = 1.0 - np.array([item.backorder_share for item in scenario.items])[item]
        self.least, self.pack = world.minimum_order[self.at], np.maximum(world.pack[self.at], 1)
        place = {cell: k for k, cell in enumerate(zip(item.tolist(), site.tolist(), strict=True))}
        self.served_by = np.array([place.get((i, int(scenario.parent[n])), -1) for i, n in place])
        self.tier = np.asarray(known.tier)[site]
        of_lane = lane_weights(scenario)[:, scenario.lane_of[self.at]]
        self.weights = dict(zip(WEIGHTS, [*item_weights(scenario)[:, item], *of_lane], strict=True))
        self.cells = {name: cells[self.at] for name, cells in zip(IN_CHAIN, chain_cells(scenario), strict=True)}
        self.class_of = np.asarray(usage_classes(scenario, world.daily_rate) if class_of is None else class_of)[item]
        self.reviews: dict[bytes, np.ndarray] = {}

    def facts(self, plan: Plan, measures: Iterable[str], classes: Sequence[str] = ("A",)) -> np.ndarray | None:
        """Facts that these measures rest on, over the days measured, of each class: float64 (classes, FACTS).

        None: not a plan of fixed levels.
        """
        columns = self.columns(plan)
        if columns is None:
            return None
        out = np.zeros((len(classes), len(FACTS)))
        of_class = np.array([self.class_of == name for name in classes], float)
        for name in {fact for m in measures for fact in (*MEASURES[m].numerator, *MEASURES[m].denominator)}:
            fact = FACTS[name]
            if fact.column in columns:
                worth = self.weights[fact.weight] * columns[fact.column] * self.cells[fact.in_chain]
                out[:, FACT[name]] = self.days * (of_class @ worth)
        return out

    def columns(self, plan: Plan) -> dict[str, np.ndarray] | None:
        """Expected columns of the ledger a day, by name, of each cell that exists; None: not a plan of fixed levels."""
        levels = _levels(plan)
        if levels is None:
            return None
        low, high = (level[self.at] for level in levels)
        day, review = self.day, self._reviews(plan.review_period)
        least = np.maximum(np.maximum(high - low, 1.0), self.least)
        lead = self._waited(low, least, review)
        between = Moments(day.mean * review, day.variance * review)  # asked for from one review to the next
        mean = np.maximum(between.mean, SMALLEST)
        at_random = np.maximum((mean**2 + between.variance) / (2 * mean) - 0.5, 0.0)
        every_time = np.minimum(mean / least, 1.0)  # 1: every review orders
        below = Moments(
            np.maximum(at_random, mean - least),
            every_time * between.variance + (1 - every_time) * (mean**2 / 12 + between.variance / 3),
        )  # how far the position has fallen below the reorder point when it is seen
        order = least + below.mean + (self.pack - 1) / 2
        ahead = below.plus(lead.mean - 1, day)
        ahead = Moments(ahead.mean, ahead.variance + day.mean**2 * lead.variance)
        short = ahead.excess(low)
        unserved = short / (order + short)
        gone = unserved * self.leaves
        position = every_time * high + (1 - every_time) * (low + (least + 1) / 2)  # after a review, on average
        on_hand = np.maximum(position - day.mean * (lead.mean + (review - 1) / 2) + short, 0.0)
        expired = self._expired(high, order, lead, day.mean * (1 - gone), on_hand)
        ordered, sold = day.mean * (1 - gone) + expired, self.asked * (1 - gone)
        return {
            "demand": self.asked, "filled": self.asked * (1 - unserved), "lost": self.asked * gone,
            "ordered": ordered, "received": ordered, "orders": ordered / np.maximum(order, 1.0),
            "on_hand_days": on_hand, "expired": expired, "sold": sold, "net_sold": sold, "paid": sold,
            "days": np.ones(len(low)),
        }  # fmt: skip

    def _reviews(self, period: np.ndarray) -> np.ndarray:
        """Longest time between reviews of each cell, in days."""
        key = period.tobytes()
        if key not in self.reviews:
            self.reviews[key] = np.maximum(self.known.longest_review(period)[self.at], 1).astype(float)
        return self.reviews[key]

    def _waited(self, low: np.ndarray, size: np.ndarray, review: np.ndarray) -> Moments:
        """Lead times, longer by the mean wait of a unit where the serving site is short of it."""
        lead, places = self.lead.mean.copy(), (np.arange(QUADRATURE) + 0.5) / QUADRATURE
        for tier in range(int(self.tier.max()), 0, -1):  # from the top down
            above = np.flatnonzero(self.tier == tier)
            mean, days = self.day.mean[above], lead[above] + review[above] - 1
            spread = self.day.variance[above] * days + mean**2 * self.lead.variance[above]
            asked = Moments(mean * days, spread)
            owed = np.mean([asked.excess(low[above] + size[above] * place) for place in places], axis=0)
            wait = np.zeros(len(lead))
            wait[above] = np.minimum(owed / np.maximum(mean, SMALLEST), days)
            below = np.isin(self.served_by, above)
            lead[below] += wait[self.served_by[below]]
        return Moments(lead, self.lead.variance)

    def _expired(
        self, high: np.ndarray, order: np.ndarray, lead: Moments, sold: np.ndarray, on_hand: np.ndarray
    ) -> np.ndarray:
        """Units a day that outlive their time.

        Of each order E[(S - X)+] - E[(S - Q - X)+], X asked for until its time is over; never more than the stock over
        the shelf life, what leaves when nothing is sold in time (Little's law).
        """
        out, at = np.zeros(len(high)), np.flatnonzero(self.life > 0)
        if len(at):
            life, size, share = self.life[at], order[at], np.zeros(len(at))
            days = lead.mean[at] - 1 + life
            asked = Moments(self.day.mean[at] * days, self.day.variance[at] * days)
            for _ in range(ROUNDS):  # units ahead of an order outlive their time in the same share, and make way
                old = np.maximum(high[at] - size, 0.0) * (1 - share)
                over = asked.excess(old + size) - asked.excess(old) + size
                share = (share + np.clip(over / size, 0.0, 1.0)) / 2
            a_day = sold[at] * share / np.maximum(1 - share, SMALLEST)
            out[at] = np.minimum(a_day, on_hand[at] / life)
        return out


def _levels(plan: Plan) -> tuple[np.ndarray, np.ndarray] | None:
    """Reorder point and order-up-to level of every cell; None where a rule has other levels, or remembers."""
    low, high = np.zeros((2, *plan.rule_of.shape))
    for number, levels in enumerate(plan.levels):
        of = {name: level for name, level in levels.items() if isinstance(level, np.ndarray)}
        if plan.memory_of(number) is not None or len(of) < len(levels):
            return None
        if set(of) == {"base_stock_level"}:
            pair = of["base_stock_level"] - 1, of["base_stock_level"]
        elif set(of) == {"reorder_point", "order_up_to_level"}:
            pair = of["reorder_point"], of["order_up_to_level"]
        elif set(of) == {"reorder_point", "order_quantity"}:
            pair = of["reorder_point"], of["reorder_point"] + of["order_quantity"]
        else:
            return None
        mine = plan.rule_of == number
        low[mine], high[mine] = (np.broadcast_to(level, mine.shape)[mine] for level in pair)
    return low, high
