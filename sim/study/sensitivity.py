"""Verdicts that rest on an assumed cost: what they would be if it were half or twice as high.

Costs are sums of units times rates, so a comparison is judged at other rates without another run, with the same stock
levels. A policy that sets its levels by the rate itself (by ordering cost, say) would set others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim.measures.facts import FACT
from restock.sim.model.assumed import COSTS

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.results.outcome import Outcome
    from restock.sim.study.compare import Comparison

CHANGES = {"halved": 0.5, "doubled": 2.0}


def at_other_cost(comparison: Comparison, name: str, factor: float, level: str = "chain") -> Comparison:
    """The comparison of one level as it would be if a cost, named as in `Scenario.assumed`, were so much higher."""
    outcomes = {label: with_cost(outcome, name, factor, level) for label, outcome in comparison.outcomes.items()}
    return replace(comparison, outcomes=outcomes)


def with_cost(outcome: Outcome, name: str, factor: float, level: str = "chain") -> Outcome:
    """The outcome of one level, without the others, as it would be if the cost were `factor` times as high.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> outcome = evaluate(one_shop(), BaseStock(base_stock_level=10), replications=2, seed=1)
    >>> doubled = with_cost(outcome, "costs.carrying_rate", 2.0)
    >>> round(doubled.value("carrying_cost")[0] / outcome.value("carrying_cost")[0], 9)
    2.0
    """
    values = outcome.rollup.sums[level].copy()
    values[..., [FACT[fact] for fact in COSTS[name][1]]] *= factor
    return replace(outcome, rollup=replace(outcome.rollup, sums={level: values}))


def assumed_and_paid(outcomes: Iterable[Outcome]) -> list[str]:
    """The costs that are assumed, not known, and are anything but 0: half or twice of 0 turns nothing.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> shop = one_shop(assumed=("costs.carrying_rate", "costs.count_cost"))
    >>> assumed_and_paid([evaluate(shop, BaseStock(base_stock_level=10), replications=2, seed=1)])
    ['costs.carrying_rate']
    """
    found = list(outcomes)
    return [
        name for name, (_, facts) in COSTS.items()
        if any(name in o.prepared.scenario.assumed for o in found)
        and any(np.any(o.rollup.sums["chain"][..., [FACT[fact] for fact in facts]]) for o in found)
    ]  # fmt: skip


def depends_on(comparison: Comparison, found: pd.DataFrame, **asked: Any) -> list[str]:
    """For each row of `comparison.differences(**asked)`: the assumed costs with which its verdict turns, or ''.

    A verdict turns when the sign of the difference does; where none is shown, nothing turns.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import compare
    >>> policies = {"lean": BaseStock(base_stock_level=10), "rich": BaseStock(base_stock_level=20)}
    >>> comparison = compare(one_shop(warm_up=7, assumed=("costs.carrying_rate",)), policies, replications=8, seed=1)
    >>> asked = {"measures": ["fill_rate", "average_on_hand"]}  # neither is a cost
    >>> depends_on(comparison, comparison.differences(**asked), **asked)
    ['', '']
    """
    judged = found["verdict"].isin(["better", "worse"]).to_numpy()
    sign = np.sign(found["difference"].to_numpy(dtype=float))
    said: list[list[str]] = [[] for _ in sign]
    for name in assumed_and_paid(comparison.outcomes.values()):
        turns: list[list[str]] = [[] for _ in sign]
        for word, factor in CHANGES.items():
            changed = at_other_cost(comparison, name, factor, asked.get("level", "chain"))
            other = changed.differences(**asked)["difference"].to_numpy(dtype=float)
            for at in np.flatnonzero(judged & (np.sign(other) == -sign)):
                turns[at].append(word)
        for k, words in enumerate(turns):
            said[k] += [f"{COSTS[name][0]}: turns when it is {' or '.join(words)}"] if words else []
    return ["; ".join(words) for words in said]
