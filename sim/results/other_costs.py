"""What the same flow of goods costs at other rates: it takes no run, since costs are rates times sums that are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.errors import unknown
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

    It equals a fresh run under the same plan, bit by bit. A policy that looks at costs would plan otherwise: ask
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
    return in_scenario(outcome, prepared)


def in_scenario(outcome: Outcome, prepared: Prepared) -> Outcome:
    """The outcome as it is in a scenario that is another in the `RATES` of its costs alone.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> lean, dear = lean_and_rich(BaseStock).outcomes["lean"], lean_and_rich(BaseStock).outcomes["rich"].prepared
    >>> in_scenario(lean, dear).value("total_cost") == lean.value("total_cost")  # the same costs
    True
    """
    levels = [level for level in outcome.rollup.groupings if level in SUMMED]
    sums = {level: at_rates(outcome.rollup.sums[level], prepared.scenario.costs) for level in levels}
    groupings = {level: outcome.rollup.groupings[level] for level in levels}
    rollup = Rollup(outcome.rollup.days, groupings, sums)
    return replace(outcome, prepared=prepared, rollup=rollup, redrawn=None)  # redrawn records were run at their rates


def at_rates(sums: np.ndarray, costs: Costs) -> np.ndarray:
    """Sums of facts (..., FACTS) at these costs, whatever costs they were made at.

    Every run ends with it, so that what is reckoned without a run has the bits of one.

    >>> sums = np.zeros((1, len(FACT)))
    >>> sums[0, FACT["lost_retail"]] = 50.0
    >>> float(at_rates(sums, Costs(goodwill_share=0.1))[0, FACT["goodwill"]])
    5.0
    """
    out = sums.copy()
    daily = costs.carrying_rate / DAYS_OF_YEAR
    out[..., FACT["carrying"]] = daily * sums[..., FACT["inventory_value_days"]]
    out[..., FACT["overstock_carrying"]] = daily * sums[..., FACT["overstock_value_days"]]
    out[..., FACT["goodwill"]] = costs.goodwill_share * sums[..., FACT["lost_retail"]]
    out[..., FACT["backorder_cost"]] = costs.backorder_cost_per_day * sums[..., FACT["waiting_retail"]]
    out[..., FACT["counting"]] = costs.count_cost * sums[..., FACT["counts"]]
    return out
