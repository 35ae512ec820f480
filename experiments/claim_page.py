"""The page of claims: question, verdict, figure, numbers, and how to run it bigger; tables beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.claims import Answer, along_table, table_of
from experiments.optimize_report import shown_value
from experiments.run_folder import whole_or_nothing, write_settings, write_table
from experiments.settings import plain
from sim.claims import Finding, Judged, X
from sim.measures import MEASURES
from sim.plot_style import in_words
from sim.summary import aligned

if TYPE_CHECKING:
    import pandas as pd

PANELS = 3  # measures side by side in a figure


def write_page(found: Sequence[Answer], about: dict[str, Any], folder: Path) -> None:
    """claims.md, figures, tables and resolved settings of each claim; all of it or nothing."""
    with whole_or_nothing(folder) as place:
        for name in ("figures", "tables", "settings"):
            (place / name).mkdir()
        for each in found:
            table = table_of(each)
            write_table(_storable(table), place / "tables", each.claim.name)
            write_table(findings_table(each), place / "tables", f"{each.claim.name}_verdict")
            if each.claim.equal_at is not None:
                write_table(_storable(along_table(each)), place / "tables", f"{each.claim.name}_along")
            figure(each, table).savefig(place / "figures" / f"{each.claim.name}.png")
            (place / "settings" / each.claim.name).mkdir()
            write_settings(place / "settings" / each.claim.name, plain(each.base), about)
        (place / "claims.md").write_text(page(found), encoding="utf-8", newline="\n")


def page(found: Sequence[Answer]) -> str:
    """The page, in Markdown."""
    lines = ["# Claims, judged by simulation", ""]
    lines += ["Intervals of a claim hold all at once with 95%: they are paired replication by replication, since the",
              "arms of a claim meet the same draws. A claim *holds* where the whole interval says so, *does not hold*",
              "where it says the opposite, and is *not decided* where it covers the bound.", ""]  # fmt: skip
    lines += ["| claim | verdict | |", "| --- | --- | --- |"]
    lines += [f"| [{e.claim.name}](#{e.claim.name}) | {e.word} | {_headline(e)} |" for e in found]
    for each in found:
        claim, run = each.claim, each.base
        lines += ["", f'<a id="{claim.name}"></a>', "", f"## {claim.question}", "", f"*Claim.* {claim.says}", ""]
        lines += [f"**{each.word.capitalize()}.**", "", *(f"- {line}" for line in check_lines(each))]
        lines += ["", f"![{claim.question}](figures/{claim.name}.png)", "", *markdown(number_rows(each)), ""]
        lines += [f"*Held equal.* {claim.equal}", ""]
        words = " ".join(["restock claim", claim.name, *each.overrides])
        lines += [f"{run.replications} replications, {run.days} days after {run.warm_up} of warm-up, seed {run.seed}. "
                  f"Again: `{words}`; bigger: `restock claim {claim.name} replications={16 * run.replications}`. "
                  f"Numbers: `tables/{claim.name}.csv`."]  # fmt: skip
    return "\n".join(lines) + "\n"


def report(found: Answer) -> str:
    """The claim as printed: question, numbers, verdict."""
    claim = found.claim
    lines = [claim.question, "", f"Claim: {claim.says}", f"Held equal: {claim.equal}", "", *aligned(number_rows(found))]
    lines += ["", "± half-width of a 95% interval; those below hold all at once with 95%.", ""]
    return "\n".join([*lines, verdict_line(found), *(f"- {line}" for line in check_lines(found))])


def verdict_line(found: Answer) -> str:
    """The claim's name, the word, and what decides it."""
    return f"{found.claim.name}: {found.word}. {_headline(found)}"


def _headline(found: Answer) -> str:
    """The check that decides: the first that does not hold, else the first of all."""
    decides = next((each for each in found.judged if each.word == found.word), found.judged[0])
    findings = [finding for finding in decides.findings if finding.word == found.word][:1]
    return _sentence(dataclasses.replace(decides, findings=tuple(findings or decides.findings)))


def check_lines(found: Answer) -> list[str]:
    """A line for each check: sentence, figures with intervals, word."""
    return [f"{_sentence(each)}: {each.word}" for each in found.judged]


def _sentence(judged: Judged) -> str:
    check, said = judged.check, []
    for finding in judged.findings:
        where = f"at {_x(finding.at)}: " if finding.at is not None else ""
        name = f"{in_words(finding.name).replace('@', ' at ')}: " if finding.name else ""
        said.append(f"{where}{name}{figures_in_words(judged, finding)}")
    bound = _bound(judged)
    return f"{check.says}: {'; '.join(said)}{bound}"


