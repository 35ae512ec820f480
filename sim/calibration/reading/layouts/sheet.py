"""A file of a layout as its maker sees it: columns by their roles, and the numbers and words in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from restock.sim.calibration.reading import amounts
from restock.sim.calibration.reading.declared import DECIMALS, Declared
from restock.sim.calibration.reading.names import simple
from restock.sim.calibration.reading.words import as_words, of_rows, words_of

Names = Mapping[str, tuple[str, ...]]
Tables = dict[str, pd.DataFrame]
Beside = Callable[[Names], "Sheet | None"]


@dataclass
class Sheet:
    """A file of a layout: its columns under the names of their roles, and what is said of it."""

    file: str
    frame: pd.DataFrame
    separator: str
    declared: Declared
    said: list[str] = field(default_factory=list)

    def numbers(self, role: str) -> np.ndarray:
        """A column's numbers, nan where there is none."""
        words = amounts.plain(words_of(as_words(self.frame[role])))
        mark = amounts.decimal_mark([words], self.separator, DECIMALS.get(self.declared.decimal or ""))
        return of_rows(as_words(self.frame[role]), amounts.numbers(words, mark))

    def words(self, role: str) -> pd.Series:
        return as_words(self.frame[role])

    def where(self, rows: np.ndarray, why: str) -> Sheet:
        """Only these rows; how many are left out is said."""
        gone = len(rows) - int(rows.sum())
        if gone:
            self.said.append(f"{why}: {gone:,} rows left aside")
        return Sheet(self.file, self.frame[rows], self.separator, self.declared, self.said)


def with_roles(frame: pd.DataFrame, roles: Names) -> pd.DataFrame:
    """Columns by the names of their roles, the first name that is met of each; others by their simple names."""
    met = {simple(name): name for name in reversed(list(frame.columns))}
    chosen = {met[called]: role for role, names in roles.items() for called in names if called in met}
    out: dict[str, str] = {}
    for role, names in roles.items():
        found = next((met[called] for called in names if called in met), None)
        if found is not None:
            out[found] = role
    spare = [column for column in chosen if column not in out]
    return frame.drop(columns=spare).rename(columns=lambda name: out.get(name, simple(name)))


def items_from(sheet: Sheet, **columns: str) -> pd.DataFrame:
    """One row per sku, with the first word that is met of each further column."""
    frame = pd.DataFrame({name: sheet.words(role) for name, role in columns.items() if role in sheet.frame})
    return frame.drop_duplicates("sku").astype("str").reset_index(drop=True)


def matched(words: pd.Series, pattern: str) -> np.ndarray:
    """Rows whose word has the pattern, in any case."""
    return of_rows(words, words_of(words).str.contains(pattern, case=False, regex=True).to_numpy(dtype=bool))
