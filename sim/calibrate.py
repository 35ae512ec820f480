"""From an ERP export to a scenario: what the records show, what they cannot show, and what is assumed instead.

First question: what is a record? A *sale* to a shopper says when demand was. An *order* of a store (or a delivery
to it) says how much over some weeks; its timing is the store's ordering rhythm and its size the case pack. Orders
are therefore fitted in buckets of 28 days by mean and variance; a day's law is the one whose sum was fitted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.demand import Demand, History, Season
from sim.erp import Erp, count_faults
from sim.errors import require, unknown
from sim.fitting import DIVISIBLE, PARAMETERS, Fits, count_values, factors, fit_laws, lead_time_laws
from sim.laws import Law, NegativeBinomial, law_from, to_mapping
from sim.network import WEEKDAYS, Item, Lane, Site
from sim.scenario import Scenario
from sim.scenario_tables import write_scenario

RECORDS = ("sale", "order")
FITS = ("likelihood", "moments")
SECTIONS = ("read", "fitted", "not fitted", "dropped", "assumed")
SUPPLIER_LEAD_TIME = {"law": "empirical", "values": [5, 6, 7, 8, 9], "weights": [1, 2, 4, 2, 1]}
QUIET_DAYS = 28  # a location without rows for longer at either end opened late or closed early
LUMPIEST = 1000.0  # variance / mean beyond which an item is counted in larger units
LARGEST_DAY = 20_000  # units of a day beyond which it is, too
UNKNOWN_SUPPLIER = "unknown_supplier"


@dataclass
class Report:
    """Lines under headings (read, fitted, not fitted, dropped, assumed), and the figures behind them."""

    sections: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in SECTIONS})
    figures: dict[str, Any] = field(default_factory=dict)

    def add(self, section: str, line: str, count: float = 1) -> None:
        """Add a line unless it reports nothing."""
        if count:
            self.sections[section].append(line)

    def lines(self) -> list[str]:
        out = []
        for name, lines in self.sections.items():
            out += [f"{name}:"] + [f"  - {line}" for line in lines or ["nothing"]]
        return out

    def __str__(self) -> str:
        return "\n".join(self.lines())


@dataclass(frozen=True)
class Calibration:
    """What was fitted. `demand` has a row per (sku, location), `lead_times` one per lane; laws are mappings.

    `items`, `sites` and `lanes` are ready for a scenario, `report` says how each came about.
    """

    record: str
    bucket_days: int
    demand: pd.DataFrame
    lead_times: pd.DataFrame
    seasons: dict[str, Season]
    items: tuple[Item, ...]
    sites: tuple[Site, ...]
    lanes: tuple[Lane, ...]
    history: pd.DataFrame | None
    first_day: pd.Timestamp
    days: int
    report: Report

    def scenario(self, name: str = "calibrated", **settings: Any) -> Scenario:
        """A scenario of the fitted network; `settings` are those of `Scenario` (days, costs, opening_days, ...)."""
        item_index = {item.name: i for i, item in enumerate(self.items)}
        site_index = {site.name: n for n, site in enumerate(self.sites)}
        i, n = self.demand["sku"].map(item_index).to_numpy(), self.demand["location"].map(site_index).to_numpy()
        law_of, season_of = (
            np.full((len(item_index), len(site_index)), -1, np.int32),
            np.zeros((len(item_index), len(site_index)), np.int32),
        )
        laws: dict[Law, int] = {}
        law_of[i, n] = [laws.setdefault(law_from(law), len(laws)) for law in self.demand["law"]]
        seasons: dict[Season, int] = {}
        for site, season in self.seasons.items():
            season_of[:, site_index[site]] = seasons.setdefault(season, len(seasons))
        history = None
        if self.history is not None:
            row_of = np.where(law_of >= 0, np.cumsum(law_of.ravel() >= 0).reshape(law_of.shape) - 1, -1)
            units = np.zeros((int(row_of.max()) + 1, self.days), np.int32)
            rows = row_of[self.history["sku"].map(item_index), self.history["location"].map(site_index)]
            units[rows, (self.history["date"] - self.first_day).dt.days] = self.history["units"]
            history = History(units, row_of, self.first_day.date())
        demand = Demand(tuple(laws), law_of, tuple(seasons) or (Season(),), season_of, history)
        settings = {"start": self.first_day.date(), "assumptions": tuple(self.report.sections["assumed"])} | settings
        return Scenario(name, self.items, self.sites, self.lanes, demand, **settings)


def calibrate(
    erp: Erp,
    record: str | None = None,
    bucket_days: int | None = None,
    fit: str | None = None,
    score: str = "aic",
    demand_at: str = "store",
    months: bool = False,
    least_shipments: int = 8,
    margin: float = 0.30,
    sample_share: float = 1.0,
    dc_lead_time: Any = 1,
    supplier_lead_time: Any = None,
    keep_history: bool | None = None,
) -> Calibration:
    """Fit demand, seasons and lead times to an export, and lay out its network.

    Parameters
    ----------
    record : 'sale', 'order' or None
        What a row of sales is; None: judged by its rhythm and sizes, and the report says why.
    bucket_days : int or None
        Days added up to one observation; None: 1 for sales, 28 for orders, 7 for orders on a DC (they are its demand).
    fit : 'likelihood', 'moments' or None
        The law of lowest score; or one with the observed mean and variance. None: likelihood for sales, moments for
        orders: in whole packs they follow none of the laws, and likelihood doubles their spread.
    score : 'aic' or 'bic'
    demand_at : 'store' or 'dc'
        Customers stand at the stores; or the stores' rows together are the demand on their DC, and stores are left out.
    months : bool
        Fit month factors too (needs a year, and bucket_days=1).
    least_shipments : int
        A lane with fewer shipments borrows from its supplier's, the location's, or all.
    margin : float
        Share of the price assumed to be margin where an item lacks its cost or its price.
    sample_share : float
        Share of all customers in the record (a panel). Laws are then those of 1 / sample_share such samples,
        independent of each other: relative spread falls as the mean grows, as `demand.scale` would not have it.
    dc_lead_time, supplier_lead_time : law, mapping or whole days
        Taken where there are no receipts; default 1 day, and 5 to 9 days around 7.
    keep_history : bool or None
        Keep the daily record for replay; None: for sales only.
    """
    if record not in (None, *RECORDS):
        raise unknown("record", str(record), RECORDS)
    if fit not in (None, *FITS):
        raise unknown("fit", str(fit), FITS)
    if demand_at not in ("store", "dc"):
        raise unknown("demand_at", demand_at, ("store", "dc"))
    require(
        bucket_days is None or (isinstance(bucket_days, int) and bucket_days >= 1),
        f"bucket_days must be a whole number of at least 1, got {bucket_days}",
    )
    require(0 < sample_share <= 1, f"sample_share must lie in (0, 1], got {sample_share}")
    require(0 <= margin < 1, f"margin must lie in [0, 1), got {margin}")
    report = Report()
    report.sections["read"] = erp.summary()[:4]
    for line in count_faults(erp.faults):
        severity, text = line.split(": ", 1)
        report.add("assumed" if severity == "assumed" else "dropped", text)
    record = _what_is_a_record(erp, record, report)
    bucket_days = bucket_days or (1 if record == "sale" else 28 if demand_at == "store" else 7)
    sales = _demand_rows(erp, demand_at, report)
    rhythmic = record == "order" and report.figures["main_weekday_share"] >= 0.5
    order_days = _order_days(erp) if rhythmic else {}
    first, last = sales["date"].min(), sales["date"].max()
    sales, lots = _in_larger_units(sales, bucket_days, report)
    fit = fit or ("likelihood" if record == "sale" else "moments")
    candidates = tuple(PARAMETERS) if bucket_days == 1 and sample_share == 1 else DIVISIBLE
    cells, fits, windows = _fit_demand(sales, erp, bucket_days, (fit, score, candidates), (first, last), report)
    no_rhythm = (record == "order" and demand_at == "store") or bucket_days not in (1, *range(7, 700, 7))
    seasons, square = _seasons(sales, windows, no_rhythm, months, report)
    laws = _tamed(fits.laws(bucket_days, cells["location"].map(square).to_numpy(), 1 / sample_share), report)
    report.add(
        "assumed",
        f"the record is a sample of {sample_share:.1%} of demand: laws are those of {1 / sample_share:g} such samples",
        sample_share < 1,
    )
    table = pd.concat([cells, fits.table()], axis=1).assign(law=[to_mapping(law) for law in laws])
    items = _items(erp, cells["sku"].unique(), lots, margin, report)
    sites = _sites(erp, set(cells["location"]), demand_at, report)
    lead_times, lanes = _lanes(
        erp, items, sites, cells, least_shipments, dc_lead_time, supplier_lead_time, order_days, report
    )
    keep = record == "sale" and sample_share == 1 if keep_history is None else keep_history
    history = sales[["date", "location", "sku", "units"]] if keep else None
    report.figures |= {"record": record, "bucket_days": bucket_days, "cells": len(cells), "lanes": len(lanes)}
    days = (last - first).days + 1
    return Calibration(
        record, bucket_days, table, lead_times, seasons, items, sites, lanes, history, first, days, report
    )


def write_scenario_folder(calibration: Calibration, folder: str | Path, **settings: Any) -> None:
    """Write the scenario's tables, which `restock run scenario=folder` reads, the fitted tables and the report."""
    folder = Path(folder)
    write_scenario(calibration.scenario(folder.name, **settings), folder)
    for name in ("demand", "lead_times"):
        frame = getattr(calibration, name).copy()
        frame["law"] = [json.dumps(law) for law in frame["law"]]
        frame.round(4).to_csv(folder / f"fitted_{name}.csv", index=False, lineterminator="\n")
    text = [f"# How `{folder.name}` was calibrated", ""]
    for name, lines in calibration.report.sections.items():
        text += [f"## {name.capitalize()}", ""] + [f"- {line}" for line in lines or ["nothing"]] + [""]
    (folder / "report.md").write_text("\n".join(text), encoding="utf-8", newline="\n")