def _bound(judged: Judged) -> str:
    """The bound, where it is not 0."""
    check = judged.check
    for name, words in (("above", "asked: more than"), ("below", "asked: less than"), ("within", "asked: within ±")):
        bound = getattr(check, name)
        if bound:
            return f" ({words} {_value(judged, bound, signed=False)})".replace("± ", "±")
    return ""


def figures_in_words(judged: Judged, finding: Finding) -> str:
    """A figure and its interval, with the unit that it has: a share, %-points, % of change, or the measure's own."""
    if np.isnan(finding.value):
        return "no figure: the settings along which an arm is moved do not reach this service"
    if np.isnan(finding.low):
        return _value(judged, finding.value)
    low, high = (_value(judged, bound, unit=False) for bound in (finding.low, finding.high))
    return f"{_value(judged, finding.value)} ({low} to {high})"


def _value(judged: Judged, value: float, signed: bool = True, unit: bool = True) -> str:
    check = judged.check
    differs = check.relative or bool(check.worst) or " - " in check.of
    sign = "+" if signed and differs and value > 0 else ""
    if check.relative:
        return f"{sign}{100 * value:.1f}{'%' if unit else ''}"
    if MEASURES[judged.measure].unit == "share":
        return f"{sign}{100 * value:.2f}{(' %-points' if differs else '%') if unit else ''}"
    words = f" {MEASURES[judged.measure].unit.replace('/year', ' a year')}" if unit else ""
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
        return text if claim.arms[label].theory else f"{text} ± {_like(text, half, measure)}"

    if claim.xs == (None,):
        head = ["arm", *(_measure(name) for name in claim.measures)]
        return [head, *([in_words(a), *(cell(m, a, None) for m in claim.measures)] for a in arms)]
    head = [claim.axis, *(in_words(label) for label in arms)]
    rows = [head]
    for measure in claim.measures:
        rows += [[_measure(measure), *[""] * len(arms)]] if len(claim.measures) > 1 else []
        rows += [[_x(x), *(cell(measure, label, x) for label in arms)] for x in claim.xs]
    return rows


def _like(text: str, half: float, measure: str) -> str:
    """A half-width with as many decimals as its estimate is written with.

    >>> _like("140.7", 2.04, "average_on_hand"), _like("97.22", 0.0011, "fill_rate")
    ('2.0', '0.11')
    """
    decimals = len(text.partition(".")[2])
    return f"{half * (100 if MEASURES[measure].unit == 'share' else 1):,.{decimals}f}"


def _measure(name: str) -> str:
    unit = MEASURES[name].unit
    return f"{in_words(name)} ({'%' if unit == 'share' else unit.replace('/year', ' a year')})"


def _bare(measure: str, value: float) -> str:
    """A number that was given, with no more digits than it has."""
    return f"{100 * value:g}%" if MEASURES[measure].unit == "share" else f"{value:g}"


def _x(x: X | None) -> str:
    return f"{x:g}" if isinstance(x, (int, float)) else in_words(str(x))


def markdown(rows: list[list[str]]) -> list[str]:
    """Rows as a table in Markdown."""
    head, *rest = rows
    return [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *(f"| {' | '.join(row)} |" for row in rest)]


def findings_table(found: Answer) -> pd.DataFrame:
    """A row for each comparison that was judged."""
    import pandas as pd

    return pd.DataFrame([
        {"claim": found.claim.name, "verdict": found.word, "check": judged.check.says, "measure": judged.measure,
         "of": judged.check.of or ", ".join(judged.check.worst), "x": "" if f.at is None else str(f.at),
         "answer": f.name, "value": f.value, "low": f.low, "high": f.high, "word": f.word}
        for judged in found.judged for f in judged.findings
    ])  # fmt: skip


def _storable(table: pd.DataFrame) -> pd.DataFrame:
    """Values of an axis may be numbers or names: kept as text in the files."""
    return table.assign(x=["" if x is None or x != x else str(x) for x in table["x"]])


def figure(found: Answer, table: pd.DataFrame) -> Any:
    """The claim's figure: lines along its axis, curves of service, or points side by side."""
    from sim import plots_claims as plots

    claim = found.claim
    title = plots.claim_title(claim.question, f"{found.word.capitalize()}: {_headline(found)}")
    theory = [label for label, arm in claim.arms.items() if arm.theory]
    if claim.xs != (None,):
        at = f", at {in_words(claim.equal_at[0])} {_bare(*claim.equal_at)}" if claim.equal_at else ""
        return plots.claim_lines(table, claim.measure, claim.axis, title, theory, at)
    if claim.equal_at is not None:
        service, target = claim.equal_at
        return plots.claim_curves(along_table(found), table, claim.measure, service, target, title)
    return plots.claim_points(table, claim.measures[:PANELS], title)
