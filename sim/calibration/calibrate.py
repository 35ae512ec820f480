"""From an ERP export to a scenario: what the records show, what they cannot show, and what is assumed instead.

First question: what is a record? A *sale* to a shopper says when demand was. An *order* of a store (or a delivery
to it) says how much over some weeks; its timing is the store's ordering rhythm and its size the case pack. Orders
are therefore fitted in buckets of 28 days by mean and variance; a day's law is the one whose sum was fitted.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from restock.sim.calibration.bucket_rows import CellRows, cells_of, days_since, numbered, observed_days
from restock.sim.calibration.candidate_laws import PARAMETERS
from restock.sim.calibration.demand import (
    demand_rows,
    fit_demand,
    observed_dates,
    recorded_units,
    shows_empty_shelves,
    simulated,
    what_is_a_record,
)
from restock.sim.calibration.export import Erp
from restock.sim.calibration.fit_account import FitAccount, by_item_and_place, say_fit
from restock.sim.calibration.fitting import DIVISIBLE
from restock.sim.calibration.lead_times import warm_up_of
from restock.sim.calibration.network import items_of, lanes_of, order_days_of, sites_of
from restock.sim.calibration.outliers import OUTLIERS, returns_of, without_outliers
from restock.sim.calibration.panel import basket_laws, full_laws, said, traded, with_receipts, within_units
from restock.sim.calibration.reading.faults import count_faults
from restock.sim.calibration.reading.words import looked_up
from restock.sim.calibration.report import Report, worth_of
from restock.sim.calibration.seasons import fit_seasons
from restock.sim.calibration.state.today import Today, todays_state, who_waits
from restock.sim.calibration.unit_scaling import in_counts, in_larger_units, tamed
from restock.sim.errors import require, unknown
from restock.sim.model.assumed import NAMES, default_lines, not_named, still_default
from restock.sim.model.demand import NOT_OPEN, Demand, History, Season
from restock.sim.model.network import Item, Lane, Site
from restock.sim.model.scenario import Scenario, fields_of_parts, parts_of_group
from restock.sim.model.scenario_folder import write_scenario
from restock.sim.probability.laws import Compound, Law, NegativeBinomial, Poisson, law_from, to_mapping

RECORDS = ("sale", "order")
FITS = ("likelihood", "moments")
ENDED = ("leave_out", "keep")
REPORTED = {"lanes.lead_time", "items.pack"}  # defaults that lines of the report count


@dataclass(frozen=True)
class Calibration:
    """What was fitted. `demand` has a row per (sku, location), `lead_times` one per lane; laws are mappings.

    Means and variances of `demand` are in true units; laws count in `counted_in` of them (see `unit_scaling`).

    `items`, `sites` and `lanes` are ready for a scenario, `report` says how each came about, and
    `fitted_against_recorded` holds the fit against the record, by item and by place (see `fit_account`); `returns` are
    settings of the scenario's returns, empty where the record has none; `today` is the state it starts from.
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
    fitted_against_recorded: pd.DataFrame
    returns: dict[str, Any]
    sample_share: float = 1.0
    traded: np.ndarray | None = None  # of a sample: see `panel.traded`; a row for each of `demand`
    today: Today | None = None  # where the export has stock

    def scenario(self, name: str = "calibrated", **settings: Any) -> Scenario:
        """A scenario of the fitted network; `settings` are those of `Scenario` (days, costs, opening_days, ...)."""
        item_index = {item.name: i for i, item in enumerate(self.items)}
        site_index = {site.name: n for n, site in enumerate(self.sites)}
        now = self.demand[self.demand["simulated"]]
        i, n = now["sku"].map(item_index).to_numpy(), now["location"].map(site_index).to_numpy()
        law_of, season_of = (
            np.full((len(item_index), len(site_index)), -1, np.int32),
            np.zeros((len(item_index), len(site_index)), np.int32),
        )
        laws: dict[Law, int] = {}
        law_of[i, n] = [laws.setdefault(law_from(law), len(laws)) for law in now["law"]]
        seasons: dict[Season, int] = {}
        for site, season in ((site, season) for site, season in self.seasons.items() if site in site_index):
            season_of[:, site_index[site]] = seasons.setdefault(season, len(seasons))
        history = None
        if self.history is not None:
            row_of = numbered(law_of >= 0)
            units, receipts = np.zeros((int(row_of.max()) + 1, self.days), np.int32), None
            of_item, of_site = pd.Series(item_index, dtype="int32"), pd.Series(site_index, dtype="int32")
            if self.traded is not None:
                receipts = np.zeros_like(units)
                receipts[row_of[i, n]] = np.where(self.traded[self.demand["simulated"].to_numpy()], 0, NOT_OPEN)
            i, n = looked_up(self.history["sku"], of_item), looked_up(self.history["location"], of_site)
            there = (i.notna() & n.notna()).to_numpy()  # places and items that are simulated
            i, n = (each.to_numpy()[there].astype(np.int32) for each in (i, n))
            rows = row_of.astype(np.int32)[i, n]
            del i, n  # a large record has many rows
            kept, day = rows >= 0, days_since(self.history["date"], self.first_day)[there]
            units[rows[kept], day[kept]] = self.history["units"].to_numpy()[there][kept]
            if receipts is not None:
                seen = self.history["receipts" if "receipts" in self.history else "units"].to_numpy()[there][kept]
                receipts[rows[kept][seen > 0], day[kept][seen > 0]] = seen[seen > 0]
            history = History(units, row_of, self.first_day.date(), receipts, self.sample_share)
        demand = Demand(tuple(laws), law_of, tuple(seasons) or (Season(),), season_of, history)
        found = {"start": self.first_day.date(), "assumptions": tuple(self.report.sections["assumed"]),
                 "warm_up": warm_up_of(self.lanes), "recorded_days": self.days}  # fmt: skip
        if self.returns:
            known = {item.category for item in self.items}
            shares = {name: value for name, value in self.returns["by_category"].items() if name in known}
            measured = parts_of_group("returns", self.returns | {"by_category": shares}, "of the record's returns")
            found |= fields_of_parts({"returns": measured})
        if self.today is not None:
            found |= {"start": self.today.date, "opening": self.today.opening}
        scenario = Scenario(name, self.items, self.sites, self.lanes, demand, **found | settings)
        assumed = still_default(scenario, not_named(NAMES, {*settings} - {"costs"} | REPORTED))
        return dataclasses.replace(scenario, assumed=assumed)


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
    ended: str = "leave_out",
    outliers: str = "cap",
    arrive: str | None = None,
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
        By which the law of lowest score is chosen.
    demand_at : 'store' or 'dc'
        Customers stand at the stores; or the stores' rows together are the demand on their DC, and stores are left out.
    months : bool
        Fit month factors too (needs a year, and bucket_days=1).
    least_shipments : int
        A lane with fewer shipments borrows from its supplier's, the location's, or all.
    margin : float
        Share of the price assumed to be margin where an item lacks its cost or its price.
    sample_share : float
        Share of all receipts in the record (a panel). Laws are then those of all customers (see `panel`), and a
        recorded day is played again with what the record does not have of it.
    dc_lead_time, supplier_lead_time : law, mapping or whole days
        Taken where there are no receipts; default 1 day, and 5 to 9 days around 7.
    keep_history : bool or None
        Keep the daily record for replay; None: for sales only.
    ended : 'leave_out' or 'keep'
        Places that closed, and items that were given up, before the record ends: left out of the scenario, which is
        the network as it stands at the end; or kept at their rate while they traded. The table has their laws anyway.
    outliers : 'cap' or 'keep'
        Days ten times as large as any other of their place and item are capped at that, and orders that came back are
        left out; or all is kept as it is.
    arrive : 'law', 'expected' or None
        When open orders come in: by their lead times, given that they are not here yet, or on the day they are
        expected. None: by lead times where receipts show them, else as expected.
    """
    if record not in (None, *RECORDS):
        raise unknown("record", str(record), RECORDS)
    if fit not in (None, *FITS):
        raise unknown("fit", str(fit), FITS)
    if outliers not in OUTLIERS:
        raise unknown("outliers", outliers, OUTLIERS)
    if ended not in ENDED:
        raise unknown("ended", ended, ENDED)
    if demand_at not in ("store", "dc"):
        raise unknown("demand_at", demand_at, ("store", "dc"))
    require(
        bucket_days is None or (isinstance(bucket_days, int) and bucket_days >= 1),
        f"bucket_days must be a whole number of at least 1, got {bucket_days}",
    )
    require(0 < sample_share <= 1, f"sample_share must lie in (0, 1], got {sample_share}")
    require(0 <= margin < 1, f"margin must lie in [0, 1), got {margin}")
    report = Report()
    report.sections["read"] = erp.what_was_read()
    for line in count_faults(erp.faults):
        severity, text = line.split(": ", 1)
        report.add("assumed" if severity == "assumed" else "dropped", text)
    record = what_is_a_record(erp, record, report)
    read = erp
    erp, counted_in = in_counts(erp, report)
    worth = worth_of(read, counted_in)
    usual = 1 if record == "sale" else 28 if demand_at == "store" else 7
    bucket_days = observed_days(erp.bucket, bucket_days, usual)
    as_read = read is erp
    erp = with_receipts(erp, record == "sale" and sample_share < 1, report)
    sales = demand_rows(erp, demand_at, worth, report)
    rhythmic = record == "order" and report.figures["main_weekday_share"] >= 0.5
    order_days = order_days_of(erp) if rhythmic else {}
    first, last = sales["date"].min(), sales["date"].max()
    rows = CellRows(sales, *cells_of(sales))
    account = FitAccount(rows.units(counted_in) if as_read else recorded_units(read, demand_at))
    account.step("counting", rows.units(counted_in))
    rows = without_outliers(rows, erp, outliers, worth, report)
    account.step("outliers", rows.units(counted_in))
    returns = returns_of(rows, erp, report) if demand_at == "store" else {}
    rows, lots = in_larger_units(rows, bucket_days, worth, report)
    rows = rows._replace(sales=within_units(rows.sales, lots))
    lots, sales = lots * counted_in.reindex(lots.index), rows.sales
    worth = worth.counted(lots)
    account.step("counting", rows.units(lots))
    fit = fit or ("likelihood" if record == "sale" else "moments")
    candidates = tuple(PARAMETERS) if bucket_days == 1 and sample_share == 1 else DIVISIBLE
    how = fit, score, candidates
    behind_empty = record == "sale" and bucket_days == 1 and sample_share == 1 and demand_at == "store"
    behind_empty &= shows_empty_shelves(erp)
    cells, fits, places, (mean, variance), hidden = fit_demand(
        rows, erp, bucket_days, how, (first, last), worth, report, behind_empty
    )
    report.add(
        "assumed",
        "recorded stock corrects no demand: that is done for sales by days of all customers at the "
        "stores; an empty shelf looks like a day without demand",
        shows_empty_shelves(erp) and not behind_empty,
    )
    uneven = erp.bucket != "month" and bucket_days not in (1, *range(7, 700, 7))
    no_rhythm = (record == "order" and demand_at == "store") or uneven
    days = (last - first).days + 1
    asked = sales if hidden is None else pd.concat([sales[["date", "location", "sku", "units"]], hidden])
    seasons, square = fit_seasons(asked, places, first, days, no_rhythm, months, report, erp.bucket)
    squares = cells["location"].map(square).to_numpy()
    if sample_share < 1:
        baskets = basket_laws(sales, rows.code, cells)
        laws = full_laws(fits, mean, bucket_days, squares, sample_share, baskets)
    else:
        laws = fits.laws(bucket_days, squares)
    laws = tamed(laws, cells, seasons, report)
    report.add("assumed", said(sample_share, "receipts" in sales), sample_share < 1)
    table = pd.concat([cells[["sku", "location"]], fits.table()], axis=1).assign(law=[to_mapping(law) for law in laws])
    unit = cells["sku"].map(lots)
    table = table.assign(mean=mean * unit, variance=variance * unit**2, counted_in=unit)
    table = table.assign(**observed_dates(cells, first), simulated=simulated(cells, ended, worth, report))
    short = cells["units"] * (cells["observed_days"] / cells["counted_days"])
    for reason, units in (("outside", cells["units"]), ("short", short), ("censored", short + cells["hidden"])):
        account.step(reason, pd.Series((units * unit).to_numpy(), rows.names()))
    of_laws = pd.Series({law: _mean(law) for law in set(laws)})
    fitted = of_laws.reindex(laws).to_numpy() * sample_share * cells["observed_days"].to_numpy() * unit.to_numpy()
    of_cells = account.cells(pd.Series(fitted, rows.names()), pd.Series(table["simulated"].to_numpy(), rows.names()))
    balance = by_item_and_place(of_cells, worth.price)
    say_fit(of_cells, balance, worth, report)
    table = table.assign(
        observed_days=cells["observed_days"], recorded_units=of_cells["recorded"].reindex(rows.names()).to_numpy(),
        fitted_units=fitted,
    )  # fmt: skip
    now = cells[table["simulated"]]
    items = items_of(erp, now["sku"].unique(), lots, margin, report)
    sites = sites_of(erp, set(now["location"]), demand_at, report)
    lead_times, lanes = lanes_of(
        erp, items, sites, now, least_shipments, dc_lead_time, supplier_lead_time, order_days, report
    )
    rate = np.full((len(items), len(sites)), np.nan)
    at = [pd.Series(range(len(all_)), [each.name for each in all_]) for all_ in (items, sites)]
    rate[now["sku"].map(at[0]), now["location"].map(at[1])] = of_laws.reindex(laws).to_numpy()[table["simulated"]]
    today = todays_state(erp, items, sites, rate, report, arrive)
    items = who_waits(items, today, report)
    keep = record == "sale" if keep_history is None else keep_history
    columns = [column for column in ("date", "location", "sku", "units", "receipts") if column in sales]
    there = traded(cells, sales, places, (first, last)) if keep and sample_share < 1 else None
    report.figures |= {"record": record, "bucket_days": bucket_days, "cells": len(cells), "lanes": len(lanes)}
    return Calibration(
        record, bucket_days, table, lead_times, seasons, items, sites, lanes, sales[columns] if keep else None, first,
        days, report, balance, returns, sample_share, there, today,
    )  # fmt: skip


def _mean(law: Law) -> float:
    """The law's mean; of laws that have it as a parameter nothing needs to be worked out."""
    if isinstance(law, Compound):
        return _mean(law.customers) * law.basket.moments[0]
    return law.mean if isinstance(law, (NegativeBinomial, Poisson)) else law.moments[0]


def write_scenario_folder(calibration: Calibration, folder: str | Path, **settings: Any) -> None:
    """Write the scenario's tables, which `restock run scenario=folder` reads, the fitted tables and the report."""
    folder = Path(folder)
    scenario = calibration.scenario(folder.name, **settings)
    write_scenario(scenario, folder)
    for name in ("demand", "lead_times"):
        frame = getattr(calibration, name).copy()
        frame["law"] = [json.dumps(law) for law in frame["law"]]
        frame.round(4).to_csv(folder / f"fitted_{name}.csv", index=False, lineterminator="\n")
    balance = calibration.fitted_against_recorded.round({"share": 4}).round(2)
    balance.to_csv(folder / "fitted_against_recorded.csv", index=False, lineterminator="\n")
    text = [f"# How `{folder.name}` was calibrated", ""]
    for name, lines in calibration.report.with_assumed(default_lines(scenario)).sections.items():
        text += [f"## {name.capitalize()}", ""] + [f"- {line}" for line in lines or ["nothing"]] + [""]
    (folder / "report.md").write_text("\n".join(text), encoding="utf-8", newline="\n")
