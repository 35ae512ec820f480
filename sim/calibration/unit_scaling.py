"""What an item is counted in: units as the export has them, parts of them (goods by weight), or lots of many.

A simulation counts whole things, at most 65,535 on a day. Goods sold by the kilogram are counted in tenths, hundredths
or thousandths, the coarsest that keep what was sold; items that move by the ten thousand in lots of 10, 100, ... What
one of them holds in true units stands with the item (`counted_in`), and measures in units are multiplied by it. Where
rounding is needed what is left over is carried to the next row, so that each place keeps its total.
Laws are held within those values on the busiest weekday and month of their place.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from restock.sim.calibration.bucket_rows import CellRows, bucket_sums, cells_of, days_since, largest_first
from restock.sim.calibration.export import Erp
from restock.sim.calibration.reading.words import looked_up
from restock.sim.calibration.report import Report, Worth
from restock.sim.calibration.windows import named
from restock.sim.errors import InputError
from restock.sim.model.demand import Season
from restock.sim.probability.laws import LARGEST, Compound, Law, NegativeBinomial, Poisson, RoundedGamma

LUMPIEST = 1000.0  # variance / mean beyond which an item is counted in larger units
LARGEST_DAY = 20_000  # units of a day beyond which it is, too
EVIDENCE = 3  # days that must be so large: one or two giant ones do not set an item's lot
STEPS = 0.7  # by which a law's dispersion is cut until its tail is held
PARTS = (1.0, 0.1, 0.01, 0.001)  # of a unit, in which goods by weight may be counted
MOVED = 0.005  # share of what was sold that rounding may move between rows
WORDS = {"each": 1.0, "kg": 1.0, "100 g": 0.1, "10 g": 0.01, "g": 0.001, "1 g": 0.001}


def in_counts(erp: Erp, report: Report) -> tuple[Erp, pd.Series]:
    """The export with sales counted in whole things, and how many units one of an item's things is."""
    counted = _declared(erp)
    told = counted.notna()
    counted = counted.fillna(1.0)
    sales = erp.sales
    units = sales["units"].to_numpy(dtype=float)
    if (units % 1 != 0).any():
        of_row = pd.factorize(sales["sku"])
        for name, part in _parts(units, *of_row).items():
            if not told[name]:
                counted[name] = part
    if (counted == 1).all() and (units % 1 == 0).all():
        return erp, counted
    each = looked_up(sales["sku"], counted).to_numpy(dtype=float)
    whole = carried(cells_of(sales)[0], sales["date"], units / each)
    back = np.round(sales["returned"].to_numpy(dtype=float) / each).astype("int64")
    before, after = units.sum(), float((whole * each).sum())
    in_parts = counted[counted != 1]
    report.add(
        "read",
        f"items not counted by the unit: {len(in_parts):,}: "
        + named([f"{name} in {part:g} of a unit" for name, part in in_parts.items()])
        + "; cost, price, pack and minimum are converted, measures in units are true units",
        len(in_parts),
    )
    moved = float(np.abs(whole * each - units).sum())
    report.add(
        "assumed",
        f"rounding to whole things makes {after:,.2f} of {before:,.2f} units ({_change(after, before)}); what is left "
        f"over is carried to the next row of a place and item ({moved / before if before else 0:.2%} of units moved)",
        moved > 1e-6 * before,
    )
    return replace(erp, sales=sales.assign(units=whole, returned=back)), counted


def _declared(erp: Erp) -> pd.Series:
    """What items say in a column `counted_in`: a number of units, each, 10 g, 100 g (of units in kg) or case."""
    items = erp.items.set_index("sku")
    out = pd.Series(np.nan, items.index.astype("str"))
    if "counted_in" not in items:
        return out
    for name, text, pack in zip(out.index, items["counted_in"].astype("str"), items["case_pack"], strict=True):
        word = text.strip().casefold()
        if word in ("", "nan"):
            continue
        if word == "case" and pack == pack:
            out[name] = float(pack)
            continue
        try:
            out[name] = WORDS[word] if word in WORDS else float(word)
        except ValueError:
            out[name] = np.nan
        if not 0 < out[name] < np.inf:
            raise InputError(
                f"item '{name}': counted_in must be a number of units above 0, or one of {', '.join(WORDS)}, "
                f"case (with a case_pack), got '{text}'"
            )
    return out


