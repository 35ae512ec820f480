"""The rows of a company's forecasts, in Nixtla's long form: of which days each is, as of when, how much, how sure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from restock.policies.own_files.names import ITEM, SITE, as_written
from restock.sim.errors import InputError, require, unknown

if TYPE_CHECKING:
    from restock.sim.calibration.reading.own_table import Table

POLICY = "policy.predictive_from_file"
BUCKETS = ("day", "week", "week_beginning", "week_ending")
DATES = {"ds": "the day that is forecast", "cutoff": "the last day that a forecast knew of"}
ASIDE = ("unique_id", *DATES, "y", "index", *ITEM, *SITE)  # columns that are no forecasts; y is what was to be forecast
QUANTILE = re.compile(
    r"(?:(?P<of>.+)_)?(?:(?P<side>lo|hi)_(?P<level>\d+(?:_\d+)?)|ql?_?(?P<share>\d+(?:_\d+)?)|(?P<middle>median))"
)
BARE = re.compile(r"0_\d+")  # 0.1 and 0.9, as AutoGluon calls them
WEEK = 7


@dataclass(frozen=True)
class Rows:
    """The rows of a file as it has them, in true units; days are counted from 1970-01-01.

    A row is of the cell `names[name_of]` (a unique_id, or an item and a site), holds for the days `first` to `last`,
    and is known once the day `as_of` is. `mean` is units a day, `deviation` that of a day (None: no quantiles).
    """

    file: str
    line: np.ndarray  # as a spreadsheet numbers it
    keys: tuple[str, ...]
    names: list[tuple[str, ...]]
    name_of: np.ndarray
    as_of: np.ndarray
    first: np.ndarray
    last: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray | None
    said: tuple[str, ...]

    def where(self, place: int) -> str:
        """Words for a row in a message."""
        return f"{self.file} row {self.line[place]}"


def rows_of(file: str, model: str | None = None, bucket: str | None = None) -> Rows:
    """What a file holds; what is wrong with it is one line. A file that stays as it is is read once.

    Parameters
    ----------
    model : str or None
        Whose columns are read, where the file has several.
    bucket : str or None
        What a row covers, one of `BUCKETS`; None: found by the days between rows.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = Path(folder) / "forecasts.csv"
    ...     head = "unique_id,ds,cutoff,ETS,ETS-lo-80,ETS-hi-80\\n"
    ...     _ = written.write_text(head + "milk/east,2024-01-08,2024-01-07,5,2.437,7.563\\n")
    ...     rows = rows_of(str(written))
    >>> rows.names, rows.mean.tolist(), rows.deviation.round(3).tolist()  # 10 and 90% lie 1.2816 deviations off
    ([('milk/east',)], [5.0], [2.0])
    """
    if bucket is not None and bucket not in BUCKETS:
        raise unknown("bucket", bucket, BUCKETS, "of policy 'predictive'")
    try:
        stat = Path(file).stat()
    except OSError as error:
        raise InputError(f"{POLICY}.file: '{file}' cannot be read: {error.strerror}") from None
    return _rows(file, (stat.st_mtime_ns, stat.st_size), model, bucket)


@lru_cache(maxsize=2)
def _rows(file: str, version: Any, model: str | None, bucket: str | None) -> Rows:
    from restock.sim.calibration.reading.own_table import read_table  # takes pandas, which is slow to import

    table = read_table(file, f"{POLICY}.file", lambda name: name in (*ASIDE, "mean") or bool(QUANTILE.fullmatch(name)))
    header = [str(name) for name in table.frame.columns]
    keys = _keys(file, header)
    for name, what in DATES.items():
        require(name in header, f"{file}: column '{name}' is missing, {what}; it has {', '.join(header)}")
    mean_of, quantiles = _columns(file, header, model)
    require(len(table.frame) > 0, f"{file} holds no row below its header")
    numbers = table.numbers([mean_of, *quantiles.values()])
    _check_numbers(table, mean_of, numbers[mean_of], least=0.0)
    deviation = _deviation(table, numbers[mean_of], quantiles, numbers)
    names, name_of = _names(table, keys)
    ds, cutoff = table.days(DATES).values()
    bucket = bucket or _bucket(file, name_of, ds, cutoff)
    first, last, as_of, said = ds, ds, cutoff, ""
    if bucket != "day":
        first, last, as_of, said = _weeks(table, ds, cutoff, bucket)
    _check_after(table, last <= as_of)
    share = 1.0 if bucket == "day" else 1.0 / WEEK
    return Rows(
        file, table.frame.index.to_numpy(), keys, names, name_of, as_of, np.maximum(first, as_of + 1), last,
        numbers[mean_of] * share, None if deviation is None else deviation * np.sqrt(share), (said,) if said else (),
    )  # fmt: skip


def _keys(file: str, header: list[str]) -> tuple[str, ...]:
    """The columns that say whose forecast a row is: an item and a site, unique_id in the place of what is not there."""
    item, site = (next((name for name in called if name in header), "unique_id") for called in (ITEM, SITE))
    keys = (item, site) if item != site else ("unique_id",)
    for name in keys:
        require(name in header, f"{file}: column 'unique_id' is missing, or item and site; it has {', '.join(header)}")
    return keys


def _columns(file: str, header: list[str], model: str | None) -> tuple[str, dict[float, str]]:
    """The column of means, and those of quantiles by their share."""
    found = {name: share for name in header if name not in ASIDE and (share := _share(name)) is not None}
    models = [name for name in header if name not in (*ASIDE, *found)]
    if model is not None:
        mean = re.sub(r"[\s\-./#]+", "_", model.strip()).casefold()
        if mean not in models:
            raise unknown("model", model, models, f"in {file}")
    else:
        mean = "mean" if "mean" in models else models[0] if len(models) == 1 else ""
        require(bool(models), f"{file}: column 'mean' is missing; it has {', '.join(header)}")
        require(bool(mean), f"{file} has forecasts of {', '.join(models)}; say whose: {POLICY}.model=NAME")
    own: dict[float, str] = {}
    for name, share in found.items():
        match = QUANTILE.fullmatch(name)
        if match is None or match["of"] in (None, mean):
            require(share not in own, f"{file}: columns {own.get(share)} and {name} are the same quantile; leave one")
            own[share] = name
    return mean, dict(sorted(own.items()))


def _share(name: str) -> float | None:
    """The share of demand below a quantile, by its column's name.

    >>> [_share(name) for name in ("ets_lo_80", "ets_hi_95_0", "timegpt_q_10", "nhits_ql0_9", "median", "0_25", "ets")]
    [0.1, 0.975, 0.1, 0.9, 0.5, 0.25, None]
    """
    if BARE.fullmatch(name):
        return float(name.replace("_", "."))
    match = QUANTILE.fullmatch(name)
    if match is None:
        return None
    if match["middle"]:
        return 0.5
    number = float((match["level"] or match["share"]).replace("_", "."))
    if match["side"]:
        share = round(0.5 + (number / 200 if match["side"] == "hi" else -number / 200), 9)
    else:
        share = number if number < 1 else round(number / 100, 9)
    return share if 0 < share < 1 else None


def _check_numbers(table: Table, name: str, values: np.ndarray, least: float = -np.inf) -> None:
    wrong = ~(values >= least)
    if wrong.any():
        place = int(np.argmax(wrong))
        word = str(table.frame[name].iloc[place])
        bound = " not below 0" if least == 0 else ""
        said = "is empty" if word == "" else f"must be a number of units{bound}, got {word}"
        raise InputError(f"{table.where(place)}: {name} {said}")


def _deviation(
    table: Table, mean: np.ndarray, quantiles: dict[float, str], numbers: dict[str, np.ndarray]
) -> np.ndarray | None:
    """Standard deviations by the slope of quantiles over those of a standard normal (least squares)."""
    for name in quantiles.values():
        _check_numbers(table, name, numbers[name])
    columns = list(quantiles.items())
    for (low, one), (high, other) in pairwise(columns):
        cross = numbers[one] > numbers[other] + 1e-9
        if cross.any():
            place = int(np.argmax(cross))
            words = [f"{100 * share:g}% quantile ({name}) {numbers[name][place]:g}"
                      for share, name in ((low, one), (high, other))]  # fmt: skip
            raise InputError(f"{table.where(place)}: {words[0]} is above {words[1]}")
    if len(columns) == 0 or list(quantiles) == [0.5]:
        return None  # a median alone says nothing of the spread
    normal = special.ndtri(np.array(list(quantiles)))
    values = np.stack([numbers[name] for name in quantiles.values()], axis=1)
    if len(columns) == 1:
        return np.maximum((values[:, 0] - mean) / normal[0], 0.0)
    apart = normal - normal.mean()
    return values @ apart / (apart @ apart)


def _names(table: Table, keys: Iterable[str]) -> tuple[list[tuple[str, ...]], np.ndarray]:
    """Whose forecasts there are, and which of these each row is."""
    columns = [table.frame[name].cat for name in keys]
    codes = np.zeros(len(table.frame), np.int64)
    for column in columns:
        codes = codes * len(column.categories) + column.codes.to_numpy()
    different, name_of = np.unique(codes, return_inverse=True)
    names = []
    for code in different.tolist():
        words: tuple[str, ...] = ()
        for column in reversed(columns):
            code, place = divmod(code, len(column.categories))
            words = (as_written(str(column.categories[place])), *words)
        names.append(words)
    return names, name_of


def _bucket(file: str, name_of: np.ndarray, ds: np.ndarray, cutoff: np.ndarray) -> str:
    """'week' where the rows of every cutoff lie a week apart."""
    order = np.lexsort((ds, cutoff, name_of))
    together = (np.diff(name_of[order]) == 0) & (np.diff(cutoff[order]) == 0)
    gaps = np.diff(ds[order])[together]
    gaps = gaps[gaps > 0]
    different = np.unique(ds)
    if not len(gaps):
        alike = len(different) > 1 and len(np.unique(different % WEEK)) == 1
        require(not alike, f"{file}: every cutoff has one row, and all ds fall on one weekday: say {POLICY}.bucket=day "
                           "or week")  # fmt: skip
    return "week" if len(gaps) and bool((gaps == WEEK).all()) else "day"


def _weeks(
    table: Table, ds: np.ndarray, cutoff: np.ndarray, bucket: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """First and last day of each row's week, the day by which it is known, and how that was found.

    A cutoff on the weekday of the rows is a week, too, known when it is over; on another weekday it is a day.
    """
    shift, said = table.week(ds, bucket)
    first = ds + shift
    as_of = np.where((cutoff - ds) % WEEK == 0, cutoff + shift + WEEK - 1, cutoff)
    return first, first + WEEK - 1, as_of, said


def _check_after(table: Table, wrong: np.ndarray) -> None:
    if wrong.any():
        place = int(np.argmax(wrong))
        ds, cutoff = (table.frame[name].iloc[place] for name in DATES)
        raise InputError(f"{table.where(place)}: ds {ds} must lie after its cutoff, {cutoff}")
