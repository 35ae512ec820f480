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
from benchmarks.peers.model import Answer, Model
from restock.sim.statistics import interval, t_quantile

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
    """Processor seconds, all threads together, of the same work (medians), and of much more of it in restock.

    Not seconds on the wall: on a shared machine those count the work of others, and more of it in a long run.
    """

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
    """The model in a peer and in restock: answers and seconds; a peer that is absent, or cannot, says so."""
    found = version(adapter.PACKAGE)
    absent = NOT_INSTALLED if found == NOT_INSTALLED else adapter.can(model)
    if absent:
        return Result(adapter.PACKAGE, found, model, absent)
    count = replications or replications_for(adapter, model)
    speeds = []
    for threads in adapter.THREADS:
        theirs, ours, speed = measured(adapter, model, count, threads, runs, many)
        speeds.append(speed)
    rows = agreements(theirs, ours, model, adapter.differences(model))
    return Result(adapter.PACKAGE, found, model, "", rows, speeds)


def measured(
    adapter: Any, model: Model, count: int, threads: int, runs: int, many: int
) -> tuple[Answer, Answer, Speed]:  # fmt: skip
    """Both sides by turns, after a run of each that does not count (it imports and compiles).

    Restock's answer is that of its many replications, the sharper one.
    """
    adapter.run(model, adapter.WARM or count, 1, threads)
    models.run(model, many, 1, threads)
    their_times: list[float] = []
    our_times: list[float] = []
    many_times: list[float] = []
    for _ in range(runs):
        theirs = _timed(their_times, adapter.run, model, count, 1, threads)
        for _ in range(3):
            _timed(our_times, models.run, model, count, 1, threads)
            ours = _timed(many_times, models.run, model, many, 1, threads)
    days = model.periods * model.cells
    a_cell_day = statistics.median(many_times) / (many * days)
    speed = Speed(
        count, threads, count * days, statistics.median(their_times), statistics.median(our_times), a_cell_day
    )
    return theirs, ours, speed


def _timed(times: list[float], work: Callable[..., Answer], *arguments: Any) -> Answer:
    start = time.process_time()
    answer = work(*arguments)
    times.append(time.process_time() - start)
    return answer
