"""What a policy did in a scenario: tables with an interval on every number, and the daily series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from restock.sim import statistics
from restock.sim.engines.ledgers import features_of
from restock.sim.errors import InputError, unknown
from restock.sim.measures.facts import FACT
from restock.sim.measures.ledger import SERIES
from restock.sim.measures.measures import MEASURE, MEASURES, denominators, measures_of, numerators
from restock.sim.planning.policy import Plan
from restock.sim.planning.prepared import Prepared
from restock.sim.results.expected_demand import expected_demand, no_control
from restock.sim.results.redrawn import Redrawn, two_half_widths
from restock.sim.results.rollup import SUMMED, Rollup

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Outcome:
    """What a policy did in a scenario over replications.

    `series` (where kept): daily figures per site, summed over items: the mean over the first `daily_replications`
    (days, sites, figures of ledger.SERIES), the warm-up included; `one_series`: those of the first replication.
    `adjusted`: the chain's intervals are those of estimates adjusted for realised demand, where that can be done
    (`control`). `redrawn`: what records drawn anew gave, where that was asked for: intervals then hold both parts.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> outcome = evaluate(one_shop(warm_up=7), BaseStock(base_stock_level=20), replications=8, seed=1, label="rich")
    >>> estimate, low, high = outcome.value("fill_rate")
    >>> bool(0.9 < low < estimate < high), list(outcome.table())[:5]
    (True, ['policy', 'level', 'group', 'measure', 'estimate'])
    """

    label: str
    prepared: Prepared
    plan: Plan
    seed: int
    replications: int
    rollup: Rollup
    series: np.ndarray | None = None
    one_series: np.ndarray | None = None
    adjusted: bool = False
    daily_replications: int = 0
    redrawn: Redrawn | None = None

    @cached_property
    def measures(self) -> list[str]:
        """The measures that this run has something to say of."""
        return measures_of(features_of(self.prepared.world, self.plan))

    @cached_property
    def control(self) -> np.ndarray | None:
        """What customers asked for less what was expected, in units and at price, (replications, 2).

        None where demand is no control (see `expected_demand.no_control`).
        """
        if "chain" not in self.rollup.sums or no_control(self.prepared):
            return None
        asked = self.rollup.sums["chain"][:, 0, [FACT["demand"], FACT["demand_value"]]]
        return asked - expected_demand(self.prepared)

    def interval(self, level: str = "chain", confidence: float = 0.95) -> statistics.Interval:
        """Every measure (last axis) of every group of a level; with what redrawn records add, where there are any."""
        if level != "chain":  # the chain's is asked for figure by figure, and is small
            return self._interval(level, confidence)
        if confidence not in self._of_chain:
            self._of_chain[confidence] = self._interval(level, confidence)
        return self._of_chain[confidence]

    @cached_property
    def _of_chain(self) -> dict[float, statistics.Interval]:
        return {}

    def _interval(self, level: str, confidence: float) -> statistics.Interval:
        found = self.simulated(level, confidence)
        spread = None if self.redrawn is None else self.redrawn.spread(level)
        return found if spread is None else statistics.with_records(found, self.replications, spread, confidence)

    def simulated(self, level: str = "chain", confidence: float = 0.95) -> statistics.Interval:
        """The same over replications only: the simulation's chance."""
        self._check(level)
        if level in SUMMED:
            control = self.control if self.adjusted and level == "chain" else None
            return statistics.interval(*self.pairs(level), confidence, control)
        moments = self.rollup.moments[level]
        found = statistics.interval_from_moments(moments.count, moments.mean, moments.squares, confidence)
        return found._replace(**{name: self._of_all_measures(value) for name, value in found._asdict().items()})

    def _of_all_measures(self, values: np.ndarray) -> np.ndarray:
        """nan for the measures of features that a run has not."""
        out = np.full((len(values), len(MEASURES)), np.nan)
        out[:, [MEASURE[name] for name in self.measures]] = values
        return out

    def pairs(self, level: str, measures: Sequence[str] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Numerators and denominators of all measures, or of these: (replications, groups, measures).

        Not for items and cells.
        """
        self._check(level)
        if level not in SUMMED:
            raise InputError(f"level '{level}' keeps no single replications; choose from: {', '.join(SUMMED)}")
        sums = self.rollup.sums[level]
        return numerators(sums, names=measures), denominators(sums, self.rollup.days, names=measures)

    def groups(self, level: str) -> tuple[str, ...]:
        """Names of the groups of a level."""
        self._check(level)
        return self.rollup.groupings[level].names

    def value(
        self, measure: str, level: str = "chain", group: str | None = None, confidence: float = 0.95
    ) -> tuple[float, float, float]:
        """Estimate, low and high of one measure of one group (the first, if none is named)."""
        k, groups = measure_number(measure), self.groups(level)
        if group is not None and group not in groups:
            raise unknown("group", group, groups, f"of level '{level}'")
        g = 0 if group is None else groups.index(group)
        found = self.interval(level, confidence)
        return float(found.estimate[g, k]), float(found.low[g, k]), float(found.high[g, k])

    def table(
        self, level: str = "chain", measures: Sequence[str] | None = None, confidence: float = 0.95
    ) -> pd.DataFrame:
        """Tidy table: policy, level, group, measure, estimate, low, high, half_width, unit, replications.

        Where records were redrawn, also simulation_half_width and record_half_width (of each part alone), resamples.
        """
        import pandas as pd

        chosen, groups = list(measures or self.measures), self.groups(level)
        columns = [measure_number(name) for name in chosen]
        found = self.interval(level, confidence)
        frame = pd.DataFrame({
            "policy": self.label,
            "level": level,
            "group": np.repeat(np.array(groups, dtype=object), len(chosen)),
            "measure": np.tile(np.array(chosen, dtype=object), len(groups)),
            **{name: getattr(found, name)[:, columns].ravel() for name in ("estimate", "low", "high", "half_width")},
            "unit": np.tile(np.array([MEASURES[name].unit for name in chosen], dtype=object), len(groups)),
            "replications": self.replications,
        })  # fmt: skip
        spread = None if self.redrawn is None else self.redrawn.spread(level)
        if spread is None:
            return frame
        apart = two_half_widths(self.simulated(level, confidence).half_width, spread, confidence)
        groups_and_measures = (len(groups), len(MEASURES))
        return frame.assign(**{name: values.reshape(groups_and_measures)[:, columns].ravel()
                               for name, values in apart.items()})  # fmt: skip

    def over_time(self) -> pd.DataFrame:
        """Daily figures of each site, mean over those kept: day (0: the warm-up starts), date, site, figures."""
        import pandas as pd

        series, scenario = self._series(), self.prepared.scenario
        days, sites = series.shape[:2]
        dates = pd.date_range(scenario.start, periods=days)
        frame = pd.DataFrame(series.reshape(days * sites, -1), columns=list(SERIES))
        frame.insert(0, "day", np.repeat(np.arange(days), sites))
        frame.insert(1, "date", np.repeat(dates, sites))
        frame.insert(2, "site", np.tile(np.array([site.name for site in scenario.sites], dtype=object), days))
        return frame

    def suggested_warm_up(self) -> statistics.WarmUp:
        """Whole weeks that MSER-5 would leave out: the longest over sites, of stock on hand less backorders."""
        series = self._series()
        net = series[:, :, SERIES.index("on_hand")] - series[:, :, SERIES.index("backorders")]
        each = [statistics.mser5(net[:, n]) for n in range(net.shape[1]) if net[:, n].any()]
        return statistics.WarmUp(-(-max(w.days for w in each) // 7) * 7, all(w.found for w in each))

    def warm_up_line(self) -> str:
        """The warm-up used beside the one that MSER-5 suggests."""
        used, suggested = self.prepared.scenario.warm_up, self.suggested_warm_up()
        if not suggested.found:
            return f"warm-up used: {used} days; MSER-5 finds no steady state at some sites in the days simulated"
        return f"warm-up used: {used} days; MSER-5 suggests {suggested.days}"

    def with_costs(self, **rates: float) -> Outcome:
        """What the same flow of goods costs at other rates, without a run: see `other_costs`."""
        from restock.sim.results.other_costs import with_costs

        return with_costs(self, **rates)

    def _series(self) -> np.ndarray:
        if self.series is None:
            raise InputError(f"no daily series were kept for policy '{self.label}'; run it with series=True")
        return self.series

    def _check(self, level: str) -> None:
        if level not in self.rollup.groupings:
            raise unknown("level", level, self.rollup.groupings, f"of the outcome of policy '{self.label}'")


def measure_number(name: str) -> int:
    """Where a measure stands among `measures.measures.MEASURES`; InputError, with names near it, if it is none.

    >>> measure_number("fill_rate")
    0
    """
    if name not in MEASURES:
        raise unknown("measure", name, MEASURES)
    return MEASURE[name]
