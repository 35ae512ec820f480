"""Comparing restock with its peers: who is here, whether the answers agree, how long the same work takes.

Answers are means over replications: a Student interval for each side, and for their difference one from the pooled
variance (replications of the same model vary alike; few of a slow peer alone say too little about that). 'Agrees' is a
difference within its 99.9% interval of zero; where it is beyond, the adapter's reason is given, if it knows one.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.peers import dynaplex_adapter, models, simoptlib_adapter, stockpyl_adapter, supplynetpy_adapter
from benchmarks.peers.models import Answer, Model
from sim.statistics import interval, t_quantile

ADAPTERS: tuple[ModuleType, ...] = (stockpyl_adapter, supplynetpy_adapter, simoptlib_adapter, dynaplex_adapter)
CONFIDENCE = 0.999
MANY = 8192  # replications of the run that shows what restock takes when its fixed costs no longer count
NOT_INSTALLED = "not installed"


def version(package: str) -> str:
    """The version of an installed package, or 'not installed'."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED


def replications_for(adapter: Any, model: Model) -> int:
    """Fewer where there are more sites, so that a run of a slow peer stays below a minute."""
    return max(10, adapter.REPLICATIONS // model.cells)


@dataclass(frozen=True)
class Agreement:
    """One measure of one model, theirs and ours: mean and half-width of a 95% interval; nan where nothing is exact."""

    measure: str
    theirs: tuple[float, float]
    ours: tuple[float, float]
    exact: float
    verdict: str


def agreements(theirs: Answer, ours: Answer, model: Model, reasons: dict[str, str]) -> list[Agreement]:
    """Every measure that the peer reports."""
    exact = model.exact()
    return [
        Agreement(name, _mean(values), _mean(ours[name]), exact.get(name, float("nan")),
                  verdict(values, ours[name], reasons.get(name, "")))
        for name, values in theirs.items()
    ]  # fmt: skip


def verdict(theirs: np.ndarray, ours: np.ndarray, reason: str = "") -> str:
    """'agrees', or 'differs' with the reason.

    >>> verdict(np.array([1.0, 1.2, 0.9]), np.array([1.1, 0.9, 1.0]))
    'agrees'
    >>> verdict(np.array([1.0, 1.2, 0.9]), np.array([3.1, 2.9, 3.0]), "of another clock")
    'differs: of another clock'
    """
    degrees = len(theirs) + len(ours) - 2
    squares = theirs.var() * len(theirs) + ours.var() * len(ours)
    error = (squares / degrees * (1 / len(theirs) + 1 / len(ours))) ** 0.5
    within = abs(theirs.mean() - ours.mean()) <= t_quantile(CONFIDENCE, degrees) * error
    return "agrees" if within else f"differs: {reason or 'reason unknown'}"


def _mean(values: np.ndarray) -> tuple[float, float]:
    found = interval(values)
    return float(found.estimate), float(found.half_width)


@dataclass(frozen=True)
class Speed:
    """Seconds (medians) of the same work, and of much more of it in restock."""

    replications: int
    threads: int
    cell_days: int
    theirs: float
    ours: float
    ours_a_cell_day: float  # with MANY replications

    @property
    def theirs_a_cell_day(self) -> float:
        return self.theirs / self.cell_days

    @property
    def same_work(self) -> float:
        """How many times as long the peer takes for the same replications."""
        return self.theirs / self.ours

    @property
    def much_work(self) -> float:
        """How many times as long the peer takes for a cell-day, restock with MANY replications."""
        return self.theirs_a_cell_day / self.ours_a_cell_day


@dataclass(frozen=True)
class Result:
    """One model in one peer; `absent` says why there is no more."""

    peer: str
    version: str
    model: Model
    absent: str = ""
    agreements: Sequence[Agreement] = ()
    speeds: Sequence[Speed] = ()


def compare(adapter: Any, model: Model, runs: int = 3, replications: int = 0, many: int = MANY) -> Result:
    """The model in a peer and in restock, by turns, the first run of each not counted."""
    found = version(adapter.PACKAGE)
    absent = NOT_INSTALLED if found == NOT_INSTALLED else adapter.can(model)
    if absent:
        return Result(adapter.PACKAGE, found, model, absent)
    count = replications or replications_for(adapter, model)
    speeds = []
    for threads in adapter.THREADS:

        def them(threads: int = threads) -> Answer:
            return adapter.run(model, count, 1, threads)  # type: ignore[no-any-return]

        def us(count: int = count, threads: int = threads) -> Answer:
            return models.run(model, count, 1, threads)

        adapter.run(model, adapter.WARM or count, 1, threads)
        us(), us(many)
        theirs, ours, much = [], [], []
        for _ in range(runs):
            answer = _timed(them, theirs)
            for _ in range(3):
                our_answer = _timed(us, ours)
                _timed(lambda us=us: us(many), much)  # type: ignore[misc]
        cell_days = count * model.periods * model.cells
        each = statistics.median(much) / (many * model.periods * model.cells)
        speeds.append(Speed(count, threads, cell_days, statistics.median(theirs), statistics.median(ours), each))
    rows = agreements(answer, our_answer, model, adapter.differences(model))
    return Result(adapter.PACKAGE, found, model, "", rows, speeds)


def _timed(work: Callable[[], Answer], times: list[float]) -> Answer:
    start = time.perf_counter()
    answer = work()
    times.append(time.perf_counter() - start)
    return answer
