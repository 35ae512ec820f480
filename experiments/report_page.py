"""`restock report RUN`: a run as one page to hand over, readable without Python, a network or the rest of the folder.

The page is made of what the run wrote: its figures lie in it, its numbers are those of its tables.
"""

from __future__ import annotations

import html
import json
import shlex
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from restock.experiments.html_parts import (
    assumptions,
    document,
    png_source,
    report_whole,
    settings_whole,
    table,
    the_same_again,
)
from restock.experiments.numbers_in_words import interval
from restock.experiments.run_folder import replaced, shown_path
from restock.sim.errors import InputError, require
from restock.sim.measures.cost_parts import COST_PARTS

if TYPE_CHECKING:
    import pandas as pd

MEASURED = ("fill_rate", "stockout_rate", "average_inventory_value", "turnover", "distortion_cost",
            "distortion_pct_of_sales", "total_cost")  # fmt: skip
PARTS = (*COST_PARTS, "total_cost")
AT_SERVICE = ("total_cost", "average_inventory_value", "orders_per_year", *COST_PARTS)
FIRST_FIGURES = ("tradeoff_curves", "cost_at_equal_service", "policies")
MOST_ROWS = 100  # of a table that is shown whole


def report_command(words: Sequence[str]) -> int:
    """restock report RUN [output=FILE]: the page of a run folder; RUN/report.html, if no other file is named."""
    folders = [word for word in words if "=" not in word]
    settings = dict(word.split("=", 1) for word in words if "=" in word)
    require(len(folders) == 1, f"restock report takes one run folder, got {len(folders)}")
    for name in settings:
        require(name == "output", f"setting '{name}' of restock report is unknown; choose from: output")
    folder = Path(folders[0])
    text = page(folder)
    file = Path(settings.get("output") or folder / "report.html")
    require(not file.is_dir(), f"output must be a file, and '{file}' is a folder")
    replaced(file, text)
    print(f"Written to {shown_path(file.absolute())}: {len(text.encode()) / 2**20:.1f} MB, figures included")
    return 0


def page(folder: Path) -> str:
    """The page, as HTML."""
    about = _read_about(folder)
    report = _text(folder / "report.txt")
    title = report.splitlines()[0] if report.strip() else f"restock {about.get('command', 'run')}"
    tables = {path.stem: path for path in sorted((folder / "tables").glob("*.csv"))}
    when = html.escape(f"restock {about.get('command', '')}, {about['started']}, seed {about['seed']}")
    body = [f"<h1>{html.escape(title)}</h1>", f"<p class=note>{when}. {interval_words(tables)}</p>"]
    body += [*_warnings(report), *_equal_service(tables), *_policies(tables), *_differences(tables)]
    body += [*_advice(tables), *_figures(folder), *assumptions(report)]
    body += [*_repeat(about), *settings_whole(_text(folder / "config.yaml")), *report_whole(report), *_tables(tables)]
    return document(title, body)


def interval_words(tables: Container[str]) -> str:
    """What ± holds, and what it does not; a back-test has intervals of its own, which its report explains.

    >>> interval_words(())[:50]
    '± is the half-width of a 95% interval over replica'
    """
    if "coverage" in tables:
        return "Intervals are those of the futures predicted, as the report says."
    if "interval_parts" in tables:
        return (
            "± is the half-width of a 95% interval that holds the simulation's chance and that of the record (table "
            "interval_parts has them apart): whether costs and what is assumed are as they are taken here is not in it."
        )
    return (
        "± is the half-width of a 95% interval over replications of this model: whether demand, lead times and costs "
        "are as they are taken here is not in it."
    )


def _read_about(folder: Path) -> dict[str, Any]:
    require(folder.is_dir(), f"there is no folder '{folder}'")
    if (folder / "results.csv").exists():
        raise InputError(f"'{folder}' holds a sweep; take one of its runs, such as {folder / '0'}")
    require((folder / "run.json").is_file(), f"'{folder}' is no run folder: run.json is missing")
    try:
        about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return {"started": "", "seed": ""} | dict(about)
    except (ValueError, TypeError) as error:
        raise InputError(f"'{folder / 'run.json'}' cannot be read: {error}") from None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(
        path, dtype={"group": str, "item": str, "site": str, "depends_on": str}, keep_default_na=False, na_values=[""]
    )


