"""A study: run policies over replications, and say what came of it, with an interval on every number.

>>> outcome = evaluate(prepared, policy, replications=40, seed=1)      # doctest: +SKIP
>>> outcome.table("chain")                                             # doctest: +SKIP
>>> comparison = compare(prepared, {"lean": lean, "rich": rich}, replications=40, seed=1)   # doctest: +SKIP
>>> comparison.differences("lean"); print(manager_table(comparison))   # doctest: +SKIP

One replication gives estimates without intervals (nan): there is nothing to measure its spread by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim import statistics
from sim.errors import InputError, require, unknown
from sim.ledger import SERIES
from sim.measures import MEASURES
from sim.outcome import Outcome, measure_number
from sim.policy import Plan, Policy
from sim.rollup import LEVELS, roll_up
from sim.simulate import Prepared, Shard, run_shards
from sim.summary import manager_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "Outcome", "compare", "evaluate", "manager_table", "verdicts"]
MOST_LEVELS = LEVELS[:-1]  # all but single cells, which take as much memory as there are cells


def evaluate(
    prepared: Prepared,
    policy: Policy | Plan,
    replications: int,
    seed: int,
    threads: int | None = None,
    series: bool = False,
    progress: Callable[[float], None] | None = None,
    levels: Sequence[str] = MOST_LEVELS,
    label: str | None = None,
    first: int = 0,
) -> Outcome:
    """Run a policy and roll its ledger up; `levels` names what is reported (add 'cell' for single cells).

    Replications are numbered from `first`: other numbers are other draws.
    """
    good = isinstance(replications, int) and replications >= 1
    require(good, f"replications must be a whole number not below 1, got {replications}")
    plan = policy if isinstance(policy, Plan) else prepared.plan(policy)
    wanted = (first, first + replications)
    shards = run_shards(prepared, plan, seed, wanted, threads, series, progress or (lambda share: None))
    sites = len(prepared.scenario.sites)
    shape = (prepared.world.horizon if series else 0, sites, len(SERIES))
    total, one = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    rollup = roll_up(prepared, plan, _adding_series(shards, total, one, first), wanted, levels)
    kept = (total / replications, one) if series else (None, None)
    return Outcome(label or plan.name, prepared, plan, seed, replications, rollup, *kept)


def _adding_series(shards: Iterable[Shard], total: np.ndarray, one: np.ndarray, first: int) -> Iterator[Shard]:
    for shard in shards:
        if len(total):
            total += shard.series.sum(axis=1)
            if shard.replications[0] == first:
                one += shard.series[:, 0]
        yield shard


@dataclass(frozen=True)
class Comparison:
    """Policies that met the same demand and lead times: common random numbers, replication by replication."""

    outcomes: Mapping[str, Outcome]
    baseline: str

    def table(
        self, level: str = "chain", measures: Sequence[str] | None = None, confidence: float = 0.95
    ) -> pd.DataFrame:
        """The tables of all policies, one below the other."""
        import pandas as pd

        return pd.concat(
            [outcome.table(level, measures, confidence) for outcome in self.outcomes.values()], ignore_index=True
        )

    def differences(
        self,
        baseline: str | None = None,
        level: str = "chain",
        correction: str = "holm",
        measures: Sequence[str] | None = None,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Each policy less the baseline, paired by replication.

        Intervals are those of one comparison each. The adjusted p-value covers all policies compared with the
        baseline on one measure of one group, and decides the verdict: better, worse, or no difference shown.
        """
        import pandas as pd

        base = self._outcome(baseline or self.baseline)
        names, columns = list(measures or MEASURES), [measure_number(name) for name in measures or MEASURES]
        x, y = (part[..., columns] for part in base.pairs(level))
        others = [outcome for outcome in self.outcomes.values() if outcome is not base]
        found = []
        for outcome in others:
            require(outcome.groups(level) == base.groups(level), f"policies have different groups at level '{level}'")
            mine, my_y = (part[..., columns] for part in outcome.pairs(level))
            found.append(statistics.paired_difference(mine, x, my_y, y, confidence))
        if not found:
            raise InputError(f"only policy '{base.label}' was run: nothing to compare it with")
        p_values = statistics.adjusted(np.stack([f.p_value for f in found]), correction)
        groups, frames = base.groups(level), []
        for outcome, difference, adjusted in zip(others, found, p_values, strict=True):
            better = np.tile([MEASURES[name].better for name in names], (len(groups), 1))
            frames.append(pd.DataFrame({
                "policy": outcome.label,
                "baseline": base.label,
                "level": level,
                "group": np.repeat(np.array(groups, dtype=object), len(names)),
                "measure": np.tile(np.array(names, dtype=object), len(groups)),
                **{name: array.ravel() for name, array in difference._asdict().items()},
                "adjusted_p": adjusted.ravel(),
                "verdict": verdicts(difference.difference, adjusted, better, 1 - confidence).ravel(),
                "unit": np.tile(np.array([MEASURES[name].unit for name in names], dtype=object), len(groups)),
                "replications": outcome.replications,
            }))  # fmt: skip
        return pd.concat(frames, ignore_index=True)

    def _outcome(self, label: str) -> Outcome:
        if label not in self.outcomes:
            raise unknown("policy", label, self.outcomes, "in the comparison")
        return self.outcomes[label]


def compare(
    prepared: Prepared,
    policies: Mapping[str, Policy | Plan],
    replications: int,
    seed: int,
    baseline: str | None = None,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
    levels: Sequence[str] = MOST_LEVELS,
    series: bool = False,
) -> Comparison:
    """Run several policies on the same draws; the baseline is the first unless named."""
    require(len(policies) > 0, "a comparison needs at least one policy")
    baseline = baseline if baseline is not None else next(iter(policies))
    if baseline not in policies:
        raise unknown("baseline", baseline, policies)
    outcomes = {}
    for k, (label, policy) in enumerate(policies.items()):

        def so_far(share: float, k: int = k) -> None:
            if progress is not None:
                progress((k + share) / len(policies))

        outcomes[label] = evaluate(prepared, policy, replications, seed, threads, series, so_far, levels, label)
    return Comparison(outcomes, baseline)


def verdicts(difference: np.ndarray, p_value: np.ndarray, better: np.ndarray, level: float) -> np.ndarray:
    """'better', 'worse', 'no difference shown'; 'higher' or 'lower' where neither is good; '' without a p-value."""
    up = difference > 0
    named = np.where(up, "higher", "lower")
    judged = np.where(better == "", named, np.where(better == named, "better", "worse"))
    return np.where(np.isnan(p_value), "", np.where(p_value <= level, judged, "no difference shown")).astype(object)
