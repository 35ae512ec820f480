"""What the same flow of goods costs at other rates: it takes no run, since costs are rates times sums that are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.errors import InputError, unknown
from restock.sim.measures.facts import DAYS_OF_YEAR, FACT
from restock.sim.model.network import Costs
from restock.sim.planning.prepared import Prepared
from restock.sim.results.reduction import SUMMED
from restock.sim.results.rollup import Rollup

if TYPE_CHECKING:
    from restock.sim.results.outcome import Outcome

RATES = ("carrying_rate", "goodwill_share", "backorder_cost_per_day", "count_cost")


def with_costs(outcome: Outcome, **rates: float) -> Outcome:
    """The outcome at other costs: carrying_rate, goodwill_share, backorder_cost_per_day, count_cost.

    It equals a fresh run under the same plan, to rounding. A policy that looks at costs would plan otherwise: ask
    `prepared.plan(policy)` of the new scenario whether its levels are the same. Items and single cells keep no sums by
    replication, and are left out. Other costs (overstock_days, cost flow) need a run.

    >>> with_costs(outcome, goodwill_share=0.1).value("total_cost")       # doctest: +SKIP
    (1042.7, 1040.1, 1045.3)
    """
    for name in rates:
        if name not in RATES:
            raise unknown("cost", name, RATES, "that can be changed without a run")
    scenario = outcome.prepared.scenario
    costs = replace(scenario.costs, **rates)
    prepared = Prepared(replace(scenario, costs=costs))
    prepared.__dict__["world"] = outcome.prepared.world  # none of these rates is in it
    levels = [level for level in outcome.rollup.groupings if level in SUMMED]
    sums = {level: _at_rates(outcome.rollup.sums[level], scenario.costs, costs) for level in levels}
    groupings = {level: outcome.rollup.groupings[level] for level in levels}
    rollup = Rollup(outcome.rollup.days, groupings, sums)
    return replace(outcome, prepared=prepared, rollup=rollup, redrawn=None)  # redrawn records were run at their rates


def _at_rates(sums: np.ndarray, before: Costs, costs: Costs) -> np.ndarray:
    """Sums of facts at other costs."""
    out = sums.copy()
    daily = costs.carrying_rate / DAYS_OF_YEAR
    out[..., FACT["carrying"]] = daily * sums[..., FACT["inventory_value_days"]]
    out[..., FACT["overstock_carrying"]] = daily * sums[..., FACT["overstock_value_days"]]
    out[..., FACT["goodwill"]] = costs.goodwill_share * sums[..., FACT["lost_retail"]]
    out[..., FACT["counting"]] = costs.count_cost * sums[..., FACT["counts"]]
    if before.backorder_cost_per_day > 0:
        factor = costs.backorder_cost_per_day / before.backorder_cost_per_day
        out[..., FACT["backorder_cost"]] = factor * sums[..., FACT["backorder_cost"]]
    elif costs.backorder_cost_per_day > 0 and sums[..., FACT["backorder_days"]].any():
        raise InputError(
            "backorder_cost_per_day was 0 in the run, so what waited is not known at price; run it with more than 0"
        )
    return out