def _what_is_a_record(erp: Erp, given: str | None, report: Report) -> str:
    """Sale or order: by the share of rows on a store's main weekday, of whole packs, and of receipts."""
    sales = erp.sales
    by_day = sales.groupby(["location", sales["date"].dt.day_of_week]).size()
    cadence = by_day.groupby(level=0).max().sum() / len(sales)
    pack = sales["sku"].map(erp.items.set_index("sku")["case_pack"]).fillna(1).to_numpy()
    packed = (pack > 1) & (sales["units"].to_numpy() > 0)
    whole = float((sales["units"].to_numpy()[packed] % pack[packed] == 0).mean()) if packed.any() else float("nan")
    received = 0.0
    if erp.receipts is not None:
        arrived = pd.MultiIndex.from_frame(erp.receipts[["receipt_date", "location", "sku"]])
        received = float(pd.MultiIndex.from_frame(sales[["date", "location", "sku"]]).isin(arrived).mean())
    report.figures |= {"main_weekday_share": cadence, "whole_pack_share": whole, "receipt_share": received}
    signs = [f"{cadence:.0%} of rows fall on their store's main weekday (an even week: 14%)"]
    signs += [f"{whole:.0%} of rows of packed items are whole packs"] if packed.any() else ["no case packs are stated"]
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


