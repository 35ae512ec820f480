"""Demand from the rows of an export: what a record is, where customers stand, which laws and seasons they follow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from restock.sim.calibration.bucket_rows import bucket_sums, cells_of, daily_rows, observations
from restock.sim.calibration.candidate_laws import count_values
from restock.sim.calibration.export import Erp
from restock.sim.calibration.fitting import Fits, factors, fit_laws
from restock.sim.calibration.reading.buckets import receipt_share, whole_pack_share
from restock.sim.calibration.reading.words import looked_up
from restock.sim.calibration.report import Report
from restock.sim.errors import require
from restock.sim.model.demand import Season

QUIET_DAYS = 28  # a location without rows for longer at either end opened late or closed early


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
    else:
        report.add("assumed", "sales are taken as demand: an empty shelf looks like a day without demand")
    return given or seen


def demand_rows(erp: Erp, demand_at: str, report: Report) -> pd.DataFrame:
    """Rows of demand where customers stand, returns left aside."""
    sales = daily_rows(erp, report)
    report.add(
        "dropped",
        f"returned units: {int(erp.sales['returned'].sum()):,}; demand is counted before returns",
        erp.sales["returned"].sum(),
    )
    kind = looked_up(sales["location"], erp.locations.set_index("location")["kind"])
    if demand_at == "dc":
        serving = erp.locations.set_index("location")["served_by"]
        at_store = (
            looked_up(sales["location"], serving).astype("str").where(kind == "store", sales["location"].astype("str"))
        )
        sales = sales.assign(location=at_store)[at_store != ""]
        require(len(sales) > 0, "demand_at=dc needs stores whose served_by names a dc; this export has none")
        report.add("assumed", "demand is the stores' rows added up at the DC that serves them; stores are left out")
        return sales.groupby(["date", "location", "sku"], as_index=False)["units"].sum()
    report.add(
        "dropped",
        f"rows of sales at a dc: {int((kind == 'dc').sum()):,}; customers stand at stores",
        (kind == "dc").sum(),
    )
    require(bool((kind == "store").any()), "no row of sales is at a store: there is no demand to fit")
    return sales[kind == "store"].reset_index(drop=True)


def fit_demand(sales, erp: Erp, bucket_days: int, how, span, report: Report) -> tuple[pd.DataFrame, Fits, pd.DataFrame]:
    """Laws of every (sku, location) with rows, over the days its location traded and the item was listed."""
    windows = sales.groupby("location")["date"].agg(["min", "max", "nunique"])
    windows.index = windows.index.astype("str")
    rhythm = (windows["max"] - windows["min"]) / windows["nunique"]  # a place that orders twice a year is often quiet
    quiet = (4 * rhythm).clip(lower=pd.Timedelta(days=QUIET_DAYS))
    late, early = windows["min"] > span[0] + quiet, windows["max"] < span[1] - quiet
    windows = pd.DataFrame({"first": windows["min"].where(late, span[0]), "last": windows["max"].where(early, span[1])})
    report.add(
        "assumed",
        f"locations quiet at an end of the record ({QUIET_DAYS} days, or four times their usual gap): "
        f"{int((late | early).sum()):,}; taken as not trading then",
        (late | early).sum(),
    )
    code, cells = cells_of(sales)
    begin, end = cells["location"].map(windows["first"]), cells["location"].map(windows["last"])
    listed = cells["sku"].map(erp.items.set_index("sku")["list_date"])
    sold_first = sales["date"].groupby(code).min()
    new = (listed > begin) & (listed <= sold_first)
    begin = begin.where(~new, listed)
    report.add(
        "assumed",
        f"cells of items listed inside the record: {int(new.sum()):,}; counted from their list date",
        new.sum(),
    )
    days = ((end - begin).dt.days + 1).to_numpy()
    short = days < bucket_days
    number, length, bucket = observations(begin, end, sales["date"], code, erp.bucket, bucket_days)
    outside = bucket >= number[code]
    report.add(
        "dropped", f"rows before the first whole bucket of {bucket_days} days: {int(outside.sum()):,}", outside.sum()
    )
    report.add(
        "not fitted",
        f"cells observed for less than one bucket of {bucket_days} days: {int(short.sum()):,}; "
        "their mean rests on it alone",
        short.sum(),
    )
    kept = ~outside
    cell, sums = bucket_sums(code[kept], bucket[kept], sales["units"].to_numpy()[kept], bucket_days)
    counts = count_values(cell, sums, number)
    fit, score, candidates = how
    fits = replace(fit_laws(counts, score, candidates), length=length)
    fits = fits.by_moments() if fit == "moments" else fits
    _report_fits(
        fits, bucket_days, f"lowest {score.upper()}" if fit == "likelihood" else "observed mean and variance", report
    )
    return cells, fits, windows


def _report_fits(fits: Fits, bucket_days: int, basis: str, report: Report) -> None:
    names, numbers = np.unique(fits.chosen, return_counts=True)
    laws = ", ".join(
        f"{name} {number:,}"
        for number, name in sorted(zip(numbers.tolist(), names.tolist(), strict=True), reverse=True)
    )
    what = "days" if bucket_days == 1 else f"buckets of {bucket_days} days"
    sold = fits.counts.days - fits.counts.zeros
    thin, poor, none = (
        int(((sold > 0) & (sold < 5)).sum()),
        int((fits.distance > fits.limit).sum()),
        int((sold == 0).sum()),
    )
    report.add("fitted", f"demand of {len(fits.mean):,} store-items on {what}, law of {basis}: {laws}")
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


def fit_seasons(
    sales, windows, no_rhythm: bool, months: bool, report: Report, bucket: str = "day"
) -> tuple[dict[str, Season], dict[str, float]]:
    """Weekday (and month) factors per location, and the mean of their squares."""
    places = windows.index
    flat = {place: Season() for place in places}, dict.fromkeys(places, 1.0)
    if no_rhythm:
        report.add(
            "not fitted",
            "weekday and month factors (all 1): orders follow a delivery schedule, "
            "and buckets must be 1 day or whole weeks",
        )
        return flat
    span = pd.date_range(windows["first"].min(), windows["last"].max())
    open_days = (span.to_numpy() >= windows["first"].to_numpy()[:, None]) & (
        span.to_numpy() <= windows["last"].to_numpy()[:, None]
    )
    found, pooled = {}, {}
    for name, size, part, of_day in (
        ("weekday", 7, sales["date"].dt.day_of_week, span.day_of_week),
        ("month", 12, sales["date"].dt.month - 1, span.month - 1),
    ):
        if name == "month" and (not months or len(span) < 365):
            report.add(
                "not fitted",
                "month factors: they need a year of record" if months else "month factors: not asked for (months=True)",
            )
            found[name] = np.ones((len(places), 12))
            continue
        if name == "weekday" and bucket != "day":
            report.add("not fitted", f"weekday factors (all 1): a row covers a {bucket}")
            found[name] = np.ones((len(places), 7))
            continue
        units = np.zeros((len(places), size))
        place = looked_up(sales["location"], pd.Series(range(len(places)), places)).to_numpy()
        np.add.at(units, (place, part), sales["units"])
        days = np.stack([open_days[:, of_day == k].sum(axis=1) for k in range(size)], axis=1)
        found[name], pooled[name] = factors(units, days)
        report.add(
            "fitted",
            f"{name} factors, locations: {len(places) - int(pooled[name].sum()):,}; "
            f"from {found[name].min():.2f} to {found[name].max():.2f}; "
            "the swing they bring is taken out of the fitted spread",
        )
        report.add(
            "not fitted",
            f"{name} factors of locations with too few units: {int(pooled[name].sum()):,}; those of all together",
            pooled[name].sum(),
        )
    seasons = {place: Season(tuple(found["weekday"][n]), tuple(found["month"][n])) for n, place in enumerate(places)}
    square = (found["weekday"] ** 2).mean(axis=1) * (found["month"] ** 2).mean(axis=1)
    return seasons, dict(zip(places, square.tolist(), strict=True))
