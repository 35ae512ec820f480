"""Demand from the rows of an export: what a record is, where customers stand, which laws and seasons they follow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from restock.sim.calibration.bucket_rows import CellRows, bucket_sums, daily_rows, days_since, observations
from restock.sim.calibration.candidate_laws import count_values, moments
from restock.sim.calibration.export import Erp
from restock.sim.calibration.fitting import Fits, fit_laws
from restock.sim.calibration.reading.buckets import receipt_share, whole_pack_share
from restock.sim.calibration.reading.words import looked_up
from restock.sim.calibration.report import Report, Worth
from restock.sim.calibration.state.empty_shelves import (
    Corrected,
    EmptyDays,
    can_be_corrected,
    corrected,
    empty_days,
    say_correction,
)
from restock.sim.calibration.windows import LEAST_WINDOW, declared_dates, named, say, windows
from restock.sim.errors import require


def what_is_a_record(erp: Erp, given: str | None, report: Report) -> str:
    """Sale or order: by the share of rows on a store's main weekday, of whole packs, and of receipts."""
    sales = erp.sales
    cadence = 1 / 7  # of weeks and months no weekday shows
    if erp.bucket == "day":
        by_day = sales.groupby(["location", sales["date"].dt.day_of_week]).size()
        cadence = by_day.groupby(level=0).max().sum() / len(sales)
    whole, received = whole_pack_share(sales, erp.items), receipt_share(sales, erp.receipts)
    report.figures |= {"main_weekday_share": cadence, "whole_pack_share": whole, "receipt_share": received}
    signs = [f"{cadence:.0%} of rows fall on their store's main weekday (an even week: 14%)"]
    signs += (
        [f"{whole:.0%} of rows of packed items are whole packs"] if whole == whole else ["no case packs are stated"]
    )
    signs += [f"{received:.0%} of rows are also a receipt"] if received else []
    seen = "order" if cadence >= 0.5 or whole >= 0.5 or received >= 0.3 else "sale"
    if given is None:
        report.add(
            "assumed",
            f"a row of sales is taken as {'an order or delivery' if seen == 'order' else 'a sale'}: {'; '.join(signs)}",
        )
    elif given != seen:
        report.add(
            "assumed",
            f"a row of sales is read as record={given}, as told, though it looks like record={seen}: "
            + "; ".join(signs),
        )
    else:
        report.add("read", f"record={given}, as told; it looks so: {'; '.join(signs)}")
    if (given or seen) == "order":
        report.add(
            "assumed",
            "orders show the mean over months, not the days or the spread of shoppers' demand; lost sales do not show",
        )
    elif not shows_empty_shelves(erp):
        report.add("assumed", "sales are taken as demand: an empty shelf looks like a day without demand")
    return given or seen


def shows_empty_shelves(erp: Erp) -> bool:
    """Whether stock is recorded on several days of a record by days."""
    return erp.bucket == "day" and erp.stock is not None and erp.stock["date"].nunique() > 1


def demand_rows(erp: Erp, demand_at: str, worth: Worth, report: Report) -> pd.DataFrame:
    """Rows of demand where customers stand, returns left aside."""
    sales = daily_rows(erp, report)
    back = erp.sales[erp.sales["returned"] > 0]
    report.add(
        "dropped",
        f"returned units: {worth.of(back['sku'], back['returned'])}; demand is counted before returns",
        len(back),
    )
    if demand_at == "dc":
        at_dc = place_of_demand(sales, erp, demand_at)
        alone = (at_dc == "").to_numpy()
        report.add(
            "dropped",
            f"rows of stores that no dc serves: {int(alone.sum()):,}, "
            f"{worth.of(sales['sku'][alone], sales['units'][alone])}; demand_at=store keeps them",
            alone.sum(),
        )
        sales = sales.assign(location=at_dc)[~alone]
        require(len(sales) > 0, "demand_at=dc needs stores whose served_by names a dc; this export has none")
        report.add("assumed", "demand is the stores' rows added up at the DC that serves them; stores are left out")
        figures = [column for column in ("units", "receipts") if column in sales]
        return sales.groupby(["date", "location", "sku"], as_index=False)[figures].sum()
    at_dc = (looked_up(sales["location"], erp.locations.set_index("location")["kind"]) == "dc").to_numpy()
    report.add(
        "assumed",
        f"rows of sales at a dc: {int(at_dc.sum()):,}, "
        f"{worth.of(sales['sku'][at_dc], sales['units'][at_dc])}; kept as "
        "demand of customers that the dc itself serves, beside what it ships to stores (were they shipments to stores, "
        "leave them out of sales)",
        at_dc.sum(),
    )
    return sales


