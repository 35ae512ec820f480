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
    units, money = units_and_money(sales, items)
    words = f"{int(lost.sum()) + broken:,} of {int(rows.sum()) + broken:,} rows of sales"
    known = [part for part in (_share(units, lost, rows, "units"), _share(money, lost, rows, "money")) if part]
    words += f" with {' and '.join(known)}" if known and lost.any() else ""
    unread = int((lost & np.isnan(units)).sum()) + broken
    return words + (f" ({unread:,} of them without units that can be read)" if unread else "")


def units_and_money(rows: pd.DataFrame, items: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Units and money of rows of sales or receipts: what they say, else units at the item's price or cost."""
    of = "units" if "units" in rows else "quantity"
    units = np.abs(np.asarray(rows[of], float))
    paid = rows["amount"] if of == "units" else rows["unit_cost"].astype(float) * units
    listed = items.drop_duplicates("sku").set_index("sku")["unit_price" if of == "units" else "unit_cost"].astype(float)
    listed.index = listed.index.astype("str")
    money = np.asarray(paid, float)
    return units, np.abs(np.where(np.isnan(money), units * looked_up(rows["sku"], listed).to_numpy(dtype=float), money))


def weighed(faults: pd.DataFrame, tables: dict[str, pd.DataFrame], files: dict[str, str]) -> pd.DataFrame:
    """Faults with the units and the money of the row that each leaves out; nan: it leaves none, or they are unknown."""
    out = faults.assign(units=np.nan, money=np.nan)
    for name in ("sales", "receipts"):
        leaves_out = (out["severity"] != "assumed") & ~out["column"].isin(OPTIONAL[name]) & (out["row"] > 0)
        here = (out["file"] == files.get(name)) & leaves_out
        if not here.any():
            continue
        rows = tables[name][tables[name].index.isin(out["row"][here])]
        values = pd.DataFrame(dict(zip(("units", "money"), units_and_money(rows, tables["items"]), strict=True)))
        values = values.groupby(rows.index.to_numpy()).sum(min_count=1)
        for column in values:
            out.loc[here, column] = out["row"][here].map(values[column])
    return out


def prices_of(items: pd.DataFrame, sales: pd.DataFrame) -> pd.Series:
    """Money of a unit of each item: its price, else what was paid for one, else its cost; nan where none is known.

    >>> items = pd.DataFrame({"sku": ["tea", "oil"], "unit_price": [2.5, np.nan], "unit_cost": [1.0, 4.0]})
    >>> prices_of(items, pd.DataFrame({"sku": ["oil"], "units": [2], "amount": [9.0]})).to_dict()
    {'tea': 2.5, 'oil': 4.5}
    """
    table = items.set_index(items["sku"].astype("str"))
    return table["unit_price"].astype(float).fillna(paid_prices(sales)).fillna(table["unit_cost"].astype(float))


def paid_prices(sales: pd.DataFrame) -> pd.Series:
    """What was paid for a unit of each item on average, where the record says so."""
    sold = sales[sales["amount"].notna() & (sales["units"] > 0)]
    sums = sold.groupby("sku", observed=True)[["amount", "units"]].sum()
    price = sums["amount"] / sums["units"]
    price.index = price.index.astype("str")
    return price[price > 0]


def _share(values: np.ndarray, lost: np.ndarray, rows: np.ndarray, what: str) -> str:
    whole = float(np.nansum(values[rows]))
    if whole <= 0 or np.isnan(values[lost]).all():
        return ""
    share = float(np.nansum(values[lost])) / whole
    return f"{share:.1%} of {what}" if share >= 0.0005 or share == 0 else f"less than 0.1% of {what}"
