"""The table of a sweep: a row for each run and policy, with what was set and what came of it; and its figures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from restock.experiments.run_folder import write_figure, write_table
from restock.experiments.sweep import rows_in
from restock.sim.measures.measures import MEASURES

SHOWN = ("fill_rate", "distortion_cost", "total_cost")
OF_FLOW = {"turnover_fifo": "turnover FIFO", "turnover_lifo": "turnover LIFO"}  # shown where cost flow is kept
WITH_PRICES = (*SHOWN, "gross_margin")  # where prices come down: what they bring
LINES, BARS = 7, 16  # most lines, and most bars, that a figure holds


def collect(folder: Path) -> pd.DataFrame | None:
    """Write results.csv, results.parquet and figures from the rows in a sweep's folder; None if there are none."""
    rows = rows_in(folder)
    if not rows:
        return None
    settings = list(dict.fromkeys(key for _, row in rows for key in _settings(row)))
    found = {name for _, row in rows for result in row["results"] for name in result["measures"]}
    names = [name for name in MEASURES if not found or name in found]  # all, if no run came to an end
    measures = [name + end for name in names for end in ("", "_low", "_high")]
    table = []
    for place, row in rows:
        set_here = _settings(row)
        for result in row["results"] or [{"policy": set_here.get("policy", ""), "measures": {}}]:
            line: dict[str, Any] = {"job": place.name, "command": row["command"], "status": row["status"]}
            line |= {name: row["choices"].get(name, "none") for name in ("scenario", "experiment")}
            line |= {key: set_here.get(key) for key in settings}
            line |= {"policy": result["policy"], **{name: result["measures"].get(name) for name in measures}}
            line |= {"replications_run": result.get("replications"), "selected": result.get("selected")}
            table.append(line | {"seconds": row.get("seconds"), "error": row["error"]})
    frame = pd.DataFrame(table)
    if frame["selected"].isna().all():
        frame = frame.drop(columns="selected")
    for key in settings:
        frame[key] = _one_kind(frame[key])
    frame["job"] = pd.to_numeric(frame["job"], errors="coerce").astype("Int64")
    write_table(frame, folder, "results")
    draw(frame, axes_of(frame, settings), folder)
    return frame


def _settings(row: dict[str, Any]) -> dict[str, Any]:
    """What the command line set, Hydra's own settings aside; numbers as numbers."""
    pairs = [word.lstrip("+~").partition("=")[::2] for word in row["overrides"]]
    return {key: _value(value) for key, value in pairs if not key.startswith("hydra")}


def _one_kind(column: pd.Series) -> pd.Series:
    """A column of numbers, or of text: numbers as text where other values stand beside them, such as null.

    >>> _one_kind(pd.Series([1, "null"], dtype=object)).tolist()
    ['1', 'null']
    """
    numbers = [isinstance(value, (int, float)) for value in column.dropna()]
    return column if all(numbers) or not any(numbers) else column.map(str, na_action="ignore")


def _value(text: str) -> Any:
    """A number where the text is one; a name such as 0012 is none.

    >>> _value("12"), _value("0.5"), _value("0012"), _value("milk")
    (12, 0.5, '0012', 'milk')
    """
    if re.match(r"-?0\d", text):
        return text
    try:
        return float(text) if not text.lstrip("-").isdigit() else int(text)
    except ValueError:
        return text


def axes_of(frame: pd.DataFrame, settings: list[str]) -> list[str]:
    """Columns that take more than one value: what was swept, and the policies compared."""
    return [key for key in dict.fromkeys([*settings, "policy"]) if frame[key].astype(str).nunique() > 1]


def long_form(frame: pd.DataFrame) -> pd.DataFrame:
    """A row for each measure shown, as `figures.figures` takes it."""
    parts = []
    for name in _measures_drawn(frame):
        estimate, low, high = (pd.to_numeric(frame[name + end], errors="coerce") for end in ("", "_low", "_high"))
        interval = {"measure": name, "estimate": estimate, "low": low, "high": high, "half_width": (high - low) / 2}
        parts.append(frame.assign(**interval))
    return pd.concat(parts, ignore_index=True)


