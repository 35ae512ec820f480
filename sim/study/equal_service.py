"""Policies at equal service: each is moved along a setting of its own, and compared where it serves the same share.

A policy at one setting says little of another at one setting: the one serves more, the other holds less. Moved along a
setting, each draws a curve; where two curves pass the same fill rate, their costs can be held against each other.
Between points of a curve, figures are read as `at_service` says. All points met the same draws, so differences are
paired, replication by replication, through both readings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restock.sim import statistics
from restock.sim.errors import InputError
from restock.sim.measures.measures import MEASURES
from restock.sim.planning.policy import Policy
from restock.sim.planning.prepared import Prepared
from restock.sim.results.at_service import at_service, measured
from restock.sim.results.outcome import Outcome
from restock.sim.run.executors import Executor
from restock.sim.statistics.differences import no_difference
from restock.sim.statistics.estimates import Estimate
from restock.sim.study.sensitivity import CHANGES, assumed_and_paid, is_part_of, with_cost

if TYPE_CHECKING:
    import pandas as pd

SERVICE, JUDGED = "fill_rate", "total_cost"
WORTH = 0.8  # a fill rate below which a comparison is worth little
USUAL = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.985, 0.99, 0.995, 0.998)  # fill rates worth naming


class Point(NamedTuple):
    """A policy at one value of the setting that is moved; `words` say the value.

    >>> from restock.policies.buffer import Buffer
    >>> Point("target 0.5", Buffer(target=0.5)).policy.target
    0.5
    """

    words: str
    policy: Policy


@dataclass(frozen=True)
class Curve:
    """What a policy gave at each value of the setting that is moved, in the order of the values.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> points = [Point(f"level {k}", BaseStock(base_stock_level=k)) for k in (6, 10, 14)]
    >>> (curve,) = along_service(one_shop(), {"by_level": points}, replications=4, seed=1)
    >>> low, high = (curve.at(level, "average_on_hand").value for level in (0.8, 0.9))
    >>> low < high, curve.at(0.999, "average_on_hand")
    (True, None)
    """

    label: str
    words: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    @cached_property
    def figures(self) -> list[dict[str, Estimate]]:
        """What was measured at each value (`at_service.measured`)."""
        return [measured(outcome) for outcome in self.outcomes]

    @property
    def reach(self) -> tuple[float, float]:
        """The lowest and the highest fill rate on the curve."""
        rates = [of[SERVICE].value for of in self.figures]
        return min(rates), max(rates)

    def at(self, level: float, measure: str) -> Estimate | None:
        """A measure where the fill rate is `level`; None where the curve does not pass it."""
        return at_service(self.figures, SERVICE, level, measure)


def chosen_levels(curves: Sequence[Curve], most: int = 3) -> tuple[float, ...]:
    """Fill rates that as many policies as possible reach: the highest three of those worth naming.

    What two policies serve from 80% on goes before what more of them serve below, where nobody would run a shop.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> points = [Point(f"level {k}", BaseStock(base_stock_level=k)) for k in (6, 10, 14, 20)]
    >>> chosen_levels(along_service(one_shop(), {"by_level": points}, replications=8, seed=1))
    (0.97, 0.985, 0.99)
    """
    reaching = {level: sum(curve.at(level, JUDGED) is not None for curve in curves) for level in USUAL}
    worth = {level: many for level, many in reaching.items() if level >= WORTH and many >= 2} or reaching
    top = max(worth.values())
    found = [level for level, many in worth.items() if many == top and many > 0]
    return tuple(found[-most:])


class Compared(NamedTuple):
    """A policy at a level: less the cheapest there, or `best` itself; how sure, and what turns it.

    >>> cost = Estimate(100.0, np.zeros(4))
    >>> Compared(0.95, "buffer", cost, "buffer", None, float("nan"), "cheapest", "").policy
    'buffer'
    """

    level: float
    policy: str
    cost: Estimate
    best: str
    difference: Estimate | None  # None: it is the cheapest
    p_value: float
    verdict: str  # 'cheapest', 'dearer', 'no difference shown'
    depends_on: str


@dataclass(frozen=True)
class EqualService:
    """Curves of several policies, and the fill rates at which they are compared.

    `replayed` has the curves of the same policies on the record played again, where there is one.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.policies.buffer import Buffer
    >>> from restock.sim.planning.example import one_shop
    >>> along = {
    ...     "by_level": [Point(f"level {k}", BaseStock(base_stock_level=k)) for k in (6, 10, 14, 20)],
    ...     "buffer": [Point(f"target {t}", Buffer(target=t)) for t in (0.2, 0.5, 0.9)],
    ... }
    >>> curves = along_service(one_shop(), along, replications=8, seed=1)
    >>> found = EqualService(tuple(curves), (0.97,)).compared
    >>> [each.verdict for each in found]
    ['cheapest', 'dearer']
    """

    curves: tuple[Curve, ...]
    levels: tuple[float, ...]
    replayed: tuple[Curve, ...] = ()
    correction: str = "holm"

    @cached_property
    def curve_of(self) -> dict[str, Curve]:
        """Each policy's curve."""
        return {curve.label: curve for curve in self.curves}

    @cached_property
    def compared(self) -> list[Compared]:
        """At each level every policy that reaches it, the cheapest first.

        The cheapest is chosen by its figure, so verdicts are corrected for all pairs that there are at the level.
        """
        return [each for level in self.levels for each in self._at(level)]

    def _at(self, level: float) -> list[Compared]:
        known = {curve.label: cost for curve in self.curves if (cost := curve.at(level, JUDGED)) is not None}
        if not known:
            return []
        order = sorted(known, key=lambda label: known[label].value)
        best, others = order[0], order[1:]
        away = {label: known[label] - known[best] for label in others}
        every = list(combinations(order, 2))
        p_values = np.array([p_value(known[other] - known[one]) for one, other in every])
        of_pair = dict(zip(every, statistics.adjusted(p_values, self.correction), strict=True))
        rows = [Compared(level, best, known[best], best, None, np.nan, "cheapest" if others else "", "")]
        for label in others:
            p = float(of_pair[best, label])
            verdict = "" if np.isnan(p) else "dearer" if p <= 0.05 else "no difference shown"
            turned = self._turns(level, best, label) if verdict == "dearer" else ""
            rows.append(Compared(level, label, known[label], best, away[label], p, verdict, turned))
        return rows

    @cached_property
    def readings(self) -> dict[tuple[float, str], dict[str, Estimate]]:
        """Every measure of each policy at each level that it reaches."""
        out = {}
        for each in self.compared:
            curve = self.curve_of[each.policy]
            read = {name: curve.at(each.level, name) for name in curve.outcomes[0].measures}
            out[each.level, each.policy] = {name: figure for name, figure in read.items() if figure is not None}
        return out

    def _turns(self, level: float, best: str, other: str) -> str:
        """What would make the other policy the cheaper one at this level."""
        said = []
        for name, word in self._words_of_costs():
            turns = [done for done in CHANGES if _dearer(self._at_cost[name, done], level, best, other) is False]
            said += [f"{word} (turns when it is {' or '.join(turns)})"] if turns else []
        if self.replayed and _dearer(self.replayed, level, best, other) is False:
            said.append("fitted demand (turns when the record is played again)")
        return "; ".join(said)

    def _words_of_costs(self) -> list[tuple[str, str]]:
        from restock.sim.model.assumed import COSTS

        outcomes = [outcome for curve in self.curves for outcome in curve.outcomes]
        return [(name, COSTS[name][0]) for name in assumed_and_paid(outcomes) if is_part_of(name, JUDGED)]

    @cached_property
    def _at_cost(self) -> dict[tuple[str, str], tuple[Curve, ...]]:
        """The curves as they would be if an assumed cost were half or twice as high, with the same stock levels."""
        return {
            (name, done): tuple(
                Curve(curve.label, curve.words, tuple(with_cost(o, name, factor, {"chain"}) for o in curve.outcomes))
                for curve in self.curves
            )
            for name, _ in self._words_of_costs()
            for done, factor in CHANGES.items()
        }  # fmt: skip

    def table(self, measures: Sequence[str] | None = None, confidence: float = 0.95) -> pd.DataFrame:
        """Every measure of each policy at each level that it reaches, and less the cheapest there; tidy.

        Columns: fill_rate, policy, measure, estimate, low, high, half_width, less (the policy compared with),
        difference, difference_low, difference_high, verdict, depends_on (both of the total cost), unit.
        """
        import pandas as pd

        rows = []
        for each in self.compared:
            of, best = self.readings[each.level, each.policy], self.readings[each.level, each.best]
            for name in measures or of:
                here, there = of[name], best[name]
                own, less = here.interval(confidence), (here - there).interval(confidence)
                judged = name == JUDGED
                rows.append({
                    "fill_rate": each.level, "policy": each.policy, "measure": name,
                    "estimate": float(own.estimate), "low": float(own.low), "high": float(own.high),
                    "half_width": float(own.half_width), "less": each.best, "difference": float(less.estimate),
                    "difference_low": float(less.low), "difference_high": float(less.high),
                    "verdict": each.verdict if judged else "", "depends_on": each.depends_on if judged else "",
                    "unit": MEASURES[name].unit,
                })  # fmt: skip
        return pd.DataFrame(rows)

    def points(self, confidence: float = 0.95) -> pd.DataFrame:
        """The chain's measures at every point of every curve; tidy: policy, setting, measure, estimate, low, high..."""
        import pandas as pd

        frames = [
            outcome.table("chain", confidence=confidence).assign(policy=curve.label, setting=words)
            for curve in self.curves
            for words, outcome in zip(curve.words, curve.outcomes, strict=True)
        ]
        return pd.concat(frames, ignore_index=True)


