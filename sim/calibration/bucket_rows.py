"""Rows that cover a week or a month, as demand: shared out over its days, and observed as whole weeks or months."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from restock.sim.calibration.export import Erp
from restock.sim.calibration.reading.rows.repeats import row_keys
from restock.sim.calibration.report import Report
from restock.sim.errors import require

AT_ONCE = 200_000  # rows shared out at once
MONTH = 30  # days of a month where one number is asked for; fits take the months' own lengths
GOLDEN = 0.6180339887498949  # steps of it fall evenly, so that single units do not all fall on one day of the week


class CellRows(NamedTuple):
    """Rows of demand, the cell (item and place) of each, and every cell's sku and location, in the order met."""

    sales: pd.DataFrame
    code: np.ndarray
    cells: pd.DataFrame

    def units(self, unit: pd.Series) -> pd.Series:
        """Units of each cell, by sku and location; `unit` says what an item's things hold of them."""
        things = np.bincount(self.code, self.sales["units"], len(self.cells))
        return pd.Series(things * self.cells["sku"].map(unit).to_numpy(dtype=float), self.names())

    def names(self) -> pd.MultiIndex:
        return pd.MultiIndex.from_frame(self.cells[["sku", "location"]])

    def with_units(self, units: np.ndarray) -> CellRows:
        return self._replace(sales=self.sales.assign(units=units))

    def without(self, gone: np.ndarray) -> CellRows:
        """Rows that are left, and the cells that they have."""
        if not gone.any():
            return self
        sales = self.sales[~gone].reset_index(drop=True)
        return CellRows(sales, *cells_of(sales))


def daily_rows(erp: Erp, report: Report) -> pd.DataFrame:
    """Rows of sales by the day: date, location, sku, units, and receipts where these are known.

    A bucket's units are shared out evenly over its days, and its receipts as its units are.
    Its first and last day have a row whatever they sold: the record reaches from the first day of the first bucket
    to the last day of the last one.
    """
    sales = erp.sales[[c for c in ("date", "location", "sku", "units", "receipts") if c in erp.sales]]
    if erp.bucket == "day":
        return sales
    report.add(
        "assumed",
        f"a row covers a {erp.bucket}: its units are shared out evenly over the days, the spread is that of whole "
        f"{erp.bucket}s, and what is told apart within a {erp.bucket} is not in the record",
    )
    parts = [_shared(sales.iloc[k : k + AT_ONCE], erp.bucket, k) for k in range(0, len(sales), AT_ONCE)]
    return pd.concat(parts, ignore_index=True)


def _shared(sales: pd.DataFrame, bucket: str, number: int) -> pd.DataFrame:
    first = sales["date"].to_numpy().astype("datetime64[D]")
    length = lengths(first, bucket)
    row = np.repeat(np.arange(len(sales)), length)
    day = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    units = sales["units"].to_numpy()
    phase = ((number + np.arange(len(sales))) * GOLDEN) % 1.0
    rate, phase = (units / length)[row], phase[row]
    until = np.where(day + 1 == length[row], units[row], np.floor((day + 1) * rate + phase))
    since = np.where(day == 0, 0, np.floor(day * rate + phase))
    part = np.clip(until, 0, units[row]).astype(np.int64) - np.clip(since, 0, units[row]).astype(np.int64)
    kept = (part > 0) | (day == 0) | (day + 1 == length[row])
    out = sales.iloc[row[kept]].reset_index(drop=True)
    out = out.assign(date=(first[row] + day)[kept].astype("datetime64[s]"), units=part[kept])
    if "receipts" not in sales:
        return out
    each = (sales["receipts"].to_numpy() / np.maximum(units, 1))[row]  # rounded sums rise no faster than units
    share = np.floor(np.clip(until, 0, units[row]) * each + 0.5) - np.floor(np.clip(since, 0, units[row]) * each + 0.5)
    return out.assign(receipts=share[kept].astype(np.int64))


def lengths(first: np.ndarray, bucket: str) -> np.ndarray:
    """Days of the buckets that begin on these days."""
    if bucket == "month":
        month = first.astype("datetime64[M]")
        return ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(int)
    return np.full(len(first), 7 if bucket == "week" else 1)


def numbered(there: np.ndarray) -> np.ndarray:
    """The number of each cell that is there, row by row, and -1 of the others.

    >>> numbered(np.array([[True, False], [True, True]])).tolist()
    [[0, -1], [1, 2]]
    """
    return np.where(there, np.cumsum(there.ravel()).reshape(there.shape) - 1, -1)


def days_since(dates: pd.Series, first: pd.Timestamp) -> np.ndarray:
    """Days between the first day and each date."""
    return (dates.to_numpy().astype("datetime64[D]") - np.datetime64(first, "D")).astype(np.int32)


def cells_of(sales: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """The cell of each row, and every cell's sku and location, in the order in which they are met."""
    code, _ = pd.factorize(row_keys(sales, ["sku", "location"]))
    first = np.unique(code, return_index=True)[1]
    code = code.astype(np.int32)
    return code, sales[["sku", "location"]].iloc[first].astype("str").reset_index(drop=True)


def largest_first(code: np.ndarray, units: np.ndarray, many: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows by cell (or item), in each the largest first; and where each of the `many` begins, and the last ends.

    >>> order, starts = largest_first(np.array([0, 1, 0]), np.array([2, 7, 5]), 2)
    >>> order.tolist(), starts.tolist()
    ([2, 0, 1], [0, 2, 3])
    """
    order = np.lexsort((-units, code))
    return order, np.searchsorted(code[order], np.arange(many + 1))


def bucket_sums(cell: np.ndarray, bucket: np.ndarray, units: np.ndarray, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Cells and sums of their buckets with rows. Rows are one per cell and day: of single days they are the sums."""
    if days == 1:
        return cell, units
    number = int(bucket.max(initial=0)) + 1
    key, place = np.unique(cell.astype(np.int64) * number + bucket, return_inverse=True)
    return key // number, np.bincount(place, weights=units).astype(np.int64)


def observed_days(bucket: str, given: int | None, usual: int) -> int:
    """Days added up to one observation: `given`, or the usual number, and whole buckets."""
    if bucket == "month":
        require(given is None, f"bucket_days={given}: a row of sales is a month, so months are the observations")
        return MONTH
    if bucket == "week":
        require(given is None or given % 7 == 0, f"bucket_days={given}: a row of sales is a week; give a multiple of 7")
        return given or max(usual, 7)
    return given or usual


def observations(begin: pd.Series, end: pd.Series, dates: pd.Series, code: np.ndarray, bucket: str, days: int):
    """Of each cell: its number of whole observations and their mean length in days. Of each row: which one it is in,
    counted backwards from the cell's end."""
    if bucket != "month":
        number = np.maximum(((end - begin).dt.days + 1).to_numpy() // days, 1)
        back = (end.to_numpy()[code] - dates.to_numpy()).astype("timedelta64[D]").astype(int) // days
        return number, np.full(len(number), float(days)), back
    begins, ends = (each.to_numpy().astype("datetime64[D]") for each in (begin, end))
    first = (begins - 1).astype("datetime64[M]") + 1  # months that are observed whole
    last = (ends + 1).astype("datetime64[M]") - 1
    number = np.maximum((last - first).astype(int) + 1, 1)
    length = ((last + 1).astype("datetime64[D]") - (last + 1 - number).astype("datetime64[D]")).astype(int) / number
    back = (last[code] - dates.to_numpy().astype("datetime64[M]")).astype(int)
    return number, length, np.where(back < 0, number[code], back)
