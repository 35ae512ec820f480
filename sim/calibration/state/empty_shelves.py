"""Days on which a shelf was empty, told by recorded stock: what was sold then is not what was asked for.

A day that ends with stock on the shelf turned nobody away: sales are demand. A day that ends empty and sold something
asked for at least that (see `censored`). A day that ends empty and sold nothing says nothing, and is left out of the
days that the law is fitted to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from restock.sim.calibration.bucket_rows import days_since
from restock.sim.calibration.candidate_laws import Counts, moments
from restock.sim.calibration.report import Report, Worth
from restock.sim.calibration.state.censored import Censored, NegativeBinomials, fit_censored, with_expected
from restock.sim.calibration.state.today import leaves_out_empty
from restock.sim.calibration.windows import Window, named

LEAST_OPEN, LEAST_SHARE = 8, 0.1  # days that did not end empty, and their share, from which a cell is corrected
WEEK = 7


@dataclass(frozen=True)
class EmptyDays:
    """Days that ended with an empty shelf: the cell of each, its number from the record's first day, units sold.

    `recorded` counts the days of cells of which stock is recorded at all; `of` says which cells these days are of.
    """

    cell: np.ndarray
    day: np.ndarray
    sold: np.ndarray
    recorded: int

    def of(self, kept: np.ndarray) -> EmptyDays:
        """Those of some cells, bool (cells,)."""
        here = kept[self.cell]
        return EmptyDays(self.cell[here], self.day[here], self.sold[here], self.recorded)

    def holds(self, code: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Which rows, by cell and day, are of these days."""
        keys, length = self._keys(day)
        return np.isin(code.astype(np.int64) * length + day, keys)

    def _keys(self, day: np.ndarray) -> tuple[np.ndarray, int]:
        length = int(max(day.max(initial=0), self.day.max(initial=0))) + 1
        return self.cell.astype(np.int64) * length + self.day, length

    def censored(self) -> Censored:
        """Days with sales, those alike together."""
        some = self.sold > 0
        base = int(self.sold.max(initial=0)) + 1
        key, count = np.unique(self.cell[some].astype(np.int64) * base + self.sold[some], return_counts=True)
        return Censored(key // base, key % base, count.astype(float))


def empty_days(
    stock: pd.DataFrame, cells: pd.DataFrame, places: dict[str, Window], rows, first: pd.Timestamp, length: int
) -> EmptyDays:
    """The days that ended empty while a cell was observed.

    Parameters
    ----------
    stock : DataFrame with date, location, sku, on_hand
    cells : DataFrame with sku, location, begin and end (days observed), in the order of `rows`
    rows : CellRows
        Rows of sales, one per cell and day.
    """
    day = days_since(stock["date"], first)
    inside = (day >= 0) & (day < length)
    implied = leaves_out_empty(stock)
    by_place = stock[inside].assign(day=day[inside]).groupby("location", sort=False)
    sold_key = rows.code.astype(np.int64) * length + days_since(rows.sales["date"], first)
    order = np.argsort(sold_key)
    found, recorded = [], 0
    for name, those in cells.groupby("location", sort=False):
        if name not in by_place.groups:
            continue
        mine = by_place.get_group(name)
        number = pd.Series(range(len(those)), those["sku"].to_numpy())
        row = mine["sku"].map(number).to_numpy(float)
        kept = ~np.isnan(row)
        on_hand = np.full((len(those), length), np.nan)
        if implied:
            on_hand[:, np.unique(mine["day"])] = 0.0
        on_hand[row[kept].astype(int), mine["day"].to_numpy()[kept]] = mine["on_hand"].to_numpy(float)[kept]
        at = np.arange(length)
        seen = (at >= those["begin"].to_numpy()[:, None]) & (at <= those["end"].to_numpy()[:, None])
        seen &= places[str(name)].open(length) & ~np.isnan(on_hand)
        recorded += int(seen.sum())
        which, when = np.nonzero(seen & (on_hand <= 0))
        found.append((those.index.to_numpy()[which], when))
    cell, when = (np.concatenate([part[k] for part in found] or [np.zeros(0, int)]) for k in range(2))
    key = cell.astype(np.int64) * length + when
    place = np.searchsorted(sold_key[order], key)
    place = np.minimum(place, max(len(order) - 1, 0))
    met = sold_key[order][place] == key
    sold = np.where(met, rows.sales["units"].to_numpy()[order][place], 0).astype(np.int64)
    return EmptyDays(cell, when, sold, recorded)


@dataclass(frozen=True)
class Corrected:
    """Counts of demand behind the sales of each cell, and rows of what empty shelves hid.

    `cells` says which were corrected, `hidden` has date, location, sku and units: expected demand less sales, for
    weekday factors.
    """

    counts: Counts
    cells: np.ndarray
    hidden: pd.DataFrame

    @property
    def mean(self) -> np.ndarray:
        """Mean demand a day of each cell."""
        return moments(self.counts)[0]


def corrected(counts: Counts, empties: EmptyDays, cells: pd.DataFrame, sold: pd.DataFrame, first) -> Corrected:
    """Demand of cells whose shelves were empty on some days.

    Parameters
    ----------
    counts : Counts
        Days that did not end empty.
    cells : DataFrame with sku, location, begin and end
    sold : DataFrame with date, location and units
        Rows of sales: how they swing over the week.
    """
    censored = empties.censored()
    law = _fitted(counts, censored)
    spread = with_expected(counts, censored, law)
    mean = moments(spread)[0]
    here = np.unique(empties.cell)
    which = np.zeros(len(cells), bool)
    which[here] = True
    some = empties.sold > 0
    units = np.zeros(len(empties.cell))
    units[some] = law.of(empties.cell[some]).mean_from(empties.sold[some]) - empties.sold[some]
    known = pd.DataFrame({"location": cells["location"].to_numpy()[empties.cell], "units": units, "day": empties.day})
    ratio = _by_weekday(sold, known, mean, empties, cells, first)
    units[~some] = mean[empties.cell[~some]] * ratio[~some]
    hidden = pd.DataFrame({
        "date": first + pd.to_timedelta(empties.day, unit="D"),
        "location": known["location"], "sku": cells["sku"].to_numpy()[empties.cell], "units": units,
    })  # fmt: skip
    return Corrected(spread, which, hidden)


def _fitted(counts: Counts, censored: Censored) -> NegativeBinomials:
    """The laws of cells with censored days; others are left as they are."""
    here = np.unique(censored.cell)
    place = np.full(len(counts.days), -1)
    place[here] = np.arange(len(here))
    mine = place[counts.cell] >= 0
    part = Counts(counts.days[here], place[counts.cell[mine]], counts.value[mine], counts.count[mine])
    found = fit_censored(part, censored._replace(cell=place[censored.cell]))
    mean, shape = np.ones(len(counts.days)), np.ones(len(counts.days))
    mean[here], shape[here] = found
    return NegativeBinomials(mean, shape)


def _by_weekday(sold, known: pd.DataFrame, mean: np.ndarray, empties: EmptyDays, cells, first) -> np.ndarray:
    """Of each empty day, what its place's weekday sells beside the mean, from the days that say something."""
    names, place = np.unique(cells["location"].to_numpy(dtype=str), return_inverse=True)
    index = pd.Series(range(len(names)), names)
    shape = len(names), WEEK
    units, expected = np.zeros(shape), np.zeros(shape)
    at = sold["location"].astype("str").map(index).to_numpy(), days_since(sold["date"], first) % WEEK
    np.add.at(units, at, sold["units"].to_numpy(float))
    of_empty = place[empties.cell], empties.day % WEEK
    np.add.at(units, of_empty, known["units"].to_numpy())
    begin, end = cells["begin"].to_numpy(), cells["end"].to_numpy()
    for k in range(WEEK):  # days of each weekday between the first and the last
        many = (end - k) // WEEK - (begin - 1 - k) // WEEK
        np.add.at(expected, (place, np.full(len(cells), k)), mean * many)
    silent = empties.sold == 0
    np.subtract.at(expected, (of_empty[0][silent], of_empty[1][silent]), mean[empties.cell[silent]])
    ratio = np.divide(units, expected, out=np.ones(shape), where=expected > 1e-9)
    out: np.ndarray = ratio[of_empty]
    return out


def can_be_corrected(empties: EmptyDays, days: np.ndarray) -> np.ndarray:
    """Cells with days enough on which the shelf was not empty, bool (cells,)."""
    left = days - np.bincount(empties.cell, minlength=len(days))
    return np.asarray(left >= np.maximum(LEAST_OPEN, LEAST_SHARE * days))


def say_correction(found: Corrected, empties: EmptyDays, cells: pd.DataFrame, worth: Worth, report: Report) -> None:
    """How many days, of which cells, and how far demand moved: in all and where it moved most.

    `cells` have the units sold, the days observed, those that say nothing among them, and the units hidden.
    """
    units, days, more = (cells[name].to_numpy(dtype=float) for name in ("units", "observed_days", "hidden"))
    mean = found.mean
    silent = int((empties.sold == 0).sum())
    share = len(empties.cell) / max(1, empties.recorded)
    report.add(
        "fitted",
        f"demand behind empty shelves: {len(empties.cell):,} of {empties.recorded:,} days of recorded stock ended "
        f"empty ({share:.1%}), in {int(found.cells.sum()):,} cells; {silent:,} of them sold nothing and are left out "
        f"of the days fitted, {len(empties.cell) - silent:,} count as at least what was sold (negative binomial, "
        f"Agrawal & Smith 1996); demand is {more.sum() / max(units.sum(), 1e-9):+.1%}, {worth.of(cells['sku'], more)}",
    )
    price = worth.price.reindex(cells["sku"]).to_numpy(dtype=float)
    order = np.argsort(-more * np.where(np.isnan(price), 1.0, price), kind="stable")
    names = [f"{cells['sku'][k]} at {cells['location'][k]} ({units[k] / days[k]:.2f} to {mean[k]:.2f} a day)"
             for k in order[: int((more > 0.5).sum())]]  # fmt: skip
    report.add("fitted", f"demand moved most by empty shelves, by money: {named(names)}", len(names))
