"""Rows that repeat a day, place and item: tickets that add up, the same file loaded twice, or a slip."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from restock.sim.calibration.reading.names import simple

LEAST_SHARE, LEAST_ROWS = 0.02, 20  # of repeated rows: fewer are a slip
BY_ROW = {"ticket", "ticket_id", "receipt", "receipt_no", "transaction", "transaction_id", "order", "order_id",
          "invoice", "invoice_no", "invoiceno", "basket", "line", "time", "hour"}  # fmt: skip
"""Columns that only a record of single tickets has."""


SAME_DAY_ROWS = 3  # different rows of a day that was loaded twice, at least


def row_keys(frame: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """A number for each row, equal where the columns are; of 32 bits where they suffice."""
    codes, many = [], []
    for name in columns:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            code, number = column.cat.codes.to_numpy(), len(column.cat.categories)
        elif column.dtype.kind == "M":
            code, number = _days_since(column.to_numpy())
        else:
            code, different = pd.factorize(column)
            number = len(different)
        codes.append(code)
        many.append(number + 1)
    size = math.prod(many)
    key: np.ndarray = np.zeros(len(frame), np.int32 if size < np.iinfo(np.int32).max else np.int64)
    so_far = 1
    for code, number in zip(codes, many, strict=True):
        if so_far * number > np.iinfo(np.int64).max:
            key, different = pd.factorize(key)
            so_far = len(different)
        key *= number
        key += code
        key += 1
        so_far *= number
    return key


def _days_since(dates: np.ndarray) -> tuple[np.ndarray, int]:
    """Days since the first one (-1 where there is none), and how many days there are."""
    day = dates.astype("datetime64[D]").astype(np.int64)
    none = day == np.iinfo(np.int64).min
    low = int(day[~none].min()) if not none.all() else 0
    day -= low
    day[none] = -1
    return day.astype(np.int32), int(day.max(initial=0)) + 1


def repeats(key: np.ndarray) -> bool:
    """Whether a key comes twice."""
    ordered = np.sort(key)
    return bool((ordered[1:] == ordered[:-1]).any())


def later_ones(key: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """Usable rows whose key an earlier usable row has."""
    out = np.zeros(len(key), bool)
    if repeats(key if usable.all() else key[usable]):
        out[usable] = pd.Series(key[usable]).duplicated().to_numpy()
    return out


def is_by_ticket(header: Iterable[str]) -> bool:
    """Whether a file's columns are those of single tickets."""
    return bool({simple(name) for name in header} & BY_ROW)


def are_tickets(repeated: np.ndarray, by_ticket: bool, told: str | None) -> bool:
    """Whether repeated rows are tickets of one day."""
    many = int(repeated.sum())
    if told is not None:
        return told != "day" and many > 0
    return many > 0 and (by_ticket or (many >= LEAST_ROWS and many >= LEAST_SHARE * len(repeated)))


def loaded_twice(frame: pd.DataFrame, usable: np.ndarray) -> np.ndarray:
    """Rows of days all of whose rows stand there an even number of times, where other days repeat nothing at all.

    Of a file that was loaded twice as a whole every day is such a day.
    """
    whole = row_keys(frame, [c for c in ("date", "location", "sku", "units", "amount") if c in frame])
    code, _ = pd.factorize(whole[usable])
    times = np.bincount(code)
    day_of, days = pd.factorize(frame["date"].to_numpy()[usable])
    first = np.unique(code, return_index=True)[1]
    even = np.zeros(len(days), np.int64)
    np.add.at(even, day_of[first], times % 2 == 0)
    different = np.bincount(day_of[first], minlength=len(days))
    suspect = (even == different) & (different >= SAME_DAY_ROWS)
    others = ~suspect
    repeats_elsewhere = (different[others] < np.bincount(day_of, minlength=len(days))[others]).any()
    out = np.zeros(len(frame), bool)
    if suspect.any() and not repeats_elsewhere:
        again = later_ones(whole, usable)
        out[usable] = suspect[day_of]
        out &= again
    return out


def added_up(sales: pd.DataFrame) -> pd.DataFrame:
    """One row per day, location and item."""
    key = row_keys(sales, ["date", "location", "sku"])
    if not repeats(key):
        return sales
    code, different = pd.factorize(key)
    code, number = code.astype(np.int32), len(different)
    del key, different  # a large record has many rows
    first = np.zeros(number, np.int32)
    first[code[::-1]] = np.arange(len(code) - 1, -1, -1, dtype=np.int32)
    out = sales.iloc[first].reset_index(drop=True)
    for column in [name for name in ("units", "returned", "amount", "receipts") if name in sales]:
        values = sales[column].to_numpy()
        unknown = np.isnan(values) if values.dtype.kind == "f" else np.zeros(0, bool)
        sums = np.bincount(code, weights=np.nan_to_num(values) if unknown.any() else values, minlength=number)
        out[column] = sums.astype(values.dtype)
        if unknown.any():
            known = np.bincount(code[~unknown], minlength=number)
            none = known == 0 if column != "receipts" else known < np.bincount(code, minlength=number)
            out[column] = np.where(none, np.nan, sums)
    return out