def _parts(units: np.ndarray, code: np.ndarray, names) -> dict[str, float]:
    """The coarsest part of a unit in which each item's rows are nearly whole."""
    total = np.bincount(code, units, len(names))
    out: dict[str, float] = {}
    for part in PARTS:
        off = np.bincount(code, np.abs(units - np.round(units / part) * part), len(names))
        for k in np.flatnonzero((off <= MOVED * total) | (part == PARTS[-1])):
            out.setdefault(str(names[k]), part)
    return out


def carried(code: np.ndarray, dates: pd.Series, units: np.ndarray) -> np.ndarray:
    """Whole numbers near these, what is left over carried to the cell's next row: each cell's total is within a half.

    >>> carried(np.zeros(4, int), pd.Series(pd.date_range("2024-01-01", periods=4)), np.full(4, 0.5)).tolist()
    [1, 0, 1, 0]
    """
    order = np.lexsort((dates.to_numpy(), code))
    sums = np.cumsum(units[order])
    first = np.flatnonzero(np.diff(code[order], prepend=-1))
    base = np.repeat(np.concatenate([[0.0], sums[first[1:] - 1]]), np.diff(np.append(first, len(order))))
    until = np.floor(sums - base + 0.5 + 1e-9)
    since = np.concatenate([[0.0], until[:-1]])
    since[first] = 0.0
    out = np.empty(len(order), np.int64)
    out[order] = np.maximum(until - since, 0).astype(np.int64)
    return out


