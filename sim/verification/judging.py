"""Verification: exact and published cases, by formula and by simulation, each number with its verdict.

A formula must give the printed value; a simulated 99% interval must cover the formula's value and be narrow; the event
engine must agree exactly with the kernel on the first replication. With k intervals about k / 100 miss by chance, so a
number that misses is simulated again with ten times the data before it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

import numpy as np

from restock.sim.verification.facts import Facts, engines_agree, run_facts

if TYPE_CHECKING:
    from restock.sim.model.scenario import Scenario
    from restock.sim.planning.policy import Policy

CONFIDENCE = 0.99
SEED = 20
FIRST_REPLICATIONS = 64
EXACT = 1e-9

Estimate = Callable[[Facts], tuple[np.ndarray, np.ndarray]]
"""A ratio estimate: numerator and denominator of each replication."""
MakePolicy = Callable[[Mapping[str, Any]], "Policy"]


@dataclass(frozen=True)
class Number:
    """One number of a case.

    Parameters
    ----------
    printed : what the source says; None where only the formula says it
    theory : what the formula says
    estimate : how a run estimates it; a plain number where nothing is random (then it must be equal)
    is_share : a probability, whose interval may be 0.002 wide each way; others 1% of the value
    narrow : a half-width that is narrow enough instead, such as 5% of what is very rare
    """

    quantity: str
    printed: float | None
    theory: float
    estimate: Estimate | float | None = None
    is_share: bool = False
    narrow: float | None = None


@dataclass(frozen=True)
class Run:
    """What to simulate: `policy` is a policy, or the settings of one in the catalogue.

    `period`: the world repeats itself every so many days, and estimates look at those days one by one.
    """

    scenario: Scenario
    policy: Policy | Mapping[str, Any]
    period: int | None = None


@dataclass(frozen=True)
class Check:
    """Numbers that one run estimates; without a run, `verdict` says why ('formula only: ...', 'needs ...')."""

    numbers: tuple[Number, ...]
    run: Run | None = None
    verdict: str = "formula only: arithmetic or search"


@dataclass(frozen=True)
class Case:
    """A case: `checks(quick, make_policy)` gives all of its checks, or a few for a quick look."""

    name: str
    source: str
    tolerance: float  # how far a formula may be from the printed value
    checks: Callable[[bool, MakePolicy], list[Check]]


class Line(NamedTuple):
    """The outcome for one number."""

    case: str
    quantity: str
    theory: float
    estimate: float
    low: float
    high: float
    verdict: str

    @property
    def missed(self) -> bool:
        return self.verdict.startswith("MISS")


@dataclass(frozen=True)
class Effort:
    """How much to simulate: `width` times the narrow interval is enough, and so many cell-days are the most."""

    width: float = 1.0
    most_cell_days: int = 1_000_000_000


FULL, QUICK = Effort(), Effort(width=4.0, most_cell_days=20_000_000)


def verify(
    case: Case, make_policy: MakePolicy, quick: bool = False, seed: int = SEED, effort: Effort | None = None
) -> Iterator[Line]:
    """The lines of a case, as they are found; `quick` takes a few of its checks, and wider intervals."""
    effort = effort or (QUICK if quick else FULL)
    for k, check in enumerate(case.checks(quick, make_policy)):
        if check.run is None:
            yield from (_compare(case, number, check.verdict) for number in check.numbers)
        else:  # draws of its own, so that one unlucky draw is not met by every case
            yield from _simulate(case, check, make_policy, effort, crc32(f"{case.name} {k} {seed}".encode()))


def _compare(case: Case, number: Number, verdict: str) -> Line:
    """A number without a simulation: the formula against print, or an exact result against the formula."""
    found = number.estimate if isinstance(number.estimate, (int, float)) else np.nan
    verdict = _wrong_formula(case, number) or ("ok" if abs(found - number.theory) <= EXACT else verdict)
    if found == found and abs(found - number.theory) > EXACT:
        verdict = "MISS: must be equal"
    return Line(case.name, number.quantity, number.theory, found, found, found, verdict)


def _wrong_formula(case: Case, number: Number) -> str:
    if number.printed is None or abs(number.theory - number.printed) <= case.tolerance + 1e-12:
        return ""
    return f"MISS: the source prints {number.printed:g}"


def _simulate(case: Case, check: Check, make_policy: MakePolicy, effort: Effort, seed: int) -> Iterator[Line]:
    from restock.sim.planning.policy import Policy
    from restock.sim.planning.prepared import Prepared

    assert check.run is not None
    policy = check.run.policy
    prepared = Prepared(check.run.scenario)
    plan = prepared.plan(policy if isinstance(policy, Policy) else make_policy(policy))
    same = engines_agree(prepared, plan, seed)
    period = check.run.period
    facts = run_facts(prepared, plan, seed, 0, FIRST_REPLICATIONS, period)
    most = max(FIRST_REPLICATIONS, effort.most_cell_days // (prepared.world.horizon * prepared.world.stocked.size))
    enough = min(most, _replications_for(check, facts, effort))
    if enough > FIRST_REPLICATIONS:
        more = run_facts(prepared, plan, seed, FIRST_REPLICATIONS, enough, period)
        facts = {name: np.concatenate([facts[name], more[name]]) for name in facts}
    lines = [_judge(case, number, facts, effort) for number in check.numbers]
    again = [k for k, line in enumerate(lines) if line.missed and not _wrong_formula(case, check.numbers[k])]
    if again:  # with ten times the data, and draws of its own
        facts = run_facts(prepared, plan, seed + 1, 0, 10 * enough, period)
        for k in again:
            line = _judge(case, check.numbers[k], facts, effort)
            lines[k] = line._replace(verdict=line.verdict + " (second run, ten times the data)")
    if not same:
        lines = [line._replace(verdict="MISS: the engines differ on the first replication") for line in lines]
    yield from lines


def _judge(case: Case, number: Number, facts: Facts, effort: Effort) -> Line:
    from restock.sim.statistics import interval

    if not callable(number.estimate):
        return _compare(case, number, Check.verdict)
    found = interval(*number.estimate(facts), confidence=CONFIDENCE)
    estimate, low, high = float(found.estimate), float(found.low), float(found.high)
    verdict = "ok"
    if not low - EXACT <= number.theory <= high + EXACT:
        verdict = "MISS: outside the interval"
    elif float(found.half_width) > effort.width * _narrow(number) + EXACT:
        verdict = "MISS: the interval is too wide"
    verdict = _wrong_formula(case, number) or verdict
    return Line(case.name, number.quantity, number.theory, estimate, low, high, verdict)


def _narrow(number: Number) -> float:
    """The half-width that is narrow enough."""
    if number.narrow is not None:
        return number.narrow
    return 0.002 if number.is_share else 0.01 * abs(number.theory)


def _replications_for(check: Check, facts: Facts, effort: Effort) -> int:
    """Replications, in whole blocks, that should make every interval narrow, going by the first ones."""
    from restock.sim.statistics import interval

    most = 1.0
    for number in check.numbers:
        if callable(number.estimate) and _narrow(number) > 0:
            half = float(interval(*number.estimate(facts), confidence=CONFIDENCE).half_width)
            most = max(most, (half / (effort.width * _narrow(number))) ** 2)
    blocks = np.ceil(most * 1.2) if most > 0.7 else 1.0  # 1.2: the first widths are themselves estimates
    return int(FIRST_REPLICATIONS * blocks)
