"""A policy's figures in the worlds of redrawn records, kept beside its outcome: the second part of its intervals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from restock.sim.statistics.intervals import ratio
from restock.sim.statistics.two_parts import OverRecords, of_records_alone, over_records

if TYPE_CHECKING:
    from restock.sim.results.outcome import Outcome


@dataclass(frozen=True)
class Redrawn:
    """What each resample of the record gave, by level.

    Parameters
    ----------
    weeks, resamples, replications : int
        Weeks of the record, how often it was redrawn, and replications of each.
    figures, influences : mapping of level to ndarray
        (resamples, groups, measures) and (resamples, replications, groups, measures); levels whose groups some resample
        has not are left out.
    itself : mapping of level to ndarray, shape (groups, measures)
        The figures of the record itself, from as many replications.
    """

    weeks: int
    resamples: int
    replications: int
    figures: dict[str, np.ndarray]
    influences: dict[str, np.ndarray]
    itself: dict[str, np.ndarray]

    def spread(self, level: str) -> OverRecords | None:
        """How every measure of every group spreads over records; None where a level is not known."""
        if level not in self.figures:
            return None
        return over_records(self.figures[level], self.influences[level], self.weeks, self.itself[level])


def spread_of_difference(
    of: Redrawn | None, base: Redrawn | None, level: str, measures: list[int]
) -> OverRecords | None:
    """How measures (by number) of a policy less another's spread over records; both met the same records and draws.

    >>> spread_of_difference(None, None, "chain", [0]) is None  # nothing was redrawn
    True
    """
    if of is None or base is None or level not in of.figures or level not in base.figures:
        return None
    figures, influences, itself = (
        getattr(of, name)[level][..., measures] - getattr(base, name)[level][..., measures]
        for name in ("figures", "influences", "itself")
    )
    return over_records(figures, influences, of.weeks, itself)


def two_half_widths(simulated: np.ndarray, spread: OverRecords, confidence: float) -> dict[str, np.ndarray]:
    """Columns of a table that says the two parts of an interval apart: half-widths that each would have alone.

    >>> two_half_widths(np.ones(1), OverRecords(*np.zeros((4, 1)), resamples=9, replications=4), 0.95)["resamples"]
    array([9])
    """
    return {
        "simulation_half_width": np.ravel(simulated),
        "record_half_width": np.ravel(of_records_alone(spread, confidence)),
        "resamples": np.full(simulated.size, spread.resamples),
    }


def figures_of(outcome: Outcome, replications: int) -> dict[str, tuple[tuple[str, ...], np.ndarray, np.ndarray]]:
    """Groups, figures and influences of the first replications, by level that keeps them.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> outcome = evaluate(one_shop(), BaseStock(base_stock_level=10), replications=4, seed=1, levels=("chain",))
    >>> groups, figures, influences = figures_of(outcome, 2)["chain"]
    >>> groups, figures.shape[0], influences.shape[:2]
    (('all',), 1, (2, 1))
    """
    from restock.sim.results.rollup import SUMMED

    out = {}
    for level in (level for level in outcome.rollup.groupings if level in SUMMED):
        x, y = (part[:replications] for part in outcome.pairs(level))
        figures, influences = ratio(x, y)
        out[level] = outcome.groups(level), figures, influences
    return out


def gathered(
    itself: Outcome, resampled: Iterable[dict[str, tuple[tuple[str, ...], np.ndarray, np.ndarray]]], weeks: int,
    replications: int,
) -> Redrawn:  # fmt: skip
    """Figures of the resamples beside those of the record itself.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.planning.example import one_shop
    >>> from restock.sim.study.compare import evaluate
    >>> outcome = evaluate(one_shop(), BaseStock(base_stock_level=10), replications=4, seed=1, levels=("chain",))
    >>> same = gathered(outcome, [figures_of(outcome, 4)] * 3, weeks=52, replications=4)
    >>> spread = same.spread("chain")
    >>> spread.resamples, float(spread.variance[0, 0]), float(spread.shift[0, 0])
    (3, 0.0, 0.0)
    """
    own, found = figures_of(itself, replications), list(resampled)
    levels = [level for level, (groups, *_) in own.items()
              if all(level in each and each[level][0] == groups for each in found)]  # fmt: skip
    return Redrawn(
        weeks, len(found), replications,
        {level: np.stack([each[level][1] for each in found]) for level in levels},
        {level: np.stack([each[level][2] for each in found]) for level in levels},
        {level: own[level][1] for level in levels},
    )  # fmt: skip
