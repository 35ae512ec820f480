"""Improvements two at a time: do they help each other, overlap, or add up?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from restock.sim.statistics.estimates import Estimate
from restock.sim.study.advice.judging import WORTH, Judged, adjusted_p_values
from restock.sim.study.advice.running import Trials
from restock.sim.study.advice.tried import MONEY, without_rounding

HELP, OVERLAP, ADD = "help each other", "overlap", "add up"
BESIDE = " + "


@dataclass(frozen=True, eq=False)
class Pair:
    """Improvements together: what they gain, and how much of that is more (or less) than the sum of each alone.

    >>> from restock.sim.statistics.estimates import known
    >>> Pair(("no_lag", "abc_tiers"), known(90.0), known(100.0), known(-10.0), 0.01, OVERLAP).name
    'no_lag + abc_tiers'
    """

    names: tuple[str, ...]
    gain: Estimate
    alone: Estimate
    interaction: Estimate
    adjusted_p: float
    word: str

    @property
    def name(self) -> str:
        return BESIDE.join(self.names)


def best_of(judged: Sequence[Judged], many: int, excludes: Callable[[str, str], bool]) -> list[str]:
    """The best improvements that are worth it and do not exclude each other, at most so many.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import trials_of
    >>> from restock.sim.study.advice.judging import judge
    >>> best_of(judge(trials_of(BaseStock)), 3, lambda one, other: True)
    ['much richer']
    """
    out: list[str] = []
    for each in judged:
        if each.verdict == WORTH and len(out) < many and not any(excludes(each.name, other) for other in out):
            out.append(each.name)
    return out


def groups_of(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Every pair, and all of them together where there are more than two.

    >>> groups_of(["a", "b", "c"])
    [('a', 'b'), ('a', 'c'), ('b', 'c'), ('a', 'b', 'c')]
    """
    return [*combinations(names, 2), *([tuple(names)] if len(names) > 2 else [])]


def judge_groups(
    groups: Sequence[tuple[str, ...]], singles: Trials, together: Trials, confidence: float = 0.95
) -> list[Pair]:
    """The groups that were run, the largest gain first; interactions are judged together, with Holm's correction.

    `together` holds the groups by their names joined by ' + ', with the prices of their members.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.advice.example import LEVELS, run_of, trials_of
    >>> from restock.sim.study.advice.running import Stopping, try_each
    >>> levels = LEVELS | {"richer + much richer": 20}  # both at once are no more than the larger
    >>> both = try_each(run_of(BaseStock, levels), "as it is", ["richer + much richer"], Stopping(8, 8))
    >>> [pair.word for pair in judge_groups([("richer", "much richer")], trials_of(BaseStock), both)]
    ['overlap']
    """
    there = [names for names in groups if BESIDE.join(names) in together.arms]
    if not there:
        return []
    found = []
    for names in there:
        many = min(together.arms[BESIDE.join(names)].replications, *(singles.arms[n].replications for n in names))
        gain = _first(together, BESIDE.join(names), many)
        alone = _sum([_first(singles, name, many) for name in names])
        size = abs(singles.base.estimate(MONEY, many).value)
        found.append((names, gain, alone, without_rounding(gain - alone, size)))
    p_values = adjusted_p_values([interaction for *_, interaction in found])
    out = []
    for (names, gain, alone, interaction), p in zip(found, p_values, strict=True):
        word = ADD if not p <= 1 - confidence else HELP if interaction.value > 0 else OVERLAP
        out.append(Pair(names, gain, alone, interaction, p, word))
    return sorted(out, key=lambda pair: (len(pair.names) > 2, -pair.gain.value))


def _first(trials: Trials, name: str, many: int) -> Estimate:
    """The gain over the first replications, which all members of a group have."""
    return trials.of_first(many).gain(name)


def _sum(estimates: Sequence[Estimate]) -> Estimate:
    first, *rest = estimates
    return sum(rest, first)
