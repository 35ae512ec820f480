"""Tables for spreadsheets: codes stay text, nothing that a spreadsheet takes for a formula is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from restock.policies.levels import FORMULA

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 1_048_575  # that a sheet holds, its header left out
SHARE, WHOLE, NUMBER = "0.00%", "#,##0", "#,##0.##"  # shapes of numbers


def harmless_name(name: str) -> str:
    """A name that no spreadsheet reads as a formula; `policy=levels` reads it back.

    >>> harmless_name("=1+1"), harmless_name("0012")
    ("'=1+1", '0012')
    """
    return f"'{name}" if name[:1] in FORMULA or (name[:1] == "'" and name[1:2] in FORMULA) else name


def write_for_sheets(
    frame: pd.DataFrame, folder: Path, name: str, text: Sequence[str], shapes: Mapping[str, str], freeze: str
) -> None:
    """The table as CSV and Parquet, and as .xlsx where the package that writes it is installed.

    Parameters
    ----------
    text : names of columns of names and codes
    shapes : column to the shape of its numbers, as spreadsheets say it; others are `NUMBER`
    freeze : str
        The cell whose upper left stays in view.
    """
    from restock.experiments.run_folder import write_table

    named = [column for column in text if len(frame)]
    write_table(frame.assign(**{column: frame[column].map(harmless_name) for column in named}), folder, name)
    try:
        import openpyxl
    except ImportError:
        return
    if len(frame) <= MOST_ROWS:
        book = openpyxl.Workbook(write_only=True)
        _fill(book.create_sheet(name), frame, shapes, freeze)
        book.save(folder / f"{name}.xlsx")


def _fill(sheet: Any, frame: pd.DataFrame, shapes: Mapping[str, str], freeze: str) -> None:
    """The table as a sheet: header frozen, codes as text, numbers with separators."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    def cell(value: Any, shape: str, bold: bool = False) -> Any:
        made = WriteOnlyCell(sheet, value)
        if isinstance(value, str):
            made.data_type = "s"  # whatever it begins with
        made.number_format = shape
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.freeze_panes = freeze
    for k, name in enumerate(frame.columns, start=1):
        sheet.column_dimensions[get_column_letter(k)].width = max(12, len(name) + 2)
    sheet.append([cell(name, "@", bold=True) for name in frame.columns])
    of_column = [shapes.get(name, NUMBER) for name in frame.columns]
    for row in frame.itertuples(index=False):
        sheet.append([
            cell(value, "@") if isinstance(value, str) else cell(float(value), shape) if np.isfinite(value) else None
            for value, shape in zip(row, of_column, strict=True)
        ])  # fmt: skip
