"""What came of a claim, in words and small tables: verdict, checks with their intervals, numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from restock.experiments.claims import Answer
from restock.experiments.numbers_in_words import like, shown_value
from restock.sim.figures.style import in_words
from restock.sim.measures.measures import MEASURES
from restock.sim.results.text import aligned
from restock.sim.study.claims import Finding, Judged, X


def report(found: Answer) -> str:
    """The claim as printed: question, numbers, verdict."""
    claim = found.claim
    lines = [claim.question, "", f"Claim: {claim.says}", f"Held equal: {claim.equal}", "", *aligned(number_rows(found))]
    lines += ["", "± half-width of a 95% interval; those below hold all at once with 95%.", ""]
    return "\n".join([*lines, verdict_line(found), *(f"- {line}" for line in check_lines(found))])


def verdict_line(found: Answer) -> str:
    """The claim's name, the word, and what decides it."""
    return f"{found.claim.name}: {found.word}. {headline(found)}"


def headline(found: Answer) -> str:
    """The check that decides: the first that does not hold, else the first of all."""
    decides = next((each for each in found.judged if each.word == found.word), found.judged[0])
    findings = [finding for finding in decides.findings if finding.word == found.word][:1]
    return _sentence(dataclasses.replace(decides, findings=tuple(findings or decides.findings)))


def check_lines(found: Answer) -> list[str]:
    """A line for each check: sentence, figures with intervals, word."""
    return [
        f"{_sentence(each)}: {each.word}{f', but depends on {on}' if on else ''}"
        for each, on in zip(found.judged, found.rests_on, strict=True)
    ]


def _sentence(judged: Judged) -> str:
    check, said = judged.check, []
    for finding in judged.findings:
        several = check.at is None or len(check.at) > 1  # else the sentence says where
        where = f"at {_x(finding.at)}: " if finding.at is not None and several else ""
        name = f"{_place_names(finding.name, check.worst)}: " if finding.name else ""
        said.append(f"{where}{name}{figures_in_words(judged, finding)}")
    bound = _bound(judged)
    return f"{check.says}: {'; '.join(said)}{bound}"


def _place_names(text: str, terms: Sequence[str]) -> str:
    """Arms with their x in words; without it, where all have the same.

    >>> _place_names("lead_time@1, then lag@1", ["lead_time@1", "lag@1"])
    'lead time, then lag'
    """
    ends = {term.partition("@")[2] for term in terms}
    return in_words(text.replace(f"@{ends.pop()}", "") if len(ends) == 1 else text.replace("@", " at "))


def _bound(judged: Judged) -> str:
    """The bound, where it is not 0."""
    check = judged.check
    for name, words in (("above", "asked: more than"), ("below", "asked: less than"), ("within", "asked: within ±")):
        bound = getattr(check, name)
        if bound:
            shown = _value(judged, bound, signed=False, digits=_digits(bound))
            return f" ({words} {shown})".replace("± ", "±")
    return ""


def figures_in_words(judged: Judged, finding: Finding) -> str:
    """A figure and its interval, with the unit that it has: a share, %-points, % of change, or the measure's own."""
    if np.isnan(finding.value):
        return "no figure: the settings along which an arm is moved do not reach this service"
    if np.isnan(finding.low):
        return _value(judged, finding.value)
    digits = _digits(finding.value)
    low, high = (_value(judged, bound, unit=False, digits=digits) for bound in (finding.low, finding.high))
    return f"{_value(judged, finding.value, digits=digits)} ({low} to {high})"


def _digits(change: float) -> int:
    """Decimals of a change in %: more where there is little of it.

    >>> _digits(0.112), _digits(-0.000085)
    (1, 4)
    """
    return 1 if not 0 < abs(change) < 0.001 else 4


def _value(judged: Judged, value: float, signed: bool = True, unit: bool = True, digits: int = 1) -> str:
    check = judged.check
    differs = check.relative or bool(check.worst) or " - " in check.of
    sign = "+" if signed and differs and value > 0 else ""
    if check.relative:
        return f"{sign}{100 * value:.{digits}f}{'%' if unit else ''}"
    if MEASURES[judged.measure].unit == "share":
        return f"{sign}{100 * value:.2f}{(' %-points' if differs else '%') if unit else ''}"
    words = f" {MEASURES[judged.measure].unit.replace('/year', ' a year')}" if unit else ""
    words = "" if words == " ratio" else words
    return f"{sign}{shown_value(judged.measure, value)}{words}"


def number_rows(found: Answer) -> list[list[str]]:
    """The numbers as a small table: arms down, measures across; or along an axis, x down and arms across."""
    claim = found.claim
    arms = list(claim.arms)

    def cell(measure: str, label: str, x: X | None) -> str:
        figure = found.figures.of(measure, label, x)
        if figure is None or np.isnan(figure.value):
            return "-"
        interval = figure.interval()
        half = float(interval.half_width)
        text = shown_value(measure, float(interval.estimate)).rstrip("%")
        return text if claim.arms[label].theory else f"{text} ± {like(text, half, measure)}"

    if claim.xs == (None,):
        head = ["arm", *(measure_in_words(name) for name in claim.measures)]
        return [head, *([in_words(a), *(cell(m, a, None) for m in claim.measures)] for a in arms)]
    head = [claim.axis, *(in_words(label) for label in arms)]
    rows = [head]
    for measure in claim.measures:
        rows += [[measure_in_words(measure), *[""] * len(arms)]] if len(claim.measures) > 1 else []
        rows += [[_x(x), *(cell(measure, label, x) for label in arms)] for x in claim.xs]
    return rows


def measure_in_words(name: str) -> str:
    """A measure with its unit.

    >>> measure_in_words("fill_rate"), measure_in_words("total_cost")
    ('fill rate (%)', 'total cost (money a year)')
    >>> measure_in_words("bullwhip_ratio")
    'bullwhip ratio'
    """
    unit = MEASURES[name].unit
    if unit == "ratio":
        return in_words(name)
    return f"{in_words(name)} ({'%' if unit == 'share' else unit.replace('/year', ' a year')})"


def bare(measure: str, value: float) -> str:
    """A number that was given, with no more digits than it has."""
    return f"{100 * value:g}%" if MEASURES[measure].unit == "share" else f"{value:,g}"


def _x(x: X | None) -> str:
    return f"{x:g}" if isinstance(x, (int, float)) else in_words(str(x))
