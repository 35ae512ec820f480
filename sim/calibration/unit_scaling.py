"""Demand too large or too lumpy for the values a simulation holds: counted in lots, or its spread cut."""

from __future__ import annotations

import numpy as np
import pandas as pd

from restock.sim.calibration.bucket_rows import bucket_sums, cells_of, days_since
from restock.sim.calibration.reading.words import looked_up
from restock.sim.calibration.report import Report
from restock.sim.probability.laws import Law, NegativeBinomial

LUMPIEST = 1000.0  # variance / mean beyond which an item is counted in larger units
LARGEST_DAY = 20_000  # units of a day beyond which it is, too


def in_larger_units(sales: pd.DataFrame, bucket_days: int, report: Report) -> tuple[pd.DataFrame, pd.Series]:
    """Items moved by the thousand are counted in lots of 10, 100, ...: laws hold values up to 65,535."""
    days = days_since(sales["date"], sales["date"].min())
    code, cells = cells_of(sales)
    cell, sums = bucket_sums(code, days // bucket_days, sales["units"].to_numpy(), bucket_days)
    of_cell = np.bincount(cell, sums.astype(float) ** 2) / np.bincount(cell, sums).clip(min=1)
    largest = sales.groupby("sku")["units"].max()
    largest.index = largest.index.astype("str")
    need = np.maximum(pd.Series(of_cell).groupby(cells["sku"]).max() / LUMPIEST, largest / LARGEST_DAY)
    lots = (10 ** np.ceil(np.log10(need.clip(lower=1)))).astype("int64")
    large = int((lots > 1).sum())
    if large:
        lot = looked_up(sales["sku"], lots)
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


def tamed(laws: list[Law], report: Report) -> list[Law]:
    """Laws whose tail would pass the largest value held have their variance cut to 2 `LUMPIEST` times their mean."""
    most, cut, out = 2 * LUMPIEST, 0, []
    for law in laws:
        if isinstance(law, NegativeBinomial) and law.mean * law.dispersion > most:
            law, cut = NegativeBinomial(law.mean, most / law.mean), cut + 1
        out.append(law)
    report.add("assumed", f"cells with their variance cut to {most:,.0f} times their mean: {cut:,}", cut)
    return out
