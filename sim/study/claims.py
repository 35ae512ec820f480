"""Claims, judged: comparisons of arms that met the same draws, a word for each, and a word for all.

A claim has a figure for each arm (a policy in a world) and each x (a value of the axis along which worlds differ). A
check says of such figures, of their differences or ratios, that they lie above or below a bound. It *holds* where the
whole interval does, *does not hold* where the whole interval lies on the other side, and is *not decided* where the
interval covers the bound. Intervals of a claim hold all at once with 95% (Bonferroni).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from restock.sim.errors import InputError, require, unknown
from restock.sim.measures.measures import MEASURES
from restock.sim.statistics import simultaneous
from restock.sim.statistics.estimates import Estimate, slope

HOLDS, FAILS, OPEN = "holds", "does not hold", "not decided"
WORDS = (HOLDS, FAILS, OPEN)
TERM = re.compile(r"(?:slope\((?P<sloped>\w+)\)|(?P<arm>\w+)(?:@(?P<x>[\w.]+))?)")
X = float | str


@dataclass(frozen=True)
class Check:
    """One thing that a claim says.

    Parameters
    ----------
    says : str
        The sentence.
    of : str
        What is judged: an arm, sums and differences of arms ('weekly - perpetual'), or one part over another
        ('weekly / perpetual', read as the change in %). `arm@x` is the arm at one x, else at the x of all terms in
        turn; `slope(arm)` is the slope of the line through the arm's figures.
    above, below : float or None
        The bound, in the measure's unit (0.01 is 1 %-point, or 1%); 'above: 0' means that it is more than nothing.
    within : float or None
        In place of a bound: at most so far from 0, either way.
    worst : list of str
        In place of `of`: which of these figures is the worst? Holds when one is worse than each of the others.
    at : list or None
        The x at which it is judged; None: at all.
    measure : str or None
        None: the claim's.
    """

    says: str
    of: str = ""
    above: float | None = None
    below: float | None = None
    within: float | None = None
    worst: tuple[str, ...] = ()
    at: tuple[X, ...] | None = None
    measure: str | None = None

    def __post_init__(self) -> None:
        bounds = [b for b in (self.above, self.below, self.within) if b is not None]
        asked = len(self.worst) >= 2 and not self.of and not bounds
        compared = bool(self.of) and not self.worst and len(bounds) == 1
        give = "give of with one of above, below and within; or worst with two arms or more"
        require(asked or compared, f"check '{self.says}': {give}")
        if self.measure is not None and self.measure not in MEASURES:
            raise unknown("measure", self.measure, MEASURES, f"of check '{self.says}'")

    @property
    def relative(self) -> bool:
        """Whether it judges a change in %."""
        return "/" in self.of

    def word(self, low: float, high: float) -> str:
        """What an interval says of the bound.

        >>> [Check("more", of="a - b", above=0).word(*each) for each in ((0.1, 0.3), (-0.3, -0.1), (-0.1, 0.1))]
        ['holds', 'does not hold', 'not decided']
        """
        if not (low <= high):
            return OPEN
        if self.within is not None:
            inside, outside = -self.within <= low and high <= self.within, low > self.within or high < -self.within
        elif self.above is not None:
            inside, outside = low > self.above, high <= self.above
        else:
            assert self.below is not None
            inside, outside = high < self.below, low >= self.below
        return HOLDS if inside else FAILS if outside else OPEN


@dataclass(frozen=True)
class Finding:
    """One comparison: where, the figure with its interval, and the word; `name`, where it answers 'which'.

    >>> Finding(at=2, value=0.05, low=0.01, high=0.09, word=HOLDS).word
    'holds'
    """

    at: X | None
    value: float
    low: float
    high: float
    word: str
    name: str = ""


@dataclass(frozen=True)
class Judged:
    """A check, its measure, what was found, and the word for all of it.

    >>> check = Check("more", of="a - b", above=0)
    >>> found = (Finding(1, 0.05, 0.01, 0.09, HOLDS), Finding(2, 0.0, -0.1, 0.1, OPEN))
    >>> Judged(check, "fill_rate", found).word
    'not decided'
    """

    check: Check
    measure: str
    findings: tuple[Finding, ...]

    @property
    def word(self) -> str:
        return together(finding.word for finding in self.findings)


@dataclass(frozen=True)
class Figures:
    """What checks look at: `of(measure, arm, x)` is the estimate, or None where there is none.

    Without an axis, `xs` is (None,).

    >>> held = {"lean": 0.9, "rich": 0.97}
    >>> figures = Figures(("lean", "rich"), (None,), lambda measure, arm, x: Estimate(held[arm], np.zeros(4)))
    >>> figures.of("fill_rate", "rich", None).value
    0.97
    """

    arms: tuple[str, ...]
    xs: tuple[X | None, ...]
    of: Callable[[str, str, X | None], Estimate | None]


def judge(checks: Sequence[Check], figures: Figures, measure: str, confidence: float = 0.95) -> tuple[Judged, ...]:
    """Each check with its findings; the intervals of all of them hold at once with the confidence.

    >>> spread = np.array([-0.01, 0.01, -0.01, 0.01])  # the influence of each of four replications
    >>> held = {"lean": Estimate(0.90, spread), "rich": Estimate(0.97, spread)}
    >>> figures = Figures(("lean", "rich"), (None,), lambda measure, arm, x: held[arm])
    >>> (found,) = judge([Check("more stock serves better", of="rich - lean", above=0)], figures, "fill_rate")
    >>> round(found.findings[0].value, 9), found.word
    (0.07, 'holds')
    """
    asked = [_contrasts(check, figures, check.measure or measure) for check in checks]
    each = simultaneous(confidence, max(1, sum(len(contrasts) for contrasts in asked)))
    return tuple(
        Judged(check, check.measure or measure, tuple(_finding(check, each, *contrast) for contrast in contrasts))
        for check, contrasts in zip(checks, asked, strict=True)
    )


def together(words: Any) -> str:
    """One word for several: all must hold.

    >>> together(["holds", "not decided"]), together(["not decided", "does not hold"]), together(["holds"])
    ('not decided', 'does not hold', 'holds')
    """
    found = set(words)
    return FAILS if FAILS in found else OPEN if OPEN in found or not found else HOLDS


def rests_on(judged: Sequence[Judged], otherwise: Mapping[tuple[str, str], Sequence[Judged]]) -> tuple[str, ...]:
    """For each check that holds or does not: what its word would be elsewhere, where it is another; '' where none is.

    `otherwise` has the same checks, judged at other values of what is assumed: (its name, what was done to it).

    >>> check, cheaper = Check("more", of="a", above=0), ("carrying cost", "halved")
    >>> holds, fails = (Judged(check, "total_cost", (Finding(None, v, v, v, word),))
    ...                 for v, word in ((1, HOLDS), (-1, FAILS)))
    >>> rests_on([holds], {cheaper: [fails]}), rests_on([holds], {cheaper: [holds]})
    (('carrying cost (does not hold when it is halved)',), ('',))
    """
    said: list[dict[str, list[str]]] = [{} for _ in judged]
    for (name, done), others in otherwise.items():
        for k, (here, there) in enumerate(zip(judged, others, strict=True)):
            if here.word != OPEN and there.word != here.word:
                said[k].setdefault(name, []).append(f"{there.word} when it is {done}")
    return tuple("; ".join(f"{name} ({', '.join(words)})" for name, words in each.items()) for each in said)


def verdict(judged: Sequence[Judged]) -> str:
    """The word for a claim.

    >>> check = Check("more", of="a", above=0)
    >>> verdict([Judged(check, "fill_rate", (Finding(None, 0.1, 0.05, 0.15, HOLDS),))])
    'holds'
    """
    return together(each.word for each in judged)


def _finding(check: Check, confidence: float, at: X | None, figure: Estimate | None, name: str) -> Finding:
    if figure is None or np.isnan(figure.value):
        return Finding(at, np.nan, np.nan, np.nan, OPEN, name)
    found = figure.interval(confidence)
    value, low, high = float(found.estimate), float(found.low), float(found.high)
    if check.worst:  # the worst less the next: that it is one-sided is known, how far from 0 is not
        return Finding(at, value, low, high, HOLDS if low > 0 or high < 0 else OPEN, name)
    return Finding(at, value, low, high, check.word(low, high), name)


def _contrasts(check: Check, figures: Figures, measure: str) -> list[tuple[X | None, Estimate | None, str]]:
    """(x, figure, name) of every comparison that a check asks for."""
    if check.worst:
        return _against_the_worst(check, figures, measure)
    fixed = all(found["x"] or found["sloped"] for found in TERM.finditer(check.of))
    named = figures.xs if check.at is None else tuple(_x_of(str(x), figures, check) for x in check.at)
    return [(x, _value(check, check.of, figures, measure, x), "") for x in ((None,) if fixed else named)]


def _against_the_worst(check: Check, figures: Figures, measure: str) -> list[tuple[X | None, Estimate | None, str]]:
    """The worst figure, less each of the others, nearest first."""
    better = MEASURES[measure].better
    require(better != "", f"check '{check.says}': {measure} has no better side")
    found = {term: _value(check, term, figures, measure, None) for term in check.worst}
    missing = [term for term, figure in found.items() if figure is None]
    if missing:
        return [(None, None, missing[0])]
    known = {term: figure for term, figure in found.items() if figure is not None}
    order = sorted(known, key=lambda term: known[term].value if better == "higher" else -known[term].value)
    return [(None, known[order[0]] - known[other], f"{order[0]}, then {other}") for other in order[1:]]


def _value(check: Check, text: str, figures: Figures, measure: str, x: X | None) -> Estimate | None:
    """The figure of an expression at x."""
    top, over, bottom = text.partition("/")
    above = _sum(check, top, figures, measure, x)
    if not over:
        return above
    below = _sum(check, bottom, figures, measure, x)
    if above is None or below is None:
        return None
    quotient = above / below
    return Estimate(quotient.value - 1, quotient.influence)


def _sum(check: Check, text: str, figures: Figures, measure: str, x: X | None) -> Estimate | None:
    """Terms joined by + and -, with a space on either side."""
    words = text.split()
    good = len(words) % 2 == 1 and set(words[1::2]) <= {"+", "-"} and all(map(TERM.fullmatch, words[::2]))
    require(good, f"check '{check.says}': cannot read '{text.strip()}'; write arms joined by ' - ', ' + ' or one ' / '")
    terms = [_term(check, word, figures, measure, x) for word in words[::2]]
    total = terms[0]
    for sign, term in zip(words[1::2], terms[1:], strict=True):
        if total is None or term is None:
            return None
        total = total + term if sign == "+" else total - term
    return total


def _term(check: Check, word: str, figures: Figures, measure: str, x: X | None) -> Estimate | None:
    found = TERM.fullmatch(word)
    assert found is not None
    arm = found["sloped"] or found["arm"]
    if arm not in figures.arms:
        raise unknown("arm", arm, figures.arms, f"of check '{check.says}'")
    if found["sloped"]:
        points = [(x, figures.of(measure, arm, x)) for x in figures.xs]
        numbers = [(x, y) for x, y in points if isinstance(x, (int, float)) and y is not None]
        require(len(points) >= 2, f"check '{check.says}': {word} needs an axis of numbers")
        return slope([x for x, _ in numbers], [y for _, y in numbers]) if len(numbers) == len(points) else None
    at = _x_of(found["x"], figures, check) if found["x"] else x
    if at is None and figures.xs != (None,):
        raise InputError(f"check '{check.says}': say at which x, such as {arm}@{figures.xs[0]}")
    return figures.of(measure, arm, at)


def _x_of(text: str, figures: Figures, check: Check) -> X:
    """The x whose written form it is."""
    by_text = {str(x): x for x in figures.xs if x is not None}
    if text not in by_text:
        raise unknown("x", text, by_text, f"of check '{check.says}'")
    return by_text[text]


def check_of(written: Mapping[str, Any], allowed: Callable[[Mapping[str, Any]], None]) -> Check:
    """A check from its written form; `allowed` refuses keys that are not fields.

    >>> check_of({"says": "more", "of": "a - b", "above": 0, "at": 2}, allowed=lambda written: None).at
    (2,)
    """
    allowed(written)
    values = dict(written)
    for name in ("worst", "at"):
        if values.get(name) is not None:
            given = values[name]
            values[name] = tuple(given) if isinstance(given, (list, tuple)) else (given,)
    return Check(**values)
