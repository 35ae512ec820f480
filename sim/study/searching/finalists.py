"""What to make of a search: which trials could be the best, which holds on draws that nothing was chosen on.

The best of many noisy trials looks better than it is. So the search's replications only make a short list (screening by
paired differences, after Nelson et al., 2001, Operations Research 49(6)); the finalists are simulated on other
replications and ranked there; and the winner's figures come from a third set, on which it must meet the constraints
again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.sim import statistics
from restock.sim.errors import InputError
from restock.sim.measures.measures import MEASURES
from restock.sim.results.outcome import Outcome
from restock.sim.study.searching.candidates import Goal, Run, Trial, outcome_trial

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Finalist:
    """A trial, and the same settings on the replications of the finals."""

    searched: Trial
    final: Trial


@dataclass(frozen=True)
class Choice:
    """The winner: as searched, in the finals, and on fresh replications; and how it was come by.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import GOAL, run_of, trials_of
    >>> choice = choose(trials_of(BaseStock), run_of(BaseStock), GOAL, most=2, finals=(8, 16), fresh=(16, 24))
    >>> [finalist.searched.values["base_stock_level"] for finalist in choice.finalists], choice.passed_over
    ([20, 60], ())
    """

    winner: Finalist
    fresh: Outcome
    finalists: tuple[Finalist, ...]  # best first
    survivors: int  # trials that the search could not tell from its best
    passed_over: tuple[Finalist, ...]  # better in the finals, but short of a constraint on the fresh replications


def screen(trials: Sequence[Trial], goal: Goal, confidence: float = 0.95) -> list[Trial]:
    """Feasible trials not shown to be worse than the best, best first: paired t-tests, Bonferroni's correction."""
    ordered = in_order(trials, goal)
    if not ordered:
        return []
    best, *others = ordered
    level = (1 - confidence) / max(1, len(others))
    found = [(trial, difference(trial, best, goal.objective)) for trial in others]
    return [best] + [trial for trial, d in found if not d.p_value / 2 <= level]  # one-sided; nan is no evidence


def in_order(trials: Sequence[Trial], goal: Goal) -> list[Trial]:
    """Feasible trials, best first."""
    return sorted((t for t in trials if t.feasible(goal)), key=lambda t: t.rank(goal))


def difference(one: Trial, other: Trial, measure: str, confidence: float = 0.95) -> statistics.Difference:
    """One less the other, paired by replication."""
    (top, bottom), (other_top, other_bottom) = one.pair(measure), other.pair(measure)
    return statistics.paired_difference(top, other_top, bottom, other_bottom, confidence)


def choose(
    trials: Sequence[Trial], run: Run, goal: Goal, most: int, finals: tuple[int, int], fresh: tuple[int, int],
    progress: Callable[[str], None] = lambda words: None,
) -> Choice:  # fmt: skip
    """The best trial by the finals that meets the constraints there and on the fresh replications.

    Finalists are `most` trials, those that survive the screening first; while none of them holds, the next best by the
    search join. Raises InputError, with the nearest miss, if no trial holds.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import GOAL, run_of, trials_of
    >>> choice = choose(trials_of(BaseStock), run_of(BaseStock), GOAL, most=2, finals=(8, 16), fresh=(16, 24))
    >>> choice.winner.searched.values, choice.fresh.replications
    ({'base_stock_level': 20}, 8)
    """
    survivors = screen(trials, goal)
    if not survivors:
        raise InputError(nearest_miss(trials, goal))
    alive = {t.number for t in survivors}
    ordered = [*survivors, *(t for t in in_order(trials, goal) if t.number not in alive)]
    finalists: list[Finalist] = []
    passed_over: list[Finalist] = []
    for k in range(0, len(ordered), most):
        new = []
        for trial in ordered[k : k + most]:
            progress(f"finals: trial {trial.number}")
            again = outcome_trial(
                trial.number, trial.how, trial.values, run(trial.values, finals), goal.classes, policy=trial.policy
            )
            new.append(Finalist(trial, again))
        finalists += new
        for finalist in sorted(new, key=lambda f: f.final.rank(goal)):
            if not finalist.final.feasible(goal):
                continue
            progress(f"fresh replications: trial {finalist.searched.number}")
            outcome = run(finalist.searched.values, fresh)
            if outcome_trial(0, "", {}, outcome, goal.classes).feasible(goal):
                ranked = tuple(sorted(finalists, key=lambda f: f.final.rank(goal)))
                return Choice(finalist, outcome, ranked, len(survivors), tuple(passed_over))
            passed_over.append(finalist)
    raise InputError(
        f"{len(finalists)} trials met {_words(goal)} in the search, none on other replications; give the search more "
        "replications, or widen its ranges"
    )


