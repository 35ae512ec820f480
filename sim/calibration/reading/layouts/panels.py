"""Layouts of public retail data: Favorita, M5, Walmart, and the long form of Nixtla's libraries."""

from __future__ import annotations

import numpy as np
import pandas as pd

from restock.sim.calibration.reading.layouts.sheet import Beside, Sheet, Tables, items_from
from restock.sim.calibration.reading.words import constant


def favorita(sheet: Sheet, beside: Beside) -> Tables:
    sales = sheet.frame[["date", "location", "sku", "units"]]
    tables = {"sales": sales}
    items = beside({"sku": ("item_nbr",), "category": ("family",)})
    if items is not None:
        tables["items"] = items_from(items, sku="sku", category="category")
    stores = beside({"location": ("store_nbr",), "name": ("city",)})
    if stores is not None:
        places = pd.DataFrame({"location": stores.words("location"), "name": stores.words("name")}).astype("str")
        tables["locations"] = places.assign(kind="store", served_by="")
    return tables


def walmart(sheet: Sheet, beside: Beside) -> Tables:
    sheet.said.append("units are money: the layout has no quantities, so a unit is one of its currency")
    frame = sheet.frame.assign(amount=sheet.frame["units"])
    frame = frame if "sku" in frame else frame.assign(sku=constant("all", frame.index))
    return {"sales": frame[["date", "location", "sku", "units", "amount"]]}


def nixtla(sheet: Sheet, beside: Beside) -> Tables:
    return {"sales": sheet.frame[["date", "sku", "units"]].assign(location=constant("all", sheet.frame.index))}


FIRST_DAY_OF_M5 = np.datetime64("2011-01-29")


def m5(sheet: Sheet, beside: Beside) -> Tables:
    """A column a day: the units of the days on which any were sold, and zeros on the first and the last day."""
    number = {name: int(name[2:]) for name in sheet.frame.columns if name.startswith("d_") and name[2:].isdigit()}
    calendar = beside({"date": ("date",), "d": ("d",)})
    if calendar is None:
        day_of = {d: FIRST_DAY_OF_M5 + (k - 1) for d, k in number.items()}
        sheet.said.append(f"no calendar: d_1 is taken as {FIRST_DAY_OF_M5}")
    else:
        listed = zip(calendar.words("d").astype("str"), calendar.words("date").astype("str"), strict=True)
        day_of = {d: np.datetime64(day) for d, day in listed if d in number}
    rows, when, units, ends = [], [], [], (min(number.values()), max(number.values()))
    for d, k in number.items():
        sold = sheet.numbers(d)
        kept = np.flatnonzero((sold != 0) | (k in ends))
        rows.append(kept.astype(np.int32))
        when.append(np.full(len(kept), day_of[d], "datetime64[s]"))
        units.append(sold[kept])
    row = np.concatenate(rows)
    sales = pd.DataFrame({
        "date": np.concatenate(when), "location": sheet.words("location").take(row).to_numpy(),
        "sku": sheet.words("sku").take(row).to_numpy(), "units": np.concatenate(units),
    }, index=sheet.frame.index[row])  # fmt: skip
    items = items_from(sheet, sku="sku", category="category")
    prices = beside({"price": ("sell_price",), "sku": ("item_id",)})
    if prices is not None:
        mean = pd.Series(prices.numbers("price")).groupby(prices.words("sku").to_numpy(), observed=True).mean()
        items = items.assign(unit_price=items["sku"].map(mean.to_dict()).map("{:.4g}".format).replace("nan", ""))
    return {"sales": sales, "items": items}