def _warnings(report: str) -> Iterator[str]:
    """What the run says above its figures: policies without a steady state."""
    told = [line for line in report.splitlines() if line.startswith("No steady state")]
    if told:
        yield f"<p><b>{'<br>'.join(html.escape(line) for line in told)}</b></p>"


def _equal_service(tables: dict[str, Path]) -> Iterator[str]:
    """Policies where they serve the same share, cheapest first; parts that some policy pays."""
    if "equal_service" not in tables:
        return
    found = _read(tables["equal_service"])
    yield "<h2>What the same service costs</h2><p class=note>Each policy moved along a setting of its own, on the same "
    yield "demand; figures are those where its fill rate is the one named.</p>"
    some = [name for name in AT_SERVICE if found.loc[found["measure"] == name, "estimate"].abs().sum() > 0]
    units = found.drop_duplicates("measure").set_index("measure")["unit"]
    rows = []
    for (level, policy), mine in found.groupby(["fill_rate", "policy"], sort=False):
        of = mine.set_index("measure")
        cost = of.loc["total_cost"]
        apart = (cost[name] for name in ("difference", "difference_low", "difference_high"))
        more = "" if policy == cost["less"] else interval("total_cost", *apart, difference=True)  # type: ignore[misc]
        depends = str(cost["depends_on"]) if cost["depends_on"] == cost["depends_on"] else ""
        verdict = f"{cost['verdict']}, but depends on {depends}" if depends else cost["verdict"]
        rows.append([f"{100 * level:g}%", policy, more, verdict,
                     *(interval(name, *of.loc[name, ["estimate", "low", "high"]]) for name in some)])  # fmt: skip
    yield table(
        ["fill rate", "policy", "more than the cheapest", "verdict", *(_named(n, units[n]) for n in some)], rows
    )


def _policies(tables: dict[str, Path]) -> Iterator[str]:
    """What each policy gives and costs, and the cost in its parts: those that some policy has."""
    if "chain" not in tables:
        return
    chain = _read(tables["chain"])
    yield "<h2>What each policy gives, and what it costs</h2>"
    yield _of_measures(chain, MEASURED)
    yield from cost_in_parts(chain)


def cost_in_parts(chain: pd.DataFrame) -> Iterator[str]:
    """Total cost in its parts, those that some policy has; `chain` is the table of that name.

    >>> from restock.policies.base_stock import BaseStock
    >>> from restock.sim.study.example import lean_and_rich
    >>> "carrying cost, money a year" in "".join(cost_in_parts(lean_and_rich(BaseStock).table("chain")))
    True
    """
    some = [name for name in PARTS if chain.loc[chain["measure"] == name, "estimate"].abs().sum() > 0]
    yield "<h2>Total cost in its parts</h2>"
    yield _of_measures(chain, some)


def _of_measures(chain: pd.DataFrame, names: Iterable[str]) -> str:
    """Measures down, policies across."""
    units = chain.drop_duplicates("measure").set_index("measure")["unit"]
    of = {policy: mine.set_index("measure") for policy, mine in chain.groupby("policy", sort=False)}
    shown = [name for name in names if chain.loc[chain["measure"] == name, "estimate"].notna().any()]
    rows = [[_named(name, units[name]),
             *(interval(name, *each.loc[name, ["estimate", "low", "high"]]) for each in of.values())]
            for name in shown]  # fmt: skip
    return table(["measure", *of], rows)


def _named(measure: str, unit: str) -> str:
    """A measure in words with its unit, a share without one.

    >>> _named("total_cost", "money/year"), _named("fill_rate", "share")
    ('total cost, money a year', 'fill rate')
    """
    words = measure.replace("_pct_of_sales", "").replace("_", " ")
    return words if unit == "share" else f"{words}, {unit.replace('/', ' a ')}"


