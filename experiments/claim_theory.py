"""What a formula says of an arm's world, to be set against what was simulated there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from restock.sim.errors import InputError, require
from restock.sim.planning.knowledge import Knowledge
from restock.sim.theory.loss import normal_loss


def safety_stock(known: Knowledge, service: str, target: float) -> dict[str, float]:
    """Average stock at the end of a day that leaves no more than a share of days short, by the textbook's z sigma.

    With daily review and an order every evening the net stock at the end of a day is the level less the demand of a
    lead time. It falls short with the target's probability where safety stock is z sigma of that demand, and averages
    z sigma, and a little more for the days on which it cannot fall below 0: sigma (z + G(z)), summed over the cells.

    Source: Silver, Pyke & Thomas (2017), section 6.7 (service measure P1).
    """
    require(service == "stockout_rate", f"the formula of safety stock is about stockout_rate, not {service}")
    if not 0 < target < 1:
        raise InputError(f"equal_at.stockout_rate must lie between 0 and 1, got {target}")
    days = known.protection_interval(1)
    variance = known.demand_variance * days + known.demand_mean**2 * known.lead_time_variance
    deviation = np.sqrt(np.where(known.stocked & (known.tier == 0), variance, 0.0))
    z = float(special.ndtri(1 - target))
    return {"average_on_hand": float((deviation * (z + normal_loss(z, 0.0, 1.0))).sum())}


THEORY: dict[str, Callable[[Knowledge, str, float], dict[str, float]]] = {"safety_stock": safety_stock}