def choose_of_each(
    trials: Sequence[Trial], runs: Mapping[str, Run], goal: Goal, most: int, finals: tuple[int, int],
    fresh: tuple[int, int], progress: Callable[[str], None] = lambda words: None,
) -> tuple[Choice, dict[str, Choice], dict[str, str]]:  # fmt: skip
    """The winner over all policies; the best of each policy, the winner's first; and why others have none.

    Each policy's finalists are its part of `most`, two at least; all meet the same replications. The winner is the
    policy whose best ranks first in the finals, not on the fresh replications: these give figures, and choose nothing.
    Raises InputError, with the nearest miss, if no trial holds.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import GOAL, run_of, trials_of
    >>> trials, runs = trials_of(BaseStock), {"": run_of(BaseStock)}
    >>> choice, each, without = choose_of_each(trials, runs, GOAL, most=2, finals=(8, 16), fresh=(16, 24))
    >>> choice.winner.searched.values, list(each), without
    ({'base_stock_level': 20}, [''], {})
    """
    each, without = {}, {}
    share = most if len(runs) == 1 else max(2, -(-most // len(runs)))
    for policy, run in runs.items():
        mine = [trial for trial in trials if trial.policy == policy]
        done = [trial for trial in mine if not trial.refused]
        try:
            if not done:
                raise InputError(mine[-1].refused if mine else "no trial was made")
            each[policy] = choose(mine, run, goal, share, finals, fresh, progress)
        except InputError as error:
            without[policy] = str(error)
    if not each:
        raise InputError(next(iter(without.values())) if len(runs) == 1 else nearest_miss(trials, goal))
    each = dict(sorted(each.items(), key=lambda pair: pair[1].winner.final.rank(goal)))
    first = next(iter(each.values()))
    if len(runs) == 1:
        return first, each, without
    ranked = sorted((f for c in each.values() for f in c.finalists), key=lambda f: f.final.rank(goal))
    over = tuple(f for c in each.values() for f in c.passed_over)
    return Choice(first.winner, first.fresh, tuple(ranked), len(screen(trials, goal)), over), each, without


def nearest_miss(trials: Sequence[Trial], goal: Goal) -> str:
    """What to say where no trial meets the constraints."""
    done = [t for t in trials if not t.refused]
    nearest = min(done, key=lambda t: t.rank(goal))
    reached = ", ".join(f"{c.measure} {nearest.estimate(c.measure):.6g}" for c in goal.constraints)
    return (
        f"none of {len(done)} trials meets {_words(goal)}: the nearest, trial {nearest.number}, reaches {reached}; "
        "loosen the constraint, or widen the ranges"
    )


def _words(goal: Goal) -> str:
    return " and ".join(str(c) for c in goal.constraints)


def finalist_table(choice: Choice, goal: Goal, confidence: float = 0.95) -> pd.DataFrame:
    """Each finalist on the finals' replications, and less the winner, paired; Holm's correction over the finalists.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import GOAL, run_of, trials_of
    >>> choice = choose(trials_of(BaseStock), run_of(BaseStock), GOAL, most=2, finals=(8, 16), fresh=(16, 24))
    >>> finalist_table(choice, GOAL)[["trial", "winner", "feasible"]].values.tolist()
    [[1, True, True], [2, False, True]]
    """
    import pandas as pd

    winner, better = choice.winner.final, MEASURES[goal.objective].better
    found = [difference(f.final, winner, goal.objective, confidence) for f in choice.finalists]
    raw = [np.nan if f.final is winner else float(d.p_value) for f, d in zip(choice.finalists, found, strict=True)]
    p_values = statistics.adjusted(np.array(raw))
    rows = []
    for finalist, d, p_value in zip(choice.finalists, found, p_values, strict=True):
        row: dict[str, Any] = {"trial": finalist.searched.number, "policy": finalist.searched.policy}
        row["winner"] = finalist.final is winner
        for measure in goal.measures:
            row |= dict(
                zip((measure, measure + "_low", measure + "_high"), finalist.final.interval(measure), strict=True)
            )
        said = (
            ("better" if (d.difference > 0) == (better == "higher") else "worse") if p_value <= 1 - confidence else ""
        )
        row |= {
            "feasible": finalist.final.feasible(goal),
            "less_winner": float(d.difference), "less_winner_low": float(d.low), "less_winner_high": float(d.high),
            "adjusted_p": float(p_value), "verdict": said or ("" if np.isnan(p_value) else "no difference shown"),
        }  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def efficient(x: np.ndarray, y: np.ndarray, x_better: str, y_better: str) -> np.ndarray:
    """Which points no other beats on both measures (the efficient frontier), bool; points with nan are not on it.

    >>> efficient(np.array([1.0, 2.0, 3.0]), np.array([0.9, 0.95, 0.93]), "lower", "higher").tolist()
    [True, True, False]
    """
    x, y = (np.asarray(v, float) * (-1 if better == "higher" else 1) for v, better in ((x, x_better), (y, y_better)))
    out = np.zeros(len(x), bool)
    lowest = np.inf
    for k in np.lexsort((y, x)):
        if y[k] < lowest:  # never true of nan
            out[k], lowest = not np.isnan(x[k]), y[k]
    return out
