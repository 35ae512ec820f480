"""Days as people write them: ISO, 31/12/2023, 12/31/2023, 31.12.23, 31-Dec-2023, 20231231, Excel's serials, months.

One order per file, from all its different words: 31/12/2023 shows it, 01/02/2023 alone does not.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

TIME = r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[-+]\d{2}:?\d{2})?)?"
ISO = r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + TIME
COMPACT = r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})"
ORDERED = r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})\2(?P<year>\d{4}|\d{2})" + TIME
NAMED = (
    r"(?P<day>\d{1,2})[-/. ]\s*(?P<name>[A-Za-z]{3,9})[-/., ]\s*(?P<year>\d{4}|\d{2})" + TIME,
    r"(?P<name>[A-Za-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})" + TIME,
)
SERIAL = r"(?P<serial>[2-7]\d{4})(?:\.\d+)?"  # 1954 to 2119
MONTH, WEEK = r"(?P<year>\d{4})[-/](?P<month>\d{2})", r"(?P<year>\d{4})-?W(?P<week>\d{2})"
MONTHS = {name: k for k, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
EARLIEST, LATEST = np.datetime64("1970-01-02"), np.datetime64("2100-12-31")  # beyond: a placeholder for no date
LISTED = np.datetime64("1910-01-01")  # an item may be old, but not that old
ORDER_WORDS = {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year/month/day"}


class Ambiguous(Exception):
    """A word that may be two days, with nothing in the file to decide."""


def day_order(columns: Iterable[pd.Series]) -> str | None:
    """'dmy' or 'mdy', as the different words of a file's dates show; None where none is of such a form.

    >>> day_order([pd.Series(["31/12/2023", "01/02/2023"])])
    'dmy'
    """
    words = pd.concat([pd.Series([], dtype="str"), *columns], ignore_index=True)
    parts = words.str.extract(f"^{ORDERED}$")
    known = parts["first"].notna()
    if not known.any():
        return None
    first, second = parts["first"][known].astype(int), parts["second"][known].astype(int)
    day_first, month_first = int(((first > 12) & (second <= 12)).sum()), int(((second > 12) & (first <= 12)).sum())
    if day_first or month_first:
        return "dmy" if day_first >= month_first else "mdy"
    if (parts["mark"][known] == ".").all() or (first == second).all():
        return "dmy"
    raise Ambiguous(words[known][first != second].iloc[0])


def days(words: pd.Series, order: str | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """The day of each word (NaT where it is none), and the forms met besides YYYY-MM-DD."""
    out = np.full(len(words), np.datetime64("NaT"), "datetime64[D]")
    forms: list[str] = []

    def take(pattern: str, form: str, made) -> None:
        left = np.isnat(out)
        if not left.any():
            return
        parts = words[left].str.extract(f"^{pattern}$")
        met = parts.iloc[:, 0].notna().to_numpy()
        if met.any():
            found = made(parts[met])
            place = np.flatnonzero(left)[met]
            out[place] = found
            if form and not np.isnat(found).all():
                forms.append(form)

    with_time = words.str.contains(":", regex=False).any()
    take(ISO, "times of day left aside" if with_time else "", lambda p: _day(p["year"], p["month"], p["day"]))
    take(COMPACT, "dates as YYYYMMDD", lambda p: _day(p["year"], p["month"], p["day"]))
    take(ORDERED, f"dates as {ORDER_WORDS.get(order or 'dmy')}", lambda p: _ordered(p, order or "dmy"))
    for pattern in NAMED:
        take(pattern, "dates with names of months", _named)
    take(SERIAL, "dates as Excel's serial numbers", lambda p: _serial(p["serial"]))
    take(MONTH, "months", lambda p: _day(p["year"], p["month"], pd.Series("1", p.index)))
    take(WEEK, "ISO weeks", _week)
    return out, tuple(dict.fromkeys(forms))


def far_out(found: np.ndarray, column: str = "date") -> np.ndarray:
    """Days that stand for no date: 1900-01-01, 1970-01-01, 9999-12-31."""
    return ~np.isnat(found) & ((found < (LISTED if column == "list_date" else EARLIEST)) | (found > LATEST))


def _day(year: pd.Series, month: pd.Series, day: pd.Series) -> np.ndarray:
    """Days that the calendar has; two digits of a year are those of 1970 to 2069."""
    y, m, d = (part.astype(int).to_numpy() for part in (year, month, day))
    short = (year.str.len() == 2).to_numpy()
    y = np.where(short, np.where(y < 70, 2000 + y, 1900 + y), y)
    good = (m >= 1) & (m <= 12) & (d >= 1)
    first = ((y - 1970) * 12 + np.where(good, m, 1) - 1).astype("datetime64[M]")
    out = first.astype("datetime64[D]") + (d - 1)
    return np.where(good & (out.astype("datetime64[M]") == first), out, np.datetime64("NaT"))


def _ordered(parts: pd.DataFrame, order: str) -> np.ndarray:
    if order == "ymd":
        return _day(parts["first"], parts["second"], parts["year"])
    day, month = ("first", "second") if order == "dmy" else ("second", "first")
    return _day(parts["year"], parts[month], parts[day])


def _named(parts: pd.DataFrame) -> np.ndarray:
    month = parts["name"].str.slice(0, 3).str.lower().map(MONTHS).fillna(0).astype(int).astype("str")
    return _day(parts["year"], month, parts["day"])


def _serial(number: pd.Series) -> np.ndarray:
    return np.datetime64("1899-12-30") + number.astype(int).to_numpy()


def _week(parts: pd.DataFrame) -> np.ndarray:
    """The Monday of an ISO week."""
    year, week = parts["year"].astype(int).to_numpy(), parts["week"].astype(int).to_numpy()
    fourth = ((year - 1970) * 12).astype("datetime64[M]").astype("datetime64[D]") + 3  # 4 January lies in week 1
    monday = fourth - (fourth.astype(int) + 3) % 7 + 7 * (week - 1)
    return np.where((week >= 1) & (week <= 53), monday, np.datetime64("NaT"))