def place_of_demand(sales: pd.DataFrame, erp: Erp, demand_at: str) -> pd.Series:
    """Where customers stand for each row: its place, or the DC that serves it ('' where none does)."""
    if demand_at == "store":
        return sales["location"]
    locations = erp.locations.set_index("location")
    is_store = looked_up(sales["location"], locations["kind"]) == "store"
    return (
        looked_up(sales["location"], locations["served_by"])
        .astype("str")
        .where(is_store, sales["location"].astype("str"))
    )


def recorded_units(erp: Erp, demand_at: str) -> pd.Series:
    """Units of the record as it was read, by sku and the location where customers stand."""
    place = place_of_demand(erp.sales, erp, demand_at)
    sums = (
        erp.sales.groupby(["sku", place], observed=True)["units"].sum().astype(float).rename_axis(["sku", "location"])
    )
    sums = sums[sums.index.get_level_values("location") != ""]
    levels = [sums.index.get_level_values(name).astype("str") for name in ("sku", "location")]
    return pd.Series(sums.to_numpy(), pd.MultiIndex.from_arrays(levels, names=["sku", "location"]))


def observed_cells(rows: CellRows, erp: Erp, span, worth: Worth, report: Report) -> tuple[pd.DataFrame, dict]:
    """Every cell's sku, location, days observed (begin, end, ended); and the places' windows."""
    sales, code, cells = rows
    first, length = span[0], (span[1] - span[0]).days + 1
    found = {}
    for by, table in (("location", erp.locations), ("sku", erp.items)):
        found[by] = windows(sales, declared_dates(table, by), by, first, length)
    say(found["location"], found["sku"], rows, worth, first, report)
    place, item = cells["location"].map(found["location"]), cells["sku"].map(found["sku"])
    begin = np.maximum([each.first for each in place], [each.first for each in item])
    end = np.minimum([each.last for each in place], [each.last for each in item])
    told = np.array(["declared" in one.why or "declared" in two.why for one, two in zip(place, item, strict=True)])
    short = ~told & (end - begin + 1 < LEAST_WINDOW)
    begin = np.where(short, np.maximum(0, np.minimum(begin, end + 1 - LEAST_WINDOW)), begin)
    end = np.where(short, np.minimum(length - 1, np.maximum(end, begin + LEAST_WINDOW - 1)), end)
    listed = (cells["sku"].map(erp.items.set_index("sku")["list_date"]) - first).dt.days.to_numpy(dtype=float)
    sold_first = pd.Series(days_since(sales["date"], first)).groupby(code).min().to_numpy()
    new = (listed > np.array([each.first for each in place])) & (listed <= sold_first) & ~told
    begin = np.where(new, np.nan_to_num(listed), begin).astype(int)
    report.add(
        "assumed",
        f"cells of items listed inside the record: {int(new.sum()):,}; counted from their list date",
        new.sum(),
    )
    ended = [one.ended or two.ended for one, two in zip(place, item, strict=True)]
    return cells.assign(begin=begin, end=end, ended=ended), found["location"]


def observed_dates(cells: pd.DataFrame, first: pd.Timestamp) -> dict[str, pd.Series]:
    """The first and the last day on which each cell was observed."""
    return {
        name: (first + pd.to_timedelta(cells[day], unit="D")).dt.strftime("%Y-%m-%d")
        for name, day in (("from", "begin"), ("to", "end"))
    }


