"""The page of claims: question, verdict, figure, numbers, and how to run it bigger; tables beside it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restock.experiments.claim_file import FOLDER, key_of
from restock.experiments.claim_words import bare, check_lines, headline, number_rows
from restock.experiments.claims import Answer, along_table, table_of
from restock.experiments.run_folder import whole_or_nothing, write_figure, write_settings, write_table
from restock.experiments.settings import plain
from restock.sim.figures.style import in_words
from restock.sim.statistics.estimates import known

if TYPE_CHECKING:
    import pandas as pd

PANELS = 3  # measures side by side in a figure


def write_page(found: Sequence[Answer], about: dict[str, Any], folder: Path, report: str = "") -> None:
    """claims.md, figures, tables and resolved settings of each claim; all of it or nothing."""
    with whole_or_nothing(folder, report) as place:
        for name in ("figures", "tables", "settings"):
            (place / name).mkdir()
        for each in found:
            table = table_of(each)
            write_table(_storable(table), place / "tables", each.claim.name)
            write_table(findings_table(each), place / "tables", f"{each.claim.name}_verdict")
            if each.claim.equal_at is not None:
                write_table(_storable(along_table(each)), place / "tables", f"{each.claim.name}_along")
            write_figure(figure(each, table), place / "figures", each.claim.name)
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
    lines += [f"| [{e.claim.name}](#{e.claim.name}) | {e.word} | {headline(e)} |" for e in found]
    for each in found:
        claim, run = each.claim, each.base
        lines += ["", f'<a id="{claim.name}"></a>', "", f"## {claim.question}", "", f"*Claim.* {claim.says}", ""]
        lines += [f"**{each.word.capitalize()}.**", "", *(f"- {line}" for line in check_lines(each))]
        lines += ["", f"![{claim.question}](figures/{claim.name}.png)", "", *markdown(number_rows(each)), ""]
        lines += [f"*Held equal.* {claim.equal}", ""]
        bigger = f"replications={16 * run.replications}"
        lines += [f"{run.replications} replications, {run.days} days after {run.warm_up} of warm-up, seed {run.seed}. "
                  f"Again: `{command_of(each)}`; bigger: `{command_of(each, bigger)}`. "
                  f"Numbers: `tables/{claim.name}.csv`."]  # fmt: skip
    return "\n".join(lines) + "\n"


def command_of(found: Answer, *changed: str) -> str:
    """The command that gives the answer again, with some settings changed."""
    own = [FOLDER, str(found.own)] if found.own else []
    kept = [word for word in found.overrides if key_of(word) not in {key_of(each) for each in changed}]
    return shlex.join(["restock", "claim", found.claim.name, *own, *kept, *changed])


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


def against_table(found: Answer) -> pd.DataFrame:
    """Changes of the measure against one arm, paired: where they are small beside what the arms have in common."""
    import pandas as pd

    claim, rows = found.claim, []
    for label in claim.arms:
        for x in claim.xs:
            mine, other = (found.figures.of(claim.measure, arm, x) for arm in (label, claim.against))
            if label != claim.against and mine is not None and other is not None:
                change = mine / other - known(1.0)
                half = float(change.interval().half_width)
                rows.append({"arm": label, "x": x, "measure": claim.measure, "estimate": change.value,
                             "half_width": half})  # fmt: skip
    return pd.DataFrame(rows, columns=["arm", "x", "measure", "estimate", "half_width"])


def _storable(table: pd.DataFrame) -> pd.DataFrame:
    """Values of an axis may be numbers or names: kept as text in the files."""
    return table.assign(x=["" if x is None or x != x else str(x) for x in table["x"]])


def figure(found: Answer, table: pd.DataFrame) -> Any:
    """The claim's figure: lines along its axis, curves of service, or points side by side."""
    from restock.sim.figures import claims as plots

    claim = found.claim
    title = plots.claim_title(claim.question, f"{found.word.capitalize()}: {headline(found)}")
    theory = [label for label, arm in claim.arms.items() if arm.theory]
    if claim.xs != (None,):
        at = f"at {in_words(claim.equal_at[0])} {bare(*claim.equal_at)}" if claim.equal_at else ""
        drawn = against_table(found) if claim.against else table
        return plots.claim_lines(drawn, claim.measure, claim.axis, title, theory, at, claim.against)
    if claim.equal_at is not None:
        service, target = claim.equal_at
        return plots.claim_curves(along_table(found), table, claim.measure, service, target, title)
    return plots.claim_points(table, claim.measures[:PANELS], title)
