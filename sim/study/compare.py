"""A study: run policies over replications, and say what came of it, with an interval on every number.

>>> outcome = evaluate(prepared, policy, replications=40, seed=1)      # doctest: +SKIP
>>> outcome.table("chain")                                             # doctest: +SKIP
>>> comparison = compare(prepared, {"lean": lean, "rich": rich}, replications=40, seed=1)   # doctest: +SKIP
>>> comparison.differences("lean"); print(manager_table(comparison))   # doctest: +SKIP

One replication gives estimates without intervals (nan): there is nothing to measure its spread by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restock.sim import statistics
from restock.sim.engines.writer.features import Features
from restock.sim.errors import InputError, require, unknown
from restock.sim.measures.measures import MEASURES
from restock.sim.planning.policy import Plan, Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.results.extending import MOST_LEVELS, Growing, part_of
from restock.sim.results.outcome import Outcome, measure_number
from restock.sim.results.redrawn import spread_of_difference, two_half_widths
from restock.sim.run.executors import Executor
from restock.sim.statistics.selection import Selection
from restock.sim.study.best_policy import Best, run_selection
from restock.sim.study.precision import Precision, Reached, run_to_precision
from restock.sim.study.summary_table import manager_table

if TYPE_CHECKING:
    import pandas as pd

    from restock.sim.study.equal_service import EqualService

__all__ = ["Best", "Comparison", "Outcome", "Precision", "compare", "evaluate", "manager_table", "verdicts"]


def evaluate(
    prepared: Prepared,
    policy: Policy | Plan,
    replications: int,
    seed: int,
    threads: int | None = None,
    series: bool | int = False,
    progress: Callable[[float], None] | None = None,
    levels: Sequence[str] = MOST_LEVELS,
    label: str | None = None,
    adjusted: bool = False,
    executor: Executor | None = None,
    first: int = 0,
    features: Features = (),
) -> Outcome:
    """Run a policy and roll its ledger up; `levels` names what is reported (add 'cell' for single cells).

    `adjusted` takes out of the chain's figures what realised demand explains (`statistics.control`). `executor`
    says where shards are run (see `run.executors.executor_of`): it changes no bit. None: threads, as many as `threads`.
    Replications are numbered from `first`: other numbers are other draws. Daily figures are kept of the first `series`
    (True: of all). `features` says what the kernel is written for, where one is to serve several runs
    (`run.shards.features_of_runs`): it changes no bit.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> outcome = evaluate(one_shop(), BaseStock(base_stock_level=10), replications=4, seed=1)
    >>> outcome.replications, outcome.groups("item")
    (4, ('milk', 'bread'))
    """
    run = Growing(prepared, policy, seed, threads, series, levels, label, adjusted, executor, first,
                  features=features)  # fmt: skip
    run.extend(replications, progress or _silent)
    return run.outcome()


def _silent(share: float) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Comparison:
    """Policies that met the same demand and lead times: common random numbers, replication by replication.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> comparison = lean_and_rich(BaseStock)
    >>> found = comparison.differences(measures=["fill_rate"])
    >>> found[["policy", "baseline", "verdict"]].values.tolist()
    [['rich', 'lean', 'better']]
    """

    outcomes: Mapping[str, Outcome]
    baseline: str
    reached: Reached | None = None  # where a precision was asked for
    selection: Selection | None = None  # where the best policy was asked for
    until: Precision | Best | None = None
    along: EqualService | None = None  # the same policies at equal service, where that was asked for

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
        simultaneous: bool = False,
    ) -> pd.DataFrame:
        """Each policy less the baseline, paired by replication, over the replications that both have.

        Intervals are those of one comparison each, or hold for all policies of a measure and group at once
        (`simultaneous`, Bonferroni), whose half-width is a column in any case. The adjusted p-value covers all
        policies compared with the baseline on one measure of one group, and decides the verdict: better, worse, or no
        difference shown.
        """
        import pandas as pd

        base = self._outcome(baseline or self.baseline)
        shared = [name for name in base.measures if all(name in o.measures for o in self.outcomes.values())]
        names = list(measures or shared)
        columns = [measure_number(name) for name in names]
        others = [outcome for outcome in self.outcomes.values() if outcome is not base]
        if not others:
            raise InputError(f"only policy '{base.label}' was run: nothing to compare it with")
        at_once = statistics.simultaneous(confidence, len(others))
        found, widths, parts, base_pairs = [], [], [], base.pairs(level)
        adjusted = base.adjusted and level == "chain"
        for outcome in others:
            require(outcome.groups(level) == base.groups(level), f"policies have different groups at level '{level}'")
            n, control = min(outcome.replications, base.replications), base.control if adjusted else None
            (x, y), (base_x, base_y) = (
                [p[:n, :, columns] for p in each] for each in (outcome.pairs(level), base_pairs)
            )
            each, wide = (
                statistics.paired_difference(x, base_x, y, base_y, c, None if control is None else control[:n])
                for c in (confidence, at_once)
            )
            spread = spread_of_difference(outcome.redrawn, base.redrawn, level, columns)
            parts.append({} if spread is None else two_half_widths(each.half_width, spread, confidence))
            if spread is not None:
                each = statistics.difference_with_records(each, n, spread, confidence)
                wide = statistics.difference_with_records(wide, n, spread, at_once)
            found.append(wide._replace(p_value=each.p_value) if simultaneous else each)
            widths.append(wide.half_width)
        p_values = statistics.adjusted(np.stack([f.p_value for f in found]), correction)
        groups, frames = base.groups(level), []
        for outcome, difference, width, adjusted, apart in zip(others, found, widths, p_values, parts, strict=True):
            better = np.tile([MEASURES[name].better for name in names], (len(groups), 1))
            frames.append(pd.DataFrame({
                "policy": outcome.label,
                "baseline": base.label,
                "level": level,
                "group": np.repeat(np.array(groups, dtype=object), len(names)),
                "measure": np.tile(np.array(names, dtype=object), len(groups)),
                **{name: array.ravel() for name, array in difference._asdict().items()},
                "simultaneous_half_width": width.ravel(),
                "adjusted_p": adjusted.ravel(),
                "verdict": verdicts(difference.difference, adjusted, better, 1 - confidence).ravel(),
                "unit": np.tile(np.array([MEASURES[name].unit for name in names], dtype=object), len(groups)),
                "replications": min(outcome.replications, base.replications),
                **apart,
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
    series: bool | int = False,
    adjusted: bool = False,
    until: Precision | Best | None = None,
    simultaneous: bool = False,
    executor: Executor | None = None,
) -> Comparison:
    """Run several policies on the same draws; the baseline is the first unless named.

    `until` goes on from there, with more replications: to a `Precision` (of simultaneous intervals, where asked
    for), or until the `Best` policy is found, with the others dropped on the way. `executor` as in `evaluate`.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> policies = {"lean": BaseStock(base_stock_level=10), "rich": BaseStock(base_stock_level=20)}
    >>> comparison = compare(one_shop(), policies, replications=4, seed=1)
    >>> list(comparison.outcomes), comparison.baseline
    (['lean', 'rich'], 'lean')
    """
    require(len(policies) > 0, "a comparison needs at least one policy")
    baseline = baseline if baseline is not None else next(iter(policies))
    if baseline not in policies:
        raise unknown("baseline", baseline, policies)
    show = progress or _silent
    runs = {
        label: Growing(prepared, policy, seed, threads, series, levels, label, adjusted, executor)
        for label, policy in policies.items()
    }
    reached, selection = None, None
    if isinstance(until, Precision):
        at_once = statistics.simultaneous(0.95, max(1, len(runs) - 1)) if simultaneous else 0.95
        reached = run_to_precision(runs, baseline, until, replications, show, at_once)
    elif until is not None:
        selection = run_selection(runs, until, replications, show)
    else:
        for k, run in enumerate(runs.values()):
            run.extend(replications, part_of(show, k / len(runs), 1 / len(runs)))
    outcomes = {label: run.outcome() for label, run in runs.items()}
    return Comparison(outcomes, baseline, reached, selection, until)


def verdicts(difference: np.ndarray, p_value: np.ndarray, better: np.ndarray, level: float) -> np.ndarray:
    """'better', 'worse', 'no difference shown'; 'higher' or 'lower' where neither is good; '' without a p-value.

    >>> verdicts(np.array([2.0, 0.1]), np.array([0.01, 0.6]), np.array(["lower", "lower"]), level=0.05).tolist()
    ['worse', 'no difference shown']
    """
    up = difference > 0
    named = np.where(up, "higher", "lower")
    judged = np.where(better == "", named, np.where(better == named, "better", "worse"))
    return np.where(np.isnan(p_value), "", np.where(p_value <= level, judged, "no difference shown")).astype(object)
