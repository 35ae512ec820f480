"""Verdicts that rest on an assumed cost: what they would be if it were half or twice as high.

Costs are sums of units times rates, so a comparison is judged at other rates without another run, with the same stock
levels. A policy that sets its levels by the rate itself (by ordering cost, say) would set others.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.measures.facts import FACT
from restock.sim.measures.measures import MEASURES
from restock.sim.model.assumed import COSTS
from restock.sim.statistics import paired_difference

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.results.outcome import Outcome
    from restock.sim.study.compare import Comparison

CHANGES = {"halved": 0.5, "doubled": 2.0}


def at_other_cost(comparison: Comparison, name: str, factor: float, levels: Container[str] | None = None) -> Comparison:
    """The comparison as it would be if a cost, named as in `Scenario.assumed`, were `factor` times as high.

    `levels`: those that are asked for, if not all.
    """
    outcomes = {label: with_cost(outcome, name, factor, levels) for label, outcome in comparison.outcomes.items()}
    return replace(comparison, outcomes=outcomes)


def with_cost(outcome: Outcome, name: str, factor: float, levels: Container[str] | None = None) -> Outcome:
    """The outcome as it would be if the cost were `factor` times as high; of these levels, if not of all.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> outcome = evaluate(one_shop(), BaseStock(base_stock_level=10), replications=2, seed=1)
    >>> doubled = with_cost(outcome, "costs.carrying_rate", 2.0)
    >>> round(doubled.value("carrying_cost")[0] / outcome.value("carrying_cost")[0], 9)
    2.0
    """
    changed = [FACT[fact] for fact in COSTS[name][1]]
    sums = {level: values.copy() for level, values in outcome.rollup.sums.items() if levels is None or level in levels}
    for values in sums.values():
        values[..., changed] *= factor
    return replace(outcome, rollup=replace(outcome.rollup, sums=sums), redrawn=None)


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


def gaps(comparison: Comparison, measures: Sequence[str], level: str = "chain") -> np.ndarray:
    """Column `difference` of `comparison.differences(level=level, measures=measures)`, and no more of it.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> comparison = lean_and_rich(BaseStock)
    >>> gaps(comparison, ["turnover"]).round(2).tolist()
    [-268.69]
    """
    base = comparison.outcomes[comparison.baseline]
    base_x, base_y = base.pairs(level, measures)
    out = []
    for outcome in comparison.outcomes.values():
        if outcome is not base:
            x, y = outcome.pairs(level, measures)
            n, control = min(len(x), len(base_x)), base.control if base.adjusted and level == "chain" else None
            found = paired_difference(
                x[:n], base_x[:n], y[:n], base_y[:n], control=None if control is None else control[:n]
            )
            out.append(found.difference.ravel())
    return np.concatenate(out)


def depends_on(comparison: Comparison, found: pd.DataFrame, level: str = "chain") -> list[str]:
    """For each row of differences found at a level of the comparison: the assumed costs with which its verdict turns.

    A verdict turns when the sign of the difference does; where none is shown, nothing turns, and '' is said. Only
    measures that a cost is part of are reckoned again with it.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> comparison = lean_and_rich(BaseStock, assumed=("costs.carrying_rate",))
    >>> depends_on(comparison, comparison.differences(measures=["fill_rate", "average_on_hand"]))  # neither is a cost
    ['', '']
    """
    measure = found["measure"].to_numpy()
    judged = found["verdict"].isin(["better", "worse"]).to_numpy()
    sign = np.sign(found["difference"].to_numpy(dtype=float))
    said: list[list[str]] = [[] for _ in sign]
    for name in assumed_and_paid(comparison.outcomes.values()):
        turns: list[list[str]] = [[] for _ in sign]
        moved = [each for each in dict.fromkeys(measure) if is_part_of(name, each)]
        rows = np.flatnonzero(np.isin(measure, moved))
        if not moved:
            continue
        for word, factor in CHANGES.items():
            other = gaps(at_other_cost(comparison, name, factor, {level, "chain"}), moved, level)
            for at in rows[judged[rows] & (np.sign(other) == -sign[rows])]:
                turns[at].append(word)
        for k, words in enumerate(turns):
            said[k] += [f"{COSTS[name][0]}: turns when it is {' or '.join(words)}"] if words else []
    return ["; ".join(words) for words in said]


def is_part_of(cost: str, measure: str) -> bool:
    """Whether the measure is reckoned from what the cost is paid for.

    >>> is_part_of("costs.carrying_rate", "total_cost"), is_part_of("costs.carrying_rate", "fill_rate")
    (True, False)
    """
    told = MEASURES[measure]
    return not {*told.numerator, *told.denominator}.isdisjoint(COSTS[cost][1])
