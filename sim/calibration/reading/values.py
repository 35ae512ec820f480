"""The columns of a table turned from words into numbers, days and names; which rows are faulty, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from restock.sim.calibration.reading import amounts, days
from restock.sim.calibration.reading.declared import DECIMALS, Declared
from restock.sim.calibration.reading.faults import Faults
from restock.sim.calibration.reading.form import (
    DATES,
    KEY_TEXT,
    LEAST,
    LEFT_OUT,
    MAY_BE_EMPTY,
    NEEDED,
    NO_END,
    OPTIONAL,
    RETURNS,
    WHOLE,
)
from restock.sim.calibration.reading.names import missing
from restock.sim.calibration.reading.words import as_words, of_rows, words_of

TOTAL = r"(?i)(?:.*\b)?(?:(?:grand |sub-?)?totals?|sum|summe|gesamt|gesamtsumme|totaal|totale|suma|somme)\b.{0,40}"
CUT = r"\d(?:[.,]\d+)?E\+\d+"  # a long code as a spreadsheet shows it


@dataclass
class Raw:
    """A table as it was read: columns under the form's names, as categories of words or as values already."""

    name: str
    file: str
    frame: pd.DataFrame
    separator: str = ","
    said: list[str] = field(default_factory=list)
    derived: bool = False  # made from another table, for there was no file
    header: tuple[str, ...] = ()  # the names of all columns of its file

    def say(self, *words: str) -> None:
        self.said += [word for word in words if word not in self.said]


def typed(raw: Raw, declared: Declared, faults: Faults) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """The table's columns as values; which rows cannot be used, and which of them are none (blank lines, totals).

    What cannot be read of a column that need not be there is empty.
    """
    frame, file, name = raw.frame, raw.file, raw.name
    for column in NEEDED[name]:
        if column not in frame:
            faults.whole_file("error", file, missing(column, raw.header or tuple(map(str, frame.columns))))
    used = [column for column in NEEDED[name] + OPTIONAL[name] if column in frame]
    words = {column: as_words(frame[column]) for column in used if not _has_values(frame[column])}
    blank = _blank(frame, words)
    total = _totals(words, name, blank)
    if total.any():
        rows = frame.index[total]
        raw.say(f"totals left out: row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows[:3]))}"
                + (f" and {len(rows) - 3:,} more" if len(rows) > 3 else ""))  # fmt: skip
    aside = blank | total
    values = _read_words(raw, words, declared, faults)
    bad, out = aside.copy(), {}
    for column in NEEDED[name] + OPTIONAL[name]:
        if column not in frame and name == "sales" and column in LEFT_OUT:
            continue
        if column not in frame:
            out[column] = pd.NaT if column in DATES else np.nan if column in LEAST else ""
            continue
        if column not in words:
            out[column] = frame[column].to_numpy()
            continue
        text, needed = words[column], column in NEEDED[name]
        empty = of_rows(text, (words_of(text) == "").to_numpy())
        if needed and column not in MAY_BE_EMPTY:
            faults.add("error", file, empty & ~aside, column, text, "is empty")
            bad |= empty
        if column not in values:
            out[column] = text
            continue
        found, wrong = values[column]
        unread = np.zeros(len(frame), bool)
        for word_is, problem in wrong:
            rows = of_rows(text, word_is) & ~aside
            faults.add("error", file, rows, column, text, problem)
            unread |= rows
        out[column] = of_rows(text, found)
        if needed:
            bad |= unread
    return pd.DataFrame(out, index=frame.index).assign(**_other_columns(frame, used)), bad, aside


def _has_values(column: pd.Series) -> bool:
    return column.dtype.kind in "iufM" if isinstance(column.dtype, np.dtype) else False


def _other_columns(frame: pd.DataFrame, used: list[str]) -> dict[str, pd.Series]:
    return {str(name): as_words(frame[name]) for name in frame.columns if name not in used}


def _blank(frame: pd.DataFrame, words: dict[str, pd.Series]) -> np.ndarray:
    """Rows without anything in them."""
    out = np.ones(len(frame), bool)
    for column in frame.columns:
        if column in words:
            out &= of_rows(words[column], (words_of(words[column]) == "").to_numpy())
        elif isinstance(frame[column].dtype, pd.CategoricalDtype):
            out &= of_rows(frame[column], (words_of(frame[column]).str.strip() == "").to_numpy())
        else:
            out &= False
    return out


