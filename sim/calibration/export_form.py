"""The form of an ERP export: what each table must hold, and the list of what is wrong with it.

Rows count as a spreadsheet shows them: the header is row 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

SHOWN = ["severity", "file", "row", "column", "value", "problem"]
# columns that must be there with every value filled, and columns that may be there; others pass as text
NEEDED = {
    "items": ["sku"],
    "locations": ["location", "kind"],
    "sales": ["date", "location", "sku", "units"],
    "receipts": ["location", "sku", "order_date", "receipt_date", "quantity"],
    "promotions": ["location", "sku", "first_day", "last_day"],
}
OPTIONAL = {
    "items": [
        "description",
        "category",
        "supplier",
        "unit_cost",
        "unit_price",
        "case_pack",
        "minimum_order",
        "list_date",
    ],
    "locations": ["name", "served_by"],
    "sales": ["amount", "returned"],
    "receipts": ["supplier", "scheduled_date", "unit_cost"],
    "promotions": ["display", "mailer"],
}
KEYS = {
    "items": ["sku"],
    "locations": ["location"],
    "sales": ["date", "location", "sku", "via"],
    "receipts": ["line"],
    "promotions": ["first_day", "location", "sku"],
}
DATES = {"date", "order_date", "receipt_date", "scheduled_date", "first_day", "last_day", "list_date"}
LEAST = {
    "unit_cost": 0,
    "unit_price": 0,
    "amount": 0,
    "units": 0,
    "returned": 0,
    "minimum_order": 0,
    "case_pack": 1,
    "quantity": 1,
}
WHOLE = {"units", "returned", "minimum_order", "case_pack", "quantity"}
RETURNS = "is negative: a return? write it as a positive number in a column 'returned'"


@dataclass
class Faults:
    """Faults as they are found: small frames, one per kind of fault, joined at the end."""

    frames: list[pd.DataFrame] = field(default_factory=list)

    def add(self, severity: str, file: str, bad: np.ndarray, column: str, text: pd.Series, problem: str) -> None:
        if bad.any():
            found = pd.DataFrame({"row": np.flatnonzero(bad) + 2, "value": text[bad].astype(str).to_numpy()})
            self.frames.append(found.assign(severity=severity, file=file, column=column, problem=problem)[SHOWN])

    def whole_file(self, severity: str, file: str, problem: str) -> None:
        self.frames.append(pd.DataFrame([[severity, file, 0, "", "", problem]], columns=SHOWN))

    def frame(self) -> pd.DataFrame:
        if not self.frames:
            return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "str") for name in SHOWN})
        return pd.concat(self.frames, ignore_index=True)


def describe_faults(faults: pd.DataFrame, limit: int | None = None) -> list[str]:
    """One line per fault, as in `sales.csv row 12: units is not a number (given 'NaN')`."""
    return [fault_line(fault) for fault in faults.head(len(faults) if limit is None else limit).itertuples()]


def count_faults(faults: pd.DataFrame) -> list[str]:
    """One line per kind of fault with its number, and the first row it was met in."""
    lines = []
    for (severity, *_), group in faults.groupby(["severity", "file", "column", "problem"], sort=False):
        first = fault_line(next(group.itertuples()))
        lines.append(f"{severity}: {first}" + (f"; {len(group):,} such rows" if len(group) > 1 else ""))
    return lines


def fault_line(fault) -> str:
    if not fault.row:
        return f"{fault.file}: {fault.problem}"
    return f"{fault.file} row {fault.row}: {fault.column} {fault.problem} (given '{fault.value}')"


def file_of(folder: Path, name: str) -> Path:
    packed = folder / f"{name}.csv.gz"
    return packed if packed.exists() else folder / f"{name}.csv"


def read_table(folder: Path, name: str, faults: Faults) -> tuple[pd.DataFrame, str] | None:
    """The file as text, and its name."""
    path = file_of(folder, name)
    if not path.exists():
        if name in ("items", "locations", "sales"):
            faults.whole_file("error", path.name, f"is missing from {folder}")
        return None
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skip_blank_lines=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, OSError, EOFError) as error:
        reason = " ".join(str(error).split()).removeprefix("Error tokenizing data. C error: ")
        faults.whole_file("error", path.name, f"cannot be read as UTF-8 comma-separated text ({reason})")
        return None
    frame = frame.fillna("")
    frame.columns = [str(column).strip() for column in frame.columns]
    return frame, path.name


def typed(frame: pd.DataFrame, file: str, name: str, faults: Faults) -> tuple[pd.DataFrame, np.ndarray]:
    """Columns turned into numbers and dates, and which rows are faulty."""
    blank = (frame == "").all(axis=1).to_numpy()  # empty lines, commonly the last one
    bad, out = blank.copy(), frame.copy()
    for column in NEEDED[name] + OPTIONAL[name]:
        if column not in frame:
            if column in NEEDED[name]:
                faults.whole_file("error", file, f"column '{column}' is missing; it has {', '.join(frame.columns)}")
            out[column] = pd.NaT if column in DATES else np.nan if column in LEAST else ""
            continue
        text = frame[column].str.strip()
        empty = (text == "").to_numpy()
        if column in NEEDED[name]:
            faults.add("error", file, empty & ~blank, column, text, "is empty")
            bad |= empty
        out[column], unread = _values(text.where(~empty), column), np.zeros(len(text), bool)
        if column in DATES or column in LEAST:
            unread = out[column].isna().to_numpy() & ~empty
            kind = "a date (YYYY-MM-DD)" if column in DATES else "a number"
            faults.add("error", file, unread, column, text, f"is not {kind}")
        if column in LEAST:
            low = (out[column] < LEAST[column]).to_numpy()
            problem = RETURNS if column == "units" else "is negative" if LEAST[column] == 0 else "is below 1"
            faults.add("error", file, low, column, text, problem)
            unread = unread | low
        if column in WHOLE:
            part = ((out[column] % 1 != 0) & out[column].notna()).to_numpy() & ~unread
            faults.add("assumed", file, part, column, text, "is not whole: rounded to whole units")
            out[column] = out[column].round()
        bad |= unread
    key = [column for column in KEYS[name] if column in frame]
    twice = out.duplicated(key).to_numpy() & ~bad if key else bad & False
    if twice.any():
        text = out[key].astype(str).agg(", ".join, axis=1)
        faults.add("error", file, twice, ", ".join(key), text, "appears a second time")
    return out, bad | twice


def _values(text: pd.Series, column: str) -> pd.Series:
    """Text turned into dates or finite numbers; what cannot be read is missing."""
    if column in DATES:
        return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    if column in LEAST:
        return pd.to_numeric(text, errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)
    return text.fillna("")
