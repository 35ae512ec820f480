"""Faults of an export as they are found, and the lines that say them. Rows count as a spreadsheet shows them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

SHOWN = ["severity", "file", "row", "column", "value", "problem"]


@dataclass
class Faults:
    """Faults as they are found: small frames, one per kind of fault, joined at the end.

    A frame of text has the spreadsheet's row numbers as its index.
    """

    frames: list[pd.DataFrame] = field(default_factory=list)

    def add(self, severity: str, file: str, bad: np.ndarray, column: str, text: pd.Series, problem: str) -> None:
        """Rows where `bad` holds; `text` is the column as it was written, of every row or of these alone."""
        if bad.any():
            value = (text[bad] if len(text) == len(bad) else text).astype(str)
            found = pd.DataFrame({"row": value.index.to_numpy(), "value": value.to_numpy()})
            self.frames.append(found.assign(severity=severity, file=file, column=column, problem=problem)[SHOWN])

    def whole_file(self, severity: str, file: str, problem: str) -> None:
        self.frames.append(pd.DataFrame([[severity, file, 0, "", "", problem]], columns=SHOWN))

    def of_rows(self, severity: str, file: str, rows: list[tuple[int, str]], problem: str) -> None:
        """Rows that are no rows of the table: their number and what they begin with."""
        if rows:
            found = pd.DataFrame(rows, columns=["row", "value"])
            self.frames.append(found.assign(severity=severity, file=file, column="row", problem=problem)[SHOWN])

    def frame(self) -> pd.DataFrame:
        if not self.frames:
            return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "str") for name in SHOWN})
        return pd.concat(self.frames, ignore_index=True)

    def refused(self) -> bool:
        """Whether a whole-file error was met, which no dropping of rows can mend."""
        return any(((f["severity"] == "error") & (f["row"] == 0)).any() for f in self.frames)


def describe_faults(faults: pd.DataFrame, limit: int | None = None) -> list[str]:
    """One line per fault, as in `sales.csv row 12: units is not a number (given 'NaN')`."""
    return [fault_line(fault) for fault in faults.head(len(faults) if limit is None else limit).itertuples()]


def count_faults(faults: pd.DataFrame) -> list[str]:
    """One line per kind of fault with its number, the units and money left out, and the first row it was met in."""
    lines = []
    for (severity, *_), group in faults.groupby(["severity", "file", "column", "problem"], sort=False):
        first = fault_line(next(group.itertuples()))
        many = f"; {len(group):,} such rows" if len(group) > 1 else ""
        lines.append(f"{severity}: {first}{many}{_left_out(group, ' with ' if many else '; it has ')}")
    return lines


def _left_out(faults: pd.DataFrame, before: str) -> str:
    """Units and money of the rows that are left out, where they are known."""
    sums = faults[["units", "money"]].sum(min_count=1) if "units" in faults else pd.Series(dtype=float)
    known = sums.dropna()
    words = [
        f"{known[name]:,.0f} {what}" for name, what in (("units", "units"), ("money", "in money")) if name in known
    ]
    return before + " and ".join(words) if words else ""


def fault_line(fault) -> str:
    if not fault.row:
        return f"{fault.file}: {fault.problem}"
    if fault.column == "row":
        return f"{fault.file} row {fault.row}: {fault.problem} (given '{fault.value}')"
    return f"{fault.file} row {fault.row}: {fault.column} {fault.problem} (given '{fault.value}')"