def in_larger_units(rows: CellRows, bucket_days: int, worth: Worth, report: Report) -> tuple[CellRows, pd.Series]:
    """Items moved by the thousand are counted in lots of 10, 100, ...: laws hold values up to 65,535.

    An item's lot rests on three days (buckets) at least that need it; a single larger one is cut to what is held.
    """
    sales, code, cells = rows
    days = days_since(sales["date"], sales["date"].min())
    cell, sums = bucket_sums(code, days // bucket_days, sales["units"].to_numpy(), bucket_days)
    sums = np.minimum(sums, _largest_but(cell, sums, len(cells))[cell]).astype(float)
    of_cell = np.bincount(cell, sums**2, len(cells)) / np.bincount(cell, sums, len(cells)).clip(min=1)
    item, names = pd.factorize(sales["sku"])
    largest = pd.Series(_largest_but(item, sales["units"].to_numpy(), len(names)), pd.Index(names).astype("str"))
    need = np.maximum(pd.Series(of_cell).groupby(cells["sku"]).max() / LUMPIEST, largest / LARGEST_DAY)
    lots = (10 ** np.ceil(np.log10(need.clip(lower=1)))).astype("int64")
    units = sales["units"].to_numpy()
    if (lots > 1).any():
        lot = looked_up(sales["sku"], lots).to_numpy()
        before, units = units, carried(code, sales["date"], units / lot)
        large = lots[lots > 1].sort_values(ascending=False)
        report.add(
            "assumed",
            "items that move so many units at once that they are counted in lots of 10, 100, ...: "
            f"{len(large):,}: {named([f'{name} in lots of {each:,}' for name, each in large.items()])}; cost, price, "
            "pack and minimum are converted, measures in units are true units, and rounding changes total units by "
            f"{_change((units * lot).sum(), before.sum())}",
        )
    over = units > LARGEST
    if over.any():
        cut = sales[over]
        lost = (units[over] - LARGEST) * looked_up(cut["sku"], lots).to_numpy()
        report.add(
            "dropped",
            f"days above the {LARGEST:,} that a simulation holds, cut to it: {int(over.sum()):,}, "
            f"beyond it {worth.of(cut['sku'], lost)}: "
            + named([f"{row.sku} at {row.location} on {row.date.date()}" for row in cut.itertuples()]),
        )
        units = np.minimum(units, LARGEST)
    return rows.with_units(units), lots


def _largest_but(code: np.ndarray, units: np.ndarray, many: int) -> np.ndarray:
    """The largest value of each but for the first `EVIDENCE` - 1; 0 where there are no more."""
    order, starts = largest_first(code, units, many)
    at = starts[:-1] + EVIDENCE - 1
    return np.where(at < starts[1:], units[order[np.minimum(at, len(order) - 1)]], 0)


def _change(after: float, before: float) -> str:
    return f"{after / before - 1:+.2%}" if before else "0%"


def tamed(laws: list[Law], cells: pd.DataFrame, seasons: dict[str, Season], report: Report) -> list[Law]:
    """Laws whose tail would pass the largest value held on the highest factor of their season have their spread cut.

    A law that is not held with any spread is refused, by item and place.
    """
    highest = {place: max(season.weekday) * max(season.month) for place, season in seasons.items()}
    of_cell = cells["location"].map(highest).to_numpy(dtype=float)
    held: dict[tuple[Law, float], Law | None] = {}
    out, cut = [], []
    skus, places = cells["sku"].tolist(), cells["location"].tolist()
    for k, (law, factor) in enumerate(zip(laws, of_cell, strict=True)):
        key = law, round(factor, 2)
        if key not in held:
            held[key] = _within(law, round(factor, 2))
        found = held[key]
        name = f"{skus[k]} at {places[k]}"
        if found is None:
            raise InputError(
                f"demand of {name}, {factor:g} times its mean on its busiest day, is beyond the {LARGEST:,} of a day "
                "that a simulation holds; count the item in lots: counted_in in items.csv, 10 or 100 in its row"
            )
        if found != law:
            before, after = (_moments(each)[1] ** 0.5 for each in (law, found))
            cut.append(f"{name} (from {before:,.3g} to {after:,.3g})")
        out.append(found)
    report.add(
        "assumed",
        "cells whose standard deviation is cut, so that the busiest day's demand stays within the values that a "
        f"simulation holds: {len(cut):,}: {named(cut)}",
        len(cut),
    )
    return out


def _within(law: Law, factor: float) -> Law | None:
    """The law itself, or one of the same mean and less spread, that can be multiplied by its highest factor."""
    if _fits(law, factor):
        return law
    mean, spread = _moments(law)
    dispersion = law.dispersion if isinstance(law, NegativeBinomial) else spread / mean**2
    while dispersion > 1e-3:
        dispersion *= STEPS
        narrower = NegativeBinomial(mean, float(f"{dispersion:.2g}"))
        if _fits(narrower, factor):
            return narrower
    return Poisson(mean) if _fits(Poisson(mean), factor) else None


def _fits(law: Law, factor: float) -> bool:
    of, most = (law.customers, len(law.basket.pmf()) - 1) if isinstance(law, Compound) else (law, 1)
    mean = float(getattr(of, "mean", 0.0)) * max(factor, 1.0) if isinstance(of, (NegativeBinomial, Poisson)) else 0.0
    spread = mean * (1 + mean * getattr(of, "dispersion", 0.0))
    if mean and most * (mean + 24 * spread**0.5 + 24 * spread / mean + 40) < LARGEST:
        return True  # by far, even if each customer took the largest basket: nothing needs to be worked out
    try:
        for each in (1.0, factor):
            (law if each == 1 else law.scaled(each)).pmf()
    except InputError:
        return False
    return True


def _moments(law: Law) -> tuple[float, float]:
    """Mean and variance, of laws that are not held, too."""
    if isinstance(law, NegativeBinomial):
        return law.mean, law.mean * (1 + law.mean * law.dispersion)
    if isinstance(law, Compound):
        (number, swing), (size, spread) = _moments(law.customers), law.basket.moments
        return number * size, number * spread + swing * size**2
    return (law.mean, law.standard_deviation**2) if isinstance(law, RoundedGamma) else law.moments
