"""A record that is a sample of all customers (a panel of households): the laws of all of them behind it.

Let each receipt be in the sample with probability p. What a day's customers share (weather, promotion, pay day) makes
their number a mixed Poisson: seen through the sample, a negative binomial of mean m and shape k has mean p m and the
same shape. What one receipt brings is seen as it is. So receipts a day are fitted and their mean is divided by p; the
units of a receipt follow the law that was seen.

Source: Rao (1965), Sankhya A 27, 311-324 (damage models); Grandell (1997), Mixed Poisson Processes, chapter 8.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from restock.sim.calibration.bucket_rows import days_since
from restock.sim.calibration.export import Erp
from restock.sim.calibration.fitting import Fits
from restock.sim.calibration.reading.words import looked_up
from restock.sim.calibration.report import Report
from restock.sim.calibration.windows import Window
from restock.sim.probability.laws import Compound, Constant, Empirical, Law, Poisson
from restock.sim.probability.two_moments import two_moment_law

OWN_LAW = 200  # rows of one receipt from which a place has its own law of an item's units per receipt
LEAST_ALONE = 30  # rows of one receipt, of all places together, whose sizes are taken as they are
HOLIDAYS = 0.03  # share of days without a receipt anywhere, up to which these are taken as holidays


def with_receipts(erp: Erp, wanted: bool, report: Report) -> Erp:
    """The export with whole receipts in every row of sales; without them where they are not wanted or not there.

    Rows that do not say theirs have the mean of the item's others of as many units, or of all its others.
    """
    if "receipts" not in erp.sales:
        return erp
    sales = erp.sales
    given, units = sales["receipts"].to_numpy(dtype=float), sales["units"].to_numpy()
    known = ~np.isnan(given)
    if not wanted or not (known & (units > 0)).any():
        return replace(erp, sales=sales.drop(columns="receipts"))
    whole = np.where(known, given, 0.0)
    if not known.all():
        item, names = pd.factorize(sales["sku"])
        sums = [np.bincount(item[known], of[known], len(names)) for of in (units, given)]
        share = np.divide(sums[1], sums[0], out=np.full(len(names), sums[1].sum() / sums[0].sum()), where=sums[0] > 0)
        alike = pd.Series(given).groupby([item, units]).transform("mean").to_numpy()  # of those that are known
        whole = np.where(known, given, np.round(np.where(np.isnan(alike), units * share[item], alike)))
    whole = np.clip(whole, np.minimum(units, 1), units).astype(np.int64)
    unknown = ~known & (units > 0)
    report.add(
        "assumed",
        f"rows of sales without receipts: {int(unknown.sum()):,}; taken as other rows of the item say",
        unknown.sum(),
    )
    return replace(erp, sales=sales.assign(receipts=whole))


def within_units(sales: pd.DataFrame, lots: pd.Series) -> pd.DataFrame:
    """No more receipts than units, after units were capped; of items counted in lots a receipt is a lot."""
    if "receipts" not in sales:
        return sales
    units = sales["units"].to_numpy()
    in_lots = looked_up(sales["sku"], lots).to_numpy(dtype=float) > 1
    return sales.assign(receipts=np.where(in_lots, units, np.minimum(sales["receipts"].to_numpy(), units)))


def basket_laws(sales: pd.DataFrame, code: np.ndarray, cells: pd.DataFrame) -> list[Law]:
    """The law of units per receipt of each cell: the item's, or its own where many rows of one receipt show it."""
    if "receipts" not in sales:
        return [Constant(1)] * len(cells)
    item, names = pd.factorize(cells["sku"])
    units, receipts = (sales[column].to_numpy() for column in ("units", "receipts"))
    alone = (receipts == 1) & (units > 0)
    of_items = _laws(item[code], units, receipts, alone, len(names))
    rows = np.bincount(code[alone], minlength=len(cells))
    own = np.flatnonzero(rows >= OWN_LAW)
    place = np.full(len(cells), -1)
    place[own] = np.arange(len(own))
    here = place[code] >= 0
    of_cells = _laws(place[code][here], units[here], receipts[here], alone[here], len(own))
    return [of_cells[place[k]] if place[k] >= 0 else of_items[item[k]] for k in range(len(cells))]


