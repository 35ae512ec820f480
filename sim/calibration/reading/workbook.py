"""A sheet of a workbook as a table of text, as a CSV of it would have it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from restock.sim.calibration.reading.dialect import MOST_ABOVE, NotReadable
from restock.sim.errors import InputError

EXTRA = 'reading workbooks needs an optional package: pip install "restock[excel]"; or save it as CSV'


def sheets_of(path: Path) -> dict[str, list[list[Any]]]:
    """The rows of every sheet that holds any."""
    try:
        import python_calamine
    except ImportError:
        raise InputError(f"{path.name}: {EXTRA}") from None
    try:
        with python_calamine.CalamineWorkbook.from_path(str(path)) as book:
            found = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
            rows = {name: sheet.to_python(skip_empty_area=False) for name, sheet in found.items()}
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise NotReadable(f"cannot be read as a workbook ({' '.join(str(error).split())[:100]})") from None
    return {name: sheet for name, sheet in rows.items() if sheet}


def read_sheet(
    path: Path, name: str, known: Callable[[str], bool], wanted: Callable[[str], bool]
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """The sheet called after the table, else the only one, else the one whose header is known: its columns that are
    wanted, the names of all, and what was found."""
    sheets = sheets_of(path)
    if not sheets:
        raise NotReadable("holds no row in any sheet")
    score = {sheet: _header(rows, known) for sheet, rows in sheets.items()}
    chosen = next((sheet for sheet in sheets if sheet.strip().casefold() == name), None)
    chosen = chosen or max(sheets, key=lambda sheet: score[sheet][0])
    rows, k = sheets[chosen], score[chosen][1]
    names = [_text(cell) for cell in rows[k]]
    said = (f"sheet '{chosen}'",) if len(sheets) > 1 else ()
    if k:
        said = (*said, f"the header is row {k + 1}; what stands above it is left aside")
    below = rows[k + 1 :]
    while below and not any(cell != "" for cell in below[-1]):
        below.pop()
    index = pd.RangeIndex(k + 2, k + 2 + len(below))
    columns = {}
    for place, column in enumerate(names):
        if column and column not in columns and wanted(column):
            cells = pd.Series([row[place] if place < len(row) else "" for row in below], index=index, dtype=object)
            words = {cell: _text(cell) for cell in cells.unique()}
            columns[column] = pd.Series(pd.Categorical(cells.map(words).astype("str")), index=index)
    return pd.DataFrame(columns, index=index), tuple(names), said


def _header(rows: list[list[Any]], known: Callable[[str], bool]) -> tuple[int, int]:
    scores = [sum(known(_text(cell)) for cell in row) for row in rows[:MOST_ABOVE]]
    if max(scores, default=0):
        return max(scores), scores.index(max(scores))
    return 0, next((k for k, row in enumerate(rows) if any(cell != "" for cell in row)), 0)


def _text(cell: Any) -> str:
    """A cell as its CSV would have it: whole numbers without a point, days as YYYY-MM-DD."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell == int(cell) and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return str(cell).strip()