def _dearer(curves: Sequence[Curve], level: float, best: str, other: str) -> bool | None:
    """Whether the other policy costs more at the level on these curves; None where one of them does not reach it."""
    of = {curve.label: curve.at(level, JUDGED) for curve in curves if curve.label in (best, other)}
    here, there = of.get(best), of.get(other)
    return None if here is None or there is None else there.value > here.value


def p_value(difference: Estimate) -> float:
    """Of 'no difference', by Student's t over the replications; nan with one replication.

    >>> round(p_value(Estimate(1.0, np.array([-1.0, 0.0, 1.0]))), 3)
    0.225
    """
    return float(no_difference(np.asarray(difference.value), *map(np.asarray, difference.error)))


def along_service(
    prepared: Prepared,
    along: Mapping[str, Sequence[Point]],
    replications: int,
    seed: int,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[Curve]:
    """Run every policy at each of its points, on the same draws; sums of the chain are all that is kept.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> points = [Point(f"level {k}", BaseStock(base_stock_level=k)) for k in (6, 12)]
    >>> (curve,) = along_service(one_shop(), {"by_level": points}, replications=4, seed=1)
    >>> curve.words, curve.reach[0] < curve.reach[1]
    (('level 6', 'level 12'), True)
    """
    from restock.sim.study.compare import evaluate

    for label, points in along.items():
        if len(points) < 2:
            raise InputError(f"policy '{label}' is compared along two settings or more, got {len(points)}")
    done, total, curves = 0, sum(map(len, along.values())), []
    for label, points in along.items():
        outcomes = []
        for point in points:
            outcomes.append(evaluate(prepared, point.policy, replications, seed, threads, levels=("chain",),
                                     label=label, executor=executor))  # fmt: skip
            done += 1
            if progress is not None:
                progress(done / total)
        curves.append(Curve(label, tuple(point.words for point in points), tuple(outcomes)))
    return curves
