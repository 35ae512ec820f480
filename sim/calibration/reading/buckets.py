"""What a row of sales is: the sum of a day, a week or a month, by its dates or as declared; and signs of an order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from restock.sim.calibration.reading.declared import Declared
from restock.sim.calibration.reading.words import looked_up
from restock.sim.errors import require

LEAST_WEEKS, LEAST_MONTHS = 8, 4
ORDERS_IN_PACKS, ORDERS_RECEIVED = 0.5, 0.3  # shares from which rows look like orders
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Bucket:
    """'day', 'week' or 'month', and how it came about. `shift` leads from a row's date to the first day it covers."""

    kind: str
    shift: int = 0
    said: str = ""


def bucket_of(dates: pd.Series, orders: bool, declared: Declared, file: str) -> Bucket:
    """The bucket of rows with these dates. `orders`: they come in whole packs or as receipts, so they are no sums."""
    day = np.unique(dates.to_numpy().astype("datetime64[D]"))
    day = day[~np.isnat(day)]
    if declared.bucket in ("day", "ticket") or not len(day):
        return Bucket("day")
    if declared.bucket == "month":
        in_month = np.unique(day.astype("datetime64[M]"))
        return Bucket("month", said=f"{file}: a row is a month, as told ({len(in_month):,} months)")
    if declared.bucket is not None:
        return _week(day, declared.bucket, f"{file}: a row is a week, as told", file)
    first, last = _of_month(day)
    months = np.unique(day.astype("datetime64[M]"))
    if len(months) >= LEAST_MONTHS and len(months) == len(day) and (first.all() or last.all()):
        gaps = np.diff(months.astype(int))
        require(
            not (len(gaps) >= 3 and np.median(gaps) in (3, 6, 12)),
            f"{file}: rows come every {int(np.median(gaps))} months; days, weeks and months are read: share them out "
            "first, or say bucket=day if each row is one day",
        )
        at = "first" if first.all() else "last"
        return Bucket("month", said=f"{file}: a row is taken as a month, for all dates are the {at} of one; "
                      "bucket=day says otherwise")  # fmt: skip
    gaps = np.diff(day).astype(int)
    weekly = len(day) >= LEAST_WEEKS and (gaps % 7 == 0).all() and np.median(gaps) == 7
    if weekly and not orders:
        words = (
            f"{file}: a row is taken as a week, for all dates are {WEEKDAY_NAMES[_weekday(day[0])]}s; bucket=day says "
            "that each is one day"
        )
        return _week(day, "week", words, file)
    if weekly:
        name = WEEKDAY_NAMES[_weekday(day[0])]
        return Bucket("day", said=f"{file}: all dates are {name}s and sizes those of orders: a row is taken as a day; "
                      "bucket=week says otherwise")  # fmt: skip
    return Bucket("day")


def _weekday(day: np.datetime64) -> int:
    """0: Monday."""
    return int((day.astype("datetime64[D]").astype(int) + 3) % 7)


def _of_month(day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which days are the first, and which the last of their month."""
    return day == day.astype("datetime64[M]").astype("datetime64[D]"), (day + 1) == (day + 1).astype("datetime64[M]")


def _week(day: np.ndarray, told: str, words: str, file: str) -> Bucket:
    weekdays = np.unique((day.astype(int) + 3) % 7)
    require(
        len(weekdays) == 1,
        f"{file}: bucket={told} needs dates on one weekday; they fall on "
        f"{', '.join(WEEKDAY_NAMES[k] for k in weekdays)}",
    )
    ends = told == "week_ending" or (told == "week" and weekdays[0] >= 4)
    name = WEEKDAY_NAMES[weekdays[0]]
    how = f"its date, a {name}, is its {'last' if ends else 'first'} day"
    more = "" if told != "week" else f" (bucket=week_{'beginning' if ends else 'ending'} says otherwise)"
    return Bucket("week", -6 if ends else 0, f"{words}; {how}{more}")


def first_days(dates: pd.Series, bucket: Bucket) -> pd.Series:
    """The first day of the bucket that each row covers."""
    if bucket.kind == "month":
        month = dates.to_numpy().astype("datetime64[M]").astype("datetime64[s]")
        return pd.Series(month, index=dates.index)
    return dates + pd.Timedelta(days=bucket.shift) if bucket.shift else dates


def whole_pack_share(sales: pd.DataFrame, items: pd.DataFrame) -> float:
    """Share of rows of items in packs that are whole packs; nan where no pack is stated."""
    pack = looked_up(sales["sku"], items.set_index("sku")["case_pack"]).fillna(1).to_numpy(dtype=float)
    units = sales["units"].to_numpy()
    packed = (pack > 1) & (units > 0)
    return float((units[packed] % pack[packed] == 0).mean()) if packed.any() else float("nan")


def receipt_share(sales: pd.DataFrame, receipts: pd.DataFrame | None) -> float:
    """Share of rows that are also a receipt: the same day, location and item."""
    if receipts is None or receipts.empty:
        return 0.0
    key = ["date", "location", "sku"]
    arrived = receipts[["receipt_date", "location", "sku"]].set_axis(key, axis=1).drop_duplicates()
    near = sales[np.isin(sales["date"].to_numpy(), arrived["date"].to_numpy())][key]
    near = near.astype({"location": "str", "sku": "str"})
    return len(near.merge(arrived, on=key)) / len(sales)


def look_like_orders(sales: pd.DataFrame, items: pd.DataFrame, receipts: pd.DataFrame | None) -> bool:
    """Whether sizes and receipts say that rows are orders, whatever their days."""
    return whole_pack_share(sales, items) >= ORDERS_IN_PACKS or receipt_share(sales, receipts) >= ORDERS_RECEIVED
