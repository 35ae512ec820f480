"""What leaving faulty rows out would cost: their share of the rows, the units and the money."""

from __future__ import annotations

import numpy as np
import pandas as pd

from restock.sim.calibration.reading.form import OPTIONAL
from restock.sim.calibration.reading.words import looked_up


def what_is_lost(tables, gone, aside, faults: pd.DataFrame, files: dict[str, str]) -> str:
    """As in `3 of 1,204 rows of sales with 0.4% of units and 0.6% of money, 1 row of receipts, and empty 2 fields`.

    `gone` are rows left out, `aside` those that are none (blank lines, totals), by table; `faults` are those found.
    """
    broken = faults[(faults["column"] == "row") & (faults["severity"] == "error")].groupby("file").size()
    words = [_of_sales(tables["sales"], tables["items"], gone["sales"], aside["sales"], broken.get(files["sales"], 0))]
    for name in tables:
        number = int((gone[name] & ~aside[name]).sum()) + broken.get(files[name], 0)
        if name != "sales" and number:
            words.append(f"{number:,} row{'s' if number > 1 else ''} of {name}")
    optional = {(files[name], column) for name in tables for column in OPTIONAL[name]}
    errors = faults[faults["severity"] == "error"]
    emptied = [
        column for file, column in zip(errors["file"], errors["column"], strict=True) if (file, column) in optional
    ]
    out = ", ".join(words)
    if emptied:
        fields = f"{len(emptied):,} field{'s' if len(emptied) > 1 else ''} of {', '.join(dict.fromkeys(emptied))}"
        out += f", and empty {fields}"
    return out


def _of_sales(sales: pd.DataFrame, items: pd.DataFrame, gone: np.ndarray, aside: np.ndarray, broken: int) -> str:
    rows = ~aside
    lost = gone & rows
    if not lost.any() and not broken:
        return "no row of sales"
    units = np.abs(np.asarray(sales["units"], float))
    words = f"{int(lost.sum()) + broken:,} of {int(rows.sum()) + broken:,} rows of sales"
    money = np.asarray(sales["amount"], float)
    price = items.drop_duplicates("sku").set_index("sku")["unit_price"].astype(float)
    price.index = price.index.astype("str")
    money = np.where(np.isnan(money), units * looked_up(sales["sku"], price).to_numpy(dtype=float), money)
    known = [part for part in (_share(units, lost, rows, "units"), _share(np.abs(money), lost, rows, "money")) if part]
    words += f" with {' and '.join(known)}" if known and lost.any() else ""
    unread = int((lost & np.isnan(units)).sum()) + broken
    return words + (f" ({unread:,} of them without units that can be read)" if unread else "")


def _share(values: np.ndarray, lost: np.ndarray, rows: np.ndarray, what: str) -> str:
    whole = float(np.nansum(values[rows]))
    if whole <= 0 or np.isnan(values[lost]).all():
        return ""
    share = float(np.nansum(values[lost])) / whole
    return f"{share:.1%} of {what}" if share >= 0.0005 or share == 0 else f"less than 0.1% of {what}"