def _laws(group: np.ndarray, units: np.ndarray, receipts: np.ndarray, alone: np.ndarray, many: int) -> list[Law]:
    """Of each group: the sizes of rows of one receipt; where these are few, a law of all rows' mean and spread."""
    sums = [np.bincount(group, weights, many) for weights in (units, receipts, alone, receipts > 0)]
    mean = np.divide(sums[0], sums[1], out=np.ones(many), where=sums[1] > 0)
    sold = receipts > 0
    off = (units[sold] - receipts[sold] * mean[group[sold]]) ** 2 / receipts[sold]
    variance = np.bincount(group[sold], off, many) / np.maximum(sums[3] - 1, 1)
    base = int(units.max(initial=0)) + 1
    key, count = np.unique(group[alone].astype(np.int64) * base + units[alone], return_counts=True)
    starts = np.searchsorted(key, np.arange(many + 1) * base)
    out: list[Law] = []
    for k in range(many):
        if sums[2][k] >= min(LEAST_ALONE, sums[3][k]) and sums[2][k] > 0:
            part = slice(starts[k], starts[k + 1])
            sizes = (key[part] - k * base).tolist()
            out.append(Constant(sizes[0]) if len(sizes) == 1 else Empirical(tuple(sizes), tuple(count[part].tolist())))
        else:
            p = two_moment_law(mean[k] - 1, variance[k]).pmf() if mean[k] > 1 else np.ones(1)
            kept = np.flatnonzero(p)
            out.append(Empirical(tuple((kept + 1).tolist()), tuple(p[kept].tolist())))
    return out


def full_laws(
    fits: Fits, units_mean: np.ndarray, bucket_days: int, square: np.ndarray, share: float, baskets: list[Law]
) -> list[Law]:
    """The laws of a day's units of all customers, of the sample's laws of receipts: each cell's mean is kept.

    `units_mean` is that of an observation of the sample, `square` as in `Fits.laws`.
    """
    size = np.array([law.moments[0] for law in baskets])
    customers = fits.laws(bucket_days, square, units_mean / size / share)
    return [
        law if basket == Constant(1) or law == Poisson(0.0) else Compound(law, basket)
        for law, basket in zip(customers, baskets, strict=True)
    ]


def traded(cells: pd.DataFrame, sales: pd.DataFrame, places: dict[str, Window], span) -> np.ndarray:
    """Days on which customers may have come to each cell, bool (cells, days): what was not seen has none on others.

    Not before a cell was there or after, nor while its place was shut, nor on holidays: days without a receipt
    anywhere, where these are so few among days of their weekday that the sample has not merely missed them.
    """
    first, length = span[0], (span[1] - span[0]).days + 1
    day = np.arange(length)
    out: np.ndarray = (day >= cells["begin"].to_numpy()[:, None]) & (day <= cells["end"].to_numpy()[:, None])
    names, place = np.unique(cells["location"].to_numpy(dtype=str), return_inverse=True)
    out &= np.stack([places[name].open(length) for name in names])[place]
    sold = np.zeros(length, bool)
    sold[days_since(sales["date"], first)[sales["units"].to_numpy() > 0]] = True
    sells = np.isin(day % 7, day[sold] % 7)
    return out & (sold | (sells & (np.mean(sold[sells]) < 1 - HOLIDAYS)))


def said(share: float, receipts: bool) -> str:
    """What a sample's laws rest on.

    >>> said(0.05, True)
    'the record is taken as 5.0% of receipts, by chance: all are 20 times as many, as uneven by day, with as many units'
    """
    of = "receipts" if receipts else "units"
    text = (
        f"the record is taken as {share:.1%} of {of}, by chance: all are {1 / share:g} times as many, as uneven by day"
    )
    if receipts:
        return f"{text}, with as many units"
    return (
        f"{text}; without a column receipts, what one customer takes at once is taken as what a day's customers share"
    )
