"""A record cut in two: what laws may be fitted to, and the weeks that are held out to judge them by."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from restock.sim.calibration.bucket_rows import cells_of, daily_rows, days_since, numbered
from restock.sim.calibration.export import Erp
from restock.sim.calibration.reading.words import looked_up
from restock.sim.calibration.report import Report
from restock.sim.calibration.unit_scaling import carried
from restock.sim.calibration.weeks.span import WEEK, span_of
from restock.sim.errors import InputError, require
from restock.sim.model.demand import History
from restock.sim.model.scenario import Scenario

LEAST_FITTED, LEAST_HELD_OUT = 8, 4  # weeks


@dataclass(frozen=True)
class HeldOut:
    """The record before a day, as an export of its own, and the days from then on.

    Parameters
    ----------
    before : Erp
        Sales and stock before `cut`, receipts that had come by then, and orders that were open.
    record : Erp
        The whole of it.
    cut : date
        The first day held out.
    weeks, fitted_days : int
        Weeks held out, and days before them.

    >>> from restock.sim.calibration.calibrate import calibrate
    >>> from restock.sim.calibration.weeks.example import small_record
    >>> found = hold_out(small_record(weeks=20), weeks=2)
    >>> scenario = calibrate(found.before, record="sale").scenario()
    >>> found.history(scenario, days_before=7).units.shape, found.unforeseen(scenario)  # four cells, three weeks
    ((4, 21), (0, 0.0))
    """

    before: Erp
    record: Erp
    cut: datetime.date
    weeks: int
    fitted_days: int

    def history(self, scenario: Scenario, days_before: int) -> History:
        """Recorded units of every cell that has a law, from `days_before` the cut to the end.

        In the units that the scenario counts its items in, rounded so that each cell's total stays; days without a row
        are 0, and nothing is capped.
        """
        start = self.cut - datetime.timedelta(days=days_before)
        rows = self._rows(start, scenario)
        row_of = numbered(scenario.demand.law_of >= 0).astype(np.int32)
        units = np.zeros((int(row_of.max()) + 1, days_before + WEEK * self.weeks), np.int64)
        known = rows[rows["known"]]
        at = row_of[known["item"].to_numpy(int), known["site"].to_numpy(int)]
        np.add.at(units, (at, days_since(known["date"], pd.Timestamp(start))), known["counted"].to_numpy())
        return History(units, row_of, start)

    def unforeseen(self, scenario: Scenario) -> tuple[int, float]:
        """Cells that sold in the weeks held out and have no law, and their share of the units sold then."""
        rows = self._rows(self.cut, scenario)
        new = rows[~rows["known"]]
        units = float(rows["units"].sum())
        return len(new.drop_duplicates(["sku", "location"])), float(new["units"].sum()) / units if units else 0.0

    def _rows(self, start: datetime.date, scenario: Scenario) -> pd.DataFrame:
        """Daily rows from a day on, with the numbers of their item and site, and whether such a cell has a law."""
        sales = self.record.sales[self.record.sales["date"] >= np.datetime64(start)]
        rows = daily_rows(replace(self.record, sales=sales.reset_index(drop=True)), Report())
        rows = rows[rows["units"] > 0].reset_index(drop=True)
        items = pd.Series(range(len(scenario.items)), [item.name for item in scenario.items], dtype="int64")
        sites = pd.Series(range(len(scenario.sites)), [site.name for site in scenario.sites], dtype="int64")
        item = looked_up(rows["sku"], items).fillna(-1).to_numpy().astype(int)
        site = looked_up(rows["location"], sites).fillna(-1).to_numpy().astype(int)
        known = (item >= 0) & (site >= 0) & (scenario.demand.law_of[item, site] >= 0)
        of_item = np.array([each.counted_in for each in scenario.items])
        counted_in = np.where(item >= 0, of_item[item], 1.0)
        code, _ = cells_of(rows) if len(rows) else (np.zeros(0, np.int64), None)
        units = rows["units"].to_numpy(float)
        return rows.assign(item=item, site=site, known=known, counted=carried(code, rows["date"], units / counted_in))


def hold_out(erp: Erp, weeks: int | None, what: str = "restock backtest") -> HeldOut:
    """Cut the last weeks off a record; None: its last quarter.

    Raises InputError, said of `what`, where rows cover months, or too little would be left to fit laws to.

    >>> from restock.sim.calibration.weeks.example import small_record
    >>> found = hold_out(small_record(weeks=20), None)
    >>> found.weeks, str(found.cut), found.before.sales["date"].max().date().isoformat()
    (5, '2023-04-17', '2023-04-16')
    """
    span = span_of(erp, what)
    least = LEAST_FITTED + (LEAST_HELD_OUT if weeks is None else 1)
    if span.weeks < least:
        raise InputError(
            f"{what} needs a record of at least {least} weeks; that of '{erp.folder}' has {span.weeks}, "
            f"{span.date(0)} to {span.date(span.days - 1)}"
        )
    many = max(LEAST_HELD_OUT, span.weeks // 4) if weeks is None else weeks
    require(
        1 <= many <= span.weeks - LEAST_FITTED,
        f"weeks must be a whole number from 1 to {span.weeks - LEAST_FITTED}: the record has {span.weeks} weeks, and "
        f"{LEAST_FITTED} at least are fitted; got {many}",
    )
    fitted = span.days - WEEK * many
    cut = span.date(fitted)
    early = erp.sales["date"] < np.datetime64(cut)
    receipts, stock = erp.receipts, erp.stock
    if receipts is not None:
        came = receipts["receipt_date"] < np.datetime64(cut)
        receipts = receipts[came].reset_index(drop=True) if came.any() else None
    if stock is not None:
        known = stock["date"] < np.datetime64(cut)
        stock = stock[known].reset_index(drop=True) if known.any() else None
    before = replace(erp, sales=erp.sales[early].reset_index(drop=True), receipts=receipts, stock=stock,
                     open_orders=_open_at(erp, cut))  # fmt: skip
    return HeldOut(before, erp, cut, many, fitted)


def _open_at(erp: Erp, cut: datetime.date) -> pd.DataFrame | None:
    """Orders that were placed before a day and had not come by then: of receipts, and of those that are open still."""
    if erp.stock is None:
        return None  # without a state nothing starts from them
    columns = ["location", "sku", "quantity", "order_date", "expected_date"]
    day, found = np.datetime64(cut), []
    for table in (erp.receipts, erp.open_orders):
        if table is not None:
            there = table["order_date"] < day
            if "receipt_date" in table:
                there &= ~(table["receipt_date"] < day)
            named = table if "expected_date" in table else table.rename(columns={"scheduled_date": "expected_date"})
            found.append(named[there][columns])
    return pd.concat(found, ignore_index=True) if found else None
