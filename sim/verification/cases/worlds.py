"""Small worlds and estimates that the cases share.

Cases order before the day's demand with lead time L: restock's day with lead time L + 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from restock.sim.model.demand import Demand, History
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, scenario_of
from restock.sim.probability.laws import Constant, Law
from restock.sim.verification.judging import Check, Estimate, Facts, Number

DAYS, WARM_UP = 7 * 520, 7 * 20
PERIOD = 28  # days after which a world that repeats itself does so; it divides both


def one_store(
    law: Law, lead_time: int | Law, opening: int, backorder_share: float = 1.0, stores: int = 1, days: int = DAYS,
    warm_up: int = WARM_UP,
) -> Scenario:  # fmt: skip
    """One item at one store (or several alike, each with draws of its own), ten years after a warm-up."""
    lead = lead_time if isinstance(lead_time, Law) else Constant(lead_time)
    names = [f"store_{k}" for k in range(stores)]
    lanes = [Lane("supplier", name, lead) for name in names]
    demand = {("item", name): law for name in names}
    items = [Item("item", backorder_share=backorder_share)]
    stock = np.full((1, stores), opening)
    return scenario_of("case", items, [Site(name) for name in names], lanes, demand, days=days, warm_up=warm_up,
                       opening_stock=stock)  # fmt: skip


def in_series(law: Law, lead_times: Sequence[int], opening: Sequence[int], names: Sequence[str]) -> Scenario:
    """One item at sites in a row, the one that suppliers serve first and customers' last; unmet demand waits."""
    above = [None, *names[:-1]]
    sites = [
        Site(name, "dc" if name != names[-1] else "store", served_by=up) for name, up in zip(names, above, strict=True)
    ]
    lanes = [
        Lane(up or "supplier", name, Constant(days)) for name, up, days in zip(names, above, lead_times, strict=True)
    ]
    return scenario_of("series", [Item("item", backorder_share=1.0)], sites, lanes, {("item", names[-1]): law},
                       days=DAYS, warm_up=WARM_UP, opening_stock=np.array([opening]))  # fmt: skip


def replayed(
    demand: Sequence[Sequence[int]], sites: Sequence[Site], lanes: Sequence[Lane], row_of: Sequence[int],
    opening: Sequence[int], backorder_share: float,
) -> Scenario:  # fmt: skip
    """A scenario that plays given days of demand: one item, `row_of` says which row each site has (-1: none)."""
    days = len(demand[0])
    units = np.array([list(row) + [0] * (-days % 7) for row in demand])
    cells = np.array([row_of])
    replay = Demand(
        (Constant(1),), np.minimum(cells, 0), history=History(units, cells, Scenario.start), source="replay"
    )
    return Scenario("trace", (Item("item", backorder_share=backorder_share),), tuple(sites), tuple(lanes), replay,
                    days=days, opening_stock=np.array([opening]))  # fmt: skip


def per_day(weights: Mapping[str, float] | str) -> Estimate:
    """A weighted sum of facts, for each day: costs, or one mean."""
    parts = {weights: 1.0} if isinstance(weights, str) else dict(weights)

    def estimate(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
        return np.sum([weight * facts[name] for name, weight in parts.items()], axis=0), facts["days"]

    return estimate


def share(top: str, bottom: str = "days", less: bool = False) -> Estimate:
    """One fact for each of another; `less`: what is missing from 1."""

    def estimate(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
        return (facts[bottom] - facts[top] if less else facts[top]), facts[bottom]

    return estimate


def on_day(name: str, site: str, day: int) -> Estimate:
    """Mean of a site's figure on one day of a world that repeats itself."""
    return share(f"{name}@{site}:{day}", "periods")


def variance_by_day(squares: str, sums: str) -> Estimate:
    """Variance between days, the sample variance of each replication."""

    def estimate(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
        days = facts["days"]
        return facts[squares] - facts[sums] ** 2 / days, days - 1

    return estimate


def order_variance_ratio(facts: Facts) -> tuple[np.ndarray, np.ndarray]:
    """Variance of a day's orders over that of a day's demand, at one store."""
    orders, _ = variance_by_day("ordered_squared_daily", "ordered")(facts)
    demand, _ = variance_by_day("total_demand_squared", "demand")(facts)
    return orders, demand


FILL = share("filled", "demand")
ON_HAND, BACKORDERS = per_day("on_hand_days"), per_day("backorder_days")
NO_BACKLOG = share("clear_days")
GAMMA = share("backorder_days", "demand", less=True)


def unchecked(what: str, verdict: str) -> Check:
    """Numbers of a case that nothing here computes, in one line that says why ('needs ...', 'formula only: ...')."""
    return Check((Number(what, None, float("nan")),), verdict=verdict)
