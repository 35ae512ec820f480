"""Receipts of rows of sales: on how many baskets the units came, from 1 to the units themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from restock.sim.calibration.reading.faults import Faults
from restock.sim.calibration.reading.words import looked_up


def check_receipts(sales: pd.DataFrame, aside: np.ndarray, file: str, faults: Faults) -> None:
    """Receipts are whole, at least 1 where something was sold, and no more than units; a field at fault is emptied.

    Goods that are sold by weight may come on more receipts than units.
    """
    if "receipts" not in sales:
        return
    given, units = (sales[column].to_numpy(dtype=float) for column in ("receipts", "units"))
    parted = pd.Series(units % 1 != 0).groupby(sales["sku"].astype("str").to_numpy()).any()
    weighed = looked_up(sales["sku"], parted).fillna(False).to_numpy(dtype=bool)
    part = given % 1 > 0
    few = (given < 1) & (units > 0)
    many = (given > units) & ~weighed
    text = sales["receipts"].map("{:g}".format)
    for wrong, problem in (
        (part, "is not whole"),
        (few & ~part, "is below 1, though units were sold"),
        (many & ~part, "is more than units"),
    ):
        faults.add("error", file, wrong & ~aside, "receipts", text, problem)
    sales["receipts"] = np.where(part | few | many, np.nan, given)
