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


def at_other_cost(comparison: Comparison, name: str, factor: float) -> Comparison:
    """The chain's comparison as it would be if a cost, named as in `Scenario.assumed`, were `factor` times as high."""
    outcomes = {label: with_cost(outcome, name, factor) for label, outcome in comparison.outcomes.items()}
    return replace(comparison, outcomes=outcomes)


def with_cost(outcome: Outcome, name: str, factor: float) -> Outcome:
    """The outcome of the chain, without its parts, as it would be if the cost were `factor` times as high."""
    values = outcome.rollup.sums["chain"].copy()
    values[..., [FACT[fact] for fact in COSTS[name][1]]] *= factor
    return replace(outcome, rollup=replace(outcome.rollup, sums={"chain": values}))


def assumed_and_paid(outcomes: Iterable[Outcome]) -> list[str]:
    """The costs that are assumed, not known, and are anything but 0: half or twice of 0 turns nothing."""
    found = list(outcomes)
    return [
        name for name, (_, facts) in COSTS.items()
        if any(name in o.prepared.scenario.assumed for o in found)
        and any(np.any(o.rollup.sums["chain"][..., [FACT[fact] for fact in facts]]) for o in found)
    ]  # fmt: skip


def depends_on(comparison: Comparison, found: pd.DataFrame, **asked: Any) -> list[str]:
    """For each row of `comparison.differences(**asked)`: the assumed costs with which its verdict turns, or ''.

    A verdict turns when the sign of the difference does; where none is shown, nothing turns.
    """
    judged = found["verdict"].isin(["better", "worse"]).to_numpy()
    sign = np.sign(found["difference"].to_numpy(dtype=float))
    said: list[list[str]] = [[] for _ in sign]
    for name in assumed_and_paid(comparison.outcomes.values()):
        turns: list[list[str]] = [[] for _ in sign]
        for word, factor in CHANGES.items():
            other = at_other_cost(comparison, name, factor).differences(**asked)["difference"].to_numpy(dtype=float)
            for at in np.flatnonzero(judged & (np.sign(other) == -sign)):
                turns[at].append(word)
        for k, words in enumerate(turns):
            said[k] += [f"{COSTS[name][0]}: turns when it is {' or '.join(words)}"] if words else []
    return ["; ".join(words) for words in said]