def _totals(words: dict[str, pd.Series], name: str, blank: np.ndarray) -> np.ndarray:
    """Rows that add others up: no day, and a name such as 'Total'."""
    keys = [column for column in NEEDED[name] if column in words and column not in LEAST]
    if name not in ("sales", "receipts", "stock", "open_orders") or not keys:
        return np.zeros(len(blank), bool)
    called, dated = np.zeros(len(blank), bool), np.zeros(len(blank), bool)
    for column in keys:
        text = words_of(words[column])
        called |= of_rows(words[column], text.str.fullmatch(TOTAL).to_numpy(dtype=bool))
        if column in DATES:
            day = text.str.contains(r"\d", regex=True) & ~text.str.fullmatch(TOTAL)
            dated |= of_rows(words[column], day.to_numpy(dtype=bool))
    return called & ~dated & ~blank


def _read_words(raw: Raw, words: dict[str, pd.Series], declared: Declared, faults: Faults):
    """Of each column: a value of each of its words, and masks of words that are wrong with what is wrong."""
    out: dict[str, tuple[np.ndarray, list[tuple[np.ndarray, str]]]] = {}
    numeric = {column: amounts.plain(words_of(text)) for column, text in words.items() if column in LEAST}
    dated = {column: words_of(text) for column, text in words.items() if column in DATES}
    mark, order = ".", declared.dates
    try:
        mark = amounts.decimal_mark(numeric.values(), raw.separator, DECIMALS.get(declared.decimal or ""))
    except amounts.Ambiguous as error:
        word = str(error)
        two = f"{float(re.sub('[.,]', '', word)):g} or {float(word.replace(',', '.')):g}"
        faults.whole_file(
            "error",
            raw.file,
            f"'{word}' may be {two}, and nothing in the file decides: say decimal=comma or decimal=point",
        )
    if order is None:
        try:
            order = days.day_order(dated.values())
        except days.Ambiguous as error:
            faults.whole_file(
                "error", raw.file, f"'{error}' may be day/month or month/day, and no date in the file decides: say "
                "dates=dmy or dates=mdy"
            )  # fmt: skip
    if mark == ",":
        raw.say("decimal comma")
    for column, plain in numeric.items():
        found, text = amounts.numbers(plain, mark), words_of(words[column])
        if (plain != text).any() and (~np.isnan(found) & (plain != text).to_numpy()).any():
            raw.say(
                f"signs or spaces within numbers of '{column}' (such as '{text[plain != text].iloc[0]}') left aside"
            )
        empty = (text == "").to_numpy()
        wrong = [(np.isnan(found) & ~empty, "is not a number")]
        low = found < LEAST[column]
        if not (column in ("units", "amount") and declared.negative == "returned"):
            problem = RETURNS if column == "units" else "is negative" if LEAST[column] == 0 else "is below 1"
            wrong.append((low, problem))
            found = np.where(low, np.nan, found)
        if column in WHOLE:
            part = (found % 1 != 0) & ~np.isnan(found)
            faults.add(
                "assumed",
                raw.file,
                of_rows(words[column], part),
                column,
                words[column],
                "is not whole: rounded to whole units",
            )
            found = np.round(found)
        out[column] = found, wrong
    for column, text in dated.items():
        day, forms = days.days(text, order)
        raw.say(*forms)
        far = days.far_out(day, column)
        day = np.where(far, np.datetime64("NaT"), day)
        unread = np.isnat(day) & ~far & (text != "").to_numpy()
        out[column] = (
            day.astype("datetime64[s]"),
            [
                (unread, "is not a date (YYYY-MM-DD)"),
                (far & (column not in NO_END), "lies far out (a placeholder for no date?)"),
            ],
        )
    for column in KEY_TEXT & set(words):
        text = words_of(words[column])
        cut = text.str.fullmatch(CUT).to_numpy(dtype=bool)
        if cut.any():
            faults.add(
                "error", raw.file, of_rows(words[column], cut), column, words[column],
                "is a long code as a spreadsheet shows it: its digits are lost; export it as text",
            )  # fmt: skip
    return out


def same_but_for(word: str, known: pd.Index) -> str | None:
    """A known name that differs from this one only in what spreadsheets change: zeros in front, case, '.0'."""
    bare = re.sub(r"\.0+$", "", word.strip()).lstrip("0").casefold()
    return next((str(each) for each in known if str(each).lstrip("0").casefold() == bare and str(each) != word), None)
