"""When a place traded and an item was sold: declared, or told by the evidence, or the whole record.

Demand is units a day *observed*, so what is taken as observed decides every mean. Declared dates (`from`, `to`) win.
Else the whole record counts, unless a stretch without rows stands out beyond doubt: it is longer than some weeks, four
times as long as any ordinary pause of that place or item, and what is left holds rows on enough days over enough
weeks. A stretch that comes again a year apart, or one at both ends of a record of less than two years, looks like a
season, and so does an item that is sold now and then, with one at one end of such a record: the whole record counts,
so that the units of a year stay those of the record.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from restock.sim.calibration.bucket_rows import CellRows
from restock.sim.calibration.report import Report, Worth
from restock.sim.errors import require

QUIET = {"location": 28, "sku": 56}  # days without a row, at least, for a place and an item
PAUSES = 4  # times as long as the longest ordinary pause
DENSE = {"location": 0.0, "sku": 2 / 3}  # share of days with rows, in a record that cannot show a season twice
STRETCHES = 3  # that stand out, at most
LEAST_DAYS, LEAST_WINDOW = 8, 56  # days with rows, and days in all, of what is left
YEAR = 364  # days: weekdays stay where they are
SEASON = 0.2  # share of the usual rows, a year before or after a stretch, up to which it is a season
SHOWN = 8  # names in a line of the report
KINDS = (
    ("assumed", ("opened", "both"), "new inside the record (a long stretch without a row at its start): counted from "
     "their first row on"),
    ("assumed", ("ended", "both", "declared ended", "declared both"), "that ended inside the record: counted up to "
     "their end"),
    ("assumed", ("season",), "with rows for a part of the record that looks like a season: counted over the whole "
     "record, so that a year has its units"),
    ("assumed", ("few",), f"with rows on fewer than {LEAST_DAYS} days, or for less than {LEAST_WINDOW} days: too few "
     "to say when they traded, counted over the whole record ('from' and 'to' declare it)"),
    ("read", ("declared", "declared ended", "declared both"), "with declared dates: observed between them"),
)  # fmt: skip


@dataclass(frozen=True)
class Window:
    """Days on which something is taken as observed: numbers from the record's first day, both ends in it.

    `why`: 'record' (all of it), 'declared', 'opened', 'ended', 'both', 'season' or 'few'; `shut` are inner stretches.
    """

    first: int
    last: int
    why: str = "record"
    shut: tuple[tuple[int, int], ...] = ()

    @property
    def ended(self) -> bool:
        """Whether it is no more at the end of the record."""
        return self.why in ("ended", "both", "declared ended", "declared both")

    def open(self, length: int) -> np.ndarray:
        """Whether each day of a record of so many is observed."""
        day = np.arange(length)
        out = (day >= self.first) & (day <= self.last)
        for low, high in self.shut:
            out[low : high + 1] = False
        return out


def window_of(days: np.ndarray, length: int, least: int, dense: float = 0.0) -> Window:
    """The window of something with rows on these days of a record of so many, both counted from 0.

    In a record of less than two years it is new or at its end only with rows on a share `dense` of the days left.

    >>> window_of(np.arange(200, 364), 364, 28)
    Window(first=200, last=363, why='opened', shut=())
    >>> window_of(np.array([150]), 364, 28).why
    'few'
    """
    if len(days) < LEAST_DAYS:
        return Window(0, length - 1, "few")
    ends = np.concatenate([[-1], days, [length]])
    pauses = np.diff(ends) - 1
    order = np.argsort(-pauses, kind="stable")
    number = 0
    for k in range(min(STRETCHES, len(pauses) - 1), 0, -1):
        if pauses[order[k - 1]] >= max(least, PAUSES * pauses[order[k]]):
            number = k
            break
    if not number:
        return Window(0, length - 1)
    out = sorted((int(ends[k]) + 1, int(ends[k + 1]) - 1) for k in order[:number])
    if any(_comes_again(days, stretch, length) for stretch in out):
        return Window(0, length - 1, "season")
    late, early = out[0][0] == 0, out[-1][1] == length - 1
    if late and early and length < 2 * YEAR:
        return Window(0, length - 1, "season")
    first, last = out[0][1] + 1 if late else 0, out[-1][0] - 1 if early else length - 1
    shut = tuple(out[late : len(out) - early])
    if last - first + 1 - sum(b - a + 1 for a, b in shut) < LEAST_WINDOW:
        return Window(0, length - 1, "few")
    if length < 2 * YEAR and (late or early) and np.mean(np.isin(np.arange(first, last + 1), days)) < dense:
        return Window(0, length - 1, "season")
    why = "both" if late and early else "opened" if late else "ended" if early else "record"
    return Window(first, last, why, shut)


def _comes_again(days: np.ndarray, stretch: tuple[int, int], length: int) -> bool:
    """Whether a year before or after a stretch there was nearly nothing, too, and something around."""
    begin, end = stretch
    usual = len(days) / max(1, length - (end - begin + 1))
    for shift in (-YEAR, YEAR):
        low, high = max(0, begin + shift), min(length - 1, end + shift)
        inside = high - low + 1
        apart = high < begin or low > end
        if inside >= 0.5 * min(end - begin + 1, YEAR / 2) and inside >= 28 and apart:
            if np.count_nonzero((days >= low) & (days <= high)) <= SEASON * usual * inside:
                return True
    return False


def windows(
    sales: pd.DataFrame, declared: pd.DataFrame, by: str, first: pd.Timestamp, length: int
) -> dict[str, Window]:
    """The window of every place (by='location') or item (by='sku').

    Parameters
    ----------
    declared : DataFrame with columns from, to, indexed by name
        Dates where declared, else NaT; a record that was declared to begin or end keeps its inner stretches open.
    """
    day = (sales["date"].to_numpy().astype("datetime64[D]") - np.datetime64(first, "D")).astype(np.int64)
    code, names = pd.factorize(sales[by].astype("str") if sales[by].dtype != "category" else sales[by])
    met = np.unique(code.astype(np.int64) * length + day)
    starts = np.searchsorted(met, np.arange(len(names) + 1) * length)
    out: dict[str, Window] = {}
    for k, name in enumerate(map(str, names)):
        days = met[starts[k] : starts[k + 1]] - k * length
        begin, end = (_day(declared, name, column, first) for column in ("from", "to"))
        if begin is None and end is None:
            out[name] = window_of(days, length, QUIET[by], DENSE[by])
            continue
        low, high = max(0, begin or 0), min(length - 1, length - 1 if end is None else end)
        ended = end is not None and end < length - 1
        opened = begin is not None and begin > 0
        why = "declared both" if opened and ended else "declared ended" if ended else "declared"
        inside = days[(days >= low) & (days <= high)] - low
        if low > high or not len(inside):
            out[name] = Window(low, max(high, low), why)
            continue
        found = window_of(inside, high - low + 1, QUIET[by], DENSE[by])
        begun = found.first + low if begin is None and found.why in ("opened", "both") else low
        until = found.last + low if end is None and found.why in ("ended", "both") else high
        if until < high:
            why = "ended"
        out[name] = Window(begun, until, why, tuple((a + low, b + low) for a, b in found.shut))
    return out


def _day(declared: pd.DataFrame, name: str, column: str, first: pd.Timestamp) -> int | None:
    if name not in declared.index:
        return None
    value = declared.at[name, column]
    return None if pd.isna(value) else (value - first).days


def declared_dates(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """Columns from and to of items or locations, where there are any, by name."""
    nothing = pd.Series(pd.NaT, table.index, dtype="datetime64[s]")
    dates = {column: table[column] if column in table else nothing for column in ("from", "to")}
    early = dates["to"] < dates["from"]
    names = table[key][early].tolist()
    require(not names, f"{key} '{names[0] if names else ''}': its date in 'to' lies before that in 'from'")
    return pd.DataFrame(dates).set_axis(table[key].astype("str"), axis=0)


def say(places: dict[str, Window], items: dict[str, Window], rows: CellRows, worth: Worth, first, report: Report):
    """A line for each kind of window, with names."""
    things = np.bincount(rows.code, rows.sales["units"], len(rows.cells))
    for what, found, by in (("places", places, "location"), ("items", items, "sku")):
        for section, why, words in KINDS:
            names = [name for name, window in found.items() if window.why in why]
            those = rows.cells[by].isin(names).to_numpy()
            weight = worth.of(rows.cells["sku"][those], things[those])
            report.add(section, f"{what} {words}: {len(names):,} with {weight}: {named(names)}", len(names))
        spans = [
            f"{name} ({', '.join(f'{_date(first, low)} to {_date(first, high)}' for low, high in window.shut)})"
            for name, window in found.items()
            if window.shut
        ]
        if by == "location":
            words = "places without a row for a while, taken as shut then, these days are not counted"
            report.add("assumed", f"{words}: {len(spans):,}: {named(spans)}", len(spans))


def named(names: list[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _date(first: pd.Timestamp, day: int) -> str:
    return str((first + pd.Timedelta(days=day)).date())
