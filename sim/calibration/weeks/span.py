"""The weeks of a record: counted back from its last day, so that they end where it does."""

from __future__ import annotations

import datetime
from typing import NamedTuple

import numpy as np

from restock.sim.calibration.export import Erp
from restock.sim.errors import InputError

WEEK = 7


class Span(NamedTuple):
    """The first day of a record, and how many days it has."""

    first: np.datetime64
    days: int

    @property
    def weeks(self) -> int:
        """Whole weeks."""
        return self.days // WEEK

    @property
    def before(self) -> int:
        """Days before the first whole week."""
        return self.days % WEEK

    def date(self, day: int) -> datetime.date:
        """The date of a day by its number; that of the first is 0."""
        found: datetime.date = (self.first + day).astype(object)
        return found


def span_of(erp: Erp, where: str) -> Span:
    """From the first to the last day of the sales; InputError, said of `where`, if their rows cover months.

    >>> from restock.sim.calibration.weeks.example import small_record
    >>> span_of(small_record(weeks=3), "restock backtest").weeks
    3
    """
    if erp.bucket == "month":
        raise InputError(f"{where} needs rows of sales that cover days or weeks; those of '{erp.folder}' cover months")
    dates = erp.sales["date"].to_numpy().astype("datetime64[D]")
    last = dates.max() + (WEEK - 1 if erp.bucket == "week" else 0)
    return Span(dates.min(), int((last - dates.min()).astype(int)) + 1)