def _demand_rows(erp: Erp, demand_at: str, report: Report) -> pd.DataFrame:
    """Rows of demand where customers stand, returns left aside."""
    sales = erp.sales[["date", "location", "sku", "units"]]
    report.add(
        "dropped",
        f"returned units: {int(erp.sales['returned'].sum()):,}; demand is counted before returns",
        erp.sales["returned"].sum(),
    )
    kind = sales["location"].map(erp.locations.set_index("location")["kind"])
    if demand_at == "dc":
        serving = erp.locations.set_index("location")["served_by"]
        at_store = sales["location"].map(serving).where(kind == "store", sales["location"])
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


def _in_larger_units(sales: pd.DataFrame, bucket_days: int, report: Report) -> tuple[pd.DataFrame, pd.Series]:
    """Items moved by the thousand are counted in lots of 10, 100, ...: laws hold values up to 65,535."""
    bucket = (sales["date"] - sales["date"].min()).dt.days // bucket_days
    sums = sales.groupby(["sku", "location", bucket])["units"].sum()
    cell = (sums.astype(float) ** 2).groupby(level=[0, 1]).sum() / sums.groupby(level=[0, 1]).sum().clip(lower=1)
    need = np.maximum(cell.groupby(level=0).max() / LUMPIEST, sales.groupby("sku")["units"].max() / LARGEST_DAY)
    lots = (10 ** np.ceil(np.log10(need.clip(lower=1)))).astype("int64")
    large = int((lots > 1).sum())
    if large:
        lot = sales["sku"].map(lots)
        units = (sales["units"] / lot).round().clip(lower=1).where(sales["units"] > 0, 0).astype("int64")
        moved = float((units * lot).sum() / sales["units"].sum() - 1)
        sales = sales.assign(units=units)
        report.add(
            "assumed",
            "items that move so many units at once that they are counted in lots of 10, 100, ...: "
            f"{large:,} (largest lot {lots.max():,}); "
            f"cost and price are per lot, and rounding changes total units by {moved:+.1%}",
        )
    return sales, lots