def simulated(cells: pd.DataFrame, ended: str, worth: Worth, report: Report) -> np.ndarray:
    """Which cells the scenario has: not those that ended before the record does, unless they are kept."""
    gone = cells["ended"].to_numpy() & (ended == "leave_out")
    require(not gone.all(), "every place or item ended before the record does; ended=keep simulates them")
    if gone.any():
        report.add(
            "not simulated",
            f"cells of places and items that ended before the record does: {int(gone.sum()):,}, "
            f"{worth.of(cells['sku'][gone], cells['units'][gone])}; the scenario is the network as it stands at the "
            "end (ended=keep simulates them)",
        )
    return ~gone


def fit_demand(
    rows: CellRows, erp: Erp, bucket_days: int, how, span, worth: Worth, report: Report, behind_empty: bool = False
):
    """Laws of every (sku, location) with rows, over the days its place traded and its item was sold.

    Returns cells, their fits, the places' windows, mean and variance of units, and rows of demand that empty shelves
    hid (None: not looked for). Fits are those of receipts, where rows have them. Cells have their days observed, the
    days that their mean counts (one bucket at least), units, and hidden units.
    """
    first = span[0]
    sales, code, _ = rows
    cells, places = observed_cells(rows, erp, span, worth, report)
    day = days_since(sales["date"], first)
    outside = (day < cells["begin"].to_numpy()[code]) | (day > cells["end"].to_numpy()[code])
    report.add(
        "dropped",
        f"rows of demand outside declared dates: {int(outside.sum()):,}, "
        f"{worth.of(sales['sku'][outside], sales['units'][outside])}",
        outside.sum(),
    )
    begin, end = (first + pd.to_timedelta(cells[name], unit="D") for name in ("begin", "end"))
    dates, begin = without_shut(sales["date"], code, begin, cells, places, first, erp.bucket)
    days = ((end - begin).dt.days + 1).to_numpy()
    short = days < bucket_days
    number, length, bucket = observations(begin, end, dates, code, erp.bucket, bucket_days)
    early = (bucket >= number[code]) & ~outside
    report.add(
        "not fitted",
        f"the spread of rows before the first whole bucket of {bucket_days} days: {int(early.sum()):,}, "
        f"{worth.of(sales['sku'][early], sales['units'][early])}; the mean counts them, and their days",
        early.sum(),
    )
    report.add(
        "not fitted",
        f"cells observed for less than one bucket of {bucket_days} days: {int(short.sum()):,}; "
        "their units are taken as those of a whole one",
        short.sum(),
    )
    kept = ~outside & ~early
    empties = _empties(rows, erp, cells, places, days, span, report) if behind_empty else None
    if empties is not None:
        kept &= ~empties.holds(code, day)
        number = number - np.bincount(empties.cell, minlength=len(cells))
    counts, *further = (
        count_values(*bucket_sums(code[kept], bucket[kept], sales[column].to_numpy()[kept], bucket_days), number)
        for column in ("receipts", "units") if column in sales
    )  # fmt: skip
    found = None if empties is None else corrected(counts, empties, cells, sales[~outside], first)
    fit, score, candidates = how
    fits = fit_laws(counts if found is None else found.counts, score, candidates)
    units, seen = (
        np.bincount(code[~outside], sales[column].to_numpy()[~outside], len(cells))
        for column in ("units", "receipts" if further else "units")
    )
    counted = np.maximum(days, length)
    fits = replace(fits, length=length, mean=_means(found, seen * length / counted))
    fits = fits.by_moments() if fit == "moments" else fits
    if further:
        fits, thin, spread = fits.pooled_where_thin()
        report.add(
            "not fitted",
            f"the spread of receipts a day of cells with too few to show it: {int(thin.sum()):,}; that of all of them "
            f"together, dispersion {spread:.2g}, swings of the week included",
            thin.sum(),
        )
    _report_fits(
        fits, bucket_days, f"lowest {score.upper()}" if fit == "likelihood" else "observed mean and variance", report,
        "receipts" if further else "demand",
    )  # fmt: skip
    mean = _means(found, units * length / counted)
    hidden = 0.0 if found is None else np.where(found.cells, mean * days - units, 0.0)
    cells = cells.assign(observed_days=days, counted_days=counted, units=units, hidden=hidden)
    if found is not None and empties is not None:
        say_correction(found, empties, cells, worth, report)
    variance = moments(further[0])[1] if further else fits.variance
    return cells, fits, places, (mean, variance), None if found is None else found.hidden


