"""A small export of a shop, and the ways to write it."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from restock.sim.calibration.export import read_erp
from restock.sim.errors import InputError

ITEMS = pd.DataFrame({
    "sku": ["0042", "B-7", "crème"],
    "description": ["Oat milk", "Ground coffee, 500 g", "Soap \"olive\""],
    "supplier": ["ACME", "BEAN", "ACME"],
    "unit_cost": [1.25, 1234.5, 2.1],
    "unit_price": [1.9, 1999.99, 3.65],
    "case_pack": ["6", "", "12"],
})  # fmt: skip
LOCATIONS = pd.DataFrame({
    "location": ["North", "Süd", "Hub", "ACME", "BEAN"],
    "kind": ["store", "store", "dc", "supplier", "supplier"],
    "served_by": ["Hub", "Hub", "", "", ""],
})  # fmt: skip


def shop_sales(days: int = 60, seed: int = 3, first: str = "2023-01-02") -> pd.DataFrame:
    """Every day, place and item with its units (now and then none) and their money."""
    random, dates = np.random.default_rng(seed), pd.date_range(first, periods=days)
    grid = pd.MultiIndex.from_product([dates, ["North", "Süd"], ITEMS["sku"]], names=["date", "location", "sku"])
    sales = pd.DataFrame({"units": random.poisson(2.5, len(grid))}, index=grid).reset_index()
    price = sales["sku"].map(ITEMS.set_index("sku")["unit_price"])
    return sales.assign(amount=(sales["units"] * price).round(2))


def write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def write_export(folder: Path, sales: pd.DataFrame | str | bytes | None = None, **tables) -> Path:
    """The export with its three tables as plain CSV; tables given as frames, text, bytes or None stand instead."""
    folder.mkdir(exist_ok=True)
    given = {"items": ITEMS, "locations": LOCATIONS, "sales": shop_sales() if sales is None else sales} | tables
    for name, table in given.items():
        if isinstance(table, pd.DataFrame):
            table = table.to_csv(index=False, date_format="%Y-%m-%d")
        if isinstance(table, str):
            table = table.encode()
        if table is not None:
            write_bytes(folder / f"{name}.csv", table)
    return folder


def rows_of(erp) -> pd.DataFrame:
    """Rows of sales in a fixed order, as plain columns."""
    rows = erp.sales.astype({"location": "str", "sku": "str"})[["date", "location", "sku", "units", "amount"]]
    return rows.sort_values(["date", "location", "sku"]).reset_index(drop=True)


def refusal(folder: Path, **told) -> str:
    """The line by which an export is refused, read as told."""
    with pytest.raises(InputError) as caught:
        read_erp(folder, **told)
    return str(caught.value)