def _fit_demand(
    sales, erp: Erp, bucket_days: int, how, span, report: Report
) -> tuple[pd.DataFrame, Fits, pd.DataFrame]:
    """Laws of every (sku, location) with rows, over the days its location traded and the item was listed."""
    windows = sales.groupby("location")["date"].agg(["min", "max", "nunique"])
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
    code, keys = pd.factorize(pd.MultiIndex.from_frame(sales[["sku", "location"]]))
    cells = pd.DataFrame({"sku": keys.get_level_values(0), "location": keys.get_level_values(1)})
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
    number = np.maximum(days // bucket_days, 1)
    bucket = (end.to_numpy()[code] - sales["date"].to_numpy()).astype("timedelta64[D]").astype(int) // bucket_days
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
    sums = (
        pd.DataFrame({"cell": code, "bucket": bucket, "units": sales["units"]})[~outside]
        .groupby(["cell", "bucket"])["units"]
        .sum()
    )
    counts = count_values(sums.index.get_level_values(0).to_numpy(), sums.to_numpy(), number)
    fit, score, candidates = how
    fits = fit_laws(counts, score, candidates)
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


def _seasons(
    sales, windows, no_rhythm: bool, months: bool, report: Report
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
        units = np.zeros((len(places), size))
        np.add.at(units, (places.get_indexer(sales["location"]), part), sales["units"])
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


def _tamed(laws: list[Law], report: Report) -> list[Law]:
    """Laws whose tail would pass the largest value held have their variance cut to 2 `LUMPIEST` times their mean."""
    most, cut, out = 2 * LUMPIEST, 0, []
    for law in laws:
        if isinstance(law, NegativeBinomial) and law.mean * law.dispersion > most:
            law, cut = NegativeBinomial(law.mean, most / law.mean), cut + 1
        out.append(law)
    report.add("assumed", f"cells with their variance cut to {most:,.0f} times their mean: {cut:,}", cut)
    return out


def _items(erp: Erp, skus: np.ndarray, lots: pd.Series, margin: float, report: Report) -> tuple[Item, ...]:
    """Items with rows of demand; what they lack is assumed and counted."""
    table = erp.items.set_index("sku").loc[sorted(skus)]
    cost, price = table["unit_cost"].copy(), table["unit_price"].copy()
    no_cost, no_price = cost.isna(), price.isna()
    price = price.fillna((cost / (1 - margin)).round(2))
    cost = cost.fillna((price * (1 - margin)).round(2))
    neither = cost.isna()
    cost, price = cost.fillna(1.0), price.fillna(round(1 / (1 - margin), 2))
    for what, missing, other in (
        ("unit_price", no_price & ~neither, "unit_cost / (1 - margin)"),
        ("unit_cost", no_cost & ~neither, "unit_price x (1 - margin)"),
    ):
        report.add(
            "assumed",
            f"items without {what}: {int(missing.sum()):,}; taken as {other} with a margin of {margin:.0%}",
            missing.sum(),
        )
    report.add("assumed", f"items with neither cost nor price: {int(neither.sum()):,}; cost 1", neither.sum())
    report.add("assumed", f"items that cost nothing (donated?): {int((cost == 0).sum()):,}; left so", (cost == 0).sum())
    report.add(
        "assumed",
        f"items that cost more than their price: {int((price < cost).sum()):,}; left so",
        (price < cost).sum(),
    )
    nobody = table["supplier"] == ""
    report.add(
        "assumed", f"items without a supplier: {int(nobody.sum()):,}; taken as '{UNKNOWN_SUPPLIER}'", nobody.sum()
    )
    unpacked = table["case_pack"].isna()
    report.add("assumed", f"items without a case pack: {int(unpacked.sum()):,}; ordered by the unit", unpacked.sum())
    report.add(
        "dropped", f"items without a row of demand: {len(erp.items) - len(table):,}", len(erp.items) - len(table)
    )
    lot = lots.reindex(table.index).to_numpy()
    pack = np.ceil(table["case_pack"].fillna(1).to_numpy() / lot).astype(int)
    least = np.ceil(table["minimum_order"].fillna(0).to_numpy() / lot).astype(int)
    supplier, category = (
        table["supplier"].where(~nobody, UNKNOWN_SUPPLIER),
        table["category"].where(table["category"] != "", "all"),
    )
    columns = zip(
        table.index,
        category,
        supplier,
        (cost * lot).round(4),
        (price * lot).round(4),
        pack.tolist(),
        least.tolist(),
        strict=True,
    )
    return tuple(Item(*row) for row in columns)


def _sites(erp: Erp, selling: set[str], demand_at: str, report: Report) -> tuple[Site, ...]:
    """Locations with rows and those that serve them. A store that mostly receives from suppliers is served by them."""
    served_by, kind = (
        erp.locations.set_index("location")["served_by"].to_dict(),
        erp.locations.set_index("location")["kind"].to_dict(),
    )
    direct: set[str] = set()
    if erp.receipts is not None:
        direct = {
            place for place in erp.receipts["location"].unique() if kind.get(place) == "store" and served_by.get(place)
        }
        direct &= selling
        report.add(
            "assumed",
            f"stores that receive from suppliers by the receipts: {len(direct):,}; served by them, not by their DC",
            len(direct),
        )
    kept: list[str] = []
    for place in sorted(selling):
        while place and kind[place] != "supplier" and place not in kept:
            kept.append(place)
            place = "" if place in direct else served_by[place]
    left = [place for place in kind if kind[place] == "store" and place not in selling]
    report.add("dropped", f"stores without a row of demand: {len(left):,}", len(left) if demand_at == "store" else 0)
    order = [place for place in kind if place in kept]
    upper = {
        place: served_by[place] if place not in direct and kind.get(served_by[place]) in ("store", "dc") else None
        for place in order
    }
    return tuple(Site(place, kind[place], upper[place]) for place in order)


def _lanes(erp: Erp, items, sites, cells, least: int, dc_lead_time, supplier_lead_time, order_days, report: Report):
    """Every lane the network needs, with the lead times of its receipts or an assumed law."""
    stocked = {site.name: set(cells["sku"][cells["location"] == site.name]) for site in sites}
    above = {site.name: site.served_by for site in sites}
    for site in sites:
        name, skus = site.name, stocked[site.name]
        while name is not None:
            stocked[name] |= skus
            name = above[name]
    supplier = {item.name: item.supplier for item in items}
    needed = [
        (source, s.name)
        for s in sites
        for source in ([s.served_by] if s.served_by else sorted({supplier[k] for k in stocked[s.name]}))
    ]
    shipments = _shipments(erp, report)
    assumed = {
        True: law_from(dc_lead_time, "dc_lead_time"),
        False: law_from(supplier_lead_time or SUPPLIER_LEAD_TIME, "supplier_lead_time"),
    }
    inside = {(site.served_by, site.name) for site in sites if site.served_by}
    measured = set() if shipments is None else set(shipments["supplier"])
    borrow = [lane for lane in needed if shipments is not None and (lane not in inside or lane[0] in measured)]
    fitted = (
        lead_time_laws(shipments, borrow, least)
        if borrow
        else pd.DataFrame(columns=["supplier", "location", "law", "taken_from", "shipments"])
    )
    laws = {(row.supplier, row.location): row.law for row in fitted.itertuples()}
    for level, group in fitted.groupby("taken_from", sort=False):
        where = (
            "its own shipments"
            if level == "lane"
            else f"shipments of its {level}"
            if level != "all"
            else "all shipments"
        )
        report.add(
            "fitted" if level == "lane" else "not fitted",
            f"lead times, lanes by {where}: {len(group):,}"
            + (f" (fewer than {least} of its own)" if level != "lane" else ""),
        )
    guessed = [lane for lane in needed if lane not in laws]
    for within, what in ((True, "from a DC to a store"), (False, "from a supplier")):
        count = sum((lane in inside) == within for lane in guessed)
        law = assumed[within]
        report.add(
            "assumed",
            f"lead time, lanes {what} without receipts: {count:,}; days on average: {law.moments[0]:g}",
            count,
        )
    rows = [(*lane, assumed[lane in inside], "assumed", 0) for lane in guessed]
    table = (
        pd.concat([fitted, pd.DataFrame(rows, columns=["supplier", "location", "law", "taken_from", "shipments"])])
        if rows
        else fitted
    )
    lanes = tuple(
        Lane(
            source,
            place,
            laws.get((source, place), assumed[(source, place) in inside]),
            order_days.get(place, WEEKDAYS) if (source, place) in inside else WEEKDAYS,
        )
        for source, place in needed
    )
    used = sum(lane.order_days != WEEKDAYS for lane in lanes)
    report.add("fitted", f"order days, lanes: {used:,}; the weekdays with at least 15% of the store's rows", used)
    return table.assign(law=[to_mapping(law) for law in table["law"]]).reset_index(drop=True), lanes


def _shipments(erp: Erp, report: Report) -> pd.DataFrame | None:
    """One row per shipment: lines of the same order, shipment and dates travelled together and count once."""
    if erp.receipts is None or erp.receipts.empty:
        return None
    receipts = erp.receipts.copy()
    blank = receipts["supplier"] == ""
    receipts.loc[blank, "supplier"] = receipts["sku"][blank].map(erp.items.set_index("sku")["supplier"])
    key = [c for c in ("po", "shipment", "supplier", "location", "order_date", "receipt_date") if c in receipts]
    once = receipts.drop_duplicates(key)
    days = (once["receipt_date"] - once["order_date"]).dt.days
    report.add(
        "assumed",
        f"shipments that arrived on the day they were ordered: {int((days < 1).sum()):,}; "
        "a lead time of 1 day, the shortest",
        (days < 1).sum(),
    )
    report.add(
        "fitted",
        f"lead times of {len(once):,} shipments ({len(receipts):,} receipt lines): mean {days.mean():.1f} days, "
        f"standard deviation {days.std():.1f}, from order to arrival as it happened",
    )
    return pd.DataFrame({"supplier": once["supplier"], "location": once["location"], "days": days.clip(lower=1)})


def _order_days(erp: Erp) -> dict[str, tuple[str, ...]]:
    """Weekdays that carry at least 15% of a store's order rows: an even week would give 14% to each."""
    share = pd.crosstab(erp.sales["location"], erp.sales["date"].dt.day_of_week, normalize="index").reindex(
        columns=range(7), fill_value=0.0
    )
    return {
        place: tuple(day for day, part in zip(WEEKDAYS, row, strict=True) if part >= 0.15) or WEEKDAYS
        for place, row in zip(share.index, share.to_numpy(), strict=True)
    }
