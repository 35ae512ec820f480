"""`restock verify`: exact and published cases, by formula and by simulation, one line a number."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from restock.sim.errors import unknown

if TYPE_CHECKING:
    from restock.sim.verification.judging import Line

USAGE = """\
restock verify [--quick] [CASE ...]    exact and published cases: formula, simulated 99% interval, verdict

  restock verify                all cases, about a minute once the kernel is compiled
  restock verify --quick        fewer instances and wider intervals, some seconds
  restock verify ZF1991 PBS-L2  these cases only; restock verify --list names them with their sources

Verdicts:
  ok            the formula gives the printed number and lies in a narrow interval; where nothing is random it is equal
  MISS          it does not, also not in a second run with ten times the data; or the two engines differ
  formula only  the formula gives the printed number, and no run shows it (why not follows)
  needs ...     what the simulator lacks to express the case
Exit codes: 0 no MISS, 1 a MISS, 2 a name is wrong, 130 interrupted.
"""
OPTIONS = ("--quick", "--list", "--help", "-h")


def verify_command(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    options = [word for word in arguments if word.startswith("-")]
    for word in options:
        if word not in OPTIONS:
            raise unknown("option", word, OPTIONS[:3], "of restock verify")
    if "--help" in options or "-h" in options:
        print(USAGE, end="")
        return 0
    from restock.sim.verification.cases import all_cases

    cases = all_cases()
    by_lower = {name.lower(): name for name in cases}
    names = [by_lower.get(word.lower(), word) for word in arguments if not word.startswith("-")]
    for name in names:
        if name not in cases:
            raise unknown("case", name, cases, "of restock verify")
    chosen = [cases[name] for name in dict.fromkeys(names or cases)]
    if "--list" in options:
        for case in chosen:
            print(f"{case.name:<15} {case.source}")
        return 0
    return _run(chosen, quick="--quick" in options)


def _run(cases: list, quick: bool) -> int:  # type: ignore[type-arg]
    from restock.experiments.run_folder import versions
    from restock.policies.catalogue import make_policy
    from restock.sim.verification.judging import SEED, verify

    start, lines = time.perf_counter(), []
    print(HEADER)
    for case in cases:
        for line in verify(case, make_policy, quick):
            print(shown(line), flush=True)
            lines.append(line)
    if len(cases) > 1:
        print("\n".join(by_case(lines)))
    missed = [line for line in lines if line.missed]
    print("\n".join(["", "missed:", *map(shown, missed), ""] if missed else [""]))
    print(f"seed {SEED}; " + ", ".join(f"{name} {version}" for name, version in versions().items()))
    print(summary(len(cases), Counter(map(kind, lines)), time.perf_counter() - start))
    return 1 if missed else 0


HEADER = f"{'case':<15} {'quantity':<62} {'theory':>11} {'estimate':>11}  {'99% interval':<24} verdict"
KINDS = ("in the interval", "equal", "formula only", "needs a feature", "MISS")


def by_case(lines: Sequence[Line]) -> list[str]:
    """A table: how many numbers of each case came out how."""
    counts: dict[str, Counter[str]] = {}
    for line in lines:
        what = {"formula": "formula only", "needs": "needs a feature"}.get(kind(line), kind(line))
        if what == "ok":
            what = "in the interval" if line.high - line.low > 1e-9 * abs(line.theory) else "equal"
        counts.setdefault(line.case, Counter())[what] += 1
    rows = [f"{case:<15} " + "  ".join(f"{count[k] or '':>{len(k)}}" for k in KINDS) for case, count in counts.items()]
    return ["", f"{'numbers':<15} " + "  ".join(KINDS), *(row.rstrip() for row in rows)]


def kind(line: Line) -> str:
    """The first word of a verdict: ok, MISS, formula, needs."""
    return line.verdict.replace(":", " ").split()[0]


def shown(line: Line) -> str:
    """A line of the table."""
    low, high = _figure(line.low), _figure(line.high)
    interval = f"{low} .. {high}" if low != high else ""
    return (
        f"{line.case:<15} {line.quantity:<62} {_figure(line.theory):>11} {_figure(line.estimate):>11}"
        f"  {interval:<24} {line.verdict}"
    )


def _figure(x: float) -> str:
    """Six digits at most after the point; nothing where there is no number.

    >>> _figure(5.2123), _figure(20.0), _figure(float("nan"))
    ('5.212300', '20', '')
    """
    if x != x:
        return ""
    return f"{x:.0f}" if float(x).is_integer() else f"{x:.6f}" if abs(x) < 1000 else f"{x:.3f}"


def summary(cases: int, count: Counter[str], seconds: float) -> str:
    """The closing line."""
    numbers = sum(count.values())
    return (
        f"{cases} cases, {numbers} numbers: {count['ok']} ok, {count['MISS']} MISS, {count['formula']} formula only, "
        f"{count['needs']} need a feature; {seconds:.0f} s"
    )