def _measures_drawn(frame: pd.DataFrame) -> tuple[str, ...]:
    moved = [frame[name] for name in ("markdown_cost", "clearance_revenue") if name in frame]
    return WITH_PRICES if any((pd.to_numeric(column) > 0).any() for column in moved) else SHOWN


def draw(frame: pd.DataFrame, axes: list[str], folder: Path) -> None:
    """A heat map for two swept numbers, lines for one, bars for names; none where they would not be readable."""
    from restock.sim.figures import figures as plots
    from restock.sim.figures import sweep
    from restock.sim.figures.style import looks

    done = frame[frame["status"] == "done"]
    numbers = [key for key in axes if pd.api.types.is_numeric_dtype(done[key])]
    if done.empty:
        return
    long = long_form(done)
    x = max(numbers, key=lambda key: done[key].nunique(), default="")
    others = [key for key in axes if key != x]
    long["others"] = long[others].astype(str).agg(", ".join, axis=1) if others else ""
    for measure in _measures_drawn(done):
        if len(numbers) == 2 and len(axes) == 2:
            figure = sweep.sweep_map(long, numbers[0], numbers[1], measure)
        elif x and long["others"].nunique() <= LINES:
            by = (others[0] if len(others) == 1 else "others") if others else None
            figure = sweep.sweep_lines(long, x, measure, by)
        elif len(done) <= BARS:
            named = long.assign(policy=long[axes].astype(str).agg(", ".join, axis=1)) if axes else long
            named["policy"] = _told_apart(named)
            look = {name: looks([policy])[policy] for name, policy in zip(named["policy"], long["policy"], strict=True)}
            figure = plots.policy_comparison(named, SHOWN, look=look)
            write_figure(figure, folder, "sweep")
            return
        else:
            return
        write_figure(figure, folder, f"sweep_{measure}")


def _told_apart(named: pd.DataFrame) -> pd.Series:
    """Names of runs; the job's number is added where two runs have the same."""
    twice = named.groupby(["measure", "policy"])["job"].transform("nunique") > 1
    return named["policy"].where(~twice, named["policy"] + " (" + named["job"].astype(str) + ")")


def show(frame: pd.DataFrame, folder: Path) -> str:
    """The table in short: what was swept, a few measures with half-widths, and what went wrong."""
    results = {name + end for name in MEASURES for end in ("", "_low", "_high")}
    settings = [key for key in frame.columns if key not in {*results, "job", "status", "seconds", "error"}]
    axes = axes_of(frame, settings) or ["policy"]
    flows = [name for name in OF_FLOW if name in frame and frame[name].notna().any()]
    of_flows = [OF_FLOW[name] for name in flows]
    lines = [["job", *axes, "fill rate %", "distortion cost a year", "total cost a year", *of_flows]]
    for _, row in frame.iterrows():
        cells = [str(row["job"]), *(f"{row[key]:g}" if isinstance(row[key], float) else str(row[key]) for key in axes)]
        if row["status"] == "done":
            cells += [_figure(row, "fill_rate", 100, 2), *(_figure(row, name, 1, 0) for name in SHOWN[1:])]
            cells += [_figure(row, name, 1, 2) if row[name] == row[name] else "" for name in flows]
        else:
            cells += [f"{row['status']}: {row['error']}", "", "", *("" for _ in flows)]
        lines.append(cells)
    widths = [max(len(line[k]) for line in lines if k < len(axes) + 2 or line[-1]) for k in range(len(lines[0]))]
    text = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    wrong = frame.loc[frame["status"] != "done", "job"].nunique()
    text += ["", *([f"{wrong} of {frame['job'].nunique()} runs have no result; the table says why."] if wrong else [])]
    return "\n".join([*text, f"Table of all runs: {folder / 'results.csv'} (and .parquet); figures beside it."])


def _figure(row: pd.Series, name: str, times: float, digits: int) -> str:
    value, high = row[name], row[name + "_high"]
    text = f"{times * value:,.{digits}f}"
    return text if high is None or high != high else f"{text} ± {times * (high - value):,.{digits}f}"
