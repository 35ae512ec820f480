"""A file as a table of words, of any separator, encoding and decimal mark that exports have; packed, or a workbook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from restock.sim.calibration.reading import amounts
from restock.sim.calibration.reading.buckets import bucket_of
from restock.sim.calibration.reading.days import Ambiguous as AmbiguousDay
from restock.sim.calibration.reading.days import day_order, days
from restock.sim.calibration.reading.declared import Declared
from restock.sim.calibration.reading.dialect import NotReadable, dialect_of
from restock.sim.calibration.reading.faults import Faults, describe_faults
from restock.sim.calibration.reading.files import is_workbook
from restock.sim.calibration.reading.names import simple
from restock.sim.calibration.reading.text_table import read_text
from restock.sim.calibration.reading.words import as_words, of_rows, words_of
from restock.sim.calibration.reading.workbook import read_sheet
from restock.sim.errors import InputError, require


@dataclass(frozen=True)
class Table:
    """Columns as categories of words, by their names in small letters; rows are numbered as a spreadsheet shows them.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "erp.csv"
    ...     _ = file.write_text("Location;SKU;Min\\nNorth;0042;1,5\\n")
    ...     table = read_table(str(file), "policy.levels.file", lambda name: name in ("location", "sku", "min"))
    >>> table.frame["sku"].tolist(), table.frame.index.tolist(), table.numbers(["min"])["min"].tolist()
    (['0042'], [2], [1.5])
    """

    file: str
    frame: pd.DataFrame
    separator: str

    def numbers(self, columns: Iterable[str]) -> dict[str, np.ndarray]:
        """The numbers of columns, one convention in the whole file; nan where a word is none."""
        plain = {name: amounts.plain(words_of(self.frame[name])) for name in columns}
        try:
            mark = amounts.decimal_mark(plain.values(), self.separator)
        except amounts.Ambiguous as error:
            raise InputError(f"{self.file}: '{error}' may be two numbers, and nothing in the file decides: write it "
                             "without separators of thousands") from None  # fmt: skip
        return {name: of_rows(self.frame[name], amounts.numbers(words, mark)) for name, words in plain.items()}

    def days(self, columns: Iterable[str]) -> dict[str, np.ndarray]:
        """The days of columns, counted from 1970-01-01, written in one order in the whole file."""
        words = {name: words_of(self.frame[name]) for name in columns}
        try:
            order = day_order(words.values())
        except AmbiguousDay as error:
            raise InputError(f"{self.file}: '{error}' may be day/month or month/day, and no date in the file decides: "
                             "write it as YYYY-MM-DD") from None  # fmt: skip
        out = {}
        for name, text in words.items():
            found = of_rows(self.frame[name], days(text, order)[0])
            wrong = np.isnat(found)
            if wrong.any():
                place = int(np.argmax(wrong))
                word = str(self.frame[name].iloc[place])
                said = f"is no date (YYYY-MM-DD), got {word}" if word else "is empty"
                raise InputError(f"{self.where(place)}: {name} {said}")
            out[name] = found.astype("datetime64[D]").astype(np.int64)
        return out

    def week(self, dates: np.ndarray, told: str) -> tuple[int, str]:
        """Days from a row's date to the first day of its week, and words for it; told as exports are, in `bucket`.

        >>> table = Table("forecasts.csv", pd.DataFrame(), ",")
        >>> table.week(np.array([0, 7]), "week")[0], table.week(np.array([3, 10]), "week")[0]  # Thursdays, Sundays
        (0, -6)
        """
        found = bucket_of(pd.Series(dates.astype("datetime64[D]")), False, Declared(bucket=told), self.file)
        return found.shift, found.said.replace(", as told", "")

    def named(self, names: Mapping[str, Collection[str]]) -> Table:
        """The table with columns by restock's names.

        `names` has what each may be called: the first two names are taken before others, of which one may be there.
        """
        found: dict[str, str] = {}
        for ours, called in names.items():
            there = [name for name in called if name in self.frame]
            own = [name for name in there if name in list(called)[:2]]
            one = own[:1] or there
            require(len(one) < 2, f"{self.file}: columns {' and '.join(one)} may both be {ours}; leave one")
            found |= dict.fromkeys(one, ours)
        return replace(self, frame=self.frame[list(found)].rename(columns=found))

    def where(self, place: int) -> str:
        """Words for a row in a message."""
        return f"{self.file} row {self.frame.index[place]}"


def read_table(file: str, setting: str, known: Callable[[str], bool]) -> Table:
    """The table of a file, read as those of an export are; a file that is none is one line.

    Parameters
    ----------
    file : str
        The file's name; `setting` is where it was given.
    known : function
        Whether a column's name, in small letters and with _ for spaces, is one that is looked for.

    >>> read_table("none.csv", "policy.levels.file", lambda name: True)
    Traceback (most recent call last):
    ...
    restock.sim.errors.InputError: policy.levels.file: 'none.csv' cannot be read: No such file or directory
    """
    path, faults, separator = Path(file), Faults(), ""
    try:
        if is_workbook(path):
            require(path.is_file(), f"{setting}: '{file}' cannot be read: No such file or directory")
            frame, _, _ = read_sheet(path, path.stem.casefold(), lambda name: known(simple(name)), bool)
        else:
            dialect = dialect_of(path, lambda name: known(simple(name)), Declared())
            frame, dialect = read_text(path, dialect, bool, faults)
            separator = dialect.separator
    except (NotReadable, OSError) as error:
        words = " ".join(str(getattr(error, "strerror", None) or error).split())
        verb = "cannot be read: " if not isinstance(error, NotReadable) else ": " if words.startswith("rows") else ""
        raise InputError(f"{setting}: '{file}' {verb}{words}".replace("' :", "':")) from None
    for line in describe_faults(faults.frame(), limit=1):
        raise InputError(f"{setting}: {line}")
    names: dict[Any, str] = {}
    for name in frame.columns:
        short = simple(str(name))
        require(short not in names.values(), f"{file}: two columns are called '{short}'")
        names[name] = short
    frame = frame.rename(columns=names)
    frame = frame.assign(**{name: as_words(frame[name]) for name in frame.columns})
    filled = np.zeros(len(frame), bool)
    for name in frame.columns:
        filled |= of_rows(frame[name], (words_of(frame[name]) != "").to_numpy())
    return Table(file, frame if filled.all() else frame[filled], separator)
