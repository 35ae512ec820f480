"""Guaranteed service: base stock, with safety stock placed where in the chain it costs least."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from restock.policies.base_stock import BaseStock
from restock.policies.protection import check_share, most_that_keeps, safety_factor_for_cycle_service
from restock.sim.errors import require, unknown
from restock.sim.planning.knowledge import Knowledge
from restock.sim.planning.policy import Plan, Policy
from restock.sim.theory.guaranteed_service import guaranteed_service

ANY = -1  # a service time of any length
DCS_HOLD = ("best", "always", "never")
DEAR = 1e6  # times the dearest: what safety stock costs where it must not be


@dataclass(frozen=True)
class GuaranteedService(Policy):
    """Base-stock levels from the service times of least cost of safety stock, item by item over the whole chain.

    Parameters
    ----------
    target : float
        Share of cycles without a stockout that the bound on demand is taken for, between 0 and 1. It moves how much
        safety stock there is, and not where it lies.
    lead_time_share : float
        Lead times are taken as the days within which so large a share of them lies; 1: the longest.
    dcs_hold : str
        Whether sites that serve others hold safety stock: where that costs least ('best'), 'always' (they quote 0
        days), or 'never' (they quote all that they wait). Where customers ask, they do.
    review_period : int
        Days between reviews.

    A site quotes those below it a service time, from their order until it ships at the latest. It then has to cover
    demand of its net replenishment time: what its own source quotes, its lead time and the days between reviews, less
    what it quotes. Its base-stock level is the most that demand of that time comes to, mean and z standard deviations;
    0 where nothing is left to cover. Sites at which customers ask quote 0 days. Carrying a unit for a year costs the
    same share of its cost at all sites, so that stock lies with a DC for what it pools, not as it is cheaper there.

    Service times set levels only: a DC ships as soon as it can. Beyond the bound, and where lead times are longer,
    the promise is not kept, and customers see it.

    Source: Simpson (1958), Operations Research 6(6); Graves & Willems (2000), Manufacturing & Service Operations
    Management 2(1).
    """

    target: float = 0.95
    lead_time_share: float = 0.95
    dcs_hold: str = "best"

    def __post_init__(self) -> None:
        check_share("target", self.target)
        good = 0 < self.lead_time_share <= 1
        require(good, f"lead_time_share must lie above 0 and not above 1, got {self.lead_time_share}")
        if self.dcs_hold not in DCS_HOLD:
            raise unknown("dcs_hold", self.dcs_hold, DCS_HOLD, "of policy 'guaranteed_service'")

    def placed(self, known: Knowledge) -> dict[str, np.ndarray]:
        """Where safety stock is placed: days to be covered, and units, each of shape (items, sites)."""
        stocked = known.stocked
        own = np.where(stocked, known.longest_review(self.review_period) - 1, 0)
        own = own + known.lead_time_within(self.lead_time_share)
        deviation = np.where(stocked, np.sqrt(np.maximum(known.demand_variance, 0)), 0.0)
        free = (known.tier > 0) & ~known.asked
        longest = np.where(free & (self.dcs_hold != "always"), ANY, 0)
        weight = deviation
        if self.dcs_hold == "never":
            weight = np.where(free, DEAR * max(1.0, float(deviation.max(initial=0))), deviation)
        found = guaranteed_service(known.scenario.parent, own, weight, longest)
        net = found.net_replenishment_time
        safety = safety_factor_for_cycle_service(self.target) * deviation * np.sqrt(net)
        level = np.maximum(0, np.ceil(known.demand_mean * net + safety - 1e-9))
        return {
            "service_time": found.service_time,
            "net_replenishment_time": net,
            "safety_stock": safety,
            "base_stock_level": np.minimum(np.where(stocked, level, 0), most_that_keeps(known)),
        }

    def levels(self, known: Knowledge) -> Mapping[str, Any]:
        return {"base_stock_level": self.placed(known)["base_stock_level"]}

    rule = staticmethod(BaseStock.rule)

    def plan(self, known: Knowledge) -> Plan:
        found = self.placed(known)
        return replace(super().plan(known), placement=found, notes=tuple(_notes(found, known)))


def _notes(found: Mapping[str, np.ndarray], known: Knowledge) -> list[str]:
    """Where safety stock lies, in a line for each tier of sites that serve others."""
    notes = []
    for tier in range(int(known.tier.max(initial=0)), 0, -1):
        here = known.stocked & (known.tier == tier)
        held = here & (found["net_replenishment_time"] > 0)
        names = [known.scenario.sites[n].name for n in np.flatnonzero(known.tier == tier)]
        site = f"'{names[0]}' holds" if len(names) == 1 else f"{len(names)} sites of tier {tier} hold"
        cells = "items" if len(names) == 1 else "items there"
        without = here & ~held
        notes.append(
            f"{site} safety stock of {int(held.sum()):,} of {int(here.sum()):,} {cells}"
            + _quoted(", and quotes ", found["service_time"][held])
            + _quoted("; of the others the sites below hold it, after a wait of ", found["service_time"][without])
        )
    return notes


def _quoted(words: str, days: np.ndarray) -> str:
    if not days.size:
        return ""
    low, high = int(days.min()), int(days.max())
    return f"{words}{low if low == high else f'{low} to {high}'} day{'s' * (high != 1)}"
