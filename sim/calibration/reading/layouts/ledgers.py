"""Layouts of shops and ledgers: UCI online retail, Shopify orders, stock moves of Odoo and ERPNext."""

from __future__ import annotations

import numpy as np
import pandas as pd

from restock.sim.calibration.reading.layouts.sheet import Beside, Sheet, Tables, items_from, matched
from restock.sim.calibration.reading.words import constant, recoded, words_of


def online_retail(sheet: Sheet, beside: Beside) -> Tables:
    units, price = sheet.numbers("units"), sheet.numbers("price")
    cancelled = matched(sheet.words("invoice"), r"^c")
    odd = (units < 0) & ~cancelled
    sheet.frame = sheet.frame.assign(amount=np.where(units > 0, np.maximum(units * price, 0), 0.0).round(2))
    sheet = sheet.where(~odd, "stock adjustments (less than 0, not cancelled)")
    frame = sheet.frame[["date", "sku", "units", "amount"]].assign(location=constant("shop", sheet.frame.index))
    return {"sales": frame, "items": items_from(sheet, sku="sku", description="description")}


def shopify(sheet: Sheet, beside: Beside) -> Tables:
    order = sheet.words("order")
    first = sheet.frame.drop_duplicates("order").index
    code = pd.factorize(order)[0]
    head = {role: sheet.words(role).loc[first].astype("str").to_numpy() for role in ("date", "cancelled", "location")
            if role in sheet.frame}  # fmt: skip
    filled = {role: words[code] for role, words in head.items()}
    units, price = sheet.numbers("units"), sheet.numbers("price")
    name, sku = sheet.words("name").astype("str"), sheet.words("sku").astype("str") if "sku" in sheet.frame else ""
    frame = sheet.frame.assign(
        date=filled["date"], amount=(units * price).round(2), sku=name.where(sku == "", sku) if len(head) else name
    )
    frame["location"] = filled.get("location", np.full(len(frame), ""))
    frame["location"] = frame["location"].where(frame["location"] != "", "online")
    sheet = Sheet(sheet.file, frame, sheet.separator, sheet.declared, sheet.said)
    if "cancelled" in filled:
        sheet = sheet.where(filled["cancelled"] == "", "cancelled orders")
    sheet = sheet.where(~np.isnan(sheet.numbers("units")), "lines without a quantity")
    items = items_from(sheet, sku="sku", description="name", supplier="supplier")
    return {"sales": sheet.frame[["date", "location", "sku", "units", "amount"]], "items": items}


def _last_part(words: pd.Series) -> pd.Series:
    return recoded(words, words_of(words).str.replace(r"/.*$", "", regex=True))


def odoo(sheet: Sheet, beside: Beside) -> Tables:
    if "state" in sheet.frame:
        sheet = sheet.where(matched(sheet.words("state"), r"^done$"), "moves that are not done")
    customer, vendor = r"(?:^|/)customers?$", r"(?:^|/)(?:vendors?|suppliers?)$"
    inner = r"^(?!(?:virtual|partner|physical)[^/]*/|virtual|partner|inter-company)[^/]+/"
    source, target = sheet.words("source"), sheet.words("target")
    sold, back = matched(target, customer), matched(source, customer)
    within = matched(source, inner) & matched(target, inner)
    code = words_of(sheet.words("product")).str.extract(r"^\[(.+?)\]\s*(.*)$")
    product = words_of(sheet.words("product"))
    sku = recoded(sheet.words("product"), code[0].fillna(product))
    frame = sheet.frame.assign(sku=sku, description=recoded(sheet.words("product"), code[1].fillna(product)))
    place = _last_part(source).astype("str").where(sold, _last_part(target).astype("str"))
    units = np.where(back, -1, 1) * sheet.numbers("units")
    sales = frame.assign(location=place, units=units)[sold | back]
    moved = pd.DataFrame({"source": _last_part(source).astype("str"), "target": _last_part(target).astype("str")})
    bought = int(matched(source, vendor).sum())
    if bought:
        sheet.said.append(f"receipts without the day of their order: {bought:,}; no lead times come of them")
    return {
        "sales": sales[["date", "location", "sku", "units"]],
        "items": frame[["sku", "description"]].drop_duplicates("sku").astype("str"),
        "locations": _places(sales["location"], moved[within]),
    }


def erpnext(sheet: Sheet, beside: Beside) -> Tables:
    if "units" in sheet.frame:
        change = sheet.numbers("units")
    else:
        came, went = sheet.numbers("came"), sheet.numbers("went")
        change = np.nan_to_num(came) - np.abs(np.nan_to_num(went))
    kind = sheet.words("voucher_type")
    sold = matched(kind, r"^(?:delivery note|sales invoice|pos invoice)$") & ~np.isnan(change)
    bought = int(matched(kind, r"^purchase (?:receipt|invoice)$").sum())
    if bought:
        sheet.said.append(f"receipts without the day of their order: {bought:,}; no lead times come of them")
    frame = sheet.frame.assign(units=-change)
    sales = frame[sold]
    moves = pd.DataFrame({
        "voucher": sheet.words("voucher"), "sku": sheet.words("sku"), "place": sheet.words("location"), "change": change
    }).astype({"voucher": "str", "sku": "str", "place": "str"})[matched(kind, r"^stock entry$")]  # fmt: skip
    pairs = moves[moves["change"] < 0].merge(moves[moves["change"] > 0], on=["voucher", "sku"])
    moved = pairs.rename(columns={"place_x": "source", "place_y": "target"})[["source", "target"]]
    items = items_from(sheet, sku="sku", description="description", category="category")
    if "cost" in sheet.frame:
        cost = pd.Series(sheet.numbers("cost")).groupby(sheet.words("sku").astype("str").to_numpy()).median()
        items = items.assign(unit_cost=items["sku"].map(cost).map("{:.4g}".format).replace("nan", ""))
    return {"sales": sales[["date", "location", "sku", "units"]], "items": items[items["sku"] != ""],
            "locations": _places(sales["location"], moved)}  # fmt: skip


def _places(selling: pd.Series, moved: pd.DataFrame) -> pd.DataFrame:
    """Places that sell and those that send to them: a place that sends to others is a dc."""
    moved = moved[moved["source"] != moved["target"]]
    sending = moved["source"].value_counts()
    main = moved.groupby("target")["source"].agg(lambda sources: sources.value_counts().index[0]).to_dict()
    places = sorted({*selling.astype("str"), *sending.index} - {""})
    kinds = ["dc" if place in sending.index and place not in main else "store" for place in places]
    served = [main.get(place, "") if kind == "store" else "" for place, kind in zip(places, kinds, strict=True)]
    return pd.DataFrame({"location": places, "kind": kinds, "name": places, "served_by": served})
