"""The best of several policies, with as few replications as it takes: KN on simulations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.errors import InputError, require
from restock.sim.measures.measures import MEASURES, denominators, numerators
from restock.sim.results.extending import Growing, part_of
from restock.sim.results.outcome import measure_number
from restock.sim.statistics.selection import Selection, select

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Best:
    """Find the policy whose mean of a measure over replications is best.

    Parameters
    ----------
    indifference : in the measure's unit
        The difference worth detecting.
    confidence : probability that the policy found is the best, or within the indifference of it
    most_replications : after which it is given up

    Raises InputError for a measure that is unknown or has no better side, and for shares and bounds out of range.

    >>> Best("total_cost", indifference=5000).confidence
    0.95
    """

    measure: str
    indifference: float
    confidence: float = 0.95
    most_replications: int = 1024

    def __post_init__(self) -> None:
        measure_number(self.measure)
        sided = [name for name, measure in MEASURES.items() if measure.better]
        known = MEASURES[self.measure].better != ""
        require(known, f"selection.measure={self.measure}: neither more nor less is better; try {', '.join(sided[:6])}")
        require(self.indifference > 0, f"selection.indifference must be above 0, got {self.indifference}")
        good = 0.5 < self.confidence < 1
        require(good, f"selection.confidence must lie between 0.5 and 1, got {self.confidence}")

    def line(self, found: Selection) -> str:
        """For the report."""
        name, unit = self.measure.replace("_", " "), MEASURES[self.measure].unit
        within = f"or within {self.indifference:,g} {unit} of it"
        if found.best is not None:
            ended = ", ".join(f"{gone.policy} out after {gone.replications:,}" for gone in found.eliminated)
            return (
                f"Best in {name}: '{found.best}', {within}, with probability {self.confidence:.0%} at least, "
                f"after {found.replications:,} replications ({ended}; procedure KN)."
            )
        return (
            f"Best in {name}: NOT decided after {found.replications:,} replications between "
            f"{', '.join(found.remaining)}; {found.longest:,} decide at the latest "
            f"(most_replications={self.most_replications}), and a larger selection.indifference takes fewer."
        )

    def table(self, found: Selection, policies: Sequence[str]) -> pd.DataFrame:
        """Which policies were dropped, when and behind which; means are over the replications that were screened."""
        import pandas as pd

        gone = {each.policy: each for each in found.eliminated}
        return pd.DataFrame([
            {
                "policy": label,
                "measure": self.measure,
                "status": "best" if label == found.best else "eliminated" if label in gone else "undecided",
                "replications": gone[label].replications if label in gone else found.replications,
                "behind": gone[label].behind if label in gone else "",
                "mean": found.means[label],
                "indifference": self.indifference,
                "confidence": self.confidence,
                "decided_at_the_latest": found.longest,
            }
            for label in policies
        ])  # fmt: skip


def run_selection(
    runs: Mapping[str, Growing], rule: Best, first_stage: int, progress: Callable[[float], None]
) -> Selection:
    """Extend the runs of the policies still in the race until one is left; the others stay as they are."""
    several, measure = len(runs) > 1, measure_number(rule.measure)
    require(several, f"selection.measure={rule.measure}: a selection needs at least two policies, got {len(runs)}")
    require(first_stage >= 2, f"selection.measure={rule.measure} needs replications=2 or more, got {first_stage}")
    most = rule.most_replications
    require(most >= first_stage, f"most_replications ({most}) must not lie below replications ({first_stage})")

    def sample(race: Sequence[str], first: int, last: int) -> dict[str, np.ndarray]:
        out = {}
        for k, label in enumerate(race):
            start, share = (first + (last - first) * k / len(race)) / most, (last - first) / len(race) / most
            runs[label].extend(last, part_of(progress, start, share))
            out[label] = _each(runs[label], measure, first, last)
        return out

    better = MEASURES[rule.measure].better
    return select(sample, list(runs), first_stage, rule.indifference, rule.confidence, better, most)


def _each(run: Growing, measure: int, first: int, last: int) -> np.ndarray:
    """The measure in each replication first <= r < last."""
    assert run.rollup is not None
    sums = run.rollup.sums["chain"][first:last, 0]
    top, bottom = numerators(sums)[:, measure], denominators(sums, run.rollup.days)[:, measure]
    if not (np.isfinite(top) & (bottom != 0)).all():
        name = list(MEASURES)[measure]
        raise InputError(f"selection.measure={name} is undefined in a replication of policy '{run.label}'")
    return top / bottom
