"""What improvements are worth: ranked by gain, judged together, and what a verdict rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from restock.sim import statistics
from restock.sim.model.assumed import COSTS
from restock.sim.statistics.differences import no_difference
from restock.sim.statistics.estimates import Estimate, known
from restock.sim.study.advice.running import Trials
from restock.sim.study.advice.tried import MONEY, Tried, less
from restock.sim.study.sensitivity import CHANGES

WORTH, COSTS_MORE, OPEN, NOTHING = "worth it", "costs more", "not clear", "changes nothing"


@dataclass(frozen=True, eq=False)
class Judged:
    """An improvement with what it is worth.

    `saving` is what total cost a year falls by, `gain` the same less its price. `depends_on` names the assumed costs
    that, halved or doubled, turn the sign of the gain.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import trials_of
    >>> best = judge(trials_of(BaseStock))[0]
    >>> best.gain.value == best.saving.value, best.price is None  # it has no price
    (True, True)
    """

    name: str
    arm: Tried
    saving: Estimate
    price: float | None
    gain: Estimate
    adjusted_p: float
    verdict: str
    depends_on: str


def judge(
    trials: Trials, assumed: Sequence[str] = (), correction: str = "holm", confidence: float = 0.95
) -> list[Judged]:
    """Every improvement tried, the largest gain first.

    p-values of 'no gain' are paired t-tests, corrected for the number of improvements; `assumed` are the costs that
    nobody gave.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import trials_of
    >>> [(each.name, each.verdict) for each in judge(trials_of(BaseStock))]
    [('much richer', 'worth it'), ('richer', 'worth it'), ('leaner', 'costs more')]
    """
    gains = {name: trials.gain(name) for name in trials.arms}
    p_values = adjusted_p_values(list(gains.values()), correction)
    level = 1 - confidence
    out = [
        Judged(name, trials.arms[name], trials.saving(name), trials.prices.get(name), gain, p,
               verdict(gain.value, p, level), depends_on(trials, name, gain.value, p <= level, assumed))
        for (name, gain), p in zip(gains.items(), p_values, strict=True)
    ]  # fmt: skip
    return sorted(out, key=lambda each: -each.gain.value)


def best_ways(judged: Sequence[Judged], of: Callable[[str], str]) -> tuple[list[Judged], list[Judged]]:
    """Each improvement in the way that gains more, and the other ways; `of` names the improvement of a way.

    p-values were corrected for all ways, so that taking the better of two is paid for.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import trials_of
    >>> best, others = best_ways(judge(trials_of(BaseStock)), lambda name: name.removeprefix("much "))
    >>> [each.name for each in best], [each.name for each in others]
    (['much richer', 'leaner'], ['richer'])
    """
    first: dict[str, Judged] = {}
    for each in judged:
        first.setdefault(of(each.name), each)
    best = list(first.values())
    return best, [each for each in judged if each not in best]


def adjusted_p_values(estimates: Sequence[Estimate], correction: str = "holm") -> list[float]:
    """p-values of 'it is 0', corrected for their number.

    >>> from restock.sim.statistics.estimates import estimated
    >>> [round(p, 4) for p in adjusted_p_values([known(0.0), estimated(np.array([1.0, 1.1, 0.9]))])]
    [1.0, 0.0066]
    """
    each = [no_difference(np.array(e.value), np.array(e.error[0]), e.error[1]) for e in estimates]
    return [float(p) for p in statistics.adjusted(np.array(each), correction)]


def verdict(gain: float, p: float, level: float) -> str:
    """What is said of a gain.

    >>> [verdict(gain, p, 0.05) for gain, p in ((9.0, 0.01), (-9.0, 0.01), (9.0, 0.3), (0.0, 1.0))]
    ['worth it', 'costs more', 'not clear', 'changes nothing']
    """
    if gain == 0 and p == 1:
        return NOTHING
    if not p <= level:
        return OPEN
    return WORTH if gain > 0 else COSTS_MORE


def depends_on(trials: Trials, name: str, gain: float, decided: bool, assumed: Sequence[str]) -> str:
    """The assumed costs that turn a decided gain when they are halved or doubled, with the same stock levels."""
    said = []
    for cost in COSTS if decided else ():
        base, arm = trials.base, trials.arms[name]
        if cost not in assumed or not (base.pays(cost) or arm.pays(cost)):
            continue
        turns = [
            word for word, factor in CHANGES.items()
            if np.sign(less(base.with_cost(cost, factor), arm.with_cost(cost, factor), MONEY).value
                       - trials.prices.get(name, 0.0)) == -np.sign(gain)
        ]  # fmt: skip
        said += [f"{COSTS[cost][0]}: turns when it is {' or '.join(turns)}"] if turns else []
    return "; ".join(said)


def leaders(judged: Sequence[Judged], confidence: float = 0.95) -> list[str]:
    """The best by its gain, if it is shown to be worth anything, and those that are not told apart from it.

    Each is compared with the best, paired, with Holm's correction for their number.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import trials_of
    >>> leaders(judge(trials_of(BaseStock)))
    ['much richer']
    """
    if not judged or judged[0].verdict != WORTH:
        return []
    best, *others = judged
    apart = [less(each.arm, best.arm, MONEY) + known((each.price or 0.0) - (best.price or 0.0)) for each in others]
    shown = adjusted_p_values(apart) if others else []
    return [best.name, *(each.name for each, p in zip(others, shown, strict=True) if not p <= 1 - confidence)]
