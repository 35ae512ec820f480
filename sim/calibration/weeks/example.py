"""A small export made in memory, for examples and tests: a known demand at some places, nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from restock.sim.calibration.export import Erp
from restock.sim.calibration.reading.faults import Faults


def small_record(
    weeks: int, units: np.ndarray | None = None, first: str = "2023-01-02", price: float = 2.0, bucket: str = "day"
) -> Erp:
    """Daily sales of some items at some shops, read and checked.

    Parameters
    ----------
    units : ndarray of int, shape (items, shops, days or weeks), or None
        Units sold; None: two items at two shops that sell 1 to 7, the same each week.

    >>> int(small_record(weeks=2).sales["units"].sum())
    224
    """
    if units is None:
        units = np.tile(np.arange(1, 8), (2, 2, weeks))
    items, shops, many = units.shape
    skus, places = [f"item_{i}" for i in range(items)], [f"shop_{n}" for n in range(shops)]
    dates = pd.date_range(first, periods=many, freq="D" if bucket == "day" else "7D").astype("datetime64[s]")
    grid = pd.MultiIndex.from_product([skus, places, dates], names=["sku", "location", "date"])
    sales = pd.DataFrame({"units": units.ravel().astype("int64")}, index=grid).reset_index()
    sales = sales[sales["units"] > 0].sort_values(["date", "location", "sku"]).reset_index(drop=True)
    sales = sales.assign(amount=sales["units"] * price, returned=0).astype({"sku": "category", "location": "category"})
    nothing = pd.Series(pd.NaT, range(items), dtype="datetime64[s]")
    described = pd.DataFrame({
        "sku": skus, "description": skus, "category": "all", "supplier": "maker", "unit_cost": price / 2,
        "unit_price": price, "case_pack": np.nan, "minimum_order": np.nan, "counted_in": "", "list_date": nothing,
    })  # fmt: skip
    named = [*places, "maker"]
    located = pd.DataFrame({"location": named, "kind": ["store"] * shops + ["supplier"], "name": named,
                            "served_by": ""})  # fmt: skip
    return Erp(Path("made_up"), described, located, sales, None, None, Faults().frame(), bucket)
