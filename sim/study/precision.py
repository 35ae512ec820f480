"""Replications until an answer is sharp enough, the same ones for all policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from restock.sim import statistics
from restock.sim.errors import require
from restock.sim.measures.measures import MEASURES
from restock.sim.results.extending import Growing, part_of, whole_blocks
from restock.sim.results.outcome import measure_number

UNKNOWN = 10**9  # replications: stands for a number that cannot be told


@dataclass(frozen=True)
class Precision:
    """What is to be reached, in one measure of the chain; both where both are given.

    Parameters
    ----------
    relative : share
        Half-width of the interval as a share of the truth, for every policy: 0.01 is 1%.
    difference : in the measure's unit
        Half-width of every paired difference to the baseline.
    most_replications : after which it is given up

    >>> Precision("total_cost", relative=0.01, difference=5000).words()
    'every total cost to within 1% and every difference in total cost to within 5,000 money/year'
    """

    measure: str = "total_cost"
    relative: float | None = None
    difference: float | None = None
    most_replications: int = 1024

    def __post_init__(self) -> None:
        measure_number(self.measure)
        some = self.relative is not None or self.difference is not None
        require(some, "a precision needs precision.relative or precision.difference")
        good = self.relative is None or 0 < self.relative < 1
        require(good, f"precision.relative must lie between 0 and 1 (0.01 is 1%), got {self.relative}")
        good = self.difference is None or self.difference > 0
        require(good, f"precision.difference must be above 0, got {self.difference}")

    def words(self) -> str:
        """What was asked for."""
        name, unit = self.measure.replace("_", " "), MEASURES[self.measure].unit
        parts = []
        if self.relative is not None:
            parts.append(f"every {name} to within {100 * self.relative:g}%")
        if self.difference is not None:
            parts.append(f"every difference in {name} to within {self.difference:,g} {unit}")
        return " and ".join(parts)


class Reached(NamedTuple):
    """Whether the precision was reached, and holds from which number of replications on; else how many it may take."""

    precision: Precision
    reached: bool
    since: int | None
    replications: int
    needed: int

    def line(self) -> str:
        """For the report."""
        if self.reached:
            return (
                f"Precision reached: {self.precision.words()}, from {self.since:,} replications on; "
                f"{self.replications:,} were run."
            )
        needed = f"about {self.needed:,}" if self.needed < UNKNOWN else "many more"
        return (
            f"Precision NOT reached: {self.precision.words()}, after {self.replications:,} replications; {needed} "
            f"are needed (most_replications={self.precision.most_replications})."
        )


def run_to_precision(
    runs: Mapping[str, Growing], baseline: str, precision: Precision, replications: int,
    progress: Callable[[float], None], confidence: float = 0.95,
) -> Reached:  # fmt: skip
    """Extend all runs alike, from `replications` on, until the precision lasts or the most is reached.

    `confidence` is that of the intervals; those of differences may be made simultaneous by the caller.
    """
    compared = precision.difference is None or len(runs) > 1
    require(compared, "precision.difference needs at least two policies; precision.relative works with one")
    most = precision.most_replications
    require(most >= replications, f"most_replications ({most}) must not lie below replications ({replications})")
    made = replications
    while True:
        for k, run in enumerate(runs.values()):
            share = (made - run.replications) / most / len(runs)
            run.extend(made, part_of(progress, run.replications / most + k * share, share))
        counts, met, missing = np.zeros(0, int), np.ones(max(0, made - statistics.LEAST + 1), bool), 1.0
        for found, wanted in _figures(runs, baseline, precision, confidence):
            counts = found.replications
            met &= found.half_width <= wanted
            missing = max(missing, _missing(found.half_width, wanted))
        since = statistics.lasting(counts, met)
        needed = int(min(np.ceil(made * missing), UNKNOWN))
        if since is not None or made >= most:
            return Reached(precision, since is not None, since, made, needed)
        step = min(max(needed + statistics.look_ahead(needed), made + 1), 2 * made)
        made = min(most, whole_blocks(step))


def _missing(half_width: np.ndarray, wanted: np.ndarray) -> float:
    """By how much the replications made must be multiplied, going by the last interval; inf where it cannot be told."""
    if len(wanted) and half_width[-1] <= wanted[-1]:
        return 1.0
    known = len(wanted) > 0 and wanted[-1] > 0 and np.isfinite(half_width[-1])
    return float((half_width[-1] / wanted[-1]) ** 2) if known else np.inf


def _figures(
    runs: Mapping[str, Growing], baseline: str, precision: Precision, confidence: float
) -> Iterator[tuple[statistics.Running, np.ndarray]]:
    """Every interval that has to be short, after each replication, and how short."""
    outcomes = {label: run.outcome() for label, run in runs.items()}
    k = measure_number(precision.measure)
    pairs = {}
    for label, outcome in outcomes.items():
        top, bottom = outcome.pairs("chain")
        pairs[label] = (top[:, 0, k], bottom[:, 0, k])
        defined = bool(np.isfinite(top[:, 0, k]).all() and bottom[:, 0, k].any())
        require(defined, f"precision.measure={precision.measure} is undefined for policy '{label}' in this scenario")
    base = pairs[baseline]
    control = {label: outcome.control if outcome.adjusted else None for label, outcome in outcomes.items()}
    if precision.relative is not None:
        share = precision.relative / (1 + precision.relative)
        for label, (x, y) in pairs.items():
            found = statistics.running_intervals(x, y, control=control[label])
            yield found, share * np.abs(found.estimate)
    if precision.difference is not None:
        for label, (x, y) in pairs.items():
            if label != baseline:
                found = statistics.running_intervals(x, y, *base, control[label], confidence)
                yield found, np.full(len(found.replications), precision.difference)