def _differences(tables: dict[str, Path]) -> Iterator[str]:
    """Each policy less the baseline, paired, with the verdict and what it rests on."""
    if "differences" not in tables:
        return
    import pandas as pd

    from restock.sim.study.summary_table import UNSTEADY

    found = _read(tables["differences"])
    found = found[(found["level"] == "chain") & found["measure"].isin(MEASURED)]
    found = pd.DataFrame({"depends_on": "", "steady_state": True}, found.index).assign(**found)
    rows = []
    for row in found.fillna({"depends_on": ""}).itertuples():
        verdict = row.verdict if row.steady_state else f"{row.verdict} {UNSTEADY}"
        verdict += f", but depends on {row.depends_on}" if row.depends_on else ""
        change = interval(row.measure, row.difference, row.low, row.high, difference=True)
        rows.append([row.policy, _named(row.measure, row.unit), change, verdict])
    if rows:
        yield f"<h2>Less '{html.escape(str(found['baseline'].iloc[0]))}', paired by replication</h2>"
        yield table(["policy", "measure", "difference", "verdict"], rows)


def _advice(tables: dict[str, Path]) -> Iterator[str]:
    """What each improvement is worth, the largest gain first, and what was not tried."""
    if "advice" not in tables:
        return
    from restock.experiments.advice.improvements import titled
    from restock.experiments.numbers_in_words import money_change

    found, rows, left_out = _read(tables["advice"]), [], []
    for row in found.itertuples():
        name = titled(row.improvement)
        if row.rank == row.rank:
            kept = ", levels kept" if getattr(row, "levels", "") == "kept" else ""
            depends = f", but depends on {row.depends_on}" if row.depends_on == row.depends_on else ""
            rows.append([f"{row.rank:.0f}", f"{name}{kept}", money_change(row.gain, row.gain_half_width),
                         f"{100 * row.fill_rate_change:+.2f}",
                         money_change(row.stock_at_cost_change, row.stock_at_cost_change_half_width),
                         f"{row.verdict}{depends}", row.says])  # fmt: skip
        elif row.verdict == "not tried":
            left_out.append(f"<li>{html.escape(f'{name}: {row.why}')}</li>")
    yield "<h2>What each improvement is worth</h2>"
    head = ["rank", "improvement", "gains a year", "fill rate, %-points", "stock at cost", "verdict", "what is done"]
    yield table(head, rows)
    yield f"<p>Not tried:</p><ul>{''.join(left_out)}</ul>" if left_out else ""


def _figures(folder: Path) -> Iterator[str]:
    """The figures, those of all policies first, each inside the page."""
    order = {name: k for k, name in enumerate(FIRST_FIGURES)}
    found = sorted((folder / "figures").glob("*.png"), key=lambda path: (order.get(path.stem, len(order)), path.stem))
    if found:
        yield "<h2>Figures</h2>"
    for path in found:
        name = html.escape(path.stem.replace("_", " "))
        yield (f'<figure><img alt="{name}" src="{png_source(path.read_bytes())}">'
               f"<figcaption class=note>{name}</figcaption></figure>")  # fmt: skip


def _repeat(about: dict[str, Any]) -> Iterator[str]:
    words = ["restock", str(about.get("command", "")), *map(str, about.get("overrides", [])), f"seed={about['seed']}"]
    yield from the_same_again([shlex.join(dict.fromkeys(words))], dict(about.get("versions", {})))


def _tables(tables: dict[str, Path]) -> Iterator[str]:
    """Tables of the folder that are short enough; of the others, how long they are."""
    long = []
    for name, path in tables.items():
        frame = _read(path)
        if len(frame) > MOST_ROWS:
            long.append(f"{name}.csv ({len(frame):,} rows)")
            continue
        rows = [["" if value != value else value for value in row] for row in frame.itertuples(index=False)]
        yield f"<details><summary>Table {html.escape(name)}</summary>{table(list(frame.columns), rows)}</details>"
    if long:
        yield f"<p class=note>In the run's folder, too long for a page: {html.escape(', '.join(long))}.</p>"