def _means(found: Corrected | None, sold: np.ndarray) -> np.ndarray:
    """Mean demand of each cell: that of sales, where nothing was hidden."""
    return sold if found is None else np.where(found.cells, found.mean, sold)


def _empties(rows: CellRows, erp: Erp, cells, places, days: np.ndarray, span, report: Report) -> EmptyDays | None:
    """Days that ended with an empty shelf, of cells that can be corrected for them; None where there are none."""
    first, last = span
    found = empty_days(erp.stock, cells, places, rows, first, (last - first).days + 1)
    able = can_be_corrected(found, days)
    names = (cells["sku"] + " at " + cells["location"])[~able].tolist()
    report.add("not fitted", "demand behind empty shelves of cells whose shelf held something on too few days to say: "
               f"{len(names):,}: {named(names)}; their sales are taken as demand", len(names))  # fmt: skip
    if not len(found.cell):
        report.add("read", f"recorded stock: none of {found.recorded:,} days ended with an empty shelf")
    found = found.of(able)
    return found if len(found.cell) else None


def without_shut(dates, code, begin, cells, places, first, bucket: str):
    """Dates and beginnings as if days on which a place was shut were not there: later ones stay, earlier move up."""
    if bucket == "month" or not any(window.shut for window in places.values()):
        return dates, begin
    at = cells["location"].to_numpy()
    move_rows, move_cells = np.zeros(len(dates), int), np.zeros(len(cells), int)
    day, start = days_since(dates, first), cells["begin"].to_numpy()
    for name, window in places.items():
        for low, high in window.shut:
            here = at == name
            move_rows[here[code] & (day < low)] += high - low + 1
            inside = np.clip(high + 1 - np.maximum(start, low), 0, high - low + 1)
            move_cells[here] += inside[here]
    return dates + pd.to_timedelta(move_rows, unit="D"), begin + pd.to_timedelta(move_cells, unit="D")


def _report_fits(fits: Fits, bucket_days: int, basis: str, report: Report, of: str) -> None:
    names, numbers = np.unique(fits.chosen, return_counts=True)
    laws = ", ".join(
        f"{name} {number:,}"
        for number, name in sorted(zip(numbers.tolist(), names.tolist(), strict=True), reverse=True)
    )
    what = "days" if bucket_days == 1 else f"buckets of {bucket_days} days"
    sold = fits.counts.days - fits.counts.zeros
    thin, poor, none = (
        int(((fits.mean > 0) & (sold < 5)).sum()),
        int((fits.distance > fits.limit).sum()),
        int((fits.mean == 0).sum()),
    )
    report.add("fitted", f"{of} of {len(fits.mean):,} store-items on {what}, law of {basis}: {laws}")
    report.add(
        "fitted",
        f"largest gap between fitted and observed distribution: median {np.median(fits.distance):.3f}; "
        f"beyond the 5% limit in {poor:,} cells ({poor / len(fits.mean):.1%})",
    )
    known = (sold >= 5) & (fits.variance > 0)
    if known.any():
        low, middle, high = np.quantile(fits.fitted_variance()[known] / fits.variance[known], [0.05, 0.5, 0.95])
        report.add(
            "fitted",
            f"fitted over observed variance, cells with sales in 5 or more {what}: median {middle:.2f}, "
            f"90% of them from {low:.2f} to {high:.2f}",
        )
    report.add(
        "fitted", "the evidence (score of each candidate, gap and limit) is in the demand table, one row per cell"
    )
    report.add(
        "not fitted",
        f"the spread of cells with sales in fewer than 5 {what}: {thin:,} cells; a law is named, on thin evidence",
        thin,
    )
    report.add("not fitted", f"cells without a unit sold in the days kept: {none:,}; demand 0", none)
    if bucket_days > 1:
        report.add(
            "assumed",
            f"days within a bucket of {bucket_days} are independent and alike: "
            "the day's law is the one whose sum was fitted",
        )
    report.figures |= {"laws": dict(zip(names.tolist(), numbers.tolist(), strict=True)), "thin": thin, "poor": poor}
